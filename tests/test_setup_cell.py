"""The set-up cell, executed as in Colab, with a local clone in GitHub's place."""

import importlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
REPOSITORY = "ada/a-course"
ADDRESS = f"https://github.com/{REPOSITORY}"

# Takes the working tree's course away, installed or not: Colab has none.
BEFORE = """\
import json, os, sys, types
root = {root!r}
sys.path[:] = [path for path in sys.path if os.path.realpath(path or ".") != root]
sys.meta_path[:] = [
    finder for finder in sys.meta_path
    if not getattr(finder, "__module__", "").startswith("__editable__")
]
paths_before = list(sys.path)
if {in_colab}:
    sys.modules["google"] = types.ModuleType("google")
    sys.modules["google.colab"] = types.ModuleType("google.colab")
"""

# One line, the last, says what the cell has left behind.
AFTER = """
import importlib.util
found = {{"paths_added": sys.path[len(paths_before):], "paths_kept": paths_before}}
found["paths_kept"] = sys.path[:len(paths_before)] == paths_before
found["course_lib"] = getattr(importlib.util.find_spec("course_lib"), "origin", None)
if {use_it}:
    import course_lib
    from course_lib import datasets
    found["course_lib"] = course_lib.__file__
    found["penguins"] = len(datasets.penguins())
print(json.dumps(found))
"""

IDENTITY = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]

on_posix = pytest.mark.skipif(
    sys.platform == "win32", reason="in Colab the cell uses a Linux shell, which Windows lacks"
)


@pytest.fixture
def address(monkeypatch):
    """Return the module tools/address.py."""
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    return importlib.import_module("address")


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """Return a bare repository that holds the course's package and one data set."""
    folder = tmp_path_factory.mktemp("published")
    tree, bare = folder / "tree", folder / "on github é.git"
    caches = shutil.ignore_patterns("__pycache__", "*.pyc")
    shutil.copytree(ROOT / "course_lib", tree / "course_lib", ignore=caches)
    shutil.copytree(ROOT / "data" / "penguins", tree / "data" / "penguins")
    for command in (
        ["init", "--quiet", "--initial-branch=main", str(tree)],
        ["-C", str(tree), "-c", "core.autocrlf=false", "add", "--all", "--force"],
        ["-C", str(tree), *IDENTITY, "commit", "--quiet", "--message", "The course"],
        ["-C", str(tree), *IDENTITY, "commit", "--quiet", "--allow-empty", "--message", "Later"],
        ["clone", "--quiet", "--bare", str(tree), str(bare)],
    ):
        subprocess.run(["git", *command], check=True, capture_output=True)
    return bare


@pytest.fixture(params=["content", "a folder é"])
def machine(request, tmp_path):
    """Return the folder where the notebook's kernel starts."""
    folder = tmp_path / request.param
    folder.mkdir()
    return folder


def run_cell(cell, folder, published, *, in_colab=True, use_it=True, times=1):
    """Execute the cell in a new process; return the process and what it left behind."""
    # The cell must not depend on the network: https leads nowhere unless it is `published`.
    environment = {**os.environ, "GIT_ALLOW_PROTOCOL": "file", "PYTHONUTF8": "1"}
    for name in ("PYTHONPATH", "COURSE_DATA"):
        environment.pop(name, None)
    if published is not None:
        environment |= {
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"url.{published.as_uri()}.insteadOf",
            "GIT_CONFIG_VALUE_0": ADDRESS,
        }
    before = BEFORE.format(root=os.path.realpath(ROOT), in_colab=in_colab)
    program = before + f"{cell}\n" * times + AFTER.format(use_it=use_it)
    # -P: the folder itself is not searched, so that nothing but the cell can find the course.
    process = subprocess.run(
        [sys.executable, "-P", "-c", program],
        cwd=folder,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    lines = process.stdout.strip().split("\n")
    return process, json.loads(lines[-1]) if process.returncode == 0 else {}


@on_posix
def test_course_and_data_come_from_the_clone(address, published, machine):
    process, found = run_cell(address.setup_cell(REPOSITORY), machine, published)
    assert process.returncode == 0, process.stderr
    clone = machine / "course"
    assert Path(found["course_lib"]) == clone / "course_lib" / "__init__.py"
    assert found["penguins"] == 344
    assert [Path(path) for path in found["paths_added"]] == [clone]
    assert found["paths_kept"]
    assert sorted(path.name for path in machine.iterdir()) == ["course"]


@on_posix
def test_clone_is_shallow_and_quiet(address, published, machine):
    process, _ = run_cell(address.setup_cell(REPOSITORY), machine, published)
    said = process.stdout.strip().split("\n")[:-1]
    made_for = f"Made for v{address.version()} of the course."
    assert said == [f"{made_for} Newest: {ADDRESS}"]
    assert process.stderr == ""
    log = ["git", "-C", str(machine / "course"), "rev-list", "--count", "HEAD"]
    assert subprocess.run(log, capture_output=True, text=True, check=True).stdout.strip() == "1"


@on_posix
def test_running_it_again_does_not_clone_again(address, published, machine):
    cell = address.setup_cell(REPOSITORY)
    process, _ = run_cell(cell, machine, published, times=2)
    assert process.returncode == 0, process.stderr
    (machine / "course" / "mine.txt").write_text("a learner's file")
    # Now without a repository to clone from: a new kernel on the same machine.
    process, found = run_cell(cell, machine, None)
    assert process.returncode == 0, process.stderr
    assert found["penguins"] == 344
    assert Path(found["course_lib"]).is_relative_to(machine / "course")
    assert (machine / "course" / "mine.txt").exists()


@on_posix
@pytest.mark.parametrize(
    ("made_for", "fetched"), [("0.9.0", "0.9.0"), ("0.10.0", "0.10.0"), ("0.11.0", "0.1.0")]
)
def test_an_old_notebook_gets_the_course_it_was_made_for(
    address, published, machine, tmp_path, made_for, fetched
):
    tree, tagged = tmp_path / "tree", tmp_path / "tagged.git"
    subprocess.run(["git", "clone", "--quiet", str(published), str(tree)], check=True)
    module = tree / "course_lib" / "__init__.py"
    text = module.read_text()
    # As text, 0.10.0 comes before 0.9.0; what is on main is not tagged yet.
    for number in ("0.9.0", "0.10.0", "0.1.0"):
        module.write_text(re.sub(r'__version__ = ".*"', f'__version__ = "{number}"', text))
        command = ["git", "-C", str(tree), *IDENTITY]
        subprocess.run(
            [*command, "commit", "-aqm", number, "--allow-empty"], check=True, capture_output=True
        )
        if number != "0.1.0":
            subprocess.run([*command, "tag", f"v{number}"], check=True)
    subprocess.run(["git", "clone", "--quiet", "--bare", str(tree), str(tagged)], check=True)
    process, _ = run_cell(address.setup_cell(REPOSITORY, made_for), machine, tagged)
    assert process.returncode == 0, process.stderr
    assert process.stderr == ""
    assert f'__version__ = "{fetched}"' in (machine / "course/course_lib/__init__.py").read_text()
    said = f"Made for v{made_for} of the course. Newest: v0.10.0 {ADDRESS}"
    assert process.stdout.split("\n")[0] == said


@on_posix
def test_failing_clone_says_so_and_leaves_nothing_half_done(address, published, machine):
    cell = address.setup_cell(REPOSITORY)
    process, _ = run_cell(cell, machine, None)
    assert process.returncode == 1
    assert f"RuntimeError: Are you online? Could not fetch {ADDRESS}." in process.stderr
    assert list(machine.iterdir()) == []
    process, found = run_cell(cell, machine, published)
    assert process.returncode == 0, process.stderr
    assert found["penguins"] == 344


def test_outside_colab_it_says_which_python_lacks_the_course(address, published, machine):
    cell = address.setup_cell(REPOSITORY)
    process, _ = run_cell(cell, machine, published, in_colab=False, use_it=False)
    assert process.returncode == 1
    last = process.stderr.strip().split("\n")[-1]
    assert last.startswith(f"RuntimeError: This notebook runs on {sys.executable}, which lacks")
    assert "folder .venv" in last
    assert list(machine.iterdir()) == []


def test_outside_colab_it_does_nothing_where_the_course_is(address, published, machine):
    there = f"sys.path.append({str(ROOT)!r})\npaths_before = list(sys.path)\n"
    cell = there + address.setup_cell(REPOSITORY)
    process, found = run_cell(cell, machine, published, in_colab=False, use_it=False)
    assert process.returncode == 0, process.stderr
    assert process.stderr == ""
    assert (found["paths_added"], found["paths_kept"]) == ([], True)
    assert Path(found["course_lib"]).is_relative_to(ROOT)
    assert list(machine.iterdir()) == []


def test_it_changes_no_installed_package(address):
    cell = address.setup_cell(REPOSITORY)
    assert not re.search(
        r"\bpip\b|conda|\bapt\b|install|uninstall|%|!\s*\w", cell.replace("!=", "")
    )
    assert cell.count("os.system") == 1


def test_it_names_the_repository_once_and_is_short(address):
    cell = address.setup_cell(REPOSITORY)
    assert cell.count(REPOSITORY) == 1
    assert "{repository}" not in cell
    assert "{of_version}" not in cell
    assert len(cell.split("\n")) <= 20
    compile(cell, "set-up cell", "exec")
