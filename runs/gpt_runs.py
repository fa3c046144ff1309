"""Train the small models that lesson 16 tells of, and store what each reached.

    python runs/gpt_runs.py

trains with each of three seeds the lesson's small GPT, a masked language model that
begins with its weights, and a GPT on byte pairs, and writes data/gpt_runs/runs.csv
and the card beside it after each seed, so that a run that was broken off goes on
where it stopped. Everything takes about three minutes on two cores. Functions and
sizes of the trainings are the lesson's own, read from the notebook; everything is
measured on its validation play.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np
from notebook_functions import notebook_functions

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tools"), str(ROOT)]

import stored  # noqa: E402

from course_lib import lesson  # noqa: E402

FOLDER = ROOT / "data" / "gpt_runs"
NOTEBOOK = ROOT / "notebooks" / "16_gpt.ipynb"
CONSTANTS = {
    *("parts", "gpt", "characters", "ids", "small", "recipe", "hidden_sign"),
    *("merges", "joined", "numbers"),
}
SEEDS = (1, 2, 3)
COLUMNS = [
    "seed",
    "always a space",
    "reader, 8 before",
    "reader, 7 behind, too",
    "GPT, 16 before",
    "characters",
    "byte pairs",
]


def lesson_space() -> dict[str, Any]:
    """Return the lesson's imports, functions, classes and constants, without running the rest."""
    return notebook_functions(NOTEBOOK, CONSTANTS)


def guesses(model: Any, rows: np.ndarray, place: int) -> np.ndarray:
    """Return the likeliest character at one place of each row."""
    batches = [model(part)[:, place] for part in np.array_split(rows, 20)]
    return np.concatenate(batches).argmax(axis=1)


def found(space: dict[str, Any], model: Any, reader: Any) -> dict[str, float]:
    """Return which shares of 10,000 characters the reader and the GPT find."""
    ids, hidden_sign = space["ids"]["validation"], space["hidden_sign"]
    starts = space["generator"].integers(0, len(ids) - 32, 10_000)
    text = ids[starts[:, np.newaxis] + np.arange(32)]
    wanted, gaps = text[:, 16], text[:, 8:24].copy()
    gaps[:, 8] = hidden_sign
    one_side = gaps.copy()
    one_side[:, 8:] = hidden_sign
    right = {
        "always a space": wanted == space["characters"].numbers[" "],
        "reader, 8 before": guesses(reader, one_side, 8) == wanted,
        "reader, 7 behind, too": guesses(reader, gaps, 8) == wanted,
        "GPT, 16 before": guesses(model, text[:, :16], 15) == wanted,
    }
    return {name: float(np.mean(some)) for name, some in right.items()}


def train(space: dict[str, Any], seed: int) -> dict[str, Any]:
    """Train the three models once and return a row of the table."""
    import keras

    keras.utils.set_random_seed(seed)
    space["generator"] = np.random.default_rng(seed)
    model = space["GPT"](**space["small"])
    space["train"](model, space["ids"]["training"], **space["recipe"])
    nats = space["training"].language_model_loss(
        model, space["ids"]["validation"], space["recipe"]["length"]
    )
    with lesson.quiet_stderr():
        reader = space["read_both_sides"](model)
    row = {
        **found(space, model, reader),
        "characters": nats / np.log(2),
        "byte pairs": space["bits_of_pairs"](),
    }
    return {"seed": seed} | {name: f"{value:.4f}" for name, value in row.items()}


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.parse_args(arguments)
    lesson.begin(16)
    file = FOLDER / "runs.csv"
    missing = stored.seeds_left(file, SEEDS)
    space = lesson_space() if missing else {}
    for seed in missing:
        row = train(space, seed)
        stored.append(file, COLUMNS, [row])
        print(row, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
