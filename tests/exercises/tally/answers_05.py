"""Answers to the exercises of lesson 05, written without sight of what the checks know."""

import math

import numpy as np

# ---------------------------------------------------------------- leaky_initialisation


def leaky_in_float32(inputs, negative_slope):
    slope = np.float32(negative_slope)
    return np.sqrt(np.float32(2) / (np.float32(inputs) * (1 + slope * slope)))


# ---------------------------------------------------------------- patience


def sees_the_future(validation_losses, patience):
    best = int(np.argmin(validation_losses))
    return best, min(best + patience, len(validation_losses) - 1)


def one_epoch_too_long(validation_losses, patience):
    best = 0
    for epoch, loss in enumerate(validation_losses):
        if loss < validation_losses[best]:
            best = epoch
        if epoch - best > patience:
            break
    return best, epoch


def ties_are_progress(validation_losses, patience):
    best = 0
    for epoch, loss in enumerate(validation_losses):
        if loss <= validation_losses[best]:
            best = epoch
        if epoch - best >= patience:
            break
    return best, epoch


def compared_with_the_epoch_before(validation_losses, patience):
    best, waited = 0, 0
    for epoch, loss in enumerate(validation_losses):
        if loss < validation_losses[best]:
            best = epoch
        if epoch > 0 and loss >= validation_losses[epoch - 1]:
            waited += 1
        else:
            waited = 0
        if waited >= patience:
            break
    return best, epoch


def counter_never_reset(validation_losses, patience):
    best, waited = 0, 0
    for epoch, loss in enumerate(validation_losses):
        if loss < validation_losses[best]:
            best = epoch
        elif epoch > 0:
            waited += 1
        if waited >= patience:
            break
    return best, epoch


def with_a_counter(validation_losses, patience):
    lowest, best, waited = math.inf, 0, 0
    last = 0
    for last in range(len(validation_losses)):
        if last == 0 or validation_losses[last] < lowest:
            lowest, best, waited = validation_losses[last], last, 0
        else:
            waited += 1
        if waited >= patience:
            break
    return [best, last]


def without_a_loop(validation_losses, patience):
    losses = np.asarray(validation_losses, dtype=float)
    epochs = np.arange(len(losses))
    lowest = np.minimum.accumulate(losses)
    is_new = np.append(True, losses[1:] < lowest[:-1])
    best = np.maximum.accumulate(np.where(is_new, epochs, 0))
    ends = np.flatnonzero(epochs - best >= patience)
    last = ends[0] if len(ends) else epochs[-1]
    return np.array([best[last], last])


# ---------------------------------------------------------------- patient


def patient(**changes):
    settings = {
        "input_scale": 1 / 255,
        "weight_deviation": [math.sqrt(2 / 784), math.sqrt(2 / 64), math.sqrt(2 / 64)],
        "learning_rate": 0.2,
        "clip_norm": 0.0,
        "shuffle": True,
    }
    return {**settings, **changes}


# ---------------------------------------------------------------- global_clipping


def each_by_its_own_norm(gradients, largest):
    clipped = []
    for gradient in gradients:
        norm = np.sqrt(np.sum(gradient**2))
        clipped.append(gradient * largest / norm if norm > largest else gradient)
    return clipped


def always_to_the_norm(gradients, largest):
    norm = np.sqrt(sum(np.sum(gradient**2) for gradient in gradients))
    return [gradient * largest / norm for gradient in gradients]


def sum_of_the_norms(gradients, largest):
    norm = sum(np.sqrt(np.sum(gradient**2)) for gradient in gradients)
    return [gradient * largest / norm if norm > largest else gradient for gradient in gradients]


def norm_without_root(gradients, largest):
    norm = sum(np.sum(gradient**2) for gradient in gradients)
    return [gradient * largest / norm if norm > largest else gradient for gradient in gradients]


def all_in_one_vector(gradients, largest):
    everything = np.concatenate([np.ravel(gradient) for gradient in gradients])
    norm = np.linalg.norm(everything)
    if norm <= largest:
        return list(gradients)
    return [np.asarray(gradient) / (norm / largest) for gradient in gradients]


def with_hypot(gradients, largest):
    norm = math.hypot(*(float(x) for gradient in gradients for x in np.ravel(gradient)))
    factor = largest / max(norm, largest) if norm > 0 else 1.0
    return [np.multiply(factor, gradient) for gradient in gradients]


# ---------------------------------------------------------------- folding


def old_bias_not_scaled(weights, bias, scale, shift, moving_mean, moving_variance, epsilon):
    factor = scale / np.sqrt(moving_variance + epsilon)
    return weights * factor, bias - moving_mean * factor + shift


def mean_forgotten(weights, bias, scale, shift, moving_mean, moving_variance, epsilon):
    factor = scale / np.sqrt(moving_variance + epsilon)
    return weights * factor, bias * factor + shift


def variance_without_root(weights, bias, scale, shift, moving_mean, moving_variance, epsilon):
    factor = scale / (moving_variance + epsilon)
    return weights * factor, (bias - moving_mean) * factor + shift


def epsilon_outside(weights, bias, scale, shift, moving_mean, moving_variance, epsilon):
    factor = scale / (np.sqrt(moving_variance) + epsilon)
    return weights * factor, (bias - moving_mean) * factor + shift


def shift_scaled_too(weights, bias, scale, shift, moving_mean, moving_variance, epsilon):
    factor = scale / np.sqrt(moving_variance + epsilon)
    return weights * factor, (bias - moving_mean + shift) * factor


def fold_unit_by_unit(weights, bias, scale, shift, moving_mean, moving_variance, epsilon):
    new_weights, new_bias = np.zeros(weights.shape), []
    for j in range(weights.shape[1]):
        factor = float(scale[j]) / math.sqrt(float(moving_variance[j]) + epsilon)
        new_weights[:, j] = factor * weights[:, j]
        new_bias.append(float((bias[j] - moving_mean[j]) * factor + shift[j]))
    return [new_weights, new_bias]


def fold_by_asking(weights, bias, scale, shift, moving_mean, moving_variance, epsilon):
    def old(x):
        z = np.dot(x, weights) + bias
        return (z - moving_mean) / np.sqrt(moving_variance + epsilon) * scale + shift

    new_bias = old(np.zeros(len(weights)))
    return old(np.eye(len(weights))) - new_bias, new_bias


WRONG = {
    "leaky_initialisation": {
        "slope not squared": lambda inputs, negative_slope: np.sqrt(
            2 / (inputs * (1 + negative_slope))
        ),
        "variance instead of deviation": lambda inputs, negative_slope: (
            2 / (inputs * (1 + negative_slope**2))
        ),
        "factor 2 forgotten": lambda inputs, negative_slope: np.sqrt(
            1 / (inputs * (1 + negative_slope**2))
        ),
        "that of ReLU, slope ignored": lambda inputs, negative_slope: np.sqrt(2 / inputs),
        "straight between the two ends: right at 0 and 1 only": (
            lambda inputs, negative_slope: np.sqrt((2 - negative_slope) / inputs)
        ),
    },
    "patience": {
        "best of all losses, as if it saw the future": sees_the_future,
        "one epoch too long (> for >=)": one_epoch_too_long,
        "an equal loss counts as better": ties_are_progress,
        "compared with the epoch before, not with the best": compared_with_the_epoch_before,
        "counter never set back": counter_never_reset,
    },
    "patient": {
        "all but the order": patient(shuffle=False),
        "all but the learning rate": patient(learning_rate=3.0),
        "pixels times 255 instead of divided": patient(input_scale=255.0),
        "much too careful a rate": patient(learning_rate=0.0002),
        "weights that start at zero": patient(weight_deviation=[0.0, 0.0, 0.0]),
    },
    "global_clipping": {
        "each by its own norm": each_by_its_own_norm,
        "every number clipped": lambda gradients, largest: [
            np.clip(gradient, -largest, largest) for gradient in gradients
        ],
        "always to the norm: small ones grow": always_to_the_norm,
        "sum of the norms": sum_of_the_norms,
        "root forgotten": norm_without_root,
    },
    "folding": {
        "the old bias is not scaled": old_bias_not_scaled,
        "moving mean forgotten": mean_forgotten,
        "variance without a root": variance_without_root,
        "epsilon outside of the root": epsilon_outside,
        "the shift is scaled too": shift_scaled_too,
    },
}
RIGHT = {
    "leaky_initialisation": {
        "math, a Python float": lambda inputs, negative_slope: (
            math.sqrt(2 / inputs) / math.hypot(1, negative_slope)
        ),
        "float32 inside": leaky_in_float32,
    },
    "patience": {
        "a counter, a list": with_a_counter,
        "running minimum without a loop, an array": without_a_loop,
    },
    "patient": {
        "rounded deviations, clipped at 5": patient(
            weight_deviation=[0.05, 0.18, 0.18], clip_norm=5.0
        ),
        "array of deviations, a smaller last layer": patient(
            weight_deviation=np.sqrt(np.array([2 / 784, 2 / 64, 1 / 64])), learning_rate=0.25
        ),
    },
    "global_clipping": {
        "all in one vector": all_in_one_vector,
        "hypot and multiply": with_hypot,
    },
    "folding": {
        "unit by unit, lists": fold_unit_by_unit,
        "asks the old layer at 0 and at the unit vectors": fold_by_asking,
    },
}
