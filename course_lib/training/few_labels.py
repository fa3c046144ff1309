"""Training on a few labelled images: drawing them, a head on features, and a fair restart.

Lesson 09 compares methods over several draws of labels. What they share stands here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from course_lib.scratch.activations import softmax

if TYPE_CHECKING:
    import keras

    Vary = Callable[[np.ndarray, np.random.Generator], np.ndarray]


def draw_labels(labels: np.ndarray, size: int, draw: int | Sequence[int]) -> np.ndarray:
    """Return the places of `size` examples of each class, drawn at random.

    Args:
        labels: whole numbers, shape (n,).
        size: how many of each class.
        draw: the seed, a number or several.

    Raises:
        ValueError: when a class has fewer examples.
    """
    mixed = np.random.default_rng(draw).permutation(len(labels))
    rows = [mixed[labels[mixed] == one][:size] for one in np.unique(labels)]
    if any(len(one) < size for one in rows):
        raise ValueError(f"draw_labels: a class has fewer than {size} examples.")
    return np.concatenate(rows)


def train_head(
    features: np.ndarray, labels: np.ndarray, classes: int, steps: int = 200, rate: float = 2.0
) -> tuple[np.ndarray, np.ndarray]:
    """Train a softmax regression with a little weight decay by gradient descent.

    Features are centred and divided by one number, so that their squared length is
    1 on average and the same rate suits pixels and features. Both steps are then
    folded into the result, which works on features as they come.

    Args:
        features: shape (n, features).
        labels: whole numbers from 0, shape (n,).
        classes: how many there are.
        steps: of gradient descent on all examples.
        rate: the learning rate.

    Returns:
        Weights, shape (features, classes), and bias, shape (classes,).
    """
    mean, size = features.mean(axis=0), np.sqrt(features.var(axis=0).sum())
    z, targets = (features - mean) / size, np.eye(classes)[labels]
    weights, bias = np.zeros((z.shape[1], classes)), np.zeros(classes)
    for _ in range(steps):
        error = softmax(z @ weights + bias) - targets
        weights -= rate * (z.T @ error / len(z) + 0.001 * weights)
        bias -= rate * error.mean(axis=0)
    return weights / size, bias - mean @ weights / size


def prepare(network: keras.Model, optimizer: Any, steps: int = 20) -> keras.Model:
    """Compile a network that returns logits, for labels that are whole numbers.

    Args:
        network: a built model.
        optimizer: a Keras optimiser or its name.
        steps: how many steps TensorFlow makes at a time.

    Returns:
        The network. Its optimiser's variables are made at once, which saves a second compilation.
    """
    import keras

    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    network.compile(optimizer, loss, steps_per_execution=steps)
    network.optimizer.build(network.trainable_variables)
    return network


def new_weights(network: keras.Model, seed: int) -> list[np.ndarray]:
    """Return random starting weights for a network; its own stay as they are."""
    import keras

    keras.utils.set_random_seed(seed)
    return list(keras.models.clone_model(network).get_weights())


def learn(
    network: keras.Model,
    weights: Sequence[np.ndarray],
    photos: np.ndarray,
    answers: np.ndarray,
    draw: int | Sequence[int],
    vary: Vary,
    steps: int,
    batch: int = 20,
) -> None:
    """Train a network from given weights on a few images, varied anew each time they come.

    Args:
        network: compiled; its optimiser starts afresh.
        weights: what it starts from, as `get_weights` returns them.
        photos: shape (n, height, width, channels).
        answers: their labels, shape (n,).
        draw: the seed of the order and the variations.
        vary: takes images and a generator, and returns as many images.
        steps: how many batches.
        batch: images in each.
    """
    network.set_weights(weights)
    for variable in network.optimizer.variables:
        # A constant rate is a variable, too.
        if variable.name != "learning_rate":
            variable.assign(np.zeros(variable.shape, variable.dtype))
    generator = np.random.default_rng(draw)
    rows = generator.permutation(steps * batch) % len(photos)
    varied = vary(photos[rows], generator)
    network.fit(varied, answers[rows], batch, shuffle=False, verbose=0)
