"""Rotary positions: each pair of features turns by an angle that grows with the position.

`attention.rotate` does that in one go, for neighbouring features. Here the cosines
and sines are a table of their own, made once for all blocks; the pairs may be
neighbours or lie half of the features apart; and the angles can be stretched for
texts longer than those of the training. Angles are in radians.
"""

from typing import Any

import numpy as np

from course_lib.scratch.shapes import requires, shapes


@requires
def fits_table(name: str, given: dict[str, Any]) -> None:
    """Require an even number of features of `x`, and tables with one number a pair."""
    shape = np.shape(given["x"])
    if shape[-1] % 2:
        raise ValueError(
            f"{name} turns pairs of features, so their number should be even, but is {shape[-1]}."
        )
    pairs = (*shape[:-1], shape[-1] // 2)
    for table in ("cosines", "sines"):
        try:
            fits = np.broadcast_shapes(np.shape(given[table]), pairs) == pairs
        except ValueError:
            fits = False
        if not fits:
            raise ValueError(
                f"{name}: {table} should broadcast to one number for each pair of x, "
                f"shape {pairs}, but has shape {np.shape(given[table])}."
            )


def _even(name: str, features: int, least: int) -> None:
    if features % 2 or features < least:
        raise ValueError(
            f"{name}: features should be an even number of at least {least}, but is {features}."
        )


def rotary_rates(
    features: int, base: float = 10_000.0, stretch: float = 1.0, method: str = "positions"
) -> np.ndarray:
    """Return the angle by which each pair turns from one position to the next.

    Pair i turns by base^(-2i / d). Source: Su and others (2024), RoFormer,
    Neurocomputing 568, section 3.2.2 (arXiv:2104.09864).

    A model that saw positions up to L can be stretched to s L in two ways.
    "positions" divides every angle by s, as if positions lay closer: Chen and
    others (2023), Extending Context Window of Large Language Models via Positional
    Interpolation, arXiv:2306.15595, equation 4. "base" takes base s^(d / (d - 2))
    instead of the base, which slows the slowest pair by s and leaves the fastest as
    it was: "NTK-aware" in Peng and others (2024), YaRN, ICLR, section 3.1.

    Args:
        features: d, of a head; even.
        base: the larger, the slower the slowest pair.
        stretch: s, how many times longer than in training; 1 changes nothing.
        method: "positions" or "base".

    Returns:
        Radians a position, shape (d / 2,), the fastest first.

    Raises:
        ValueError: when d is odd or too small, base or stretch is no positive
            number, or the method is another.
    """
    if method not in ("positions", "base"):
        raise ValueError(
            f"rotary_rates: method should be 'positions' or 'base', but is {method!r}."
        )
    _even("rotary_rates", features, 4 if method == "base" else 2)
    for name, value in (("base", base), ("stretch", stretch)):
        if not (np.isfinite(value) and value > 0):
            raise ValueError(f"rotary_rates: {name} should be a positive number, but is {value!r}.")
    powers = np.arange(0, features, 2) / features
    if method == "positions":
        return base**-powers / stretch
    return (base * stretch ** (features / (features - 2))) ** -powers


@shapes(positions="t", rates="pairs")
def rotary_table(positions: np.ndarray, rates: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the cosines and sines of all angles: position times rate.

    Args:
        positions: shape (t,).
        rates: of `rotary_rates`, radians a position, shape (pairs,).

    Returns:
        Cosines and sines, each of shape (t, pairs).

    Raises:
        ValueError: when the shapes do not fit.
    """
    angles = np.multiply.outer(positions, rates)
    return np.cos(angles), np.sin(angles)


@shapes(x="*batch t d", cosines="*rows t pairs", sines="*rows t pairs")
@fits_table
def rotate_pairs(
    x: np.ndarray, cosines: np.ndarray, sines: np.ndarray, halves: bool = False
) -> np.ndarray:
    """Turn each pair of features: (a cos - b sin, a sin + b cos).

    Source: Su and others (2024), RoFormer, equation 34, whose pairs are neighbours,
    (2i, 2i + 1). With `halves`, feature i is paired with feature i + d / 2, as in
    GPT-NeoX (Black and others 2022, arXiv:2204.06745) and libraries since. The two
    differ by an order of the features, `halves_order`.

    Turning back is turning with -sines, and that is also the way back of the
    gradient: dL/dx is `rotate_pairs(gradient, cosines, -sines, halves)`.

    Args:
        x: queries or keys, shape (..., t, d), d even.
        cosines: shape (t, d / 2), or one that broadcasts to (..., t, d / 2).
        sines: likewise.
        halves: whether partners lie d / 2 apart instead of side by side.

    Returns:
        Shaped like x.

    Raises:
        ValueError: when the shapes do not fit or d is odd.
    """
    a, b = np.split(x, 2, axis=-1) if halves else (x[..., ::2], x[..., 1::2])
    turned = [a * cosines - b * sines, a * sines + b * cosines]
    if halves:
        return np.concatenate(turned, axis=-1)
    return np.stack(turned, axis=-1).reshape(x.shape)


def halves_order(features: int) -> np.ndarray:
    """Return the order of features that makes pairs of neighbours pairs of halves.

    First all even places, then all odd ones: 0, 2, 4, ..., 1, 3, 5, ... With p this
    order, x[..., p] turned by halves is x turned by neighbours, in the order p. So
    weights for one way become weights for the other by `kernel[..., p]`, of the
    queries and of the keys, not of the values; `np.argsort(p, kind="stable")`
    leads back.

    Args:
        features: d, of a head; even.

    Returns:
        Whole numbers, shape (d,).

    Raises:
        ValueError: when d is odd or not positive.
    """
    _even("halves_order", features, 2)
    return np.arange(features).reshape(-1, 2).T.ravel()
