"""Training curves show both losses and accuracies, and say when there is no number."""

import base64
import io

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

from course_lib.figures.training_curves import (
    draw_curves,
    draw_runs,
    draw_sizes,
    draw_tests,
    show_curves,
)

RUN = {
    "loss": [2.0, 1.0, 0.5],
    "val_loss": [2.1, 1.5, 1.6],
    "accuracy": [0.2, 0.6, 0.9],
    "val_accuracy": [0.2, 0.5, 0.55],
}


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_loss_left_accuracy_right():
    figure = draw_curves(RUN, title="Case 1")
    assert isinstance(figure, Figure)
    left, right = figure.axes
    assert (left.get_xlabel(), left.get_ylabel()) == ("epoch", "loss (nats)")
    assert (right.get_xlabel(), right.get_ylabel()) == ("epoch", "accuracy")
    for axes, keys in ((left, ("loss", "val_loss")), (right, ("accuracy", "val_accuracy"))):
        assert [line.get_xdata().tolist() for line in axes.lines] == [[0, 1, 2]] * 2
        assert [line.get_ydata().tolist() for line in axes.lines] == [RUN[key] for key in keys]
        styles = {
            (line.get_linestyle(), line.get_marker(), line.get_color()) for line in axes.lines
        }
        assert len({part for style in styles for part in style}) == 6
    assert figure.get_suptitle() == "Case 1"
    texts = [text.get_text() for text in figure.legends[0].get_texts()]
    assert texts == ["training", "validation"]
    assert left.get_yscale() == "linear"
    assert left.get_ylim()[0] == 0
    assert draw_curves(RUN, log_loss=True).axes[0].get_yscale() == "log"


def test_the_run_before_the_cure_is_grey_and_may_be_longer():
    before = {key: [*values, 0.3] for key, values in RUN.items()}
    figure = draw_curves(RUN, before=before)
    for axes, key in zip(figure.axes, ("val_loss", "val_accuracy"), strict=True):
        assert axes.lines[0].get_ydata().tolist() == before[key]
        assert axes.lines[0].get_linestyle() == ":"
    texts = [text.get_text() for text in figure.legends[0].get_texts()]
    assert texts == ["before the cure", "training", "validation"]


def test_a_run_without_validation_has_one_line():
    run = {key: RUN[key] for key in ("loss", "accuracy")}
    assert [len(axes.lines) for axes in draw_curves(run).axes] == [1, 1]
    assert draw_curves(RUN, before=run).axes[0].lines[0].get_ydata().tolist() == RUN["loss"]


def test_what_is_no_number_is_marked():
    run = {**RUN, "loss": [2.0, np.inf, np.nan], "val_loss": [np.nan] * 3}
    left, right = draw_curves(run).axes
    crosses = [line for line in left.lines if line.get_marker() == "x"]
    assert [cross.get_xdata().tolist() for cross in crosses] == [[1, 2], [0, 1, 2]]
    assert "not a number" in [text.get_text() for text in left.texts]
    assert len(right.lines) == 2
    assert not draw_curves(RUN).axes[0].texts
    assert len(draw_curves(RUN).axes[0].get_yticks())
    nothing = {**run, "loss": [np.nan] * 3}
    assert len(draw_curves(nothing).axes[0].get_yticks()) == 0
    np.testing.assert_array_equal(left.lines[0].get_ydata(), [2.0, np.nan, np.nan])


@pytest.mark.parametrize("run", [{}, {"loss": [1.0]}, {"loss": [], "accuracy": []}])
def test_a_history_needs_loss_and_accuracy(run):
    with pytest.raises(ValueError, match="loss and accuracy of at least one epoch"):
        draw_curves(run)
    with pytest.raises(ValueError, match="loss and accuracy of at least one epoch"):
        draw_curves(RUN, before=run)


def test_several_runs():
    figure = draw_runs({"plain": RUN, "short": {"val_loss": [3.0, np.nan]}})
    (axes,) = figure.axes
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("epoch", "validation loss (nats)")
    assert axes.lines[0].get_ydata().tolist() == RUN["val_loss"]
    np.testing.assert_array_equal(axes.lines[1].get_ydata(), [3.0, np.nan])
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["plain", "short"]
    assert draw_runs({"a": RUN}, "loss", "training loss").axes[0].get_ylabel() == "training loss"
    assert axes.lines[0].get_xdata().tolist() == [1, 2, 3]
    of_accuracy = draw_runs({"a": RUN}, "val_accuracy", "accuracy", first_epoch=0).axes[0]
    assert of_accuracy.lines[0].get_xdata().tolist() == [0, 1, 2]
    assert of_accuracy.get_ylim() == (-0.03, 1.03)
    with pytest.raises(ValueError, match="at least one run"):
        draw_runs({})
    with pytest.raises(ValueError, match="plain has no speed"):
        draw_runs({"plain": RUN}, "speed")


def test_shown_small_with_few_colours_and_a_description(monkeypatch):
    from PIL import Image

    shown = []
    monkeypatch.setattr("IPython.display.display", lambda data, **rest: shown.append((data, rest)))
    alt = "Both losses fall and both accuracies rise."
    show_curves(RUN, "Case 1", alt, before=RUN, log_loss=True)
    (data, rest), _ = shown
    assert data["text/plain"] == f"Figure: {alt}"
    assert rest["metadata"] == {"image/png": {"alt": alt}}
    picture = base64.b64decode(data["image/png"])
    assert len(picture) < 25_000
    image = Image.open(io.BytesIO(picture))
    assert len(image.convert("RGB").getcolors()) <= 48
    full = io.BytesIO()
    figure = draw_curves(RUN, before=RUN, title="Case 1", log_loss=True)
    figure.savefig(full, format="png")
    original = np.asarray(Image.open(full).convert("RGB"), dtype=float)
    assert np.abs(np.asarray(image.convert("RGB"), dtype=float) - original).mean() < 2


def test_sizes_on_a_logarithmic_axis():
    (axes,) = draw_sizes({"deep": [1.0, 10.0], "flat": [1.0, 1.0]}, "layer", "size").axes
    assert axes.get_yscale() == "log"
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("layer", "size")
    assert [line.get_xdata().tolist() for line in axes.lines] == [[1, 2]] * 2
    assert axes.lines[0].get_ydata().tolist() == [1.0, 10.0]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["deep", "flat"]
    assert draw_sizes({"one": [1.0]}, "batch", "norm").axes[0].get_legend() is None
    with pytest.raises(ValueError, match="at least one list"):
        draw_sizes({}, "layer", "size")


def test_tests_with_their_limits():
    results = {
        "loss before": {"case 1": 2.0, "case 2": 300.0},
        "loss on ten": {"case 1": np.nan, "case 2": 0.01},
    }
    left, right = draw_tests(results, {"loss before": 4.0, "loss on ten": 0.1}).axes
    assert (left.get_xlabel(), right.get_xlabel()) == ("loss before", "loss on ten")
    assert [label.get_text() for label in left.get_yticklabels()] == ["case 1", "case 2"]
    assert [line.get_ydata().tolist() for line in left.lines[:3]] == [[0], [1], []]
    assert left.lines[3].get_xdata() == [4.0, 4.0]
    assert [line.get_ydata().tolist() for line in right.lines[:3]] == [[1], [0], [0]]
    with pytest.raises(ValueError, match="a limit for each"):
        draw_tests(results, {"loss before": 4.0})
