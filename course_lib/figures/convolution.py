"""Pictures of windows: one sliding over an image, what it makes of it, and runs compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from course_lib.figures import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MARKERS = "os^Dv<>"
LINES = ("-", "--", "-.", ":")


def draw_window(image: np.ndarray, kernel: np.ndarray, row: float = 0, column: float = 0) -> Figure:
    """Draw a window on an image, the kernel, and the outputs, each with its numbers.

    The output of this window is framed; those not reached yet, reading row by
    row, are left empty.

    Args:
        image: shape (h, w), whole numbers of one or two digits.
        kernel: shape (kh, kw), no larger than the image.
        row: of the window's place, rounded to a whole number.
        column: of the window's place, rounded.

    Raises:
        ValueError: when the window is not inside the image.
    """
    import matplotlib.pyplot as plt
    from matplotlib.patches import Rectangle
    from numpy.lib.stride_tricks import sliding_window_view

    (height, width), (top, left) = kernel.shape, (round(row), round(column))
    rows, columns = image.shape[0] - height + 1, image.shape[1] - width + 1
    if not (0 <= top < rows and 0 <= left < columns):
        raise ValueError(
            f"draw_window: the window at row {top}, column {left} is not inside an image of "
            f"shape {image.shape}."
        )
    outputs = np.sum(sliding_window_view(image, kernel.shape) * kernel, axis=(2, 3))
    reached = np.arange(outputs.size).reshape(outputs.shape) <= top * columns + left
    figure, panels = plt.subplots(
        1, 3, figsize=(9.4, 3.9), width_ratios=[image.shape[1], width, columns]
    )
    _draw_numbers(panels[0], image, "image and window")
    _draw_numbers(panels[1], kernel, "kernel")
    _draw_numbers(panels[2], np.where(reached, outputs, np.nan), "output")
    for axes, corner, size in (
        (panels[0], (left, top), (width, height)),
        (panels[2], (left, top), (1, 1)),
    ):
        x, y = corner[0] - 0.5, corner[1] - 0.5
        axes.add_patch(Rectangle((x, y), *size, fill=False, ec=style.RED, lw=4, clip_on=False))
    terms = np.sum(image[top : top + height, left : left + width] * kernel)
    figure.supxlabel(
        f"nine products, added up: {terms:g}" if kernel.size == 9 else f"sum: {terms:g}"
    )
    return figure


def draw_images(
    images: Mapping[str, np.ndarray], columns: int = 4, panel: float = 2.4, numbers: bool = False
) -> Figure:
    """Draw images in grey, a panel each, zero in the middle of the scale where any is negative.

    Args:
        images: shape (h, w) each, by title.
        columns: how many stand side by side.
        panel: inches of a panel's longer side.
        numbers: whether to write each pixel's number on it.

    Raises:
        ValueError: when there is no image, or one has not two axes.
    """
    import matplotlib.pyplot as plt

    if not images:
        raise ValueError("draw_images needs at least one image.")
    for title, image in images.items():
        if np.ndim(image) != 2:
            raise ValueError(
                f"draw_images: {title!r} should have shape (h, w), but has shape {np.shape(image)}."
            )
    columns = min(columns, len(images))
    rows = -(-len(images) // columns)
    tallest = max(image.shape[0] / image.shape[1] for image in images.values())
    size = (panel * columns, (panel * min(tallest, 1.5) + 0.45) * rows)
    figure, panels = plt.subplots(rows, columns, figsize=size, squeeze=False)
    for axes, (title, image) in zip(panels.flat, images.items(), strict=False):
        if numbers:
            _draw_numbers(axes, np.asarray(image, dtype=np.float64), title)
            continue
        largest = float(np.max(np.abs(image))) or 1.0
        lowest = -largest if np.min(image) < 0 else 0.0
        axes.imshow(image, cmap="gray", vmin=lowest, vmax=largest)
        axes.set_title(title, fontsize=13)
        axes.set_axis_off()
    for axes in panels.flat[len(images) :]:
        axes.set_axis_off()
    return figure


def draw_bands(
    x: Sequence[float] | np.ndarray,
    runs: Mapping[str, np.ndarray],
    xlabel: str,
    ylabel: str = "accuracy",
    level: float | None = None,
) -> Figure:
    """Draw the mean of several runs as a line, and lowest to highest as a band around it.

    Args:
        x: shape (p,).
        runs: shape (seeds, p) each, by name.
        xlabel: what the horizontal axis says.
        ylabel: what the vertical axis says; it goes from 0 to 1.
        level: a baseline, drawn as a grey line.

    Raises:
        ValueError: when a run has not one value for each place of `x`.
    """
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(7.6, 4.0))
    looks = zip(MARKERS, LINES, style.CYCLE, strict=False)
    for (name, values), (marker, line, colour) in zip(runs.items(), looks, strict=False):
        if np.ndim(values) != 2 or np.shape(values)[1] != len(x):
            raise ValueError(
                f"draw_bands: {name} should have shape (seeds, {len(x)}), "
                f"but has shape {np.shape(values)}."
            )
        axes.plot(x, np.mean(values, axis=0), line, marker=marker, color=colour, label=name)
        axes.fill_between(
            x, np.min(values, axis=0), np.max(values, axis=0), color=colour, alpha=0.2
        )
    if level is not None:
        axes.axhline(level, color=style.GREY, ls=":", label="baseline")
    axes.set(xlabel=xlabel, ylabel=ylabel, ylim=(0, 1.03), xticks=list(x))
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=2, fontsize=12)
    return figure


def _draw_numbers(axes: Axes, values: np.ndarray, title: str) -> None:
    largest = float(np.nanmax(np.abs(values))) or 1.0
    axes.imshow(values, cmap="gray", vmin=-largest, vmax=largest, alpha=0.45)
    for (row, column), value in np.ndenumerate(values):
        if np.isfinite(value):
            axes.text(column, row, f"{value:g}", ha="center", va="center", fontsize=15)
    axes.set_title(title, fontsize=13)
    axes.set_xticks(np.arange(-0.5, values.shape[1]), [])
    axes.set_yticks(np.arange(-0.5, values.shape[0]), [])
    axes.tick_params(length=0)
