"""Pictures of words: Zipf's line, maps, readings and intervals."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from course_lib.figures import style
from course_lib.figures.words import (
    LINE_WIDTH,
    draw_intervals,
    draw_readings,
    draw_word_map,
    draw_zipf,
)


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_zipf_sorts_the_counts_and_names_words():
    figure = draw_zipf(np.array([3, 12, 6]), {1: "the", 3: "zebra"})
    assert isinstance(figure, Figure)
    (axes,) = figure.axes
    counted, law = axes.get_lines()[:2]
    assert counted.get_xydata().tolist() == [[1, 12], [2, 6], [3, 3]]
    np.testing.assert_allclose(law.get_ydata(), [12, 6, 4])
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("rank of the word", "occurrences")
    assert [(text.get_text(), text.xy) for text in axes.texts] == [
        ("the", (1, 12)),
        ("zebra", (3, 3)),
    ]
    marks = [line.get_xydata()[0].tolist() for line in axes.get_lines()[2:]]
    assert marks == [[1, 12], [3, 3]]


@pytest.mark.parametrize("counts", [np.array([]), np.array([2, 0])])
def test_zipf_needs_counts(counts):
    with pytest.raises(ValueError, match="draw_zipf needs at least one word"):
        draw_zipf(counts)


def test_map_colours_by_kind():
    points = np.arange(8.0).reshape(4, 2)
    kinds = ["colour", "body", "colour", "body"]
    figure = draw_word_map(points, ["red", "waist", "blue", "neck"], kinds)
    (axes,) = figure.axes
    first, second = axes.get_lines()
    assert first.get_xydata().tolist() == points[[0, 2]].tolist()
    assert second.get_xydata().tolist() == points[[1, 3]].tolist()
    assert first.get_color() != second.get_color()
    assert first.get_marker() != second.get_marker()
    assert {text.get_text(): text.xy[0] for text in axes.texts} == {
        "red": 0,
        "blue": 4,
        "waist": 2,
        "neck": 6,
    }
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["colour", "body"]
    assert "first" in axes.get_xlabel()
    assert "second" in axes.get_ylabel()


def test_map_leaves_out_names_that_would_overlap():
    points = np.array([[0.0, 0.0], [0.05, 0.01], [0.05, 0.5], [0.5, 0.01], [1.0, 1.0]]) + 3
    figure = draw_word_map(points, list("abcde"), ["colour", "body", "body", "body", "colour"])
    (axes,) = figure.axes
    assert sorted(text.get_text() for text in axes.texts) == ["a", "c", "d", "e"]
    assert sum(len(line.get_xdata()) for line in axes.get_lines()) == 5


def test_map_needs_a_word_and_a_kind_for_each_point():
    with pytest.raises(ValueError, match="a word and a kind for each of the 2 points"):
        draw_word_map(np.zeros((2, 2)), ["red"], ["colour", "colour"])
    with pytest.raises(ValueError, match="a word and a kind"):
        draw_word_map(np.zeros((2, 2)), ["red", "blue"], ["colour"])
    many = [str(number) for number in range(8)]
    with pytest.raises(ValueError, match="at most 7 kinds"):
        draw_word_map(np.zeros((8, 2)), many, many)


def test_readings_show_colour_sign_and_number():
    words, scores = ["love", "it", "not", "so"], [-2.0, 0.1, 1.0, -0.2]
    figure = draw_readings({"LSTM": (words, scores)})
    (axes,) = figure.axes
    drawn = {text.get_text(): text for text in axes.texts}
    assert set(drawn) == {"love", "it", "not", "so", "-2.0", "+1.0", "-0.2"}
    for word, colour, strength in (("love", style.SKY, 1), ("not", style.ORANGE, 0.5)):
        patch = drawn[word].get_bbox_patch()
        np.testing.assert_allclose(patch.get_facecolor()[:3], to_rgb(colour))
        assert patch.get_alpha() == pytest.approx(strength)
    assert drawn["-2.0"].get_position()[0] == drawn["love"].get_position()[0]
    assert drawn["-2.0"].get_position()[1] > drawn["love"].get_position()[1]
    low, high = axes.get_ylim()
    assert low > drawn["-2.0"].get_position()[1] > high
    assert axes.get_title(loc="left") == "LSTM"


def test_readings_break_lines():
    words = ["word"] * 30
    figure = draw_readings({"short": (["a"], [0.0]), "long": (words, [0.0] * 30)})
    short, long = figure.axes
    places = [text.get_position() for text in long.texts]
    assert len({y for _, y in places}) >= 2
    assert max(x for x, _ in places) < LINE_WIDTH
    assert len(set(places)) == 30
    assert long.get_ylim()[0] > short.get_ylim()[0]
    assert max(y for _, y in places) < long.get_ylim()[0]


def test_readings_need_as_many_scores_as_words():
    with pytest.raises(ValueError, match="'LSTM' needs a score for each word"):
        draw_readings({"LSTM": (["a", "b"], [1.0])})
    with pytest.raises(ValueError, match="needs a score for each word"):
        draw_readings({"LSTM": ([], [])})
    with pytest.raises(ValueError, match="at least one text"):
        draw_readings({})


def test_intervals_have_a_row_for_each_model():
    panels = {
        "AUC": {"bag": (0.8, 0.75, 0.85), "LSTM": (0.7, 0.6, 0.72)},
        "accuracy": {"bag": (0.9, 0.85, 0.95), "LSTM": (0.5, 0.4, 0.6)},
    }
    figure = draw_intervals(panels, {"accuracy": 0.5})
    left, right = figure.axes
    assert (left.get_xlabel(), right.get_xlabel()) == ("AUC", "accuracy")
    assert [text.get_text() for text in left.get_yticklabels()] == ["bag", "LSTM"]
    assert left.get_lines()[0].get_xydata().tolist() == [[0.8, 0], [0.7, 1]]
    segments = [segment.tolist() for segment in left.collections[0].get_segments()]
    assert segments == [[[0.75, 0], [0.85, 0]], [[0.6, 1], [0.72, 1]]]
    assert (len(left.get_lines()), len(right.get_lines())) == (1, 2)
    assert right.get_lines()[1].get_xdata()[0] == 0.5
    low, high = left.get_ylim()
    assert low > high


@pytest.mark.parametrize(
    "panels", [{}, {"AUC": {}}, {"AUC": {"a": (1, 0, 2)}, "F1": {"b": (1, 0, 2)}}]
)
def test_intervals_need_the_same_models(panels):
    with pytest.raises(ValueError, match="panels with the same models"):
        draw_intervals(panels)
