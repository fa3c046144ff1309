"""Initial weights whose size keeps a signal's size from layer to layer.

All return weights of shape (inputs, units) for x @ W, drawn around zero; biases
start at zero and need no function. Keras's `HeNormal` and `GlorotNormal` cut
their normal distribution off at two standard deviations and widen it to the same
variance; the papers, and these, do not.
"""

import functools
from collections.abc import Callable

import numpy as np

Initializer = Callable[[int, int, np.random.Generator], np.ndarray]


def positive_sizes(function: Initializer) -> Initializer:
    """Require at least one input and one unit."""

    @functools.wraps(function)
    def checked(inputs: int, units: int, generator: np.random.Generator) -> np.ndarray:
        if inputs < 1 or units < 1:
            raise ValueError(
                f"{function.__name__}: inputs and units should be at least 1, "
                f"but are {inputs} and {units}."
            )
        return function(inputs, units, generator)

    return checked


@positive_sizes
def glorot_normal(inputs: int, units: int, generator: np.random.Generator) -> np.ndarray:
    """Return normal weights of variance 2 / (inputs + units).

    A compromise between 1 / inputs, which keeps the variance of the signal on
    the way forward, and 1 / units, which keeps that of the gradient on the way
    back, for an activation of slope 1 near zero such as tanh.
    Source: Glorot and Bengio (2010), Understanding the difficulty of training
    deep feedforward neural networks, AISTATS, equation 12.

    Args:
        inputs: how many numbers enter the layer.
        units: how many leave it.
        generator: where the random numbers come from.

    Returns:
        Shape (inputs, units).

    Raises:
        ValueError: when `inputs` or `units` is not positive.
    """
    return generator.normal(0.0, np.sqrt(2 / (inputs + units)), (inputs, units))


@positive_sizes
def glorot_uniform(inputs: int, units: int, generator: np.random.Generator) -> np.ndarray:
    """Return uniform weights of variance 2 / (inputs + units), Keras's default.

    A uniform distribution between -a and a has the variance a^2 / 3, so that
    a = sqrt(6 / (inputs + units)). Source: Glorot and Bengio (2010), AISTATS,
    equation 16.

    Args:
        inputs: how many numbers enter the layer.
        units: how many leave it.
        generator: where the random numbers come from.

    Returns:
        Shape (inputs, units).

    Raises:
        ValueError: when `inputs` or `units` is not positive.
    """
    limit = np.sqrt(6 / (inputs + units))
    return generator.uniform(-limit, limit, (inputs, units))


@positive_sizes
def he_normal(inputs: int, units: int, generator: np.random.Generator) -> np.ndarray:
    """Return normal weights of variance 2 / inputs, for ReLU.

    A ReLU sets half of a symmetric signal to zero, and with it half of the mean
    square; the 2 makes up for it. Source: He, Zhang, Ren and Sun (2015),
    Delving deep into rectifiers, ICCV, equation 10.

    Args:
        inputs: how many numbers enter the layer.
        units: how many leave it.
        generator: where the random numbers come from.

    Returns:
        Shape (inputs, units).

    Raises:
        ValueError: when `inputs` or `units` is not positive.
    """
    return generator.normal(0.0, np.sqrt(2 / inputs), (inputs, units))


@positive_sizes
def he_uniform(inputs: int, units: int, generator: np.random.Generator) -> np.ndarray:
    """Return uniform weights of variance 2 / inputs, for ReLU.

    Between -a and a with a = sqrt(6 / inputs): He and others (2015) with the
    uniform distribution of Glorot and Bengio (2010).

    Args:
        inputs: how many numbers enter the layer.
        units: how many leave it.
        generator: where the random numbers come from.

    Returns:
        Shape (inputs, units).

    Raises:
        ValueError: when `inputs` or `units` is not positive.
    """
    limit = np.sqrt(6 / inputs)
    return generator.uniform(-limit, limit, (inputs, units))
