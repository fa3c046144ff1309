"""The drawing of the activations shows the activations."""

import matplotlib as mpl
import numpy as np
import pytest

mpl.use("Agg")

import matplotlib.pyplot as plt

from course_lib.figures.activations import (
    draw_activations,
    draw_probability_and_cost,
    draw_softmax,
)
from course_lib.scratch import activations


@pytest.fixture
def figure():
    figure = draw_activations()
    yield figure
    plt.close(figure)


def test_every_panel_is_named_and_labelled(figure):
    drawn = [axes for axes in figure.axes if axes.lines]
    assert len(drawn) == 7
    assert all(axes.get_title() and axes.get_ylabel() for axes in drawn)
    assert sum(axes.get_xlabel() == "input" for axes in drawn) == 2


def test_the_curves_are_the_activations_and_their_derivatives(figure):
    for axes in figure.axes[:6]:
        name = axes.get_title().replace(" ", "_").lower()
        for line, function in zip(axes.lines, [name, f"{name}_derivative"], strict=False):
            expected = getattr(activations, function)(line.get_xdata())
            np.testing.assert_array_equal(line.get_ydata(), expected)


def test_the_softmax_panel_shows_one_score_of_three(figure):
    value, derivative, _ = figure.axes[6].lines
    x, p = value.get_data()
    np.testing.assert_allclose(p, np.exp(x) / (np.exp(x) + 2), atol=1e-12)
    np.testing.assert_allclose(derivative.get_ydata(), p * (1 - p), atol=1e-12)


def test_the_range_must_be_positive():
    with pytest.raises(ValueError, match="limit should be positive, but is 0"):
        draw_activations(0)


def test_a_score_costs_the_logarithm_of_what_the_truth_was_given():
    figure = draw_probability_and_cost()
    probability, costs = figure.axes
    z, p = probability.lines[0].get_data()
    np.testing.assert_allclose(p, 1 / (1 + np.exp(-z)), atol=1e-12)
    np.testing.assert_allclose(costs.lines[0].get_ydata(), -np.log(p), atol=1e-12)
    np.testing.assert_allclose(costs.lines[1].get_ydata(), -np.log(1 - p), atol=1e-10)
    assert [line.get_label() for line in costs.lines] == ["truth is 1", "truth is 0"]
    plt.close(figure)
    with pytest.raises(ValueError, match="limit should be positive, but is -1"):
        draw_probability_and_cost(-1)


def test_the_softmax_of_three_scores_sums_to_one_and_says_whose_is_which():
    figure = draw_softmax(others=(2.0, -1.0), limit=3)
    axes = figure.axes[0]
    first = axes.lines[0].get_xdata()
    heights = np.array([line.get_ydata() for line in axes.lines])
    np.testing.assert_allclose(heights.sum(axis=0), 1, atol=1e-12)
    np.testing.assert_allclose(heights[1] / heights[0], np.exp(2 - first), rtol=1e-9)
    assert axes.lines[2].get_label() == "class with score -1"
    plt.close(figure)
    with pytest.raises(ValueError, match="limit should be positive, but is 0"):
        draw_softmax(limit=0)
