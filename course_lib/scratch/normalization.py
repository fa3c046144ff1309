"""Batch, layer and RMS normalisation, forward and backward, for inputs of shape (n, d).

The first two subtract a mean and divide by a standard deviation, then scale and
shift each of the d features by learnt numbers. They differ in the axis: batch
normalisation takes mean and variance of a feature over the batch (axis 0), layer
normalisation those of an example over its features (axis 1). Only the first needs
memory, for the time when there is no batch. RMS normalisation is layer
normalisation without the mean and without the shift.
"""

import functools
from collections.abc import Callable

import numpy as np

from course_lib.scratch.shapes import shapes


@shapes(features="n d")
def standardize(features: np.ndarray, axis: int, epsilon: float = 1e-3) -> np.ndarray:
    """Return (x - mean) / sqrt(variance + epsilon), both taken along `axis`.

    The variance divides by the count, not by the count less one.
    Source: Ioffe and Szegedy (2015), Batch normalization: accelerating deep
    network training by reducing internal covariate shift, ICML, algorithm 1.

    Args:
        features: shape (n, d).
        axis: 0 for batch, 1 for layer normalisation.
        epsilon: keeps a constant row or column from dividing by zero.

    Returns:
        Shape (n, d).

    Raises:
        ValueError: when `features` has not two axes.
    """
    mean = features.mean(axis=axis, keepdims=True)
    variance = features.var(axis=axis, keepdims=True)
    return (features - mean) / np.sqrt(variance + epsilon)


@shapes(features="n d", output_gradient="n d")
def standardize_gradient(
    features: np.ndarray, output_gradient: np.ndarray, axis: int, epsilon: float = 1e-3
) -> np.ndarray:
    """Return the gradient with respect to the inputs of `standardize`.

    With z = standardize(x) and g the gradient with respect to z,
    (g - mean(g) - z mean(g z)) / sqrt(variance + epsilon): what all inputs share
    and what stretches all alike has no effect, so it is taken out. The formulas
    of Ioffe and Szegedy (2015), section 3, simplified.

    Args:
        features: what was standardised, shape (n, d).
        output_gradient: g, shape (n, d).
        axis: as in `standardize`.
        epsilon: as in `standardize`.

    Returns:
        Shape (n, d).

    Raises:
        ValueError: when the shapes do not fit.
    """
    z = standardize(features, axis, epsilon)
    shared = output_gradient.mean(axis=axis, keepdims=True)
    stretch = z * (output_gradient * z).mean(axis=axis, keepdims=True)
    variance = features.var(axis=axis, keepdims=True)
    return (output_gradient - shared - stretch) / np.sqrt(variance + epsilon)


@shapes(features="n d", scale="d", shift="d")
def layer_normalization(
    features: np.ndarray, scale: np.ndarray, shift: np.ndarray, epsilon: float = 1e-3
) -> np.ndarray:
    """Return each example standardised over its features, scaled and shifted.

    The same in training and in use, and for any size of batch.
    Source: Ba, Kiros and Hinton (2016), Layer normalization, arXiv:1607.06450,
    equations 3 and 4. The constant is Keras's.

    Args:
        features: shape (n, d).
        scale: gamma, shape (d,).
        shift: beta, shape (d,).
        epsilon: added to the variance.

    Returns:
        Shape (n, d).

    Raises:
        ValueError: when the shapes do not fit.
    """
    return scale * standardize(features, axis=1, epsilon=epsilon) + shift


@shapes(features="n d", scale="d", output_gradient="n d")
def layer_normalization_gradient(
    features: np.ndarray, scale: np.ndarray, output_gradient: np.ndarray, epsilon: float = 1e-3
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the gradients of `layer_normalization`.

    Args:
        features: shape (n, d).
        scale: gamma, shape (d,).
        output_gradient: of the loss with respect to the outputs, shape (n, d).
        epsilon: as in the forward pass.

    Returns:
        With respect to the features, shape (n, d), the scale and the shift,
        shape (d,) each.

    Raises:
        ValueError: when the shapes do not fit.
    """
    z = standardize(features, axis=1, epsilon=epsilon)
    features_gradient = standardize_gradient(features, output_gradient * scale, 1, epsilon)
    return features_gradient, (output_gradient * z).sum(axis=0), output_gradient.sum(axis=0)


@shapes(features="*batch d", scale="d")
def rms_normalization(features: np.ndarray, scale: np.ndarray, epsilon: float = 1e-6) -> np.ndarray:
    """Return x / sqrt(mean(x^2) + epsilon), times a scale for each feature.

    The mean is that of an example's squares; no mean is subtracted. Source: Zhang
    and Sennrich (2019), Root Mean Square Layer Normalization, NeurIPS, equation 4.
    The constant is Keras's; of published models some have 1e-5 instead.

    Args:
        features: x, shape (..., d).
        scale: shape (d,).
        epsilon: added to the mean of the squares.

    Returns:
        Shaped like x.

    Raises:
        ValueError: when the shapes do not fit.
    """
    mean_square = np.mean(features**2, axis=-1, keepdims=True)
    return scale * features / np.sqrt(mean_square + epsilon)


@shapes(features="*batch d", scale="d", output_gradient="*batch d")
def rms_normalization_gradient(
    features: np.ndarray, scale: np.ndarray, output_gradient: np.ndarray, epsilon: float = 1e-6
) -> tuple[np.ndarray, np.ndarray]:
    """Return the gradients of `rms_normalization`.

    With r = sqrt(mean(x^2) + epsilon), z = x / r and G the gradient of the output:
    dL/dx = (scale G - z mean(z scale G)) / r, which loses its part along z.

    Args:
        features: shape (..., d).
        scale: shape (d,).
        output_gradient: of the loss with respect to the outputs, shape (..., d).
        epsilon: as in the forward pass.

    Returns:
        With respect to the features, shape (..., d), and the scale, shape (d,).

    Raises:
        ValueError: when the shapes do not fit.
    """
    root = np.sqrt(np.mean(features**2, axis=-1, keepdims=True) + epsilon)
    z = features / root
    scaled = scale * output_gradient
    features_gradient = (scaled - z * np.mean(z * scaled, axis=-1, keepdims=True)) / root
    return features_gradient, (output_gradient * z).reshape(-1, len(scale)).sum(axis=0)


Forward = Callable[["BatchNormalization", np.ndarray, bool], np.ndarray]


def fits_size(forward: Forward) -> Forward:
    """Require features of shape (n, d), with the layer's own d."""

    @functools.wraps(forward)
    def checked(self: "BatchNormalization", features: np.ndarray, training: bool) -> np.ndarray:
        _require_size(self, features)
        return forward(self, features, training)

    return checked


class BatchNormalization:
    """Standardise each feature over the batch, scale and shift it.

    In training the mean and variance are those of the batch, and moving averages
    of them are kept; in use the moving averages stand in for a batch.
    Source: Ioffe and Szegedy (2015), ICML, algorithms 1 and 2. As in Keras, the
    momentum is the share of the old average that is kept, and the moving variance
    is that of the batches, without the paper's factor n / (n - 1).

    Args:
        size: d, the number of features.
        momentum: the share of the moving averages kept at each batch.
        epsilon: added to the variance.

    Attributes:
        scale: gamma, shape (d,), learnt, at first 1.
        shift: beta, shape (d,), learnt, at first 0.
        moving_mean: shape (d,), at first 0.
        moving_variance: shape (d,), at first 1.
    """

    def __init__(self, size: int, momentum: float = 0.99, epsilon: float = 1e-3) -> None:
        self.scale, self.shift = np.ones(size), np.zeros(size)
        self.moving_mean, self.moving_variance = np.zeros(size), np.ones(size)
        self.momentum, self.epsilon = momentum, epsilon

    @fits_size
    def forward(self, features: np.ndarray, training: bool) -> np.ndarray:
        """Return the normalised batch; in training, update the moving averages.

        Args:
            features: shape (n, d).
            training: whether to use the batch's own mean and variance.

        Returns:
            Shape (n, d).

        Raises:
            ValueError: when `features` is not of shape (n, d).
        """
        if training:
            mean, variance = features.mean(axis=0), features.var(axis=0)
            kept, new = self.momentum, 1 - self.momentum
            self.moving_mean = kept * self.moving_mean + new * mean
            self.moving_variance = kept * self.moving_variance + new * variance
            z = standardize(features, 0, self.epsilon)
        else:
            deviation = np.sqrt(self.moving_variance + self.epsilon)
            z = (features - self.moving_mean) / deviation
        return self.scale * z + self.shift


@shapes(features="n d", output_gradient="n d")
def batch_normalization_gradient(
    layer: BatchNormalization, features: np.ndarray, output_gradient: np.ndarray, training: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the gradients with respect to features, scale and shift.

    In training every output of a feature depends on the whole batch; in use on
    its own input alone.

    Args:
        layer: holds scale, shift and moving averages; left as it is.
        features: what went forward, shape (n, d).
        output_gradient: of the loss with respect to the outputs, shape (n, d).
        training: as in the forward pass.

    Returns:
        Shapes (n, d), (d,) and (d,).

    Raises:
        ValueError: when a shape does not fit.
    """
    _require_size(layer, features)
    scaled = output_gradient * layer.scale
    if training:
        z = standardize(features, 0, layer.epsilon)
        features_gradient = standardize_gradient(features, scaled, 0, layer.epsilon)
    else:
        deviation = np.sqrt(layer.moving_variance + layer.epsilon)
        z = (features - layer.moving_mean) / deviation
        features_gradient = scaled / deviation
    return features_gradient, (output_gradient * z).sum(axis=0), output_gradient.sum(axis=0)


def _require_size(layer: BatchNormalization, features: np.ndarray) -> None:
    size = len(layer.scale)
    if np.ndim(features) != 2 or np.shape(features)[1] != size:
        raise ValueError(
            f"BatchNormalization: features should have shape (n, {size}), "
            f"but has shape {np.shape(features)}."
        )
