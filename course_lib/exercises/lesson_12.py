"""Exercises of lesson 12, long short-term memory."""

import functools
from typing import Any

import numpy as np

from course_lib.exercises.comparison import shorten
from course_lib.exercises.exercise import Case, Exercise, Mistake, Rejected, call
from course_lib.scratch.recurrent import lstm_gates

# 1. Gates set by hand

KEPT, ALLOWED, LARGEST = 30, 0.1, 1_000_000
GATES = np.array([[0, 0, 1, 0], [20, -20, 0, 0], [-10, 10, 0, 0]])


def _marked_numbers() -> tuple[np.ndarray, np.ndarray]:
    """Return numbers and marks, shape (20, 100): marks side by side, and 30 steps between two."""
    generator = np.random.default_rng(12)
    numbers = generator.normal(size=(20, 100)).clip(-2, 2)
    marks = np.zeros((20, 100))
    marks[:10, 0] = 1.0
    marks[:, [8, 9, 11, 19, 20 + KEPT, 21 + 2 * KEPT]] = 1.0
    late = 22 + 2 * KEPT
    marks[:, late:] = generator.random((20, 100 - late)) < 0.2
    return numbers, marks


def _run_cell(weights: np.ndarray) -> tuple[float, np.ndarray]:
    """Return how far the cell is off at most, and what its gates and its candidate are."""
    numbers, marks = _marked_numbers()
    sums = numbers[..., np.newaxis] * weights[0] + marks[..., np.newaxis] * weights[1] + weights[2]
    gates = np.array([one[..., 0] for one in lstm_gates(sums)])
    write, keep, candidate, _ = gates
    cell, wanted = np.zeros(len(numbers)), np.zeros(len(numbers))
    errors = []
    for step in range(numbers.shape[1]):
        cell = keep[:, step] * cell + write[:, step] * candidate[:, step]
        wanted = np.where(marks[:, step] == 1, np.tanh(numbers[:, step]), wanted)
        errors.append(np.abs(cell - wanted))
    return float(np.max(errors)), gates


def _judge_gates(answer: Any) -> str:
    weights = _gate_weights(answer)
    error, (write, keep, candidate, _) = _run_cell(weights)
    if error <= ALLOWED:
        return ""
    numbers, marks = _marked_numbers()
    marked = marks == 1
    result = f"on new sequences the cell is off by up to {error:.2g}."
    written, kept = write[marked].mean(), keep[marked].mean()
    leaks, lasts = write[~marked].mean(), keep[~marked].mean()
    if written < 0.5 < leaks and lasts < 0.5 < kept:
        return (
            f"{result} With a mark your input gate closes and your forget gate opens, without one "
            "it is the other way round. Look at the order of the columns, and at the signs."
        )
    if not weights[0, 2]:
        elsewhere = [place for place in (0, 1, 3) if weights[0, place]]
        if elsewhere:
            gate = {0: "first column, which is the input", 1: "second column, which is the forget"}
            return (
                f"{result} The number has a weight in the "
                f"{gate.get(elsewhere[0], 'last column, which is the output')} gate. "
                "The candidate's column is the third."
            )
        return f"{result} The candidate does not hear the number: its weight in column 3 is 0."
    deaf = weights.copy()
    deaf[0, :2] = 0
    if weights[0, :2].any() and _run_cell(deaf)[0] <= ALLOWED:
        return (
            f"{result} The number has a weight in the input or the forget gate, so that they open "
            "and close with it. They should hear the mark alone."
        )
    if written < 0.9:
        return (
            f"{result} With a mark your input gate is at {written:.2f} on average: that share of "
            "the number is written, no more."
        )
    if leaks > 0.1:
        return (
            f"{result} Without a mark your input gate is still at {leaks:.2f} on average: numbers "
            "that have no mark are written, too."
        )
    if lasts < 0.9:
        return (
            f"{result} Without a mark your forget gate is at {lasts:.2f} on average. That is what "
            "is left after one step, and after thirty next to nothing."
        )
    if kept > 0.1:
        return (
            f"{result} With a mark your forget gate is at {kept:.2f} on average, so the old number "
            "stays, and the new one is added to it."
        )
    apart = np.abs(candidate - np.tanh(numbers)) * marked
    if apart.max() > 0.05:
        place = np.unravel_index(apart.argmax(), apart.shape)
        return (
            f"{result} With a mark and the number {numbers[place]:.2f} your candidate is "
            f"{candidate[place]:.2f}, and the tanh of that number {np.tanh(numbers[place]):.2f}."
        )
    return (
        f"{result} Your gates lean the right way, not firmly enough for thirty steps: with a mark "
        f"input {written:.3f} and forget {kept:.3f}, without one {leaks:.3f} and {lasts:.3f}, on "
        "average. Larger weights and biases bring them closer to 0 and 1."
    )


def _gate_weights(answer: Any) -> np.ndarray:
    try:
        weights = np.asarray(answer)
        if weights.shape != (3, 4) or weights.dtype.kind not in "biuf":
            raise ValueError
    except Exception as error:
        raise Rejected(
            "your weights should be real numbers in three rows (number, mark, bias) and four "
            f"columns, but are {shorten(answer)}."
        ) from error
    if not (np.abs(weights) <= LARGEST).all():
        raise Rejected(f"your weights should lie between -{LARGEST:,} and {LARGEST:,}.")
    return weights.astype(np.float64)


def _gates(
    i: tuple[float, float] = (20, -10),
    f: tuple[float, float] = (-20, 10),
    g: tuple[float, float, float] = (1, 0, 0),
) -> np.ndarray:
    """Return the weights with another gate: (mark, bias), or (number, mark, bias)."""
    return np.array([[0, 0, g[0], 0], [i[0], f[0], g[1], 0], [i[1], f[1], g[2], 0]])


marked_number = Exercise(
    name="marked_number",
    question="Set the weights of an LSTM of one unit, so that its cell keeps the last marked "
    "number.",
    reference=GATES,
    accept=_judge_gates,
    explanation="The lesson's task without training: the mark opens one gate and closes the other.",
    hints=[
        "Without a mark the cell should stay as it is: which gate is open, and which is closed? "
        "And with one? The biases say the first, the weights of the mark turn it round.",
        "A bias of 10 opens a gate to 0.99995, one of -10 closes it. A mark of weight 20 or -20 "
        "turns that round.",
        "The candidate hears the number alone, with a weight of 1, and the output gate may do "
        "what it likes. The columns are input, forget, candidate, output.",
    ],
    solution_text="""
        my_weights = [
            [0, 0, 1, 0],  # from the number
            [20, -20, 0, 0],  # from the mark
            [-10, 10, 0, 0],  # the bias
        ]
    """,
    mistakes=[
        Mistake(
            "input and forget gate swapped",
            GATES[:, [1, 0, 2, 3]],
            "without one it is the other way round",
        ),
        Mistake("candidate last", GATES[:, [0, 1, 3, 2]], "which is the output gate"),
        Mistake("candidate deaf", _gates(g=(0, 0, 0)), "does not hear the number"),
        Mistake("never written", _gates(i=(0, -10)), "that share of the number is written"),
        Mistake("always written", _gates(i=(0, 10)), "numbers that have no mark are written"),
        Mistake("forget bias 0", _gates(f=(-10, 0)), "after thirty next to nothing"),
        Mistake("old number added to", _gates(f=(0, 10)), "and the new one is added to it"),
        Mistake("mark in the candidate", _gates(g=(1, 1, 0)), "and the tanh of that number"),
        Mistake(
            "number in the gates",
            [[5, 5, 1, 0], [20, -20, 0, 0], [-10, 10, 0, 0]],
            "They should hear the mark alone",
        ),
        Mistake("candidate second", GATES[:, [0, 2, 1, 3]], "which is the forget gate"),
        Mistake(
            "gates half open", _gates((8, -4), (-8, 4)), "lean the right way, not firmly enough"
        ),
    ],
)

# 2. Counting parameters


def count_parameters(features, units):  # type: ignore[no-untyped-def]
    return 4 * (features * units + units * units + units)


lstm_parameters = Exercise(
    name="lstm_parameters",
    question="Return the number of parameters of a Keras LSTM layer.",
    reference=count_parameters,
    cases=[Case((1, 1)), Case((5, 16)), Case((11, 32)), Case((64, 8))],
    explanation="Linear in the features and quadratic in the units: twice as many units cost "
    "nearly four times as much.",
    hints=[
        "Each of the four parts is a dense layer. What are its inputs?",
        "A part sees the features and the state, so features + units inputs, and has a bias for "
        "each unit.",
    ],
    mistakes=[
        Mistake(
            "three gates",
            lambda features, units: 3 * (features * units + units * units + units),
            "you counted three parts. There are four: three gates, and the candidate, which has "
            "weights of its own, too.",
        ),
        Mistake(
            "no state",
            lambda features, units: 4 * (features * units + units),
            "the weights from the state are missing: every unit sees every unit's last state.",
        ),
        Mistake(
            "no bias",
            lambda features, units: 4 * (features * units + units * units),
            "the weights are all there, the biases are not: one for each unit of each part.",
        ),
        Mistake(
            "two biases",
            lambda features, units: 4 * (features * units + units * units + 2 * units),
            "that is the count of a layer with two biases, as in PyTorch. Keras's LSTM has one.",
        ),
        Mistake(
            "features squared",
            lambda features, units: 4 * (features * features + units * units + units),
            "features times features is no layer: a weight leads from each feature to each unit.",
        ),
        Mistake(
            "one part",
            lambda features, units: features * units + units * units + units,
            "that is one part, a simple recurrent layer. The LSTM has four of them.",
        ),
        Mistake(
            "one bias for all parts",
            lambda features, units: 4 * (features * units + units * units) + units,
            "you counted the biases of one part. Each of the four parts has its own.",
        ),
        Mistake(
            "one part hears the state",
            lambda features, units: 4 * (features * units + units) + units * units,
            "you counted the weights from the state once. Each of the four parts hears the state.",
        ),
        Mistake(
            "each unit hears only itself",
            lambda features, units: 4 * (features * units + units + units),
            "you counted one weight from the state for each unit. Every unit hears the last state "
            "of all units.",
        ),
        Mistake(
            "one bias for a part",
            lambda features, units: 4 * (features * units + units * units + 1),
            "you counted one bias for each part. Each unit of each part has its own.",
        ),
        Mistake(
            "inputs and units together squared",
            lambda features, units: 4 * ((features + units) ** 2 + units),
            "a part reads features and state, and gives units numbers: (features + units) * units "
            "weights, and no square of the sum.",
        ),
        Mistake(
            "weights from the features alone",
            lambda features, units: 4 * features * units,
            "those are the weights from the features. The weights from the state and the biases "
            "are missing.",
        ),
        Mistake(
            "biases for the features",
            lambda features, units: 4 * (features * units + units * units + features),
            "the weights are right. The biases belong to the units, and not to the features.",
        ),
    ],
)

# 3. Windows with a horizon


def make_windows(series, length, horizon):  # type: ignore[no-untyped-def]
    starts = range(len(series) - length - horizon + 1)
    inputs = np.array([series[s : s + length] for s in starts])
    targets = np.array([series[s + length : s + length + horizon] for s in starts])
    return inputs, targets


def _windows(series, length, horizon, shift=0, lost=0):  # type: ignore[no-untyped-def]
    starts = range(len(series) - length - horizon - max(shift, 0) + 1 - lost)
    first = [s + length + shift for s in starts]
    inputs = np.array([series[s : s + length] for s in starts])
    return inputs, np.array([series[s : s + horizon] for s in first])


def _own_target(series, length, horizon):  # type: ignore[no-untyped-def]
    inputs, targets = make_windows(series, length, horizon)
    return inputs, targets[:, -1:]


def _no_overlap(series, length, horizon):  # type: ignore[no-untyped-def]
    inputs, targets = make_windows(series, length, horizon)
    return inputs[:: length + horizon], targets[:: length + horizon]


def _every(series, length, horizon, step):  # type: ignore[no-untyped-def]
    inputs, targets = make_windows(series, length, horizon)
    return inputs[::step], targets[::step]


def _series(seed: int, count: int) -> np.ndarray:
    return np.round(np.random.default_rng(seed).normal(size=count), 2)


windows_ahead = Exercise(
    name="windows_ahead",
    question="Return the inputs, shape (n, length), and the targets, shape (n, horizon), of all "
    "windows.",
    reference=make_windows,
    cases=[
        Case((_series(1, 8), 3, 2), "8 values, length 3, horizon 2"),
        Case((_series(2, 12), 2, 4), "12 values, length 2, horizon 4"),
        Case((_series(3, 20), 5, 3), "20 values, length 5, horizon 3"),
    ],
    explanation="The first target follows the last input; the last window ends with the series.",
    hints=[
        "A window that starts at s has the inputs series[s : s + length].",
        "Its targets begin where the inputs end: series[s + length : s + length + horizon].",
        "The last start is len(series) - length - horizon, and range leaves its end out.",
    ],
    mistakes=[
        Mistake(
            "target among the inputs",
            lambda series, length, horizon: _windows(series, length, horizon, shift=-1),
            "the first target is the last input: a leak. A model that copies it looks clever.",
        ),
        Mistake(
            "one step skipped",
            lambda series, length, horizon: _windows(series, length, horizon, shift=1),
            "you left one step out between inputs and targets. A slice does not contain its end, "
            "so the targets begin at s + length.",
        ),
        Mistake(
            "last window lost",
            lambda series, length, horizon: _windows(series, length, horizon, lost=1),
            "the last window is missing: there are len(series) - length - horizon + 1 of them.",
        ),
        Mistake(
            "only the last step",
            _own_target,
            "you kept only the last step of the horizon. All of them are wanted.",
        ),
        Mistake(
            "windows side by side",
            _no_overlap,
            "your windows do not overlap. Move on by one step each time, not by a whole window.",
        ),
        Mistake(
            "inputs side by side",
            lambda series, length, horizon: _every(series, length, horizon, length),
            "each of your windows begins where the inputs of the one before end. Begin one at "
            "every step: move on by one, not by length.",
        ),
        Mistake(
            "targets side by side",
            lambda series, length, horizon: _every(series, length, horizon, horizon),
            "you move on by the horizon, so that targets do not overlap. Begin a window at every "
            "step.",
        ),
        Mistake(
            "only the last step, flat",
            lambda series, length, horizon: (
                make_windows(series, length, horizon)[0],
                make_windows(series, length, horizon)[1][:, -1],
            ),
            "your targets hold one number a window, the last of its horizon. They should hold all "
            "of its steps, in the shape (n, horizon).",
        ),
        Mistake(
            "only the first step, flat",
            lambda series, length, horizon: (
                make_windows(series, length, horizon)[0],
                make_windows(series, length, horizon)[1][:, 0],
            ),
            "your targets hold one number a window, the first after its inputs. They should hold "
            "all steps of the horizon, in the shape (n, horizon).",
        ),
        Mistake(
            "first window lost",
            lambda series, length, horizon: tuple(
                part[1:] for part in make_windows(series, length, horizon)
            ),
            "the first window is missing: it begins with the series, at s = 0.",
        ),
        Mistake(
            "inputs among the targets",
            lambda series, length, horizon: (
                make_windows(series, length, horizon)[0],
                np.hstack(make_windows(series, length, horizon)),
            ),
            "your targets hold the inputs as well. They begin where the inputs end, at s + length.",
        ),
        Mistake(
            "two windows lost",
            lambda series, length, horizon: tuple(
                part[:-2] for part in make_windows(series, length, horizon)
            ),
            "the last two windows are missing. The last start is len(series) - length - horizon, "
            "and range leaves its end out.",
        ),
        Mistake(
            "horizon one too long",
            lambda series, length, horizon: make_windows(series, length, horizon + 1),
            "your targets are one step too long. A slice from a to a + horizon has horizon "
            "entries.",
        ),
    ],
)

# 4. The seasonal-naive forecast


def repeat_season(history, period, horizon):  # type: ignore[no-untyped-def]
    season = history[-period:]
    return season[np.arange(horizon) % period]


seasonal_naive = Exercise(
    name="seasonal_naive",
    question="Return the seasonal-naive forecast of the next horizon values.",
    reference=repeat_season,
    cases=[
        Case((np.array([1.0, 5, 3, 2, 6, 4]), 3, 3), "six values of period 3, three ahead"),
        Case((np.array([9.0, 1, 5, 3, 2, 6, 4]), 3, 7), "seven values of period 3, seven ahead"),
        Case((_series(4, 11), 4, 2), "eleven values of period 4, two ahead"),
    ],
    explanation="Two lines that many a published forecast does not beat.",
    hints=[
        "What was one period earlier? Take the last period values: history[-period:].",
        "The horizon may be longer or shorter than a period: begin again, or stop early. "
        "np.arange(horizon) % period counts 0, 1, 2, 0, 1, 2, ...",
    ],
    mistakes=[
        Mistake(
            "persistence",
            lambda history, period, horizon: np.full(horizon, history[-1]),
            "you repeat the last value: that is persistence, which knows no season.",
        ),
        Mistake(
            "the first season",
            lambda history, period, horizon: history[np.arange(horizon) % period],
            "you repeat the first period of the history. The latest one is wanted.",
        ),
        Mistake(
            "the last values",
            lambda history, period, horizon: np.resize(history[-horizon:], horizon),
            "you took as many last values as the horizon is long, so that the season is out of "
            "step. Go back by period.",
        ),
        Mistake(
            "backwards",
            lambda history, period, horizon: repeat_season(history, period, horizon)[::-1],
            "the forecast runs backwards: its first value is the one a period before.",
        ),
        Mistake(
            "not begun again",
            lambda history, period, horizon: history[-period:][:horizon],
            "your forecast ends with the season. Where the horizon is longer, begin again.",
        ),
        Mistake(
            "ends before it begins",
            lambda history, period, horizon: history[-period : -period + horizon],
            "history[-period:-period + horizon] is empty where both are equal, and ends with the "
            "season where the horizon is longer. Take the season first, then repeat it.",
        ),
        Mistake(
            "whole seasons",
            lambda history, period, horizon: np.tile(history[-period:], -(-horizon // period)),
            "you return whole seasons. Cut them to the horizon.",
        ),
        Mistake(
            "too few seasons",
            lambda history, period, horizon: np.tile(history[-period:], horizon // period),
            "horizon // period leaves out what is less than a whole season. Round up, then cut.",
        ),
        Mistake(
            "only whole seasons",
            lambda history, period, horizon: np.tile(history[-period:], max(1, horizon // period))[
                :horizon
            ],
            "your forecast ends with a whole season. Where the horizon is longer and no multiple "
            "of the period, the beginning of one more is missing: round the number of repetitions "
            "up.",
        ),
        Mistake(
            "the first season, in phase",
            lambda history, period, horizon: history[(len(history) + np.arange(horizon)) % period],
            "you repeat the first season of the history. The last one is nearer to what comes: "
            "history[-period:].",
        ),
        Mistake(
            "one step early",
            lambda history, period, horizon: repeat_season(history[:-1], period, horizon),
            "your season is one step early: it should end with the last value of the history.",
        ),
        Mistake(
            "mean season",
            lambda history, period, horizon: np.array(
                [history[::-1][(period - 1 - h) % period :: period].mean() for h in range(horizon)]
            ),
            "you averaged over all seasons. That is a good forecast too, and not the naive one, "
            "which takes the last season only.",
        ),
        Mistake(
            "mean of the last season",
            lambda history, period, horizon: np.full(horizon, history[-period:].mean()),
            "you forecast the mean of the last season for every step, so that no season is left. "
            "Repeat its values.",
        ),
        Mistake(
            "mean of all",
            lambda history, period, horizon: np.full(horizon, history.mean()),
            "you forecast the mean of the whole history, which knows no season.",
        ),
        Mistake(
            "each value repeated",
            lambda history, period, horizon: np.repeat(history[-period:], -(-horizon // period))[
                :horizon
            ],
            "where the horizon is longer than a season, np.repeat says each value several times "
            "in a row. np.tile repeats the season as a whole.",
        ),
        Mistake(
            "one step late",
            lambda history, period, horizon: np.roll(history[-period:], -1)[
                np.arange(horizon) % period
            ],
            "you begin with the second value of the last season. The next value repeats its first.",
        ),
        Mistake(
            "begins with the last value",
            lambda history, period, horizon: np.roll(history[-period:], 1)[
                np.arange(horizon) % period
            ],
            "you begin with the last value. The next value is like the one a period before it, the "
            "first of the last season.",
        ),
        Mistake(
            "mirrored",
            lambda history, period, horizon: history[::-1][np.arange(horizon) % period],
            "you go back through the season from its end. It runs forward: begin with the value a "
            "period before.",
        ),
        Mistake(
            "stays at the end of the season",
            lambda history, period, horizon: history[-period:][
                np.minimum(np.arange(horizon), period - 1)
            ],
            "right for one season. Afterwards you stay at its last value: begin again.",
        ),
    ],
)

# 5. The width of an interval


def conformal_half_width(residuals, level):  # type: ignore[no-untyped-def]
    sizes = np.sort(np.abs(residuals))
    rank = int(np.ceil((len(sizes) + 1) * level))
    return sizes[rank - 1]


# Half of a normal distribution's middle share, in deviations.
_NORMAL = {0.9: 1.64485, 0.8: 1.28155, 0.6: 0.84162, 0.5: 0.67449, 0.2: 0.25335}


def _size_of_rank(residuals: np.ndarray, rank: float) -> float:
    sizes = np.sort(np.abs(residuals))
    return float(sizes[min(max(int(rank), 1), len(sizes)) - 1])


half_width = Exercise(
    name="half_width",
    question="Return the half-width of a conformal interval from residuals on validation data.",
    reference=conformal_half_width,
    cases=[
        Case((_series(5, 19), 0.9), "19 residuals, level 0.9"),
        Case((3 + _series(6, 42), 0.8), "42 residuals around 3, level 0.8"),
        Case((_series(7, 9) - 1, 0.5), "9 residuals around -1, level 0.5"),
        Case((_series(8, 12), 0.6), "12 residuals, level 0.6"),
        Case((_series(9, 16), 0.2), "16 residuals, level 0.2"),
    ],
    # Sizes have two digits, so nothing wrong is that near, and a normal quantile may have three.
    tolerance=1e-3,
    explanation="If tomorrow's error is like these, it is as likely to have any rank among them: "
    "hence n + 1.",
    hints=[
        "An interval forecast +- width fails where the size of the error is larger than width.",
        "Sort the sizes. With the new error there are n + 1 of them, and it should be among the "
        "smallest level * (n + 1).",
        "rank = ceil((n + 1) * level), and the answer is the size of that rank, counted from 1.",
    ],
    mistakes=[
        Mistake(
            "sign kept",
            lambda residuals, level: np.sort(residuals)[
                int(np.ceil((len(residuals) + 1) * level)) - 1
            ],
            "you sorted the residuals with their signs. An error counts on both sides: take "
            "absolute values first.",
        ),
        Mistake(
            "a normal distribution",
            lambda residuals, level: _NORMAL[level] * np.std(residuals),
            "you multiply the deviation by a quantile of the normal distribution, which is right "
            "for normal errors around zero. The ranks of the errors need no such belief.",
        ),
        Mistake(
            "plain quantile",
            lambda residuals, level: np.quantile(np.abs(residuals), level),
            "np.quantile interpolates among the n errors that you have, and comes out a little "
            "too narrow for the next one. Use the rank ceil((n + 1) * level).",
        ),
        Mistake(
            "without the new one",
            lambda residuals, level: np.sort(np.abs(residuals))[
                int(np.ceil(len(residuals) * level)) - 1
            ],
            "your rank comes out of the n errors that you have, as in ceil(n * level). The new one "
            "is one more, so that there are n + 1 places for it: ceil((n + 1) * level).",
        ),
        Mistake(
            "counted from zero",
            lambda residuals, level: np.sort(np.abs(residuals))[
                min(int(np.ceil((len(residuals) + 1) * level)), len(residuals) - 1)
            ],
            "you are one rank too high: Python counts from 0, ranks count from 1.",
        ),
        Mistake(
            "the whole width",
            lambda residuals, level: 2 * conformal_half_width(residuals, level),
            "that is the whole width of the interval. The half on either side is asked for.",
        ),
        Mistake(
            "1.96 deviations",
            lambda residuals, level: 1.96 * np.std(residuals),
            "1.96 deviations hold 95 % of normal errors around zero, whatever level is asked for. "
            "Use the ranks of the errors that you have.",
        ),
        Mistake(
            "rank rounded down",
            lambda residuals, level: np.sort(np.abs(residuals))[
                int((len(residuals) + 1) * level) - 1
            ],
            "right where (n + 1) * level is whole. Elsewhere round the rank up: rounded down, the "
            "interval holds less than it promises.",
        ),
        Mistake(
            "sorted downwards",
            lambda residuals, level: np.sort(np.abs(residuals))[::-1][
                int(np.ceil((len(residuals) + 1) * level)) - 1
            ],
            "your sizes run downwards, from the largest. Count the rank from the smallest.",
        ),
        Mistake(
            "around their mean",
            lambda residuals, level: conformal_half_width(residuals - np.mean(residuals), level),
            "you took the mean off the residuals first. The interval lies around the forecast as "
            "it is, so a forecast that is always off pays for it by its width.",
        ),
        Mistake(
            "a normal distribution, with n - 1",
            lambda residuals, level: _NORMAL[level] * np.std(residuals, ddof=1),
            "that would hold for normal errors around zero (a deviation, with n - 1, times a "
            "quantile of the normal distribution). Ranks need no such belief.",
        ),
        Mistake(
            "rank rounded to the nearest",
            lambda residuals, level: _size_of_rank(residuals, round((len(residuals) + 1) * level)),
            "you rounded the rank to the nearest whole number. Round it up, or the interval holds "
            "less than it promises.",
        ),
        Mistake(
            "not sorted",
            lambda residuals, level: np.abs(residuals)[
                int(np.ceil((len(residuals) + 1) * level)) - 1
            ],
            "the place is right, but the sizes are not sorted. A rank counts from the smallest.",
        ),
        Mistake(
            "level of both tails",
            lambda residuals, level: _size_of_rank(
                residuals, np.ceil((len(residuals) + 1) * (1 + level) / 2)
            ),
            "you left half of the failures to each side, as with signed errors. Absolute values "
            "hold both sides already: use the level as it is.",
        ),
        Mistake(
            "the other share",
            lambda residuals, level: _size_of_rank(
                residuals, np.ceil((len(residuals) + 1) * (1 - level))
            ),
            "you used 1 - level. The level is the share of errors that the interval should hold.",
        ),
        Mistake(
            "the largest",
            lambda residuals, level: np.max(np.abs(residuals)),
            "you took the largest error. That holds them all, whatever level is asked for.",
        ),
        Mistake(
            "one deviation",
            lambda residuals, level: np.std(residuals),
            "that is the deviation, and no level enters. Which rank has the size that is asked "
            "for?",
        ),
        Mistake(
            "mean size",
            lambda residuals, level: np.mean(np.abs(residuals)),
            "that is the mean size of the errors, and no level enters. Which rank has the size "
            "that is asked for?",
        ),
        Mistake(
            "half the way between two quantiles",
            lambda residuals, level: (
                (np.quantile(residuals, (1 + level) / 2) - np.quantile(residuals, (1 - level) / 2))
                / 2
            ),
            "you took half the distance between two quantiles of the signed errors, which "
            "forgets where they lie. Use the sizes, without signs.",
        ),
    ],
)

# 6. Open-ended: a forecast without a network

ERROR_WANTED, TOO_FAR = 0.21, 2
FIRST_DAY, DAYS, HISTORY = 299, 365, 14


@functools.cache
def _days() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    from course_lib import datasets

    table = datasets.electricity_demand()
    names = ("demand", "temperature", "workday")
    demand, temperature, workday = (table[name].to_numpy().reshape(DAYS, -1) for name in names)
    return demand, temperature, workday


def error_of_rule(rule: Any, days: range = range(FIRST_DAY, DAYS)) -> float:
    """Return the mean absolute error, in GW, of a rule on some days of 2014.

    Args:
        rule: a function of demand, shape (14, 48), of the last fourteen days,
            and temperature and workday, shape (15, 48), of these days and
            tomorrow, which returns tomorrow's demand, shape (48,).
        days: those to forecast, counted from 0, none before 14; by default
            the test days, from 27 October on.

    Raises:
        Rejected: when it does not return 48 finite numbers.
    """
    demand, temperature, workday = _days()
    errors = []
    for day in days:
        past, known = slice(day - HISTORY, day), slice(day - HISTORY, day + 1)
        case = Case((demand[past], temperature[known], workday[known]), "one of the days")
        errors.append(np.mean(np.abs(_forecast(rule, case) - demand[day])))
    return float(np.mean(errors))


def error_on_earlier_days(rule: Any) -> float:
    """Return a rule's mean absolute error, in GW, from 15 January to 19 October.

    To find its numbers on; the week before the test days is left out.

    Args:
        rule: as for `error_of_rule`.

    Raises:
        Rejected: when it does not return 48 finite numbers.
    """
    return error_of_rule(rule, range(HISTORY, FIRST_DAY - 7))


def _forecast(rule: Any, case: Case) -> np.ndarray:
    answer = call(rule, case)
    try:
        forecast = np.asarray(answer)
        if forecast.dtype.kind not in "iuf" or forecast.shape != (48,):
            raise ValueError
    except ValueError as error:
        raise Rejected(
            "your rule should return 48 real numbers for each day, one for each half hour."
        ) from error
    if not np.isfinite(forecast).all():
        raise Rejected("your rule should return finite numbers only.")
    return forecast.astype(np.float64)


def forecast_by_rule(demand, temperature, workday):  # type: ignore[no-untyped-def]
    def load(degrees):  # type: ignore[no-untyped-def]
        return 0.07 * np.maximum(degrees - 20, 0) + 0.03 * np.maximum(15 - degrees, 0)

    alike = np.flatnonzero(workday[:-1, 0] == workday[-1, 0])[-4:]
    return np.mean(demand[alike] - load(temperature[alike]), axis=0) + load(temperature[-1])


def _days_alike(demand, temperature, workday):  # type: ignore[no-untyped-def]
    return demand[workday[:-1, 0] == workday[-1, 0]].mean(axis=0)


def _kinds_shifted(demand, temperature, workday):  # type: ignore[no-untyped-def]
    return demand[workday[1:, 0] == workday[-1, 0]].mean(axis=0)


def _judge_rule(answer: Any) -> str:
    error = error_of_rule(answer)
    if error <= ERROR_WANTED:
        return ""
    result = f"on the test days it is off by more than {ERROR_WANTED} GW."
    demand, temperature, workday = _days()
    past, known = slice(FIRST_DAY - HISTORY, FIRST_DAY), slice(FIRST_DAY - HISTORY, FIRST_DAY + 1)
    arguments = demand[past], temperature[known], workday[known]
    today = _forecast(answer, Case(arguments, "a day"))
    other = _forecast(answer, Case((arguments[0], arguments[1], 1 - arguments[2]), "a day"))
    tomorrow = np.concatenate([arguments[2][:-1], 1 - arguments[2][-1:]])
    turned = _forecast(answer, Case((arguments[0], arguments[1], tomorrow), "a day"))
    hotter = np.concatenate([arguments[1][:-1], 35 + 0 * arguments[1][-1:]])
    hot = _forecast(answer, Case((arguments[0], hotter, arguments[2]), "a day"))
    moved = arguments[0] + 1.0
    moved[[-7, -14]] -= 1.0
    same = _forecast(answer, Case((moved, arguments[1], arguments[2]), "a day"))
    weekday = np.allclose(today, same)
    other_past = _forecast(answer, Case((arguments[0] + 1.0, *arguments[1:]), "a day"))
    colder = np.concatenate([arguments[1][:-1], 0 * arguments[1][-1:]])
    cold = _forecast(answer, Case((arguments[0], colder, arguments[2]), "a day"))
    heating = ""
    if cold.mean() < today.mean() < hot.mean():
        heating = (
            " And a cold day gets less from it than a mild one, though people heat: cold costs "
            "power as well."
        )
    if error > TOO_FAR:
        return f"{result} By more than {TOO_FAR} GW, even: demand lies between 3 and 9.3 GW."
    if np.ptp(today) < 1e-6:
        return f"{result} It says the same for every half hour, but a day has its shape."
    if np.allclose(today, other_past):
        return (
            f"{result} It does not look at the demand of the past days, which says most about "
            "tomorrow's."
        )
    if np.allclose(today, turned) and np.allclose(today, other) and not weekday:
        days = _days_that_count(answer, arguments)
        if len(days) == 1:
            return (
                f"{result} It does not look at the working days, and goes by the demand of one "
                f"past day alone, demand[{days[0] - HISTORY}], of whatever kind it is. Use several "
                f"past days of tomorrow's kind.{heating}"
            )
        return (
            f"{result} It does not look at the working days, and mixes them with days off. Use "
            f"the days of tomorrow's kind.{heating}"
        )
    if np.allclose(today, hot) and weekday:
        return (
            f"{result} The same day of last week is of the right kind, holidays apart, but had "
            "its own weather. The temperature is known for it and for tomorrow: what does a "
            "degree cost? And several days of tomorrow's kind err less than one."
        )
    unlike = arguments[0] + (arguments[2][:-1, :1] != arguments[2][-1, 0])
    mixed = _forecast(answer, Case((unlike, *arguments[1:]), "a day"))
    if np.allclose(today, hot) and not np.allclose(today, mixed):
        return (
            f"{result} Days that are not of tomorrow's kind enter it. Keep to the others: "
            "workday[:-1] is the kind of the past days, in the order of demand, and workday[-1] "
            "that of tomorrow."
        )
    if np.allclose(today, hot):
        return (
            f"{result} It knows the kind of day and not the temperature, which is known for the "
            "past days and for tomorrow. What does a degree above 20 cost, and one below 15?"
        )
    if hot.mean() < today.mean():
        return (
            f"{result} On a hot day it forecasts less demand, not more: here the air "
            "conditioning counts. Look at the sign of your temperature term."
        )
    if all(np.allclose(today, one) for one in _with_other_past_weather(answer, arguments)):
        return (
            f"{result} It adds what tomorrow's temperature costs, and does not look at that of "
            "the past days, whose demand holds such a cost already. Take it off each of them "
            f"before you average.{heating}"
        )
    return (
        f"{result} It uses the temperature, perhaps in too large or too small a measure, or for "
        "too few days. Take the effect off several past days before you average, then put "
        f"tomorrow's on, and try your numbers on earlier days.{heating}"
    )


def _days_that_count(rule: Any, arguments: tuple[Any, ...]) -> list[int]:
    """Return the past days whose demand changes what a rule forecasts."""
    demand, temperature, workday = arguments
    today, days = _forecast(rule, Case(arguments, "a day")), []
    for day in range(HISTORY):
        other = demand.copy()
        other[day] += 1.0
        if not np.allclose(today, _forecast(rule, Case((other, temperature, workday), "a day"))):
            days.append(day)
    return days


def _with_other_past_weather(rule: Any, arguments: tuple[Any, ...]) -> list[np.ndarray]:
    """Return what a rule forecasts after other weather, tomorrow's being the same."""
    demand, temperature, workday = arguments
    forecasts = []
    # The last of them: a different temperature on each day.
    for degrees in (35.0, 18.0, 0.0, 2.5 * np.arange(HISTORY)[:, np.newaxis]):
        other = temperature.copy()
        other[:-1] = degrees
        forecasts.append(_forecast(rule, Case((demand, other, workday), "a day")))
    return forecasts


def _temperature_too_strong(demand, temperature, workday):  # type: ignore[no-untyped-def]
    def load(degrees):  # type: ignore[no-untyped-def]
        return 0.3 * np.maximum(degrees - 20, 0) + 0.1 * np.maximum(15 - degrees, 0)

    return _days_alike(demand - load(temperature[:-1]), temperature, workday) + load(
        temperature[-1]
    )


def _temperature_of_tomorrow(demand, temperature, workday):  # type: ignore[no-untyped-def]
    degrees = temperature[-1]
    load = 0.07 * np.maximum(degrees - 20, 0) + 0.03 * np.maximum(15 - degrees, 0)
    return _days_alike(demand, temperature, workday) + load


def _temperature_turned(demand, temperature, workday):  # type: ignore[no-untyped-def]
    base = _days_alike(demand, temperature, workday)
    return base - 0.05 * np.maximum(temperature[-1] - 20, 0)


rule_of_thumb = Exercise(
    name="rule_of_thumb",
    question="Forecast tomorrow's demand without a network, to 0.21 GW on the test days.",
    reference=forecast_by_rule,
    accept=_judge_rule,
    explanation="A rule that fits on a card. What a network adds has to be measured from here.",
    hints=[
        "Average the past days of tomorrow's kind: workday[:-1, 0] == workday[-1, 0].",
        "Then the weather. Say that each degree above 20 costs a GW, and each below 15 b GW. Find "
        "a and b with error_on_earlier_days.",
        "Take that effect off each past day, average, and add tomorrow's. Around 0.07 and 0.03 GW "
        "a degree will do.",
    ],
    seconds=20.0,
    mistakes=[
        Mistake(
            "last value",
            lambda demand, temperature, workday: np.full(48, demand[-1, -1]),
            "the same for every half hour",
        ),
        Mistake(
            "yesterday",
            lambda demand, temperature, workday: demand[-1],
            "does not look at the working days",
        ),
        Mistake(
            "last week",
            lambda demand, temperature, workday: demand[-7],
            "The same day of last week",
        ),
        Mistake(
            "in MW",
            lambda demand, temperature, workday: 1000 * demand[-7],
            "demand lies between 3 and 9.3 GW",
        ),
        Mistake(
            "weather alone",
            lambda demand, temperature, workday: 4 + 0.05 * np.maximum(temperature[-1] - 15, 0),
            "does not look at the demand of the past",
        ),
        Mistake("days of the same kind", _days_alike, "and not the temperature, which"),
        Mistake("kinds of the days after", _kinds_shifted, "not of tomorrow's kind enter it"),
        Mistake("temperature turned round", _temperature_turned, "forecasts less demand"),
        Mistake("tomorrow's weather alone", _temperature_of_tomorrow, "does not look at that of"),
        Mistake("temperature too strong", _temperature_too_strong, "too large or too small"),
    ],
)
