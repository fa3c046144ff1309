"""The pictures of lines are figures with labelled axes, and refuse bad input."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from course_lib.figures.lines import (
    draw_intervals,
    draw_landscapes,
    draw_line,
    draw_residuals,
    draw_splits,
)

X = np.array([1.0, 2.0, 3.0])
Y = np.array([7.0, 8.0, 12.0])


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_a_line_is_drawn_with_its_loss_and_its_errors():
    (axes,) = draw_line(X, Y, 1.0, 6.0, errors=True).axes
    assert axes.get_title() == "w = 1.00, b = 6.00: loss 3.00"
    assert axes.get_xlabel() == "engine size (litres)"
    assert axes.get_ylabel() == "fuel use (litres per 100 km)"
    points, line, *errors = axes.lines
    np.testing.assert_array_equal(points.get_ydata(), Y)
    np.testing.assert_allclose(line.get_ydata(), line.get_xdata() + 6)
    assert [list(error.get_ydata()) for error in errors] == [[7, 7], [8, 8], [12, 9]]
    assert [text.get_text() for text in axes.texts] == ["error 0", "error 0", "error -3"]


def test_points_are_drawn_without_a_line_too():
    (axes,) = draw_line(np.arange(30.0), np.arange(30.0)).axes
    assert len(axes.lines) == 1
    assert axes.get_title() == ""
    (axes,) = draw_line(X, Y, 2.0).axes
    # Errors and their loss come only where they are asked for.
    assert axes.get_title() == ""
    assert len(axes.lines) == 2


def test_a_line_needs_as_many_inputs_as_targets():
    with pytest.raises(ValueError, match="the same shape"):
        draw_line(X, Y[:2])


def test_landscapes_mark_the_lowest_point_and_the_walk():
    figure = draw_landscapes({"raw": (X, 0.1), "again": (X, 0.1)}, Y, steps=1)
    assert [axes.get_title() for axes in figure.axes] == ["raw", "again"]
    for axes in figure.axes:
        assert (axes.get_xlabel(), axes.get_ylabel()) == ("weight w", "bias b")
        path, star = axes.lines
        # The mean of -y x is -59/3, that of -y is -9.
        np.testing.assert_allclose(path.get_xydata(), [[0, 0], [0.2 * 59 / 3, 1.8]])
        np.testing.assert_allclose(star.get_xydata(), [[2.5, 4.0]])
        assert np.ptp(axes.get_xlim()) == pytest.approx(np.ptp(axes.get_ylim()))


def test_a_walk_arrives_where_the_landscape_is_round():
    round_inputs = (X - X.mean()) / X.std()
    (axes,) = draw_landscapes({"round": (round_inputs, 0.2)}, Y).axes
    path, star = axes.lines
    np.testing.assert_allclose(path.get_xydata()[-1], star.get_xydata()[0], rtol=1e-6)


def test_bad_landscapes_are_refused():
    with pytest.raises(ValueError, match="at least one panel"):
        draw_landscapes({}, Y)
    with pytest.raises(ValueError, match=r"'flat' should have the targets' shape, \(3,\)"):
        draw_landscapes({"flat": (X[:2], 0.1)}, Y)


def test_splits_join_what_belongs_together():
    table = pd.DataFrame({"the mean": [4.0, 5.0], "weight + power": [2.0, 3.0]})
    (axes,) = draw_splits(table, "RMSE (litres)").axes
    first, second, means = axes.lines
    assert list(first.get_ydata()) == [4, 2]
    assert list(second.get_ydata()) == [5, 3]
    assert list(means.get_ydata()) == [4.5, 2.5]
    assert [text.get_text() for text in axes.get_xticklabels()] == ["the mean", "weight\n+ power"]
    assert axes.get_ylabel() == "RMSE (litres)"
    with pytest.raises(ValueError, match="at least one split"):
        draw_splits(pd.DataFrame(), "")


def test_intervals_say_their_ends():
    (axes,) = draw_intervals({"one": np.arange(101.0), "two": np.zeros(3)}, "litres").axes
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert labels == ["one: 2.50 to 97.50", "two: 0.00 to 0.00"]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("litres", "draws")


@pytest.mark.parametrize("draws", [{}, {"none": np.array([])}])
def test_intervals_of_nothing_are_refused(draws):
    with pytest.raises(ValueError, match="at least one group"):
        draw_intervals(draws, "")


def test_residuals_show_the_mean_of_each_fifth():
    values = np.arange(10.0)
    figure = draw_residuals({"year": (values, values - 4.5)}, ["litres"])
    (axes,) = figure.axes
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("year", "residual (litres)")
    np.testing.assert_allclose(axes.lines[1].get_xdata(), [0.5, 2.5, 4.5, 6.5, 8.5])
    np.testing.assert_allclose(axes.lines[1].get_ydata(), [-4, -2, 0, 2, 4])
    with pytest.raises(ValueError, match="a unit for each panel, but got 2 for 1"):
        draw_residuals({"year": (values, values)}, ["a", "b"])
