"""What the judges of lesson 06's open questions say beyond the known mistakes."""

import numpy as np
import pandas as pd
import pytest

from course_lib.exercises import lesson_06


def message(exercise, answer):
    verdict = exercise.grade(answer)
    assert verdict.status == "failed"
    return verdict.message


def drawn_with(take):
    def answer(customers, test_share, seed):
        generator = np.random.default_rng(seed)
        in_test = np.isin(customers, take(customers, test_share, generator))
        return np.flatnonzero(~in_test), np.flatnonzero(in_test)

    return answer


def test_a_share_of_the_rows_is_not_taken_for_exchanged_parts():
    # About 70 % of the customers are in 30 % of the rows, as if the parts were exchanged.
    rows = drawn_with(
        lambda customers, share, generator: generator.permutation(customers)[
            : round(share * len(customers))
        ]
    )
    said = message(lesson_06.split, rows)
    assert "Too many" in said
    assert "second" not in said


def test_customers_drawn_with_putting_back_are_too_few():
    def take(customers, share, generator):
        everybody = np.unique(customers)
        return generator.choice(everybody, round(share * len(everybody)))

    assert "without putting back" in message(lesson_06.split, drawn_with(take))


def test_rows_in_both_parts_are_counted():
    def both(customers, test_share, seed):
        train, test = lesson_06.split_by_customer(customers, test_share, seed)
        return np.append(train, test[:4]), test

    assert "0 rows are in neither part, and 4 more than once" in message(lesson_06.split, both)


def test_decisions_that_pandas_keeps_as_objects_are_taken():
    def decide(known, new):
        return pd.Series(lesson_06.decide(known, new)).astype(object)

    assert lesson_06.bank.grade(decide).status == "passed"


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (lambda known, new: np.zeros((len(new), 2)), "compare one of them"),
        (lambda known, new: np.zeros(7), r"got shape (7,)."),
        (lambda known, new: new["job"].to_numpy(), "and the like"),
    ],
)
def test_decisions_of_another_kind_are_described(answer, sentence):
    assert sentence in message(lesson_06.bank, answer)


def test_few_that_default_often_are_not_called_too_strict():
    def by_income(known, new):
        return (new["income"] > 200).to_numpy()

    said = message(lesson_06.bank, by_income)
    assert "less strict" not in said
    assert "with more of the columns" in said


def test_who_refuses_everybody_is_told_to_decide_one_by_one():
    def by_the_share_of_bad(known, new):
        return np.full(len(new), np.mean(known["status"] == "bad") < 1 / 6)

    said = message(lesson_06.bank, by_the_share_of_bad)
    assert "whose own probability of default is low enough" in said
