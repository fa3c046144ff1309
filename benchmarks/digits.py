"""Time to 99.4 % on MNIST: the recipe of lesson 08 against three others."""

import statistics
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from harness import Contestant, contestants, in_turn, pytorch_python, table

QUESTION = "How long does 99.4 % of MNIST's test digits take?"
TARGET = 0.994
OURS, LISTING, DROPOUT = "lesson 08", "published listing, corrected", "convnet with dropout"
PYTORCH = "lesson 08's network and recipe in PyTorch"
PLAIN = "lesson 08 with Keras's BatchNormalization"
# Whole trainings in each round, or a part of the epochs of one that goes on.
EPOCHS = {LISTING: 10, DROPOUT: 15}
ROUNDS = 5


def measure(quick: bool) -> dict[str, Any]:
    """Train by turns: in each round lesson 08's network whole, and a part of the others."""
    from course_lib import datasets

    (x_train, y_train), (x_test, y_test) = datasets.mnist()
    examples = 2_000 if quick else len(x_train)
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "digits.npz")
        np.savez(
            path,
            x_train=x_train[:examples],
            y_train=y_train[:examples],
            x_test=x_test,
            y_test=y_test,
        )
        return _measure(path, rounds=1 if quick else ROUNDS)


def _measure(path: str, rounds: int) -> dict[str, Any]:
    keras = partial(Contestant, "digits_keras.py")
    wanted = {
        OURS: lambda: keras({"network": "ours", "data": path}),
        PLAIN: lambda: keras({"network": "plain_norm", "data": path}),
        LISTING: lambda: keras({"network": "listing", "data": path}),
        DROPOUT: lambda: keras({"network": "dropout", "data": path}),
    }
    if pytorch_python():
        wanted[PYTORCH] = lambda: Contestant("digits_pytorch.py", {"data": path}, pytorch_python())
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in wanted}
    with contestants(wanted) as running:
        versions = {name: contestant.about for name, contestant in running.items()}
        for turn in range(rounds):
            for name in in_turn(list(running), turn):
                asked = {"seed": turn + 1}
                if name in EPOCHS:
                    parts = np.array_split(np.arange(EPOCHS[name]), rounds)
                    asked = {"epochs": len(parts[turn])}
                runs[name].append(running[name].ask("train", **asked))
    return {"runs": runs, "about": versions}


def report(result: dict[str, Any]) -> str:
    """Return the table and its reading."""
    runs = result["runs"]
    rows = []
    for name, turns in runs.items():
        accuracies = [accuracy for turn in turns for accuracy in turn["accuracies"]]
        reached = f"{sum(a >= TARGET for a in accuracies)} of {len(accuracies)} trainings"
        if name in EPOCHS:
            reached = f"{sum(a >= TARGET for a in accuracies)} of {len(accuracies)} epochs"
        shown = ", ".join(f"{100 * a:.2f}" for a in accuracies)
        if name in EPOCHS:
            shown = f"best {100 * max(accuracies):.2f}, last {100 * accuracies[-1]:.2f}"
        ratio = "1" if name == OURS else f"{ours_to(result, name):.2f}"
        parameters = f"{result['about'][name]['parameters']:,}"
        rows.append([name, parameters, f"{whole(turns, name):.1f}", shown, reached, ratio])
    header = ["network", "parameters", "training, s", "test accuracy, %", "99.4 % reached"]
    return table([*header, "ours / its time"], rows)


def whole(turns: list[dict[str, Any]], name: str) -> float:
    """Return the seconds of one training: the sum of its parts, or the median of its repeats."""
    seconds = [turn["seconds"] for turn in turns]
    return sum(seconds) if name in EPOCHS else statistics.median(seconds)


def ours_to(result: dict[str, Any], name: str) -> float:
    """Return our time over that of a whole training of another, median over the rounds."""
    ratios = []
    for ours, other in zip(result["runs"][OURS], result["runs"][name], strict=True):
        times = EPOCHS[name] / len(other["accuracies"]) if name in EPOCHS else 1
        ratios.append(ours["seconds"] / (times * other["seconds"]))
    return statistics.median(ratios)


def ratios(result: dict[str, Any]) -> list[tuple[str, float, float | None]]:
    """Return what the plot shows: label, our time over theirs, and the limit."""
    limits = {LISTING: 0.15, PYTORCH: 0.9}
    return [
        (f"99.4 % on MNIST / {name}", ours_to(result, name), limits.get(name))
        for name in result["runs"]
        if name != OURS
    ]
