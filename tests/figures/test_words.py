"""Pictures of words: Zipf's line, weights, cosines, readings and changes."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from course_lib.figures import style
from course_lib.figures.words import (
    LINE_WIDTH,
    draw_changes,
    draw_cosines,
    draw_readings,
    draw_word_weights,
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


def test_weights_are_drawn_from_both_ends():
    weights = np.array([-3.0, 2.0, 0.5, 5.0, -1.0])
    figure = draw_word_weights(["love", "returned", "it", "huge", "fits"], weights, 2, "weight")
    (axes,) = figure.axes
    bars = axes.patches
    assert [bar.get_width() for bar in bars] == [5, 2, -1, -3]
    colours = [to_rgb(style.ORANGE)] * 2 + [to_rgb(style.BLUE)] * 2
    assert [bar.get_facecolor()[:3] for bar in bars] == colours
    names = [text.get_text() for text in axes.get_yticklabels()]
    assert names == ["huge", "returned", "fits", "love"]
    assert axes.get_xlabel() == "weight"
    low, high = axes.get_ylim()
    assert low > high


@pytest.mark.parametrize(("words", "count"), [("ab", 1), ("abc", 2), ("abc", 0)])
def test_weights_need_words(words, count):
    with pytest.raises(ValueError, match="a weight for each word"):
        draw_word_weights(list(words), np.ones(3), count, "weight")


def test_cosines_ignore_lengths():
    vectors = np.array([[1.0, 0.0], [9.0, 9.0], [-2.0, 0.0]])
    figure = draw_cosines(["a", "b", "c"], vectors)
    axes, bar = figure.axes
    half = 0.5**0.5
    cosines = [[1, half, -1], [half, 1, -half], [-1, -half, 1]]
    (picture,) = axes.get_images()
    np.testing.assert_allclose(picture.get_array(), cosines, atol=1e-12)
    np.testing.assert_allclose(picture.get_clim(), (-1, 1))
    assert [text.get_text() for text in axes.get_xticklabels()] == ["a", "b", "c"]
    assert [text.get_text() for text in axes.get_yticklabels()] == ["a", "b", "c"]
    assert bar.get_ylabel() == "cosine"
    assert [text.get_text() for text in axes.texts[:3]] == ["1.00", "0.71", "-1.00"]
    assert [text.get_color() for text in axes.texts[:3]] == [style.BLACK, style.BLACK, "white"]
    assert axes.get_lines() == []


def test_cosines_are_drawn_in_groups():
    figure = draw_cosines(list("abcdef"), np.eye(6), every=2)
    lines = [line.get_xydata().tolist() for line in figure.axes[0].get_lines()]
    assert [line[0][1] for line in lines[::2]] == [1.5, 3.5]
    assert [line[0][0] for line in lines[1::2]] == [1.5, 3.5]
    (picture,) = figure.axes[0].get_images()
    assert picture.get_clim() == (0, 1)


def test_cosines_of_many_words_are_colours_alone():
    (axes, _) = draw_cosines([str(name) for name in range(13)], np.eye(13)).axes
    assert list(axes.texts) == []


def test_cosines_need_a_vector_for_each_word():
    with pytest.raises(ValueError, match="1 words and 2 vectors"):
        draw_cosines(["a"], np.eye(2))
    with pytest.raises(ValueError, match="0 words"):
        draw_cosines([], np.ones((0, 2)))


def test_changes_have_a_row_for_each_word():
    changes = {"bag": np.array([0.5, -1.0]), "LSTM": np.array([2.0, 0.0])}
    figure = draw_changes(["good", "bad"], changes, "change of the log-odds")
    (axes,) = figure.axes
    zero, bag, lstm = axes.get_lines()
    assert zero.get_xdata() == [0, 0]
    assert bag.get_xydata().tolist() == [[0.5, 0], [-1, 1]]
    assert lstm.get_xydata().tolist() == [[2, 0], [0, 1]]
    assert bag.get_marker() != lstm.get_marker()
    assert bag.get_color() != lstm.get_color()
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["bag", "LSTM"]
    assert [text.get_text() for text in axes.get_yticklabels()] == ["good", "bad"]
    assert axes.get_xlabel() == "change of the log-odds"
    low, high = axes.get_ylim()
    assert low > high


@pytest.mark.parametrize(
    "changes", [{}, {"bag": np.ones(3)}, {str(name): np.ones(2) for name in range(8)}]
)
def test_changes_need_a_number_for_each_word(changes):
    with pytest.raises(ValueError, match="a change for each word"):
        draw_changes(["good", "bad"], changes, "change")
    with pytest.raises(ValueError, match="0 words"):
        draw_changes([], {"bag": np.ones(0)}, "change")


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
