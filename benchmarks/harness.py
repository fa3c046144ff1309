"""What the benchmarks share: processes that take turns, medians, and the machine's name."""

import json
import os
import statistics
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
BUSY = 0.1


class ContestantError(RuntimeError):
    """A contestant's process ended, or could not do what it was asked."""


class Contestant:
    """A process that does one thing when asked, and says how long it took.

    TensorFlow and PyTorch crash in one process, and neither should meet the
    other's threads, so each contestant runs in a process of its own. While one
    works the others wait for their next line, and use no processor time.

    Args:
        script: a file of this folder that calls `serve`.
        arguments: handed on to it, as JSON.
        python: the interpreter; by default the running one.
    """

    def __init__(self, script: str, arguments: dict[str, Any], python: str = sys.executable):
        command = [python, str(HERE / script), json.dumps(arguments)]
        paths = os.pathsep.join([str(ROOT), str(ROOT / "runs"), str(HERE)])
        settings = {**os.environ, "PYTHONPATH": paths, "TF_CPP_MIN_LOG_LEVEL": "3"}
        self.script = script
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=settings,
            cwd=ROOT,
        )
        self.about = self._answer()

    def ask(self, command: str, **arguments: Any) -> dict[str, Any]:
        """Have it do one thing; return its answer, with `seconds` of wall clock."""
        self.process.stdin.write(json.dumps({"command": command, **arguments}) + "\n")
        self.process.stdin.flush()
        answer = self._answer()
        if "error" in answer:
            raise ContestantError(f"{self.script} could not {command}:\n{answer['error']}")
        return answer

    def _answer(self) -> dict[str, Any]:
        line = self.process.stdout.readline()
        if not line:
            error = self.process.stderr.read()[-2000:]
            raise ContestantError(f"{self.script} ended with {self.process.wait()}:\n{error}")
        return json.loads(line)

    def close(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.communicate()


@contextmanager
def contestants(wanted: dict[str, Callable[[], Contestant]]) -> Iterator[dict[str, Contestant]]:
    """Start contestants one after another, and end them all whatever happens."""
    running: dict[str, Contestant] = {}
    try:
        for name, start in wanted.items():
            running[name] = start()
        yield running
    finally:
        for contestant in running.values():
            contestant.close()


def serve(commands: dict[str, Callable[..., dict[str, Any]]], about: dict[str, Any]) -> None:
    """Answer the lines of `Contestant.ask` until standard input ends.

    Args:
        commands: what can be asked; each returns a dictionary of JSON values.
            The time from the question to the return is added as `seconds`,
            unless it is in the answer already.
        about: the first line that the parent reads: versions, sizes.
    """
    answers = os.fdopen(os.dup(1), "w")
    # What a library prints must not reach the parent as an answer, nor fill a pipe
    # that nobody reads.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    print(json.dumps(about), file=answers, flush=True)
    for line in sys.stdin:
        question = json.loads(line)
        command = commands[question.pop("command")]
        start = time.perf_counter()
        try:
            answer = command(**question)
        except Exception:
            answer = {"error": traceback.format_exc()}
        answer = {"seconds": time.perf_counter() - start, **answer}
        print(json.dumps(answer), file=answers, flush=True)


def in_turn(names: list[str], turn: int) -> list[str]:
    """Return names beginning with another one in each turn, so that nobody always comes first."""
    start = turn % len(names)
    return names[start:] + names[:start]


def take_turns(
    actions: dict[str, Callable[[], float]], rounds: int, warm_up: int = 1
) -> dict[str, list[float]]:
    """Run every action once a round, `in_turn`, and return the seconds of each round.

    Args:
        actions: each returns the seconds it took.
        rounds: how many count.
        warm_up: rounds before that do not.
    """
    seconds: dict[str, list[float]] = {name: [] for name in actions}
    for turn in range(-warm_up, rounds):
        for name in in_turn(list(actions), turn):
            took = actions[name]()
            if turn >= 0:
                seconds[name].append(took)
    return seconds


def median_ratio(ours: list[float], theirs: list[float]) -> float:
    """Return the median over the rounds of our time over theirs in the same round."""
    return statistics.median(a / b for a, b in zip(ours, theirs, strict=True))


def pytorch_python() -> str:
    """Return the interpreter of PyTorch's environment, or "" where there is none."""
    return os.environ.get("COURSE_PYTORCH", "")


def busy(seconds: float = 3.0) -> float:
    """Return the share of all cores that others are using, watched for some seconds."""
    import psutil  # PyTorch's environment, which imports this file, has none

    share = psutil.cpu_percent(interval=seconds) / 100
    if share > BUSY:
        print(f"Others are using {share:.0%} of the cores: the ratios will be off.", flush=True)
    return share


def table(header: list[str], rows: list[list[str]]) -> str:
    """Return a table in Markdown, numbers to the right."""
    rule = ["---", *["---:"] * (len(header) - 1)]
    return "\n".join("| " + " | ".join(row) + " |" for row in [header, rule, *rows])
