"""The pictures of lesson 14 carry their numbers, names and units."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex

from course_lib.figures.attention import (
    draw_costs,
    draw_looks,
    draw_maps,
    draw_positions,
    draw_root,
)


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


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


def test_looks_have_a_row_for_each_question_and_a_column_for_each_letter():
    weights = np.eye(4)[::-1]
    figure = draw_looks({"one": weights, "two": weights / 2}, "a be")
    left, right, bar = figure.axes
    assert (left.get_title(), right.get_title()) == ("one", "two")
    assert [tick.get_text() for tick in left.get_xticklabels()] == ["a", "_", "b", "e"]
    assert [tick.get_text() for tick in left.get_yticklabels()] == ["1", "2", "3", "4"]
    assert left.get_ylabel() == "asked: places back"
    assert (left.get_xlabel(), bar.get_ylabel()) == ("the passage", "weight")
    np.testing.assert_array_equal(left.images[0].get_array(), weights)
    width, height = figure.get_size_inches()
    assert (round(width, 1), round(height, 1)) == (10.0, 5.1)
    with pytest.raises(ValueError, match=r"one should have shape \(3, 3\)"):
        draw_looks({"one": weights}, "abc")


def test_the_root_is_drawn_against_features():
    largest = {"without": np.array([0.4, 0.9]), "with": np.array([0.2, 0.25])}
    slope = {"without": np.array([0.2, 0.05]), "with": np.array([0.15, 0.17])}
    left, right = draw_root([4, 512], largest, slope).axes
    for axes, curves, top in ((left, largest, 1.0), (right, slope, 0.25)):
        for line, (name, curve) in zip(axes.lines, curves.items(), strict=True):
            assert line.get_label() == name
            np.testing.assert_array_equal(line.get_ydata(), curve)
            np.testing.assert_array_equal(line.get_xdata(), [4, 512])
        assert len({line.get_marker() for line in axes.lines}) == 2
        assert axes.get_ylim() == (0, top)
        assert (axes.get_xlabel(), axes.get_xscale()) == ("features", "log")
        assert [tick.get_text() for tick in axes.get_xticklabels()] == ["4", "512"]
    assert left.get_ylabel() == "largest weight, mean"
    assert right.get_ylabel() == "slope of that weight, mean"
    assert [text.get_text() for text in left.get_legend().get_texts()] == list(largest)
    with pytest.raises(ValueError, match="without should have one number for each of the 3"):
        draw_root([4, 16, 512], largest, slope)
    with pytest.raises(ValueError, match="late should have one number"):
        draw_root([4, 512], largest, {"late": np.ones(3)})


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


def test_costs_are_drawn_in_billions_and_megabytes():
    lengths = np.array([512, 8192])
    operations = {"dense": np.array([1e9, 4e9]), "scores": np.array([2e9, 3e9])}
    memory = {"all": np.array([2e6, 8e6]), "in blocks": np.array([1e6, 2e6])}
    left, right = draw_costs(lengths, operations, memory).axes
    np.testing.assert_allclose([line.get_ydata() for line in left.lines], [[1, 4], [2, 3]])
    np.testing.assert_allclose([line.get_ydata() for line in right.lines], [[2, 8], [1, 2]])
    for axes, label, names in (
        (left, "billion operations", operations),
        (right, "megabytes", memory),
    ):
        assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
        assert (axes.get_xlabel(), axes.get_ylabel()) == ("tokens", label)
        assert [tick.get_text() for tick in axes.get_xticklabels()] == ["512", "8,192"]
        np.testing.assert_array_equal(axes.lines[0].get_xdata(), lengths)
        assert [line.get_marker() for line in axes.lines] == ["o", "s"]
        assert [text.get_text() for text in axes.get_legend().get_texts()] == list(names)
    with pytest.raises(ValueError, match="dense should have one number for each of the 3"):
        draw_costs(np.array([1, 2, 3]), operations, memory)
    with pytest.raises(ValueError, match="late should have one number"):
        draw_costs(lengths, operations, {"late": np.ones(3)})
