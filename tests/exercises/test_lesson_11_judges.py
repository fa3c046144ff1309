"""What the judges of lesson 11 measure, and say beyond the known mistakes."""

import re

import numpy as np
import pytest

from course_lib.exercises import lesson_11
from course_lib.scratch.gradient_check import numerical_gradient
from course_lib.scratch.recurrent import simple_rnn

UNITS = lesson_11.UNITS


def _turn(seed):
    return np.linalg.qr(np.random.default_rng(seed).normal(size=(UNITS, UNITS)))[0]


def test_what_was_heard_is_what_the_layer_got():
    inputs, w, u = np.random.default_rng(0).normal(size=9), np.array([[0.6]]), np.array([[-1.1]])
    zero = np.zeros((1, 1))
    states = simple_rnn(inputs[np.newaxis, :, np.newaxis], w, u, zero[0], zero)[0, :, 0]
    np.testing.assert_allclose(lesson_11.heard(states, 0.6, -1.1), inputs, atol=1e-12)
    for case in lesson_11.what_it_heard.cases:
        assert np.abs(case.arguments[0]).max() < 0.95


def _one_by_one(states, w, u):
    inputs, before = [], 0.0
    for state in states:
        inputs.append((np.log((1 + state) / (1 - state)) / 2 - u * before) / w)
        before = state
    return inputs


def _last_before_first(states, w, u):
    return [(np.arctanh(states[t]) - u * states[t - 1]) / w for t in range(len(states))]


def test_what_was_heard_may_be_written_otherwise():
    assert lesson_11.what_it_heard.grade(_one_by_one).status == "passed"
    message = lesson_11.what_it_heard.grade(_last_before_first).message
    assert "the last state before the first" in message


def test_parameters_are_those_of_keras(keras):
    layers = [keras.layers.SimpleRNN(7), keras.layers.Dense(2)]
    model = keras.Sequential([keras.Input((9, 3)), *layers])
    assert lesson_11.parameters(9, 3, 7, 2) == model.count_params()


def test_the_slope_is_that_of_finite_differences():
    inputs = np.random.default_rng(1).normal(size=6)

    def last(u):
        state = 0.0
        for x in inputs:
            state = np.tanh(0.8 * x + u[0] * state)
        return state

    slope = lesson_11.slope(inputs, 0.8, 1.1)
    assert slope == pytest.approx(numerical_gradient(last, np.array([1.1]))[0], abs=1e-8)


def test_no_target_of_the_test_is_trained_on():
    series = np.arange(30.0)
    x, y, new_x, new_y = lesson_11.split_windows(series, 4, 20)
    assert y.tolist() == list(range(4, 20))
    assert new_y.tolist() == list(range(20, 30))
    for windows, targets in ((x, y), (new_x, new_y)):
        np.testing.assert_array_equal(windows, targets[:, np.newaxis] - [4, 3, 2, 1])


def test_what_a_memory_is():
    remembered = lesson_11.remembered_steps
    assert remembered(np.zeros((UNITS, UNITS))) == 0
    # One unit hears another one, and nobody hears it.
    assert remembered(np.eye(UNITS, k=UNITS - 1)) == 1
    assert remembered(np.roll(np.eye(UNITS), 1, axis=1)) >= lesson_11.STEPS_WANTED
    for seed in range(3):
        assert remembered(0.97 * _turn(seed)) >= lesson_11.STEPS_WANTED + 2
        normal = np.random.default_rng(seed).normal(size=(UNITS, UNITS)) / np.sqrt(UNITS)
        assert remembered(normal) <= lesson_11.STEPS_WANTED - 2
    assert remembered(_turn(0).tolist()) == remembered(_turn(0))


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (np.eye(3), r"24 x 24 real numbers, but is"),
        (np.eye(UNITS) * 1j, "24 x 24 real numbers"),
        (np.full((UNITS, UNITS), np.nan), "finite numbers only"),
        (np.full((UNITS, UNITS), np.inf), "finite numbers only"),
        (
            np.diag(np.linspace(0.1, 0.9, UNITS)),
            "remembers [0-9]+ steps, and 17 .*hears only itself",
        ),
        (np.eye(UNITS) + 0.01 * _turn(3), "hears little but itself"),
        (1.5 * _turn(1), "size 1.5: states grow"),
        (1.05 * _turn(1), "size 1.1: states grow"),
        (0.5 * _turn(1), "size 0.5, so that the past shrinks"),
        (0.65 * _turn(2), "size 0.65, so that the past shrinks"),
        (np.roll(np.eye(UNITS), 8, axis=1), "only 3 of its 24 eigenvalues differ"),
        (1.2 * np.roll(np.eye(UNITS), 8, axis=1), "Scale it down. .*: look at its turns"),
        (_turn(1) @ np.diag(np.linspace(0.1, 3, UNITS)), "down. .* by 3 and others by 0.1. Which"),
        (_turn(1) @ np.diag(np.linspace(0.01, 1, UNITS)), "up. .* by 1 and others by 0.01. Which"),
        (np.eye(UNITS, k=8), "never comes round again"),
        (np.outer(np.ones(UNITS), np.arange(UNITS)) / 400, "nearly multiples of a few"),
    ],
)
def test_other_memories_are_described(answer, message):
    verdict = lesson_11.memory.grade(answer)
    assert verdict.status == "failed"
    assert re.search(message, verdict.message), verdict.message


def test_other_ways_to_a_memory_are_right():
    for answer in (_turn(3), 0.95 * _turn(4), (0.97 * _turn(5)).tolist()):
        assert lesson_11.memory.grade(answer).status == "passed"
