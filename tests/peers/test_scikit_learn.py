"""Metrics agree with scikit-learn's on whatever people hand in."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as theirs

from course_lib.scratch import metrics as ours

KINDS = (list, np.array, np.float16, np.float32, np.float64)
# How targets and decisions may come.
CLASS_KINDS = (list, np.array, np.uint8, np.bool_, np.float32, np.int64)
few = st.sampled_from([-1e9, -2.5, -1.0, 0.0, 0.25, 0.5, 1.0, 3.0, 200.0, 1e9])
share = st.sampled_from([0.0, 1e-9, 0.1, 0.25, 0.5, 0.5000001, 0.75, 1.0])


@st.composite
def cases(draw, values, both=False):
    size = draw(st.integers(2 if both else 1, 30))
    targets = draw(st.lists(st.integers(0, 1), min_size=size, max_size=size))
    if both:
        targets[:2] = [0, 1]
    scores = draw(st.lists(values, min_size=size, max_size=size))
    return targets, scores


def of_kind(values, kind):
    return (
        list(values)
        if kind is list
        else np.array(values).astype(kind)
        if isinstance(kind, type)
        else kind(values)
    )


# scikit-learn warns where a class does not occur.
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "name",
    ["accuracy", "precision", "recall", "f1_score", "balanced_accuracy", "confusion_matrix"],
)
@given(case=cases(st.integers(0, 1)), kind=st.sampled_from(CLASS_KINDS))
def test_decisions(name, case, kind):
    targets, decisions = case
    peer = getattr(theirs, name if hasattr(theirs, name) else f"{name}_score")
    options = {
        "precision": {"zero_division": 0},
        "recall": {"zero_division": 0},
        "f1_score": {"zero_division": 0},
        "confusion_matrix": {"labels": [0, 1]},
    }
    expected = peer(targets, decisions, **options.get(name, {}))
    found = getattr(ours, name)(of_kind(targets, kind), of_kind(decisions, kind))
    np.testing.assert_allclose(found, expected, atol=1e-12)


@pytest.mark.parametrize("name", ["roc_auc", "average_precision"])
@given(case=cases(few, both=True), kind=st.sampled_from(KINDS))
def test_rankings(name, case, kind):
    targets, scores = case
    scores = of_kind(np.clip(scores, -6e4, 6e4), kind)
    expected = getattr(theirs, f"{name}_score")(targets, scores)
    assert getattr(ours, name)(targets, scores) == pytest.approx(expected, abs=1e-12)


@given(case=cases(st.integers(0, 255), both=True))
def test_scores_that_are_unsigned_or_truths(case):
    targets, scores = case
    expected = theirs.roc_auc_score(targets, scores)
    assert ours.roc_auc(targets, np.array(scores, np.uint8)) == pytest.approx(expected)
    truths = [score > 100 for score in scores]
    expected = theirs.roc_auc_score(targets, truths)
    assert ours.roc_auc(targets, truths) == pytest.approx(expected)


@given(case=cases(st.sampled_from([-np.inf, -1.0, 0.0, 2.0, np.inf]), both=True))
def test_infinite_scores_are_ranked_and_tied_like_others(case):
    targets, scores = case
    # scikit-learn refuses them; ranks say the same.
    ranks = np.unique(scores, return_inverse=True)[1]
    assert ours.roc_auc(targets, scores) == pytest.approx(theirs.roc_auc_score(targets, ranks))


@pytest.mark.parametrize("kind", [list, np.float32, np.float64])
@given(case=cases(share))
def test_probabilities(kind, case):
    targets, probabilities = case
    probabilities = of_kind(probabilities, kind)
    found = ours.log_loss(targets, probabilities)
    expected = theirs.log_loss(targets, probabilities, labels=[0, 1])
    assert found == pytest.approx(expected, rel=1e-6, abs=1e-6)
    expected = theirs.brier_score_loss(targets, probabilities) if len({*targets}) == 2 else None
    if expected is not None:
        assert ours.brier_score(targets, probabilities) == pytest.approx(expected, rel=1e-6)


@given(case=cases(st.integers(0, 255)))
def test_errors_of_unsigned_numbers_do_not_wrap(case):
    targets, predictions = (np.array(part, np.uint8) for part in case)
    expected = theirs.mean_squared_error(targets.astype(float), predictions.astype(float)) ** 0.5
    assert ours.root_mean_squared_error(targets, predictions) == pytest.approx(expected)
