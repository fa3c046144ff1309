"""Pictures for lesson 14: a sentence, attention weights, position codes, and costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from course_lib.figures import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DARK = 0.55  # shares below it are drawn dark, so their numbers are white


def draw_sentence(words: Sequence[str], source: int, targets: Sequence[int]) -> Figure:
    """Draw a sentence twice: arcs from one word to others, and the chain of a recurrence.

    Args:
        words: the sentence.
        source: the place of the word that looks, from 0.
        targets: the places of the words that it looks at.

    Raises:
        ValueError: when a place is not in the sentence.
    """
    import matplotlib.pyplot as plt
    from matplotlib.patches import Arc

    outside = [place for place in (source, *targets) if not 0 <= place < len(words)]
    if outside:
        raise ValueError(f"draw_sentence: the sentence has no word {outside[0]}.")
    figure, axes = plt.subplots(figsize=(10.4, 3.6))
    middles = np.cumsum([0.65 * len(word) + 1.0 for word in words])
    middles = middles - np.array([(0.65 * len(word) + 1.0) / 2 for word in words])
    axes.set(xlim=(-0.3, middles[-1] + 2.2), ylim=(-3.4, 5.0))
    axes.axis("off")
    for place, (word, x) in enumerate(zip(words, middles, strict=True)):
        used = place == source or place in targets
        colour = style.RED if place == source else style.BLUE if used else style.BLACK
        weight = "bold" if used else "normal"
        axes.text(x, 0, word, ha="center", va="center", fontsize=13, color=colour, weight=weight)
        axes.plot([x], [-1.9], "o", ms=13, mfc="white", mec=style.GREY, mew=2)
        axes.plot([x, x], [-0.6, -1.4], color=style.GREY, lw=1.5)
        if place:
            axes.annotate(
                "",
                (x - 0.45, -1.9),
                (middles[place - 1] + 0.45, -1.9),
                arrowprops={"arrowstyle": "-|>", "color": style.GREY, "lw": 1.5},
            )
    for place in targets:
        centre, width = (middles[source] + middles[place]) / 2, middles[source] - middles[place]
        height = 1.2 + 0.23 * abs(width)
        axes.add_patch(
            Arc((centre, 0.7), abs(width), height, theta1=0, theta2=180, color=style.BLUE, lw=2.2)
        )
    note = "attention: every word in one step"
    axes.text(middles[-1] + 1.5, 4.1, note, color=style.BLUE, fontsize=13, ha="right")
    axes.text(0, -3.1, "recurrence: one state, word after word", color=style.GREY, fontsize=13)
    return figure


def draw_maps(
    maps: Mapping[str, np.ndarray],
    rows: Sequence[str],
    columns: Sequence[str],
    *,
    numbers: bool = True,
    row_label: str = "query: who looks",
    column_label: str = "key: at whom",
    high: float = 1.0,
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
    seconds: Mapping[str, np.ndarray],
    memory: Mapping[str, np.ndarray],
) -> Figure:
    """Draw time and memory against the length of a sequence, on logarithmic axes.

    Args:
        lengths: tokens, shape (n,).
        seconds: for each method, the time for each length, shape (n,).
        memory: for each method, the bytes for each length, shape (n,).

    Raises:
        ValueError: when a curve does not have one number for each length.
    """
    import matplotlib.pyplot as plt

    for name, curve in (*seconds.items(), *memory.items()):
        if np.shape(curve) != np.shape(lengths):
            raise ValueError(
                f"draw_costs: {name} should have one number for each of the {len(lengths)} "
                f"lengths, but has shape {np.shape(curve)}."
            )
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.6, 4.0))
    for axes, curves, unit, label in (
        (left, seconds, 1e-3, "milliseconds"),
        (right, memory, 1e6, "megabytes kept"),
    ):
        looks = zip(curves.items(), ("o-", "s--", "^-."), style.CYCLE, strict=False)
        for (name, curve), line, colour in looks:
            axes.loglog(lengths, np.asarray(curve) / unit, line, color=colour, label=name)
        axes.set(xlabel="tokens", ylabel=label)
        axes.set_xticks(lengths, [str(length) for length in lengths])
        axes.minorticks_off()
    left.legend()
    return figure
