"""The pictures of lesson 18 carry their numbers, names and units."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from course_lib.figures import scaling as pictures
from course_lib.figures import style
from course_lib.scratch.scaling import best_split, law_loss

LAW = (1.5, 40.0, 0.3, 300.0, 0.35)


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


@pytest.fixture
def runs():
    sizes, texts = np.meshgrid([1000, 20_000, 400_000], [300_000, 3_000_000])
    parameters, tokens = sizes.ravel(), texts.ravel()
    losses = law_loss(LAW, parameters.astype(float), tokens.astype(float))
    table = {"parameters": parameters, "tokens": tokens, "validation_loss": losses}
    # Out of order, as a table may be.
    return pd.DataFrame(table).iloc[[3, 0, 5, 1, 4, 2]]


def texts_of(axes):
    return [text.get_text() for text in axes.texts]


def legend(owner):
    found = owner.legends[0] if isinstance(owner, Figure) else owner.get_legend()
    return found.get_title().get_text(), [text.get_text() for text in found.get_texts()]


def test_the_ladder_has_a_row_for_each_model_with_its_count():
    figure = pictures.draw_ladder({"line": 2, "GPT": 813_824, "huge": 10**11}, own=2)
    assert isinstance(figure, Figure)
    axes = figure.axes[0]
    assert (axes.get_xscale(), axes.get_xlabel()) == ("log", "parameters")
    assert [label.get_text() for label in axes.get_yticklabels()] == ["line", "GPT", "huge"]
    assert texts_of(axes) == ["2", "813,824", "100,000,000,000"]
    assert [text.xy for text in axes.texts] == [(2, 0), (813_824, 1), (10**11, 2)]
    assert {text.anncoords for text in axes.texts} == {"offset points"}
    ends = [line for line in axes.lines if line.get_marker() != "None"]
    assert [(*line.get_xdata(), *line.get_ydata()) for line in ends] == [
        (2, 0),
        (813_824, 1),
        (10**11, 2),
    ]
    assert [line.get_color() for line in ends] == [style.BLUE, style.BLUE, style.RED]
    assert [line.get_marker() for line in ends] == ["o", "o", "s"]
    stems = [line for line in axes.lines if line.get_marker() == "None"]
    assert [tuple(line.get_xdata()) for line in stems] == [(1, 2), (1, 813_824), (1, 10**11)]
    low, high = axes.get_xlim()
    assert low == 1
    assert high > 10 * 10**11


def test_a_ladder_needs_a_model():
    with pytest.raises(ValueError, match="at least one model"):
        pictures.draw_ladder({}, own=0)


def test_the_envelope_holds_the_runs_that_no_cheaper_one_beats():
    table = pd.DataFrame(
        {
            "parameters": [10, 40, 20, 20, 30, 30],
            "tokens": [1, 1, 1, 1, 1, 1],
            "validation_loss": [5.0, 3.0, 4.5, 4.0, 4.2, 4.0],
        }
    )
    operations, losses = pictures.lower_envelope(table)
    assert operations.tolist() == [60, 120, 240]
    assert losses.tolist() == [5.0, 4.0, 3.0]


def test_the_law_goes_through_runs_and_is_held_against_those_held_out(runs):
    held_out = pd.DataFrame(
        {"parameters": [900_000] * 2, "tokens": [9e6] * 2, "validation_loss": [1.6, 1.7]}
    )
    figure = pictures.draw_law(runs, LAW, held_out)
    left, right = figure.axes
    assert left.get_xlabel() == "characters read (millions)"
    assert left.get_ylabel() == "validation loss (nats)"
    assert (right.get_xlabel(), right.get_ylabel()) == ("measured (nats)", "said by the law (nats)")
    curves = [line for line in left.lines if len(line.get_xdata()) == 60]
    for curve, size in zip(curves, (1000, 20_000, 400_000, 900_000), strict=True):
        x = curve.get_xdata()
        assert x[0] < 300_000
        assert x[-1] > 9e6
        np.testing.assert_allclose(curve.get_ydata(), law_loss(LAW, size, x))
    assert [curve.get_linestyle() for curve in curves] == ["-", "-", "-", "--"]
    for axes in (left, right):
        star = next(line for line in axes.lines if line.get_marker() == "*")
        assert star.get_color() == style.RED
    np.testing.assert_allclose(star.get_xdata(), [1.6, 1.7])
    np.testing.assert_allclose(star.get_ydata(), [law_loss(LAW, 9e5, 9e6)] * 2)
    fitted = [line for line in right.lines if line.get_marker() in pictures.MARKERS]
    for line in fitted:
        np.testing.assert_allclose(line.get_xdata(), line.get_ydata())
    diagonal = right.lines[-1]
    np.testing.assert_allclose(diagonal.get_xdata(), diagonal.get_ydata())
    assert diagonal.get_xdata()[0] < 1.6
    band = right.collections[0].get_paths()[0].vertices
    np.testing.assert_allclose(sorted(set(np.round(band[:, 1] / band[:, 0], 9))), [0.95, 1.05])
    title, names = legend(figure)
    assert names == ["1,000", "20,000", "400,000", "900,000, held out"]
    assert title == "parameters"


def test_budgets_have_valleys_and_a_line_through_their_lowest_points():
    budgets = [1e11, 1e12]
    figure = pictures.draw_budgets(LAW, budgets, (1e3, 1e6))
    axes = figure.axes[0]
    assert (axes.get_xlabel(), axes.get_xscale()) == ("parameters", "log")
    assert axes.get_ylabel() == "loss by the law (nats)"
    *valleys, best = axes.lines
    for line, budget in zip(valleys, budgets, strict=True):
        sizes = line.get_xdata()
        np.testing.assert_allclose((sizes[0], sizes[-1]), (1e3, 1e6))
        np.testing.assert_allclose(line.get_ydata(), law_loss(LAW, sizes, budget / 6 / sizes))
    sizes, tokens = best_split(LAW, np.array(budgets))
    np.testing.assert_allclose(best.get_xdata(), sizes)
    np.testing.assert_allclose(best.get_ydata(), law_loss(LAW, sizes, tokens))
    low, high = axes.get_ylim()
    assert low < best.get_ydata().min() < best.get_ydata().max() < high
    assert legend(axes) == ("operations", ["$10^{11}$", "$10^{12}$", "best split"])


def test_an_extrapolation_draws_each_law_far_beyond_the_runs():
    other = (0.0, *LAW[1:])
    figure = pictures.draw_extrapolation(
        {"floor": LAW, "none": other}, ([1e10, 1e11], [2.5, 2.2]), (1e10, 1e20)
    )
    axes = figure.axes[0]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("operations, 6ND", "loss (nats)")
    first, second, points = axes.lines
    for line, law in ((first, LAW), (second, other)):
        x = line.get_xdata()
        np.testing.assert_allclose((x[0], x[-1]), (1e10, 1e20))
        np.testing.assert_allclose(line.get_ydata(), law_loss(law, *best_split(law, x)))
    assert first.get_linestyle() != second.get_linestyle()
    assert points.get_ydata().tolist() == [2.5, 2.2]
    assert axes.get_ylim()[0] == 0
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["floor", "none", "runs"]


def test_memory_is_stacked_and_held_against_cards():
    needs = {
        "write": {"weights": 14e9, "cache": 2e9},
        "train": {"weights": 14e9, "moments": 98e9, "cache": 1e9},
    }
    figure = pictures.draw_memory(needs, {"24 GB": 24e9, "80 GB": 80e9})
    axes = figure.axes[0]
    assert axes.get_xlabel() == "gigabytes"
    assert [label.get_text() for label in axes.get_yticklabels()] == ["write", "train"]
    assert axes.yaxis_inverted()
    bars = [bar for bar in axes.patches if bar.get_width() > 0]
    assert [(round(bar.get_x(), 6), round(bar.get_width(), 6)) for bar in bars] == [
        (0, 14),
        (14, 2),
        (0, 14),
        (14, 98),
        (112, 1),
    ]
    rows = [round(bar.get_y() + bar.get_height() / 2) for bar in bars]
    assert rows == [0, 0, 1, 1, 1]
    colours = [to_hex(bar.get_facecolor()) for bar in bars]
    assert colours[0] == colours[2] != colours[1]
    assert colours[1] == colours[4]
    hatches = [bar.get_hatch() for bar in bars]
    assert hatches[1] == hatches[4] != hatches[3]
    upright = [line for line in axes.lines if line.get_linestyle() == "--"]
    assert [line.get_xdata()[0] for line in upright] == [24, 80]
    assert texts_of(axes) == ["24 GB", "80 GB"]
    assert [text.xy for text in axes.texts] == [(24, 1), (80, 1)]
    names = [text.get_text() for text in axes.get_legend().get_texts()]
    assert names == ["weights", "cache", "moments"]
    handles = [to_hex(bar.get_facecolor()) for bar in axes.get_legend().get_patches()]
    assert handles == [colours[0], colours[1], colours[3]]
