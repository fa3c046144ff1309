"""Train GPTs of many sizes on much and little text, and store the loss of each.

    python runs/scaling_runs.py

writes data/scaling_runs/runs.csv and the card beside it after each run, so that a
run that was broken off goes on where it stopped. Everything takes about half an
hour on two cores.
"""

import argparse
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tools"), str(ROOT)]

import stored  # noqa: E402

from course_lib import lesson  # noqa: E402

FOLDER = ROOT / "data" / "scaling_runs"
CONTEXT, BATCH_SIZE = 64, 12
COLUMNS = [
    "part",
    "width",
    "depth",
    "steps",
    "seed",
    "parameters",
    "block_parameters",
    "tokens",
    "training_loss",
    "validation_loss",
    "seconds",
]


@dataclass(frozen=True)
class Run:
    """One model and one length of training. Each step reads 12 x 64 characters."""

    part: str
    width: int
    depth: int
    steps: int
    seed: int = 1


SIZES = [(16, 2), (24, 2), (32, 3), (48, 3), (64, 4), (96, 4), (128, 4)]
STEPS = [250, 500, 1_000, 2_000, 4_000]
RUNS = [
    *(Run("grid", width, depth, steps) for steps in STEPS for width, depth in SIZES),
    # How much of a loss is chance.
    *(Run("seeds", 48, 3, 1_000, seed) for seed in (2, 3, 4)),
    # Larger and longer than all others; no law may see them before it predicts them.
    *(Run("held out", 192, 4, 6_000, seed) for seed in (1, 2)),
]


def train(run: Run) -> dict:
    """Train once and return a row of the table."""
    import keras

    from course_lib.models import pretrained
    from course_lib.models.gpt import GPT
    from course_lib.training import language_model

    texts = pretrained.shakespeare_parts()
    characters = pretrained.shakespeare_characters()
    start = time.perf_counter()
    keras.utils.set_random_seed(run.seed)
    model = GPT(len(characters), CONTEXT, run.width, run.depth, heads=4)
    # Wider models bear a lower rate; the factor suits the model of width 128.
    optimizer = language_model.language_model_optimizer(run.steps, 0.03 / run.width**0.5)
    losses = language_model.fit_language_model(
        language_model.ten_steps(model, optimizer),
        characters.encode(texts["training"]),
        run.steps,
        CONTEXT,
        np.random.default_rng(run.seed),
        BATCH_SIZE,
    )
    validation = characters.encode(texts["validation"])
    in_blocks = sum(int(np.prod(w.shape)) for block in model.blocks for w in block.weights)
    return {
        **vars(run),
        "parameters": model.count_params(),
        "block_parameters": in_blocks,
        "tokens": run.steps * BATCH_SIZE * CONTEXT,
        "training_loss": f"{losses[-50:].mean():.4f}",
        "validation_loss": f"{language_model.language_model_loss(model, validation, CONTEXT):.4f}",
        "seconds": f"{time.perf_counter() - start:.1f}",
    }


def missing(rows: list[dict]) -> list[Run]:
    """Return the runs still to make, in order."""
    made = {(r["part"], *(int(r[n]) for n in ("width", "depth", "steps", "seed"))) for r in rows}
    return [run for run in RUNS if tuple(vars(run).values()) not in made]


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.parse_args(arguments)
    lesson.begin(18)
    file = FOLDER / "runs.csv"
    for run in missing(stored.read_table(file)):
        row = train(run)
        stored.append(file, COLUMNS, [row])
        print(row, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
