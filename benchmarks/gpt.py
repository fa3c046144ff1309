"""A small GPT over characters: time to a validation loss, and time per step."""

import statistics
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from harness import (
    Contestant,
    ContestantError,
    contestants,
    in_turn,
    median_ratio,
    pytorch_python,
    table,
)

QUESTION = "How long does a GPT of 0.8 million weights take to learn, and to take one step?"
OURS, EAGER, COMPILED = "lesson 16 (ten steps in one loop, XLA)", "PyTorch", "PyTorch, compiled"
TARGET = 2.2
STEPS, TOGETHER, BETWEEN_TESTS = 1_000, 50, 100
SEEDS = (1, 2, 3)
VALIDATION_CHARACTERS = 40_000


def measure(quick: bool) -> dict[str, Any]:
    """Train by turns of 50 steps on the same batches, from three seeds."""
    from course_lib import datasets
    from course_lib.models.tokens import Characters

    plays = list(datasets.shakespeare().values())
    characters = Characters(sorted(set("".join(plays))))
    steps = 100 if quick else STEPS
    runs = []
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "text.npz")
        np.savez(
            path,
            training=characters.encode("".join(plays[:-1])),
            validation=characters.encode(plays[-1][:VALIDATION_CHARACTERS]),
        )
        for seed in SEEDS[:1] if quick else SEEDS:
            settings = {"text": path, "vocabulary": len(characters), "seed": seed, "steps": steps}
            runs.append(train_by_turns(settings, steps))
    return {"runs": runs, "steps": steps, "target": TARGET}


def train_by_turns(settings: dict[str, Any], steps: int) -> dict[str, Any]:
    """Return, for each contestant, the seconds of its turns and its validation losses.

    PyTorch's compiler needs one for C++; where it fails, the others go on without it.
    """
    wanted = {OURS: partial(Contestant, "gpt_keras.py", settings)}
    if pytorch_python():
        for name, compiled in {EAGER: False, COMPILED: True}.items():
            asked = {**settings, "compiled": compiled}
            wanted[name] = partial(Contestant, "gpt_pytorch.py", asked, pytorch_python())
    seconds: dict[str, list[float]] = {name: [] for name in wanted}
    losses: dict[str, list[float]] = {name: [] for name in wanted}
    with contestants(wanted) as running:
        names, left_out = list(running), {}
        for turn, done in enumerate(range(TOGETHER, steps + 1, TOGETHER)):
            for name in in_turn(names, turn):
                try:
                    took = running[name].ask("train", steps=TOGETHER)["seconds"]
                except ContestantError as error:
                    if name != COMPILED:
                        raise
                    left_out[name] = str(error)[-300:]
                    names = [one for one in names if one != name]
                    continue
                seconds[name].append(took)
                if done % BETWEEN_TESTS == 0:
                    losses[name].append(running[name].ask("validate")["loss"])
        about = {name: contestant.about for name, contestant in running.items()}
    for name in left_out:
        del seconds[name], losses[name]
    return {"seconds": seconds, "losses": losses, "about": about, "left_out": left_out}


def time_to_target(run: dict[str, Any], name: str, with_start: bool) -> float | None:
    """Return the seconds of training until the target, between two tests along a line.

    Args:
        run: of `train_by_turns`.
        name: the contestant.
        with_start: whether the first turn counts as it was, with the compiler's
            time, or like the median of the others.
    """
    turns = list(run["seconds"][name])
    if not with_start:
        turns[0] = statistics.median(turns[1:])
    turns_a_test = BETWEEN_TESTS // TOGETHER
    clock = np.cumsum(turns)[turns_a_test - 1 :: turns_a_test]
    losses = run["losses"][name]
    for index, loss in enumerate(losses):
        if loss <= TARGET:
            if index == 0:
                return float(clock[0])
            share = (losses[index - 1] - TARGET) / (losses[index - 1] - loss)
            return float(clock[index - 1] + share * (clock[index] - clock[index - 1]))
    return None


def per_step(run: dict[str, Any], name: str) -> float:
    """Return the median milliseconds of a step, without the first turn."""
    return 1e3 * statistics.median(run["seconds"][name][1:]) / TOGETHER


def medians(result: dict[str, Any], name: str) -> dict[str, float | None]:
    """Return ratios of ours to another's: per step, and to the target; medians of the seeds."""
    runs = result["runs"]
    found: dict[str, float | None] = {
        "step": statistics.median(
            median_ratio(run["seconds"][OURS][1:], run["seconds"][name][1:]) for run in runs
        )
    }
    for key, with_start in {"target": True, "target without start": False}.items():
        times = [[time_to_target(run, who, with_start) for who in (OURS, name)] for run in runs]
        reached = [ours / theirs for ours, theirs in times if ours and theirs]
        found[key] = statistics.median(reached) if len(reached) == len(runs) else None
    return found


def report(result: dict[str, Any]) -> str:
    """Return the table and its reading."""
    rows = []
    for name in result["runs"][0]["seconds"]:
        step = statistics.median(per_step(run, name) for run in result["runs"])
        last = ", ".join(f"{run['losses'][name][-1]:.3f}" for run in result["runs"])
        times = [time_to_target(run, name, True) for run in result["runs"]]
        reached = ", ".join("not reached" if t is None else f"{t:.1f}" for t in times)
        starts = []
        for run in result["runs"]:
            first, *others = run["seconds"][name]
            starts.append(first - statistics.median(others))
        start = f"{statistics.median(starts):.1f}"
        ratios = ["1", "1", "1"]
        if name != OURS:
            ratios = ["-" if r is None else f"{r:.2f}" for r in medians(result, name).values()]
        rows.append([name, f"{step:.1f}", start, reached, last, *ratios])
    header = ["model", "step, ms", "start, s", f"to {TARGET} nats, s", "nats at the end"]
    header += ["ours / it: step", "to the loss", "to the loss without start"]
    left_out = [name for run in result["runs"] for name in run["left_out"]]
    note = f" Failed and left out: {', '.join(sorted(set(left_out)))}." if left_out else ""
    seeds = ", ".join(map(str, SEEDS[: len(result["runs"])]))
    return (
        f"{table(header, rows)}\n\n{result['steps']:,} steps, seeds {seeds}. A start is what the "
        "first fifty steps take longer than others: mostly the compiler's work." + note
    )


def ratios(result: dict[str, Any]) -> list[tuple[str, float, float | None]]:
    """Return what the plot shows: label, our time over theirs, and the limit."""
    shown: list[tuple[str, float, float | None]] = []
    for name, limit in {EAGER: 0.9, COMPILED: 1.0}.items():
        if name in result["runs"][0]["seconds"]:
            found = medians(result, name)
            shown.append((f"GPT, a step / {name}", found["step"] or 0.0, None))
            if found["target"] is not None:
                shown.append((f"GPT, to {TARGET} nats / {name}", found["target"], limit))
    return shown
