"""Files that a tool makes and the course ships, with their sizes and checksums on a card."""

import csv
import hashlib
import io
import json
import os
from collections.abc import Iterable
from pathlib import Path


def write(folder: Path, files: dict[str, bytes]) -> None:
    """Replace files of a folder and their entries on its card; half a file is never seen."""
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    entries = {entry["file"]: entry for entry in card["files"]}
    for file, content in files.items():
        checksum = hashlib.sha256(content).hexdigest()
        entries[file] = {"file": file, "bytes": len(content), "sha256": checksum}
    card["files"] = [entries[file] for file in sorted(entries)]
    text = json.dumps(card, indent=2, ensure_ascii=False) + "\n"
    new = {**files, "card.json": text.encode()}
    for file, content in new.items():
        (folder / f"{file}.unfinished").write_bytes(content)
    for file in new:
        os.replace(folder / f"{file}.unfinished", folder / file)


def replace(path: Path, text: str) -> None:
    """Write a text file so that half of it is never seen."""
    unfinished = path.with_name(f"{path.name}.unfinished")
    unfinished.write_text(text, encoding="utf-8")
    os.replace(unfinished, path)


def with_section(text: str, begin: str, end: str, section: str) -> str:
    """Return `text` with what stands between the marks `begin` and `end` replaced.

    Raises:
        ValueError: when the two marks do not stand in it once each, in this order.
    """
    if text.count(begin) != 1 or text.count(end) != 1 or text.index(begin) > text.index(end):
        raise ValueError(f"Expected {begin!r} and, behind it, {end!r}, once each.")
    before, after = text.split(begin)[0], text.split(end)[1]
    return f"{before}{begin}\n\n{section}\n\n{end}{after}"


def read_table(path: Path) -> list[dict]:
    """Return the rows stored so far; none when there is no file yet."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def seeds_left(path: Path, seeds: Iterable[int]) -> list[int]:
    """Return the seeds of which the table has no row yet: a run that broke off goes on there."""
    made = {int(row["seed"]) for row in read_table(path)}
    return [seed for seed in seeds if seed not in made]


def append(path: Path, columns: list[str], rows: list[dict]) -> None:
    """Store rows behind those of a table that are stored already, and its card with it."""
    write(path.parent, {path.name: table(columns, [*read_table(path), *rows])})


def table(columns: list[str], rows: list[dict]) -> bytes:
    """Return rows as the bytes of a comma-separated table."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()
