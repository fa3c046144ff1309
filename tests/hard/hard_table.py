"""What the hard runs found: one row each, stored as JSON, and the table made of them."""

import json
import subprocess
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import circumstances as circumstances_of
import stored as stored_files

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parents[1]
BEGIN = "<!-- hard runs: written by tests/hard/run.py -->"
END = "<!-- end -->"
HELD, FAILED, PARTLY, NOT_TRIED = "held", "FAILED", "partly tried", "not tried"
QUERY = """
import platform
from importlib.metadata import PackageNotFoundError, version
found = [f"Python {platform.python_version()}"]
for package in ("tensorflow", "keras", "numpy", "pandas", "nbval", "ipykernel"):
    try:
        found.append(f"{package} {version(package)}")
    except PackageNotFoundError:
        pass
print(", ".join(found))
"""


@dataclass
class Row:
    """One hard run: what was tried, and what happened.

    Attributes:
        key: names the row's file, and sorts the rows.
        tried: what was done, with the numbers that repeat it.
        happened: what was seen.
        verdict: HELD, FAILED, PARTLY (something was not to be had here) or NOT_TRIED.
        seconds: how long it took.
        details: one line for each thing that went wrong or was missing.
        versions: of the Python that ran it, and its packages.
        made: how a machine's condition was made; such rows are a table of their own.
        course: the commit that was tried, when it is not the one checked out.
    """

    key: str
    tried: str
    happened: str
    verdict: str
    seconds: float = 0.0
    details: list[str] = field(default_factory=list)
    versions: str = ""
    made: str = ""
    course: str = ""


def versions(python: str) -> str:
    """Return the version of an interpreter and of the packages that matter here."""
    answer = subprocess.run([python, "-c", QUERY], capture_output=True, encoding="utf-8")
    return answer.stdout.strip()


def stored(row: Row, circumstances: dict[str, str], folder: Path = FOLDER) -> dict:
    """Return a row as it is stored: with what all rows of one run share.

    A row of another commit fills only the column “before” of the row that is there.
    """
    found = {**asdict(row), "seconds": round(row.seconds), **circumstances}
    made, course = found.pop("made"), found.pop("course")
    if not made:
        return found
    path = folder / "results" / f"{row.key}.json"
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    if course:
        unknown = {"happened": "", "verdict": NOT_TRIED, "made": made}
        return {**found, **unknown, **kept, "before": row.happened, "before_commit": course}
    before = {name: kept.get(name, "") for name in ("before", "before_commit")}
    return {**found, "made": made, **before}


def circumstances() -> dict[str, str]:
    """Return what all rows of one run share: date, commit and machine."""
    today = datetime.now(UTC).strftime("%Y-%m-%d")
    found = circumstances_of.machine()
    machine = (
        f"{found['processor']}, {found['cores']} cores, {found['memory_gib']} GB, {found['system']}"
    )
    return {"date": today, "commit": circumstances_of.commit(), "machine": machine}


def store(rows: Iterable[dict], folder: Path = FOLDER) -> bool:
    """Write rows and the table that they belong to; return False where nothing can be written.

    Rows of other runs stay as they are.
    """
    try:
        results = folder / "results"
        results.mkdir(exist_ok=True)
        for row in rows:
            text = json.dumps(row, indent=2, ensure_ascii=False) + "\n"
            stored_files.replace(results / f"{row['key']}.json", text)
        readme = folder / "README.md"
        text = readme.read_text(encoding="utf-8")
        table = markdown(read(folder))
        stored_files.replace(readme, stored_files.with_section(text, BEGIN, END, table))
    except OSError:
        return False
    return True


def read(folder: Path = FOLDER) -> list[dict]:
    """Return the stored rows in their order."""
    paths = sorted((folder / "results").glob("*.json"))
    return [json.loads(path.read_text(encoding="utf-8")) for path in paths]


def markdown(rows: list[dict]) -> str:
    """Return the rows as tables, with what went wrong and where they ran below them."""
    machines = [row for row in rows if row.get("made")]
    others = [row for row in rows if not row.get("made")]
    lines = [
        "| What was tried | What happened | Verdict | Seconds | Commit |",
        "|---|---|---|---|---|",
    ]
    for row in others:
        cells = [row["tried"], row["happened"], row["verdict"]]
        cells += [f"{row['seconds']:,}", row["commit"]]
        lines.append(f"| {' | '.join(_cell(cell) for cell in cells)} |")
    if machines:
        before = ", ".join(sorted({row["before_commit"] for row in machines} - {""}))
        after = ", ".join(sorted({row["commit"] for row in machines}))
        lines += [
            *("", "Machines:", ""),
            f"| Condition | How it was made | Before ({before}) | After ({after}) | Verdict |",
            "|---|---|---|---|---|",
        ]
    for row in machines:
        cells = [row["tried"], row["made"], row["before"], row["happened"], row["verdict"]]
        lines.append(f"| {' | '.join(_cell(cell) for cell in cells)} |")
    details = [f"- {row['key']}: {_cell(line)}" for row in rows for line in row["details"]]
    if details:
        lines += ["", "What did not hold, or could not be tried:", "", *details]
    places = sorted({f"{row['date']}: {row['machine']}; {row['versions']}" for row in rows})
    if places:
        lines += ["", "Run on:", "", *(f"- {_cell(place)}" for place in places)]
    return "\n".join(lines)


def _cell(text: str) -> str:
    return " ".join(str(text).replace("|", "\\|").split())


def failed(rows: Iterable[Row]) -> bool:
    """Return whether any row failed; what another commit did is no failure of this one."""
    return any(row.verdict == FAILED and not row.course for row in rows)
