"""Two classes in the plane, and what a model says everywhere around them."""

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from course_lib.figures import style
from course_lib.scratch.shapes import shapes

MARKERS = ("o", "^")
COLOURS = (style.BLUE, style.RED)
CELLS = 120


@shapes(features="n 2", targets="n")
def draw_classes(
    axes: Axes, features: np.ndarray, targets: np.ndarray, names: Sequence[str], size: float = 60
) -> None:
    """Scatter two classes: class 0 as blue circles, class 1 as red triangles.

    Args:
        axes: where to draw; label them yourself.
        features: shape (n, 2), the place of each example.
        targets: shape (n,), 0 or 1.
        names: the names of class 0 and class 1, for the legend.
        size: area of a marker, in square points.

    Raises:
        ValueError: when the shapes do not fit or there are not two names.
    """
    if len(names) != 2:
        raise ValueError(f"draw_classes: names should be two names, but are {list(names)!r}.")
    for value, name in enumerate(names):
        chosen = np.asarray(features)[np.asarray(targets) == value]
        axes.scatter(
            chosen[:, 0],
            chosen[:, 1],
            s=size,
            c=COLOURS[value],
            marker=MARKERS[value],
            edgecolors="white",
            linewidths=0.6,
            label=name,
            zorder=3,
        )


def draw_probability(
    axes: Axes,
    predict: Callable[[np.ndarray], np.ndarray],
    horizontal: tuple[float, float],
    vertical: tuple[float, float],
) -> None:
    """Shade the plane by a model's probability of class 1, with its boundary in black.

    Args:
        axes: where to draw.
        predict: maps features (n, 2) to the probability of class 1, shape (n,)
            or (n, 1).
        horizontal: the lowest and highest first feature shown.
        vertical: the lowest and highest second feature shown.

    Raises:
        ValueError: when `predict` returns another number of probabilities.
    """
    across, up = np.meshgrid(np.linspace(*horizontal, CELLS), np.linspace(*vertical, CELLS))
    places = np.column_stack([across.ravel(), up.ravel()])
    found = np.asarray(predict(places))
    if found.size != len(places):
        raise ValueError(
            f"draw_probability: predict should return {len(places)} probabilities, "
            f"but returned shape {found.shape}."
        )
    chances = found.reshape(across.shape)
    pale = LinearSegmentedColormap.from_list("pale", ["#9CCBEA", "#FFFFFF", "#F3B48B"])
    axes.contourf(across, up, chances, levels=np.linspace(0, 1, 11), cmap=pale, vmin=0, vmax=1)
    if chances.min() < 0.5 < chances.max():
        axes.contour(across, up, chances, levels=[0.5], colors=style.BLACK, linewidths=2.2)
    axes.set_xlim(*horizontal)
    axes.set_ylim(*vertical)
    axes.grid(visible=False)
