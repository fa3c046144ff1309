"""The style is legible, and its colours differ for everybody."""

import itertools

import matplotlib as mpl
import numpy as np
import pytest

from course_lib.figures import style

# Linear RGB as seen without the long, middle or short cones:
# Vienot, Brettel and Mollon (1999), Color Research and Application 24(4).
LINEAR_RGB_TO_LMS = np.array(
    [[17.8824, 43.5161, 4.11935], [3.45565, 27.1554, 3.86714], [0.0299566, 0.184309, 1.46709]]
)
DEFICIENCIES = {
    "protanopia": np.array([[0, 2.02344, -2.52581], [0, 1, 0], [0, 0, 1]]),
    "deuteranopia": np.array([[1, 0, 0], [0.494207, 0, 1.24827], [0, 0, 1]]),
}


def linear(colour):
    values = np.array(mpl.colors.to_rgb(colour))
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def contrast_with_white(colour):
    return 1.05 / (linear(colour) @ [0.2126, 0.7152, 0.0722] + 0.05)


@pytest.fixture(autouse=True)
def _own_settings():
    with mpl.rc_context():
        mpl.rcdefaults()
        yield


def test_use_sets_the_style():
    style.use()
    assert mpl.rcParams["font.size"] >= 12
    assert mpl.rcParams["axes.titlesize"] >= 12
    assert tuple(mpl.rcParams["axes.prop_cycle"].by_key()["color"]) == style.CYCLE
    assert mpl.rcParams["image.cmap"] == style.SEQUENTIAL
    assert mpl.rcParams["figure.constrained_layout.use"]


def test_use_twice_is_use_once():
    style.use()
    once = dict(mpl.rcParams)
    style.use()
    assert dict(mpl.rcParams) == once


@pytest.mark.parametrize("deficiency", DEFICIENCIES)
def test_the_first_colours_differ_for_everybody(deficiency):
    simulate = np.linalg.inv(LINEAR_RGB_TO_LMS) @ DEFICIENCIES[deficiency] @ LINEAR_RGB_TO_LMS
    seen = [np.clip(simulate @ linear(colour), 0, 1) ** (1 / 2.2) for colour in style.CYCLE]
    for one, other in itertools.combinations(seen, 2):
        assert np.linalg.norm(one - other) > 0.1


def test_lines_stand_out_from_white_paper():
    for colour in (style.BLUE, style.RED, style.GREEN, style.BLACK, style.GREY):
        assert contrast_with_white(colour) >= 3
    assert contrast_with_white(style.GREY) >= 4.5


def test_no_colour_comes_twice():
    assert len(set(style.CYCLE)) == len(style.CYCLE)
