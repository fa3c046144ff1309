"""Pictures for lesson 15: the whole Transformer, scores with intervals, a learning curve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from course_lib.figures import style

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


def draw_scores(
    scores: Mapping[str, float],
    intervals: Mapping[str, Sequence[float]],
    label: str = "chrF on held-out pairs, with its 95 % interval",
) -> Figure:
    """Draw scores as bars, each with its interval; the first name stands on top.

    Args:
        scores: for each name its score.
        intervals: for each name the two ends.
        label: of the axis.

    Raises:
        ValueError: when there is no score, or an interval is missing or does not hold its score.
    """
    import matplotlib.pyplot as plt

    if not scores or set(scores) != set(intervals):
        raise ValueError(
            f"draw_scores needs an interval for each score, but got scores {list(scores)} and "
            f"intervals {list(intervals)}."
        )
    for name, score in scores.items():
        low, high = intervals[name]
        if not low <= score <= high:
            raise ValueError(
                f"draw_scores: the score of {name}, {score:.3f}, should lie in its interval, "
                f"{low:.3f} to {high:.3f}."
            )
    figure, axes = plt.subplots(figsize=(8.4, 0.6 * len(scores) + 1.2))
    names = list(scores)
    heights = np.arange(len(names))[::-1]
    colours = [style.BLUE if "Transformer" in name else style.GREY for name in names]
    axes.barh(heights, [scores[name] for name in names], color=colours, height=0.6)
    ends = np.array([intervals[name] for name in names])
    axes.hlines(heights, ends[:, 0], ends[:, 1], color=style.BLACK, lw=2.5)
    axes.plot(ends.T, np.tile(heights, (2, 1)), "|", color=style.BLACK, ms=12, mew=2)
    axes.set_yticks(heights, names)
    axes.set_xlabel(label)
    axes.set_xlim(left=0)
    axes.grid(axis="y", visible=False)
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
