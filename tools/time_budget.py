"""What of the checks is run where time is short, and in which order.

A run of everything writes down how long each notebook and the tests took on this
machine. A run that must end within some minutes reads that, takes as many notebooks
as fit, others at each commit, and names those it left out.
"""

import json
import os
import subprocess
from pathlib import Path

from notebook_files import lesson_files

# One notebook for each of two cores.
AT_ONCE = 2
# What the tests of these folders find is the same with every version of the packages
# that the course allows: plain NumPy, plain Python, the tools, the exercises' answers,
# and the long runs, which are made with the newest.
SAME_EVERYWHERE = ("exercises", "hard", "runs", "scratch", "tools")
# Where nothing was measured: how much slower than the notebooks' own seconds a slow machine is.
SLOW = 4.0


def stored_seconds(root: Path) -> dict[str, float]:
    """Return for each notebook the seconds that are written in it."""
    found = {}
    for path in lesson_files(root):
        metadata = json.loads(path.read_text(encoding="utf-8"))["metadata"]
        found[path.name] = float(metadata.get("course", {}).get("cpu_seconds", 0))
    return found


def longest_first(root: Path) -> list[str]:
    """Return the notebooks' names, so that the last one to end is a short one."""
    seconds = stored_seconds(root)
    return sorted(seconds, key=lambda name: (-seconds[name], name))


def measured(path: Path) -> dict[str, float]:
    """Return what an earlier run wrote down; nothing where it did not, or not wholly."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {str(name): float(seconds) for name, seconds in found.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def write_down(path: Path, seconds: dict[str, float]) -> None:
    """Add measured seconds to those of an earlier run."""
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        unfinished.write_text(json.dumps({**measured(path), **seconds}), encoding="utf-8")
        os.replace(unfinished, path)
    except OSError:
        unfinished.unlink(missing_ok=True)


def chosen_notebooks(root: Path, path: Path, seconds_left: float, turn: int) -> list[str]:
    """Return the notebooks that fit into the time left, the longest first; at least one.

    Args:
        root: the course's folder.
        path: where an earlier run wrote down its seconds.
        seconds_left: by the clock, with two notebooks at a time.
        turn: which of the notebooks is the first to be taken.
    """
    names = [path.name for path in lesson_files(root)]
    here = measured(path)
    stored = stored_seconds(root)
    left = AT_ONCE * seconds_left
    chosen: list[str] = []
    for name in names[turn % len(names) :] + names[: turn % len(names)]:
        needed = here.get(name, SLOW * stored[name])
        if needed <= left or not chosen:
            chosen.append(name)
            left -= needed
    return [name for name in longest_first(root) if name in chosen]


def turn_of_commit(root: Path) -> int:
    """Return a number that is another at each commit; 0 where there is no commit."""
    try:
        command = ["git", "-C", str(root), "rev-parse", "HEAD"]
        answer = subprocess.run(command, capture_output=True, text=True)
        return int(answer.stdout.strip()[:8] or "0", 16)
    except (OSError, ValueError):
        return 0


def left_out(root: Path, notebooks: list[str], folders: list[str]) -> str:
    """Return what to say of a run that did not run everything; empty when it did."""
    missing = [path.name for path in lesson_files(root) if path.name not in notebooks]
    lines = [f"  notebook {name}" for name in missing]
    lines += [f"  tests of tests/{name} (they ran with the newest versions)" for name in folders]
    if not lines:
        return ""
    start = "LEFT OUT for want of time on this machine; another part runs at each commit:"
    return "\n".join(["=" * 78, start, *lines, "=" * 78])
