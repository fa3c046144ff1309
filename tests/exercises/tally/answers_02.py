"""Answers to the exercises of lesson 02, written without sight of what the checks know."""

import math

import numpy as np

# ---------------------------------------------------------------- log_odds


def log_odds_one_by_one(probability):
    p = np.asarray(probability, dtype=float)
    with np.errstate(divide="ignore"):
        values = [float(np.log(value) - np.log1p(-value)) for value in p.ravel()]
    return np.reshape(values, p.shape).tolist()


def log_odds_from_the_inverse(probability):
    return -np.log(1 / np.asarray(probability, dtype=float) - 1)


# ---------------------------------------------------------------- separate_the_sexes


def sigmoid(z):
    return 1 / (1 + np.exp(-np.clip(z, -500, 500)))


def one_line(x_train, y_train, x_test):
    mean, spread = x_train.mean(axis=0), x_train.std(axis=0)
    x = (x_train - mean) / spread
    weights, bias = np.zeros(2), 0.0
    for _ in range(500):
        errors = sigmoid(x @ weights + bias) - y_train
        weights = weights - 0.5 * x.T @ errors / len(errors)
        bias = bias - 0.5 * errors.mean()
    return sigmoid((x_test - mean) / spread @ weights + bias)


def heavier_than_the_mean(x_train, y_train, x_test):
    return (x_test[:, 1] > x_train[:, 1].mean()).astype(float)


def share_of_females(x_train, y_train, x_test):
    return 1 - nearest_birds(x_train, y_train, x_test)


def the_training_birds_again(x_train, y_train, x_test):
    return nearest_birds(x_train, y_train, x_train)


def hidden_weights_start_at_zero(x_train, y_train, x_test):
    mean, spread = x_train.mean(axis=0), x_train.std(axis=0)
    x = (x_train - mean) / spread
    first, first_bias = np.zeros((2, 16)), np.zeros(16)
    second, second_bias = np.zeros(16), 0.0
    for _ in range(500):
        z = x @ first + first_bias
        hidden = np.maximum(z, 0)
        errors = (sigmoid(hidden @ second + second_bias) - y_train) / len(y_train)
        back = errors[:, None] * second * (z > 0)
        second, second_bias = second - 0.1 * hidden.T @ errors, second_bias - 0.1 * errors.sum()
        first, first_bias = first - 0.1 * x.T @ back, first_bias - 0.1 * back.sum(axis=0)
    hidden = np.maximum((x_test - mean) / spread @ first + first_bias, 0)
    return sigmoid(hidden @ second + second_bias)


def nearest_birds(x_train, y_train, x_test):
    mean, spread = x_train.mean(axis=0), x_train.std(axis=0)
    known, unseen = (x_train - mean) / spread, (x_test - mean) / spread
    distances = np.sum((unseen[:, None] - known[None]) ** 2, axis=2)
    nearest = np.argsort(distances, axis=1, kind="stable")[:, :11]
    return np.asarray(y_train)[nearest].mean(axis=1)


def votes_that_fade(x_train, y_train, x_test):
    mean, spread = x_train.mean(axis=0), x_train.std(axis=0)
    probabilities = []
    for bird in (x_test - mean) / spread:
        distances = (((x_train - mean) / spread - bird) ** 2).sum(axis=1)
        votes = [math.exp(-distance / (2 * 0.2**2)) for distance in distances]
        male = sum(vote for vote, sex in zip(votes, y_train, strict=True) if sex == 1)
        probabilities.append((male + 1e-12) / (sum(votes) + 2e-12))
    return probabilities


# ---------------------------------------------------------------- silu_derivative


def second_half_only(x):
    s = 1 / (1 + np.exp(-x))
    return x * s * (1 - s)


def product_of_the_derivatives(x):
    s = 1 / (1 + np.exp(-x))
    return 1 * s * (1 - s)


def without_x(x):
    s = 1 / (1 + np.exp(-x))
    return s + s * (1 - s)


def without_one_minus(x):
    s = 1 / (1 + np.exp(-x))
    return s + x * s


def sigmoid_of_minus_x(x):
    s = 1 / (1 + np.exp(x))
    return s + x * s * (1 - s)


def slope_by_tanh(x):
    s = 0.5 * (1 + np.tanh(0.5 * np.asarray(x, dtype=float)))
    return s * (1 + x * (1 - s))


def slope_in_a_loop(x):
    x = np.asarray(x, dtype=float)
    slopes = []
    for value in x.ravel().tolist():
        small = math.exp(-abs(value))
        s = 1 / (1 + small) if value >= 0 else small / (1 + small)
        slopes.append(s + value * s * (1 - s))
    return np.reshape(slopes, x.shape).tolist()


# ---------------------------------------------------------------- log_sigmoid


def log_sigmoid_clipped(x):
    return -np.log(1 + np.exp(-np.clip(x, -500, 500)))


def log_sigmoid_with_epsilon(x):
    return np.log(1 / (1 + np.exp(-x)) + 1e-12)


def log_sigmoid_two_cases(x):
    x = np.asarray(x, dtype=float)
    with np.errstate(over="ignore", invalid="ignore"):
        return np.where(x < 0, x - np.log1p(np.exp(x)), -np.log1p(np.exp(-x)))


WRONG = {
    "log_odds": {
        "odds against: (1 - p) / p": lambda probability: np.log((1 - probability) / probability),
        "odds without a logarithm": lambda probability: probability / (1 - probability),
        "logarithm divided by logarithm": lambda probability: (
            np.log(probability) / np.log(1 - probability)
        ),
        "logarithm to base 10": lambda probability: np.log10(probability / (1 - probability)),
        "clipped to 0.01 ... 0.99 for safety": lambda probability: np.log(
            np.clip(probability, 0.01, 0.99) / (1 - np.clip(probability, 0.01, 0.99))
        ),
    },
    "same_or_not": {
        "1 where they differ": ([[1, 1], [1, 1]], [0, -1], [1, -2], 0),
        "1 only where both are 1": ([[1, 1], [1, 1]], [0, -1], [0, 1], 0),
        "output bias forgotten": ([[1, 1], [1, 1]], [0, -1], [-1, 2], 0),
        "second unit does not fold back far enough": ([[1, 1], [1, 1]], [0, -1], [-1, 1], 1),
        "no hidden bias: both units wake up at 0": ([[1, 1], [1, 1]], [0, 0], [-1, 2], 1),
    },
    "separate_the_sexes": {
        "logistic regression, one line": one_line,
        "heavier than the mean is male": heavier_than_the_mean,
        "probability of female": share_of_females,
        "predicts the training birds": the_training_birds_again,
        "network whose weights all start at zero": hidden_weights_start_at_zero,
    },
    "silu_derivative": {
        "first half of the product rule forgotten": second_half_only,
        "product of the two derivatives": product_of_the_derivatives,
        "x forgotten in the second half": without_x,
        "derivative of the sigmoid taken as the sigmoid": without_one_minus,
        "sigmoid with the wrong sign in the exponent": sigmoid_of_minus_x,
    },
    "log_sigmoid": {
        "written down as it is: infinite at -1000": lambda x: -np.log(1 + np.exp(-x)),
        "turned for negative x only: not a number at 1000": lambda x: x - np.log(1 + np.exp(x)),
        "x clipped to 500 before the exponential": log_sigmoid_clipped,
        "epsilon in the logarithm": log_sigmoid_with_epsilon,
        "x below 0, else 0: right only far away": lambda x: np.minimum(x, 0),
    },
}
RIGHT = {
    "log_odds": {
        "log p - log1p(-p) one by one, as a list": log_odds_one_by_one,
        "minus the logarithm of 1/p - 1": log_odds_from_the_inverse,
    },
    "same_or_not": {
        "1 minus |a - b|": ([[1, -1], [-1, 1]], [0, 0], [-1, -1], 1),
        "both or neither, arrays": (
            np.array([[1.0, -1.0], [1.0, -1.0]]),
            np.array([-1.0, 1.0]),
            np.array([1.0, 1.0]),
            np.float64(0),
        ),
    },
    "separate_the_sexes": {
        "share of males among the 11 nearest birds": nearest_birds,
        "all birds vote, near ones more; a list": votes_that_fade,
    },
    "silu_derivative": {
        "factored out, sigmoid by tanh": slope_by_tanh,
        "loop with math, a list": slope_in_a_loop,
    },
    "log_sigmoid": {
        "logaddexp": lambda x: -np.logaddexp(0, -x),
        "np.where of two formulas": log_sigmoid_two_cases,
    },
}
