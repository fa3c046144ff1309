"""Linear regression: prediction, gradient, normal equation, gradient descent.

Rows are examples: features (n, d), targets (n,), weights (d,), bias a number.
The loss is the mean squared error, L = 1/n sum_i (f_i - y_i)^2, without a
factor 1/2; its gradient therefore carries a factor 2.
Source: Bishop (2006), Pattern Recognition and Machine Learning, section 3.1.1.
"""

import numpy as np

from course_lib.scratch.shapes import shapes


@shapes(features="n d", weights="d", bias="")
def predict(features: np.ndarray, weights: np.ndarray, bias: float) -> np.ndarray:
    """Return the predictions f = X w + b.

    Args:
        features: shape (n, d).
        weights: shape (d,).
        bias: a number.

    Returns:
        Shape (n,).

    Raises:
        ValueError: when the shapes do not fit.
    """
    return features @ weights + bias


@shapes(features="n d", targets="n", weights="d", bias="")
def gradient(
    features: np.ndarray, targets: np.ndarray, weights: np.ndarray, bias: float
) -> tuple[np.ndarray, float]:
    """Return the gradient of the mean squared error.

    dL/dw = 2/n X^T (f - y), dL/db = 2/n sum_i (f_i - y_i).

    Args:
        features: shape (n, d).
        targets: shape (n,).
        weights: shape (d,).
        bias: a number.

    Returns:
        The gradient with respect to the weights, shape (d,), and to the bias.

    Raises:
        ValueError: when the shapes do not fit.
    """
    errors = predict(features, weights, bias) - targets
    weights_gradient = 2 * features.T @ errors / len(targets)
    bias_gradient = 2 * errors.sum() / len(targets)
    return weights_gradient, bias_gradient


@shapes(features="n d", targets="n")
def normal_equation(features: np.ndarray, targets: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the weights and bias of least mean squared error, in one solve.

    With a column of ones appended to X, the best weights solve
    (X^T X) w = X^T y (Bishop 2006, equation 3.15).

    Args:
        features: shape (n, d), of rank d and without a constant column.
        targets: shape (n,).

    Returns:
        The weights, shape (d,), and the bias.

    Raises:
        ValueError: when the shapes do not fit.
        numpy.linalg.LinAlgError: when the columns depend on each other.
    """
    design = np.column_stack([features, np.ones(len(features))])
    solution = np.linalg.solve(design.T @ design, design.T @ targets)
    return solution[:-1], solution[-1]


@shapes(features="n d", targets="n")
def gradient_descent(
    features: np.ndarray, targets: np.ndarray, learning_rate: float, steps: int
) -> tuple[np.ndarray, float, np.ndarray]:
    """Walk downhill from zero weights on the mean squared error.

    Args:
        features: shape (n, d), standardised if it is to converge.
        targets: shape (n,).
        learning_rate: the factor on the gradient; positive.
        steps: how many steps to take.

    Returns:
        The weights, shape (d,), the bias, and the loss before each step,
        shape (steps,).

    Raises:
        ValueError: when the shapes do not fit.
    """
    weights, bias = np.zeros(features.shape[1]), 0.0
    losses = np.empty(steps)
    for step in range(steps):
        losses[step] = np.mean((predict(features, weights, bias) - targets) ** 2)
        weights_gradient, bias_gradient = gradient(features, targets, weights, bias)
        weights = weights - learning_rate * weights_gradient
        bias = bias - learning_rate * bias_gradient
    return weights, bias, losses
