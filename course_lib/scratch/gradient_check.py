"""Compare a gradient with central differences, the test of every derivation.

Source: Baydin, Pearlmutter, Radul and Siskind (2018), Automatic Differentiation
in Machine Learning: a Survey, Journal of Machine Learning Research 18(153),
section 2.1, for the error of numerical differentiation.
"""

from collections.abc import Callable

import numpy as np


def numerical_gradient(
    function: Callable[[np.ndarray], float], point: np.ndarray, step: float = 1e-5
) -> np.ndarray:
    """Return the gradient of a scalar function by central differences.

    df/dx_i is about (f(x + h e_i) - f(x - h e_i)) / 2h, with an error of the
    order of h^2.

    Args:
        function: maps an array shaped like `point` to a number.
        point: where to differentiate; any shape; left as it is.
        step: h.

    Returns:
        The gradient, float64, shaped like `point`.

    Raises:
        ValueError: when `function` does not return a single number.
    """
    position = np.array(point, dtype=np.float64)
    gradient = np.empty_like(position)
    for index in np.ndindex(position.shape):
        kept = position[index]
        position[index] = kept + step
        above = _number(function(position.copy()))
        position[index] = kept - step
        below = _number(function(position.copy()))
        position[index] = kept
        gradient[index] = (above - below) / (2 * step)
    return gradient


def gradient_error(
    function: Callable[[np.ndarray], float],
    gradient: np.ndarray,
    point: np.ndarray,
    step: float = 1e-5,
) -> float:
    """Return how far `gradient` is from central differences at `point`.

    The measure is the largest |a - b| / max(1, |a|, |b|) over the entries: an
    absolute error for small entries and a relative one for large ones. A
    right gradient of a smooth function gives well under 1e-6 in float64.

    Args:
        function: maps an array shaped like `point` to a number.
        gradient: the gradient to check, shaped like `point`.
        point: where it was taken.
        step: half the distance of the central difference.

    Raises:
        ValueError: when `gradient` and `point` differ in shape.
    """
    if np.shape(gradient) != np.shape(point):
        raise ValueError(
            f"gradient_error: gradient should have the shape of point, {np.shape(point)}, "
            f"but has shape {np.shape(gradient)}."
        )
    estimate = numerical_gradient(function, point, step)
    scale = np.maximum(1.0, np.maximum(np.abs(gradient), np.abs(estimate)))
    return float(np.max(np.abs(gradient - estimate) / scale))


def _number(value: float) -> float:
    if np.size(value) != 1:
        raise ValueError(
            f"numerical_gradient: function should return one number, "
            f"but returned shape {np.shape(value)}."
        )
    return float(np.reshape(value, ()))
