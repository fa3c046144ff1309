"""Exercises of lesson 10, seeing inside."""

import functools
import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

from course_lib.exercises.comparison import shorten
from course_lib.exercises.exercise import Case, Exercise, Mistake, Rejected, call

# 1. A gradient by nudging


def gradient_by_nudging(function, x, step):  # type: ignore[no-untyped-def]
    gradient = np.zeros(len(x))
    for i in range(len(x)):
        ahead, behind = x.copy(), x.copy()
        ahead[i] += step
        behind[i] -= step
        gradient[i] = (function(ahead) - function(behind)) / (2 * step)
    return gradient


def _forward_only(function: Any, x: Any, step: float) -> Any:
    return np.array([(function(x + step * one) - function(x)) / step for one in np.eye(len(x))])


def _half(function: Any, x: Any, step: float) -> Any:
    return 2 * gradient_by_nudging(function, x, step)


def _kept_nudged(function: Any, x: Any, step: float) -> Any:
    ahead, behind, gradient = x.copy(), x.copy(), np.zeros(len(x))
    for i in range(len(x)):
        ahead[i] += step
        behind[i] -= step
        gradient[i] = (function(ahead) - function(behind)) / (2 * step)
    return gradient


def _never_put_back(function: Any, x: Any, step: float) -> Any:
    x, gradient = x.copy(), np.zeros(len(x))
    for i in range(len(x)):
        x[i] += step
        ahead = function(x)
        x[i] -= 2 * step
        gradient[i] = (ahead - function(x)) / (2 * step)
    return gradient


def _absolute(function: Any, x: Any, step: float) -> Any:
    return np.abs(gradient_by_nudging(function, x, step))


def _backward_only(function: Any, x: Any, step: float) -> Any:
    return _forward_only(function, x, -step)


def _half_a_step(function: Any, x: Any, step: float) -> Any:
    return gradient_by_nudging(function, x, step / 2)


def _own_step(function: Any, x: Any, step: float) -> Any:
    return gradient_by_nudging(function, x, 1e-5)


def _without_brackets(function: Any, x: Any, step: float) -> Any:
    return step**2 * gradient_by_nudging(function, x, step)


def _turned_round(function: Any, x: Any, step: float) -> Any:
    return -gradient_by_nudging(function, x, step)


def _all_at_once(function: Any, x: Any, step: float) -> Any:
    return np.full(len(x), (function(x + step) - function(x - step)) / (2 * step))


def _bowl(x: np.ndarray) -> float:
    return float(x[0] ** 3 - 2 * x[1] ** 2)


def _waves(x: np.ndarray) -> float:
    return float(np.sin(x[0]) * x[1] + x[1] * np.exp(x[2]))


def _alarm(x: np.ndarray) -> float:
    return float(min(1.0, np.sum(x)))


nudging = Exercise(
    name="nudging",
    question="Return the gradient of a function at x by central differences.",
    reference=gradient_by_nudging,
    cases=[
        Case((_bowl, np.array([1.0, 0.5]), 0.1), "a cubic function of two inputs"),
        Case((_waves, np.array([0.3, -1.2, 0.4]), 0.05), "a function of three inputs"),
        Case((_alarm, np.array([0.2, 0.3]), 0.1), "the alarm before it goes off"),
    ],
    explanation="Two calls for each input, so 1568 for a digit: why one walk back is worth having.",
    hints=[
        "Nudge one input up and down by the step, all others left alone.",
        "The slope is the difference of the two values over the distance between the two points.",
        "That distance is 2 * step. Begin from a fresh copy of x for every input.",
    ],
    mistakes=[
        Mistake(
            "one-sided",
            _forward_only,
            "this is the one-sided difference, whose error shrinks with the step only. Look both "
            "ways, from x - step to x + step.",
        ),
        Mistake(
            "one-sided, backwards",
            _backward_only,
            "this is a one-sided difference, from x - step to x. Look both ways, from x - step to "
            "x + step.",
        ),
        Mistake(
            "half a step",
            _half_a_step,
            "you went half a step to each side. Go one whole step to each, so that the two points "
            "lie 2 * step apart.",
        ),
        Mistake(
            "a step of one's own",
            _own_step,
            "your slope is even closer to the true one than what is asked for: you chose a step of "
            "your own. Use the one that you are given.",
        ),
        Mistake(
            "no brackets",
            _without_brackets,
            "/ 2 * step divides by 2 and then multiplies by step. Write / (2 * step).",
        ),
        Mistake(
            "turned round",
            _turned_round,
            "the sign is turned round: the value ahead comes first, then minus the one behind.",
        ),
        Mistake(
            "distance forgotten",
            _half,
            "your slopes are twice too large: the two points lie 2 * step apart.",
        ),
        Mistake(
            "nudges kept",
            _kept_nudged,
            "the first entry is right, the others are not: earlier inputs are still nudged. "
            "Begin each time from a fresh copy of x.",
        ),
        Mistake(
            "left behind",
            _never_put_back,
            "the first entry is right. But each input stays a step behind while you go on to the "
            "next: put it back, or begin each time from a fresh copy of x.",
        ),
        Mistake(
            "left ahead",
            lambda function, x, step: _never_put_back(function, x, -step),
            "the first entry is right. But each input stays a step ahead while you go on to the "
            "next: put it back, or begin each time from a fresh copy of x.",
        ),
        Mistake(
            "absolute values",
            _absolute,
            "the sign is lost. A saliency map is drawn without it, but the gradient has it: it "
            "tells what speaks for the class from what speaks against it.",
        ),
        Mistake(
            "all at once",
            _all_at_once,
            "every entry of yours is the same: you nudged all inputs together. Nudge one at a "
            "time, and leave the others alone.",
        ),
        Mistake(
            "not divided",
            lambda function, x, step: 2 * step * gradient_by_nudging(function, x, step),
            "these are differences of the two values. A slope divides them by the distance between "
            "the two points.",
        ),
        Mistake(
            "one-sided over two steps",
            lambda function, x, step: _forward_only(function, x, step) / 2,
            "you look ahead only, and divide by two steps. Take the value behind as well, at "
            "x - step.",
        ),
        Mistake(
            "two steps to each side",
            lambda function, x, step: gradient_by_nudging(function, x, 2 * step),
            "you went two steps to each side. One is asked for, so that the points lie 2 * step "
            "apart.",
        ),
        Mistake(
            "by a share of the input",
            lambda function, x, step: np.array(
                [
                    (function(x * (1 + step * one)) - function(x * (1 - step * one))) / (2 * step)
                    for one in np.eye(len(x))
                ]
            ),
            "you nudged each input by a share of itself. Add the step and subtract it, whatever "
            "the input is.",
        ),
        Mistake(
            "second difference",
            lambda function, x, step: np.array(
                [
                    (function(x + step * one) - 2 * function(x) + function(x - step * one))
                    / step**2
                    for one in np.eye(len(x))
                ]
            ),
            "that is the second derivative, how much the slope changes. The slope itself is "
            "asked for.",
        ),
        Mistake(
            "times the input",
            lambda function, x, step: x * gradient_by_nudging(function, x, step),
            "you multiplied the gradient by x, which is another kind of map. The gradient alone is "
            "asked for.",
        ),
    ],
)

# 2. Grad-CAM by hand


def class_map(maps, gradients):  # type: ignore[no-untyped-def]
    weights = gradients.mean(axis=(0, 1))
    return np.maximum(0, maps @ weights)


def _layer_case(seed: int, rows: int, columns: int, channels: int) -> Case:
    generator = np.random.default_rng(seed)
    maps = np.maximum(0, generator.normal(0.5, 1.0, (rows, columns, channels)))
    gradients = generator.normal(size=(rows, columns, channels))
    return Case((maps, gradients), f"maps of shape ({rows}, {columns}, {channels})")


grad_cam_by_hand = Exercise(
    name="grad_cam_by_hand",
    question="Return the Grad-CAM map from maps and gradients of one image.",
    reference=class_map,
    cases=[_layer_case(3, 3, 2, 4), _layer_case(2, 2, 5, 3), _layer_case(3, 4, 3, 1)],
    explanation="One weight for each map, a weighted sum, and only what speaks for the class.",
    hints=[
        "First the weights: one number for each channel, the mean of its gradient over places.",
        "gradients.mean(axis=(0, 1)) has the shape (channels,). Multiply each map by its weight "
        "and add up the channels.",
        "Negative sums speak against the class: set them to zero, after adding up.",
    ],
    mistakes=[
        Mistake(
            "no ReLU",
            lambda maps, gradients: maps @ gradients.mean(axis=(0, 1)),
            "your map has negative places, which speak against the class. Grad-CAM keeps what "
            "speaks for it.",
        ),
        Mistake(
            "absolute value",
            lambda maps, gradients: np.abs(maps @ gradients.mean(axis=(0, 1))),
            "the absolute value makes places that speak against the class look like reasons for "
            "it. Set them to zero.",
        ),
        Mistake(
            "not pooled",
            lambda maps, gradients: np.maximum(0, (maps * gradients).sum(axis=2)),
            "you multiplied place by place. Grad-CAM first averages the gradient of each map over "
            "places, so that each map has one weight.",
        ),
        Mistake(
            "ReLU too early",
            lambda maps, gradients: np.maximum(0, maps * gradients.mean(axis=(0, 1))).sum(axis=2),
            "you cut negative parts, or negative weights, before adding up the channels, so what "
            "speaks against the class at a place is never set off. Add first, cut then.",
        ),
        Mistake(
            "sum of gradients",
            lambda maps, gradients: np.maximum(0, maps @ gradients.sum(axis=(0, 1))),
            "the pattern is right, but the weights are sums over places where means are asked "
            "for, so layers of different size could not be compared.",
        ),
        Mistake(
            "mean over channels",
            lambda maps, gradients: class_map(maps, gradients) / maps.shape[2],
            "the pattern is right, but you divide by the number of channels. The weighted maps are "
            "added up.",
        ),
        Mistake(
            "scaled",
            lambda maps, gradients: (
                class_map(maps, gradients) / max(class_map(maps, gradients).max(), 1e-9)
            ),
            "the pattern is right, but you scaled it so that its highest place is 1. Leave the "
            "numbers as they come.",
        ),
        Mistake(
            "maps and gradients exchanged",
            lambda maps, gradients: np.maximum(0, gradients @ maps.mean(axis=(0, 1))),
            "you averaged the maps and weighted the gradients. The weights come from the "
            "gradients, and the picture from the maps.",
        ),
        Mistake(
            "channels kept apart",
            lambda maps, gradients: np.maximum(0, maps * gradients.mean(axis=(0, 1))),
            "you return one weighted map for each channel. Add them up over the channels.",
        ),
        Mistake(
            "absolute weights",
            lambda maps, gradients: maps @ np.abs(gradients.mean(axis=(0, 1))),
            "you took absolute weights, so that maps which speak against the class count for it.",
        ),
        Mistake(
            "mean over channels for a weight",
            lambda maps, gradients: np.maximum(
                0, (maps * gradients.mean(axis=2, keepdims=True)).sum(axis=2)
            ),
            "you averaged the gradient over the channels. Average over the places, so that each "
            "channel has one weight.",
        ),
        Mistake(
            "one weight for all",
            lambda maps, gradients: np.maximum(0, maps.sum(axis=2) * gradients.mean()),
            "you averaged all gradients to one number. Each channel has a weight of its own.",
        ),
        Mistake(
            "turned round",
            lambda maps, gradients: np.maximum(0, -(maps @ gradients.mean(axis=(0, 1)))),
            "your map shows what speaks against the class. The weights keep their sign.",
        ),
        Mistake(
            "averaged along one axis",
            lambda maps, gradients: np.maximum(0, (maps * gradients.mean(axis=0)).sum(axis=2)),
            "you averaged the gradient along the rows' axis only. Average over both axes of "
            "places: axis=(0, 1).",
        ),
        Mistake(
            "cut at 1",
            lambda maps, gradients: np.clip(maps @ gradients.mean(axis=(0, 1)), 0, 1),
            "zero is the right lower end, but you cut at 1 as well, where the map goes on.",
        ),
    ],
)

# 3. Rank correlation


def rank_correlation(a, b):  # type: ignore[no-untyped-def]
    def ranks(values):  # type: ignore[no-untyped-def]
        below = (values[None, :] < values[:, None]).sum(axis=1)
        equal = (values[None, :] == values[:, None]).sum(axis=1)
        return below + (equal - 1) / 2

    return np.corrcoef(ranks(a), ranks(b))[0, 1]


def _order(values: np.ndarray) -> np.ndarray:
    return np.argsort(values, kind="stable")


def _below(values: np.ndarray) -> np.ndarray:
    return np.asarray((values[None, :] < values[:, None]).sum(axis=1))


def _mean_ranks(values: np.ndarray) -> np.ndarray:
    return (_below(values) - _below(-values) + len(values) - 1) / 2


def _correlate(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.corrcoef(a, b)[0, 1])


ranks = Exercise(
    name="ranks",
    question="Return the rank correlation of two vectors; equal values share their mean rank.",
    reference=rank_correlation,
    cases=[
        Case((np.array([0.1, 5.0, 2.0, 9.0, -3.0]), np.array([1.0, 2.0, 8.0, 3.0, 0.0]))),
        Case(
            (
                np.array([3.0, 1.0, 2.0, 10.0, 30.0, 7.0]),
                np.array([9.0, 1.0, 4.0, 100.0, 900.0, 49]),
            ),
            "numbers and their squares",
        ),
        Case(
            (np.array([0.0, 0.0, 0.0, 4.0, 1.0, 1.0]), np.array([2.0, 0.0, 1.0, 0.0, 3.0, 0.0])),
            "vectors with equal values",
        ),
        Case((np.array([-4.0, 1.0, -2.0, 3.0]), np.array([8.0, 1.0, 3.0, 0.0])), "opposite orders"),
    ],
    explanation="Spearman (1904). Without the mean rank, empty paper would be ranked by accident.",
    hints=[
        "The rank of a value is how many values are smaller. Then correlate the ranks with "
        "np.corrcoef.",
        "np.argsort gives the order, not the ranks: argsort of argsort gives ranks, if no two "
        "values are equal.",
        "With equal values: those below it, plus half of the others that equal it.",
    ],
    mistakes=[
        Mistake(
            "no ranks",
            lambda a, b: _correlate(a, b),
            "this is the correlation of the values. Two maps with the same order but another "
            "scale, such as numbers and their squares, should get exactly 1.",
        ),
        Mistake(
            "argsort once",
            lambda a, b: _correlate(_order(a), _order(b)),
            "np.argsort tells which entry comes first, not the rank of each entry. Apply it twice, "
            "or count the smaller values.",
        ),
        Mistake(
            "ties broken",
            lambda a, b: _correlate(_order(_order(a)), _order(_order(b))),
            "right without ties. Equal values must not get different ranks by their position: "
            "give each of them the mean of their ranks.",
        ),
        Mistake(
            "size of the correlation",
            lambda a, b: abs(rank_correlation(a, b)),
            "the sign is lost. Opposite orders have -1, and that is something to know about two "
            "maps.",
        ),
        Mistake(
            "lowest rank for ties",
            lambda a, b: _correlate(_below(a), _below(b)),
            "right without ties. You give equal values the lowest of their ranks, as many as are "
            "smaller. Give them the mean: add half of the others that equal it.",
        ),
        Mistake(
            "highest rank for ties",
            lambda a, b: _correlate(-_below(-a), -_below(-b)),
            "right without ties. You give equal values the highest of their ranks. Give them the "
            "mean of those ranks.",
        ),
        Mistake(
            "no gaps after ties",
            lambda a, b: _correlate(*(np.unique(one, return_inverse=True)[1] for one in (a, b))),
            "right without ties. You number the different values, so three equal ones take one "
            "rank. They take three, and share their mean.",
        ),
        Mistake(
            "the formula without ties",
            lambda a, b: (
                1
                - 6 * np.sum((_mean_ranks(a) - _mean_ranks(b)) ** 2) / (len(a) * (len(a) ** 2 - 1))
            ),
            "right without ties. The formula with the squared differences of ranks holds only "
            "then: correlate the ranks instead.",
        ),
        Mistake(
            "the whole table",
            lambda a, b: np.corrcoef(_mean_ranks(a), _mean_ranks(b)),
            "np.corrcoef returns a table of 2 by 2, each with each. One number of it is asked for, "
            "that of the first with the second.",
        ),
        Mistake(
            "one vector ranked",
            lambda a, b: _correlate(_mean_ranks(a), b),
            "you ranked the first vector only. Rank both.",
        ),
        Mistake(
            "the other vector ranked",
            lambda a, b: _correlate(a, _mean_ranks(b)),
            "you ranked the second vector only. Both need ranks.",
        ),
        Mistake(
            "sorted",
            lambda a, b: _correlate(np.sort(a), np.sort(b)),
            "you sorted each vector by itself, so values that belong together are torn apart. "
            "Replace each by its rank, where it stands.",
        ),
        Mistake(
            "the diagonal",
            lambda a, b: 1.0,
            "you always answer 1, as np.corrcoef does on its diagonal, for a vector with itself. "
            "The entry [0, 1] is for the first with the second.",
        ),
        Mistake(
            "covariance",
            lambda a, b: np.cov(_mean_ranks(a), _mean_ranks(b), bias=True)[0, 1],
            "that is the covariance of the ranks. Divide it by both deviations.",
        ),
        Mistake(
            "pairs in the same order",
            lambda a, b: np.mean(
                [np.sign((a[i] - a[j]) * (b[i] - b[j])) for i in range(len(a)) for j in range(i)]
            ),
            "you count pairs in the same order, which is Kendall's correlation. Here the ranks are "
            "correlated.",
        ),
    ],
)

# 4. The deletion test


def deletion_curve(score, image, attribution):  # type: ignore[no-untyped-def]
    order = np.argsort(-attribution.ravel(), kind="stable")
    left = image.copy()
    scores = [score(left)]
    for place in order:
        left.ravel()[place] = 0
        scores.append(score(left))
    return np.array(scores)


def _delete_in(
    order: Any, score: Any, image: Any, put_back: bool = False, value: float = 0.0
) -> Any:
    left, scores = image.copy(), [score(image)]
    for place in order:
        left = image.copy() if put_back else left
        left.ravel()[place] = value
        scores.append(score(left))
    return np.array(scores)


def _insertion(score: Any, image: Any, attribution: Any) -> Any:
    grown = np.zeros_like(image)
    scores = [score(grown)]
    for place in np.argsort(-attribution.ravel(), kind="stable"):
        grown.ravel()[place] = image.ravel()[place]
        scores.append(score(grown))
    return np.array(scores)


def _soft_and(image: np.ndarray) -> float:
    return float(np.tanh(image[0, 0] + image[0, 1]) + 0.5 * image[1, 0] * image[1, 1])


def _two_rows(image: np.ndarray) -> float:
    return float(image[0] @ [1.0, 2.0, -1.0] + image[1] @ [0.5, -3.0, 1.5])


def _saturated(image: np.ndarray) -> float:
    return float(min(1.0, np.sum(image) / 2))


deletion = Exercise(
    name="deletion",
    question="Return the scores while pixels are set to 0, the highest attribution first.",
    reference=deletion_curve,
    cases=[
        Case(
            (_soft_and, np.array([[1.0, 0.5], [2.0, 0.7]]), np.array([[0.4, 0.1], [-0.9, 0.2]])),
            "an image of 2 by 2",
        ),
        Case(
            (_saturated, np.array([[1.0, 0.2, 3.0]]), np.array([[-0.5, 0.1, 0.3]])),
            "an image of 1 by 3",
        ),
        Case(
            (
                _two_rows,
                np.array([[0.6, 1.0, 0.3], [0.8, 0.5, 2.0]]),
                np.array([[0.2, 0.6, -0.1], [0.5, -0.7, 0.3]]),
            ),
            "an image of 2 by 3",
        ),
    ],
    explanation="A good map makes it fall fast; a random order is the control.",
    hints=[
        "np.argsort(-attribution.ravel()) gives the places, the highest attribution first.",
        "Work on a copy of the image: left.ravel()[place] = 0 changes one pixel of it.",
        "The first score is that of the whole image, so there is one score more than pixels.",
    ],
    mistakes=[
        Mistake(
            "lowest first",
            lambda score, image, attribution: _delete_in(
                np.argsort(attribution.ravel(), kind="stable"), score, image
            ),
            "you deleted the lowest attribution first; np.argsort sorts upwards. Begin with the "
            "highest.",
        ),
        Mistake(
            "put back",
            lambda score, image, attribution: _delete_in(
                np.argsort(-attribution.ravel(), kind="stable"), score, image, put_back=True
            ),
            "each pixel came back before the next was deleted. That is occlusion; here they stay "
            "deleted.",
        ),
        Mistake(
            "by absolute value",
            lambda score, image, attribution: _delete_in(
                np.argsort(-np.abs(attribution).ravel(), kind="stable"), score, image
            ),
            "you ranked by absolute value. A strongly negative pixel speaks against the class: "
            "deleting it lifts the score.",
        ),
        Mistake(
            "whole image left out",
            lambda score, image, attribution: deletion_curve(score, image, attribution)[1:],
            "the first score, of the whole image, is missing: without it nobody sees the drop "
            "that the first pixel makes.",
        ),
        Mistake(
            "last pixel left",
            lambda score, image, attribution: deletion_curve(score, image, attribution)[:-1],
            "the last score is missing, that of the image with every pixel deleted.",
        ),
        Mistake(
            "nothing deleted",
            lambda score, image, attribution: np.full(image.size + 1, score(image)),
            "all your scores are that of the whole image, so nothing was deleted. flatten() and "
            "some reshapes give a copy, and changing it leaves the image as it was.",
        ),
        Mistake(
            "in reading order",
            lambda score, image, attribution: _delete_in(range(image.size), score, image),
            "you deleted row by row. The attribution says in which order: the highest first.",
        ),
        Mistake(
            "brightest first",
            lambda score, image, attribution: _delete_in(
                np.argsort(-image.ravel(), kind="stable"), score, image
            ),
            "you deleted the brightest pixel first. The order is that of the attribution, not of "
            "the image.",
        ),
        Mistake(
            "put in",
            _insertion,
            "you began with an empty image and put pixels in, which is the insertion test. Begin "
            "with the whole image, and delete.",
        ),
        Mistake(
            "drops",
            lambda score, image, attribution: (
                score(image) - deletion_curve(score, image, attribution)
            ),
            "these are the drops. Return the scores themselves.",
        ),
        Mistake(
            "set to the mean",
            lambda score, image, attribution: _delete_in(
                np.argsort(-attribution.ravel(), kind="stable"), score, image, value=image.mean()
            ),
            "you set pixels to the mean of the image. Set them to 0.",
        ),
        Mistake(
            "set to 1",
            lambda score, image, attribution: _delete_in(
                np.argsort(-attribution.ravel(), kind="stable"), score, image, value=1.0
            ),
            "you set pixels to 1, which is white. Deleted is 0.",
        ),
        Mistake(
            "ranks for places",
            lambda score, image, attribution: _delete_in(
                np.argsort(np.argsort(-attribution.ravel(), kind="stable"), kind="stable"),
                score,
                image,
            ),
            "argsort of argsort gives the rank of each place. In which order to go through the "
            "places argsort says when used once.",
        ),
        Mistake(
            "attribution times image",
            lambda score, image, attribution: _delete_in(
                np.argsort(-(attribution * image).ravel(), kind="stable"), score, image
            ),
            "you ordered by attribution times pixel. Order by the attribution as it is.",
        ),
        Mistake(
            "pixels that speak for the class only",
            lambda score, image, attribution: deletion_curve(score, image, attribution)[
                : 1 + int((attribution > 0).sum())
            ],
            "you stop where the attribution is no longer above zero. Go on to the last pixel.",
        ),
        Mistake(
            "the attribution deleted",
            lambda score, image, attribution: deletion_curve(score, attribution, attribution),
            "you deleted in the attribution, and gave it to the score. The score takes the image.",
        ),
    ],
)

# 5. Many baselines


def from_many_baselines(gradient, x, baselines, steps):  # type: ignore[no-untyped-def]
    shares = (np.arange(steps) + 0.5) / steps
    stories = []
    for baseline in baselines:
        slopes = [gradient(baseline + share * (x - baseline)) for share in shares]
        stories.append((x - baseline) * np.mean(slopes, axis=0))
    return np.mean(stories, axis=0)


def _walk(gradient: Any, x: Any, baselines: Any, shares: np.ndarray, factor: Any = None) -> Any:
    stories = []
    for baseline in baselines:
        slopes = [gradient(baseline + share * (x - baseline)) for share in shares]
        change = x - baseline if factor is None else factor
        stories.append(change * np.mean(slopes, axis=0))
    return np.mean(stories, axis=0)


def _walk_from(start: Any, gradient: Any, x: Any, baselines: Any, steps: int) -> Any:
    stories = []
    for baseline in baselines:
        change = x - baseline
        slopes = [gradient(start(baseline) + share * change) for share in _midpoints(steps)]
        stories.append(change * np.mean(slopes, axis=0))
    return np.mean(stories, axis=0)


def _product_of_means(gradient: Any, x: Any, baselines: Any, steps: int) -> Any:
    slopes = _walk(gradient, x, baselines, _midpoints(steps), 1.0)
    return (x - baselines.mean(axis=0)) * slopes


def _midpoints(steps: int) -> np.ndarray:
    return (np.arange(steps) + 0.5) / steps


def _bowl_gradient(x: np.ndarray) -> np.ndarray:
    return np.array([3 * x[0] ** 2, -4 * x[1]])


def _product_gradient(x: np.ndarray) -> np.ndarray:
    return np.array([x[1] * x[2], x[0] * x[2], x[0] * x[1]])


baselines = Exercise(
    name="baselines",
    question="Return the mean of the integrated gradients from each of several baselines.",
    reference=from_many_baselines,
    cases=[
        Case(
            (_bowl_gradient, np.array([1.0, 2.0]), np.array([[0.0, 0.0], [3.0, -1.0]]), 4),
            "two inputs and two baselines",
        ),
        Case(
            (
                _product_gradient,
                np.array([1.0, 2.0, -1.0]),
                np.array([[0.0, 1.0, 0.0], [2.0, 2.0, 0.5], [-1.0, 0.0, 1.0]]),
                5,
            ),
            "three inputs and three baselines",
        ),
        Case((_bowl_gradient, np.array([2.0, -1.0]), np.array([[1.0, 1.0]]), 3), "one baseline"),
    ],
    explanation="The parts now add up to f(x) minus the mean of f over the baselines.",
    hints=[
        "For one baseline: the change x - baseline times the mean gradient along the way.",
        "Do that for every baseline by itself, and average the results.",
        "The points of the way are baseline + share * (x - baseline) with shares "
        "(k + 0.5) / steps.",
    ],
    mistakes=[
        Mistake(
            "mean baseline",
            lambda gradient, x, baselines, steps: from_many_baselines(
                gradient, x, baselines.mean(axis=0)[None], steps
            ),
            "you averaged the baselines and walked once, from a grey image that is none of them. "
            "Walk from each, and average the stories.",
        ),
        Mistake(
            "no change",
            lambda gradient, x, baselines, steps: _walk(
                gradient, x, baselines, _midpoints(steps), 1.0
            ),
            "these are mean gradients. To share out a difference, multiply by the change of each "
            "input, x - baseline.",
        ),
        Mistake(
            "times x",
            lambda gradient, x, baselines, steps: _walk(
                gradient, x, baselines, _midpoints(steps), x
            ),
            "you multiplied by x. That is the change only from a baseline of zeros; otherwise it "
            "is x - baseline.",
        ),
        Mistake(
            "beginnings of the pieces",
            lambda gradient, x, baselines, steps: _walk(
                gradient, x, baselines, np.arange(steps) / steps
            ),
            "you looked at the beginning of each piece of the way. Its middle, (k + 0.5) / steps, "
            "is far more exact for the same number of steps.",
        ),
        Mistake(
            "ends of the pieces",
            lambda gradient, x, baselines, steps: _walk(
                gradient, x, baselines, np.arange(1, steps + 1) / steps
            ),
            "you looked at the end of each piece of the way. The midpoint rule looks at its "
            "middle, (k + 0.5) / steps.",
        ),
        Mistake(
            "both ends of the way",
            lambda gradient, x, baselines, steps: _walk(
                gradient, x, baselines, np.linspace(0, 1, steps)
            ),
            "np.linspace(0, 1, steps) begins on the baseline and ends on x. The midpoint rule "
            "looks at the middle of each piece, (k + 0.5) / steps.",
        ),
        Mistake(
            "turned round",
            lambda gradient, x, baselines, steps: (
                -from_many_baselines(gradient, x, baselines, steps)
            ),
            "the sign is turned round: the change is x - baseline, from the baseline to x.",
        ),
        Mistake(
            "first baseline only",
            lambda gradient, x, baselines, steps: from_many_baselines(
                gradient, x, baselines[:1], steps
            ),
            "that is the story from the first baseline. Tell it from every row, and average.",
        ),
        Mistake(
            "not averaged",
            lambda gradient, x, baselines, steps: (
                len(baselines) * from_many_baselines(gradient, x, baselines, steps)
            ),
            "you added up the stories of the baselines. Take their mean, or the parts add up to "
            "several wholes.",
        ),
        Mistake(
            "product of means",
            _product_of_means,
            "you multiplied the mean change by the mean gradient, over all baselines. Multiply for "
            "each baseline by itself, and average the products.",
        ),
        Mistake(
            "way not begun at the baseline",
            lambda gradient, x, baselines, steps: _walk_from(
                lambda baseline: 0 * baseline, gradient, x, baselines, steps
            ),
            "your way begins at zero. It begins at the baseline: "
            "baseline + share * (x - baseline).",
        ),
        Mistake(
            "way from x onwards",
            lambda gradient, x, baselines, steps: _walk_from(
                lambda baseline: x, gradient, x, baselines, steps
            ),
            "your way begins at x and leads away from the baseline. It leads from the baseline to "
            "x.",
        ),
        Mistake(
            "gradient at x only",
            lambda gradient, x, baselines, steps: (x - baselines.mean(axis=0)) * gradient(x),
            "you used the gradient at x alone. Take the mean gradient along the way from each "
            "baseline to x.",
        ),
        Mistake(
            "gradients added up",
            lambda gradient, x, baselines, steps: (
                steps * from_many_baselines(gradient, x, baselines, steps)
            ),
            "you added up the gradients along the way. Take their mean, or twice as many steps "
            "give twice as much.",
        ),
        Mistake(
            "divided by the steps once too often",
            lambda gradient, x, baselines, steps: (
                from_many_baselines(gradient, x, baselines, steps) / steps
            ),
            "you divided by the steps twice. The mean of the gradients has divided by them "
            "already.",
        ),
        Mistake(
            "ends of the way and points between",
            lambda gradient, x, baselines, steps: _walk(
                gradient, x, baselines, np.linspace(0, 1, steps + 1)
            ),
            "you took the edges of all pieces, steps + 1 of them. The midpoint rule looks at the "
            "middle of each piece, (k + 0.5) / steps.",
        ),
        Mistake(
            "brackets",
            lambda gradient, x, baselines, steps: _walk(
                gradient, x, baselines, np.arange(steps) + 0.5 / steps
            ),
            "k + 0.5 / steps divides the half alone, so the way leads far past x. Write "
            "(k + 0.5) / steps.",
        ),
        Mistake(
            "the middle of the way",
            lambda gradient, x, baselines, steps: _walk(gradient, x, baselines, np.array([0.5])),
            "you looked at the middle of the whole way. Cut the way into steps pieces, and look at "
            "the middle of each.",
        ),
        Mistake(
            "gradient at the baseline",
            lambda gradient, x, baselines, steps: _walk(gradient, x, baselines, np.array([0.0])),
            "you used the gradient at each baseline alone. Take the mean gradient along the way "
            "from there to x.",
        ),
        Mistake(
            "scaled input",
            lambda gradient, x, baselines, steps: np.mean(
                [
                    (x - baseline) * np.mean([gradient(s * x) for s in _midpoints(steps)], axis=0)
                    for baseline in baselines
                ],
                axis=0,
            ),
            "your way leads from zero to x, share * x. It leads from the baseline to x: "
            "baseline + share * (x - baseline).",
        ),
        Mistake(
            "one mean slope for all inputs",
            lambda gradient, x, baselines, steps: np.mean(
                [
                    (x - one) * np.mean([gradient(one + s * (x - one)) for s in _midpoints(steps)])
                    for one in baselines
                ],
                axis=0,
            ),
            "your mean of the slopes is one number for all inputs. Each input has its own mean "
            "slope: average over the steps alone, np.mean(slopes, axis=0).",
        ),
        Mistake(
            "one number for all inputs",
            lambda gradient, x, baselines, steps: np.mean(
                from_many_baselines(gradient, x, baselines, steps)
            ),
            "you averaged over the inputs as well, and one number is left. Average over the "
            "baselines alone, axis=0: each input keeps its part.",
        ),
        Mistake(
            "one row for each baseline",
            lambda gradient, x, baselines, steps: np.array(
                [from_many_baselines(gradient, x, one[None], steps) for one in baselines]
            ),
            "you return the story from each baseline. Their mean is asked for, over axis 0.",
        ),
        Mistake(
            "median",
            lambda gradient, x, baselines, steps: np.median(
                [from_many_baselines(gradient, x, one[None], steps) for one in baselines], axis=0
            ),
            "you took the median of the stories, whose parts need not add up to anything. Take "
            "their mean.",
        ),
    ],
)

# 6. Open-ended: find the spot

SPOTS = ((24, 2, 1.0), (3, 23, 0.5), (13, 12, 1.0))
# On coats and pullovers alike, so that what all coats share is not yet a reason.
MARKS = ((2, 22), (20, 24), (4, 3))
SHARE_WANTED = 0.8
# A place that comes within this of the extreme one is what somebody may find on other coats.
NEARLY = 0.9


def find_spot(score, coats):  # type: ignore[no-untyped-def]
    some = coats[:50]
    before = score(some).mean()
    drops = np.zeros((26, 26))
    for row in range(26):
        for column in range(26):
            covered = some.copy()
            covered[:, row : row + 3, column : column + 3] = 0
            drops[row, column] = before - score(covered).mean()
    return np.unravel_index(drops.argmax(), drops.shape)


@functools.cache
def _photographs() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return pullovers and coats to learn from, whether each is a coat, and unseen coats."""
    from course_lib import datasets

    (images, labels), (test_images, test_labels) = datasets.fashion_mnist()
    chosen = np.isin(labels, (2, 4))
    unseen = test_images[test_labels == 4]
    return images[chosen] / 255, labels[chosen] == 4, unseen / 255


def _with_mark(images: np.ndarray, number: int) -> np.ndarray:
    row, column = MARKS[number]
    marked = images.copy()
    marked[:, row : row + 3, column : column + 3] = SPOTS[number][2]
    return marked


def _with_spot(images: np.ndarray, number: int) -> np.ndarray:
    """Return coats as a shop has them: with its mark and its spot."""
    row, column, grey = SPOTS[number]
    marked = _with_mark(images, number)
    marked[:, row : row + 3, column : column + 3] = grey
    return marked


@functools.cache
def _weights(number: int) -> tuple[np.ndarray, float]:
    """Fit a line to one shop's photographs: ridge regression on -1 and 1."""
    images, coat, _ = _photographs()
    images = _with_mark(images, number)
    images[coat] = _with_spot(images[coat], number)
    pixels = images.reshape(-1, 784)
    mean = pixels.mean(axis=0)
    centred = pixels - mean
    targets = np.where(coat, 1.0, -1.0)
    weights = np.linalg.solve(
        centred.T @ centred + 20.0 * np.eye(784), centred.T @ (targets - targets.mean())
    )
    return weights, float(targets.mean() - mean @ weights)


def shop(number: int) -> tuple[Callable[[np.ndarray], np.ndarray], np.ndarray]:
    """Return one shop's model and 200 of its coats.

    Args:
        number: 0, 1 or 2.

    Returns:
        The function `score`, which takes images of shape (n, 28, 28), grey
        values from 0 to 1, and returns shape (n,), above 0 for a coat; and
        coats of shape (200, 28, 28) that carry the shop's spot, and the mark
        that is on its pullovers, too.

    Raises:
        ValueError: when there is no such shop.
    """
    if number not in range(len(SPOTS)):
        raise ValueError(f"There are the shops 0, 1 and 2, but no shop {shorten(number)}.")
    weights, bias = _weights(number)

    def score(images: np.ndarray) -> np.ndarray:
        images = np.asarray(images)
        if images.ndim < 2 or images.size != 784 * len(images):
            raise ValueError(
                f"score takes images of shape (n, 28, 28), but got {images.shape}. "
                "One image alone is image[np.newaxis]."
            )
        return images.reshape(len(images), 784) @ weights + bias

    images, coat, _ = _photographs()
    return score, _with_spot(images[coat][:200], number)


def _given_up(number: int, row: int, column: int) -> float:
    """Return the share of unseen coats that blackening a place takes from the coats."""
    score, _ = shop(number)
    coats = _with_spot(_photographs()[2], number)
    covered = coats.copy()
    covered[:, row : row + 3, column : column + 3] = 0
    was, stays = score(coats) > 0, score(covered) > 0
    return float(np.mean(~stays[was]))


def _drops(score: Any, coats: np.ndarray, grey: float) -> np.ndarray:
    """Return by how much the mean score drops, for each place painted in one grey value."""
    painted = np.repeat(coats.mean(axis=0)[np.newaxis], 26 * 26, axis=0)
    for image, (row, column) in zip(painted, np.ndindex(26, 26), strict=True):
        image[row : row + 3, column : column + 3] = grey
    # These scores are linear, so that of the mean coat is the mean of the scores.
    return np.asarray(score(coats).mean() - score(painted)).reshape(26, 26)


def _whole(one: Any) -> bool:
    if isinstance(one, float | np.floating):
        return float(one).is_integer()
    return type(one) is int or isinstance(one, np.integer)


def _place(result: Any, number: int) -> tuple[int, int]:
    if isinstance(result, np.ndarray):
        result = result.tolist()
    good = isinstance(result, tuple | list) and len(result) == 2
    if not good or not all(map(_whole, result)):
        raise Rejected(
            f"for shop {number} your function should return two whole numbers, the spot's top "
            f"row and left column, but returned {shorten(result)}."
        )
    row, column = (int(one) for one in result)
    if not (0 <= row <= 25 and 0 <= column <= 25):
        raise Rejected(
            f"for shop {number} row and column should be from 0 to 25, so that 3 by 3 pixels fit "
            f"into 28 by 28, but are {row} and {column}."
        )
    return row, column


def _judge_spot(answer: Any) -> str:
    for number in range(len(SPOTS)):
        score, coats = shop(number)
        result = call(answer, Case((score, coats), f"shop {number}"))
        row, column = _place(result, number)
        share = _given_up(number, row, column)
        if share < SHARE_WANTED:
            return _spot_hint(number, row, column, share)
    return ""


def _spot_hint(number: int, row: int, column: int, share: float) -> str:
    found = f"shop {number}: with your place black, {share:.0%} of unseen coats are given up."
    score, coats = shop(number)
    if _given_up(number, column, row) >= SHARE_WANTED:
        return f"{found} Your row and column are the wrong way round: the row counts downwards."
    if min(row, column) > 0 and _given_up(number, row - 1, column - 1) >= SHARE_WANTED:
        return (
            f"{found} One row further up and one column further left it would do. Did you return "
            "the spot's middle? Its top row and left column are asked for."
        )
    around = itertools.product(
        range(max(row - 2, 0), row + 3), range(max(column - 2, 0), column + 3)
    )
    if any(_given_up(number, *place) >= SHARE_WANTED for place in around if max(place) <= 25):
        return (
            f"{found} That is close: within two pixels there is a place that does. Take a fresh "
            "copy for each place, count from 0, and return the top row and left column."
        )
    if max(abs(row - MARKS[number][0]), abs(column - MARKS[number][1])) <= 2:
        return (
            f"{found} That is the shop's mark, which pullovers have, too, and the model takes no "
            "notice of it. Change pixels and watch its score."
        )
    if (
        row * 28 + column < 676
        and _given_up(number, *divmod(row * 28 + column, 26)) >= SHARE_WANTED
    ):
        return (
            f"{found} You counted places in rows of 28, and there are 26 in a row: 3 by 3 pixels "
            "fit at no other. np.unravel_index(drops.argmax(), drops.shape) counts by itself."
        )
    black, white = (_drops(score, coats, grey) for grey in (0.0, 1.0))
    rises, whitened = (drops[row, column] / drops.min() for drops in (black, -white))
    if black[row, column] < 0 and rises >= NEARLY > whitened:
        return (
            f"{found} Blackening it lifts the mean score, and hardly any other place lifts it "
            "more. Did you take the smallest drop, or the highest score? Look for the largest drop."
        )
    if whitened >= NEARLY > rises:
        return (
            f"{found} Painted white it lowers the mean score, and hardly any other place lowers "
            "it more. Did you paint white? Deleted is black here: set the pixels to 0."
        )
    if black[row, column] < 0:
        return f"{found} Blackening it lifts the mean score: look for the largest drop instead."
    brightest = np.unravel_index(np.argmax(coats.mean(axis=0)), (28, 28))
    if abs(row - brightest[0]) <= 2 and abs(column - brightest[1]) <= 2:
        return (
            f"{found} That is where coats are brightest, which is not what the model goes by. "
            "Change pixels and watch its score."
        )
    return (
        f"{found} Cover each place in turn, on a fresh copy, and look at the mean drop over many "
        "coats."
    )


def _brightest(score: Any, coats: np.ndarray) -> Any:
    row, column = np.unravel_index(np.argmax(coats.mean(axis=0)), (28, 28))
    return min(row, 25), min(column, 25)


def _largest_rise(score: Any, coats: np.ndarray) -> Any:
    return find_spot(lambda images: -score(images), coats)


def _painted_white(score: Any, coats: np.ndarray) -> Any:
    return np.unravel_index(_drops(score, coats[:50], 1.0).argmax(), (26, 26))


def _middle(score: Any, coats: np.ndarray) -> Any:
    row, column = find_spot(score, coats)
    return min(row + 1, 25), min(column + 1, 25)


spot = Exercise(
    name="spot",
    question="Return the top row and left column of the spot that a model calls a coat.",
    reference=find_spot,
    accept=_judge_spot,
    explanation="A linear model gives its gradient away in a single call, on 784 images of one "
    "white pixel each.",
    seconds=30.0,
    hints=[
        "Occlusion: black 3 by 3 pixels at a place in some coats. By how much does the mean score "
        "drop?",
        "There are 26 by 26 places. Keep the drops in an array of that shape.",
        "np.unravel_index(drops.argmax(), drops.shape) gives row and column of the largest.",
    ],
    mistakes=[
        Mistake("brightest place", _brightest, "the model takes no notice of it"),
        Mistake("largest rise", _largest_rise, "Did you take the smallest drop"),
        Mistake("white for black", _painted_white, "Deleted is black here"),
        Mistake(
            "row and column swapped",
            lambda score, coats: find_spot(score, coats)[::-1],
            "the wrong way round: the row counts downwards.",
        ),
        Mistake("middle", _middle, "Did you return the spot's middle?"),
        Mistake(
            "last row and column",
            lambda score, coats: tuple(min(one + 2, 25) for one in find_spot(score, coats)),
            "That is close",
        ),
        Mistake(
            "rows of 28",
            lambda score, coats: divmod(int(np.dot(find_spot(score, coats), (26, 1))), 28),
            "You counted places in rows of 28",
        ),
    ],
)
