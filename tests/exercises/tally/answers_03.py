"""Answers to the exercises of lesson 03, written without sight of what the checks know.

The answers to ravine name the notebook's class Momentum: give it to this module before a call.
"""

import math

import numpy as np
import pandas as pd

# ---------------------------------------------------------------- huber_derivative


def huber_without_sign(errors, delta):
    return np.where(np.abs(errors) <= delta, errors, delta)


def huber_two_inside(errors, delta):
    return np.where(np.abs(errors) <= delta, 2 * errors, delta * np.sign(errors))


def huber_ones_outside(errors, delta):
    return np.where(np.abs(errors) <= delta, errors, np.sign(errors))


def huber_itself(errors, delta):
    size = np.abs(errors)
    return np.where(size <= delta, errors**2 / 2, delta * (size - delta / 2))


def huber_in_a_loop(errors, delta):
    errors = np.asarray(errors, dtype=float)
    slopes = []
    for error in errors.ravel().tolist():
        if abs(error) <= delta:
            slopes.append(error)
        else:
            slopes.append(math.copysign(delta, error))
    return np.reshape(slopes, errors.shape).tolist()


# ---------------------------------------------------------------- stable_surprise


def surprise_as_written(targets, logits):
    p = 1 / (1 + np.exp(-logits))
    return -targets * np.log(p) - (1 - targets) * np.log(1 - p)


def surprise_clipped(targets, logits):
    p = np.clip(1 / (1 + np.exp(-logits)), 1e-7, 1 - 1e-7)
    return -targets * np.log(p) - (1 - targets) * np.log(1 - p)


def surprise_averaged(targets, logits):
    return np.mean(np.logaddexp(0, logits) - targets * logits)


def surprise_of_the_other_class(targets, logits):
    return np.logaddexp(0, logits) - (1 - targets) * logits


def surprise_of_positives_only(targets, logits):
    return targets * np.logaddexp(0, -logits)


def surprise_of_both_classes(targets, logits):
    return targets * np.logaddexp(0, -logits) + (1 - targets) * np.logaddexp(0, logits)


def surprise_in_a_loop(targets, logits):
    pairs = zip(np.ravel(targets).tolist(), np.ravel(logits).tolist(), strict=True)
    losses = [max(z, 0) - y * z + math.log1p(math.exp(-abs(z))) for y, z in pairs]
    return np.reshape(losses, np.shape(logits)).tolist()


# ---------------------------------------------------------------- ravine


def best_momentum_in_theory():
    steep, flat = math.sqrt(100), math.sqrt(1)
    rate, momentum = (2 / (steep + flat)) ** 2, ((steep - flat) / (steep + flat)) ** 2
    return Momentum(learning_rate=rate, momentum=momentum)  # noqa: F821


def a_little_more_momentum():
    settings = {"momentum": 0.75, "learning_rate": 0.03}
    return Momentum(**settings)  # noqa: F821


# ---------------------------------------------------------------- heavy_ball


def step_with_the_old_velocity(parameters, velocity, gradients, learning_rate, momentum):
    return parameters + velocity, momentum * velocity - learning_rate * gradients


def step_in_the_wrong_order(parameters, velocity, gradients, learning_rate, momentum):
    velocity = momentum * velocity - learning_rate * gradients
    return velocity, parameters + velocity


def step_with_rate_outside(parameters, velocity, gradients, learning_rate, momentum):
    velocity = momentum * velocity + gradients
    return parameters - learning_rate * velocity, velocity


def step_with_a_mean(parameters, velocity, gradients, learning_rate, momentum):
    velocity = momentum * velocity - (1 - momentum) * learning_rate * gradients
    return parameters + velocity, velocity


def step_of_nesterov(parameters, velocity, gradients, learning_rate, momentum):
    velocity = momentum * velocity - learning_rate * gradients
    return parameters + momentum * velocity - learning_rate * gradients, velocity


def step_written_out(parameters, velocity, gradients, learning_rate, momentum):
    slower, push = np.multiply(velocity, momentum), np.multiply(gradients, learning_rate)
    return [np.add(parameters, slower) - push, np.subtract(slower, push)]


def step_one_by_one(parameters, velocity, gradients, learning_rate, momentum):
    shape = np.shape(parameters)
    new_parameters, new_velocity = [], []
    for p, v, g in np.nditer([parameters, velocity, gradients]):
        new_velocity.append(float(v) * momentum - float(g) * learning_rate)
        new_parameters.append(float(p) + new_velocity[-1])
    yield np.reshape(new_parameters, shape)
    yield np.reshape(new_velocity, shape)


# ---------------------------------------------------------------- bias_correction


def not_corrected(gradients, beta_1):
    mean = 0.0
    for gradient in gradients:
        mean = beta_1 * mean + (1 - beta_1) * gradient
    return mean


def starts_at_the_first(gradients, beta_1):
    mean = gradients[0]
    for gradient in gradients[1:]:
        mean = beta_1 * mean + (1 - beta_1) * gradient
    return mean


def beta_exchanged(gradients, beta_1):
    mean = 0.0
    for gradient in gradients:
        mean = (1 - beta_1) * mean + beta_1 * gradient
    return mean / (1 - (1 - beta_1) ** len(gradients))


def corrected_as_after_one_step(gradients, beta_1):
    return not_corrected(gradients, beta_1) / (1 - beta_1)


def weights_that_fade(gradients, beta_1):
    ages = np.arange(len(gradients))[::-1]
    return np.average(np.asarray(gradients, dtype=float), axis=0, weights=float(beta_1) ** ages)


def mean_with_pandas(gradients, beta_1):
    table = np.asarray(gradients, dtype=float)
    flat = pd.DataFrame(table.reshape(len(table), -1))
    last = flat.ewm(alpha=1 - beta_1, adjust=True).mean().iloc[-1].to_numpy()
    return last.reshape(table.shape[1:])[()]


WRONG = {
    "huber_derivative": {
        "always +delta outside, whatever the sign": huber_without_sign,
        "2 x error inside (the half forgotten)": huber_two_inside,
        "divided by the number of errors": lambda errors, delta: (
            np.clip(errors, -delta, delta) / len(errors)
        ),
        "1 or -1 outside (delta forgotten)": huber_ones_outside,
        "the loss, not its derivative": huber_itself,
    },
    "stable_surprise": {
        "as written: not a number at 1000": surprise_as_written,
        "probability clipped: never more than 16": surprise_clipped,
        "mean over the examples": surprise_averaged,
        "targets exchanged": surprise_of_the_other_class,
        "second half forgotten: nothing for class 0": surprise_of_positives_only,
    },
    "ravine": {
        "momentum 0.9, as always": lambda: Momentum(  # noqa: F821
            learning_rate=0.001, momentum=0.9
        ),
        "too fast: off the walls": lambda: Momentum(  # noqa: F821
            learning_rate=0.1, momentum=0.7
        ),
        "too much momentum: still swinging": lambda: Momentum(  # noqa: F821
            learning_rate=0.02, momentum=0.99
        ),
        "too little momentum: too slow along": lambda: Momentum(  # noqa: F821
            learning_rate=0.01, momentum=0.5
        ),
        "plain gradient descent in disguise": lambda: Momentum(  # noqa: F821
            learning_rate=0.019, momentum=0.0
        ),
    },
    "heavy_ball": {
        "parameters move with the old velocity": step_with_the_old_velocity,
        "velocity first in what is returned": step_in_the_wrong_order,
        "rate outside of the velocity (PyTorch)": step_with_rate_outside,
        "gradient weighted with 1 - momentum (a running mean)": step_with_a_mean,
        "Nesterov's step": step_of_nesterov,
    },
    "bias_correction": {
        "no correction": not_corrected,
        "plain mean of the gradients": lambda gradients, beta_1: sum(gradients) / len(gradients),
        "starts at the first gradient instead": starts_at_the_first,
        "beta and 1 - beta exchanged": beta_exchanged,
        "power forgotten: divided by 1 - beta": corrected_as_after_one_step,
    },
}
RIGHT = {
    "huber_derivative": {
        "sign times the smaller size": lambda errors, delta: (
            np.sign(errors) * np.minimum(np.abs(errors), delta)
        ),
        "loop with copysign, a list": huber_in_a_loop,
    },
    "stable_surprise": {
        "logaddexp for each class": surprise_of_both_classes,
        "loop with math, a list": surprise_in_a_loop,
    },
    "ravine": {
        "the best settings in theory": best_momentum_in_theory,
        "a little more momentum, from a dictionary": a_little_more_momentum,
    },
    "heavy_ball": {
        "written out, a list of two": step_written_out,
        "number by number, a generator of two arrays": step_one_by_one,
    },
    "bias_correction": {
        "weighted average with beta to the age": weights_that_fade,
        "ewm of pandas": mean_with_pandas,
    },
}
