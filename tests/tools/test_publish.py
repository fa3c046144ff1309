"""tools/publish.py, run on a copy of the course."""

import importlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
NEW = "ada-l/deep.learning_101"
# GitHub renders its own address in links of both kinds.
PAGE = """\
# Course

[![Open in Colab](badge.svg)](https://colab.research.google.com/github/{address}/blob/main/x.ipynb)
`git clone https://github.com/{address}.git course`, see {address}.
Not the course: another{address} and {address}-fork.
"""


@pytest.fixture
def publish(monkeypatch):
    """Return the module tools/publish.py."""
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    return importlib.import_module("publish")


@pytest.fixture
def tree(publish, monkeypatch, tmp_path):
    """Return a copy of the course, unpublished, with more that holds its address."""
    root = tmp_path / "a course é"
    copy_course(root)
    monkeypatch.setattr(publish, "ROOT", root)
    address = publish.unpublished(root)
    (root / "PAGE.md").write_bytes(PAGE.format(address=address).encode())
    write_notebook(root / "notebooks" / "98_example.ipynb", address)
    # What the address is now must not matter.
    assert publish.main(["--unpublish"]) == 0
    return root


def copy_course(root):
    """Copy what publishing changes, writable even where the checkout is not."""
    pages = [*ROOT.glob("*.md"), *ROOT.glob("notebooks/*.md")]
    lessons = importlib.import_module("notebook_files").lesson_files(ROOT)
    for path in [ROOT / "pyproject.toml", *pages, *lessons]:
        target = root / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)


def write_notebook(path, address):
    """Store a notebook with outputs of all kinds, and the address in its text."""
    new = nbformat.v4
    outputs = [
        new.new_output("stream", name="stdout", text="✔ 1/3 is 0.333\n"),
        new.new_output("display_data", {"image/png": "aGVsbG8=\n", "text/plain": "<Figure>"}),
        new.new_output("error", ename="ValueError", evalue="é", traceback=["\x1b[31mValueError"]),
    ]
    cells = [
        new.new_markdown_cell("# 98. Example\n\n*Does it work?*", id="a"),
        new.new_code_cell("# set-up", id="b", execution_count=1),
        new.new_markdown_cell(f"The course is at https://github.com/{address}.", id="c"),
        new.new_code_cell("1 / 3", id="d", execution_count=2, outputs=outputs),
    ]
    cells[3].metadata["tags"] = ["nbval-check-output"]
    nbformat.write(new.new_notebook(cells=cells, metadata={"course": {"number": 98}}), path)


def files(root):
    """Return the bytes of every file below `root`."""
    return {path: path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def test_address_is_written_everywhere(publish, tree):
    status = publish.main([NEW])
    assert status == 0
    assert f'\nrepository = "{NEW}"\n' in (tree / "pyproject.toml").read_text(encoding="utf-8")
    notebook = nbformat.read(tree / "notebooks" / "98_example.ipynb", as_version=4)
    link = f"https://colab.research.google.com/github/{NEW}/blob/main/notebooks/98_example.ipynb"
    title, _, badge, _, question = notebook.cells[0].source.split("\n")
    assert (title, question) == ("# 98. Example", "*Does it work?*")
    assert badge.startswith("[![Open in Colab](")
    assert badge.endswith(f"({link})")
    assert f'address = "https://github.com/{NEW}"\n' in notebook.cells[1].source
    assert notebook.cells[2].source == f"The course is at https://github.com/{NEW}."
    page = (tree / "PAGE.md").read_text(encoding="utf-8")
    assert page.startswith(PAGE.format(address=NEW).split("Not the course")[0])


def test_names_that_only_contain_the_address_stay(publish, tree):
    publish.main(["ada/course"])
    (tree / "PAGE.md").write_bytes(PAGE.format(address="ada/course").encode())
    publish.main([NEW])
    last = (tree / "PAGE.md").read_text(encoding="utf-8").split("\n")[-2]
    assert last == "Not the course: anotherada/course and ada/course-fork."


def test_nothing_of_the_old_address_is_left(publish, tree):
    (tree / "PAGE.md").unlink()
    before = sum(b"-unpublished-/" in content for content in files(tree).values())
    assert before >= 2
    assert publish.main(["ada/course"]) == 0
    assert publish.main([NEW]) == 0
    texts = files(tree)
    assert [path for path, text in texts.items() if b"-unpublished-/" in text] == []
    assert [path for path, text in texts.items() if b"ada/course" in text] == []
    for path in tree.glob("notebooks/*.ipynb"):
        assert NEW.encode() in texts[path]


def test_second_run_changes_nothing(publish, tree, capsys):
    publish.main([NEW])
    once = files(tree)
    status = publish.main([NEW])
    assert status == 0
    assert "0 files changed" in capsys.readouterr().out
    assert files(tree) == once


def test_going_back_gives_identical_files(publish, tree):
    before = files(tree)
    publish.main([NEW])
    assert files(tree) != before
    status = publish.main(["--unpublish"])
    assert status == 0
    assert files(tree) == before


def test_everything_but_address_and_badge_stays_the_same(publish, tree):
    for path in sorted(tree.glob("notebooks/*.ipynb")):
        before = json.loads(path.read_bytes())
        publish.main([NEW])
        after = json.loads(path.read_bytes())
        code = next(i for i, cell in enumerate(before["cells"]) if cell["cell_type"] == "code")
        for number, (old, new) in enumerate(zip(before["cells"], after["cells"], strict=True)):
            source = old.pop("source"), new.pop("source")
            assert old == new
            if number not in (0, code) and "98" not in path.name:
                assert source[0] == source[1]
        before.pop("cells")
        after.pop("cells")
        assert before == after


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "The repository is missing"),
        ("course", "one slash"),
        ("ada/course/tree", "one slash"),
        ("https://github.com/ada/course", "is a web address"),
        ("github.com/ada", "is a web address"),
        ("git@github.com:ada/course.git", "is a web address"),
        ("/course", "cannot be a GitHub account"),
        ("ada-/course", "cannot be a GitHub account"),
        ("a--b/course", "cannot be a GitHub account"),
        ("a_b/course", "cannot be a GitHub account"),
        ("é/course", "cannot be a GitHub account"),
        ("a" * 40 + "/course", "cannot be a GitHub account"),
        ("ada/", "cannot be a GitHub repository"),
        ("ada/..", "cannot be a GitHub repository"),
        ("ada/a course", "cannot be a GitHub repository"),
        ("ada/cours\N{LATIN SMALL LETTER E WITH ACUTE}", "cannot be a GitHub repository"),
        ('ada/"; import os', "cannot be a GitHub repository"),
        ("ada/course\n", "cannot be a GitHub repository"),
        ("ada/" + "a" * 101, "cannot be a GitHub repository"),
        ("ada/course.git", "leave out the ending"),
    ],
)
def test_bad_names_are_explained(publish, name, message):
    with pytest.raises(publish.PublishError, match=message):
        publish.checked(name)


@pytest.mark.parametrize("name", ["a/b", "a-b-c/.github", "A1/a_b-c.d", "a" * 39 + "/" + "b" * 100])
def test_good_names_are_taken(publish, name):
    assert publish.checked(name) == name


@pytest.mark.parametrize("arguments", [["a b/c"], [], ["ada/course", "--unpublish"]])
def test_bad_call_changes_nothing(publish, tree, arguments, capsys):
    before = files(tree)
    status = publish.main(arguments)
    assert status == 2
    assert capsys.readouterr().err.startswith("publish: ")
    assert files(tree) == before


@pytest.mark.parametrize(
    "content",
    [b"{ not json", b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}', b"\xff"],
)
def test_one_bad_notebook_and_nothing_is_changed(publish, tree, content, capsys):
    (tree / "notebooks" / "99_bad.ipynb").write_bytes(content)
    before = files(tree)
    status = publish.main([NEW])
    assert status == 2
    assert "Nothing was changed" in capsys.readouterr().err
    assert files(tree) == before


def test_settings_without_the_address_are_explained(publish, tree, capsys):
    settings = tree / "pyproject.toml"
    text = settings.read_text(encoding="utf-8").replace("[tool.course]\n", "[tool.course]\nx = 1\n")
    settings.write_bytes(text.encode("utf-8"))
    before = files(tree)
    status = publish.main([NEW])
    assert status == 2
    assert "[tool.course]" in capsys.readouterr().err
    assert files(tree) == before


@pytest.mark.parametrize("function", ["write_bytes", "replace"])
def test_failed_write_leaves_all_files_as_they_were(publish, monkeypatch, tmp_path, function):
    contents = {tmp_path / name: f"new {name}" for name in "abc"}
    for path in contents:
        path.write_bytes(b"old")
    calls = []

    def fails_on_the_second(real):
        def call(first, *rest):
            calls.append(first)
            if len(calls) == 2:
                raise OSError("disk full")
            return real(first, *rest)

        return call

    with monkeypatch.context() as patch:
        owner = publish.Path if function == "write_bytes" else publish.os
        patch.setattr(owner, function, fails_on_the_second(getattr(owner, function)))
        with pytest.raises(publish.PublishError, match="disk full"):
            publish.replace_all(contents)
    assert files(tmp_path) == dict.fromkeys(contents, b"old")


def test_the_stored_files_have_the_address_of_the_settings(publish, monkeypatch, tmp_path):
    root = tmp_path / "course"
    copy_course(root)
    before = files(root)
    assert publish.publish(root, publish.repository(root)) == []
    assert files(root) == before


def test_no_file_that_is_not_published_holds_the_address(publish):
    address = publish.repository(ROOT).encode()
    folders = ["course_lib", "tools", ".ci", ".github"]
    paths = [path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file()]
    paths += [path for path in ROOT.iterdir() if path.is_file() and path.suffix != ".md"]
    holders = [path.name for path in paths if address in path.read_bytes()]
    assert holders == ["pyproject.toml"]


def test_command_line_works_from_anywhere(tree, tmp_path):
    shutil.copytree(ROOT / "tools", tree / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    result = subprocess.run(
        [sys.executable, str(tree / "tools" / "publish.py"), NEW],
        cwd=tmp_path,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    assert result.returncode == 0, result.stderr
    assert "changed notebooks/98_example.ipynb\n" in result.stdout
    assert f"the course's address is {NEW}" in result.stdout
