"""Pictures for lesson 16: surprise, n-grams, the parts of a GPT, learning, what comes next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from course_lib.figures import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LOOKS = ("o-", "s--", "^-.", "D:", "v-", "P--")
# How characters that leave no ink are drawn.
SIGNS = {" ": "␣", "\n": "↵"}


def draw_surprise(text: str, bits: Sequence[float]) -> Figure:
    """Draw how surprising each character of a text was, as bars over the characters.

    Args:
        text: the characters, written below the bars; a space is drawn as an open
            box, a line break as an arrow.
        bits: for each character, shape (len(text),).

    Raises:
        ValueError: when there is no character, or not one number for each.
    """
    import matplotlib.pyplot as plt

    if not text or len(text) != len(bits):
        raise ValueError(
            "draw_surprise needs one number for each character, at least one, but has "
            f"{len(bits)} for {len(text)} characters."
        )
    figure, axes = plt.subplots(figsize=(11.0, 3.4))
    places = np.arange(len(text))
    axes.set_axisbelow(True)
    axes.bar(places, bits, color=style.BLUE)
    names = [SIGNS.get(character, character) for character in text]
    axes.set_xticks(places, names, family="monospace", fontsize=13)
    axes.set(ylabel="surprise (bits)", xlim=(-0.7, len(text) - 0.3))
    axes.tick_params(axis="x", length=0)
    axes.grid(axis="x", visible=False)
    return figure


def draw_orders(curves: Mapping[str, Sequence[float]], levels: Mapping[str, float]) -> Figure:
    """Draw bits per character against the order of an n-gram model.

    Args:
        curves: for each model, its bits per character for n = 1, 2, ...
        levels: bits per character of models that have no order, drawn level.

    Raises:
        ValueError: when there is no curve.
    """
    import matplotlib.pyplot as plt

    if not curves:
        raise ValueError("draw_orders needs at least one curve.")
    figure, axes = plt.subplots(figsize=(8.4, 4.0))
    for (name, bits), look, colour in zip(curves.items(), LOOKS, style.CYCLE, strict=False):
        axes.plot(np.arange(1, len(bits) + 1), bits, look, color=colour, label=name)
    longest = max(len(bits) for bits in curves.values())
    _draw_levels(axes, levels)
    axes.set(xlabel="n: characters counted together", ylabel="bits per character")
    axes.set(xticks=range(1, longest + 1), ylim=(0, None))
    axes.legend(loc="lower left")
    return figure


def draw_learning(
    curves: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    levels: Mapping[str, float],
    xlabel: str = "training steps",
    *,
    logarithmic: bool = False,
) -> Figure:
    """Draw bits per character against training steps, with other models as level lines.

    Args:
        curves: for each name, steps (or what else `xlabel` says) and bits per character.
        levels: bits per character of other models.
        xlabel: what the horizontal axis says.
        logarithmic: whether the horizontal axis shows powers of ten at equal distances.

    Raises:
        ValueError: when there is no curve, or steps and bits differ in number.
    """
    import matplotlib.pyplot as plt

    if not curves:
        raise ValueError("draw_learning needs at least one curve.")
    for name, (steps, bits) in curves.items():
        if len(steps) != len(bits):
            raise ValueError(
                f"draw_learning: {name} should have one number for each step, but has "
                f"{len(bits)} for {len(steps)} steps."
            )
    figure, axes = plt.subplots(figsize=(8.4, 4.0))
    for (name, (steps, bits)), look, colour in zip(
        curves.items(), ("-", "s--", "^-."), style.CYCLE, strict=False
    ):
        axes.plot(steps, bits, look, color=colour, label=name)
    _draw_levels(axes, levels)
    axes.set(xlabel=xlabel, ylabel="bits per character")
    if logarithmic:
        axes.set_xscale("log")
    figure.legend(loc="outside upper center", ncols=len(curves))
    return figure


def _draw_levels(axes: Axes, levels: Mapping[str, float]) -> None:
    for name, level in levels.items():
        axes.axhline(level, color=style.GREY, lw=1.3, ls=(0, (4, 3)))
        # Behind the right edge, where no curve can cross the name.
        axes.annotate(
            name,
            (1, level),
            (6, 0),
            xycoords=axes.get_yaxis_transform(),
            textcoords="offset points",
            va="center",
            color=style.GREY,
            fontsize=12,
        )


def draw_gpt(sizes: Mapping[str, int]) -> Figure:
    """Draw the parts of a GPT with the shapes between them and their parameters.

    Args:
        sizes: vocabulary, context, width, depth and heads, as in `models.gpt.GPT`.

    Raises:
        ValueError: when a size is missing.
    """
    import matplotlib.pyplot as plt

    missing = {"vocabulary", "context", "width", "depth", "heads"} - set(sizes)
    if missing:
        raise ValueError(f"draw_gpt needs the size {', '.join(sorted(missing))}.")
    tokens, context, width = sizes["vocabulary"], sizes["context"], sizes["width"]
    figure, axes = plt.subplots(figsize=(8.0, 6.6))
    axes.set(xlim=(0, 20), ylim=(-0.5, 12.4))
    axes.axis("off")
    state = f"({context}, {width})"
    whole = [
        ("tokens", f"({context},)", style.GREY),
        (f"table of tokens {tokens * width:,}\n+ table of places {context * width:,}", state, ""),
        (f"{sizes['depth']} blocks", state, style.BLUE),
        (f"normalisation {width:,}", state, ""),
        ("table of tokens again, turned", f"({context}, {tokens})", ""),
        ("logits of the next token", "", style.GREY),
    ]
    block = [
        ("comes in", state, style.GREY),
        (f"normalisation {width:,}", state, ""),
        (
            f"causal attention, {sizes['heads']} heads\n{3 * width * width:,} + {width * width:,}",
            state,
            style.BLUE,
        ),
        ("added to what came in", state, style.GREY),
        (f"normalisation {width:,}", state, ""),
        (
            f"to {4 * width} and back, GELU\n{4 * width * width:,} + {4 * width * width:,}",
            state,
            style.BLUE,
        ),
        ("added to what came in", "", style.GREY),
    ]
    _draw_column(axes, whole, 4.6, "the model, and its parameters")
    _draw_column(axes, block, 14.9, "one block")
    return figure


def _draw_column(
    axes: Axes, parts: Sequence[tuple[str, str, str]], middle: float, title: str
) -> None:
    heights = np.linspace(0.4, 10.4, len(parts))
    for number, (text, _, colour) in enumerate(parts):
        axes.text(
            middle,
            heights[number],
            text,
            ha="center",
            va="center",
            fontsize=12,
            bbox={"boxstyle": "round,pad=0.35", "fc": "white", "ec": colour or "black", "lw": 1.8},
        )
        if number:
            low, high = heights[number - 1], heights[number]
            axes.annotate(
                "",
                (middle, high - 0.62),
                (middle, low + 0.62),
                arrowprops={"arrowstyle": "-|>", "color": style.GREY},
            )
            axes.text(
                middle + 0.3,
                (low + high) / 2,
                parts[number - 1][1],
                va="center",
                fontsize=12,
                color=style.GREY,
            )
    axes.text(middle, 12.0, title, ha="center", va="center", fontsize=14, weight="bold")


def draw_next(names: Sequence[str], rows: Mapping[str, np.ndarray]) -> Figure:
    """Draw probabilities of the next token as bars, a panel for each way to choose.

    Args:
        names: of the tokens.
        rows: for each title, probabilities, shape (tokens,).

    Raises:
        ValueError: when there is no row, or one does not fit the names.
    """
    import matplotlib.pyplot as plt

    if not rows:
        raise ValueError("draw_next needs at least one row.")
    for title, row in rows.items():
        if np.shape(row) != (len(names),):
            raise ValueError(
                f"draw_next: {title} should have shape ({len(names)},), but has {np.shape(row)}."
            )
    figure, panels = plt.subplots(
        1, len(rows), figsize=(2.6 * len(rows), 3.6), sharex=True, sharey=True, squeeze=False
    )
    places = np.arange(len(names))
    for axes, (title, row) in zip(panels[0], rows.items(), strict=True):
        axes.barh(places, row, color=style.BLUE)
        axes.set(title=title, xlabel="probability", xlim=(0, 1))
        axes.set_yticks(places, names, family="monospace")
        axes.grid(axis="y", visible=False)
    panels[0, 0].invert_yaxis()
    return figure


def draw_temperatures(
    temperatures: Sequence[float], curves: Mapping[str, Sequence[float]], ylabel: str = "share"
) -> Figure:
    """Draw measures of sampled text against the temperature.

    Args:
        temperatures: where they were measured.
        curves: for each measure, one number from 0 to 1 for each temperature.
        ylabel: what the vertical axis says.

    Raises:
        ValueError: when there is no curve, or one does not fit the temperatures.
    """
    import matplotlib.pyplot as plt

    if not curves:
        raise ValueError("draw_temperatures needs at least one curve.")
    figure, axes = plt.subplots(figsize=(7.6, 3.8))
    for (name, values), look, colour in zip(curves.items(), LOOKS, style.CYCLE, strict=False):
        if len(values) != len(temperatures):
            raise ValueError(
                f"draw_temperatures: {name} should have {len(temperatures)} numbers, one for "
                f"each temperature, but has {len(values)}."
            )
        axes.plot(temperatures, values, look, color=colour, label=name)
    axes.set(xlabel="temperature", ylabel=ylabel, ylim=(-0.03, 1.03))
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure
