"""The pictures of evaluation show the numbers they are given, with labelled axes."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

from course_lib.figures import evaluation


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def labelled(figure):
    assert isinstance(figure, Figure)
    (axes,) = figure.axes
    return axes


def test_reliability():
    table = np.array([0.1, 0.8]), np.array([0.2, 0.6]), np.array([30, 10])
    axes = labelled(evaluation.draw_reliability({"before": table, "after": table}))
    assert "said" in axes.get_xlabel()
    assert "defaulted" in axes.get_ylabel()
    _, before, after = axes.lines
    np.testing.assert_array_equal(before.get_xydata(), np.column_stack(table[:2]))
    assert before.get_color() != after.get_color()
    large, small = axes.collections[0].get_sizes()
    assert large > small
    with pytest.raises(ValueError, match="at least one table"):
        evaluation.draw_reliability({})


def test_leaks():
    scores = {"big": np.array([[0.95, 0.85], [0.96, 0.84]]), "none": np.array([[0.85, 0.85]] * 2)}
    axes = labelled(evaluation.draw_leaks(scores))
    assert axes.get_xlabel() == "AUC"
    assert [label.get_text() for label in axes.get_yticklabels()] == ["big", "none"]
    assert len(axes.texts) == 1, "an arrow for the leak that matters only"
    np.testing.assert_allclose(axes.texts[0].xy, [0.845, 0])
    np.testing.assert_allclose(axes.collections[0].get_offsets()[:, 0], [0.95, 0.96])
    np.testing.assert_allclose(axes.collections[1].get_offsets()[:, 0], [0.85, 0.84])


@pytest.mark.parametrize("scores", [{}, {"flat": np.ones(3)}, {"three": np.ones((2, 3))}])
def test_leaks_without_two_scores(scores):
    with pytest.raises(ValueError, match="draw_leaks"):
        evaluation.draw_leaks(scores)


def test_probabilities():
    targets, said = np.array([0, 0, 1]), np.array([0.1, 0.12, 0.9])
    axes = labelled(evaluation.draw_probabilities(targets, said, 0.5))
    good, bad = axes.containers
    assert sum(bar.get_height() for bar in good) == 2
    assert [bar.get_height() for bar in bad][18] == 1
    assert axes.lines[0].get_xdata()[0] == 0.5
    assert (axes.get_xlabel()[:11], axes.get_ylabel()) == ("probability", "applicants")
    with pytest.raises(ValueError, match="draw_probabilities"):
        evaluation.draw_probabilities(targets, said[:2], 0.5)


def test_profit():
    thresholds = np.array([0.0, 0.5, 1.0])
    profits = {"one": np.array([0.0, 4.0, -9.0]), "two": np.array([0.0, 5.0, -9.0])}
    axes = labelled(evaluation.draw_profit(thresholds, profits, {"chosen": 0.25}))
    one, two, zero, mark = axes.lines
    np.testing.assert_array_equal(one.get_ydata(), profits["one"])
    np.testing.assert_array_equal(two.get_ydata(), profits["two"])
    assert (zero.get_ydata()[0], mark.get_xdata()[0]) == (0, 0.25)
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert labels == ["one", "two", "chosen"]


@pytest.mark.parametrize("profits", [{}, {"short": np.ones(2)}])
def test_profit_without_a_number_for_each_threshold(profits):
    with pytest.raises(ValueError, match="draw_profit"):
        evaluation.draw_profit(np.ones(3), profits, {})


def test_intervals_have_a_row_for_each_model():
    panels = {
        "AUC": {"bag": (0.8, 0.75, 0.85), "LSTM": (0.7, 0.6, 0.72)},
        "accuracy": {"bag": (0.9, 0.85, 0.95), "LSTM": (0.5, 0.4, 0.6)},
    }
    figure = evaluation.draw_intervals(panels, {"accuracy": 0.5})
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
        evaluation.draw_intervals(panels)


@pytest.mark.parametrize("numbers", [[1.0, 2.0], [3.0, 1.0, 2.0]])
def test_a_value_stands_between_its_ends(numbers):
    with pytest.raises(ValueError, match="draw_intervals: one should be a value, its lower"):
        evaluation.draw_intervals({"profit": {"one": numbers}})


def test_choice():
    axes = labelled(evaluation.draw_choice(np.array([0.45, 0.5, 0.5, 0.6]), 0.6, 0.49))
    assert sum(bar.get_height() for bar in axes.patches) == 4
    assert [line.get_xdata()[0] for line in axes.lines] == [0.6, 0.49]


def test_curves():
    roc = np.array([0.0, 0.5, 1.0]), np.array([0.0, 0.8, 1.0]), np.array([np.inf, 0.6, 0.1])
    precision_recall = np.array([1.0, 0.3]), np.array([0.4, 1.0]), np.array([0.6, 0.1])
    left, right = evaluation.draw_curves(roc, precision_recall).axes
    np.testing.assert_array_equal(left.lines[0].get_xydata(), np.column_stack(roc[:2]))
    np.testing.assert_array_equal(right.lines[0].get_xydata(), [[0.4, 1.0], [1.0, 0.3]])
    assert right.lines[1].get_ydata()[0] == 0.3
