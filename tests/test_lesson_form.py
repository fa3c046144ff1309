"""The form of a lesson: what folds, what is hidden, how long it takes, how it reads."""

import ast
import re
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))

import lesson_form as form  # noqa: E402
from course_map import lessons  # noqa: E402
from notebook_files import lesson_files  # noqa: E402

from course_lib.claims import TITLE  # noqa: E402

NOTEBOOKS = {path.stem: nbformat.read(path, as_version=4) for path in lesson_files(ROOT)}
LESSONS = [name for name, notebook in NOTEBOOKS.items() if not form.is_start(notebook)]
FIRST_RESULT = 10
# Sections of the core that show no results of their own.
WITHOUT_FIGURE = {"## Exercises", "## What you now know"}
# The one cell that shows a claim, to explain what a ✔ is.
EXPLAINS = "explains-checks"
# A term that an earlier lesson may use before the lesson that teaches it: why.
USED_EARLIER: dict[tuple[int, str], str] = {
    (0, "kernel"): "Jupyter's, named in its menu; that of a convolution comes in lesson 7",
}


@pytest.fixture(params=LESSONS)
def lesson(request):
    return NOTEBOOKS[request.param]


@pytest.fixture(params=NOTEBOOKS)
def any_notebook(request):
    return NOTEBOOKS[request.param]


def sources(code):
    return "\n".join(cell.source for cell in code)


def calls(source):
    plain = re.sub(r"^\s*[%!].*$", "pass", source, flags=re.M)
    nodes = (node for node in ast.walk(ast.parse(plain)) if isinstance(node, ast.Call))
    return {node.func.id for node in nodes if isinstance(node.func, ast.Name)}


def test_the_core_is_one_sitting_and_the_minutes_are_computed(lesson):
    assert dict(lesson.metadata.course.minutes) == form.lesson_minutes(lesson)
    assert lesson.metadata.course.minutes["core"] <= form.CORE_LIMIT
    assert lesson.metadata.course.minutes["all"] <= form.ALL_LIMIT


def test_the_core_comes_first_so_that_it_needs_nothing_deeper(lesson):
    deeper = [section.deeper for section in form.sections(lesson)]
    assert deeper == sorted(deeper)
    headings = [part.heading for part in form.sections(lesson) if not part.deeper]
    assert headings[-2:] == ["## Exercises", "## What you now know"]
    assert form.sections(lesson)[-1].heading == "## References"


def test_deeper_sections_fold_and_say_how_long_they_take(lesson):
    for section in form.sections(lesson):
        heading = section.cells[0]
        folded = bool(heading.metadata.get("jp-MarkdownHeadingCollapsed"))
        assert not section.deeper or "\n" not in heading.source, "what is below it would not fold"
        in_colab = heading.id in lesson.metadata.colab.collapsed_sections
        assert folded == in_colab == section.deeper, section.heading
        if section.deeper and section.heading != "## References":
            minutes = max(1, round(form.minutes(section.cells)))
            assert section.heading.startswith(f"## Deeper, {minutes} min: ")


def test_the_core_ends_with_what_is_done_and_what_is_next(lesson):
    core = [cell for part in form.sections(lesson) if not part.deeper for cell in part.cells]
    assert form.tags(core[-1]) == ["progress"]
    assert core[-1].source == form.PROGRESS
    text = "".join(output.get("text", "") for output in core[-1].outputs)
    assert text.startswith("No exercise is solved yet")


def test_every_section_has_its_heading_on_the_first_line_of_a_cell(any_notebook):
    for cell in any_notebook.cells:
        if cell.cell_type == "markdown":
            assert "\n## " not in cell.source


def test_claims_stand_in_cells_of_their_own_that_fold(any_notebook):
    for cell in any_notebook.cells:
        if cell.cell_type != "code":
            continue
        checks = "checks" in form.tags(cell)
        open_to_view = EXPLAINS in form.tags(cell)
        assert ("expect" in calls(cell.source)) == (checks or open_to_view), cell.source
        assert cell.source.startswith(TITLE) == checks
        if checks:
            assert cell.metadata.jupyter.source_hidden
            assert cell.metadata.cellView == "form"
            text = "".join(output.get("text", "") for output in cell.outputs)
            assert re.fullmatch(r"✔ [^\n]*\n", text), text


def test_the_start_takes_five_minutes_and_hides_its_result():
    (start,) = (notebook for notebook in NOTEBOOKS.values() if form.is_start(notebook))
    assert dict(start.metadata.course.minutes) == form.lesson_minutes(start)
    assert start.metadata.course.minutes["core"] <= 15
    (hidden,) = form.settling(start)
    assert hidden.metadata.jupyter.outputs_hidden


def test_predictions_are_blind(lesson):
    cells = lesson.cells
    asked = [place for place, cell in enumerate(cells) if form.is_prediction(cell)]
    core = [cell for part in form.sections(lesson) if not part.deeper for cell in part.cells]
    assert sum(map(form.is_prediction, core)) >= 3
    for place in asked:
        options = re.findall(r"^- \*\*([a-d])\)\*\*", cells[place].source, re.M)
        assert len(options) >= 2, cells[place].source
        assert options == sorted(options), cells[place].source
        assert form.is_result(cells[place + 1]), "the next cell settles it"
    hidden = form.settling(lesson)
    assert [cell for cell in cells if "reveal" in form.tags(cell)] == hidden
    assert any(cell.outputs for cell in hidden)
    for cell in hidden:
        if cell.outputs:
            assert cell.metadata.jupyter.outputs_hidden
            assert cell.outputs[0].text == form.HIDDEN
            assert len(cell.outputs) >= 2


def test_something_real_happens_within_the_first_cells(lesson):
    early = [cell for cell in lesson.cells[:FIRST_RESULT] if form.is_result(cell)]
    assert sum(map(form.figures, early)) >= 1


def test_a_section_with_results_has_a_figure(lesson):
    for section in form.sections(lesson):
        results = any(form.is_result(cell) and cell.outputs for cell in section.cells)
        if results and not section.deeper and section.heading not in WITHOUT_FIGURE:
            assert sum(map(form.figures, section.cells)) >= 1, section.heading


def test_code_is_for_the_reader(any_notebook):
    shown = [
        cell for cell in any_notebook.cells if form.is_result(cell) and not form.is_setup(cell)
    ]
    for cell in any_notebook.cells:
        if cell.cell_type == "code" and "google.colab" not in cell.source:
            longest = max(cell.source.split("\n"), key=len)
            assert len(longest) <= form.LINE_LENGTH, longest
    lengths = sorted(form.lines(cell) for cell in shown)
    assert lengths[len(lengths) // 2] <= 6
    for cell in shown:
        for node in ast.walk(ast.parse(re.sub(r"^\s*[%!].*$", "pass", cell.source, flags=re.M))):
            if isinstance(node, ast.ListComp | ast.DictComp | ast.SetComp | ast.GeneratorExp):
                assert len(node.generators) == 1, cell.source


def test_nothing_is_dumped_raw(any_notebook):
    for cell in any_notebook.cells:
        for output in cell.get("outputs", []):
            plain = output.get("text", "") or output.get("data", {}).get("text/plain", "")
            raw = re.match(r"\s*([\[{(]|array\(|dict_)", plain)
            assert not (raw and plain.count("\n") > 3), plain


def test_no_term_is_used_before_it_is_taught():
    found = []
    for later in lessons():
        for term in later.teaches:
            pattern = re.compile(rf"\b{re.escape(term)}\b", re.I)
            for notebook in NOTEBOOKS.values():
                number = notebook.metadata.course.number
                if number >= later.number:
                    continue
                prose = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
                # What is announced for later, with the number of its lesson, is no use of it.
                text = re.sub(rf"[^.:;\n]*\blesson {later.number}\b[^.\n]*", "", "\n".join(prose))
                if pattern.search(text) and (number, term) not in USED_EARLIER:
                    found.append((number, term, f"taught in {later.number}"))
    assert found == []


# What the tool does


@pytest.fixture
def draft():
    """A lesson with a core section, a deeper one and references, as an author writes it."""
    picture = new_output("display_data", {"image/png": "", "text/plain": "Figure: four words."})
    cells = [
        new_markdown_cell("# 1. A title"),
        new_code_cell("import keras", metadata={"tags": ["setup"]}),
        new_markdown_cell("## Core\n\n" + "word " * 129),
        new_code_cell("a = 1\n\nb = 2", outputs=[picture]),
        new_markdown_cell("**Predict.** How many?\n\n- **a)** one\n- **b)** two"),
        new_code_cell("print(2)", outputs=[new_output("stream", text="2\n")]),
        new_code_cell('expect("b", b, equals=2)', metadata={"tags": ["checks"]}),
        new_markdown_cell("## Exercises"),
        new_code_cell("exercises.one.check(...)\n"),
        new_markdown_cell("## Proof\n\n" + "word " * 258, metadata={"tags": ["deeper"]}),
        new_markdown_cell("## References\n\n" + "word " * 900, metadata={"tags": ["deeper"]}),
    ]
    return new_notebook(cells=cells, metadata={"course": {"number": 1}})


def test_minutes_follow_the_formula(draft):
    core = [cell for part in form.sections(draft)[:2] for cell in part.cells]
    words = 4 + 131 + 9
    assert form.words(core) == words
    expected = words / 130 + 3 / 8 + 0.5 + 1.5
    assert form.minutes(core) == pytest.approx(expected)
    exercise = form.sections(draft)[2].cells
    assert form.minutes(exercise) == pytest.approx(2 / 130 + 7)
    assert form.lesson_minutes(draft) == {"core": 10, "all": 12}


def test_lines_of_text_alone_are_no_lines_of_code():
    source = 'show(\n    figure,\n    "Bars: "\n    f"the first is {n}.",\n\n    colours=4,\n)'
    assert form.lines(new_code_cell(source)) == 4


def test_folding_and_minutes_are_written_once_and_taken_out_again(draft):
    before = [(cell.source, {**cell.metadata}) for cell in draft.cells]
    form.prepare(draft)
    form.apply(draft)
    assert draft.cells[9].source == form.PROGRESS
    assert draft.cells[10].source == "## Deeper, 2 min: Proof"
    assert draft.cells[11].source.startswith("word ")
    assert draft.cells[12].source == "## References"
    folded = [draft.cells[10].id, draft.cells[12].id]
    assert draft.metadata["colab"]["collapsed_sections"] == folded
    assert draft.cells[6].source == f'{TITLE}\nexpect("b", b, equals=2)'
    assert draft.cells[6].metadata["jupyter"] == {"source_hidden": True}
    assert form.tags(draft.cells[5]) == ["reveal"]
    assert [output.text for output in draft.cells[5].outputs] == [form.HIDDEN, "2\n"]
    assert draft.metadata["course"]["minutes"]["core"] < draft.metadata["course"]["minutes"]["all"]
    written = draft.cells[10].source
    draft.cells[5].outputs = draft.cells[5].outputs[1:]
    form.prepare(draft)
    form.apply(draft)
    assert draft.cells[10].source == written
    assert [form.tags(cell) for cell in draft.cells].count(["progress"]) == 1
    form.strip(draft)
    after = [(cell.source, dict(cell.metadata)) for cell in draft.cells]
    assert after[:5] == before[:5]
    assert after[5] == (before[5][0], {"tags": []})
    assert after[6:9] == before[6:9]
    assert after[9] == ("## Deeper: Proof", before[9][1])
    assert "\n\n".join([after[11][0], after[12][0]]) == before[10][0].strip()


def test_a_draft_without_deeper_sections_ends_with_the_progress(draft):
    draft.cells = draft.cells[:9]
    form.prepare(draft)
    form.apply(draft)
    assert form.tags(draft.cells[-1]) == ["progress"]
    assert draft.metadata["course"]["minutes"]["core"] == draft.metadata["course"]["minutes"]["all"]
