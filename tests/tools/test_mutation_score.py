"""tools/mutation_score.py: what is drawn, which tests judge it, and what is kept."""

import importlib
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

SOURCE = '''\
def half(x: int | None, *, least=3) -> int | None:
    """Return x / 2."""
    if x is not None and x < least:
        raise ValueError(f"✘ {x + 1} of {least * 2}")
    return x / 2
'''


@pytest.fixture
def tool(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    return importlib.import_module("mutation_score")


@pytest.fixture
def small_course(tool, monkeypatch, tmp_path):
    """Let the tool work on a course of one module, half of whose lines are tested."""
    monkeypatch.setattr(tool, "ROOT", tmp_path / "course")
    monkeypatch.setattr(tool, "PARTS", {"claims": "course_lib/claims.py"})
    files = {
        "course_lib/__init__.py": "",
        "course_lib/claims.py": SOURCE,
        "tests/test_claims.py": "from course_lib.claims import half\n\n\n"
        "def test_half():\n    assert half(7) == 3.5\n    assert half(6, least=1) == 3\n",
    }
    for name, text in files.items():
        (tmp_path / "course" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "course" / name).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("operator", "sensible"),
    [
        ("ReplaceBinaryOperator_Add_Sub", True),
        ("ReplaceBinaryOperator_Add_LShift", False),
        ("ReplaceBinaryOperator_BitOr_BitAnd", True),
        ("ReplaceBinaryOperator_BitOr_Mul", False),
        ("ReplaceComparisonOperator_Lt_GtE", True),
        ("ReplaceComparisonOperator_Eq_Is", False),
        ("ReplaceUnaryOperator_Delete_Not", True),
        ("ReplaceUnaryOperator_USub_Not", False),
        ("ReplaceTrueWithFalse", True),
        ("NumberReplacer", True),
    ],
)
def test_changes_that_nobody_could_mean_are_left_out(tool, operator, sensible):
    assert tool.is_sensible(f"core/{operator}") is sensible


def test_messages_and_annotations_are_left_out(tool):
    ranges = tool.words_and_types(SOURCE)
    lines = SOURCE.splitlines()
    places = {
        sign: (number + 1, line.index(sign))
        for number, line in enumerate(lines)
        for sign in ("| None,", "| None:", "+ 1", "* 2", "< least", "/ 2", "=3")
        if sign in line
    }
    inside = {sign for sign, place in places.items() if tool.lies_within(place, ranges)}
    assert inside == {"| None,", "| None:", "+ 1", "* 2"}
    end = lines[3].index('")')
    assert tool.lies_within((4, end), ranges)
    assert not tool.lies_within((4, end + 1), ranges)


def test_every_module_has_tests_that_exist(tool):
    found = [module for part in tool.PARTS for module in tool.modules(part)]
    assert len(found) > 50
    for module in found:
        paths = [word for word in tool.tests_of(module) if word.startswith("tests/")]
        assert paths, module
        assert all((ROOT / path.split("::")[0]).exists() for path in paths)
    lesson = tool.tests_of("course_lib/exercises/lesson_02.py")
    assert lesson[0] == "tests/exercises/test_lesson_02_judges.py"
    assert lesson[-2:] == ["-k", "lesson_02"]
    assert tool.tests_of("course_lib/claims.py") == ["tests/test_claims.py"]


def test_results_are_kept_and_replaced(tool, tmp_path):
    mutant = tool.Mutant("claims", "course_lib/claims.py", 5, 13, "NumberReplacer", 1)
    other = tool.Mutant("claims", "course_lib/claims.py", 5, 13, "NumberReplacer", 0)
    path = tmp_path / "new" / "results.jsonl"
    results = tool.Results(path)
    results.add(mutant, "survived", "-a\n+b", "")
    results.add(mutant, "killed", "-a\n+b", "FAILED tests/test_claims.py::test")
    for one in (results, tool.Results(path)):
        assert one[mutant]["outcome"] == "killed"
        assert other not in one


def test_the_report_counts_and_shows_the_survivors(tool, tmp_path):
    drawn = [tool.Mutant("claims", "claims.py", line, 0, "AddNot", line) for line in range(5)]
    results = tool.Results(tmp_path / "results.jsonl")
    for mutant, outcome in zip(drawn, ["killed", "survived", "timed out", "killed"], strict=False):
        results.add(mutant, outcome, f"-old {mutant.line}\n+new {mutant.line}", "")
    lines = tool.report(drawn, results).splitlines()
    assert lines[2] == "| claims | 4 | 2 | 1 | 1 | 75.0% |"
    assert lines[3:] == ["", "claims.py:1 AddNot", "-old 1", "+new 1"]


def test_what_a_run_says_is_read(tool):
    assert tool.outcome_of("survived", "2 passed") == "survived"
    assert tool.outcome_of("killed", "1 failed") == "killed"
    assert tool.outcome_of("killed", "timeout") == "timed out"
    with pytest.raises(RuntimeError, match="no such file"):
        tool.outcome_of("incompetent", "no such file")
    output = "F\n1 + 1\nFAILED tests/test_a.py::test_b[1] - assert 0\n1 failed in 0.1s"
    assert tool.first_failure(output) == "FAILED tests/test_a.py::test_b[1] - assert 0"
    assert tool.first_failure("Segmentation fault") == ""
    diff = "--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n kept\n-  a = 1\n+  a = 2"
    assert tool.changed_lines(diff) == "-  a = 1\n+  a = 2"


def test_a_small_course_from_end_to_end(tool, small_course, monkeypatch, capsys):
    pytest.importorskip("cosmic_ray")
    monkeypatch.chdir(small_course)
    monkeypatch.setattr(tool.os, "environ", dict(tool.os.environ))
    folder = small_course / "results"
    monkeypatch.setattr("sys.argv", ["mutation_score.py", "--folder", str(folder), "--count", "99"])
    drawn = tool.draw("claims", 99, seed=1)
    assert drawn == tool.draw("claims", 99, seed=1)
    assert drawn != tool.draw("claims", 99, seed=2)
    places = {(mutant.line, mutant.column) for mutant in drawn}
    assert len(places) == len(drawn)
    assert all(line != 4 for line, _ in places)
    assert tool.main() == 1
    lines = (folder / "results.jsonl").read_text("utf-8").splitlines()
    outcomes = {
        (entry["mutant"]["line"], entry["mutant"]["operator"]): entry["outcome"]
        for entry in map(json.loads, lines)
    }
    assert len(outcomes) == len(lines) == len(drawn)
    assert {outcome for (line, _), outcome in outcomes.items() if line == 5} == {"killed"}
    assert "survived" in outcomes.values()
    source = (small_course / "course" / "course_lib" / "claims.py").read_text("utf-8")
    assert source == SOURCE
    # Nothing is tried twice, save survivors when asked.
    tool.main()
    assert len((folder / "results.jsonl").read_text("utf-8").splitlines()) == len(drawn)
    assert "| claims |" in capsys.readouterr().out
