"""Gradient clipping: shorten a gradient that is too long, keep its direction.

Source: Pascanu, Mikolov and Bengio (2013), On the difficulty of training recurrent
neural networks, ICML, algorithm 1. It helps against exploding gradients only: a
short gradient stays as it is.
"""

import functools
from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

Given = TypeVar("Given")
Clipped = TypeVar("Clipped")


def positive_limit(
    function: Callable[[Given, float], Clipped],
) -> Callable[[Given, float], Clipped]:
    """Require that the largest norm allowed is positive."""

    @functools.wraps(function)
    def checked(given: Given, largest: float) -> Clipped:
        if not largest > 0:
            raise ValueError(f"{function.__name__}: largest should be positive, but is {largest}.")
        return function(given, largest)

    return checked


@positive_limit
def clip_by_norm(gradient: np.ndarray, largest: float) -> np.ndarray:
    """Return the gradient, shortened to the norm `largest` if it is longer.

    Keras: `clipnorm`, which does this to each array of a model by itself, so
    that the direction of the whole gradient may turn.

    Args:
        gradient: any shape; the norm is over all entries.
        largest: the largest norm allowed; positive.

    Returns:
        Shaped like `gradient`.

    Raises:
        ValueError: when `largest` is not positive.
    """
    norm = np.sqrt(np.sum(gradient**2))
    return gradient * (largest / max(norm, largest))


def global_norm(gradients: Sequence[np.ndarray]) -> float:
    """Return the norm of all arrays together, as of one long vector.

    Args:
        gradients: arrays of any shapes.
    """
    return np.sqrt(sum(np.sum(gradient**2) for gradient in gradients))


@positive_limit
def clip_by_global_norm(gradients: Sequence[np.ndarray], largest: float) -> list[np.ndarray]:
    """Return all arrays times one factor, so that their global norm is at most `largest`.

    Keras: `global_clipnorm`. The direction of the whole gradient stays.

    Args:
        gradients: arrays of any shapes.
        largest: the largest global norm allowed; positive.

    Returns:
        Arrays of the same shapes.

    Raises:
        ValueError: when `largest` is not positive.
    """
    factor = largest / max(global_norm(gradients), largest)
    return [gradient * factor for gradient in gradients]
