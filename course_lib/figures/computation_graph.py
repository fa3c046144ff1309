"""Pictures of a computation: numbers forward, gradients backward."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from course_lib.figures import style
from course_lib.scratch.autodiff import Value, in_order

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ASPECT = 0.66  # height of a row over width of a column
INPUT_COLOUR, MADE_COLOUR = "#DCE9F5", "#FFFFFF"


def draw_expression(result: Value, names: Mapping[str, Value], largest: int = 40) -> Figure:
    """Draw an expression from its inputs on the left to `result` on the right.

    A box is a value: its name or operation, its number in blue, below it its
    gradient in orange. The number on an arrow is the slope, by which the gradient
    is multiplied on its way back.

    Args:
        result: what `autodiff.differentiate` was called on.
        names: names of some of the values.
        largest: the number of values beyond which a drawing is unreadable.

    Raises:
        ValueError: when there are more than `largest` values.
    """
    import matplotlib.pyplot as plt

    order = in_order(result)
    if len(order) > largest:
        raise ValueError(
            f"draw_expression: {len(order)} values are too many to read; at most {largest}."
        )
    places = place_values(order)
    columns = 1 + max(x for x, _ in places.values())
    rows = 1 + max(y for _, y in places.values()) - min(y for _, y in places.values())
    longest = max(
        (places[value][0] - places[source][0] for value in order for source, _ in value.inputs),
        default=0.0,
    )
    below = 0.2 * longest if longest > 1 else 0.0  # room for the arcs
    figure, axes = plt.subplots(
        figsize=(1.85 * columns, 0.5 + 1.85 * ASPECT * (rows + below + 0.2))
    )
    known = {id(value): name for name, value in names.items()}
    for value in order:
        # Two ways from the same input, as in a * a, are drawn as one arrow with both slopes.
        slopes: dict[Value, list[float]] = {}
        for source, slope in value.inputs:
            slopes.setdefault(source, []).append(slope)
        for source, several in slopes.items():
            label = " + ".join(f"{slope:.3g}" for slope in several)
            _arrow(axes, places[source], places[value], label)
    for value in order:
        title = known.get(id(value), "")
        title = f"{title}  ({value.operation})" if title and value.operation else title
        _box(axes, places[value], title or value.operation or "number", value)
    low, high = min(y for _, y in places.values()), max(y for _, y in places.values())
    axes.set(
        xlim=(-0.5, columns - 0.5),
        ylim=(low - 0.6 - below, high + 0.6),
        xlabel="numbers go right (blue), gradients come back (orange)",
        xticks=[],
        yticks=[],
    )
    axes.set_aspect(ASPECT)
    axes.grid(visible=False)
    axes.spines[["left", "bottom"]].set_visible(False)
    return figure


def place_values(order: Sequence[Value]) -> dict[Value, tuple[float, float]]:
    """Return a column and a row for each value; inputs stand just left of their first use.

    Args:
        order: all values, each after its inputs, as from `autodiff.in_order`.
    """
    column: dict[Value, int] = {}
    for value in order:
        column[value] = 1 + max((column[source] for source, _ in value.inputs), default=-1)
    for value in order:
        users = [column[user] for user in order if value in {one for one, _ in user.inputs}]
        if not value.inputs and users:
            column[value] = min(users) - 1
    members: dict[int, list[Value]] = {}
    for value in order:
        members.setdefault(column[value], []).append(value)
    row: dict[Value, float] = {}
    for number in sorted(members):
        # A value wants to stand level with what it was made of.
        wanted = {
            value: np.mean([row[source] for source, _ in value.inputs]) if value.inputs else None
            for value in members[number]
        }
        taken: list[float] = []
        made = [value for value in members[number] if wanted[value] is not None]
        for value in sorted(made, key=lambda one: -float(wanted[one] or 0.0)):
            place = float(wanted[value] or 0.0)
            row[value] = min(place, taken[-1] - 1.0) if taken else place
            taken.append(row[value])
        lowest = min(taken, default=1.0 + (len(members[number]) - 1) / 2)
        for value in reversed(members[number]):
            if wanted[value] is None:
                lowest -= 1.0
                row[value] = lowest
    return {value: (float(column[value]), row[value]) for value in order}


def draw_network(
    layers: Sequence[Mapping[str, tuple[np.ndarray, np.ndarray | None]]],
    weights: Sequence[np.ndarray],
    weight_gradients: Sequence[np.ndarray],
) -> Figure:
    """Draw a small network: units with their numbers and gradients, weights as lines.

    A line is orange where its weight will grow in a step (its gradient is
    negative), blue and dashed where it will shrink, and as wide as the
    gradient is large.

    Args:
        layers: one mapping a column; its only entry names the column and holds
            the numbers and, unless None, the gradients of its units.
        weights: between each two columns, shape (units left, units right).
        weight_gradients: dL/d(weights), of the same shapes.

    Raises:
        ValueError: when the numbers of columns and shapes do not fit.
    """
    import matplotlib.pyplot as plt

    columns = [next(iter(layer.items())) for layer in layers]
    sizes = [len(numbers) for _, (numbers, _) in columns]
    wanted = list(itertools.pairwise(sizes))
    for arrays in (weights, weight_gradients):
        found = [np.shape(array) for array in arrays]
        if found != wanted:
            raise ValueError(
                f"draw_network: weights should have shapes {wanted}, but have {found}."
            )
    figure, axes = plt.subplots(figsize=(9.5, 1.25 * max(sizes) + 1.1))
    widest = max(float(np.max(np.abs(gradient))) for gradient in weight_gradients)
    for column, gradient in enumerate(weight_gradients):
        for left, right in np.ndindex(gradient.shape):
            value = gradient[left, right]
            if value == 0:
                continue
            axes.plot(
                [column, column + 1],
                [_height(left, sizes[column]), _height(right, sizes[column + 1])],
                color=style.RED if value < 0 else style.BLUE,
                ls="-" if value < 0 else (0, (4, 2)),
                lw=0.8 + 6 * abs(value) / widest,
                alpha=0.75,
                zorder=1,
            )
    for column, (_, (numbers, gradients)) in enumerate(columns):
        for unit, number in enumerate(numbers):
            text = f"{number:.3f}"
            if gradients is not None:
                text += f"\n{gradients[unit]:+.4f}"
            axes.text(
                column,
                _height(unit, len(numbers)),
                text,
                ha="center",
                va="center",
                fontsize=14,
                bbox={"boxstyle": "round,pad=0.4", "fc": "white", "ec": style.BLACK, "lw": 1.4},
                zorder=3,
            )
    axes.set_xticks(range(len(columns)), [name for name, _ in columns])
    axes.set(
        xlim=(-0.45, len(columns) - 0.55),
        ylim=(-max(sizes) / 2, max(sizes) / 2),
        yticks=[],
        xlabel="upper number: value; lower, with its sign: gradient at the unit's sum z",
    )
    axes.grid(visible=False)
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.tick_params(length=0)
    return figure


def draw_gradient_checks(
    checks: Mapping[str, tuple[Sequence[float], Sequence[float]]],
) -> Figure:
    """Draw gradients against what nudging says, a panel for each check.

    A point is one parameter; a right gradient puts all of them on the line. All panels
    have the same axes.

    Args:
        checks: by name, the gradients that a backward found and, in the same
            order, those found by moving each parameter.

    Raises:
        ValueError: when there is no check, or the two of one are not of one
            length.
    """
    import matplotlib.pyplot as plt

    if not checks:
        raise ValueError("draw_gradient_checks needs at least one check.")
    for name, (found, nudged) in checks.items():
        if len(found) != len(nudged) or not len(found):
            raise ValueError(
                f"draw_gradient_checks: {name} has {len(found)} gradients and {len(nudged)} "
                "found by nudging; there should be as many, and at least one."
            )
    every = [np.abs(numbers).max() for pair in checks.values() for numbers in pair]
    reach = 1.15 * max(float(np.max(every)), 1e-12)
    size = 3.9 if len(checks) == 1 else 2.75
    figure, grid = plt.subplots(
        1, len(checks), figsize=(size * len(checks) + 0.5, size + 0.4), squeeze=False
    )
    for axes, (name, (found, nudged)) in zip(grid.flat, checks.items(), strict=True):
        axes.plot([-reach, reach], [-reach, reach], color=style.GREY, lw=1.2, zorder=1)
        axes.plot(nudged, found, "o", color=style.BLUE, alpha=0.7, zorder=2)
        axes.set(xlim=(-reach, reach), ylim=(-reach, reach), title=name, xlabel="by nudging")
        axes.set_aspect("equal")
        axes.locator_params(nbins=4)
    grid[0, 0].set_ylabel("by backward")
    return figure


def _height(unit: int, size: int) -> float:
    return (size - 1) / 2 - unit


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float], label: str) -> None:
    span = end[0] - start[0]
    if span > 1.5:
        # Below the boxes that stand between the two.
        tail, head, bend = (start[0], start[1] - 0.39), (end[0], end[1] - 0.39), 0.3
        rise = head[1] - tail[1]
        # Halfway along Matplotlib's arc, which is computed in units of the screen.
        middle = (
            tail[0] + span / 2 + bend * rise * ASPECT / 2,
            tail[1] + rise / 2 - bend * span / ASPECT / 2,
        )
    else:
        tail, head, bend = (start[0] + 0.29, start[1]), (end[0] - 0.29, end[1]), 0.0
        # Nearer to the start, where arrows that meet at one value are still apart.
        middle = (tail[0] + 0.45 * (head[0] - tail[0]), tail[1] + 0.45 * (head[1] - tail[1]))
    axes.annotate(
        "",
        xy=head,
        xytext=tail,
        arrowprops={
            "arrowstyle": "-|>",
            "connectionstyle": f"arc3,rad={bend}",
            "color": style.GREY,
            "lw": 1.5,
            "shrinkA": 0,
            "shrinkB": 0,
        },
        zorder=1,
    )
    axes.text(
        *middle,
        label,
        ha="center",
        va="center",
        fontsize=12,
        bbox={"boxstyle": "round,pad=0.1", "fc": "white", "ec": "none"},
        zorder=2,
    )


def _box(axes: Axes, place: tuple[float, float], title: str, value: Value) -> None:
    from matplotlib.patches import FancyBboxPatch

    x, y = place
    axes.add_patch(
        FancyBboxPatch(
            (x - 0.26, y - 0.36),
            0.52,
            0.72,
            boxstyle="round,pad=0.03",
            fc=MADE_COLOUR if value.inputs else INPUT_COLOUR,
            ec=style.BLACK,
            lw=1.3,
            zorder=3,
        )
    )
    axes.text(x, y + 0.22, title, ha="center", va="center", fontsize=13, zorder=4)
    axes.text(x, y, f"{value.number:.4g}", ha="center", va="center", color=style.BLUE, zorder=4)
    axes.text(
        x,
        y - 0.24,
        f"{value.gradient:+.4g}",
        ha="center",
        va="center",
        color=style.RED,
        weight="bold",
        zorder=4,
    )
