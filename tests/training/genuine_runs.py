"""Train small networks and keep what Keras prints, for the tests of the log checker.

    python tests/training/genuine_runs.py          150 runs with the installed versions

Run with the newest versions and with those of Colab. The logs of each are stored beside this
file, one a line, with the sizes of its program; they are what `fit` printed, bars and all.
"""

import contextlib
import gzip
import io
import json
import os
import sys
import tempfile
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parents[1]))
RUNS = 150


def table(generator):
    """Return inputs, labels and the number of classes of a real table, or a part of it."""
    from sklearn import datasets

    load = [
        datasets.load_iris,
        datasets.load_wine,
        datasets.load_breast_cancer,
        datasets.load_digits,
    ][generator.integers(4)]
    x, y = load(return_X_y=True)
    rows = generator.permutation(len(x))[: generator.integers(60, len(x) + 1)]
    x = (x[rows] - x.mean(axis=0)) / (x.std(axis=0) + 1e-6)
    return x.astype("float32"), y[rows], int(y.max()) + 1


def network(keras, generator, classes):
    """Return a compiled network, what varies in it drawn, and whether it is regularised."""
    layers, regularised = [], False
    for _ in range(generator.integers(0, 3)):
        layers.append(keras.layers.Dense(int(generator.choice([4, 16, 64])), "relu"))
        if generator.random() < 0.3:
            layers.append(keras.layers.BatchNormalization())
            regularised = True
        if generator.random() < 0.3:
            layers.append(keras.layers.Dropout(float(generator.choice([0.1, 0.5]))))
            regularised = True
    layers.append(keras.layers.Dense(classes, "softmax"))
    model = keras.Sequential(layers)
    kind = generator.choice(["SGD", "Adam", "RMSprop", "Adagrad", "Nadam"])
    # From too small to learn anything to so large that all is lost.
    rate = float(10 ** generator.uniform(-5, 0.5))
    name = "acc" if generator.random() < 0.2 else "accuracy"
    model.compile(
        getattr(keras.optimizers, kind)(rate), "sparse_categorical_crossentropy", metrics=[name]
    )
    return model, regularised


def callbacks(keras, generator, folder):
    """Return what prints between the lines, and what ends a training early."""
    model_file = str(Path(folder) / "best.keras")
    known = [
        keras.callbacks.EarlyStopping("loss", patience=2, verbose=1),
        keras.callbacks.ModelCheckpoint(model_file, "loss", verbose=1, save_best_only=True),
        keras.callbacks.ReduceLROnPlateau("loss", patience=1, verbose=1),
        keras.callbacks.LambdaCallback(
            on_epoch_end=lambda epoch, logs: print(f"epoch {epoch}: so far so good")
        ),
        keras.callbacks.TerminateOnNaN(),
    ]
    return [one for one in known if generator.random() < 0.15]


def one_run(keras, seed):
    """Train once, and return what was printed, and the sizes of the program."""
    generator = np.random.default_rng(seed)
    keras.utils.set_random_seed(seed)
    x, y, classes = table(generator)
    held_out = int(generator.integers(0, len(x) // 3)) if generator.random() < 0.8 else 0
    x, x_held, y, y_held = x[held_out:], x[:held_out], y[held_out:], y[:held_out]
    model, regularised = network(keras, generator, classes)
    batch_size = int(
        generator.choice([1, 7, 16, 32, 100, 1000], p=[0.02, 0.2, 0.3, 0.3, 0.1, 0.08])
    )
    options = {"batch_size": batch_size, "epochs": int(generator.integers(1, 13))}
    options["verbose"] = int(generator.integers(1, 3))
    options["shuffle"] = bool(generator.random() < 0.9)
    if held_out:
        options["validation_data"] = (x_held, y_held)
        options["validation_freq"] = int(generator.choice([1, 1, 1, 2]))
    printed = io.StringIO()
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(printed):
        options["callbacks"] = callbacks(keras, generator, folder)
        model.fit(x, y, **options)
        if held_out and generator.random() < 0.5:
            model.evaluate(x_held, y_held, verbose=options["verbose"])
    sizes = {"examples": len(x), "batch_size": batch_size, "validation_examples": held_out}
    text = printed.getvalue().replace(folder + os.sep, "")
    return {**sizes, "regularised": regularised, "text": text}


def main():
    """Make the runs and store them."""
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    from course_lib import lesson

    lesson.begin(1)
    import keras
    import tensorflow as tf

    versions = f"tensorflow {tf.__version__}, keras {keras.__version__}"
    path = FOLDER / f"genuine_runs_{keras.__version__}.jsonl.gz"
    lines = []
    for seed in range(RUNS):
        lines.append(json.dumps({"versions": versions, "seed": seed, **one_run(keras, seed)}))
        keras.backend.clear_session()
    # Without the time, so that the same runs make the same file.
    with path.open("wb") as file, gzip.GzipFile("", "wb", mtime=0, fileobj=file) as packed:
        packed.write("\n".join(lines).encode())
    print(f"{len(lines)} runs: {path.name}, {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
