"""Pictures for lesson 14: attention weights, spread, position codes, and costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from course_lib.figures import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DARK = 0.55  # shares below it are drawn dark, so their numbers are white


def draw_maps(
    maps: Mapping[str, np.ndarray],
    rows: Sequence[str],
    columns: Sequence[str],
    *,
    numbers: bool = True,
    row_label: str = "query: who looks",
    column_label: str = "key: at whom",
    high: float = 1.0,
    size: float | None = None,
) -> Figure:
    """Draw attention weights as heat maps, side by side.

    Args:
        maps: for each title, weights of shape (rows, columns), from 0 to `high`.
        rows: names of the queries; an empty one is left out.
        columns: names of the keys; likewise.
        numbers: whether to write each weight into its cell, with two digits.
        row_label: what the rows are.
        column_label: what the columns are.
        high: the weight that is drawn brightest.
        size: the side of a map in inches; None: what its numbers need.

    Raises:
        ValueError: when there is no map, or one does not fit the names.
    """
    import matplotlib.pyplot as plt

    wanted = (len(rows), len(columns))
    for title, weights in maps.items():
        if np.shape(weights) != wanted:
            raise ValueError(
                f"draw_maps: {title} should have shape {wanted}, one row for each query and one "
                f"column for each key, but has shape {np.shape(weights)}."
            )
    if not maps:
        raise ValueError("draw_maps needs at least one map.")
    if size is None:
        size = max(2.9, 0.62 * len(columns)) if numbers else 2.6
    figure, panels = plt.subplots(
        1, len(maps), figsize=(size * len(maps) + 1.2, size + 0.7), squeeze=False
    )
    for axes, (title, weights) in zip(panels[0], maps.items(), strict=True):
        picture = axes.imshow(weights, vmin=0, vmax=high, cmap=style.SEQUENTIAL)
        axes.set(title=title, xlabel=column_label)
        axes.set_xticks(range(len(columns)), columns, rotation=45 if numbers else 0)
        axes.set_yticks(range(len(rows)), rows)
        axes.tick_params(length=0)
        axes.grid(False)
        for (row, column), weight in np.ndenumerate(weights) if numbers else ():
            colour = "white" if weight < DARK * high else "black"
            axes.text(
                column, row, f"{weight:.2f}", ha="center", va="center", color=colour, fontsize=12
            )
    panels[0, 0].set_ylabel(row_label)
    figure.colorbar(picture, ax=list(panels[0]), label="weight", shrink=0.8)
    return figure


def draw_looks(maps: Mapping[str, np.ndarray], passage: str) -> Figure:
    """Draw where a reader of letters looks when it is asked for 1, 2, 3, ... places back.

    Args:
        maps: for each title, weights with a row for each question and a column for each
            letter.
        passage: the letters; a space is written as an underscore.

    Raises:
        ValueError: when there is no map, or one does not fit the passage.
    """
    return draw_maps(
        maps,
        [str(back) for back in range(1, len(passage) + 1)],
        list(passage.replace(" ", "_")),
        numbers=False,
        row_label="asked: places back",
        column_label="the passage",
        size=4.4,
    )


def draw_root(
    features: Sequence[int],
    largest: Mapping[str, np.ndarray],
    slope: Mapping[str, np.ndarray],
) -> Figure:
    """Draw the largest weight and its slope against the number of features.

    Args:
        features: the widths, drawn on a logarithmic axis.
        largest: for each curve, the mean largest weight for each width.
        slope: for each curve, the mean slope of that weight in its score.

    Raises:
        ValueError: when a curve does not have one number for each width.
    """
    import matplotlib.pyplot as plt

    for name, curve in (*largest.items(), *slope.items()):
        if np.shape(curve) != (len(features),):
            raise ValueError(
                f"draw_root: {name} should have one number for each of the {len(features)} "
                f"widths, but has shape {np.shape(curve)}."
            )
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.6, 3.8))
    for axes, curves, label, top in (
        (left, largest, "largest weight, mean", 1.0),
        (right, slope, "slope of that weight, mean", 0.25),
    ):
        looks = zip(curves.items(), ("s--", "o-"), (style.RED, style.BLUE), strict=False)
        for (name, curve), line, colour in looks:
            axes.semilogx(features, curve, line, color=colour, label=name)
        axes.set(xlabel="features", ylabel=label, ylim=(0, top))
        axes.set_xticks(features, [str(width) for width in features])
        axes.minorticks_off()
    left.legend()
    return figure


def draw_positions(table: np.ndarray, products: Mapping[str, np.ndarray]) -> Figure:
    """Draw a position code, and dot products against the distance of two positions.

    Args:
        table: shape (positions, features), from -1 to 1.
        products: for each curve, dot products at distance 0, 1, 2, ..., as shares of
            the first.

    Raises:
        ValueError: when the table has not two axes, or there is no curve.
    """
    import matplotlib.pyplot as plt

    if np.ndim(table) != 2 or not products:
        raise ValueError("draw_positions needs a table (positions, features) and a curve.")
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.8, 4.0))
    picture = left.imshow(table, vmin=-1, vmax=1, cmap="cividis", aspect="auto")
    left.set(xlabel="feature", ylabel="position", title="the code")
    left.grid(False)
    figure.colorbar(picture, ax=left, ticks=[-1, 0, 1])
    for (name, curve), line, colour in zip(
        products.items(), ("-", "--", "-."), style.CYCLE, strict=False
    ):
        right.plot(np.arange(len(curve)), curve, line, color=colour, label=name)
    right.set(xlabel="distance of two positions", ylabel="dot product, own = 1")
    right.set_title("who is near?")
    right.legend()
    return figure


def draw_costs(
    lengths: np.ndarray,
    operations: Mapping[str, np.ndarray],
    memory: Mapping[str, np.ndarray],
) -> Figure:
    """Draw operations and memory against the length of a sequence, on logarithmic axes.

    Args:
        lengths: tokens, shape (n,).
        operations: for each part, the operations for each length, shape (n,).
        memory: for each method, the bytes for each length, shape (n,).

    Raises:
        ValueError: when a curve does not have one number for each length.
    """
    import matplotlib.pyplot as plt

    for name, curve in (*operations.items(), *memory.items()):
        if np.shape(curve) != np.shape(lengths):
            raise ValueError(
                f"draw_costs: {name} should have one number for each of the {len(lengths)} "
                f"lengths, but has shape {np.shape(curve)}."
            )
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.6, 4.0))
    for axes, curves, unit, label in (
        (left, operations, 1e9, "billion operations"),
        (right, memory, 1e6, "megabytes"),
    ):
        looks = zip(curves.items(), ("o-", "s--", "^-."), style.CYCLE, strict=False)
        for (name, curve), line, colour in looks:
            axes.loglog(lengths, np.asarray(curve) / unit, line, color=colour, label=name)
        axes.set(xlabel="tokens", ylabel=label)
        axes.set_xticks(lengths, [f"{length:,}" for length in lengths])
        axes.minorticks_off()
        axes.legend()
    return figure
