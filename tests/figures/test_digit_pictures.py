"""The pictures of lesson 08 show what they are given, with labelled axes."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

from course_lib.figures import digits

LOG = {
    "loss": [0.5, 0.2, 0.1],
    "accuracy": [0.8, 0.9, 0.95],
    "val_loss": [0.3, 0.2, 0.15],
    "val_accuracy": [0.9, 0.92, 0.94],
}


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_digits_stand_in_a_grid_under_their_titles():
    images = np.random.default_rng(0).random((7, 4, 5))
    figure = digits.draw_digits(images, [f"digit {n}\nread" for n in range(7)], columns=3)
    assert isinstance(figure, Figure)
    assert len(figure.axes) == 9
    for number, axes in enumerate(figure.axes[:7]):
        assert axes.get_title() == f"digit {number}\nread"
        np.testing.assert_array_equal(axes.images[0].get_array(), images[number])
    assert not any(axes.images for axes in figure.axes[7:])
    assert len(digits.draw_digits(images[:6], list("abcdef"), columns=3).axes) == 6
    assert not any(axes.axison for axes in figure.axes)
    # Ink is dark, and equally dark everywhere.
    assert figure.axes[0].images[0].get_cmap().name == "gray_r"
    assert {axes.images[0].get_clim() for axes in figure.axes[:7]} == {(0, images.max())}


def test_more_lines_of_text_get_more_room():
    images = np.zeros((2, 3, 3))
    short = digits.draw_digits(images, ["a", "b"])
    long = digits.draw_digits(images, ["a", "b\nc"])
    assert long.get_figheight() > short.get_figheight()
    assert short.get_figwidth() == long.get_figwidth()


def test_digits_without_a_title_each():
    with pytest.raises(ValueError, match="2 images and 1 titles"):
        digits.draw_digits(np.zeros((2, 3, 3)), ["one"])
    with pytest.raises(ValueError, match="0 images"):
        digits.draw_digits(np.zeros((0, 3, 3)), [])
    with pytest.raises(ValueError, match="images should have shape"):
        digits.draw_digits(np.zeros((2, 3, 3, 1)), ["a", "b"])


def test_logs_show_loss_and_errors_in_percent():
    figure = digits.draw_logs({"one": LOG, "other": LOG})
    loss, _, errors, _ = figure.axes
    assert [axes.get_title() for axes in figure.axes] == ["one", "other", "", ""]
    assert (loss.get_ylabel(), errors.get_ylabel()) == ("loss (nats)", "errors (%)")
    assert errors.get_xlabel() == "epoch"
    for axes, training, validation in (
        (loss, LOG["loss"], LOG["val_loss"]),
        (errors, [20, 10, 5], [10, 8, 6]),
    ):
        assert axes.get_yscale() == "log"
        assert [line.get_label() for line in axes.lines] == ["training", "validation"]
        for line, expected in zip(axes.lines, (training, validation), strict=True):
            np.testing.assert_allclose(line.get_xydata(), np.column_stack([[1, 2, 3], expected]))
        assert axes.lines[0].get_linestyle() != axes.lines[1].get_linestyle()


def test_logs_that_lack_something():
    with pytest.raises(ValueError, match="at least one log"):
        digits.draw_logs({})
    with pytest.raises(ValueError, match="mine has no val_accuracy, val_loss"):
        digits.draw_logs({"good": LOG, "mine": {"loss": [1], "accuracy": [1]}})


def test_seeds_are_dots_with_their_mean():
    figure = digits.draw_seeds({"first": [60, 66], "second": [90]}, "errors")
    (axes,) = figure.axes
    assert axes.get_xlabel() == "errors"
    assert [label.get_text() for label in axes.get_yticklabels()] == ["first", "second"]
    points = [line.get_xydata().tolist() for line in axes.lines]
    assert points == [[[60, 0], [66, 0]], [[63, 0]], [[90, 1]], [[90, 1]]]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["a seed", "their mean"]
    low, high = axes.get_ylim()
    assert low > high, "the first group stands on top"
    for groups in ({}, {"none": []}):
        with pytest.raises(ValueError, match="at least one group"):
            digits.draw_seeds(groups, "errors")


def test_mistakes_are_coloured_and_what_is_right_is_not():
    matrix = np.array([[90, 3, 0], [0, 80, 1], [0, 0, 70]])
    (axes,) = digits.draw_mistakes(matrix).axes
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("read as", "true digit")
    np.testing.assert_array_equal(axes.images[0].get_array(), [[0, 3, 0], [0, 0, 1], [0, 0, 0]])
    shown = {text.get_position(): text.get_text() for text in axes.texts}
    assert shown == {(0, 0): "90", (1, 0): "3", (1, 1): "80", (2, 1): "1", (2, 2): "70"}
    assert axes.images[0].get_clim() == (0, pytest.approx(4.2))


def test_a_reader_without_mistakes_can_be_drawn():
    (axes,) = digits.draw_mistakes(np.diag([4, 5])).axes
    assert axes.images[0].get_clim()[1] > 0
    with pytest.raises(ValueError, match="matrix should have shape"):
        digits.draw_mistakes(np.zeros((2, 3), dtype=int))
