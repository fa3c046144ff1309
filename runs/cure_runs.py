"""Train the over-fitting network of lesson 05 with and without cures, and store its curves.

    python runs/cure_runs.py

trains with each of three seeds the same network on 300 digits, as it is, with weight
decay and with dropout, and on 2000 digits for as many steps. It writes
data/cure_runs/runs.csv and the card beside it after each seed, so that a run that was
broken off goes on where it stopped. Everything takes about two minutes on two cores.
Network and training are the lesson's own, read from the notebook.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np
from notebook_functions import notebook_functions

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tools"), str(ROOT)]

import stored  # noqa: E402

from course_lib import datasets, lesson  # noqa: E402

FOLDER = ROOT / "data" / "cure_runs"
NOTEBOOK = ROOT / "notebooks" / "05_training_deep_networks.ipynb"
SEEDS = (1, 2, 3)
FEW, MANY = (300, 60), (2000, 9)
HIDDEN = (256, 256)
COLUMNS = ["seed", "cure", "digits", "epoch", "loss", "val_loss", "val_accuracy"]


def lesson_space() -> dict[str, Any]:
    """Return the lesson's imports, functions and loss, without running the rest."""
    return notebook_functions(NOTEBOOK, {"cross_entropy"})


def draw(seed: int) -> dict[str, np.ndarray]:
    """Return 2000 digits to learn from and 2000 for validation, other ones for each seed."""
    (images, digits), _ = datasets.mnist()
    chosen = np.random.default_rng(seed).permutation(len(images))[:4000]
    pixels = images[chosen].reshape(-1, 784).astype("float32") / 255
    labels = digits[chosen].astype("int32")
    return {
        "x": pixels[:2000],
        "y": labels[:2000],
        "x_val": pixels[2000:],
        "y_val": labels[2000:],
    }


def train(space: dict[str, Any], seed: int) -> list[dict[str, Any]]:
    """Train with every cure and return a row for each epoch."""
    from keras import layers, optimizers

    space["seed"] = seed
    data = draw(seed)
    make, adam = space["network"], optimizers.Adam
    dropout = [lambda: layers.Dropout(0.5)]
    cures = {
        "nothing": (FEW, make(HIDDEN), adam(0.003)),
        "decay": (FEW, make(HIDDEN), optimizers.AdamW(0.003, weight_decay=2.0)),
        "dropout": (FEW, make(HIDDEN, between=dropout), adam(0.003)),
        "2000 digits": (MANY, make(HIDDEN), adam(0.003)),
    }
    rows = []
    for cure, ((digits, epochs), model, optimizer) in cures.items():
        part = {name: values[:digits] for name, values in data.items() if name in ("x", "y")}
        with lesson.quiet_stderr():
            run = space["train"](model, optimizer, **data | part, epochs=epochs)
        for epoch in range(epochs + 1):
            measured = {name: f"{run[name][epoch]:.4f}" for name in COLUMNS[4:]}
            rows.append({"seed": seed, "cure": cure, "digits": digits, "epoch": epoch} | measured)
    return rows


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.parse_args(arguments)
    lesson.begin(5)
    file = FOLDER / "runs.csv"
    missing = stored.seeds_left(file, SEEDS)
    space = lesson_space() if missing else {}
    for seed in missing:
        rows = train(space, seed)
        stored.append(file, COLUMNS, rows)
        print(f"seed {seed}: {len(rows)} epochs stored", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
