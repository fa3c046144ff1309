"""Kernels and trainings that are killed in mid-run and started again: is anything lost?"""

import csv
import json
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
import numpy as np
from hard_table import FAILED, HELD, NOT_TRIED, ROOT, Row
from live_kernel import LiveKernel, changed, clean_environment, copy_of_checkout, digests
from notebook_files import lesson_files
from notebook_passes import claims_of, temporary_folder

FOLDER = Path(__file__).resolve().parent
LESSONS = ["05", "11", "16"]
TRAINS = re.compile(r"\b(fit\w*|train\w*|descent\w*|learn\w*)\(|\bepochs?\b|\bsteps\b")
BUSY_SECONDS = 0.7  # a cell that still computes after so long is killed in the middle
CELL_SECONDS = 600
KILLS = 4
TOOLS = ["digit_runs", "scaling_runs"]
GAPS = ["before the first file is replaced", "between the table and its card"]
EPOCHS, KILLED_IN = 6, 3  # epochs, and the number of the one that is broken off, from 0
WAYS = ["in one order", "shuffled by Keras", "shuffled by Keras, with dropout"]


def run(lessons: list[str]) -> Iterator[Row]:
    """Kill kernels, tools and a training; yield a row for each kind."""
    yield timed(kernels, lessons or LESSONS)
    if not hasattr(signal, "SIGKILL"):
        yield Row("2_killed_2_tools", "Tools killed in mid-run", "needs SIGKILL", NOT_TRIED)
        return
    yield timed(tools)
    yield timed(backups)


def timed(function, *arguments) -> Row:  # type: ignore[no-untyped-def]
    """Return the row that a function makes, with its seconds."""
    start = time.monotonic()
    row = function(*arguments)
    row.seconds = time.monotonic() - start
    return row


# A lesson's kernel.


def kernels(lessons: list[str]) -> Row:
    """Kill each lesson's kernel while it trains, restart it, and run from the top."""
    details, stories = [], []
    with temporary_folder() as folder:
        checkout = copy_of_checkout(ROOT, folder / "course")
        before = digests(checkout)
        for path in lesson_files(checkout):
            if path.name[:2] in lessons:
                story, problems = kill_and_restart(path, checkout)
                stories.append(story)
                details += [f"{path.name}: {problem}" for problem in problems]
                print(f"{story} {'; '.join(problems)}", flush=True)
        details += [
            f"changed in the checkout: {path}" for path in changed(before, digests(checkout))
        ]
    return Row(
        key="2_killed_1_kernels",
        tried=f"Kernels of lessons {', '.join(lessons)} killed (SIGKILL) in a training cell, "
        "restarted, and run from the top",
        happened=f"{'; '.join(stories)}; no file of the checkout or of data/ changed"
        if not details
        else "; ".join(stories),
        verdict=FAILED if details else HELD,
        details=details,
    )


def kill_and_restart(path: Path, checkout: Path) -> tuple[str, list[str]]:
    """Return what was done with one notebook, and what went wrong."""
    notebook = nbformat.read(path, as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    kernel = LiveKernel(path.parent, clean_environment(checkout))
    try:
        victim = kill_in_training(kernel, cells)
        if victim is None:
            return f"lesson {path.name[:2]}", ["no cell trained for long enough to be killed in"]
        kernel.restart()
        problems, claims = run_all_cells(kernel, cells)
    finally:
        kernel.stop()
    ending = f"all {len(cells)} cells ran, {claims} claims held" if not problems else "FAILED"
    return f"lesson {path.name[:2]} killed in code cell {victim + 1}: {ending}", problems


def kill_in_training(kernel: LiveKernel, cells: list) -> int | None:
    """Run cells until one trains; kill the kernel in its middle and return its number."""
    for number, cell in enumerate(cells):
        message = kernel.start(cell.source)
        seconds = BUSY_SECONDS if TRAINS.search(cell.source) and number > 2 else CELL_SECONDS
        reply = kernel.finish(message, seconds)
        if reply.status == "hung":
            kernel.kill()
            return number
    return None


def run_all_cells(kernel: LiveKernel, cells: list) -> tuple[list[str], int]:
    """Run every cell; return what is not as it is stored, and how many claims held."""
    problems, claims = [], 0
    for number, cell in enumerate(cells, start=1):
        tags = cell.metadata.get("tags", [])
        reply = kernel.run(cell.source, CELL_SECONDS)
        wanted = "error" if "raises-exception" in tags else "ok"
        if reply.status != wanted:
            problems.append(f"code cell {number}: {reply.status}: {reply.text[-200:]}")
        if reply.status in ("died", "hung"):
            break
        stored = ticks("".join(output.get("text", "") for output in cell.outputs))
        if "nbval-check-output" in tags and ticks(reply.text) != stored:
            problems.append(f"code cell {number}: other claims than stored: {ticks(reply.text)}")
        claims += sum(map(claims_of, stored))
    return problems, claims


def ticks(text: str) -> list[str]:
    """Return the lines of claims."""
    return [line for line in text.splitlines() if line.startswith("✔ ")]


# The tools that store each run.


def tools() -> Row:
    """Kill the tools that store their runs, again and again, until they are done."""
    details, stories = [], []
    chance = random.Random(1)
    for name in TOOLS:
        with temporary_folder() as folder:
            whole = folder / "whole"
            work(name, whole).wait()
            expected = table(whole)
            broken = folder / "broken"
            kills = 0
            while kills < KILLS:
                process = work(name, broken)
                # Its first run of this start, and part of the second.
                line = process.stdout.readline() if process.stdout else ""
                time.sleep(chance.uniform(0.05, 0.5))
                if not line or process.poll() is not None:
                    break
                process.kill()
                process.wait()
                kills += 1
                if table(broken) != expected[: len(table(broken))]:
                    details.append(f"{name}: after kill {kills} the stored rows are others")
            if work(name, broken).wait() or table(broken) != expected:
                details.append(f"{name}: {difference(table(broken), expected)}")
            stories.append(f"{name} killed {kills} times in training")
            for gap in GAPS:
                halved = folder / f"gap {GAPS.index(gap)}"
                died = work(name, halved, GAPS.index(gap)).wait()
                if died != -signal.SIGKILL:
                    details.append(f"{name}: was not killed {gap}, but ended with {died}")
                if work(name, halved).wait() or table(halved) != expected:
                    details.append(f"{name}, killed {gap}: {difference(table(halved), expected)}")
                left = sorted(path.name for path in (halved / name).iterdir())
                if left != ["card.json", "runs.csv"]:
                    details.append(f"{name}, killed {gap}: it leaves {left}")
    return Row(
        key="2_killed_2_tools",
        tried="Tools that store each run, at small sizes: killed (SIGKILL) in mid-training, "
        f"{' and '.join(GAPS)}; started again until done ({', '.join(TOOLS)}; no lesson stores "
        "checkpoints)",
        happened=f"{'; '.join(stories)}; each went on where it stopped, and the last table equals "
        "that of a run that was never killed (seconds aside)"
        if not details
        else "; ".join(stories),
        verdict=FAILED if details else HELD,
        details=details,
    )


def work(name: str, folder: Path, gap: int = -1) -> subprocess.Popen:
    """Start a tool at a small size, storing in a folder."""
    card = folder / name / "card.json"
    if not card.exists():
        card.parent.mkdir(parents=True)
        shutil.copy(ROOT / "data" / name / "card.json", card)
    command = [sys.executable, str(FOLDER / "small_tools.py"), name, str(folder), str(gap)]
    return subprocess.Popen(
        command,
        env=clean_environment(ROOT, ROOT / "runs"),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
    )


def table(folder: Path) -> list[dict]:
    """Return the rows that a tool has stored, without how long they took."""
    found = sorted(folder.glob("*/runs.csv"))
    if not found:
        return []
    with found[0].open(encoding="utf-8", newline="") as file:
        return [{**row, "seconds": ""} for row in csv.DictReader(file)]


def difference(found: list[dict], expected: list[dict]) -> str:
    """Return how two tables differ."""
    if len(found) != len(expected):
        return f"{len(found)} rows instead of {len(expected)}"
    wrong = [
        f"{key} {row[key]} instead of {other[key]}"
        for row, other in zip(found, expected, strict=True)
        for key in row
        if row[key] != other[key]
    ]
    return "; ".join(wrong[:5]) or "the tool failed"


# A training with Keras's own checkpoints.


def backups() -> Row:
    """Kill trainings with BackupAndRestore in mid-epoch; compare the final weights."""
    details, stories = [], []
    for way in WAYS:
        with temporary_folder() as folder:
            whole = train(way, folder / "whole", False)
            again = train(way, folder / "again", False)
            killed = train(way, folder / "killed", True)
            resumed = train(way, folder / "killed", False)
            if killed["ended"] != -signal.SIGKILL or resumed["ended"] or whole["ended"]:
                details.append(f"{way}: ended with {killed['ended']}, then {resumed['ended']}")
                continue
            spread = apart(whole["weights"], again["weights"])
            lost = apart(whole["weights"], resumed["weights"])
            if resumed["initial"] != KILLED_IN or resumed["epochs"] != EPOCHS - KILLED_IN:
                details.append(f"{way}: went on with epoch {resumed['initial'] + 1}")
            if way != WAYS[-1] and lost > spread:
                details.append(f"{way}: the final weights differ by up to {lost:.2g}")
            verdict = (
                "final weights equal"
                if lost <= spread
                else f"final weights differ by up to {lost:.2g}, for the random numbers of dropout "
                "begin anew"
            )
            stories.append(
                f"{way}: {verdict} (loss {resumed['loss']:.4f}, unbroken {whole['loss']:.4f})"
            )
    return Row(
        key="2_killed_3_backup",
        tried="A small training with keras.callbacks.BackupAndRestore, killed (SIGKILL) in the "
        f"middle of epoch {KILLED_IN + 1} of {EPOCHS} and started again, against one that was "
        "never killed",
        happened="; ".join(stories) + "; each went on with the epoch in which it was killed",
        verdict=FAILED if details else HELD,
        details=details,
    )


def train(way: str, folder: Path, kill: bool) -> dict:
    """Run the small training once; return what it told, its status and its weights."""
    folder.mkdir(exist_ok=True)
    command = [sys.executable, str(FOLDER / "small_training.py"), str(WAYS.index(way)), str(folder)]
    command += [str(EPOCHS), str(KILLED_IN if kill else -1)]
    answer = subprocess.run(
        command, capture_output=True, encoding="utf-8", env=clean_environment(ROOT)
    )
    result = {"ended": answer.returncode}
    if answer.returncode == 0:
        with np.load(folder / "weights.npz") as arrays:
            result["weights"] = [arrays[name] for name in arrays.files]
        result |= json.loads(answer.stdout.splitlines()[-1])
    return result


def apart(some: list[np.ndarray], others: list[np.ndarray]) -> float:
    """Return the largest difference between two lists of arrays."""
    return max(float(np.abs(a - b).max()) for a, b in zip(some, others, strict=True))
