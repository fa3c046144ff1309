"""Which exercises are solved, remembered on this machine and nowhere else.

    from course_lib import progress
    progress.show()      what is done, and what is next
    progress.forget()    begin anew

A solved exercise is a line of a small file in the user's data folder, or in the folder
that the variable COURSE_PROGRESS names. Lines are only ever added, so that notebooks
that run at the same time lose nothing.
"""

from __future__ import annotations

import json
import os
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
FILE = "solved.jsonl"
NAME = re.compile(r"lesson_\d\d\.[a-z0-9_]+")
ASKED = re.compile(r"^exercises\.(\w+)\.check\(", re.M)


def folder() -> Path:
    """Return where the file lies: COURSE_PROGRESS, or the user's data folder."""
    chosen = os.environ.get("COURSE_PROGRESS", "").strip()
    if chosen:
        return Path(chosen)
    import platformdirs

    return Path(platformdirs.user_data_dir("from-a-line-to-a-large-model", appauthor=False))


def remember(exercise: str) -> None:
    """Note that an exercise is solved; do nothing where nothing can be written.

    Args:
        exercise: as in "lesson_01.one_step".

    Raises:
        ValueError: when that is not how an exercise is named.
    """
    if not NAME.fullmatch(exercise):
        raise ValueError(f"remember needs a name as lesson_01.one_step, but got {exercise!r}.")
    if exercise in solved():
        return
    line = json.dumps({"solved": exercise}) + "\n"
    try:
        folder().mkdir(parents=True, exist_ok=True)
        # One short write at the end of a file is not torn by another process's.
        with (folder() / FILE).open("a", encoding="utf-8") as file:
            file.write(line)
    except OSError:
        # The answer is right all the same; `show` says that nothing is remembered.
        return


def solved() -> set[str]:
    """Return the names of the exercises that are solved.

    A damaged file is set aside, with a message that says where; what could be read of it
    is kept.
    """
    path = folder() / FILE
    try:
        lines = path.read_bytes().splitlines()
    except OSError:
        return set()
    found = [_read(line) for line in lines]
    names = {name for name in found if name}
    if None in found:
        _set_aside(path, names)
    return names


def _read(line: bytes) -> str | None:
    """Return the name in a line, or None when there is none."""
    try:
        name = json.loads(line)["solved"]
    except (ValueError, TypeError, KeyError):
        return None
    return name if isinstance(name, str) and NAME.fullmatch(name) else None


def _set_aside(path: Path, names: set[str]) -> None:
    number = 1
    while (aside := path.with_name(f"damaged_{number}.jsonl")).exists():
        number += 1
    try:
        os.replace(path, aside)
        with path.open("a", encoding="utf-8") as file:
            file.writelines(json.dumps({"solved": name}) + "\n" for name in sorted(names))
    except OSError:
        return
    kept = f"{len(names)} solved exercise{'' if len(names) == 1 else 's'}"
    print(f"The file of your progress was damaged. It is now {aside}; {kept} could be kept.")


def forget() -> None:
    """Forget every solved exercise."""
    (folder() / FILE).unlink(missing_ok=True)
    print("Your progress is forgotten. Your answers in the notebooks are still there.")


@cache
def _metadata() -> tuple[dict[str, Any], ...]:
    """Return what each lesson says of itself, and under "asked" the exercises it asks."""
    found = []
    for path in sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb")):
        if not re.fullmatch(r"\d\d_[a-z0-9_]+", path.stem):
            continue
        notebook: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        course = notebook["metadata"]["course"]
        sources = ["".join(cell["source"]) for cell in notebook["cells"]]
        asked = [name for source in sources for name in ASKED.findall(source)]
        found.append({**course, "asked": asked})
    return tuple(found)


def _lessons() -> list[tuple[int, str, int, list[str]]]:
    """Return each lesson's number, title, minutes of the core, and exercises."""
    found = []
    for course in _metadata():
        minutes = course["minutes"]
        core = minutes["core"] if isinstance(minutes, dict) else minutes
        names = [f"lesson_{course['number']:02d}.{name}" for name in course["asked"]]
        found.append((course["number"], course["title"], core, names))
    return found


def cell_seconds() -> list[int]:
    """Return for each lesson how long its cells took where the course was measured."""
    return [course["cpu_seconds"] for course in _metadata()]


def table() -> pd.DataFrame:
    """Return a row for each lesson: its title, the minutes it takes, what is solved."""
    import pandas as pd

    done = solved()
    rows = [
        (f"{number:02d} {title}", minutes, f"{len(done & {*names})} of {len(names)}")
        for number, title, minutes, names in _lessons()
    ]
    return pd.DataFrame(rows, columns=["lesson", "minutes", "solved"])


def next_step() -> str:
    """Return what to do next, as a sentence."""
    done = solved()
    for number, title, minutes, names in _lessons():
        left = [name.split(".")[1] for name in names if name not in done]
        if left and len(left) < len(names):
            return f"Next: lesson {number}, {title}, where {', '.join(left)} wait for you."
        if left:
            return f"Next: lesson {number}, {title}, {minutes} minutes."
    return "Every exercise of the course is solved."


def show() -> None:
    """Show the lessons in which something is solved, and what is next."""
    from IPython.display import display

    rows = table()
    begun = rows[~rows["solved"].str.startswith("0 ")]
    if len(begun):
        display(begun.style.hide(axis="index"))
    else:
        print("No exercise is solved yet on this machine.")
    print(next_step())
    if not _can_be_written():
        print(f"Nothing is remembered here, because {folder()} cannot be written.")


def _can_be_written() -> bool:
    place = folder()
    while not place.exists() and place != place.parent:
        place = place.parent
    return os.access(place, os.W_OK)
