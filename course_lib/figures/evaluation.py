"""Pictures of how good a model is: what it says, what it earns, how firm that is, and leaks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from course_lib.figures import style
from course_lib.scratch.shapes import shapes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MARKERS = "os^Dv"


def draw_reliability(tables: Mapping[str, tuple[np.ndarray, np.ndarray, np.ndarray]]) -> Figure:
    """Draw what share came true against what was said; larger markers hold more examples.

    Args:
        tables: by name, the three arrays of `scratch.metrics.reliability_table`.

    Raises:
        ValueError: when there is no table.
    """
    import matplotlib.pyplot as plt

    if not tables:
        raise ValueError("draw_reliability needs at least one table.")
    figure, axes = plt.subplots(figsize=(6.4, 4.8))
    axes.plot([0, 1], [0, 1], color=style.GREY, ls="--", lw=1.5, label="said = happened")
    for (name, (said, happened, counts)), marker, colour in zip(
        tables.items(), MARKERS, style.CYCLE[1::-1] + style.CYCLE[2:], strict=False
    ):
        axes.plot(said, happened, color=colour, lw=1.5, marker=marker, ms=4, label=name)
        areas = 12 + 700 * counts / counts.sum()
        axes.scatter(said, happened, s=areas, c=colour, marker=marker, alpha=0.5)
    axes.set(xlabel="probability of default that was said", ylabel="share that defaulted")
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    axes.legend(loc="upper left")
    return figure


def draw_leaks(scores: Mapping[str, np.ndarray]) -> Figure:
    """Draw each leak as an arrow from its score to the score after mending, a dot for each seed.

    Args:
        scores: by the leak's name, shape (seeds, 2): with the leak, and mended.

    Raises:
        ValueError: when there is no leak, or one has not two scores for each seed.
    """
    import matplotlib.pyplot as plt

    if not scores:
        raise ValueError("draw_leaks needs at least one leak.")
    for name, values in scores.items():
        if np.ndim(values) != 2 or np.shape(values)[1] != 2:
            raise ValueError(
                f"draw_leaks: {name} should have shape (seeds, 2), but has shape "
                f"{np.shape(values)}."
            )
    figure, axes = plt.subplots(figsize=(8.6, 0.9 + 0.8 * len(scores)))
    for row, values in enumerate(scores.values()):
        leaky, mended = np.mean(values, axis=0)
        if abs(leaky - mended) > 0.01:
            axes.annotate(
                "",
                (mended, row),
                (leaky, row),
                arrowprops={"arrowstyle": "-|>", "color": style.GREY, "lw": 2},
            )
        for column, colour, marker in ((0, style.RED, "X"), (1, style.BLUE, "o")):
            label = ("with the leak", "mended")[column] if row == 0 else None
            height = np.full(len(values), row)
            axes.scatter(
                values[:, column], height, s=60, c=colour, marker=marker, alpha=0.7, label=label
            )
    axes.set_yticks(range(len(scores)), list(scores))
    axes.set_ylim(len(scores) - 0.5, -0.5)
    axes.set_xlabel("AUC")
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
    return figure


@shapes(targets="n", probabilities="n")
def draw_probabilities(targets: np.ndarray, probabilities: np.ndarray, threshold: float) -> Figure:
    """Draw how many good and bad loans got which probability of default, and a threshold.

    Args:
        targets: shape (n,), 1 for a bad loan.
        probabilities: shape (n,), of a 1.
        threshold: where an alarm begins.

    Raises:
        ValueError: when the shapes do not fit.
    """
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(7.5, 3.8))
    bins = np.linspace(0, 1, 21).tolist()
    classes = ((0, style.SKY, "repaid (good)"), (1, style.RED, "did not repay (bad)"))
    for value, colour, label in classes:
        axes.hist(probabilities[targets == value], bins, color=colour, alpha=0.7, label=label)
    axes.axvline(threshold, color=style.BLACK, ls="--", label=f"alarm from {threshold:g}")
    axes.set(xlabel="probability of default that is said", ylabel="applicants", xlim=(0, 1))
    axes.legend()
    return figure


def draw_profit(
    thresholds: np.ndarray, profits: Mapping[str, np.ndarray], marked: Mapping[str, float]
) -> Figure:
    """Draw profit against the threshold from which applicants are refused.

    Args:
        thresholds: shape (n,), probabilities of default.
        profits: by the model's name, shape (n,), profit per applicant.
        marked: by label, thresholds that get a vertical line.

    Raises:
        ValueError: when there is no model, or one has not a profit for each threshold.
    """
    import matplotlib.pyplot as plt

    if not profits:
        raise ValueError("draw_profit needs the profits of at least one model.")
    for name, values in profits.items():
        if np.shape(values) != np.shape(thresholds):
            raise ValueError(
                f"draw_profit: {name} should have shape {np.shape(thresholds)}, but has shape "
                f"{np.shape(values)}."
            )
    figure, axes = plt.subplots(figsize=(7.5, 4.0))
    for (name, values), line in zip(profits.items(), ("-", "--", "-.", ":"), strict=False):
        axes.plot(thresholds, values, line, label=name)
    axes.axhline(0, color=style.BLACK, lw=1)
    colours = (style.GREEN, style.RED, style.PURPLE)
    for (label, place), colour in zip(marked.items(), colours, strict=False):
        axes.axvline(place, color=colour, ls=":", label=label)
    axes.set(xlabel="refuse from this probability of default up", ylabel="profit per applicant")
    axes.legend()
    return figure


def draw_intervals(
    panels: Mapping[str, Mapping[str, Sequence[float]]],
    references: Mapping[str, float] | None = None,
) -> Figure:
    """Draw scores with their intervals, a row for each model and a panel for each score.

    Args:
        panels: by name of the score and of the model: value, lower and upper end.
        references: by name of the score, a value to compare with, drawn as a dashed line.

    Raises:
        ValueError: when there is no panel, the panels name different models, or a value
            does not lie between its ends.
    """
    import matplotlib.pyplot as plt

    names = [list(models) for models in panels.values()]
    if not names or not names[0] or any(other != names[0] for other in names):
        raise ValueError(f"draw_intervals needs panels with the same models, but got {names}.")
    for models in panels.values():
        for name, numbers in models.items():
            if len(numbers) != 3 or not numbers[1] <= numbers[0] <= numbers[2]:
                raise ValueError(
                    f"draw_intervals: {name} should be a value, its lower and its upper end, but "
                    f"is {list(numbers)!r}."
                )
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


@shapes(scores="n")
def draw_choice(scores: np.ndarray, chosen: float, fresh: float) -> Figure:
    """Draw the scores of many models, that of the one chosen for it, and its score on fresh data.

    Args:
        scores: shape (n,), each model's accuracy on the set that chooses.
        chosen: the accuracy of the chosen model there.
        fresh: its accuracy on data that chose nothing.

    Raises:
        ValueError: when the shape does not fit.
    """
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(7.5, 3.6))
    axes.hist(scores, bins=np.arange(0.3975, 0.6275, 0.01).tolist(), color=style.SKY)
    axes.axvline(chosen, color=style.RED, ls="--", label="the winner on the test set")
    axes.axvline(fresh, color=style.GREEN, label="the winner on fresh applicants")
    axes.set(xlabel="accuracy of a model that knows nothing", ylabel="models")
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
    return figure


def draw_curves(
    roc: tuple[np.ndarray, np.ndarray, np.ndarray],
    precision_recall: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> Figure:
    """Draw a ROC curve and a precision-recall curve side by side, each with what chance gives.

    Args:
        roc: what `scratch.metrics.roc_curve` returns.
        precision_recall: what `scratch.metrics.precision_recall_curve` returns.
    """
    import matplotlib.pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4.2))
    left.plot(*roc[:2])
    left.plot([0, 1], [0, 1], color=style.GREY, ls="--")
    left.set(title="ROC", xlabel="good loans alarmed (share)", ylabel="bad loans found (share)")
    precisions, recalls, _ = precision_recall
    right.plot(recalls, precisions)
    # When everybody is called positive, precision is the share of positives: that of chance.
    right.axhline(precisions[-1], color=style.GREY, ls="--")
    right.set(title="precision-recall", xlabel="recall", ylabel="precision", ylim=(0, 1.05))
    return figure
