"""The schedules at their ends, at their peaks, and against Keras."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.scratch.schedules import one_cycle, warm_up_cosine


def test_warm_up_and_cosine_at_the_ends():
    rates = [warm_up_cosine(step, 100, 0.2, 20) for step in (0, 10, 20, 60, 100, 500)]
    np.testing.assert_allclose(rates, [0.0, 0.1, 0.2, 0.1, 0.0, 0.0], atol=1e-15)
    assert warm_up_cosine(0, 10, 0.2, 0) == 0.2
    quarter = warm_up_cosine(40, 100, 0.2, 20)
    assert quarter == pytest.approx(0.1 * (1 + math.sqrt(0.5)))


def test_one_cycle_at_the_ends():
    rates = [one_cycle(step, 100, 0.5, 30) for step in (0, 15, 30, 65, 100, 500)]
    first, last = 0.02, 0.02 / 1e4
    middle_up, middle_down = (first + 0.5) / 2, (last + 0.5) / 2
    expected = [first, middle_up, 0.5, middle_down, last, last]
    np.testing.assert_allclose(rates, expected, rtol=1e-12)
    assert one_cycle(0, 10, 0.5, 0) == 0.5
    assert one_cycle(0, 100, 0.6, 30, start_factor=3) == pytest.approx(0.2)
    assert one_cycle(100, 100, 0.6, 30, start_factor=3, end_factor=2) == pytest.approx(0.1)
    assert one_cycle(10, 100, 0.5, 30) == pytest.approx(first + 0.48 * (1 - 0.5) / 2)


def test_warm_up_cosine_equals_keras(keras):
    theirs = keras.optimizers.schedules.CosineDecay(0.0, 80, warmup_target=0.3, warmup_steps=20)
    for step in range(0, 121, 5):
        assert warm_up_cosine(step, 100, 0.3, 20) == pytest.approx(float(theirs(step)), abs=1e-7)


@given(st.integers(2, 60), st.data())
@pytest.mark.parametrize("schedule", [warm_up_cosine, one_cycle])
def test_up_then_down_and_never_above_the_peak(schedule, steps, data):
    warm_up = data.draw(st.integers(1, steps - 1))
    rates = np.array([schedule(step, steps, 1.5, warm_up) for step in range(steps + 1)])
    assert rates.argmax() == warm_up
    assert rates.max() == pytest.approx(1.5)
    assert np.all(np.diff(rates[: warm_up + 1]) > 0)
    assert np.all(np.diff(rates[warm_up:]) < 0)


@pytest.mark.parametrize("schedule", [warm_up_cosine, one_cycle])
@pytest.mark.parametrize("warm_up", [-1, 10, 11])
def test_the_rise_must_leave_room(schedule, warm_up):
    with pytest.raises(ValueError, match=f"{schedule.__name__}: warm_up should be from 0"):
        schedule(0, 10, 1.0, warm_up)
