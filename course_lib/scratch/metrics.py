"""Metrics: how good predictions are, on data that had no say in making them.

Targets are 0 or 1, where 1 is the event looked for (a default, an illness),
also called positive. Scores are any numbers that grow with the belief in a 1;
probabilities are scores from 0 to 1. A ratio whose denominator counts nothing,
such as the precision of a model that never says 1, is 0, as in scikit-learn;
what needs both classes to mean anything raises an error instead.
"""

import functools
import inspect
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import numpy as np

from course_lib.scratch.shapes import numbers, shapes

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def _checked(
    both: bool = False,
) -> Callable[[Callable[Parameters, Result]], Callable[Parameters, Result]]:
    """Require class numbers, scores that are numbers, and probabilities from 0 to 1.

    Targets and predictions may come as 0 and 1, as 0.0 and 1.0 or as False and
    True; the function gets integers. Scores and probabilities that are no float32
    become float64. With `both`, each class has to occur.
    """

    def decorate(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
        signature = inspect.signature(function)

        @functools.wraps(function)
        def checked(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
            bound = signature.bind(*args, **kwargs)
            classes = bound.arguments.get("classes", 2)
            for name, value in bound.arguments.items():
                if name in ("targets", "predictions", "scores", "probabilities"):
                    values = np.asarray(value)
                    problem = _problem(name, values, classes, both)
                    if problem:
                        raise ValueError(f"{function.__name__}: {name} should {problem}.")
                    is_class = name in ("targets", "predictions")
                    single = values.dtype == np.float32
                    kind = int if is_class else np.float32 if single else float
                    bound.arguments[name] = values.astype(kind)
            return function(*bound.args, **bound.kwargs)

        return checked

    return decorate


def _problem(name: str, values: np.ndarray, classes: int, both: bool) -> str:
    if values.size == 0:
        return "not be empty"
    if name == "scores":
        return "hold no NaN" if np.isnan(values).any() else ""
    if name == "probabilities":
        # Written so that a NaN, which compares false with everything, is refused.
        return "" if np.all((values >= 0) & (values <= 1)) else "lie between 0 and 1"
    if not np.isin(values, np.arange(classes)).all():
        return f"hold whole numbers from 0 to {classes - 1} only"
    if both and name == "targets" and len(np.unique(values)) < classes:
        return "hold both classes, 0 and 1"
    return ""


# Decisions


@_checked()
@shapes(targets="n", predictions="n")
def confusion_matrix(targets: np.ndarray, predictions: np.ndarray, classes: int = 2) -> np.ndarray:
    """Count how often each true class (row) was called each class (column).

    Source: Fawcett (2006), An introduction to ROC analysis, Pattern
    Recognition Letters 27(8), figure 1, with the true class in the rows.

    Args:
        targets: shape (n,), integers from 0 to classes - 1.
        predictions: shape (n,), the same.
        classes: how many classes there are.

    Returns:
        Shape (classes, classes). With two: [[true negatives, false positives],
        [false negatives, true positives]].

    Raises:
        ValueError: when the shapes do not fit, or there is no class of that number.
    """
    matrix = np.zeros((classes, classes), dtype=int)
    np.add.at(matrix, (targets.astype(int), predictions.astype(int)), 1)
    return matrix


@shapes(targets="n", predictions="n")
def accuracy(targets: np.ndarray, predictions: np.ndarray) -> float:
    """Return the share of predictions that are right.

    Args:
        targets: shape (n,), any classes.
        predictions: shape (n,).

    Raises:
        ValueError: when the shapes do not fit.
    """
    return np.mean(np.asarray(targets) == predictions)


@_checked()
@shapes(targets="n", predictions="n")
def precision(targets: np.ndarray, predictions: np.ndarray) -> float:
    """Return the share of the alarms that are right: TP / (TP + FP), 0 without alarms.

    Source: Fawcett (2006), An introduction to ROC analysis, figure 1.

    Args:
        targets: shape (n,), 0 or 1.
        predictions: shape (n,), 0 or 1.

    Raises:
        ValueError: when the shapes do not fit, or another value than 0 and 1 is found.
    """
    (_, false_alarms), (_, hits) = confusion_matrix(targets, predictions)
    return hits / max(hits + false_alarms, 1)


@_checked()
@shapes(targets="n", predictions="n")
def recall(targets: np.ndarray, predictions: np.ndarray) -> float:
    """Return the share of the positives that are found: TP / (TP + FN), 0 without positives.

    Source: Fawcett (2006), An introduction to ROC analysis, figure 1.

    Args:
        targets: shape (n,), 0 or 1.
        predictions: shape (n,), 0 or 1.

    Raises:
        ValueError: when the shapes do not fit, or another value than 0 and 1 is found.
    """
    (_, _), (misses, hits) = confusion_matrix(targets, predictions)
    return hits / max(hits + misses, 1)


@_checked()
@shapes(targets="n", predictions="n")
def f1_score(targets: np.ndarray, predictions: np.ndarray) -> float:
    """Return the harmonic mean of precision and recall: 2 TP / (2 TP + FP + FN).

    Source: van Rijsbergen (1979), Information Retrieval, chapter 7, with equal
    weights.

    Args:
        targets: shape (n,), 0 or 1.
        predictions: shape (n,), 0 or 1.

    Raises:
        ValueError: when the shapes do not fit, or another value than 0 and 1 is found.
    """
    (_, false_alarms), (misses, hits) = confusion_matrix(targets, predictions)
    return 2 * hits / max(2 * hits + false_alarms + misses, 1)


@_checked()
@shapes(targets="n", predictions="n")
def balanced_accuracy(targets: np.ndarray, predictions: np.ndarray) -> float:
    """Return the mean of the recalls of the classes that occur.

    Source: Brodersen, Ong, Stephan and Buhmann (2010), The balanced accuracy
    and its posterior distribution, ICPR.

    Args:
        targets: shape (n,), 0 or 1; at least one.
        predictions: shape (n,), 0 or 1.

    Raises:
        ValueError: when the shapes do not fit, or another value than 0 and 1 is found.
    """
    matrix = confusion_matrix(targets, predictions)
    occurs = matrix.sum(axis=1) > 0
    return np.mean(matrix.diagonal()[occurs] / matrix.sum(axis=1)[occurs])


# Rankings


@_checked()
@shapes(targets="n", scores="n")
def counts_by_threshold(
    targets: np.ndarray, scores: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Count the true and the false alarms when every score from a threshold up is an alarm.

    Source: Fawcett (2006), An introduction to ROC analysis, algorithm 1. Equal
    scores cross the threshold together.

    Args:
        targets: shape (n,), 0 or 1; at least one.
        scores: shape (n,).

    Returns:
        True alarms, false alarms and thresholds, each of shape (k,) for k
        different scores, from the highest threshold down.

    Raises:
        ValueError: when the shapes do not fit, a target is not 0 or 1, or a score is NaN.
    """
    order = np.argsort(scores, kind="stable")[::-1]
    ranked = scores[order]
    last_of_a_tie = np.append(ranked[1:] != ranked[:-1], True)
    hits = np.cumsum(targets[order])[last_of_a_tie]
    false_alarms = np.cumsum(1 - targets[order])[last_of_a_tie]
    return hits, false_alarms, ranked[last_of_a_tie]


@_checked(both=True)
@shapes(targets="n", scores="n")
def roc_curve(targets: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the share of negatives and of positives that each threshold calls positive.

    Source: Fawcett (2006), An introduction to ROC analysis, section 4.

    Args:
        targets: shape (n,), 0 or 1, both occurring.
        scores: shape (n,).

    Returns:
        False positive rates, true positive rates and thresholds, each of shape
        (k + 1,) for k different scores; the first threshold is infinite.

    Raises:
        ValueError: when the shapes do not fit, a target is not 0 or 1, only
            one class occurs, or a score is NaN.
    """
    hits, false_alarms, thresholds = counts_by_threshold(targets, scores)
    false_positive_rate = np.append(0, false_alarms) / false_alarms[-1]
    true_positive_rate = np.append(0, hits) / hits[-1]
    return false_positive_rate, true_positive_rate, np.append(np.inf, thresholds)


@_checked(both=True)
@shapes(targets="n", scores="n")
def roc_auc(targets: np.ndarray, scores: np.ndarray) -> float:
    """Return the area under the ROC curve.

    It equals the chance that a positive scores higher than a negative, a tie
    counting one half. Source: Hanley and McNeil (1982), The meaning and use of
    the area under a receiver operating characteristic (ROC) curve, Radiology
    143(1).

    Args:
        targets: shape (n,), 0 or 1, both occurring.
        scores: shape (n,).

    Raises:
        ValueError: when the shapes do not fit, a target is not 0 or 1, only
            one class occurs, or a score is NaN.
    """
    false_positive_rate, true_positive_rate, _ = roc_curve(targets, scores)
    return np.trapezoid(true_positive_rate, false_positive_rate)


@_checked()
@shapes(targets="n", scores="n")
def precision_recall_curve(
    targets: np.ndarray, scores: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return precision and recall at each threshold, from the highest down.

    Source: Davis and Goadrich (2006), The relationship between precision-recall
    and ROC curves, ICML.

    Args:
        targets: shape (n,), 0 or 1; at least one. Without a 1 every recall is 0.
        scores: shape (n,).

    Returns:
        Precisions, recalls and thresholds, each of shape (k,) for k different
        scores.

    Raises:
        ValueError: when the shapes do not fit, a target is not 0 or 1, or a score is NaN.
    """
    hits, false_alarms, thresholds = counts_by_threshold(targets, scores)
    return hits / (hits + false_alarms), hits / max(hits[-1], 1), thresholds


@_checked()
@shapes(targets="n", scores="n")
def average_precision(targets: np.ndarray, scores: np.ndarray) -> float:
    """Return the mean of the precisions, each weighted with the recall it adds.

    A ranking by chance reaches the share of positives. Source: Manning,
    Raghavan and Schuetze (2008), Introduction to Information Retrieval, section
    8.4, with tied scores taken together.

    Args:
        targets: shape (n,), 0 or 1; at least one. Without a 1 it is 0.
        scores: shape (n,).

    Raises:
        ValueError: when the shapes do not fit, a target is not 0 or 1, or a score is NaN.
    """
    precisions, recalls, _ = precision_recall_curve(targets, scores)
    return np.sum(precisions * np.diff(recalls, prepend=0))


# Probabilities


@_checked()
@shapes(targets="n", probabilities="n")
def log_loss(targets: np.ndarray, probabilities: np.ndarray) -> float:
    """Return the mean of -log of the probability given to what happened, in nats.

    Source: Good (1952), Rational Decisions, Journal of the Royal Statistical
    Society B 14(1). Probabilities keep 2.2e-16 (in float32 1.2e-7) away from 0 and
    1, as in scikit-learn, so that one certain error is dear but not infinite.

    Args:
        targets: shape (n,), 0 or 1.
        probabilities: shape (n,), of a 1.

    Raises:
        ValueError: when the shapes do not fit, a target is not 0 or 1, or a
            probability is not from 0 to 1.
    """
    smallest = np.finfo(probabilities.dtype).eps
    clipped = np.clip(probabilities, smallest, 1 - smallest)
    return -np.mean(np.where(targets == 1, np.log(clipped), np.log(1 - clipped)))


@_checked()
@shapes(targets="n", probabilities="n")
def brier_score(targets: np.ndarray, probabilities: np.ndarray) -> float:
    """Return the mean squared difference of probability and outcome.

    Source: Brier (1950), Verification of forecasts expressed in terms of
    probability, Monthly Weather Review 78(1), for one of two classes.

    Args:
        targets: shape (n,), 0 or 1.
        probabilities: shape (n,), of a 1.

    Raises:
        ValueError: when the shapes do not fit, a target is not 0 or 1, or a
            probability is not from 0 to 1.
    """
    return np.mean((probabilities - targets) ** 2)


@_checked()
@shapes(targets="n", probabilities="n")
def reliability_table(
    targets: np.ndarray, probabilities: np.ndarray, bins: int = 10
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Compare, bin by bin, the probability that was said with the share that came true.

    Source: Murphy and Winkler (1977), Reliability of subjective probability
    forecasts of precipitation and temperature, Applied Statistics 26(1).

    Args:
        targets: shape (n,), 0 or 1.
        probabilities: shape (n,), of a 1. One on the edge of two bins belongs
            to the lower.
        bins: how many bins of equal width divide 0 to 1.

    Returns:
        Mean probability, share of ones, and count of each bin that is not
        empty, from the lowest up.

    Raises:
        ValueError: when the shapes do not fit, a target is not 0 or 1, or a
            probability is not from 0 to 1.
    """
    bin_of = np.searchsorted(np.linspace(0, 1, bins + 1)[1:-1], probabilities)
    counts = np.bincount(bin_of, minlength=bins)
    filled = counts > 0
    said = np.bincount(bin_of, probabilities, minlength=bins)[filled] / counts[filled]
    happened = np.bincount(bin_of, targets, minlength=bins)[filled] / counts[filled]
    return said, happened, counts[filled]


@_checked()
@shapes(targets="n", probabilities="n")
def calibration_error(targets: np.ndarray, probabilities: np.ndarray, bins: int = 10) -> float:
    """Return the expected calibration error: the mean gap of said and happened.

    Source: Naeini, Cooper and Hauskrecht (2015), Obtaining Well Calibrated
    Probabilities Using Bayesian Binning, AAAI; Guo, Pleiss, Sun and Weinberger
    (2017), On Calibration of Modern Neural Networks, ICML, equation 3, here
    for the probability of a 1.

    Args:
        targets: shape (n,), 0 or 1.
        probabilities: shape (n,), of a 1.
        bins: how many bins of equal width divide 0 to 1.

    Raises:
        ValueError: when the shapes do not fit, a target is not 0 or 1, or a
            probability is not from 0 to 1.
    """
    said, happened, counts = reliability_table(targets, probabilities, bins)
    return np.sum(counts * np.abs(said - happened)) / np.sum(counts)


# Numbers, and how sure a score is


@shapes(targets="*shape", predictions="*shape")
@numbers("targets", "predictions")
def root_mean_squared_error(targets: np.ndarray, predictions: np.ndarray) -> float:
    """Return the root of the mean squared error, in units of the target.

    Args:
        targets: any shape.
        predictions: the same shape.

    Raises:
        ValueError: when the shapes differ.
    """
    return np.sqrt(np.mean((predictions - targets) ** 2))


@shapes(targets="n", scores="n *rest")
def bootstrap_interval(
    metric: Callable[[np.ndarray, np.ndarray], float],
    targets: np.ndarray,
    scores: np.ndarray,
    generator: np.random.Generator,
    resamples: int = 1000,
    level: float = 0.95,
) -> np.ndarray:
    """Return the percentile bootstrap interval of a metric.

    Source: Efron and Tibshirani (1993), An Introduction to the Bootstrap,
    chapter 13.

    Args:
        metric: takes targets and scores, returns a number.
        targets: shape (n,).
        scores: shape (n, ...), whatever the metric takes: with a column for each
            of two models it may compare them on the same examples.
        generator: draws the examples, with replacement.
        resamples: how often the test set is drawn anew.
        level: the share of the resampled metrics inside the interval.

    Returns:
        Shape (2,): the lower and the upper end.

    Raises:
        ValueError: when the shapes do not fit, or the metric refuses a resample.
    """
    values = np.empty(resamples)
    for number in range(resamples):
        rows = generator.integers(0, len(targets), len(targets))
        values[number] = metric(targets[rows], scores[rows])
    return np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
