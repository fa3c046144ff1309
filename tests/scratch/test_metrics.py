"""The metrics against scikit-learn, with ties and empty classes, and against their definitions."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk
from sklearn.calibration import calibration_curve

from course_lib.scratch import metrics

SEEDS = st.integers(0, 2**32 - 1)
SIZES = st.integers(1, 40)
KINDS = st.sampled_from(["mixed", "mixed", "mixed", "only zeros", "only ones"])
EXACT = {"rtol": 0, "atol": 1e-9}

DECISIONS = {
    "accuracy": sk.accuracy_score,
    "precision": lambda t, p: sk.precision_score(t, p, zero_division=0),
    "recall": lambda t, p: sk.recall_score(t, p, zero_division=0),
    "f1_score": lambda t, p: sk.f1_score(t, p, zero_division=0),
    "balanced_accuracy": sk.balanced_accuracy_score,
}
RANKINGS = ["counts_by_threshold", "roc_curve", "roc_auc", "precision_recall_curve"]
RANKINGS += ["average_precision"]
PROBABILITIES = ["log_loss", "brier_score", "reliability_table", "calibration_error"]


def targets_of(generator, size, kind):
    if kind == "mixed":
        return generator.integers(0, 2, size)
    return np.full(size, int(kind == "only ones"))


def quiet(function, *args, **kwargs):
    """Call scikit-learn without its warnings about classes that do not occur."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return function(*args, **kwargs)


def case(seed, size, kind="mixed", levels=5):
    """Targets, and probabilities with many ties, 0 and 1 and the edges of bins among them."""
    generator = np.random.default_rng(seed)
    return targets_of(generator, size, kind), generator.integers(0, levels, size) / (levels - 1)


def both_classes(seed, size):
    targets, scores = case(seed, size)
    targets[:2] = 0, 1
    return targets, scores


# Against scikit-learn


@pytest.mark.parametrize("name", DECISIONS)
@given(seed=SEEDS, size=SIZES, kind=KINDS, called=KINDS)
def test_decisions(name, seed, size, kind, called):
    generator = np.random.default_rng(seed)
    targets, predictions = targets_of(generator, size, kind), targets_of(generator, size, called)
    expected = quiet(DECISIONS[name], targets, predictions)
    np.testing.assert_allclose(getattr(metrics, name)(targets, predictions), expected, **EXACT)


@given(seed=SEEDS, size=SIZES, classes=st.integers(2, 6))
def test_confusion_matrix(seed, size, classes):
    targets, predictions = np.random.default_rng(seed).integers(0, classes, (2, size))
    found = metrics.confusion_matrix(targets, predictions, classes)
    expected = sk.confusion_matrix(targets, predictions, labels=range(classes))
    np.testing.assert_array_equal(found, expected)
    assert np.issubdtype(found.dtype, np.integer)


@given(seed=SEEDS, size=st.integers(2, 40))
def test_roc_curve_and_area(seed, size):
    targets, scores = both_classes(seed, size)
    found = metrics.roc_curve(targets, scores)
    expected = sk.roc_curve(targets, scores, drop_intermediate=False)
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, **EXACT)
    expected = sk.roc_auc_score(targets, scores)
    np.testing.assert_allclose(metrics.roc_auc(targets, scores), expected, **EXACT)


@given(seed=SEEDS, size=st.integers(2, 40))
def test_area_is_the_share_of_pairs_in_the_right_order(seed, size):
    targets, scores = both_classes(seed, size)
    pairs = scores[targets == 1][:, np.newaxis] - scores[targets == 0]
    expected = np.mean((pairs > 0) + (pairs == 0) / 2)
    np.testing.assert_allclose(metrics.roc_auc(targets, scores), expected, **EXACT)


@given(seed=SEEDS, size=st.integers(2, 40))
def test_precision_recall_curve(seed, size):
    targets, scores = both_classes(seed, size)
    found = metrics.precision_recall_curve(targets, scores)
    precisions, recalls, thresholds = sk.precision_recall_curve(targets, scores)
    # scikit-learn goes upwards and appends the point (recall 0, precision 1).
    expected = precisions[-2::-1], recalls[-2::-1], thresholds[::-1]
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, **EXACT)


@given(seed=SEEDS, size=SIZES, kind=KINDS)
def test_average_precision(seed, size, kind):
    targets, scores = case(seed, size, kind)
    expected = quiet(sk.average_precision_score, targets, scores)
    np.testing.assert_allclose(metrics.average_precision(targets, scores), expected, **EXACT)


@given(seed=SEEDS, size=SIZES, kind=KINDS)
def test_log_loss_and_brier_score(seed, size, kind):
    targets, probabilities = case(seed, size, kind)
    expected = sk.log_loss(targets, probabilities, labels=[0, 1])
    np.testing.assert_allclose(metrics.log_loss(targets, probabilities), expected, **EXACT)
    expected = sk.brier_score_loss(targets, probabilities, pos_label=1)
    np.testing.assert_allclose(metrics.brier_score(targets, probabilities), expected, **EXACT)


@given(seed=SEEDS, size=SIZES, kind=KINDS, bins=st.integers(1, 12), levels=st.integers(2, 30))
def test_reliability(seed, size, kind, bins, levels):
    targets, probabilities = case(seed, size, kind, levels)
    happened, said = calibration_curve(targets, probabilities, n_bins=bins)
    ours_said, ours_happened, counts = metrics.reliability_table(targets, probabilities, bins)
    np.testing.assert_allclose(ours_said, said, **EXACT)
    np.testing.assert_allclose(ours_happened, happened, **EXACT)
    assert counts.sum() == size
    np.testing.assert_allclose(counts @ ours_said, probabilities.sum(), **EXACT)
    expected = counts @ np.abs(said - happened) / size
    found = metrics.calibration_error(targets, probabilities, bins)
    np.testing.assert_allclose(found, expected, **EXACT)


@given(seed=SEEDS, size=SIZES)
def test_root_mean_squared_error(seed, size):
    targets, predictions = np.random.default_rng(seed).normal(size=(2, size))
    expected = sk.mean_squared_error(targets, predictions) ** 0.5
    found = metrics.root_mean_squared_error(targets, predictions)
    np.testing.assert_allclose(found, expected, **EXACT)


# By hand


def test_ten_applicants_by_hand():
    targets = np.array([1, 1, 1, 1, 0, 0, 0, 0, 0, 0])
    predictions = np.array([1, 1, 1, 0, 1, 1, 0, 0, 0, 0])
    np.testing.assert_array_equal(metrics.confusion_matrix(targets, predictions), [[4, 2], [1, 3]])
    assert metrics.accuracy(targets, predictions) == pytest.approx(0.7)
    assert metrics.precision(targets, predictions) == pytest.approx(3 / 5)
    assert metrics.recall(targets, predictions) == pytest.approx(3 / 4)
    assert metrics.f1_score(targets, predictions) == pytest.approx(6 / 9)
    assert metrics.balanced_accuracy(targets, predictions) == pytest.approx((4 / 6 + 3 / 4) / 2)


def test_counts_by_threshold_by_hand():
    hits, false_alarms, thresholds = metrics.counts_by_threshold(
        np.array([0, 1, 1, 0]), np.array([2.0, 3.0, 2.0, 1.0])
    )
    assert hits.tolist() == [1, 2, 2]
    assert false_alarms.tolist() == [0, 1, 2]
    assert thresholds.tolist() == [3.0, 2.0, 1.0]


def test_ratios_without_a_denominator_are_zero():
    zeros, ones = np.zeros(3, dtype=int), np.ones(3, dtype=int)
    assert metrics.precision(ones, zeros) == 0
    assert metrics.recall(zeros, ones) == 0
    assert metrics.f1_score(zeros, zeros) == 0
    _, recalls, _ = metrics.precision_recall_curve(zeros, np.array([0.1, 0.2, 0.3]))
    assert recalls.tolist() == [0, 0, 0]


def test_a_certain_error_is_dear_but_finite():
    found = metrics.log_loss(np.array([1, 0]), np.array([0.0, 0.0]))
    assert found == pytest.approx(-np.log(np.finfo(float).eps) / 2)


def test_default_is_ten_bins_and_an_edge_belongs_to_the_lower():
    said, happened, counts = metrics.reliability_table(
        np.array([1, 0, 0]), np.array([0.5, 0.45, 0.55])
    )
    assert counts.tolist() == [2, 1]
    assert said == pytest.approx([0.475, 0.55])
    assert happened == pytest.approx([0.5, 0.0])
    found = metrics.calibration_error(np.array([1, 0, 0]), np.array([0.5, 0.45, 0.55]))
    assert found == pytest.approx((2 * 0.025 + 0.55) / 3)


@pytest.mark.parametrize("name", [*DECISIONS, "confusion_matrix"])
def test_classes_may_be_floats_or_truth_values(name):
    targets, predictions = np.array([0, 1, 1, 0, 1]), np.array([0, 1, 0, 1, 1])
    function = getattr(metrics, name)
    expected = function(targets, predictions)
    np.testing.assert_array_equal(function(targets.astype(float), predictions == 1), expected)


def test_counts_are_whole_numbers_whatever_the_targets_are():
    for targets in (np.array([0.0, 1.0]), np.array([False, True])):
        for counts in metrics.counts_by_threshold(targets, np.array([0.2, 0.7]))[:2]:
            assert np.issubdtype(counts.dtype, np.integer)


# The bootstrap


def test_bootstrap_is_the_quantiles_of_resampled_metrics():
    targets, scores = both_classes(1, 30)
    found = metrics.bootstrap_interval(
        metrics.roc_auc, targets, scores, np.random.default_rng(3), resamples=50, level=0.8
    )
    generator = np.random.default_rng(3)
    draws = [generator.integers(0, 30, 30) for _ in range(50)]
    values = sorted(sk.roc_auc_score(targets[rows], scores[rows]) for rows in draws)
    assert found.shape == (2,)
    assert found == pytest.approx(np.quantile(values, [0.1, 0.9]), abs=1e-9)


def test_bootstrap_by_default_is_95_percent_of_1000():
    calls = []

    def metric(targets, scores):
        calls.append(len(targets))
        return float(len(calls))

    found = metrics.bootstrap_interval(metric, np.arange(7), np.arange(7), np.random.default_rng(0))
    assert calls == [7] * 1000
    assert found == pytest.approx([1 + 0.025 * 999, 1 + 0.975 * 999])


def test_bootstrap_draws_pairs_from_all_rows_with_replacement():
    numbers = np.arange(5)
    drawn = []

    def metric(targets, scores):
        np.testing.assert_array_equal(scores, 10 * targets)
        drawn.append(targets)
        return 0.0

    metrics.bootstrap_interval(metric, numbers, 10 * numbers, np.random.default_rng(0), 40)
    assert set(np.concatenate(drawn)) == set(range(5))
    assert any(len(set(rows)) < 5 for rows in drawn)


def test_bootstrap_of_a_difference_of_two_models():
    targets, scores = both_classes(2, 60)
    pair = np.column_stack([scores, -scores])
    low, high = metrics.bootstrap_interval(
        lambda targets, pair: np.subtract(*(sk.roc_auc_score(targets, s) for s in pair.T)),
        targets,
        pair,
        np.random.default_rng(0),
        resamples=100,
    )
    one = metrics.bootstrap_interval(
        metrics.roc_auc, targets, scores, np.random.default_rng(0), resamples=100
    )
    # Turning the scores round turns the area round: the difference is 2 AUC - 1.
    assert [low, high] == pytest.approx(2 * one - 1, abs=1e-9)


@settings(max_examples=5)
@given(seed=st.integers(0, 100))
def test_bootstrap_interval_of_a_mean_is_near_the_normal_one(seed):
    generator = np.random.default_rng(seed)
    values = generator.normal(size=400)
    low, high = metrics.bootstrap_interval(
        lambda targets, scores: targets.mean(), values, values, generator
    )
    half = 1.96 * values.std() / 20
    assert [low, high] == pytest.approx([values.mean() - half, values.mean() + half], abs=0.02)


# What is refused


@pytest.mark.parametrize("name", [*DECISIONS, "confusion_matrix"])
def test_decisions_of_another_length(name):
    with pytest.raises(ValueError, match=rf"{name}: predictions should have shape \(n,\)"):
        getattr(metrics, name)(np.array([0, 1, 1]), np.array([0, 1]))
    with pytest.raises(ValueError, match=f"{name}: targets should have shape"):
        getattr(metrics, name)(np.array([[0], [1]]), np.array([0, 1]))


@pytest.mark.parametrize("name", RANKINGS)
def test_scores_of_another_length(name):
    with pytest.raises(ValueError, match=rf"{name}: scores should have shape \(n,\)"):
        getattr(metrics, name)(np.array([0, 1, 1]), np.array([0.5, 0.2]))


@pytest.mark.parametrize("name", PROBABILITIES)
def test_probabilities_of_another_length(name):
    with pytest.raises(ValueError, match=rf"{name}: probabilities should have shape \(n,\)"):
        getattr(metrics, name)(np.array([0, 1, 1]), np.array([0.5, 0.2]))


def test_other_shapes():
    with pytest.raises(ValueError, match="root_mean_squared_error: predictions should have shape"):
        metrics.root_mean_squared_error(np.zeros(3), np.zeros((3, 1)))
    with pytest.raises(ValueError, match="bootstrap_interval: scores should have shape"):
        metrics.bootstrap_interval(
            metrics.roc_auc, np.zeros(3), np.zeros(4), np.random.default_rng(0)
        )


@pytest.mark.parametrize("name", sorted(set(DECISIONS) - {"accuracy"}) + RANKINGS + PROBABILITIES)
@pytest.mark.parametrize("bad", [[0, 2, 1], [0, -1, 1], [0, 0.5, 1], [0, np.nan, 1]])
def test_targets_that_are_no_classes(name, bad):
    second = np.array([0, 1, 1])
    with pytest.raises(ValueError, match=f"{name}: targets should hold whole numbers from 0 to 1"):
        getattr(metrics, name)(np.array(bad), second)


@pytest.mark.parametrize("bad", [[0, 3], [0, -1]])
def test_predictions_of_no_class(bad):
    with pytest.raises(ValueError, match="predictions should hold whole numbers from 0 to 2 only"):
        metrics.confusion_matrix(np.array([0, 1]), np.array(bad), 3)


@pytest.mark.parametrize("name", ["roc_curve", "roc_auc"])
@pytest.mark.parametrize("value", [0, 1])
def test_a_ranking_of_one_class_has_no_meaning(name, value):
    """scikit-learn 1.6 and later warn and return NaN."""
    with pytest.raises(ValueError, match=f"{name}: targets should hold both classes, 0 and 1"):
        getattr(metrics, name)(np.full(4, value), np.arange(4.0))
    assert np.isnan(quiet(sk.roc_auc_score, np.full(4, value), np.arange(4.0)))


@pytest.mark.parametrize("name", RANKINGS)
def test_scores_with_a_nan(name):
    with pytest.raises(ValueError, match=f"{name}: scores should hold no NaN"):
        getattr(metrics, name)(np.array([0, 1]), np.array([0.5, np.nan]))


@pytest.mark.parametrize("name", PROBABILITIES)
@pytest.mark.parametrize("bad", [-0.001, 1.001, np.nan])
def test_probabilities_out_of_range(name, bad):
    with pytest.raises(ValueError, match=f"{name}: probabilities should lie between 0 and 1"):
        getattr(metrics, name)(np.array([0, 1]), np.array([0.5, bad]))


@pytest.mark.parametrize("name", RANKINGS + PROBABILITIES)
def test_nothing_to_measure(name):
    with pytest.raises(ValueError, match=f"{name}: targets should not be empty"):
        getattr(metrics, name)(np.array([]), np.array([]))
