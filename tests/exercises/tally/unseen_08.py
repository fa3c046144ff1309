"""Answers to the exercises of lesson 08, by other learners.

They were written without sight of what the checks know.
"""

import math

import numpy as np

Z = 1.96


def brackets_forgotten(right, images):
    p = right / images
    centre = p + Z**2 / (2 * images)
    reach = Z * np.sqrt(p * (1 - p) / images + Z**2 / (4 * images**2))
    below = 1 + Z**2 / images
    return centre - reach / below, centre + reach / below


def n_not_squared(right, images):
    p = right / images
    centre = p + Z**2 / (2 * images)
    reach = Z * np.sqrt(p * (1 - p) / images + Z**2 / (4 * images))
    below = 1 + Z**2 / images
    return (centre - reach) / below, (centre + reach) / below


def upper_end_first(right, images):
    p = right / images
    centre = p + Z**2 / (2 * images)
    reach = Z * np.sqrt(p * (1 - p) / images + Z**2 / (4 * images**2))
    below = 1 + Z**2 / images
    return (centre + reach) / below, (centre - reach) / below


def one_channel_twice(side, kernels, filters, hidden, classes):
    total = 0
    for kernel, count in zip(kernels, filters, strict=True):
        total += kernel * kernel * count + count
        side = (side - kernel + 1) // 2
    total += side * side * filters[-1] * hidden + hidden
    return total + hidden * classes + classes


def odd_row_kept(side, kernels, filters, hidden, classes):
    channels, total = 1, 0
    for kernel, count in zip(kernels, filters, strict=True):
        total += kernel * kernel * channels * count + count
        side = math.ceil((side - kernel + 1) / 2)
        channels = count
    total += side * side * channels * hidden + hidden
    return total + hidden * classes + classes


def weights_only(side, kernels, filters, hidden, classes):
    first = (side - kernels[0] + 1) // 2
    second = (first - kernels[1] + 1) // 2
    convolutions = kernels[0] ** 2 * filters[0] + kernels[1] ** 2 * filters[0] * filters[1]
    return convolutions + second**2 * filters[1] * hidden + hidden * classes


WRONG = {
    "keep_the_batch": {
        "one long row for the whole batch": lambda maps: maps.reshape(-1),
        "height times width, channels forgotten": (
            lambda maps: maps.reshape(-1, maps.shape[1] * maps.shape[2])
        ),
        "channels moved to the front first": (
            lambda maps: np.moveaxis(maps, 3, 1).reshape(len(maps), -1)
        ),
    },
    "wilson_interval": {
        "divides only the reach by 1 + z²/n": brackets_forgotten,
        "4n for 4n² under the root": n_not_squared,
        "upper end first": upper_end_first,
    },
    "post_office": {
        "answers above one half": lambda probabilities: probabilities.max(axis=1) > 0.5,
        "True where a person should look": lambda probabilities: probabilities.max(axis=1) < 0.75,
        "no maximum: a yes or no for each class": lambda probabilities: probabilities > 0.75,
    },
    "listing_parameters": {
        "one channel into the second convolution, too": one_channel_twice,
        "pooling keeps the odd last row": odd_row_kept,
        "forgets all biases": weights_only,
    },
    "possible_accuracy": {
        "asks for a whole number of right answers": (
            lambda accuracy, images: float(accuracy * images).is_integer()
        ),
        "cuts off the number of right answers": (
            lambda accuracy, images: round(int(accuracy * images) / images, 4) == accuracy
        ),
        "a whole last decimal of room instead of half": (
            lambda accuracy, images: abs(round(accuracy * images) / images - accuracy) < 0.0001
        ),
    },
}
RIGHT = {}
