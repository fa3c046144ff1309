"""Runs a script of runs/ at a small size: python small_tools.py NAME FOLDER GAP.

With GAP 0 or 1 the process kills itself when the tool is about to put its first or
its second finished file in place, the second time that it stores anything.
"""

import importlib
import os
import signal
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import stored

from course_lib.lesson import quiet_stderr


def small(name: str, folder: Path) -> ModuleType:
    """Return the tool with networks, data and runs that take a second."""
    with quiet_stderr():
        tool = importlib.import_module(name)
        from course_lib.models import pretrained
    tool.FOLDER = folder / name
    if name == "digit_runs":
        generator = np.random.default_rng(0)
        images = generator.random((2000, 28, 28, 1), dtype="float32")
        labels = generator.integers(0, 10, 2000)
        tool.VALIDATION = 200
        tool.digits = lambda: ((images, labels), (images[:300], labels[:300]))
        few = tool.Run(
            lambda: tool.ours((2, 4, 4)), epochs=3, batch_size=32, examples=1800, seeds=8
        )
        tool.RUNS = {"few": few}
    else:
        texts = {"training": "to be or not " * 400, "validation": "not to be " * 40, "test": "or "}
        tool.CONTEXT, tool.BATCH_SIZE = 16, 4
        pretrained.shakespeare_parts = lambda: texts
        tool.RUNS = [tool.Run("grid", 8, 1, 100, seed) for seed in range(1, 9)]
    return tool


def die_in_gap(gap: int) -> None:
    """Kill this process between two replacements of the second time of storing."""
    replace, calls = os.replace, [0]

    def replace_or_die(source: object, target: object) -> None:
        calls[0] += 1
        if calls[0] == 3 + gap:
            os.kill(os.getpid(), signal.SIGKILL)
        replace(source, target)

    stored.os.replace = replace_or_die


if __name__ == "__main__":
    tool = small(sys.argv[1], Path(sys.argv[2]))
    if int(sys.argv[3]) >= 0:
        die_in_gap(int(sys.argv[3]))
    sys.exit(tool.main([]))
