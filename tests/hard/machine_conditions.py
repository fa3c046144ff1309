"""What real machines do to a course: conditions of machines, made for real, and what happened.

Each condition is made in a copy of a commit, on a machine of its own (machines.py). It ends in
lesson 01's first cells, run in a kernel of the served page, or in a sentence that says what to do.
"""

import contextlib
import functools
import json
import os
import random
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import interpreters
from conditions import NotPossible, unshare
from course_commands import MARKER
from hard_table import FAILED, HELD, NOT_TRIED, ROOT, Row
from machines import (
    TRACEBACK,
    Machine,
    answers,
    first_sources,
    free_port,
    good_python,
    heed_interrupts,
    lab_command,
    new_machine,
    path_of,
    said,
    shortened,
)
from notebook_passes import temporary_folder

ODD_FOLDER = f"{'a long name ' * 6}/Kür s, ñandú 課程"
OLD = [(3, minor) for minor in range(6, 11)]
# No index answers at this address; what this machine's own settings offer is left out, too.
NO_INDEX = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "0"}
NO_SETTINGS = {"PIP_CONFIG_FILE": os.devnull, "PIP_FIND_LINKS": ""}
ANEW = "No package index was reached"  # said by a new environment's pip: it was made anew
Outcome = tuple[bool, str]


@dataclass
class Kit:
    """What the conditions share: a commit, a folder, and one whole installation of it."""

    commit: str
    folder: Path
    seed: int
    interrupts: int

    def fresh(self) -> Machine:
        """Return a machine on which nothing is installed yet."""
        return new_machine(self.folder / "fresh", self.commit)

    def with_cache(self) -> Machine:
        """Return such a machine that need not fetch again what the whole installation fetched."""
        machine = self.fresh()
        machine.variables["PIP_CACHE_DIR"] = self.whole[0].variables["PIP_CACHE_DIR"]
        return machine

    @functools.cached_property
    def whole(self) -> tuple[Machine, Outcome]:
        """Return the machine on which all is installed, and how that went."""
        machine = new_machine(self.folder / "whole", self.commit, from_zip=True, name=ODD_FOLDER)
        outcome = machine.tried()
        machine.variables["WHOLE_SECONDS"] = str(machine.seconds)
        return machine, outcome


Condition = Callable[[Kit], Outcome]
CONDITIONS: dict[str, tuple[str, str, Condition]] = {}


def condition(what: str, made: str) -> Callable[[Condition], Condition]:
    """Name a condition and how it is made."""

    def named(function: Condition) -> Condition:
        CONDITIONS[function.__name__] = (what, made, function)
        return function

    return named


def run(commit: str, names: list[str], seed: int, interrupts: int) -> Iterator[Row]:
    """Make conditions on a commit of the course, HEAD when it is ""; yield a row for each."""
    # HEAD may move while a long run goes on; every copy is of one commit.
    command = ["git", "-C", str(ROOT), "rev-parse", commit or "HEAD"]
    found = subprocess.run(command, check=True, capture_output=True).stdout.decode().strip()
    with temporary_folder() as folder:
        kit = Kit(found, folder, seed, interrupts)
        for name in CONDITIONS:
            if not names or name in names:
                yield row_of(name, kit, commit)


def row_of(name: str, kit: Kit, course: str) -> Row:
    """Make one condition; return its row."""
    what, made, function = CONDITIONS[name]
    start = time.monotonic()
    try:
        held, happened = function(kit)
        verdict = HELD if held else FAILED
    except NotPossible as error:
        verdict, happened = NOT_TRIED, str(error)
    key = f"5_machines_{list(CONDITIONS).index(name) + 1:02}_{name}"
    seconds = time.monotonic() - start
    return Row(key, what, happened, verdict, seconds, made=made, course=course)


def told(machine: Machine, *words: str) -> Outcome:
    """Judge a command that should have said what to do."""
    right = TRACEBACK not in machine.ran and all(word in machine.ran for word in words)
    return right and machine.status != 0, said(machine.ran)


def without_index(machine: Machine) -> None:
    """Run `make lab` where no package index is reached, so that it ends before the packages."""
    machine.run("make", "lab", **NO_SETTINGS, **NO_INDEX)


# From nothing to a page


@condition("Only Python 3.11", "fresh clone; a PATH with python3, make and git; no cache of pip")
def clean(kit: Kit) -> Outcome:
    machine = kit.fresh()
    outcome = machine.tried()
    shutil.rmtree(machine.folder)
    return outcome


@condition(
    "The same from a ZIP, in a long path with spaces and letters of other languages",
    "git archive, unpacked without .git below “a long name a long name …/Kür s, ñandú 課程”",
)
def zipped(kit: Kit) -> Outcome:
    return kit.whole[1]


@condition(
    "The installation is interrupted",
    "SIGINT to its process group at random moments, from the first seconds to unpacking; then "
    "`make lab` once",
)
def interrupted(kit: Kit) -> Outcome:
    whole = float(kit.whole[0].variables["WHOLE_SECONDS"])
    chance = random.Random(kit.seed)
    parts = [(number + chance.random()) / kit.interrupts for number in range(kit.interrupts)]
    moments = [chance.uniform(0.5, 4), *(0.9 * whole * part for part in parts[1:])]
    stories: dict[str, list[str]] = {}
    taken = []
    for moment in moments:
        machine = kit.with_cache()
        with machine.begun(lab_command(free_port())) as running:
            time.sleep(moment)
            os.killpg(running.pid, signal.SIGINT)
            machine.ended(running, 60)
        stopped = "" if TRACEBACK not in machine.ran else "stopped with a traceback; "
        right, how = machine.tried()
        if right:
            taken.append(machine.seconds)
            how = "served, lesson 01's first cells run"
        print(f"  interrupted after {moment:.1f} s: {stopped}{how}", flush=True)
        stories.setdefault(stopped + how, []).append(f"{moment:.0f}")
        shutil.rmtree(machine.folder)
    text = "; ".join(
        f"{len(when)} of {len(moments)} (after {', '.join(when)} s): {how}"
        for how, when in stories.items()
    )
    span = f" (served after {min(taken):.0f} to {max(taken):.0f} s)" if taken else ""
    return len(taken) == len(moments) and "traceback" not in text, text + span


# Environments that are there and broken; the installation is stopped at the index.


def broken(machine: Machine) -> Outcome:
    """Judge `make lab` where a broken environment is: it is made anew, up to the packages."""
    without_index(machine)
    right, how = told(machine, ANEW)
    version = ""
    with contextlib.suppress(OSError):
        command = [str(machine.venv / "bin" / "python"), "-m", "pip", "--version"]
        version = subprocess.run(command, capture_output=True).stdout.decode()
    made = right and "python 3.11" in version
    return made, f"made anew up to the packages, where it was stopped: {how}" if made else how


@condition(
    ".venv without pip, as `uv` and Debian's python3 make it",
    "python3 -m venv --without-pip .venv, with a line of uv in pyvenv.cfg; no index to install "
    "from",
)
def no_pip(kit: Kit) -> Outcome:
    machine = kit.fresh()
    machine.run("python3", "-m", "venv", "--without-pip", ".venv")
    with (machine.venv / "pyvenv.cfg").open("a") as file:
        file.write("uv = 0.9.0\n")
    return broken(machine)


@condition(".venv made by another Python", "Python 3.9 -m venv .venv, as an editor may; no index")
def another_python(kit: Kit) -> Outcome:
    machine = kit.fresh()
    machine.run(old_pythons([(3, 9)])[0], "-m", "venv", ".venv")
    return broken(machine)


@condition(
    "The Python that made .venv was removed",
    "its link .venv/bin/python points to nothing; no index",
)
def base_removed(kit: Kit) -> Outcome:
    machine = kit.fresh()
    machine.run("python3", "-m", "venv", ".venv")
    for link in (machine.venv / "bin").glob("python*"):
        if link.is_symlink():
            link.unlink()
            link.symlink_to(machine.folder / "removed" / "python3")
    return broken(machine)


@condition("The marker of a whole installation is empty, or damaged", "a file of 0 bytes, or {")
def marker(kit: Kit) -> Outcome:
    outcomes = []
    for text in ("", "{"):
        machine = kit.fresh()
        machine.run("python3", "-m", "venv", ".venv")
        (machine.venv / MARKER).write_text(text)
        outcomes.append(broken(machine))
    return all(right for right, _ in outcomes), " / ".join(sorted({how for _, how in outcomes}))


@condition(".venv is something else", "a folder .venv with a file of the user's; no index")
def something_else(kit: Kit) -> Outcome:
    machine = kit.fresh()
    machine.venv.mkdir()
    (machine.venv / "thesis.docx").touch()
    without_index(machine)
    right, how = told(machine, "is there and is no virtual environment")
    left = [path.name for path in machine.venv.iterdir()]
    alone = left == ["thesis.docx"]
    return right and alone, how + (
        ", left alone" if alone else f", and now it has {len(left)} files"
    )


# Pythons


def old_pythons(versions: list[tuple[int, int]]) -> list[str]:
    """Return the Pythons of these versions that are here."""
    found = [path for one in versions for path, _ in interpreters.candidates(one)[:1]]
    if not found:
        raise NotPossible("none of these Pythons is here")
    return [os.path.realpath(path) for path in found]


@condition("Too old a Python, and no other", "a PATH with it alone; Python 3.6 to 3.10 by turns")
def too_old(kit: Kit) -> Outcome:
    machine, stories, right = kit.fresh(), [], True
    for python in old_pythons(OLD):
        path_of(machine.folder / "programs", python)
        without_index(machine)
        one, how = told(machine, "needs Python 3.11, 3.12 or 3.13", "Google Colab")
        right = right and one
        stories.append(f"{Path(python).name}: {how}")
    return right, once(stories)


@condition("Too old a Python before a good one", "python3 is the old one, python3.11 beside it")
def old_before_good(kit: Kit) -> Outcome:
    machine, stories, right = kit.whole[0], [], True
    # Not the machine's own PATH: its environment is made of the Python that is there.
    path = str(machine.folder / "old before good")
    for python in old_pythons(OLD):
        path_of(Path(path), python, good_python())
        machine.run("python3", "tools/course.py", "setup", PATH=path)
        right = right and machine.status == 0 and TRACEBACK not in machine.ran
        stories.append(f"{Path(python).name}: {said(machine.ran)}")
    path_of(Path(path), old_pythons(OLD)[0], good_python())
    one, how = machine.tried(PATH=path)
    return right and one, f"{once(stories)}; then {how}"


def once(stories: list[str]) -> str:
    """Return stories of several Pythons, with what they have in common said once."""
    first = {story.split(": ", 1)[1]: story.split(": ", 1)[0] for story in reversed(stories)}
    names = ", ".join(story.split(": ")[0] for story in stories)
    return f"{names}: {'; '.join(list(first)[::-1][:2])}"


# Settings of pip, and networks


@condition(
    "PYTHONPATH with an old NumPy", "a package numpy there with a version, 1.26, and no arrays"
)
def python_path(kit: Kit) -> Outcome:
    old = kit.folder / "old" / "numpy"
    old.mkdir(parents=True, exist_ok=True)
    (old / "__init__.py").write_text('__version__ = "1.26.0"\n')
    return kit.whole[0].tried(PYTHONPATH=str(old.parent))


@condition(
    "pip's settings of a user",
    "PIP_USER=1; then a pip.conf with user and require-virtualenv; the requirements have changed, "
    "so pip runs again in a whole environment",
)
def pip_settings(kit: Kit) -> Outcome:
    machine = kit.whole[0]
    own = Path(machine.variables.get("PIP_CONFIG_FILE", os.devnull))
    settings = kit.folder / "pip.conf"
    settings.write_text(own.read_text() + "\n[install]\nrequire-virtualenv = true\nuser = true\n")
    outcomes = []
    for more in ({"PIP_USER": "1"}, {"PIP_CONFIG_FILE": str(settings)}):
        kept = (machine.venv / MARKER).read_text()
        changed = json.loads(kept) | {"fingerprint": "of older requirements"}
        (machine.venv / MARKER).write_text(json.dumps(changed))
        outcomes.append(machine.tried(**more))
        (machine.venv / MARKER).write_text(kept)
    return all(right for right, _ in outcomes), "; then ".join(how for _, how in outcomes)


@condition(
    "A private index that cannot be reached", "PIP_INDEX_URL is a port that nobody listens on"
)
def private_index(kit: Kit) -> Outcome:
    machine = kit.fresh()
    without_index(machine)
    return told(machine, ANEW, "PIP_INDEX_URL")


@condition("No network", "a network namespace with nothing in it; pip's own settings left out")
def no_network(kit: Kit) -> Outcome:
    if not unshare():
        raise NotPossible("no namespaces here")
    machine = kit.fresh()
    machine.run(*(unshare() or []), "--net", "make", "lab", **NO_SETTINGS)
    return told(machine, ANEW, "HTTPS_PROXY")


@condition("A proxy that does not answer", "HTTPS_PROXY to a port that nobody listens on")
def proxy(kit: Kit) -> Outcome:
    machine = kit.fresh()
    machine.run("make", "lab", **NO_SETTINGS, HTTPS_PROXY="http://127.0.0.1:9")
    return told(machine, ANEW, "HTTPS_PROXY")


def on_a_disk(kit: Kit, size: str, meanwhile: str) -> Machine:
    """Install onto a small disk in memory."""
    if not unshare():
        raise NotPossible("no namespaces here, so no small disk")
    machine = kit.with_cache()
    disk = machine.folder / "disk"
    disk.mkdir()
    script = f'PATH="$PATH:/usr/bin:/bin:/sbin"; mount -t tmpfs -o size={size} none "$COURSE_VENV"'
    command = ["sh", "-c", f'({script}) && {{ {meanwhile} exec "$@"; }}', "sh", "make", "lab"]
    machine.run(*(unshare() or []), "--mount", *command, COURSE_VENV=str(disk))
    return machine


@condition("The disk is nearly full", "the environment on a disk of 1 GB (tmpfs)")
def small_disk(kit: Kit) -> Outcome:
    return told(on_a_disk(kit, "1g", ""), "needs 5 GB", "Make room")


@condition("The disk becomes full meanwhile", "5.2 GB free, 4.8 of them taken after ten seconds")
def disk_becomes_full(kit: Kit) -> Outcome:
    fill = '(PATH="$PATH:/usr/bin:/bin"; sleep 10; fallocate -l 4800M "$COURSE_VENV/other files") &'
    return told(on_a_disk(kit, "5200m", fill), "The disk is full", "Make room")


# Settings of Keras and Matplotlib, and files beside the notebook: all is installed.


def with_file(kit: Kit, path: str, text: str) -> Outcome:
    """Try the lesson with one more file in the home folder or beside the notebook."""
    machine = kit.whole[0]
    place = machine.folder / path.replace("course/", f"{ODD_FOLDER}/")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)
    outcome = machine.tried()
    place.unlink()
    if place.parent.name == "course_lib":
        shutil.rmtree(place.parent)
    return outcome


@condition("KERAS_BACKEND=jax", "the variable, for `make lab`")
def backend(kit: Kit) -> Outcome:
    return kit.whole[0].tried(KERAS_BACKEND="jax")


@condition("keras.json of another project", "torch, float16 and channels_first in ~/.keras")
def keras_json(kit: Kit) -> Outcome:
    own = {"backend": "torch", "floatx": "float16", "image_data_format": "channels_first"}
    return with_file(kit, "home/.keras/keras.json", json.dumps(own))


@condition("matplotlibrc of a paper", "text.usetex: True in ~/.config/matplotlib, and no LaTeX")
def matplotlibrc(kit: Kit) -> Outcome:
    return with_file(kit, "home/.config/matplotlib/matplotlibrc", "text.usetex: True\n")


@condition(
    "A file beside the notebook hides a package", "keras.py, random.py and course_lib/ by turns"
)
def hidden(kit: Kit) -> Outcome:
    stories, right = [], True
    for name in ("keras.py", "random.py", "course_lib/__init__.py"):
        _, how = with_file(kit, f"course/notebooks/{name}", "mine = 1\n")
        right = right and "hides the" in how
        stories.append(f"{name}: {how}")
    return right, "; ".join(stories)


@condition("The wrong kernel", "lesson 01's first two cells run by a Python without the course")
def wrong_kernel(kit: Kit) -> Outcome:
    machine = kit.fresh()
    source = "\n".join(first_sources(machine, 2))
    machine.run("sh", "-c", 'cd notebooks && exec python3 -c "$CELLS"', CELLS=source)
    last = machine.ran.strip().splitlines()[-1]
    return "lacks the course" in last and "make lab" in last, f"“{shortened(last)}”"


# JupyterLab in a terminal


@condition(
    "Ctrl-C in JupyterLab, once and twice",
    "typed in a pseudo-terminal, with python3 tools/course.py lab (make adds a line of its own)",
)
def control_c(kit: Kit) -> Outcome:
    import pty

    machine = kit.whole[0]
    port = free_port()
    pid, terminal = pty.fork()
    if pid == 0:
        heed_interrupts()
        os.chdir(machine.course)
        python = f"{machine.folder}/programs/python3"
        options = lab_command(port)[2].removeprefix("ARGS=").split()
        command = [python, "tools/course.py", "lab", "--", *options]
        os.execve(python, command, machine.variables)
    shown = shown_until(terminal, lambda text: answers(f"http://127.0.0.1:{port}"))
    time.sleep(2)
    os.write(terminal, b"\x03")
    first = shown_until(terminal, lambda text: "(y/[n])" in text)
    time.sleep(1.5)
    lives = answers(f"http://127.0.0.1:{port}")
    os.write(terminal, b"\x03")
    last = shown_until(terminal, lambda text: False)
    os.close(terminal)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    quiet = TRACEBACK not in shown + first + last
    text = (
        f"once: {'asked' if '(y/[n])' in first else 'not asked'}, server "
        f"{'lives' if lives else 'gone'}; twice: status {status}; "
        f"{'no traceback' if quiet else 'a traceback'}; last line {said(last)[-80:]}"
    )
    return quiet and lives and "(y/[n])" in first and status == 0, text


def shown_until(terminal: int, enough: Callable[[str], bool], seconds: float = 60) -> str:
    """Return what a terminal shows until it is enough, or until its program has ended."""
    shown, until = "", time.monotonic() + seconds
    while not enough(shown) and time.monotonic() < until:
        if select.select([terminal], [], [], 0.3)[0]:
            try:
                shown += os.read(terminal, 10_000).decode(errors="replace")
            except OSError:
                break
    return shown
