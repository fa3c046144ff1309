"""Answers to the exercises of lesson 09, by other learners.

They were written without sight of what the checks know.
"""

import numpy as np


def all_zero(features, hidden):
    return np.zeros((features, hidden)), np.zeros((hidden, features))


def hidden_copies(features, hidden):
    return np.full((features, hidden), 1 / features), np.zeros((hidden, features))


def nearly_idle(features, hidden):
    generator = np.random.default_rng(0)
    first = generator.normal(size=(features, hidden)) * np.sqrt(2 / features)
    return first, generator.normal(size=(hidden, features)) * 0.01


def everything_in_step_2(layers, step):
    return {name: name == "head" or step == 2 for name in layers}


def head_rests_in_step_2(layers, step):
    if step == 1:
        return {name: name == "head" for name in layers}
    return {name: name != "head" and kind != "norm" for name, kind in layers.items()}


def dense_in_step_1(layers, step):
    if step == 1:
        return {name: kind == "dense" for name, kind in layers.items()}
    return {name: kind != "norm" for name, kind in layers.items()}


def squared_distances(points, known):
    lengths = (points**2).sum(axis=1)[:, None] + (known**2).sum(axis=1)
    return lengths - 2 * points @ known.T


def nearest_digit(few_images, few_labels, new_images):
    known = few_images.reshape(len(few_images), -1)
    new = new_images.reshape(len(new_images), -1)
    return few_labels[np.argmin(squared_distances(new, known), axis=1)]


def nearest_mean(few_images, few_labels, new_images):
    known = few_images.reshape(len(few_images), -1)
    new = new_images.reshape(len(new_images), -1)
    means = np.array([known[few_labels == digit].mean(axis=0) for digit in range(10)])
    return np.argmin(squared_distances(new, means), axis=1)


def labels_in_another_order(few_images, few_labels, new_images):
    shifts = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1)]
    moved = np.concatenate([np.roll(few_images, shift, axis=(1, 2)) for shift in shifts])
    labels = np.repeat(few_labels, len(shifts))
    new = new_images.reshape(len(new_images), -1)
    distances = squared_distances(new, moved.reshape(len(moved), -1))
    return labels[np.argmin(distances, axis=1)]


def four_per_normalisation(inputs, filters, stride):
    count = 9 * inputs * filters + 9 * filters * filters + 2 * 4 * filters
    if stride > 1 or inputs != filters:
        count += inputs * filters + 4 * filters
    return count


def stride_overlooked(inputs, filters, stride):
    count = 9 * inputs * filters + 9 * filters * filters + 4 * filters
    if inputs != filters:
        count += inputs * filters + 2 * filters
    return count


def bare_shortcut(inputs, filters, stride):
    count = 9 * inputs * filters + 9 * filters * filters + 4 * filters
    if stride > 1 or inputs != filters:
        count += inputs * filters
    return count


def deviation_over_n(transfer, scratch, quantile):
    differences = np.array(transfer) - np.array(scratch)
    return differences.mean(), quantile * differences.std() / np.sqrt(len(differences))


def not_paired(transfer, scratch, quantile):
    gain = np.mean(transfer) - np.mean(scratch)
    variance = np.var(transfer, ddof=1) + np.var(scratch, ddof=1)
    return gain, quantile * np.sqrt(variance / len(transfer))


def spread_of_single_draws(transfer, scratch, quantile):
    differences = np.array(transfer) - np.array(scratch)
    return differences.mean(), quantile * differences.std(ddof=1)


WRONG = {
    "idle_block": {
        "both matrices zero: no gradient at all": all_zero,
        "equal numbers in the first: copies for ever": hidden_copies,
        "small random numbers: not quite idle": nearly_idle,
    },
    "what_to_train": {
        "normalisation trained in step 2, too": everything_in_step_2,
        "step 2 leaves the head out": head_rests_in_step_2,
        "step 1 trains every dense layer": dense_in_step_1,
    },
    "twenty_labels": {
        "nearest neighbour on pixels": nearest_digit,
        "nearest class mean": nearest_mean,
        "shifted copies with np.repeat for np.tile": labels_in_another_order,
    },
    "block_parameters": {
        "4 for each normalised map, with the moving ones": four_per_normalisation,
        "shortcut only where the filters change": stride_overlooked,
        "shortcut without its normalisation": bare_shortcut,
    },
    "gain": {
        "deviation with n, not n - 1": deviation_over_n,
        "two samples, not paired": not_paired,
        "not divided by the root of n": spread_of_single_draws,
    },
}
RIGHT = {}
