"""Measure what lesson 09 tells without computing it: its choices, and more seeds.

    python runs/transfer_runs.py degradation    ten seeds, and a longer training
    python runs/transfer_runs.py pairs          which two classes to set aside
    python runs/transfer_runs.py choices        learning rates, and stronger rivals

prints the tables as the lesson's cells hold them. Each takes two to ten minutes on two
cores. The functions are the lesson's own, read from the notebook. No photograph
that the lesson measures with takes part: the pool and the photographs to be
judged by are others of the training images.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np
from notebook_functions import notebook_functions

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOK = ROOT / "notebooks" / "09_residual_and_transfer.ipynb"
CONSTANTS = {"seed", "STEPS", "PULLOVER", "SHIRT"}
DRAWS = 10
LABELS = 20
# The pairs with the lowest accuracy of a regression on raw pixels.
HARD_PAIRS = [(2, 6), (4, 6), (2, 4), (0, 6), (5, 7), (0, 3), (3, 6), (7, 9)]


def lesson_functions() -> dict[str, Any]:
    """Return the lesson's imports, functions and constants, without running the rest."""
    return notebook_functions(NOTEBOOK, CONSTANTS)


def clothes(space: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Return the training photographs as the lesson has them, and their labels."""
    (pixels, labels), _ = space["datasets"].fashion_mnist()
    return space["as_images"](pixels), labels.astype(int)


def degradation(space: dict[str, Any]) -> None:
    """Print training errors of the three networks for ten seeds, and after longer training."""
    images, labels = clothes(space)
    kinds = {
        "5 plain": (2, False),
        "29 plain": (14, False),
        "29 with shortcuts": (14, True),
    }
    for count, epochs, seeds in ((1280, 8, range(1, 11)), (6400, 12, range(1, 2))):
        space["x"], space["y"] = images[:count], labels[:count]
        errors: dict[str, list[float]] = {name: [] for name in kinds}
        for space["seed"] in seeds:
            for name, kind in kinds.items():
                error = space["fit_stacked"](*kind, epochs=epochs)[2]
                errors[name].append(round(float(error), 3))
                space["keras"].backend.clear_session()
        print(f"{count} photographs, {epochs} epochs: {errors}", flush=True)


def set_aside(space: dict[str, Any], pair: tuple[int, int]) -> tuple[np.ndarray, ...]:
    """Pretrain without a pair; return labels pool and validation photographs of the pair."""
    images, labels = clothes(space)
    others = [label for label in range(10) if label not in pair]
    old = np.isin(labels, others)
    space["source_x"], space["source_y"] = images[old], np.searchsorted(others, labels[old])
    network = space["pretrain"]()
    layers, keras = space["layers"], space["keras"]
    space["body"] = keras.Model(network.inputs[0], layers.Flatten()(network.layers[-3].output))
    generator = np.random.default_rng(space["seed"])
    new = np.flatnonzero(~old)
    photos = [space["turn"](images[new[i : i + 600]], generator) for i in (1200, 1800)]
    answers = [np.searchsorted(pair, labels[new[i : i + 600]]) for i in (1200, 1800)]
    return photos[0], answers[0], photos[1], answers[1]


def digit_task(space: dict[str, Any]) -> tuple[np.ndarray, ...]:
    """Return digits to label and digits to validate with."""
    (pixels, digits), _ = space["datasets"].mnist()
    images = space["as_images"](pixels[1500:4000])
    answers = digits[1500:4000].astype(int)
    return images[:1500], answers[:1500], images[1500:], answers[1500:]


def averaging(space: dict[str, Any], classes: int, rate: float) -> Any:
    """Return the network from scratch with an average before the head, compiled."""
    copy = space["keras"].models.clone_model(space["body"])
    average = space["layers"].GlobalAveragePooling2D()(copy.layers[-2].output)
    network = space["keras"].Model(copy.inputs[0], space["layers"].Dense(classes)(average))
    return space["prepare"](network, space["adam"](rate), space["STEPS"])


def few_label_means(
    space: dict[str, Any],
    task: tuple[np.ndarray, ...],
    networks: dict[str, tuple[Any, bool]],
    draws: int,
) -> dict[str, float]:
    """Return each network's mean percentage right over draws of twenty labels a class.

    Args:
        space: of `lesson_functions`, with a body.
        task: pool, its labels, validation photographs, their labels.
        networks: compiled, and whether they start from the body and its head.
        draws: how many.
    """
    few_x, few_y, valid_x, valid_y = task
    classes = int(few_y.max()) + 1
    quarters, vary = (range(4), space["vary"]) if classes == 2 else ([0], space["shift"])
    views = {
        "pixels": lambda photos: photos.reshape(len(photos), -1),
        "frozen body": lambda photos: space["body"].predict(photos, batch_size=500, verbose=0),
    }
    right: dict[str, list[float]] = {name: [] for name in [*views, *networks]}
    known = {
        name: [view(np.rot90(few_x, n, axes=(1, 2))) for n in quarters]
        for name, view in views.items()
    }
    unknown = {name: view(valid_x) for name, view in views.items()}
    for draw in range(draws):
        key = [space["seed"], draw]
        chosen = space["draw_labels"](few_y, LABELS, key)
        for name in views:
            features = np.concatenate([turned[chosen] for turned in known[name]])
            answers = np.tile(few_y[chosen], len(quarters))
            head = space["train_head"](features, answers, classes)
            right[name].append(space["head_accuracy"](unknown[name], valid_y, head))
        started = [*space["body"].get_weights(), *head]
        for name, (network, pretrained) in networks.items():
            weights = started if pretrained else space["new_weights"](network, 1000 + draw)
            few = few_x[chosen], few_y[chosen]
            space["learn"](network, weights, *few, key, vary, steps=space["STEPS"])
            right[name].append(space["share_right"](network, valid_x, valid_y))
    return {name: round(100 * float(np.mean(values)), 1) for name, values in right.items()}


def pairs(space: dict[str, Any]) -> None:
    """Print for hard pairs of classes what five draws give with and without pretraining."""
    for pair in HARD_PAIRS:
        task = set_aside(space, pair)
        networks = {
            "from scratch": (space["from_scratch"](2, 0.003), False),
            "fine-tuned": (space["tunable"](2, 0.001), True),
        }
        print(pair, few_label_means(space, task, networks, draws=5), flush=True)
        space["keras"].backend.clear_session()


def choices(space: dict[str, Any]) -> None:
    """Print what ten draws give for several learning rates and rivals, on both tasks."""
    task = set_aside(space, (space["PULLOVER"], space["SHIRT"]))
    scratch, tunable = space["from_scratch"], space["tunable"]
    networks = {f"from scratch, rate {r}": (scratch(2, r), False) for r in (0.001, 0.003, 0.01)}
    networks["from scratch, average before the head"] = averaging(space, 2, 0.01), False
    networks |= {f"fine-tuned, rate {r}": (tunable(2, r), True) for r in (0.0003, 0.001, 0.003)}
    print("pullover or shirt", few_label_means(space, task, networks, DRAWS), flush=True)
    networks = {f"from scratch, rate {r}": (scratch(10, r), False) for r in (0.003, 0.01, 0.03)}
    networks |= {f"fine-tuned, rate {r}": (tunable(10, r), True) for r in (0.001, 0.003, 0.01)}
    print("ten digits", few_label_means(space, digit_task(space), networks, DRAWS), flush=True)
    space["STEPS"] *= 3
    longer = {"from scratch, three times the steps": (scratch(2, 0.003), False)}
    print("pullover or shirt", few_label_means(space, task, longer, DRAWS), flush=True)


if __name__ == "__main__":
    experiments = {"degradation": degradation, "pairs": pairs, "choices": choices}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("experiment", choices=experiments)
    chosen = parser.parse_args().experiment
    sys.path.insert(0, str(ROOT))
    experiments[chosen](lesson_functions())
