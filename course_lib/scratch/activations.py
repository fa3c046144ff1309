"""Activation functions and their derivatives, stable for every finite input.

All but the softmax act on each number alone and take any shape. The softmax
and its logarithm act on the last axis. A derivative has the shape of its
input; where an activation couples its inputs there is a Jacobian for one
vector, and a backward function, which takes the gradient of a loss with
respect to the output and returns it with respect to the input.
"""

import math

import numpy as np

from course_lib.scratch.shapes import shapes


def relu(x: np.ndarray) -> np.ndarray:
    """Return max(x, 0), the rectified linear unit.

    Source: Nair and Hinton (2010), Rectified Linear Units Improve Restricted
    Boltzmann Machines, ICML.

    Args:
        x: any shape.
    """
    return np.maximum(x, 0.0)


def relu_derivative(x: np.ndarray) -> np.ndarray:
    """Return 1 where x > 0, otherwise 0; at 0, where there is a corner, 0 by convention.

    Args:
        x: any shape.
    """
    return np.where(x > 0, 1.0, 0.0)


def leaky_relu(x: np.ndarray, negative_slope: float = 0.2) -> np.ndarray:
    """Return x where x > 0, otherwise negative_slope times x.

    Source: Maas, Hannun and Ng (2013), Rectifier Nonlinearities Improve Neural
    Network Acoustic Models, ICML workshop, who use 0.01. The default is that
    of `keras.activations.leaky_relu`.

    Args:
        x: any shape.
        negative_slope: the slope left of 0.
    """
    return np.where(x > 0, x, negative_slope * x)


def leaky_relu_derivative(x: np.ndarray, negative_slope: float = 0.2) -> np.ndarray:
    """Return 1 where x > 0, otherwise negative_slope.

    Args:
        x: any shape.
        negative_slope: the slope left of 0, and by convention at 0.
    """
    return np.where(x > 0, 1.0, negative_slope)


def sigmoid(x: np.ndarray) -> np.ndarray:
    """Return 1 / (1 + e^-x), the logistic function.

    For negative x the same number is written e^x / (1 + e^x), so that the
    exponential never has a positive argument and cannot overflow.
    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, equation 3.30.

    Args:
        x: any shape.

    Returns:
        Between 0 and 1, shaped like x.
    """
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1.0, small) / (1.0 + small)


def sigmoid_derivative(x: np.ndarray) -> np.ndarray:
    """Return sigmoid(x) (1 - sigmoid(x)), at most 1/4.

    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, equation 3.33.

    Args:
        x: any shape.
    """
    probability = sigmoid(x)
    return probability * (1.0 - probability)


def tanh(x: np.ndarray) -> np.ndarray:
    """Return the hyperbolic tangent, as 2 sigmoid(2x) - 1.

    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 6.3.2.
    It is right to 2e-16, not to so many digits: of 1e-17 the subtraction leaves 0,
    where `np.tanh` keeps it.

    Args:
        x: any shape.

    Returns:
        Between -1 and 1, shaped like x.
    """
    return 2.0 * sigmoid(2.0 * x) - 1.0


def tanh_derivative(x: np.ndarray) -> np.ndarray:
    """Return 1 - tanh(x)^2, at most 1.

    Args:
        x: any shape.
    """
    return 1.0 - tanh(x) ** 2


def normal_cdf(x: np.ndarray) -> np.ndarray:
    """Return the probability that a standard normal number is below x.

    Phi(x) = erfc(-x / sqrt(2)) / 2, from the standard library's erfc.

    Args:
        x: any shape.
    """
    erfc = np.vectorize(math.erfc, otypes=[float])
    return erfc(-x / math.sqrt(2)) / 2


def normal_density(x: np.ndarray) -> np.ndarray:
    """Return the density of the standard normal distribution, e^(-x^2 / 2) / sqrt(2 pi).

    Args:
        x: any shape.
    """
    return np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)


def gelu(x: np.ndarray) -> np.ndarray:
    """Return x Phi(x), the Gaussian error linear unit in its exact form.

    Source: Hendrycks and Gimpel (2016), Gaussian Error Linear Units (GELUs),
    arXiv:1606.08415, section 2.

    Args:
        x: any shape.
    """
    return x * normal_cdf(x)


def gelu_derivative(x: np.ndarray) -> np.ndarray:
    """Return Phi(x) + x phi(x): the product rule, phi being the derivative of Phi.

    Args:
        x: any shape.
    """
    return normal_cdf(x) + x * normal_density(x)


def gelu_tanh(x: np.ndarray) -> np.ndarray:
    """Return the approximation of GELU by a tanh, within 0.0005 of the exact form.

    x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))). Source: Hendrycks and Gimpel
    (2016), Gaussian Error Linear Units (GELUs), arXiv:1606.08415, section 2.

    Args:
        x: any shape.
    """
    inner = math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)
    return 0.5 * x * (1.0 + tanh(inner))


def gelu_tanh_derivative(x: np.ndarray) -> np.ndarray:
    """Return the derivative of `gelu_tanh`, by the product and the chain rule.

    Args:
        x: any shape.
    """
    inner = math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)
    inner_derivative = math.sqrt(2 / math.pi) * (1.0 + 3 * 0.044715 * x**2)
    return 0.5 * (1.0 + tanh(inner)) + 0.5 * x * tanh_derivative(inner) * inner_derivative


def silu(x: np.ndarray) -> np.ndarray:
    """Return x sigmoid(x), the sigmoid-weighted linear unit, also called swish.

    Source: Elfwing, Uchibe and Doya (2018), Sigmoid-Weighted Linear Units for
    Neural Network Function Approximation in Reinforcement Learning, Neural
    Networks 107, equation 7 of arXiv:1702.03118.

    Args:
        x: any shape.
    """
    return x * sigmoid(x)


def silu_derivative(x: np.ndarray) -> np.ndarray:
    """Return sigmoid(x) + x sigmoid'(x), by the product rule.

    Args:
        x: any shape.
    """
    return sigmoid(x) + x * sigmoid_derivative(x)


@shapes(x="*batch classes")
def softmax(x: np.ndarray) -> np.ndarray:
    """Return e^x_i / sum_j e^x_j over the last axis: scores to probabilities.

    Taking the largest score away from all of them changes nothing in the
    fraction and keeps every exponential at 1 or below.
    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 4.1.

    Args:
        x: scores, shape (..., classes).

    Returns:
        Positive numbers that sum to one over the last axis, shaped like x.

    Raises:
        ValueError: when x has no axis.
    """
    exponentials = np.exp(x - np.max(x, axis=-1, keepdims=True))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


@shapes(x="classes")
def softmax_jacobian(x: np.ndarray) -> np.ndarray:
    """Return the derivatives of all probabilities by all scores of one vector.

    dp_i/dx_j = p_i (1 - p_i) where i = j, otherwise -p_i p_j.

    Args:
        x: scores, shape (classes,).

    Returns:
        Shape (classes, classes), symmetric, each row summing to zero.

    Raises:
        ValueError: when x is no vector.
    """
    probabilities = softmax(x)
    return np.diag(probabilities) - np.outer(probabilities, probabilities)


@shapes(x="*batch classes", upstream="*batch classes")
def softmax_backward(x: np.ndarray, upstream: np.ndarray) -> np.ndarray:
    """Return dL/dx given dL/dp, without building the Jacobian.

    dL/dx_j = p_j (g_j - sum_i g_i p_i), g being dL/dp.

    Args:
        x: scores, shape (..., classes).
        upstream: dL/dp, shaped like x.

    Returns:
        Shaped like x.

    Raises:
        ValueError: when the shapes differ or x has no axis.
    """
    probabilities = softmax(x)
    average = np.sum(upstream * probabilities, axis=-1, keepdims=True)
    return probabilities * (upstream - average)


@shapes(x="*batch classes")
def log_softmax(x: np.ndarray) -> np.ndarray:
    """Return the logarithm of `softmax` without ever taking the logarithm of zero.

    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, equation 6.30.

    Args:
        x: scores, shape (..., classes).

    Returns:
        Numbers of at most 0, shaped like x.

    Raises:
        ValueError: when x has no axis.
    """
    shifted = x - np.max(x, axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


@shapes(x="*batch classes", upstream="*batch classes")
def log_softmax_backward(x: np.ndarray, upstream: np.ndarray) -> np.ndarray:
    """Return dL/dx given the gradient with respect to log p.

    dL/dx_j = g_j - p_j sum_i g_i, g being dL/d(log p).

    Args:
        x: scores, shape (..., classes).
        upstream: dL/d(log p), shaped like x.

    Returns:
        Shaped like x.

    Raises:
        ValueError: when the shapes differ or x has no axis.
    """
    return upstream - softmax(x) * upstream.sum(axis=-1, keepdims=True)
