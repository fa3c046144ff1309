"""What share of the machine's arithmetic each lesson's training step reaches."""

from typing import Any

from harness import HERE, Contestant, contestants, table
from notebook_runs import lessons, run_notebook

QUESTION = "What share of the machine's peak do the training steps reach, and what holds them back?"
SIZES = (512, 1024, 2048, 3072)
LIBRARIES = ("TensorFlow", "NumPy")
CALLS = 5
FIRST = f"""
import sys
sys.path.append({str(HERE)!r})
import peak_probe
peak_probe.install()
"""
LAST = "import json; print(json.dumps(peak_probe.measured()))"


def measure(quick: bool) -> dict[str, Any]:
    """Measure the peak by turns, then the longest training of every lesson; quick: of the first."""
    sizes, calls = ((128,), 1) if quick else (SIZES, CALLS)
    wanted = {
        name: lambda library=name: Contestant("peak_worker.py", {"library": library})
        for name in LIBRARIES
    }
    products: dict[str, dict[str, float]] = {name: {} for name in LIBRARIES}
    with contestants(wanted) as running:
        for size in sizes:
            for name, worker in running.items():
                answer = worker.ask("multiply", size=size, calls=calls)
                products[name][str(size)] = answer["flops"]
    trainings = {}
    for number, path in lessons().items():
        if quick and number > 1:
            break
        run = run_notebook(path, FIRST, last=LAST)
        trainings[str(number)] = {
            "training": run.get("answer"),
            "seconds": run.get("seconds"),
            "errors": run["errors"],
        }
        print(f"lesson {number}: {run.get('seconds', 0):.1f} s", flush=True)
    return {"products": products, "trainings": trainings}


def peak_flops(result: dict[str, Any]) -> float:
    """Return the most operations a second that any product reached."""
    return max(max(flops.values()) for flops in result["products"].values())


def figures(training: dict[str, Any], peak: float) -> dict[str, float]:
    """Return a training's share of the peak, and where its step's time goes.

    A backward pass costs two forward passes: one product for the inputs' gradients
    and one for the weights'. `four` is the time of an example with four times the
    batch over that with the lesson's: 0.25 where starting operations is all that
    costs, 1 where arithmetic or memory is.
    """
    flops = 3 * training["forward_flops"] * training["batch"]
    return {
        "step": flops / training["step_seconds"] / peak,
        "passes": flops / training["pass_seconds"] / peak,
        "four": training["pass_seconds_four"] / 4 / training["pass_seconds"],
        "outside": 1 - training["pass_seconds"] / training["step_seconds"],
    }


def diagnosis(found: dict[str, float]) -> str:
    """Say in words what most of a step's time goes to."""
    if found["outside"] > 0.5:
        return "what fit and the optimiser do around the passes"
    # Of the passes' time, the part that four times the batch does not prolong.
    starting = (1 - found["four"]) / 0.75
    return "starting operations" if starting > 0.5 else "arithmetic or memory"


def report(result: dict[str, Any]) -> str:
    """Return the tables and their reading."""
    peak = peak_flops(result)
    sizes = list(result["products"][LIBRARIES[0]])
    products = [
        [name, *(f"{flops[size] / 1e9:.0f}" for size in sizes)]
        for name, flops in result["products"].items()
    ]
    lines = [table(["GFLOP/s, float32 product of size", *sizes], products), ""]
    rows, reached, without = [], {}, []
    for number, run in result["trainings"].items():
        training = run["training"]
        if not training:
            without.append(number)
            continue
        found = figures(training, peak)
        reached[number] = found["step"]
        rows.append(
            [
                f"{number}: {training['model']}, {training['way']}",
                str(training["batch"]),
                f"{training['steps']:,}",
                f"{1000 * training['step_seconds']:.2f}",
                f"{3 * training['forward_flops'] * training['batch'] / 1e6:.3g}",
                f"{100 * found['step']:.2g} %",
                f"{100 * found['passes']:.2g} %",
                f"{found['four']:.2f}",
                f"{100 * found['outside']:.0f} %",
                diagnosis(found),
            ]
        )
    header = ["lesson: longest training in Keras", "batch", "steps", "step, ms", "MFLOP a step"]
    header += ["of the peak", "forward and backward alone", "an example at four times the batch"]
    lines += [table([*header, "outside the passes", "most time goes to"], rows), ""]
    if reached:
        best, least = max(reached, key=reached.get), min(reached, key=reached.get)
        lines.append(
            f"The peak is {peak / 1e9:.0f} GFLOP/s. Lesson {best} reaches the largest share of it, "
            f"{100 * reached[best]:.2g} %, lesson {least} the smallest, "
            f"{100 * reached[least]:.1g} %. "
        )
    if any(row[-2].startswith("-") for row in rows):
        lines.append(
            "Less than nothing outside the passes: steps in one loop, or passes that fit overlaps "
            "with its data, cost less than the same passes called one by one."
        )
    if without:
        lines.append(
            f"No Keras training of ten steps or more was found in lesson {', '.join(without)}."
        )
    failed = sum(len(run["errors"]) for run in result["trainings"].values())
    lines.append(f"{failed} cells ended in an error in these runs, whose trainings are cut short.")
    lines.append("Trainings in NumPy by hand, and loops written in a cell, are left out.")
    return "\n".join(lines)
