"""Pictures for lesson 15: the whole Transformer, an alignment, places, a learning curve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from course_lib.figures import style
from course_lib.scratch.shapes import shapes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LEFT, RIGHT = 2.2, 8.2  # the middles of encoder and decoder


def draw_transformer(
    source_length: int, target_length: int, width: int, *, depth: int, symbols: int
) -> Figure:
    """Draw an encoder-decoder Transformer from bottom to top, with the shape of each tensor.

    Args:
        source_length: tokens of the source.
        target_length: tokens of the target.
        width: features of a token.
        depth: blocks on each side.
        symbols: how many symbols the logits choose from.

    Raises:
        ValueError: when a number is not at least 1.
    """
    import matplotlib.pyplot as plt

    numbers = (source_length, target_length, width, depth, symbols)
    if min(numbers) < 1:
        raise ValueError(f"draw_transformer needs numbers of at least 1, but got {numbers}.")
    figure, axes = plt.subplots(figsize=(9.6, 7.0))
    axes.set(xlim=(-0.9, 11.3), ylim=(-0.6, 10.9))
    axes.axis("off")
    source, target = f"{source_length} × {width}", f"{target_length} × {width}"
    _block(axes, LEFT, 3.0, 6.1, f"× {depth}", "encoder", at_left=True)
    _block(axes, RIGHT, 3.0, 8.1, f"× {depth}", "decoder", at_left=False)
    left = [
        (0.0, f"source: {source_length} tokens", style.GREY),
        (1.7, "embedding + positions", style.ORANGE),
        (3.7, "self-attention", style.BLUE),
        (5.4, "feed-forward", style.GREEN),
        (7.4, "norm", style.GREY),
    ]
    right = [
        (0.0, f"target so far: {target_length} tokens", style.GREY),
        (1.7, "embedding + positions", style.ORANGE),
        (3.7, "self-attention, causal", style.BLUE),
        (5.4, "cross-attention", style.RED),
        (7.4, "feed-forward", style.GREEN),
        (9.0, "norm, dense", style.GREY),
        (10.4, f"logits: {target_length} × {symbols}", style.GREY),
    ]
    for middle, parts in ((LEFT, left), (RIGHT, right)):
        for y, text, colour in parts:
            axes.text(
                middle,
                y,
                text,
                ha="center",
                va="center",
                bbox={"boxstyle": "square,pad=0.35", "fc": "white", "ec": colour, "lw": 2},
            )
        for (low, _, _), (high, _, _) in pairwise(parts):
            _arrow(axes, [(middle, low + 0.42), (middle, high - 0.42)], style.BLACK)
    for x, y, shape in ((LEFT, 2.45, source), (RIGHT, 2.45, target), (RIGHT, 8.35, target)):
        axes.text(x + 0.2, y, shape, va="center", fontsize=12, color=style.GREY)
    path = [(LEFT, 7.82), (LEFT, 8.9), (5.2, 8.9), (5.2, 5.4), (RIGHT - 1.1, 5.4)]
    _arrow(axes, path, style.RED)
    axes.text(LEFT + 0.2, 8.45, f"memory: {source}", va="center", fontsize=12, color=style.RED)
    return figure


def _block(
    axes: Axes, middle: float, low: float, high: float, count: str, name: str, at_left: bool
) -> None:
    from matplotlib.patches import Rectangle

    axes.add_patch(
        Rectangle(
            (middle - 2.2, low), 4.4, high - low, fc="#F2F2F2", ec=style.GREY, lw=1.2, zorder=0
        )
    )
    x, side = (middle - 2.3, "right") if at_left else (middle + 2.3, "left")
    axes.text(x, (low + high) / 2, count, ha=side, va="center", fontsize=17)
    axes.text(middle - 2.1, high - 0.08, name, ha="left", va="top", fontsize=12, color=style.GREY)


def _arrow(axes: Axes, points: list[tuple[float, float]], colour: str) -> None:
    xs, ys = np.array(points).T
    axes.plot(xs[:-1], ys[:-1], color=colour, lw=2, zorder=1)
    axes.annotate(
        "",
        points[-1],
        points[-2],
        arrowprops={"arrowstyle": "-|>", "color": colour, "lw": 2, "shrinkA": 0, "shrinkB": 0},
    )


@shapes(weights="m n")
def draw_alignment(weights: np.ndarray, source: str, target: str) -> Figure:
    """Draw where in the source a decoder looked for each character of the target.

    Args:
        weights: a row for each character written, a column for each of the source; rows
            and columns behind those of the texts are left out.
        source: what was read.
        target: what was written.

    Raises:
        ValueError: when there are fewer rows or columns than characters.
    """
    import matplotlib.pyplot as plt

    if len(target) > weights.shape[0] or len(source) > weights.shape[1]:
        raise ValueError(
            f"draw_alignment needs weights of shape ({len(target)}, {len(source)}) or more, but "
            f"got {weights.shape}."
        )
    figure, axes = plt.subplots(figsize=(8.4, 5.0))
    picture = axes.imshow(weights[: len(target), : len(source)], vmin=0, aspect="auto")
    axes.set_xticks(range(len(source)), list(source))
    axes.set_yticks(range(len(target)), list(target))
    axes.set(xlabel="character of the source", ylabel="character that is written")
    axes.grid(False)
    figure.colorbar(picture, label="attention weight")
    return figure


def draw_places(curves: Mapping[str, Sequence[float]], places: Sequence[str]) -> Figure:
    """Draw the share of right symbols at each place of the target.

    Args:
        curves: by name, one share for each place.
        places: the places' names.

    Raises:
        ValueError: when there is no curve, or one has not a share for each place.
    """
    import matplotlib.pyplot as plt

    if not curves or any(len(one) != len(places) for one in curves.values()):
        raise ValueError("draw_places needs, for each name, one share for each place.")
    figure, axes = plt.subplots(figsize=(8.4, 3.9))
    looks = zip(("s--", "o-", "^-."), (style.GREY, style.RED, style.BLUE), strict=True)
    for (name, one), (line, colour) in zip(curves.items(), looks, strict=False):
        axes.plot(range(len(places)), one, line, color=colour, label=name)
    axes.set_xticks(range(len(places)), places)
    axes.set(xlabel="place in the answer", ylabel="share of right symbols", ylim=(0, 1.05))
    axes.legend(loc="lower left")
    return figure


def draw_learning_curve(counts: Sequence[int], scores: Mapping[str, Sequence[float]]) -> Figure:
    """Draw held-out chrF against the number of training pairs, on a logarithmic axis.

    Args:
        counts: training pairs.
        scores: for each method its scores, one for each count.

    Raises:
        ValueError: when a method has not one score for each count, or there is none.
    """
    import matplotlib.pyplot as plt

    if not scores or any(len(one) != len(counts) for one in scores.values()):
        raise ValueError("draw_learning_curve needs, for each method, one score for each count.")
    figure, axes = plt.subplots(figsize=(8.0, 3.9))
    colours = (style.GREY, style.BLUE, style.RED)
    for (name, one), line, colour in zip(
        scores.items(), ("s--", "o-", "^-."), colours, strict=False
    ):
        axes.semilogx(counts, one, line, color=colour, label=name)
    axes.set(xlabel="training pairs", ylabel="chrF on held-out pairs")
    axes.set_xticks(list(counts), [f"{count:,}" for count in counts])
    axes.minorticks_off()
    axes.set_ylim(bottom=0)
    axes.legend(loc="lower right")
    return figure
