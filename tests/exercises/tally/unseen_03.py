"""Answers to the exercises of lesson 03, by other learners.

They were written without sight of what the checks know. The answers to "ravine" use the notebook's
own class Momentum (a global of the notebook).
"""

import numpy as np


def overflowing_surprise(targets, logits):
    return np.log(1 + np.exp(logits)) - targets * logits


def clipped_surprise(targets, logits):
    p = np.clip(1 / (1 + np.exp(-logits)), 1e-7, 1 - 1e-7)
    return -targets * np.log(p) - (1 - targets) * np.log(1 - p)


def mean_surprise(targets, logits):
    softplus = np.maximum(logits, 0) + np.log1p(np.exp(-np.abs(logits)))
    return np.mean(softplus - targets * logits)


def plain_descent():
    return Momentum(learning_rate=0.0198, momentum=0.0)  # noqa: F821


def usual_settings():
    return Momentum(learning_rate=0.001, momentum=0.9)  # noqa: F821


def too_much_momentum():
    return Momentum(learning_rate=0.03, momentum=0.99)  # noqa: F821


def old_velocity(parameters, velocity, gradients, learning_rate, momentum):
    return parameters + velocity, momentum * velocity - learning_rate * gradients


def rate_outside(parameters, velocity, gradients, learning_rate, momentum):
    velocity = momentum * velocity + gradients
    return parameters - learning_rate * velocity, velocity


def in_place(parameters, velocity, gradients, learning_rate, momentum):
    velocity *= momentum
    velocity -= learning_rate * gradients
    parameters += velocity
    return parameters, velocity


def start_at_first(gradients, beta_1):
    mean = gradients[0]
    for gradient in gradients[1:]:
        mean = beta_1 * mean + (1 - beta_1) * gradient
    return mean


def beta_without_power(gradients, beta_1):
    mean = 0.0
    for gradient in gradients:
        mean = beta_1 * mean + (1 - beta_1) * gradient
    return mean / (1 - beta_1)


def correction_fed_back(gradients, beta_1):
    mean = 0.0
    for step, gradient in enumerate(gradients, start=1):
        mean = beta_1 * mean + (1 - beta_1) * gradient
        mean = mean / (1 - beta_1**step)
    return mean


WRONG = {
    "huber_derivative": {
        "delta outside, whatever the sign": (
            lambda errors, delta: np.where(np.abs(errors) <= delta, errors, delta)
        ),
        "outside the plain sign, without delta": (
            lambda errors, delta: np.where(np.abs(errors) <= delta, errors, np.sign(errors))
        ),
        "divided by the number of errors": (
            lambda errors, delta: np.clip(errors, -delta, delta) / len(errors)
        ),
    },
    "stable_surprise": {
        "right formula that overflows at 1000": overflowing_surprise,
        "clips the probability like Keras": clipped_surprise,
        "mean over the examples": mean_surprise,
    },
    "ravine": {
        "gradient descent at nearly the largest rate": plain_descent,
        "the settings one sees everywhere, too slow": usual_settings,
        "the good rate with momentum 0.99, still swinging": too_much_momentum,
    },
    "heavy_ball": {
        "moves with the old velocity": old_velocity,
        "PyTorch's form: the rate is not in the velocity": rate_outside,
        "right numbers, but changes its arguments": in_place,
    },
    "bias_correction": {
        "starts at the first gradient instead of correcting": start_at_first,
        "divides by 1 - beta, no power": beta_without_power,
        "feeds the corrected mean back into the loop": correction_fed_back,
    },
}
RIGHT = {}
