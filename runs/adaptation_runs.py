"""Measure what lesson 17 tells without computing it: ways, ranks and preferences.

    python runs/adaptation_runs.py ways           four ways to fine-tune, rates and seeds
    python runs/adaptation_runs.py ranks          LoRA of several ranks
    python runs/adaptation_runs.py preferences    DPO with three values of beta

prints the tables and texts as the lesson's cells hold them. Each takes two to six
minutes on two cores. Texts and functions are the lesson's own, read from the
notebook; everything is measured on its validation texts.
"""

import argparse
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from notebook_functions import notebook_functions

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOK = ROOT / "notebooks" / "17_fine_tuning.ipynb"
CONSTANTS = {"KERNELS", "STEPS"}
# The cell that has this in it makes the texts.
MAKES_TEXTS = "rules = {"
SEEDS = (17, 1, 2)
RATES = {
    "full": (5e-4, 1e-3, 2e-3),
    "last block": (1e-3, 3e-3, 1e-2),
    "head": (3e-3, 1e-2, 3e-2),
    "LoRA": (5e-3, 1e-2, 2e-2),
}
RANKS = (1, 4, 16)
BETAS = (0.5, 0.1, 0.03)
# Characters of a prompt, and of prompt and answer together.
GIVEN, TOTAL = 24, 96


def lesson_space() -> dict[str, Any]:
    """Return the lesson's imports, functions, constants and texts, without running the rest."""
    return notebook_functions(NOTEBOOK, CONSTANTS, whole_cells=[MAKES_TEXTS])


# Ways and ranks


def model_for(space: dict[str, Any], way: str, rank: int = 4) -> Any:
    """Return a model of which only what this way trains is trainable."""
    if way == "LoRA":
        return space["with_lora"](rank)
    model, _ = space["shakespeare_gpt"]()
    kept = {"last block": [model.blocks[-1], model.norm], "head": [model.tokens]}.get(way)
    if kept is not None:
        for part in (model.tokens, model.places, *model.blocks, model.norm):
            part.trainable = any(part is one for one in kept)
    return model


def validation_losses(space: dict[str, Any], model: Any) -> tuple[float, float]:
    """Return the losses on reviews and on the play, in nats a character."""
    texts = space["dresses"]["validation"], space["plays"]["validation"]
    reviews, play = (float(space["loss_on"](model, text)) for text in texts)
    return reviews, play


def tuned(
    space: dict[str, Any], way: str, rate: float, seed: int, rank: int = 4
) -> tuple[int, float, float]:
    """Return how many weights were trained, and the two losses afterwards."""
    space["keras"].utils.set_random_seed(seed)
    model = model_for(space, way, rank)
    optimizer = space["language_model_optimizer"](space["STEPS"], rate)
    ten = space["ten_steps"](model, optimizer, compiled=False)
    ids = space["characters"].encode(space["dresses"]["training"])
    generator = np.random.default_rng(seed)
    space["fit_language_model"](ten, ids, space["STEPS"], 64, generator)
    trained = sum(variable.numpy().size for variable in model.trainable_variables)
    losses = validation_losses(space, model)
    space["keras"].backend.clear_session()
    return trained, *losses


def ways(space: dict[str, Any]) -> None:
    """Print three rates for each way, and three seeds at the best of them."""
    for way, rates in RATES.items():
        tried = {rate: tuned(space, way, rate, SEEDS[0]) for rate in rates}
        for rate, (_, reviews, play) in tried.items():
            print(f"{way}, rate {rate:g}: {reviews:.3f}, {play:.3f}", flush=True)
        best = min(rates, key=lambda rate: tried[rate][1])
        runs = [tried[best], *(tuned(space, way, best, seed) for seed in SEEDS[1:])]
        trained, reviews, play = np.transpose(runs)
        means = f"{reviews.mean():.3f}, {play.mean():.3f}"
        print(f'("{way}", {best:g}, {trained[0]:.0f}, {means}),', flush=True)
        print(f"    spread {np.ptp(reviews):.3f}, {np.ptp(play):.3f}", flush=True)


def ranks(space: dict[str, Any]) -> None:
    """Print the losses of LoRA with several ranks, one seed, one rate."""
    for rank in RANKS:
        trained, reviews, play = tuned(space, "LoRA", 1e-2, SEEDS[0], rank)
        print(f"({rank}, {trained}, {reviews:.3f}, {play:.3f}),", flush=True)


# Preferences


def sampler(space: dict[str, Any], model: Any) -> Callable[[np.ndarray, int], Any]:
    """Return a function of prompts and a run's number that lets the model go on.

    The largest of logits plus Gumbel noise is a draw from the softmax.
    """
    tf = space["tf"]

    @tf.function
    def sample(prompts: Any, run: Any) -> Any:
        caches = model.empty_cache(prompts.shape[0])[..., :TOTAL, :]
        token, written = prompts[:, 0], tf.TensorArray("int32", TOTAL)
        for position in tf.range(TOTAL):
            written = written.write(position, token)
            logits, caches = model.step(token, caches, position)
            uniform = tf.random.stateless_uniform(tf.shape(logits), [run, position], 1e-9, 1.0)
            drawn = tf.argmax(logits - tf.math.log(-tf.math.log(uniform)), 1, tf.int32)
            following = prompts[:, tf.minimum(position + 1, GIVEN - 1)]
            token = tf.where(position + 1 < GIVEN, following, drawn)
        return tf.transpose(written.stack())

    return lambda prompts, run: sample(prompts, run).numpy()


def prompts_from(
    text: str, count: int, encode: Callable[[str], np.ndarray], generator: np.random.Generator
) -> np.ndarray:
    """Return the last characters up to the name of a speaker, shape (count, GIVEN)."""
    ends = [one.end() for one in re.finditer(r"\n\n[A-Z ]{3,}\.\n", text) if one.end() >= GIVEN]
    picked = generator.choice(ends, count, replace=count > len(ends))
    return np.stack([encode(text[end - GIVEN : end]) for end in picked])


def marks(answers: list[str]) -> np.ndarray:
    """Return how many exclamation and question marks each answer has."""
    return np.array([sum(character in "!?" for character in one) for one in answers])


def preferences(space: dict[str, Any]) -> None:
    """Print what three values of beta buy and cost, one seed, and some answers."""
    space["keras"].utils.set_random_seed(SEEDS[0])
    teach_marks(space, SEEDS[0])


def teach_marks(space: dict[str, Any], seed: int, pairs: int = 256, steps: int = 40) -> None:
    """Let a student prefer answers with more marks, and print what comes of it."""
    tf, characters, plays = space["tf"], space["characters"], space["plays"]
    (old, _), student = space["shakespeare_gpt"](), space["with_lora"](4)
    sample = sampler(space, student)

    def answers(rows: np.ndarray) -> list[str]:
        return [characters.decode(row[GIVEN:]) for row in rows]

    def answer_log_probability(model: Any, rows: Any) -> Any:
        return tf.reduce_sum(space["log_probabilities"](model, rows)[:, GIVEN - 1 :], axis=1)

    generator = np.random.default_rng(seed)
    prompts = prompts_from(plays["training"], pairs, characters.encode, generator)
    one, two = sample(prompts, 10 * seed), sample(prompts, 10 * seed + 1)
    first, second = marks(answers(one)), marks(answers(two))
    better, differ = (first > second)[:, np.newaxis], first != second
    chosen, rejected = np.where(better, one, two)[differ], np.where(better, two, one)[differ]
    print(f"seed {seed}: {len(chosen)} of {pairs} pairs differ", flush=True)
    known = [answer_log_probability(old, rows).numpy() for rows in (chosen, rejected)]

    optimizer = space["keras"].optimizers.Adam(1e-3)
    optimizer.build(student.trainable_variables)
    state = [*student.weights, *optimizer.variables]
    fresh = [variable.numpy() for variable in state]

    @tf.function
    def step(rows: Any, before: Any, beta: Any) -> Any:
        with tf.GradientTape() as tape:
            liked, other = tf.split(answer_log_probability(student, rows) - before, 2)
            loss = tf.reduce_mean(tf.nn.softplus(-beta * (liked - other)))
        gradients = tape.gradient(loss, student.trainable_variables)
        optimizer.apply(gradients, student.trainable_variables)
        return loss

    asked = prompts_from(plays["validation"], 128, characters.encode, np.random.default_rng(seed))
    words = set(re.findall(r"[a-z']+", plays["training"].lower()))
    for beta in (np.inf, *BETAS):
        for variable, value in zip(state, fresh, strict=True):
            variable.assign(value)
        draws = np.random.default_rng(seed)
        for _ in range(0 if np.isinf(beta) else steps):
            i = draws.choice(len(chosen), min(12, len(chosen)), replace=False)
            rows = np.concatenate([chosen[i], rejected[i]])
            step(rows, np.concatenate([one[i] for one in known]), np.float32(beta))
        rows = sample(asked, seed + 777)
        said = answers(rows)
        written = [w for one in said for w in re.findall(r"[a-z']+", one.lower())[:-1]]
        kl = np.mean(answer_log_probability(student, rows) - answer_log_probability(old, rows))
        play = space["loss_on"](student, plays["validation"])
        real = np.mean([word in words for word in written])
        numbers = f"{np.sum(marks(said) > 0)}, {kl:.2f}, {play:.3f}, {real:.3f}"
        print(f"beta {beta}, with a mark of 128, KL, play, real words: {numbers}", flush=True)
        print(*(f"    {text!r}" for text in said[:6]), sep="\n", flush=True)


if __name__ == "__main__":
    experiments = {"ways": ways, "ranks": ranks, "preferences": preferences}
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("experiment", choices=experiments)
    chosen = parser.parse_args().experiment
    sys.path.insert(0, str(ROOT))
    experiments[chosen](lesson_space())
