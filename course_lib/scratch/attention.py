"""Attention, forward and backward: scaled dot product, masks, heads, positions.

Queries, keys and values have shape (..., tokens, features). A mask is True, or
1, where a query **may look** at a key, as in Keras. A query that may look at no
key gets weights of zero, and so an output of zeros. Keras does the same when it
returns its weights; its faster path, which does not, spreads the weight evenly
over all keys, the forbidden ones too. Neither should be relied on.

The weights of `multi_head_attention` are laid out as Keras lays them out, so
`*layer.get_weights()` can be handed in.
"""

import math
from typing import Any

import numpy as np

from course_lib.scratch.shapes import requires, shapes


@requires
def may_look(name: str, given: dict[str, Any]) -> None:
    """Require that `mask` holds True and False, or 1 and 0, and has two axes or more.

    Zeros alone would be a mask that is added to scores, and forbid everything here.
    """
    mask = given["mask"]
    if mask is None:
        return
    truths = np.asarray(mask).dtype == bool or (np.isin(mask, (0, 1)).all() and np.any(mask))
    if np.ndim(mask) < 2 or not truths:
        raise ValueError(
            f"{name}: mask should hold True where a query (row) may look at a "
            f"key (column) and False elsewhere, but has shape {np.shape(mask)} and holds "
            f"{np.unique(mask)[:3]}."
        )


@requires
def fits_scores(name: str, given: dict[str, Any]) -> None:
    """Require a `mask` that broadcasts to the shape of `scores`."""
    scores, mask = np.shape(given["scores"]), given["mask"]
    try:
        fits = mask is None or np.broadcast_shapes(np.shape(mask), scores) == scores
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(
            f"{name}: mask should broadcast to the scores, shape {scores} with "
            f"queries before keys, but has shape {np.shape(mask)}."
        )


@requires
def pairs_of_features(name: str, given: dict[str, Any]) -> None:
    """Require an even number of features of `x`."""
    features = np.shape(given["x"])[-1]
    if features % 2:
        raise ValueError(
            f"{name} turns pairs of features, so their number should be even, but is {features}."
        )


@may_look
@fits_scores
@shapes(scores="*batch queries keys")
def masked_softmax(scores: np.ndarray, mask: np.ndarray | None = None) -> np.ndarray:
    """Return softmax over the keys, the last axis, of the scores that the mask allows.

    Source: Vaswani and others (2017), Attention Is All You Need, NIPS, section
    3.2.3: forbidden scores are set to minus infinity.

    Args:
        scores: shape (..., queries, keys).
        mask: True where a query may look; any shape that broadcasts to that of
            the scores. None: everywhere.

    Returns:
        Shaped like the scores. Every row sums to one, except that a row in which
        nothing is allowed is all zeros.

    Raises:
        ValueError: when the shapes do not fit or the mask holds other numbers.
    """
    allowed = scores if mask is None else np.where(mask, scores, -np.inf)
    largest = np.max(allowed, axis=-1, keepdims=True)
    largest = np.where(np.isneginf(largest), 0.0, largest)
    exponentials = np.exp(allowed - largest)
    total = exponentials.sum(axis=-1, keepdims=True)
    return exponentials / np.where(total == 0, 1.0, total)


@may_look
@shapes(query="*batch queries d", key="*batch keys d", value="*batch keys v")
def scaled_dot_product_attention(
    query: np.ndarray, key: np.ndarray, value: np.ndarray, mask: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return softmax(Q K^T / sqrt(d)) V, and the softmax.

    Source: Vaswani and others (2017), Attention Is All You Need, NIPS, equation 1.

    Args:
        query: Q, shape (..., queries, d).
        key: K, shape (..., keys, d).
        value: V, shape (..., keys, v).
        mask: True where a query may look at a key, broadcasting to
            (..., queries, keys). None: everywhere.

    Returns:
        The outputs, shape (..., queries, v), and the attention weights, shape
        (..., queries, keys).

    Raises:
        ValueError: when the shapes do not fit or the mask holds other numbers.
    """
    scores = query @ key.swapaxes(-1, -2) / math.sqrt(query.shape[-1])
    weights = masked_softmax(scores, mask)
    return weights @ value, weights


@shapes(
    gradient="*batch queries v",
    query="*batch queries d",
    key="*batch keys d",
    value="*batch keys v",
    weights="*batch queries keys",
)
def scaled_dot_product_attention_backward(
    gradient: np.ndarray,
    query: np.ndarray,
    key: np.ndarray,
    value: np.ndarray,
    weights: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the gradients of `scaled_dot_product_attention` for query, key and value.

    The mask is not needed again: where it forbids, the weights are zero.

    Args:
        gradient: of the loss with respect to the outputs, shape (..., queries, v).
        query: as in `scaled_dot_product_attention`.
        key: likewise.
        value: likewise.
        weights: the second of what it returned.

    Returns:
        Three arrays, shaped like query, key and value.

    Raises:
        ValueError: when the shapes do not fit.
    """
    blame = gradient @ value.swapaxes(-1, -2)
    blame = blame - np.sum(weights * blame, axis=-1, keepdims=True)
    blame = weights * blame / math.sqrt(query.shape[-1])
    query_gradient, key_gradient = blame @ key, blame.swapaxes(-1, -2) @ query
    return query_gradient, key_gradient, weights.swapaxes(-1, -2) @ gradient


def causal_mask(length: int) -> np.ndarray:
    """Return which token may look at which when none may look ahead.

    Args:
        length: how many tokens there are.

    Returns:
        Shape (length, length), bool: True on and below the diagonal, since a
        token may look at itself.
    """
    return np.tril(np.ones((length, length), dtype=bool))


@shapes(inputs="n t d", kernel="d heads size", bias="heads size")
def project_heads(inputs: np.ndarray, kernel: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Return x W_i + b_i for every head i.

    Args:
        inputs: x, shape (n, t, d).
        kernel: the W_i, shape (d, heads, size).
        bias: the b_i, shape (heads, size).

    Returns:
        Shape (n, heads, t, size).

    Raises:
        ValueError: when the shapes do not fit.
    """
    return np.einsum("ntd,dhs->nhts", inputs, kernel) + bias[:, np.newaxis]


@may_look
@shapes(
    query="n queries d",
    key="n keys e",
    value="n keys f",
    query_kernel="d heads size",
    query_bias="heads size",
    key_kernel="e heads size",
    key_bias="heads size",
    value_kernel="f heads v",
    value_bias="heads v",
    output_kernel="heads v out",
    output_bias="out",
)
def multi_head_attention(
    query: np.ndarray,
    key: np.ndarray,
    value: np.ndarray,
    query_kernel: np.ndarray,
    query_bias: np.ndarray,
    key_kernel: np.ndarray,
    key_bias: np.ndarray,
    value_kernel: np.ndarray,
    value_bias: np.ndarray,
    output_kernel: np.ndarray,
    output_bias: np.ndarray,
    mask: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Return Concat(head_1, ..., head_h) W^O + b, and each head's attention weights.

    head_i is the scaled dot-product attention of the query, the key and the value
    after head i's own projections. Self-attention: the same array three times.
    Source: Vaswani and others (2017), Attention Is All You Need, NIPS, section
    3.2.2. Keras: `MultiHeadAttention`, called with (query, value, key).

    Args:
        query: shape (n, queries, d).
        key: shape (n, keys, e).
        value: shape (n, keys, f).
        query_kernel: shape (d, heads, size).
        query_bias: shape (heads, size).
        key_kernel: shape (e, heads, size).
        key_bias: shape (heads, size).
        value_kernel: shape (f, heads, v).
        value_bias: shape (heads, v).
        output_kernel: W^O, shape (heads, v, out).
        output_bias: shape (out,).
        mask: True where a query may look at a key, for all heads; shape
            (queries, keys), (n, queries, keys) or one that broadcasts to it.

    Returns:
        The outputs, shape (n, queries, out), and the attention weights, shape
        (n, heads, queries, keys).

    Raises:
        ValueError: when the shapes do not fit or the mask holds other numbers.
    """
    queries = project_heads(query, query_kernel, query_bias)
    keys = project_heads(key, key_kernel, key_bias)
    values = project_heads(value, value_kernel, value_bias)
    mask = None if mask is None else np.expand_dims(mask, -3)
    heads, weights = scaled_dot_product_attention(queries, keys, values, mask)
    return np.einsum("nhqv,hvo->nqo", heads, output_kernel) + output_bias, weights


@may_look
@shapes(
    gradient="n queries out",
    query="n queries d",
    key="n keys e",
    value="n keys f",
    query_kernel="d heads size",
    query_bias="heads size",
    key_kernel="e heads size",
    key_bias="heads size",
    value_kernel="f heads v",
    value_bias="heads v",
    output_kernel="heads v out",
    output_bias="out",
)
def multi_head_attention_backward(
    gradient: np.ndarray,
    query: np.ndarray,
    key: np.ndarray,
    value: np.ndarray,
    query_kernel: np.ndarray,
    query_bias: np.ndarray,
    key_kernel: np.ndarray,
    key_bias: np.ndarray,
    value_kernel: np.ndarray,
    value_bias: np.ndarray,
    output_kernel: np.ndarray,
    output_bias: np.ndarray,
    mask: np.ndarray | None = None,
) -> dict[str, np.ndarray]:
    """Return the gradients of `multi_head_attention`.

    The heads are computed again. For self-attention the gradient of the input is
    the sum of those for query, key and value.

    Args:
        gradient: of the loss with respect to the outputs, shape (n, queries, out).
        query: as in `multi_head_attention`, and so are all other arguments.
        key: see there.
        value: see there.
        query_kernel: see there.
        query_bias: see there.
        key_kernel: see there.
        key_bias: see there.
        value_kernel: see there.
        value_bias: see there.
        output_kernel: see there.
        output_bias: see there.
        mask: see there.

    Returns:
        A dictionary with the gradients for query, key, value and the eight
        weights, by the names of the arguments, each shaped like what it is for.

    Raises:
        ValueError: when the shapes do not fit or the mask holds other numbers.
    """
    queries = project_heads(query, query_kernel, query_bias)
    keys = project_heads(key, key_kernel, key_bias)
    values = project_heads(value, value_kernel, value_bias)
    mask = None if mask is None else np.expand_dims(mask, -3)
    heads, weights = scaled_dot_product_attention(queries, keys, values, mask)
    to_heads = np.einsum("nqo,hvo->nhqv", gradient, output_kernel, optimize=True)
    back = scaled_dot_product_attention_backward(to_heads, queries, keys, values, weights)
    gradients = {}
    for name, blame, inputs, kernel in (
        ("query", back[0], query, query_kernel),
        ("key", back[1], key, key_kernel),
        ("value", back[2], value, value_kernel),
    ):
        gradients[name] = np.einsum("nhts,dhs->ntd", blame, kernel, optimize=True)
        gradients[f"{name}_kernel"] = np.einsum("ntd,nhts->dhs", inputs, blame, optimize=True)
        gradients[f"{name}_bias"] = blame.sum(axis=(0, 2))
    gradients["output_kernel"] = np.einsum("nhqv,nqo->hvo", heads, gradient, optimize=True)
    gradients["output_bias"] = gradient.sum(axis=(0, 1))
    return gradients


def sinusoidal_positions(length: int, features: int, base: float = 10_000.0) -> np.ndarray:
    """Return a code of sines and cosines for every position.

    PE(pos, 2i) = sin(pos / base^(2i / features)), and PE(pos, 2i + 1) is the
    cosine of the same angle. Source: Vaswani and others (2017), Attention Is All
    You Need, NIPS, section 3.5.

    Args:
        length: how many positions, counted from 0.
        features: how many numbers for each.
        base: the larger, the longer the longest wave.

    Returns:
        Shape (length, features).
    """
    columns = np.arange(features)
    rates = base ** (-2 * (columns // 2) / features)
    angles = np.arange(length)[:, np.newaxis] * rates
    return np.where(columns % 2 == 0, np.sin(angles), np.cos(angles))


@shapes(x="*batch t d", positions="t")
@pairs_of_features
def rotate(x: np.ndarray, positions: np.ndarray, base: float = 10_000.0) -> np.ndarray:
    """Turn each pair of features by an angle that grows with the position.

    The pair (2i, 2i + 1) turns by position / base^(2i / d). The dot product of a
    rotated query and a rotated key depends on their positions only through the
    difference. Source: Su and others (2024), RoFormer, Neurocomputing 568, equation
    34. Some libraries pair feature i with feature i + d / 2 instead, which is the
    same up to the order of the features.

    A rotation is undone by `rotate(x, -positions)`, and that is also the way back:
    the gradient for x is `rotate(gradient, -positions)`.

    Args:
        x: queries or keys, shape (..., t, d), d even.
        positions: shape (t,).
        base: the larger, the slower the slowest pair.

    Returns:
        Shaped like x.

    Raises:
        ValueError: when the shapes do not fit or d is odd.
    """
    rates = base ** (-np.arange(0, x.shape[-1], 2) / x.shape[-1])
    angles = positions[:, np.newaxis] * rates
    even, odd = x[..., ::2], x[..., 1::2]
    turned_even = even * np.cos(angles) - odd * np.sin(angles)
    turned_odd = even * np.sin(angles) + odd * np.cos(angles)
    return np.stack([turned_even, turned_odd], axis=-1).reshape(x.shape)
