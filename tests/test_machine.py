"""What this machine is, and how long lessons take on it."""

import pytest

from course_lib import machine


def test_describes_what_decides_how_the_course_runs(monkeypatch):
    rows = machine.describe()["this machine"]
    assert rows["Python"].startswith("3.")
    assert rows["memory"].endswith(" GB")
    assert rows["GPU"] == "no, and none is needed"
    monkeypatch.setenv("COURSE_DEVICE", "gpu")
    assert machine.describe().loc["GPU", "this machine"] == "yes"


def test_measures_a_speed_that_a_machine_can_have():
    assert 0.1 < machine.gflops(size=200, repeats=2) < 1e6
    with pytest.raises(ValueError, match="at least 1"):
        machine.gflops(repeats=0)


def test_a_slower_machine_takes_longer():
    assert machine.expected_minutes(60, machine.REFERENCE_GFLOPS) == 1
    assert machine.expected_minutes(60, machine.REFERENCE_GFLOPS / 4) == 4
    # TensorFlow alone takes its seconds on the fastest.
    assert machine.expected_minutes(60, 1e6) == 0.5
    with pytest.raises(ValueError, match="positive speed"):
        machine.expected_minutes(60, 0)
