"""Training curves in one house style: loss and accuracy, training and validation.

Training is a solid line with dots, validation a dashed one with squares. A run
that is shown only for comparison is grey. What is no number is marked with a
cross at the upper edge, where a plain plot would show nothing at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from course_lib.figures import show, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

History = Mapping[str, Sequence[float]]
LINES = {"training": ("", "o-", style.BLUE), "validation": ("val_", "s--", style.RED)}


def show_curves(
    history: History,
    title: str,
    alt: str,
    before: History | None = None,
    log_loss: bool = False,
) -> None:
    """Show the picture of `draw_curves`, stored small: a lesson may hold many of them.

    Args:
        history: as for `draw_curves`.
        title: written over the picture.
        alt: what the picture shows, in a sentence or two.
        before: as for `draw_curves`.
        log_loss: as for `draw_curves`.

    Raises:
        ValueError: when a history has no loss or accuracy, or `alt` says too little.
    """
    show(draw_curves(history, before, title, log_loss), alt, colours=48)


def draw_curves(
    history: History, before: History | None = None, title: str = "", log_loss: bool = False
) -> Figure:
    """Draw one run: its loss on the left, its accuracy on the right.

    Args:
        history: with "loss" and "accuracy" and, if there was validation data,
            "val_loss" and "val_accuracy": first the value before any step, as
            epoch 0, then one an epoch.
        before: another run, drawn in grey: the same model before its cure.
        title: written over the picture.
        log_loss: whether the loss has a logarithmic axis.

    Raises:
        ValueError: when "loss" or "accuracy" is missing or a list is empty.
    """
    import matplotlib.pyplot as plt
    from matplotlib.ticker import MaxNLocator

    for run in (history, before):
        if run is not None and not all(len(run.get(key, ())) for key in ("loss", "accuracy")):
            raise ValueError(
                "draw_curves needs a history with loss and accuracy of at least one epoch, "
                f"but got the keys {sorted(run)}."
            )
    figure, (left, right) = plt.subplots(1, 2, figsize=(8.6, 3.1))
    handles: dict[str, Line2D] = {}
    for axes, key in ((left, "loss"), (right, "accuracy")):
        if before is not None:
            handles["before the cure"] = _draw_grey(axes, before, key)
        for name, (prefix, line, colour) in LINES.items():
            if prefix + key in history:
                epochs = np.arange(len(history[prefix + key]))
                values = _finite(history[prefix + key])
                (handles[name],) = axes.plot(epochs, values, line, color=colour, ms=4.5)
        axes.set(xlabel="epoch", ylabel="loss (nats)" if key == "loss" else key)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    right.set_ylim(-0.03, 1.03)
    if log_loss:
        _use_log_scale(left)
    elif any(np.isfinite(line.get_ydata()).any() for line in left.lines):
        # From zero, so that a level line looks level.
        left.set_ylim(0, 1.08 * left.get_ylim()[1])
    else:
        left.set_yticks([])
    for key in ("loss", "val_loss"):
        _mark_missing(left, history.get(key, ()))
    names = list(handles)
    figure.legend([handles[name] for name in names], names, loc="outside lower center", ncols=3)
    if title:
        figure.suptitle(title, fontweight="bold", fontsize=14)
    # The layout finds room for wide tick labels only at its second try.
    figure.draw_without_rendering()
    return figure


def draw_runs(
    runs: Mapping[str, History],
    key: str = "val_loss",
    ylabel: str = "validation loss (nats)",
    first_epoch: int = 1,
) -> Figure:
    """Draw one curve of several runs in one picture.

    Args:
        runs: histories by name; they may differ in length.
        key: the curve to draw.
        ylabel: what the vertical axis says. The axis of an accuracy goes from 0 to 1.
        first_epoch: the epoch of the first number, 0 for the state before any step.

    Raises:
        ValueError: when there is no run, or one has not the curve.
    """
    import matplotlib.pyplot as plt
    from matplotlib.ticker import MaxNLocator

    if not runs:
        raise ValueError("draw_runs needs at least one run.")
    figure, axes = plt.subplots(figsize=(8.0, 3.8))
    for (name, run), marker, colour in zip(runs.items(), "os^Dv<>", style.CYCLE, strict=False):
        if key not in run:
            raise ValueError(f"draw_runs: {name} has no {key}, but {sorted(run)}.")
        epochs = first_epoch + np.arange(len(run[key]))
        axes.plot(epochs, _finite(run[key]), marker + "-", color=colour, label=name, ms=4.5)
    axes.set(xlabel="epoch", ylabel=ylabel)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    if key.endswith("accuracy"):
        axes.set_ylim(-0.03, 1.03)
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=12)
    return figure


def draw_sizes(sizes: Mapping[str, Sequence[float]], xlabel: str, ylabel: str) -> Figure:
    """Draw positive numbers on a logarithmic axis, one line of dots a name.

    Args:
        sizes: the numbers by name, counted from 1 along the horizontal axis.
        xlabel: what is counted.
        ylabel: what the numbers are, with their unit.

    Raises:
        ValueError: when there is nothing to draw.
    """
    import matplotlib.pyplot as plt
    from matplotlib.ticker import MaxNLocator

    if not sizes:
        raise ValueError("draw_sizes needs at least one list of numbers.")
    figure, axes = plt.subplots(figsize=(8.0, 3.4))
    for (name, values), marker, colour in zip(sizes.items(), "os^Dv", style.CYCLE, strict=False):
        counted = np.arange(1, len(values) + 1)
        axes.plot(counted, values, marker, color=colour, label=name, ms=4.5)
    axes.set(yscale="log", xlabel=xlabel, ylabel=ylabel)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    if len(sizes) > 1:
        axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=12)
    return figure


def draw_tests(results: Mapping[str, Mapping[str, float]], limits: Mapping[str, float]) -> Figure:
    """Draw what several runs got in several tests: a panel a test, a row a run.

    Args:
        results: a positive number for each run, by test and then by run. What
            is no number is drawn as a cross at the right edge.
        limits: for each test, what a healthy run stays under: a vertical line.

    Raises:
        ValueError: when there is no test, or one has no limit.
    """
    import matplotlib.pyplot as plt

    if not results or set(results) != set(limits):
        raise ValueError("draw_tests needs at least one test, and a limit for each.")
    rows = max(map(len, results.values()))
    figure, panels = plt.subplots(
        1, len(results), figsize=(8.6, 1.3 + 0.32 * rows), sharey=True, squeeze=False
    )
    for axes, (test, of_runs) in zip(panels[0], results.items(), strict=True):
        values = _finite(list(of_runs.values()))
        place = np.arange(len(values))
        sick = ~(values <= limits[test])
        axes.plot(values[~sick], place[~sick], "o", color=style.BLUE)
        axes.plot(values[sick], place[sick], "s", color=style.RED)
        missing = place[np.isnan(values)]
        axes.plot(
            np.full(len(missing), 0.97),
            missing,
            "x",
            color=style.RED,
            ms=8,
            mew=2.5,
            transform=axes.get_yaxis_transform(),
        )
        axes.axvline(limits[test], color=style.GREY, linestyle="--")
        axes.set(xscale="log", xlabel=test)
        axes.set_yticks(place, list(of_runs))
    panels[0, 0].invert_yaxis()
    return figure


def _use_log_scale(axes: Axes) -> None:
    from matplotlib.ticker import LogLocator, NullFormatter

    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 3), numticks=8))
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter(NullFormatter())


def _draw_grey(axes: Axes, run: History, key: str) -> Line2D:
    validated = f"val_{key}" in run
    values = _finite(run[f"val_{key}" if validated else key])
    (handle,) = axes.plot(np.arange(len(values)), values, ":", color=style.GREY)
    return handle


def _finite(values: Sequence[float]) -> np.ndarray:
    numbers = np.array(values, dtype=np.float64)
    numbers[~np.isfinite(numbers)] = np.nan
    return numbers


def _mark_missing(axes: Axes, values: Sequence[float]) -> None:
    missing = np.flatnonzero(~np.isfinite(np.array(values, dtype=np.float64)))
    if len(missing):
        # In units of the axes upwards, so that the crosses stay at the edge.
        axes.plot(
            missing,
            np.full(len(missing), 0.97),
            "x",
            color=style.RED,
            ms=8,
            mew=2.5,
            transform=axes.get_xaxis_transform(),
        )
        axes.annotate("not a number", (0.5, 0.84), xycoords="axes fraction", ha="center")
