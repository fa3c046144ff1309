"""What the judge of lesson 08's open question says beyond its known mistakes."""

import numpy as np
import pytest

from course_lib.exercises import lesson_08 as exercises


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (lambda p: p[:, 3] < 0.5, "hardly surer than those it sends to people"),
        (lambda p: p.min(axis=1) > 0.008, "wrong way round"),
        (lambda p: p.max(axis=1) > 0.93, "there is time for 3%"),
        (lambda p: p.max(axis=1) > 0.6, "Ask for more sureness"),
        (lambda p: p.max(axis=1) > p.max(axis=1).mean() - 0.17, "depends on the other images"),
        (lambda p: p.max(axis=0) > 0.6, "one for each class"),
        (lambda p: p > 0.6, "ten values for each image"),
        (lambda p: p[:, :2] > 0.6, "returned shape (2, 2) and type bool"),
        (lambda p: np.ones(len(p), dtype=bool), "all images pass it: ask for more"),
        (lambda p: p.max(axis=1) > 0.999, "not one image passes your rule"),
        (lambda p: p.max(axis=1), "returned shape (2,) and type float64"),
    ],
)
def test_what_a_rule_lacks_is_said(rule, message):
    verdict = exercises.post_office.grade(rule)
    assert verdict.status == "failed"
    assert message in verdict.message, verdict


@pytest.mark.parametrize(
    "rule",
    [
        lambda p: np.diff(np.sort(p, axis=1)[:, -2:], axis=1)[:, 0] > 0.65,
        lambda p: (p**2).sum(axis=1) > 0.6,
        lambda p: -(p * np.log(p)).sum(axis=1) < 0.95,
    ],
)
def test_sureness_may_be_measured_otherwise(rule):
    verdict = exercises.post_office.grade(rule)
    assert verdict.status == "passed", verdict


def test_what_is_chosen_on_does_not_judge():
    shown, labels = exercises.choice_data()
    assert shown.shape == (5000, 10)
    assert labels.shape == (5000,)
    assert np.mean(shown.argmax(axis=1) == labels) > 0.98
    hidden, _ = exercises._read_digits(1)
    assert not (shown == hidden).all(axis=1).any()
