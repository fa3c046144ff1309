"""Answers to the exercises of lesson 14, by other learners,
written without sight of what the checks know.
"""

import numpy as np


# attention_weights
def softmax(scores):
    exponentials = np.exp(scores - scores.max())
    return exponentials / exponentials.sum()


def without_maximum(query, keys):
    exponentials = np.exp(keys @ query / np.sqrt(len(query)))
    return exponentials / exponentials.sum()


# combined_mask
def padding_sees_nothing(lengths, size):
    place = np.arange(size)
    causal = place <= place[:, np.newaxis]
    real = place < np.asarray(lengths)[:, np.newaxis]
    return causal & real[:, np.newaxis, :] & real[:, :, np.newaxis]


def upper_triangle(lengths, size):
    causal = np.triu(np.ones((size, size), dtype=bool))
    real = np.arange(size) < np.asarray(lengths)[:, np.newaxis]
    return causal & real[:, np.newaxis, :]


def one_pad_seen(lengths, size):
    causal = np.tril(np.ones((size, size), dtype=bool))
    real = np.arange(size) <= np.asarray(lengths)[:, np.newaxis]
    return causal & real[:, np.newaxis, :]


# look_back
def turned(direction, strength):
    query_kernel, key_kernel = np.zeros((20, 16)), np.zeros((20, 16))
    key_kernel[4:] = np.eye(16)
    for pair in range(8):
        angle = direction / 10_000 ** (2 * pair / 16)
        cos, sin = np.cos(angle), np.sin(angle)
        start = 2 * pair
        turn = np.array([[cos, sin], [-sin, cos]])
        query_kernel[4 + start : 6 + start, start : start + 2] = strength * turn
    return query_kernel, key_kernel


def same_place():
    kernel = np.zeros((20, 16))
    kernel[4:] = np.eye(16)
    return 100 * kernel, kernel


# attention_parameters
def four_times_inner(width, heads, key_dim):
    inner = heads * key_dim
    return 4 * (width * inner + inner)


def no_output_layer(width, heads, key_dim):
    return 3 * (width * heads * key_dim + heads * key_dim)


# sinusoids
def halves(length, features):
    angles = np.arange(length)[:, np.newaxis] / 10_000 ** (np.arange(0, features, 2) / features)
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=1)


def own_angle_for_each(length, features):
    angles = np.arange(length)[:, np.newaxis] / 10_000 ** (np.arange(features) / features)
    table = np.sin(angles)
    table[:, 1::2] = np.cos(angles[:, 1::2])
    return table


def pair_number_without_two(length, features):
    table = np.zeros((length, features))
    angles = np.arange(length)[:, np.newaxis] / 10_000 ** (np.arange(features // 2) / features)
    table[:, 0::2], table[:, 1::2] = np.sin(angles), np.cos(angles)
    return table


WRONG = {
    "attention_weights": {
        "not divided by a root": lambda query, keys: softmax(keys @ query),
        "root of the number of keys": lambda query, keys: softmax(
            keys @ query / np.sqrt(len(keys))
        ),
        "exponentials overflow for large scores": without_maximum,
    },
    "combined_mask": {
        "padding sees nothing": padding_sees_nothing,
        "upper triangle: looks ahead only": upper_triangle,
        "the first padding is still seen": one_pad_seen,
    },
    "look_back": {
        "turned right, but too weak": lambda: turned(1, 1),
        "turned the other way: looks ahead": lambda: turned(-1, 100),
        "positions compared as they are: looks at itself": same_place,
    },
    "attention_parameters": {
        "all four layers alike, with inner biases": four_times_inner,
        "as if heads * key_dim were the width": lambda width, heads, key_dim: (
            4 * (width**2 + width)
        ),
        "no output layer": no_output_layer,
    },
    "sinusoids": {
        "sines in the first half, cosines in the second": halves,
        "an angle of its own for each column": own_angle_for_each,
        "exponent i / features, without the 2": pair_number_without_two,
    },
    "operations": {
        "multiplications alone": lambda queries, keys, key_features, value_features: (
            queries * keys * (key_features + value_features)
        ),
        "one addition fewer in each sum": lambda queries, keys, key_features, value_features: (
            queries * keys * (2 * key_features - 1) + queries * value_features * (2 * keys - 1)
        ),
        "values as wide as keys": lambda queries, keys, key_features, value_features: (
            4 * queries * keys * key_features
        ),
    },
}
RIGHT = {}
