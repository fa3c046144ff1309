"""Exercises of lesson 09, residual networks and transfer."""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from course_lib.exercises.comparison import difference
from course_lib.exercises.exercise import Case, Exercise, Mistake, Rejected, call, describe_call

# 1. A block that starts idle, and can learn

BLOCKS = ((24, 30), (32, 12))


def new_block(features, hidden):  # type: ignore[no-untyped-def]
    generator = np.random.default_rng(0)
    # Positive weights: x has no negative entries, so every hidden unit speaks.
    first = np.abs(generator.normal(size=(features, hidden))) * np.sqrt(2 / features)
    return first, np.zeros((hidden, features))


def _two_matrices(found: Any, features: int, hidden: int) -> tuple[np.ndarray, np.ndarray]:
    shapes = (features, hidden), (hidden, features)
    wanted = (
        f"new_block({features}, {hidden}) should return two matrices of real numbers, first of "
        f"shape {shapes[0]} and second of shape {shapes[1]}"
    )
    try:
        first, second = (np.asarray(one) for one in found)
        if any(one.dtype.kind not in "biuf" for one in (first, second)):
            raise TypeError
    except Exception as error:
        raise Rejected(f"{wanted}.") from error
    if (first.shape, second.shape) != shapes:
        raise Rejected(f"{wanted}, but yours have the shapes {first.shape} and {second.shape}.")
    if not (np.isfinite(first).all() and np.isfinite(second).all()):
        raise Rejected("your matrices should hold finite numbers only.")
    return first.astype(np.float64), second.astype(np.float64)


def _judge_block(answer: Any) -> str:
    for features, hidden in BLOCKS:
        case = Case((features, hidden))
        first, second = _two_matrices(call(answer, case), features, hidden)
        problem = _not_idle(first, second) or _not_trained(first, second)
        if problem:
            return f"{describe_call(answer, case)}: {problem}"
    return ""


def _inputs(features: int) -> np.ndarray:
    # A unit with a weight above 0 speaks when that feature comes alone.
    drawn = np.random.default_rng(9).normal(size=(128, features))
    return np.concatenate([np.maximum(drawn, 0), np.eye(features)])


def _not_idle(first: np.ndarray, second: np.ndarray) -> str:
    x = _inputs(len(first))
    change = np.maximum(np.maximum(x @ first, 0) @ second + x, 0) - x
    largest = np.abs(change).max()
    if largest <= 1e-6:
        return ""
    if np.allclose(change, x):
        return (
            "the block returns twice its input. Your branch copies x, as a plain block has to, and "
            "the shortcut brings x once more."
        )
    if np.allclose(change, -x):
        return (
            "the block returns nothing but 0. Your branch takes away what the shortcut brings. "
            "Idle means that x passes."
        )
    if largest < 0.2:
        return (
            f"at first the block changes what passes by up to {largest:.1g}. That is little and "
            "not nothing: for which matrices is F(x) exactly 0?"
        )
    return (
        f"at first the block changes what passes by up to {largest:.2g}. x comes by the shortcut "
        "anyway, so F(x) has to be 0, for every x."
    )


def _not_trained(first: np.ndarray, second: np.ndarray) -> str:
    if not (first.any() or second.any()):
        return (
            "it is idle, and stays so: gradient descent moves nothing. The gradient of each matrix "
            "is a product with what the other one lets through, and that is 0. One of the two may "
            "be other than 0."
        )
    silent = int(np.sum(~(_inputs(len(first)) @ first > 0).any(axis=0)))
    if silent:
        return (
            f"it is idle, but {silent} of its {first.shape[1]} hidden units are never above 0 "
            "before their ReLU, whose slope is 0 there: no gradient comes through, and they stay "
            "silent."
        )
    trained = np.round(_trained(first, second), 9)
    if len(np.unique(trained.T, axis=0)) < first.shape[1]:
        return (
            "it is idle and learns, but some of its hidden units start as copies of each other, "
            "get the same gradient, and stay copies (also after three steps). Start them apart."
        )
    return ""


def _trained(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the first matrix after three steps towards some other outputs."""
    x = _inputs(len(first))
    targets = np.random.default_rng(10).normal(size=x.shape)
    for _ in range(3):
        hidden = np.maximum(x @ first, 0)
        sums = hidden @ second + x
        blame = (np.maximum(sums, 0) - targets) * (sums > 0)
        steps = x.T @ (blame @ second.T * (hidden > 0)), hidden.T @ blame
        first, second = (
            one - 0.1 * step / (np.abs(step).max() or 1)
            for one, step in zip((first, second), steps, strict=True)
        )
    return first


def _normal(*shape: int, size: float = 0.3) -> np.ndarray:
    return size * np.random.default_rng(1).normal(size=shape)


idle_block = Exercise(
    name="idle_block",
    question="Return the matrices of a residual block that at first passes its input on, and that "
    "gradient descent can train.",
    reference=new_block,
    accept=_judge_block,
    explanation=(
        "F = 0, and yet the gradient of `second` is not 0: it moves in step 1, and lets blame "
        "through to `first` in step 2. Goyal and others (2017) start ResNets like this, with the "
        "last scale of each branch at 0."
    ),
    hints=[
        "What must F(x) = relu(x @ first) @ second be, so that relu(F(x) + x) is x?",
        "One matrix of zeros is enough for F = 0. Which gradient is then left? That of second is "
        "a product with the hidden units, relu(x @ first), that of first one with second.",
        "second = 0, so that the hidden units may be anything: let first be random.",
    ],
    mistakes=[
        Mistake(
            "both zero",
            lambda features, hidden: (np.zeros((features, hidden)), np.zeros((hidden, features))),
            "gradient descent moves nothing",
        ),
        Mistake(
            "the other one zero",
            lambda features, hidden: (np.zeros((features, hidden)), _normal(hidden, features)),
            "are never above 0 before their ReLU",
        ),
        Mistake(
            "both random",
            lambda features, hidden: (_normal(features, hidden), _normal(hidden, features)),
            "x comes by the shortcut anyway",
        ),
        Mistake(
            "nearly zero",
            lambda features, hidden: (
                _normal(features, hidden),
                _normal(hidden, features, size=0.001),
            ),
            "That is little and not nothing",
        ),
        Mistake(
            "hidden units alike",
            lambda features, hidden: (np.ones((features, hidden)), np.zeros((hidden, features))),
            "start as copies of each other",
        ),
        Mistake(
            "copies, as a plain block",
            lambda features, hidden: (
                np.hstack([np.eye(features)] * 2)[:, :hidden],
                np.vstack([np.eye(features), np.zeros((features, features))])[:hidden],
            ),
            "Your branch copies x, as a plain block has to",
        ),
        Mistake(
            "takes x away",
            lambda features, hidden: (np.ones((features, hidden)), -np.ones((hidden, features))),
            "Your branch takes away what the shortcut brings",
        ),
        Mistake(
            "shapes turned",
            lambda features, hidden: (_normal(hidden, features), np.zeros((features, hidden))),
            "but yours have the shapes",
        ),
    ],
)

# 2. Count a block


def trainable_in_block(inputs, filters, stride):  # type: ignore[no-untyped-def]
    count = 9 * inputs * filters + 2 * filters
    count += 9 * filters * filters + 2 * filters
    if stride > 1 or inputs != filters:
        count += inputs * filters + 2 * filters
    return count


def _always_projects(inputs: int, filters: int, stride: int) -> int:
    return trainable_in_block(inputs, filters, 1) + (
        inputs * filters + 2 * filters if inputs == filters else 0
    )


block_parameters = Exercise(
    name="block_parameters",
    question="Return the number of trainable parameters of a residual block.",
    reference=trainable_in_block,
    cases=[
        Case((64, 64, 1)),
        Case((64, 128, 2)),
        Case((16, 32, 1)),
        Case((32, 32, 2)),
    ],
    explanation="ResNet-18 is a stem, eight such blocks and one dense layer.",
    hints=[
        "A 3x3 convolution without bias: 9 * channels in * channels out.",
        "Batch normalisation has four numbers a channel. Two are learnt; two are averages.",
        "Where the shape changes (another stride or other channels), add a 1x1 convolution and "
        "its batch normalisation.",
    ],
    mistakes=[
        Mistake(
            "averages counted",
            lambda i, f, s: trainable_in_block(i, f, s) + (6 if s > 1 or i != f else 4) * f,
            "you counted all four numbers of each batch normalisation. The two moving averages "
            "are not trained: they follow the data.",
        ),
        Mistake(
            "biases counted",
            lambda i, f, s: trainable_in_block(i, f, s) + (3 if s > 1 or i != f else 2) * f,
            "you gave the convolutions a bias. Batch normalisation subtracts the mean, and any "
            "bias with it, so they have none.",
        ),
        Mistake(
            "normalisation forgotten",
            lambda i, f, s: 9 * i * f + 9 * f * f + (i * f if s > 1 or i != f else 0),
            "the convolutions are right. Each is followed by batch normalisation, which learns a "
            "scale and a shift for every channel.",
        ),
        Mistake(
            "no projection",
            lambda i, f, s: 9 * i * f + 9 * f * f + 4 * f,
            "where the block changes the shape, x cannot be added as it is. The shortcut needs "
            "its own small convolution.",
        ),
        Mistake(
            "projection only for channels",
            lambda i, f, s: trainable_in_block(i, f, 1),
            "a stride of 2 changes the shape too, even if the channels stay. Then the shortcut "
            "needs its convolution as well.",
        ),
        Mistake(
            "always a projection",
            _always_projects,
            "where the shape stays, the shortcut is x itself and has no parameters.",
        ),
        Mistake(
            "projection only for strides",
            lambda i, f, s: trainable_in_block(i, f, s) - (i * f + 2 * f) * (s == 1 and i != f),
            "other channels change the shape, too, even with a stride of 1. Then the shortcut "
            "needs its convolution as well.",
        ),
        Mistake(
            "first convolution from filters",
            lambda i, f, s: trainable_in_block(i, f, s) - 9 * i * f + 9 * f * f,
            "the first convolution reads the channels that come in, not the filters.",
        ),
        Mistake(
            "second convolution from inputs",
            lambda i, f, s: trainable_in_block(i, f, s) - 9 * f * f + 9 * i * f,
            "the second convolution reads what the first one gives, so it has filters channels on "
            "both sides.",
        ),
        Mistake(
            "shortcut without normalisation",
            lambda i, f, s: trainable_in_block(i, f, s) - (2 * f if s > 1 or i != f else 0),
            "both 3x3 convolutions are right. The convolution of the shortcut is followed by batch "
            "normalisation as well.",
        ),
        Mistake(
            "shortcut of 3x3",
            lambda i, f, s: trainable_in_block(i, f, s) + (8 * i * f if s > 1 or i != f else 0),
            "where the shape stays it is right. The convolution of the shortcut looks at single "
            "pixels: its kernel is 1x1.",
        ),
        Mistake(
            "one number a channel",
            lambda i, f, s: trainable_in_block(i, f, s) - (3 if s > 1 or i != f else 2) * f,
            "the convolutions are right. Batch normalisation learns two numbers for each channel, "
            "a scale and a shift; you counted one.",
        ),
        Mistake(
            "one normalisation for both",
            lambda i, f, s: trainable_in_block(i, f, s) - 2 * f,
            "one normalisation is missing: each convolution has its own behind it.",
        ),
        Mistake(
            "normalisation of the inputs",
            lambda i, f, s: trainable_in_block(i, f, s) - 2 * f + 2 * i,
            "one of your normalisations counts the channels that come in. It stands behind its "
            "convolution, and so has as many channels as that gives.",
        ),
        Mistake(
            "shortcut from filters",
            lambda i, f, s: trainable_in_block(i, f, s) + (f * f - i * f if s > 1 or i != f else 0),
            "both 3x3 convolutions are right. The shortcut's convolution reads x, which has the "
            "channels that come in.",
        ),
        Mistake(
            "shortcut with a bias",
            lambda i, f, s: trainable_in_block(i, f, s) + (f if s > 1 or i != f else 0),
            "both 3x3 convolutions are right. The shortcut's convolution has no bias either.",
        ),
        Mistake(
            "projection where both change",
            lambda i, f, s: (
                trainable_in_block(i, f, s)
                - (i * f + 2 * f) * ((s > 1 or i != f) and not (s > 1 and i != f))
            ),
            "you project only where stride and channels both change. One of them is enough to "
            "change the shape.",
        ),
        Mistake(
            "3 for 3x3",
            lambda i, f, s: trainable_in_block(i, f, s) - 6 * (i * f + f * f),
            "a 3x3 kernel holds nine numbers for each pair of channels.",
        ),
    ],
)

# 3. What to train, and when


def training_plan(layers, step):  # type: ignore[no-untyped-def]
    plan = {}
    for name, kind in layers.items():
        if step == 1:
            plan[name] = name == "head"
        else:
            plan[name] = kind != "norm"
    return plan


TINY = {"conv_1": "conv", "norm_1": "norm", "head": "dense"}
BIGGER = {
    "conv_1": "conv",
    "norm_1": "norm",
    "conv_2": "conv",
    "average": "norm",
    "features": "dense",
    "head": "dense",
}

HEAD_FIRST = {"head": "dense", "conv_1": "conv", "norm_1": "norm"}


def _plan(first: Callable[[str, str], Any], second: Callable[[str, str], Any]) -> Any:
    """Return a function that plans both steps by a layer's name and kind."""
    return lambda layers, step: {
        name: bool((first if step == 1 else second)(name, kind)) for name, kind in layers.items()
    }


what_to_train = Exercise(
    name="what_to_train",
    question="Return for each layer whether it is trained, in step 1 and in step 2.",
    reference=training_plan,
    cases=[
        Case((TINY, 1), "step 1"),
        Case((TINY, 2), "step 2"),
        Case((BIGGER, 1), "step 1 of a network with another dense layer"),
        Case((BIGGER, 2), "step 2 of a network with another dense layer"),
        Case((HEAD_FIRST, 1), "step 1 of a network whose head is named first"),
    ],
    explanation="Head first; then everything that learns from gradients, at a small rate.",
    hints=[
        "Step 1: only the layer called head is new. Everything else keeps what it has learnt.",
        "Step 2: all may move, except what forty images cannot estimate.",
        "In step 2 the layers of kind norm stay frozen.",
    ],
    mistakes=[
        Mistake(
            "norms left on in step 1",
            lambda layers, step: {
                name: name == "head" or kind == "norm" if step == 1 else kind != "norm"
                for name, kind in layers.items()
            },
            "in step 1 your batch normalisations are still trained. Their moving averages follow "
            "the forty images, so the frozen convolutions above get other inputs.",
        ),
        Mistake(
            "norms on in step 2",
            lambda layers, step: {name: step == 2 or name == "head" for name in layers},
            "step 1 is right. In step 2 you let batch normalisation use means and deviations of "
            "tiny batches, which are mostly chance.",
        ),
        Mistake(
            "all at once",
            lambda layers, step: {name: kind != "norm" for name, kind in layers.items()},
            "in step 1 you train the body too. The new head is random, so the first gradients "
            "through it would spoil what was learnt.",
        ),
        Mistake(
            "head left out",
            lambda layers, step: {
                name: name == "head" if step == 1 else kind != "norm" and name != "head"
                for name, kind in layers.items()
            },
            "in step 2 you froze the head. It has to follow when the features below it move.",
        ),
        Mistake(
            "by kind",
            lambda layers, step: {
                name: kind == "dense" if step == 1 else kind != "norm"
                for name, kind in layers.items()
            },
            "not every dense layer is new. In step 1 only the head is; a dense layer of the "
            "pretrained network keeps its weights.",
        ),
        Mistake(
            "steps swapped",
            lambda layers, step: {
                name: name == "head" if step == 2 else kind != "norm"
                for name, kind in layers.items()
            },
            "both plans are right, and swapped: the head alone comes first.",
        ),
        Mistake(
            "by name",
            lambda layers, step: {
                name: name == "head" if step == 1 else not name.startswith("norm")
                for name in layers
            },
            "you go by the layers' names. What a layer is, its kind says: a batch normalisation "
            "may be called something else.",
        ),
        Mistake(
            "upside down",
            lambda layers, step: {
                name: name != "head" if step == 1 else kind == "norm"
                for name, kind in layers.items()
            },
            "True means trained, False means frozen. You have it the other way round.",
        ),
        Mistake(
            "everything",
            _plan(lambda name, kind: True, lambda name, kind: True),
            "you train everything in both steps. In step 1 the head is alone, and in step 2 the "
            "batch normalisations stay as they are.",
        ),
        Mistake(
            "head alone in both",
            _plan(lambda name, kind: name == "head", lambda name, kind: name == "head"),
            "step 1 is right. In step 2 the layers below the head may move, too.",
        ),
        Mistake(
            "nothing in step 1",
            _plan(lambda name, kind: False, lambda name, kind: kind != "norm"),
            "step 2 is right. In step 1 nothing is trained, but the head is new and random.",
        ),
        Mistake(
            "convolutions only",
            _plan(
                lambda name, kind: name == "head",
                lambda name, kind: kind == "conv" or name == "head",
            ),
            "step 1 is right. In step 2 the dense layer below the head stays frozen: only batch "
            "normalisation should.",
        ),
        Mistake(
            "dense layers, then everything",
            _plan(lambda name, kind: kind == "dense", lambda name, kind: True),
            "both steps train too much: in step 1 a dense layer that is not the head, in step 2 "
            "batch normalisation.",
        ),
        Mistake(
            "the last one",
            lambda layers, step: {
                name: place == len(layers) if step == 1 else kind != "norm"
                for place, (name, kind) in enumerate(layers.items(), start=1)
            },
            "you take the layer that stands last for the head. Go by its name: the order of a "
            "dictionary says nothing.",
        ),
    ],
)

# 4. A gain with its interval


def gain_with_interval(transfer, scratch, quantile):  # type: ignore[no-untyped-def]
    differences = np.asarray(transfer) - np.asarray(scratch)
    deviation = differences.std(ddof=1)
    return differences.mean(), quantile * deviation / np.sqrt(len(differences))


def _unpaired(transfer: Any, scratch: Any, quantile: float) -> tuple[float, float]:
    variance = np.var(transfer, ddof=1) + np.var(scratch, ddof=1)
    return np.mean(transfer) - np.mean(scratch), quantile * np.sqrt(variance / len(transfer))


FIVE = (
    np.array([0.81, 0.74, 0.78, 0.83, 0.76]),
    np.array([0.74, 0.69, 0.70, 0.75, 0.71]),
    2.776,
)

gain = Exercise(
    name="gain",
    question="Return the mean gain over the draws, and half the width of its interval.",
    reference=gain_with_interval,
    cases=[
        Case(FIVE, "five draws"),
        Case((np.array([0.9, 0.8, 0.95]), np.array([0.85, 0.7, 0.96]), 4.303), "three draws"),
        Case((np.array([0.5, 0.6, 0.7, 0.4]), np.array([0.6, 0.6, 0.6, 0.6]), 3.182), "four draws"),
    ],
    tolerance=1e-9,
    explanation="Both methods saw the same draws, so what is hard about a draw cancels.",
    hints=[
        "Both methods saw the same labelled images in draw 1, in draw 2 and so on. Subtract "
        "draw by draw.",
        "The deviation of a few numbers divides by one less than their count: ddof=1.",
        "The mean of n draws scatters by deviation / sqrt(n); the quantile makes it an interval.",
    ],
    mistakes=[
        Mistake(
            "deviation, not error of the mean",
            lambda a, b, q: (np.mean(a - b), q * np.std(a - b, ddof=1)),
            "that says how much single draws scatter. A mean of n draws scatters less, by the "
            "root of n.",
        ),
        Mistake(
            "divided by n",
            lambda a, b, q: (np.mean(a - b), q * np.std(a - b) / np.sqrt(len(a))),
            "with few numbers the deviation comes out too small if you divide by n: use ddof=1.",
        ),
        Mistake(
            "not paired",
            _unpaired,
            "you treated the two as unrelated. They saw the same draws: a draw of bad examples "
            "hurts both. Subtract draw by draw first, and the interval shrinks.",
        ),
        Mistake(
            "divided by n, not its root",
            lambda a, b, q: (np.mean(a - b), q * np.std(a - b, ddof=1) / len(a)),
            "the error of a mean falls with the root of the number of draws, not with the number.",
        ),
        Mistake(
            "no quantile",
            lambda a, b, q: (np.mean(a - b), np.std(a - b, ddof=1) / np.sqrt(len(a))),
            "that is the standard error. The interval is wider by the quantile, which is large "
            "when the draws are few.",
        ),
        Mistake(
            "wrong way round",
            lambda a, b, q: (
                np.mean(b - a),
                q * np.std(a - b, ddof=1) / np.sqrt(len(a)),
            ),
            "the gain is transfer minus scratch. Yours is negative where transfer is better.",
        ),
        Mistake(
            "whole width",
            lambda a, b, q: (np.mean(a - b), 2 * gain_with_interval(a, b, q)[1]),
            "the gain is right. You return the whole width of the interval; half of it is asked "
            "for.",
        ),
        Mistake(
            "both ends",
            lambda a, b, q: (
                np.mean(a - b) - gain_with_interval(a, b, q)[1],
                np.mean(a - b) + gain_with_interval(a, b, q)[1],
            ),
            "these are the two ends of the interval, and rightly computed. Return its middle and "
            "half its width.",
        ),
        Mistake(
            "a quantile for many draws",
            lambda a, b, q: (np.mean(a - b), 1.96 * np.std(a - b, ddof=1) / np.sqrt(len(a))),
            "1.96 holds for many draws. With few of them the interval is wider: use the quantile "
            "that you are given.",
        ),
        Mistake(
            "variance",
            lambda a, b, q: (np.mean(a - b), q * np.var(a - b, ddof=1) / np.sqrt(len(a))),
            "you took the variance. The deviation is its root.",
        ),
        Mistake(
            "median",
            lambda a, b, q: (np.median(a - b), gain_with_interval(a, b, q)[1]),
            "the half-width is right. You took the median of the gains, and their mean is asked "
            "for.",
        ),
        Mistake(
            "deviation of transfer",
            lambda a, b, q: (np.mean(a - b), q * np.std(a, ddof=1) / np.sqrt(len(a))),
            "the gain is right. You took the deviation of transfer alone. What counts is how much "
            "the gain scatters from draw to draw.",
        ),
        Mistake(
            "difference of deviations",
            lambda a, b, q: (
                np.mean(a - b),
                q * (np.std(a, ddof=1) - np.std(b, ddof=1)) / np.sqrt(len(a)),
            ),
            "the gain is right. A difference of two deviations is not the deviation of the "
            "differences: subtract draw by draw first.",
        ),
        Mistake(
            "sum of deviations",
            lambda a, b, q: (
                np.mean(a - b),
                q * (np.std(a, ddof=1) + np.std(b, ddof=1)) / np.sqrt(len(a)),
            ),
            "the gain is right. You added the deviations of both. Subtract draw by draw first, and "
            "take the deviation of that.",
        ),
        Mistake(
            "not paired, divided by n",
            lambda a, b, q: (np.mean(a - b), q * np.sqrt((np.var(a) + np.var(b)) / len(a))),
            "two things: you treated the two as unrelated, so subtract draw by draw first; and "
            "you divided by n inside the deviation, where n - 1 is right.",
        ),
        Mistake(
            "size of the gains",
            lambda a, b, q: (np.mean(np.abs(a - b)), gain_with_interval(a, b, q)[1]),
            "the half-width is right. A draw in which transfer is worse counts against the gain: "
            "no absolute values.",
        ),
    ],
)

# 5. Open-ended: twenty labels a class

LABELS = 20
DRAWS = (1, 2, 3)
HELD_OUT = 500
ACCURACY_WANTED = 0.87


def twenty_digits(draw: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return twenty labelled digits a class, and others to be judged by.

    Args:
        draw: which draw of the labelled digits, an integer from 0.

    Returns:
        Labelled images, float32, shape (200, 28, 28), grey values from 0 to 1;
        their labels, shape (200,); 500 new images, shape (500, 28, 28), and
        their labels, shape (500,).
    """
    images, labels = _training_digits()
    generator = np.random.default_rng(draw)
    few = np.concatenate(
        [
            generator.choice(np.flatnonzero(labels[:50000] == digit), LABELS, replace=False)
            for digit in range(10)
        ]
    )
    few = generator.permutation(few)
    new = 50000 + generator.choice(10000, HELD_OUT, replace=False)
    scale = np.float32(255)
    return images[few] / scale, labels[few], images[new] / scale, labels[new]


@functools.cache
def _training_digits() -> tuple[np.ndarray, np.ndarray]:
    from course_lib import datasets

    (images, labels), _ = datasets.mnist()
    return images, labels.astype(int)


MOVES = [(0, 0), (0, 1), (1, 0), (0, -1), (-1, 0)]


def read_digits(few_images, few_labels, new_images):  # type: ignore[no-untyped-def]
    shifts = [(0, 0), (-1, -1), (-1, 1), (1, -1), (1, 1)]
    moved = [np.roll(few_images, shift, axis=(1, 2)) for shift in shifts]
    known = np.concatenate(moved).reshape(-1, 784)
    points = np.concatenate([known, new_images.reshape(-1, 784)])
    lengths = (points**2).sum(axis=1)
    squares = lengths[:, None] + lengths[: len(known)] - 2 * points @ known.T
    closeness = np.exp(-np.maximum(squares, 0) / 40)
    ridge = 0.05 * np.eye(len(known))
    targets = np.eye(10)[np.tile(few_labels, len(shifts))]
    weights = np.linalg.solve(closeness[: len(known)] + ridge, targets)
    return np.argmax(closeness[len(known) :] @ weights, axis=1)


def _nearest_pixels(few_images: Any, few_labels: Any, new_images: Any) -> Any:
    few, new = few_images.reshape(-1, 784), new_images.reshape(-1, 784)
    distances = (few**2).sum(axis=1) - 2 * new @ few.T
    return few_labels[distances.argmin(axis=1)]


def _nearest_mean(few_images: Any, few_labels: Any, new_images: Any) -> Any:
    means = np.array([few_images[few_labels == digit].mean(axis=0) for digit in range(10)])
    new, means = new_images.reshape(-1, 784), means.reshape(-1, 784)
    return np.argmin((means**2).sum(axis=1) - 2 * new @ means.T, axis=1)


def _unshifted(few_images: Any, few_labels: Any, new_images: Any) -> Any:
    known, new = few_images.reshape(-1, 784), new_images.reshape(-1, 784)
    points = np.concatenate([known, new])
    lengths = (points**2).sum(axis=1)
    squares = lengths[:, None] + lengths[: len(known)] - 2 * points @ known.T
    closeness = np.exp(-squares / 40)
    ridge = 0.05 * np.eye(len(known))
    weights = np.linalg.solve(closeness[: len(known)] + ridge, np.eye(10)[few_labels])
    return np.argmax(closeness[len(known) :] @ weights, axis=1)


def _judge_reader(answer: Any) -> str:
    accuracies = []
    for draw in DRAWS:
        few_images, few_labels, new_images, new_labels = twenty_digits(draw)
        case = Case((few_images, few_labels, new_images), f"draw {draw}")
        said = call(answer, case)
        problem = _labels_problem(said)
        if problem:
            raise Rejected(problem)
        if not np.isin(np.asarray(said), range(10)).all():
            raise Rejected(
                "some of your labels are no digits from 0 to 9. Do you return places in the list "
                "of labelled images? Then look up what stands there: few_labels[places]."
            )
        accuracies.append(float(np.mean(np.asarray(said).ravel() == new_labels)))
    mean = float(np.mean(accuracies))
    if mean >= ACCURACY_WANTED:
        return ""
    result = f"{mean:.1%} of the new digits are right, and {ACCURACY_WANTED:.0%} are wanted."
    if mean < 0.2:
        return (
            f"{result} That is blind guessing. Are your labels in the order of the new images, "
            "has each shifted copy the label of its own image, and does the answer depend on the "
            "images?"
        )
    if mean < 0.72:
        return (
            f"{result} Some simple rules do better: a softmax regression on pixels gets about "
            "80 %. Look at a few images and labels for a mix-up, or train for longer."
        )
    if mean >= 0.84:
        return (
            f"{result} That is close. Have you trained on copies shifted by a pixel, too? If so, "
            "keep back some of the 200 images, and choose your method's settings on them."
        )
    return f"{result} You are at the level of comparing pixels. {_what_it_keeps(answer)}"


def _what_it_keeps(answer: Any) -> str:
    """Say what is lost by how well the labelled images are read themselves, and shifted."""
    few_images, few_labels, new_images, _ = twenty_digits(DRAWS[0])
    shifts = [(1, 1), (1, -1), (-1, 1), (-1, -1)]
    shifted = [
        np.roll(few_images[place::4], shift, axis=(1, 2)) for place, shift in enumerate(shifts)
    ]
    labels = np.concatenate([few_labels[place::4] for place in range(4)])
    count = len(few_labels)
    asked = np.concatenate([few_images, *shifted, new_images])[:HELD_OUT]
    said = call(answer, Case((few_images, few_labels, asked), "the labelled images"))
    if _labels_problem(said):
        return "Shifted by a pixel, a 5 is still a 5: do you train on shifted copies, too?"
    right = np.asarray(said).ravel()[: 2 * count] == np.concatenate([few_labels, labels])
    themselves, moved = right[:count].mean(), right[count:].mean()
    if themselves < 0.95:
        return (
            f"Of the {count} labelled images themselves it reads only {themselves:.0%} right: it "
            "keeps too little of each. (One mean for a digit, or a vote of several images, blurs "
            "the ways to write it.) Let each image count: train a classifier that can bend, and on "
            "shifted copies, too."
        )
    # What has compared with copies shifted by a pixel reads nearly all of these.
    if moved < 0.92:
        return (
            "Moved by a pixel up or down and one to the side, even the labelled images are read "
            f"right in only {moved:.0%}. Tell your method what you know about digits: shifted by a "
            "pixel, a 5 is still a 5. Train on shifted copies, too."
        )
    return (
        "What is shifted by a pixel it knows already. The nearest image alone, or a boundary that "
        "is straight, is too little: train a classifier that can bend and weighs many images."
    )


def _labels_problem(said: Any) -> str:
    wanted = f"one digit for each of the {HELD_OUT} new images, as an array of {HELD_OUT} labels"
    problem = difference(said, np.zeros(HELD_OUT), tolerance=np.inf)
    if problem and np.shape(said) == (HELD_OUT, 10):
        return f"your function returned ten numbers an image. Return {wanted}: take the argmax."
    if problem:
        return f"your function should return {wanted}: {problem}."
    return ""


twenty_labels = Exercise(
    name="twenty_labels",
    question="Read new digits after twenty labelled ones a class: 87 % right over three draws.",
    reference=read_digits,
    accept=_judge_reader,
    explanation=(
        "The digits it was judged by were neither labelled for it nor used for anything else. How "
        "far above 87 % can you get?"
    ),
    seconds=60.0,
    hints=[
        "Which methods of this lesson take images and labels and return predictions? Start with "
        "the simplest, and see what it gets: data = exercises.twenty_digits(0).",
        "Two hundred images are few, but each can be shifted up, down, left and right. "
        "course_lib.training.shift_images does it; np.roll does, too.",
        "A support vector machine (SVC of sklearn.svm) on the images and their eight copies "
        "shifted by a pixel gets there. The solution shows a way without a library.",
    ],
    mistakes=[
        Mistake(
            "always the same digit",
            lambda few_images, few_labels, new_images: np.ones(len(new_images), int),
            "That is blind guessing",
        ),
        Mistake("nearest image", _nearest_pixels, "Train on shifted copies, too."),
        Mistake(
            "nearest shifted copy",
            lambda few_images, few_labels, new_images: _nearest_pixels(
                np.concatenate([np.roll(few_images, move, axis=(1, 2)) for move in MOVES]),
                np.tile(few_labels, len(MOVES)),
                new_images,
            ),
            "What is shifted by a pixel it knows already",
        ),
        Mistake("nearest mean", _nearest_mean, "it keeps too little of each"),
        Mistake(
            "the nearest image's place",
            lambda few_images, few_labels, new_images: _nearest_pixels(
                few_images, np.arange(len(few_labels)), new_images
            ),
            "look up what stands there",
        ),
        Mistake("no shifted copies", _unshifted, "That is close"),
        Mistake(
            "nearest mean brightness of a row",
            lambda few_images, few_labels, new_images: _nearest_pixels(
                np.repeat(few_images.mean(axis=2, keepdims=True), 28, axis=2),
                few_labels,
                np.repeat(new_images.mean(axis=2, keepdims=True), 28, axis=2),
            ),
            "Some simple rules do better",
        ),
        Mistake(
            "probabilities",
            lambda few_images, few_labels, new_images: np.eye(10)[
                _nearest_pixels(few_images, few_labels, new_images)
            ],
            "returned ten numbers an image",
        ),
    ],
)
