"""Books and sentences that language models of this course learn from (see their cards)."""

from __future__ import annotations

import lzma
import re
from typing import TYPE_CHECKING

from course_lib.datasets.cards import open_checked

if TYPE_CHECKING:
    import pandas as pd

PLAYS = [
    "Coriolanus",
    "Richard III",
    "Richard II",
    "Romeo and Juliet",
    "Henry VI, part 3",
    "The Winter's Tale",
    "Measure for Measure",
    "The Taming of the Shrew",
    "The Tempest",
]
# An empty place before the heading of every first act but the file's own.
FIRST_ACT = r"(?<=\n)(?=ACT (?:1|I)\.?\n)"
PLACEHOLDER = r"(placeholder\b.*|PH)"


def _rows(name: str, file: str) -> list[list[str]]:
    text = lzma.decompress(open_checked(name, file).read()).decode("utf-8")
    return [line.split("\t") for line in text.splitlines()]


def shakespeare() -> dict[str, str]:
    """Return nine plays by Shakespeare, 1,249,229 characters, 77 different ones.

    Returns:
        The text of each play by its title, in the order of the file.

    Raises:
        DatasetError: when the file is missing or damaged.
    """
    data = open_checked("shakespeare", "shakespeare_9_plays.txt.xz").read()
    parts = re.split(FIRST_ACT, lzma.decompress(data).decode("utf-8"))
    return dict(zip(PLAYS, parts, strict=True))


def tang_quatrains(characters: int = 5) -> pd.DataFrame:
    """Return Chinese poems of four lines of the Tang dynasty.

    Args:
        characters: in a line, 5 (3,762 poems) or 7 (10,297 poems).

    Returns:
        Columns author, title and text: four lines, each with one punctuation
        mark behind it, so 24 or 32 characters.

    Raises:
        ValueError: when `characters` is neither 5 nor 7.
        DatasetError: when the file is missing or damaged.
    """
    import pandas as pd

    if characters not in (5, 7):
        raise ValueError(f"tang_quatrains: characters should be 5 or 7, but is {characters!r}.")
    rows = _rows("tang_quatrains", f"tang_jueju{characters}.tsv.xz")
    table = pd.DataFrame(rows, columns=["author", "title", "text"])
    return table.assign(text=table["text"].str.slice(0, 4 * (characters + 1)))


def english_chinese() -> pd.DataFrame:
    """Return short English sentences with their Chinese translations: 4,272 pairs.

    Columns: level (1 to 6, of the Chinese test HSK), topic, english, chinese.
    Rows whose English sentence is a placeholder are left out.

    Raises:
        DatasetError: when the file is missing or damaged.
    """
    import pandas as pd

    rows = _rows("english_chinese", "english_chinese.tsv.xz")[1:]
    table = pd.DataFrame(rows, columns=["id", "level", "topic", "english", "chinese"])
    table = table[~table["english"].str.fullmatch(PLACEHOLDER)].reset_index(drop=True)
    return table.assign(level=table["level"].astype(int)).drop(columns="id")
