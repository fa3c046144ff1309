"""The logic of the hard runs themselves, on a small scale."""

import asyncio
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "tests" / "exercises")]

import answer_recipes  # noqa: E402
import conditions  # noqa: E402
import course_commands as course  # noqa: E402
import damaged_data  # noqa: E402
import hard_table  # noqa: E402
import inside  # noqa: E402
import interpreters  # noqa: E402
import killed_runs  # noqa: E402
import notebook_passes  # noqa: E402
import processors  # noqa: E402
import random_answers  # noqa: E402
from hard_table import FAILED, HELD, NOT_TRIED, PARTLY, Row  # noqa: E402
from live_kernel import LiveKernel, Reply, changed, clean_environment, digests  # noqa: E402
from notebook_passes import Outcome, Pass  # noqa: E402

from course_lib import datasets  # noqa: E402
from course_lib.datasets import DatasetError  # noqa: E402

SHARED = {"date": "2026-01-01", "commit": "abc", "machine": "a machine"}


@pytest.fixture
def runner():
    """The command line, under a name that no other script has."""
    specification = importlib.util.spec_from_file_location(
        "hard_run", ROOT / "tests" / "hard" / "run.py"
    )
    module = importlib.util.module_from_spec(specification)
    path, variables = list(sys.path), dict(os.environ)
    specification.loader.exec_module(module)
    sys.path[:] = path
    os.environ.clear()
    os.environ.update(variables)
    return module


@pytest.fixture
def setting(tmp_path):
    """A setting without conditions, in a folder that passes for the course's."""
    checkout, scratch = tmp_path / "a course", tmp_path / "scratch"
    (checkout / "course_lib").mkdir(parents=True)
    (checkout / "course_lib" / "__init__.py").touch()
    (checkout / "notebooks").mkdir()
    (checkout / "data").mkdir()
    scratch.mkdir()
    environment = clean_environment(checkout)
    probe = {"checkout": str(checkout)}
    return conditions.Setting(1, 0, checkout, scratch, environment, probe=probe)


def found_inside(setting, **more):
    """Return what the probe finds to be wrong in a setting."""
    folder = str(ROOT / "tests" / "hard")
    code = (
        f"import sys, json; sys.path.append({folder!r}); import inside; "
        f"print(json.dumps(inside.problems({ {**setting.probe, **more}!r})))"
    )
    answer = subprocess.run(
        conditions.wrapped(setting, [sys.executable, "-c", code]),
        env=setting.environment,
        cwd=setting.checkout,
        capture_output=True,
        encoding="utf-8",
    )
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


# The table


def make_row(key, **changes):
    row = Row(key, "tried", "happened", HELD, 1.4, versions="Python 3")
    return hard_table.stored(row, SHARED) | changes


def test_a_run_writes_its_own_rows_only(tmp_path):
    (tmp_path / "README.md").write_text(
        f"Before\n{hard_table.BEGIN}\nold\n{hard_table.END}\nAfter\n", encoding="utf-8"
    )
    assert hard_table.store([make_row("2_b"), make_row("1_a")], tmp_path)
    assert hard_table.store([make_row("2_b", happened="once more")], tmp_path)
    assert [(row["key"], row["happened"]) for row in hard_table.read(tmp_path)] == [
        ("1_a", "happened"),
        ("2_b", "once more"),
    ]
    text = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert text.startswith("Before\n")
    assert text.endswith("After\n")
    assert "old" not in text
    assert text.index("happened |") < text.index("once more")
    assert sorted(path.name for path in tmp_path.rglob("*.*")) == [
        *["1_a.json", "2_b.json", "README.md"]
    ]


def test_where_nothing_can_be_written_nothing_is_stored(tmp_path):
    (tmp_path / "file").touch()
    assert not hard_table.store([make_row("1_a")], tmp_path / "file")


def test_the_table_escapes_what_would_break_it_and_tells_details():
    text = hard_table.markdown([make_row("1_a", tried="a | b\nc", details=["it | fell"])])
    assert "| a \\| b c | happened | held | 1 | abc |" in text
    assert "- 1_a: it \\| fell" in text
    assert "- 2026-01-01: a machine; Python 3" in text


def test_the_stored_table_is_that_of_the_stored_rows():
    text = (ROOT / "tests" / "hard" / "README.md").read_text(encoding="utf-8")
    assert hard_table.markdown(hard_table.read()) in text


def test_machine_commit_and_versions_are_told():
    found = hard_table.circumstances()
    assert "cores" in found["machine"]
    assert found["commit"]
    assert hard_table.versions(sys.executable).startswith("Python 3.")


# The command line


def test_a_run_stores_whole_rows_and_fails_when_one_does(runner, monkeypatch, capsys):
    stored = []
    monkeypatch.setattr(runner.hard_table, "store", lambda rows: stored.extend(rows) or True)
    monkeypatch.setattr(runner.hard_table, "circumstances", lambda: SHARED)
    verdicts = iter([HELD, FAILED, HELD])

    def kind(options):
        yield Row("1_a", "tried", "happened", next(verdicts), 2.0, versions="Python 3")

    monkeypatch.setattr(runner, "KINDS", {"one": kind, "two": kind})
    assert runner.main([]) == 1
    assert len(stored) == 2
    assert runner.main(["one", "--lessons", "01"]) == 0
    assert len(stored) == 2
    assert "Printed only" in capsys.readouterr().out


def test_options(runner, capsys):
    options = runner.parse([])
    assert options.kinds == ["notebooks", "killed", "damaged_data", "answers", "machines"]
    assert options.seed != runner.parse([]).seed
    assert runner.parse(["answers", "--seed", "5"]).seed == 5
    with pytest.raises(SystemExit):
        runner.parse(["nonsense"])
    assert "there is no kind 'nonsense'" in capsys.readouterr().err


def test_the_weekly_workflow_runs_every_kind_and_seed(runner):
    path = ROOT / ".github" / "workflows" / "hard.yml"
    job = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]["hard"]
    rows = [row["arguments"].split() for row in job["strategy"]["matrix"]["include"]]
    parsed = [runner.parse(row) for row in rows]
    assert {kind for options in parsed for kind in options.kinds} == set(runner.KINDS)
    seeds = sorted(seed for options in parsed for seed in options.seeds)
    passes = notebook_passes.PASSES
    assert seeds == [seed for one in passes for seed in one.seeds] == [1, 2, 3, 4, 5]


# Conditions


@pytest.mark.skipif(not conditions.unshare(), reason="no namespaces here")
def test_conditions_hold_inside_and_leave_nothing_behind(setting):
    conditions.network_cut_off(setting)
    conditions.unwritable_home(setting)
    conditions.read_only_checkout(setting)
    conditions.another_time_zone(setting)
    assert "XDG_CACHE_HOME" not in setting.environment
    assert found_inside(setting) == []
    # Both are as they were, outside.
    (setting.checkout / "notebooks" / "written").touch()
    (Path(setting.environment["HOME"]) / "written").touch()


def test_conditions_that_do_not_hold_are_found(setting):
    wanted = {"unwritable": [str(setting.scratch)], "offset": "+0545", "locale": "xx_XX.UTF-8"}
    setting.environment |= {"TZ": "UTC", "LC_ALL": "xx_XX.UTF-8"}
    problems = found_inside(setting, **wanted, checkout=str(ROOT / "tests"))
    assert [problem.split()[0] for problem in problems] == [
        *[str(setting.scratch).split()[0], "the", "the", "course_lib"]
    ]


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="needs affinities")
def test_one_core(setting):
    conditions.one_core(setting)
    assert found_inside(setting) == []


@pytest.mark.parametrize("name", processors.PROCESSORS)
def test_another_processor(setting, name):
    conditions.CONDITIONS[name](setting)
    assert found_inside(setting) == []
    assert setting.ways == [processors.described(processors.PROCESSORS[name], sys.executable)]


def test_another_processor_on_one_core(setting):
    if not hasattr(os, "sched_setaffinity"):
        pytest.skip("needs affinities")
    conditions.one_core(setting)
    conditions.CONDITIONS["no AVX-512"](setting)
    assert found_inside(setting) == []


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="locales of Linux")
@pytest.mark.parametrize("number", [0, 1, 2])
def test_locales_are_found_or_made(setting, number):
    setting.number = number
    try:
        conditions.another_locale(setting)
    except conditions.NotPossible as reason:
        pytest.skip(str(reason))
    assert found_inside(setting) == []
    assert setting.probe["locale"] == list(conditions.LOCALES)[number]


def test_sockets_are_blocked_where_there_are_no_namespaces(setting, monkeypatch):
    monkeypatch.setattr(conditions, "unshare", lambda: None)
    conditions.network_cut_off(setting)
    code = """
import socket
server = socket.create_server(("127.0.0.1", 0))
socket.create_connection(server.getsockname()).close()
for address in (("1.1.1.1", 443), ("example.org", 80)):
    try:
        socket.create_connection(address, timeout=1)
    except OSError as error:
        assert "cut off" in str(error), error
    else:
        raise SystemExit("connected")
"""
    answer = subprocess.run(
        [sys.executable, "-c", code], env=setting.environment, capture_output=True, text=True
    )
    assert answer.returncode == 0, answer.stderr
    assert setting.ways == ["sockets blocked in Python"]


def test_memory_is_limited_by_either_version_of_control_groups_or_watched(tmp_path, setting):
    for version, file in (("memory", "memory.limit_in_bytes"), ("", "memory.max")):
        root = tmp_path / f"groups{version}"
        (root / version).mkdir(parents=True)
        group = conditions.make_group("a name", 123, root)
        assert group == root / version / "a_name"
        assert (group / file).read_text() == "123"
    assert conditions.make_group("a name", 123, tmp_path / "missing") is None
    (group / "memory.events").write_text("low 0\noom_kill 2\n")
    assert conditions.killed_for_memory(group)
    (group / "memory.events").write_text("low 0\noom_kill 0\n")
    assert not conditions.killed_for_memory(group)


def test_a_control_group_is_removed_once_its_processes_have_ended(tmp_path, monkeypatch, capsys):
    group = tmp_path / "group"
    (group / "process").mkdir(parents=True)
    naps = []

    def end_after_three_naps(seconds):
        naps.append(seconds)
        if len(naps) == 3:
            (group / "process").rmdir()

    monkeypatch.setattr(conditions.time, "sleep", end_after_three_naps)
    conditions.remove_group(group)
    assert not group.exists()
    (group / "process").mkdir(parents=True)
    monkeypatch.setattr(conditions.time, "sleep", lambda seconds: None)
    conditions.remove_group(group)
    assert "could not be removed" in capsys.readouterr().out


def test_without_namespaces_root_is_told_that_a_folder_cannot_be_made_read_only(
    setting, monkeypatch
):
    monkeypatch.setattr(conditions, "unshare", lambda: None)
    monkeypatch.setattr(conditions.os, "geteuid", lambda: 0, raising=False)
    with pytest.raises(conditions.NotPossible, match="not root"):
        conditions.read_only_checkout(setting)


# Notebook passes


def write_notebook(setting, *sources):
    """Write a notebook whose last cell has stored the claim that it should make."""
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    for cell in cells:
        cell.execution_count = 1
    cells[-1].metadata["tags"] = ["nbval-check-output"]
    cells[-1].outputs = [nbformat.v4.new_output("stream", name="stdout", text="✔ one is 1\n")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    nbformat.write(notebook, setting.checkout / "notebooks" / "01_small.ipynb")
    (setting.checkout / "tests").mkdir(exist_ok=True)
    (setting.checkout / "tests" / "nbval_sanitize.cfg").touch()


@pytest.mark.parametrize(
    ("sources", "problem", "claims"),
    [
        (["print('✔ one is 1')"], "", 1),
        (["print('✔ one is 2')"], "Cell 0", 0),
        (["import time; time.sleep(60)", "print('✔ one is 1')"], "Timeout", 0),
    ],
    ids=["passes", "claims otherwise", "hangs"],
)
def test_a_notebook_is_run_and_watched(setting, monkeypatch, sources, problem, claims):
    write_notebook(setting, *sources)
    short = [argument.replace("=300", "=2") for argument in course.NBVAL]
    monkeypatch.setattr(course, "NBVAL", short)
    outcome = notebook_passes.run_notebook(sys.executable, "01_small.ipynb", setting)
    assert problem in outcome.problem
    assert bool(outcome.problem) == bool(problem)
    assert outcome.claims == claims
    assert outcome.peak > 10_000_000


def test_a_slower_processor_gives_cells_more_time(setting, monkeypatch):
    write_notebook(setting, "import time; time.sleep(3)", "print('✔ one is 1')")
    short = [argument.replace("=300", "=1") for argument in course.NBVAL]
    monkeypatch.setattr(course, "NBVAL", short)
    monkeypatch.setattr(course, "CELL_SECONDS", 30)
    outcome = notebook_passes.run_notebook(sys.executable, "01_small.ipynb", setting)
    assert "Timeout" in outcome.problem
    conditions.CONDITIONS["no AVX2"](setting)
    outcome = notebook_passes.run_notebook(sys.executable, "01_small.ipynb", setting)
    assert outcome.problem == ""


def test_a_notebook_does_not_start_where_a_condition_is_missing(setting):
    write_notebook(setting, "print('✔ one is 1')")
    setting.probe["unwritable"] = [str(setting.scratch)]
    outcome = notebook_passes.run_notebook(sys.executable, "01_small.ipynb", setting)
    assert outcome.problem.startswith("a condition was not there: ")
    assert outcome.claims == 0


@pytest.mark.parametrize(("seconds", "memory"), [(0.3, 1), (60, 2**40)])
def test_what_hangs_or_takes_too_much_memory_is_stopped(monkeypatch, seconds, memory):
    monkeypatch.setattr(notebook_passes, "NOTEBOOK_SECONDS", seconds)
    monkeypatch.setattr(notebook_passes, "kernels_of", lambda process: [(1, memory)])
    command = [sys.executable, "-c", "import time; time.sleep(60)"]
    process = notebook_passes.psutil.Popen(command)
    peak, problem = notebook_passes.watch(process, 2**30)
    assert peak == memory
    assert ("hung" in problem) == (memory == 1)
    assert ("4 GB" in problem) == (memory > 1)
    assert not process.is_running()


ONE = Pass(9, "3.12", "newest", ("network cut off", "one core"), (4,))
GOOD = Outcome("01_a.ipynb", "", 7, 3.0, 2**30, "a way")
BAD = Outcome("02_b.ipynb", "Cell 3: it fell", 0, 5.0, 2**29)


class Found:
    """Stands for the interpreters of a machine."""

    def __init__(self, python):
        self.python = python

    def find(self, version, environment):
        return self.python


@pytest.fixture
def no_versions(monkeypatch):
    monkeypatch.setattr(hard_table, "versions", lambda python: "Python 3")
    monkeypatch.setattr(notebook_passes, "version_of", lambda python: "3.12")


@pytest.mark.parametrize(
    ("outcomes", "touched", "python", "verdict"),
    [
        ([GOOD], [], "python", HELD),
        ([GOOD], [], None, PARTLY),
        ([GOOD], ["data/new"], "python", FAILED),
        ([GOOD, BAD], [], "python", FAILED),
    ],
)
def test_verdict_of_a_pass(monkeypatch, no_versions, outcomes, touched, python, verdict):
    monkeypatch.setattr(notebook_passes, "run_all", lambda *arguments: (outcomes, touched))
    monkeypatch.setattr(notebook_passes, "culprits", lambda *arguments: "fails alone with rain")
    row = notebook_passes.run_pass(ONE, ["01_a.ipynb"], Found(python))
    assert row.verdict == verdict
    assert f"{1} of {len(outcomes)} notebook runs passed, 7 claims" in row.happened
    assert ("Python 3.12 was not found; 3.12 ran it" in row.details) == (python is None)
    assert ("changed in the checkout: data/new" in row.details) == bool(touched)
    assert ("02_b.ipynb: fails alone with rain" in row.details) == (BAD in outcomes)


def test_a_pass_that_cannot_be_made_is_no_pass(monkeypatch, no_versions):
    def impossible(*arguments):
        raise conditions.NotPossible("no moon")

    monkeypatch.setattr(notebook_passes, "run_all", impossible)
    row = notebook_passes.run_pass(ONE, ["01_a.ipynb"], Found("python"))
    assert row.verdict == NOT_TRIED
    assert "no moon" in row.happened


def test_the_condition_that_makes_a_notebook_fail_is_named(monkeypatch):
    tried = []

    def run_all(trial, notebooks, python):
        tried.append((trial.conditions, trial.seeds))
        fails = trial.seeds == (4,) or "one core" in trial.conditions
        return [BAD if fails else GOOD], []

    monkeypatch.setattr(notebook_passes, "run_all", run_all)
    found = notebook_passes.culprits(ONE, "02_b.ipynb", "python")
    assert found == "fails alone with seed 4, one core"
    assert tried == [((), ()), ((), (4,)), (("network cut off",), ()), (("one core",), ())]
    monkeypatch.setattr(notebook_passes, "run_all", lambda *arguments: ([BAD], []))
    assert "no condition at all" in notebook_passes.culprits(ONE, "02_b.ipynb", "python")
    monkeypatch.setattr(notebook_passes, "run_all", lambda *arguments: ([GOOD], []))
    assert notebook_passes.culprits(ONE, "02_b.ipynb", "python") == "passes with each one alone"


def test_both_copies_of_a_notebook_run_at_once(monkeypatch, tmp_path):
    running, most, seeds = set(), [], []
    barrier = notebook_passes.queue.Queue()

    def run_notebook(python, notebook, setting):
        running.add(setting.scratch.name)
        barrier.put(1)
        while barrier.qsize() < 2:
            pass
        most.append(sorted(running))
        seeds.append(setting.environment["COURSE_SEED"])
        return GOOD

    monkeypatch.setattr(notebook_passes, "ROOT", tmp_path)
    monkeypatch.setattr(notebook_passes, "run_notebook", run_notebook)
    both = Pass(5, "3.12", "newest", (conditions.TWICE,), (4, 5))
    outcomes, touched = notebook_passes.run_all(both, ["01_a.ipynb"], "python")
    assert outcomes == [GOOD, GOOD]
    assert touched == []
    assert most[-1] == ["01a", "01b"]
    assert sorted(seeds) == ["4", "5"]


def test_interpreters_are_taken_made_or_missed(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_VENV", str(tmp_path))
    running = notebook_passes.version_of(sys.executable)
    pythons = notebook_passes.Pythons([])
    assert pythons.find(running, "newest") == sys.executable
    made = []

    def install(python, environment, for_tests, folder):
        made.append((python, folder.name))
        if python == "broken":
            raise course.NotInstalled("no room")
        return folder / "python"

    here = [("broken", True), ("good", True)]
    monkeypatch.setattr(interpreters, "candidates", lambda version: here)
    monkeypatch.setattr(course, "install", install)
    assert pythons.find("3.99", "newest") == str(tmp_path / ".venv-3.99" / "python")
    assert made == [("broken", ".venv-3.99"), ("good", ".venv-3.99")]
    monkeypatch.setattr(interpreters, "candidates", lambda version: [])
    assert pythons.find("3.98", "colab") is None


def test_a_report_names_the_cells_that_failed(tmp_path):
    path = tmp_path / "report.xml"
    assert notebook_passes.read_report(path) == []
    path.write_text(
        "<testsuites><testsuite><testcase name='Cell 1'/><testcase name='Cell 2'>"
        f"<failure>{'x' * 500}\nClaimError: ✘ accuracy is 0.1</failure></testcase>"
        f"<testcase name='Cell 3'><error message='{'died ' * 100}'/></testcase>"
        "</testsuite></testsuites>",
        encoding="utf-8",
    )
    first, second = notebook_passes.read_report(path)
    assert first == "Cell 2: ClaimError: ✘ accuracy is 0.1"
    assert second.startswith("Cell 3: died died")
    assert len(second) < 320


# Damaged data


@pytest.fixture
def penguins(tmp_path, monkeypatch):
    """A copy of one data set, which is in use."""
    folder = tmp_path / "data"
    damaged_data.shutil.copytree(ROOT / "data" / "penguins", folder / "penguins")
    monkeypatch.setenv("COURSE_DATA", str(folder))
    return folder / "penguins" / "penguins.csv"


def test_every_data_file_is_tried():
    assert damaged_data.unknown_files(ROOT / "data") == []
    assert all(
        path in damaged_data.LOADERS for path in ("mnist/mnist.npz", "sunspots/sunspots.csv")
    )


@pytest.mark.parametrize("name", ["a.csv", "a.csv.xz", "a.csv.gz", "a.npz"])
def test_every_damage_is_one(name, tmp_path):
    content = bytes(range(200))
    made = list(damaged_data.damages(content, name, tmp_path, np.random.default_rng(1)))
    assert all(damage != content for _, damage in made)
    kinds = {kind for kind, _ in made}
    assert {"truncated", "one bit flipped", "emptied", "pickle", "folder", "missing"} <= kinds
    assert ("bomb" in kinds) == (name != "a.csv")
    flips = [damage for kind, damage in made if kind == "one bit flipped"]
    assert len(set(flips)) == damaged_data.FLIPS
    assert {sum((a ^ b).bit_count() for a, b in zip(content, f, strict=True)) for f in flips} == {1}


def test_bombs_unpack_to_what_they_promise(monkeypatch):
    monkeypatch.setattr(damaged_data, "BOMB", 2**20)
    for name, unpack in (("a.xz", damaged_data.lzma), ("a.gz", damaged_data.gzip)):
        bomb = damaged_data.make_bomb(name)
        assert len(bomb) < 2**14
        assert len(unpack.decompress(bomb)) == 2**20


def raising(error):
    def load():
        raise error

    return load


def test_what_is_right_about_a_refusal(penguins):
    original = penguins.read_bytes()
    right = damaged_data.fingerprint(datasets.penguins())

    def attempt(load):
        penguins.write_bytes(original[:-1])
        return damaged_data.attempt(load, penguins, ROOT / "data", right)

    assert attempt(datasets.penguins) == ""
    assert penguins.read_bytes() == original
    assert "as if nothing were wrong" in attempt(lambda: 3)
    assert "ValueError instead" in attempt(raising(ValueError("x")))
    assert "SystemExit instead" in attempt(raising(SystemExit()))
    assert "does not say what to do" in attempt(raising(DatasetError("Oh.")))
    advice = "run: git checkout -- data/penguins/card.json in the course's folder"
    assert "does not help" in attempt(raising(DatasetError(advice)))


@pytest.fixture
def only_penguins(monkeypatch):
    """Let a run try one file only."""
    loaders = {"penguins/penguins.csv": datasets.penguins}
    monkeypatch.setattr(damaged_data, "LOADERS", loaders)
    monkeypatch.setattr(damaged_data, "unknown_files", lambda data: [])
    return loaders


def test_a_run_over_one_data_set(only_penguins):
    row = damaged_data.run(seed=3)
    assert row.verdict == HELD, row.details
    assert "unpickled: 0" in row.happened
    assert "card: truncated 5" in row.tried
    assert "COURSE_DATA" not in os.environ


def test_a_loader_that_unpickles_is_found_out(only_penguins, monkeypatch):
    def careless():
        content = (Path(os.environ["COURSE_DATA"]) / "penguins/penguins.csv").read_bytes()
        if content.startswith(b"\x80"):
            damaged_data.pickle.loads(content)
        return datasets.penguins()

    only_penguins["penguins/penguins.csv"] = careless
    row = damaged_data.run(seed=3)
    assert row.verdict == FAILED
    assert any("SOMETHING WAS UNPICKLED" in line for line in row.details)


# Random answers


def test_a_seed_repeats_what_is_drawn():
    drawn = [[answer_recipes.draw(seed, n, ["01"])[::2] for n in range(20)] for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert all(name.startswith("lesson_01.") for name, _ in drawn[0])


def test_every_recipe_suits_some_exercise():
    found = answer_recipes.exercises(["01"]).values()
    for name, make in answer_recipes.RECIPES.items():
        made = 0
        for exercise in found:
            try:
                made += make(exercise, answer_recipes.random.Random(1)) is not None
            except Exception:
                continue
        assert made, name
    assert set(answer_recipes.RECIPES) >= answer_recipes.DRESSED


def test_one_trial_tells_all_and_leaves_numpy_as_it_was(capsys, monkeypatch):
    exercise = next(iter(answer_recipes.exercises(["01"]).values()))

    def draw(seed, number, lessons):
        return "lesson_01.x", exercise, "right, dressed", answer

    def answer(*arguments):
        answer_recipes.replaces(exercise, answer_recipes.random.Random(1))()
        return 3

    before = dict(vars(np))
    monkeypatch.setattr(answer_recipes, "draw", draw)
    answer_recipes.try_one(1, 1, [])
    assert vars(np) == before
    result = random_answers.read(Reply("ok", capsys.readouterr().out, 1.0))
    assert result["status"] == "failed"
    assert result["message"].startswith(f"✘ {exercise.name}: ")


@pytest.mark.parametrize(
    ("found", "expected", "equal"),
    [
        (1 + 1e-9, 1, True),
        (1.001, 1, False),
        ([1, 2], np.array([1, 2]), True),
        (np.ones((2, 1)), np.ones((1, 2)), False),
        (np.ma.masked_array([1.0], mask=[True]), np.ones(1), False),
        ("1", 1, False),
        (1 + 0j, 1, False),
        ((1, "a"), (1, "a"), True),
        ({"a": 1}, {"a": 1.5}, False),
        (float("nan"), float("nan"), True),
    ],
)
def test_agreement_without_the_courses_comparison(found, expected, equal):
    assert bool(answer_recipes.same(found, expected, 1e-6)) == equal


FINE = {
    "status": "failed",
    "message": "✘ slope: expected 3, but got 4.",
    "dressed": False,
    "right": None,
}


@pytest.mark.parametrize(
    ("status", "changes", "problem"),
    [
        ("ok", {}, ""),
        ("died", {}, "the kernel died"),
        ("hung", {}, "the kernel hung"),
        ("error", {}, "no verdict"),
        ("ok", {"message": "✘ no"}, "no clear message"),
        ("ok", {"message": "✘ slope: got <a thing at 0x7f>"}, "no clear message"),
        ("ok", {"status": "passed"}, "called right"),
        ("ok", {"status": "passed", "dressed": True}, ""),
        ("ok", {"status": "passed", "dressed": True, "right": True}, ""),
        ("ok", {"status": "passed", "dressed": True, "right": False}, "does not agree"),
    ],
)
def test_how_a_verdict_is_judged(status, changes, problem):
    found = random_answers.judge(Reply(status, "text", 1.0), FINE | changes)
    assert problem in found
    assert bool(found) == bool(problem)


def test_a_trial_without_a_verdict_is_a_problem():
    assert random_answers.read(Reply("ok", "no marker", 1.0)) == {}
    assert "no verdict" in random_answers.judge(Reply("ok", "no marker", 1.0), {})


# Killed kernels


def test_a_kernel_is_killed_in_training_and_starts_again(tmp_path, monkeypatch):
    monkeypatch.setattr(killed_runs, "BUSY_SECONDS", 0.2)
    sources = ["a = 1", "a", "a", "from pathlib import Path\nfirst = not Path('done').exists()"]
    sources += ["import time\nepochs = [time.sleep(20) for _ in range(first)]", "print('✔ a is 1')"]
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    cells[-1].metadata["tags"] = ["nbval-check-output"]
    cells[-1].outputs = [nbformat.v4.new_output("stream", name="stdout", text="✔ a is 1\n")]
    kernel = LiveKernel(tmp_path, clean_environment(ROOT))
    try:
        assert killed_runs.kill_in_training(kernel, cells) == 4
        assert not kernel.manager.is_alive()
        (tmp_path / "done").touch()
        kernel.restart()
        assert killed_runs.run_all_cells(kernel, cells) == ([], 1)
        cells[-1].source = "print('✔ a is 2')"
        problems, _ = killed_runs.run_all_cells(kernel, cells)
        assert problems == ["code cell 6: other claims than stored: ['✔ a is 2']"]
        assert kernel.run("import os; os._exit(1)").status == "died"
    finally:
        kernel.stop()
        # jupyter_client leaves its event loop open, which a later test would be blamed for.
        asyncio.get_event_loop().close()
        asyncio.set_event_loop(None)


def test_tables_that_differ():
    rows = [{"loss": "1", "seconds": ""}, {"loss": "2", "seconds": ""}]
    assert killed_runs.difference(rows[:1], rows) == "1 rows instead of 2"
    assert killed_runs.difference(rows[::-1], rows) == "loss 2 instead of 1; loss 1 instead of 2"


def test_what_changed_in_a_folder(tmp_path):
    for name in ("a", "b", "c"):
        (tmp_path / name).write_text(name)
    before = digests(tmp_path)
    (tmp_path / "a").unlink()
    (tmp_path / "b").write_text("new")
    (tmp_path / "d").mkdir()
    assert changed(before, digests(tmp_path)) == ["a", "b", "d"]


def test_the_probe_needs_the_right_course():
    wanted = {"checkout": str(ROOT)}
    assert inside.problems(wanted) == []


def test_a_line_may_stand_for_several_claims():
    lines = ["✔ one is 1", "✔ 12 checks hold", "12 checks hold", "", "✔ 3 checks hold well is True"]
    assert [notebook_passes.claims_of(line) for line in lines] == [1, 12, 0, 0, 1]
