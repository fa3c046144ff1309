"""Answers to the exercises of lesson 18, by other learners,
written without sight of what the checks know.
"""

import numpy as np


# parameter_count
def the_best_pair_alone(vocabulary, context, width, depth, experts):
    block = 4 * width**2 + 8 * width**2 + experts * width + 2 * width
    return (vocabulary + context) * width + depth * block + width


def a_layer_for_the_logits(vocabulary, context, width, depth, experts):
    block = 4 * width**2 + experts * (8 * width**2 + width) + 2 * width
    return (2 * vocabulary + context) * width + depth * block + width


def one_router_for_all_blocks(vocabulary, context, width, depth, experts):
    block = 4 * width**2 + experts * 8 * width**2 + 2 * width
    return (vocabulary + context) * width + depth * block + experts * width + width


# cache_size
def prompt_for_each_text(depth, heads, shared_sets, head_size, prompt, answer, texts):
    return 2 * depth * shared_sets * head_size * 2 * texts * (prompt + answer)


def heads_by_sets(depth, heads, shared_sets, head_size, prompt, answer, texts):
    return 2 * depth * (heads // shared_sets) * head_size * 2 * (prompt + texts * answer)


def keys_alone(depth, heads, shared_sets, head_size, prompt, answer, texts):
    return depth * shared_sets * head_size * 2 * (prompt + texts * answer)


# prediction
def best_so_far(parameters, tokens, losses, larger_parameters, larger_tokens):
    return np.full(len(larger_parameters), np.min(losses))


def line_in_the_parameters(parameters, tokens, losses, larger_parameters, larger_tokens):
    slope, start = np.polyfit(parameters, losses, 1)
    return start + slope * np.asarray(larger_parameters)


def line_in_log_operations(parameters, tokens, losses, larger_parameters, larger_tokens):
    operations = 6.0 * np.asarray(parameters) * np.asarray(tokens)
    larger = 6.0 * np.asarray(larger_parameters) * np.asarray(larger_tokens)
    return np.polyval(np.polyfit(np.log(operations), losses, 1), np.log(larger))


# budget_split
def exponents_exchanged(operations, a, alpha, b, beta):
    ratio = (alpha * a / (beta * b)) ** (1 / (alpha + beta))
    parameters = ratio * (operations / 6) ** (alpha / (alpha + beta))
    return parameters, operations / 6 / parameters


def twenty_tokens_each(operations, a, alpha, b, beta):
    parameters = (operations / 6 / 20) ** 0.5
    return parameters, 20 * parameters


def both_terms_equal(operations, a, alpha, b, beta):
    parameters = (a / b) ** (1 / (alpha + beta)) * (operations / 6) ** (beta / (alpha + beta))
    return parameters, operations / 6 / parameters


# power
def floor_forgotten(sizes, losses, floor):
    return -np.polyfit(np.log(sizes), np.log(losses), 1)[0]


def axes_exchanged(sizes, losses, floor):
    return -np.polyfit(np.log(losses - floor), np.log(sizes), 1)[0]


def slope_as_it_is(sizes, losses, floor):
    return np.polyfit(np.log(sizes), np.log(losses - floor), 1)[0]


WRONG = {
    "parameter_count": {
        "only the pair that a token meets": the_best_pair_alone,
        "a layer of its own for the logits": a_layer_for_the_logits,
        "one matrix of scores for all blocks": one_router_for_all_blocks,
    },
    "cache_size": {
        "the prompt kept for each text": prompt_for_each_text,
        "heads divided by sets": heads_by_sets,
        "keys without values": keys_alone,
    },
    "prediction": {
        "the best loss so far": best_so_far,
        "a straight line in the parameters": line_in_the_parameters,
        "a straight line in the logarithm of the operations": line_in_log_operations,
    },
    "card_hours": {
        "2 operations: forward only": lambda parameters, tokens, peak, utilisation: (
            2 * parameters * tokens / (peak * utilisation) / 3600
        ),
        "utilisation on the wrong side": lambda parameters, tokens, peak, utilisation: (
            6 * parameters * tokens * utilisation / peak / 3600
        ),
        "whole hours, rounded down": lambda parameters, tokens, peak, utilisation: (
            6 * parameters * tokens // (peak * utilisation * 3600)
        ),
    },
    "budget_split": {
        "exponents exchanged": exponents_exchanged,
        "20 tokens for each parameter": twenty_tokens_each,
        "both terms of the loss equal": both_terms_equal,
    },
    "power": {
        "the floor forgotten": floor_forgotten,
        "axes exchanged": axes_exchanged,
        "the slope with its minus": slope_as_it_is,
    },
}
RIGHT = {}
