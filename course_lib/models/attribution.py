"""Where did a network look? Methods that share out a logit among the inputs.

Lesson 10 shows each of them. They take a network that gives logits, a batch
of inputs and, for each input, the class whose logit is to be explained.
"""

import itertools
from typing import Any

import numpy as np

from course_lib.lesson import quiet_stderr

with quiet_stderr():
    import keras
    import tensorflow as tf


def chosen_logits(network: keras.Model, inputs: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Return each input's logit of its own class.

    Args:
        network: gives logits, shape (batch, classes).
        inputs: shape (batch, ...).
        classes: shape (batch,), whole numbers from 0.

    Returns:
        Shape (batch,).
    """
    logits = network(inputs, training=False).numpy()
    return logits[np.arange(len(logits)), classes]


def input_gradient(network: keras.Model, inputs: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Return the gradient of each input's chosen logit with respect to that input.

    Its absolute value is the saliency map.

    Args:
        network: gives logits, shape (batch, classes).
        inputs: shape (batch, ...), floats.
        classes: shape (batch,), whole numbers from 0.

    Returns:
        The shape of `inputs`, in logits for one unit of input.

    Source: K. Simonyan, A. Vedaldi and A. Zisserman (2014), Deep Inside
    Convolutional Networks, ICLR workshop, section 3.
    """
    inputs = tf.convert_to_tensor(inputs)
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        logits = network(inputs, training=False)
        chosen = tf.gather(logits, classes, batch_dims=1)
    return tape.gradient(chosen, inputs).numpy()


def smooth_grad(
    network: keras.Model,
    inputs: np.ndarray,
    classes: np.ndarray,
    noise: float,
    samples: int,
    generator: np.random.Generator,
) -> np.ndarray:
    """Return the mean gradient over noisy copies of each input.

    Args:
        network: gives logits, shape (batch, classes).
        inputs: shape (batch, ...), floats.
        classes: shape (batch,), whole numbers from 0.
        noise: the standard deviation of the normal noise, in units of the input.
        samples: how many noisy copies, at least 1.
        generator: where the noise comes from.

    Returns:
        The shape of `inputs`, in logits for one unit of input.

    Source: D. Smilkov and others (2017), SmoothGrad, arXiv:1706.03825.
    """
    total: Any = 0.0
    for _ in range(samples):
        noisy = inputs + noise * generator.normal(size=inputs.shape)
        noisy = noisy.astype(inputs.dtype)
        total = total + input_gradient(network, noisy, classes)
    return total / samples


def integrated_gradients(
    network: keras.Model,
    inputs: np.ndarray,
    classes: np.ndarray,
    baseline: np.ndarray | float,
    steps: int,
) -> np.ndarray:
    """Return each input's change from a baseline times the mean gradient on the way there.

    The attributions of an input add up to its logit minus the baseline's, the
    more nearly the more steps.

    Args:
        network: gives logits, shape (batch, classes).
        inputs: shape (batch, ...), floats.
        classes: shape (batch,), whole numbers from 0.
        baseline: where the way begins: a number, or an array that broadcasts
            to the shape of `inputs`.
        steps: how many points of the way are looked at, at least 1; each is
            the middle of its piece.

    Returns:
        The shape of `inputs`, in logits.

    Source: M. Sundararajan, A. Taly and Q. Yan (2017), Axiomatic Attribution
    for Deep Networks, ICML, section 3.
    """
    total: Any = 0.0
    for step in range(steps):
        share = (step + 0.5) / steps
        point = baseline + share * (inputs - baseline)
        total = total + input_gradient(network, point, classes)
    return (inputs - baseline) * total / steps


def occlusion(
    network: keras.Model, images: np.ndarray, classes: np.ndarray, size: int, stride: int
) -> np.ndarray:
    """Return by how much the chosen logit drops when a black square covers a place.

    Args:
        network: gives logits, shape (batch, classes).
        images: shape (batch, height, width, channels), floats.
        classes: shape (batch,), whole numbers from 0.
        size: the side of the square, in pixels.
        stride: how far it moves from one place to the next, in pixels.

    Returns:
        Shape (batch, height, width), in logits: for each pixel the mean drop
        of all squares that covered it, 0 where none did.

    Source: M. D. Zeiler and R. Fergus (2014), Visualizing and Understanding
    Convolutional Networks, ECCV, section 4.2.
    """
    before = chosen_logits(network, images, classes)
    height, width = images.shape[1:3]
    drops, covers = np.zeros(images.shape[:3]), np.zeros((height, width))
    tops = range(0, height - size + 1, stride)
    lefts = range(0, width - size + 1, stride)
    for top, left in itertools.product(tops, lefts):
        rows, columns = slice(top, top + size), slice(left, left + size)
        covered = images.copy()
        covered[:, rows, columns] = 0
        drop = before - chosen_logits(network, covered, classes)
        drops[:, rows, columns] += drop[:, None, None]
        covers[rows, columns] += 1
    return drops / np.maximum(covers, 1)


def grad_cam(
    network: keras.Model, images: np.ndarray, classes: np.ndarray, layer: str
) -> np.ndarray:
    """Return where the maps of a convolutional layer spoke for the chosen class.

    Args:
        network: a functional or sequential model that gives logits.
        images: shape (batch, height, width, channels), floats.
        classes: shape (batch,), whole numbers from 0.
        layer: the name of a layer with maps, shape (batch, rows, columns, channels).

    Returns:
        Shape (batch, rows, columns), at least 0.

    Raises:
        ValueError: when the network has no layer of that name.

    Source: R. R. Selvaraju and others (2017), Grad-CAM: Visual Explanations
    from Deep Networks via Gradient-based Localization, ICCV, section 3.
    """
    outputs = [network.get_layer(layer).output, network.outputs[0]]
    inner = keras.Model(network.inputs[0], outputs)
    images = tf.convert_to_tensor(images)
    with tf.GradientTape() as tape:
        tape.watch(images)
        maps, logits = inner(images, training=False)
        chosen = tf.gather(logits, classes, batch_dims=1)
    slopes = tape.gradient(chosen, maps)
    weights = tf.reduce_mean(slopes, axis=(1, 2), keepdims=True)
    return tf.nn.relu(tf.reduce_sum(weights * maps, axis=-1)).numpy()
