"""Stands in for Google's `colab` command: runs the script here, as `colab run` does there.

What it copies from google-colab-cli 0.7.5: the order of the arguments, `--`, a
fresh machine's empty folder, the script's text executed under the name
__main__ without a __file__, SystemExit as exit status, a script that is over
its time limit, and that the machine is given back whatever happens. Variables
choose what goes wrong; STAND_IN_LOG names a file that gets a line per event.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

KERNEL = """\
import sys
sys.argv = {argv!r}
source = {source!r}
exec(compile(source, "<cell>", "exec"), {{"__name__": "__main__"}})
"""


def main() -> int:
    """Run one call of `colab run`."""
    parser = argparse.ArgumentParser(prog="colab")
    parser.add_argument("--auth", choices=["oauth2", "adc"], default="oauth2")
    run = parser.add_subparsers(required=True).add_parser("run")
    run.add_argument("--gpu", default="none")
    run.add_argument("--session", required=True)
    run.add_argument("--timeout", type=float, default=30)
    run.add_argument("script")
    run.add_argument("arguments", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    if os.environ.get("STAND_IN") == "refuse":
        print("[colab] Allocation refused (precondition failed).", file=sys.stderr)
        return 1
    note(f"rented {options.gpu} with {options.auth}")
    try:
        with tempfile.TemporaryDirectory() as machine:
            return execute(options, machine)
    finally:
        note("given back")


def execute(options: argparse.Namespace, machine: str) -> int:
    """Execute the script in a new process in an empty folder."""
    if os.environ.get("STAND_IN") == "lost":
        print("course job: started")
        return 0
    arguments = [part for part in options.arguments if part != "--"]
    source = Path(options.script).read_text(encoding="utf-8")
    kernel = KERNEL.format(argv=[Path(options.script).name, *arguments], source=source)
    try:
        return subprocess.run(
            [sys.executable, "-c", kernel], cwd=machine, timeout=options.timeout
        ).returncode
    except subprocess.TimeoutExpired:
        print("TimeoutError: Timeout waiting for output", file=sys.stderr)
        return 1


def note(event: str) -> None:
    """Write down what happened."""
    with Path(os.environ["STAND_IN_LOG"]).open("a", encoding="utf-8") as log:
        log.write(event + "\n")


if __name__ == "__main__":
    sys.exit(main())
