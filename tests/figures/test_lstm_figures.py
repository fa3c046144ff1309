"""The cell and the forecasts of lesson 12 are drawn with their numbers, names and units."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

from course_lib.figures import style
from course_lib.figures.lstm import (
    VALUES,
    draw_cell,
    draw_days,
    draw_peaks,
    draw_price,
)


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def _texts(figure):
    return [text.get_text() for text in figure.axes[0].texts]


def test_the_cell_names_its_parts():
    figure = draw_cell()
    assert isinstance(figure, Figure)
    texts = _texts(figure)
    for gate in ("forget\nsigmoid", "input\nsigmoid", "candidate\ntanh", "output\nsigmoid"):
        assert texts.count(gate) == 1
    for name in ("f", "i", "g", "o", "tanh", "$c_{t-1}$", "$h_{t-1}$", "$x_t$", "$c_t$", "$h_t$"):
        assert texts.count(name) == 1
    assert (texts.count("×"), texts.count("+")) == (3, 1)
    assert not any(character.isdigit() for text in texts for character in text.replace("t-1", ""))


def test_the_cell_shows_each_number_once():
    values = {name: 0.1111 * (1 + place) for place, name in enumerate(VALUES)}
    texts = _texts(draw_cell(values))
    for name in ("f", "i", "g", "o"):
        assert texts.count(f"{name} = {values[name]:.3f}") == 1
    for name in ("c_before", "h_before", "x", "c", "h"):
        assert texts.count(f"{values[name]:.3f}") == 1


def test_a_number_stands_by_its_name():
    values = {name: 0.1111 * (1 + place) for place, name in enumerate(VALUES)}
    drawn = {text.get_text(): text.get_position() for text in draw_cell(values).axes[0].texts}
    pairs = {"c_before": "$c_{t-1}$", "h_before": "$h_{t-1}$", "c": "$c_t$", "h": "$h_t$"}
    for name, label in pairs.items():
        (x, y), (label_x, label_y) = drawn[f"{values[name]:.3f}"], drawn[label]
        assert x == label_x
        assert 0.3 < label_y - y < 0.6
    (x, y), (label_x, label_y) = drawn["0.333"], drawn["$x_t$"]
    assert y == label_y
    assert 0.2 < x - label_x < 0.6


def test_nothing_of_the_cell_is_cut_off():
    figure = draw_cell(dict.fromkeys(VALUES, -0.123))
    figure.canvas.draw()
    frame = figure.bbox
    for text in figure.axes[0].texts:
        box = text.get_window_extent()
        assert frame.x0 <= box.x0 < box.x1 <= frame.x1, text.get_text()
        assert frame.y0 <= box.y0 < box.y1 <= frame.y1, text.get_text()


def test_the_cells_line_is_thick_and_unbroken():
    axes = draw_cell().axes[0]
    thick = [line for line in axes.lines if line.get_linewidth() == 4]
    assert len(thick) == 1
    assert thick[0].get_color() == style.BLUE
    assert len(set(thick[0].get_ydata())) == 1


def _points(figure):
    """Return the signs' places, and the ends of all lines that carry an arrow."""
    axes = figure.axes[0]
    signs = [(text.get_position(), text.get_text()) for text in axes.texts]
    signs = {(round(x, 2), round(y, 1)): sign for (x, y), sign in signs if sign in ("×", "+")}
    arrows = [text for text in axes.texts if getattr(text, "arrow_patch", None)]
    return signs, [(tuple(arrow.xyann), tuple(arrow.xy)) for arrow in arrows]


def test_the_signs_stand_where_the_formulas_have_them():
    signs, _ = _points(draw_cell())
    gates = {"f": 2.0, "i": 3.9, "g": 5.7, "o": 7.5}
    middle = (gates["i"] + gates["g"]) / 2
    assert signs == {
        (gates["f"], 5.2): "×",
        (middle, 5.2): "+",
        (middle, 3.7): "×",
        (9.0, 3.7): "×",
    }


def test_every_sign_is_reached_by_its_arrows():
    signs, arrows = _points(draw_cell())
    ends = [end for _, end in arrows]
    for (x, y), count in zip(signs, (1, 1, 2, 2), strict=True):
        near = [end for end in ends if np.hypot(end[0] - x, end[1] - y) < 0.35]
        assert len(near) == count, (x, y)
        for end in near:
            assert np.hypot(end[0] - x, end[1] - y) > 0.25


def test_arrows_run_straight_up_down_or_across_and_out_to_the_right():
    _, arrows = _points(draw_cell())
    for (x0, y0), (x1, y1) in arrows:
        assert (x0 == x1) != (y0 == y1)
    out = sorted(end for start, end in arrows if end[0] == 10.0)
    assert out == [(10.0, 0.7), (10.0, 5.2)]
    into_gates = sorted(end for start, end in arrows if start[1] == 0.7 and end[1] == 1.5)
    assert [x for x, _ in into_gates] == [2.0, 3.9, 5.7, 7.5]


def test_lines_join_without_a_gap():
    lines = [line for line in draw_cell().axes[0].lines if line.get_linestyle() != "None"]
    corners = [np.transpose(line.get_data()) for line in lines if len(line.get_xdata()) > 1]
    starts = {tuple(points[0]) for points in corners}
    assert {(0.3, 5.2), (0.3, 0.7), (9.0, 5.2)} <= starts
    assert {(x, 2.4) for x in (2.0, 3.9, 5.7, 7.5)} <= starts
    for points in corners:
        assert np.all((np.diff(points, axis=0) == 0).sum(axis=1) == 1)


def test_a_missing_number_is_named():
    with pytest.raises(ValueError, match=r"draw_cell needs a number for g, h\."):
        draw_cell({name: 0.5 for name in VALUES if name not in ("g", "h")})


def test_days_show_what_came_the_forecast_and_the_interval():
    actual, forecast = np.arange(96.0).reshape(2, 48), np.arange(96.0).reshape(2, 48) + 1
    width = np.linspace(0.5, 1, 48)
    figure = draw_days(actual, forecast, ["one", "two"], width)
    assert [axes.get_title() for axes in figure.axes] == ["one", "two"]
    assert [axes.get_ylabel() for axes in figure.axes] == ["demand (GW)", ""]
    for day, axes in enumerate(figure.axes):
        assert axes.get_xlabel() == "hour of the day"
        expected, used = axes.lines
        np.testing.assert_array_equal(expected.get_ydata(), forecast[day])
        np.testing.assert_array_equal(used.get_ydata(), actual[day])
        np.testing.assert_allclose(used.get_xdata(), np.arange(48) / 2)
        corners = axes.collections[0].get_paths()[0].vertices
        assert corners[:, 1].min() == pytest.approx((forecast[day] - width).min())
        assert corners[:, 1].max() == pytest.approx((forecast[day] + width).max())
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert names == ["90 % interval", "forecast", "what came"]


@pytest.mark.parametrize(
    ("days", "steps", "titles"), [(2, 5, ["one"]), (2, 4, ["one", "two"]), (3, 5, ["one", "two"])]
)
def test_days_that_do_not_fit_are_refused(days, steps, titles):
    with pytest.raises(ValueError, match="the same days and steps everywhere"):
        draw_days(np.zeros((2, 5)), np.zeros((days, 5)), titles, np.zeros(steps))


def test_days_are_drawn_without_an_interval_too():
    figure = draw_days(np.zeros((1, 48)), np.ones((1, 48)), ["one"])
    assert not figure.axes[0].collections
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["forecast", "what came"]
    with pytest.raises(ValueError, match="the same days and steps everywhere"):
        draw_days(np.zeros((2, 5)), np.zeros((2, 4)), ["one", "two"])


DATES = np.arange("2014-10-27", "2014-11-06", dtype="datetime64[D]")


def test_peaks_stand_by_their_dates_beside_the_forecasts():
    actual = np.linspace(5, 6, 10)
    figure = draw_peaks(DATES, actual, {"rule": actual - 1, "LSTM": actual + 1}, 5.5)
    axes = figure.axes[0]
    limit, came, rule, lstm = axes.lines
    assert list(limit.get_ydata()) == [5.5, 5.5]
    for line, wanted in ((came, actual), (rule, actual - 1), (lstm, actual + 1)):
        np.testing.assert_array_equal(line.get_ydata(), wanted)
        assert len(line.get_xdata()) == 10
    assert axes.get_ylabel() == "highest half hour (GW)"
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert names == ["what came", "rule", "LSTM"]
    looks = {(one.get_color(), one.get_linestyle(), one.get_marker()) for one in axes.lines[1:]}
    assert len(looks) == 3


@pytest.mark.parametrize(
    ("actual", "forecasts"),
    [
        (np.ones(9), {}),
        (np.ones(10), {"one": np.ones(9)}),
        (np.ones((10, 1)), {}),
        (np.ones(10), {str(n): np.ones(10) for n in range(4)}),
    ],
)
def test_peaks_that_do_not_fit_are_refused(actual, forecasts):
    with pytest.raises(ValueError, match="one number a day"):
        draw_peaks(DATES, actual, forecasts, 5.5)


def test_peaks_of_no_days_are_refused():
    with pytest.raises(ValueError, match="one number a day"):
        draw_peaks([], np.array([]), {}, 5.5)


def test_a_price_is_drawn_with_its_forecast_and_in_part():
    price = np.arange(50.0)
    whole = draw_price(price, price + 1)
    assert [len(line.get_xdata()) for line in whole.axes[0].lines] == [50, 50]
    assert whole.axes[0].get_ylabel() == "dollars"
    figure = draw_price(price, price + 1, slice(10, 20), price - 1)
    came, before, said = figure.axes[0].lines
    for line, wanted in ((came, price), (before, price - 1), (said, price + 1)):
        np.testing.assert_array_equal(line.get_xdata(), np.arange(10, 20))
        np.testing.assert_array_equal(line.get_ydata(), wanted[10:20])
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert names == ["price", "yesterday's price", "LSTM's forecast"]
    with pytest.raises(ValueError, match="one price for each day"):
        draw_price(price, price[1:])
    with pytest.raises(ValueError, match="one price for each day"):
        draw_price(price, price, yesterday=price[1:])
