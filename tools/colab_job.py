"""What runs on the Colab machine: fetch the course at one revision, run its notebooks.

`tools/colab_gpu.py` sends this one file, so it needs only the standard library.
The Colab command line executes it inside a kernel, with sys.argv set, and ends
with its exit status: 0 when all notebooks pass, pytest's status when one fails,
3 when the machine cannot run them.
"""

import argparse
import importlib.util
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

STARTED = "course job: started"
ENDED = "course job: ended with status"
CANNOT_RUN = 3

# What the checks need and Colab's list of packages of 2026-08-19 lacks.
LACKING_IN_COLAB = {"nbval": "nbval>=0.11,<0.12", "coverage": "coverage>=7,<8"}

GPU_CHECK = """\
import sys
import tensorflow as tf
gpus = tf.config.list_physical_devices("GPU")
print(f"TensorFlow {tf.__version__} sees {len(gpus)} GPU(s)")
sys.exit(0 if gpus else 1)
"""


class JobError(Exception):
    """The notebooks cannot be run here; the message says why."""


def main(arguments: list[str] | None = None) -> int:
    """Run the job and return its exit status."""
    parser = argparse.ArgumentParser(prog="colab_job")
    parser.add_argument("--address", required=True, help="the repository, as git fetches it")
    parser.add_argument("--revision", required=True, help="a full commit name")
    parser.add_argument("--device", choices=["gpu", "cpu"], default="gpu")
    parser.add_argument("--notebooks", nargs="*", default=[], metavar="NN")
    options = parser.parse_args(arguments)
    print(STARTED, flush=True)
    try:
        with tempfile.TemporaryDirectory(prefix="course-", ignore_cleanup_errors=True) as folder:
            status = run_notebooks(Path(folder), options)
    except JobError as error:
        print(f"course job: {error}", flush=True)
        status = CANNOT_RUN
    print(f"{ENDED} {status}", flush=True)
    return status


def run_notebooks(folder: Path, options: argparse.Namespace) -> int:
    """Fetch the course into `folder`, prepare, and return pytest's exit status.

    Raises:
        JobError: when the course cannot be fetched, a package cannot be
            installed, or no GPU is visible although one is wanted.
    """
    fetch(options.address, options.revision, folder)
    notebooks = choose(folder, options.notebooks)
    install_what_is_lacking()
    if options.device == "gpu":
        require_gpu()
    return stream(pytest_command(notebooks), folder, environment(folder, options.device))


def fetch(address: str, revision: str, folder: Path) -> None:
    """Check out one commit of the repository at `address` into `folder`, without its history.

    Raises:
        JobError: when git fails; its own message is quoted.
    """
    quiet = {**os.environ, "GIT_TERMINAL_PROMPT": "0"}
    for command in (
        ["git", "init", "--quiet"],
        ["git", "fetch", "--quiet", "--depth", "1", address, revision],
        ["git", "checkout", "--quiet", "--detach", "FETCH_HEAD"],
    ):
        result = subprocess.run(
            command, cwd=folder, env=quiet, capture_output=True, encoding="utf-8", errors="replace"
        )
        if result.returncode != 0:
            raise JobError(f"Cannot fetch {revision} from {address}: {result.stderr.strip()}")


def choose(folder: Path, numbers: list[str]) -> list[str]:
    """Return the notebooks with these numbers ("01"), or the folder of all when there are none.

    Raises:
        JobError: when there is not exactly one notebook with a number.
    """
    chosen = []
    for number in numbers:
        found = sorted((folder / "notebooks").glob(f"{number}_*.ipynb"))
        if len(found) != 1:
            raise JobError(f"Expected one notebooks/{number}_*.ipynb, but found {len(found)}.")
        chosen.append(f"notebooks/{found[0].name}")
    return chosen or ["notebooks"]


def install_what_is_lacking() -> None:
    """Install the checker, and touch no package that is there.

    Raises:
        JobError: when pip fails.
    """
    lacking = [
        requirement
        for package, requirement in LACKING_IN_COLAB.items()
        if importlib.util.find_spec(package) is None
    ]
    if not lacking:
        return
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if stream([*pip, "--no-deps", *lacking]) != 0:
        raise JobError(f"pip could not install {' and '.join(lacking)}; see its message above.")


def require_gpu() -> None:
    """Check, in a process that ends again, that TensorFlow sees a GPU.

    Raises:
        JobError: when it sees none.
    """
    if stream([sys.executable, "-c", GPU_CHECK]) != 0:
        raise JobError(
            "TensorFlow sees no GPU on this machine, so nothing was run. Try again later, "
            "or with --device cpu."
        )


def pytest_command(notebooks: list[str]) -> list[str]:
    """Return the command that checks the notebooks."""
    return [
        *(sys.executable, "-m", "pytest"),
        # Only this plug-in: Colab has many packages, and some bring plug-ins of their own.
        *("-p", "nbval.plugin", "-p", "no:cacheprovider", "-W", "default", "--color=no"),
        *("--nbval-lax", "--nbval-current-env", "--nbval-cell-timeout=600"),
        "--nbval-sanitize-with=tests/nbval_sanitize.cfg",
        *notebooks,
    ]


def environment(folder: Path, device: str) -> dict[str, str]:
    """Return the environment variables for pytest and the kernels it starts."""
    variables = dict(os.environ)
    # The kernel that runs this job sets a plot backend for itself; the new kernels set theirs.
    variables.pop("MPLBACKEND", None)
    paths = [str(folder), variables.get("PYTHONPATH", "")]
    variables["PYTHONPATH"] = os.pathsep.join(path for path in paths if path)
    variables["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    variables["COURSE_DEVICE"] = device
    return variables


def stream(
    command: list[str], folder: Path | None = None, variables: dict[str, str] | None = None
) -> int:
    """Run a command, print its output as it comes, and return its exit status.

    The output goes through `print` because a kernel passes on what Python
    prints, and not what another process writes.
    """
    shown = [part if "\n" not in part else "..." for part in command]
    print(f"$ {shlex.join(shown)}", flush=True)
    with subprocess.Popen(
        command,
        cwd=folder,
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    ) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                print(line, end="", flush=True)
        except BaseException:
            process.kill()
            raise
    return process.returncode


if __name__ == "__main__":
    sys.exit(main())
