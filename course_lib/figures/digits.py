"""Pictures of lesson 08: digits with their labels, training logs, runs over seeds, errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from course_lib.figures import style
from course_lib.scratch.shapes import shapes

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@shapes(images="n height width")
def draw_digits(images: np.ndarray, titles: Sequence[str], columns: int = 5) -> Figure:
    """Draw images in a grid, each with a line or two of text above it.

    Args:
        images: shape (n, height, width), grey values from 0, on one scale.
        titles: n texts.
        columns: how many images stand beside each other.

    Raises:
        ValueError: when there is no image, or not one title for each.
    """
    import matplotlib.pyplot as plt

    if not len(images) or len(titles) != len(images):
        raise ValueError(
            f"draw_digits needs images and one title for each, but got {len(images)} images and "
            f"{len(titles)} titles."
        )
    rows = -(-len(images) // columns)
    lines = max(title.count("\n") for title in titles) + 1
    figure, grid = plt.subplots(
        rows, columns, figsize=(1.75 * columns, (1.5 + 0.26 * lines) * rows), squeeze=False
    )
    for axes in grid.flat:
        axes.axis("off")
    for axes, image, title in zip(grid.flat, images, titles, strict=False):
        axes.imshow(image, cmap="gray_r", vmin=0, vmax=images.max())
        axes.set_title(title, fontsize=13, fontweight="normal")
    return figure


def draw_logs(logs: Mapping[str, Mapping[str, Sequence[float]]]) -> Figure:
    """Draw training logs beside each other: the loss above, the errors below.

    Args:
        logs: by name, logs with "loss", "accuracy", "val_loss" and
            "val_accuracy", one number an epoch.

    Raises:
        ValueError: when there is no log, or a column is missing.
    """
    import matplotlib.pyplot as plt
    from matplotlib.ticker import MaxNLocator

    if not logs:
        raise ValueError("draw_logs needs at least one log.")
    for name, log in logs.items():
        lacking = {"loss", "accuracy", "val_loss", "val_accuracy"} - set(log)
        if lacking:
            raise ValueError(f"draw_logs: {name} has no {', '.join(sorted(lacking))}.")
    figure, grid = plt.subplots(
        2, len(logs), figsize=(3.3 * len(logs), 5.2), squeeze=False, sharey="row"
    )
    for column, (name, log) in enumerate(logs.items()):
        for row, key in enumerate(("loss", "accuracy")):
            axes = grid[row, column]
            for prefix, line, colour in (("", "o-", style.BLUE), ("val_", "s--", style.RED)):
                values = np.asarray(log[prefix + key], dtype=float)
                shown = values if key == "loss" else 100 * (1 - values)
                label = "validation" if prefix else "training"
                epochs = np.arange(1, len(shown) + 1)
                axes.plot(epochs, shown, line, color=colour, ms=4.5, label=label)
            axes.set_yscale("log")
            axes.yaxis.set_major_formatter("{x:g}")
            axes.yaxis.set_minor_formatter("")
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
            axes.set_xlabel("epoch" if row else "")
        grid[0, column].set_title(name)
    grid[0, 0].set_ylabel("loss (nats)")
    grid[1, 0].set_ylabel("errors (%)")
    handles, names = grid[0, 0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=2)
    return figure


def draw_seeds(groups: Mapping[str, Sequence[float]], xlabel: str) -> Figure:
    """Draw runs that differ in their seed as dots in a row, with their mean.

    Args:
        groups: by name, one number for each seed.
        xlabel: what the numbers are.

    Raises:
        ValueError: when there is no group, or one is empty.
    """
    import matplotlib.pyplot as plt

    if not groups or not all(len(values) for values in groups.values()):
        raise ValueError("draw_seeds needs at least one group, and a number in each.")
    figure, axes = plt.subplots(figsize=(8.6, 1.1 + 0.42 * len(groups)))
    for row, values in enumerate(groups.values()):
        label = "a seed" if row == 0 else None
        axes.plot(values, np.full(len(values), row), "o", color=style.BLUE, alpha=0.6, label=label)
        mean = "their mean" if row == 0 else None
        axes.plot(np.mean(values), row, "|", color=style.RED, ms=20, mew=3, label=mean)
    axes.set_yticks(range(len(groups)), list(groups))
    axes.set_ylim(len(groups) - 0.5, -0.5)
    axes.set_xlabel(xlabel)
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
    return figure


@shapes(matrix="k k")
def draw_mistakes(matrix: np.ndarray) -> Figure:
    """Draw the mistakes of a confusion matrix; what is right is left out of the colours.

    Args:
        matrix: shape (k, k), counts; the true class in the rows.
    """
    import matplotlib.pyplot as plt

    wrong = matrix * (1 - np.eye(len(matrix), dtype=int))
    figure, axes = plt.subplots(figsize=(6.2, 5.2))
    axes.imshow(wrong, cmap="Oranges", vmin=0, vmax=1.4 * max(wrong.max(), 1))
    for row, column in np.ndindex(*matrix.shape):
        if row == column:
            axes.text(
                column,
                row,
                f"{matrix[row, row]}",
                ha="center",
                va="center",
                color=style.GREY,
                fontsize=10,
            )
        elif wrong[row, column]:
            axes.text(column, row, f"{wrong[row, column]}", ha="center", va="center", fontsize=13)
    axes.set_xticks(range(len(matrix)))
    axes.set_yticks(range(len(matrix)))
    axes.set(xlabel="read as", ylabel="true digit")
    axes.grid(visible=False)
    return figure
