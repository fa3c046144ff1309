"""Random hostile answers, checked in a real kernel: a message each, and never a dead kernel."""

import json
import sys
import time
from collections import Counter
from pathlib import Path

import hard_table
from hard_table import FAILED, HELD, Row
from live_kernel import LiveKernel, Reply, changed, clean_environment, copy_of_checkout, digests
from notebook_passes import temporary_folder

FOLDER = Path(__file__).resolve().parent
PATIENCE = 600  # seconds for one answer, many times its limit: the machine may be busy


def run(seed: int, count: int, lessons: list[str]) -> Row:
    """Try `count` answers drawn with a seed; return the row."""
    start = time.monotonic()
    found: list[dict] = []
    details: list[str] = []
    print(f"hostile answers, seed {seed}", flush=True)
    with temporary_folder() as folder:
        checkout = copy_of_checkout(hard_table.ROOT, folder / "course")
        before = digests(checkout)
        more = checkout / "tests" / "hard", checkout / "tests" / "exercises"
        kernel = LiveKernel(checkout / "notebooks", clean_environment(checkout, *more))
        try:
            ready(kernel)
            for number in range(count):
                reply = kernel.run(f"recipes.try_one({seed}, {number}, {lessons})", PATIENCE)
                result = read(reply)
                problem = judge(reply, result)
                found.append(result)
                if problem:
                    details.append(
                        f"number {number} ({result.get('exercise')}, {result.get('recipe')}): "
                        f"{problem}"
                    )
                    print(details[-1], flush=True)
                if reply.status in ("died", "hung"):
                    kernel.kill()
                    kernel.restart()
                    ready(kernel)
            details += still_works(kernel)
        finally:
            kernel.stop()
        details += [
            f"changed in the checkout: {path}" for path in changed(before, digests(checkout))
        ]
    return Row(
        key="4_answers",
        tried=f"{count} hostile answers drawn at random over {different(found, 'exercise')} "
        f"exercises and {different(found, 'recipe')} recipes, checked in one kernel "
        f'(make hard ARGS="answers --seed {seed}")',
        happened=describe(found)
        + ("" if details else "; afterwards all right answers pass in that kernel"),
        verdict=FAILED if details else HELD,
        seconds=time.monotonic() - start,
        details=details,
    )


def ready(kernel: LiveKernel) -> None:
    """Import what the trials need, as a lesson would begin."""
    reply = kernel.run(
        "from course_lib import lesson; lesson.begin(1); import answer_recipes as recipes"
    )
    if reply.status != "ok":
        sys.exit(f"The kernel did not start: {reply.text}")


def read(reply: Reply) -> dict:
    """Return what the kernel told about a trial; nothing when it could not."""
    lines = [line for line in reply.text.splitlines() if line.startswith("@@")]
    return json.loads(lines[-1][2:]) if lines else {}


def judge(reply: Reply, result: dict) -> str:
    """Return what is wrong with how an answer was received, or ""."""
    if reply.status in ("died", "hung"):
        return f"the kernel {reply.status}"
    if reply.status != "ok" or not result:
        return f"no verdict, but: {reply.text[-300:]}"
    message = result["message"]
    if len(message.split()) < 5 or " at 0x" in message or len(message) > 2000:
        return f"no clear message: {message[:300]!r}"
    if result["status"] == "passed" and not result["dressed"]:
        return f"called right: {message[:200]}"
    if result["status"] == "passed" and result["right"] is False:
        return f"called right, though it does not agree with the solution: {message[:200]}"
    return ""


def still_works(kernel: LiveKernel) -> list[str]:
    """Return what is wrong when all right answers are checked in the same kernel."""
    code = (
        "wrong = [name for name, exercise in recipes.exercises().items()\n"
        "         if exercise.grade(exercise.reference).status != 'passed']\n"
        "print(wrong)"
    )
    reply = kernel.run(code, 4 * PATIENCE)
    if reply.status != "ok" or reply.text.strip().splitlines()[-1:] != ["[]"]:
        return [f"afterwards right answers did not pass: {reply.text[-300:]}"]
    return []


def different(found: list[dict], key: str) -> int:
    """Return how many different values the results have under a key."""
    return len({result.get(key) for result in found})


def describe(found: list[dict]) -> str:
    """Return what happened, as a sentence of the table."""
    statuses = Counter(result.get("status", "no verdict") for result in found)
    right = [result for result in found if result.get("status") == "passed"]
    agreeing = sum(result["right"] is True for result in right)
    opened = sum(result["dressed"] and result["open"] for result in right)
    slowest = max(found, key=lambda result: result.get("seconds", 0.0))
    return (
        f"{statuses['failed']} refused with a message, {statuses['not attempted']} not attempted, "
        f"{statuses['passed']} called right ({agreeing} of them agree with the solution on every "
        f"case, {opened} are right answers dressed up in open-ended exercises), "
        f"{statuses['no verdict']} without a verdict; the slowest took "
        f"{slowest.get('seconds', 0):.0f} s, where the limit is {slowest.get('limit', 0):.0f} s"
    )
