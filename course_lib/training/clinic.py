"""The sick runs of lesson 05, kept apart so that a cell can run one and not name its sickness.

`patient(number, ...)` makes what a run needs, `chart(number)` shows how it was made.
"""

import inspect
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import optimizers

# Keyword arguments of a training: model, optimizer, x, y, x_val, y_val and options.
Patient = dict[str, Any]


def case_1(network: Callable[..., Any], data: Patient, seed: int) -> Patient:
    wide = keras.initializers.RandomNormal(stddev=1.0)
    model = network(weights=wide)
    return {**data, "model": model, "optimizer": optimizers.Adam(0.003)}


def case_2(network: Callable[..., Any], data: Patient, seed: int) -> Patient:
    model = network()
    return {**data, "model": model, "optimizer": optimizers.Adam(0.3)}


def case_3(network: Callable[..., Any], data: Patient, seed: int) -> Patient:
    raw = {"x": 255 * data["x"], "x_val": 255 * data["x_val"]}
    model = network()
    return {**data, **raw, "model": model, "optimizer": optimizers.SGD(0.05)}


def case_4(network: Callable[..., Any], data: Patient, seed: int) -> Patient:
    model = network(6 * (64,), "sigmoid", "glorot_uniform")
    return {**data, "model": model, "optimizer": optimizers.SGD(0.1)}


def case_5(network: Callable[..., Any], data: Patient, seed: int) -> Patient:
    by_digit = np.argsort(data["y"], kind="stable")
    ordered = {"x": data["x"][by_digit], "y": data["y"][by_digit]}
    options = {"model": network(), "optimizer": optimizers.SGD(0.05)}
    return {**data, **ordered, **options, "shuffle": False}


def case_6(network: Callable[..., Any], data: Patient, seed: int) -> Patient:
    few = {"x": data["x"][:300], "y": data["y"][:300], "epochs": 20}
    model = network((256, 256))
    return {**data, **few, "model": model, "optimizer": optimizers.Adam(0.003)}


def case_7(network: Callable[..., Any], data: Patient, seed: int) -> Patient:
    mixed = np.random.default_rng(seed).permutation(3 * 800)
    x = np.repeat(data["x"][:800], 3, axis=0)[mixed]
    y = np.repeat(data["y"][:800], 3)[mixed]
    split = {"x": x[:1920], "y": y[:1920], "x_val": x[1920:], "y_val": y[1920:]}
    options = {"optimizer": optimizers.Adam(0.003), "epochs": 6}
    return {**split, **options, "model": network((128,))}


def case_8(network: Callable[..., Any], data: Patient, seed: int) -> Patient:
    model = network()
    return {**data, "model": model, "optimizer": optimizers.SGD(0.0005)}


def case_9(network: Callable[..., Any], data: Patient, seed: int) -> Patient:
    generator = np.random.default_rng(seed)
    another = (data["y"] + generator.integers(1, 10, 2000)) % 10
    y = np.where(generator.random(2000) < 0.4, another, data["y"])
    options = {"optimizer": optimizers.Adam(0.002), "epochs": 20}
    return {**data, "y": y, **options, "model": network((256,))}


def case_10(network: Callable[..., Any], data: Patient, seed: int) -> Patient:
    x = data["x"].copy()
    x[np.random.default_rng(seed).choice(2000, 10, replace=False)] *= 255
    model = network()
    return {**data, "x": x, "model": model, "optimizer": optimizers.SGD(0.05)}


CASES = (case_1, case_2, case_3, case_4, case_5, case_6, case_7, case_8, case_9, case_10)


def patient(number: int, network: Callable[..., Any], data: Patient, seed: int) -> Patient:
    """Return what the training of case `number` needs, made anew.

    Args:
        number: of the case, from 1.
        network: makes a model from sizes, an activation and an initialiser.
        data: "x" and "y" of 2000 digits to learn from, "x_val" and "y_val".
        seed: of what a case draws.

    Raises:
        ValueError: when there is no such case.
    """
    return _case(number)(network, data, seed)


def chart(number: int) -> str:
    """Return the code that made case `number`, as a learner would write it.

    Args:
        number: of the case, from 1.

    Raises:
        ValueError: when there is no such case.
    """
    body = inspect.getsource(_case(number)).split("\n")[1:]
    return "\n".join([f"def case_{number}(network, data, seed):", *body]).rstrip()


def _case(number: int) -> Callable[..., Patient]:
    if number not in range(1, len(CASES) + 1):
        raise ValueError(f"The clinic has cases 1 to {len(CASES)}, but not {number!r}.")
    return CASES[number - 1]
