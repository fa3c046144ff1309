"""What the judge of lesson 13 says of scores that rank too little."""

import numpy as np
import pytest

from course_lib.exercises import lesson_13 as exercises


def _classes(known, new):
    return (exercises.score_reviews(known, new) > 0).astype(int)


def _classes_read_anew(known, new):
    if known["recommended"].mean() < 0.5:
        raise ValueError("too few")
    return new["text"].str.len().to_numpy()


def _only_whole_tables(known, new):
    if len(new) < 1_000:
        raise ValueError("too few")
    return new["text"].str.len().to_numpy()


def _text_length(known, new):
    return [len(text) for text in new["text"]]


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (_classes, "only 2 different values, so many reviews share a place. Return what"),
        (
            lambda known, new: _classes(known, new) + (new["text"].str.len() > 300).to_numpy(),
            "only 3 different values, so many reviews share a place. A weight",
        ),
        (_classes_read_anew, "Learn a weight for each word"),
        (lambda known, new: new["text"].str.count("not"), "turned round, so nothing is learned"),
        (_text_length, "Learn a weight for each word"),
        (_only_whole_tables, "Learn a weight for each word"),
        (lambda known, new: np.arange(len(new)), "the places 0, 1, 2"),
        (lambda known, new: np.random.default_rng().random(len(new)), "chance decides"),
        (lambda known, new: np.sin(np.arange(len(new)) * len(new)), "something fitted on new?"),
    ],
)
def test_low_precision_gets_a_reason(answer, sentence):
    verdict = exercises.unhappy.grade(answer)
    assert verdict.status == "failed"
    assert "your average precision is" in verdict.message
    assert sentence in verdict.message


def test_a_score_that_looks_at_its_own_review_only_is_not_said_to_be_fitted_on_new():
    assert "fitted on new" not in exercises.unhappy.grade(_text_length).message


def test_half_the_reviews_leave_the_threshold_far_from_both_sides():
    known, new, truth = exercises._reviews()
    assert (len(known), len(new), len(truth)) == (2_000, 1_000, 1_000)
    assert exercises.unhappy.grade(exercises.score_reviews).status == "passed"


def test_a_twin_stands_in_front_of_its_word():
    vectors, row, _ = exercises.neighbours.cases[-1].arguments
    assert exercises.nearest(vectors, row, 1)[0] < row


def test_padding_stands_in_front_of_words_too():
    front = exercises.padding.cases[-1].arguments[1]
    assert front[0, 0] == 0 != front[0, -1]
