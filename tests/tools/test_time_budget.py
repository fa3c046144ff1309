"""What a run with little time takes, and in which order."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import time_budget  # noqa: E402

NAMES = ["01_a.ipynb", "02_b.ipynb", "03_c.ipynb", "04_d.ipynb"]


@pytest.fixture
def course(tmp_path):
    """A course of four notebooks that take 10, 40, 20 and 20 seconds on fast cores."""
    (tmp_path / "notebooks").mkdir()
    for name, seconds in zip(NAMES, [10, 40, 20, 20], strict=True):
        text = json.dumps({"metadata": {"course": {"cpu_seconds": seconds}}})
        (tmp_path / "notebooks" / name).write_text(text)
    return tmp_path


def test_the_longest_notebook_starts_first(course):
    assert time_budget.longest_first(course) == [NAMES[1], NAMES[2], NAMES[3], NAMES[0]]


def test_every_notebook_of_the_course_is_run():
    assert len(time_budget.longest_first(ROOT)) == len(time_budget.lesson_files(ROOT)) >= 18


def test_takes_what_fits_by_the_seconds_measured_here(course):
    times = course / "seconds"
    time_budget.write_down(times, dict(zip(NAMES, [30.0, 100.0, 50.0, 60.0], strict=True)))
    chosen = time_budget.chosen_notebooks(course, times, seconds_left=70, turn=0)
    assert chosen == [NAMES[1], NAMES[0]]
    chosen = time_budget.chosen_notebooks(course, times, seconds_left=70, turn=2)
    assert chosen == [NAMES[2], NAMES[3], NAMES[0]]


def test_reckons_with_a_slow_machine_where_nothing_was_measured(course):
    chosen = time_budget.chosen_notebooks(course, course / "none", seconds_left=100, turn=0)
    assert chosen == [NAMES[1], NAMES[0]]


def test_takes_one_notebook_even_without_time(course):
    for turn in range(8):
        chosen = time_budget.chosen_notebooks(course, course / "none", seconds_left=-5, turn=turn)
        assert chosen == [NAMES[turn % 4]]


def test_all_notebooks_have_their_turn_within_as_many_commits(course):
    turns = range(4)
    parts = [time_budget.chosen_notebooks(course, course / "x", 50, turn) for turn in turns]
    assert {name for part in parts for name in part} == set(NAMES)


def test_measured_seconds_are_added_and_a_damaged_file_is_none(course):
    times = course / "seconds"
    assert time_budget.measured(times) == {}
    time_budget.write_down(times, {"tests": 3.5})
    time_budget.write_down(times, {"notebooks": 2})
    assert time_budget.measured(times) == {"tests": 3.5, "notebooks": 2.0}
    for damaged in ("", "[1]", '{"tests": "fast"}', '{"tests": null}'):
        times.write_text(damaged)
        assert time_budget.measured(times) == {}
    time_budget.write_down(course / "no folder" / "seconds", {"tests": 1.0})
    assert sorted(path.name for path in course.iterdir()) == ["notebooks", "seconds"]


def test_the_turn_is_that_of_the_commit(course):
    assert time_budget.turn_of_commit(course / "no folder") == 0
    git = ["git", "-C", str(course), "-c", "user.name=n", "-c", "user.email=e"]
    subprocess.run([*git, "init", "-q"], check=True)
    turns = set()
    for message in ("one", "two"):
        subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", message], check=True)
        turns.add(time_budget.turn_of_commit(course))
    assert len(turns) == 2


def test_says_what_was_left_out_and_nothing_when_nothing_was(course):
    assert time_budget.left_out(course, NAMES, []) == ""
    told = time_budget.left_out(course, NAMES[:3], ["scratch"])
    assert "LEFT OUT" in told
    assert NAMES[3] in told
    assert NAMES[0] not in told
    assert "tests/scratch" in told


def test_the_folders_left_out_exist():
    for name in time_budget.SAME_EVERYWHERE:
        assert (ROOT / "tests" / name).is_dir()
