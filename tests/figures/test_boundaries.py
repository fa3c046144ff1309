"""Two classes and a model's probability, drawn."""

import matplotlib as mpl
import numpy as np
import pytest

mpl.use("Agg")

import matplotlib.pyplot as plt

from course_lib.figures import boundaries

FEATURES = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
TARGETS = np.array([0, 1, 1])


@pytest.fixture
def axes():
    figure, axes = plt.subplots()
    yield axes
    plt.close(figure)


def test_each_class_has_its_points_its_marker_and_its_name(axes):
    boundaries.draw_classes(axes, FEATURES, TARGETS, ["no", "yes"])
    none, some = axes.collections
    assert [none.get_label(), some.get_label()] == ["no", "yes"]
    np.testing.assert_array_equal(none.get_offsets(), FEATURES[:1])
    np.testing.assert_array_equal(some.get_offsets(), FEATURES[1:])
    assert none.get_paths()[0].vertices.shape != some.get_paths()[0].vertices.shape


def test_the_boundary_is_where_the_probability_is_a_half(axes):
    boundaries.draw_probability(axes, lambda x: 1 / (1 + np.exp(-x[:, :1])), (-2, 2), (-1, 1))
    line = axes.collections[-1].get_paths()[0].vertices
    np.testing.assert_allclose(line[:, 0], 0, atol=1e-3)
    assert axes.get_xlim() == (-2, 2)
    assert axes.get_ylim() == (-1, 1)


def test_a_model_without_a_boundary_is_drawn_without_one(axes):
    boundaries.draw_probability(axes, lambda x: np.full(len(x), 0.5), (0, 1), (0, 1))
    assert len(axes.collections) == 1


def test_wrong_shapes_are_named(axes):
    with pytest.raises(ValueError, match="features should have shape"):
        boundaries.draw_classes(axes, np.ones((3, 3)), TARGETS, ["no", "yes"])
    with pytest.raises(ValueError, match="should be two names"):
        boundaries.draw_classes(axes, FEATURES, TARGETS, ["no"])
    with pytest.raises(ValueError, match="14400 probabilities"):
        boundaries.draw_probability(axes, lambda x: np.ones(3), (0, 1), (0, 1))
