"""Set the course up and run it; needs only Python 3.11, 3.12 or 3.13.

    python tools/course.py lab      install what is missing, open JupyterLab
    python tools/course.py test     install what is missing, run every check
    python tools/course.py hard     install what is missing, start the hard runs
    python tools/course.py setup    install what is missing, nothing else
    python tools/course.py update   bring the newest lessons, keep a learner's answers

`test --environment colab` does the same with the versions of Google Colab on
Python 3.13; with `--minutes 20` it runs what fits into so many minutes, by the
seconds that the run with the newest versions took on this machine just before, and
names what it leaves out. What stands after `--` is handed on to JupyterLab or the hard runs.
The virtual environment is .venv (.venv-colab) in the course's folder, or where the
variable COURSE_VENV says; with `--here` it is the one whose Python runs this, such as conda's,
and nothing is installed.
"""

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import time_budget
import update
from interpreters import BROWSER, find_python, missing_python, obstacle, too_little_space

ROOT = Path(__file__).resolve().parents[1]
CONSTRAINTS = ROOT / "tests" / "colab_constraints.txt"
MARKER = "course_installed.json"
HARD = ROOT / "tests" / "hard" / "run.py"
CELL_SECONDS = 300
IMPORTED = ("tensorflow", "keras", "matplotlib.pyplot", "pandas", "jupyterlab", "nbval")
# What `venv` makes first, when it is stopped before it has written pyvenv.cfg.
VENV_PARTS = {"bin", "include", "lib", "lib64", "Scripts", "Include", "Lib", "share"}
NO_NETWORK = (
    r"NewConnectionError|NameResolutionError|ConnectTimeoutError|ProxyError|Max retries exceeded|"
    r"Temporary failure in name resolution|Network is unreachable|SSLError|"
    # Every index has it; told not to try again, pip says no more than this.
    r"No matching distribution found for setuptools"
)
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
    parser.add_argument("action", choices=["lab", "test", "hard", "setup", "update"])
    parser.add_argument("--environment", choices=["newest", "colab"], default="newest")
    parser.add_argument("--minutes", type=float, help="for test: run what fits into them")
    parser.add_argument("--here", action="store_true", help="in the environment of this Python")
    options = parser.parse_args(arguments)
    if options.action == "update":
        return bring_newest()
    for_tests = options.action in ("test", "hard")
    started = time.monotonic()
    try:
        environment = environment_for(options.environment, for_tests, options.here)
    except NotInstalled as error:
        print(f"The set-up did not finish. {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. The same command begins the installation anew.", file=sys.stderr)
        return 130
    if environment is None:
        print(missing_python(options.environment), file=sys.stderr)
        return 0 if options.environment == "colab" else 1
    if options.action == "lab":
        return lab(environment, passed_on)
    if options.action == "hard":
        return attended([str(environment), str(HARD), *passed_on])
    if options.action != "test":
        return 0
    seconds = None
    if options.minutes is not None:
        seconds = 60 * options.minutes - (time.monotonic() - started)
    return test(environment, options.environment, seconds)


def environment_for(environment: str, for_tests: bool, here: bool) -> Path | None:
    """Return the interpreter to go on with, or None where no Python fits.

    Raises:
        NotInstalled: when an environment cannot be made, or this one lacks packages.
    """
    if here:
        failed = import_error(Path(sys.executable))
        if failed:
            raise NotInstalled(
                f"{sys.executable} has not what the course needs:\n{failed.splitlines()[-1]}\n"
                "For conda: conda env update -f environment.yml"
            )
        return Path(sys.executable)
    whole = ready(environment, for_tests)
    python = None if whole else find_python(environment)
    return install(python, environment, for_tests) if python else whole


def bring_newest() -> int:
    """Update the course and say what was done."""
    try:
        print(update.update())
    except update.NotUpdated as error:
        print(f"Nothing was updated. {error}", file=sys.stderr)
        return 1
    return 0


def split_arguments(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Split the command line at `--`."""
    if "--" in arguments:
        place = arguments.index("--")
        return arguments[:place], arguments[place + 1 :]
    return arguments, []


def venv_folder(environment: str) -> Path:
    """Return where the virtual environment is or will be."""
    name = ".venv" if environment == "newest" else ".venv-colab"
    chosen = os.environ.get("COURSE_VENV")
    return Path(chosen).resolve() / name if chosen else ROOT / name


def interpreter(folder: Path) -> Path:
    """Return the interpreter of a virtual environment."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


class NotInstalled(Exception):  # noqa: N818
    """The environment could not be made; the message says what to do."""


def ready(environment: str, for_tests: bool, folder: Path | None = None) -> Path | None:
    """Return the interpreter of an environment that was wholly installed and runs, or None."""
    folder = folder or venv_folder(environment)
    installed = read_marker(folder)
    inside = interpreter(folder)
    if installed.get("fingerprint") != fingerprint(environment):
        return None
    if for_tests and not installed.get("for_tests", False):
        return None
    return inside if runs(inside) else None


def read_marker(folder: Path) -> dict:
    """Return what the marker says, which stands only in a whole environment."""
    try:
        installed = json.loads((folder / MARKER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return installed if isinstance(installed, dict) else {}


def runs(inside: Path) -> bool:
    """Say whether an interpreter starts and finds its packages' folder.

    One whose base Python was removed does not start; one whose base became another version
    starts, and looks for its packages elsewhere.
    """
    place = "import os, sys, sysconfig; sys.exit(not os.path.isdir(sysconfig.get_path('purelib')))"
    try:
        return not subprocess.run([str(inside), "-c", place], env=own_settings()).returncode
    except OSError:
        return False


def own_settings() -> dict[str, str]:
    """Return the variables for programs of the environment, without another one's modules.

    A PYTHONPATH would put other packages before the installed ones; pip's settings for all
    of a user's projects would install elsewhere.
    """
    others = ("PYTHONPATH", "PYTHONHOME", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT")
    kept = {name: value for name, value in os.environ.items() if name not in others}
    return {**kept, "PIP_USER": "0", "PYTHONNOUSERSITE": "1"}


def install(python: str, environment: str, for_tests: bool, folder: Path | None = None) -> Path:
    """Make the virtual environment if need be; return its interpreter.

    Raises:
        NotInstalled: when it cannot be made whole.
    """
    folder = folder or venv_folder(environment)
    whole = ready(environment, for_tests, folder)
    if whole:
        return whole
    problem = obstacle(str(folder)) or too_little_space(str(folder))
    if problem:
        raise NotInstalled(problem)
    inside, installed = interpreter(folder), read_marker(folder)
    for_tests = for_tests or installed.get("for_tests", False)
    print(
        f"Installing into {folder}, once: about 3 GB, and two to ten minutes by the network.",
        flush=True,
    )
    (folder / MARKER).unlink(missing_ok=True)
    if not installed or not runs(inside):
        # What an installation that was stopped has left cannot be told from what is whole.
        make_environment(python, folder)
    target = f"{ROOT}[test]" if for_tests else str(ROOT)
    command = [str(inside), "-m", "pip", "install", "--disable-pip-version-check"]
    if environment == "colab":
        command += ["--constraint", str(CONSTRAINTS)]
    install_packages([*command, "--editable", target])
    check_packages(inside)
    set_up_jupyterlab(folder)
    text = json.dumps({"fingerprint": fingerprint(environment), "for_tests": for_tests})
    unfinished = folder / f"{MARKER}.unfinished"
    unfinished.write_text(text, encoding="utf-8")
    os.replace(unfinished, folder / MARKER)
    return inside


def make_environment(python: str, folder: Path) -> None:
    """Make an empty virtual environment where a damaged one, or none, is."""
    if folder.exists() and any(folder.iterdir()) and not (folder / "pyvenv.cfg").exists():
        broken_off = all(path.name in VENV_PARTS for path in folder.iterdir())
        if not broken_off:
            raise NotInstalled(
                f"{folder} is there and is no virtual environment. Move it away, or set "
                "COURSE_VENV to another folder, and run the same command again."
            )
    command = [python, "-m", "venv", "--clear", str(folder)]
    result = subprocess.run(command, capture_output=True, text=True, env=own_settings())
    if result.returncode:
        raise NotInstalled(
            f"{python} could not make an environment:\n"
            f"{(result.stdout + result.stderr).strip()}\n"
            "On Debian, Ubuntu and WSL its module venv is a package of its own: sudo apt install "
            f"{Path(python).name}-venv. Then run the same command again."
        )


def install_packages(command: list[str]) -> None:
    """Run pip, and say what it fetches and when it unpacks."""
    said: list[str] = []
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=own_settings(),
    ) as running:
        assert running.stdout is not None
        for line in running.stdout:
            said.append(line.rstrip())
            fetched = re.match(r"\s*Downloading (\S+?)-\d\S* \(([\d.]+ [MG]B)\)", line)
            if fetched:
                print(f"  fetching {fetched[1]}, {fetched[2]}", flush=True)
            elif line.startswith("Installing collected packages"):
                print(f"  unpacking {line.count(',') + 1} packages", flush=True)
    if running.returncode:
        raise NotInstalled(why_pip_failed(said))


def why_pip_failed(said: list[str]) -> str:
    """Return what to do, by what pip printed."""
    text = "\n".join(said)
    errors = [line for line in said if line.lower().startswith("error")]
    last = "\n".join(errors[-3:] or said[-6:])
    again = "Then run the same command again."
    if re.search(r"No space left on device|There is not enough space", text):
        return f"The disk is full:\n{last}\nMake room: the installation needs 5 GB. {again}"
    if re.search(NO_NETWORK, text):
        return (
            f"No package index was reached:\n{last}\nIs this machine connected? Behind a proxy "
            "set HTTPS_PROXY (as in HTTPS_PROXY=http://proxy.example:8080), and an index of your "
            f"own by PIP_INDEX_URL. {again}"
        )
    if re.search(r"PermissionError|Permission denied|EACCES|being used by another", text):
        return (
            f"A file could not be written:\n{last}\nClose what uses the environment (JupyterLab, "
            f"an editor), or set COURSE_VENV to a folder that is yours. {again}"
        )
    return f"pip could not install the packages:\n{last}\nMend what it names. {again}"


def check_packages(inside: Path) -> None:
    """Import what the lessons use, from the new environment.

    Raises:
        NotInstalled: when something cannot be imported.
    """
    failed = import_error(inside)
    if failed:
        raise NotInstalled(
            f"The packages are installed, but do not work:\n{failed}\nThe same command begins "
            f"anew. If it ends here again: {BROWSER}"
        )


def import_error(inside: Path) -> str:
    """Return how importing what the lessons use ends in an environment: "" when all is well."""
    print("  trying the packages", flush=True)
    settings = {**own_settings(), "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [str(inside), "-c", f"import {', '.join(IMPORTED)}"]
    result = subprocess.run(command, capture_output=True, text=True, env=settings)
    return "\n".join(result.stderr.strip().split("\n")[-3:]) if result.returncode else ""


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
    if "WSL_DISTRO_NAME" in os.environ or os.path.isdir("/snap"):
        # Browsers of Windows and of snap cannot read the page in a hidden folder of the home
        # that otherwise leads them to the server.
        command.append("--ServerApp.use_redirect_file=False")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        # In a container one is often root, where Jupyter otherwise refuses to start.
        command.append("--allow-root")
    return attended([*command, *passed_on])


def attended(command: list[str]) -> int:
    """Run a server that has its own way to stop; one Ctrl-C is for it, and not for us."""
    with subprocess.Popen(command, cwd=ROOT, env=own_settings()) as running:
        while True:
            try:
                return running.wait()
            except KeyboardInterrupt:
                continue


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
        **own_settings(),
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
