"""Answers to the exercises of lesson 12, written without sight of what the checks know."""

import math

import numpy as np
import pandas as pd

# seasonal_naive -----------------------------------------------------------------------------


def season_uncut(history, period, horizon):
    return np.tile(history[-period:], math.ceil(horizon / period))


def season_last_values(history, period, horizon):
    return np.resize(history[-horizon:], horizon)


def season_one_early(history, period, horizon):
    season = history[-period - 1 : -1]
    return season[np.arange(horizon) % len(season)]


def season_loop(history, period, horizon):
    values = [float(value) for value in history]
    for _ in range(horizon):
        values.append(values[-period])
    return values[len(history) :]


# rule_of_thumb ------------------------------------------------------------------------------


def load_of(degrees):
    return 0.07 * np.maximum(degrees - 20, 0) + 0.03 * np.maximum(15 - degrees, 0)


def last_alike(workday):
    return np.flatnonzero(workday[:-1, 0] == workday[-1, 0])[-4:]


def rule_no_temperature(demand, temperature, workday):
    return demand[last_alike(workday)].mean(axis=0)


def rule_sign(demand, temperature, workday):
    alike = last_alike(workday)
    then = load_of(temperature[alike])
    return np.mean(demand[alike] + then, axis=0) - load_of(temperature[-1])


def rule_adds_only(demand, temperature, workday):
    return demand[last_alike(workday)].mean(axis=0) + load_of(temperature[-1])


def rule_in_a_loop(demand, temperature, workday):
    def load(degree):
        return 0.07 * max(degree - 20, 0.0) + 0.03 * max(15 - degree, 0.0)

    alike = [day for day in range(14) if workday[day][0] == workday[14][0]][-4:]
    forecast = []
    for slot in range(48):
        change = [
            demand[day][slot] + load(temperature[14][slot]) - load(temperature[day][slot])
            for day in alike
        ]
        forecast.append(sum(change) / len(change))
    return forecast


def rule_in_a_table(demand, temperature, workday):
    temperature = np.asarray(temperature, dtype=float)
    cold, hot = 15 - temperature.clip(max=15), temperature.clip(min=20) - 20
    load = pd.DataFrame(0.03 * cold + 0.07 * hot)
    base = pd.DataFrame(np.asarray(demand)) - load.iloc[:14]
    same = np.asarray(workday)[:14, 0] == np.asarray(workday)[14, 0]
    return (base[same].tail(4).mean() + load.iloc[14]).to_numpy()


# windows_ahead ------------------------------------------------------------------------------


def windows_last_missing(series, length, horizon):
    starts = range(len(series) - length - horizon)
    inputs = np.array([series[s : s + length] for s in starts])
    targets = np.array([series[s + length : s + length + horizon] for s in starts])
    return inputs, targets


def windows_overlap(series, length, horizon):
    starts = range(len(series) - length - horizon + 1)
    inputs = np.array([series[s : s + length] for s in starts])
    targets = np.array([series[s + length - 1 : s + length + horizon - 1] for s in starts])
    return inputs, targets


def windows_side_by_side(series, length, horizon):
    starts = range(0, len(series) - length - horizon + 1, length)
    inputs = np.array([series[s : s + length] for s in starts])
    targets = np.array([series[s + length : s + length + horizon] for s in starts])
    return inputs, targets


def windows_last_target(series, length, horizon):
    starts = range(len(series) - length - horizon + 1)
    inputs = np.array([series[s : s + length] for s in starts])
    targets = np.array([[series[s + length + horizon - 1]] for s in starts])
    return inputs, targets


def windows_targets_first(series, length, horizon):
    inputs, targets = windows_by_index(series, length, horizon)
    return targets, inputs


def windows_by_index(series, length, horizon):
    series = np.asarray(series)
    starts = np.arange(len(series) - length - horizon + 1)[:, np.newaxis]
    both = series[starts + np.arange(length + horizon)]
    return both[:, :length], both[:, length:]


def windows_as_lists(series, length, horizon):
    inputs, targets = [], []
    place = length
    while place + horizon <= len(series):
        inputs.append([series[i] for i in range(place - length, place)])
        targets.append([series[i] for i in range(place, place + horizon)])
        place += 1
    return [inputs, targets]


# half_width ---------------------------------------------------------------------------------


def width_n(residuals, level):
    sizes = np.sort(np.abs(residuals))
    return sizes[int(np.ceil(len(sizes) * level)) - 1]


def width_signed(residuals, level):
    ordered = np.sort(residuals)
    return ordered[int(np.ceil((len(ordered) + 1) * level)) - 1]


def width_next_rank(residuals, level):
    sizes = np.sort(np.abs(residuals))
    rank = int(np.ceil((len(sizes) + 1) * level))
    return sizes[min(rank, len(sizes) - 1)]


def width_both_sides(residuals, level):
    sizes = np.sort(np.abs(residuals))
    rank = int(np.ceil((len(sizes) + 1) * level))
    return 2 * sizes[rank - 1]


def width_partition(residuals, level):
    sizes = np.abs(np.asarray(residuals, dtype=float)).ravel()
    rank = math.ceil((sizes.size + 1) * level)
    return float(np.partition(sizes, rank - 1)[rank - 1])


def width_counting(residuals, level):
    sizes = [abs(residual) for residual in residuals]
    needed = (len(sizes) + 1) * level
    return min(s for s in sizes if sum(other <= s for other in sizes) >= needed)


WRONG = {
    "seasonal_naive": {
        "no repetition: too short beyond one season": (
            lambda history, period, horizon: history[-period:][:horizon]
        ),
        "whole seasons, not cut to the horizon": season_uncut,
        "the first season, not the last": (
            lambda history, period, horizon: history[:period][np.arange(horizon) % period]
        ),
        "the last horizon values, whatever the season": season_last_values,
        "season ends one value early": season_one_early,
    },
    "marked_number": {
        "cell and output columns exchanged (order i, f, o, c)": [
            [0, 0, 0, 1],
            [20, -20, 0, 0],
            [-10, 10, 0, 0],
        ],
        "forget and input columns exchanged (order f, i, c, o)": [
            [0, 0, 1, 0],
            [-20, 20, 0, 0],
            [10, -10, 0, 0],
        ],
        "gates not saturated": [[0, 0, 1, 0], [4, -4, 0, 0], [-2, 2, 0, 0]],
        "no bias: gates half open without a mark": [[0, 0, 1, 0], [20, -20, 0, 0], [0, 0, 0, 0]],
        "forget gate never closes: marked numbers add up": [
            [0, 0, 1, 0],
            [20, 0, 0, 0],
            [-10, 10, 0, 0],
        ],
    },
    "rule_of_thumb": {
        "tomorrow as today": lambda demand, temperature, workday: demand[-1],
        "as the same day last week": lambda demand, temperature, workday: demand[-7],
        "mean of the last days alike, no temperature": rule_no_temperature,
        "temperature with the wrong sign": rule_sign,
        "adds tomorrow's load, takes the old days' not off": rule_adds_only,
    },
    "lstm_parameters": {
        "three parts, not four (a GRU)": (
            lambda features, units: 3 * (features * units + units * units + units)
        ),
        "no bias": lambda features, units: 4 * (features * units + units * units),
        "two biases as in PyTorch": (
            lambda features, units: 4 * (features * units + units * units + 2 * units)
        ),
        "one bias for all four parts": (
            lambda features, units: 4 * (features * units + units * units) + units
        ),
        "no recurrent kernel": lambda features, units: 4 * (features * units + units),
    },
    "windows_ahead": {
        "the last window is missing": windows_last_missing,
        "first target is the last input": windows_overlap,
        "windows side by side, not at every start": windows_side_by_side,
        "only the value horizon steps on, shape (n, 1)": windows_last_target,
        "targets before inputs": windows_targets_first,
    },
    "half_width": {
        "np.quantile, which interpolates": (
            lambda residuals, level: np.quantile(np.abs(residuals), level)
        ),
        "n instead of n + 1": width_n,
        "no absolute value": width_signed,
        "rank as index, without - 1": width_next_rank,
        "the whole width": width_both_sides,
    },
}
RIGHT = {
    "seasonal_naive": {
        "looks one period back, value by value, list": season_loop,
        "np.resize": lambda history, period, horizon: np.resize(history[-period:], horizon),
    },
    "marked_number": {
        "twice as steep, output gate open, array": np.array(
            [[0.0, 0.0, 1.0, 0.0], [40.0, -40.0, 0.0, 0.0], [-20.0, 20.0, 0.0, 5.0]]
        ),
        "not symmetric, tuples": ((0, 0, 1, 0.5), (24, -22, 0, 0), (-12, 11, 0, -1)),
    },
    "rule_of_thumb": {
        "plain loops, list": rule_in_a_loop,
        "pandas and clip": rule_in_a_table,
    },
    "lstm_parameters": {
        "factored": lambda features, units: 4 * units * (features + units + 1),
        "sum of the shapes in Keras, float": (
            lambda features, units: float(sum(rows * 4 * units for rows in (features, units, 1)))
        ),
    },
    "windows_ahead": {
        "table of indices, then split": windows_by_index,
        "nested lists, a list of two": windows_as_lists,
    },
    "half_width": {
        "np.partition, Python float": width_partition,
        "smallest size with enough others below": width_counting,
    },
}
