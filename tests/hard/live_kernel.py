"""A real Jupyter kernel that may be killed, and files that may not change."""

import hashlib
import os
import queue
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from jupyter_client import KernelManager

LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv*", ".cache", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis",
    "build", "dist", "*.egg-info", "__pycache__", ".ipynb_checkpoints", ".coverage*",
)  # fmt: skip


@dataclass(frozen=True)
class Reply:
    """How a cell ended: "ok", "error", "died" or "hung"; and the text that it printed."""

    status: str
    text: str
    seconds: float


class LiveKernel:
    """A kernel of the running Python, started in a folder."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.manager = KernelManager()
        # The kernel of this very interpreter, whatever others are installed.
        self.manager.kernel_spec.argv[0] = sys.executable
        # What a kernel writes there itself is for whoever runs Jupyter, not for a table.
        quiet = {"stderr": subprocess.DEVNULL}
        self.manager.start_kernel(cwd=str(folder), env=environment, **quiet)
        self._connect()

    def _connect(self) -> None:
        self.client = self.manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=300)

    def start(self, code: str) -> str:
        """Begin to execute code; return the message to `finish` with."""
        return self.client.execute(code, store_history=True, allow_stdin=False)

    def finish(self, message: str, seconds: float) -> Reply:
        """Wait for the end of what was begun, for the kernel's death, or for `seconds`."""
        start, status, text = time.monotonic(), "ok", ""
        while True:
            passed = time.monotonic() - start
            try:
                reply = self.client.get_iopub_msg(timeout=0.2)
            except queue.Empty:
                if not self.manager.is_alive():
                    return Reply("died", text, passed)
                if passed > seconds:
                    return Reply("hung", text, passed)
                continue
            if reply["parent_header"].get("msg_id") != message:
                continue
            kind, content = reply["msg_type"], reply["content"]
            if kind == "stream":
                text += content["text"]
            elif kind == "error":
                status = "error"
                text += f"{content['ename']}: {content['evalue']}"
            elif kind == "status" and content["execution_state"] == "idle":
                return Reply(status, text, time.monotonic() - start)

    def run(self, code: str, seconds: float = 600) -> Reply:
        """Execute code and wait for its end."""
        return self.finish(self.start(code), seconds)

    def kill(self) -> None:
        """End the kernel's process with SIGKILL."""
        self.manager.signal_kernel(signal.SIGKILL if os.name != "nt" else signal.SIGTERM)
        while self.manager.is_alive():
            time.sleep(0.02)

    def restart(self) -> None:
        """Start a new process in place of one that is dead."""
        self.client.stop_channels()
        self.manager.restart_kernel(now=True)
        self._connect()

    def stop(self) -> None:
        """End the kernel for good."""
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


def copy_of_checkout(root: Path, target: Path) -> Path:
    """Copy the course as it stands, without caches and environments."""
    shutil.copytree(root, target, ignore=LEFT_OUT)
    return target


def digests(folder: Path) -> dict[str, str]:
    """Return the digest of each file, and "folder" for each folder."""
    return {
        path.relative_to(folder).as_posix(): "folder"
        if path.is_dir()
        else hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
    }


def changed(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """Return the files that came, went or changed."""
    return sorted(
        path for path in before.keys() | after.keys() if before.get(path) != after.get(path)
    )


def clean_environment(checkout: Path, *more: Path) -> dict[str, str]:
    """Return the variables for a kernel whose course is the given checkout."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COURSE_")}
    return {
        **kept,
        "PYTHONPATH": os.pathsep.join(map(str, (checkout, checkout / "tools", *more))),
        "PYTHONDONTWRITEBYTECODE": "1",
        # Older versions of ipykernel print a debugger's warning for every kernel.
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }
