"""The picture of lesson 09 shows what it is given."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from course_lib.figures import transfer

GROUPS = {"frozen": [0.7, 0.8, 0.6], "scratch": np.array([0.5, 0.66])}


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_each_group_is_a_row_of_dots_in_per_cent_with_its_mean():
    axes = transfer.draw_dots(GROUPS, "photographs right", "a draw").axes[0]
    dots, means = axes.lines[::2], axes.lines[1::2]
    for row, (values, line, mean) in enumerate(zip(GROUPS.values(), dots, means, strict=True)):
        assert line.get_xdata() == pytest.approx(100 * np.asarray(values))
        assert set(line.get_ydata()) == {row}
        assert mean.get_xdata() == pytest.approx([100 * np.mean(values)])
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["frozen", "scratch"]
    assert axes.get_ylim() == (1.5, -0.5)


def test_the_means_are_written_beside_their_rows():
    axes = transfer.draw_dots(GROUPS, "photographs right", "a draw").axes[0]
    assert [text.get_text() for text in axes.texts] == ["70 %", "58 %"]
    assert [text.get_position()[1] for text in axes.texts] == [0, 1]


def test_a_table_is_drawn_column_by_column():
    table = pd.DataFrame({"frozen": [0.7, 0.8], "scratch": [0.5, 0.66]})
    axes = transfer.draw_dots(table, "photographs right", "a draw").axes[0]
    assert [text.get_text() for text in axes.texts] == ["75 %", "58 %"]


def test_axis_and_legend_say_what_is_drawn():
    axes = transfer.draw_dots(GROUPS, "photographs right", "a draw").axes[0]
    assert axes.get_xlabel() == "photographs right (%)"
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["a draw", "their mean"]


@pytest.mark.parametrize("groups", [{}, {"one": []}, {"one": [0.5], "two": []}])
def test_results_that_cannot_be_drawn_are_refused(groups):
    with pytest.raises(ValueError, match="at least one group, and a number in each"):
        transfer.draw_dots(groups, "right", "a draw")
