"""What the package puts in order, tried on inputs in which many values are equal."""

from typing import Any

import numpy as np

from course_lib import datasets
from course_lib.exercises import lesson_06, lesson_10, lesson_13, lesson_15, lesson_16
from course_lib.scratch import embeddings, language, metrics

STEPS = 5


def orders() -> dict[str, Any]:
    """Return, by name, what comes of equal values: places, words and pairs, and no floats.

    Sums of the values are exact, so that no routine can make equal ones unequal.
    """
    generator = np.random.default_rng(0)
    targets, steps = generator.integers(0, 2, 400), generator.integers(0, STEPS, 400)
    scores = steps / 8
    # Powers of two: their sums and shares are exact.
    chances = np.full(512, 1 / 512)
    found: dict[str, Any] = {
        "metrics.counts_by_threshold": metrics.counts_by_threshold(targets, scores)[:2],
        "metrics.reliability_table": metrics.reliability_table(targets, scores)[2],
        "language.keep_top_p": np.flatnonzero(language.keep_top_p(chances, 0.25)),
        "lesson_06.split": lesson_06.split.reference(steps, 0.4, 6),
        "lesson_10.deletion": deletion_order(steps.reshape(20, 20) / 8),
        "lesson_13.neighbours": lesson_13.neighbours.reference(np.eye(64), 3, 20),
        "lesson_15.beam_step": lesson_15.beam_step.reference(
            np.zeros(40), -(generator.integers(0, STEPS, (40, 50)) / 8)
        )[:2],
        "lesson_16.nucleus": np.flatnonzero(lesson_16.nucleus.reference(chances, 0.25)),
    }
    play = datasets.shakespeare()["The Tempest"]
    documents = [embeddings.tokenize(line) for line in play.splitlines()]
    found["embeddings.build_vocabulary"] = embeddings.build_vocabulary(documents, 4000)
    merges = language.learn_merges(play, 100)
    found["language.learn_merges"] = merges
    found["language.split_tokens"] = language.split_tokens(play[:2000], merges)
    found["language.count_ngrams"] = language.count_ngrams(play, 3)
    return found


def deletion_order(attribution: np.ndarray) -> list[int]:
    """Return the places in the order in which the exercise of lesson 10 deletes them."""
    order: list[int] = []

    def score(image: np.ndarray) -> float:
        gone = np.flatnonzero(image.ravel() == 0).tolist()
        order.extend(place for place in gone if place not in order)
        return 0.0

    lesson_10.deletion.reference(score, np.ones_like(attribution), attribution)
    return order
