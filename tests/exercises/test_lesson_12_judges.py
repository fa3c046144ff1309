"""What the exercises of lesson 12 measure, and what their judge says beyond the known mistakes."""

import re

import numpy as np
import pytest
from scipy.stats import norm

from course_lib.exercises import lesson_12 as exercises
from course_lib.exercises.exercise import Rejected
from course_lib.scratch.recurrent import lstm


def _last_marked(numbers, marks):
    last, kept = 0.0, []
    for number, mark in zip(numbers, marks, strict=True):
        last = np.tanh(number) if mark else last
        kept.append(last)
    return kept


def test_an_lstm_with_the_gates_of_the_solution_keeps_the_last_marked_number():
    numbers, marks = exercises._marked_numbers()
    *kernel, bias = exercises.GATES
    zero = np.zeros((len(numbers), 1))
    _, cells = lstm(
        np.dstack([numbers, marks]), np.array(kernel), np.zeros((1, 4)), bias, *[zero] * 2
    )
    wanted = [_last_marked(*pair) for pair in zip(numbers, marks, strict=True)]
    np.testing.assert_allclose(cells[..., 0], wanted, atol=0.01)


def test_marks_stand_where_gates_show_what_they_do():
    _, marks = exercises._marked_numbers()
    assert set(np.unique(marks)) == {0, 1}
    assert 0 < marks[:, 0].sum() < len(marks)
    for row in marks:
        gaps = np.diff(np.flatnonzero(row)) - 1
        assert gaps.min() == 0
        assert gaps.max() == exercises.KEPT


@pytest.mark.parametrize(
    ("strength", "status"), [(4, "failed"), (5, "failed"), (7, "passed"), (50, "passed")]
)
def test_gates_may_be_as_firm_as_thirty_steps_need(strength, status):
    weights = exercises._gates((2 * strength, -strength), (-2 * strength, strength))
    assert exercises.marked_number.grade(weights).status == status


def test_the_output_gate_is_free():
    weights = exercises.GATES + np.array([[0, 0, 0, 2], [0, 0, 0, -3], [0, 0, 0, 1]])
    assert exercises.marked_number.grade(weights.tolist()).status == "passed"


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (exercises.GATES.T, "three rows"),
        ("weights", "three rows"),
        (np.full((3, 4), np.nan), "between -1,000,000 and 1,000,000"),
        (1e200 * exercises.GATES, "between -1,000,000 and 1,000,000"),
        (exercises._gates(f=(-10, np.log(29))), "without one 0.000 and 0.967"),
        (exercises._gates(f=(-10, 1)), "forget gate is at 0.73 on average"),
        (exercises._gates(i=(10, -10)), "input gate is at 0.50 on average"),
        (exercises._gates(i=(10, -1)), "still at 0.27 on average"),
        (exercises._gates(g=(2, 0, 0)), "the tanh of that number"),
        (exercises.GATES[[1, 0, 2]], "first column, which is the input gate"),
        (exercises.GATES + 8 * (np.arange(12).reshape(3, 4) < 1), "hear the mark alone"),
    ],
)
def test_what_gates_do_is_said(weights, message):
    verdict = exercises.marked_number.grade(weights)
    assert verdict.status == "failed"
    assert message in verdict.message


def test_windows_lie_where_they_should():
    inputs, targets = exercises.make_windows(np.arange(7), 3, 2)
    np.testing.assert_array_equal(inputs, [[0, 1, 2], [1, 2, 3], [2, 3, 4]])
    np.testing.assert_array_equal(targets, [[3, 4], [4, 5], [5, 6]])


def test_the_season_is_repeated_from_its_beginning():
    forecast = exercises.repeat_season(np.array([9, 1, 2, 3]), 3, 5)
    np.testing.assert_array_equal(forecast, [1, 2, 3, 1, 2])


def test_the_half_width_covers_as_promised():
    generator = np.random.default_rng(1)
    draws = generator.normal(size=(4000, 43))
    widths = [exercises.conformal_half_width(draw[:42], 0.9) for draw in draws]
    inside = np.mean(np.abs(draws[:, 42]) <= widths)
    assert inside == pytest.approx(39 / 43, abs=0.012)


def test_the_error_of_rules_is_that_of_the_lesson():
    week = exercises.error_of_rule(lambda demand, temperature, workday: demand[-7])
    today = exercises.error_of_rule(lambda demand, temperature, workday: demand[-1])
    assert week == pytest.approx(0.3033, abs=1e-4)
    assert today == pytest.approx(0.3211, abs=1e-4)


def test_a_rule_is_given_the_past_and_of_tomorrow_only_weather_and_calendar():
    shapes = set()

    def rule(demand, temperature, workday):
        shapes.add((demand.shape, temperature.shape, workday.shape))
        return demand[-1]

    exercises.error_of_rule(rule)
    assert shapes == {((14, 48), (15, 48), (15, 48))}


@pytest.mark.parametrize(
    "forecast", [np.zeros(47), np.zeros((1, 48)), "48", [[1], [2, 3]], np.full(48, 1j)]
)
def test_a_rule_that_returns_no_day_is_refused(forecast):
    with pytest.raises(Rejected, match="48 real numbers"):
        exercises.error_of_rule(lambda demand, temperature, workday: forecast)


def test_a_rule_that_returns_nan_is_refused():
    with pytest.raises(Rejected, match="finite"):
        exercises.error_of_rule(lambda demand, temperature, workday: np.full(48, np.nan))


def test_the_bar_asks_for_more_than_the_calendar_and_the_solution_clears_it():
    calendar = exercises.error_of_rule(exercises._days_alike)
    solution = exercises.error_of_rule(exercises.forecast_by_rule)
    assert solution + 0.02 < exercises.ERROR_WANTED < calendar - 0.01


def test_earlier_days_order_rules_as_the_test_days_do_and_hold_none_of_them():
    rules = (exercises.forecast_by_rule, exercises._days_alike, lambda d, t, w: d[-1])
    errors = [exercises.error_on_earlier_days(rule) for rule in rules]
    assert errors == sorted(errors)
    seen = []
    exercises.error_on_earlier_days(lambda d, t, w: seen.append(d[-1]) or d[-1])
    assert len(seen) == 299 - 7 - 14
    test_days = exercises._days()[0][exercises.FIRST_DAY - 1 :]
    assert not any(np.array_equal(one, day) for one in seen[-1:] for day in test_days)


def test_the_test_error_is_not_told():
    message = exercises.rule_of_thumb.grade(exercises._days_alike).message
    assert "by more than 0.21 GW" in message
    assert f"{exercises.error_of_rule(exercises._days_alike):.3f}" not in message


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (lambda d, t, w: d[-7:].mean(axis=0), "mixes them with days off"),
        (lambda d, t, w: d[-1], r"of one past day alone, demand\[-1\]"),
        (lambda d, t, w: d[-3], r"of one past day alone, demand\[-3\]"),
        (lambda d, t, w: d[-1] + 0.05 * (t[-1] - t[-2]), "kind. And a cold day gets less from it"),
        (lambda d, t, w: d.mean(axis=0) + 0.05 * (t[-1] - 18), "days off. .*And a cold day"),
        (lambda d, t, w: (d[-7] + d[-14]) / 2, "same day of last week"),
        (lambda d, t, w: d[-7] + 0.02 * (t[-1] - 18), "off each of them before.*And a cold day"),
        (lambda d, t, w: d.mean(axis=0) + 0.5 * w[-1], "not of tomorrow's kind"),
        (lambda d, t, w: d[w[:-1, 0] != w[-1, 0]].mean(axis=0), "not of tomorrow's kind"),
        (lambda d, t, w: d[-7] + 0.2 * (t[-1] - t[-8]), "several past days"),
        (lambda d, t, w: 4 + np.sin(np.arange(48) / 8), "look at the demand of the past days"),
    ],
)
def test_what_a_rule_lacks_is_said(rule, message):
    assert re.search(message, exercises.rule_of_thumb.grade(rule).message)


def test_what_the_known_mistakes_differ_in():
    for exercise in (
        exercises.windows_ahead,
        exercises.half_width,
        exercises.seasonal_naive,
    ):
        for mistake in exercise.mistakes:
            assert mistake.hint in exercise.grade(mistake.answer).message


def _hint_of(exercise, name):
    return next(mistake.hint for mistake in exercise.mistakes if mistake.name == name)


def _skipping(series, length, horizon):
    windows = np.array(
        [series[s : s + length + 1 + horizon] for s in range(len(series) - length - horizon)]
    )
    return windows[:, :length], windows[:, length + 1 :]


def _mean_season(history, period, horizon):
    whole = history[len(history) % period :].reshape(-1, period)
    seasons = [np.append(whole[:, n], ()) for n in range(period)]
    early = history[: len(history) % period]
    for n, value in enumerate(early[::-1]):
        seasons[period - 1 - n] = np.append(seasons[period - 1 - n], value)
    return np.array([np.mean(seasons[n % period]) for n in range(horizon)])


@pytest.mark.parametrize(
    ("exercise", "name", "answer"),
    [
        (exercises.lstm_parameters, "no state", lambda features, units: 4 * units * (features + 1)),
        (exercises.windows_ahead, "one step skipped", _skipping),
        (
            exercises.half_width,
            "a normal distribution",
            lambda residuals, level: norm.ppf((1 + level) / 2) * np.std(residuals),
        ),
        (exercises.seasonal_naive, "mean season", _mean_season),
        (
            exercises.seasonal_naive,
            "backwards",
            lambda history, period, horizon: np.resize(history[-period:], horizon)[::-1],
        ),
    ],
)
def test_a_mistake_written_in_another_way_gets_the_same_hint(exercise, name, answer):
    assert _hint_of(exercise, name) in exercise.grade(answer).message


def test_the_cases_tell_apart_what_differs_only_in_some_shapes():
    assert [case.arguments for case in exercises.lstm_parameters.cases] == [
        (1, 1),
        (5, 16),
        (11, 32),
        (64, 8),
    ]
