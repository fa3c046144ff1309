"""Answers to the exercises of lesson 14, written without sight of what the checks know."""

import math

import numpy as np


# 1. attention_weights
def weights_without_root(query, keys):
    scores = keys @ query
    e = np.exp(scores - scores.max())
    return e / e.sum()


def weights_divided_by_d(query, keys):
    scores = keys @ query / len(query)
    e = np.exp(scores - scores.max())
    return e / e.sum()


def weights_root_of_number_of_keys(query, keys):
    scores = keys @ query / np.sqrt(len(keys))
    e = np.exp(scores - scores.max())
    return e / e.sum()


def weights_overflowing(query, keys):
    e = np.exp(keys @ query / np.sqrt(len(query)))
    return e / e.sum()


def weights_shares_of_scores(query, keys):
    scores = keys @ query / np.sqrt(keys.shape[-1])
    return scores / scores.sum()


def weights_in_plain_python(query, keys):
    scores = [
        sum(float(q) * float(k) for q, k in zip(query, key, strict=False)) / math.sqrt(len(query))
        for key in keys
    ]
    top = max(scores)
    e = [math.exp(s - top) for s in scores]
    total = math.fsum(e)
    return [x / total for x in e]


def weights_by_logsumexp(query, keys):
    scores = np.einsum("nd,d->n", keys, query) * len(query) ** -0.5
    return np.exp(scores - np.logaddexp.reduce(scores))


# 2. combined_mask
def mask_sees_ahead(lengths, size):
    place = np.arange(size)
    causal = place >= place[:, np.newaxis]
    real = place < np.asarray(lengths)[:, np.newaxis]
    return causal & real[:, np.newaxis, :]


def mask_padding_on_queries(lengths, size):
    causal = np.tril(np.ones((size, size), dtype=bool))
    real = np.arange(size) < np.asarray(lengths)[:, np.newaxis]
    return causal & real[:, :, np.newaxis]


def mask_not_itself(lengths, size):
    causal = np.tril(np.ones((size, size), dtype=bool), k=-1)
    real = np.arange(size) < np.asarray(lengths)[:, np.newaxis]
    return causal & real[:, np.newaxis, :]


def mask_padding_sees_nothing(lengths, size):
    causal = np.tril(np.ones((size, size), dtype=bool))
    real = np.arange(size) < np.asarray(lengths)[:, np.newaxis]
    return causal & real[:, np.newaxis, :] & real[:, :, np.newaxis]


def mask_one_padding_too_many(lengths, size):
    causal = np.tril(np.ones((size, size), dtype=bool))
    real = np.arange(size) <= np.asarray(lengths)[:, np.newaxis]
    return causal & real[:, np.newaxis, :]


def mask_by_loops(lengths, size):
    mask = np.zeros((len(lengths), size, size), dtype=bool)
    for sentence, length in enumerate(lengths):
        for query in range(size):
            mask[sentence, query, : min(query + 1, int(length))] = True
    return mask


def mask_nested_lists(lengths, size):
    return [
        [[key <= query and key < int(length) for key in range(size)] for query in range(size)]
        for length in lengths
    ]


# 3. look_back
def back_kernels(scale, sign=1):
    query_kernel, key_kernel = np.zeros((20, 16)), np.zeros((20, 16))
    key_kernel[4:] = np.eye(16)
    for i in range(0, 16, 2):
        angle = sign / 10_000 ** (i / 16)
        c, s = math.cos(angle), math.sin(angle)
        query_kernel[4 + i : 6 + i, i : i + 2] = scale * np.array([[c, s], [-s, c]])
    return query_kernel, key_kernel


def looks_at_itself():
    kernel = np.zeros((20, 16))
    kernel[4:] = np.eye(16)
    return 100 * kernel, kernel


def looks_one_ahead():
    return back_kernels(100, sign=-1)


def looks_back_faintly():
    return back_kernels(1)


def looks_back_with_one_angle_only():
    # turns every pair by 1, as the fastest one needs it
    query_kernel, key_kernel = np.zeros((20, 16)), np.zeros((20, 16))
    key_kernel[4:] = np.eye(16)
    c, s = math.cos(1), math.sin(1)
    for i in range(0, 16, 2):
        query_kernel[4 + i : 6 + i, i : i + 2] = 100 * np.array([[c, s], [-s, c]])
    return query_kernel, key_kernel


def looks_back_sines_first():
    # thinks of the code as 8 sines, then 8 cosines
    query_kernel, key_kernel = np.zeros((20, 16)), np.zeros((20, 16))
    key_kernel[4:] = np.eye(16)
    for i in range(8):
        angle = 1 / 10_000 ** (2 * i / 16)
        c, s = math.cos(angle), math.sin(angle)
        query_kernel[4 + i, i], query_kernel[4 + i, 8 + i] = 100 * c, 100 * s
        query_kernel[12 + i, i], query_kernel[12 + i, 8 + i] = -100 * s, 100 * c
    return query_kernel, key_kernel


def keys_turned_forward():
    # the key calls itself "one later"; five pairs of hands are enough
    query_kernel, key_kernel = np.zeros((20, 10)), np.zeros((20, 10))
    query_kernel[4:14] = 300 * np.eye(10)
    for i in range(0, 10, 2):
        angle = 10_000 ** (-i / 16)
        c, s = math.cos(angle), math.sin(angle)
        key_kernel[4 + i : 6 + i, i : i + 2] = [[c, -s], [s, c]]
    return query_kernel, key_kernel


def turn_found_by_least_squares():
    place = np.arange(5_000)[:, np.newaxis]
    angles = place / 10_000 ** (np.arange(0, 16, 2) / 16)
    code = np.stack([np.sin(angles), np.cos(angles)], axis=2).reshape(-1, 16)
    turn = np.linalg.lstsq(code[1:], code[:-1], rcond=None)[0]
    above = np.zeros((4, 16))
    return np.vstack([above, 20 * turn]), np.vstack([above, 20 * np.eye(16)])


# 4. attention_parameters
def parameters_by_shapes(width, heads, key_dim):
    shapes = [(width, heads, key_dim), (heads, key_dim)] * 3
    shapes += [(heads, key_dim, width), (width,)]
    return sum(math.prod(shape) for shape in shapes)


def parameters_head_by_head(width, heads, key_dim):
    total = float(width)  # the bias of the output
    for _ in range(heads):
        for _ in ("query", "key", "value"):
            total += (width + 1) * key_dim
        total += key_dim * width
    return total


# 5. sinusoids
def sinusoids_halves(length, features):
    place = np.arange(length)[:, np.newaxis]
    angles = place / 10_000 ** (np.arange(0, features, 2) / features)
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=1)


def sinusoids_cosine_first(length, features):
    table = np.zeros((length, features))
    angles = np.arange(length)[:, np.newaxis] / 10_000 ** (np.arange(0, features, 2) / features)
    table[:, 0::2] = np.cos(angles)
    table[:, 1::2] = np.sin(angles)
    return table


def sinusoids_without_the_two(length, features):
    table = np.zeros((length, features))
    angles = np.arange(length)[:, np.newaxis] / 10_000 ** (np.arange(features // 2) / features)
    table[:, 0::2] = np.sin(angles)
    table[:, 1::2] = np.cos(angles)
    return table


def sinusoids_angle_for_each_column(length, features):
    angles = np.arange(length)[:, np.newaxis] / 10_000 ** (np.arange(features) / features)
    table = np.sin(angles)
    table[:, 1::2] = np.cos(angles[:, 1::2])
    return table


def sinusoids_from_one(length, features):
    table = np.zeros((length, features))
    place = np.arange(1, length + 1)[:, np.newaxis]
    angles = place / 10_000 ** (np.arange(0, features, 2) / features)
    table[:, 0::2] = np.sin(angles)
    table[:, 1::2] = np.cos(angles)
    return table


def sinusoids_by_loops(length, features):
    table = []
    for place in range(length):
        row = []
        for i in range(features // 2):
            angle = place / 10_000 ** (2 * i / features)
            row += [math.sin(angle), math.cos(angle)]
        table.append(row)
    return table


def sinusoids_by_phase(length, features):
    # a cosine is a sine a quarter turn ahead
    column = np.arange(features)
    speeds = np.exp(-math.log(10_000) * (column - column % 2) / features)
    return np.sin(np.outer(np.arange(length), speeds) + (column % 2) * np.pi / 2)


# 6. operations
def operations_both_products(queries, keys, key_features, value_features):
    scores = queries * keys * (key_features + key_features)
    mixed = queries * value_features * (keys + keys)
    return float(scores + mixed)


WRONG = {
    "attention_weights": {
        "no division by the root": weights_without_root,
        "divided by d, not by its root": weights_divided_by_d,
        "root of the number of keys": weights_root_of_number_of_keys,
        "overflows for large scores (maximum not subtracted)": weights_overflowing,
        "scores divided by their sum, exp forgotten": weights_shares_of_scores,
    },
    "combined_mask": {
        "looks ahead instead of back (rows and columns exchanged)": mask_sees_ahead,
        "padding masked as query, not as key": mask_padding_on_queries,
        "nobody sees itself": mask_not_itself,
        "padding sees nothing at all": mask_padding_sees_nothing,
        "first padding token counts as real (<=)": mask_one_padding_too_many,
    },
    "look_back": {
        "same kernels: everyone looks at itself": looks_at_itself,
        "turned the wrong way: looks one ahead": looks_one_ahead,
        "right direction, scores too small": looks_back_faintly,
        "one angle for all pairs": looks_back_with_one_angle_only,
        "sines and cosines taken as two halves": looks_back_sines_first,
    },
    "attention_parameters": {
        "no biases": lambda width, heads, key_dim: 4 * width * heads * key_dim,
        "heads * key_dim taken as the width": lambda width, heads, key_dim: 4 * (width**2 + width),
        "output bias of size heads * key_dim": lambda width, heads, key_dim: (
            4 * (width * heads * key_dim + heads * key_dim)
        ),
        "output projection forgotten": lambda width, heads, key_dim: (
            3 * (width * heads * key_dim + heads * key_dim)
        ),
        "output bias counted once a head": lambda width, heads, key_dim: (
            heads * (3 * (width * key_dim + key_dim) + key_dim * width + width)
        ),
    },
    "sinusoids": {
        "all sines first, then all cosines": sinusoids_halves,
        "cosine in the even columns": sinusoids_cosine_first,
        "exponent i / features without the 2": sinusoids_without_the_two,
        "an angle of its own for each column": sinusoids_angle_for_each_column,
        "positions from 1": sinusoids_from_one,
    },
    "operations": {
        "multiplications only, no additions": lambda queries, keys, key_features, value_features: (
            queries * keys * (key_features + value_features)
        ),
        "only the scores": lambda queries, keys, key_features, value_features: (
            2 * queries * keys * key_features
        ),
        "self-attention taken for granted: queries squared": (
            lambda queries, keys, key_features, value_features: (
                2 * queries**2 * (key_features + value_features)
            )
        ),
        "key features in both products": lambda queries, keys, key_features, value_features: (
            4 * queries * keys * key_features
        ),
        "softmax counted too": lambda queries, keys, key_features, value_features: (
            2 * queries * keys * (key_features + value_features) + 2 * queries * keys
        ),
    },
}
RIGHT = {
    "attention_weights": {
        "plain Python, returns a list": weights_in_plain_python,
        "einsum and log-sum-exp": weights_by_logsumexp,
    },
    "combined_mask": {
        "loops over sentences and queries": mask_by_loops,
        "nested lists of Python bools": mask_nested_lists,
    },
    "look_back": {
        "turns the key forward, five pairs only, 10 columns": keys_turned_forward,
        "finds the turn by least squares": turn_found_by_least_squares,
    },
    "attention_parameters": {
        "sum over the shapes of the weights": parameters_by_shapes,
        "loop over heads, returns a float": parameters_head_by_head,
    },
    "sinusoids": {
        "loops and math, returns lists": sinusoids_by_loops,
        "one sine with a phase, speeds by exp": sinusoids_by_phase,
    },
    "operations": {
        "factored": lambda queries, keys, key_features, value_features: (
            2 * queries * keys * (key_features + value_features)
        ),
        "product by product, returns a float": operations_both_products,
    },
}
