"""A figure with sliders is a described picture first."""

import sys

import matplotlib.pyplot as plt
import pytest

from course_lib.figures import interactive


@pytest.fixture
def shown(monkeypatch):
    pictures = []
    monkeypatch.setattr(interactive, "show", lambda figure, alt: pictures.append((figure, alt)))
    yield pictures
    plt.close("all")


def draw(slope):
    figure, axes = plt.subplots()
    axes.plot([0, 1], [0, slope])
    axes.set_title(f"slope {slope}")
    return figure


def test_shows_the_first_values_without_widgets(shown, monkeypatch):
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    interactive.move(draw, "a line through the origin", slope=(0.0, 2.0, 1.0))
    assert [(figure.axes[0].get_title(), alt) for figure, alt in shown] == [
        ("slope 1.0", "a line through the origin")
    ]


def test_moving_a_slider_draws_again(shown, monkeypatch):
    ipywidgets = pytest.importorskip("ipywidgets")
    displayed = []
    monkeypatch.setattr("IPython.display.display", lambda box: displayed.append(box))
    interactive.move(draw, "a line through the origin", slope=(0.0, 2.0, 1.0))
    (slider, _) = displayed[0].children
    assert isinstance(slider, ipywidgets.FloatSlider)
    assert (slider.min, slider.max, slider.value, slider.description) == (0.0, 2.0, 1.0, "slope")
    slider.value = 2.0
    assert shown[-1][0].axes[0].get_title() == "slope 2.0"
    assert shown[-1][1] == "The same picture, drawn with slope = 2."


def test_a_first_value_outside_its_range_is_refused(shown):
    with pytest.raises(ValueError, match="slope should start between 0 and 1, but is 2"):
        interactive.move(draw, "a line through the origin", slope=(0, 1, 2))
    assert shown == []
