"""Pictures of words: how often they occur, how alike their vectors are, what a model read."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from course_lib.figures import style
from course_lib.scratch.shapes import shapes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MARKERS = "os^Dv*X"
LINE_WIDTH = 9.0  # inches of a line of words
WRITTEN = 12  # so many words leave room for numbers between them


@shapes(counts="words")
def draw_zipf(counts: np.ndarray, names: Mapping[int, str] | None = None) -> Figure:
    """Draw how often each word occurs against its rank, both on logarithmic axes.

    A dashed line shows the law that the picture is named after: the second word
    half as often as the first, the hundredth a hundredth. Source: Zipf (1949),
    Human Behavior and the Principle of Least Effort.

    Args:
        counts: shape (words,), occurrences, positive, in any order.
        names: words to write beside the curve, by rank; the most frequent has 1.

    Raises:
        ValueError: when there is no word, or one with no occurrence.
    """
    import matplotlib.pyplot as plt

    if len(counts) == 0 or np.min(counts) <= 0:
        raise ValueError("draw_zipf needs at least one word, and a positive count for each.")
    ordered = np.sort(counts)[::-1]
    ranks = np.arange(1, len(ordered) + 1)
    figure, axes = plt.subplots(figsize=(7.5, 4.2))
    axes.loglog(ranks, ordered, color=style.BLUE, label="counted")
    axes.loglog(ranks, ordered[0] / ranks, color=style.GREY, ls="--", lw=1.5, label="1 / rank")
    for rank, name in (names or {}).items():
        axes.plot(rank, ordered[rank - 1], "o", color=style.RED)
        axes.annotate(
            name,
            (rank, ordered[rank - 1]),
            xytext=(6, 6),
            textcoords="offset points",
            color=style.RED,
        )
    axes.set(xlabel="rank of the word", ylabel="occurrences", ylim=(0.7, 3 * ordered[0]))
    axes.legend(loc="lower left")
    return figure


@shapes(weights="words")
def draw_word_weights(words: Sequence[str], weights: np.ndarray, count: int, xlabel: str) -> Figure:
    """Draw the largest and the smallest weights of words as bars, the largest on top.

    Weights above zero are orange, the others blue.

    Args:
        words: as many as there are weights.
        weights: shape (words,).
        count: how many to draw from each end; at least 1, at most half of the words.
        xlabel: what the weights say.

    Raises:
        ValueError: when there is not one weight for each word, or too few words.
    """
    import matplotlib.pyplot as plt

    if len(words) != len(weights) or not 1 <= count <= len(words) / 2:
        raise ValueError(
            "draw_word_weights needs a weight for each word, and at least twice as many words "
            f"as {count}, but got {len(words)} words and {len(weights)} weights."
        )
    order = np.argsort(-weights, kind="stable")
    drawn = np.append(order[:count], order[-count:])
    figure, axes = plt.subplots(figsize=(7.5, 1.0 + 0.54 * count))
    colours = [style.ORANGE if weights[row] > 0 else style.BLUE for row in drawn]
    axes.barh(np.arange(2 * count), weights[drawn], color=colours)
    axes.set_yticks(np.arange(2 * count), [words[row] for row in drawn.tolist()])
    axes.invert_yaxis()
    axes.set(xlabel=xlabel)
    axes.grid(visible=False, axis="y")
    return figure


@shapes(vectors="words units")
def draw_cosines(words: Sequence[str], vectors: np.ndarray, every: int | None = None) -> Figure:
    """Draw the cosine between each two words as a square in a colour.

    Up to twelve words leave room for the numbers; then they are written as well.

    Args:
        words: at least one word, written at the rows and below the columns.
        vectors: shape (words, units), no row of zeros.
        every: draw white lines after so many words, which then are read as groups.

    Raises:
        ValueError: when there is no word, or not one vector for each.
    """
    import matplotlib.pyplot as plt

    if len(words) != len(vectors) or len(words) == 0:
        raise ValueError(
            f"draw_cosines needs words and a vector for each, but got {len(words)} words and "
            f"{len(vectors)} vectors."
        )
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    cosines, written = unit @ unit.T, len(words) <= WRITTEN
    side = 1.5 + (0.5 if written else 0.25) * len(words)
    figure, axes = plt.subplots(figsize=(side + 1.2, side))
    low = min(0.0, float(np.min(cosines)))
    picture = axes.imshow(cosines, vmin=low, vmax=1)
    places = range(len(words))
    for row, column in itertools.product(places, places) if written else []:
        cosine = cosines[row, column]
        colour = style.BLACK if cosine > (1 + low) / 2 else "white"
        axes.text(column, row, f"{cosine:.2f}", ha="center", va="center", color=colour, fontsize=11)
    axes.set_xticks(places, words, rotation=90, fontsize=12)
    axes.set_yticks(places, words, fontsize=12)
    axes.grid(visible=False)
    for start in places[every::every] if every else []:
        axes.axhline(start - 0.5, color="white", lw=3)
        axes.axvline(start - 0.5, color="white", lw=3)
    figure.colorbar(picture, ax=axes, label="cosine", shrink=0.8)
    return figure


def draw_changes(words: Sequence[str], changes: Mapping[str, np.ndarray], xlabel: str) -> Figure:
    """Draw by how much something changes: a row for each word, a mark for each model.

    Args:
        words: at least one word, the first on top.
        changes: by model, at most seven of them, shape (words,).
        xlabel: what changes, and in what unit.

    Raises:
        ValueError: when there is no word, or there are no models or more than
            markers, or one without a change for each word.
    """
    import matplotlib.pyplot as plt

    fits = all(np.shape(values) == (len(words),) for values in changes.values())
    if not fits or len(words) == 0 or not 0 < len(changes) <= len(MARKERS):
        found = {name: np.shape(values) for name, values in changes.items()}
        raise ValueError(
            f"draw_changes needs words and one to {len(MARKERS)} models with a change for each "
            f"word, but got {len(words)} words and {found}."
        )
    rows = np.arange(len(words))
    figure, axes = plt.subplots(figsize=(9, 1.6 + 0.36 * len(words)))
    axes.axvline(0, color=style.BLACK, lw=1.5)
    for (name, values), marker, colour in zip(changes.items(), MARKERS, style.CYCLE, strict=False):
        axes.plot(values, rows, marker, color=colour, ms=9, label=name)
    axes.set_yticks(rows, words)
    axes.invert_yaxis()
    axes.set(xlabel=xlabel)
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=min(4, len(changes)))
    return figure


def draw_readings(readings: Mapping[str, tuple[Sequence[str], Sequence[float]]]) -> Figure:
    """Draw texts whose words carry a score: in colour, and as a number below the word.

    Scores above zero are orange, below zero blue, and darker the larger they are
    beside the largest of their text. A number is written where it is at least a
    tenth of that.

    Args:
        readings: by title, the words of a text and as many scores.

    Raises:
        ValueError: when there is no text, an empty one, or one whose words and
            scores differ in number.
    """
    import matplotlib.pyplot as plt

    for title, (words, scores) in readings.items():
        if len(words) != len(scores) or len(words) == 0:
            raise ValueError(
                f"draw_readings: {title!r} needs a score for each word, but has {len(words)} "
                f"words and {len(scores)} scores."
            )
    if not readings:
        raise ValueError("draw_readings needs at least one text.")
    placed = {title: _lines(words) for title, (words, _) in readings.items()}
    heights = [0.55 + 0.55 * (1 + max(line for line, _ in spots)) for spots in placed.values()]
    figure, panels = plt.subplots(
        len(readings),
        1,
        figsize=(LINE_WIDTH + 0.3, sum(heights)),
        gridspec_kw={"height_ratios": heights},
        squeeze=False,
    )
    for axes, height, (title, (words, scores)) in zip(
        panels[:, 0], heights, readings.items(), strict=True
    ):
        largest = float(np.max(np.abs(scores))) or 1.0
        for word, score, (line, left) in zip(words, scores, placed[title], strict=True):
            strength = abs(score) / largest
            colour = style.ORANGE if score > 0 else style.SKY
            axes.text(
                left,
                0.25 + 0.55 * line,
                word,
                va="center",
                fontsize=14,
                bbox={"boxstyle": "round,pad=0.12", "fc": colour, "alpha": strength, "lw": 0},
            )
            if strength >= 0.1:
                below = 0.50 + 0.55 * line
                axes.text(left, below, f"{score:+.1f}", va="center", fontsize=12)
        axes.set(xlim=(0, LINE_WIDTH), ylim=(height - 0.3, 0))
        axes.set_title(title, loc="left", fontsize=13)
        axes.axis("off")
    return figure


def _lines(words: Sequence[str]) -> list[tuple[int, float]]:
    """Return line and distance from the left, in inches, of each word of a broken text."""
    places, line, left = [], 0, 0.05
    for word in words:
        # A number of three digits and a sign needs as much room as four letters.
        width = 0.22 + 0.108 * max(len(word), 4)
        if left + width > LINE_WIDTH:
            line, left = line + 1, 0.05
        places.append((line, left))
        left += width
    return places
