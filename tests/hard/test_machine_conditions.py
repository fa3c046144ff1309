"""The conditions of machines: named once, told in a table; and what makes a machine, in small."""

import json
import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

import hard_table
import machine_conditions
import machines
from conditions import NotPossible
from hard_table import FAILED, HELD, NOT_TRIED, Row
from machine_conditions import CONDITIONS, Kit

SHARED = {"date": "2026-01-01", "commit": "new", "machine": "a machine"}
posix = pytest.mark.skipif(os.name == "nt", reason="machines are made of links and signals")


@pytest.fixture
def kit(tmp_path):
    return Kit("HEAD", tmp_path, 1, 2)


def test_every_condition_is_named_once_and_says_how_it_is_made():
    whats = [what for what, _, _ in CONDITIONS.values()]
    assert len(set(whats)) == len(whats) >= 20
    assert all(made for _, made, _ in CONDITIONS.values())
    stored = {row["key"]: row["tried"] for row in hard_table.read() if row.get("made")}
    named = {
        f"5_machines_{number:02}_{name}": what
        for number, (name, (what, _, _)) in enumerate(CONDITIONS.items(), start=1)
    }
    assert stored.items() <= named.items()


def test_before_and_after_stand_in_one_row(tmp_path):
    (tmp_path / "README.md").write_text(f"{hard_table.BEGIN}\n{hard_table.END}\n")
    before = Row("5_machines_01_a", "a", "broke", FAILED, made="by hand", course="old")
    after = Row("5_machines_01_a", "a", "runs", HELD, made="by hand")
    for rows in ([before, after], [after, before]):
        for row in rows:
            assert hard_table.store([hard_table.stored(row, SHARED, tmp_path)], tmp_path)
        text = (tmp_path / "README.md").read_text(encoding="utf-8")
        assert "| Condition | How it was made | Before (old) | After (new) | Verdict |" in text
        assert "| a | by hand | broke | runs | held |" in text
    assert not hard_table.failed([before])
    assert hard_table.failed([Row("1", "a", "broke", FAILED, made="by hand")])


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [((True, "served"), HELD), ((False, "gone"), FAILED), (NotPossible("no disk"), NOT_TRIED)],
)
def test_verdict_of_a_condition(monkeypatch, kit, answer, verdict):
    def made(kit):
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setitem(CONDITIONS, "clean", ("what", "how", made))
    (row,) = machine_conditions.run("", ["clean"], 1, 2)
    assert row.verdict == verdict
    assert row.happened == (str(answer) if isinstance(answer, Exception) else answer[1])


@pytest.mark.parametrize(
    ("text", "story"),
    [
        ("Make room.\nmake: *** [lab] Error 1\n", "“Make room.”"),
        (f"{machines.TRACEBACK}:\n  File\nKeyError: 1\n", "traceback ending in “KeyError: 1”"),
        ("see /a/place/of/mine.py and http://127.0.0.1:9/x", "“see …/mine.py and (address)”"),
    ],
)
def test_last_words_are_told_without_places(text, story):
    assert machines.said(text) == story


@posix
def test_a_command_runs_with_the_machines_own_path(tmp_path):
    programs = tmp_path / "programs"
    machines.path_of(programs, sys.executable)
    machine = machines.Machine(tmp_path, tmp_path, {"PATH": str(programs)})
    code = "import json, os; print(json.dumps(dict(os.environ)))"
    found = json.loads(machine.run("python3", "-c", code, MORE="1"))
    assert found["PATH"] == str(programs)
    assert found["MORE"] == "1"
    assert "HOME" not in found
    assert machine.status == 0
    with machine.lab() as page:
        assert page == ""
    assert not machine.tried()[0]


@posix
def test_a_command_that_says_what_to_do_has_no_traceback(tmp_path):
    machine = machines.Machine(tmp_path, tmp_path, {"PATH": os.environ["PATH"]})
    machine.run("sh", "-c", "echo Make room; exit 1")
    assert machine_conditions.told(machine, "Make room")[0]
    assert not machine_conditions.told(machine, "Install")[0]
    machine.run("sh", "-c", f"echo '{machines.TRACEBACK}'; echo Make room; exit 1")
    assert not machine_conditions.told(machine, "Make room")[0]
