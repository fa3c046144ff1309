"""Writing a lesson back: what is marked, what is dropped, and what stays as it was."""

import sys
from pathlib import Path

import jupytext
import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import lesson  # noqa: E402
from address import badge, setup_cell  # noqa: E402
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output  # noqa: E402


@pytest.mark.parametrize(
    ("source", "checked"),
    [
        ("expect('a', 1, equals=1)", True),
        ("exercises.one.check(answer)", True),
        ("!ls\nexpect('a', 1, equals=1)", True),
        ("# expect('a', 1, equals=1)", False),
        ("print('expect(')", False),
        ("from course_lib.claims import expect", False),
    ],
)
def test_cells_that_claim_or_judge_are_checked(source, checked):
    assert lesson.is_checked(source) is checked


def tidied(*cells):
    notebook = new_notebook(cells=[new_markdown_cell("# 1. T\n\ntext"), new_code_cell("x"), *cells])
    notebook.metadata = nbformat.from_dict({"course": {"number": 1}, "jupytext": {"a": 1}})
    lesson.tidy(notebook, "01_t.ipynb", 12.6)
    return notebook


def test_tidy_marks_checked_cells_and_unmarks_others():
    marked = new_code_cell("expect('a', 1, equals=1)", metadata={"tags": ["twin:a.b"]})
    stale = new_code_cell("print(1)", metadata={"tags": [lesson.CHECKED], "execution": {"t": "1"}})
    cells = tidied(marked, stale).cells
    assert cells[2].metadata == {"tags": ["twin:a.b", lesson.CHECKED]}
    assert cells[3].metadata == {}


def test_tidy_drops_widgets_and_keeps_pictures():
    widget = new_output("display_data", {lesson.WIDGET: {}, "text/plain": "VBox()"})
    picture = new_output("display_data", {"image/png": "aGk="})
    cell = tidied(new_code_cell("1", outputs=[widget, picture])).cells[2]
    assert [list(output.data) for output in cell.outputs] == [["image/png"]]


@pytest.mark.parametrize(
    "folder", ["/home/a b/.venv/lib/python3.12/", r"C:\Users\a\env\Lib" + "\\"]
)
def test_tidy_keeps_the_folder_of_packages_out_of_tracebacks(folder):
    line = f"\x1b[36mFile \x1b[39m\x1b[32m{folder}site-packages/keras/spec.py:239\x1b[39m, in call"
    error = new_output(
        "error", ename="ValueError", evalue="a/b", traceback=[line, "no/ path /at all"]
    )
    cell = tidied(new_code_cell("1", outputs=[error])).cells[2]
    kept = "\x1b[36mFile \x1b[39m\x1b[32msite-packages/keras/spec.py:239\x1b[39m, in call"
    assert cell.outputs[0].traceback == [kept, "no/ path /at all"]


def test_tidy_records_the_time_and_keeps_only_the_courses_metadata():
    metadata = tidied().metadata
    minutes = {"core": 0, "all": 0}
    assert metadata["course"] == {"number": 1, "cpu_seconds": 13, "minutes": minutes}
    assert set(metadata) == {"course", "kernelspec", "language_info", "colab"}


def test_a_lesson_as_text_keeps_the_courses_metadata(tmp_path):
    written = nbformat.read(ROOT / "notebooks" / "01_linear_regression.ipynb", as_version=4)
    course, text = dict(written.metadata["course"]), tmp_path / "01_linear_regression.py"
    lesson.write_text(written, text)
    assert jupytext.read(text).metadata["course"] == course


def test_a_text_without_the_courses_metadata_is_refused_before_it_runs(tmp_path):
    (tmp_path / "01_linear_regression.py").write_text("# %%\n1 / 0\n")
    with pytest.raises(SystemExit, match=r"01_linear_regression\.py to begin with"):
        lesson.run(tmp_path, "01", as_is=False)


def test_stamping_an_address_twice_is_stamping_it_once():
    notebook = tidied()
    lesson.stamp_address(notebook, "01_t.ipynb", "a/b")
    once = nbformat.writes(notebook)
    lesson.stamp_address(notebook, "01_t.ipynb", "a/b")
    assert nbformat.writes(notebook) == once
    assert notebook.cells[0].source == f"# 1. T\n\n{badge('a/b', '01_t.ipynb')}\n\ntext"
    assert notebook.cells[1].source == setup_cell("a/b")


def test_log_lines_stop_the_run_and_name_the_cell():
    noisy = new_code_cell("import keras", outputs=[new_output("stream", name="stderr", text="W0")])
    with pytest.raises(SystemExit, match="import keras"):
        lesson.refuse_log_lines(new_notebook(cells=[noisy]))


def test_cells_keep_their_identifiers(tmp_path):
    old = new_notebook(cells=[new_code_cell("a", id="first"), new_code_cell("b", id="second")])
    nbformat.write(old, tmp_path / "n.ipynb")
    new = new_notebook(cells=[new_code_cell("b"), new_code_cell("new"), new_code_cell("a")])
    lesson.keep_identifiers(new, tmp_path / "n.ipynb")
    identifiers = [cell.id for cell in new.cells]
    assert (identifiers[0], identifiers[2]) == ("second", "first")
    assert len(set(identifiers)) == 3
    nbformat.validate(new)


def test_a_run_that_fails_leaves_the_notebook_as_it_was(tmp_path, monkeypatch):
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "build").mkdir()
    (tmp_path / "pyproject.toml").write_text("[tool.ruff]\n")
    notebook = tmp_path / "notebooks" / "01_t.ipynb"
    nbformat.write(tidied(), notebook)
    before = notebook.read_bytes()
    failing = new_notebook(cells=[new_markdown_cell("# 1. T"), new_code_cell("1 / 0")])
    failing.metadata["course"] = {"question": "Why?"}
    lesson.write_text(failing, tmp_path / "build" / "01_t.py")
    monkeypatch.setattr(lesson, "ROOT", tmp_path)
    with pytest.raises(Exception, match="division by zero"):
        lesson.run(tmp_path / "build", "01", as_is=False)
    assert notebook.read_bytes() == before
    assert list(notebook.parent.iterdir()) == [notebook]


def test_a_lesson_that_is_not_there_is_named(tmp_path):
    with pytest.raises(SystemExit, match="07_"):
        lesson.find([tmp_path / "01_line.ipynb"], "07")


def test_a_learners_copy_is_no_lesson(tmp_path):
    (tmp_path / "notebooks").mkdir()
    for name in ("02_b.ipynb", "01_a.ipynb", "01_a-Copy1.ipynb", "01_a (1).ipynb", "mine.ipynb"):
        (tmp_path / "notebooks" / name).touch()
    assert [path.name for path in lesson.lesson_files(tmp_path)] == ["01_a.ipynb", "02_b.ipynb"]
