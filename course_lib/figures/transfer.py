"""The picture of lesson 09: results that differ by draw, seed or batch, method by method."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from course_lib.figures import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw_dots(groups: Mapping[str, Sequence[float]], xlabel: str, dot: str) -> Figure:
    """Draw shares as dots, a row for each group, with the mean of each row written beside it.

    Args:
        groups: by name, from the top downwards, shares from 0 to 1.
        xlabel: what the shares are; they are drawn in per cent.
        dot: what one dot stands for, as in "a draw of labels".

    Raises:
        ValueError: when there is no group, or one is empty.
    """
    import matplotlib.pyplot as plt

    # A table of pandas is such a mapping, too, but has no truth value.
    rows = {name: np.asarray(groups[name], dtype=float) for name in groups}
    if not rows or not all(map(len, rows.values())):
        raise ValueError("draw_dots needs at least one group, and a number in each.")
    figure, axes = plt.subplots(figsize=(8.6, 1.4 + 0.45 * len(rows)))
    for row, shares in enumerate(rows.values()):
        values = 100 * shares
        heights = np.full(len(values), row)
        first = row == 0
        label = dot if first else None
        axes.plot(values, heights, "o", color=style.BLUE, alpha=0.5, ms=8, label=label)
        label = "their mean" if first else None
        axes.plot(values.mean(), row, "|", color=style.RED, ms=22, mew=3, label=label)
        axes.text(
            1.02,
            row,
            f"{values.mean():.0f} %",
            transform=axes.get_yaxis_transform(),
            va="center",
            color=style.RED,
        )
    axes.set_yticks(range(len(rows)), list(rows))
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xlabel(f"{xlabel} (%)")
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
    return figure
