"""Pictures of words: how often they occur, where their vectors lie, what a model read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from course_lib.figures import style
from course_lib.scratch.shapes import shapes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MARKERS = "os^Dv*X"
LINE_WIDTH = 9.0  # inches of a line of words


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


@shapes(points="n 2")
def draw_word_map(points: np.ndarray, words: Sequence[str], kinds: Sequence[str]) -> Figure:
    """Draw words in the plane, coloured and marked by kind.

    A word whose name would lie on another's stays a mark without a name.

    Args:
        points: shape (n, 2).
        words: n words.
        kinds: n names of kinds, at most seven different ones.

    Raises:
        ValueError: when there is not one word and one kind for each point, or
            there are more kinds than markers.
    """
    import matplotlib.pyplot as plt

    found = list(dict.fromkeys(kinds))
    if not len(points) == len(words) == len(kinds) or len(found) > len(MARKERS):
        raise ValueError(
            f"draw_word_map needs a word and a kind for each of the {len(points)} points, and at "
            f"most {len(MARKERS)} kinds, but got {len(words)}, {len(kinds)} and {len(found)}."
        )
    room = np.ptp(points, axis=0) if len(points) else np.ones(2)
    named: list[int] = []
    figure, axes = plt.subplots(figsize=(9.5, 7))
    for kind, marker, colour in zip(found, MARKERS, style.CYCLE, strict=False):
        rows = [row for row, name in enumerate(kinds) if name == kind]
        axes.plot(*points[rows].T, marker, color=colour, ms=7, label=kind)
        for row in rows:
            # A name is about a twelfth of the picture wide and a fortieth high.
            apart = np.abs(points[row] - points[named]) / np.maximum(room, 1e-12)
            if np.any((apart[:, 0] < 0.08) & (apart[:, 1] < 0.026)):
                continue
            named.append(row)
            axes.annotate(
                words[row], points[row], xytext=(5, 3), textcoords="offset points", fontsize=12
            )
    axes.set(xlabel="first principal component", ylabel="second principal component")
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=len(found))
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


def draw_intervals(
    panels: Mapping[str, Mapping[str, Sequence[float]]],
    references: Mapping[str, float] | None = None,
) -> Figure:
    """Draw scores with their intervals, a row for each model and a panel for each score.

    Args:
        panels: by name of the score and of the model: value, lower and upper end.
        references: by name of the score, a value to compare with, drawn as a dashed line.

    Raises:
        ValueError: when there is no panel, or the panels name different models.
    """
    import matplotlib.pyplot as plt

    names = [list(models) for models in panels.values()]
    if not names or not names[0] or any(other != names[0] for other in names):
        raise ValueError(f"draw_intervals needs panels with the same models, but got {names}.")
    size = (1.5 + 4.0 * len(panels), 1.3 + 0.5 * len(names[0]))
    figure, grid = plt.subplots(1, len(panels), figsize=size, sharey=True, squeeze=False)
    rows = np.arange(len(names[0]))
    for axes, (score, models) in zip(grid[0], panels.items(), strict=True):
        values, lower, upper = np.transpose(list(models.values()))
        axes.hlines(rows, lower, upper, color=style.BLUE, lw=5, alpha=0.5)
        axes.plot(values, rows, "o", color=style.BLUE, ms=8)
        if references and score in references:
            axes.axvline(references[score], color=style.RED, ls="--", lw=1.5)
        axes.set(xlabel=score)
    grid[0, 0].set_yticks(rows, names[0])
    grid[0, 0].invert_yaxis()
    return figure
