"""Pictures of optimisers at work: their paths on a landscape, their losses by rate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from course_lib.figures import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MARKERS = "os^Dv<>"
# Two curves that lie on each other stay visible when only one is dashed.
LINES = ("-", "--", "-", "--", "-", "-", "--")


def draw_paths(
    loss: Callable[[np.ndarray, np.ndarray], np.ndarray],
    paths: Mapping[str, np.ndarray],
    columns: int = 3,
) -> Figure:
    """Draw each path over two parameters on the landscape of a loss, a panel each.

    Args:
        loss: maps two arrays of coordinates to the loss there, with its lowest
            point at (0, 0).
        paths: the points of each path, shape (steps + 1, 2), by title.
        columns: how many panels stand side by side.

    Raises:
        ValueError: when there is no path, or one is not of shape (n, 2).
    """
    import matplotlib.pyplot as plt

    if not paths:
        raise ValueError("draw_paths needs at least one path.")
    for title, path in paths.items():
        if np.ndim(path) != 2 or np.shape(path)[1] != 2:
            raise ValueError(
                f"draw_paths: the path {title!r} should have shape (n, 2), "
                f"but has shape {np.shape(path)}."
            )
    columns = min(columns, len(paths))
    rows = -(-len(paths) // columns)
    # A single panel is wide enough for its title.
    width, height = (5.6, 3.6) if len(paths) == 1 else (3.3 * columns + 0.4, 2.9 * rows + 0.3)
    figure, panels = plt.subplots(
        rows, columns, figsize=(width, height), sharex=True, sharey=True, squeeze=False
    )
    x, y = np.meshgrid(np.linspace(-2.4, 1.2, 121), np.linspace(-1.2, 1.2, 121))
    for axes, (title, path) in zip(panels.flat, paths.items(), strict=False):
        axes.contourf(x, y, np.log10(loss(x, y) + 1e-3), levels=12, alpha=0.75)
        axes.plot(*np.transpose(path), "o-", color="white", ms=3.5, lw=1.3)
        axes.plot(*path[0], "s", color=style.ORANGE, ms=8)
        axes.plot(0, 0, "*", color=style.RED, ms=14)
        axes.set(title=title, xlim=(-2.4, 1.2), ylim=(-1.2, 1.2))
        axes.grid(visible=False)
    for axes in panels.flat[len(paths) :]:
        axes.set_axis_off()
    for axes in panels[-1]:
        axes.set_xlabel("$w_1$")
    for axes in panels[:, 0]:
        axes.set_ylabel("$w_2$")
    return figure


def draw_rate_sweep(
    rates: np.ndarray, losses: Mapping[str, np.ndarray], untrained: float, ceiling: float = 4.0
) -> Figure:
    """Draw the loss that each optimiser ends with, against its learning rate.

    Args:
        rates: the learning rates, shape (r,).
        losses: the final loss at each rate, shape (r,), by optimiser.
        untrained: the loss before training, drawn as a line.
        ceiling: losses above it, and those that are no number, are drawn on it.

    Raises:
        ValueError: when an optimiser has not one loss for each rate.
    """
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(8.4, 4.8))
    looks = zip(MARKERS, LINES, style.CYCLE, strict=True)
    for (name, values), (marker, line, colour) in zip(losses.items(), looks, strict=False):
        if np.shape(values) != np.shape(rates):
            raise ValueError(
                f"draw_rate_sweep: {name} should have one loss for each of the {len(rates)} "
                f"rates, but has shape {np.shape(values)}."
            )
        shown = np.minimum(np.nan_to_num(values, nan=ceiling, posinf=ceiling), ceiling)
        axes.plot(rates, shown, line, marker=marker, color=colour, label=name, lw=1.8)
    axes.axhline(untrained, color=style.GREY, ls=":", label="untrained")
    axes.set(
        xscale="log", yscale="log", xlabel="learning rate", ylabel="loss after training (nats)"
    )
    axes.set_yticks([0.3, 0.5, 1, 2, ceiling], ["0.3", "0.5", "1", "2", f"{ceiling:g} or more"])
    axes.minorticks_off()
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=12)
    return figure


def draw_pulls(
    x: np.ndarray,
    targets: np.ndarray,
    lines: Mapping[str, np.ndarray],
    gradients: Mapping[str, Callable[[np.ndarray, np.ndarray], np.ndarray]],
    ceiling: float,
) -> Figure:
    """Draw the lines that losses fit to cars, and how hard each loss pulls at an error.

    Args:
        x: the sizes of the engines in litres, shape (n,).
        targets: their fuel use in litres per 100 km, shape (n,).
        lines: the slope and the intercept of each loss's line, shape (2,), by loss.
        gradients: of each loss, the gradient of its mean, called with targets
            and predictions.
        ceiling: the highest fuel use that is shown.

    Raises:
        ValueError: when `lines` and `gradients` name other losses.
    """
    import matplotlib.pyplot as plt

    if list(lines) != list(gradients):
        raise ValueError(
            f"draw_pulls needs a line and a gradient for each loss, but got lines for "
            f"{list(lines)} and gradients for {list(gradients)}."
        )
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.6, 4.0))
    left.scatter(x, targets, s=14, alpha=0.35, color=style.GREY)
    ends = np.array([np.min(x), np.max(x)])
    errors = np.linspace(-3, 3, 301)
    for (name, line), dashes in zip(lines.items(), ("-", "--", "-."), strict=False):
        left.plot(ends, line[0] * ends + line[1], dashes, label=name)
        pull = errors.size * gradients[name](np.zeros(errors.size), errors)
        right.plot(errors, pull, dashes)
    left.set(xlabel="engine size (litres)", ylabel="fuel use (litres per 100 km)")
    left.set_ylim(np.min(targets) - 1, ceiling)
    left.legend(title="loss", loc="lower right")
    right.set(xlabel="error (litres per 100 km)", ylabel="pull (slope of the loss)")
    return figure


def draw_finder(
    rates: np.ndarray, losses: np.ndarray, smooth: np.ndarray, untrained: float
) -> Figure:
    """Draw the run of a learning-rate finder: the loss of each batch as the rate grows.

    Args:
        rates: the learning rate at each batch, shape (r,).
        losses: the loss of each batch in nats, shape (r,).
        smooth: the same smoothed, shape (r,); what is no number is left out.
        untrained: the loss before training, drawn as a line.

    Raises:
        ValueError: when there is not one loss for each rate.
    """
    import matplotlib.pyplot as plt

    if not np.shape(rates) == np.shape(losses) == np.shape(smooth):
        raise ValueError(
            f"draw_finder needs a loss and a smoothed loss for each of {np.size(rates)} rates, "
            f"but got shapes {np.shape(losses)} and {np.shape(smooth)}."
        )
    figure, axes = plt.subplots(figsize=(7, 3.8))
    axes.plot(rates, losses, color=style.SKY, lw=1.2, label="each batch")
    axes.plot(rates, smooth, color=style.BLUE, label="smoothed")
    axes.axhline(untrained, color=style.GREY, ls="--", label="blind guess")
    axes.set(xscale="log", yscale="log", xlabel="learning rate", ylabel="loss (nats)")
    axes.set_yticks([0.3, 1, 3, 10], ["0.3", "1", "3", "10"])
    axes.minorticks_off()
    axes.legend(loc="upper left")
    return figure
