"""What the judge of lesson 04's open question says beyond the known mistakes."""

import numpy as np
import pytest

from course_lib.exercises import lesson_04

RIGHT = {
    "the largest taken away": (
        lambda x: x - x.max(axis=1, keepdims=True),
        lambda x, upstream: (
            upstream - upstream.sum(axis=1, keepdims=True) * (x == x.max(axis=1, keepdims=True))
        ),
    ),
    "neighbours multiplied": (
        lambda x: x[:, :-1] * x[:, 1:],
        lambda x, upstream: (
            np.pad(upstream * x[:, 1:], ((0, 0), (0, 1)))
            + np.pad(upstream * x[:, :-1], ((0, 0), (1, 0)))
        ),
    ),
    "one number a row": (
        lambda x: np.sum(x**2, axis=1, keepdims=True),
        lambda x, upstream: 2 * x * upstream,
    ),
}


@pytest.mark.parametrize("layer", RIGHT.values(), ids=RIGHT)
def test_right_layers_of_any_width_pass(layer):
    verdict = lesson_04.own_layer.grade(lesson_04._layer_of(*layer))
    assert verdict.status == "passed", verdict


def test_an_activation_that_only_changes_places_does_not_mix():
    layer = lesson_04._layer_of(
        lambda x: np.roll(np.tanh(x), 1, axis=1),
        lambda x, upstream: np.roll(upstream, -1, axis=1) * (1 - np.tanh(x) ** 2),
    )
    verdict = lesson_04.own_layer.grade(layer)
    assert verdict.status == "failed"
    assert "each output depends on one input only" in verdict.message


def test_a_sign_that_is_wrong_in_places_only_is_no_wrong_sign():
    layer = lesson_04._layer_of(
        lambda x: np.sum(x**2, axis=1, keepdims=True),
        lambda x, upstream: -2 * np.abs(x) * upstream,
    )
    message = lesson_04.own_layer.grade(layer).message
    assert "off by" in message
    assert "sign" not in message


def test_upstream_of_another_shape_is_not_called_handed_on():
    layer = lesson_04._layer_of(
        lambda x: np.sum(x**2, axis=1, keepdims=True),
        lambda x, upstream: upstream * np.ones_like(x),
    )
    message = lesson_04.own_layer.grade(layer).message
    assert "off by" in message
    assert "hands upstream on" not in message


@pytest.mark.parametrize("order", [("bias", "kernel", "inputs"), ("inputs", "bias", "kernel")])
def test_the_order_that_came_is_named(order):
    def answer(inputs, kernel, upstream):
        parts = {"kernel": inputs.T @ upstream, "bias": upstream.sum(axis=0)}
        parts["inputs"] = upstream @ kernel.T
        return tuple(parts[name] for name in order)

    assert f"those of {', '.join(order)}." in lesson_04.dense_layer.grade(answer).message


def test_the_blame_of_a_neighbours_output_is_missed():
    layer = lesson_04._layer_of(
        lambda x: x * np.roll(x, -1, axis=1),
        lambda x, upstream: upstream * np.roll(x, -1, axis=1),
    )
    assert "what comes back from those is missing" in lesson_04.own_layer.grade(layer).message


def test_a_wrong_slope_of_its_own_output_is_not_called_right():
    layer = lesson_04._layer_of(
        lambda x: x * np.roll(x, -1, axis=1),
        lambda x, upstream: 2 * upstream * np.roll(x, -1, axis=1),
    )
    said = lesson_04.own_layer.grade(layer).message
    assert "and rightly" not in said
    assert "take part in backward" in said
