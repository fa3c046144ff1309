"""The one-cycle schedule for Keras: its formula, its ends, and its life in an optimiser."""

import numpy as np
import pytest

from course_lib.scratch.schedules import one_cycle


@pytest.fixture(scope="module")
def one_cycle_class(keras):
    from course_lib.training.schedules import OneCycle

    return OneCycle


@pytest.mark.parametrize("warm_up", [0.0, 0.3, 0.99])
def test_equals_the_formula(one_cycle_class, warm_up):
    schedule = one_cycle_class(0.2, 50, warm_up=warm_up, start_factor=10, end_factor=100)
    for step in range(56):
        expected = one_cycle(step, 50, 0.2, int(warm_up * 50), start_factor=10, end_factor=100)
        assert float(schedule(step)) == pytest.approx(expected, rel=1e-5, abs=1e-8)
    assert float(schedule(int(warm_up * 50))) == pytest.approx(0.2)
    assert float(schedule(50)) == pytest.approx(0.2 / 1000, rel=1e-4)
    if warm_up:
        assert float(schedule(0)) == pytest.approx(0.02)


def test_an_optimiser_follows_it_and_it_survives_saving(one_cycle_class, keras, tf):
    schedule = one_cycle_class(0.2, 10)
    optimizer = keras.optimizers.SGD(schedule)
    variable, places = keras.Variable(0.0, dtype="float64"), [0.0]
    for _ in range(10):
        optimizer.apply([tf.constant(-1.0, dtype="float64")], [variable])
        places.append(float(variable.numpy()))
    expected = [one_cycle(step, 10, 0.2, warm_up=3) for step in range(10)]
    np.testing.assert_allclose(np.diff(places), expected, rtol=1e-5)
    again = keras.optimizers.schedules.deserialize(keras.optimizers.schedules.serialize(schedule))
    assert again.get_config() == schedule.get_config()
    assert type(again) is one_cycle_class


@pytest.mark.parametrize(("steps", "warm_up"), [(0, 0.3), (10, 1.0), (10, -0.1)])
def test_bad_settings_are_refused(one_cycle_class, steps, warm_up):
    with pytest.raises(ValueError, match="OneCycle: steps should be at least 1"):
        one_cycle_class(0.1, steps, warm_up=warm_up)
