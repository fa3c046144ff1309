"""Answers to the exercises of lesson 11, by other learners,
written without sight of what the checks know.
"""

import numpy as np


# what_it_heard
def rolled(states, w, u):
    return (np.arctanh(states) - u * np.roll(states, 1)) / w


def only_half_divided(states, w, u):
    before = np.concatenate([[0.0], states[:-1]])
    return np.arctanh(states) / w - u * before


def undone_twice(states, w, u):
    sums = np.arctanh(states)
    return (sums - u * np.concatenate([[0.0], sums[:-1]])) / w


# shared_weight
def last_step_only(inputs, w, u):
    before, h = 0.0, 0.0
    for x in inputs:
        before, h = h, np.tanh(w * x + u * h)
    return (1 - h**2) * before


def state_overwritten(inputs, w, u):
    h, d = 0.0, 0.0
    for x in inputs:
        h = np.tanh(w * x + u * h)
        d = (1 - h**2) * (h + u * d)
    return d


def passed_on_without_u(inputs, w, u):
    h, d = 0.0, 0.0
    for x in inputs:
        new = np.tanh(w * x + u * h)
        d = (1 - new**2) * (h + d)
        h = new
    return d


# counting_weights
def two_biases(steps, features, units, outputs):
    return features * units + units * units + 2 * units + units * outputs + outputs


def dense_on_all_states(steps, features, units, outputs):
    recurrent = features * units + units * units + units
    return recurrent + steps * units * outputs + outputs


def no_output_bias(steps, features, units, outputs):
    return units * (features + units + 1) + units * outputs


# padded
def last_column(states, lengths):
    return states[:, -1]


def every_length_for_all(states, lengths):
    return states[:, lengths - 1]


def last_that_is_not_zero(states, lengths):
    real = (states != 0).any(axis=2).sum(axis=1)
    return states[np.arange(len(states)), real - 1]


# border
def cut_before_windows(series, width, border):
    def windows(part):
        x = np.array([part[i : i + width] for i in range(len(part) - width)])
        return x, part[width:]

    return *windows(series[:border]), *windows(series[border:])


def border_as_row(series, width, border):
    x = np.array([series[i : i + width] for i in range(len(series) - width)])
    y = series[width:]
    return x[:border], y[:border], x[border:], y[border:]


def both_x_first(series, width, border):
    x = np.array([series[i : i + width] for i in range(len(series) - width)])
    y = series[width:]
    first = border - width
    return x[:first], x[first:], y[:first], y[first:]


WRONG = {
    "what_it_heard": {
        "np.roll: the last state stands before the first": rolled,
        "only the arctanh is divided by w": only_half_divided,
        "tanh undone in the state before, too": undone_twice,
    },
    "shared_weight": {
        "only the last step": last_step_only,
        "the state overwritten before it is used": state_overwritten,
        "blame passed on without the factor u": passed_on_without_u,
    },
    "memory": {
        "every unit keeps itself: 0.97 times the identity": 0.97 * np.eye(24),
        "random, divided by the root of the units": (
            np.random.default_rng(0).normal(size=(24, 24)) / np.sqrt(24)
        ),
        "all listen to all: the mean": np.full((24, 24), 1 / 24),
    },
    "counting_weights": {
        "two biases, as in PyTorch": two_biases,
        "the dense layer reads all states": dense_on_all_states,
        "no bias of the output": no_output_bias,
    },
    "padded": {
        "the last column, padding or not": last_column,
        "all lengths for every sequence, shape (n, n, h)": every_length_for_all,
        "takes padding for zeros": last_that_is_not_zero,
    },
    "border": {
        "series cut first, no window over the border": cut_before_windows,
        "the border counted in rows of windows": border_as_row,
        "order of scikit-learn: x, x, y, y": both_x_first,
    },
}
RIGHT = {}
