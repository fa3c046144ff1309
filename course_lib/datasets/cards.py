"""Data cards, and files that are read only when their checksum is right."""

import hashlib
import io
import json
import os
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class DatasetError(RuntimeError):
    """A data file is missing or not what its card says; the message helps to get it back."""


@dataclass(frozen=True)
class Card:
    """What a data set is, where it is from, and what is wrong with it."""

    name: str
    title: str
    description: str
    source: str
    citation: str
    licence: dict[str, str]
    columns: list[dict[str, str]]
    known_problems: list[str]
    files: list[dict[str, Any]]

    def __post_init__(self) -> None:
        for part, keys in (
            (self.licence, {"name", "url", "holder"}),
            *((column, {"name", "unit", "meaning"}) for column in self.columns),
            *((file, {"file", "bytes", "sha256"}) for file in self.files),
        ):
            if keys - set(part):
                raise ValueError(f"{', '.join(sorted(keys - set(part)))} missing in {part}")

    def __str__(self) -> str:
        licence = f"{self.licence['name']} ({self.licence['url']})"
        paragraphs = [
            self.title,
            self.description,
            f"Source: {self.source}",
            f"Cite: {self.citation}",
            f"Licence: {licence}. Holder: {self.licence['holder']}.",
            *(f"Known problem: {problem}" for problem in self.known_problems),
        ]
        # A name such as bokeh-sampledata and a web address stay in one piece.
        wrapper = textwrap.TextWrapper(
            96, subsequent_indent="  ", break_on_hyphens=False, break_long_words=False
        )
        return "\n".join(wrapper.fill(text) for text in paragraphs)


def folder() -> Path:
    """Return the folder of the data: COURSE_DATA, or `data` beside `course_lib`."""
    default = Path(__file__).resolve().parents[2] / "data"
    return Path(os.environ.get("COURSE_DATA") or default)


def names() -> list[str]:
    """Return the names of all data sets, in alphabetical order."""
    return sorted(path.parent.name for path in folder().glob("*/card.json"))


def card(name: str) -> Card:
    """Return the card of the data set `name`; `print` it to read it.

    Raises:
        ValueError: when there is no such data set.
        DatasetError: when its card is damaged.
    """
    if name not in names():
        known = ", ".join(names()) or f"none in {folder()}"
        raise ValueError(f"There is no data set {name!r}. There are: {known}.")
    return _read_card(name)


def open_checked(name: str, file: str) -> io.BytesIO:
    """Return the bytes of a data file, after comparing them with its card.

    The file is read once, and what was checked is what is returned.

    Raises:
        DatasetError: when the card cannot be read, or the file is missing, or
            has another size or another sha256 than its card says.
    """
    path = folder() / name / file
    expected = {entry["file"]: entry for entry in _read_card(name).files}
    if file not in expected:
        raise DatasetError(
            f"The card of {name} does not list {file}. "
            f"{_how_to_restore(path, path.with_name('card.json'))}"
        )
    size, sha256 = expected[file]["bytes"], expected[file]["sha256"]
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DatasetError(
            f"The data file {path} cannot be read ({error.strerror}): it should have {size} bytes "
            f"and the sha256 {sha256}. {_how_to_restore(path)}"
        ) from error
    if len(content) != size:
        raise DatasetError(
            f"The data file {path} should have {size} bytes, but has {len(content)}. "
            f"{_how_to_restore(path, path.with_name('card.json'))}"
        )
    digest = hashlib.sha256(content).hexdigest()
    if digest != sha256:
        raise DatasetError(
            f"The data file {path} is not the original: its sha256 should be {sha256}, "
            f"but is {digest}. {_how_to_restore(path, path.with_name('card.json'))}"
        )
    return io.BytesIO(content)


def _read_card(name: str) -> Card:
    path = folder() / name / "card.json"
    try:
        return Card(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, TypeError, ValueError) as error:
        raise DatasetError(
            f"The card {path} cannot be read ({type(error).__name__}: {error}). "
            f"{_how_to_restore(path)}"
        ) from error


def _how_to_restore(*paths: Path) -> str:
    # Where the two differ, the card may be the one that is damaged.
    files = " ".join(f"data/{path.parent.name}/{path.name}" for path in paths)
    return (
        f"To get it back, run: git checkout -- {files} "
        "in the course's folder; in Colab, run: !rm -rf course and the set-up cell again."
    )
