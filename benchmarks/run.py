"""Run the benchmarks, each side by side with what people would use instead.

    python benchmarks/run.py                    all of them, and the tables of README.md
    python benchmarks/run.py digits lstm        these only
    python benchmarks/run.py --quick            tiny sizes: does everything run? Nothing is stored
    python benchmarks/run.py --render           the tables again, from the stored results

`make bench` is the same as the first. It installs the course's environment and
PyTorch's if need be; where PyTorch cannot be had, its columns stay empty.
"""

import argparse
import datetime
import importlib
import json
import os
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path
from types import ModuleType
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
RESULTS = HERE / "results"
REQUIREMENTS = HERE / "requirements.txt"
QUESTIONS = ["digits", "gpt", "lstm", "scratch", "peak", "start_up", "whole_course"]

sys.path[:0] = [str(HERE), str(ROOT / "tools"), str(ROOT)]


def main() -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("questions", nargs="*", metavar="question", help=", ".join(QUESTIONS))
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--render", action="store_true")
    options = parser.parse_args()
    unknown = set(options.questions) - set(QUESTIONS)
    if unknown:
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(QUESTIONS)}.")
    inside_environment()
    failed = []
    for name in [] if options.render else options.questions or QUESTIONS:
        question = importlib.import_module(name)
        print(f"\n===== {name}: {question.QUESTION} =====", flush=True)
        try:
            result = measured(question, options.quick)
        except Exception:
            traceback.print_exc()
            failed.append(name)
            continue
        print(question.report(result), flush=True)
        if not options.quick:
            store(name, result)
    if not options.quick:
        import rendering

        rendering.write_readme(QUESTIONS)
    print(f"\n===== {'FAILED: ' + ', '.join(failed) if failed else 'all measured'} =====")
    return 1 if failed else 0


def inside_environment() -> None:
    """Go on in the course's environment, with PyTorch's beside it; install them if need be."""
    if os.environ.get("COURSE_BENCHMARK"):
        return
    import course_commands as course

    python = course.find_python("newest")
    if python is None:
        raise SystemExit(course.missing_python("newest"))
    inside = course.install(python, "newest", for_tests=True)
    settings = {**os.environ, "COURSE_BENCHMARK": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    settings["COURSE_PYTORCH"] = pytorch(python)
    command = [str(inside), __file__, *sys.argv[1:]]
    raise SystemExit(subprocess.run(command, env=settings).returncode)


def pytorch(python: str) -> str:
    """Return the interpreter of PyTorch's own environment, or "" where there is none."""
    import course_commands as course

    folder = course.venv_folder("newest").with_name(".venv-pytorch")
    if any(letter.isspace() for letter in str(folder)):
        # PyTorch 2.13 hands its own path on to the C++ compiler without quotes.
        folder = Path(tempfile.gettempdir()) / "course-benchmarks" / folder.name
    inside = course.interpreter(folder)
    marker = folder / "installed.txt"
    if marker.exists() and marker.read_text() == REQUIREMENTS.read_text():
        return str(inside)
    print(f"Installing PyTorch into {folder} (up to 5 GB, once) ...", flush=True)
    quiet = ["--quiet", "--disable-pip-version-check"]
    try:
        subprocess.run([python, "-m", "venv", str(folder)], check=True)
        command = [str(inside), "-m", "pip", "install", *quiet, "-r", str(REQUIREMENTS)]
        subprocess.run(command, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"PyTorch could not be installed ({error}): measured without it.", flush=True)
        return ""
    marker.write_text(REQUIREMENTS.read_text())
    return str(inside)


def measured(question: ModuleType, quick: bool) -> dict[str, Any]:
    """Return a question's result, with when, on what and how long it was measured."""
    import circumstances
    from harness import busy

    others = busy()
    start = time.perf_counter()
    result = question.measure(quick)
    return {
        **result,
        "busy_before": others,
        "seconds_in_all": round(time.perf_counter() - start),
        "date": datetime.date.today().isoformat(),
        "commit": circumstances.commit(),
        "machine": circumstances.machine(),
    }


def store(name: str, result: dict[str, Any]) -> None:
    """Write a result in one step, so that a run broken off leaves no half file."""
    import stored

    RESULTS.mkdir(exist_ok=True)
    stored.replace(RESULTS / f"{name}.json", json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main())
