"""The recipe of lesson 08: one-cycle rate, shifted images, smoothed labels."""

import numpy as np

from course_lib.lesson import quiet_stderr
from course_lib.training.augmentation import shift_images
from course_lib.training.schedules import OneCycle

with quiet_stderr():
    import keras
    import tensorflow as tf


def shuffled_batches(images: np.ndarray, targets: np.ndarray, batch_size: int) -> tf.data.Dataset:
    """Return the pairs in batches, in an order that is drawn anew for each epoch.

    What `fit` makes of arrays does the same, but lets TensorFlow tune it: a thread
    sleeps for twice as long each time. At the end of an epoch it is woken before it
    is told to stop; where it looks too early it sleeps on, and the epoch waits for
    it, for nearly as long as it took, with every core idle (seen in TensorFlow 2.21;
    the order is that of `StartCancel` in tensorflow/core/framework/cancellation.cc).
    This one is not tuned.

    Args:
        images: shape (n, ...).
        targets: shape (n, ...).
        batch_size: pairs a batch; the last may be smaller.

    Returns:
        Batches of images and targets, which `fit` takes.
    """
    everything = tf.convert_to_tensor(images), tf.convert_to_tensor(targets)
    order = tf.data.Dataset.range(len(images)).shuffle(len(images)).batch(batch_size)
    batches = order.map(lambda rows: tuple(tf.gather(part, rows) for part in everything))
    options = tf.data.Options()
    options.autotune.enabled = False
    return batches.prefetch(2).with_options(options)


def fit_with_recipe(
    network: keras.Model,
    images: np.ndarray,
    labels: np.ndarray,
    epochs: int,
    peak: float,
    generator: np.random.Generator,
    batch_size: int = 128,
) -> list[float]:
    """Compile and train a classifier of images with the recipe.

    Args:
        network: a built model that gives logits, shape (batch, classes).
        images: shape (n, height, width, channels), float32 from 0 to 1.
        labels: shape (n,), whole numbers from 0.
        epochs: how many times each image is seen, each time shifted anew by
            at most one pixel.
        peak: the highest learning rate of the one-cycle schedule.
        generator: where the shifts come from. The order of the images is
            drawn by TensorFlow, from `keras.utils.set_random_seed`.
        batch_size: images a step.

    Returns:
        The training loss of each epoch (with smoothed labels).

    Sources: the schedule: L. N. Smith and N. Topin (2019), Super-Convergence,
    SPIE 11006; smoothed labels: C. Szegedy and others (2016), Rethinking the
    Inception Architecture for Computer Vision, CVPR, section 7.
    """
    steps = epochs * -(-len(images) // batch_size)
    network.compile(
        optimizer=keras.optimizers.Adam(OneCycle(peak, steps)),
        loss=keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.05),
        steps_per_execution=50,
        jit_compile=False,
    )
    # TensorFlow traces a step that has to make variables twice; so make them first.
    network.optimizer.build(network.trainable_variables)
    targets = np.eye(network.output_shape[-1], dtype="float32")[labels]
    losses, shifted = [], np.empty_like(images)
    for _ in range(epochs):
        shift_images(images, 1, generator, out=shifted)
        batches = shuffled_batches(shifted, targets, batch_size)
        history = network.fit(batches, shuffle=False, verbose=0)
        losses.append(history.history["loss"][0])
    return losses
