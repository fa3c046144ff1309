"""Pictures of lesson 17: what new learning costs the old, and how low a rank a change has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from course_lib.figures import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MARKERS = "os^DvPX*"
NEAR = 0.08  # nats, closer than which two names would touch


def draw_forgetting(losses: Mapping[str, tuple[float, float]]) -> Figure:
    """Draw models as points: the loss on the new text to the right, on the old one upwards.

    The lower left corner is best at both. Each point carries its name.

    Args:
        losses: by name of the model: its loss on the new and on the old text, in nats.

    Raises:
        ValueError: when there is no model, or a loss is not finite.
    """
    import matplotlib.pyplot as plt

    if not losses or not np.isfinite(list(losses.values())).all():
        raise ValueError("draw_forgetting needs at least one model, and finite losses.")
    figure, axes = plt.subplots(figsize=(8.4, 4.6))
    right = np.mean([new for new, _ in losses.values()])
    for number, (name, (new, old)) in enumerate(losses.items()):
        colour = style.CYCLE[number % len(style.CYCLE)]
        axes.plot(new, old, MARKERS[number % len(MARKERS)], color=colour, markersize=10)
        # Names turn inwards, so that none leaves the picture, and away from each other.
        side = "right" if new > right else "left"
        gaps = [other - old for near, other in losses.values() if abs(near - new) < NEAR]
        above = any(0 < gap < NEAR for gap in gaps)
        below = any(-NEAR < gap < 0 for gap in gaps)
        axes.annotate(
            name,
            (new, old),
            xytext=(-10 if side == "right" else 10, 7 * (below - above)),
            textcoords="offset points",
            ha=side,
            va="center",
            color=colour,
        )
    axes.margins(0.12)
    axes.set(xlabel="loss on new reviews, nats", ylabel="loss on an unseen play, nats")
    return figure


def draw_ranks(values: Mapping[str, np.ndarray], marked: int) -> Figure:
    """Draw which share of a matrix its first singular values hold, for several matrices.

    Args:
        values: singular values, largest first, by name of the matrix.
        marked: a rank at which to draw a line.

    Raises:
        ValueError: when there is no matrix, one without a positive value, or the
            marked rank is no rank.
    """
    import matplotlib.pyplot as plt

    if not values or marked < 1 or any(np.max(one, initial=0.0) <= 0 for one in values.values()):
        raise ValueError(
            "draw_ranks needs at least one matrix with a positive singular value, and a marked "
            "rank of at least 1."
        )
    figure, axes = plt.subplots(figsize=(7.8, 4.2))
    for number, (name, one) in enumerate(values.items()):
        energy = np.cumsum(np.square(one)) / np.sum(np.square(one))
        line = ("-", "--", "-.", ":")[number % 4]
        axes.plot(np.arange(1, len(one) + 1), energy, line, color=style.CYCLE[number], label=name)
    axes.axvline(marked, color=style.GREY, lw=1.2)
    axes.text(marked, 0.02, f" rank {marked}", color=style.GREY)
    axes.set(xlabel="singular values kept", ylabel="share of the change", ylim=(0, 1.03))
    axes.legend(loc="lower right")
    return figure


def draw_preference(
    kl: Mapping[float, float], share: Mapping[float, float], play: Mapping[float, float]
) -> Figure:
    """Draw what the strength of a preference buys and what it costs, two panels.

    Left the share of answers that meet the rule, right the loss on unseen text,
    both against the distance from the old model. Numbers beside the points are beta.

    Args:
        kl: distance from the model before, nats an answer, by beta; infinity,
            with a distance of 0, is the model before.
        share: of answers that meet the rule, for the same betas.
        play: loss on unseen text in nats, for the same betas.

    Raises:
        ValueError: when there is no beta, or the three differ in theirs.
    """
    import matplotlib.pyplot as plt

    betas = list(kl)
    if not betas or not set(betas) == set(share) == set(play):
        raise ValueError("draw_preference needs the same betas three times, at least one.")
    betas.sort(key=lambda beta: kl[beta])
    figure, panels = plt.subplots(1, 2, figsize=(9.4, 3.8))
    rows = zip(panels, (share, play), (style.BLUE, style.RED), ("o-", "s--"), strict=True)
    for axes, values, colour, look in rows:
        axes.plot([kl[one] for one in betas], [values[one] for one in betas], look, color=colour)
        for one in betas:
            text = "before" if np.isinf(one) else f"{one:g}"
            axes.annotate(text, (kl[one], values[one]), xytext=(4, -16), textcoords="offset points")
        axes.set_xlabel("KL from the old model, nats")
        axes.margins(0.18)
    panels[0].set(ylabel="share with a ! or ?", ylim=(0, 1.08))
    panels[1].set(ylabel="loss on an unseen play, nats")
    return figure
