"""Set the course up and run it; needs only Python 3.11, 3.12 or 3.13.

    python tools/course.py lab      install what is missing, open JupyterLab
    python tools/course.py test     install what is missing, run every check
    python tools/course.py hard     install what is missing, start the hard runs
    python tools/course.py setup    install what is missing, nothing else

`test --environment colab` does the same with the versions of Google Colab on
Python 3.13; with `--minutes 20` it runs what fits into so many minutes, by the
seconds that the run with the newest versions took on this machine just before, and
names what it leaves out. What stands after `--` is handed on to JupyterLab or the hard runs.
The virtual environment is .venv (.venv-colab) in the course's folder, or where the
variable COURSE_VENV says.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import time_budget

ROOT = Path(__file__).resolve().parents[1]
SUPPORTED = [(3, 12), (3, 11), (3, 13)]
COLAB = (3, 13)
CONSTRAINTS = ROOT / "tests" / "colab_constraints.txt"
MARKER = "course_installed.json"
HARD = ROOT / "tests" / "hard" / "run.py"
CELL_SECONDS = 300
NBVAL = [
    *["--nbval-lax", "--nbval-current-env", f"--nbval-cell-timeout={CELL_SECONDS}"],
    "--nbval-sanitize-with=tests/nbval_sanitize.cfg",
]


def main() -> int:
    """Run the command line; return the exit status."""
    arguments, passed_on = split_arguments(sys.argv[1:])
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("action", choices=["lab", "test", "hard", "setup"])
    parser.add_argument("--environment", choices=["newest", "colab"], default="newest")
    parser.add_argument("--minutes", type=float, help="for test: run what fits into them")
    options = parser.parse_args(arguments)
    python = find_python(options.environment)
    if python is None:
        print(missing_python(options.environment), file=sys.stderr)
        return 0 if options.environment == "colab" else 1
    for_tests = options.action in ("test", "hard")
    started = time.monotonic()
    try:
        environment = install(python, options.environment, for_tests)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"The set-up did not finish: {error}", file=sys.stderr)
        print("Mend what is named above and run the same command again.", file=sys.stderr)
        return 1
    if options.action == "lab":
        return lab(environment, passed_on)
    if options.action == "hard":
        return subprocess.run([str(environment), str(HARD), *passed_on], cwd=ROOT).returncode
    if options.action != "test":
        return 0
    seconds = None
    if options.minutes is not None:
        seconds = 60 * options.minutes - (time.monotonic() - started)
    return test(environment, options.environment, seconds)


def split_arguments(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Split the command line at `--`."""
    if "--" in arguments:
        place = arguments.index("--")
        return arguments[:place], arguments[place + 1 :]
    return arguments, []


def find_python(environment: str) -> str | None:
    """Return an interpreter that the environment can be made with, or None."""
    wanted = [COLAB] if environment == "colab" else SUPPORTED
    if sys.version_info[:2] in wanted:
        return sys.executable
    return next((path for version in wanted for path in candidates(version)), None)


def candidates(version: tuple[int, int]) -> list[str]:
    """Return the working interpreters of a version that this machine has."""
    name = f"{version[0]}.{version[1]}"
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    commands = [[shutil.which(f"python{name}") or ""], [shutil.which("py") or "", f"-{name}"]]
    commands += [[str(path)] for path in sorted(pyenv.glob(f"{name}*/bin/python"), reverse=True)]
    query = "import sys; print(sys.executable, *sys.version_info[:2], sep='\\n')"
    found = []
    for command in commands:
        if command[0]:
            answer = subprocess.run([*command, "-c", query], capture_output=True, text=True)
            lines = answer.stdout.split("\n")
            if answer.returncode == 0 and tuple(map(int, lines[1:3])) == version:
                found.append(lines[0])
    return found


def missing_python(environment: str) -> str:
    """Return what to tell when no interpreter was found."""
    if environment == "colab":
        return (
            "=" * 78 + "\nSKIPPED: Colab's versions need Python 3.13, and none was found here."
            "\nInstall Python 3.13 and run the same command again.\n" + "=" * 78
        )
    running = ".".join(map(str, sys.version_info[:2]))
    return (
        f"The course needs Python 3.11, 3.12 or 3.13 (this is {running}, and TensorFlow "
        "does not support others yet).\nInstall one from https://www.python.org/downloads/ "
        "and run the same command again."
    )


def venv_folder(environment: str) -> Path:
    """Return where the virtual environment is or will be."""
    name = ".venv" if environment == "newest" else ".venv-colab"
    chosen = os.environ.get("COURSE_VENV")
    return Path(chosen).resolve() / name if chosen else ROOT / name


def interpreter(folder: Path) -> Path:
    """Return the interpreter of a virtual environment."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def install(python: str, environment: str, for_tests: bool, folder: Path | None = None) -> Path:
    """Make the virtual environment if need be; return its interpreter."""
    folder = folder or venv_folder(environment)
    inside = interpreter(folder)
    marker = folder / MARKER
    wanted = fingerprint(environment)
    installed = json.loads(marker.read_text()) if marker.exists() else {}
    if installed.get("fingerprint") == wanted and installed.get("for_tests", False) >= for_tests:
        return inside
    print(f"Installing into {folder} (about two minutes, once) ...", flush=True)
    if not inside.exists():
        subprocess.run([python, "-m", "venv", str(folder)], check=True)
    marker.unlink(missing_ok=True)
    for_tests = for_tests or installed.get("for_tests", False)
    target = f"{ROOT}[test]" if for_tests else str(ROOT)
    command = [str(inside), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if environment == "colab":
        command += ["--constraint", str(CONSTRAINTS)]
    subprocess.run([*command, "--editable", target], check=True)
    set_up_jupyterlab(folder)
    marker.write_text(json.dumps({"fingerprint": wanted, "for_tests": for_tests}))
    return inside


def set_up_jupyterlab(folder: Path) -> None:
    """Let this environment's JupyterLab open the course map as a page, and fetch no news."""
    settings = folder / "share" / "jupyter" / "lab" / "settings"
    settings.mkdir(parents=True, exist_ok=True)
    viewers = {"defaultViewers": {"markdown": "Markdown Preview"}}
    offline = {"fetchNews": "false", "checkForUpdates": False}
    overrides = {
        "@jupyterlab/docmanager-extension:plugin": viewers,
        "@jupyterlab/apputils-extension:notification": offline,
    }
    (settings / "overrides.json").write_text(json.dumps(overrides, indent=2))


def fingerprint(environment: str) -> str:
    """Return a digest of everything that decides what is installed."""
    digest = hashlib.sha256(f"{ROOT} {environment}".encode())
    for path in (ROOT / "requirements.txt", ROOT / "pyproject.toml", CONSTRAINTS):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def lab(python: Path, passed_on: list[str]) -> int:
    """Open JupyterLab at the course map."""
    command = [str(python), "-m", "jupyterlab", f"--ServerApp.root_dir={ROOT}"]
    command.append("--LabApp.default_url=/lab/tree/notebooks/README.md")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        # In a container one is often root, where Jupyter otherwise refuses to start.
        command.append("--allow-root")
    return subprocess.run([*command, *passed_on], cwd=ROOT).returncode


def test(python: Path, environment: str, seconds: float | None) -> int:
    """Run every check, or what fits into `seconds`; return 0 when all of them passed."""
    with tempfile.TemporaryDirectory(prefix="course-") as scratch:
        settings = test_settings(Path(scratch))
        times = Path(settings["COURSE_TIMES"])
        notebooks, left_out = time_budget.longest_first(ROOT), []
        if seconds is not None:
            notebooks, left_out = what_fits(times, seconds)
        failed = []
        for name, arguments in checks(environment, notebooks, left_out).items():
            print(f"\n===== {name} ({environment}) =====", flush=True)
            start = time.monotonic()
            result = subprocess.run([str(python), "-m", *arguments], cwd=ROOT, env=settings)
            took = time.monotonic() - start
            print(f"{name}: {took / 60:.1f} minutes", flush=True)
            time_budget.write_down(times, {name: took})
            if result.returncode:
                failed.append(name)
    missing = time_budget.left_out(ROOT, notebooks, left_out)
    if missing:
        print(f"\n{missing}", flush=True)
    verdict = f"FAILED: {', '.join(failed)}" if failed else "all checks passed"
    verdict += " (of those that ran)" if missing else ""
    print(f"\n===== {environment}: {verdict} =====", flush=True)
    return 1 if failed else 0


def what_fits(times: Path, seconds: float) -> tuple[list[str], list[str]]:
    """Return the notebooks to run and the folders of tests to leave out."""
    known = time_budget.measured(times)
    everything = known.get("tests", 0.0) + known.get("notebooks", 0.0)
    if 0 < everything <= seconds:
        return time_budget.longest_first(ROOT), []
    # What depends on versions is about a third of the tests' time.
    for_notebooks = seconds - known.get("tests", 900.0) / 3
    turn = time_budget.turn_of_commit(ROOT)
    notebooks = time_budget.chosen_notebooks(ROOT, times, for_notebooks, turn)
    return notebooks, list(time_budget.SAME_EVERYWHERE)


def checks(environment: str, notebooks: list[str], left_out: list[str]) -> dict[str, list[str]]:
    """Return the commands of the test run, each after `python -m`."""
    pytest = ["pytest", "-q", "-p", "no:cacheprovider", "-n", "2", "--dist", "loadfile"]
    static = {
        "lint": ["ruff", "check", "--no-cache", "."],
        "format": ["ruff", "format", "--check", "--no-cache", "."],
        "types": ["mypy"],
    }
    # A part of the tests covers a part of the code only.
    coverage = [] if left_out else ["--cov", "--cov-report=term"]
    dynamic = {
        "tests": [*pytest, *coverage, "tests", *(f"--ignore=tests/{one}" for one in left_out)],
        "notebooks": [
            *[*pytest, "--no-loadscope-reorder"],
            *["-p", "pytest_notebook_times", "-o", "filterwarnings=default"],
            *[*NBVAL, *(f"notebooks/{name}" for name in notebooks)],
        ],
    }
    # Linting does not depend on the installed versions, so once is enough.
    return {**static, **dynamic} if environment == "newest" else dynamic


def test_settings(scratch: Path) -> dict[str, str]:
    """Return the environment of the checks: caches outside a read-only checkout."""
    cache = ROOT / ".cache"
    try:
        cache.mkdir(exist_ok=True)
        (cache / "writable").touch()
    except OSError:
        cache = scratch
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT / "tools"),
        "PYTHONDONTWRITEBYTECODE": "1",
        # Colab's older ipykernel would print a debugger's warning for every kernel.
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "COVERAGE_FILE": str(scratch / "coverage"),
        "MYPY_CACHE_DIR": str(cache / "mypy"),
        "HYPOTHESIS_STORAGE_DIRECTORY": str(cache / "hypothesis"),
        "COURSE_TIMES": str(cache / "test_seconds.json"),
        "COURSE_PROGRESS": str(scratch / "progress"),
    }


if __name__ == "__main__":
    sys.exit(main())
