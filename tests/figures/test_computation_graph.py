"""The pictures of computations show every value, are labelled, and refuse bad input."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

from course_lib.figures import style
from course_lib.figures.computation_graph import (
    draw_expression,
    draw_gradient_checks,
    draw_network,
    place_values,
)
from course_lib.scratch.autodiff import Value, differentiate, in_order, relu, tanh


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def texts_of(figure):
    return [text.get_text() for text in figure.axes[0].texts]


def one_car():
    w, x, b, y = Value(1), Value(3), Value(6), Value(12)
    error = w * x + b - y
    loss = error**2
    differentiate(loss)
    return loss, {"w": w, "x": x, "b": b, "y": y, "e": error}


def test_an_expression_shows_names_numbers_gradients_and_slopes():
    loss, names = one_car()
    figure = draw_expression(loss, names)
    assert isinstance(figure, Figure)
    assert "gradients come back (orange)" in figure.axes[0].get_xlabel()
    texts = texts_of(figure)
    for expected in ("w", "x", "b", "y", "e  (−)", "×", "+", "^2"):
        assert expected in texts
    for expected in ("-18", "-6", "+6", "+1", "12", "9", "-3"):
        assert expected in texts
    assert len(figure.axes[0].patches) == len(in_order(loss)) == 8
    # Seven arrows, each with its slope.
    assert sum(text.arrow_patch is not None for text in figure.axes[0].texts if
               hasattr(text, "arrow_patch")) == 7  # fmt: skip


def test_no_two_boxes_of_an_expression_overlap():
    a, b = Value(0.5), Value(-1.0)
    c = a * b
    result = tanh(c + a) * a + c + relu(b) * c + 2
    places = list(place_values(in_order(result)).values())
    for one in range(len(places)):
        for other in range(one):
            apart = np.abs(np.subtract(places[one], places[other]))
            assert apart[0] > 0.9 or apart[1] > 0.9


def test_every_value_stands_to_the_right_of_its_inputs():
    loss, _ = one_car()
    places = place_values(in_order(loss))
    for value in places:
        for source, _ in value.inputs:
            assert places[source][0] < places[value][0]
    # An input stands next to where it is first used.
    assert sorted(place[0] for value, place in places.items() if not value.inputs) == [0, 0, 1, 2]


def test_a_value_used_twice_by_the_same_operation_has_one_arrow_with_both_slopes():
    a = Value(3.0)
    square = a * a
    differentiate(square)
    assert "3 + 3" in texts_of(draw_expression(square, {"a": a}))


def test_a_single_number_can_be_drawn():
    assert "number" in texts_of(draw_expression(Value(2.0), {}))


def test_a_long_way_goes_round_the_boxes_between():
    a = Value(2.0)
    result = tanh(tanh(tanh(a))) + a
    differentiate(result)
    figure = draw_expression(result, {"a": a})
    low, _ = figure.axes[0].get_ylim()
    slopes = [text for text in figure.axes[0].texts if text.get_text() == "1"]
    assert any(low < text.get_position()[1] < -0.3 for text in slopes)


def test_an_expression_too_large_to_read_is_refused():
    value = Value(1.0)
    for _ in range(30):
        value = value + 1
    with pytest.raises(ValueError, match="61 values are too many to read; at most 40"):
        draw_expression(value, {})
    assert isinstance(draw_expression(value, {}, largest=61), Figure)


def small_network():
    columns = [
        {"input": (np.array([1.0, 2.0]), None)},
        {"hidden": (np.array([0.5, 0.25, 0.0]), np.array([0.1, -0.2, 0.0]))},
        {"output": (np.array([0.75]), np.array([-0.25]))},
    ]
    first = np.array([[0.1, -0.2, 0.0], [0.2, -0.4, 0.0]])
    return columns, [np.ones((2, 3)), np.ones((3, 1))], [first, np.array([[-0.5], [0.25], [1.0]])]


def test_a_network_shows_values_gradients_and_the_way_each_weight_will_go():
    columns, weights, gradients = small_network()
    figure = draw_network(columns, weights, gradients)
    axes = figure.axes[0]
    assert texts_of(figure) == [
        "1.000", "2.000", "0.500\n+0.1000", "0.250\n-0.2000", "0.000\n+0.0000", "0.750\n-0.2500",
    ]  # fmt: skip
    assert [label.get_text() for label in axes.get_xticklabels()] == ["input", "hidden", "output"]
    assert "gradient at the unit's sum z" in axes.get_xlabel()
    # Two of the nine gradients are zero, and their weights stay: no line.
    lines = {tuple(map(tuple, line.get_xydata().tolist())): line for line in axes.lines}
    assert len(lines) == 7
    growing = lines[((1.0, 1.0), (2.0, 0.0))]
    shrinking = lines[((1.0, -1.0), (2.0, 0.0))]
    assert (growing.get_color(), growing.get_linestyle()) == (style.RED, "-")
    assert (shrinking.get_color(), shrinking.get_linestyle()) == (style.BLUE, "--")
    assert shrinking.get_linewidth() == pytest.approx(6.8)
    assert growing.get_linewidth() == pytest.approx(3.8)


@pytest.mark.parametrize("which", [1, 2])
def test_a_network_refuses_weights_that_do_not_fit(which):
    arguments = list(small_network())
    arguments[which] = [array.T for array in arguments[which]]
    with pytest.raises(ValueError, match=r"shapes \[\(2, 3\), \(3, 1\)\]"):
        draw_network(*arguments)


def test_a_gradient_check_shows_each_parameter_beside_the_line():
    checks = {"right": ([1.0, -2.0], [1.0, -2.0]), "wrong": ([0.5, 3.0, 0.0], [1.0, 1.0, 0.0])}
    figure = draw_gradient_checks(checks)
    assert [axes.get_title() for axes in figure.axes] == list(checks)
    assert figure.axes[0].get_ylabel() == "by backward"
    for axes, (found, nudged) in zip(figure.axes, checks.values(), strict=True):
        assert axes.get_xlabel() == "by nudging"
        line, points = axes.lines
        assert np.array_equal(line.get_xdata(), line.get_ydata())
        assert np.array_equal(points.get_xdata(), nudged)
        assert np.array_equal(points.get_ydata(), found)
        # One range for all, so that a small error beside a large one looks small.
        assert axes.get_xlim() == axes.get_ylim() == figure.axes[0].get_xlim()
        assert axes.get_xlim()[1] > max(map(abs, [*found, *nudged]))


def test_gradients_that_are_all_zero_can_be_drawn():
    assert isinstance(draw_gradient_checks({"dead": ([0.0], [0.0])}), Figure)


@pytest.mark.parametrize("checks", [{}, {"one": ([1.0], [1.0, 2.0])}, {"none": ([], [])}])
def test_a_gradient_check_refuses_what_it_cannot_draw(checks):
    with pytest.raises(ValueError, match="draw_gradient_checks"):
        draw_gradient_checks(checks)
