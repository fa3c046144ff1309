"""Training steps of Keras's LSTM in several ways (see lstm.py)."""

import json
import sys
import time
from collections.abc import Callable

import numpy as np
from harness import serve

from course_lib.lesson import quiet_stderr

with quiet_stderr():
    import keras
    import tensorflow as tf

SETTINGS = json.loads(sys.argv[1])
BATCH, STEPS, FEATURES = SETTINGS["batch"], SETTINGS["steps"], SETTINGS["features"]
GENERATOR = np.random.default_rng(0)
TOGETHER = 10


def model(unrolled: bool) -> keras.Sequential:
    """Return an LSTM with one dense unit on its last state."""
    return keras.Sequential(
        [
            keras.layers.Input((STEPS, FEATURES)),
            keras.layers.LSTM(SETTINGS["units"], unroll=unrolled),
            keras.layers.Dense(1),
        ]
    )


def fitting(
    unrolled: bool = False, together: int = 1, compiled: bool = False
) -> Callable[[np.ndarray, np.ndarray], None]:
    """Return a function that trains with `fit`."""
    network = model(unrolled)
    network.compile("adam", "mse", steps_per_execution=together, jit_compile=compiled)
    return lambda x, y: network.fit(x, y, batch_size=BATCH, verbose=0, shuffle=False)


def looping(unrolled: bool = False) -> Callable[[np.ndarray, np.ndarray], None]:
    """Return a function that trains with ten steps in one `tf.function`."""
    network = model(unrolled)
    optimizer = keras.optimizers.Adam()
    optimizer.build(network.trainable_variables)

    @tf.function
    def ten_steps(inputs: tf.Tensor, targets: tf.Tensor) -> tf.Tensor:
        loss = 0.0
        for step in tf.range(TOGETHER):
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean((network(inputs[step], training=True) - targets[step]) ** 2)
            gradients = tape.gradient(loss, network.trainable_variables)
            optimizer.apply(gradients, network.trainable_variables)
        return loss

    def train(x: np.ndarray, y: np.ndarray) -> None:
        inputs = x.reshape(-1, TOGETHER, BATCH, STEPS, FEATURES)
        targets = y.reshape(-1, TOGETHER, BATCH, 1)
        for ten, goals in zip(inputs, targets, strict=True):
            ten_steps(tf.constant(ten), tf.constant(goals)).numpy()

    return train


def way(settings: dict) -> Callable[[np.ndarray, np.ndarray], None]:
    """Return the trainer that the settings name."""
    settings = dict(settings)
    return looping(**settings) if settings.pop("own_loop", False) else fitting(**settings)


keras.utils.set_random_seed(1)
WAYS = {name: way(settings) for name, settings in SETTINGS["ways"].items()}


def train(way: str, batches: int) -> dict:
    """Train on some batches in one of the ways."""
    x = GENERATOR.normal(size=(batches * BATCH, STEPS, FEATURES)).astype("float32")
    start = time.perf_counter()
    WAYS[way](x, x[:, 0, :1])
    return {"seconds": time.perf_counter() - start}


serve({"train": train}, {"tensorflow": tf.__version__, "keras": keras.__version__})
