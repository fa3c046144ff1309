"""The pictures of lesson 08 show what they are given, with labelled axes."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
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


def test_shares_are_those_of_each_column():
    table = pd.DataFrame({"weights": [1, 3], "products": [9, 1]}, ["first", "second"])
    (axes,) = digits.draw_shares(table).axes
    assert axes.get_xlabel() == "share of the whole (%)"
    assert [bar.get_width() for bar in axes.patches] == pytest.approx([25, 75, 90, 10])
    assert [label.get_text() for label in axes.get_yticklabels()] == ["first", "second"]
    assert axes.yaxis_inverted()
    with pytest.raises(ValueError, match="positive sum"):
        digits.draw_shares(pd.DataFrame({"weights": [0, 0]}))


def test_differences_are_counted_and_the_limit_is_marked():
    (axes,) = digits.draw_differences([0, 2, 2, 5], limit=4).axes
    assert [bar.get_height() for bar in axes.patches] == [1, 0, 2, 0, 0, 1]
    assert axes.lines[0].get_xdata()[0] == 4
    with pytest.raises(ValueError, match="at least one"):
        digits.draw_differences([], limit=1)


def test_what_remains_is_drawn_against_what_is_handed_over():
    (axes,) = digits.draw_handed_over([0, 100], [50, 20]).axes
    np.testing.assert_array_equal(axes.lines[0].get_xydata(), [[0, 50], [100, 20]])
    assert axes.get_ylim()[0] == 0
    with pytest.raises(ValueError, match="as many mistakes"):
        digits.draw_handed_over([0, 100], [50])
