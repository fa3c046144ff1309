"""Each long run starts with one command, whatever else is on Python's path."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

RUNS = Path(__file__).resolve().parents[2] / "runs"
SHARED = {"notebook_functions.py"}  # imported by the runs, and none itself
SCRIPTS = sorted(path for path in RUNS.glob("*.py") if path.name not in SHARED)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_it_starts_from_anywhere_and_says_how(script, tmp_path):
    answer = subprocess.run(
        [sys.executable, str(script), "--help"],
        cwd=tmp_path,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        capture_output=True,
        encoding="utf-8",
    )
    assert answer.returncode == 0, answer.stderr
    assert f"python runs/{script.name}" in answer.stdout
