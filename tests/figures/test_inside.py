"""Rows of images are drawn in the right colours, with their names, titles and boxes."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

from course_lib.figures.inside import draw_rows


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


GREY = np.linspace(0, 1, 32).reshape(2, 4, 4)
SIGNED = GREY - 0.5


def test_rows_have_their_names_and_colours():
    rows = {"digit": GREY[..., None], "gradient": SIGNED, "map": 2 * GREY}
    figure = draw_rows(rows, titles=["one", "two"], heat=["map"])
    assert isinstance(figure, Figure)
    assert len(figure.axes) == 6
    drawn = [axes.images[0] for axes in figure.axes]
    assert [image.get_cmap().name for image in drawn[::2]] == ["gray", "RdBu_r", "inferno"]
    assert [axes.get_ylabel() for axes in figure.axes] == ["digit", "", "gradient", "", "map", ""]
    assert [axes.get_title() for axes in figure.axes] == ["one", "two", "", "", "", ""]
    np.testing.assert_array_equal(drawn[1].get_array(), GREY[1])
    np.testing.assert_array_equal(drawn[5].get_array(), 2 * GREY[1])


def test_zero_is_white_and_the_scale_is_the_images_own():
    figure = draw_rows({"gradient": np.stack([SIGNED[0], 10 * SIGNED[0]])})
    (small, large) = (axes.images[0].get_clim() for axes in figure.axes)
    assert small[0] == -small[1]
    assert large == pytest.approx((10 * small[0], 10 * small[1]))
    assert small[1] == pytest.approx(0.5, rel=0.05)


def test_grey_begins_at_black():
    figure = draw_rows({"digit": GREY + 1})
    low, high = figure.axes[0].images[0].get_clim()
    assert (low, high) == (0, pytest.approx((GREY[0] + 1).max(), rel=0.05))


def test_a_few_bright_pixels_and_none():
    spot = np.zeros((2, 30, 30))
    spot[0, 3, 3] = 4.0
    limits = [axes.images[0].get_clim() for axes in draw_rows({"spot": spot}).axes]
    assert limits == [(0, 4), (0, 1)]


def test_boxes_are_drawn_on_images_of_the_first_rows_size():
    rows = {"scene": np.ones((2, 8, 8)), "same size": np.ones((2, 8, 8)), "coarse": GREY}
    figure = draw_rows(rows, boxes=np.array([[1, 2], [5, 0]]), box_size=3)
    assert [len(axes.patches) for axes in figure.axes] == [1, 1, 1, 1, 0, 0]
    box = figure.axes[2].patches[0]
    assert (box.get_x(), box.get_y()) == (1.5, 0.5)
    assert (box.get_width(), box.get_height()) == (3, 3)
    assert not box.get_fill()


def test_axes_have_no_ticks_and_size_follows_the_images():
    figure = draw_rows({"digit": GREY}, inches=2.0)
    assert all(len(axes.get_xticks()) == len(axes.get_yticks()) == 0 for axes in figure.axes)
    assert not any(side.get_visible() for axes in figure.axes for side in axes.spines.values())
    width, height = figure.get_size_inches()
    assert width == pytest.approx(5.3)
    assert height == pytest.approx(2.05)
    assert draw_rows({"digit": GREY}, ["a", "b"]).get_size_inches()[1] == pytest.approx(1.6)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (({},), "same number of images"),
        (({"none": np.zeros((0, 2, 2))},), "same number of images"),
        (({"a": GREY, "b": GREY[:1]},), "same number of images"),
        (({"colour": np.zeros((2, 4, 4, 3))},), "colour should have shape"),
        (({"flat": np.zeros(3)},), "flat should have shape"),
        (({"a": GREY}, ["one"]), "titles should be 2, but are 1"),
        (({"a": GREY}, [], [], np.zeros((3, 2))), "boxes should be 2, but are 3"),
    ],
)
def test_what_cannot_be_drawn(arguments, message):
    with pytest.raises(ValueError, match=message):
        draw_rows(*arguments)


def test_a_single_image_is_a_row():
    figure = draw_rows({"alone": np.zeros((1, 4, 4))})
    assert [axes.get_ylabel() for axes in figure.axes] == ["alone"]
