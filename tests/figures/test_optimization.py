"""The pictures of optimisers are figures with labelled axes, and refuse bad input."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

from course_lib.figures.optimization import (
    draw_finder,
    draw_paths,
    draw_pulls,
    draw_rate_sweep,
)


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def bowl(x, y):
    return x**2 + y**2


def test_paths_get_a_panel_each_with_labelled_axes():
    path = np.array([[-2.0, 0.7], [-1.0, 0.3], [0.0, 0.0]])
    figure = draw_paths(bowl, {"one": path, "two": path, "three": path, "four": path})
    assert isinstance(figure, Figure)
    titles = [axes.get_title() for axes in figure.axes]
    assert titles[:4] == ["one", "two", "three", "four"]
    assert not any(axes.axison for axes in figure.axes[4:])
    assert figure.axes[0].get_ylabel() == "$w_2$"
    assert figure.axes[3].get_xlabel() == "$w_1$"
    drawn = figure.axes[1].lines[0].get_xydata()
    np.testing.assert_array_equal(drawn, path)


def test_a_single_path_is_one_panel():
    assert len(draw_paths(bowl, {"only": np.zeros((3, 2))}).axes) == 1


def test_bad_paths_are_refused():
    with pytest.raises(ValueError, match=r"'flat' should have shape \(n, 2\)"):
        draw_paths(bowl, {"flat": np.zeros(3)})
    with pytest.raises(ValueError, match="at least one path"):
        draw_paths(bowl, {})


def test_sweep_draws_what_is_no_number_on_the_ceiling():
    rates = np.array([0.01, 0.1, 1.0])
    losses = {"calm": np.array([1.0, 0.5, 0.3]), "wild": np.array([0.4, np.nan, np.inf])}
    figure = draw_rate_sweep(rates, losses, untrained=2.3, ceiling=4.0)
    (axes,) = figure.axes
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("learning rate", "loss after training (nats)")
    assert axes.lines[0].get_ydata().tolist() == [1.0, 0.5, 0.3]
    assert axes.lines[1].get_ydata().tolist() == [0.4, 4.0, 4.0]
    assert axes.lines[2].get_ydata()[0] == 2.3
    assert [text.get_text() for text in axes.get_legend().get_texts()] == [
        "calm",
        "wild",
        "untrained",
    ]


def test_sweep_needs_a_loss_for_each_rate():
    with pytest.raises(ValueError, match="calm should have one loss for each of the 3 rates"):
        draw_rate_sweep(np.ones(3), {"calm": np.ones(2)}, untrained=2.3)


def test_pulls_stand_beside_the_lines_they_fit():
    x, targets = np.array([3.0, 1.0, 2.0]), np.array([9.0, 7.0, 80.0])
    lines = {"squared": np.array([2.0, 1.0]), "sign": np.array([3.0, 0.0])}
    gradients = {
        "squared": lambda y, f: 2 * (f - y) / y.size,
        "sign": lambda y, f: np.sign(f - y) / y.size,
    }
    left, right = draw_pulls(x, targets, lines, gradients, ceiling=12.0).axes
    assert left.lines[0].get_xdata().tolist() == [1.0, 3.0]
    assert left.lines[0].get_ydata().tolist() == [3.0, 7.0]
    assert left.get_ylim() == (6.0, 12.0)
    np.testing.assert_allclose(right.lines[0].get_ydata(), 2 * right.lines[0].get_xdata())
    assert set(right.lines[1].get_ydata().tolist()) == {-1.0, 0.0, 1.0}
    assert right.get_xlabel() == "error (litres per 100 km)"
    with pytest.raises(ValueError, match="a line and a gradient for each loss"):
        draw_pulls(x, targets, {"squared": x[:2]}, gradients, ceiling=12.0)


def test_finder_draws_each_batch_and_the_smoothed_losses():
    rates, losses = np.array([0.001, 0.01, 0.1]), np.array([2.3, 0.5, 4.0])
    smooth = np.array([np.nan, 1.0, np.nan])
    (axes,) = draw_finder(rates, losses, smooth, untrained=2.3).axes
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    assert axes.lines[0].get_ydata().tolist() == [2.3, 0.5, 4.0]
    assert axes.lines[2].get_ydata()[0] == 2.3
    with pytest.raises(ValueError, match="for each of 3 rates"):
        draw_finder(rates, losses[:2], smooth, untrained=2.3)
