"""Importing the course is quick, because it loads nothing heavy."""

import importlib
import pkgutil
import statistics

import course_lib

HEAVY = ("tensorflow", "keras", "matplotlib", "pandas", "IPython", "sklearn")
LIGHT = (
    "course_lib",
    "course_lib.claims",
    "course_lib.lesson",
    "course_lib.exercises",
    "course_lib.datasets",
    "course_lib.training",
    "course_lib.figures.style",
)
SCRATCH = [
    f"course_lib.scratch.{module.name}"
    for module in pkgutil.iter_modules(importlib.import_module("course_lib.scratch").__path__)
]


def test_importing_loads_nothing_heavy(run_python):
    modules = [name for name in (*LIGHT, *SCRATCH) if not name.startswith("course_lib.figures")]
    finished = run_python(
        f"import sys, {', '.join(modules)}\nprint([m for m in {HEAVY} if m in sys.modules])"
    )
    assert finished.stderr == ""
    assert finished.stdout == "[]\n"


def test_importing_is_quick(run_python):
    source = (
        "import time; start = time.perf_counter(); import course_lib; "
        "print(time.perf_counter() - start)"
    )
    seconds = statistics.median(float(run_python(source).stdout) for _ in range(5))
    print(f"import course_lib takes {1000 * seconds:.1f} ms")
    assert seconds < 0.3


def test_every_module_can_be_imported_alone(run_python):
    names = [module.name for module in pkgutil.walk_packages(course_lib.__path__, "course_lib.")]
    assert len(names) > 15
    for name in names:
        assert importlib.import_module(name).__doc__, f"{name} does not say what it is for"


def test_the_version_is_that_of_the_package():
    import tomllib
    from pathlib import Path

    project = Path(course_lib.__file__).resolve().parents[1] / "pyproject.toml"
    assert tomllib.loads(project.read_text("utf-8"))["project"]["version"] == course_lib.__version__
