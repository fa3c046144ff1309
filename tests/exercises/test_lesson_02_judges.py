"""What the judges of lesson 02's open questions say beyond the known mistakes."""

import re

import numpy as np
import pytest

from course_lib.exercises import lesson_02

RIGHT = (np.ones((2, 2)), [0.0, -1.0], [-1.0, 2.0], 1.0)


def replace(position, part):
    return tuple(part if index == position else old for index, old in enumerate(RIGHT))


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ("XNOR", "give four things in a tuple"),
        (RIGHT[:3], "give four things in a tuple"),
        (replace(1, [[0.0, -1.0]]), r"hidden_bias should have shape \(2,\)"),
        (replace(3, [1.0, 1.0]), r"output_bias should be a single number, but has shape \(2,\)"),
        (replace(2, [-1.0, 2.0, 0.0]), r"output_weights should have shape \(2,\)"),
        (replace(3, np.inf), "output_bias holds a number that is not finite"),
        (replace(2, [-1.0, 1.0]), "your outputs are 1, 0, 0, 0, not 1, 0, 0, 1"),
    ],
)
def test_other_weights_are_described(answer, message):
    verdict = lesson_02.same_or_not.grade(answer)
    assert verdict.status == "failed"
    assert verdict.message.startswith("same_or_not: ")
    assert re.search(message, verdict.message)


def test_weights_not_filled_in_are_not_attempted():
    assert lesson_02.same_or_not.grade(replace(0, ...)).status == "not attempted"


def test_another_way_to_fold_the_square_is_right():
    answer = (np.array([[1.0, -1.0], [-1.0, 1.0]]), np.zeros(2), np.array([-1.0, -1.0]), 1.0)
    assert lesson_02.same_or_not.grade(answer).status == "passed"


@pytest.mark.parametrize(
    "answer", [replace(3, [1.0]), replace(3, np.array([[1.0]])), replace(2, [[-1.0], [2.0]])]
)
def test_an_output_layer_as_keras_keeps_it_is_taken(answer):
    assert lesson_02.same_or_not.grade(answer).status == "passed"


def test_two_columns_are_asked_which_is_male():
    def both(x_train, y_train, x_test):
        male = lesson_02.predict_sexes(x_train, y_train, x_test)
        return np.column_stack([1 - male, male])

    message = lesson_02.separate_the_sexes.grade(both).message
    assert "two columns came back" in message
    assert "x_train" not in message


def test_between_the_line_and_enough_more_is_asked_for():
    answers = lesson_02.held_out_birds()[3]
    wrong = np.arange(len(answers)) < 0.28 * len(answers)
    guesses = np.where(wrong, 1 - answers, answers)
    verdict = lesson_02.separate_the_sexes.grade(lambda x_train, y_train, x_test: guesses)
    assert verdict.status == "failed"
    assert "less than the 0.75 that is asked for" in verdict.message
    # What is reached there is not said, or one would choose by it.
    assert "0.71" not in verdict.message


def test_a_column_of_probabilities_as_keras_gives_it_is_taken():
    def in_a_column(x_train, y_train, x_test):
        return lesson_02.predict_sexes(x_train, y_train, x_test)[:, np.newaxis]

    assert lesson_02.separate_the_sexes.grade(in_a_column).status == "passed"
