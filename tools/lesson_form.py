"""The form of a lesson: core and deeper sections, checks that fold, hidden results, minutes.

An author marks cells with tags: `deeper` (the heading of a section that is not core),
`checks` (claims) and `setup` (imports). What settles a prediction or a sum for the
pencil (`**Work out ...**`), the cells of code between it and the next prose, gets the
tag `reveal`. What follows from the tags, such as folding in JupyterLab and Colab and
the minutes in headings and metadata, is written here, so that nobody keeps it by hand.
"""

import re
from dataclasses import dataclass, field

import nbformat
from nbformat import NotebookNode

from course_lib.claims import TITLE
from course_lib.progress import ASKED

CORE_LIMIT, ALL_LIMIT = 60, 105
LINE_LENGTH = 79
WORDS_A_MINUTE, LINES_A_MINUTE = 130, 8
FIGURE, PREDICTION, EXERCISE = 0.5, 1.5, 7
# Stored as the first output of a hidden result, because JupyterLab shows that line.
HIDDEN = "Hidden until you run this cell.\n"
# The last cell of the core.
PROGRESS = "from course_lib import progress\n\nprogress.show()"
TEXT_ALONE = re.compile(r'\s*(f?"[^"]*",?)?\s*')
DEEPER = re.compile(r"## Deeper(?:, \d+ min)?: ")
DERIVED = ("jp-MarkdownHeadingCollapsed", "jupyter", "cellView", "id")


@dataclass
class Section:
    """What stands under one heading of the second level; the first has none."""

    heading: str
    deeper: bool
    cells: list[NotebookNode] = field(default_factory=list)


def tags(cell: NotebookNode) -> list[str]:
    """Return the tags of a cell."""
    return cell.metadata.get("tags", [])


def sections(notebook: NotebookNode) -> list[Section]:
    """Return the sections of a lesson in their order."""
    found = [Section("", deeper=False)]
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and cell.source.startswith("## "):
            found.append(Section(cell.source.split("\n")[0], "deeper" in tags(cell)))
        found[-1].cells.append(cell)
    return found


def is_start(notebook: NotebookNode) -> bool:
    """Say whether this is the notebook that says how lessons work; it is none itself."""
    return notebook.metadata.get("course", {}).get("number") == 0


def is_setup(cell: NotebookNode) -> bool:
    """Say whether a cell of code only prepares the lesson."""
    return bool({"setup", "progress"} & {*tags(cell)}) or "google.colab" in cell.source


def is_exercise(cell: NotebookNode) -> bool:
    """Say whether a cell of code holds an exercise."""
    return cell.cell_type == "code" and bool(ASKED.search(cell.source))


def is_prediction(cell: NotebookNode) -> bool:
    """Say whether a cell of prose asks for a prediction."""
    return cell.cell_type == "markdown" and "**Predict" in cell.source


def is_asked(cell: NotebookNode) -> bool:
    """Say whether a cell of prose asks for something before its result is seen."""
    return is_prediction(cell) or (cell.cell_type == "markdown" and "**Work " in cell.source)


def is_result(cell: NotebookNode) -> bool:
    """Say whether a cell of code shows the lesson's own results."""
    return (
        cell.cell_type == "code"
        and not is_setup(cell)
        and not is_exercise(cell)
        and "checks" not in tags(cell)
    )


def lines(cell: NotebookNode) -> int:
    """Return how many lines of code a cell has.

    Left out are blank lines, and those that hold nothing but text, as most lines of
    a figure's description do.
    """
    return sum(not TEXT_ALONE.fullmatch(line) for line in cell.source.split("\n"))


def words(cells: list[NotebookNode]) -> int:
    """Return the words of prose, without the minutes that headings are given here."""
    prose = (cell.source for cell in cells if cell.cell_type == "markdown")
    return sum(len(DEEPER.sub("## ", source, count=1).split()) for source in prose)


def figures(cell: NotebookNode) -> int:
    """Return how many pictures a cell has put out."""
    return sum("image/png" in output.get("data", {}) for output in cell.get("outputs", []))


def minutes(cells: list[NotebookNode]) -> float:
    """Return the minutes that a learner needs, checks and set-up cells not counted.

    An exercise's minutes hold its few lines of code, too.
    """
    code = [cell for cell in cells if is_result(cell)]
    return (
        words(cells) / WORDS_A_MINUTE
        + sum(map(lines, code)) / LINES_A_MINUTE
        + FIGURE * sum(map(figures, code))
        + PREDICTION * sum(map(is_prediction, cells))
        + EXERCISE * sum(map(is_exercise, cells))
    )


def lesson_minutes(notebook: NotebookNode) -> dict[str, int]:
    """Return the minutes of the core and of everything; references are looked up, not read."""
    read = [part for part in sections(notebook) if part.heading != "## References"]
    core = sum(minutes(part.cells) for part in read if not part.deeper)
    return {"core": round(core), "all": round(sum(minutes(part.cells) for part in read))}


def apply(notebook: NotebookNode) -> None:
    """Write into an executed lesson what follows from its tags."""
    for section in sections(notebook):
        if section.deeper:
            heading = section.cells[0]
            title = DEEPER.sub("", heading.source, count=1).removeprefix("## ")
            if title.startswith("References"):
                heading.source = f"## {title}"
            else:
                time = max(1, round(minutes(section.cells)))
                heading.source = f"## Deeper, {time} min: {title}"
            heading.metadata["jp-MarkdownHeadingCollapsed"] = True
            # Colab knows a cell by an identifier of its own in the metadata.
            heading.metadata["id"] = heading.id
    folded = [part.cells[0].id for part in sections(notebook) if part.deeper]
    notebook.metadata["colab"] = {"collapsed_sections": folded}
    for cell in notebook.cells:
        if "checks" in tags(cell):
            cell.metadata["jupyter"] = {"source_hidden": True}
            cell.metadata["cellView"] = "form"
        if "google.colab" in cell.source:
            cell.metadata["jupyter"] = {"source_hidden": True}
        if "reveal" in tags(cell) and cell.outputs:
            cell.metadata["jupyter"] = {"outputs_hidden": True}
            line = nbformat.v4.new_output("stream", name="stdout", text=HIDDEN)
            cell.outputs.insert(0, line)
    notebook.metadata["course"]["minutes"] = lesson_minutes(notebook)


def settling(notebook: NotebookNode) -> list[NotebookNode]:
    """Return the cells of code whose results would give away what the prose asks."""
    found, asked = [], False
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            asked = is_asked(cell)
        elif asked and is_result(cell):
            found.append(cell)
    return found


def heading_apart(cell: NotebookNode) -> list[NotebookNode]:
    """Return a deeper section's heading and the text below it as two cells; others as they are."""
    heading, _, text = cell.source.partition("\n")
    if "deeper" not in tags(cell) or not text.strip():
        return [cell]
    below = nbformat.v4.new_markdown_cell(text.strip(), id=f"{cell.id}-text")
    cell.source = heading
    return [cell, below]


def prepare(notebook: NotebookNode) -> None:
    """Do what has to be done before a lesson is run.

    Headings of deeper sections get a cell of their own, because what stands in a folded
    heading's cell stays open; cells of checks get their title, and those that settle
    predictions their tag.
    """
    notebook.cells = [part for cell in notebook.cells for part in heading_apart(cell)]
    for cell in notebook.cells:
        if "checks" in tags(cell) and not cell.source.startswith(TITLE):
            cell.source = f"{TITLE}\n{cell.source}"
    for cell in settling(notebook):
        cell.metadata["tags"] = sorted({*tags(cell), "reveal"})
    if not is_start(notebook):
        add_progress(notebook)


def add_progress(notebook: NotebookNode) -> None:
    """Put the cell that shows what is done and what is next at the end of the core."""
    cells = [cell for cell in notebook.cells if "progress" not in tags(cell)]
    deeper = (place for place, cell in enumerate(cells) if "deeper" in tags(cell))
    end = next(deeper, len(cells))
    cell = nbformat.v4.new_code_cell(PROGRESS, id="progress", metadata={"tags": ["progress"]})
    notebook.cells = [*cells[:end], cell, *cells[end:]]


def strip(notebook: NotebookNode) -> None:
    """Take out of a lesson what `prepare` and `apply` wrote, to edit it as text."""
    notebook.metadata.pop("colab", None)
    notebook.cells = [cell for cell in notebook.cells if "progress" not in tags(cell)]
    for cell in notebook.cells:
        for name in DERIVED:
            cell.metadata.pop(name, None)
        if "deeper" in tags(cell):
            cell.source = DEEPER.sub("## Deeper: ", cell.source, count=1)
        if "checks" in tags(cell):
            cell.source = cell.source.removeprefix(f"{TITLE}\n")
        if "reveal" in tags(cell):
            cell.metadata["tags"] = [tag for tag in tags(cell) if tag != "reveal"]
