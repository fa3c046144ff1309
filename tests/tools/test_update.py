"""`make update` brings the newest course and keeps what a learner wrote."""

import datetime
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import course_commands  # noqa: E402
import update  # noqa: E402
from notebook_files import lesson_files  # noqa: E402

SETTINGS = '[project]\nversion = "0.1.0"\n[tool.course]\nrepository = "ada/course"\n'
TODAY = datetime.date.today().isoformat()
MINE = f"notebooks/01_a_line-mine-{TODAY}.ipynb"
LESSON = "notebooks/01_a_line.ipynb"


def git(folder, *arguments):
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    command = ["git", "-C", str(folder), "-c", "core.autocrlf=false", *identity, *arguments]
    return subprocess.run(command, check=True, capture_output=True, encoding="utf-8").stdout


def write(folder, files):
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def publish(tree, files):
    write(tree, files)
    git(tree, "add", "--all")
    git(tree, "commit", "--quiet", "--message", "New lessons")
    git(tree, "push", "--quiet", "origin", "main")


@pytest.fixture(params=["whole", "shallow"])
def course(request, tmp_path):
    """Return the folder where the course is written, and a learner's clone of it."""
    tree, bare, learner = tmp_path / "tree", tmp_path / "course.git", tmp_path / "a learner é"
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", str(bare))
    git(tmp_path, "init", "--quiet", "--initial-branch=main", str(tree))
    git(tree, "remote", "add", "origin", bare.as_uri())
    publish(tree, {LESSON: "one", "notebooks/02_bends.ipynb": "two", "pyproject.toml": SETTINGS})
    depth = ["--depth", "1"] if request.param == "shallow" else []
    git(tmp_path, "clone", "--quiet", *depth, bare.as_uri(), str(learner))
    return tree, learner


def read(folder):
    """Return all files of a clone but git's own."""
    files = [path for path in folder.rglob("*") if path.is_file() and ".git" not in path.parts]
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in files}


def test_answers_are_kept_and_the_new_lesson_is_there(course):
    tree, learner = course
    publish(tree, {LESSON: "one, better", "notebooks/03_losses.ipynb": "three"})
    write(learner, {LESSON: "one, with answers", "notebooks/02_bends.ipynb": "two, with answers"})
    said = update.update(learner)
    assert read(learner) == {
        LESSON: "one, better",
        MINE: "one, with answers",
        "notebooks/02_bends.ipynb": "two, with answers",
        "notebooks/03_losses.ipynb": "three",
        "pyproject.toml": SETTINGS,
    }
    assert "Brought 1 changes" in said
    assert "new or changed: 01_a_line, 03_losses." in said
    assert f"Your {LESSON} is kept as {MINE}." in said
    assert [path.name for path in lesson_files(learner)] == [
        "01_a_line.ipynb",
        "02_bends.ipynb",
        "03_losses.ipynb",
    ]
    assert update.update(learner) == "You have the newest course."


def test_a_second_time_on_the_same_day_keeps_both(course):
    tree, learner = course
    for number in (1, 2):
        publish(tree, {LESSON: f"edition {number}"})
        write(learner, {LESSON: f"answers {number}"})
        update.update(learner)
    texts = {name: text for name, text in read(learner).items() if "mine" in name}
    second = MINE.replace(".ipynb", "-2.ipynb")
    assert texts == {MINE: "answers 1", second: "answers 2"}


def test_a_file_of_ones_own_where_a_new_lesson_comes(course):
    tree, learner = course
    publish(tree, {"notebooks/03_losses.ipynb": "three"})
    write(learner, {"notebooks/03_losses.ipynb": "my own third"})
    update.update(learner)
    files = read(learner)
    assert files["notebooks/03_losses.ipynb"] == "three"
    assert files[f"notebooks/03_losses-mine-{TODAY}.ipynb"] == "my own third"


def test_a_lesson_that_was_added_to_the_index_or_deleted(course):
    tree, learner = course
    publish(tree, {LESSON: "one, better", "notebooks/02_bends.ipynb": "two, better"})
    write(learner, {LESSON: "answers"})
    git(learner, "add", LESSON)
    (learner / "notebooks/02_bends.ipynb").unlink()
    update.update(learner)
    files = read(learner)
    assert files[MINE] == "answers"
    assert files[LESSON] == "one, better"
    assert files["notebooks/02_bends.ipynb"] == "two, better"


def test_answers_in_a_lesson_that_was_renamed(course):
    tree, learner = course
    git(tree, "mv", LESSON, "notebooks/01_the_line.ipynb")
    publish(tree, {})
    write(learner, {LESSON: "answers"})
    update.update(learner)
    files = read(learner)
    assert files[MINE] == "answers"
    assert files["notebooks/01_the_line.ipynb"] == "one"
    assert LESSON not in files


@pytest.mark.parametrize("what", ["zip", "no git", "no upstream", "gone", "own commits"])
def test_where_it_cannot_be_done_nothing_changes(course, what, monkeypatch, capsys):
    tree, learner = course
    publish(tree, {LESSON: "one, better"})
    write(learner, {LESSON: "answers"})
    if what == "zip":
        shutil.rmtree(learner / ".git")
    elif what == "no git":
        monkeypatch.setattr(update.shutil, "which", lambda name: None)
    elif what == "no upstream":
        git(learner, "branch", "--unset-upstream")
    elif what == "gone":
        shutil.rmtree(tree.parent / "course.git")
    else:
        write(learner, {"notes.txt": "mine"})
        git(learner, "add", "notes.txt")
        git(learner, "commit", "--quiet", "--message", "mine")
    before = read(learner)
    monkeypatch.setattr(course_commands, "update", update)
    monkeypatch.setattr(update.update, "__defaults__", (learner,))
    monkeypatch.setattr(sys, "argv", ["course.py", "update"])
    assert course_commands.main() == 1
    told = capsys.readouterr().err
    assert read(learner) == before
    advice = {
        "zip": "came without git's history.*https://github.com/ada/course .*make lab",
        "no git": "no git on this machine.*Download ZIP",
        "no upstream": "--set-upstream-to=origin/main",
        "gone": "was not reached: .* Are you online",
        "own commits": "commits of its own.*git pull --rebase",
    }
    assert re.search(f"Nothing was updated.*{advice[what]}", told), told
    assert "Traceback" not in told


def test_when_git_fails_half_way_the_answers_are_put_back(course, monkeypatch):
    tree, learner = course
    publish(tree, {LESSON: "one, better"})
    write(learner, {LESSON: "answers"})
    before, whole = read(learner), update.git

    def fail(root, *arguments):
        if arguments[0] == "merge":
            raise update.NotUpdated("The disk is full.")
        return whole(root, *arguments)

    monkeypatch.setattr(update, "git", fail)
    with pytest.raises(update.NotUpdated, match=r"The disk is full\. Your files are as they were"):
        update.update(learner)
    assert read(learner) == before
