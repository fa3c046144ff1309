"""Pictures of images and of maps over them, in rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.figure import Figure

from course_lib.figures import style


def draw_rows(
    rows: Mapping[str, np.ndarray],
    titles: Sequence[str] = (),
    heat: Sequence[str] = (),
    boxes: np.ndarray | None = None,
    box_size: int = 0,
    inches: float = 1.25,
) -> Figure:
    """Draw rows of small images, each row with its name at the left.

    An image with negative numbers is drawn in red (above zero) and blue (below),
    white at zero; its largest values saturate. Any other is drawn from black to
    white, or in the colours of heat.

    Args:
        rows: by name, shape (n, height, width) or (n, height, width, 1), the same
            n for all rows.
        titles: one over each column.
        heat: the names of rows to be drawn in the colours of heat.
        boxes: shape (n, 2), the top and left pixel of a square in each image;
            drawn where the image is as large as that of the first row.
        box_size: the side of these squares, in pixels.
        inches: the side of one image.

    Raises:
        ValueError: when there is no row, the rows differ in n, or there is not
            one title or box for each column.
    """
    import matplotlib.pyplot as plt
    from matplotlib.patches import Rectangle

    pictures = {name: _as_images(name, images) for name, images in rows.items()}
    counts = {len(images) for images in pictures.values()}
    if len(counts) != 1 or 0 in counts:
        raise ValueError(
            "draw_rows needs rows with the same number of images, but got "
            f"{ {name: len(images) for name, images in pictures.items()} }."
        )
    (count,) = counts
    for what, given in (("titles", titles), ("boxes", () if boxes is None else boxes)):
        if len(given) not in (0, count):
            raise ValueError(f"draw_rows: {what} should be {count}, but are {len(given)}.")
    figure, grid = plt.subplots(
        len(rows),
        count,
        figsize=(inches * count + 1.3, (inches + 0.05) * len(rows) + 0.3 * bool(len(titles))),
        squeeze=False,
    )
    first = next(iter(pictures.values())).shape[1:]
    for axes_row, (name, images) in zip(grid, pictures.items(), strict=True):
        for number, (axes, image) in enumerate(zip(axes_row, images, strict=True)):
            limit = float(np.quantile(np.abs(image), 0.995)) or float(np.abs(image).max()) or 1.0
            if image.min() < 0:
                axes.imshow(image, cmap="RdBu_r", vmin=-limit, vmax=limit)
            else:
                axes.imshow(image, cmap="inferno" if name in heat else "gray", vmin=0, vmax=limit)
            if boxes is not None and image.shape == first:
                top, left = boxes[number] - 0.5
                axes.add_patch(
                    Rectangle((left, top), box_size, box_size, fill=False, ec=style.SKY, lw=2)
                )
            axes.set(xticks=[], yticks=[])
            axes.grid(visible=False)
            for side in axes.spines.values():
                side.set_visible(False)
        axes_row[0].set_ylabel(name, rotation=0, ha="right", va="center", fontsize=13)
    for axes, title in zip(grid[0], titles, strict=False):
        axes.set_title(title, fontsize=13, fontweight="normal")
    return figure


def _as_images(name: str, images: np.ndarray) -> np.ndarray:
    array = np.asarray(images)
    if array.ndim == 4 and array.shape[3] == 1:
        array = array[..., 0]
    if array.ndim != 3:
        raise ValueError(
            f"draw_rows: {name} should have shape (n, height, width), but has {array.shape}."
        )
    return array
