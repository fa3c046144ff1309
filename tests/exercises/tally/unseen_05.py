"""Answers to the exercises of lesson 05, by other learners.

They were written without sight of what the checks know.
"""

import numpy as np


def patience_one_more(validation_losses, patience):
    best = 0
    for epoch, loss in enumerate(validation_losses):
        if loss < validation_losses[best]:
            best = epoch
        if epoch - best > patience:
            break
    return best, epoch


def worse_than_the_last(validation_losses, patience):
    best, waited, before = 0, 0, float("inf")
    for epoch, loss in enumerate(validation_losses):
        if loss < validation_losses[best]:
            best = epoch
        waited = 0 if loss < before else waited + 1
        before = loss
        if waited >= patience:
            break
    return best, epoch


def tie_is_progress(validation_losses, patience):
    best = 0
    for epoch, loss in enumerate(validation_losses):
        if loss <= validation_losses[best]:
            best = epoch
        if epoch - best >= patience:
            break
    return best, epoch


def each_for_itself(gradients, largest):
    clipped = []
    for gradient in gradients:
        norm = np.sqrt(np.sum(gradient**2))
        clipped.append(gradient * min(1.0, largest / norm) if norm > 0 else gradient)
    return clipped


def always_to_largest(gradients, largest):
    norm = np.sqrt(sum(np.sum(gradient**2) for gradient in gradients))
    return [gradient * largest / norm for gradient in gradients]


def sum_of_norms(gradients, largest):
    norm = sum(np.linalg.norm(gradient) for gradient in gradients)
    return [gradient * largest / norm if norm > largest else gradient for gradient in gradients]


def mean_not_scaled(weights, bias, scale, shift, moving_mean, moving_variance, epsilon):
    factor = scale / np.sqrt(moving_variance + epsilon)
    return weights * factor, bias * factor - moving_mean + shift


def no_root(weights, bias, scale, shift, moving_mean, moving_variance, epsilon):
    factor = scale / (moving_variance + epsilon)
    return weights * factor, (bias - moving_mean) * factor + shift


def old_bias_lost(weights, bias, scale, shift, moving_mean, moving_variance, epsilon):
    factor = scale / np.sqrt(moving_variance + epsilon)
    return weights * factor, shift - moving_mean * factor


WRONG = {
    "leaky_initialisation": {
        "slope not squared": (
            lambda inputs, negative_slope: np.sqrt(2 / (inputs * (1 + negative_slope)))
        ),
        "variance for deviation": (
            lambda inputs, negative_slope: 2 / (inputs * (1 + negative_slope**2))
        ),
        "keeps half plus the whole square of the slope": (
            lambda inputs, negative_slope: np.sqrt(1 / (inputs * (0.5 + negative_slope**2)))
        ),
    },
    "patience": {
        "more than patience: one epoch too many": patience_one_more,
        "counts epochs worse than the one before": worse_than_the_last,
        "takes a tie for an improvement": tie_is_progress,
    },
    "patient": {
        "small rate and clipping, causes left alone": {
            "input_scale": 1.0,
            "weight_deviation": [1.0, 1.0, 1.0],
            "learning_rate": 0.01,
            "clip_norm": 1.0,
            "shuffle": True,
        },
        "all mended, but the rate 0.001 as for Adam": {
            "input_scale": 1 / 255,
            "weight_deviation": [np.sqrt(2 / 784), np.sqrt(2 / 64), np.sqrt(2 / 64)],
            "learning_rate": 0.001,
            "clip_norm": 0.0,
            "shuffle": True,
        },
        "all mended, but the order overlooked": {
            "input_scale": 1 / 255,
            "weight_deviation": [np.sqrt(2 / 784), np.sqrt(2 / 64), np.sqrt(2 / 64)],
            "learning_rate": 0.2,
            "clip_norm": 0.0,
            "shuffle": False,
        },
    },
    "global_clipping": {
        "each array by its own norm": each_for_itself,
        "always to the largest norm, short ones too": always_to_largest,
        "adds the norms of the arrays": sum_of_norms,
    },
    "folding": {
        "moving mean subtracted unscaled": mean_not_scaled,
        "divides by the variance, no root": no_root,
        "the layer's old bias forgotten": old_bias_lost,
    },
}
RIGHT = {}
