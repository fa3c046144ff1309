"""Write the lesson tables and the picture of the READMEs from the notebooks.

python tools/course_map.py
"""

import base64
from dataclasses import dataclass
from pathlib import Path

import nbformat
import stored
from address import ROOT, badge, repository
from notebook_files import lesson_files

BEGIN, END = "<!-- lessons: written by tools/course_map.py -->", "<!-- end of lessons -->"


@dataclass(frozen=True)
class Lesson:
    """What a notebook says of itself."""

    file: str
    number: int
    title: str
    question: str
    minutes: dict[str, int]
    needs: list[int]
    teaches: list[str]
    cpu_seconds: int


def time_needed(lesson: Lesson) -> str:
    """Return how long a lesson takes, as the tables say it: the core, and everything."""
    return f"{lesson.minutes['core']} min; with all that goes deeper {lesson.minutes['all']}"


def lessons(root: Path = ROOT) -> list[Lesson]:
    """Return the lessons in their order."""
    found = []
    for path in lesson_files(root):
        course = nbformat.read(path, as_version=4).metadata["course"]
        found.append(Lesson(file=path.name, **course))
    return found


def readme_table(all_lessons: list[Lesson], address: str) -> str:
    """Return the table of README.md: lesson, question, times, badge."""
    rows = ["| Lesson | It answers | For you | On two cores | |", "|---|---|---|---|---|"]
    for lesson in all_lessons:
        link = f"[{lesson.number:02d} {lesson.title}](notebooks/{lesson.file})"
        rows.append(
            f"| {link} | {lesson.question} | {time_needed(lesson)} | {lesson.cpu_seconds} s "
            f"| {badge(address, lesson.file)} |"
        )
    return "\n".join(rows)


def map_table(all_lessons: list[Lesson], address: str) -> str:
    """Return the table of notebooks/README.md: what each lesson needs and teaches."""
    rows = ["| Lesson | It answers | Needs | Teaches | For you |", "|---|---|---|---|---|"]
    for lesson in all_lessons:
        link = f"[{lesson.number:02d} {lesson.title}]({lesson.file})"
        needs = ", ".join(f"{number:02d}" for number in lesson.needs) or "nothing"
        teaches = ", ".join(lesson.teaches)
        rows.append(f"| {link} | {lesson.question} | {needs} | {teaches} | {time_needed(lesson)} |")
    return "\n".join(rows)


TABLES = {"README.md": readme_table, "notebooks/README.md": map_table}


def texts(root: Path = ROOT) -> dict[Path, str]:
    """Return what the two files should hold."""
    found = lessons(root)
    return {
        root / name: stored.with_section(
            (root / name).read_text(encoding="utf-8"), BEGIN, END, table(found, repository(root))
        )
        for name, table in TABLES.items()
    }


def picture(root: Path = ROOT) -> bytes:
    """Return the PNG of the one cell that is tagged as the README's picture."""
    found = [
        output.data["image/png"]
        for path in lesson_files(root)
        for cell in nbformat.read(path, as_version=4).cells
        if "readme-picture" in cell.metadata.get("tags", [])
        for output in cell.outputs
        if "image/png" in output.get("data", {})
    ]
    (only,) = found
    return base64.b64decode(only)


PICTURE = Path("notebooks/pictures/loss_landscapes.png")

if __name__ == "__main__":
    (ROOT / PICTURE).parent.mkdir(exist_ok=True)
    (ROOT / PICTURE).write_bytes(picture())
    for path, text in texts().items():
        path.write_text(text, encoding="utf-8")
        print(f"wrote {path.relative_to(ROOT)}")
