"""The activations and their slopes, side by side."""

from collections.abc import Callable

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from course_lib.figures import style
from course_lib.scratch import activations

Curve = Callable[[np.ndarray], np.ndarray]


def draw_activations(limit: float = 4.0) -> Figure:
    """Draw seven activations and their derivatives from -limit to limit.

    The softmax is drawn as the probability of one class of three, against that
    class's score, the two other scores being zero.

    Args:
        limit: the largest input shown; positive.

    Raises:
        ValueError: when limit is not positive.
    """
    if not limit > 0:
        raise ValueError(f"draw_activations: limit should be positive, but is {limit!r}.")
    curves: dict[str, tuple[Curve, Curve]] = {
        "ReLU": (activations.relu, activations.relu_derivative),
        "leaky ReLU": (activations.leaky_relu, activations.leaky_relu_derivative),
        "GELU": (activations.gelu, activations.gelu_derivative),
        "SiLU": (activations.silu, activations.silu_derivative),
        "sigmoid": (activations.sigmoid, activations.sigmoid_derivative),
        "tanh": (activations.tanh, activations.tanh_derivative),
        "softmax, one score of three": (_one_of_three, _one_of_three_derivative),
    }
    figure, panels = plt.subplots(4, 2, figsize=(9.0, 11.0), sharex=True)
    x = np.linspace(-limit, limit, 801)
    for axes, (name, (value, derivative)) in zip(panels.flat, curves.items(), strict=False):
        axes.plot(x, value(x), color=style.BLUE, label="value")
        axes.plot(x, derivative(x), color=style.RED, linestyle="--", label="derivative")
        axes.axhline(0, color=style.GREY, linewidth=0.8)
        axes.set_title(name)
        axes.set_ylabel("output")
        bounded = value(x).max() <= 1
        axes.set_ylim((-1.15, 1.15) if bounded else (-0.5 * limit, limit))
    panels[3, 0].set_xlabel("input")
    panels[2, 1].set_xlabel("input")
    panels[2, 1].tick_params(labelbottom=True)
    handles, labels = panels[0, 0].get_legend_handles_labels()
    panels[3, 1].axis("off")
    panels[3, 1].legend(handles, labels, loc="center", fontsize=16)
    return figure


def draw_probability_and_cost(limit: float = 5.0) -> Figure:
    """Draw the sigmoid, and beside it what each score costs if the truth is 1 or 0.

    Args:
        limit: the largest score shown; positive.

    Raises:
        ValueError: when limit is not positive.
    """
    if not limit > 0:
        raise ValueError(f"draw_probability_and_cost: limit should be positive, but is {limit!r}.")
    figure, (left, right) = plt.subplots(1, 2, figsize=(10.0, 4.2))
    z = np.linspace(-limit, limit, 401)
    left.plot(z, activations.sigmoid(z), color=style.BLACK)
    left.set(xlabel="score z", ylabel="probability of 1", title="sigmoid")
    right.plot(z, -np.log(activations.sigmoid(z)), color=style.RED, label="truth is 1")
    right.plot(z, -np.log(activations.sigmoid(-z)), "--", color=style.BLUE, label="truth is 0")
    right.set(xlabel="score z", ylabel="cost", title="cost of one example")
    right.legend()
    return figure


def draw_softmax(others: tuple[float, float] = (1.0, 0.0), limit: float = 5.0) -> Figure:
    """Draw the softmax of three scores, of which the first moves.

    Args:
        others: the second and the third score.
        limit: the largest first score shown; positive.

    Raises:
        ValueError: when limit is not positive.
    """
    if not limit > 0:
        raise ValueError(f"draw_softmax: limit should be positive, but is {limit!r}.")
    first = np.linspace(-limit, limit, 401)
    scores = np.column_stack([first, *(np.full_like(first, score) for score in others)])
    figure, axes = plt.subplots()
    labels = ["first class", *(f"class with score {score:g}" for score in others)]
    for line, label, dashes in zip(
        activations.softmax(scores).T, labels, ("-", "--", ":"), strict=True
    ):
        axes.plot(first, line, dashes, label=label)
    axes.set(xlabel="score of the first class", ylabel="probability")
    axes.legend()
    return figure


def _scores(x: np.ndarray) -> np.ndarray:
    return np.column_stack([x, np.zeros_like(x), np.zeros_like(x)])


def _one_of_three(x: np.ndarray) -> np.ndarray:
    return activations.softmax(_scores(x))[:, 0]


def _one_of_three_derivative(x: np.ndarray) -> np.ndarray:
    first = np.tile([1.0, 0.0, 0.0], (len(x), 1))
    return activations.softmax_backward(_scores(x), first)[:, 0]
