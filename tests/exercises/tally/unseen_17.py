"""Answers to the exercises of lesson 17, by other learners,
written without sight of what the checks know.
"""

import numpy as np


# highest_rank
def rank_at_a_draw(shapes):
    return sum(n * m for n, m in shapes) // sum(n + m for n, m in shapes)


def every_kernel_for_itself(shapes):
    return min((n * m - 1) // (n + m) for n, m in shapes)


def always_one_below(shapes):
    return sum(n * m for n, m in shapes) // sum(n + m for n, m in shapes) - 1


# forgetting
def every_text_alike(before, after, lengths):
    return np.mean(after - before) / np.log(2)


def losses_of_whole_texts(before, after, lengths):
    return np.sum(after - before) / np.sum(lengths) / np.log(2)


def times_log_two(before, after, lengths):
    return np.sum((after - before) * lengths) / np.sum(lengths) * np.log(2)


# merged_kernel
def rank_from_the_features(kernel, a, b, alpha):
    return kernel + alpha / len(a) * a @ b


def alpha_without_rank(kernel, a, b, alpha):
    return kernel + alpha * a @ b


def into_the_old_kernel(kernel, a, b, alpha):
    kernel += alpha / a.shape[1] * a @ b
    return kernel


# preference_loss
def log_of_sigmoid(chosen, rejected, chosen_before, rejected_before, beta):
    margin = beta * ((chosen - chosen_before) - (rejected - rejected_before))
    with np.errstate(over="ignore", divide="ignore"):
        return -np.log(1 / (1 + np.exp(-np.float64(margin))))


def no_reference(chosen, rejected, chosen_before, rejected_before, beta):
    return np.logaddexp(0, -beta * (chosen - rejected))


def beta_outside(chosen, rejected, chosen_before, rejected_before, beta):
    margin = (chosen - chosen_before) - (rejected - rejected_before)
    return beta * np.logaddexp(0, -margin)


# kl_divergence
def weighed_once_more(now, old, real):
    return np.mean(np.sum(np.exp(now) * (now - old) * real, axis=1))


def for_each_character(now, old, real):
    return np.sum((now - old) * real) / np.sum(real)


def with_padding(now, old, real):
    return np.mean(np.sum(now - old, axis=1))


WRONG = {
    "highest_rank": {
        "as many weights count as fewer": rank_at_a_draw,
        "every kernel has to save": every_kernel_for_itself,
        "always one below the quotient": always_one_below,
    },
    "forgetting": {
        "every text counts alike": every_text_alike,
        "takes the losses for whole texts": losses_of_whole_texts,
        "times log 2": times_log_two,
    },
    "adapter": {
        "rank 8: too many weights": lambda: {"rank": 8, "learning_rate": 0.05, "steps": 500},
        "rank 1: too few directions": lambda: {"rank": 1, "learning_rate": 0.05, "steps": 500},
        "a language model's learning rate": lambda: {
            "rank": 4,
            "learning_rate": 0.0001,
            "steps": 1000,
        },
    },
    "merged_kernel": {
        "takes the features for the rank": rank_from_the_features,
        "alpha without the rank": alpha_without_rank,
        "changes the kernel it was given": into_the_old_kernel,
    },
    "preference_loss": {
        "log of a sigmoid that becomes 0": log_of_sigmoid,
        "without the reference": no_reference,
        "beta outside of the logarithm": beta_outside,
    },
    "kl_divergence": {
        "weighed with the probabilities once more": weighed_once_more,
        "for each character, not for each answer": for_each_character,
        "padding counts, too": with_padding,
    },
}
RIGHT = {}
