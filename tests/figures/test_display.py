"""A figure is shown with the words that describe it."""

import base64
import io

import matplotlib.pyplot as plt
import pytest

from course_lib.figures import show
from course_lib.figures.display import caption

ALT = "A straight line rises from zero to one."


def make_figure():
    figure, axes = plt.subplots(figsize=(2, 1.5))
    axes.plot([0, 1], [0, 1])
    axes.set(xlabel="time (s)", ylabel="way (m)")
    return figure


@pytest.fixture
def shown(monkeypatch):
    """Everything that was displayed: (data, metadata) pairs."""
    displays = []

    def display(data, *, metadata, raw):
        assert raw
        displays.append((data, metadata))

    monkeypatch.setattr("IPython.display.display", display)
    return displays


def test_the_picture_carries_its_description(shown):
    show(make_figure(), ALT)
    [(data, metadata), (below, _)] = shown
    assert below == {"text/html": f"<p><small>Figure: {ALT}</small></p>"}
    assert metadata == {"image/png": {"alt": ALT}}
    assert data["text/plain"] == f"Figure: {ALT}"
    assert set(data) == {"image/png", "text/plain"}
    picture = base64.b64decode(data["image/png"], validate=True)
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    assert len(picture) > 1000


def test_the_figure_is_closed(shown):
    before = plt.get_fignums()
    figure = make_figure()
    show(figure, ALT)
    assert plt.get_fignums() == before
    assert not plt.fignum_exists(figure.number)


def test_the_same_figure_gives_the_same_bytes(shown):
    show(make_figure(), ALT)
    show(make_figure(), ALT)
    assert shown[:2] == shown[2:]
    picture = base64.b64decode(shown[0][0]["image/png"])
    assert b"Software" not in picture
    assert b"matplotlib" not in picture.lower()


def test_fewer_colours_need_fewer_bytes(shown):
    from PIL import Image

    for colours in (None, 8):
        show(make_figure(), ALT, colours=colours)
    pictures = [base64.b64decode(data["image/png"]) for data, _ in shown[::2]]
    assert len(pictures[1]) < 0.6 * len(pictures[0])
    full, reduced = (Image.open(io.BytesIO(picture)) for picture in pictures)
    assert reduced.size == full.size
    assert len(reduced.convert("RGB").getcolors()) <= 8
    assert shown[0][1] == shown[2][1]


def test_it_is_published_as_the_output_of_a_cell():
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    InteractiveShell.instance()
    try:
        with capture_output() as captured:
            show(make_figure(), ALT)
    finally:
        InteractiveShell.clear_instance()
    output, below = captured.outputs
    assert ALT in below.data["text/html"]
    assert output.metadata == {"image/png": {"alt": ALT}}
    assert output.data["text/plain"] == f"Figure: {ALT}"


def test_signs_of_html_in_a_description_are_shown():
    assert caption("loss < 0.5 & rising") == (
        "<p><small>Figure: loss &lt; 0.5 &amp; rising</small></p>"
    )


@pytest.mark.parametrize("alt", ["", "A line.", "one two three four", "     "])
def test_too_short_a_description(shown, alt):
    figure = make_figure()
    with pytest.raises(ValueError, match="alt should describe the picture in a sentence"):
        show(figure, alt)
    plt.close(figure)
    assert shown == []


def test_five_words_are_enough(shown):
    show(make_figure(), "A line rises to one.")
    assert len(shown) == 2


@pytest.mark.parametrize("figure", [None, plt, "figure", 3])
def test_what_is_no_figure(shown, figure):
    with pytest.raises(TypeError, match="expects a Matplotlib figure, but got"):
        show(figure, ALT)
    assert shown == []


def test_axes_are_no_figure(shown):
    figure = make_figure()
    with pytest.raises(TypeError, match="expects a Matplotlib figure, but got Axes"):
        show(figure.axes[0], ALT)
    plt.close(figure)
