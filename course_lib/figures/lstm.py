"""Pictures for lesson 12: the cell with its gates, what it keeps, and forecasts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from course_lib.figures import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

GATES = {"f": 2.0, "i": 3.9, "g": 5.7, "o": 7.5}
NAMES = {"f": "forget", "i": "input", "g": "candidate", "o": "output"}
VALUES = ("c_before", "h_before", "x", "f", "i", "g", "o", "c", "h")
CELL, BUS, JOIN = 5.2, 0.7, 3.7  # heights of the cell's line, of the inputs, and of i times g


def draw_cell(values: Mapping[str, float] | None = None) -> Figure:
    """Draw one step of an LSTM cell: the cell's line above, the four gates below.

    Args:
        values: numbers to write beside the names: c_before, h_before, x, f, i,
            g, o, c and h. None draws the names alone.

    Raises:
        ValueError: when a number is missing.
    """
    import matplotlib.pyplot as plt

    missing = [name for name in VALUES if values is not None and name not in values]
    if missing:
        raise ValueError(f"draw_cell needs a number for {', '.join(missing)}.")
    number = {name: "" if values is None else f"{values[name]:.3f}" for name in VALUES}
    figure, axes = plt.subplots(figsize=(9.0, 5.4))
    axes.set(xlim=(-0.9, 11.1), ylim=(-0.6, 6.2))
    axes.axis("off")
    _line(axes, [(0.3, CELL), (10.0, CELL)], style.BLUE, width=4)
    _line(axes, [(0.3, BUS), (GATES["o"], BUS)], style.GREY, arrow=False)
    _line(axes, [(1.0, -0.1), (1.0, BUS)], style.GREY, arrow=False)
    for gate, x in GATES.items():
        colour = style.RED if gate == "g" else style.GREEN
        _line(axes, [(x, BUS), (x, 1.5)], style.GREY)
        squash = "tanh" if gate == "g" else "sigmoid"
        _box(axes, x, 1.95, f"{NAMES[gate]}\n{squash}", colour)
        text = f"{gate} = {number[gate]}" if number[gate] else gate
        axes.text(x + 0.12, 2.62, text, fontsize=13, ha="left", va="center", color=colour)
    middle = (GATES["i"] + GATES["g"]) / 2
    _line(axes, [(GATES["f"], 2.4), (GATES["f"], CELL - 0.3)], style.GREEN)
    _line(axes, [(GATES["i"], 2.4), (GATES["i"], JOIN), (middle - 0.3, JOIN)], style.GREEN)
    _line(axes, [(GATES["g"], 2.4), (GATES["g"], JOIN), (middle + 0.3, JOIN)], style.RED)
    _line(axes, [(middle, JOIN + 0.3), (middle, CELL - 0.3)], style.BLACK)
    _line(axes, [(9.0, CELL), (9.0, JOIN + 0.3)], style.BLUE)
    _line(axes, [(GATES["o"], 2.4), (GATES["o"], JOIN), (8.7, JOIN)], style.GREEN)
    _line(axes, [(9.0, JOIN - 0.3), (9.0, BUS), (10.0, BUS)], style.BLACK)
    for x, y, sign in (
        (GATES["f"], CELL, "×"),
        (middle, CELL, "+"),
        (middle, JOIN, "×"),
        (9.0, JOIN, "×"),
    ):
        _circle(axes, x, y, sign)
    axes.text(
        9.0, 4.5, "tanh", ha="center", va="center", fontsize=12, bbox=_frame(style.RED, "round")
    )
    for name, x, y, label in (
        ("c_before", -0.3, CELL, "$c_{t-1}$"),
        ("h_before", -0.3, BUS, "$h_{t-1}$"),
        ("x", 1.0, -0.35, "$x_t$"),
        ("c", 10.55, CELL, "$c_t$"),
        ("h", 10.55, BUS, "$h_t$"),
    ):
        _name(axes, x, y, label, number[name], beside=name == "x")
    axes.text(6.7, 5.75, "the cell: kept, and added to", color=style.BLUE, ha="center", va="center")
    return figure


def _frame(colour: str, shape: str = "square") -> dict[str, object]:
    return {"boxstyle": f"{shape},pad=0.3", "facecolor": "white", "edgecolor": colour, "lw": 2}


def _box(axes: Axes, x: float, y: float, text: str, colour: str) -> None:
    axes.text(x, y, text, ha="center", va="center", fontsize=12, bbox=_frame(colour))


def _circle(axes: Axes, x: float, y: float, sign: str) -> None:
    axes.plot([x], [y], "o", ms=24, mfc="white", mec=style.BLACK, mew=2, zorder=3)
    axes.text(x, y - 0.02, sign, ha="center", va="center", fontsize=17, zorder=4)


def _name(axes: Axes, x: float, y: float, label: str, number: str, beside: bool) -> None:
    axes.text(
        x, y + (0.22 if number and not beside else 0), label, ha="center", va="center", size=17
    )
    if number:
        shift = (0.35, 0.0) if beside else (0.0, -0.25)
        side = "left" if beside else "center"
        axes.text(x + shift[0], y + shift[1], number, ha=side, va="center", size=13)


def _line(
    axes: Axes,
    points: list[tuple[float, float]],
    colour: str,
    width: float = 2.0,
    arrow: bool = True,
) -> None:
    """Draw a line through the points, ending in an arrow."""
    xs, ys = np.array(points).T
    axes.plot(xs, ys, color=colour, lw=width, solid_capstyle="round", zorder=1)
    if arrow:
        axes.annotate(
            "",
            points[-1],
            points[-2],
            arrowprops={"arrowstyle": "-|>", "color": colour, "lw": width, "mutation_scale": 18},
        )


def draw_days(
    actual: np.ndarray,
    forecast: np.ndarray,
    titles: Sequence[str],
    half_width: np.ndarray | None = None,
) -> Figure:
    """Draw a few days: what was used, what was forecast, and the interval around it.

    Args:
        actual: demand in GW, shape (days, steps).
        forecast: likewise.
        titles: one for each day.
        half_width: from the forecast to either end of the interval, shape
            (steps,). None draws no interval.

    Raises:
        ValueError: when the shapes or the number of titles do not fit.
    """
    import matplotlib.pyplot as plt

    steps = np.shape(actual)[1:] if half_width is None else np.shape(half_width)
    shapes = (np.shape(actual), np.shape(forecast), (len(titles), *steps))
    if len(set(shapes)) != 1 or len(shapes[0]) != 2:
        raise ValueError(f"draw_days needs the same days and steps everywhere, but got {shapes}.")
    figure, panels = plt.subplots(
        1, len(titles), figsize=(3.1 * len(titles), 3.6), sharey=True, squeeze=False
    )
    hours = 24 * np.arange(np.shape(actual)[1]) / np.shape(actual)[1]
    for axes, used, expected, title in zip(panels[0], actual, forecast, titles, strict=True):
        if half_width is not None:
            low, high = expected - half_width, expected + half_width
            axes.fill_between(hours, low, high, color=style.SKY, alpha=0.4, label="90 % interval")
        axes.plot(hours, expected, "--", color=style.BLUE, label="forecast")
        axes.plot(hours, used, color=style.BLACK, label="what came")
        axes.set(xlabel="hour of the day", title=title)
        axes.set_xticks([0, 6, 12, 18, 24])
    panels[0, 0].set_ylabel("demand (GW)")
    handles, names = panels[0, 0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=3)
    return figure


def draw_peaks(
    dates: Any,
    actual: np.ndarray,
    forecasts: Mapping[str, np.ndarray],
    limit: float,
) -> Figure:
    """Draw each day's highest demand beside what forecasts said it would be.

    Args:
        dates: one for each day, as Matplotlib takes them.
        actual: the highest demand of each day in GW, shape (days,).
        forecasts: likewise, for each name; at most three.
        limit: where a line is drawn: what counts as a peak.

    Raises:
        ValueError: when there are no days, or the lengths do not fit.
    """
    import matplotlib.pyplot as plt
    from matplotlib.dates import AutoDateLocator, DateFormatter

    shapes = {np.shape(dates), np.shape(actual), *map(np.shape, forecasts.values())}
    if len(shapes) != 1 or len(shapes.pop()) != 1 or not np.size(actual) or len(forecasts) > 3:
        raise ValueError("draw_peaks needs one number a day everywhere, and at most three names.")
    figure, axes = plt.subplots(figsize=(9.4, 3.8))
    axes.axhline(limit, color=style.GREY, lw=1.5)
    looks = ((":", style.RED, "^"), ("--", style.BLUE, "s"), ("-.", style.GREEN, "D"))
    axes.plot(dates, actual, "-o", color=style.BLACK, ms=5, label="what came")
    for (name, peaks), (line, colour, marker) in zip(forecasts.items(), looks, strict=False):
        axes.plot(dates, peaks, line, color=colour, marker=marker, ms=4, lw=1.6, label=name)
    axes.xaxis.set_major_locator(AutoDateLocator(maxticks=7))
    axes.xaxis.set_major_formatter(DateFormatter("%d %b"))
    axes.set_ylabel("highest half hour (GW)")
    figure.legend(loc="outside upper center", ncols=4)
    return figure


def draw_price(
    actual: np.ndarray,
    forecast: np.ndarray,
    days: slice = slice(None),
    yesterday: np.ndarray | None = None,
) -> Figure:
    """Draw a share's price and its forecast, over all days or a part of them.

    Args:
        actual: prices in dollars, shape (days,).
        forecast: likewise.
        days: the part to draw; all when left out.
        yesterday: the price a day before, drawn too when it is given.

    Raises:
        ValueError: when the shapes do not fit.
    """
    import matplotlib.pyplot as plt

    given = [actual, forecast] if yesterday is None else [actual, forecast, yesterday]
    if len({np.shape(one) for one in given}) != 1 or np.ndim(actual) != 1:
        raise ValueError("draw_price needs one price for each day everywhere.")
    figure, axes = plt.subplots(figsize=(9.0, 3.6))
    numbers = np.arange(len(actual))[days]
    axes.plot(numbers, actual[days], color=style.BLACK, label="price")
    if yesterday is not None:
        axes.plot(numbers, yesterday[days], ":", color=style.BLUE, label="yesterday's price")
    axes.plot(numbers, forecast[days], "--", color=style.RED, label="LSTM's forecast")
    axes.set(xlabel="held-out trading day", ylabel="dollars")
    figure.legend(loc="outside upper center", ncols=3)
    return figure
