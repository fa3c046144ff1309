"""Run the course's notebooks on a GPU in Google Colab, and end with their verdict.

    python tools/colab_gpu.py                     all notebooks, on a T4
    python tools/colab_gpu.py --notebooks 01 03   these two
    python tools/colab_gpu.py --dry-run           print the command, run nothing

It rents a fresh Colab machine with Google's command line (`pip install
google-colab-cli`; Linux or macOS, Python 3.12 or newer), fetches the published
commit there, checks the notebooks as `make test` does, and gives the machine
back. It uses compute units of the Google account that is signed in.

Exit status: 0 when all notebooks pass, 1 when a cell fails, other values when
nothing could be checked (2: something is missing here; 3: on the Colab machine;
4: the job was cut off or never started).
"""

import argparse
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import colab_job
from address import ROOT, repository

JOB = Path(__file__).resolve().with_name("colab_job.py")
MISSING_HERE, CUT_OFF, INTERRUPTED = 2, 4, 130
# What Colab may take to find a machine and to take it back, in seconds.
MARGIN = 900


class ColabError(Exception):
    """Nothing could be checked; the message says what to do."""

    def __init__(self, message: str, status: int = MISSING_HERE) -> None:
        super().__init__(message)
        self.status = status


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    options = parse(arguments)
    address = f"https://github.com/{options.repository}"
    session = f"course-{os.getpid()}"
    try:
        revision = commit(options.revision)
        command = colab_command(options, address, revision, session)
        if options.dry_run:
            print(shlex.join(command))
            return 0
        check(options, address, revision)
        started = time.monotonic()
        status, output = run(command, options.timeout + MARGIN)
        return verdict(status, output, time.monotonic() - started, options, session)
    except ColabError as error:
        print(f"colab_gpu: {error}", file=sys.stderr)
        return error.status
    except KeyboardInterrupt:
        return INTERRUPTED


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Read the options."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--notebooks", nargs="+", default=[], metavar="NN", help="lesson numbers; default: all"
    )
    parser.add_argument(
        "--device", choices=["gpu", "cpu"], default="gpu", help="cpu: a machine without a GPU"
    )
    parser.add_argument("--gpu", default="T4", choices=["T4", "L4", "G4", "A100", "H100"])
    parser.add_argument(
        "--timeout", type=int, default=3600, metavar="SECONDS", help="for the whole job"
    )
    parser.add_argument(
        "--auth",
        choices=["oauth2", "adc"],
        default="oauth2",
        help="sign in with a browser, or with Google's application default credentials",
    )
    parser.add_argument(
        "--repository", default=repository(), metavar="OWNER/NAME", help="default: pyproject.toml's"
    )
    parser.add_argument("--revision", default="", help="a commit; default: the one checked out")
    parser.add_argument("--dry-run", action="store_true", help="print the command, run nothing")
    options = parser.parse_args(arguments)
    if options.timeout <= 0:
        parser.error("--timeout should be a positive number of seconds")
    return options


def colab_command(
    options: argparse.Namespace, address: str, revision: str, session: str
) -> list[str]:
    """Return the call of Colab's command line.

    After `--` everything belongs to the job; without it the command line would
    take those of the job's options that have the names of its own.
    """
    device = ["--gpu", options.gpu] if options.device == "gpu" else []
    job = ["--address", address, "--revision", revision, "--device", options.device]
    if options.notebooks:
        job += ["--notebooks", *options.notebooks]
    return [
        *("colab", "--auth", options.auth),
        *("run", *device, "--session", session, "--timeout", str(options.timeout)),
        *(str(JOB), "--", *job),
    ]


def commit(revision: str) -> str:
    """Return the full name of a commit of this clone.

    Raises:
        ColabError: when there is no such commit.
    """
    result = git("rev-parse", "--verify", "--quiet", f"{revision or 'HEAD'}^{{commit}}")
    if result.returncode != 0:
        raise ColabError(
            f"There is no commit {revision or 'HEAD'} in {ROOT}. "
            "Commit your work, or name a commit with --revision."
        )
    return result.stdout.strip()


def check(options: argparse.Namespace, address: str, revision: str) -> None:
    """Find out what would fail before a machine is rented.

    Raises:
        ColabError: when Colab's command line is missing, the address is not
            published, or the commit is not what is published there.
    """
    if shutil.which("colab") is None:
        raise ColabError(
            "The command `colab` was not found. Install it with `pip install google-colab-cli` "
            "(Linux or macOS, Python 3.12 or newer), and see that it is on the PATH."
        )
    if options.repository.startswith("-"):
        raise ColabError(
            "The course is not published yet, so Colab cannot fetch it. Publish it first: "
            "`make publish REPO=owner/name`, commit, and push."
        )
    if not options.revision and git("status", "--porcelain").stdout.strip():
        raise ColabError(
            "There are changes that are not committed, and Colab would not see them. Commit "
            "and push them, or name a published commit with --revision."
        )
    try:
        # The same fetch as on the Colab machine, so that a failure costs nothing.
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            colab_job.fetch(address, revision, Path(folder))
            colab_job.choose(Path(folder), options.notebooks)
    except colab_job.JobError as error:
        raise ColabError(f"{error} Is the commit pushed, and the repository public?") from error


def git(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run git in the course's folder."""
    try:
        return subprocess.run(
            ["git", *arguments], cwd=ROOT, capture_output=True, encoding="utf-8", errors="replace"
        )
    except FileNotFoundError:
        raise ColabError("The command `git` was not found.") from None


def run(command: list[str], limit: float) -> tuple[int, str]:
    """Run Colab's command line, show its output, return its exit status and output.

    Only its standard output is read here; messages of the command line itself
    go to the terminal. When `limit` seconds have passed, or this process is
    asked to stop, the command line gets one Ctrl-C, so that it can give the
    machine back. It has a session of its own because a second Ctrl-C, from the
    terminal, would stop it from doing so.
    """
    output = bytearray()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True)
    assert process.stdout is not None
    timers = [
        threading.Timer(limit, process.send_signal, [signal.SIGINT]),
        threading.Timer(limit + 120, process.kill),
    ]
    previous = signal.signal(signal.SIGTERM, signal.default_int_handler)
    for timer in timers:
        timer.daemon = True
        timer.start()
    try:
        # Not line by line: a question of the sign-in does not end with a line.
        while chunk := os.read(process.stdout.fileno(), 65536):
            output += chunk
            sys.stdout.buffer.write(chunk)
            sys.stdout.buffer.flush()
        status = process.wait()
    except BaseException:
        interrupt(process)
        raise
    finally:
        for timer in timers:
            timer.cancel()
        process.stdout.close()
        signal.signal(signal.SIGTERM, previous)
    return status, output.decode("utf-8", errors="replace")


def interrupt(process: subprocess.Popen[bytes]) -> None:
    """Give the command line a minute to give the machine back, then stop it."""
    print("colab_gpu: stopping; Colab is asked to take the machine back.", file=sys.stderr)
    process.send_signal(signal.SIGINT)
    try:
        process.wait(timeout=60)
    except subprocess.TimeoutExpired:
        process.kill()


def verdict(
    status: int, output: str, seconds: float, options: argparse.Namespace, session: str
) -> int:
    """Return the exit status, and say what happened.

    The job's last line decides and not `colab` alone: a machine that vanishes
    must not count as a pass.

    Raises:
        ColabError: when the job did not start or did not end.
    """
    ended = re.findall(rf"^{colab_job.ENDED} (\d+)\r?$", output, flags=re.M)
    if ended:
        job = int(ended[-1])
        if job == colab_job.CANNOT_RUN:
            words = "nothing was checked; the message above says why"
        elif job:
            words = f"the notebooks do not pass (pytest ended with status {job})"
        elif status:
            words = f"the notebooks pass, but `colab` itself ended with status {status}"
        else:
            words = "the notebooks pass"
        print(f"colab_gpu: {words}. It took {seconds:.0f} s.")
        return job or status
    if colab_job.STARTED in output:
        reason = (
            f"the limit is --timeout {options.timeout}"
            if seconds >= options.timeout
            else ("the machine was lost, or the job was interrupted")
        )
        raise ColabError(
            f"The job was cut off after {seconds:.0f} s: {reason}. `colab sessions` shows "
            f"whether the machine is still there; `colab stop -s {session}` gives it back.",
            CUT_OFF,
        )
    raise ColabError(
        f"Colab did not start the job (`colab` ended with status {status}; its message is "
        "above). The usual causes: nobody is signed in (run `colab --auth oauth2 sessions` "
        "once in a terminal, or for --auth adc set up application default credentials), no "
        f"{options.gpu} is free, or the account's compute units are used up (`colab usage`).",
        CUT_OFF,
    )


if __name__ == "__main__":
    sys.exit(main())
