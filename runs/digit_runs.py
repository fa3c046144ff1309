"""Train the networks of lesson 08 over several seeds and store every epoch of every run.

    python runs/digit_runs.py

writes data/digit_runs/runs.csv and the card beside it after each run, so that a
run that was broken off goes on where it stopped. Everything takes about an hour
and a half on two cores; `python runs/digit_runs.py ours "ours, no shifts"` trains
these only.
"""

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tools"), str(ROOT)]

import stored  # noqa: E402

from course_lib import datasets, lesson  # noqa: E402
from course_lib.training.augmentation import shift_images  # noqa: E402

FOLDER = ROOT / "data" / "digit_runs"
VALIDATION = 10_000
COLUMNS = [
    "run",
    "seed",
    "parameters",
    "examples",
    "batch_size",
    "epoch",
    "steps",
    "loss",
    "accuracy",
    "val_loss",
    "val_accuracy",
    "seconds",
    "test_accuracy",
]


def listing_a():
    """Return the first published network: two 5x5 convolutions and two dense layers."""
    from keras import Input, Sequential, layers

    return Sequential(
        [
            Input((28, 28, 1)),
            layers.Conv2D(32, 5, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 5, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dense(10),
        ]
    )


def listing_b():
    """Return the second: three 3x3 convolutions and two dense layers."""
    from keras import Input, Sequential, layers

    return Sequential(
        [
            Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, activation="relu"),
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
            layers.Dense(10),
        ]
    )


def listing_c():
    """Return the third: two padded 3x3 convolutions and two dense layers."""
    from keras import Input, Sequential, layers

    return Sequential(
        [
            Input((28, 28, 1)),
            layers.Conv2D(32, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dense(10),
        ]
    )


def listing_d():
    """Return the fourth: two padded 5x5 convolutions and one dense layer."""
    from keras import Input, Sequential, layers

    return Sequential(
        [
            Input((28, 28, 1)),
            layers.Conv2D(32, 5, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 5, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(10),
        ]
    )


def ours(filters=(16, 48, 96), normalised=True):
    """Return the lesson's network, or the same with a bias in place of batch normalisation."""
    from keras import Sequential, layers

    from course_lib.models.digits import digit_network

    network = digit_network(filters)
    if normalised:
        return network
    bare = Sequential([layers.Input((28, 28, 1))])
    for layer in network.layers:
        if isinstance(layer, layers.BatchNormalization):
            continue
        settings = layer.get_config()
        if isinstance(layer, layers.Conv2D):
            settings["use_bias"] = True
        bare.add(type(layer).from_config(settings))
    return bare


@dataclass(frozen=True)
class Run:
    """How one network is trained; the defaults are the recipe of the lesson."""

    network: Callable = ours
    epochs: int = 5
    peak: float = 0.01
    batch_size: int = 128
    examples: int = 50_000
    validated: bool = True
    tested: bool = False
    one_cycle: bool = True
    smoothing: float = 0.05
    shift: int = 1
    momentum: float | None = None  # None: Adam; otherwise gradient descent with it
    seeds: int = 3


def plain(network: Callable, **settings) -> Run:
    """Return a run in the listings' way: a constant rate, hard labels, images as they are."""
    listing = {"peak": 0.001, "batch_size": 32, "tested": True}
    return Run(network, one_cycle=False, smoothing=0.0, shift=0, **(listing | settings))


def narrow():
    return ours((16, 32, 64))


def wide():
    return ours((24, 48, 96))


def bare():
    return ours(normalised=False)


RUNS = {
    # What each ingredient buys, at equal epochs, judged on validation images.
    "ours": Run(),
    "ours, no shifts": Run(shift=0),
    "ours, constant rate 0.001": Run(one_cycle=False, peak=0.001),
    "ours, constant rate 0.003": Run(one_cycle=False, peak=0.003),
    "ours, hard labels": Run(smoothing=0.0),
    "ours, no batch norm": Run(bare),
    "ours, no batch norm, peak 0.003": Run(bare, peak=0.003, seeds=2),
    # Two networks, two ways of training, and the way from one to the other.
    "ours, the listing's way": plain(ours, epochs=5, tested=False),
    "ours, the listing's way, 10 epochs": plain(ours, epochs=10, tested=False),
    "ours, the listing's way, batch 128": plain(ours, epochs=5, tested=False, batch_size=128),
    "ours, one-cycle only": Run(shift=0, smoothing=0.0),
    "listing A, our recipe": Run(listing_a, peak=0.004),
    # How the size of the network, the peak and the epochs were chosen.
    "ours, 4 epochs": Run(epochs=4),
    "ours, 3 epochs": Run(epochs=3, seeds=2),
    "ours, 2 epochs": Run(epochs=2, seeds=2),
    "narrow, 5 epochs": Run(narrow, peak=0.015, seeds=2),
    "narrow, 3 epochs": Run(narrow, peak=0.015, epochs=3, seeds=2),
    "wide, 5 epochs": Run(wide, seeds=2),
    "ours, peak 0.003": Run(peak=0.003, seeds=2),
    "ours, peak 0.03": Run(peak=0.03, seeds=2),
    # Chosen: all 60,000 images, and the test images once.
    "ours, all images": Run(epochs=4, examples=60_000, validated=False, tested=True, seeds=5),
    # The published listings, put right.
    "listing D, Adam": plain(listing_d, epochs=10, examples=10_000),
    "listing D, gradient descent": plain(
        listing_d, epochs=10, examples=10_000, peak=0.01, momentum=0.0
    ),
    "listing B": plain(listing_b, epochs=5),
    "listing A": plain(listing_a, epochs=10),
    "listing C": plain(listing_c, epochs=10, momentum=0.9, seeds=1),
    "listing A, all images": plain(listing_a, epochs=10, examples=60_000, validated=False, seeds=2),
}


def train(run: Run, seed: int, data) -> list[dict]:
    """Train once and return one row for each epoch."""
    import keras

    from course_lib.training.schedules import OneCycle

    (images, labels), (test_images, test_labels) = data
    keras.utils.set_random_seed(seed)
    generator = np.random.default_rng(seed)
    network = run.network()
    steps = -(-run.examples // run.batch_size)
    rate = OneCycle(run.peak, run.epochs * steps) if run.one_cycle else run.peak
    optimizer = (
        keras.optimizers.Adam(rate)
        if run.momentum is None
        else keras.optimizers.SGD(rate, momentum=run.momentum)
    )
    network.compile(
        optimizer=optimizer,
        loss=keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=run.smoothing),
        metrics=["accuracy"],
        steps_per_execution=50,
        jit_compile=False,
    )
    targets = np.eye(10, dtype="float32")[labels]
    options = {"batch_size": run.batch_size, "verbose": 0}
    if run.validated:
        options["validation_data"] = (images[-VALIDATION:], targets[-VALIDATION:])
        options["validation_batch_size"] = 500
    rows, shown = [], np.empty_like(images[: run.examples])
    for epoch in range(1, run.epochs + 1):
        start = time.perf_counter()
        taken = int(optimizer.iterations.numpy())
        shift_images(images[: run.examples], run.shift, generator, out=shown)
        history = network.fit(shown, targets[: run.examples], **options).history
        rows.append(
            {
                "parameters": network.count_params(),
                "examples": run.examples,
                "batch_size": run.batch_size,
                "epoch": epoch,
                "steps": int(optimizer.iterations.numpy()) - taken,
                **{name: f"{values[0]:.4f}" for name, values in history.items()},
                "seconds": f"{time.perf_counter() - start:.1f}",
            }
        )
    if run.tested:
        said = network.predict(test_images, batch_size=500, verbose=0).argmax(axis=1)
        rows[-1]["test_accuracy"] = f"{np.mean(said == test_labels):.4f}"
    return rows


def digits():
    """Return MNIST as the networks take it: grey values from 0 to 1, with a channel axis."""
    return tuple(
        (images[..., np.newaxis].astype("float32") / 255, labels)
        for images, labels in datasets.mnist()
    )


def missing(rows: list[dict], wanted: list[str]) -> list[tuple[str, int]]:
    """Return the runs still to make: one seed of each before the second of any."""
    made = {(row["run"], int(row["seed"])) for row in rows}
    most = max(RUNS[name].seeds for name in wanted)
    return [
        (name, seed)
        for seed in range(1, most + 1)
        for name in wanted
        if seed <= RUNS[name].seeds and (name, seed) not in made
    ]


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("runs", nargs="*", metavar="RUN", help="all by default")
    wanted = parser.parse_args(arguments).runs or list(RUNS)
    unknown = [name for name in wanted if name not in RUNS]
    if unknown:
        parser.error(f"there is no run {unknown[0]!r}; there are: {'; '.join(RUNS)}")
    lesson.begin(8)
    data = digits()
    file = FOLDER / "runs.csv"
    for name, seed in missing(stored.read_table(file), wanted):
        new = [{"run": name, "seed": seed, **row} for row in train(RUNS[name], seed, data)]
        stored.append(file, COLUMNS, new)
        print(name, seed, new[-1], flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
