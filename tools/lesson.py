"""Edit a lesson as text, and write it back executed and tidy.

    python tools/lesson.py edit 01     notebook -> build/01_name.py, to edit
    python tools/lesson.py run 01      build/01_name.py -> notebook, executed
    python tools/lesson.py run 01 --as-is   execute the notebook as it stands
    python tools/lesson.py look 01     notebook -> build/01_name.html and .png pages

`run` marks the cells that are checked, drops what must not be stored (log
lines, timestamps, widgets), and records the measured time. A run that fails
leaves the notebook as it was.
"""

import argparse
import ast
import copy
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

import jupytext
import lesson_form
import nbformat
from address import badge, repository, setup_cell
from lesson_pages import write_pages
from nbclient import NotebookClient
from notebook_files import lesson_files

ROOT = Path(__file__).resolve().parents[1]
CHECKED = "nbval-check-output"
WIDGET = "application/vnd.jupyter.widget-view+json"
FOLDER = re.compile(r"(?:[A-Za-z]:)?(?:[\\/][\w.~+@ -]+)*[\\/](?=site-packages[\\/])")
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("action", choices=["edit", "run", "look"])
    parser.add_argument("lesson", help="the lesson's number, as in 01")
    parser.add_argument("--as-is", action="store_true", help="run the notebook, not the text")
    options = parser.parse_args()
    build = ROOT / "build"
    build.mkdir(exist_ok=True)
    if options.action == "edit":
        notebook = find(lesson_files(ROOT), options.lesson)
        text = build / f"{notebook.stem}.py"
        write_text(nbformat.read(notebook, as_version=4), text)
        print(f"Edit {text}, then: python tools/lesson.py run {options.lesson}")
    elif options.action == "run":
        run(build, options.lesson, options.as_is)
    else:
        print(*write_pages(find(lesson_files(ROOT), options.lesson), build), sep="\n")


def write_text(notebook: nbformat.NotebookNode, text: Path) -> None:
    """Write a notebook as text, with the course's metadata, which jupytext leaves out untold."""
    lesson_form.strip(notebook)
    notebook.metadata["jupytext"] = {"notebook_metadata_filter": "course"}
    jupytext.write(notebook, text, fmt="py:percent")


def find(paths: Iterable[Path], lesson: str) -> Path:
    """Return the one file of the lesson among `paths`."""
    found = [path for path in paths if path.name.startswith(f"{lesson}_")]
    if len(found) != 1:
        sys.exit(f"Expected one file {lesson}_..., but found {len(found)}.")
    return found[0]


def run(build: Path, lesson: str, as_is: bool) -> None:
    """Convert, execute and store one lesson."""
    if as_is:
        path = find(lesson_files(ROOT), lesson)
        notebook = nbformat.read(path, as_version=4)
    else:
        text = find(build.glob("*.py"), lesson)
        path = ROOT / "notebooks" / f"{text.stem}.ipynb"
        notebook = jupytext.read(text)
        if "question" not in notebook.metadata.get("course", {}):
            sys.exit(
                f"Expected {text.name} to begin with the course's metadata (course: number, "
                "question, ...), but there is none. `python tools/lesson.py edit 01` shows it."
            )
        keep_identifiers(notebook, path)
    lesson_form.prepare(notebook)
    notebook = formatted(notebook)
    seconds = execute(notebook, path.parent)
    refuse_log_lines(notebook)
    tidy(notebook, path.name, seconds)
    temporary = path.with_suffix(".tmp")
    nbformat.validate(notebook)
    nbformat.write(notebook, temporary)
    os.replace(temporary, path)
    print(
        f"{path.name}: {seconds:.0f} s, {path.stat().st_size / 1000:.0f} kB, "
        f"{len(notebook.cells)} cells, {lesson_form.words(notebook.cells)} words"
    )


def keep_identifiers(notebook: nbformat.NotebookNode, path: Path) -> None:
    """Give each cell the identifier it had, and new cells one that is stable."""
    known = {}
    if path.exists():
        old = nbformat.read(path, as_version=4)
        lesson_form.strip(old)
        known = {cell.source: cell.id for cell in old.cells}
    used: set[str] = set()
    for number, cell in enumerate(notebook.cells, start=1):
        identifier = known.get(cell.source, f"cell-{number:03d}")
        while identifier in used or (identifier not in known.values() and identifier in known):
            identifier += "x"
        used.add(identifier)
        cell.id = identifier


def formatted(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return the notebook with its code formatted, so that what runs is what is stored."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lesson.ipynb"
        nbformat.write(notebook, path)
        config = f"--config={ROOT / 'pyproject.toml'}"
        command = [sys.executable, "-m", "ruff", "format", "--quiet", "--no-cache", config]
        length = f"--line-length={lesson_form.LINE_LENGTH}"
        subprocess.run([*command, length, str(path)], check=True)
        return nbformat.read(path, as_version=4)


def execute(notebook: nbformat.NotebookNode, folder: Path) -> float:
    """Execute all cells in a fresh kernel; return the seconds it took."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
            cell.metadata.pop("execution", None)
    finished = []
    client = NotebookClient(
        notebook,
        timeout=180,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
        record_timing=False,
        on_cell_executed=lambda **_: finished.append(time.perf_counter()),
    )
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as nothing_solved:
        # What the author has solved does not belong into the lesson.
        client.execute(env={**os.environ, "COURSE_PROGRESS": nothing_solved})
    # Up to the last cell: a kernel may take its time to say goodbye.
    return finished[-1] - start


def refuse_log_lines(notebook: nbformat.NotebookNode) -> None:
    """Stop when a cell wrote warnings or log lines: a learner would see them in red."""
    for number, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", []):
            if output.output_type == "stream" and output.name == "stderr":
                sys.exit(
                    f"Cell {number} wrote to stderr (import keras after lesson.begin?):\n"
                    f"{cell.source}\n---\n{output.text}"
                )


def tidy(notebook: nbformat.NotebookNode, name: str, seconds: float) -> None:
    """Keep in the notebook only what readers and checks need."""
    course = copy.deepcopy(dict(notebook.metadata.get("course", {})))
    course["cpu_seconds"] = round(seconds)
    notebook.metadata = nbformat.from_dict(
        {"course": course, "kernelspec": KERNEL, "language_info": {"name": "python"}}
    )
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    stamp_address(notebook, name, repository())
    for cell in notebook.cells:
        tags = [tag for tag in cell.metadata.get("tags", []) if tag != CHECKED]
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if keep(output)]
            for output in cell.outputs:
                if output.output_type == "error":
                    # The traceback names the folder of packages, which is another elsewhere.
                    output.traceback = [FOLDER.sub("", line) for line in output.traceback]
            if is_checked(cell.source):
                tags.append(CHECKED)
        cell.metadata = nbformat.from_dict({"tags": tags} if tags else {})
    lesson_form.apply(notebook)


def stamp_address(notebook: nbformat.NotebookNode, name: str, address: str) -> None:
    """Write the badge and the set-up cell for the repository "owner/name" into a notebook.

    The badge is the line of the first cell that begins with "[![Open in Colab]";
    the set-up cell is the first code cell.
    """
    first = notebook.cells[0]
    lines = [line for line in first.source.split("\n") if not line.startswith("[![Open in Colab]")]
    first.source = "\n".join([lines[0], "", badge(address, name), *lines[1:]])
    first.source = re.sub(r"\n{3,}", "\n\n", first.source)
    setup = next(cell for cell in notebook.cells if cell.cell_type == "code")
    setup.source = setup_cell(address)


def keep(output: nbformat.NotebookNode) -> bool:
    """Say whether an output belongs in the stored notebook."""
    if output.output_type == "stream":
        return output.name == "stdout"
    return WIDGET not in output.get("data", {})


def is_checked(source: str) -> bool:
    """Say whether a cell makes a claim or shows an exercise's verdict."""
    code = re.sub(r"^\s*[%!].*$", "pass", source, flags=re.M)
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Call):
            function = node.func
            if isinstance(function, ast.Name) and function.id == "expect":
                return True
            if isinstance(function, ast.Attribute) and function.attr == "check":
                return True
    return False


if __name__ == "__main__":
    main()
