"""Pictures of recurrent networks show the numbers they are given, in the right places."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

from course_lib.figures import style
from course_lib.figures.recurrent import (
    draw_distances,
    draw_forecasts,
    draw_memory,
    draw_unrolled,
)


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


STEPS = {"inputs": [2, -3], "sums": [2.0, -2.5], "states": [0.9640, -0.9866]}


def _texts(figure):
    (axes,) = figure.axes
    return [text for text in axes.texts if text.get_text()]


def _arrows(figure):
    (axes,) = figure.axes
    found = [text for text in axes.texts if getattr(text, "arrow_patch", None) is not None]
    return [(arrow.xyann, arrow.xy, arrow.arrowprops["color"]) for arrow in found]


def test_a_cell_is_unrolled_with_its_numbers_in_order():
    figure = draw_unrolled(**STEPS, kernel=1.5, recurrent_kernel=-0.5, state=0.25)
    assert isinstance(figure, Figure)
    texts = {text.get_text(): text.get_position() for text in _texts(figure)}
    assert set(texts) == {
        "$h_0$\n0.25",
        "$x_1$\n2",
        "$x_2$\n-3",
        "sum 2.000\ntanh → $h_1$\n0.964",
        "sum -2.500\ntanh → $h_2$\n-0.987",
        "× 1.5",
        "× -0.5",
    }
    first, second = (text for text in texts if text.startswith("sum"))
    assert texts["$h_0$\n0.25"][0] < texts[first][0] < texts[second][0]
    for x, cell in (("$x_1$\n2", first), ("$x_2$\n-3", second)):
        assert texts[x][0] == texts[cell][0]
        assert texts[x][1] < texts[cell][1]
    assert [text.get_text() for text in _texts(figure)].count("× -0.5") == 2
    assert [text.get_text() for text in _texts(figure)].count("× 1.5") == 2
    assert "same two weights" in figure.axes[0].get_xlabel()
    assert "blame" not in figure.axes[0].get_xlabel()


def test_arrows_lead_into_the_cells_and_blame_leads_back():
    figure = draw_unrolled(**STEPS, kernel=1, recurrent_kernel=0.5, back=[0.01, 0.5])
    texts = {text.get_text(): text for text in _texts(figure)}
    for number in ("0.010", "0.500"):
        assert texts[f"blame {number}"].get_color() == style.RED
    red = [(start, end) for start, end, colour in _arrows(figure) if colour == style.RED]
    grey = [(start, end) for start, end, colour in _arrows(figure) if colour == style.GREY]
    ((start, end),) = red
    assert start[0] > end[0]
    assert start[1] == end[1] == texts["blame 0.010"].get_position()[1]
    assert texts["blame 0.010"].get_position()[0] < end[0]
    level = [(start, end) for start, end in grey if start[1] == end[1]]
    upright = [(start, end) for start, end in grey if start[0] == end[0]]
    assert (len(level), len(upright)) == (2, 2)
    assert all(start[0] < end[0] for start, end in level)
    assert all(start[1] < end[1] for start, end in upright)
    assert "blame comes back" in figure.axes[0].get_xlabel()


def test_arrows_run_between_the_boxes_with_their_weights_beside_them():
    figure = draw_unrolled(**STEPS, kernel=1.5, recurrent_kernel=-0.5)
    cells = [t.get_position() for t in _texts(figure) if t.get_text().startswith("sum")]
    (start,) = (t.get_position() for t in _texts(figure) if t.get_text().startswith("$h_0$"))
    assert {y for _, y in [start, *cells]} == {1.0}
    level = [(tail, head) for tail, head, _ in _arrows(figure) if tail[1] == head[1]]
    for (tail, head), left, right in zip(level, [start, cells[0]], cells, strict=True):
        assert left[0] < tail[0] < head[0] < right[0]
    upright = [(tail, head) for tail, head, _ in _arrows(figure) if tail[0] == head[0]]
    beside = [t.get_position() for t in _texts(figure) if t.get_text() == "× 1.5"]
    above = [t.get_position() for t in _texts(figure) if t.get_text() == "× -0.5"]
    for (tail, head), (x, y) in zip(upright, beside, strict=True):
        assert 0 < x - tail[0] < 0.2
        assert tail[1] < y < head[1] < 1.0
    for (tail, head), (x, y) in zip(level, above, strict=True):
        assert tail[0] < x < head[0]
        assert 0 < y - tail[1] < 0.2


def test_pictures_grow_with_what_they_show():
    def width_and_height(figure):
        return figure.get_size_inches()

    short = width_and_height(draw_unrolled([1], [1.0], [0.76], 1, 1))
    long = width_and_height(draw_unrolled(**STEPS, kernel=1, recurrent_kernel=1))
    assert 1.5 < long[0] - short[0] < 3
    assert 3 < short[0] < 6
    blamed = draw_unrolled(**STEPS, kernel=1, recurrent_kernel=1, back=[0.1, 0.2])
    assert 0 < width_and_height(blamed)[1] - long[1] < 1
    curve = {"a": np.ones(3)}
    assert 6 < width_and_height(draw_distances(curve, "length"))[0] < 10
    one, two = (
        width_and_height(draw_forecasts(np.arange(3), dict.fromkeys(names, curve), "number"))
        for names in ("l", "lr")
    )
    assert one[1] < two[1] < 2 * one[1] < 10


def test_everything_of_the_unrolled_cell_lies_inside_the_axes():
    for back in (None, [0.1, 0.2]):
        figure = draw_unrolled(**STEPS, kernel=1, recurrent_kernel=0.5, back=back)
        (left, right), (low, high) = figure.axes[0].get_xlim(), figure.axes[0].get_ylim()
        for text in _texts(figure):
            x, y = text.get_position()
            assert left < x < right
            assert low < y < high


@pytest.mark.parametrize(
    ("changes", "lengths"),
    [
        ({"sums": [1.0]}, r"2 and at least 1, but are \[1, 2\]"),
        ({"states": [1.0, 2.0, 3.0]}, r"\[2, 3\]"),
        ({"back": [1.0]}, r"\[2, 2, 1\]"),
        ({"inputs": [], "sums": [], "states": []}, r"0 and at least 1, but are \[0, 0\]"),
    ],
)
def test_an_unrolled_cell_wants_as_many_numbers_as_steps(changes, lengths):
    with pytest.raises(ValueError, match=lengths):
        draw_unrolled(**{**STEPS, **changes}, kernel=1, recurrent_kernel=1)


def test_distances_begin_at_zero_on_a_log_axis():
    curves = {"a": np.array([1.0, 0.1, 0.01]), "b": np.ones(2)}
    (axes,) = draw_distances(curves, "length").axes
    assert (axes.get_yscale(), axes.get_ylabel(), axes.get_xlabel()) == (
        "log",
        "length",
        "steps back",
    )
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["a", "b"]
    np.testing.assert_array_equal(axes.lines[0].get_xdata(), [0, 1, 2])
    np.testing.assert_array_equal(axes.lines[0].get_ydata(), [1.0, 0.1, 0.01])
    np.testing.assert_array_equal(axes.lines[1].get_xdata(), [0, 1])
    looks = [(line.get_linestyle(), line.get_color()) for line in axes.lines]
    assert looks == [("-", style.CYCLE[0]), ("--", style.CYCLE[1])]


def test_distances_may_run_forward_on_a_plain_axis():
    (axes,) = draw_distances({"a": np.ones(4)}, "state", "steps", scale="linear").axes
    assert (axes.get_yscale(), axes.get_ylabel(), axes.get_xlabel()) == ("linear", "state", "steps")


@pytest.mark.parametrize("curve", [np.array([1.0, 0.0]), np.array([]), np.ones((2, 2))])
def test_distances_that_cannot_stand_on_that_axis_are_refused(curve):
    with pytest.raises(ValueError, match="one should be a row of numbers, above 0"):
        draw_distances({"one": curve}, "left")


def test_memory_shows_means_as_lines_and_seeds_as_signs():
    results = {"long": {50: [0.2, 0.6], 5: [1.0, 0.8]}, "short": {5: [0.3], 20: [0.4]}}
    axes = draw_memory(results, 0.25).axes[0]
    labelled = {line.get_label(): line for line in axes.lines if line.get_label()[0] != "_"}
    assert set(labelled) == {"long", "short", "guessing"}
    np.testing.assert_array_equal(labelled["long"].get_xdata(), [5, 50])
    np.testing.assert_allclose(labelled["long"].get_ydata(), [0.9, 0.4])
    np.testing.assert_array_equal(labelled["guessing"].get_ydata(), [0.25, 0.25])
    signs = [line for line in axes.lines if line.get_label()[0] == "_"]
    drawn = [
        (
            line.get_xdata().tolist()
            if isinstance(line.get_xdata(), np.ndarray)
            else list(line.get_xdata()),
            list(line.get_ydata()),
        )
        for line in signs
    ]
    assert drawn == [
        ([5, 5], [1.0, 0.8]),
        ([50, 50], [0.2, 0.6]),
        ([5], [0.3]),
        ([20], [0.4]),
    ]
    assert [line.get_marker() for line in signs] == ["o", "o", "s", "s"]
    assert [line.get_color() for line in signs] == [style.CYCLE[0]] * 2 + [style.CYCLE[1]] * 2
    assert [label.get_text() for label in axes.get_xticklabels()] == ["5", "20", "50"]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("steps of the sequence", "accuracy")
    assert axes.get_xscale() == "log"
    low, high = axes.get_ylim()
    assert low == 0
    assert 1 < high < 1.2


def test_forecasts_are_drawn_over_what_was_observed():
    times = np.array([2000.0, 2001.0])
    panels = {
        "near": {"observed": [1, 2], "linear": [3, 4], "recurrent": [5, 6]},
        "far": {"observed": [1, 2], "linear": [7, 8], "recurrent": [9, 10]},
    }
    figure = draw_forecasts(times, panels, "number")
    near, far = figure.axes
    assert [axes.get_title() for axes in (near, far)] == ["near", "far"]
    assert [axes.get_ylabel() for axes in (near, far)] == ["number", "number"]
    assert (near.get_xlabel(), far.get_xlabel()) == ("", "year")
    assert [line.get_ydata().tolist() for line in far.lines] == [[1, 2], [7, 8], [9, 10]]
    np.testing.assert_array_equal(near.lines[0].get_xdata(), times)
    colours = [line.get_color() for line in near.lines]
    assert colours == [style.GREY, style.CYCLE[0], style.CYCLE[1]]
    assert [line.get_linestyle() for line in near.lines] == ["-", "-", "--"]
    widths = [line.get_linewidth() for line in near.lines]
    assert widths[0] > widths[1] == widths[2]
    assert [line.get_alpha() for line in near.lines] == [0.5, 1.0, 1.0]
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["observed", "linear", "recurrent"]


@pytest.mark.parametrize("empty", [{}, {"title": {}}])
def test_nothing_cannot_be_drawn(empty):
    with pytest.raises(ValueError, match="draw_distances needs at least one panel"):
        draw_distances({}, "length")
    with pytest.raises(ValueError, match="draw_memory needs"):
        draw_memory(empty, 0.5)
    with pytest.raises(ValueError, match="draw_forecasts needs"):
        draw_forecasts(np.zeros(1), empty, "unit")
