"""The pictures of windows show the numbers that they are given, and refuse bad input."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from course_lib.figures.convolution import (
    draw_bands,
    draw_images,
    draw_window,
)

IMAGE = np.arange(20).reshape(4, 5)
KERNEL = np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]])


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def texts(axes):
    return [text.get_text() for text in axes.texts]


def frame(axes):
    (patch,) = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    return (*patch.get_xy(), patch.get_width(), patch.get_height())


def test_window_shows_image_kernel_and_the_outputs_so_far():
    figure = draw_window(IMAGE, np.ones((3, 2), dtype=int), row=1, column=1)
    assert isinstance(figure, Figure)
    image, kernel, output = figure.axes
    assert [axes.get_title() for axes in figure.axes] == ["image and window", "kernel", "output"]
    assert texts(image) == [str(value) for value in range(20)]
    assert texts(kernel) == ["1"] * 6
    # Windows of 3 x 2: the first sums 0, 1, 5, 6, 10 and 11; a step right adds 6, down 30.
    assert texts(output) == ["33", "39", "45", "51", "63", "69"]
    assert frame(image) == (0.5, 0.5, 2, 3)
    assert frame(output) == (0.5, 0.5, 1, 1)
    assert figure.get_supxlabel() == "sum: 69"


def test_window_takes_the_values_of_a_slider():
    figure = draw_window(IMAGE, KERNEL, row=0.6, column=1.4)
    assert frame(figure.axes[0]) == (0.5, 0.5, 3, 3)
    assert figure.get_supxlabel() == "nine products, added up: -8"
    assert texts(draw_window(IMAGE, KERNEL).axes[2]) == ["-8"]


@pytest.mark.parametrize("place", [(2, 0), (0, 3), (-1, 0), (0, -1)])
def test_window_outside_the_image_is_refused(place):
    with pytest.raises(ValueError, match=f"row {place[0]}, column {place[1]} is not inside"):
        draw_window(IMAGE, KERNEL, *place)


def test_images_get_a_panel_and_a_title_each():
    images = dict.fromkeys("abcde", IMAGE)
    figure = draw_images(images, columns=3, panel=2.0)
    assert [axes.get_title() for axes in figure.axes] == [*"abcde", ""]
    assert not figure.axes[5].axison
    assert figure.get_size_inches()[0] == 6.0
    np.testing.assert_array_equal(figure.axes[4].images[0].get_array(), IMAGE)
    assert len(draw_images({"one": IMAGE}).axes) == 1


def test_images_with_negative_numbers_have_zero_in_the_middle():
    images = {"positive": IMAGE, "signed": IMAGE - 9.0, "black": 0 * IMAGE}
    limits = [axes.images[0].get_clim() for axes in draw_images(images).axes]
    assert limits == [(0, 19), (-10, 10), (0, 1)]


def test_images_can_carry_their_numbers():
    figure = draw_images({"signed": KERNEL}, numbers=True)
    assert texts(figure.axes[0]) == [str(value) for value in KERNEL.ravel()]
    assert figure.axes[0].images[0].get_clim() == (-2, 2)
    black = draw_images({"black": 0 * KERNEL}, numbers=True)
    assert black.axes[0].images[0].get_clim() == (-1, 1)


def test_bad_images_are_refused():
    with pytest.raises(ValueError, match="at least one image"):
        draw_images({})
    with pytest.raises(ValueError, match=r"'deep' should have shape \(h, w\)"):
        draw_images({"deep": np.zeros((2, 2, 3))})


def test_bands_go_from_the_lowest_to_the_highest_run():
    runs = {"one": np.array([[0.9, 0.5], [0.8, 0.7]]), "two": np.array([[0.1, 0.2]])}
    figure = draw_bands([0, 4], runs, xlabel="shift (pixels)", level=0.1)
    (axes,) = figure.axes
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("shift (pixels)", "accuracy")
    np.testing.assert_allclose(axes.lines[0].get_ydata(), [0.85, 0.6])
    edges = axes.collections[0].get_paths()[0].vertices
    np.testing.assert_allclose(sorted(set(edges[edges[:, 0] == 4, 1])), [0.5, 0.7])
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert labels == ["one", "two", "baseline"]
    assert axes.lines[2].get_ydata()[0] == 0.1
    looks = {(line.get_marker(), line.get_linestyle(), line.get_color()) for line in axes.lines}
    assert len(looks) == 3
    assert len(draw_bands([0, 4], runs, xlabel="shift").axes[0].lines) == 2
    assert len(draw_bands([0, 4], runs, xlabel="shift", level=0.0).axes[0].lines) == 3


@pytest.mark.parametrize("values", [np.zeros(2), np.zeros((2, 3))])
def test_bands_of_another_length_are_refused(values):
    with pytest.raises(ValueError, match=r"odd should have shape \(seeds, 2\)"):
        draw_bands([0, 4], {"odd": values}, xlabel="shift")
