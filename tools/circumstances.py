"""What a stored result was measured on: the machine, and the commit that was checked out."""

import os
import platform
import subprocess
from pathlib import Path
from typing import Any

from address import ROOT

# Results and the tables made of them are no change of what was measured.
RESULTS = ("benchmarks/results", "benchmarks/README.md", "benchmarks/ratios.png")
RESULTS += ("tests/hard/results", "tests/hard/README.md")


def machine() -> dict[str, Any]:
    """Return the processor, the cores that may be used, the memory and the system."""
    import psutil

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "processor": processor_name(),
        "cores": cores,
        "memory_gib": round(psutil.virtual_memory().total / 2**30),
        "system": f"{platform.system()} {platform.machine()} {platform.release()}",
        "python": platform.python_version(),
    }


def processor_name() -> str:
    """Return the processor's name as the system tells it."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        text = ""
    lines = text.splitlines()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def commit() -> str:
    """Return the commit that is checked out, and whether something was changed since."""

    def git(*arguments: str) -> str:
        try:
            answer = subprocess.run(
                ["git", "-C", str(ROOT), *arguments], capture_output=True, encoding="utf-8"
            )
        except OSError:
            return ""
        return answer.stdout.strip() if answer.returncode == 0 else ""

    found = git("rev-parse", "--short=10", "HEAD")
    changes = git("status", "--porcelain", "--", ".", *(f":!{path}" for path in RESULTS))
    return f"{found} with changes" if found and changes else found or "unknown"
