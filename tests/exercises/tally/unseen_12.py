"""Answers to the exercises of lesson 12, by other learners,
written without sight of what the checks know.
"""

import numpy as np


# seasonal_naive
def whole_seasons(history, period, horizon):
    return np.tile(history[-period:], max(1, horizon // period))[:horizon]


def each_value_repeated(history, period, horizon):
    times = -(-horizon // period)
    return np.repeat(history[-period:], times)[:horizon]


def first_season(history, period, horizon):
    return np.asarray(history)[(len(history) + np.arange(horizon)) % period]


# rule_of_thumb
def a_week_ago(demand, temperature, workday):
    return demand[-7]


def mean_of_all_days(demand, temperature, workday):
    return demand.mean(axis=0)


def yesterday_and_warmth(demand, temperature, workday):
    return demand[-1] + 0.05 * (temperature[-1] - temperature[-2])


# lstm_parameters
def one_bias_for_all(features, units):
    return 4 * (features * units + units * units) + units


# windows_ahead
def last_window_missing(series, length, horizon):
    starts = range(len(series) - length - horizon)
    inputs = np.array([series[s : s + length] for s in starts])
    targets = np.array([series[s + length : s + length + horizon] for s in starts])
    return inputs, targets


def steps_of_horizon(series, length, horizon):
    starts = range(0, len(series) - length - horizon + 1, horizon)
    inputs = np.array([series[s : s + length] for s in starts])
    targets = np.array([series[s + length : s + length + horizon] for s in starts])
    return inputs, targets


def target_from_last_input(series, length, horizon):
    starts = range(len(series) - length - horizon + 1)
    inputs = np.array([series[s : s + length] for s in starts])
    targets = np.array([series[s + length - 1 : s + length - 1 + horizon] for s in starts])
    return inputs, targets


# half_width
def plain_quantile(residuals, level):
    return np.quantile(np.abs(residuals), level)


def with_signs(residuals, level):
    ordered = np.sort(residuals)
    return ordered[int(np.ceil((len(ordered) + 1) * level)) - 1]


def two_tails(residuals, level):
    sizes = np.sort(np.abs(residuals))
    rank = int(np.ceil((len(sizes) + 1) * (1 + level) / 2))
    return sizes[min(rank, len(sizes)) - 1]


WRONG = {
    "seasonal_naive": {
        "whole seasons only, the rest is missing": whole_seasons,
        "np.repeat: each value several times": each_value_repeated,
        "the first season, in phase": first_season,
    },
    "marked_number": {
        "columns in the order input, forget, output, cell": [
            [0, 0, 0, 1],
            [20, -20, 0, 0],
            [-10, 10, 0, 0],
        ],
        "forget gate the wrong way: open means forget": [
            [0, 0, 1, 0],
            [20, 20, 0, 0],
            [-10, -10, 0, 0],
        ],
        "gates too soft": [
            [0, 0, 1, 0],
            [5, -5, 0, 0],
            [-2.5, 2.5, 0, 0],
        ],
    },
    "rule_of_thumb": {
        "the same day a week ago": a_week_ago,
        "the mean of all fourteen days": mean_of_all_days,
        "yesterday, and a straight line in the temperature": yesterday_and_warmth,
    },
    "lstm_parameters": {
        "three gates, no cell": lambda features, units: 3 * units * (features + units + 1),
        "one bias for all four": one_bias_for_all,
        "two biases, as in PyTorch": lambda features, units: 4 * units * (features + units + 2),
    },
    "windows_ahead": {
        "the last window is missing": last_window_missing,
        "windows a horizon apart": steps_of_horizon,
        "targets begin with the last input": target_from_last_input,
    },
    "half_width": {
        "np.quantile, interpolated, without n + 1": plain_quantile,
        "residuals with their signs": with_signs,
        "half the rest for each tail": two_tails,
    },
}
RIGHT = {}
