"""Language models that the course ships trained, and the texts they were trained on.

`python runs/train_networks.py shakespeare_gpt` (or `quatrain_gpt`) makes the
weights again, with the log of their training.
"""

from __future__ import annotations

from collections import Counter

import numpy as np

from course_lib import datasets
from course_lib.models.gpt import GPT
from course_lib.models.tokens import Characters
from course_lib.models.weights import load_weights

HELD_OUT = {"validation": "The Taming of the Shrew", "test": "The Tempest"}
BEGIN, UNKNOWN = "\n", "□"
QUATRAIN_CHARACTERS = 2_400


def shakespeare_parts() -> dict[str, str]:
    """Return the plays as texts for training (seven of them), validation and test (one each)."""
    plays = datasets.shakespeare()
    held_out = {part: plays.pop(title) for part, title in HELD_OUT.items()}
    return {"training": "".join(plays.values()), **held_out}


def shakespeare_characters() -> Characters:
    """Return the 77 characters of the nine plays."""
    return Characters(sorted(set("".join(shakespeare_parts().values()))))


def shakespeare_gpt(trained: bool = True) -> tuple[GPT, Characters]:
    """Return a GPT of 813,824 parameters that was trained on seven plays, and its characters.

    Args:
        trained: False for the same model as it was before training.

    Raises:
        DatasetError: when a file is missing or damaged.
    """
    characters = shakespeare_characters()
    model = GPT(len(characters), context=128, width=128, depth=4, heads=4)
    if trained:
        load_weights(model, "shakespeare_gpt.npz")
    return model, characters


def quatrain_parts() -> dict[str, list[str]]:
    """Return the quatrains of seven characters: 90 % for training, 5 % each to judge by."""
    poems = datasets.tang_quatrains(7)["text"].tolist()
    parts: dict[str, list[str]] = {"training": [], "validation": [], "test": []}
    special = {0: "validation", 10: "test"}
    for i, poem in enumerate(poems):
        parts[special.get(i % 20, "training")].append(poem)
    return parts


def quatrain_rows(poems: list[str], characters: Characters) -> np.ndarray:
    """Return poems as rows of numbers, each behind a line break: shape (poems, 33)."""
    return np.stack([characters.encode(BEGIN + poem) for poem in poems])


def quatrain_gpt(trained: bool = True) -> tuple[GPT, Characters]:
    """Return a GPT of 565,920 parameters that was trained on 9,267 quatrains, and its characters.

    Args:
        trained: False for the same model as it was before training.

    Raises:
        DatasetError: when a file is missing or damaged.
    """
    counts = Counter("".join(quatrain_parts()["training"]))
    frequent = [character for character, _ in counts.most_common(QUATRAIN_CHARACTERS - 2)]
    characters = Characters(sorted([BEGIN, UNKNOWN, *frequent]), unknown=UNKNOWN)
    model = GPT(len(characters), context=32, width=96, depth=3, heads=4)
    if trained:
        load_weights(model, "quatrain_gpt.npz")
    return model, characters
