"""Pictures of recurrent networks: a cell unrolled, what fades, and forecasts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Sized
from typing import TYPE_CHECKING

import numpy as np

from course_lib.figures import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LINE_STYLES = ("-", "--", "-.", ":")
MARKERS = "os^Dv"


def draw_unrolled(
    inputs: Sequence[float],
    sums: Sequence[float],
    states: Sequence[float],
    kernel: float,
    recurrent_kernel: float,
    state: float = 0.0,
    back: Sequence[float] | None = None,
) -> Figure:
    """Draw a recurrent cell of one unit, copied once for each step, with its numbers.

    Args:
        inputs: x_t of each step.
        sums: the weighted sum in each step.
        states: h_t, the tanh of it.
        kernel: the weight of the input, the same in every step.
        recurrent_kernel: the weight of the state before.
        state: h_0.
        back: dL/d(sum) of each step, drawn in red below it; None: none.

    Raises:
        ValueError: when there is no step, or a list is not as long as `inputs`.
    """
    import matplotlib.pyplot as plt

    steps = len(inputs)
    lengths = [len(some) for some in (sums, states, back) if some is not None]
    if not steps or any(length != steps for length in lengths):
        raise ValueError(
            f"draw_unrolled: sums, states and back should be {steps} and at least 1, "
            f"but are {lengths}."
        )
    figure, axes = plt.subplots(figsize=(2.45 * (steps + 0.75), 3.6 if back is None else 4.1))
    _box(axes, (0.0, 1.0), f"$h_0$\n{state:g}", style.GREY)
    for step in range(steps):
        x = step + 0.85
        _box(axes, (x, 0.0), f"$x_{step + 1}$\n{inputs[step]:g}", style.GREY)
        text = f"sum {sums[step]:.3f}\ntanh → $h_{step + 1}$\n{states[step]:.3f}"
        if back is not None:
            _text(axes, (x, 1.62), f"blame {back[step]:.3f}", style.RED)
        _box(axes, (x, 1.0), text, style.BLUE)
        start = (0.16, 1.0) if step == 0 else (x - 0.68, 1.0)
        _arrow(axes, start, (x - 0.32, 1.0), f"× {recurrent_kernel:g}")
        _arrow(axes, (x, 0.2), (x, 0.66), f"× {kernel:g}")
        if back is not None and step > 0:
            _arrow(axes, (x - 0.28, 1.62), (x - 0.72, 1.62), "", style.RED)
    below = "numbers go right" if back is None else "numbers go right, blame comes back left (red)"
    axes.set(
        xlim=(-0.25, steps + 0.25),
        ylim=(-0.3, 1.45 if back is None else 1.85),
        xticks=[],
        yticks=[],
        xlabel=f"{below}; every step has the same two weights",
    )
    axes.grid(visible=False)
    axes.spines[["left", "bottom"]].set_visible(False)
    return figure


def draw_distances(
    curves: Mapping[str, np.ndarray],
    ylabel: str,
    xlabel: str = "steps back",
    scale: str = "log",
) -> Figure:
    """Draw what is left of something, against the steps that it has come.

    Args:
        curves: by name; entry k of a curve belongs to a distance of k steps.
        ylabel: what the vertical axis says.
        xlabel: what the horizontal axis says.
        scale: of the vertical axis, "log" or "linear".

    Raises:
        ValueError: when there is no curve, or one is not a row of numbers, which on a
            log axis are positive.
    """
    import matplotlib.pyplot as plt

    _require_curves("draw_distances", {"": curves})
    for name, values in curves.items():
        low = 0 if scale == "log" else -np.inf
        if np.ndim(values) != 1 or not np.size(values) or np.min(values) <= low:
            raise ValueError(
                f"draw_distances: {name} should be a row of numbers, above {low:g}, but is "
                f"{np.asarray(values).tolist()}."
            )
    figure, axes = plt.subplots(figsize=(8.4, 3.9))
    for number, (name, values) in enumerate(curves.items()):
        axes.plot(
            np.arange(len(values)),
            values,
            LINE_STYLES[number % len(LINE_STYLES)],
            color=style.CYCLE[number % len(style.CYCLE)],
            label=name,
        )
    axes.set(yscale=scale, xlabel=xlabel, ylabel=ylabel)
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=12)
    return figure


def draw_memory(results: Mapping[str, Mapping[int, Sequence[float]]], chance: float) -> Figure:
    """Draw how often something is remembered, against how long ago it was.

    Args:
        results: for each name the accuracies, one a seed, by number of steps.
        chance: the accuracy of guessing, drawn as a grey line.

    Raises:
        ValueError: when there is nothing to draw.
    """
    import matplotlib.pyplot as plt

    _require_curves("draw_memory", results)
    figure, axes = plt.subplots(figsize=(8.4, 3.9))
    for number, (name, by_length) in enumerate(results.items()):
        lengths = sorted(by_length)
        colour = style.CYCLE[number % len(style.CYCLE)]
        means = [float(np.mean(by_length[length])) for length in lengths]
        axes.plot(lengths, means, LINE_STYLES[number % len(LINE_STYLES)], color=colour, label=name)
        for length in lengths:
            some = by_length[length]
            marker = MARKERS[number % len(MARKERS)]
            axes.plot([length] * len(some), some, marker, color=colour, ms=6, mfc="white", mew=1.6)
    axes.axhline(chance, color=style.GREY, ls=":", label="guessing")
    every = sorted({length for by_length in results.values() for length in by_length})
    axes.set(xscale="log", xlabel="steps of the sequence", ylabel="accuracy", ylim=(0, 1.06))
    axes.set_xticks(every, [str(length) for length in every])
    axes.set_xticks([], minor=True)
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=12)
    return figure


def draw_forecasts(
    times: np.ndarray, panels: Mapping[str, Mapping[str, np.ndarray]], ylabel: str
) -> Figure:
    """Draw what was observed and what was forecast for it, one panel above the other.

    Args:
        times: shape (n,), years.
        panels: for each title the series by name, each of shape (n,). The first
            is what was observed, and is drawn in grey.
        ylabel: the quantity and its unit.

    Raises:
        ValueError: when there is no panel, or one without a series.
    """
    import matplotlib.pyplot as plt

    _require_curves("draw_forecasts", panels)
    figure, column = plt.subplots(
        len(panels), 1, figsize=(9.0, 2.9 * len(panels) + 0.5), squeeze=False, sharex=True
    )
    for axes, (title, series) in zip(column[:, 0], panels.items(), strict=True):
        for number, (name, values) in enumerate(series.items()):
            colour = style.GREY if number == 0 else style.CYCLE[number - 1]
            line = LINE_STYLES[max(number - 1, 0) % len(LINE_STYLES)]
            width = 3.5 if number == 0 else 1.6
            alpha = 0.5 if number == 0 else 1.0
            axes.plot(times, values, line, color=colour, lw=width, alpha=alpha, label=name)
        axes.set(ylabel=ylabel, title=title)
    column[-1, 0].set_xlabel("year")
    handles, names = column[0, 0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=3)
    return figure


def _require_curves(name: str, panels: Mapping[str, Sized]) -> None:
    if not panels or not all(len(curves) for curves in panels.values()):
        raise ValueError(f"{name} needs at least one panel, and something to draw in each.")


def _box(axes: Axes, place: tuple[float, float], text: str, colour: str) -> None:
    axes.text(
        *place,
        text,
        ha="center",
        va="center",
        fontsize=13,
        bbox={"boxstyle": "round,pad=0.4", "fc": "white", "ec": colour, "lw": 1.6},
        zorder=3,
    )


def _text(axes: Axes, place: tuple[float, float], text: str, colour: str) -> None:
    axes.text(*place, text, ha="center", va="center", fontsize=13, color=colour)


def _arrow(
    axes: Axes,
    start: tuple[float, float],
    end: tuple[float, float],
    label: str,
    colour: str = style.GREY,
) -> None:
    shape = {"arrowstyle": "-|>", "color": colour, "lw": 1.8, "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", xy=end, xytext=start, arrowprops=shape, zorder=1)
    if label:
        middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
        upright = start[0] == end[0]
        offset = (0.06, 0.0) if upright else (0.0, 0.1)
        axes.text(
            middle[0] + offset[0],
            middle[1] + offset[1],
            label,
            ha="left" if upright else "center",
            va="center",
            fontsize=12,
        )
