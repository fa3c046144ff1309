"""One network for digits in Keras, trained when asked (see digits.py)."""

import json
import sys
import time

import numpy as np
from harness import serve

from course_lib.lesson import quiet_stderr
from course_lib.models.digits import digit_network
from course_lib.models.normalization import FusedBatchNormalization
from course_lib.training.recipe import fit_with_recipe

with quiet_stderr():
    import keras
    from keras import layers

SETTINGS = json.loads(sys.argv[1])
DATA = np.load(SETTINGS["data"])
IMAGES = (DATA["x_train"][..., np.newaxis] / 255).astype("float32")
TEST_IMAGES = (DATA["x_test"][..., np.newaxis] / 255).astype("float32")


def plain_norm() -> keras.Model:
    """Return lesson 08's network with the batch normalisation that comes with Keras."""

    def plain(layer: layers.Layer) -> layers.Layer:
        kind = type(layer)
        if kind is FusedBatchNormalization:
            kind = layers.BatchNormalization
        return kind.from_config(layer.get_config())

    return keras.models.clone_model(digit_network(), clone_function=plain)


def listing() -> keras.Model:
    """Return the published network, with the softmax and the rate that its text wants."""
    from digit_runs import listing_a

    network = listing_a()
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    network.compile(keras.optimizers.Adam(1e-3), loss)
    return network


def dropout() -> keras.Model:
    """Return a network and its settings as in the first example of Keras's own site.

    Source: F. Chollet (2015), Simple MNIST convnet, keras.io/examples: two
    convolutions, dropout 0.5, Adam, batches of 128, 15 epochs.
    """
    network = keras.Sequential(
        [
            layers.Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(10),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    network.compile("adam", loss)
    return network


BATCH_SIZES = {"listing": 32, "dropout": 128}
keras.utils.set_random_seed(1)
OURS = {"ours": digit_network, "plain_norm": plain_norm}
BUILD = (OURS | {"listing": listing, "dropout": dropout})[SETTINGS["network"]]
NETWORK = BUILD()


def accuracy(network: keras.Model) -> float:
    """Return the share of test digits that the network reads right."""
    logits = network.predict(TEST_IMAGES, batch_size=500, verbose=0)
    return float(np.mean(np.argmax(logits, axis=1) == DATA["y_test"]))


def train(seed: int = 0, epochs: int = 4) -> dict:
    """Train ours anew from a seed, or the others for some more epochs; test outside the clock."""
    seconds, accuracies = 0.0, []
    if SETTINGS["network"] in OURS:
        keras.utils.set_random_seed(seed)
        network = BUILD()
        start = time.perf_counter()
        fit_with_recipe(network, IMAGES, DATA["y_train"], epochs, 0.01, np.random.default_rng(seed))
        return {"seconds": time.perf_counter() - start, "accuracies": [accuracy(network)]}
    for _ in range(epochs):
        start = time.perf_counter()
        batch_size = BATCH_SIZES[SETTINGS["network"]]
        NETWORK.fit(IMAGES, DATA["y_train"], batch_size=batch_size, verbose=0)
        seconds += time.perf_counter() - start
        accuracies.append(accuracy(NETWORK))
    return {"seconds": seconds, "accuracies": accuracies}


TRAINED = sum(int(np.prod(weight.shape)) for weight in NETWORK.trainable_weights)
serve({"train": train}, {"keras": keras.__version__, "parameters": TRAINED})
