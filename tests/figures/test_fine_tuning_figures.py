"""The pictures of lesson 17."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

from course_lib.figures import fine_tuning, style

INFINITE = float("inf")


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_forgetting_shows_every_model_where_it_is_with_its_name_inside():
    losses = {"old": (2.3, 1.8), "full": (1.4, 2.4), "middle": (1.5, 2.2)}
    figure = fine_tuning.draw_forgetting(losses)
    assert isinstance(figure, Figure)
    (axes,) = figure.axes
    points = [tuple(np.ravel(line.get_xydata())) for line in axes.lines]
    assert points == list(losses.values())
    assert [text.get_text() for text in axes.texts] == list(losses)
    assert [text.get_ha() for text in axes.texts] == ["right", "left", "left"]
    assert [text.xyann for text in axes.texts] == [(-10, 0), (10, 0), (10, 0)]
    assert [line.get_marker() for line in axes.lines] == ["o", "s", "^"]
    assert [text.get_color() for text in axes.texts] == list(style.CYCLE[:3])
    assert "reviews" in axes.get_xlabel()
    assert "play" in axes.get_ylabel()


def test_names_of_near_points_turn_away_from_each_other():
    losses = {"upper": (1.4, 2.05), "lower": (1.45, 2.0), "far": (1.6, 2.02), "high": (1.4, 2.3)}
    axes = fine_tuning.draw_forgetting(losses).axes[0]
    assert [text.xyann[1] for text in axes.texts] == [7, -7, 0, 0]
    middle = {"a": (1.0, 2.05), "b": (1.0, 2.0), "c": (1.0, 1.95)}
    axes = fine_tuning.draw_forgetting(middle).axes[0]
    assert [text.xyann[1] for text in axes.texts] == [7, 0, -7]


def test_forgetting_draws_more_models_than_there_are_colours():
    figure = fine_tuning.draw_forgetting({str(n): (n, 2 * n) for n in range(9)})
    lines = figure.axes[0].lines
    assert len(lines) == 9
    assert len({(line.get_marker(), line.get_color()) for line in lines}) == 9


@pytest.mark.parametrize("losses", [{}, {"a": (1.0, np.nan)}, {"a": (1, 1), "b": (np.inf, 1)}])
def test_forgetting_refuses_what_it_cannot_draw(losses):
    with pytest.raises(ValueError, match="at least one model, and finite losses"):
        fine_tuning.draw_forgetting(losses)


def test_ranks_are_shares_of_squares_that_end_at_one():
    values = {"first": np.array([2.0, 1.0, 1.0]), "second": np.array([3.0, 4.0])}
    figure = fine_tuning.draw_ranks(values, 2)
    (axes,) = figure.axes
    first, second, mark = axes.lines
    np.testing.assert_array_equal(first.get_xdata(), [1, 2, 3])
    np.testing.assert_allclose(first.get_ydata(), [4 / 6, 5 / 6, 1.0])
    np.testing.assert_allclose(second.get_ydata(), [9 / 25, 1.0])
    np.testing.assert_array_equal(mark.get_xdata(), [2, 2])
    assert first.get_linestyle() != second.get_linestyle()
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["first", "second"]
    assert axes.texts[0].get_text() == " rank 2"
    assert axes.get_xlabel()
    assert axes.get_ylabel()


@pytest.mark.parametrize(
    ("values", "marked"),
    [({}, 1), ({"a": np.zeros(3)}, 1), ({"a": np.array([])}, 1), ({"a": np.ones(3)}, 0)],
)
def test_ranks_refuses_what_it_cannot_draw(values, marked):
    with pytest.raises(ValueError, match="at least one matrix"):
        fine_tuning.draw_ranks(values, marked)
    fine_tuning.draw_ranks({"a": np.ones(3)}, 1)


def test_preference_goes_from_near_to_far():
    kl = {0.1: 17.0, INFINITE: 0.0, 0.5: 3.0}
    share = {0.1: 0.9, 0.5: 0.7, INFINITE: 0.2}
    play = {0.5: 1.8, INFINITE: 1.7, 0.1: 1.9}
    figure = fine_tuning.draw_preference(kl, share, play)
    left, right = figure.axes
    np.testing.assert_allclose(left.lines[0].get_xydata(), [(0, 0.2), (3, 0.7), (17, 0.9)])
    np.testing.assert_allclose(right.lines[0].get_xydata(), [(0, 1.7), (3, 1.8), (17, 1.9)])
    for axes in (left, right):
        assert [text.get_text() for text in axes.texts] == ["before", "0.5", "0.1"]
        assert "KL" in axes.get_xlabel()
        assert axes.get_ylabel()
    assert left.get_ylim() == (0, 1.08)


@pytest.mark.parametrize(
    ("kl", "share", "play"),
    [({}, {}, {}), ({1: 1}, {1: 1}, {2: 1}), ({1: 1}, {1: 1, 2: 1}, {1: 1})],
)
def test_preference_needs_the_same_betas(kl, share, play):
    with pytest.raises(ValueError, match="the same betas"):
        fine_tuning.draw_preference(kl, share, play)
