"""The pictures of lesson 16 carry their numbers, names and units."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

from course_lib.figures.language import (
    draw_gpt,
    draw_learning,
    draw_next,
    draw_orders,
    draw_surprise,
    draw_temperatures,
)


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def _drawn(axes):
    """Return the curves by their names, without the level lines."""
    return {
        line.get_label(): line for line in axes.lines if not line.get_label().startswith("_child")
    }


def _levels(axes):
    return [line.get_ydata()[0] for line in axes.lines if line.get_label().startswith("_child")]


def test_surprise_is_drawn_over_the_characters():
    (axes,) = draw_surprise("a b\n", [4.0, 1.0, 0.5, 2.0]).axes
    assert [bar.get_height() for bar in axes.patches] == [4.0, 1.0, 0.5, 2.0]
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["a", "␣", "b", "↵"]
    assert axes.get_ylabel() == "surprise (bits)"
    with pytest.raises(ValueError, match=r"one number for each character.*has 1 for 2"):
        draw_surprise("ab", [1.0])
    with pytest.raises(ValueError, match="at least one"):
        draw_surprise("", [])


def test_bits_are_drawn_against_the_order():
    figure = draw_orders({"one": [4.0, 3.0, 3.5], "two": [5.0, 4.0]}, {"GPT": 2.5, "even": 6.3})
    assert isinstance(figure, Figure)
    (axes,) = figure.axes
    lines = _drawn(axes)
    np.testing.assert_array_equal(lines["one"].get_xydata(), [[1, 4], [2, 3], [3, 3.5]])
    np.testing.assert_array_equal(lines["two"].get_xdata(), [1, 2])
    assert lines["one"].get_linestyle() != lines["two"].get_linestyle()
    assert lines["one"].get_marker() != lines["two"].get_marker()
    assert _levels(axes) == [2.5, 6.3]
    assert [(text.get_text(), text.xy) for text in axes.texts] == [
        ("GPT", (1, 2.5)),
        ("even", (1, 6.3)),
    ]
    assert axes.get_xlabel() == "n: characters counted together"
    assert axes.get_ylabel() == "bits per character"
    np.testing.assert_array_equal(axes.get_xticks(), [1, 2, 3])
    assert axes.get_ylim()[0] == 0
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["one", "two"]
    with pytest.raises(ValueError, match="draw_orders needs at least one curve"):
        draw_orders({}, {})


def test_six_curves_can_be_told_apart():
    (axes,) = draw_orders({str(n): [1.0, 2.0] for n in range(6)}, {}).axes
    lines = list(_drawn(axes).values())
    assert len(lines) == 6
    assert len({line.get_marker() for line in lines}) == 6
    assert len({line.get_color() for line in lines}) == 6
    assert all(line.get_linestyle() in ("-", "--", "-.", ":") for line in lines)
    assert [line.get_linestyle() for line in lines] == ["-", "--", "-.", ":", "-", "--"]


def test_learning_is_drawn_with_levels():
    curves = {"training": ([1, 2, 3], [4, 3, 2]), "validation": ([1, 3], [4.5, 3.5])}
    (axes,) = draw_learning(curves, {"bigram": 3.65}).axes
    lines = _drawn(axes)
    np.testing.assert_array_equal(lines["training"].get_xydata(), [[1, 4], [2, 3], [3, 2]])
    np.testing.assert_array_equal(lines["validation"].get_xydata(), [[1, 4.5], [3, 3.5]])
    assert lines["training"].get_linestyle() != lines["validation"].get_linestyle()
    assert _levels(axes) == [3.65]
    assert [(text.get_text(), text.xy) for text in axes.texts] == [("bigram", (1, 3.65))]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("training steps", "bits per character")
    assert [text.get_text() for text in axes.figure.legends[0].get_texts()] == list(curves)
    axes.figure.canvas.draw()
    assert axes.texts[0].get_window_extent().x0 > axes.bbox.x1
    assert axes.texts[0].get_window_extent().x1 < axes.figure.bbox.x1
    assert axes.get_xscale() == "linear"
    places = {"honest": ([1, 2], [4, 3])}
    (axes,) = draw_learning(places, {}, "place in the row", logarithmic=True).axes
    assert axes.get_xlabel() == "place in the row"
    assert axes.get_xscale() == "log"
    with pytest.raises(ValueError, match="draw_learning needs at least one curve"):
        draw_learning({}, {})
    with pytest.raises(ValueError, match="a should have one number for each step, but has 1 for 2"):
        draw_learning({"a": ([1, 2], [1])}, {})


def test_the_model_is_drawn_with_shapes_and_parameters():
    sizes = {"vocabulary": 77, "context": 32, "width": 64, "depth": 2, "heads": 4}
    (axes,) = draw_gpt(sizes).axes
    texts = [text.get_text() for text in axes.texts]
    joined = " | ".join(texts)
    for part in (
        "table of tokens 4,928",
        "table of places 2,048",
        "2 blocks",
        "normalisation 64",
        "causal attention, 4 heads\n12,288 + 4,096",
        "to 256 and back, GELU\n16,384 + 16,384",
        "the model, and its parameters",
        "one block",
    ):
        assert part in joined
    assert texts.count("(32, 64)") == 3 + 6
    assert texts.count("(32,)") == texts.count("(32, 77)") == 1
    boxes = [text for text in axes.texts if text.get_bbox_patch() is not None]
    assert len(boxes) == 6 + 7
    figure = axes.figure
    figure.canvas.draw()
    edges = [text.get_bbox_patch().get_window_extent() for text in boxes]
    for number, one in enumerate(edges):
        assert not any(one.overlaps(other) for other in edges[number + 1 :])
    places = [text.get_position() for text in boxes]
    assert places[:6] == sorted(places[:6])
    assert places[6:] == sorted(places[6:])
    arrows = [text for text in axes.texts if getattr(text, "arrow_patch", None)]
    assert len(arrows) == 5 + 6
    assert all(arrow.xyann[1] < arrow.xy[1] for arrow in arrows)
    shapes = [text for text in axes.texts if text.get_text() == "(32, 77)"]
    assert places[4][1] < shapes[0].get_position()[1] < places[5][1]


def test_a_missing_size_is_named():
    with pytest.raises(ValueError, match="draw_gpt needs the size depth, heads"):
        draw_gpt({"vocabulary": 77, "context": 32, "width": 64})


def test_probabilities_are_drawn_as_bars_from_the_top():
    rows = {"cold": np.array([0.9, 0.1, 0.0]), "hot": np.array([0.4, 0.3, 0.3])}
    left, right = draw_next(["e", "a", "z"], rows).axes
    assert (left.get_title(), right.get_title()) == ("cold", "hot")
    for axes, row in ((left, rows["cold"]), (right, rows["hot"])):
        np.testing.assert_allclose([bar.get_width() for bar in axes.patches], row)
        assert axes.get_xlabel() == "probability"
        assert axes.get_xlim() == (0, 1)
    assert [tick.get_text() for tick in left.get_yticklabels()] == ["e", "a", "z"]
    assert left.get_ylim()[0] > left.get_ylim()[1]
    assert left.figure.get_size_inches()[0] == pytest.approx(5.2)
    with pytest.raises(ValueError, match="draw_next needs at least one row"):
        draw_next(["a"], {})
    with pytest.raises(ValueError, match=r"hot should have shape \(2,\), but has \(3,\)"):
        draw_next(["a", "b"], {"hot": rows["hot"]})


def test_measures_are_drawn_against_the_temperature():
    curves = {"real words": [1.0, 0.9], "different words": [0.2, 0.5]}
    (axes,) = draw_temperatures([0.5, 1.0], curves).axes
    lines = _drawn(axes)
    np.testing.assert_array_equal(lines["real words"].get_xydata(), [[0.5, 1.0], [1.0, 0.9]])
    np.testing.assert_array_equal(lines["different words"].get_ydata(), [0.2, 0.5])
    assert lines["real words"].get_marker() != lines["different words"].get_marker()
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("temperature", "share")
    assert axes.get_ylim() == (-0.03, 1.03)
    with pytest.raises(ValueError, match="draw_temperatures needs at least one curve"):
        draw_temperatures([1.0], {})
    with pytest.raises(ValueError, match="a should have 2 numbers, one for each temperature"):
        draw_temperatures([0.5, 1.0], {"a": [1.0]})
