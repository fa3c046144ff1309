"""A machine of its own for a copy of the course: home, PATH, commands, server, a lesson's cells."""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import interpreters
import nbformat
from hard_table import ROOT
from jupyter_client.blocking.client import BlockingKernelClient

LESSON = "notebooks/01_linear_regression.ipynb"
FIRST_CELLS = 6  # up to and with the first picture
TOKEN = "hard"
WAIT_SECONDS = 900
# What make, pip and Jupyter add around what the course says.
NOISE = r"make: |Installing into|  fetching|[×│╰\[]|note: |error: |ERROR: |WARNING: "
TRACEBACK = "Traceback (most recent call last)"
# What make and the set-up call; a PATH of these alone has no Python but the given one.
PROGRAMS = ("make", "sh", "env", "git", "uname", "cat", "ls", "dirname")


@dataclass
class Machine:
    """A copy of the course, and the variables with which its commands are called.

    Attributes:
        folder: everything of this machine.
        course: the copy of the course in it.
        variables: what the commands find in the environment.
        ran: what the last command printed.
        status: its exit status.
        seconds: from the command to the served page.
    """

    folder: Path
    course: Path
    variables: dict[str, str] = field(default_factory=dict)
    ran: str = ""
    status: int | None = None
    seconds: float = 0.0

    @property
    def venv(self) -> Path:
        """Return where the course's environment is or will be."""
        return self.course / ".venv"

    def run(self, *command: str, **more: str) -> str:
        """Run a command in the course's folder to its end; return what it printed."""
        with self.begun(command, more) as running:
            self.ended(running)
        return self.ran

    def begun(
        self, command: tuple[str, ...], more: dict[str, str] | None = None
    ) -> subprocess.Popen:
        """Start a command in a process group of its own."""
        variables = {**self.variables, **(more or {})}
        program = shutil.which(command[0], path=variables["PATH"]) or shutil.which(command[0])
        with (self.folder / "said").open("wb") as file:
            return subprocess.Popen(
                [program or command[0], *command[1:]],
                cwd=self.course,
                env=variables,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=heed_interrupts,
            )

    def ended(self, running: subprocess.Popen, seconds: float = WAIT_SECONDS) -> None:
        """Wait for the end of a command, whatever it takes to end it."""
        try:
            self.status = running.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)
            self.status = running.wait()
        self.ran = (self.folder / "said").read_text(encoding="utf-8", errors="replace")

    @contextlib.contextmanager
    def lab(self, *before: str, **more: str) -> Iterator[str]:
        """Run `make lab` until a page is served; yield its address, or "" when there is none."""
        port = free_port()
        page = f"http://127.0.0.1:{port}"
        start = time.monotonic()
        running = self.begun((*before, *lab_command(port)), more)
        served = False
        while running.poll() is None and not served and time.monotonic() - start < WAIT_SECONDS:
            served = answers(page)
            time.sleep(0.1)
        self.seconds = time.monotonic() - start
        try:
            yield page if served else ""
        finally:
            if running.poll() is None:
                # The second confirms, as in a terminal.
                for _ in range(2):
                    with contextlib.suppress(ProcessLookupError):
                        os.killpg(running.pid, signal.SIGINT)
                    time.sleep(1)
            self.ended(running, 30)

    def tried(self, *before: str, **more: str) -> tuple[bool, str]:
        """Run `make lab` and, in the page, lesson 01's first cells; say how that ended."""
        with self.lab(*before, **more) as page:
            wrong = first_cells(self, page) if page else None
        if not page:
            return False, said(self.ran)
        return not wrong, wrong or f"served after {self.seconds:.0f} s, lesson 01's first cells run"


def new_machine(
    folder: Path, commit: str, *, from_zip: bool = False, name: str = "course", python: str = ""
) -> Machine:
    """Make a machine with a home of its own, one Python on the PATH and a copy of the course."""
    shutil.rmtree(folder, ignore_errors=True)
    course = folder / name
    course.parent.mkdir(parents=True)
    if from_zip:
        archive = folder / "course.zip"
        subprocess.run(
            ["git", "-C", str(ROOT), "archive", "--format=zip", "-o", str(archive), commit],
            check=True,
        )
        shutil.unpack_archive(archive, course)
    else:
        found = subprocess.run(
            ["git", "-C", str(ROOT), "rev-parse", commit], check=True, capture_output=True
        )
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(course)], check=True)
        checkout = ["checkout", "--quiet", "--detach", found.stdout.decode().strip()]
        subprocess.run(["git", "-C", str(course), *checkout], check=True)
    home, programs = folder / "home", folder / "programs"
    home.mkdir()
    path_of(programs, python or good_python())
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(
            ("PYTHON", "COURSE_", "KERAS", "TF_", "JUPYTER", "IPYTHON", "MPL", "VIRTUAL", "PYENV")
        )
        and not name.startswith(("MAKE", "MFLAGS", "XDG_"))
    }
    pips_own = Path.home() / ".config" / "pip" / "pip.conf"
    if pips_own.exists():
        # How this machine reaches a package index is no part of what is tried.
        kept["PIP_CONFIG_FILE"] = str(pips_own)
    kept |= {"PATH": str(programs), "HOME": str(home)}
    kept["JUPYTER_RUNTIME_DIR"] = str(home / "runtime")
    kept["PIP_CACHE_DIR"] = str(home / "pip")
    return Machine(folder, course, kept)


def path_of(programs: Path, python: str, *more: str) -> None:
    """Make a folder for the PATH with a Python as python3, and nothing else of its kind."""
    shutil.rmtree(programs, ignore_errors=True)
    programs.mkdir()
    for name in PROGRAMS:
        found = shutil.which(name)
        if found:
            (programs / name).symlink_to(found)
    (programs / "python3").symlink_to(python)
    for other in more:
        (programs / Path(other).name).symlink_to(other)


def good_python() -> str:
    """Return Python 3.11 where it is here, or the base of the running one."""
    found = [path for path, whole in interpreters.candidates((3, 11)) if whole]
    running = getattr(sys, "_base_executable", sys.executable)
    return os.path.realpath(found[0] if found else running)


def heed_interrupts() -> None:
    """Undo what a shell does to what it starts in the background: it cannot be interrupted."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def lab_command(port: int) -> tuple[str, ...]:
    """Return the command that serves JupyterLab without opening a browser."""
    options = f"--no-browser --port={port} --IdentityProvider.token={TOKEN}"
    return ("make", "lab", f"ARGS={options}")


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


def answers(page: str) -> bool:
    """Return whether JupyterLab is served there."""
    try:
        with ask(f"{page}/lab") as answer:
            return answer.status == 200
    except OSError:
        return False


def ask(address: str, body: dict | None = None):  # type: ignore[no-untyped-def]
    """Send a request to a server."""
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(address, data, {"Authorization": f"token {TOKEN}"})
    return urllib.request.urlopen(request, timeout=60)


def first_cells(machine: Machine, page: str, count: int = FIRST_CELLS) -> str:
    """Run a lesson's first cells in a kernel of the served page; return what went wrong."""
    cells = first_sources(machine, count)
    kernel = {"path": LESSON, "name": LESSON, "type": "notebook", "kernel": {"name": "python3"}}
    try:
        with ask(f"{page}/api/sessions", kernel) as answer:
            number = json.load(answer)["kernel"]["id"]
    except OSError as error:
        return f"no kernel starts: {error}"
    runtime = Path(machine.variables["JUPYTER_RUNTIME_DIR"])
    client = BlockingKernelClient(connection_file=str(runtime / f"kernel-{number}.json"))
    client.load_connection_file()
    client.start_channels()
    try:
        # Not wait_for_ready, which takes a slow heartbeat on a busy machine for a death.
        client.kernel_info(reply=True, timeout=120)
        for place, source in enumerate(cells, start=1):
            answer = client.execute(source, allow_stdin=False, reply=True, timeout=180)
            reply = answer["content"]
            if reply["status"] != "ok":
                what = f"{reply.get('ename')}: {reply.get('evalue')}"
                return f"code cell {place}: {shortened(what)}"
    except (RuntimeError, TimeoutError) as error:
        return f"the kernel does not answer: {shortened(str(error))}"
    finally:
        client.stop_channels()
    return ""


def first_sources(machine: Machine, count: int = FIRST_CELLS) -> list[str]:
    """Return a lesson's first code cells."""
    cells = nbformat.read(machine.course / LESSON, as_version=4).cells
    return [cell.source for cell in cells if cell.cell_type == "code"][:count]


def said(text: str) -> str:
    """Return how a command ended: its last words, and whether they were a traceback."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    lines = [line for line in lines if not re.match(NOISE, line)]
    traceback = "traceback ending in " if TRACEBACK in text else ""
    return f"{traceback}“{shortened(' '.join(lines[-1 if traceback else -5 :]))}”"


def shortened(text: str, length: int = 330) -> str:
    """Return text without paths and colours, cut in its middle."""
    text = re.sub(r"\x1b\[[\d;]*m", "", text)
    text = re.sub(r"(?:/[\w.\-ü ñ課程,]+)+/(?=[\w.\-]+)", "…/", text)
    text = re.sub(r"https?://[\w.\-]+(?::\d+)?/\S*", "(address)", text)
    text = " ".join(text.split())
    half = length // 2
    return text if len(text) <= length else f"{text[:half]} … {text[-half:]}"
