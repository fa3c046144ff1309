"""Exercises of lesson 05, training deep networks."""

import functools
import itertools
import zipfile
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from course_lib.exercises.comparison import shorten
from course_lib.exercises.exercise import Case, Exercise, Mistake, Rejected

# 1. Initial weights for leaky ReLU


def leaky_deviation(inputs, negative_slope):  # type: ignore[no-untyped-def]
    kept = (1 + negative_slope**2) / 2
    return np.sqrt(1 / (inputs * kept))


leaky_initialisation = Exercise(
    name="leaky_initialisation",
    question="Return the standard deviation of weights that keeps a signal's size in leaky ReLU.",
    reference=leaky_deviation,
    cases=[
        Case((200, 0.0), "ReLU, slope 0"),
        Case((200, 1.0), "a straight line, slope 1"),
        Case((50, 0.2)),
        Case((784, 0.5)),
    ],
    explanation="He and others (2015), equation 15. Slope 0 is ReLU, slope 1 needs no factor 2.",
    hints=[
        "What share of the mean square survives? Half of the signals are positive and stay; the "
        "other half is multiplied by the slope, and its square by the slope squared.",
        "So the share is (1 + negative_slope**2) / 2. Inputs times variance times share is 1.",
        "Solve for the variance, and take its root.",
    ],
    mistakes=[
        Mistake(
            "variance",
            lambda inputs, slope: 2 / (inputs * (1 + slope**2)),
            "that is the variance of the weights. The standard deviation is its root.",
        ),
        Mistake(
            "plain He",
            lambda inputs, slope: np.sqrt(2 / inputs),
            "this is He's deviation for ReLU, and forgets what the negative half lets through. "
            "With slope 1 it would double the mean square at every layer.",
        ),
        Mistake(
            "slope not squared",
            lambda inputs, slope: np.sqrt(2 / (inputs * (1 + slope))),
            "a signal multiplied by the slope has its mean square multiplied by the slope squared.",
        ),
        Mistake(
            "linear",
            lambda inputs, slope: np.sqrt(1 / inputs),
            "that keeps the size in a layer without activation. Which share of the mean square "
            "does leaky ReLU take away?",
        ),
        Mistake(
            "square of the sum",
            lambda inputs, slope: np.sqrt(2 / (inputs * (1 + slope) ** 2)),
            "(1 + a) squared is more than 1 + a squared. The two halves are other signals: square "
            "the factor of each, then add.",
        ),
        Mistake(
            "variance times 1 - a",
            lambda inputs, slope: np.sqrt(2 * (1 - slope) / inputs),
            "at slope 1 your weights are all zero. Do not take off what the negative half lets "
            "through; ask which share of the mean square is left.",
        ),
        Mistake(
            "deviation times 1 - a",
            lambda inputs, slope: (1 - slope) * np.sqrt(2 / inputs),
            "at slope 1 no signal would pass your weights. Start from the share of the mean square "
            "that is left, with the slope squared.",
        ),
        Mistake(
            "no half",
            lambda inputs, slope: np.sqrt(1 / (inputs * (1 + slope**2))),
            "a factor 2 is missing under the root: each half of the signals has half of the mean "
            "square, so the share that is left is half of 1 + a squared.",
        ),
        Mistake(
            "variance, slope not squared",
            lambda inputs, slope: 2 / (inputs * (1 + slope)),
            "two things: the mean square is multiplied by the slope squared, and what you have is "
            "a variance, without the root.",
        ),
        Mistake(
            "gain alone",
            lambda inputs, slope: np.sqrt(2 / (1 + slope**2)),
            "this is the gain alone. A unit adds up many inputs: the more there are, the smaller "
            "each weight.",
        ),
        Mistake(
            "share alone",
            lambda inputs, slope: (1 + slope**2) / 2,
            "this is the share of the mean square that is left. Inputs times variance times this "
            "share is 1: solve for the variance, then take the root.",
        ),
        Mistake(
            "variance upside down",
            lambda inputs, slope: inputs * (1 + slope**2) / 2,
            "this is one over the variance, and far above 1. Turn it round, and take the root.",
        ),
        Mistake(
            "half of the positive side only",
            lambda inputs, slope: np.sqrt(1 / (inputs * (0.5 + slope**2))),
            "right at slope 0, but at slope 1 more would be left than there was. The slope squared "
            "holds for the negative half of the signals only: one half belongs to it, too.",
        ),
        Mistake(
            "root of the two only",
            lambda inputs, slope: np.sqrt(2) / (inputs * (1 + slope**2)),
            "the root was taken above the line only. It goes over the whole fraction.",
        ),
        Mistake(
            "share turned round",
            lambda inputs, slope: np.sqrt((1 + slope**2) / (2 * inputs)),
            "the share stands above the line, where it belongs below: the less of a signal is "
            "left, the larger the weights must be.",
        ),
        Mistake(
            "share multiplied",
            lambda inputs, slope: np.sqrt(2 * (1 + slope**2) / inputs),
            "the larger the slope, the larger your weights. It should be the other way round: a "
            "slope lets more through, so divide by 1 + a squared.",
        ),
        Mistake(
            "variance straight between the ends",
            lambda inputs, slope: np.sqrt((2 - slope) / inputs),
            "right at slopes 0 and 1, and a straight line between. The share that is left does "
            "not grow in a straight line: it grows with the slope squared.",
        ),
        Mistake(
            "variance bent between the ends",
            lambda inputs, slope: np.sqrt((2 - slope**2) / inputs),
            "right at slopes 0 and 1 only. What grows with the slope squared is the share that is "
            "left, and the variance is one over it.",
        ),
        Mistake(
            "deviation straight between the ends",
            lambda inputs, slope: (1 - slope) * np.sqrt(2 / inputs) + slope * np.sqrt(1 / inputs),
            "you mixed the deviations of slopes 0 and 1. Start from the share of the mean square "
            "that is left, and end with the root.",
        ),
    ],
)

# 2. Clip by the global norm


def clip_together(gradients, largest):  # type: ignore[no-untyped-def]
    norm = np.sqrt(sum(np.sum(gradient**2) for gradient in gradients))
    factor = min(1.0, largest / norm) if norm > 0 else 1.0
    return [gradient * factor for gradient in gradients]


def _norm(gradients: Any) -> float:
    return float(np.sqrt(sum(np.sum(one**2) for one in gradients)))


def _each_alone(gradients: Any, largest: float) -> Any:
    return [one * min(1.0, largest / (np.linalg.norm(one) or 1.0)) for one in gradients]


def _always(gradients: Any, largest: float) -> Any:
    norm = np.sqrt(sum(np.sum(one**2) for one in gradients))
    return [one * (largest / norm if norm else 1.0) for one in gradients]


def _sum_of_norms(gradients: Any, largest: float) -> Any:
    norm = sum(np.linalg.norm(one) for one in gradients)
    return [one * min(1.0, largest / (norm or 1.0)) for one in gradients]


def _always_and_zero(gradients: Any, largest: float) -> Any:
    norm = np.sqrt(sum(np.sum(one**2) for one in gradients))
    return [one * largest / norm for one in gradients]


def _by(measure: Any) -> Any:
    """Return a clipping by another measure of all numbers than their norm."""

    def clip(gradients: Any, largest: float) -> Any:
        size = measure(np.concatenate([one.ravel() for one in gradients]))
        return [one * min(1.0, largest / (size or 1.0)) for one in gradients]

    return clip


def _by_longest(gradients: Any, largest: float) -> Any:
    norm = max(np.linalg.norm(one) for one in gradients)
    return [one * min(1.0, largest / (norm or 1.0)) for one in gradients]


def _to_length_one(gradients: Any, largest: float) -> Any:
    norm = np.sqrt(sum(np.sum(one**2) for one in gradients))
    return [one / norm if norm > largest else one for one in gradients]


def _by_most(gradients: Any, largest: float) -> Any:
    norm = np.sqrt(sum(np.sum(one**2) for one in gradients))
    return [one * max(1.0, largest / (norm or largest)) for one in gradients]


global_clipping = Exercise(
    name="global_clipping",
    question="Return the gradients, all shortened by one factor if their global norm is too large.",
    reference=clip_together,
    cases=[
        Case(([np.array([3.0]), np.array([[4.0]])], 1.0), "gradients of 3 and 4"),
        Case(([np.array([0.03, 0.04]), np.array([0.0])], 1.0), "short gradients"),
        Case(([np.array([[6.0, 0.0], [0.0, -8.0]]), np.array([0.1, -0.2])], 2.0)),
        Case(([np.zeros(2), np.zeros((1, 2))], 1.0), "gradients of zero"),
        Case(([np.array([3.0, -2.0]), np.array([[1.0], [4.0]])], 10.0), "a norm well below 10"),
        Case(([np.array([0.3]), np.array([-0.2, 0.1, 0.4])], 0.05), "a largest norm of 0.05"),
    ],
    explanation="One factor for all arrays, so the direction of the whole step stays.",
    hints=[
        "The global norm is that of one long vector: the root of the sum of all squares.",
        "The factor is largest / norm, but never more than 1.",
        "Mind a norm of zero: there is nothing to divide, and nothing to shorten.",
    ],
    mistakes=[
        Mistake(
            "each array alone",
            _each_alone,
            "you shortened each array by itself, so large ones lose more than small ones and the "
            "step turns. Keras calls that clipnorm. Compute one factor from all arrays.",
        ),
        Mistake(
            "always rescaled",
            _always,
            "you made short gradients longer. Clipping only ever shortens: the factor is at most "
            "1. Stretched gradients would never let the training settle.",
        ),
        Mistake(
            "each number cut",
            lambda gradients, largest: [np.clip(one, -largest, largest) for one in gradients],
            "you cut each number by itself, which turns the step. A norm looks at all at once.",
        ),
        Mistake(
            "sum of norms",
            _sum_of_norms,
            "norms do not add: gradients of 3 and 4 have the global norm 5, as in a right-angled "
            "triangle. Add the squares, then take the root.",
        ),
        Mistake(
            "always rescaled, and zero too",
            _always_and_zero,
            "every gradient comes out with the largest norm, short ones too, and a norm of zero "
            "makes NaN. Ask first whether the norm is too large.",
        ),
        Mistake(
            "no root",
            _by(lambda numbers: np.sum(numbers**2)),
            "you divided by the sum of the squares. The norm is its root.",
        ),
        Mistake(
            "mean of squares",
            _by(lambda numbers: np.sqrt(np.mean(numbers**2))),
            "your norm is the root of the mean of the squares. A length is the root of their sum, "
            "however many there are.",
        ),
        Mistake(
            "sum of sizes",
            _by(lambda numbers: np.sum(np.abs(numbers))),
            "your norm is the sum of all sizes. A length adds the squares, and takes the root.",
        ),
        Mistake(
            "largest number",
            _by(lambda numbers: np.max(np.abs(numbers))),
            "one factor for all, but taken from the largest single number. The global norm counts "
            "all numbers: the root of the sum of their squares.",
        ),
        Mistake(
            "longest array",
            _by_longest,
            "one factor for all, but taken from the longest array alone. The global norm counts "
            "all arrays as one long vector.",
        ),
        Mistake(
            "to length one",
            _to_length_one,
            "what is too long comes out with norm 1, whatever the largest norm allowed: multiply "
            "by largest as well.",
        ),
        Mistake(
            "compared with one",
            lambda gradients, largest: [
                one * largest / _norm(gradients) if _norm(gradients) > 1 else one
                for one in gradients
            ],
            "you shorten when the norm is above 1. It is too large when it is above largest.",
        ),
        Mistake(
            "divided by at least one",
            lambda gradients, largest: [one / max(1.0, _norm(gradients)) for one in gradients],
            "every norm above 1 becomes 1, whatever the largest one allowed. Compare the norm "
            "with largest.",
        ),
        Mistake(
            "cut above only",
            lambda gradients, largest: [np.minimum(one, largest) for one in gradients],
            "you cut single numbers, and only from above: large negative ones stay. A norm looks "
            "at all numbers at once.",
        ),
        Mistake(
            "sizes cut",
            lambda gradients, largest: [np.minimum(np.abs(one), largest) for one in gradients],
            "you cut the sizes of single numbers, and lose their signs. One factor for all keeps "
            "the direction.",
        ),
        Mistake(
            "nothing done",
            lambda gradients, largest: list(gradients),
            "the gradients come back as they were, even where their norm is too large.",
        ),
        Mistake(
            "nothing left",
            lambda gradients, largest: [
                one * 0 if _norm(gradients) > largest else one for one in gradients
            ],
            "what is too long comes back as zero. Shorten it to the largest norm, and keep its "
            "direction.",
        ),
        Mistake(
            "factor upside down",
            lambda gradients, largest: [
                one * min(1.0, _norm(gradients) / largest) for one in gradients
            ],
            "your factor is upside down: long gradients stay, and short ones become shorter.",
        ),
        Mistake(
            "factor alone",
            lambda gradients, largest: min(1.0, largest / (_norm(gradients) or 1.0)),
            "this is the factor. Multiply every gradient by it, and return them in a list.",
        ),
        Mistake(
            "mean of the norms",
            lambda gradients, largest: [
                one * min(1.0, largest / (np.mean([_norm([g]) for g in gradients]) or 1.0))
                for one in gradients
            ],
            "you took the mean of the arrays' norms. The global norm is the length of all of them "
            "together: add the squares.",
        ),
        Mistake(
            "at least the largest",
            _by_most,
            "the wrong ones are changed: short gradients are stretched, and long ones stay. The "
            "factor is at most 1, not at least.",
        ),
    ],
)

# 3. Fold batch normalisation into the layer before it


def fold(weights, bias, scale, shift, moving_mean, moving_variance, epsilon):  # type: ignore[no-untyped-def]
    factor = scale / np.sqrt(moving_variance + epsilon)
    return weights * factor, (bias - moving_mean) * factor + shift


def _folded(
    weights: Any, bias: Any, scale: Any, shift: Any, mean: Any, variance: Any, epsilon: Any
) -> Any:
    return fold(weights, bias, scale, shift, mean, variance, epsilon)


def _folding_case(seed: int, inputs: int, units: int, epsilon: float) -> Case:
    generator = np.random.default_rng(seed)
    return Case(
        (
            generator.normal(size=(inputs, units)),
            generator.normal(size=units),
            generator.uniform(0.5, 2.0, units),
            generator.normal(size=units),
            generator.normal(size=units),
            generator.uniform(0.2, 4.0, units),
            epsilon,
        ),
        f"{inputs} inputs and {units} units",
    )


folding = Exercise(
    name="folding",
    question="Fold batch normalisation in inference mode into the dense layer before it.",
    reference=fold,
    cases=[
        _folding_case(1, 3, 2, 1e-3),
        _folding_case(2, 2, 4, 0.1),
        _folding_case(3, 1, 1, 1e-3),
        _folding_case(4, 3, 3, 1e-2),
    ],
    explanation="After training, batch normalisation costs nothing.",
    hints=[
        "Write the layer after the dense one: scale * (z - mean) / deviation + shift, with "
        "z = x @ weights + bias.",
        "Call scale / deviation the factor. Then it is (x @ weights) * factor + something.",
        "The factor multiplies the columns of weights; the rest is the new bias.",
    ],
    mistakes=[
        Mistake(
            "variance, not deviation",
            lambda w, b, s, t, m, v, e: (w * s / (v + e), (b - m) * s / (v + e) + t),
            "you divided by the variance. A signal is divided by its deviation, the root of it.",
        ),
        Mistake(
            "no epsilon",
            lambda w, b, s, t, m, v, e: _folded(w, b, s, t, m, v, 0.0),
            "epsilon is missing: it is added to the variance before the root, in training and in "
            "use.",
        ),
        Mistake(
            "bias not scaled",
            lambda w, b, s, t, m, v, e: (
                w * s / np.sqrt(v + e),
                b - m * s / np.sqrt(v + e) + t,
            ),
            "the weights are right. The old bias comes before the normalisation, so it is scaled "
            "by the same factor as the rest.",
        ),
        Mistake(
            "mean forgotten",
            lambda w, b, s, t, m, v, e: _folded(w, b, s, t, 0.0, v, e),
            "the weights are right, but the moving mean is never subtracted.",
        ),
        Mistake(
            "mean added",
            lambda w, b, s, t, m, v, e: _folded(w, b, s, t, -m, v, e),
            "the weights are right, but the moving mean is added where it should be subtracted.",
        ),
        Mistake(
            "epsilon after the root",
            lambda w, b, s, t, m, v, e: _folded(w, b, s, t, m, (np.sqrt(v) + e) ** 2, 0.0),
            "epsilon belongs inside the root, with the variance.",
        ),
        Mistake(
            "shift scaled",
            lambda w, b, s, t, m, v, e: (
                w * s / np.sqrt(v + e),
                (b - m + t) * s / np.sqrt(v + e),
            ),
            "the weights are right. The shift is added after everything else, so no factor "
            "touches it.",
        ),
        Mistake(
            "shift forgotten",
            lambda w, b, s, t, m, v, e: _folded(w, b, s, 0.0, m, v, e),
            "the weights are right, but the shift is missing in the new bias.",
        ),
        Mistake(
            "scale forgotten",
            lambda w, b, s, t, m, v, e: _folded(w, b, 1.0, t, m, v, e),
            "the scale is missing: after the division by the deviation each unit is multiplied by "
            "its own.",
        ),
        Mistake(
            "scale forgotten in the bias",
            lambda w, b, s, t, m, v, e: (w * s / np.sqrt(v + e), (b - m) / np.sqrt(v + e) + t),
            "the weights are right. In the bias the scale is missing: its factor is the same.",
        ),
        Mistake(
            "mean not scaled",
            lambda w, b, s, t, m, v, e: (
                w * s / np.sqrt(v + e),
                b * s / np.sqrt(v + e) - m + t,
            ),
            "the weights are right, but the moving mean is subtracted as it is. It comes off "
            "before the scaling, so the factor that multiplies the old bias multiplies it, too.",
        ),
        Mistake(
            "bias and mean not scaled",
            lambda w, b, s, t, m, v, e: (w * s / np.sqrt(v + e), b - m + t),
            "the weights are right. Bias and mean both come before the scaling, so both get the "
            "factor.",
        ),
        Mistake(
            "shift subtracted",
            lambda w, b, s, t, m, v, e: _folded(w, b, s, -t, m, v, e),
            "the weights are right, but the shift is subtracted where it should be added.",
        ),
        Mistake(
            "multiplied by the deviation",
            lambda w, b, s, t, m, v, e: (
                w * s * np.sqrt(v + e),
                (b - m) * s * np.sqrt(v + e) + t,
            ),
            "you multiplied by the deviation. Normalising divides by it.",
        ),
        Mistake(
            "variance without epsilon",
            lambda w, b, s, t, m, v, e: (w * s / v, (b - m) * s / v + t),
            "you divided by the variance itself. The deviation is the root of variance and "
            "epsilon together.",
        ),
        Mistake(
            "divided by the scale",
            lambda w, b, s, t, m, v, e: _folded(w, b, 1 / s, t, m, v, e),
            "you divided by the scale. After the division by the deviation it multiplies.",
        ),
        Mistake(
            "shift on the weights, too",
            lambda w, b, s, t, m, v, e: (
                w * s / np.sqrt(v + e) + t,
                (b - m) * s / np.sqrt(v + e) + t,
            ),
            "the bias is right, but the shift was added to the weights, too. What is added goes "
            "to the bias only.",
        ),
        Mistake(
            "mean off the weights",
            lambda w, b, s, t, m, v, e: (
                (w - m) * s / np.sqrt(v + e),
                b * s / np.sqrt(v + e) + t,
            ),
            "the mean is that of x @ weights + bias: take it off the bias, not off the weights.",
        ),
        Mistake(
            "old bias forgotten",
            lambda w, b, s, t, m, v, e: _folded(w, 0.0, s, t, m, v, e),
            "the weights are right, but the layer's old bias is lost. It is part of what is "
            "normalised.",
        ),
        Mistake(
            "bias left as it was",
            lambda w, b, s, t, m, v, e: (w * s / np.sqrt(v + e), b),
            "the weights are right, but the bias is the old one. Mean and shift have to go "
            "somewhere.",
        ),
        Mistake(
            "weights left as they were",
            lambda w, b, s, t, m, v, e: (w, (b - m) * s / np.sqrt(v + e) + t),
            "the new bias is right, but the weights are the old ones. They are scaled by the same "
            "factor, column by column.",
        ),
    ],
)

# 4. Early stopping


def stopped(validation_losses, patience):  # type: ignore[no-untyped-def]
    best = 0
    for epoch, loss in enumerate(validation_losses):
        if loss < validation_losses[best]:
            best = epoch
        if epoch - best >= patience:
            break
    return best, epoch


def _against_last_epoch(losses: Any, patience: int) -> Any:
    worse = 0
    for epoch in range(1, len(losses)):
        worse = worse + 1 if losses[epoch] >= losses[epoch - 1] else 0
        if worse >= patience:
            break
    else:
        epoch = len(losses) - 1
    return int(np.argmin(losses[: epoch + 1])), epoch


def _never_reset(losses: Any, patience: int) -> Any:
    best, worse, epoch = 0, 0, 0
    for epoch, loss in enumerate(losses):
        if loss < losses[best]:
            best = epoch
        elif epoch > 0:
            worse += 1
        if worse >= patience:
            break
    return best, epoch


patience = Exercise(
    name="patience",
    question="Return the best epoch and the last epoch trained, for a given patience.",
    reference=stopped,
    cases=[
        Case(([0.9, 0.5, 0.6, 0.55, 0.4, 0.7, 0.6, 0.65, 0.1], 3), "losses that dip twice"),
        Case(([0.9, 0.5, 0.6, 0.55, 0.4, 0.7, 0.6, 0.65, 0.1], 2), "the same with patience 2"),
        Case(([3.0, 2.0, 1.0], 2), "losses that only fall"),
        Case(([1.0, 1.0, 1.0, 0.5], 2), "losses that stand still"),
        Case(([2.0, 1.0, 1.6, 0.9, 1.5, 0.8, 1.4, 1.3], 2), "a zigzag"),
        Case(([1.0, 0.5, 0.6, 0.7, 0.8, 0.9, 1.1, 0.2, 0.3], 2), "a long way up before a new low"),
    ],
    explanation="Counted from the best epoch, not from the last; and the best weights come back.",
    hints=[
        "Keep the number of the best epoch so far. How long ago is it?",
        "Stop in the first epoch in which epoch - best is the patience or more.",
        "Epochs after the stop are never seen, however good they would have been.",
    ],
    mistakes=[
        Mistake(
            "knows the future",
            lambda losses, patience: (int(np.argmin(losses)), len(losses) - 1),
            "you looked at all losses, but training that has stopped never sees the rest. Go "
            "through them one by one.",
        ),
        Mistake(
            "one too patient",
            lambda losses, patience: stopped(losses, patience + 1),
            "you waited one epoch too long: with patience 2 the second epoch without a new lowest "
            "loss is the last one.",
        ),
        Mistake(
            "two too patient",
            lambda losses, patience: stopped(losses, patience + 2),
            "you go on for two epochs too many after the best one. Stop in the first epoch in "
            "which epoch - best is the patience.",
        ),
        Mistake(
            "one too impatient",
            lambda losses, patience: stopped(losses, patience - 1),
            "you stop one epoch too soon: patience says how many epochs without a new lowest loss "
            "are trained.",
        ),
        Mistake(
            "best of all",
            lambda losses, patience: (int(np.argmin(losses)), stopped(losses, patience)[1]),
            "the last epoch is right, but the best is chosen among all losses, later ones "
            "included. Training that has stopped never sees those.",
        ),
        Mistake(
            "trained to the end",
            lambda losses, patience: (stopped(losses, patience)[0], len(losses) - 1),
            "the best epoch is right, but the last one is the end of the list. When did training "
            "stop?",
        ),
        Mistake(
            "best only",
            lambda losses, patience: stopped(losses, patience)[0],
            "this is the best epoch alone. Return the last one trained, too.",
        ),
        Mistake(
            "first rise",
            lambda losses, patience: stopped(losses, 1),
            "you stop at the first epoch that brings no new lowest loss, whatever the patience.",
        ),
        Mistake(
            "best and the patience",
            lambda losses, patience: (
                stopped(losses, patience)[0],
                stopped(losses, patience)[0] + patience,
            ),
            "right where training stops early. Losses may end before the patience does: then the "
            "last epoch is the last there is.",
        ),
        Mistake(
            "highest for lowest",
            lambda losses, patience: stopped([-loss for loss in losses], patience),
            "you look for the highest loss. The lower, the better.",
        ),
        Mistake(
            "last epoch's weights",
            lambda losses, patience: (stopped(losses, patience)[1], stopped(losses, patience)[1]),
            "the stop is right, but the last epoch is not the best one. Restore the weights of "
            "the epoch with the lowest loss.",
        ),
        Mistake(
            "against the epoch before",
            _against_last_epoch,
            "you compared each epoch with the one before. A loss that zigzags upwards would never "
            "stop. Compare with the lowest so far.",
        ),
        Mistake(
            "patience never renewed",
            _never_reset,
            "each new lowest loss renews the patience; you added up all bad epochs since the "
            "beginning.",
        ),
        Mistake(
            "a tie is better",
            lambda losses, patience: stopped(
                [loss - 1e-9 * epoch for epoch, loss in enumerate(losses)], patience
            ),
            "a loss that only equals the lowest is no improvement: use < and not <=.",
        ),
        Mistake(
            "how many epochs",
            lambda losses, patience: (
                stopped(losses, patience)[0],
                stopped(losses, patience)[1] + 1,
            ),
            "the best epoch is right. The second number is how many epochs were trained: the last "
            "one's number is one less, as the first is number 0.",
        ),
        Mistake(
            "counted from 1",
            lambda losses, patience: tuple(epoch + 1 for epoch in stopped(losses, patience)),
            "both are one too high: the first epoch has number 0.",
        ),
        Mistake(
            "losses",
            lambda losses, patience: tuple(losses[epoch] for epoch in stopped(losses, patience)),
            "these are the losses of the right epochs. Return the epochs' numbers.",
        ),
        Mistake(
            "lowest loss",
            lambda losses, patience: (
                losses[stopped(losses, patience)[0]],
                stopped(losses, patience)[1],
            ),
            "the last epoch is right, but the first value is the lowest loss. Return the number of "
            "its epoch.",
        ),
        Mistake(
            "after so many epochs",
            lambda losses, patience: (int(np.argmin(losses[: patience + 1])), patience),
            "you stop after as many epochs as the patience says, counted from the beginning. It "
            "is counted from the best epoch so far.",
        ),
        Mistake(
            "the other way round",
            lambda losses, patience: stopped(losses, patience)[::-1],
            "the two are swapped: the best epoch comes first, then the last.",
        ),
    ],
)

# 5. Open-ended: mend a run

STEPS = 300
ACCURACY_WANTED = 0.85
SEEDS = (1, 2, 3)
BATCH = 50
DIGITS = 10_000
SIZES = (784, 64, 64, 10)
SETTINGS = ("input_scale", "weight_deviation", "learning_rate", "clip_norm", "shuffle")


@functools.cache
def _digits() -> tuple[np.ndarray, np.ndarray]:
    """Return the first images of MNIST, and their labels.

    To unpack all of them takes longer than the three runs of a check.
    """
    from course_lib.datasets.cards import open_checked

    with zipfile.ZipFile(open_checked("mnist", "mnist.npz")) as archive:
        with archive.open("x_train.npy") as file:
            np.lib.format.read_magic(file)
            np.lib.format.read_array_header_1_0(file)
            images = np.frombuffer(file.read(DIGITS * SIZES[0]), dtype=np.uint8)
        with archive.open("y_train.npy") as file:
            labels = np.lib.format.read_array(file)
    return images.reshape(DIGITS, SIZES[0]), labels[:DIGITS]


def train_patient(settings: dict[str, Any], seed: int = 1) -> np.ndarray:
    """Train a small ReLU network on 2000 sorted digits and return its validation curve.

    Layers of 784, 64, 64 and 10 units, gradient descent, batches of 50, 300 steps.

    Args:
        settings: "input_scale", the factor on pixels of 0 to 255;
            "weight_deviation", the standard deviations of the weights of the
            three layers; "learning_rate"; "clip_norm", the largest global norm
            of a gradient, 0 for none; "shuffle", whether to shuffle each epoch.
        seed: of the digits chosen and the initial weights.

    Returns:
        The validation accuracy after each 20th step, shape (15,).

    Raises:
        ValueError: when the settings are not what is described above.
    """
    problem = _settings_problem(settings)
    if problem:
        raise ValueError(f"train_patient: {problem}")
    generator = np.random.default_rng(seed)
    images, labels = _digits()
    chosen = generator.permutation(len(images))[:3000]
    inputs, targets = images[chosen] * np.float32(settings["input_scale"]), labels[chosen]
    order = np.argsort(targets[:2000], kind="stable")
    weights = [
        (generator.normal(size=sizes) * deviation).astype(np.float32)
        for sizes, deviation in zip(
            itertools.pairwise(SIZES), settings["weight_deviation"], strict=True
        )
    ]
    biases = [np.zeros(size, dtype=np.float32) for size in SIZES[1:]]
    curve = []
    # Products this small are faster on one thread; a second would only wait, and burn a core.
    with np.errstate(all="ignore"), threadpool_limits(1, user_api="blas"):
        for step in range(STEPS):
            if step % (2000 // BATCH) == 0 and settings["shuffle"]:
                order = generator.permutation(order)
            start = step * BATCH % 2000
            rows = order[start : start + BATCH]
            gradients = _patient_gradients(inputs[rows], targets[rows], weights, biases)
            norm = np.sqrt(sum(float(np.sum(one**2)) for one in gradients))
            clip = settings["clip_norm"]
            factor = settings["learning_rate"] * (clip / norm if 0 < clip < norm else 1.0)
            for array, gradient in zip([*weights, *biases], gradients, strict=True):
                array -= np.float32(factor) * gradient
            if (step + 1) % 20 == 0:
                scores = _patient_forward(inputs[2000:], weights, biases)[-1]
                said = np.where(np.isfinite(scores).all(axis=1), scores.argmax(axis=1), -1)
                curve.append(np.mean(said == targets[2000:]))
    return np.array(curve)


def _patient_forward(
    inputs: np.ndarray, weights: list[np.ndarray], biases: list[np.ndarray]
) -> list[np.ndarray]:
    outputs = [inputs]
    for number, (weight, bias) in enumerate(zip(weights, biases, strict=True)):
        sums = outputs[-1] @ weight + bias
        outputs.append(sums if number == len(weights) - 1 else np.maximum(sums, 0))
    return outputs


def _patient_gradients(
    inputs: np.ndarray, targets: np.ndarray, weights: list[np.ndarray], biases: list[np.ndarray]
) -> list[np.ndarray]:
    outputs = _patient_forward(inputs, weights, biases)
    scores = outputs[-1] - outputs[-1].max(axis=1, keepdims=True)
    blame = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    blame[np.arange(len(targets)), targets] -= 1
    blame = blame / len(targets)
    of_weights: list[np.ndarray] = []
    of_biases: list[np.ndarray] = []
    for number in reversed(range(len(weights))):
        of_weights.insert(0, outputs[number].T @ blame)
        of_biases.insert(0, blame.sum(axis=0))
        blame = (blame @ weights[number].T) * (outputs[number] > 0)
    return [*of_weights, *of_biases]


def _settings_problem(settings: Any) -> str:
    if not isinstance(settings, dict):
        return f"the settings should be a dict, but are {shorten(settings)}."
    if set(settings) != set(SETTINGS):
        return f"the settings should have the keys {', '.join(SETTINGS)}."
    for name in ("input_scale", "learning_rate", "clip_norm"):
        if not _is_number(settings[name]) or (settings[name] <= 0 and name != "clip_norm"):
            return f"{name} should be a positive number, but is {shorten(settings[name])}."
    if settings["clip_norm"] < 0:
        return f"clip_norm should be 0 or positive, but is {settings['clip_norm']}."
    if not isinstance(settings["shuffle"], bool):
        return f"shuffle should be True or False, but is {shorten(settings['shuffle'])}."
    deviations = settings["weight_deviation"]
    if isinstance(deviations, np.ndarray):
        deviations = deviations.tolist()
    good = isinstance(deviations, list | tuple) and len(deviations) == len(SIZES) - 1
    if good and all(_is_number(one) and one >= 0 for one in deviations) and not all(deviations):
        return (
            "a weight_deviation of 0 starts all weights of a layer at 0: its units then say the "
            "same of every image. Give three positive numbers."
        )
    if not good or not all(_is_number(one) and one > 0 for one in deviations):
        return "weight_deviation should be a list of three positive numbers, one a layer."
    return ""


def _is_number(value: Any) -> bool:
    plain = isinstance(value, int | float | np.integer | np.floating)
    return plain and not isinstance(value, bool) and bool(np.isfinite(value))


MENDED = {
    "input_scale": 1 / 255,
    "weight_deviation": [np.sqrt(2 / 784), np.sqrt(2 / 64), np.sqrt(2 / 64)],
    "learning_rate": 0.2,
    "clip_norm": 0.0,
    "shuffle": True,
}


def _judge_patient(answer: Any) -> str:
    problem = _settings_problem(answer)
    if problem:
        raise Rejected(problem)
    curves = [train_patient(answer, seed) for seed in SEEDS]
    worst = min(float(curve[-1]) for curve in curves)
    if worst >= ACCURACY_WANTED:
        return ""
    # An accuracy here counts thousandths, so that nothing is rounded up to what is wanted.
    result = f"the worst of three seeds ends at {worst:.3f}."
    if not 1e-3 <= answer["input_scale"] <= 0.05:
        return (
            f"{result} Look at the inputs first: pixels go from 0 to 255, and with your scale "
            f"up to {255 * answer['input_scale']:.3g}. They should be of the order of 1."
        )
    growth = [
        deviation / np.sqrt(2 / size)
        for deviation, size in zip(answer["weight_deviation"], SIZES[:-1], strict=True)
    ]
    if max(growth) > 3 or min(growth) < 1 / 3 or not 1 / 5 < np.prod(growth) < 5:
        return (
            f"{result} Compare your weights with He's: the three layers multiply the signal by "
            f"{growth[0]:.2g}, {growth[1]:.2g} and {growth[2]:.2g}, where it should be about 1."
        )
    if not answer["shuffle"]:
        return (
            f"{result} Look at the order: the digits come sorted, so the network forgets the "
            "first ones while it sees the last."
        )
    # A run that is too fast has been better than it ends, or never left the ground.
    fallen = max(float(curve.max() - curve[-1]) for curve in curves) > 0.1
    if fallen or answer["learning_rate"] > 0.5:
        return f"{result} Scale, weights and order will do; the learning rate is too high."
    clipped = ", or the clipping norm, if it shortens most of them" * (answer["clip_norm"] > 0)
    return (
        f"{result} Scale, weights and order will do, and it still creeps when its 300 steps are "
        f"over: the steps are too short. Raise the learning rate{clipped}."
    )


patient = Exercise(
    name="patient",
    question="Mend a run: settings that reach a validation accuracy of 0.85 in 300 steps.",
    reference=MENDED,
    accept=_judge_patient,
    explanation="Scale, weights, order, rate: the checks in the order in which they pay.",
    seconds=60.0,
    hints=[
        "Go through the four questions of the lesson, in their order. What range do the inputs "
        "have? Which deviations does He prescribe for 784, 64 and 64 inputs?",
        "input_scale 1 / 255; weight_deviation np.sqrt(2 / inputs) for each layer; shuffle.",
        "Then try rates of 0.05, 0.1, 0.2 and 0.4 and draw train_patient(settings) for each.",
    ],
    mistakes=[
        Mistake(
            "only the rate lowered",
            {
                "input_scale": 1.0,
                "weight_deviation": [1.0, 1.0, 1.0],
                "learning_rate": 1e-5,
                "clip_norm": 0.0,
                "shuffle": True,
            },
            "Look at the inputs first",
        ),
        Mistake(
            "weights left as they were",
            {**MENDED, "weight_deviation": [1.0, 1.0, 1.0]},
            "Compare your weights with He's",
        ),
        Mistake(
            "weights of zero",
            {**MENDED, "weight_deviation": [0.0, 0.0, 0.0]},
            "starts all weights of a layer at 0",
        ),
        Mistake("not shuffled", {**MENDED, "shuffle": False}, "Look at the order"),
        Mistake(
            "rate still too high",
            {**MENDED, "learning_rate": 3.0},
            "the learning rate is too high.",
        ),
        Mistake(
            "rate too low",
            {**MENDED, "learning_rate": 0.003},
            "the steps are too short. Raise the learning rate.",
        ),
        Mistake(
            "clipped too much",
            {**MENDED, "clip_norm": 0.03},
            "Raise the learning rate, or the clipping norm",
        ),
    ],
)
