"""Exercises of lesson 02: activations."""

from typing import Any

import numpy as np

from course_lib import datasets
from course_lib.exercises.comparison import shorten
from course_lib.exercises.exercise import (
    Case,
    Exercise,
    Mistake,
    Rejected,
    call,
)


def to_log_odds(probability: np.ndarray) -> np.ndarray:
    return np.log(probability / (1 - probability))


def _with_clipped(limit: float) -> Any:
    return lambda probability: to_log_odds(np.clip(probability, limit, 1 - limit))


log_odds = Exercise(
    name="log_odds",
    question="Turn a probability into log-odds: undo the sigmoid.",
    reference=to_log_odds,
    hints=[
        "The odds are the probability that it happens over the probability that it does not.",
        "Divide probability by 1 - probability, then take np.log of the result.",
    ],
    mistakes=[
        Mistake(
            "odds without the logarithm",
            lambda probability: probability / (1 - probability),
            "these are the odds, from 0 upwards. Log-odds are their logarithm, so that "
            "an even chance gives 0 and unlikely things give negative numbers.",
        ),
        Mistake(
            "logarithm of the probability",
            np.log,
            "this is the logarithm of the probability alone. Log-odds compare it with the "
            "probability of the opposite: divide by 1 - probability first.",
        ),
        Mistake(
            "odds upside down",
            lambda probability: np.log((1 - probability) / probability),
            "the sign is turned: these are the log-odds against. The probability that it does "
            "happen belongs in the numerator.",
        ),
        Mistake(
            "sigmoid instead of its inverse",
            lambda probability: 1 / (1 + np.exp(-probability)),
            "this is the sigmoid again, which goes from log-odds to a probability. You have the "
            "probability and want the way back: solve p = 1 / (1 + exp(-z)) for z.",
        ),
        Mistake(
            "base ten",
            lambda probability: np.log10(probability / (1 - probability)),
            "this is the logarithm to base 10. The sigmoid is built on e, so its inverse needs "
            "the natural logarithm, np.log.",
        ),
        Mistake(
            "logarithm divided by logarithm",
            lambda probability: np.log(probability) / np.log(1 - probability),
            "you divided one logarithm by the other. The logarithm of a quotient is the "
            "difference of two logarithms: divide first, or subtract after.",
        ),
        Mistake(
            "logarithms added",
            lambda probability: np.log(probability) + np.log(1 - probability),
            "you added the two logarithms, which is the logarithm of p times 1 - p. Odds are a "
            "quotient.",
        ),
        Mistake(
            "logarithm of the opposite",
            lambda probability: np.log(1 - probability),
            "this is the logarithm of the probability that it does not happen. The odds divide "
            "the probability that it does by that.",
        ),
        Mistake(
            "odds against",
            lambda probability: (1 - probability) / probability,
            "these are the odds against it, without a logarithm. Odds divide the probability that "
            "it happens by that it does not.",
        ),
        Mistake(
            "surprise",
            lambda probability: -np.log(probability),
            "this is the surprise, minus the logarithm of the probability alone. Log-odds compare "
            "it with the probability that it does not happen.",
        ),
        Mistake(
            "difference for quotient",
            lambda probability: probability - (1 - probability),
            "this is the difference of the two probabilities. Odds are their quotient, and then "
            "comes a logarithm.",
        ),
        Mistake(
            "no brackets",
            lambda probability: np.log(probability / 1 - probability),
            "a division comes before a subtraction: without brackets this is the logarithm of "
            "p - p, which is 0.",
        ),
        Mistake(
            "logarithm above the line only",
            lambda probability: np.log(probability) / (1 - probability),
            "the logarithm is taken of the probability alone, and then divided. Divide first: it "
            "is the odds that go into the logarithm.",
        ),
        Mistake(
            "one plus for one minus",
            lambda probability: np.log(probability / (1 + probability)),
            "the odds are too small: what stands below the line is the probability that it does "
            "not happen, and p and that make 1.",
        ),
        *(
            Mistake(
                f"clipped at {limit}",
                _with_clipped(limit),
                f"right in the middle, but what is rarer than {limit} comes out as {limit}: rare "
                "things are what log-odds are good for. Clip nothing, or far closer to 0 and 1.",
            )
            for limit in (0.001, 0.01, 0.02, 0.05, 0.1)
        ),
    ],
    cases=[
        Case((0.9,)),
        Case((0.5,)),
        Case((np.array([0.01, 0.25, 0.8]),)),
        Case((np.array([0.0002, 0.3, 0.998, 0.96, 0.04]),), "rare things and likely"),
    ],
    explanation="An even chance is 0, and p and 1 - p differ only in sign.",
)


def log_of_sigmoid(x: np.ndarray) -> np.ndarray:
    return np.minimum(x, 0) - np.log(1 + np.exp(-np.abs(x)))


def plain_sigmoid(x: np.ndarray) -> np.ndarray:
    """Return the sigmoid, 0 where it is too small for a float."""
    return np.where(x >= 0, 1, np.exp(-np.abs(x))) / (1 + np.exp(-np.abs(x)))


def _with_added(small: float) -> Any:
    return lambda x: np.log(plain_sigmoid(x) + small)


def _with_at_least(small: float) -> Any:
    return lambda x: np.log(np.maximum(plain_sigmoid(x), small))


def _with_clipped_input(limit: float) -> Any:
    return lambda x: -np.log(1 + np.exp(-np.clip(x, -limit, limit)))


log_sigmoid = Exercise(
    name="log_sigmoid",
    question="Compute the logarithm of the sigmoid so that it is right at -1000 and at 1000.",
    reference=log_of_sigmoid,
    hints=[
        "log(1 / (1 + e^-x)) = -log(1 + e^-x). For which sign of x does this overflow?",
        "For negative x, pull e^-x out of the bracket: -log(1 + e^-x) = x - log(e^x + 1). "
        "One formula for both signs: np.minimum(x, 0) minus a logarithm with np.abs(x) in it.",
    ],
    mistakes=[
        Mistake(
            "logarithm of the sigmoid as it is written",
            lambda x: np.log(1 / (1 + np.exp(-x))),
            "at -1000 this gives minus infinity: there e^1000 has overflowed, or the sigmoid has "
            "been rounded to 0 and its logarithm is lost. Simplify on paper first, so that no "
            "exponent is ever positive and the logarithm never sees a 0.",
        ),
        Mistake(
            "the form with e^x",
            lambda x: np.log(np.exp(x) / (1 + np.exp(x))),
            "at 1000 this is infinity over infinity, NaN. An exponential with a positive "
            "argument overflows: use np.exp(-np.abs(x)).",
        ),
        Mistake(
            "the form for negative x, everywhere",
            lambda x: x - np.log(1 + np.exp(x)),
            "right below 0, but at 1000 this is minus infinity: e^1000 overflows, and 1000 less "
            "infinity is minus infinity. Each form is good on one side only. Which formula is good "
            "on both?",
        ),
        Mistake(
            "no absolute value",
            lambda x: np.minimum(x, 0) - np.log(1 + np.exp(-x)),
            "right from 0 upwards. Below 0 the part that grows is counted twice, and e^-x still "
            "overflows: its exponent must be at most 0 on both sides.",
        ),
        Mistake(
            "the large part only",
            lambda x: np.minimum(x, 0),
            "right far away from 0 only, and a corner at 0, where the sigmoid is smooth: the "
            "logarithm of 1 + e^-|x| is missing.",
        ),
        Mistake(
            "the negative side without its logarithm",
            lambda x: np.where(x > 0, -np.log(1 + np.exp(-np.abs(x))), np.minimum(x, 0)),
            "right above 0. From there down you have x alone, which is right far away only: a "
            "part with a logarithm is missing, too.",
        ),
        Mistake(
            "below 0 without its logarithm",
            lambda x: np.where(x >= 0, -np.log(1 + np.exp(-np.abs(x))), np.minimum(x, 0)),
            "right from 0 upwards, and far below it. At -1 you have x itself: for negative x the "
            "logarithm of 1 + e^x is still to be subtracted.",
        ),
        Mistake(
            "the positive side without its logarithm",
            lambda x: np.where(x > 0, 0, np.minimum(x, 0) - np.log(1 + np.exp(-np.abs(x)))),
            "right up to 0. Above it you have 0, as if the sigmoid were 1 there: it only comes "
            "close to it.",
        ),
        Mistake(
            "from 0 on without its logarithm",
            lambda x: np.where(x >= 0, 0, np.minimum(x, 0) - np.log(1 + np.exp(-np.abs(x)))),
            "right below 0. From 0 on you have 0, as if the sigmoid were 1 there: at 0 it is one "
            "half, and it only comes close to 1.",
        ),
        Mistake(
            "logarithm added",
            lambda x: np.minimum(x, 0) + np.log(1 + np.exp(-np.abs(x))),
            "right far away from 0. Near it the part with the logarithm has the wrong sign, and "
            "at 0 the logarithm of one half is negative.",
        ),
        Mistake(
            "logarithm added below 0",
            lambda x: np.where(
                x >= 0,
                -np.log(1 + np.exp(-np.abs(x))),
                np.minimum(x, 0) + np.log(1 + np.exp(-np.abs(x))),
            ),
            "right from 0 on. Below it the part with the logarithm has the wrong sign: it is "
            "subtracted on both sides.",
        ),
        Mistake(
            "logarithm of the opposite",
            lambda x: -np.logaddexp(0, x),
            "this is stable, but it is the logarithm of 1 - sigmoid: x has the wrong sign.",
        ),
        Mistake(
            "infinity made a number",
            lambda x: np.nan_to_num(np.log(plain_sigmoid(x))),
            "nan_to_num turns the infinity into the largest number there is. What is right at "
            "-1000 is lost before it: simplify first.",
        ),
        Mistake(
            "the large part on the wrong side",
            lambda x: np.maximum(x, 0) - np.log(1 + np.exp(-np.abs(x))),
            "this grows with x, but the logarithm of a probability stays below 0. On which side "
            "is the sigmoid small?",
        ),
        *(
            Mistake(
                f"{small:g} added",
                _with_added(small),
                f"a smallest number of {small:g} inside the logarithm hides the infinity, but the "
                f"result at -1000 is then {np.log(small):.0f}. Nothing needs adding if you "
                "simplify first.",
            )
            for small in (1e-16, 1e-15, 1e-12, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6)
        ),
        *(
            Mistake(
                f"clipped to {small:g}",
                _with_at_least(small),
                f"a sigmoid that is at least {small:g} hides the infinity, but all results below "
                f"{np.log(small):.0f} are lost: at -1000, too. Simplify first, and clip nothing.",
            )
            for small in (1e-16, 1e-15, 1e-12, 1e-10, 1e-9)
        ),
        *(
            Mistake(
                f"input clipped at {limit}",
                _with_clipped_input(limit),
                f"clipped at {limit}, the input or the result: that avoids the overflow and "
                f"changes the answer, as at -1000 you are at -{limit}. Use np.minimum(x, 0) for "
                "the part that grows.",
            )
            for limit in (20, 30, 36, 40, 50, 80, 88, 100, 200, 300, 500, 600, 700, 709)
        ),
        Mistake(
            "softplus",
            lambda x: np.maximum(x, 0) + np.log(1 + np.exp(-np.abs(x))),
            "this is stable, but it is -log(1 - sigmoid): the signs are turned. The logarithm of "
            "a probability is never positive.",
        ),
    ],
    cases=[
        Case((np.array([-1000.0, -30.0, -1.0, 0.0, 1.0, 30.0, 1000.0]),), "inputs up to ±1000"),
        Case((0.0,)),
        Case((np.array([[2.0, -40.0], [-800.0, 800.0]]),), "a table of inputs"),
    ],
    explanation="This is the loss of a confident and wrong model: 1000, and not infinity.",
)


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def slope_of_silu(x: np.ndarray) -> np.ndarray:
    sigmoid = 1 / (1 + np.exp(-x))
    return sigmoid + x * sigmoid * (1 - sigmoid)


silu_derivative = Exercise(
    name="silu_derivative",
    question="Write the derivative of SiLU, x times sigmoid(x).",
    reference=slope_of_silu,
    hints=[
        "A product of two functions of x: first' times second, plus first times second'.",
        "The derivative of x is 1, that of s = sigmoid(x) is s (1 - s). Put them together.",
    ],
    mistakes=[
        Mistake(
            "first term only",
            lambda x: 1 / (1 + np.exp(-x)),
            "this treats the sigmoid as a constant. It changes with x too, so a second term, "
            "x times the sigmoid's derivative, is missing.",
        ),
        Mistake(
            "second term only",
            lambda x: x / (1 + np.exp(-x)) * (1 - 1 / (1 + np.exp(-x))),
            "this is one of two terms: the sigmoid is differentiated, and x stays as it is. In the "
            "other it is x that is differentiated, and the sigmoid stays.",
        ),
        Mistake(
            "product of the derivatives",
            lambda x: 1 / (1 + np.exp(-x)) * (1 - 1 / (1 + np.exp(-x))),
            "this multiplies the two derivatives, 1 and s (1 - s). The derivative of a product "
            "is a sum: differentiate one factor at a time and add.",
        ),
        Mistake(
            "the sigmoid's derivative forgotten",
            lambda x: (1 + x) / (1 + np.exp(-x)),
            "both terms are there, but in the second the sigmoid itself stands where its "
            "derivative, s (1 - s), belongs.",
        ),
        Mistake(
            "the function itself",
            lambda x: x / (1 + np.exp(-x)),
            "this is SiLU, not its derivative. At x = 0 it is 0, while the slope there is 0.5.",
        ),
        Mistake(
            "x forgotten in the second term",
            lambda x: _sigmoid(x) + _sigmoid(x) * (1 - _sigmoid(x)),
            "two terms, as it should be, but the second is the sigmoid's derivative alone. In a "
            "product the factor that is not differentiated stays: x.",
        ),
        Mistake(
            "minus between the terms",
            lambda x: _sigmoid(x) - x * _sigmoid(x) * (1 - _sigmoid(x)),
            "the second term has the wrong sign: the terms of a product's derivative are added, "
            "and the sigmoid's derivative is s (1 - s), positive.",
        ),
        Mistake(
            "both terms differentiated",
            lambda x: (1 + x) * _sigmoid(x) * (1 - _sigmoid(x)),
            "the sigmoid is differentiated in both terms. In the first it is x that is "
            "differentiated, and the sigmoid stays as it is.",
        ),
        Mistake(
            "sigmoid of minus x",
            lambda x: _sigmoid(-x) + x * _sigmoid(-x) * (1 - _sigmoid(-x)),
            "the form is right, but your sigmoid falls where it should rise. Look at the sign "
            "in its exponent.",
        ),
        Mistake(
            "all factors multiplied",
            lambda x: _sigmoid(x) * x * _sigmoid(x) * (1 - _sigmoid(x)),
            "the two terms are multiplied here. One factor is differentiated at a time, and the "
            "terms are added.",
        ),
        Mistake(
            "SiLU for the sigmoid",
            lambda x: _sigmoid(x) + x * _sigmoid(x) * (1 - x * _sigmoid(x)),
            "the first term is right. In the second, SiLU stands inside the bracket, where the "
            "sigmoid belongs.",
        ),
        Mistake(
            "derivative of ReLU",
            lambda x: np.where(np.asarray(x) > 0, 1.0, 0.0),
            "this is the slope of ReLU, 0 or 1. SiLU has no corner: its slope goes over smoothly "
            "from one to the other.",
        ),
        Mistake(
            "one for the sigmoid",
            lambda x: 1 + x * _sigmoid(x) * (1 - _sigmoid(x)),
            "the second term is right. In the first the derivative of x is 1, and the other "
            "factor, the sigmoid, still multiplies it.",
        ),
        Mistake(
            "1 - s for the sigmoid's derivative",
            lambda x: _sigmoid(x) + x * (1 - _sigmoid(x)),
            "the first term is right. In the second you have x (1 - s): the sigmoid's derivative "
            "is s (1 - s), so a factor s is lost.",
        ),
        Mistake(
            "the sigmoid squared",
            lambda x: _sigmoid(x) + x * _sigmoid(x) ** 2,
            "the first term is right. In the second, the sigmoid's derivative is s (1 - s), and "
            "you have s squared.",
        ),
        Mistake(
            "1 + s",
            lambda x: _sigmoid(x) + x * _sigmoid(x) * (1 + _sigmoid(x)),
            "the form is right, but the sigmoid's derivative has 1 minus s, not 1 plus s.",
        ),
        Mistake(
            "first and second term exchanged",
            lambda x: x * _sigmoid(x) + _sigmoid(x) * (1 - _sigmoid(x)),
            "each factor that is differentiated keeps the other as it is. You multiplied x by the "
            "sigmoid, and left the sigmoid's derivative alone: the partners are exchanged.",
        ),
        Mistake(
            "derivative of tanh",
            lambda x: _sigmoid(x) + x * (1 - _sigmoid(x) ** 2),
            "1 minus the square is how tanh is differentiated. The sigmoid's derivative is "
            "another: s (1 - s).",
        ),
    ],
    cases=[
        Case((0.0,)),
        Case((np.array([-3.0, -1.0, 0.5, 2.0]),)),
        Case((np.array([[-0.5, 4.0], [1.5, -6.0]]),)),
    ],
    explanation="Left of about -1.28 it is negative: SiLU falls there before it rises.",
)

CORNERS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
SAME = np.array([1.0, 0.0, 0.0, 1.0])
XOR_WEIGHTS = (np.ones((2, 2)), np.array([0.0, -1.0]), np.array([1.0, -2.0]), 0.0)
SAME_WEIGHTS = (np.ones((2, 2)), np.array([0.0, -1.0]), np.array([-1.0, 2.0]), 1.0)


def judge_same(answer: Any) -> str:
    """Say what is missing in weights that should answer 1 where both inputs are the same."""
    if not isinstance(answer, tuple | list) or len(answer) != 4:
        return (
            "not yet: give four things in a tuple: hidden_weights (2 x 2), hidden_bias "
            f"(2 numbers), output_weights (2 numbers), output_bias. Got {shorten(answer)}."
        )
    names = ("hidden_weights", "hidden_bias", "output_weights", "output_bias")
    parts = []
    for name, part, shape in zip(names, answer, [(2, 2), (2,), (2,), ()], strict=True):
        array = np.asarray(part, dtype=np.float64)
        # As Keras keeps them, a column of weights and a bias in an array are as good.
        if name.startswith("output") and array.ndim and array.size == (2 if shape else 1):
            array = array.reshape(shape)
        if array.shape != shape:
            wanted = f"have shape {shape}" if shape else "be a single number"
            raise Rejected(f"{name} should {wanted}, but has shape {array.shape}.")
        if not np.all(np.isfinite(array)):
            raise Rejected(f"{name} holds a number that is not finite.")
        parts.append(array)
    hidden_weights, hidden_bias, output_weights, output_bias = parts
    hidden = np.maximum(CORNERS @ hidden_weights + hidden_bias, 0)
    output = hidden @ output_weights + output_bias
    if np.allclose(output, SAME, atol=1e-6):
        return ""
    shown = ", ".join(f"{number:.3g}" for number in output)
    if np.allclose(output, 1 - SAME, atol=1e-6):
        return (
            "this is XOR, 1 where the inputs differ. The question asks for the opposite: "
            "1 minus XOR. Which two parts of the output layer does the 1 minus touch?"
        )
    if np.allclose(output, SAME - 1, atol=1e-6):
        return (
            "the order is right, but every output is 1 too low: turning the output weights "
            "gives minus XOR. What adds 1 everywhere?"
        )
    bends = bool((np.abs(hidden[0] + hidden[3] - hidden[1] - hidden[2]) > 1e-9).any())
    unheard = (
        "A hidden unit does bend between the points, but the output weights do not let it be "
        "heard: look at those."
    )
    if np.allclose(output, output[0]):
        return (
            f"the network answers {output[0]:.3g} to all four questions. As far as these four "
            "points go it is no better than the best straight line. "
            + (unheard if bends else "Make one hidden unit wake up only where both inputs are 1.")
        )
    if abs(output[0] + output[3] - output[1] - output[2]) < 1e-9:
        still = (
            "No hidden unit bends between the points: at least one must be below 0 before the "
            "ReLU at some points and above 0 at others. Look at the biases."
        )
        return f"your outputs are {shown}, which a single straight line could give too. " + (
            unheard if bends else still
        )
    corner = int(np.flatnonzero(~np.isclose(output, SAME, atol=1e-6))[0])
    first, second = hidden[corner]
    place = f"({CORNERS[corner, 0]:.0f},{CORNERS[corner, 1]:.0f})"
    return (
        f"not yet: for (0,0), (0,1), (1,0), (1,1) your outputs are {shown}, not 1, 0, 0, 1. "
    ) + (
        f"At {place} both hidden units are silent, so only the output bias counts there."
        if first == second == 0
        else f"At {place} the hidden units give {first:.3g} and {second:.3g}: with which output "
        f"weights and bias do they make {SAME[corner]:.0f}?"
    )


same_or_not = Exercise(
    name="same_or_not",
    question="Set the weights of two ReLU units so that the output is 1 where both inputs agree.",
    reference=SAME_WEIGHTS,
    hints=[
        "Start from the weights of XOR in the lesson. Agreeing is 1 minus XOR.",
        "The hidden layer can stay as it is. Call its two numbers h1 and h2: what is XOR, and so "
        "what is 1 minus XOR?",
        "What stands before h1 and h2 are the output weights; what stands alone is the bias.",
    ],
    mistakes=[
        Mistake(
            "XOR as in the lesson", XOR_WEIGHTS, "The question asks for the opposite: 1 minus XOR"
        ),
        Mistake(
            "bias forgotten",
            (np.ones((2, 2)), np.array([0.0, -1.0]), np.array([-1.0, 2.0]), 0.0),
            "What adds 1 everywhere?",
        ),
        Mistake(
            "the best line",
            (np.zeros((2, 2)), np.zeros(2), np.zeros(2), 0.5),
            "wake up only where both inputs are 1",
        ),
        Mistake(
            "a unit that is not heard",
            (np.ones((2, 2)), np.array([0.0, -1.0]), np.array([1.0, 0.0]), 0.0),
            "do not let it be heard",
        ),
        Mistake(
            "1 only where both are 1",
            (np.ones((2, 2)), np.array([0.0, -1.0]), np.array([0.0, 1.0]), 0.0),
            "so only the output bias counts there",
        ),
        Mistake(
            "not folded back far enough",
            (np.ones((2, 2)), np.array([0.0, -1.0]), np.array([-1.0, 1.0]), 1.0),
            "with which output weights and bias",
        ),
        Mistake(
            "no unit bends",
            (np.ones((2, 2)), np.zeros(2), np.array([-1.0, 2.0]), 1.0),
            "No hidden unit bends between the points",
        ),
    ],
    accept=judge_same,
    explanation="Two units that wake up at different places are enough to fold the square.",
    solution_text="""
        hidden_weights = [[1, 1], [1, 1]]
        hidden_bias = [0, -1]
        output_weights = [-1, 2]
        output_bias = 1
        answer = (hidden_weights, hidden_bias, output_weights, output_bias)
    """,
)

ENOUGH = 0.75


def held_out_birds() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return x_train, y_train, x_test, y_test: bill length (mm), body mass (g); 1 is male.

    Every third bird is held out, as in the lesson.
    """
    birds = datasets.penguins().dropna()
    x = birds[["bill_length", "body_mass"]].to_numpy(float)
    y = (birds["sex"] == "male").to_numpy(float)
    test = np.arange(len(birds)) % 3 == 0
    return x[~test], y[~test], x[test], y[test]


def judge_sexes(answer: Any) -> str:
    """Say what is missing in a function that should tell the sex of unseen birds.

    No accuracy is named, because whoever tries until it is high enough has chosen by the birds
    that are held out.
    """
    x_train, y_train, x_test, y_test = held_out_birds()
    result = call(answer, Case((x_train, y_train, x_test), "the held-out birds"))
    chances = np.asarray(result, dtype=np.float64)
    if chances.shape == (len(y_test), 2):
        return (
            "two columns came back, one for each class, as predict_proba gives them. Which of "
            "them is male? Return that one."
        )
    if chances.shape not in ((len(y_test),), (len(y_test), 1)):
        for_training = chances.ndim > 0 and len(chances) == len(y_train)
        return (
            f"for {len(y_test)} held-out birds one probability each is wanted, shape "
            f"({len(y_test)},), but your function returned shape {chances.shape}."
            + (" Predict for x_test, not for x_train." if for_training else "")
        )
    if not np.all((chances >= 0) & (chances <= 1)):
        return (
            "some of your results are no probabilities: they are below 0, above 1 or NaN. If "
            "they are log-odds, put a sigmoid on the output; if they are NaN, did an "
            "exponential overflow because the inputs were not standardised?"
        )
    sexed = chances.ravel() > 0.5
    accuracy = float(np.mean(sexed == y_test))
    if np.ptp(chances) < 1e-9:
        return (
            "your model gives every bird the same probability: nothing of the bird gets through. "
            "Do all weights begin at zero? Or are the units saturated or dead because the inputs "
            "were not standardised with the training birds' mean and standard deviation?"
        )
    if sexed.all() or not sexed.any():
        return (
            "your model gives every bird the same sex: the probabilities differ, but stay on the "
            "same side of 0.5. Are the test birds standardised like the training birds, and was "
            "the model trained long enough?"
        )
    if accuracy < 0.4:
        return (
            "on the held-out birds this is worse than a coin: the classes are swapped. "
            "The result should be the probability of 1, male."
        )
    if accuracy < 0.7:
        return (
            "on the held-out birds this is no more than one straight line reaches. Is there a "
            "hidden layer with an activation, are the inputs standardised, and did the loss stop "
            "falling before you stopped?"
        )
    if accuracy < ENOUGH:
        return (
            "on birds that the model has not seen this is more than a line can, but less than "
            f"the {ENOUGH} that is asked for. How many are right of the training birds that "
            "you set aside? Choose units and steps by those."
        )
    return ""


def predict_sexes(x_train: np.ndarray, y_train: np.ndarray, x_test: np.ndarray) -> np.ndarray:
    mean, spread = x_train.mean(axis=0), x_train.std(axis=0)
    generator = np.random.default_rng(0)
    hidden_weights, hidden_bias = generator.normal(size=(2, 50)), generator.normal(size=50)

    def hidden(x: np.ndarray) -> np.ndarray:
        return np.maximum((x - mean) / spread @ hidden_weights + hidden_bias, 0)

    features, weights, bias = hidden(x_train), np.zeros(50), 0.0
    for _ in range(3000):
        errors = 1 / (1 + np.exp(-(features @ weights + bias))) - y_train
        weights = weights - 0.05 * features.T @ errors / len(errors)
        bias = bias - 0.05 * errors.mean()
    return 1 / (1 + np.exp(-(hidden(x_test) @ weights + bias)))


def predict_with_one_line(x_train: np.ndarray, y_train: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Fit a line by least squares to the labels and squeeze it: no hidden layer."""
    mean, spread = x_train.mean(axis=0), x_train.std(axis=0)
    design = np.column_stack([(x_train - mean) / spread, np.ones(len(x_train))])
    weights = np.linalg.lstsq(design, y_train - 0.5, rcond=None)[0]
    return 1 / (1 + np.exp(-4 * ((x - mean) / spread @ weights[:2] + weights[2])))


separate_the_sexes = Exercise(
    name="separate_the_sexes",
    question="Train anything that tells the sex of unseen birds from bill length and body mass.",
    reference=predict_sexes,
    hints=[
        "The three steps of the lesson: standardise with the training birds, a hidden layer with "
        "an activation, a sigmoid output.",
        "In Keras: Dense(16, activation='relu'), Dense(1, activation='sigmoid'), the loss "
        "binary_crossentropy, Adam with a rate of 0.03, 100 epochs, verbose=0. Return "
        "model.predict((x_test - mean) / spread, verbose=0).",
    ],
    mistakes=[
        Mistake(
            "one straight line", predict_with_one_line, "no more than one straight line reaches"
        ),
        Mistake(
            "everybody is male",
            lambda x_train, y_train, x_test: np.ones(len(x_test)),
            "gives every bird the same probability",
        ),
        Mistake(
            "all on one side",
            lambda x_train, y_train, x_test: 0.55 + 0.4 * predict_sexes(x_train, y_train, x_test),
            "same side of 0.5",
        ),
        Mistake(
            "both columns returned",
            lambda x_train, y_train, x_test: np.column_stack(
                [1 - predict_sexes(x_train, y_train, x_test)] * 2
            ),
            "two columns came back",
        ),
        Mistake(
            "classes swapped",
            lambda x_train, y_train, x_test: 1 - predict_sexes(x_train, y_train, x_test),
            "the classes are swapped",
        ),
        Mistake(
            "log-odds returned",
            lambda x_train, y_train, x_test: to_log_odds(
                0.001 + 0.998 * predict_sexes(x_train, y_train, x_test)
            ),
            "put a sigmoid on the output",
        ),
        Mistake(
            "predicted for the training birds",
            lambda x_train, y_train, x_test: predict_sexes(x_train, y_train, x_train),
            "Predict for x_test, not for x_train",
        ),
    ],
    accept=judge_sexes,
    explanation=(
        "The official solution draws its hidden weights at random and never trains them: "
        "the bends alone do most of the work."
    ),
    seconds=60.0,
)
