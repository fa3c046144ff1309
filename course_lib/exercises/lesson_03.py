"""Exercises of lesson 03, losses and optimisers."""

from typing import Any

import numpy as np

from course_lib.exercises.comparison import name_type
from course_lib.exercises.exercise import Case, Exercise, Mistake, Rejected, call
from course_lib.scratch.optimizers import Adam, GradientDescent, Momentum

# 1. The slope of Huber's loss


def huber_slope(errors, delta):  # type: ignore[no-untyped-def]
    return np.clip(errors, -delta, delta)


huber_derivative = Exercise(
    name="huber_derivative",
    question="Return the derivative of Huber's loss with respect to each error.",
    reference=huber_slope,
    cases=[
        Case((np.array([-3.0, -0.5, 0.0, 0.5, 3.0]), 1.0)),
        Case((np.array([[0.2, -4.0], [2.5, -2.0]]), 2.0)),
        Case((np.array([0.1, -0.3]), 0.25)),
    ],
    explanation="A pull that grows with the error up to delta, and then pulls no harder.",
    hints=[
        "Two formulas, one for each piece: differentiate e**2 / 2 and delta * (|e| - delta / 2).",
        "The derivative of |e| is the sign of e. Where |e| is at most delta the answer is e.",
        "np.clip does both pieces at once.",
    ],
    mistakes=[
        Mistake(
            "squared error everywhere",
            lambda errors, delta: 1.0 * errors,
            "this is the slope of the squared piece everywhere, so an outlier still pulls without "
            "limit. Beyond delta the loss is a straight line: what is its slope?",
        ),
        Mistake(
            "factor 2",
            lambda errors, delta: np.where(
                np.abs(errors) <= delta, 2 * errors, delta * np.sign(errors)
            ),
            "the squared piece is e**2 / 2, with a half that cancels the 2 of its derivative. With "
            "2 e the two pieces would not meet at delta.",
        ),
        Mistake(
            "sign without delta",
            lambda errors, delta: np.where(np.abs(errors) <= delta, errors, np.sign(errors)),
            "beyond delta the loss is delta times |e| and a constant, so the slope is delta times "
            "the sign and not the sign alone.",
        ),
        Mistake(
            "no sign",
            lambda errors, delta: np.where(np.abs(errors) <= delta, errors, delta),
            "an error far below zero pulls as hard as one far above, but the other way. Your slope "
            "for large negative errors has lost its sign.",
        ),
        Mistake(
            "one side only",
            lambda errors, delta: np.where(errors <= delta, errors, delta),
            "you cut off the large positive errors only. Far below zero the error is smaller than "
            "delta too: compare its size, np.abs(errors).",
        ),
        Mistake(
            "turned round",
            lambda errors, delta: -np.clip(errors, -delta, delta),
            "the size is right, and the sign turned round. The error is prediction minus target, "
            "and the loss rises with it where it is positive.",
        ),
        Mistake(
            "divided by n",
            lambda errors, delta: np.clip(errors, -delta, delta) / np.size(errors),
            "right, but divided by the number of errors. Here each error's own slope is asked for, "
            "without the mean.",
        ),
        Mistake(
            "divided by the rows",
            lambda errors, delta: np.clip(errors, -delta, delta) / len(errors),
            "right, but divided by len(errors), as in the slope of a mean. Each error's own slope "
            "is asked for.",
        ),
        Mistake(
            "the loss itself",
            lambda errors, delta: np.where(
                np.abs(errors) <= delta,
                np.square(errors) / 2,
                delta * (np.abs(errors) - delta / 2),
            ),
            "this is Huber's loss. Its slope in the error is asked for: differentiate each piece.",
        ),
        Mistake(
            "loss beyond delta, slope inside",
            lambda errors, delta: np.where(
                np.abs(errors) <= delta, errors, delta * (np.abs(errors) - delta / 2)
            ),
            "inside delta you have the slope, beyond it still the loss. Differentiate that piece, "
            "too.",
        ),
        Mistake(
            "loss inside, slope beyond delta",
            lambda errors, delta: np.where(
                np.abs(errors) <= delta, np.square(errors) / 2, delta * np.sign(errors)
            ),
            "beyond delta you have the slope, inside it still the loss. Differentiate that piece, "
            "too.",
        ),
        Mistake(
            "square inside, slope beyond delta",
            lambda errors, delta: np.where(
                np.abs(errors) <= delta, np.square(errors), delta * np.sign(errors)
            ),
            "the straight piece is right. Inside delta you have the error squared: its slope is "
            "asked for, of e**2 / 2.",
        ),
        Mistake(
            "sign everywhere",
            lambda errors, delta: np.sign(errors),
            "this is the slope of the absolute error. Huber's loss is a square near 0, so that "
            "small errors pull less, and a straight line of slope delta beyond.",
        ),
        Mistake(
            "delta times the sign everywhere",
            lambda errors, delta: delta * np.sign(errors),
            "you have the slope of the straight piece everywhere. Inside delta the loss is a "
            "square, and small errors pull less.",
        ),
        Mistake(
            "clipped at one",
            lambda errors, delta: np.clip(errors, -1.0, 1.0),
            "you clip at 1, whatever delta is.",
        ),
        Mistake(
            "delta times the error",
            lambda errors, delta: np.where(np.abs(errors) <= delta, errors, delta * errors),
            "beyond delta your slope still grows with the error. The loss is a straight line "
            "there: one slope for all, with the error's sign.",
        ),
        Mistake(
            "nothing inside delta",
            lambda errors, delta: np.where(np.abs(errors) <= delta, 0, delta * np.sign(errors)),
            "beyond delta it is right. Inside, the loss is a square and not flat: small errors "
            "pull a little.",
        ),
        Mistake(
            "half of delta beyond it",
            lambda errors, delta: np.where(
                np.abs(errors) <= delta, errors, delta / 2 * np.sign(errors)
            ),
            "inside delta it is right. The half in the straight piece belongs to its constant: "
            "the slope is delta times the sign.",
        ),
        Mistake(
            "cut below only",
            lambda errors, delta: np.maximum(errors, -delta),
            "you cut off the large negative errors only. Those far above zero pull too hard still.",
        ),
        Mistake(
            "wrong sign beyond delta",
            lambda errors, delta: np.where(
                np.abs(errors) <= delta, errors, -delta * np.sign(errors)
            ),
            "inside delta it is right. Beyond it the sign is turned round: an outlier would push "
            "the prediction further away.",
        ),
        Mistake(
            "nothing beyond delta",
            lambda errors, delta: np.where(np.abs(errors) <= delta, errors, 0),
            "beyond delta you have slope 0, as if an outlier did not count. The loss goes on "
            "rising there, along a straight line.",
        ),
        Mistake(
            "half the slope inside",
            lambda errors, delta: np.where(
                np.abs(errors) <= delta, errors / 2, delta * np.sign(errors)
            ),
            "the straight piece is right. Inside delta the loss is e**2 / 2, and differentiating "
            "the square gives a 2 that cancels the half.",
        ),
        Mistake(
            "a constant differentiated to itself",
            lambda errors, delta: np.where(
                np.abs(errors) <= delta, errors, delta * (np.sign(errors) - delta / 2)
            ),
            "the piece inside is right. In the straight piece delta / 2 is a constant, and "
            "constants have no slope.",
        ),
        Mistake(
            "pieces exchanged",
            lambda errors, delta: np.where(np.abs(errors) > delta, errors, delta * np.sign(errors)),
            "both pieces are there, on the wrong sides of delta: small errors pull with their "
            "own size, large ones with delta.",
        ),
    ],
)

# 2. Binary cross-entropy that survives a thousand


def binary_surprise(targets, logits):  # type: ignore[no-untyped-def]
    softplus = np.maximum(logits, 0) + np.log(1 + np.exp(-np.abs(logits)))
    return softplus - targets * logits


def _surprise_through_sigmoid(targets: Any, logits: Any, least: Any) -> Any:
    p = np.clip(1 / (1 + np.exp(-logits)), least, 1 - least)
    return -(targets * np.log(p) + (1 - targets) * np.log(1 - p))


def _surprise_at_least(least: float) -> Any:
    return lambda targets, logits: _surprise_through_sigmoid(targets, logits, least)


def _surprise_with_added(small: float) -> Any:
    def surprise(targets: Any, logits: Any) -> Any:
        p = 1 / (1 + np.exp(-logits))
        return -(targets * np.log(p + small) + (1 - targets) * np.log(1 - p + small))

    return surprise


def _surprise_of_clipped(limit: float) -> Any:
    return lambda targets, logits: binary_surprise(targets, np.clip(logits, -limit, limit))


stable_surprise = Exercise(
    name="stable_surprise",
    question="Return the binary cross-entropy of each example from its logit, whatever its size.",
    reference=binary_surprise,
    cases=[
        Case((np.array([0.0, 1.0, 0.0, 1.0]), np.array([-2.0, -2.0, 0.5, 3.0]))),
        Case((np.array([1.0, 0.0]), np.array([-1000.0, 1000.0])), "logits of -1000 and 1000"),
        Case(
            (np.array([1.0, 0.0, 1.0]), np.array([1000.0, -1000.0, 40.0])), "logits that are right"
        ),
    ],
    explanation="A wrong answer at a logit of 1000 costs 1000: large, finite, and with a gradient.",
    hints=[
        "With p = 1 / (1 + exp(-z)), the surprise of target 0 is log(1 + exp(z)), and that of "
        "target 1 is log(1 + exp(-z)). Their difference is z.",
        "So the answer is log(1 + exp(z)) - y z. Now only log(1 + exp(z)) has to survive 1000.",
        "It is log-sum-exp of 0 and z. Take out the larger: max(z, 0) + log(1 + exp(-|z|)).",
    ],
    mistakes=[
        Mistake(
            "through the sigmoid",
            lambda targets, logits: _surprise_through_sigmoid(targets, logits, 0.0),
            "for large logits the sigmoid rounds to exactly 0 or 1, and its logarithm is then "
            "infinite, or NaN when it is multiplied by 0. Simplify on paper before you compute: "
            "the exponential and the logarithm undo each other.",
        ),
        Mistake(
            "through the sigmoid, chosen by the target",
            lambda targets, logits: np.where(
                targets == 1,
                -np.log(1 / (1 + np.exp(-logits))),
                -np.log(1 - 1 / (1 + np.exp(-logits))),
            ),
            "where the model is sure and wrong, the sigmoid has been rounded to exactly 0 or 1 "
            "and the surprise is infinite. Simplify on paper, so that no sigmoid is needed.",
        ),
        *(
            Mistake(
                f"probabilities of at least {least:g}",
                _surprise_at_least(least),
                f"a smallest probability of {least:g} keeps the logarithm finite, but it says "
                f"{-np.log(least):.1f} where the truth is 1000, and its gradient is zero there: "
                "the worst examples would teach nothing. Start from the logit instead.",
            )
            for least in (1e-15, 1e-12, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5)
        ),
        *(
            Mistake(
                f"{small:g} added",
                _surprise_with_added(small),
                f"{small:g} added inside the logarithm keeps it finite, but then the largest "
                f"surprise there is is {-np.log(small):.1f}, where the truth is 1000. Nothing "
                "needs adding if you start from the logit.",
            )
            for small in (1e-16, 1e-15)
        ),
        *(
            Mistake(
                f"logits clipped at {limit}",
                _surprise_of_clipped(limit),
                f"clipped at {limit}, the logits or the result: nothing overflows, but it says "
                f"{limit} where the truth is 1000. Clip nothing: rewrite the formula so that it "
                "cannot overflow.",
            )
            for limit in (15, 20, 30, 36, 50, 80, 88, 100, 200, 300, 500, 600, 700, 709)
        ),
        Mistake(
            "clipped in single precision",
            lambda targets, logits: _surprise_through_sigmoid(
                targets.astype(np.float32), logits.astype(np.float32), np.float32(1e-7)
            ),
            "the probabilities are clipped at 1e-7, in single precision, as Keras does without "
            "from_logits. Where the truth is 1000 that says about 16: start from the logit.",
        ),
        Mistake(
            "infinity made a number",
            lambda targets, logits: np.nan_to_num(_surprise_through_sigmoid(targets, logits, 0.0)),
            "nan_to_num turns the infinity into the largest number there is. The right one is "
            "lost before it: simplify first.",
        ),
        Mistake(
            "smaller for larger",
            lambda targets, logits: (
                np.minimum(logits, 0) + np.log(1 + np.exp(-np.abs(logits))) - targets * logits
            ),
            "the part with the logarithm is right, but for a large logit nothing grows: the "
            "larger of 0 and z comes out of the logarithm, not the smaller.",
        ),
        Mistake(
            "target without its logit",
            lambda targets, logits: np.logaddexp(0, logits) - targets,
            "right where the target is 0. Where it is 1 you subtract 1: what is subtracted there "
            "is the logit.",
        ),
        Mistake(
            "targets exchanged",
            lambda targets, logits: np.logaddexp(0, logits) - (1 - targets) * logits,
            "you have the two classes exchanged: a large logit says 1, and should cost little "
            "where the target is 1.",
        ),
        Mistake(
            "targets of 0 cost nothing",
            lambda targets, logits: targets * np.logaddexp(0, -logits),
            "right where the target is 1, but where it is 0 you charge nothing: there the "
            "surprise is -log(1 - p).",
        ),
        Mistake(
            "targets of 1 cost nothing",
            lambda targets, logits: (1 - targets) * np.logaddexp(0, logits),
            "right where the target is 0, but where it is 1 you charge nothing: there the "
            "surprise is -log p.",
        ),
        Mistake(
            "the slope",
            lambda targets, logits: 1 / (1 + np.exp(-logits)) - targets,
            "this is the slope of the surprise, probability minus target. The surprise itself is "
            "asked for.",
        ),
        Mistake(
            "hinge",
            lambda targets, logits: np.maximum(0, 1 - (2 * targets - 1) * logits),
            "this is the hinge loss, which is 0 for answers that are right with room to spare. A "
            "surprise is never quite 0.",
        ),
        Mistake(
            "absolute value with the wrong sign",
            lambda targets, logits: (
                np.maximum(logits, 0) + np.log(1 + np.exp(np.abs(logits))) - targets * logits
            ),
            "the exponent is above 0 on both sides, so it overflows on both: e to the minus |z|.",
        ),
        Mistake(
            "logarithm subtracted",
            lambda targets, logits: (
                np.maximum(logits, 0) - np.log(1 + np.exp(-np.abs(logits))) - targets * logits
            ),
            "right far away from 0. Near it the part with the logarithm has the wrong sign, and "
            "a surprise below 0 comes out.",
        ),
        Mistake(
            "every target taken for 1",
            lambda targets, logits: np.logaddexp(0, -logits),
            "that is right where the target is 1. Where it is 0, add the logit.",
        ),
        Mistake(
            "logit added",
            lambda targets, logits: np.logaddexp(0, logits) + targets * logits,
            "right where the target is 0. Where it is 1 you add the logit, so that the better "
            "the answer, the more it costs.",
        ),
        Mistake(
            "no absolute value",
            lambda targets, logits: (
                np.maximum(logits, 0) + np.log(1 + np.exp(-logits)) - targets * logits
            ),
            "right for logits from 0 upwards. For those below, e to the minus z is larger than 1, "
            "and it overflows: whatever the sign of z, the exponent must not be above 0.",
        ),
        Mistake(
            "the large part only",
            lambda targets, logits: np.maximum(logits, 0) - targets * logits,
            "right far away from 0 only: a logit of 0.5 is no certainty. The part with the "
            "logarithm is missing.",
        ),
        Mistake(
            "target forgotten",
            lambda targets, logits: np.logaddexp(0, logits),
            "that is right where the target is 0. Where it is 1, subtract the logit.",
        ),
        Mistake(
            "exponential of a large number",
            lambda targets, logits: np.log(1 + np.exp(logits)) - targets * logits,
            "the formula is right, but exp(1000) is not a number that a computer can hold. Take "
            "the larger of 0 and z out of the logarithm first.",
        ),
        Mistake(
            "mean",
            lambda targets, logits: np.mean(binary_surprise(targets, logits)),
            "this is the mean over the examples. Return the surprise of each.",
        ),
    ],
)

# 3. A ball that rolls


def momentum_step(parameters, velocity, gradients, learning_rate, momentum):  # type: ignore[no-untyped-def]
    velocity = momentum * velocity - learning_rate * gradients
    return parameters + velocity, velocity


heavy_ball = Exercise(
    name="heavy_ball",
    question="Take one step of momentum; return the new parameters and the new velocity.",
    reference=momentum_step,
    cases=[
        Case((np.array([1.0, -2.0]), np.array([0.5, 0.25]), np.array([2.0, -4.0]), 0.1, 0.9)),
        Case((3.0, -1.0, 5.0, 0.01, 0.5)),
        Case((np.array([[0.0], [1.0]]), np.zeros((2, 1)), np.array([[1.0], [2.0]]), 0.2, 0.8)),
    ],
    explanation="The velocity first, then the parameters, with the new velocity.",
    hints=[
        "Two lines. The new velocity is a share of the old one plus a step downhill.",
        "Downhill is -learning_rate * gradients. The parameters then move by the new velocity.",
    ],
    mistakes=[
        Mistake(
            "old velocity",
            lambda w, v, g, rate, b: (w + v, b * v - rate * g),
            "you moved by the old velocity, so the gradient just measured has no say until the "
            "next step. Update the velocity first.",
        ),
        Mistake(
            "uphill",
            lambda w, v, g, rate, b: (w + b * v + rate * g, b * v + rate * g),
            "your velocity gains speed uphill. The gradient points up, so it is subtracted.",
        ),
        Mistake(
            "averaged",
            lambda w, v, g, rate, b: (
                w + b * v - (1 - b) * rate * g,
                b * v - (1 - b) * rate * g,
            ),
            "you weighted the gradient with 1 - momentum. That is a running mean, as in Adam; in "
            "Polyak's momentum the whole step is added.",
        ),
        Mistake(
            "nesterov",
            lambda w, v, g, rate, b: (
                w + b * (b * v - rate * g) - rate * g,
                b * v - rate * g,
            ),
            "that is Nesterov's step, which applies the momentum once more. Here the parameters "
            "move by the new velocity as it is.",
        ),
        Mistake(
            "velocity kept back",
            lambda w, v, g, rate, b: w + b * v - rate * g,
            "the parameters are right. The next step needs the velocity too: return both, "
            "parameters first.",
        ),
        Mistake(
            "rate outside",
            lambda w, v, g, rate, b: (w - rate * (b * v + g), b * v + g),
            "you add up gradients and multiply by the rate when you move, as some libraries do. It "
            "is as good while the rate stays fixed. Here, as in Keras, the rate is inside the "
            "velocity, and the parameters move by the velocity itself.",
        ),
        Mistake(
            "uphill velocity, no rate",
            lambda w, v, g, rate, b: (w - (b * v + g), b * v + g),
            "the learning rate is missing, and your velocity points uphill and is subtracted. "
            "The gradient times the rate is taken off the velocity.",
        ),
        Mistake(
            "momentum turned round",
            lambda w, v, g, rate, b: (w - b * v - rate * g, b * v - rate * g),
            "the velocity is right, but the parameters go against what is left of the old one. "
            "They move by the new velocity.",
        ),
        Mistake(
            "rate and momentum exchanged",
            lambda w, v, g, rate, b: (w + rate * v - b * g, rate * v - b * g),
            "rate and momentum are exchanged: momentum is the share of the old velocity, the rate "
            "the length of the step downhill.",
        ),
        Mistake(
            "velocity turned round",
            lambda w, v, g, rate, b: (w - (b * v + rate * g), b * v + rate * g),
            "your velocity points uphill and is subtracted. The velocity that you are given "
            "points where the ball rolls: it is added.",
        ),
        Mistake(
            "moved backwards",
            lambda w, v, g, rate, b: (w - (b * v - rate * g), b * v - rate * g),
            "the velocity is right, but you subtract it: a ball moves with its velocity.",
        ),
        Mistake(
            "no momentum",
            lambda w, v, g, rate, b: (w + v - rate * g, v - rate * g),
            "the old velocity counts in full: nothing ever slows the ball down. Keep only the "
            "share of it that momentum says.",
        ),
        Mistake(
            "shares exchanged",
            lambda w, v, g, rate, b: (w + (1 - b) * v - rate * g, (1 - b) * v - rate * g),
            "you keep 1 - momentum of the old velocity. Momentum is the share that is kept.",
        ),
        Mistake(
            "velocity alone",
            lambda w, v, g, rate, b: b * v - rate * g,
            "this is the new velocity alone. Return the new parameters first, and then it.",
        ),
        Mistake(
            "velocity never used",
            lambda w, v, g, rate, b: (w - rate * g, v),
            "this is a step of plain gradient descent, and the velocity stays as it was. It "
            "should change first, and then move the parameters.",
        ),
        Mistake(
            "old velocity returned",
            lambda w, v, g, rate, b: (w + b * v - rate * g, v),
            "the parameters are right, but you return the old velocity: the next step would "
            "begin as if this one had not been.",
        ),
        Mistake(
            "rate forgotten",
            lambda w, v, g, rate, b: (w + b * v - g, b * v - g),
            "the learning rate is missing: the whole gradient enters the velocity.",
        ),
        Mistake(
            "rate on everything",
            lambda w, v, g, rate, b: (w + rate * (b * v - g), b * v - g),
            "your velocity holds the whole gradient, and the rate shortens the move instead, old "
            "speed included. Here the rate goes with the gradient, inside the velocity.",
        ),
        Mistake(
            "rate twice",
            lambda w, v, g, rate, b: (w + rate * (b * v - rate * g), b * v - rate * g),
            "the velocity is right, but the parameters move by the rate times it. The rate is in "
            "the velocity already.",
        ),
        Mistake(
            "moved by the old speed in full",
            lambda w, v, g, rate, b: (w + v - rate * g, b * v - rate * g),
            "the velocity is right. The parameters move by it, and not by the old one and the "
            "gradient: of the old one only a share is left.",
        ),
        Mistake(
            "running mean, rate outside",
            lambda w, v, g, rate, b: (
                w - rate * (b * v + (1 - b) * g),
                b * v + (1 - b) * g,
            ),
            "you keep a running mean of gradients, as Adam does, and multiply by the rate when "
            "you move. Here the velocity takes the whole step, with the rate inside.",
        ),
        Mistake(
            "momentum on the gradient, too",
            lambda w, v, g, rate, b: (w + b * (v - rate * g), b * (v - rate * g)),
            "momentum shortens the new step, too. It is the share of the old velocity only.",
        ),
        Mistake(
            "parameters by the gradient alone",
            lambda w, v, g, rate, b: (w - rate * g, b * v - rate * g),
            "the velocity is right, but it does not move the parameters: they take the step of "
            "plain gradient descent.",
        ),
        Mistake(
            "swapped",
            lambda w, v, g, rate, b: (b * v - rate * g, w + b * v - rate * g),
            "both are right, in the other order: return the parameters first, then the velocity.",
        ),
    ],
)

# 4. Adam's bias correction


def corrected_mean(gradients, beta_1):  # type: ignore[no-untyped-def]
    mean = 0.0
    for gradient in gradients:
        mean = beta_1 * mean + (1 - beta_1) * gradient
    return mean / (1 - beta_1 ** len(gradients))


def _corrected_each_time(gradients: Any, beta_1: float) -> Any:
    mean = 0.0
    for step, gradient in enumerate(gradients, 1):
        mean = (beta_1 * mean + (1 - beta_1) * gradient) / (1 - beta_1**step)
    return mean


def _from_the_first(gradients: Any, beta_1: float) -> Any:
    mean = gradients[0]
    for gradient in gradients[1:]:
        mean = beta_1 * mean + (1 - beta_1) * gradient
    return mean


def _corrected(gradients: Any, beta_1: float, correction: float, share: float) -> Any:
    mean = 0.0
    for gradient in gradients:
        mean = beta_1 * mean + share * gradient
    return mean / correction if correction else np.inf


bias_correction = Exercise(
    name="bias_correction",
    question="Return Adam's mean gradient after a list of gradients, corrected for its start at 0.",
    reference=corrected_mean,
    cases=[
        Case((np.array([4.0, 4.0, 4.0]), 0.9), "three gradients of 4"),
        Case((np.array([0.5, -0.2, 0.1, 0.3]), 0.9)),
        Case((np.array([2.0, -1.0]), 0.5)),
    ],
    explanation="Equal gradients now have their own value as their mean, from the first step on.",
    hints=[
        "A loop for the running mean, from 0; then one division at the end.",
        "Three gradients of 4 should have the mean 4. Without the correction they have 1.084, "
        "which is 4 times 1 - 0.9**3.",
    ],
    mistakes=[
        Mistake(
            "no correction",
            lambda g, b: _corrected(g, b, 1.0, 1 - b),
            "this is the running mean itself, which starts at 0 and is too small for a while: "
            "three gradients of 4 do not have the mean 1.084. Divide by what is missing.",
        ),
        Mistake(
            "no power",
            lambda g, b: _corrected(g, b, 1 - b, 1 - b),
            "you divided by 1 - beta_1 whatever the step. The correction fades: after t gradients "
            "it is 1 - beta_1**t.",
        ),
        Mistake(
            "counted from zero",
            lambda g, b: _corrected(g, b, 1 - b ** (len(g) - 1), 1 - b),
            "your t is one too small: the first gradient is step 1, so after all of them t is "
            "len(gradients).",
        ),
        Mistake(
            "published root",
            lambda g, b: _corrected(g, b, (1 - b**2) ** 0.5, 1 - b),
            "sqrt(1 - beta_1**2) is the printed formula that the lesson takes apart. It has a "
            "fixed power and a root that the mean does not need.",
        ),
        Mistake(
            "full share",
            lambda g, b: _corrected(g, b, 1 - b ** len(g), 1.0),
            "each new gradient enters the running mean with the share 1 - beta_1, so that the "
            "shares add up to a mean.",
        ),
        Mistake(
            "plain mean",
            lambda g, b: np.mean(g),
            "this is the plain mean, in which every gradient counts the same. Adam's fades: each "
            "step keeps the share beta_1 of the old mean.",
        ),
        Mistake(
            "multiplied",
            lambda g, b: _corrected(g, b, 1 / (1 - b ** len(g)), 1 - b),
            "you multiplied by 1 - beta_1**t, and made a mean that is too small smaller. Divide.",
        ),
        Mistake(
            "from the first gradient",
            _from_the_first,
            "your mean starts at the first gradient, which then counts more than any other. "
            "Adam's starts at 0, and the division at the end makes up for it.",
        ),
        Mistake(
            "from the first gradient, and corrected",
            lambda g, b: _from_the_first(g, b) / (1 - b ** len(g)),
            "your mean starts at the first gradient, and is corrected as if it had started at 0. "
            "Start it there.",
        ),
        Mistake(
            "shares exchanged",
            lambda g, b: corrected_mean(g, 1 - b),
            "beta_1 and 1 - beta_1 are exchanged throughout. beta_1 is the share of the old mean "
            "that is kept, mostly near 1.",
        ),
        Mistake(
            "shares exchanged in the mean",
            lambda g, b: _corrected(g, 1 - b, 1 - b ** len(g), b),
            "the correction is right, but in the loop beta_1 weights the new gradient. It is the "
            "share of the old mean.",
        ),
        Mistake(
            "shares exchanged, and no correction",
            lambda g, b: _corrected(g, 1 - b, 1.0, b),
            "in your loop beta_1 weights the new gradient, where it should weight the old mean; "
            "and the start at 0 is still to be corrected.",
        ),
        Mistake(
            "corrected each time",
            _corrected_each_time,
            "you correct in every step and go on from the corrected mean. Go on from the mean as "
            "it is, and correct once, after the loop.",
        ),
        Mistake(
            "counted one too far",
            lambda g, b: _corrected(g, b, 1 - b ** (len(g) + 1), 1 - b),
            "your t is one too large: after all gradients it is len(gradients).",
        ),
    ],
)

# 5. Open-ended: through a steep ravine

STEEPNESS = np.array([1.0, 100.0])
STARTS = ((-2.0, 0.8), (1.5, 1.0), (0.3, -1.2))
STEPS = 100
LOSS_WANTED = 1e-4


def steep_loss(parameters: np.ndarray) -> float:
    """Return the loss of the steep ravine, (w_1^2 + 100 w_2^2) / 2."""
    return float(np.sum(STEEPNESS * np.square(parameters)) / 2)


def steep_gradient(parameters: np.ndarray) -> np.ndarray:
    """Return the gradient of the steep ravine, shape (2,)."""
    return STEEPNESS * parameters


def loss_after(optimizer: Any, start: tuple[float, float] = STARTS[0], steps: int = STEPS) -> float:
    """Walk down the steep ravine and return the loss at the end.

    Args:
        optimizer: anything with `step(parameters, gradients)`.
        start: where to begin.
        steps: how many steps to take.
    """
    parameters = np.array(start)
    for _ in range(steps):
        parameters = np.asarray(optimizer.step(parameters, steep_gradient(parameters)))
        if parameters.shape != (2,):
            raise ValueError(f"step should return shape (2,), but returned {parameters.shape}.")
    return steep_loss(parameters)


def through_the_ravine():  # type: ignore[no-untyped-def]
    return Momentum(learning_rate=0.03, momentum=0.7)


def _is_plain(optimizer: Any) -> bool:
    """Say whether steps are the gradient times one rate, whatever came before."""
    gradients = np.array([[1.0, 1.0], [2.0, 1.0]])
    steps = np.array([optimizer.step(np.zeros(2), gradient) for gradient in gradients])
    return np.allclose(steps, steps[0, 0] * gradients)


def _speed_kept(optimizer: Any) -> tuple[float, float]:
    """Return the rate and the share of the speed kept, or NaN where it is not one share."""
    gradients = [np.ones(2), *[np.zeros(2)] * 3]
    steps = np.array([optimizer.step(np.zeros(2), gradient) for gradient in gradients])[:, 0]
    with np.errstate(all="ignore"):
        shares = steps[1:] / steps[:-1]
    steady = bool(np.allclose(shares, shares[0])) and 0 < shares[0] < 1
    return -float(steps[0]), float(shares[0]) if steady else np.nan


def _why_it_swings(make: Any, height_wanted: float) -> str:
    """Say whether it is the rate or the momentum that makes a walk swing.

    A step with momentum multiplies a swing by the root of the momentum, whatever the rate, as
    long as the rate times the curvature is below (1 + that root) squared.
    """
    rate, kept = _speed_kept(call(make, Case(())))
    if rate * STEEPNESS.max() > (1 + np.sqrt(kept)) ** 2:
        return (
            "its steps are too long for the steep way. Draw loss_after against the rate to see "
            "how far to go down."
        )
    if kept ** (STEPS / 2) > height_wanted:
        return (
            f"with a momentum of {kept:.4g} a swing still has {kept ** (STEPS / 2):.2g} of its "
            f"height after {STEPS} steps, whatever the rate. Lower the momentum; draw loss_after "
            "against it to see how far."
        )
    return (
        "its steps are too long, or it keeps too much of its speed. Draw loss_after against the "
        "rate, and against what it keeps."
    )


def _where_it_is_lost(make: Any, start: tuple[float, float]) -> str:
    """Say in which direction the loss is left, and whether the walk creeps or swings there."""
    optimizer = call(make, Case(()))
    parameters, path = np.array(start), []
    for _ in range(STEPS):
        parameters = np.asarray(optimizer.step(parameters, steep_gradient(parameters)))
        path.append(parameters)
    left = int(np.argmax(STEEPNESS * np.square(parameters)))
    late = np.sign(np.array(path)[STEPS // 2 :, left])
    if (late == late[0]).all():
        return (
            f"It still creeps {('along the floor', 'down the steep wall')[left]}, and has not "
            f"crossed the lowest line for the last {STEPS // 2} steps: raise the rate or the "
            "momentum. Draw loss_after against the rate to see how far."
        )
    height_wanted = np.sqrt(LOSS_WANTED / steep_loss(np.array(start)))
    return (
        f"It swings {('along the floor', 'between the walls')[left]}, to and fro over the lowest "
        f"line: {_why_it_swings(make, height_wanted)}"
    )


def _judge_ravine(answer: Any) -> str:
    ends, gains = [], []
    for start in STARTS:
        optimizer = call(answer, Case(()))
        if isinstance(optimizer, type):
            raise Rejected(
                "your function returns the class itself. Create an optimiser from it, with "
                "brackets and a learning rate."
            )
        if not callable(getattr(optimizer, "step", None)):
            raise Rejected(
                "your function should return an optimiser of this lesson, something with a step, "
                f"but returned {name_type(optimizer)}. Keras's have no such method."
            )
        ends.append(loss_after(optimizer, start))
        gains.append(ends[-1] / steep_loss(np.array(start)))
    if all(end <= LOSS_WANTED for end in ends):
        return ""
    if not all(gain < 1 for gain in gains):
        if np.sum(call(answer, Case(())).step(np.zeros(2), np.ones(2))) > 0:
            return (
                "the loss ends higher than it began: the first step already goes with the "
                "gradient, which is uphill. Subtract it."
            )
        if getattr(optimizer, "momentum", 0) >= 1:
            return (
                "the loss ends higher than it began: with a momentum of 1 or more no speed is "
                "ever lost. It is the share of the speed that is kept."
            )
        return (
            "the loss ends higher than it began. The rate is too high for the steep direction: its "
            "curvature is 100, and gradient descent alone can bear a rate of 2 / 100 at most."
        )
    result = f"the loss ends at {max(ends):.2g} from the worst of the starts."
    if _is_plain(call(answer, Case(()))):
        return (
            f"{result} With plain gradient descent no rate will do: a step that the steep way "
            "can bear is too short for the gentle one. You need something that tells the two "
            "apart, or remembers."
        )
    worst = STARTS[int(np.argmax(ends))]
    return f"{result} {_where_it_is_lost(answer, worst)}"


ravine = Exercise(
    name="ravine",
    question=(
        "Return an optimiser that brings the loss of a ravine, a hundred times steeper across than "
        "along, under 0.0001 in 100 steps from every start."
    ),
    reference=through_the_ravine,
    accept=_judge_ravine,
    explanation=(
        "Momentum with a suitable rate passes, and so do others; loss_after tells you by how much."
    ),
    hints=[
        "Plain gradient descent shrinks the gentle direction by at most 2 % a step. After 100 "
        "steps that leaves over a tenth of the way.",
        "Momentum multiplies the step along the floor by up to 1 / (1 - momentum). Try 0.7 or 0.8, "
        "and rates between 0.01 and 0.04.",
    ],
    mistakes=[
        Mistake(
            "gradient descent at its best rate",
            lambda: GradientDescent(learning_rate=2 / 101),
            "With plain gradient descent no rate will do: a step that the steep way",
        ),
        Mistake(
            "rate too high",
            lambda: GradientDescent(learning_rate=0.03),
            "the loss ends higher than it began. The rate is too high for the steep direction",
        ),
        Mistake(
            "Adam as it comes",
            lambda: Adam(),
            "It still creeps down the steep wall",
        ),
        Mistake(
            "too slow along the floor",
            lambda: Momentum(learning_rate=0.01, momentum=0.5),
            "It still creeps along the floor",
        ),
        Mistake(
            "too much momentum",
            lambda: Momentum(learning_rate=0.02, momentum=0.99),
            "a swing still has",
        ),
        Mistake(
            "steps too long, and little momentum",
            lambda: Momentum(learning_rate=0.02425, momentum=0.22),
            "its steps are too long for the steep way",
        ),
        Mistake(
            "momentum of more than one",
            lambda: Momentum(learning_rate=0.001, momentum=1.1),
            "with a momentum of 1 or more",
        ),
        Mistake(
            "uphill",
            lambda: GradientDescent(learning_rate=-0.01),
            "goes with the gradient, which is uphill",
        ),
        Mistake(
            "the class",
            lambda: Momentum,
            "your function returns the class itself.",
        ),
    ],
)
