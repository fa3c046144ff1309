"""The course's NumPy reference against Keras: forward and backward of seven operations."""

import statistics
from typing import Any

from harness import Contestant, contestants, median_ratio, table, take_turns

QUESTION = "How much slower is the course's NumPy than Keras?"
WORKER = "scratch_worker.py"
ONE_THREAD = "NumPy float32, one thread"
VERSIONS = {
    "NumPy float32": {"library": "NumPy", "dtype": "float32"},
    ONE_THREAD: {"library": "NumPy", "dtype": "float32", "threads": 1},
    "NumPy float64": {"library": "NumPy", "dtype": "float64"},
    "Keras float32": {"library": "Keras", "dtype": "float32"},
    "Keras float64": {"library": "Keras", "dtype": "float64"},
}
ROUNDS = 7
CALLS = 3


def measure(quick: bool) -> dict[str, Any]:
    """Let all versions of an operation take turns, one operation after another."""
    rounds, calls = (1, 1) if quick else (ROUNDS, CALLS)
    operations = {}
    with contestants({"worker": lambda: Contestant(WORKER, {"quick": quick})}) as running:
        worker = running["worker"]
        for operation in worker.about["sizes"]:

            def timed(asked: dict[str, Any], operation: str = operation) -> float:
                answer = worker.ask("measure", operation=operation, calls=calls, **asked)
                return answer["seconds"]

            actions = {name: lambda a=asked: timed(a) for name, asked in VERSIONS.items()}
            compared = worker.ask("compare", operation=operation)
            operations[operation] = {**compared, "seconds": take_turns(actions, rounds)}
        return {"operations": operations, "about": worker.about}


def report(result: dict[str, Any]) -> str:
    """Return the table and its reading."""
    rows = []
    for name, operation in result["operations"].items():
        medians = [1000 * statistics.median(operation["seconds"][one]) for one in VERSIONS]
        sizes = ", ".join(map(str, result["about"]["sizes"][name]))
        shown = [f"{milliseconds:.2f}" for milliseconds in medians]
        compared = [f"{ratio(operation, dtype):.1f}" for dtype in ("float32", "float64")]
        rows.append([f"{name} ({sizes})", *shown, *compared])
    header = ["milliseconds, forward and backward", *VERSIONS]
    about = result["about"]
    found = result["operations"].values()
    ratios_32 = sorted(ratio(one, "float32") for one in found)
    reading = (
        f"NumPy takes {ratios_32[0]:.1f} to {ratios_32[-1]:.1f} times as long as Keras in float32, "
        f"median {statistics.median(ratios_32):.1f}; "
        f"its results differ by at most {max(one['difference'] for one in found):.0e} of the "
        f"largest in float64. NumPy's matrix products have {about['numpy_threads']} threads, "
        f"TensorFlow {about['tensorflow_threads']}, in one process. "
    )
    wider = [name for name, one in result["operations"].items() if "float64" in one["precision"]]
    if wider:
        reading += f"Given float32, NumPy goes on in float64 in: {', '.join(wider)}. "
    hindered = [name for name, one in result["operations"].items() if hindrance(one) > 1.1]
    if hindered:
        reading += f"More than one thread slows NumPy down in: {', '.join(hindered)}."
    ratio_header = ["NumPy / Keras, float32", "NumPy / Keras, float64"]
    return f"{table([*header, *ratio_header], rows)}\n\n{reading.strip()}"


def ratio(operation: dict[str, Any], dtype: str) -> float:
    """Return NumPy's time over Keras's, both with all threads."""
    seconds = operation["seconds"]
    return median_ratio(seconds[f"NumPy {dtype}"], seconds[f"Keras {dtype}"])


def hindrance(operation: dict[str, Any]) -> float:
    """Return NumPy's time with all threads over that with one."""
    return median_ratio(operation["seconds"]["NumPy float32"], operation["seconds"][ONE_THREAD])


def ratios(result: dict[str, Any]) -> list[tuple[str, float, float | None]]:
    """Return what the plot shows: label, NumPy's time over Keras's; there is no limit."""
    return [
        (f"{name}, NumPy / Keras", ratio(operation, "float32"), None)
        for name, operation in result["operations"].items()
    ]
