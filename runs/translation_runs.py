"""Measure what lesson 15 tells without computing it: recurrence, and fewer pairs.

    python runs/translation_runs.py recurrent     the Transformer beside two LSTMs, on dates
    python runs/translation_runs.py pairs         the Transformer taught with 450 pairs

prints the tables as the lesson's cells hold them, three seeds each. Each takes
one to three minutes on two cores. Data, functions and trainings are the lesson's
own, read from the notebook.
"""

import argparse
import contextlib
import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from notebook_functions import notebook_functions

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOK = ROOT / "notebooks" / "15_transformer.ipynb"
# The cells that have these in them make the dates, teach and test the Transformer,
# and make the pairs.
DATES = ("days = pd.date_range(", "reader = translator.transformer(", 'test["read as"] = ')
PAIRS = ("pairs = datasets.english_chinese()",)
SEEDS = (15, 1, 2)
# The learning rate of the recurrent network; the Transformer's is 0.005.
PEAK = 0.008
# Less data, more epochs, so that steps do not fall as fast as pairs.
FEW, EPOCHS = 450, 24


def after_cells(seed: int, wanted: Sequence[str]) -> dict[str, Any]:
    """Return the lesson's names after these of its cells, run with a seed."""
    with contextlib.redirect_stdout(io.StringIO()):
        return notebook_functions(NOTEBOOK, (), wanted, {"seed": seed})


def recurrent(seed: int, cells: Sequence[str] = DATES) -> tuple[float, float]:
    """Return the exact match of the Transformer and of two LSTMs, taught alike."""
    space = after_cells(seed, cells)
    translator, lengths = space["translator"], (space["x"].shape[1], space["y"].shape[1] - 1)
    space["keras"].utils.set_random_seed(seed)
    lstm = translator.recurrent(*lengths, space["sizes"])
    with space["lesson"].quiet_stderr():  # TensorFlow logs a line on some processors
        translator.train(lstm, space["x"], space["y"], len(space["losses"]), PEAK)
        rows = translator.greedy(lstm, space["x_test"], lengths[1])
    read = np.array(translator.to_texts(rows, space["digits"]))
    return float(space["right"].mean()), float(np.mean(read == space["test"]["target"]))


def few_pairs(seed: int, count: int = FEW, epochs: int = EPOCHS) -> float:
    """Return the chrF, on the test pairs, of a Transformer taught with few."""
    space = after_cells(seed, PAIRS)
    translator, part, unseen = space["translator"], space["known"][:count], space["unseen"]
    longest = [max(space["pairs"][side].str.len()) for side in ("words", "chinese")]
    words = translator.number_symbols(part["words"], at_least=2)
    hanzi = translator.number_symbols(part["chinese"], at_least=2)
    source = translator.encode(part["words"], words, longest[0])
    targets = translator.encode_targets(part["chinese"], hanzi, longest[1])
    space["keras"].utils.set_random_seed(seed)
    sizes = len(words) + 4, len(hanzi) + 4
    small = translator.transformer(longest[0], longest[1] + 1, sizes)
    translator.train(small, source, targets, epochs)
    asked = translator.encode(unseen["words"], words, longest[0])
    texts = translator.to_texts(translator.greedy(small, asked, longest[1] + 1), hanzi)
    return float(space["chrf"](unseen["chinese"], texts).mean())


def print_recurrent() -> None:
    """Print a row for each seed."""
    for seed in SEEDS:
        transformer, lstm = recurrent(seed)
        print(f"({seed}, {transformer:.3f}, {lstm:.3f}),", flush=True)


def print_pairs() -> None:
    """Print the scores of all seeds."""
    for seed in SEEDS:
        print(f"{few_pairs(seed):.3f},", flush=True)


if __name__ == "__main__":
    experiments = {"recurrent": print_recurrent, "pairs": print_pairs}
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("experiment", choices=experiments)
    chosen = parser.parse_args().experiment
    sys.path.insert(0, str(ROOT))
    experiments[chosen]()
