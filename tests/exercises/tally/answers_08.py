"""Answers to the exercises of lesson 08, written without sight of what the checks know."""

import math

import numpy as np

# ---------------------------------------------------------------- wilson_interval


def wilson_plain(right, images):
    p = right / images
    reach = 1.96 * np.sqrt(p * (1 - p) / images)
    return p - reach, p + reach


def wilson_not_divided(right, images):
    z, p = 1.96, right / images
    centre = p + z**2 / (2 * images)
    reach = z * np.sqrt(p * (1 - p) / images + z**2 / (4 * images**2))
    return centre - reach, centre + reach


def wilson_bracket_lost(right, images):
    z, p = 1.96, right / images
    centre = p + z**2 / 2 * images
    reach = z * np.sqrt(p * (1 - p) / images + z**2 / (4 * images**2))
    return (centre - reach) / (1 + z**2 / images), (centre + reach) / (1 + z**2 / images)


def wilson_square_lost(right, images):
    z, p = 1.96, right / images
    centre = p + z**2 / (2 * images)
    reach = z * np.sqrt(p * (1 - p) / images + z**2 / (4 * images))
    return (centre - reach) / (1 + z**2 / images), (centre + reach) / (1 + z**2 / images)


def wilson_upper_first(right, images):
    z, p = 1.96, right / images
    centre = p + z**2 / (2 * images)
    reach = z * np.sqrt(p * (1 - p) / images + z**2 / (4 * images**2))
    return (centre + reach) / (1 + z**2 / images), (centre - reach) / (1 + z**2 / images)


def wilson_roots(right, images):
    # the ends solve (share - q)^2 = z^2 q (1 - q) / n for q
    p, small = right / images, 1.96**2 / images
    return np.sort(np.roots([1 + small, -(2 * p + small), p**2]).real)


def wilson_counts(right, images):
    z2 = 1.96 * 1.96
    middle = right + z2 / 2
    reach = math.sqrt(z2 * (right * (images - right) / images + z2 / 4))
    return [(middle - reach) / (images + z2), (middle + reach) / (images + z2)]


# ---------------------------------------------------------------- post_office


def office_loop(probabilities):
    return [bool(max(row) > 0.75) for row in np.asarray(probabilities)]


def office_rest(probabilities):
    ordered = np.sort(np.asarray(probabilities, dtype=float), axis=1)
    rest = ordered[:, :-1].sum(axis=1)
    return np.where(rest < 0.25, 1, 0).astype(bool)


# ---------------------------------------------------------------- listing_parameters


def parameters_without_bias(side, kernels, filters, hidden, classes):
    channels, total = 1, 0
    for kernel, count in zip(kernels, filters, strict=True):
        total += kernel * kernel * channels * count
        side = (side - kernel + 1) // 2
        channels = count
    return total + side * side * channels * hidden + hidden * classes


def parameters_one_channel_each(side, kernels, filters, hidden, classes):
    total = 0
    for kernel, count in zip(kernels, filters, strict=True):
        total += kernel * kernel * count + count
        side = (side - kernel + 1) // 2
    total += side * side * filters[-1] * hidden + hidden
    return total + hidden * classes + classes


def parameters_rounded_up(side, kernels, filters, hidden, classes):
    channels, total = 1, 0
    for kernel, count in zip(kernels, filters, strict=True):
        total += kernel * kernel * channels * count + count
        side = math.ceil((side - kernel + 1) / 2)
        channels = count
    total += side * side * channels * hidden + hidden
    return total + hidden * classes + classes


def parameters_padded(side, kernels, filters, hidden, classes):
    channels, total = 1, 0
    for kernel, count in zip(kernels, filters, strict=True):
        total += kernel * kernel * channels * count + count
        side = side // 2
        channels = count
    total += side * side * channels * hidden + hidden
    return total + hidden * classes + classes


def parameters_output_layer_lost(side, kernels, filters, hidden, classes):
    channels, total = 1, 0
    for kernel, count in zip(kernels, filters, strict=True):
        total += kernel * kernel * channels * count + count
        side = (side - kernel + 1) // 2
        channels = count
    return total + side * side * channels * classes + classes


def parameters_one_by_one(side, kernels, filters, hidden, classes):
    k1, k2 = kernels
    f1, f2 = filters
    last = ((side - k1 + 1) // 2 - k2 + 1) // 2
    weights = k1**2 * f1 + k2**2 * f1 * f2 + last**2 * f2 * hidden + hidden * classes
    return weights + f1 + f2 + hidden + classes


def parameters_from_shapes(side, kernels, filters, hidden, classes):
    first = (side - kernels[0] + 1) // 2
    second = (first - kernels[1] + 1) // 2
    shapes = [
        (kernels[0], kernels[0], 1, filters[0]),
        (kernels[1], kernels[1], filters[0], filters[1]),
        (second * second * filters[1], hidden),
        (hidden, classes),
    ]
    return float(sum(np.prod(shape) + shape[-1] for shape in shapes))


# ---------------------------------------------------------------- possible_accuracy


def possible_exact_only(accuracy, images):
    return round(accuracy * images) / images == accuracy


def possible_cut_off(accuracy, images):
    return round(int(accuracy * images) / images, 4) == round(accuracy, 4)


def possible_too_tolerant(accuracy, images):
    return abs(round(accuracy * images) / images - accuracy) < 1e-4


def possible_whole_count(accuracy, images):
    return abs(accuracy * images - round(accuracy * images)) < 1e-4


def possible_without_all_right(accuracy, images):
    return any(round(right / images, 4) == accuracy for right in range(images))


def possible_printed(accuracy, images):
    wanted = f"{accuracy:.4f}"
    return any(f"{right / images:.4f}" == wanted for right in range(images + 1))


def possible_nearest(accuracy, images):
    printed = round(float(accuracy), 4)
    shares = np.arange(images + 1) / images
    return np.bool_(round(float(shares[np.argmin(np.abs(shares - printed))]), 4) == printed)


WRONG = {
    "keep_the_batch": {
        "everything in one row": lambda maps: maps.reshape(-1),
        "a row for each pixel, channels kept": lambda maps: maps.reshape(-1, maps.shape[-1]),
        "batch at the wrong end, then transposed": lambda maps: maps.reshape(-1, len(maps)).T,
        "channels first (right for one channel)": lambda maps: maps.transpose(0, 3, 1, 2).reshape(
            len(maps), -1
        ),
        "average pooling over the image": lambda maps: maps.mean(axis=(1, 2)),
    },
    "wilson_interval": {
        "the plain interval": wilson_plain,
        "denominator forgotten": wilson_not_divided,
        "z**2 / 2 * n without brackets": wilson_bracket_lost,
        "4 n instead of 4 n squared under the root": wilson_square_lost,
        "upper end first": wilson_upper_first,
    },
    "post_office": {
        "surer than chance (0.1) is enough: everything answered": lambda probabilities: (
            probabilities.max(axis=1) > 1 / probabilities.shape[1]
        ),
        "true where a person should look": lambda probabilities: probabilities.max(axis=1) < 0.75,
        "argmax instead of max: all but zeros answered": lambda probabilities: (
            probabilities.argmax(axis=1) > 0.75
        ),
        "axis 0: one decision for each class": lambda probabilities: (
            probabilities.max(axis=0) > 0.75
        ),
        "far too careful: people look at too many": lambda probabilities: (
            probabilities.max(axis=1) > 0.999999
        ),
    },
    "listing_parameters": {
        "biases forgotten": parameters_without_bias,
        "second convolution sees one channel": parameters_one_channel_each,
        "odd last row kept": parameters_rounded_up,
        "convolutions as if padded": parameters_padded,
        "one dense layer only": parameters_output_layer_lost,
    },
    "possible_accuracy": {
        "equality without rounding": possible_exact_only,
        "count cut off, not rounded": possible_cut_off,
        "a whole unit of the last decimal as tolerance, not half": possible_too_tolerant,
        "wants accuracy x images to be whole": possible_whole_count,
        "range stops before all right": possible_without_all_right,
    },
}

RIGHT = {
    "keep_the_batch": {
        "each image ravelled, stacked": lambda maps: np.stack([image.ravel() for image in maps]),
        "lists of numbers": lambda maps: [image.flatten().tolist() for image in maps],
    },
    "wilson_interval": {
        "roots of the quadratic, an array": wilson_roots,
        "in counts, with math, a list": wilson_counts,
    },
    "post_office": {
        "loop over the rows, a list": office_loop,
        "the other nine together below a quarter": office_rest,
    },
    "listing_parameters": {
        "one formula, no loop": parameters_one_by_one,
        "sum over the shapes, a float": parameters_from_shapes,
    },
    "possible_accuracy": {
        "all counts, compared as printed": possible_printed,
        "nearest share by argmin, a NumPy bool": possible_nearest,
    },
}
