"""Start-up: what the imports take, and the way from `make lab` to the first page."""

import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from typing import Any

import psutil
from harness import ROOT, table, take_turns

QUESTION = "How long until a lesson, and JupyterLab, can begin?"
IMPORTS = {
    "Python alone": "",
    "import course_lib": "import course_lib",
    "import numpy": "import numpy",
    "import tensorflow": "import tensorflow",
    "import keras": "import keras",
    "lesson.begin(1)": "from course_lib import lesson; lesson.begin(1)",
}
PAGE = "/lab/tree/notebooks/README.md"
LAB = "make lab, to the first page"
IMPORT_ROUNDS, LAB_ROUNDS = 5, 3
POLL_SECONDS, LONGEST_SECONDS = 0.05, 300


def measure(quick: bool) -> dict[str, Any]:
    """Start a fresh Python for each import, by turns, then JupyterLab several times.

    A round comes before those that count: it brings the files into memory.
    """
    names = list(IMPORTS)[:3] if quick else IMPORTS
    actions = {name: lambda code=IMPORTS[name]: python_seconds(code) for name in names}
    result = {"seconds": take_turns(actions, 1 if quick else IMPORT_ROUNDS)}
    if not quick and is_set_up():
        result["seconds"] |= take_turns({LAB: lab_seconds}, LAB_ROUNDS)
    return result


def python_seconds(code: str) -> float:
    """Return how long a fresh Python takes from its start to its end."""
    settings = {**os.environ, "PYTHONPATH": str(ROOT)}
    start = time.perf_counter()
    command = [sys.executable, "-c", code]
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT, env=settings)
    return time.perf_counter() - start


def is_set_up() -> bool:
    """Return whether `make lab` has nothing to install."""
    import course_commands as course

    marker = course.venv_folder("newest") / course.MARKER
    wanted = course.fingerprint("newest")
    return marker.exists() and json.loads(marker.read_text()).get("fingerprint") == wanted


def lab_seconds() -> float:
    """Return the time from `make lab` to the first page, and end JupyterLab."""
    port = free_port()
    # Without a token the page comes at once, not the one that asks for it.
    arguments = ["--no-browser", f"--port={port}", "--ServerApp.port_retries=0"]
    arguments += ["--IdentityProvider.token="]
    command = [sys.executable, "tools/course.py", "lab", "--", *arguments]
    if shutil.which("make"):
        command = ["make", "lab", f"ARGS={' '.join(arguments)}"]
    start = time.perf_counter()
    quiet = {
        "stdin": subprocess.DEVNULL,
        "stdout": subprocess.DEVNULL,
        "stderr": subprocess.DEVNULL,
    }
    process = psutil.Popen(command, cwd=ROOT, **quiet)
    try:
        wait_for_page(f"http://127.0.0.1:{port}{PAGE}", process)
        return time.perf_counter() - start
    finally:
        end_with_children(process)


def free_port() -> int:
    """Return a port that nobody listens at."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_for_page(address: str, process: psutil.Popen) -> None:
    """Ask for a page until it comes.

    Raises:
        RuntimeError: when the process ends before, or the page does not come.
    """
    # A proxy would be asked for a page of this machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    start = time.perf_counter()
    while time.perf_counter() - start < LONGEST_SECONDS:
        if process.poll() is not None:
            raise RuntimeError(f"make lab ended with {process.returncode} before it served a page.")
        try:
            with opener.open(address, timeout=LONGEST_SECONDS) as answer:
                if answer.status == 200 and answer.url == address and answer.read():
                    return
        except (urllib.error.URLError, OSError):
            pass
        time.sleep(POLL_SECONDS)
    raise RuntimeError(f"make lab served no page in {LONGEST_SECONDS} seconds.")


def end_with_children(process: psutil.Popen) -> None:
    """Kill a process and all that it started."""
    try:
        family = [*process.children(recursive=True), process]
    except psutil.NoSuchProcess:
        family = [process]
    for one in family:
        try:
            one.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(family, timeout=30)


def report(result: dict[str, Any]) -> str:
    """Return the table and its reading."""
    seconds = result["seconds"]
    medians = {name: statistics.median(times) for name, times in seconds.items()}
    rows = [
        [name, f"{medians[name]:.2f}", f"{min(times):.2f} to {max(times):.2f}", str(len(times))]
        for name, times in seconds.items()
    ]
    reading = []
    if "lesson.begin(1)" in medians:
        ours = medians["lesson.begin(1)"] - medians["import keras"]
        reading.append(f"A lesson begins {ours:+.2f} s after what importing Keras takes.")
    if LAB in medians:
        reading.append(f"The course map is served {medians[LAB]:.1f} s after `make lab`.")
    else:
        reading.append("`make lab` was not measured: a quick run, or not set up.")
    header = ["from a fresh process", "median, s", "range, s", "runs"]
    return f"{table(header, rows)}\n\n{' '.join(reading)}"
