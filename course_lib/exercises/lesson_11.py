"""Exercises of lesson 11, recurrent networks."""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from course_lib.exercises.comparison import shorten
from course_lib.exercises.exercise import Case, Exercise, Mistake, Rejected

# 1. From the states back to the inputs


def heard(states, w, u):  # type: ignore[no-untyped-def]
    before = np.concatenate([[0.0], states[:-1]])
    return (np.arctanh(states) - u * before) / w


def _states(inputs: Any, w: float, u: float) -> np.ndarray:
    states, state = [], 0.0
    for x in inputs:
        state = float(np.tanh(w * x + u * state))
        states.append(state)
    return np.array(states)


def _heard_case(inputs: list[float], w: float, u: float, description: str) -> Case:
    return Case((_states(inputs, w, u), w, u), description)


def _before(states: np.ndarray) -> np.ndarray:
    return np.concatenate([[0.0], states[:-1]])


def _with_inputs_before(states: np.ndarray, w: float, u: float) -> np.ndarray:
    inputs, before = [], 0.0
    for state in states:
        before = (float(np.arctanh(state)) - u * before) / w
        inputs.append(before)
    return np.array(inputs)


what_it_heard = Exercise(
    name="what_it_heard",
    question="Return the inputs of a cell of one unit, given all its states.",
    reference=heard,
    cases=[
        _heard_case([1.0, 0.0, -1.0], 1.0, 0.5, "three states, w = 1 and u = 0.5"),
        _heard_case([0.3, -0.8, 0.5, 0.2, -0.4], 0.7, -1.2, "five states, w = 0.7 and u = -1.2"),
        _heard_case([-0.6, 0.2, 0.4, 0.1], 1.5, 0.8, "four states, w = 1.5 and u = 0.8"),
    ],
    explanation="A state and the one before it say what came between. One state alone does not.",
    hints=[
        "What was done last in each step is undone first: np.arctanh undoes tanh.",
        "np.arctanh(states) are the sums w * x + u * (the state before). Which part of a sum do "
        "you know?",
        "The states before are the states one place later, with h_0 = 0 in front: "
        "np.concatenate([[0.0], states[:-1]]).",
    ],
    mistakes=[
        Mistake(
            "memory forgotten",
            lambda states, w, u: np.arctanh(states) / w,
            "you ascribe the whole sum to the input. A part of it is memory: u times the state "
            "before.",
        ),
        Mistake(
            "tanh not undone",
            lambda states, w, u: (states - u * _before(states)) / w,
            "the state is the tanh of the sum: undo it, with np.arctanh, before you take the sum "
            "apart.",
        ),
        Mistake(
            "tanh once more",
            lambda states, w, u: (np.tanh(states) - u * _before(states)) / w,
            "you took the tanh of the states, which are squashed already. Go back, with "
            "np.arctanh.",
        ),
        Mistake(
            "arc tangent",
            lambda states, w, u: (np.arctan(states) - u * _before(states)) / w,
            "np.arctan undoes tan. What undoes tanh is np.arctanh.",
        ),
        Mistake(
            "the state of the same step",
            lambda states, w, u: (np.arctanh(states) - u * states) / w,
            "you subtracted u times the state of the same step. In a sum stands the one before.",
        ),
        Mistake(
            "memory undone as well",
            lambda states, w, u: np.arctanh(states - u * _before(states)) / w,
            "u * h_{t-1} stands inside the tanh: undo the tanh first, then subtract.",
        ),
        Mistake(
            "memory squashed back",
            lambda states, w, u: (np.arctanh(states) - u * np.arctanh(_before(states))) / w,
            "you undid the tanh of the state before, too. It enters the next sum as it is.",
        ),
        Mistake(
            "added",
            lambda states, w, u: (np.arctanh(states) + u * _before(states)) / w,
            "the memory was added in the cell, so going back you subtract it.",
        ),
        Mistake(
            "w forgotten",
            lambda states, w, u: np.arctanh(states) - u * _before(states),
            "that is w times the input. Divide by w.",
        ),
        Mistake(
            "times w",
            lambda states, w, u: (np.arctanh(states) - u * _before(states)) * w,
            "the cell multiplied the input by w, and you did so again. Divide.",
        ),
        Mistake(
            "only the memory divided",
            lambda states, w, u: np.arctanh(states) - u * _before(states) / w,
            "you divided the memory alone by w. Brackets: the whole difference is w times x.",
        ),
        Mistake(
            "round in a circle",
            lambda states, w, u: (np.arctanh(states) - u * np.roll(states, 1)) / w,
            "you put the last state before the first: np.roll goes round in a circle, and so does "
            "the place -1. Before the first step stands h_0 = 0.",
        ),
        Mistake(
            "first input lost",
            lambda states, w, u: (np.arctanh(states[1:]) - u * states[:-1]) / w,
            "one input is missing, the first. It has a state before it, too: h_0 = 0.",
        ),
        Mistake(
            "forward again",
            _states,
            "you ran the cell forward, with the states as its inputs. Run its rule backwards: what "
            "must x have been?",
        ),
        Mistake(
            "u forgotten",
            lambda states, w, u: (np.arctanh(states) - _before(states)) / w,
            "you subtracted the state before as it is. In the sum it stands times u.",
        ),
        Mistake(
            "only the sum divided",
            lambda states, w, u: np.arctanh(states) / w - u * _before(states),
            "you divided only the arctanh by w. Brackets: subtract the memory first, then divide.",
        ),
        Mistake(
            "the input before",
            lambda states, w, u: _with_inputs_before(states, w, u),
            "you subtracted u times the input before. What the cell remembers is the state before.",
        ),
        Mistake(
            "one over tanh",
            lambda states, w, u: (1 / np.tanh(states) - u * _before(states)) / w,
            "one over tanh does not undo tanh: np.arctanh does.",
        ),
        Mistake(
            "half forgotten",
            lambda states, w, u: (np.log((1 + states) / (1 - states)) - u * _before(states)) / w,
            "the logarithm of (1 + h) / (1 - h) is twice what undoes tanh: take half of it.",
        ),
        Mistake(
            "the state after",
            lambda states, w, u: (np.arctanh(states) - u * np.append(states[1:], 0.0)) / w,
            "you subtracted u times the next state. The cell cannot hear what comes later: it "
            "remembers the state before.",
        ),
    ],
)

# 2. Parameters


def parameters(steps, features, units, outputs):  # type: ignore[no-untyped-def]
    recurrent = features * units + units * units + units
    dense = units * outputs + outputs
    return recurrent + dense


counting_weights = Exercise(
    name="counting_weights",
    question="Return the parameters of a SimpleRNN whose last state goes into a dense layer.",
    reference=parameters,
    cases=[Case((3, 1, 1, 1)), Case((50, 6, 32, 4)), Case((36, 1, 16, 1)), Case((10, 3, 5, 2))],
    explanation="The number of steps appears nowhere: that is weight sharing over time.",
    hints=[
        "Which of the four numbers does a kernel's shape not depend on?",
        "Three arrays in the cell: kernel, recurrent kernel and bias. Write down their shapes.",
        "The dense layer sees one state of `units` numbers: units * outputs weights and its bias.",
    ],
    mistakes=[
        Mistake(
            "weights for each step",
            lambda steps, features, units, outputs: (
                steps * (features * units + units * units + units) + units * outputs + outputs
            ),
            "you gave each step weights of its own. All steps share them.",
        ),
        Mistake(
            "no recurrent kernel",
            lambda steps, features, units, outputs: (
                features * units + units + units * outputs + outputs
            ),
            "you counted a dense network: the recurrent kernel is missing.",
        ),
        Mistake(
            "each unit hears only itself",
            lambda steps, features, units, outputs: (
                features * units + 2 * units + units * outputs + outputs
            ),
            "you counted one recurrent weight a unit. Each unit hears all of them.",
        ),
        Mistake(
            "no bias",
            lambda steps, features, units, outputs: (
                features * units + units * units + units * outputs
            ),
            "only the biases are missing: one a unit, and one an output.",
        ),
        Mistake(
            "two biases",
            lambda steps, features, units, outputs: (
                features * units + units * units + 2 * units + units * outputs + outputs
            ),
            "that is PyTorch's count, which keeps one bias for the input and one for the state. "
            "Their sum is all that matters, and Keras keeps one.",
        ),
        Mistake(
            "all states into the dense layer",
            lambda steps, features, units, outputs: (
                features * units + units * units + units + steps * units * outputs + outputs
            ),
            "you joined all states to the dense layer. It sees the last one only.",
        ),
        Mistake(
            "kernel for each step",
            lambda steps, features, units, outputs: (
                parameters(steps, features, units, outputs) + (steps - 1) * features * units
            ),
            "you gave each step a kernel of its own for its input. All steps share one.",
        ),
        Mistake(
            "no bias in the dense layer",
            lambda steps, features, units, outputs: (
                parameters(steps, features, units, outputs) - outputs
            ),
            "the cell is right. The dense layer has a bias, too: one number for each output.",
        ),
        Mistake(
            "no bias in the cell",
            lambda steps, features, units, outputs: (
                parameters(steps, features, units, outputs) - units
            ),
            "the dense layer is right. The cell has a bias, too: one number for each unit.",
        ),
        Mistake(
            "no dense layer",
            lambda steps, features, units, outputs: parameters(steps, features, units, 0),
            "the cell is right. The dense layer behind it has weights and biases as well.",
        ),
        Mistake(
            "recurrent kernel for each step",
            lambda steps, features, units, outputs: (
                parameters(steps, features, units, outputs) + (steps - 1) * units * units
            ),
            "you gave each step a recurrent kernel of its own. All steps share one.",
        ),
        Mistake(
            "dense layer for each step",
            lambda steps, features, units, outputs: (
                parameters(steps, features, units, outputs)
                + (steps - 1) * (units * outputs + outputs)
            ),
            "you counted the dense layer once for each step. It stands behind the last one only.",
        ),
        Mistake(
            "dense layer on the features",
            lambda steps, features, units, outputs: (
                parameters(steps, features, units, outputs) + (features - units) * outputs
            ),
            "the cell is right. The dense layer reads its state, which has as many numbers as "
            "units, and not the features.",
        ),
        Mistake(
            "no kernel",
            lambda steps, features, units, outputs: (
                parameters(steps, features, units, outputs) - features * units
            ),
            "the weights from the input are missing: one from each feature to each unit.",
        ),
        Mistake(
            "features squared",
            lambda steps, features, units, outputs: (
                parameters(steps, features, units, outputs) + features * (features - units)
            ),
            "features times features is no kernel: a weight leads from each feature to each unit.",
        ),
        Mistake(
            "an LSTM",
            lambda steps, features, units, outputs: (
                4 * parameters(steps, features, units, 0) + units * outputs + outputs
            ),
            "you counted four parts, as in an LSTM. A SimpleRNN has one.",
        ),
    ],
)

# 3. Backpropagation through time for one weight


def slope(inputs, w, u):  # type: ignore[no-untyped-def]
    states = [0.0]
    for x in inputs:
        states.append(np.tanh(w * x + u * states[-1]))
    total, blame = 0.0, 1.0
    for t in range(len(inputs), 0, -1):
        back = blame * (1 - states[t] ** 2)
        total += back * states[t - 1]
        blame = back * u
    return total


def _slope(
    inputs: Any, w: float, u: float, depth: int = 99, factor: float = 1.0, late: bool = False
) -> float:
    """Return `slope` with a mistake: cut off, without the tanh, or the wrong state."""
    states = [0.0]
    for x in inputs:
        states.append(float(np.tanh(w * x + u * states[-1])))
    total, blame = 0.0, 1.0
    for t in range(len(inputs), max(len(inputs) - depth, 0), -1):
        back = blame * (1 - factor * states[t] ** 2)
        total += back * states[t if late else t - 1]
        blame = back * u
    return total


def _slope_by(inputs: Any, w: float, u: float, of_state: Callable[[float], float]) -> float:
    """Return `slope` with another slope of the tanh."""
    states = [0.0]
    for x in inputs:
        states.append(float(np.tanh(w * x + u * states[-1])))
    total, blame = 0.0, 1.0
    for t in range(len(inputs), 0, -1):
        back = blame * of_state(states[t])
        total += back * states[t - 1]
        blame = back * u
    return float(total)


def _back_by(inputs: Any, w: float, u: float, hand_on: Callable[[float], float]) -> float:
    """Return `slope` with another factor from state to state."""
    states = [0.0]
    for x in inputs:
        states.append(float(np.tanh(w * x + u * states[-1])))
    total, blame = 0.0, 1.0
    for t in range(len(inputs), 0, -1):
        total += blame * (1 - states[t] ** 2) * states[t - 1]
        blame *= hand_on(1 - states[t] ** 2)
    return total


def _slope_of_the_state_before(inputs: Any, w: float, u: float) -> float:
    states = [0.0]
    for x in inputs:
        states.append(float(np.tanh(w * x + u * states[-1])))
    total, blame = 0.0, 1.0
    for t in range(len(inputs), 0, -1):
        back = blame * (1 - states[t - 1] ** 2)
        total += back * states[t - 1]
        blame = back * u
    return total


def _first_share(inputs: Any, w: float, u: float) -> float:
    return 0.0


def _slope_of_w(inputs: Any, w: float, u: float) -> float:
    step = 1e-6
    higher, lower = (_last_state(inputs, one, u) for one in (w + step, w - step))
    return (higher - lower) / (2 * step)


def _last_state(inputs: Any, w: float, u: float) -> float:
    state = 0.0
    for x in inputs:
        state = float(np.tanh(w * x + u * state))
    return state


def _forgets_u(inputs: Any, w: float, u: float) -> float:
    states = [0.0]
    for x in inputs:
        states.append(float(np.tanh(w * x + u * states[-1])))
    total, blame = 0.0, 1.0
    for t in range(len(inputs), 0, -1):
        blame *= 1 - states[t] ** 2
        total += blame * states[t - 1]
    return total


shared_weight = Exercise(
    name="shared_weight",
    question="Return dh_T/du for h_t = tanh(w x_t + u h_{t-1}) with h_0 = 0.",
    reference=slope,
    cases=[
        Case((np.array([1.0, 0.0, -1.0]), 1.0, 0.5)),
        Case((np.array([0.5, 0.5, 0.5, 0.5, 0.5]), 0.7, 0.9), "five steps"),
        Case((np.array([1.0, -0.3, 0.8, 0.2]), 0.4, -1.2), "a negative u"),
        Case((np.array([-0.4, -0.9, 0.3, -0.2]), 0.8, 0.6), "states below zero"),
    ],
    explanation="u is used at every step, so its gradient is a sum over all steps.",
    hints=[
        "Run forward first and keep all states, h_0 included.",
        "Backwards: blame arrives at h_t, times 1 - h_t**2 it is at the sum, times u at h_{t-1}.",
        "At each step u was multiplied by h_{t-1}: add (blame at the sum) * h_{t-1}.",
    ],
    mistakes=[
        Mistake(
            "last step only",
            lambda inputs, w, u: _slope(inputs, w, u, depth=1),
            "that is the last step's share. h_{t-1} depends on u as well: go on backwards and add.",
        ),
        Mistake(
            "two steps only",
            lambda inputs, w, u: _slope(inputs, w, u, depth=2),
            "you stopped after two steps: that is truncated backpropagation. Go back to the start.",
        ),
        Mistake(
            "no tanh on the way back",
            lambda inputs, w, u: _slope(inputs, w, u, factor=0.0),
            "tanh's slope is missing on the way back: multiply by 1 - h_t**2 in every step.",
        ),
        Mistake(
            "state after the step",
            lambda inputs, w, u: _slope(inputs, w, u, late=True),
            "you multiplied by h_t. In step t the weight u meets the state before, h_{t-1}.",
        ),
        Mistake(
            "u forgotten",
            _forgets_u,
            "blame passes u whenever it goes back a step: multiply by u, too.",
        ),
        Mistake(
            "the other weight",
            _slope_of_w,
            "that is the slope for w, which meets the input x_t. The weight u meets the state "
            "before, h_{t-1}.",
        ),
        Mistake(
            "mean over steps",
            lambda inputs, w, u: _slope(inputs, w, u) / len(inputs),
            "you took the mean over the steps. A weight used several times collects the sum.",
        ),
        Mistake(
            "tanh twice",
            lambda inputs, w, u: _slope_by(inputs, w, u, lambda state: 1 - np.tanh(state) ** 2),
            "h_t is a tanh already. Its slope is 1 - h_t**2, without another tanh.",
        ),
        Mistake(
            "slope not squared",
            lambda inputs, w, u: _slope_by(inputs, w, u, lambda state: 1 - state),
            "the slope of tanh is 1 - h_t**2: the square is missing.",
        ),
        Mistake(
            "sigmoid's slope",
            lambda inputs, w, u: _slope_by(inputs, w, u, lambda state: state * (1 - state)),
            "h (1 - h) is the slope of the sigmoid. That of tanh is 1 - h_t**2.",
        ),
        Mistake(
            "u once too often",
            lambda inputs, w, u: u * _slope(inputs, w, u),
            "your result has one factor u too many: blame arrives at the last state as 1, and "
            "passes u only on its way to the state before.",
        ),
        Mistake(
            "sign lost",
            lambda inputs, w, u: abs(_slope(inputs, w, u)),
            "the sign is lost. Where the states are below zero, a larger u pushes the last one "
            "further down.",
        ),
        Mistake(
            "written over",
            _first_share,
            "your result is 0, which is the share of the first step alone, because h_0 is 0. Does "
            "your loop write over what it had? Add up with +=.",
        ),
        Mistake(
            "w on the way back",
            lambda inputs, w, u: _back_by(inputs, w, u, lambda tanh_slope: tanh_slope * w),
            "you took the blame back by w. From state to state it passes u.",
        ),
        Mistake(
            "blame without tanh",
            lambda inputs, w, u: _back_by(inputs, w, u, lambda tanh_slope: u),
            "each share has its own tanh's slope, but what you hand on has not: blame passes "
            "1 - h_t**2 and u on its way to the state before.",
        ),
        Mistake(
            "slope of the state before",
            _slope_of_the_state_before,
            "you took tanh's slope at h_{t-1}. It is at the state that the step gives: 1 - h_t**2.",
        ),
        Mistake(
            "last step left out",
            lambda inputs, w, u: _slope(inputs[:-1], w, u),
            "that is the slope of the state one step before the last. Begin the way back at the "
            "last step.",
        ),
        Mistake(
            "all states",
            lambda inputs, w, u: sum(
                _slope(inputs[:end], w, u) for end in range(1, len(inputs) + 1)
            ),
            "that is the slope of the sum of all states. Only the last one is asked for.",
        ),
    ],
)

# 4. The last real state


def last_states(states, lengths):  # type: ignore[no-untyped-def]
    return states[np.arange(len(states)), lengths - 1]


_STATES = np.random.default_rng(11).normal(size=(4, 6, 3)).round(2)


def _padded_with_zeros() -> np.ndarray:
    states = _STATES[:3, :5, :2].copy()
    states[0, 3:] = states[1, 1:] = states[2, 4:] = 0
    return states


def _last_not_zero(states: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    return np.array([one[np.flatnonzero(one.any(axis=1))[-1]] for one in states])


padded = Exercise(
    name="padded",
    question="Return each sequence's last real state, shape (n, h).",
    reference=last_states,
    cases=[
        Case((_STATES, np.array([2, 5, 1, 4])), "four padded sequences"),
        Case((_STATES[:2, :5, :1], np.array([3, 2])), "two sequences and one unit"),
        Case((_STATES[1:, :, :2], np.array([4, 4, 2])), "three sequences"),
        Case((_padded_with_zeros(), np.array([3, 1, 4])), "sequences padded with zeros"),
    ],
    explanation="With a mask Keras does this for you: a padded step leaves the state as it was.",
    hints=[
        "A sequence of length 2 has its real states at the places 0 and 1.",
        "Each sequence has another last place: states[0, lengths[0] - 1] is the first answer.",
        "NumPy takes a list of rows and a list of places together: states[rows, places], with "
        "np.arange(len(states)) as rows.",
    ],
    mistakes=[
        Mistake(
            "the last column",
            lambda states, lengths: states[:, -1],
            "you took the last step of the array, which is padding for short sequences.",
        ),
        Mistake(
            "one too far",
            lambda states, lengths: states[np.arange(len(states)), lengths],
            "you took the first padded step. Places are counted from 0: the last real one is "
            "lengths - 1.",
        ),
        Mistake(
            "every place of every sequence",
            lambda states, lengths: states[:, lengths - 1],
            "states[:, places] takes all places from every sequence. Pair each row with its own "
            "place.",
        ),
        Mistake(
            "mean over real steps",
            lambda states, lengths: np.stack(
                [one[:length].mean(axis=0) for one, length in zip(states, lengths, strict=True)]
            ),
            "you averaged over the real steps. The last state is asked for.",
        ),
        Mistake(
            "same length for all",
            lambda states, lengths: states[:, max(lengths) - 1],
            "you cut all sequences at the longest one's end. Each has its own.",
        ),
        Mistake(
            "last that is not zero",
            _last_not_zero,
            "you look for the last state that is not zero. The cell goes on in padded steps, so "
            "their states need not be zero: go by the lengths.",
        ),
        Mistake(
            "counted from the end",
            lambda states, lengths: states[np.arange(len(states)), -lengths],
            "you counted the length back from the end of the array. Padding stands at the end, so "
            "count from the beginning.",
        ),
        Mistake(
            "one too early",
            lambda states, lengths: states[np.arange(len(states)), lengths - 2],
            "you took the state before the last real one (or, of a sequence of one step, the "
            "array's last): the place is lengths - 1.",
        ),
        Mistake(
            "sum over real steps",
            lambda states, lengths: np.stack(
                [one[:length].sum(axis=0) for one, length in zip(states, lengths, strict=True)]
            ),
            "you added up the real steps. A single state is asked for, the last real one.",
        ),
        Mistake(
            "the first state",
            lambda states, lengths: states[:, 0],
            "you took the first state of each sequence. The last real one has heard them all.",
        ),
        Mistake(
            "the shortest one's length",
            lambda states, lengths: states[:, min(lengths) - 1],
            "you cut all sequences where the shortest ends. Each has its own end.",
        ),
        Mistake(
            "the first one's length",
            lambda states, lengths: states[:, lengths[0] - 1],
            "you used the first sequence's length for all. Each has its own.",
        ),
        Mistake(
            "mean over all steps",
            lambda states, lengths: states.mean(axis=1),
            "you averaged over all steps, padding and all. A single state is asked for, the last "
            "real one.",
        ),
        Mistake(
            "largest",
            lambda states, lengths: states.max(axis=1),
            "you took the largest number of each unit over all steps. The last real state is asked "
            "for.",
        ),
        Mistake(
            "masked, then the last column",
            lambda states, lengths: np.where(
                (np.arange(states.shape[1]) < lengths[:, np.newaxis])[..., np.newaxis], states, 0
            )[:, -1],
            "your result is 0 everywhere, as if padding were set to 0 and then taken. Where does "
            "the last real state stand?",
        ),
    ],
)

# 5. Windows on both sides of a border in time


def split_windows(series, width, border):  # type: ignore[no-untyped-def]
    x = np.array([series[i - width : i] for i in range(width, len(series))])
    y = series[width:]
    first = border - width
    return x[:first], y[:first], x[first:], y[first:]


def _cut(series: Any, width: int, first: int, lead: int = 0) -> tuple[np.ndarray, ...]:
    starts = range(width, len(series))
    x = np.array([series[i - width : i] for i in starts])
    y = np.array([series[i - lead] for i in starts])
    return x[:first], y[:first], x[first:], y[first:]


def _two_series(series: Any, width: int, border: int) -> tuple[np.ndarray, ...]:
    x, y, _, _ = split_windows(series, width, border)
    _, _, far_x, far_y = split_windows(series, width, border + width)
    return x, y, far_x, far_y


def _shuffled(series: Any, width: int, border: int) -> tuple[np.ndarray, ...]:
    x, y, new_x, new_y = split_windows(series, width, border)
    order = np.random.default_rng(0).permutation(len(x) + len(new_x))
    all_x, all_y = np.concatenate([x, new_x])[order], np.concatenate([y, new_y])[order]
    return all_x[: len(x)], all_y[: len(x)], all_x[len(x) :], all_y[len(x) :]


def _with_target(series: Any, width: int, border: int) -> tuple[np.ndarray, ...]:
    x = np.array([series[i - width : i + 1] for i in range(width, len(series))])
    first = border - width
    return x[:first], series[width:border], x[first:], series[border:]


def _with_gap(series: Any, width: int, border: int) -> tuple[np.ndarray, ...]:
    x, y, new_x, new_y = split_windows(series, width, border)
    return x[:-width], y[:-width], new_x, new_y


def _one_ahead(series: Any, width: int, border: int) -> tuple[np.ndarray, ...]:
    x = np.array([series[i - width : i] for i in range(width, len(series) - 1)])
    y, first = series[width + 1 :], border - width
    return x[:first], y[:first], x[first:], y[first:]


def _in_order(*places: int) -> Callable[..., Any]:
    """Return the official solution, its four arrays ordered otherwise."""
    return lambda series, width, border: tuple(
        split_windows(series, width, border)[place] for place in places
    )


def _turned_windows(series: Any, width: int, border: int) -> tuple[np.ndarray, ...]:
    x, y, new_x, new_y = split_windows(series, width, border)
    return x[:, ::-1], y, new_x[:, ::-1], new_y


_SERIES = np.array([3.0, 1.0, 4.0, 1.5, 5.0, 9.0, 2.0, 6.0, 5.5, 3.5, 8.0, 7.0])

border = Exercise(
    name="border",
    question="Return windows and next values: training (x, y), then test (x, y).",
    reference=split_windows,
    cases=[
        Case((_SERIES, 2, 6)),
        Case((_SERIES, 3, 7)),
        Case((_SERIES[:9] * 10, 1, 4)),
    ],
    explanation="Test windows may reach back over the border: by then that past is known.",
    hints=[
        "Make all windows first: series[i - width : i] is followed by series[i].",
        "What decides is the value to predict: training if i < border, test otherwise.",
        "The first i is `width`, so border - width windows belong to the training part.",
    ],
    mistakes=[
        Mistake(
            "cut by number of windows",
            lambda series, width, border: _cut(series, width, border),
            "you put `border` windows into the training part. Window number k predicts "
            "series[k + width], so some of them have targets from the test period: a leak.",
        ),
        Mistake(
            "test starts afresh",
            _two_series,
            "your first test windows are missing. They may reach back into the training period: "
            "when you forecast, that past is known.",
        ),
        Mistake(
            "target inside the window",
            lambda series, width, border: _cut(series, width, border - width, lead=1),
            "your target is the window's own last value, so that the answer can be copied. The "
            "value after the window is asked for.",
        ),
        Mistake(
            "one window too many",
            lambda series, width, border: _cut(series, width, border - width + 1),
            "one training window predicts series[border], the first value of the test period.",
        ),
        Mistake(
            "one window too few",
            lambda series, width, border: _cut(series, width, border - width - 1),
            "your test begins one window early: series[border - 1] still belongs to the training "
            "part.",
        ),
        Mistake(
            "windows first, then values",
            _in_order(0, 2, 1, 3),
            "the four arrays are right, in the order of scikit-learn's train_test_split. Here x "
            "and y of the training come first, then x and y of the test.",
        ),
        Mistake(
            "test first",
            _in_order(2, 3, 0, 1),
            "the four arrays are right, but the test's stand first. The training's come first.",
        ),
        Mistake(
            "last value never predicted",
            lambda series, width, border: split_windows(series[:-1], width, border),
            "the last window is missing: the series' last value is never predicted. Does a range "
            "end one too early?",
        ),
        Mistake(
            "windows turned round",
            _turned_windows,
            "the values to predict are right. Your windows run backwards in time: the oldest value "
            "comes first.",
        ),
        Mistake(
            "targets first",
            _in_order(1, 0, 3, 2),
            "the four arrays are right, but each pair is turned round: windows first, then the "
            "values to predict.",
        ),
        Mistake(
            "window and target",
            _with_target,
            "your windows are one value too long: they hold the value to predict as well.",
        ),
        Mistake(
            "border moved on",
            lambda series, width, border: _cut(series, width, border + width),
            "your training part goes on past the border. It has border - width windows: the first "
            "value to predict is series[width].",
        ),
        Mistake(
            "a gap before the test",
            _with_gap,
            "the last training windows are missing. All whose value to predict stands before the "
            "border belong to the training.",
        ),
        Mistake(
            "one step further ahead",
            _one_ahead,
            "you leave a value out between window and target. series[i - width : i] is followed "
            "by series[i].",
        ),
        Mistake(
            "shuffled before the split",
            _shuffled,
            "you shuffled before the split, so the model trains on what comes after its test. "
            "Split by time.",
        ),
    ],
)

# 6. Open-ended: a memory without training

UNITS, STEPS_WANTED, LONGEST = 24, 17, 40
SIZES_TO_TRY = (0.7, 0.8, 0.9, 0.95, 1.0, 1.05)


@functools.cache
def _signal() -> tuple[np.ndarray, np.ndarray]:
    """Return a random signal of 2200 steps, and the weights by which the units hear it."""
    generator = np.random.default_rng(5)
    return generator.uniform(-1, 1, 2200), 0.1 * generator.normal(size=UNITS)


def remembered_steps(recurrent_kernel: Any) -> int:
    """Return how many steps back the states of an untrained cell still tell the input.

    A random signal runs through a cell of 24 tanh units. For each distance a
    linear model is fitted on 1200 steps; it counts as remembered when the model
    explains at least half of the variance of the input on 800 further steps.

    Args:
        recurrent_kernel: shape (24, 24).

    Returns:
        The largest distance, up to 40, to which everything is remembered.

    Raises:
        ValueError: when it is not 24 x 24 finite numbers.
    """
    weights = np.asarray(recurrent_kernel)
    if weights.shape != (UNITS, UNITS) or weights.dtype.kind not in "iuf":
        raise ValueError(
            f"the recurrent kernel should be {UNITS} x {UNITS} real numbers, "
            f"but is {shorten(recurrent_kernel)}."
        )
    weights = weights.astype(np.float64)
    if not np.isfinite(weights).all():
        raise ValueError("the recurrent kernel should hold finite numbers only.")
    signal, kernel = _signal()
    state, states = np.zeros(UNITS), np.empty((len(signal), UNITS))
    for number, value in enumerate(signal):
        state = states[number] = np.tanh(value * kernel + state @ weights)
    warm_up, border = 200, 1400
    x = np.column_stack([states[warm_up:], np.ones(len(signal) - warm_up)])
    past = np.column_stack(
        [signal[warm_up - back : len(signal) - back] for back in range(1, LONGEST + 1)]
    )
    fit, new = slice(border - warm_up), slice(border - warm_up, None)
    readout = np.linalg.lstsq(x[fit], past[fit], rcond=1e-6)[0]
    unexplained = np.var(past[new] - x[new] @ readout, axis=0) / np.var(past[new], axis=0)
    forgotten = np.flatnonzero(unexplained > 0.5)
    return int(forgotten[0]) if len(forgotten) else LONGEST


ORTHOGONAL, _ = np.linalg.qr(np.random.default_rng(0).normal(size=(UNITS, UNITS)))


def _judge_memory(answer: Any) -> str:
    try:
        steps = remembered_steps(answer)
    except ValueError as error:
        raise Rejected(str(error)) from error
    if steps >= STEPS_WANTED:
        return ""
    weights = np.asarray(answer, dtype=np.float64)
    result = f"it remembers {steps} steps, and {STEPS_WANTED} are wanted."
    radius = float(np.max(np.abs(np.linalg.eigvals(weights))))
    stretch = np.linalg.svd(weights, compute_uv=False)
    if not weights.any():
        return f"{result} With zeros nothing of the old state reaches the new one."
    own = np.diag(np.diag(weights))
    if np.linalg.norm(weights - own) < 0.3 * np.linalg.norm(own):
        little = "only" if not (weights - own).any() else "little but"
        return (
            f"{result} Each unit hears {little} itself, so all of them keep the same kind of "
            "running sum. Let units hear each other, so that they keep different things."
        )
    if np.linalg.matrix_rank(weights, tol=1e-3) < UNITS // 2:
        return (
            f"{result} Its rows are nearly multiples of a few, so most directions of the state "
            "are lost in one step."
        )
    if radius > 1.02:
        return (
            f"{result} Its largest eigenvalue has the size {radius:.2g}: states grow until tanh "
            f"flattens them, and the old is drowned. Scale it down.{_more_to_do(weights, radius)}"
        )
    if radius < 1e-6:
        return (
            f"{result} What goes from unit to unit never comes round again, and fades or ends on "
            "its way. Let it go round."
        )
    even = stretch[0] < 1.05 * stretch[-1]
    if radius < (0.9 if even else 0.7):
        return (
            f"{result} Its largest eigenvalue has the size {radius:.2g}, so that the past shrinks, "
            "in the long run by that factor in every step. Scale it up."
            f"{_more_to_do(weights, radius)}"
        )
    if even:
        different = len(np.unique(np.round(np.linalg.eigvals(weights), 2)))
        return (
            f"{result} It stretches no direction more than another, which is good, but its turns "
            f"repeat: only {different} of its {UNITS} eigenvalues differ, so that old and new come "
            "to lie in the same places."
        )
    return (
        f"{result} It stretches some directions by {stretch[0]:.2g} and others by "
        f"{stretch[-1]:.2g}: what lies in the short ones is gone soon. Which matrices stretch no "
        "direction more than another?"
    )


def _more_to_do(weights: np.ndarray, radius: float) -> str:
    """Say what is left to do when no factor makes a memory of these weights."""
    scaled = max(remembered_steps(size / radius * weights) for size in SIZES_TO_TRY)
    if scaled >= STEPS_WANTED:
        return ""
    stretch = np.linalg.svd(weights, compute_uv=False)
    if stretch[0] < 1.05 * stretch[-1]:
        return f" That alone brings it to about {scaled} steps: look at its turns, too."
    return (
        f" That alone brings it to about {scaled} steps, for it stretches some directions by "
        f"{stretch[0]:.2g} and others by {stretch[-1]:.2g}. Which matrices stretch none more than "
        "another?"
    )


def _gaussian(deviation: float) -> np.ndarray:
    return deviation * np.random.default_rng(1).normal(size=(UNITS, UNITS))


memory = Exercise(
    name="memory",
    question="Build a 24 x 24 recurrent kernel that remembers 17 steps without training.",
    reference=0.97 * ORTHOGONAL,
    accept=_judge_memory,
    explanation="What turns or moves the state on, and shortens no direction, loses little.",
    hints=[
        "A matrix that shrinks forgets, one that stretches drowns the old in the new.",
        "Let it turn the state without changing its length: what kind of matrix does that?",
        "np.linalg.qr of a random matrix gives an orthogonal one. Try factors just below 1.",
    ],
    seconds=20.0,
    solution_text="""
        square = np.random.default_rng(0).normal(size=(24, 24))
        orthogonal, _ = np.linalg.qr(square)
        my_kernel = 0.97 * orthogonal
    """,
    mistakes=[
        Mistake("zeros", np.zeros((UNITS, UNITS)), "nothing of the old state"),
        Mistake("identity", np.eye(UNITS), "Each unit hears only itself"),
        Mistake("all alike", np.full((UNITS, UNITS), 1 / UNITS), "nearly multiples of a few"),
        Mistake("large weights", _gaussian(1.0), "the old is drowned"),
        Mistake("small weights", _gaussian(0.05), "the past shrinks"),
        Mistake("exchanged in pairs", np.eye(UNITS)[::-1], "its turns repeat"),
        Mistake("handed on twice", np.eye(UNITS, k=10), "never comes round again"),
        Mistake("Glorot's size", _gaussian(1 / np.sqrt(UNITS)), "It stretches some directions"),
    ],
)
