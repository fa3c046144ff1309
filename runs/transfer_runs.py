"""Measure what lesson 09 tells without computing it: its choices, and more seeds.

    python runs/transfer_runs.py reuse          three bodies on digits, and what tuning forgets
    python runs/transfer_runs.py degradation    ten seeds, and a longer training
    python runs/transfer_runs.py pairs          which two classes to set aside
    python runs/transfer_runs.py choices        learning rates, and stronger rivals

The first writes data/transfer_runs/runs.csv and the card beside it after each seed, so
that a run that was broken off goes on where it stopped; the others print the tables as
the lesson's cells hold them. Each takes two to ten minutes on two cores. The functions
are the lesson's own, read from the notebook. In the choices no photograph that the
lesson measures with takes part: the pool and the photographs to be judged by are
others of the training images.
"""

import argparse
import sys
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from notebook_functions import notebook_functions

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tools"), str(ROOT)]

import stored  # noqa: E402

FOLDER = ROOT / "data" / "transfer_runs"
COLUMNS = ["seed", "task", "method", "draw", "right"]
SEEDS = (1, 2, 3)
# Digits are two hundred, and not forty photographs.
DIGIT_DRAWS, DIGIT_STEPS, DIGIT_BATCH = 3, 100, 20
NOTEBOOK = ROOT / "notebooks" / "09_residual_and_transfer.ipynb"
CONSTANTS = {"seed", "STEPS", "BATCH", "RATE", "PULLOVER", "SHIRT"}
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


def pretrained(space: dict[str, Any], pair: tuple[int, int]) -> Any:
    """Pretrain without a pair, put the body into `space`, and return the whole network."""
    images, labels = clothes(space)
    others = [label for label in range(10) if label not in pair]
    old = np.isin(labels, others)
    space["source_x"], space["source_y"] = images[old], np.searchsorted(others, labels[old])
    network = space["pretrain"]()
    layers, keras = space["layers"], space["keras"]
    space["body"] = keras.Model(network.inputs[0], layers.Flatten()(network.layers[-3].output))
    return network


def set_aside(space: dict[str, Any], pair: tuple[int, int]) -> tuple[np.ndarray, ...]:
    """Pretrain without a pair; return labels pool and validation photographs of the pair."""
    pretrained(space, pair)
    images, labels = clothes(space)
    generator = np.random.default_rng(space["seed"])
    new = np.flatnonzero(np.isin(labels, pair))
    photos = [space["turn"](images[new[i : i + 600]], generator) for i in (1200, 1800)]
    answers = [np.searchsorted(pair, labels[new[i : i + 600]]) for i in (1200, 1800)]
    return photos[0], answers[0], photos[1], answers[1]


def digit_task(space: dict[str, Any]) -> tuple[np.ndarray, ...]:
    """Return digits to label and digits to validate with."""
    (pixels, digits), _ = space["datasets"].mnist()
    images = space["as_images"](pixels[1500:4000])
    answers = digits[1500:4000].astype(int)
    return images[:1500], answers[:1500], images[1500:], answers[1500:]


# What is stored


def reuse(space: dict[str, Any]) -> None:
    """Store for each seed what a body is worth for digits, and what tuning it forgets."""
    file, networks = FOLDER / "runs.csv", dict[str, Any]()
    for seed in stored.seeds_left(file, SEEDS):
        space["seed"] = seed
        network = pretrained(space, (space["PULLOVER"], space["SHIRT"]))
        if not networks:
            # Each is trained anew for every seed and draw, from the weights it is given.
            networks["with care"] = space["tunable"](2, space["RATE"])
            networks["reckless"] = space["tunable"](2, 0.1, freeze_norms=False)
            steps, space["STEPS"] = space["STEPS"], DIGIT_STEPS
            networks["digits, from scratch"] = space["from_scratch"](10, 0.03)
            networks["digits, fine-tuned"] = space["tunable"](10, 0.01)
            space["STEPS"] = steps
        found = [*digits_read(space, networks), *classes_kept(space, network, networks)]
        rows = [
            dict(zip(COLUMNS, (seed, *names, f"{right:.4f}"), strict=True))
            for *names, right in found
        ]
        stored.append(file, COLUMNS, rows)
        print(*rows, sep="\n", flush=True)


def digits_read(
    space: dict[str, Any], networks: dict[str, Any]
) -> list[tuple[str, str, int, float]]:
    """Return task, method, draw and the share of 1,000 test digits that is right."""
    (grey, answers), (test_grey, test_answers) = space["datasets"].mnist()
    few_x, few_y = space["as_images"](grey[:1500]), answers[:1500].astype(int)
    judge = space["as_images"](test_grey[:1000]), test_answers[:1000]
    scratch, tuned = networks["digits, from scratch"], networks["digits, fine-tuned"]
    body, rows = space["body"], []
    for draw in range(DIGIT_DRAWS):
        key = [space["seed"], draw]
        chosen = space["draw_labels"](few_y, LABELS, key)
        few = few_x[chosen], few_y[chosen], key
        moved = shift(np.repeat(few[0], 9, axis=0), np.random.default_rng(key))
        head = space["train_head"](body(moved).numpy(), np.repeat(few[1], 9), 10)
        frozen = space["head_accuracy"](body(judge[0]).numpy(), judge[1], head)
        rows.append(("digits", "frozen body", draw, frozen))
        starts = {
            "from scratch": (scratch, space["new_weights"](scratch, 1000 + draw)),
            "fine-tuned": (tuned, [*body.get_weights(), *head]),
        }
        for name, (network, weights) in starts.items():
            space["learn"](network, weights, *few, shift, steps=DIGIT_STEPS, batch=DIGIT_BATCH)
            rows.append(("digits", name, draw, space["share_right"](network, *judge)))
    return rows


def classes_kept(
    space: dict[str, Any], network: Any, networks: dict[str, Any], draw: int = 4
) -> list[tuple[str, str, int, float]]:
    """Return task, method, draw and the share right, of the eight old classes and of the new.

    The body is tuned to pullovers and shirts; then it gets its old head back.
    """
    images, labels = clothes(space)
    generator, body = np.random.default_rng(space["seed"]), space["body"]
    new = np.isin(labels, (space["PULLOVER"], space["SHIRT"]))
    shop_x, shop_y = space["turn"](images[new], generator), labels[new] == space["SHIRT"]
    _, (test_pixels, test_labels) = space["datasets"].fashion_mnist()
    others = np.setdiff1d(np.arange(10), labels[new])
    old = np.isin(test_labels, others)
    old_x = space["turn"](space["as_images"](test_pixels)[old], generator)
    old_y = np.searchsorted(others, test_labels[old])
    share = space["share_right"]
    rows = [("old classes", "before", draw, share(network, old_x, old_y))]
    key = [space["seed"], draw]
    chosen = space["draw_labels"](shop_y[:600], LABELS, key)
    few_x, few_y = shop_x[chosen], shop_y[chosen].astype(int)
    known = np.concatenate([np.rot90(few_x, n, axes=(1, 2)) for n in range(4)])
    head = space["train_head"](body(known).numpy(), np.tile(few_y, 4), 2)
    random_head = space["new_weights"](networks["reckless"], 1000 + draw)[-2:]
    again = space["keras"].models.clone_model(network)
    for name, start in {"with care": head, "reckless": random_head}.items():
        tuned = networks[name]
        weights = [*body.get_weights(), *start]
        few = few_x, few_y, key, space["vary"]
        space["learn"](tuned, weights, *few, steps=space["STEPS"], batch=space["BATCH"])
        again.set_weights([*tuned.get_weights()[:-2], *network.get_weights()[-2:]])
        rows.append(("old classes", name, draw, share(again, old_x, old_y)))
        rows.append(("new classes", name, draw, share(tuned, shop_x[600:1200], shop_y[600:1200])))
    return rows


def shift(photos: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Return digits shifted by up to a pixel: a turned 6 would be a 9."""
    from course_lib.training import shift_images

    return shift_images(photos, 1, generator)


# What is printed


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
    quarters, vary = (range(4), space["vary"]) if classes == 2 else ([0], shift)
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
            learn = partial(space["learn"], network, weights, *few, key, vary)
            learn(steps=space["STEPS"], batch=space["BATCH"])
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
    space["STEPS"] *= 3
    longer = {"from scratch, three times the steps": (scratch(2, 0.003), False)}
    print("pullover or shirt", few_label_means(space, task, longer, DRAWS), flush=True)
    space["STEPS"], space["BATCH"] = DIGIT_STEPS, DIGIT_BATCH
    networks = {f"from scratch, rate {r}": (scratch(10, r), False) for r in (0.003, 0.01, 0.03)}
    networks |= {f"fine-tuned, rate {r}": (tunable(10, r), True) for r in (0.001, 0.003, 0.01)}
    print("ten digits", few_label_means(space, digit_task(space), networks, DRAWS), flush=True)


if __name__ == "__main__":
    experiments = {"reuse": reuse, "degradation": degradation, "pairs": pairs, "choices": choices}
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("experiment", choices=experiments)
    chosen = parser.parse_args().experiment
    experiments[chosen](lesson_functions())
