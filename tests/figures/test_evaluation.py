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


def test_confusion_matrix():
    matrix = np.array([[4, 1], [0, 0]])
    axes = labelled(evaluation.draw_confusion_matrix(matrix, ["good", "bad"]))
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("called", "true")
    assert [text.get_text() for text in axes.texts] == ["4\n80%", "1\n20%", "0\n0%", "0\n0%"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["good", "bad"]


def test_confusion_matrix_of_a_wrong_shape():
    with pytest.raises(ValueError, match="names should be 2 names"):
        evaluation.draw_confusion_matrix(np.eye(2, dtype=int), ["good"])
    with pytest.raises(ValueError, match="matrix should have shape"):
        evaluation.draw_confusion_matrix(np.ones((2, 3), dtype=int), ["good", "bad"])


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
