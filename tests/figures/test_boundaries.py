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


def test_each_model_has_its_panel_its_title_and_its_labels():
    panels = {
        "points": (None, FEATURES, TARGETS),
        "a model": (lambda x: 1 / (1 + np.exp(-(x[:, 0] - 0.5))), 10 * FEATURES, TARGETS),
    }
    figure = boundaries.draw_models(panels, ["no", "yes"], ["width", "length"], "height")
    left, right = figure.axes
    assert [left.get_title(), right.get_title()] == ["points", "a model"]
    assert [left.get_xlabel(), right.get_xlabel()] == ["width", "length"]
    assert [left.get_ylabel(), right.get_ylabel()] == ["height", "height"]
    assert len(left.collections) == 2 < len(right.collections)
    np.testing.assert_allclose(left.get_xlim(), (-0.12, 1.12))
    np.testing.assert_allclose(right.get_ylim(), (-1.2, 11.2))
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["no", "yes"]
    plt.close(figure)


def test_a_panel_may_have_a_vertical_label_of_its_own():
    panels = {"one": (None, FEATURES, TARGETS)}
    figure = boundaries.draw_models(panels, ["no", "yes"], ["width"], ["metres"])
    assert figure.axes[0].get_ylabel() == "metres"
    plt.close(figure)


@pytest.mark.parametrize(("across", "up"), [([], "metres"), (["width"], ["metres", "feet"])])
def test_every_panel_needs_its_labels(across, up):
    with pytest.raises(ValueError, match="should label 1 panels"):
        boundaries.draw_models({"one": (None, FEATURES, TARGETS)}, ["no", "yes"], across, up)


def test_a_fold_shows_the_same_examples_twice_and_a_line_behind_the_hidden_layer():
    figure = boundaries.draw_fold(FEATURES, 2 * FEATURES, TARGETS, ((0, 0), (1, 1)))
    left, right = figure.axes
    assert [left.get_title(), right.get_title()] == ["inputs", "hidden layer"]
    np.testing.assert_array_equal(right.collections[1].get_offsets(), 2 * FEATURES[1:])
    assert len(left.lines) == 0
    assert len(right.lines) == 1
    plt.close(figure)
