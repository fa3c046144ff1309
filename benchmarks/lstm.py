"""A training step of an LSTM: Keras in several ways against PyTorch."""

import statistics
from collections.abc import Callable
from functools import partial
from typing import Any

from harness import Contestant, contestants, median_ratio, pytorch_python, table, take_turns

QUESTION = "How long does a training step of an LSTM take (64 sequences of 50 steps, 64 units)?"
FIT = {
    "fit": {},
    "fit, ten steps a call": {"together": 10},
    "fit, unrolled": {"unrolled": True},
    "fit, unrolled, ten steps a call": {"unrolled": True, "together": 10},
    "fit, compiled (XLA), ten steps a call": {"compiled": True, "together": 10},
}
LOOP = {
    "own loop of ten steps": {"own_loop": True},
    "own loop of ten steps, unrolled": {"own_loop": True, "unrolled": True},
}
BEST, PYTORCH = "own loop of ten steps, unrolled", "PyTorch (nn.LSTM)"
SIZES = {"batch": 64, "steps": 50, "features": 32, "units": 64}
ROUNDS, BATCHES = 15, 20


def measure(quick: bool) -> dict[str, Any]:
    """Take twenty steps a turn; the first round, which traces and compiles, does not count."""
    ways = {**FIT, **LOOP}
    wanted = {"Keras": partial(Contestant, "lstm_keras.py", {"ways": ways, **SIZES})}
    if pytorch_python():
        wanted[PYTORCH] = partial(Contestant, "lstm_pytorch.py", SIZES, pytorch_python())
    with contestants(wanted) as running:

        def action(who: str, **asked: str) -> Callable[[], float]:
            worker = running[who]
            return lambda: worker.ask("train", batches=BATCHES, **asked)["seconds"] / BATCHES

        actions = {way: action("Keras", way=way) for way in ways}
        if PYTORCH in running:
            actions[PYTORCH] = action(PYTORCH)
        seconds = take_turns(actions, 1 if quick else ROUNDS)
        about = {name: contestant.about for name, contestant in running.items()}
    return {"seconds": seconds, "about": about, "sizes": SIZES}


def report(result: dict[str, Any]) -> str:
    """Return the table."""
    seconds = result["seconds"]
    rows = []
    for name, took in sorted(seconds.items(), key=lambda item: -statistics.median(item[1])):
        low, _, high = statistics.quantiles(took, n=4) if len(took) > 1 else took * 3
        ratio = f"{median_ratio(took, seconds[PYTORCH]):.2f}" if PYTORCH in seconds else "-"
        spread = f"{1e3 * low:.2f} to {1e3 * high:.2f}"
        rows.append([name, f"{1e3 * statistics.median(took):.2f}", spread, ratio])
    return table(["way", "step, ms", "middle half of the rounds", "to PyTorch"], rows)


def ratios(result: dict[str, Any]) -> list[tuple[str, float, float | None]]:
    """Return what the plot shows: label, our time over theirs, and the limit."""
    seconds = result["seconds"]
    if PYTORCH not in seconds:
        return []
    return [
        (f"LSTM step, {name} / PyTorch", median_ratio(seconds[name], seconds[PYTORCH]), limit)
        for name, limit in {"fit": None, "fit, unrolled, ten steps a call": None, BEST: 1.5}.items()
    ]
