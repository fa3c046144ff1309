"""Pictures of a line through points, of its loss, and of how firm it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from course_lib.figures import style
from course_lib.scratch.linear import gradient

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


def draw_line(
    inputs: np.ndarray,
    targets: np.ndarray,
    weight: float | None = None,
    bias: float = 0.0,
    *,
    errors: bool = False,
) -> Figure:
    """Draw fuel use against engine size, and the line `weight * x + bias` through it.

    Args:
        inputs: engine sizes in litres, shape (n,).
        targets: fuel use in litres per 100 km, shape (n,).
        weight: the line's slope; without it only the points are drawn.
        bias: where the line meets an engine of zero litres.
        errors: draw each error as an upright line from the truth to the prediction,
            with its size, and write the line and its mean squared error above.

    Raises:
        ValueError: when `inputs` and `targets` differ in shape.
    """
    import matplotlib.pyplot as plt

    if np.shape(inputs) != np.shape(targets):
        raise ValueError(
            f"draw_line: inputs and targets should have the same shape, "
            f"but have {np.shape(inputs)} and {np.shape(targets)}."
        )
    figure, axes = plt.subplots()
    few = len(inputs) < 20
    axes.plot(inputs, targets, "o", ms=11 if few else 4.5, alpha=1 if few else 0.5, zorder=3)
    if weight is not None:
        ends = np.array([0.0, 1.05 * np.max(inputs)])
        axes.plot(ends, weight * ends + bias, color=style.RED)
        if errors:
            loss = np.mean((weight * inputs + bias - targets) ** 2)
            axes.set_title(f"w = {weight:.2f}, b = {bias:.2f}: loss {loss:.2f}")
            for x, y in zip(inputs, targets, strict=True):
                predicted = weight * x + bias
                axes.plot([x, x], [y, predicted], ":", color=style.BLACK)
                axes.annotate(
                    f"error {predicted - y:g}", (x, (y + predicted) / 2), (10, -16),
                    textcoords="offset points",
                )  # fmt: skip
    axes.set_xlim(0, (1.3 if errors else 1.05) * np.max(inputs))
    axes.set_ylim(0, 1.1 * np.max(targets))
    axes.set(xlabel="engine size (litres)", ylabel="fuel use (litres per 100 km)")
    return figure


def draw_landscapes(
    panels: Mapping[str, tuple[np.ndarray, float]], targets: np.ndarray, steps: int = 40
) -> Figure:
    """Draw the mean squared error of a line over its weight and bias, with a walk downhill.

    The walk is gradient descent from zero. Both axes of a panel span the same range, so
    that a round bowl looks round. The star is the lowest point.

    Args:
        panels: by title the inputs, shape (n,), and the learning rate.
        targets: shape (n,).
        steps: how many steps of the walk are drawn.

    Raises:
        ValueError: when there is no panel, or inputs and targets differ in shape.
    """
    import matplotlib.pyplot as plt

    if not panels:
        raise ValueError("draw_landscapes needs at least one panel.")
    for title, (inputs, _) in panels.items():
        if np.shape(inputs) != np.shape(targets):
            raise ValueError(
                f"draw_landscapes: the inputs {title!r} should have the targets' shape, "
                f"{np.shape(targets)}, but have shape {np.shape(inputs)}."
            )
    figure, all_axes = plt.subplots(1, len(panels), figsize=(4.6 * len(panels), 5.0), squeeze=False)
    # Square panels leave room that the usual layout would not give back.
    figure.set_layout_engine("compressed")
    around = np.linspace(-13, 13, 131)
    for axes, (title, (inputs, rate)) in zip(all_axes.flat, panels.items(), strict=True):
        best_weight, best_bias = np.polyfit(inputs, targets, 1)
        w, b = np.meshgrid(best_weight + around, best_bias + around)
        loss = np.mean((w[..., None] * inputs + b[..., None] - targets) ** 2, axis=-1)
        weight, bias, walk = 0.0, 0.0, [(0.0, 0.0)]
        for _ in range(steps):
            weights_gradient, bias_gradient = gradient(
                inputs[:, None], targets, np.array([weight]), bias
            )
            weight -= rate * weights_gradient[0]
            bias -= rate * bias_gradient
            walk.append((weight, bias))
        axes.contourf(w, b, np.log(loss), levels=14, alpha=0.8)
        axes.plot(*np.transpose(walk), "o-", color="white", ms=4, lw=1.2)
        axes.plot(best_weight, best_bias, "*", color=style.RED, ms=16)
        axes.set(title=title, xlabel="weight w", ylabel="bias b")
        axes.set_box_aspect(1)
        axes.grid(visible=False)
    return figure


def draw_splits(table: pd.DataFrame, ylabel: str) -> Figure:
    """Draw one number for each model and split, the models of one split joined.

    Args:
        table: a row for each split, a column for each model.
        ylabel: what the numbers are.

    Raises:
        ValueError: when the table is empty.
    """
    import matplotlib.pyplot as plt

    if table.size == 0:
        raise ValueError("draw_splits needs at least one split and one model.")
    figure, axes = plt.subplots(figsize=(8.2, 4.2))
    places = np.arange(table.shape[1])
    for number, (_, row) in enumerate(table.iterrows()):
        label = "a split" if number == 0 else None
        axes.plot(places, row, "o-", color=style.BLUE, alpha=0.4, ms=5, lw=1, label=label)
    axes.plot(places, table.mean(), "_", color=style.RED, ms=34, mew=3, label="their mean")
    axes.set_xticks(places, [str(name).replace(" + ", "\n+ ") for name in table.columns])
    axes.set_ylim(0, 1.08 * table.to_numpy().max())
    axes.set_ylabel(ylabel)
    axes.legend()
    return figure


def draw_intervals(draws: Mapping[str, np.ndarray], xlabel: str) -> Figure:
    """Draw histograms over one axis, each with the interval that holds 95 % of it.

    Args:
        draws: the numbers, shape (n,), by name.
        xlabel: what they are.

    Raises:
        ValueError: when there is nothing to draw.
    """
    import matplotlib.pyplot as plt

    if not draws or not all(np.size(values) for values in draws.values()):
        raise ValueError("draw_intervals needs at least one group, and a number in each.")
    figure, axes = plt.subplots(figsize=(8.2, 4.0))
    pooled = np.concatenate([np.ravel(values) for values in draws.values()])
    edges = np.linspace(pooled.min(), pooled.max(), 90)
    for number, (name, values) in enumerate(draws.items()):
        colour = style.CYCLE[number]
        low, high = np.quantile(values, [0.025, 0.975])
        axes.hist(
            values,
            edges.tolist(),
            color=colour,
            alpha=0.6,
            label=f"{name}: {low:.2f} to {high:.2f}",
        )
        for end in (low, high):
            axes.axvline(end, color=colour, ls=":", lw=2)
    axes.axvline(0, color=style.BLACK, lw=1)
    axes.set(xlabel=xlabel, ylabel="draws")
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), title="95 % of the draws")
    return figure


def draw_residuals(
    panels: Mapping[str, tuple[np.ndarray, np.ndarray]], units: Sequence[str]
) -> Figure:
    """Draw residuals against an input, with the mean of each fifth of the cars.

    Args:
        panels: by the input's name its values and the residuals, both of shape (n,).
        units: for each panel, the residuals' unit.

    Raises:
        ValueError: when there are not as many units as panels, or no panel.
    """
    import matplotlib.pyplot as plt

    if not panels or len(panels) != len(units):
        raise ValueError(
            f"draw_residuals needs a unit for each panel, but got {len(units)} for {len(panels)}."
        )
    figure, all_axes = plt.subplots(1, len(panels), figsize=(4.6 * len(panels), 4), squeeze=False)
    for axes, (name, (values, residuals)), unit in zip(
        all_axes.flat, panels.items(), units, strict=True
    ):
        fifths = np.array_split(np.argsort(values, kind="stable"), 5)
        means = [(values[part].mean(), residuals[part].mean()) for part in fifths]
        axes.plot(values, residuals, "o", ms=3.5, alpha=0.5)
        axes.plot(*np.transpose(means), "o:", color=style.RED, ms=9)
        axes.axhline(0, color=style.BLACK, lw=1)
        axes.set(xlabel=name, ylabel=f"residual ({unit})")
    return figure
