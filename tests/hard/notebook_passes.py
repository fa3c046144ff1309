"""All notebooks with five seeds: passes with a Python and hard conditions of their own."""

import contextlib
import json
import os
import queue
import re
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import conditions
import course_commands as course
import hard_table
import interpreters
import psutil
from conditions import ODD_NAME, ODD_PATH, TWICE, NotPossible, Setting
from hard_table import FAILED, HELD, NOT_TRIED, PARTLY, Row
from inside import NOT_MADE
from live_kernel import changed, clean_environment, copy_of_checkout, digests
from notebook_files import lesson_files

ROOT = hard_table.ROOT
FOLDER = hard_table.FOLDER
# Hangs within a cell end after nbval's own limit; this is for what hangs elsewhere.
NOTEBOOK_SECONDS = 45 * 60


@dataclass(frozen=True)
class Pass:
    """One round over the notebooks."""

    number: int
    python: str
    environment: str
    conditions: tuple[str, ...]
    seeds: tuple[int, ...]  # one for each copy of a notebook


PASSES = [
    Pass(1, "3.12", "newest", ("network cut off", "HOME unwritable", "no AVX-512"), (1,)),
    Pass(2, "3.11", "newest", ("read-only checkout", ODD_PATH, "no AVX2"), (2,)),
    Pass(3, "3.13", "colab", ("another locale", "another time zone", "another library"), (3,)),
    Pass(
        *(4, "3.12", "newest"),
        (TWICE, "one core", "4 GB of memory", "no AVX-512, one thread"),
        (4, 5),
    ),
]


@dataclass(frozen=True)
class Outcome:
    """How one notebook went."""

    notebook: str
    problem: str
    claims: int
    seconds: float
    peak: int
    way: str = ""


class Pythons:
    """Finds, for a version, an interpreter that has the course's packages."""

    def __init__(self, given: list[str]) -> None:
        """Take the running interpreter and `given` ones as they are."""
        self.known = {version_of(python): python for python in [*given, sys.executable]}

    def find(self, version: str, environment: str) -> str | None:
        """Return an interpreter, after making its environment if need be; None without one."""
        if version not in self.known:
            self.known[version] = self._make(version, environment)
        return self.known[version]

    def _make(self, version: str, environment: str) -> str | None:
        folder = course.venv_folder(environment)
        if environment == "newest":
            folder = folder.with_name(f".venv-{version}")
        major, minor = version.split(".")
        for python, _ in interpreters.candidates((int(major), int(minor))):
            try:
                return str(course.install(python, environment, False, folder))
            except course.NotInstalled as error:
                print(f"{python}: the environment could not be made ({error})", flush=True)
        return None


def version_of(python: str) -> str:
    """Return an interpreter's version, as in "3.12"."""
    query = "import sys; print('%d.%d' % sys.version_info[:2])"
    answer = subprocess.run([python, "-c", query], capture_output=True, text=True, check=True)
    return answer.stdout.strip()


def selected(lessons: list[str]) -> list[str]:
    """Return the names of the notebooks of these lessons, of all when none is given."""
    names = [path.name for path in lesson_files(ROOT)]
    return [name for name in names if not lessons or name[:2] in lessons]


def run_passes(lessons: list[str], seeds: list[int], pythons: Pythons) -> Iterator[Row]:
    """Run the passes with these seeds (all when none is given) and yield a row for each."""
    for one in PASSES:
        if not seeds or set(seeds) & set(one.seeds):
            yield run_pass(one, selected(lessons), pythons)


def run_pass(one: Pass, notebooks: list[str], pythons: Pythons) -> Row:
    """Run one pass; where a notebook fails, find out which of its conditions does it."""
    start = time.monotonic()
    details = []
    python = pythons.find(one.python, one.environment)
    if python is None:
        details.append(f"Python {one.python} was not found; {version_of(sys.executable)} ran it")
        python = sys.executable
    row = Row(
        key=f"1_notebooks_{one.number}",
        tried=f"Notebooks, pass {one.number}: {'; '.join(one.conditions)}; "
        f"seed {' and '.join(map(str, one.seeds))}; Python {version_of(python)}",
        happened="",
        verdict=NOT_TRIED,
        versions=hard_table.versions(python),
        details=details,
    )
    print(f"\n===== {row.tried} =====", flush=True)
    try:
        outcomes, touched = run_all(one, notebooks, python)
    except NotPossible as reason:
        row.happened = f"could not be made here: {reason}"
        details.append(str(reason))
        return replace(row, seconds=time.monotonic() - start)
    bad = [outcome for outcome in outcomes if outcome.problem]
    details += [f"{outcome.notebook}: {outcome.problem}" for outcome in bad]
    for name in sorted({outcome.notebook for outcome in bad}):
        details.append(f"{name}: {culprits(one, name, python)}")
    details += [f"changed in the checkout: {path}" for path in touched]
    row.happened = describe(outcomes, touched)
    missing = pythons.find(one.python, one.environment) is None
    row.verdict = FAILED if bad or touched else PARTLY if missing else HELD
    row.seconds = time.monotonic() - start
    return row


def describe(outcomes: list[Outcome], touched: list[str]) -> str:
    """Return what happened in a pass, as a sentence of the table."""
    good = sum(not outcome.problem for outcome in outcomes)
    slowest = max(outcomes, key=lambda outcome: outcome.seconds)
    hungriest = max(outcomes, key=lambda outcome: outcome.peak)
    ways = sorted({outcome.way for outcome in outcomes if outcome.way})
    return (
        f"{good} of {len(outcomes)} notebook runs passed, "
        f"{sum(outcome.claims for outcome in outcomes):,} claims held; "
        f"slowest {slowest.notebook[:2]}: {slowest.seconds:.0f} s; "
        f"largest kernel {hungriest.notebook[:2]}: {hungriest.peak / 2**30:.1f} GB; "
        f"{'nothing' if not touched else len(touched)} changed in the checkout"
        + (f" ({'; '.join(ways)})" if ways else "")
    )


def run_all(one: Pass, notebooks: list[str], python: str) -> tuple[list[Outcome], list[str]]:
    """Run notebooks under a pass's conditions, two at a time, in a copy of the course."""
    with temporary_folder() as folder:
        name = ODD_NAME if ODD_PATH in one.conditions else "course"
        checkout = copy_of_checkout(ROOT, folder / name)
        before = digests(checkout)
        # Two at a time; two of the same even where there is only one core.
        cores = available_cores()[:2]
        cores = (cores * 2)[:2] if TWICE in one.conditions else cores
        free: queue.Queue[int] = queue.Queue()
        for core in cores:
            free.put(core)

        def run(notebook: str, copy: str = "") -> Outcome:
            core = free.get()
            try:
                scratch = folder / f"{notebook[:2]}{copy}"
                scratch.mkdir()
                setting = prepare(one, notebook, core, checkout, scratch, python)
                if one.seeds:
                    seed = one.seeds[-1] if copy == "b" else one.seeds[0]
                    setting.environment["COURSE_SEED"] = str(seed)
                outcome = run_notebook(python, notebook, setting)
            finally:
                free.put(core)
            verdict = outcome.problem or f"passed, {outcome.claims} claims"
            print(f"{outcome.seconds:6.1f} s  {notebook[:2]}{copy}  {verdict}", flush=True)
            return outcome

        with ThreadPoolExecutor(len(cores)) as pool:
            if TWICE in one.conditions:
                outcomes = [
                    outcome
                    for notebook in notebooks
                    for outcome in pool.map(run, [notebook] * 2, ["a", "b"])
                ]
            else:
                outcomes = list(pool.map(run, notebooks))
        return outcomes, changed(before, digests(checkout))


@contextlib.contextmanager
def temporary_folder() -> Iterator[Path]:
    """Make a folder, and remove it again, whatever was made unwritable in it."""
    folder = Path(tempfile.mkdtemp(prefix="course-hard-")).resolve()
    try:
        yield folder
    finally:
        for path in [folder, *folder.rglob("*")]:
            if path.is_dir() and not path.is_symlink():
                path.chmod(0o755)
        shutil.rmtree(folder, ignore_errors=True)


def available_cores() -> list[int]:
    """Return the numbers of the processors that may be used."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


def prepare(
    one: Pass, notebook: str, core: int, checkout: Path, scratch: Path, python: str
) -> Setting:
    """Return the setting in which a notebook meets a pass's conditions."""
    environment = clean_environment(checkout)
    setting = Setting(int(notebook[:2]), core, checkout, scratch, environment, python)
    setting.probe["checkout"] = str(checkout)
    for name in one.conditions:
        if name in conditions.CONDITIONS:
            conditions.CONDITIONS[name](setting)
    return setting


def run_notebook(python: str, notebook: str, setting: Setting) -> Outcome:
    """Run one notebook by nbval and watch its processes."""
    report = setting.scratch / "report.xml"
    arguments = ["-q", "-p", "no:cacheprovider", "-o", "filterwarnings=default", *course.NBVAL]
    if setting.slower > 1:
        # Of two limits pytest takes the last.
        arguments.append(f"--nbval-cell-timeout={setting.slower * course.CELL_SECONDS}")
    command = [python, str(FOLDER / "inside.py"), *arguments, f"--junitxml={report}"]
    log = setting.scratch / "log.txt"
    start = time.monotonic()
    try:
        with log.open("w", encoding="utf-8") as output:
            process = psutil.Popen(
                conditions.wrapped(setting, [*command, f"notebooks/{notebook}"]),
                cwd=setting.checkout,
                env={**setting.environment, "HARD_PROBE": json.dumps(setting.probe)},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
            peak, problem = watch(process, conditions.MEMORY_LIMIT if setting.watched else None)
        if setting.group and conditions.killed_for_memory(setting.group):
            problem = "it needs more than 4 GB of memory"
    finally:
        if setting.group:
            conditions.remove_group(setting.group)
    seconds = time.monotonic() - start
    text = log.read_text(encoding="utf-8", errors="replace")
    if not problem and process.returncode == NOT_MADE:
        problem = f"a condition was not there: {text.strip().splitlines()[-1]}"
    failures = read_report(report)
    if not problem and (process.returncode or failures):
        problem = "; ".join(failures) or "nbval ended early: " + " ".join(text.split())[-300:]
    claims = 0 if problem else count_claims(setting.checkout / "notebooks" / notebook)
    return Outcome(notebook, problem, claims, seconds, peak, ", ".join(setting.ways))


def watch(process: psutil.Popen, limit: int | None) -> tuple[int, str]:
    """Wait for a process; return its kernel's largest memory in bytes, and what was wrong."""
    peak, start, problem = 0, time.monotonic(), ""
    while process.poll() is None:
        kernels = kernels_of(process)
        peak = max([peak, *(memory for _, memory in kernels)])
        if limit and peak > limit:
            problem = "it needs more than 4 GB of memory"
        if time.monotonic() - start > NOTEBOOK_SECONDS:
            problem = f"it hung: stopped after {NOTEBOOK_SECONDS / 60:.0f} minutes"
        if problem:
            end(process)
            break
        time.sleep(0.25)
    process.wait()
    return peak, problem


def kernels_of(process: psutil.Popen) -> list[tuple[int, int]]:
    """Return each kernel below a process: its number, and the largest memory it has had."""
    found = []
    with contextlib.suppress(psutil.Error):
        for child in process.children(recursive=True):
            with contextlib.suppress(psutil.Error, OSError):
                if any("ipykernel" in word for word in child.cmdline()):
                    found.append((child.pid, largest_memory(child)))
    return found


def largest_memory(process: psutil.Process) -> int:
    """Return the largest memory that a process has had (where not known: has), in bytes."""
    status = Path(f"/proc/{process.pid}/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return process.memory_info().rss


def end(process: psutil.Popen) -> None:
    """Kill a process that was started here, and everything that it started."""
    for one in [*process.children(recursive=True), process]:
        with contextlib.suppress(psutil.Error):
            one.kill()


def read_report(path: Path) -> list[str]:
    """Return a line for each cell that failed, from pytest's report."""
    if not path.exists():
        return []
    found = []
    for case in ElementTree.parse(path).iter("testcase"):
        for trouble in [*case.findall("failure"), *case.findall("error")]:
            text = " ".join((trouble.text or trouble.get("message", "")).split())
            found.append(f"{case.get('name')}: {shortened(text)}")
    return found


def shortened(text: str) -> str:
    """Return the end of a long message: a claim's error, or the last lines."""
    place = text.rfind("ClaimError: ")
    text = text[place:] if place >= 0 else text
    return text if len(text) <= 300 else f"{text[:80]} ... {text[-200:]}"


def count_claims(path: Path) -> int:
    """Return how many claims a notebook that passed has checked.

    Their lines begin with a tick, and nbval has found the lines that were stored and
    the new ones to be equal.
    """
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    texts = (
        "".join(output.get("text", "")) for cell in cells for output in cell.get("outputs", [])
    )
    return sum(claims_of(line) for text in texts for line in text.splitlines())


def claims_of(line: str) -> int:
    """Return how many claims a printed line stands for: none, one, or as many as it says."""
    several = re.fullmatch(r"✔ (\d+) checks hold", line)
    return int(several[1]) if several else int(line.startswith("✔ "))


def culprits(one: Pass, notebook: str, python: str) -> str:
    """Run a notebook with nothing hard, then with each condition alone; name those that fail."""
    plain = replace(one, conditions=(), seeds=())
    trials = {"no condition at all": plain}
    for seed in one.seeds:
        trials[f"seed {seed}"] = replace(plain, seeds=(seed,))
    trials |= {name: replace(plain, conditions=(name,)) for name in one.conditions}
    failing = []
    for name, trial in trials.items():
        print(f"again, with {name}:", flush=True)
        outcomes, _ = run_all(trial, [notebook], python)
        if any(outcome.problem for outcome in outcomes):
            failing.append(name)
        if failing and trial is plain:
            break
    return f"fails alone with {', '.join(failing)}" if failing else "passes with each one alone"
