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


@pytest.mark.parametrize(
    ("output_weights", "output_bias"), [([0.0, 0.0], 1.0), ([1.0, 0.0], 0.0), ([0.0, 0.0], 0.0)]
)
def test_a_bend_that_is_not_heard_is_not_denied(output_weights, output_bias):
    answer = (np.ones((2, 2)), np.array([0.0, -1.0]), np.array(output_weights), output_bias)
    message = lesson_02.same_or_not.grade(answer).message
    assert "do not let it be heard" in message
    assert "No hidden unit bends" not in message


def test_the_first_wrong_corner_is_looked_at():
    message = lesson_02.same_or_not.grade(replace(2, [-1.0, 1.0])).message
    assert "At (1,1) the hidden units give 2 and 1" in message
    message = lesson_02.same_or_not.grade(replace(3, 0.5)).message
    assert "At (0,0) both hidden units are silent" in message


def test_one_probability_for_all_is_not_one_sex_for_all():
    def all_the_same(x_train, y_train, x_test):
        return np.full(len(x_test), 0.47)

    def all_below(x_train, y_train, x_test):
        return 0.4 * lesson_02.predict_sexes(x_train, y_train, x_test)

    same = lesson_02.separate_the_sexes.grade(all_the_same).message
    assert "same probability" in same
    assert "same side" not in same
    below = lesson_02.separate_the_sexes.grade(all_below).message
    assert "same side of 0.5" in below
    assert "same probability" not in below


@pytest.mark.parametrize("small", [1e-16, 1e-12, 1e-7])
def test_a_small_number_in_the_logarithm_is_named(small):
    def answer(x):
        return np.log(lesson_02.plain_sigmoid(x) + small)

    message = lesson_02.log_sigmoid.grade(answer).message
    assert f"smallest number of {small:g}" in message
    assert f"-1000 is then {answer(-1000.0):.0f}" in message


@pytest.mark.parametrize("limit", [1e-9, 1e-6])
def test_probabilities_clipped_out_of_sight_pass(limit):
    def answer(probability):
        return lesson_02.to_log_odds(np.clip(probability, limit, 1 - limit))

    assert lesson_02.log_odds.grade(answer).status == "passed"


def test_log_odds_in_single_precision_pass():
    def answer(probability):
        p = np.asarray(probability, dtype=np.float32)
        return np.log(p / (1 - p))

    assert answer(0.9).dtype == np.float32
    assert lesson_02.log_odds.grade(answer).status == "passed"
