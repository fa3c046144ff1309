"""What every committed notebook must be: executed, checked, complete, and true to the package."""

import ast
import importlib
import inspect
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))

import lesson_form  # noqa: E402
from address import badge, repository, setup_cell  # noqa: E402
from course_map import PICTURE, lessons, picture, texts  # noqa: E402
from lesson import CHECKED, is_checked  # noqa: E402
from notebook_files import lesson_files  # noqa: E402

from course_lib.exercises import Exercise  # noqa: E402
from course_lib.figures.display import caption  # noqa: E402

NOTEBOOKS = lesson_files(ROOT)
HEADINGS = ["Break it", "Spot the mistake", "Exercises", "What you now know", "References"]
FIELDS = {"number", "title", "question", "minutes", "needs", "teaches", "cpu_seconds"}
NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?(?: ?%)?")


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def path(request):
    return request.param


@pytest.fixture
def notebook(path):
    return nbformat.read(path, as_version=4)


@pytest.fixture
def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


@pytest.fixture
def prose(notebook):
    return [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]


@pytest.fixture
def read(notebook):
    """The prose without the section of references."""
    parts = [one for one in lesson_form.sections(notebook) if one.heading != "## References"]
    cells = [cell for part in parts for cell in part.cells]
    return [cell.source for cell in cells if cell.cell_type == "markdown"]


def tags(cell):
    return cell.metadata.get("tags", [])


def tree(source):
    return ast.parse(re.sub(r"^\s*[%!].*$", "pass", source, flags=re.M))


def calls(source, name):
    """Return the calls of a function or method of that name."""
    found = (node for node in ast.walk(tree(source)) if isinstance(node, ast.Call))
    return [
        node
        for node in found
        if (isinstance(node.func, ast.Name) and node.func.id == name)
        or (isinstance(node.func, ast.Attribute) and node.func.attr == name)
    ]


def test_there_are_notebooks():
    assert len(NOTEBOOKS) >= 3


def test_is_valid_and_small_enough_for_github(path, notebook):
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert path.stat().st_size < 1_000_000


def test_was_executed_in_order_from_a_fresh_kernel(code):
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))


def test_stores_no_error_that_is_not_meant_and_no_log_lines(code):
    for cell in code:
        kinds = {output.output_type for output in cell.outputs}
        assert ("error" in kinds) == ("raises-exception" in tags(cell)), cell.source
        assert not any(output.get("name") == "stderr" for output in cell.outputs), cell.source


def test_checked_cells_are_marked_and_stored(code):
    for cell in code:
        assert (CHECKED in tags(cell)) == is_checked(cell.source), cell.source
        if is_checked(cell.source):
            assert cell.outputs, f"no stored output:\n{cell.source}"


def test_checked_outputs_hold_nothing_that_differs_between_machines(code):
    for cell in code:
        text = "".join(output.get("text", "") for output in cell.outputs)
        assert not re.search(r"(/home/|/Users/|/root/|/tmp/|[A-Z]:\\\\|0x[0-9a-f]{6,})", text)
        if CHECKED in tags(cell):
            assert not re.search(r"\d\s?(ms|seconds|s/step|s)\b", text), text
            assert not re.search(r"\d\.\d{7,}", text), text


def test_no_traceback_names_a_folder_of_one_machine(code):
    for cell in code:
        for output in cell.outputs:
            for line in output.get("traceback", []):
                assert not re.search(r"[\\/](site-packages|notebooks|course_lib)[\\/]", line), line
                assert not re.search(r"(/home/|/Users/|/root/|/tmp/|[A-Z]:\\\\)", line), line


def test_no_widget_is_stored(code):
    for cell in code:
        for output in cell.outputs:
            assert not any("widget" in kind for kind in output.get("data", {}))


def test_cells_with_sliders_are_not_checked(code):
    for cell in code:
        if calls(cell.source, "move"):
            assert CHECKED not in tags(cell), "nbval cannot check a cell that shows widgets"


def test_every_picture_is_described(code):
    for cell in code:
        for place, output in enumerate(cell.outputs):
            if "image/png" in output.get("data", {}):
                alt = output.metadata.get("image/png", {}).get("alt", "")
                assert len(alt.split()) >= 5, cell.source
                # JupyterLab shows no alternative text of a picture, but what stands below it.
                below = cell.outputs[place + 1].data["text/html"]
                assert below == caption(alt), cell.source


def test_cells_fit_on_a_screen(code):
    for cell in code:
        assert len(cell.source.split("\n")) <= 20, cell.source


def test_code_is_formatted(path, notebook):
    command = [sys.executable, "-m", "ruff", "format", "--check", "--no-cache", str(path)]
    length = f"--line-length={lesson_form.LINE_LENGTH}"
    done = subprocess.run([*command, length], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_begins_with_title_badge_and_the_one_setup_cell(path, notebook, code):
    course = notebook.metadata.course
    assert path.stem[:2] == f"{course.number:02d}"
    title, blank, badge_line = notebook.cells[0].source.split("\n")[:3]
    assert title == f"# {course.number}. {course.title}"
    assert (blank, badge_line) == ("", badge(repository(), path.name))
    assert code[0].source == setup_cell(repository())
    begin = next(n for n, cell in enumerate(code) if calls(cell.source, "begin"))
    assert begin == 1
    # Before it TensorFlow would write its start-up lines.
    before = code[1].source.split("lesson.begin(")[0]
    assert "import keras" not in before
    assert "import tensorflow" not in before


def test_metadata_describe_the_lesson(notebook):
    course = notebook.metadata.course
    assert set(course) == FIELDS
    assert course.question.endswith("?")
    assert 5 <= course.minutes["core"] <= course.minutes["all"]
    assert 1 <= course.cpu_seconds <= 90
    assert len(course.teaches) >= 3 or lesson_form.is_start(notebook)
    assert set(notebook.metadata) == {"course", "kernelspec", "language_info", "colab"}


def test_prerequisites_exist_and_come_before():
    found = lessons()
    numbers = [lesson.number for lesson in found]
    assert numbers == list(range(len(found)))
    for lesson in found:
        assert all(need in numbers and need < lesson.number for need in lesson.needs), lesson
    concepts = [concept for lesson in found for concept in lesson.teaches]
    assert len(concepts) == len(set(concepts)), "a concept is taught first in one lesson only"


def test_has_the_parts_of_a_lesson(prose, notebook):
    if lesson_form.is_start(notebook):
        pytest.skip("it says how lessons work, and is none")
    text = "\n".join(prose)
    assert "**You will be able to**" in text
    assert re.search(r"\*\*Predict", text)
    for heading in HEADINGS:
        assert re.search(rf"^## (Deeper, \d+ min: )?{heading}", text, re.M), heading


def test_every_exercise_is_asked_and_answered_by_the_package(notebook, code):
    module = importlib.import_module(
        f"course_lib.exercises.lesson_{notebook.metadata.course.number:02d}"
    )
    exercises = {name for name, value in vars(module).items() if isinstance(value, Exercise)}
    assert len(exercises) >= (1 if lesson_form.is_start(notebook) else 4)
    asked = [
        name for cell in code for name in re.findall(r"exercises\.(\w+)\.check\(", cell.source)
    ]
    assert sorted(asked) == sorted(exercises)
    for cell in code:
        for name in re.findall(r"exercises\.(\w+)\.check\(", cell.source):
            assert f"# exercises.{name}.hint()" in cell.source
            assert f"# exercises.{name}.solution()" in cell.source
            text = "".join(output.get("text", "") for output in cell.outputs)
            assert f"… {name}: not attempted yet" in text


def test_links_lead_somewhere(path, prose):
    for link in re.findall(r"\]\(([^)\s]+)\)", "\n".join(prose)):
        if not link.startswith("https://"):
            assert (path.parent / link.split("#")[0]).exists(), link


def comparable(node):
    """Return a function's or class's syntax without docstrings, annotations and decorators."""
    for part in ast.walk(node):
        if isinstance(part, ast.FunctionDef | ast.ClassDef):
            part.decorator_list = []
            if ast.get_docstring(part) is not None:
                part.body = part.body[1:]
        if isinstance(part, ast.FunctionDef):
            part.returns = None
        if isinstance(part, ast.arg):
            part.annotation = None
    for part in ast.walk(node):
        if isinstance(getattr(part, "body", None), list):
            part.body = [
                ast.Assign([line.target], line.value, lineno=0)
                if isinstance(line, ast.AnnAssign) and line.value
                else line
                for line in part.body
            ]
    return ast.dump(node)


def test_code_shown_in_a_lesson_is_the_code_of_the_package(code):
    for cell in code:
        for tag in tags(cell):
            if tag.startswith("twin:"):
                module, name = tag.removeprefix("twin:").rsplit(".", 1)
                own = module.startswith(("models.", "training."))
                package = "course_lib" if own else "course_lib.scratch"
                twin = importlib.import_module(f"{package}.{module}")
                source = inspect.getsource(inspect.unwrap(getattr(twin, name)))
                shown = {
                    node.name: node for node in tree(cell.source).body if hasattr(node, "name")
                }
                assert comparable(shown[name]) == comparable(ast.parse(source).body[0]), tag


@pytest.mark.parametrize("module", ["linear", "autodiff", "metrics"])
def test_every_function_of_scratch_is_shown_in_the_lesson_that_teaches_it(module):
    shown = {
        tag.removeprefix("twin:")
        for path in NOTEBOOKS
        for cell in nbformat.read(path, as_version=4).cells
        for tag in tags(cell)
    }
    functions = ast.parse((ROOT / f"course_lib/scratch/{module}.py").read_text("utf-8")).body
    names = [node.name for node in functions if isinstance(node, ast.FunctionDef)]
    assert {f"{module}.{name}" for name in names if not name.startswith("_")} <= shown


def prose_numbers(text):
    """Return the numbers of Markdown that a reader would believe.

    Left out: inline code, links, headings, list numbers, references, years,
    whole numbers below 20, and exponents or indices of formulas.
    """
    text = re.split(r"(?:^|\n)## References", text)[0]
    text = re.sub(r"`[^`]*`|\]\([^)]*\)|^#.*$|^\d+\. |^\*\*\d+\. ", " ", text, flags=re.M)
    text = re.sub(r"[_^](\{[^}]*\}|\S)", " ", text)
    text = re.sub(r"[Ll]essons? \d+( (to|and) \d+)?", " ", text)
    for match in NUMBER.finditer(text):
        number = match.group().rstrip(",").replace(",", "").replace(" ", "")
        year = re.fullmatch(r"(1[6-9]|20)\d\d", number)
        if not year and ("." in number or "%" in number or int(number) >= 20):
            yield number


def literals(code):
    """Return every number that a code cell of the lesson sets or claims."""
    return {
        float(node.value)
        for cell in code
        for node in ast.walk(tree(cell.source))
        if isinstance(node, ast.Constant) and type(node.value) in (int, float)
    }


def is_claimed(number, known):
    value = float(number.rstrip("%"))
    # A percentage may stand in the code as a share, and dollars in hundred thousands.
    return any(
        abs(value - factor * one) <= 1e-9 * max(1.0, abs(value))
        for one in known
        for factor in (1, 100 if "%" in number else 1, 1e5 if value >= 1e4 else 1)
    )


def test_every_number_in_the_prose_is_set_or_claimed_by_a_cell(read, code):
    known = literals(code)
    unclaimed = [
        (number, text[:60])
        for text in read
        for number in prose_numbers(text)
        if not is_claimed(number, known)
    ]
    assert not unclaimed


def test_the_check_of_numbers_finds_a_number_that_no_cell_claims():
    assert list(prose_numbers("It reached 97.3 % with 1,024 units in 1997, after 12 tries.")) == [
        "97.3%",
        "1024",
    ]
    assert is_claimed("97.3%", {0.973})
    assert not is_claimed("97.4%", {0.973})
    assert not is_claimed("1024", {1025.0})


def test_the_tables_of_the_course_are_up_to_date():
    for path, text in texts().items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name}: run tools/course_map.py"


def test_the_picture_of_the_readme_is_the_one_in_the_lesson():
    assert (ROOT / PICTURE).read_bytes() == picture()
