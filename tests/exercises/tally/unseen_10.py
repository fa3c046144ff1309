"""Answers to the exercises of lesson 10, by other learners,
written without sight of what the checks know.
"""

import numpy as np
import pandas as pd


# nudging
def forward_difference(function, x, step):
    start = function(x)
    gradient = np.zeros(len(x))
    for i in range(len(x)):
        ahead = x.copy()
        ahead[i] += step
        gradient[i] = (function(ahead) - start) / step
    return gradient


def one_step_wide(function, x, step):
    gradient = np.zeros(len(x))
    for i in range(len(x)):
        ahead, behind = x.copy(), x.copy()
        ahead[i] += step
        behind[i] -= step
        gradient[i] = (function(ahead) - function(behind)) / step
    return gradient


def never_put_back(function, x, step):
    x = x.copy()
    gradient = np.zeros(len(x))
    for i in range(len(x)):
        x[i] += step
        ahead = function(x)
        x[i] -= 2 * step
        behind = function(x)
        gradient[i] = (ahead - behind) / (2 * step)
    return gradient


# baselines
def from_the_mean_baseline(gradient, x, baselines, steps):
    baseline = np.mean(baselines, axis=0)
    shares = (np.arange(steps) + 0.5) / steps
    slopes = [gradient(baseline + share * (x - baseline)) for share in shares]
    return (x - baseline) * np.mean(slopes, axis=0)


def both_ends(gradient, x, baselines, steps):
    parts = []
    for baseline in baselines:
        slopes = [gradient(baseline + s * (x - baseline)) for s in np.linspace(0, 1, steps)]
        parts.append((x - baseline) * np.mean(slopes, axis=0))
    return np.mean(parts, axis=0)


def mean_without_axis(gradient, x, baselines, steps):
    shares = (np.arange(steps) + 0.5) / steps
    parts = []
    for baseline in baselines:
        slopes = [gradient(baseline + share * (x - baseline)) for share in shares]
        parts.append((x - baseline) * np.mean(slopes))
    return np.mean(parts, axis=0)


# spot
def column_before_row(score, coats):
    some = coats[:50]
    best, place = np.inf, (0, 0)
    for row in range(26):
        for column in range(26):
            covered = some.copy()
            covered[:, row : row + 3, column : column + 3] = 0
            mean = np.mean(score(covered))
            if mean < best:
                best, place = mean, (column, row)
    return place


def brightest_window(score, coats):
    mean = coats.mean(axis=0)
    sums = np.array([[mean[r : r + 3, c : c + 3].sum() for c in range(26)] for r in range(26)])
    return np.unravel_index(sums.argmax(), sums.shape)


def highest_when_covered(score, coats):
    some = coats[:50]
    scores = np.zeros((26, 26))
    for row in range(26):
        for column in range(26):
            covered = some.copy()
            covered[:, row : row + 3, column : column + 3] = 0
            scores[row, column] = np.mean(score(covered))
    return np.unravel_index(scores.argmax(), scores.shape)


# grad_cam_by_hand
def no_relu(maps, gradients):
    return maps @ gradients.mean(axis=(0, 1))


def mean_over_channels(maps, gradients):
    weights = gradients.mean(axis=(0, 1))
    return np.maximum(0, (maps * weights).mean(axis=-1))


def place_by_place(maps, gradients):
    return np.maximum(0, (maps * gradients).sum(axis=-1))


# ranks
def twice_argsort(a, b):
    return np.corrcoef(
        np.argsort(np.argsort(a, kind="stable"), kind="stable"),
        np.argsort(np.argsort(b, kind="stable"), kind="stable"),
    )[0, 1]


def formula_of_differences(a, b):
    n = len(a)
    d = pd.Series(a).rank() - pd.Series(b).rank()
    return 1 - 6 * np.sum(d**2) / (n * (n**2 - 1))


def lowest_rank_for_ties(a, b):
    return np.corrcoef(pd.Series(a).rank(method="min"), pd.Series(b).rank(method="min"))[0, 1]


# deletion
def by_size(score, image, attribution):
    left = image.copy()
    scores = [score(left)]
    for place in np.argsort(-np.abs(attribution).ravel(), kind="stable"):
        left.ravel()[place] = 0
        scores.append(score(left))
    return np.array(scores)


def one_at_a_time(score, image, attribution):
    scores = [score(image)]
    for place in np.argsort(-attribution.ravel(), kind="stable"):
        left = image.copy()
        left.ravel()[place] = 0
        scores.append(score(left))
    return np.array(scores)


def last_score_missing(score, image, attribution):
    left = image.copy()
    scores = []
    for place in np.argsort(-attribution.ravel(), kind="stable"):
        scores.append(score(left))
        left.ravel()[place] = 0
    return np.array(scores)


WRONG = {
    "nudging": {
        "a step ahead only": forward_difference,
        "divides by one step": one_step_wide,
        "does not put the nudged input back": never_put_back,
    },
    "baselines": {
        "one walk from the mean baseline": from_the_mean_baseline,
        "both ends in place of midpoints": both_ends,
        "mean of the slopes without an axis": mean_without_axis,
    },
    "spot": {
        "column before row": column_before_row,
        "the brightest window of the mean coat": brightest_window,
        "where the covered score is highest": highest_when_covered,
    },
    "grad_cam_by_hand": {
        "without ReLU": no_relu,
        "mean over the channels, not the sum": mean_over_channels,
        "gradient times map, place by place": place_by_place,
    },
    "ranks": {
        "argsort twice, ties by accident": twice_argsort,
        "the formula 1 - 6 sum d^2, which forbids ties": formula_of_differences,
        "ties get the lowest rank": lowest_rank_for_ties,
    },
    "deletion": {
        "highest size first": by_size,
        "every pixel deleted from a fresh copy": one_at_a_time,
        "no score after the last pixel": last_score_missing,
    },
}
RIGHT = {}
