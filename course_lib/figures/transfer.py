"""The picture of lesson 09: accuracy against the number of labels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from course_lib.figures import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LOOKS = (
    ("o-", style.BLUE),
    ("s--", style.RED),
    ("^-.", style.GREEN),
    ("D:", style.ORANGE),
    ("v-", style.PURPLE),
    ("P--", style.BLACK),
)


def draw_few_labels(accuracy: Mapping[str, Mapping[str, Mapping[int, np.ndarray]]]) -> Figure:
    """Draw, for each task, the accuracy of several methods against labels a class.

    Points are means over the draws, bars one standard deviation of a draw up
    and down. Methods stand a little beside each other so that bars can be seen.

    Args:
        accuracy: by task, method and number of labels a class: shares of right
            answers, one for each draw.

    Raises:
        ValueError: when there is no task, the tasks differ in their methods, the
            methods of a task in their numbers of labels, or there are fewer than
            two draws.
    """
    import matplotlib.pyplot as plt

    tasks = list(accuracy)
    methods = list(accuracy[tasks[0]]) if tasks else []
    if (
        not methods
        or any(list(by_method) != methods for by_method in accuracy.values())
        or any(
            len({tuple(one) for one in by_method.values()}) > 1 for by_method in accuracy.values()
        )
        or any(
            np.ndim(draws) != 1 or len(draws) < 2
            for by_method in accuracy.values()
            for by_size in by_method.values()
            for draws in by_size.values()
        )
    ):
        raise ValueError(
            "draw_few_labels needs the same methods for each task, the same numbers of labels for "
            "each method of a task, and the accuracies of two draws or more for each."
        )
    figure, panels = plt.subplots(1, len(tasks), figsize=(4.6 * len(tasks), 4.6), squeeze=False)
    spread = np.linspace(-0.06, 0.06, len(methods))
    for axes, task in zip(panels.flat, tasks, strict=True):
        for number, method in enumerate(methods):
            marker, colour = LOOKS[number % len(LOOKS)]
            sizes = list(accuracy[task][method])
            values = 100 * np.stack(list(accuracy[task][method].values()))
            axes.errorbar(
                np.asarray(sizes) * np.exp(spread[number]),
                values.mean(axis=1),
                values.std(axis=1, ddof=1),
                fmt=marker,
                color=colour,
                capsize=3,
                lw=1.8,
                label=method,
            )
        axes.set_xscale("log")
        axes.set_xticks(list(sizes), [str(size) for size in sizes])
        axes.minorticks_off()
        axes.set(title=task, xlabel="labels a class", xlim=(0.8 * min(sizes), 1.25 * max(sizes)))
    panels[0, 0].set_ylabel("new images right (per cent)")
    handles, names = panels[0, 0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=3)
    return figure
