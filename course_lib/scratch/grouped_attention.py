"""Grouped-query attention, forward, backward, and one step with a cache.

Several heads of queries share the keys and values of one group, so that fewer of
these are kept. Query head i belongs to group i // (heads / groups): neighbours
share. With one group it is multi-query attention, with as many groups as heads
the usual one. Positions are rotary; there are no biases. A mask is True where a
query may look at a key, as in `attention`.

Sources: Ainslie and others (2023), GQA: Training Generalized Multi-Query
Transformer Models from Multi-Head Checkpoints, EMNLP, section 2.2; one group:
Shazeer (2019), Fast Transformer Decoding: One Write-Head is All You Need,
arXiv:1911.02150.

The kernels are laid out as those of `keras.layers.GroupQueryAttention` with
`use_bias=False`, so `*layer.get_weights()` can be handed in.
"""

from typing import Any

import numpy as np

from course_lib.scratch.attention import (
    causal_mask,
    may_look,
    scaled_dot_product_attention,
    scaled_dot_product_attention_backward,
)
from course_lib.scratch.rotary import rotate_pairs
from course_lib.scratch.shapes import requires, shapes

Table = tuple[np.ndarray, np.ndarray]


def _divides(name: str, groups: int, heads: int) -> None:
    if not groups or heads % groups:
        raise ValueError(
            f"{name}: the groups of keys and values should divide the {heads} heads of "
            f"queries, but are {groups}."
        )


@requires
def groups_divide_heads(name: str, given: dict[str, Any]) -> None:
    """Require axis -3, the heads, of `query` to be a multiple of that of `key`."""
    _divides(name, np.shape(given["key"])[-3], np.shape(given["query"])[-3])


@requires
def kernels_divide(name: str, given: dict[str, Any]) -> None:
    """Require the heads of the query's kernel to be a multiple of the groups."""
    heads, groups = (np.shape(given[one])[1] for one in ("query_kernel", "key_kernel"))
    _divides(name, groups, heads)


@requires
def positive_window(name: str, given: dict[str, Any]) -> None:
    """Require a positive whole number as `window`, or None."""
    window = given["window"]
    whole = isinstance(window, int | np.integer) and not isinstance(window, bool)
    if window is not None and not (whole and window > 0):
        raise ValueError(
            f"{name}: window should be a positive whole number of tokens, or None, "
            f"but is {window!r}."
        )


@positive_window
def window_mask(length: int, window: int | None) -> np.ndarray:
    """Return which token may look at which: at itself and the window - 1 before it.

    Source: Beltagy, Peters and Cohan (2020), Longformer: The Long-Document
    Transformer, arXiv:2004.05150, section 3.1; looking back only, as in Jiang and
    others (2023), Mistral 7B, arXiv:2310.06825, section 2.

    Args:
        length: how many tokens there are.
        window: how many of them one sees, itself among them. None: all before it,
            the causal mask.

    Returns:
        Shape (length, length), bool.

    Raises:
        ValueError: when the window is no positive whole number.
    """
    mask = causal_mask(length)
    return mask if window is None else mask & ~np.tril(mask, -window)


@may_look
@shapes(query="*batch heads queries d", key="*batch groups keys d", value="*batch groups keys v")
@groups_divide_heads
def grouped_attention(
    query: np.ndarray, key: np.ndarray, value: np.ndarray, mask: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return what each head reads from the keys and values of its group, and the weights.

    Source: Ainslie and others (2023), GQA, EMNLP, section 2.2.

    Args:
        query: shape (..., heads, queries, d).
        key: shape (..., groups, keys, d).
        value: shape (..., groups, keys, v).
        mask: True where a query may look at a key, broadcasting to
            (..., heads, queries, keys). None: everywhere.

    Returns:
        The outputs, shape (..., heads, queries, v), and the attention weights, shape
        (..., heads, queries, keys).

    Raises:
        ValueError: when the shapes do not fit, the groups do not divide the heads, or
            the mask holds other numbers.
    """
    shared = query.shape[-3] // key.shape[-3]
    key, value = np.repeat(key, shared, axis=-3), np.repeat(value, shared, axis=-3)
    return scaled_dot_product_attention(query, key, value, mask)


@shapes(
    gradient="*batch heads queries v",
    query="*batch heads queries d",
    key="*batch groups keys d",
    value="*batch groups keys v",
    weights="*batch heads queries keys",
)
@groups_divide_heads
def grouped_attention_backward(
    gradient: np.ndarray,
    query: np.ndarray,
    key: np.ndarray,
    value: np.ndarray,
    weights: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the gradients of `grouped_attention` for query, key and value.

    A key that several heads used gets the sum of what they send back.

    Args:
        gradient: of the loss with respect to the outputs, shape (..., heads, queries, v).
        query: as in `grouped_attention`.
        key: likewise.
        value: likewise.
        weights: the second of what it returned.

    Returns:
        Three arrays, shaped like query, key and value.

    Raises:
        ValueError: when the shapes do not fit or the groups do not divide the heads.
    """
    groups = key.shape[-3]
    shared = query.shape[-3] // groups
    keys, values = np.repeat(key, shared, axis=-3), np.repeat(value, shared, axis=-3)
    back = scaled_dot_product_attention_backward(gradient, query, keys, values, weights)

    def of_group(blame: np.ndarray) -> np.ndarray:
        together = blame.reshape(*blame.shape[:-3], groups, shared, *blame.shape[-2:])
        return together.sum(axis=-3)

    return back[0], of_group(back[1]), of_group(back[2])


def _turned(heads: np.ndarray, table: Table | None, halves: bool, back: int = 1) -> np.ndarray:
    """Return heads turned by their positions; with `back` -1, turned back."""
    return heads if table is None else rotate_pairs(heads, table[0], back * table[1], halves)


def _heads(
    x: np.ndarray, *kernels: np.ndarray, table: Table | None, halves: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return queries and keys, turned by their positions, and values."""
    query, key, value = (np.einsum("ntd,dhs->nhts", x, kernel) for kernel in kernels)
    return _turned(query, table, halves), _turned(key, table, halves), value


@may_look
@shapes(
    x="n t d",
    query_kernel="d heads size",
    key_kernel="d groups size",
    value_kernel="d groups v",
    output_kernel="heads v out",
)
@kernels_divide
def grouped_query_attention(
    x: np.ndarray,
    query_kernel: np.ndarray,
    key_kernel: np.ndarray,
    value_kernel: np.ndarray,
    output_kernel: np.ndarray,
    mask: np.ndarray | None = None,
    table: Table | None = None,
    halves: bool = False,
) -> tuple[np.ndarray, np.ndarray]:
    """Return self-attention whose heads share keys and values, and its weights.

    Source: Ainslie and others (2023), GQA, EMNLP, section 2.2, with the positions of
    Su and others (2024), RoFormer, section 3.2. Keras: `GroupQueryAttention`, which
    has no positions.

    Args:
        x: shape (n, t, d).
        query_kernel: shape (d, heads, size).
        key_kernel: shape (d, groups, size).
        value_kernel: shape (d, groups, v).
        output_kernel: shape (heads, v, out).
        mask: True where a token may look at another, as `window_mask(t, window)`;
            shape (t, t), (n, t, t) or one that broadcasts to it. None: everywhere.
        table: cosines and sines of `rotary.rotary_table` for the t positions. None:
            queries and keys are not turned.
        halves: how features are paired, as in `rotary.rotate_pairs`.

    Returns:
        The outputs, shape (n, t, out), and the attention weights, shape
        (n, heads, t, t).

    Raises:
        ValueError: when the shapes do not fit, the groups do not divide the heads, or
            the mask holds other numbers.
    """
    kernels = query_kernel, key_kernel, value_kernel
    query, key, value = _heads(x, *kernels, table=table, halves=halves)
    mask = None if mask is None else np.expand_dims(mask, -3)
    heads, weights = grouped_attention(query, key, value, mask)
    return np.einsum("nhtv,hvo->nto", heads, output_kernel), weights


@may_look
@shapes(
    gradient="n t out",
    x="n t d",
    query_kernel="d heads size",
    key_kernel="d groups size",
    value_kernel="d groups v",
    output_kernel="heads v out",
)
@kernels_divide
def grouped_query_attention_backward(
    gradient: np.ndarray,
    x: np.ndarray,
    query_kernel: np.ndarray,
    key_kernel: np.ndarray,
    value_kernel: np.ndarray,
    output_kernel: np.ndarray,
    mask: np.ndarray | None = None,
    table: Table | None = None,
    halves: bool = False,
) -> dict[str, np.ndarray]:
    """Return the gradients of `grouped_query_attention`.

    The heads are computed again. Queries and keys were turned on the way forward;
    their gradients are turned back.

    Args:
        gradient: of the loss with respect to the outputs, shape (n, t, out).
        x: as in `grouped_query_attention`, and so are all other arguments.
        query_kernel: see there.
        key_kernel: see there.
        value_kernel: see there.
        output_kernel: see there.
        mask: see there.
        table: see there.
        halves: see there.

    Returns:
        A dictionary with the gradients for x and the four kernels, by the names of
        the arguments, each shaped like what it is for.

    Raises:
        ValueError: when the shapes do not fit, the groups do not divide the heads, or
            the mask holds other numbers.
    """
    kernels = query_kernel, key_kernel, value_kernel
    query, key, value = _heads(x, *kernels, table=table, halves=halves)
    mask = None if mask is None else np.expand_dims(mask, -3)
    heads, weights = grouped_attention(query, key, value, mask)
    to_heads = np.einsum("nto,hvo->nhtv", gradient, output_kernel, optimize=True)
    blames = grouped_attention_backward(to_heads, query, key, value, weights)
    turned_back = [_turned(blame, table, halves, back=-1) for blame in blames[:2]]
    gradients = {"output_kernel": np.einsum("nhtv,nto->hvo", heads, gradient, optimize=True)}
    parts = []
    names = "query_kernel", "key_kernel", "value_kernel"
    for name, blame, kernel in zip(names, [*turned_back, blames[2]], kernels, strict=True):
        parts.append(np.einsum("nhts,dhs->ntd", blame, kernel, optimize=True))
        gradients[name] = np.einsum("ntd,nhts->dhs", x, blame, optimize=True)
    return {"x": parts[0] + parts[1] + parts[2], **gradients}


@shapes(
    x="n new d",
    query_kernel="d heads size",
    key_kernel="d groups size",
    value_kernel="d groups v",
    output_kernel="heads v out",
    keys="n groups past size",
    values="n groups past v",
)
@kernels_divide
@positive_window
def grouped_query_step(
    x: np.ndarray,
    query_kernel: np.ndarray,
    key_kernel: np.ndarray,
    value_kernel: np.ndarray,
    output_kernel: np.ndarray,
    keys: np.ndarray,
    values: np.ndarray,
    window: int | None = None,
    table: Table | None = None,
    halves: bool = False,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the outputs at new tokens, and the cache with their keys and values.

    The same as the last outputs of `grouped_query_attention` over all tokens with the
    mask `window_mask`. Keys are kept turned, so that each is turned once. With a
    window only its last window - 1 tokens need to be kept for the next step: the cut
    is the caller's.

    Source: Pope and others (2023), Efficiently Scaling Transformer Inference, MLSys,
    section 2.

    Args:
        x: the new tokens, shape (n, new, d): a whole prompt, or one.
        query_kernel: as in `grouped_query_attention`.
        key_kernel: likewise.
        value_kernel: likewise.
        output_kernel: likewise.
        keys: of the tokens before, shape (n, groups, past, size); past may be 0.
        values: likewise, shape (n, groups, past, v).
        window: as in `window_mask`.
        table: cosines and sines for the positions of the new tokens.
        halves: as in `rotary.rotate_pairs`.

    Returns:
        The outputs, shape (n, new, out), and the longer keys and values.

    Raises:
        ValueError: when the shapes do not fit, the groups do not divide the heads, or
            the window is no positive whole number.
    """
    kernels = query_kernel, key_kernel, value_kernel
    query, key, value = _heads(x, *kernels, table=table, halves=halves)
    past = keys.shape[2]
    keys = np.concatenate([keys, key], axis=2)
    values = np.concatenate([values, value], axis=2)
    mask = window_mask(keys.shape[2], window)[past:]
    heads, _ = grouped_attention(query, keys, values, mask)
    return np.einsum("nhtv,hvo->nto", heads, output_kernel), keys, values
