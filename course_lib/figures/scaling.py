"""Pictures for lesson 18: sizes of models, runs of many sizes, laws, budgets and memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from course_lib.figures import style
from course_lib.scratch.scaling import best_split, law_loss

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MARKERS = "osD^v<>"


def draw_ladder(models: Mapping[str, int], own: int) -> Figure:
    """Draw the parameters of models on a logarithmic axis, a row for each.

    Args:
        models: counts by name, from the smallest.
        own: so many of the first ones are the course's own, drawn in blue.

    Raises:
        ValueError: when there is no model.
    """
    import matplotlib.pyplot as plt

    if not models:
        raise ValueError("draw_ladder needs at least one model.")
    figure, axes = plt.subplots(figsize=(9.4, 0.5 + 0.4 * len(models)))
    for row, count in enumerate(models.values()):
        colour, marker = (style.BLUE, "o") if row < own else (style.RED, "s")
        axes.plot([1, count], [row, row], "-", color=colour, lw=1.5, alpha=0.5)
        axes.plot([count], [row], marker, color=colour, ms=8)
        axes.annotate(
            f"{count:,}", (count, row), (9, 0), textcoords="offset points", va="center", fontsize=12
        )
    axes.set_yticks(range(len(models)), list(models))
    axes.set(xscale="log", xlim=(1, 100 * max(models.values())), xlabel="parameters")
    axes.set_ylim(-0.6, len(models) - 0.4)
    axes.grid(axis="y", visible=False)
    return figure


def lower_envelope(runs: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the runs that no cheaper run beats: their operations and losses.

    Args:
        runs: columns parameters, tokens, validation_loss.

    Returns:
        Two arrays of the same length, the first one rising, the second falling.
    """
    operations = (6 * runs["parameters"] * runs["tokens"]).to_numpy(np.float64)
    losses = runs["validation_loss"].to_numpy(np.float64)
    order = np.lexsort((losses, operations))
    operations, losses = operations[order], losses[order]
    best = np.minimum.accumulate(losses)
    kept = np.append(True, losses[1:] < best[:-1])
    return operations[kept], losses[kept]


def draw_law(runs: pd.DataFrame, law: Sequence[float], held_out: pd.DataFrame) -> Figure:
    """Draw what a law says of runs: curves through points, and said against measured.

    Args:
        runs: those it was fitted to; columns parameters, tokens, validation_loss.
        law: E, A, alpha, B, beta.
        held_out: those it was not fitted to, drawn as stars.
    """
    import matplotlib.pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(10.4, 4.4))
    far = 1.3 * max(runs["tokens"].max(), held_out["tokens"].max())
    line = np.geomspace(0.9 * runs["tokens"].min(), far, 60)
    colours = _shades(runs["parameters"].nunique())
    for (size, rows), marker, colour in zip(
        runs.groupby("parameters"), MARKERS, colours, strict=False
    ):
        left.plot(line, law_loss(law, size, line), "-", color=colour, lw=1.3)
        left.plot(rows["tokens"], rows["validation_loss"], marker, color=colour, ms=5)
        said = law_loss(law, rows["parameters"], rows["tokens"])
        right.plot(rows["validation_loss"], said, marker, color=colour, ms=5, label=f"{size:,}")
    for number, (size, rows) in enumerate(held_out.groupby("parameters")):
        label = f"{size:,}, held out" if number == 0 else None
        left.plot(line, law_loss(law, size, line), "--", color=style.RED, lw=1.6)
        left.plot(rows["tokens"], rows["validation_loss"], "*", color=style.RED, ms=14)
        said = law_loss(law, rows["parameters"], rows["tokens"])
        right.plot(rows["validation_loss"], said, "*", color=style.RED, ms=14, label=label)
    both = np.concatenate([runs["validation_loss"], held_out["validation_loss"]])
    ends = np.array([both.min() - 0.05, both.max() + 0.05])
    right.plot(ends, ends, "-", color=style.GREY, lw=1.2)
    right.fill_between(ends, 0.95 * ends, 1.05 * ends, color=style.GREY, alpha=0.15, lw=0)
    left.set(xscale="log", xlabel="characters read (millions)", ylabel="validation loss (nats)")
    _mark_millions(left)
    right.set(xlabel="measured (nats)", ylabel="said by the law (nats)", xlim=ends)
    handles, labels = right.get_legend_handles_labels()
    figure.legend(handles, labels, title="parameters", loc="outside right center", fontsize=12)
    return figure


def draw_budgets(
    law: Sequence[float], budgets: Sequence[float], limits: tuple[float, float]
) -> Figure:
    """Draw the law's loss along each budget of operations, and the best split of each.

    Args:
        law: E, A, alpha, B, beta.
        budgets: operations 6 N D, from the smallest; at most seven.
        limits: fewest and most parameters.
    """
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(8.6, 4.4))
    sizes = np.geomspace(*limits, 200)
    for budget, colour in zip(budgets, _shades(len(budgets)), strict=True):
        axes.plot(
            sizes,
            law_loss(law, sizes, budget / 6 / sizes),
            "-",
            color=colour,
            label=f"$10^{{{np.log10(budget):.3g}}}$",
        )
    best, tokens = best_split(law, np.array(budgets, dtype=np.float64))
    axes.plot(best, law_loss(law, best, tokens), "o--", color=style.RED, label="best split")
    axes.set(xscale="log", xlabel="parameters", ylabel="loss by the law (nats)", xlim=limits)
    lowest = law_loss(law, best, tokens)
    axes.set_ylim(lowest.min() - 0.1, lowest.max() + 0.7)
    axes.legend(title="operations", loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=12)
    return figure


def draw_extrapolation(
    laws: Mapping[str, Sequence[float]],
    points: tuple[Sequence[float], Sequence[float]],
    limits: tuple[float, float],
) -> Figure:
    """Draw laws along their best splits far beyond the runs they were fitted to.

    Args:
        laws: E, A, alpha, B, beta by name; at most seven.
        points: operations and losses of runs.
        limits: fewest and most operations.
    """
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(8.6, 4.2))
    operations = np.geomspace(*limits, 100)
    lines = ("-", "--", "-.", ":", "-", "--", "-.")
    for (name, law), line, colour in zip(laws.items(), lines, style.CYCLE, strict=False):
        losses = law_loss(law, *best_split(law, operations))
        axes.plot(operations, losses, line, color=colour, label=name)
    axes.plot(*points, "o", color=style.BLACK, ms=5, label="runs")
    axes.set(xscale="log", xlabel="operations, 6ND", ylabel="loss (nats)", xlim=limits)
    axes.set_ylim(0, None)
    axes.legend(loc="lower left", fontsize=12)
    return figure


def draw_memory(needs: Mapping[str, Mapping[str, float]], cards: Mapping[str, float]) -> Figure:
    """Draw stacked bars of memory, and what cards have as upright lines.

    Args:
        needs: for each use, bytes by what they hold.
        cards: bytes of memory by name.
    """
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(10.0, 1.6 + 0.5 * len(needs)))
    kinds = list(dict.fromkeys(kind for parts in needs.values() for kind in parts))
    hatches = ("", "//", "..", "xx", "\\\\", "++", "oo")
    for row, parts in enumerate(needs.values()):
        left = 0.0
        for kind, size in parts.items():
            place = kinds.index(kind)
            axes.barh(
                row,
                size / 1e9,
                left=left,
                height=0.6,
                color=style.CYCLE[place],
                hatch=hatches[place],
                edgecolor="white",
                lw=0.5,
            )
            left += size / 1e9
    for place, kind in enumerate(kinds):
        axes.barh(
            [0], [0], color=style.CYCLE[place], hatch=hatches[place], edgecolor="white", label=kind
        )
    for name, size in cards.items():
        axes.axvline(size / 1e9, color=style.BLACK, ls="--", lw=1.5)
        axes.annotate(
            name,
            (size / 1e9, 1),
            (3, 3),
            xycoords=axes.get_xaxis_transform(),
            textcoords="offset points",
            fontsize=12,
        )
    axes.set_yticks(range(len(needs)), list(needs))
    axes.invert_yaxis()
    axes.grid(axis="y", visible=False)
    axes.set(xlabel="gigabytes")
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=12)
    return figure


def _mark_millions(axes: Axes) -> None:
    """Label a logarithmic axis in millions, where the usual labels would overlap."""
    low, high = axes.get_xlim()
    ticks = [tick for tick in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20) if low <= 1e6 * tick <= high]
    axes.set_xticks([1e6 * tick for tick in ticks], [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()


def _shades(count: int) -> list[tuple[float, ...]]:
    """Return colours from dark to light, which also grey shows in order."""
    import matplotlib as mpl

    return [mpl.colormaps[style.SEQUENTIAL](share) for share in np.linspace(0, 0.85, count)]
