"""Pictures of lesson 08: digits with their labels, training logs, runs over seeds, errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from course_lib.figures import style
from course_lib.scratch.shapes import shapes

if TYPE_CHECKING:
    import pandas as pd
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


def draw_shares(table: pd.DataFrame) -> Figure:
    """Draw, for each row of a table, its share of each column's sum.

    Args:
        table: numbers from 0; the rows are drawn from the top downwards.

    Raises:
        ValueError: when a column sums to nothing.
    """
    import matplotlib.pyplot as plt

    sums = table.sum()
    if not (sums > 0).all():
        raise ValueError(f"draw_shares needs columns with a positive sum, but got {dict(sums)}.")
    figure, axes = plt.subplots(figsize=(7.0, 1.0 + 0.75 * len(table)))
    (100 * table / sums).plot.barh(ax=axes, color=[style.BLUE, style.ORANGE, style.GREEN])
    axes.invert_yaxis()
    axes.set_xlabel("share of the whole (%)")
    return figure


def draw_differences(differences: Sequence[int], limit: float) -> Figure:
    """Draw how often two equally good networks differ by so many errors.

    Args:
        differences: of their errors, one for each pair of tests, from 0.
        limit: is marked.

    Raises:
        ValueError: when there is no difference to draw.
    """
    import matplotlib.pyplot as plt

    if not len(differences):
        raise ValueError("draw_differences needs at least one difference.")
    figure, axes = plt.subplots()
    axes.hist(differences, list(np.arange(max(differences) + 2) - 0.5), color=style.SKY)
    axes.axvline(limit, color=style.RED, label="so many or more: once in twenty times")
    axes.set(xlabel="difference in errors, of 10,000", ylabel="pairs of tests")
    axes.legend()
    return figure


def draw_handed_over(handed_over: Sequence[int], mistakes: Sequence[int]) -> Figure:
    """Draw the mistakes that remain when so many images go to a person.

    Args:
        handed_over: how many images a person reads, one for each point.
        mistakes: how many mistakes the network makes on the others.

    Raises:
        ValueError: when the two are not of one length.
    """
    import matplotlib.pyplot as plt

    if len(handed_over) != len(mistakes):
        raise ValueError(
            f"draw_handed_over needs as many mistakes as numbers handed over, but got "
            f"{len(mistakes)} and {len(handed_over)}."
        )
    figure, axes = plt.subplots()
    axes.plot(handed_over, mistakes)
    axes.set(xlabel="images handed to a person, of 10,000", ylabel="mistakes that remain")
    axes.set_ylim(0, None)
    return figure
