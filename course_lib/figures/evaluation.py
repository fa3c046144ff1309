"""Pictures of how good a model is: confusion matrix, reliability, leaks before and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from course_lib.figures import style
from course_lib.scratch.shapes import shapes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MARKERS = "os^Dv"


@shapes(matrix="k k")
def draw_confusion_matrix(matrix: np.ndarray, names: Sequence[str]) -> Figure:
    """Draw a confusion matrix, each cell with its count and its share of the row.

    Args:
        matrix: shape (k, k), counts; the true class in the rows.
        names: the k classes.

    Raises:
        ValueError: when there is not one name for each class.
    """
    import matplotlib.pyplot as plt

    if len(names) != len(matrix):
        raise ValueError(
            f"draw_confusion_matrix: names should be {len(matrix)} names, but are {list(names)!r}."
        )
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    figure, axes = plt.subplots(figsize=(1.6 + 1.9 * len(names), 1.0 + 1.4 * len(names)))
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1.2, aspect="auto")
    for (row, column), count in np.ndenumerate(matrix):
        share = shares[row, column]
        colour = "white" if share > 0.6 else style.BLACK
        text = f"{count:,}\n{share:.0%}"
        axes.text(column, row, text, ha="center", va="center", color=colour, fontsize=15)
    axes.set_xticks(range(len(names)), names)
    axes.set_yticks(range(len(names)), names)
    axes.set(xlabel="called", ylabel="true")
    axes.grid(visible=False)
    return figure


def draw_reliability(tables: Mapping[str, tuple[np.ndarray, np.ndarray, np.ndarray]]) -> Figure:
    """Draw what share came true against what was said; larger markers hold more examples.

    Args:
        tables: by name, the three arrays of `scratch.metrics.reliability_table`.

    Raises:
        ValueError: when there is no table.
    """
    import matplotlib.pyplot as plt

    if not tables:
        raise ValueError("draw_reliability needs at least one table.")
    figure, axes = plt.subplots(figsize=(6.4, 4.8))
    axes.plot([0, 1], [0, 1], color=style.GREY, ls="--", lw=1.5, label="said = happened")
    for (name, (said, happened, counts)), marker, colour in zip(
        tables.items(), MARKERS, style.CYCLE[1::-1] + style.CYCLE[2:], strict=False
    ):
        axes.plot(said, happened, color=colour, lw=1.5, marker=marker, ms=4, label=name)
        areas = 12 + 700 * counts / counts.sum()
        axes.scatter(said, happened, s=areas, c=colour, marker=marker, alpha=0.5)
    axes.set(xlabel="probability of default that was said", ylabel="share that defaulted")
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    axes.legend(loc="upper left")
    return figure


def draw_leaks(scores: Mapping[str, np.ndarray]) -> Figure:
    """Draw each leak as an arrow from its score to the score after mending, a dot for each seed.

    Args:
        scores: by the leak's name, shape (seeds, 2): with the leak, and mended.

    Raises:
        ValueError: when there is no leak, or one has not two scores for each seed.
    """
    import matplotlib.pyplot as plt

    if not scores:
        raise ValueError("draw_leaks needs at least one leak.")
    for name, values in scores.items():
        if np.ndim(values) != 2 or np.shape(values)[1] != 2:
            raise ValueError(
                f"draw_leaks: {name} should have shape (seeds, 2), but has shape "
                f"{np.shape(values)}."
            )
    figure, axes = plt.subplots(figsize=(8.6, 0.9 + 0.8 * len(scores)))
    for row, values in enumerate(scores.values()):
        leaky, mended = np.mean(values, axis=0)
        if abs(leaky - mended) > 0.01:
            axes.annotate(
                "",
                (mended, row),
                (leaky, row),
                arrowprops={"arrowstyle": "-|>", "color": style.GREY, "lw": 2},
            )
        for column, colour, marker in ((0, style.RED, "X"), (1, style.BLUE, "o")):
            label = ("with the leak", "mended")[column] if row == 0 else None
            height = np.full(len(values), row)
            axes.scatter(
                values[:, column], height, s=60, c=colour, marker=marker, alpha=0.7, label=label
            )
    axes.set_yticks(range(len(scores)), list(scores))
    axes.set_ylim(len(scores) - 0.5, -0.5)
    axes.set_xlabel("AUC")
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
    return figure
