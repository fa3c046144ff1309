"""Recurrent layers against Keras with its weights, and by finite differences."""

import functools
import inspect

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.lesson import quiet_stderr
from course_lib.scratch import recurrent
from course_lib.scratch.gradient_check import gradient_error

SIZES = {
    "n": st.integers(1, 4),
    "t": st.integers(1, 6),
    "d": st.integers(1, 4),
    "h": st.integers(1, 5),
    "seed": st.integers(0, 10_000),
}
BLOCKS = {"SimpleRNN": 1, "LSTM": 4, "GRU": 3}
each_layer = pytest.mark.parametrize("name", BLOCKS)


def problem(name, n, t, d, h, seed):
    """Return weights, initial states, inputs, a right-padded mask and a loss's weights."""
    generator = np.random.default_rng(seed)
    columns = BLOCKS[name] * h
    bias = (2, columns) if name == "GRU" else (columns,)
    weights = [generator.normal(0, 0.7, shape) for shape in ((d, columns), (h, columns), bias)]
    states = [generator.normal(size=(n, h)) for _ in range(2 if name == "LSTM" else 1)]
    lengths = generator.integers(1, t + 1, size=(n, 1))
    mask = np.arange(t) < lengths
    return weights, states, generator.normal(size=(n, t, d)), mask, generator.normal(size=(n, t, h))


def ours(name, inputs, weights, states, mask=None):
    """Return the states of all steps, and those after the last."""
    if name == "LSTM":
        hidden, cells = recurrent.lstm(inputs, *weights, *states, mask)
        return hidden, [hidden[:, -1], cells[:, -1]]
    function = recurrent.simple_rnn if name == "SimpleRNN" else recurrent.gru
    hidden = function(inputs, *weights, *states, mask)
    return hidden, [hidden[:, -1]]


def our_gradients(name, gradient, inputs, weights, states, mask=None):
    kernel, recurrent_kernel, bias = weights
    if name == "LSTM":
        hidden, cells = recurrent.lstm(inputs, *weights, *states, mask)
        return recurrent.lstm_backward(
            gradient, inputs, hidden, cells, kernel, recurrent_kernel, bias, *states, mask
        )
    if name == "GRU":
        hidden = recurrent.gru(inputs, *weights, *states, mask)
        return recurrent.gru_backward(
            gradient, inputs, hidden, kernel, recurrent_kernel, bias, *states, mask
        )
    hidden = recurrent.simple_rnn(inputs, *weights, *states, mask)
    return recurrent.simple_rnn_backward(
        gradient, inputs, hidden, kernel, recurrent_kernel, *states, mask
    )


@functools.cache
def keras_layer(name, d, h):
    with quiet_stderr():
        import keras
    layer = getattr(keras.layers, name)(
        h, return_sequences=True, return_state=True, dtype="float64"
    )
    layer.build((None, None, d))
    return layer


@each_layer
@settings(deadline=None, max_examples=40)
@given(masked=st.booleans(), **SIZES)
def test_the_states_are_those_of_keras(name, masked, n, t, d, h, seed):
    weights, states, inputs, mask, _ = problem(name, n, t, d, h, seed)
    layer = keras_layer(name, d, h)
    layer.set_weights(weights)
    mask = mask if masked else None
    expected, *last = layer(inputs, initial_state=states, mask=mask)
    found, found_last = ours(name, inputs, weights, states, mask)
    np.testing.assert_allclose(found, expected.numpy(), rtol=0, atol=1e-12)
    for one, other in zip(found_last, last, strict=True):
        np.testing.assert_allclose(one, other.numpy(), rtol=0, atol=1e-12)


@each_layer
@settings(deadline=None, max_examples=25)
@given(masked=st.booleans(), **SIZES)
def test_the_gradients_are_those_of_keras(name, masked, n, t, d, h, seed):
    with quiet_stderr():
        import tensorflow as tf
    weights, states, inputs, mask, gradient = problem(name, n, t, d, h, seed)
    layer = keras_layer(name, d, h)
    layer.set_weights(weights)
    mask = mask if masked else None
    x, start = tf.constant(inputs), [tf.constant(state) for state in states]
    with tf.GradientTape() as tape:
        tape.watch([x, *start])
        loss = tf.reduce_sum(layer(x, initial_state=start, mask=mask)[0] * gradient)
    variables = [weight.value for weight in layer.trainable_weights]
    expected = tape.gradient(loss, [x, *variables, *start])
    names = ["inputs", "kernel", "recurrent_kernel", "bias", "state", "cell"]
    found = our_gradients(name, gradient, inputs, weights, states, mask)
    assert list(found) == [key for key, _ in zip(names, expected, strict=False)]
    for key, other in zip(found, expected, strict=True):
        other = np.zeros(other.shape) if other is None else other.numpy()
        np.testing.assert_allclose(found[key], other, rtol=0, atol=1e-10, err_msg=key)


@each_layer
@pytest.mark.parametrize("masked", [False, True])
def test_the_gradients_are_those_of_finite_differences(name, masked):
    weights, states, inputs, mask, gradient = problem(name, 3, 4, 2, 3, seed=5)
    mask = mask if masked else None
    points = {
        "inputs": inputs,
        "kernel": weights[0],
        "recurrent_kernel": weights[1],
        "bias": weights[2],
        "state": states[0],
        "cell": states[-1],
    }
    found = our_gradients(name, gradient, inputs, weights, states, mask)
    for key in found:

        def loss(point, key=key):
            now = points | {key: point}
            parts = [now["kernel"], now["recurrent_kernel"], now["bias"]]
            start = [now["state"], now["cell"]] if name == "LSTM" else [now["state"]]
            return np.sum(ours(name, now["inputs"], parts, start, mask)[0] * gradient)

        assert gradient_error(loss, found[key], points[key]) < 1e-8, key


@each_layer
def test_a_step_of_padding_anywhere_changes_nothing(name):
    weights, states, inputs, _, _ = problem(name, 2, 5, 2, 3, seed=1)
    mask = np.ones((2, 5))
    mask[0, 0] = mask[1, 2] = 0
    hidden, last = ours(name, inputs, weights, states, mask)
    for example, skipped in ((0, 0), (1, 2)):
        kept = np.delete(np.arange(5), skipped)
        start = [state[[example]] for state in states]
        alone, alone_last = ours(name, inputs[[example]][:, kept], weights, start)
        np.testing.assert_allclose(hidden[example, kept], alone[0], atol=1e-14)
        for one, other in zip(last, alone_last, strict=True):
            np.testing.assert_allclose(one[example], other[0], atol=1e-14)
    np.testing.assert_array_equal(hidden[0, 0], states[0][0])
    np.testing.assert_array_equal(hidden[1, 2], hidden[1, 1])


def test_an_lstm_by_hand():
    """Gates wide open keep adding; a shut output gate hides the cell."""
    wide, shut = 40.0, -40.0
    kernel, recurrent_kernel = np.zeros((1, 4)), np.zeros((1, 4))
    kernel[0, 2] = 0.5
    inputs, start = np.ones((1, 3, 1)), np.zeros((1, 1))
    step = np.tanh(0.5)
    for output, expected in ((wide, np.tanh(step * np.arange(1, 4))), (shut, np.zeros(3))):
        bias = np.array([wide, wide, 0.0, output])
        states, cells = recurrent.lstm(inputs, kernel, recurrent_kernel, bias, start, start)
        np.testing.assert_allclose(cells[0, :, 0], step * np.arange(1, 4), atol=1e-12)
        np.testing.assert_allclose(states[0, :, 0], expected, atol=1e-12)


def test_a_gru_by_hand():
    """An update gate of one half takes the mean of the old state and the candidate."""
    kernel, recurrent_kernel, bias = np.zeros((1, 3)), np.zeros((1, 3)), np.zeros((2, 3))
    bias[0, 2] = 0.5
    states = recurrent.gru(np.ones((1, 2, 1)), kernel, recurrent_kernel, bias, np.zeros((1, 1)))
    np.testing.assert_allclose(states[0, :, 0], np.tanh(0.5) * np.array([1 / 2, 3 / 4]))


def test_the_callers_arrays_are_kept():
    for name in BLOCKS:
        weights, states, inputs, mask, gradient = problem(name, 2, 3, 2, 2, seed=3)
        everything = [*weights, *states, inputs, mask, gradient]
        copies = [array.copy() for array in everything]
        our_gradients(name, gradient, inputs, weights, states, mask)
        for array, copy in zip(everything, copies, strict=True):
            np.testing.assert_array_equal(array, copy)


@pytest.mark.parametrize(
    ("name", "position", "shape", "message"),
    [
        ("SimpleRNN", 0, (3, 2), r"simple_rnn: kernel should have shape \(d, h\) with d = 2"),
        ("SimpleRNN", 1, (3, 6), "simple_rnn: recurrent_kernel should have 1 columns"),
        ("LSTM", 1, (3, 9), "lstm: recurrent_kernel should have 4 columns for each"),
        ("LSTM", 2, (11,), r"lstm: bias should have shape \(g,\) with g = 12"),
        ("GRU", 1, (3, 12), "gru: recurrent_kernel should have 3 columns"),
        ("GRU", 2, (9,), r"gru: bias should have shape \(2, g\)"),
    ],
)
def test_shapes_that_do_not_fit_are_refused(name, position, shape, message):
    weights, states, inputs, _, _ = problem(name, 2, 4, 2, 3, seed=0)
    weights[position] = np.zeros(shape)
    with pytest.raises(ValueError, match=message):
        ours(name, inputs, weights, states)


@each_layer
def test_a_mask_of_another_length_is_refused(name):
    weights, states, inputs, mask, _ = problem(name, 2, 4, 2, 3, seed=0)
    with pytest.raises(ValueError, match=r"mask should have shape \(n, t\) with t = 4"):
        ours(name, inputs, weights, states, mask[:, 1:])


def arguments_of(function, name):
    """Return arguments that fit, by name, with a mask."""
    weights, states, inputs, mask, gradient = problem(name, 2, 4, 5, 3, seed=0)
    hidden, cells = np.zeros((2, 2, 4, 3))
    known = {
        "inputs": inputs,
        **dict(zip(("kernel", "recurrent_kernel", "bias"), weights, strict=True)),
        **dict(zip(("state", "cell"), states, strict=False)),
        "mask": mask,
        "gradient": gradient,
        "states": hidden,
        "cells": cells,
    }
    return {key: known[key] for key in inspect.signature(function).parameters}


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (recurrent.simple_rnn, "SimpleRNN"),
        (recurrent.simple_rnn_backward, "SimpleRNN"),
        (recurrent.lstm, "LSTM"),
        (recurrent.lstm_backward, "LSTM"),
        (recurrent.gru, "GRU"),
        (recurrent.gru_backward, "GRU"),
    ],
)
def test_every_axis_of_every_argument_is_checked(function, name):
    fitting = arguments_of(function, name)
    function(**fitting)
    for argument, array in fitting.items():
        for axis in range(array.ndim):
            longer = np.concatenate([array, array.take([0], axis)], axis)
            with pytest.raises(ValueError, match=function.__name__):
                function(**fitting | {argument: longer})
        with pytest.raises(ValueError, match=f"{function.__name__}: {argument} should have shape"):
            function(**fitting | {argument: array[..., np.newaxis]})


@each_layer
def test_single_precision_stays_single(name):
    weights, states, inputs, _, gradient = problem(name, 2, 3, 4, 5, 0)
    single = [array.astype("float32") for array in (gradient, inputs, *weights, *states)]
    gradient, inputs, weights, states = single[0], single[1], single[2:5], single[5:]
    hidden, last = ours(name, inputs, weights, states)
    back = our_gradients(name, gradient, inputs, weights, states)
    assert {array.dtype for array in (hidden, *last, *back.values())} == {np.dtype("float32")}
