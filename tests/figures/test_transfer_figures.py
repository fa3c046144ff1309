"""The pictures of lesson 09 show what they are given."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from course_lib.figures import transfer

SIZES = (10, 20, 50)


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def accuracy(tasks=("clothes", "digits"), methods=("frozen", "scratch"), draws=4):
    generator = np.random.default_rng(0)
    return {
        task: {
            method: {size: generator.uniform(0.5, 1, draws) for size in SIZES[: 3 - 2 * number]}
            for method in methods
        }
        for number, task in enumerate(tasks)
    }


def test_points_are_means_and_bars_deviations_in_per_cent():
    given = accuracy()
    figure = transfer.draw_few_labels(given)
    assert [axes.get_title() for axes in figure.axes] == ["clothes", "digits"]
    for axes, methods in zip(figure.axes, given.values(), strict=True):
        assert axes.get_xlabel() == "labels a class"
        for bars, values in zip(axes.containers, methods.values(), strict=True):
            line, _, (segments,) = bars.lines
            drawn = 100 * np.array(list(values.values()))
            mean, deviation = drawn.mean(axis=1), drawn.std(axis=1, ddof=1)
            assert line.get_ydata() == pytest.approx(mean)
            assert line.get_xdata() == pytest.approx(list(values), rel=0.07)
            ends = np.array(segments.get_segments())[:, :, 1]
            assert ends == pytest.approx(np.stack([mean - deviation, mean + deviation], axis=1))
            assert axes.get_xlim()[0] < min(line.get_xdata())
            assert axes.get_xlim()[1] > max(line.get_xdata())
    assert figure.axes[0].get_ylabel() == "new images right (per cent)"
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["frozen", "scratch"]


def test_methods_stand_beside_each_other_and_look_different():
    methods = tuple("abcde")
    axes = transfer.draw_few_labels(accuracy(("one",), methods)).axes[0]
    lines = [bars.lines[0] for bars in axes.containers]
    assert len({tuple(line.get_xdata()) for line in lines}) == 5
    assert len({line.get_color() for line in lines}) == 5
    assert len({(line.get_marker(), line.get_linestyle()) for line in lines}) == 5
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["10", "20", "50"]
    assert axes.get_xscale() == "log"


def test_more_methods_than_looks_are_drawn():
    methods = tuple("abcdefgh")
    axes = transfer.draw_few_labels(accuracy(("one",), methods)).axes[0]
    assert len(axes.containers) == 8


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"one": {}},
        {"one": {"a": {20: np.ones(1)}}},
        {"one": {"a": {20: np.ones((2, 4))}}},
        {"one": {"a": {20: 0.5}}},
        {"one": {"a": {20: np.ones(4)}, "b": {10: np.ones(4)}}},
        {"one": {"a": {20: np.ones(4)}}, "two": {"b": {20: np.ones(4)}}},
    ],
)
def test_results_that_do_not_fit_are_refused(given):
    with pytest.raises(ValueError, match="same methods for each task"):
        transfer.draw_few_labels(given)
