"""The pictures of lesson 15 carry their shapes, weights, shares and names."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from course_lib.figures import style
from course_lib.figures.translation import (
    draw_alignment,
    draw_learning_curve,
    draw_places,
    draw_transformer,
)


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def _texts(figure):
    return {text.get_text(): text for text in figure.axes[0].texts if text.get_text()}


def test_the_transformer_shows_every_part_and_shape_from_bottom_to_top():
    figure = draw_transformer(22, 11, 64, depth=2, symbols=15)
    assert isinstance(figure, Figure)
    axes, texts = figure.axes[0], _texts(figure)
    assert {"source: 22 tokens", "target so far: 11 tokens", "logits: 11 × 15"} <= set(texts)
    assert {"22 × 64", "11 × 64", "memory: 22 × 64", "encoder", "decoder", "× 2"} <= set(texts)
    heights = [
        texts[name].get_position()[1]
        for name in (
            "target so far: 11 tokens",
            "self-attention, causal",
            "cross-attention",
            "logits: 11 × 15",
        )
    ]
    assert heights == sorted(heights)
    assert texts["self-attention"].get_position()[0] < texts["cross-attention"].get_position()[0]
    assert [text.get_text() for text in axes.texts].count("embedding + positions") == 2
    assert [text.get_text() for text in axes.texts].count("feed-forward") == 2
    assert len([patch for patch in axes.patches if isinstance(patch, Rectangle)]) == 2


def test_each_block_holds_its_own_sublayers_and_nothing_else():
    figure = draw_transformer(5, 6, 8, depth=3, symbols=9)
    axes = figure.axes[0]
    blocks = sorted(
        (patch for patch in axes.patches if isinstance(patch, Rectangle)),
        key=lambda patch: patch.get_x(),
    )
    parts = {text.get_text() for text in axes.texts if text.get_bbox_patch() is not None}
    inside = []
    for block in blocks:
        low, high = block.get_y(), block.get_y() + block.get_height()
        left, right = block.get_x(), block.get_x() + block.get_width()
        inside.append(
            {
                text.get_text()
                for text in axes.texts
                if text.get_text() in parts
                and left < text.get_position()[0] < right
                and low < text.get_position()[1] < high
            }
        )
    assert inside == [
        {"self-attention", "feed-forward"},
        {"self-attention, causal", "cross-attention", "feed-forward"},
    ]


def test_the_memory_leads_from_the_encoder_to_the_cross_attention_and_arrows_go_up():
    figure = draw_transformer(22, 11, 64, depth=2, symbols=15)
    axes = figure.axes[0]
    arrows = [text for text in axes.texts if getattr(text, "arrow_patch", None)]
    cross = _texts(figure)["cross-attention"].get_position()
    (start, end) = next((one.xyann, one.xy) for one in arrows if one.xyann[1] == one.xy[1])
    assert start[0] < end[0] < cross[0]
    assert end[1] == cross[1]
    assert all(one.xyann[1] <= one.xy[1] for one in arrows)
    assert len(arrows) == 4 + 6 + 1
    red = [line for line in axes.lines if line.get_color() == style.RED]
    assert len(red) == 1


def test_nothing_in_the_picture_is_cut_off_or_overlaps():
    figure = draw_transformer(22, 11, 64, depth=2, symbols=15)
    figure.canvas.draw()
    axes = figure.axes[0]
    frame = figure.bbox
    boxes = [text.get_window_extent() for text in axes.texts if text.get_text()]
    for number, box in enumerate(boxes):
        assert frame.x0 <= box.x0
        assert box.x1 <= frame.x1
        assert frame.y0 <= box.y0
        assert box.y1 <= frame.y1
        assert not any(box.overlaps(other) for other in boxes[:number])


@pytest.mark.parametrize("place", range(5))
def test_a_transformer_of_nothing_is_refused(place):
    numbers = [22, 11, 64, 2, 15]
    numbers[place] = 0
    with pytest.raises(ValueError, match="at least 1"):
        draw_transformer(*numbers[:3], depth=numbers[3], symbols=numbers[4])


def test_the_smallest_transformer_can_be_drawn():
    assert isinstance(draw_transformer(1, 1, 1, depth=1, symbols=1), Figure)


def test_an_alignment_shows_the_weights_of_the_texts_and_leaves_the_rest_out():
    weights = np.random.default_rng(1).uniform(size=(4, 6))
    figure = draw_alignment(weights, "3 May", "0503"[:3])
    axes = figure.axes[0]
    (picture,) = axes.images
    np.testing.assert_array_equal(picture.get_array(), weights[:3, :5])
    assert picture.get_clim()[0] == 0
    assert [text.get_text() for text in axes.get_xticklabels()] == list("3 May")
    assert [text.get_text() for text in axes.get_yticklabels()] == list("050")
    assert "source" in axes.get_xlabel()
    assert "written" in axes.get_ylabel()
    assert "weight" in figure.axes[1].get_ylabel()


@pytest.mark.parametrize(("source", "target"), [("abcdefg", "ab"), ("abc", "abcde")])
def test_an_alignment_without_weights_for_its_texts_is_refused(source, target):
    with pytest.raises(ValueError, match=r"or more, but got \(4, 6\)"):
        draw_alignment(np.zeros((4, 6)), source, target)


def test_shares_stand_at_their_places_from_zero_to_one():
    curves = {"right": [1.0, 0.9, 1.0], "wrong": [1.0, 0.4, 0.8]}
    axes = draw_places(curves, ["Y", "M", "end"]).axes[0]
    for line, (name, one) in zip(axes.lines, curves.items(), strict=True):
        assert line.get_label() == name
        np.testing.assert_allclose(line.get_ydata(), one)
    assert len({(line.get_linestyle(), line.get_color()) for line in axes.lines}) == 2
    assert [text.get_text() for text in axes.get_xticklabels()] == ["Y", "M", "end"]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == list(curves)
    low, high = axes.get_ylim()
    assert low == 0
    assert high > 1
    assert "share" in axes.get_ylabel()


@pytest.mark.parametrize("curves", [{}, {"one": [0.1]}, {"one": [0.1, 0.2], "two": [0.1]}])
def test_places_without_a_share_each_are_refused(curves):
    with pytest.raises(ValueError, match="one share for each place"):
        draw_places(curves, ["a", "b"])


def test_the_learning_curve_names_its_lines_and_counts():
    scores = {"counting": [0.1, 0.2, 0.25], "network": [0.05, 0.1, 0.24]}
    figure = draw_learning_curve([500, 1000, 3629], scores)
    axes = figure.axes[0]
    assert axes.get_xscale() == "log"
    assert [text.get_text() for text in axes.get_xticklabels()] == ["500", "1,000", "3,629"]
    for line, (name, one) in zip(axes.lines, scores.items(), strict=True):
        assert line.get_label() == name
        np.testing.assert_allclose(line.get_xdata(), [500, 1000, 3629])
        np.testing.assert_allclose(line.get_ydata(), one)
    looks = {(line.get_linestyle(), line.get_marker(), line.get_color()) for line in axes.lines}
    assert len(looks) == len({look[1] for look in looks}) == 2
    assert [text.get_text() for text in axes.get_legend().get_texts()] == list(scores)
    assert axes.get_xlabel() == "training pairs"
    assert "chrF" in axes.get_ylabel()
    assert axes.get_ylim()[0] == 0


@pytest.mark.parametrize("scores", [{}, {"one": [0.1]}, {"one": [0.1, 0.2], "two": [0.1]}])
def test_a_curve_that_does_not_fit_is_refused(scores):
    with pytest.raises(ValueError, match="one score for each count"):
        draw_learning_curve([500, 1000], scores)
