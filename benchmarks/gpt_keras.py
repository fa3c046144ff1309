"""Lesson 16's GPT and training loop (see gpt.py)."""

import json
import sys

import numpy as np
from harness import serve

from course_lib.lesson import quiet_stderr
from course_lib.models.gpt import GPT
from course_lib.training import language_model

with quiet_stderr():
    import keras

CONTEXT = 64
SETTINGS = json.loads(sys.argv[1])
TEXT = np.load(SETTINGS["text"])
keras.utils.set_random_seed(SETTINGS["seed"])
MODEL = GPT(SETTINGS["vocabulary"], context=CONTEXT)
LOOP = language_model.ten_steps(MODEL, language_model.language_model_optimizer(SETTINGS["steps"]))
GENERATOR = np.random.default_rng(SETTINGS["seed"])


def train(steps: int) -> dict:
    """Take some steps; return the last loss before its update."""
    losses = language_model.fit_language_model(LOOP, TEXT["training"], steps, CONTEXT, GENERATOR)
    return {"loss": float(losses[-1])}


def validate() -> dict:
    """Return the mean cross-entropy in nats over the validation text."""
    loss = language_model.language_model_loss(MODEL, TEXT["validation"], CONTEXT)
    return {"loss": float(loss)}


ABOUT = {"keras": keras.__version__, "parameters": MODEL.count_params()}
serve({"train": train, "validate": validate}, ABOUT)
