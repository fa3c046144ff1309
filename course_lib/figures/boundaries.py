"""Two classes in the plane, and what a model says everywhere around them."""

from collections.abc import Callable, Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from course_lib.figures import style
from course_lib.scratch.shapes import shapes

MARKERS = ("o", "^")
COLOURS = (style.BLUE, style.RED)
CELLS = 120
MARGIN = 0.12

Predict = Callable[[np.ndarray], np.ndarray]


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
    predict: Predict,
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


def draw_models(
    panels: Mapping[str, tuple[Predict | None, np.ndarray, np.ndarray]],
    names: Sequence[str],
    across: Sequence[str],
    up: str | Sequence[str],
    size: float = 60,
) -> Figure:
    """Draw two classes once for each model, over what the model says around them.

    Args:
        panels: title -> (predict as in `draw_probability`, or None to draw the
            examples alone; features (n, 2); targets (n,)).
        names: the names of class 0 and class 1, for the legend.
        across: the label of the horizontal axis of each panel.
        up: the label of the vertical axis, one for all panels or one for each.
        size: area of a marker, in square points.

    Raises:
        ValueError: when there is no panel, or not one label for each.
    """
    verticals = [up] * len(panels) if isinstance(up, str) else list(up)
    if not panels or not len(panels) == len(across) == len(verticals):
        raise ValueError(
            f"draw_models: across and up should label {len(panels)} panels, but give "
            f"{len(across)} and {len(verticals)} labels."
        )
    width = 10.0 if len(panels) > 1 else 6.4
    figure, row = plt.subplots(1, len(panels), figsize=(width, 4.9), squeeze=False)
    labels = zip(across, verticals, strict=True)
    for axes, (title, panel), (horizontal, vertical) in zip(
        row[0], panels.items(), labels, strict=True
    ):
        predict, features, targets = panel
        low, high = np.min(features, axis=0), np.max(features, axis=0)
        room = MARGIN * (high - low)
        limits = np.column_stack([low - room, high + room])
        if predict is not None:
            draw_probability(axes, predict, tuple(limits[0]), tuple(limits[1]))
        axes.set(xlim=limits[0], ylim=limits[1], xlabel=horizontal, ylabel=vertical)
        draw_classes(axes, features, targets, names, size)
        axes.set_title(title)
    handles, words = row[0, 0].get_legend_handles_labels()
    figure.legend(handles, words, loc="outside lower center", ncols=2)
    return figure


def draw_fold(
    inputs: np.ndarray,
    hidden: np.ndarray,
    targets: np.ndarray,
    line: tuple[tuple[float, float], tuple[float, float]],
) -> Figure:
    """Draw examples as they come, and where a hidden layer of two units puts them.

    Args:
        inputs: shape (n, 2).
        hidden: shape (n, 2), the outputs of the two units.
        targets: shape (n,), 0 or 1.
        line: two points of a straight line to draw among the hidden outputs.
    """
    panels = {"inputs": (None, inputs, targets), "hidden layer": (None, hidden, targets)}
    names = ["answer 0", "answer 1"]
    figure = draw_models(panels, names, ["input 1", "unit 1"], ["input 2", "unit 2"], size=220)
    figure.axes[1].axline(*line, color=style.BLACK)
    return figure
