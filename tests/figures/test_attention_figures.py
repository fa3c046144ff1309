"""The pictures of lesson 14 carry their numbers, names and units."""

from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Arc

from course_lib.figures import style
from course_lib.figures.attention import draw_costs, draw_maps, draw_positions, draw_sentence

WORDS = ["The", "letter", "did", "not", "fit", "because", "it", "was", "wide"]


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_the_sentence_stands_in_order_with_its_arcs_and_its_chain():
    figure = draw_sentence(WORDS, 6, [1, 8])
    assert isinstance(figure, Figure)
    axes = figure.axes[0]
    words = [text for text in axes.texts if text.get_text() in WORDS]
    assert [text.get_text() for text in words] == WORDS
    places = np.array([text.get_position()[0] for text in words])
    assert np.all(np.diff(places) > 0)
    colours = {word.get_text(): word.get_color() for word in words}
    assert colours["it"] == style.RED
    assert colours["letter"] == colours["wide"] == style.BLUE
    assert colours["fit"] == style.BLACK
    bold = [text.get_text() for text in words if text.get_weight() == "bold"]
    assert bold == ["letter", "it", "wide"]
    arcs = [patch for patch in axes.patches if isinstance(patch, Arc)]
    ends = [(arc.center[0] - arc.width / 2, arc.center[0] + arc.width / 2) for arc in arcs]
    expected = [(places[1], places[6]), (places[6], places[8])]
    np.testing.assert_allclose(ends, expected)
    assert all(arc.center[1] > 0 and (arc.theta1, arc.theta2) == (0, 180) for arc in arcs)
    arrows = [text for text in axes.texts if getattr(text, "arrow_patch", None)]
    assert len(arrows) == len(WORDS) - 1
    for number, arrow in enumerate(arrows):
        (start, _), (end, height) = arrow.xyann, arrow.xy
        assert places[number] < start < end < places[number + 1]
        assert height < 0
    circles = [line for line in axes.lines if line.get_marker() == "o"]
    np.testing.assert_allclose([line.get_xdata()[0] for line in circles], places)
    heights = {line.get_ydata()[0] for line in circles}
    assert heights == {arrow.xy[1] for arrow in arrows} == {arrow.xyann[1] for arrow in arrows}


def test_a_long_arc_is_higher_and_nothing_is_cut_off_or_overlaps():
    figure = draw_sentence(WORDS, 6, [0, 5])
    axes = figure.axes[0]
    far, near = (patch for patch in axes.patches if isinstance(patch, Arc))
    assert far.height > near.height > 0
    assert far.center[1] + far.height / 2 < axes.get_ylim()[1] - 0.1
    figure.canvas.draw()
    words = [text for text in axes.texts if text.get_text() in WORDS]
    boxes = [text.get_window_extent() for text in words]
    assert all(one.x1 < other.x0 for one, other in pairwise(boxes))
    assert boxes[0].x0 > figure.bbox.x0
    assert boxes[-1].x1 < figure.bbox.x1
    notes = [text.get_text() for text in axes.texts if text.get_text().count(" ") > 2]
    assert notes == ["attention: every word in one step", "recurrence: one state, word after word"]


@pytest.mark.parametrize("places", [(9, [1]), (-1, [1]), (6, [1, 9])])
def test_a_word_that_is_not_there_is_refused(places):
    with pytest.raises(ValueError, match=r"the sentence has no word (9|-1)"):
        draw_sentence(WORDS, *places)


def test_weights_are_written_into_their_cells():
    weights = np.array([[0.9, 0.1, 0.0], [0.2, 0.55, 0.25]])
    figure = draw_maps({"one": weights, "two": weights[:, ::-1]}, ["a", "b"], ["x", "y", "z"])
    left, right, bar = figure.axes
    assert (left.get_title(), right.get_title()) == ("one", "two")
    assert left.get_ylabel() == "query: who looks"
    assert left.get_xlabel() == right.get_xlabel() == "key: at whom"
    assert bar.get_ylabel() == "weight"
    assert [tick.get_text() for tick in left.get_xticklabels()] == ["x", "y", "z"]
    assert [tick.get_text() for tick in left.get_yticklabels()] == ["a", "b"]
    for axes, shown in ((left, weights), (right, weights[:, ::-1])):
        written = {text.get_position(): text for text in axes.texts}
        assert len(written) == 6
        for (row, column), weight in np.ndenumerate(shown):
            assert written[column, row].get_text() == f"{weight:.2f}"
        np.testing.assert_array_equal(axes.images[0].get_array(), shown)
        assert axes.images[0].get_clim() == (0, 1)


def test_numbers_can_be_read_on_their_colour():
    weights = np.linspace(0, 0.5, 11)[np.newaxis]
    figure = draw_maps({"": weights}, [""], [""] * 11, high=0.5)
    axes = figure.axes[0]
    assert axes.images[0].get_clim() == (0, 0.5)
    for text, weight in zip(axes.texts, weights[0], strict=True):
        red, green, blue, _ = axes.images[0].cmap(weight / 0.5)
        light = 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2
        ink = {"#ffffff": 1.0, "#000000": 0.0}[to_hex(text.get_color())]
        brighter, darker = max(light, ink) + 0.05, min(light, ink) + 0.05
        assert brighter / darker > 3.5, weight


def test_a_large_map_has_no_numbers():
    figure = draw_maps(
        {"": np.eye(9)}, ["r"] * 9, ["c"] * 9, numbers=False, row_label="q", column_label="k"
    )
    axes = figure.axes[0]
    assert not axes.texts
    assert (axes.get_ylabel(), axes.get_xlabel()) == ("q", "k")
    assert {label.get_rotation() for label in axes.get_xticklabels()} == {0}
    width, height = figure.get_size_inches()
    assert (round(width, 1), round(height, 1)) == (3.8, 3.3)


def test_maps_with_numbers_grow_with_the_columns():
    few, many = (draw_maps({"": np.eye(n)}, ["r"] * n, ["c"] * n) for n in (4, 10))
    assert few.get_size_inches()[0] == pytest.approx(4.1)
    assert many.get_size_inches()[0] == pytest.approx(7.4)
    assert {label.get_rotation() for label in few.axes[0].get_xticklabels()} == {45}


def test_maps_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"one should have shape \(2, 3\), .* has shape \(3, 2\)"):
        draw_maps({"one": np.ones((3, 2))}, "ab", "xyz")
    with pytest.raises(ValueError, match="at least one map"):
        draw_maps({}, "ab", "xyz")


def test_positions_and_their_products_are_drawn():
    table, curves = np.eye(4)[:, :3], {"sines": np.array([1, 0.5]), "turned": np.array([1, 0.2])}
    left, right, bar = draw_positions(table, curves).axes
    np.testing.assert_array_equal(bar.get_yticks(), [-1, 0, 1])
    np.testing.assert_array_equal(left.images[0].get_array(), table)
    assert left.images[0].get_clim() == (-1, 1)
    assert (left.get_xlabel(), left.get_ylabel()) == ("feature", "position")
    assert [line.get_label() for line in right.lines] == list(curves)
    for line, curve in zip(right.lines, curves.values(), strict=True):
        np.testing.assert_array_equal(line.get_ydata(), curve)
        np.testing.assert_array_equal(line.get_xdata(), [0, 1])
    assert len({line.get_linestyle() for line in right.lines}) == 2
    assert right.get_xlabel() == "distance of two positions"
    assert right.get_ylabel() == "dot product, own = 1"
    assert (left.get_title(), right.get_title()) == ("the code", "who is near?")
    assert right.get_legend() is not None
    for arguments in ((np.ones(3), curves), (table, {})):
        with pytest.raises(ValueError, match="draw_positions needs a table"):
            draw_positions(*arguments)


def test_costs_are_drawn_in_milliseconds_and_megabytes():
    lengths = np.array([128, 256])
    seconds = {"attention": np.array([0.001, 0.004]), "recurrent": np.array([0.002, 0.003])}
    memory = {"attention": np.array([2e6, 8e6]), "recurrent": np.array([1e6, 2e6])}
    left, right = draw_costs(lengths, seconds, memory).axes
    np.testing.assert_allclose([line.get_ydata() for line in left.lines], [[1, 4], [2, 3]])
    np.testing.assert_allclose([line.get_ydata() for line in right.lines], [[2, 8], [1, 2]])
    for axes, label in ((left, "milliseconds"), (right, "megabytes kept")):
        assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
        assert (axes.get_xlabel(), axes.get_ylabel()) == ("tokens", label)
        assert [tick.get_text() for tick in axes.get_xticklabels()] == ["128", "256"]
        np.testing.assert_array_equal(axes.lines[0].get_xdata(), lengths)
        assert [line.get_marker() for line in axes.lines] == ["o", "s"]
    assert [text.get_text() for text in left.get_legend().get_texts()] == list(seconds)
    with pytest.raises(ValueError, match="attention should have one number for each of the 3"):
        draw_costs(np.array([1, 2, 3]), seconds, memory)
    with pytest.raises(ValueError, match="late should have one number"):
        draw_costs(lengths, seconds, {"late": np.ones(3)})
