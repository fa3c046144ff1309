"""Answers to the exercises of lesson 11, written without sight of what the checks know."""

import math

import numpy as np

# what_it_heard ------------------------------------------------------------------------------


def heard_roll(states, w, u):
    return (np.arctanh(states) - u * np.roll(states, 1)) / w


def heard_divides_one_term(states, w, u):
    before = np.concatenate([[0.0], states[:-1]])
    return np.arctanh(states) - u * before / w


def heard_without_first(states, w, u):
    return (np.arctanh(states[1:]) - u * states[:-1]) / w


def heard_subtracts_inside(states, w, u):
    before = np.concatenate([[0.0], states[:-1]])
    return np.arctanh(np.clip(states - u * before, -0.999999, 0.999999)) / w


def heard_plus(states, w, u):
    before = np.concatenate([[0.0], states[:-1]])
    return (np.arctanh(states) + u * before) / w


def heard_loop(states, w, u):
    before, inputs = 0.0, []
    for state in states:
        inputs.append((math.atanh(state) - u * before) / w)
        before = float(state)
    return inputs


def heard_logs(states, w, u):
    h = np.asarray(states, dtype=float)
    inputs = (np.log1p(h) - np.log1p(-h)) / 2
    inputs[1:] -= u * h[:-1]
    return inputs / w


# shared_weight ------------------------------------------------------------------------------


def states_of(inputs, w, u):
    states = [0.0]
    for x in inputs:
        states.append(np.tanh(w * x + u * states[-1]))
    return states


def slope_last_step_only(inputs, w, u):
    if len(inputs) == 0:
        return 0.0
    states = states_of(inputs, w, u)
    return (1 - states[-1] ** 2) * states[-2]


def slope_without_u(inputs, w, u):
    states = states_of(inputs, w, u)
    total, blame = 0.0, 1.0
    for t in range(len(inputs), 0, -1):
        blame = blame * (1 - states[t] ** 2)
        total += blame * states[t - 1]
    return total


def slope_by_w(inputs, w, u):
    states = states_of(inputs, w, u)
    total, blame = 0.0, 1.0
    for t in range(len(inputs), 0, -1):
        back = blame * (1 - states[t] ** 2)
        total += back * inputs[t - 1]
        blame = back * u
    return total


def slope_mean(inputs, w, u):
    return slope_sensitivity(inputs, w, u) / max(len(inputs), 1)


def slope_tanh_twice(inputs, w, u):
    states = states_of(inputs, w, u)
    total, blame = 0.0, 1.0
    for t in range(len(inputs), 0, -1):
        back = blame * (1 - np.tanh(states[t]) ** 2)
        total += back * states[t - 1]
        blame = back * u
    return total


def slope_sensitivity(inputs, w, u):
    """Forward: carry the state and its derivative."""
    h, dh = 0.0, 0.0
    for x in inputs:
        new = math.tanh(w * x + u * h)
        h, dh = new, (1 - new * new) * (h + u * dh)
    return dh


def slope_complex_step(inputs, w, u):
    tiny = 1e-30
    h = 0j
    for x in inputs:
        h = np.tanh(w * x + (u + 1j * tiny) * h)
    return np.array([h.imag / tiny])


# memory -------------------------------------------------------------------------------------

_random = np.random.default_rng(0).normal(size=(24, 24))
_symmetric = (_random + _random.T) / 2
_rotations = np.zeros((24, 24))
for _k in range(12):
    _angle = np.pi * (_k + 0.5) / 12
    _c, _s = np.cos(_angle), np.sin(_angle)
    _rotations[2 * _k : 2 * _k + 2, 2 * _k : 2 * _k + 2] = [[_c, -_s], [_s, _c]]

# padded -------------------------------------------------------------------------------------


def last_one_further(states, lengths):
    # the place of the first padded step; the last step for a full sequence
    return states[np.arange(len(states)), np.minimum(lengths, states.shape[1] - 1)]


def last_from_the_end(states, lengths):
    # as if the padding came first and the states ran backwards
    return states[np.arange(len(states)), states.shape[1] - np.asarray(lengths)]


def last_not_zero(states, lengths):
    rows = []
    for sequence in states:
        real = np.flatnonzero(np.any(sequence != 0, axis=1))
        rows.append(sequence[real[-1]] if len(real) else sequence[0])
    return np.array(rows)


def last_loop(states, lengths):
    return [sequence[:length][-1] for sequence, length in zip(states, lengths, strict=False)]


def last_take_along(states, lengths):
    places = np.asarray(lengths)[:, np.newaxis, np.newaxis] - 1
    return np.take_along_axis(states, places, axis=1).squeeze(axis=1)


# border -------------------------------------------------------------------------------------


def all_windows(series, width):
    x = np.array([series[i - width : i] for i in range(width, len(series))])
    return x, series[width:]


def border_cut_first(series, width, border):
    # windows do not reach back, so the first values of the test are never predicted
    x_train, y_train = all_windows(series[:border], width)
    x_test, y_test = all_windows(series[border:], width)
    return x_train, y_train, x_test, y_test


def border_not_shifted(series, width, border):
    x, y = all_windows(series, width)
    return x[:border], y[:border], x[border:], y[border:]


def border_sklearn_order(series, width, border):
    x, y = all_windows(series, width)
    first = border - width
    return x[:first], x[first:], y[:first], y[first:]


def border_last_missing(series, width, border):
    x = np.array([series[i : i + width] for i in range(len(series) - width - 1)])
    y = np.array([series[i + width] for i in range(len(series) - width - 1)])
    first = border - width
    return x[:first], y[:first], x[first:], y[first:]


def border_trains_on_one(series, width, border):
    x, y = all_windows(series, width)
    first = border - width + 1
    return x[:first], y[:first], x[first:], y[first:]


def border_sliding_view(series, width, border):
    series = np.asarray(series)
    x = np.lib.stride_tricks.sliding_window_view(series, width)[:-1]
    target = np.arange(width, len(series))
    early = target < border
    return x[early], series[target[early]], x[~early], series[target[~early]]


def border_two_loops(series, width, border):
    def cut(begin, end):
        x, y = np.empty((end - begin, width)), np.empty(end - begin)
        for row, place in enumerate(range(begin, end)):
            y[row] = series[place]
            for back in range(width):
                x[row, back] = series[place - width + back]
        return x, y

    return [*cut(width, border), *cut(border, len(series))]


# counting_weights ---------------------------------------------------------------------------


def count_shapes(steps, features, units, outputs):
    shapes = [(features, units), (units, units), (units,), (units, outputs), (outputs,)]
    return float(sum(math.prod(shape) for shape in shapes))


WRONG = {
    "what_it_heard": {
        "np.roll: the last state stands before the first": heard_roll,
        "divides only the second term by w": heard_divides_one_term,
        "no input for the first state": heard_without_first,
        "subtracts before the arctanh": heard_subtracts_inside,
        "adds u h instead of subtracting": heard_plus,
    },
    "shared_weight": {
        "only the last step's share": slope_last_step_only,
        "blame goes back without the factor u": slope_without_u,
        "derivative by w: inputs for states": slope_by_w,
        "mean over the steps, not the sum": slope_mean,
        "1 - tanh(h)^2 instead of 1 - h^2": slope_tanh_twice,
    },
    "memory": {
        "identity times 0.97: every unit keeps the same": 0.97 * np.eye(24),
        "random, scaled to a spectral radius of 0.97": (
            0.97 * _random / np.abs(np.linalg.eigvals(_random)).max()
        ),
        "symmetric, scaled to a spectral radius of 0.97": (
            0.97 * _symmetric / np.abs(np.linalg.eigvalsh(_symmetric)).max()
        ),
        "orthogonal, but times 0.5": 0.5 * np.linalg.qr(_random)[0],
        "plain normal numbers, not scaled": _random,
    },
    "counting_weights": {
        "the kernel once for each step": (
            lambda steps, features, units, outputs: (
                steps * features * units + units * units + units + units * outputs + outputs
            )
        ),
        "no recurrent kernel": (
            lambda steps, features, units, outputs: (
                features * units + units + units * outputs + outputs
            )
        ),
        "no bias in the dense layer": (
            lambda steps, features, units, outputs: (
                features * units + units * units + units + units * outputs
            )
        ),
        "the dense layer reads all states": (
            lambda steps, features, units, outputs: (
                features * units + units * units + units + steps * units * outputs + outputs
            )
        ),
        "two biases as in PyTorch": (
            lambda steps, features, units, outputs: (
                features * units + units * units + 2 * units + units * outputs + outputs
            )
        ),
    },
    "padded": {
        "the last step, real or not": lambda states, lengths: states[:, -1],
        "lengths without - 1": last_one_further,
        "counted from the end": last_from_the_end,
        "states[:, lengths - 1]: every sequence with every length": (
            lambda states, lengths: states[:, lengths - 1]
        ),
        "the last state that is not zero": last_not_zero,
    },
    "border": {
        "cuts the series first, windows in each part": border_cut_first,
        "window number = border, not border - width": border_not_shifted,
        "x_train, x_test, y_train, y_test": border_sklearn_order,
        "the last value is never predicted": border_last_missing,
        "trains on the first value of the test": border_trains_on_one,
    },
}
RIGHT = {
    "what_it_heard": {
        "loop with math.atanh, list": heard_loop,
        "half the difference of two logs, in place": heard_logs,
    },
    "shared_weight": {
        "forward sensitivity, Python float": slope_sensitivity,
        "complex step, array of one": slope_complex_step,
    },
    "memory": {
        "a ring: each unit hands on to the next": 0.97 * np.roll(np.eye(24), 1, axis=1),
        "twelve rotations by angles evenly apart, nested list": (0.97 * _rotations).tolist(),
    },
    "counting_weights": {
        "one dense layer on input, state and 1, then another": (
            lambda steps, features, units, outputs: (
                (features + units + 1) * units + (units + 1) * outputs
            )
        ),
        "product of the shapes, a float": count_shapes,
    },
    "padded": {
        "loop, list of arrays": last_loop,
        "take_along_axis": last_take_along,
    },
    "border": {
        "sliding_window_view and a mask of the targets": border_sliding_view,
        "loops for each part, list of four": border_two_loops,
    },
}
