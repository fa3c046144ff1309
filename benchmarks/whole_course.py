"""Every notebook in a fresh kernel: seconds and memory, and how they grow with the data."""

from typing import Any

from harness import table
from notebook_runs import lessons, run_notebook

QUESTION = "How long do the eighteen notebooks take, and how much memory?"
SECONDS_LIMIT, TOTAL_LIMIT, BYTES_LIMIT = 90, 18 * 60, 2.5e9
SHARES = {"a quarter": 0.25, "half": 0.5}
# The lessons on all of MNIST, and the numbers in their code that go with its
# size. Lessons 5, 7, 9 and 10 take the same few digits, however many there are.
ON_MNIST: dict[int, list[int]] = {
    3: [20_000],
    4: [60_000, 50_000],
    6: [60_000],
    8: [50_000],
}
# The test digits stay as many as they are.
LESS_DATA = """
from course_lib import datasets
_all_digits = datasets.mnist
def _fewer_digits():
    (images, labels), test = _all_digits()
    count = int({share} * len(images))
    return (images[:count].copy(), labels[:count].copy()), test
datasets.mnist = _fewer_digits
"""


def measure(quick: bool) -> dict[str, Any]:
    """Run the notebooks one after another; quick: the first alone, and no other data."""
    whole, parts = {}, {}
    for number, path in lessons().items():
        if quick and number > 1:
            break
        whole[str(number)] = told(number, run_notebook(path), "")
        for name, share in SHARES.items():
            if number not in ON_MNIST:
                continue
            numbers = {f"{count:_}": f"{int(share * count):_}" for count in ON_MNIST[number]}
            run = run_notebook(path, LESS_DATA.format(share=share), numbers=numbers)
            parts.setdefault(str(number), {})[name] = told(number, run, f", {name} of MNIST")
    return {"whole": whole, "parts": parts}


def told(number: int, run: dict[str, Any], what: str) -> dict[str, Any]:
    """Print how a run went, since all of them take a while; return it."""
    print(f"lesson {number}{what}: {seconds(run)} s", flush=True)
    return run


def report(result: dict[str, Any]) -> str:
    """Return the tables and their reading."""
    whole, parts = result["whole"], result["parts"]
    ended = {number: run for number, run in whole.items() if "seconds" in run}
    total = sum(run["seconds"] for run in ended.values())
    rows = []
    for number, run in whole.items():
        time_share = share(run, "seconds", SECONDS_LIMIT)
        memory_share = share(run, "peak_bytes", BYTES_LIMIT)
        rows.append([number, seconds(run), time_share, processor(run), memory(run), memory_share])
        rows[-1].append(str(len(run["errors"])))
    work = sum(run["processor_seconds"] for run in ended.values())
    rows.append(["all", f"{total:.0f}", f"{100 * total / TOTAL_LIMIT:.0f} %", f"{work:.0f}"])
    rows[-1] += ["", "", str(sum(len(run["errors"]) for run in whole.values()))]
    header = ["lesson", "seconds", "of the limit", "processor seconds", "peak memory, GB"]
    lines = [table([*header, "of the limit", "errors"], rows), ""]
    lines.append(
        f"The limits are {SECONDS_LIMIT} s and {BYTES_LIMIT / 1e9} GB for a lesson and "
        f"{TOTAL_LIMIT / 60:.0f} minutes for all; {len(ended)} of {len(whole)} came to their end, "
        f"in {total / 60:.1f} minutes. {extremes(ended)}"
    )
    if parts:
        lines += ["", growth_table(whole, parts), "", growth_reading(whole, parts)]
    return "\n".join(lines)


def extremes(ended: dict[str, dict[str, Any]]) -> str:
    """Return which lesson is the slowest, and which needs most memory."""
    if not ended:
        return ""
    slowest = max(ended, key=lambda number: ended[number]["seconds"])
    largest = max(ended, key=lambda number: ended[number]["peak_bytes"])
    return (
        f"Lesson {slowest} is the longest with {seconds(ended[slowest])} s, lesson {largest} "
        f"takes the most memory with {memory(ended[largest])} GB."
    )


def growth_table(whole: dict[str, Any], parts: dict[str, Any]) -> str:
    """Return the table of seconds, memory and errors with less data."""
    rows = []
    for number, runs in parts.items():
        columns = [runs.get(name, {"errors": []}) for name in SHARES] + [whole[number]]
        failed = " / ".join(str(len(run["errors"])) for run in columns)
        rows.append([number, *map(seconds, columns), *map(memory, columns), failed])
    names = [*SHARES, "all"]
    header = [f"{what}, {name}" for what in ("seconds", "GB") for name in names]
    return table(["lesson", *header, "errors"], rows)


def growth_reading(whole: dict[str, Any], parts: dict[str, Any]) -> str:
    """Return by how much four times the data prolongs each lesson."""
    smallest = min(SHARES, key=SHARES.__getitem__)
    times = {}
    for number, runs in parts.items():
        if "seconds" in runs[smallest] and "seconds" in whole[number]:
            times[number] = whole[number]["seconds"] / runs[smallest]["seconds"]
    listed = ", ".join(f"{ratio:.2f} (lesson {number})" for number, ratio in times.items())
    failed = [error for runs in parts.values() for run in runs.values() for error in run["errors"]]
    claims = sum(error.startswith("ClaimError") for error in failed)
    return (
        f"With {1 / SHARES[smallest]:.0f} times the digits a lesson takes so many times as long: "
        f"{listed}. Other lessons take a fixed number of digits. "
        f"Of {len(failed)} errors with less data {claims} are claims, which are about all of it."
    )


def seconds(run: dict[str, Any]) -> str:
    """Return a run's seconds as text."""
    return f"{run['seconds']:.1f}" if "seconds" in run else ""


def processor(run: dict[str, Any]) -> str:
    """Return a run's processor seconds as text."""
    return f"{run['processor_seconds']:.1f}" if "seconds" in run else ""


def memory(run: dict[str, Any]) -> str:
    """Return a run's peak memory in GB as text."""
    return f"{run['peak_bytes'] / 1e9:.2f}" if "seconds" in run else ""


def share(run: dict[str, Any], figure: str, limit: float) -> str:
    """Return a figure in percent of its limit, in bold when it is above."""
    if figure not in run:
        return ""
    text = f"{100 * run[figure] / limit:.0f} %"
    return f"**{text}**" if run[figure] > limit else text
