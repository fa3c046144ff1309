"""What all tests share."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import settings

from course_lib.lesson import quiet_stderr

# Figures are drawn without a screen, also by the processes that tests start.
os.environ["MPLBACKEND"] = "Agg"

settings.register_profile("course", derandomize=True, deadline=None, max_examples=40)
settings.load_profile("course")

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def _no_course_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # What the tests solve is not what somebody who works here has solved.
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "progress"))
    for name in ("COURSE_SEED", "COURSE_DEVICE", "COURSE_DATA"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def tf() -> ModuleType:
    """TensorFlow, imported without its start-up lines."""
    with quiet_stderr():
        import tensorflow
    return tensorflow


@pytest.fixture(scope="session")
def keras(tf: ModuleType) -> ModuleType:
    """Keras, imported without TensorFlow's start-up lines."""
    import keras

    return keras


@pytest.fixture
def run_python() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run Python source in a new process, with `course_lib` importable."""

    def run(source: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", source],
            capture_output=True,
            check=False,
            encoding="utf-8",
            env={
                **os.environ,
                "PYTHONPATH": str(ROOT),
                "PYTHONUTF8": "1",
                **environment,
            },
            timeout=120,
        )

    return run
