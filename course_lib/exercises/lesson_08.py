"""Exercises of lesson 08, a CNN that reads digits."""

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from course_lib.exercises.exercise import Case, Exercise, Mistake, Rejected, call

# 4. Parameters of a listing


def parameters(side, kernels, filters, hidden, classes):  # type: ignore[no-untyped-def]
    channels, total = 1, 0
    for kernel, count in zip(kernels, filters, strict=True):
        total += kernel * kernel * channels * count + count
        side = (side - kernel + 1) // 2
        channels = count
    total += side * side * channels * hidden + hidden
    return total + hidden * classes + classes


def _one_dense_layer(side: int, kernels: Any, filters: Any, hidden: int, classes: int) -> int:
    # With classes in place of the hidden units, and nothing behind them.
    return int(parameters(side, kernels, filters, classes, 0))


def _counted(
    side: int,
    kernels: Any,
    filters: Any,
    hidden: int,
    classes: int,
    *,
    bias: int = 1,
    one_channel: bool = False,
    padded: bool = False,
    pooled: int = 2,
    up: bool = False,
    flat: bool = True,
) -> int:
    channels, total = 1, 0
    for kernel, count in zip(kernels, filters, strict=True):
        total += kernel * kernel * (1 if one_channel else channels) * count + bias * count
        side = side if padded else side - kernel + 1
        side = math.ceil(side / pooled) if up else side // pooled
        channels = count
    total += (side * side if flat else 1) * channels * hidden + bias * hidden
    return total + hidden * classes + bias * classes


def _sized(
    listing: tuple[Any, ...],
    down: Callable[[Any], Any] = lambda side: side // 2,
    lost: int = 1,
    flat: Callable[[Any, int], Any] = lambda side, channels: side * side * channels,
) -> Any:
    """Return the parameters when the maps get other sizes on their way."""
    side, kernels, filters, hidden, classes = listing
    channels, total = 1, 0
    for kernel, count in zip(kernels, filters, strict=True):
        total += kernel * kernel * channels * count + count
        side = down(side - kernel + lost)
        channels = count
    return total + flat(side, channels) * hidden + hidden + hidden * classes + classes


def _pooled_once(side: int, kernels: Any, filters: Any, hidden: int, classes: int) -> int:
    whole = parameters(side, kernels, filters, hidden, classes)
    last = (side - kernels[0] + 1) // 2 - kernels[1] + 1
    return int(whole + (last**2 - (last // 2) ** 2) * filters[1] * hidden)


listing_parameters = Exercise(
    name="listing_parameters",
    question="Return the number of parameters of two convolutions and two dense layers.",
    reference=parameters,
    cases=[
        Case((28, (5, 5), (32, 64), 128, 10), "tutorial A"),
        Case((28, (3, 3), (8, 12), 20, 10), "3 x 3 kernels, an odd map before the second pooling"),
        Case((33, (4, 3), (2, 5), 7, 3), "images of 33 x 33"),
    ],
    explanation="Pooling has no parameters, but it decides how many the dense layer needs.",
    hints=[
        "Go through the layers and keep two numbers: the side of the map and its channels.",
        "A convolution has kernel * kernel * channels_in * filters weights, and a bias for each "
        "filter. Afterwards the side is (side - kernel + 1) // 2.",
        "The first dense layer sees side * side * channels numbers.",
    ],
    mistakes=[
        Mistake(
            "no biases",
            functools.partial(_counted, bias=0),
            "the weights are right, the biases are missing: one for each filter and each unit.",
        ),
        Mistake(
            "input channels forgotten",
            functools.partial(_counted, one_channel=True),
            "a kernel of the second convolution is as deep as the first has filters: its weights "
            "are kernel * kernel * channels_in * filters.",
        ),
        Mistake(
            "padded",
            functools.partial(_counted, padded=True),
            "that is the network with padding. Without it a kernel takes kernel - 1 pixels off "
            "the side. (The tutorials confuse the two as well.)",
        ),
        Mistake(
            "pooling forgotten",
            functools.partial(_counted, pooled=1),
            "the maps are halved by each pooling before they reach the dense layer.",
        ),
        Mistake(
            "rounded up",
            functools.partial(_counted, up=True),
            "tutorial A is right. Where a side is odd, pooling drops the last row: round down.",
        ),
        Mistake(
            "only channels flattened",
            functools.partial(_counted, flat=False),
            "Flatten lines up every number of the maps, side * side * channels of them, and not "
            "the channels alone.",
        ),
        Mistake(
            "one dense layer only",
            _one_dense_layer,
            "you go from the maps straight to the classes. Between them stands a dense layer of "
            "hidden units.",
        ),
        Mistake(
            "output layer left out",
            lambda side, kernels, filters, hidden, classes: parameters(
                side, kernels, filters, hidden, 0
            ),
            "right up to the hidden units. The last dense layer, from them to the classes, is "
            "missing.",
        ),
        Mistake(
            "kernels not squared",
            lambda side, kernels, filters, hidden, classes: (
                parameters(side, kernels, filters, hidden, classes)
                - sum(
                    kernel * (kernel - 1) * channels * count
                    for kernel, channels, count in zip(
                        kernels, (1, *filters), filters, strict=False
                    )
                )
            ),
            "the dense layers are right. A kernel has two sides: it holds kernel * kernel numbers "
            "for each channel.",
        ),
        Mistake(
            "convolutions without biases",
            lambda side, kernels, filters, hidden, classes: (
                parameters(side, kernels, filters, hidden, classes) - sum(filters)
            ),
            "the dense layers are right. The convolutions have biases, too: one for each filter.",
        ),
        Mistake(
            "dense layers without biases",
            lambda side, kernels, filters, hidden, classes: (
                parameters(side, kernels, filters, hidden, classes) - hidden - classes
            ),
            "the convolutions are right. The dense layers have biases, too: one for each unit and "
            "each class.",
        ),
        Mistake(
            "first dense layer without biases",
            lambda side, kernels, filters, hidden, classes: (
                parameters(side, kernels, filters, hidden, classes) - hidden
            ),
            "nearly: the biases of the first dense layer are missing, one for each hidden unit.",
        ),
        Mistake(
            "last dense layer without biases",
            lambda side, kernels, filters, hidden, classes: (
                parameters(side, kernels, filters, hidden, classes) - classes
            ),
            "nearly: the biases of the last dense layer are missing, one for each class.",
        ),
        Mistake(
            "half pixels",
            lambda *listing: _sized(listing, down=lambda side: side / 2),
            "tutorial A is right. Where a side is odd, you go on with half a pixel: use //.",
        ),
        Mistake(
            "pooled once",
            _pooled_once,
            "you halved the map once. There is a pooling behind the second convolution, too.",
        ),
        Mistake(
            "one pixel lost too many",
            lambda *listing: _sized(listing, lost=0),
            "you took the whole kernel off the side. A kernel of 3 takes 2 pixels off: "
            "side - kernel + 1.",
        ),
        Mistake(
            "side not squared",
            lambda *listing: _sized(listing, flat=lambda side, channels: side * channels),
            "the convolutions are right. A map has side * side places, and the dense layer sees "
            "all of them.",
        ),
        Mistake(
            "one map flattened",
            lambda *listing: _sized(listing, flat=lambda side, channels: side * side),
            "the convolutions are right. There are as many maps as filters, and the dense layer "
            "sees all of them.",
        ),
    ],
)

# 1. Flatten


def flatten(maps):  # type: ignore[no-untyped-def]
    return maps.reshape(len(maps), -1)


keep_the_batch = Exercise(
    name="keep_the_batch",
    question="Flatten maps of shape (batch, height, width, channels) into a row for each image.",
    reference=flatten,
    cases=[
        Case((np.arange(3 * 2 * 2 * 4.0).reshape(3, 2, 2, 4),), "three images of 2 x 2 x 4"),
        Case((np.arange(2 * 4 * 3 * 2.0).reshape(2, 4, 3, 2),), "two images of 4 x 3 x 2"),
        Case((np.arange(1 * 14 * 14 * 64.0).reshape(1, 14, 14, 64),), "one image of 14 x 14 x 64"),
    ],
    explanation="The batch is what you know; -1 stands for the rest.",
    hints=[
        "Which of the numbers in the new shape do you know for certain, whatever the image size?",
        "len(maps) is the batch. reshape fills in one -1 by itself.",
    ],
    mistakes=[
        Mistake(
            "a fixed size of 16",
            lambda maps: maps.reshape(-1, 16) if maps.size % 16 == 0 else maps.reshape(-1, 12),
            "this is the trap of tutorial C: with the row's length fixed, larger images are cut "
            "into several rows. Fix the batch, and leave the length open.",
        ),
        Mistake(
            "C's own line",
            lambda maps: (
                maps.reshape(-1, 7 * 7 * 64)
                if maps.size % (7 * 7 * 64) == 0
                else maps.reshape(len(maps), -1)
            ),
            "small images come out right, and the one of 14 x 14 x 64 becomes four rows. -1 "
            "should not stand where the batch is.",
        ),
        Mistake(
            "everything in one row",
            lambda maps: maps.reshape(-1),
            "that is one row for the whole batch. Each image needs its own.",
        ),
        Mistake(
            "channels first",
            lambda maps: maps.transpose(0, 3, 1, 2).reshape(len(maps), -1),
            "the shape is right, the order is that of libraries which put channels first. Keras "
            "keeps height, width, channels: do not transpose.",
        ),
        Mistake(
            "batch last",
            lambda maps: maps.reshape(-1, len(maps)).T,
            "the shape is right, but numbers of different images are mixed: a row has to be cut "
            "off, not woven.",
        ),
        Mistake(
            "batch behind",
            lambda maps: maps.reshape(-1, len(maps)),
            "the batch is what you know, but it stands on the wrong side: rows come first, and "
            "each image is one.",
        ),
        Mistake(
            "a row for each pixel",
            lambda maps: maps.reshape(-1, maps.shape[-1]),
            "you made a row for each pixel, with its channels. All pixels of an image belong in "
            "one row.",
        ),
        Mistake(
            "channels forgotten in the length",
            lambda maps: maps.reshape(-1, maps.shape[1] * maps.shape[2]),
            "your rows are height times width long, so that each image is cut into as many rows as "
            "it has channels. A row holds the channels, too.",
        ),
        Mistake(
            "only the channels lined up",
            lambda maps: maps.reshape(*maps.shape[:2], -1),
            "you lined up a row of pixels at a time. Height, width and channels all go into one "
            "axis.",
        ),
        Mistake(
            "averaged",
            lambda maps: maps.mean(axis=(1, 2)),
            "you averaged over the image, which is another layer (global average pooling). "
            "Flattening keeps every number.",
        ),
        Mistake(
            "the largest",
            lambda maps: maps.max(axis=(1, 2)),
            "you kept the largest number of each channel, which is another layer (global max "
            "pooling). Flattening keeps every number.",
        ),
        Mistake(
            "first axis runs fastest",
            lambda maps: maps.reshape(len(maps), -1, order="F"),
            "the shape is right, but within each row the numbers go down the columns first "
            "(order 'F'). Leave them as they lie in memory.",
        ),
        Mistake(
            "first image only",
            lambda maps: maps[0].reshape(-1),
            "that is the first image alone. Each image of the batch gets a row.",
        ),
        Mistake(
            "summed",
            lambda maps: maps.sum(axis=(1, 2)),
            "you added up each channel over the image. Flattening keeps every number.",
        ),
        Mistake(
            "images in columns",
            lambda maps: maps.reshape(len(maps), -1).T,
            "the numbers are right, but your images stand in columns. Each image is a row.",
        ),
    ],
)

# 5. Is the accuracy possible?


def possible(accuracy, images):  # type: ignore[no-untyped-def]
    around = round(accuracy * images)
    nearby = range(max(around - 1, 0), min(around + 1, images) + 1)
    return any(round(right / images, 4) == round(accuracy, 4) for right in nearby)


possible_accuracy = Exercise(
    name="possible_accuracy",
    question="Return whether an accuracy with four decimals is possible for so many images.",
    reference=possible,
    cases=[
        Case((0.9932, 10_000), "0.9932 of 10,000"),
        Case((0.9932, 640), "0.9932 of 640"),
        Case((0.9938, 640), "0.9938 of 640"),
        Case((0.9923, 7000), "0.9923 of 7000"),
        Case((0.6667, 3), "0.6667 of 3"),
        Case((0.66, 3), "0.66 of 3"),
        Case((0.9965, 858), "0.9965 of 858"),
        Case((1.0, 50), "all of 50"),
        Case((0.999, 50), "0.999 of 50"),
        Case((0.9966, 858), "0.9966 of 858"),
        Case((0.9968, 858), "0.9968 of 858"),
        Case((0.0, 7), "none of 7"),
    ],
    explanation="With few images most decimals are impossible: the idea of the GRIM test.",
    hints=[
        "Which whole number of right answers comes nearest? Divide it by the number of images.",
        "Round that share to four decimals and compare it with the accuracy.",
        "right = round(accuracy * images), then round(right / images, 4) == accuracy.",
    ],
    mistakes=[
        Mistake(
            "the product has to be whole",
            lambda accuracy, images: abs(accuracy * images - round(accuracy * images)) < 1e-9,
            "2 of 3 is printed as 0.6667, and 0.6667 * 3 is not whole. The printed number is "
            "rounded, so compare after rounding.",
        ),
        Mistake(
            "rounded down",
            lambda accuracy, images: (
                round(int(accuracy * images) / images, 4) == round(accuracy, 4)
            ),
            "int() cuts off: 0.9965 * 858 is 854.997, and you made it 854. Round to the nearest "
            "whole number, 855.",
        ),
        Mistake(
            "a whole unit off",
            lambda accuracy, images: abs(round(accuracy * images) / images - accuracy) < 0.99e-4,
            "nearly: you let pass what is off by almost a whole unit of the last decimal. Rounding "
            "moves a number by half a unit at most.",
        ),
        Mistake(
            "nearly whole",
            lambda accuracy, images: abs(accuracy * images - round(accuracy * images)) < 1e-3,
            "you ask whether the product is nearly whole. How far it may be off grows with the "
            "number of images, so compare shares: 636 of 640 is 0.9938, and 0.9938 * 640 is "
            "636.032.",
        ),
        Mistake(
            "all right left out",
            lambda accuracy, images: possible(accuracy, images) and accuracy < 1,
            "right but for one thing: that all images are right is possible, too. range(images) "
            "ends at images - 1.",
        ),
        Mistake(
            "all wrong left out",
            lambda accuracy, images: possible(accuracy, images) and accuracy > 0,
            "right but for one thing: that not one image is right is possible, too. Zero is a "
            "number of right answers.",
        ),
        Mistake(
            "neither all nor none",
            lambda accuracy, images: possible(accuracy, images) and 0 < accuracy < 1,
            "right but at both ends: that all images are right is possible, and that none is.",
        ),
        Mistake(
            "cut off",
            lambda accuracy, images: any(
                math.floor(right / images * 10_000) == round(accuracy * 10_000)
                for right in range(images + 1)
            ),
            "you cut the share off after four decimals. What is printed is rounded: 2 of 3 is "
            "0.6667.",
        ),
        Mistake(
            "three decimals",
            lambda accuracy, images: any(
                round(right / images, 3) == round(accuracy, 3) for right in range(images + 1)
            ),
            "you compare three decimals, and four are printed.",
        ),
        Mistake(
            "percent",
            lambda accuracy, images: any(
                round(100 * right / images, 4) == round(accuracy, 4) for right in range(images + 1)
            ),
            "you compare percent with a share: 0.9932 is 99.32 %.",
        ),
        Mistake(
            "turned round",
            lambda accuracy, images: not possible(accuracy, images),
            "exactly the wrong way round: True is for what is possible.",
        ),
        Mistake(
            "nearly whole, more loosely",
            lambda accuracy, images: abs(accuracy * images - round(accuracy * images)) < 0.05,
            "you allow the product to be a little off a whole number. With 7000 images it may be "
            "off by a third: compare shares, rounded to four decimals.",
        ),
        Mistake(
            "anything near",
            lambda accuracy, images: abs(round(accuracy * images) / images - accuracy) < 1e-3,
            "you let pass what is near. 636 of 640 is 0.9938 and 635 is 0.9922; nothing between "
            "is possible. All four decimals have to agree.",
        ),
        Mistake(
            "always",
            lambda accuracy, images: True,
            "you call everything possible. Of 50 images 49 are 0.98 and 50 are 1: can 0.999 be?",
        ),
        Mistake(
            "never",
            lambda accuracy, images: False,
            "you call everything impossible, even 9932 right answers of 10,000.",
        ),
    ],
)

# 5. Wilson's interval


def wilson(right, images):  # type: ignore[no-untyped-def]
    z, p = 1.96, right / images
    centre = p + z**2 / (2 * images)
    reach = z * np.sqrt(p * (1 - p) / images + z**2 / (4 * images**2))
    return (centre - reach) / (1 + z**2 / images), (centre + reach) / (1 + z**2 / images)


def _wilson(
    right: Any,
    images: Any,
    z: float = 1.96,
    centred: bool = True,
    root: bool = True,
    factor: bool = True,
    second: bool = True,
) -> Any:
    p = right / images
    centre = p + z**2 / (2 * images) if centred else p
    inside = p * (1 - p) / images + second * z**2 / (4 * images**2)
    reach = (z if factor else 1) * (np.sqrt(inside) if root else inside)
    return (centre - reach) / (1 + z**2 / images), (centre + reach) / (1 + z**2 / images)


def _wald(right: Any, images: Any) -> Any:
    p = right / images
    reach = 1.96 * np.sqrt(p * (1 - p) / images)
    return p - reach, p + reach


def _brackets(right: Any, images: Any) -> Any:
    low, high = _wilson(right, images)
    too_far = (1.96**2 / 2 * images - 1.96**2 / (2 * images)) / (1 + 1.96**2 / images)
    return low + too_far, high + too_far


def _half_width(right: Any, images: Any) -> Any:
    low, high = _wilson(right, images)
    return (low + high) / 2, (high - low) / 2


def _undivided(right: Any, images: Any) -> Any:
    low, high = _wilson(right, images)
    factor = 1 + 1.96**2 / images
    return low * factor, high * factor


def _square_lost(right: Any, images: Any) -> Any:
    z, p = 1.96, right / images
    centre, whole = p + z**2 / (2 * images), 1 + z**2 / images
    reach = z * np.sqrt(p * (1 - p) / images + z**2 / (4 * images))
    return (centre - reach) / whole, (centre + reach) / whole


def _reach_divided(right: Any, images: Any) -> Any:
    low, high = _undivided(right, images)
    centre, reach = (low + high) / 2, (high - low) / 2 / (1 + 1.96**2 / images)
    return centre - reach, centre + reach


def _variance_not_divided(right: Any, images: Any) -> Any:
    z, p = 1.96, right / images
    centre, whole = p + z**2 / (2 * images), 1 + z**2 / images
    reach = z * np.sqrt(p * (1 - p) + z**2 / (4 * images**2))
    return (centre - reach) / whole, (centre + reach) / whole


def _with_centre(right: Any, images: Any, added: float) -> Any:
    low, high = _wilson(right, images)
    moved = (added - 1.96**2 / (2 * images)) / (1 + 1.96**2 / images)
    return low + moved, high + moved


def _square_lost_below(right: Any, images: Any) -> Any:
    low, high = _undivided(right, images)
    return low / (1 + 1.96 / images), high / (1 + 1.96 / images)


wilson_interval = Exercise(
    name="wilson_interval",
    question="Return the lower and upper end of Wilson's interval with z = 1.96.",
    reference=wilson,
    cases=[
        Case((9950, 10_000), "9950 of 10,000"),
        Case((10, 10), "ten of ten"),
        Case((0, 5), "none of five"),
        Case((30, 40), "30 of 40"),
    ],
    explanation="Ten of ten says: at least 72 %. Wilson (1927).",
    hints=[
        "Write p = right / images first, then the centre, then what is added and subtracted.",
        "The root holds two terms: p (1 - p) / n, and z**2 / (4 n**2).",
        "Both ends are divided by 1 + z**2 / n. Return (lower, upper).",
    ],
    mistakes=[
        Mistake(
            "plain interval",
            _wald,
            "this is p plus and minus 1.96 standard errors. Of ten right answers in ten it says "
            "that the network is never wrong. Wilson's has three terms more.",
        ),
        Mistake(
            "one standard error",
            functools.partial(_wilson, z=1.0),
            "your z is 1, which gives an interval of about 68 %. For 95 % take 1.96.",
        ),
        Mistake(
            "centre not moved",
            functools.partial(_wilson, centred=False),
            "the centre is p + z**2 / (2 n), a little nearer to one half than p.",
        ),
        Mistake(
            "not divided",
            _undivided,
            "the numerator is right; divide both ends by 1 + z**2 / n.",
        ),
        Mistake(
            "no root",
            functools.partial(_wilson, root=False),
            "z multiplies the square root of the two terms; your root is missing.",
        ),
        Mistake(
            "root not multiplied",
            functools.partial(_wilson, factor=False),
            "the centre is right. What you add and subtract is the root alone: z times the root.",
        ),
        Mistake(
            "one term in the root",
            functools.partial(_wilson, second=False),
            "the centre is right. The root holds a second term, z**2 / (4 n**2); without it ten "
            "of ten leave no doubt.",
        ),
        Mistake(
            "brackets",
            _brackets,
            "z**2 / 2 * n is half of z**2, times n. Put the 2 * n in brackets.",
        ),
        Mistake(
            "centre and half the width",
            _half_width,
            "these are the centre and half the width. Return the lower and the upper end.",
        ),
        Mistake(
            "upper end first",
            lambda right, images: _wilson(right, images)[::-1],
            "both numbers are right, in the wrong order: lower end first.",
        ),
        Mistake(
            "a square lost in the root",
            _square_lost,
            "the centre is right. In the root z**2 is divided by 4 n**2: n is squared there, too.",
        ),
        Mistake(
            "a square lost below",
            _square_lost_below,
            "the numerator is right. Below stands 1 + z**2 / n, with the square.",
        ),
        Mistake(
            "z of 2",
            functools.partial(_wilson, z=2.0),
            "your z is 2, a little too large: take 1.96.",
        ),
        Mistake(
            "z of 90 %",
            functools.partial(_wilson, z=1.645),
            "your z is 1.645, which gives an interval of 90 %. For 95 % take 1.96.",
        ),
        Mistake(
            "only the reach divided",
            _reach_divided,
            "you divided only what is added and subtracted by 1 + z**2 / n. The centre is divided "
            "by it, too: put the whole numerator in brackets.",
        ),
        Mistake(
            "variance not divided",
            _variance_not_divided,
            "the centre is right. In the root p (1 - p) is divided by n.",
        ),
        Mistake(
            "centre moved twice as far",
            lambda right, images: _with_centre(right, images, 1.96**2 / images),
            "your centre is moved twice as far as it should be: z**2 / (2 n) is added to p.",
        ),
        Mistake(
            "a square lost in the centre",
            lambda right, images: _with_centre(right, images, 1.96 / (2 * images)),
            "in the centre z is squared: z**2 / (2 n) is added to p.",
        ),
        Mistake(
            "two more of each",
            lambda right, images: _wald(right + 2, images + 4),
            "that is the plain interval with two more right and two more wrong answers, which "
            "comes near. Wilson's own formula is asked for.",
        ),
    ],
)

# 6. Open-ended: the post office

BUDGET = 0.03
WRONG_ALLOWED = 0.001


@functools.cache
def _read_digits(first: int) -> tuple[np.ndarray, np.ndarray]:
    """Return what a trained network says of every second test image, and their labels."""
    from course_lib import datasets
    from course_lib.lesson import quiet_stderr

    with quiet_stderr():
        import keras

        from course_lib.models.digits import trained_digit_network

    _, (images, labels) = datasets.mnist()
    images, labels = images[first::2], labels[first::2]
    inputs = images[..., np.newaxis].astype("float32") / 255
    logits = trained_digit_network().predict(inputs, batch_size=500, verbose=0)
    return keras.ops.convert_to_numpy(keras.ops.softmax(logits)).astype(float), labels


def choice_data() -> tuple[np.ndarray, np.ndarray]:
    """Return probabilities, shape (5000, 10), and labels to choose a rule on.

    They are what the network of `course_lib.models.digits`, trained and stored,
    says of every second test image. The judge has the other half.
    """
    probabilities, labels = _read_digits(0)
    return probabilities.copy(), labels.copy()


def may_answer(probabilities):  # type: ignore[no-untyped-def]
    return probabilities.max(axis=1) > 0.75


def _judge_rule(answer: Any) -> str:
    tiny = np.array([[0.91] + [0.01] * 9, [0.1] * 10])
    verdicts = _as_rule(call(answer, Case((tiny,), "two images")), len(tiny))
    shown, hidden = _read_digits(1)
    shown = shown.copy()
    verdicts = _as_rule(call(answer, Case((shown,), "5,000 new images")), len(shown))
    # Where all are sure, or few are, a threshold that is taken from the images is another one.
    surest = np.argsort(-shown.max(axis=1), kind="stable")
    half = np.concatenate([surest[: len(shown) // 2], surest[-100:]])
    for some in (np.random.default_rng(0).permutation(half), surest[-500:]):
        again = _as_rule(call(answer, Case((shown[some],), "some of the images")), len(some))
        if not np.array_equal(again, verdicts[some]):
            return (
                "the verdict on an image depends on the other images that come with it: does your "
                "threshold move with them? In use they come one by one: compare each with a fixed "
                "threshold."
            )
    sent = 1 - verdicts.mean()
    if not verdicts.any():
        return (
            "the network never answers, so people read everything: not one image passes your rule. "
            "If it compares the largest probability with a threshold, lower that: with smoothed "
            "labels the network is rarely surer than 0.95."
        )
    wrong = np.mean(shown[verdicts].argmax(axis=1) != hidden[verdicts])
    if sent == 0:
        return (
            f"you let the network answer always, and {wrong:.2%} of its answers are wrong. Which "
            "number says how sure it is of an image? If you compare that with a threshold, all "
            "images pass it: ask for more."
        )
    top = shown.max(axis=1)
    # How often an image that is answered is surer than one that is sent to people.
    surer = np.searchsorted(np.sort(top[~verdicts]), top[verdicts]).mean() / (~verdicts).sum()
    if 0.2 < surer < 0.8:
        return (
            "the images that your rule answers are hardly surer than those it sends to people, so "
            "it goes by something else. Which number says how sure the network is of an image?"
        )
    if surer < 0.5:
        return (
            "your rule is the wrong way round: it answers where the network is unsure and "
            f"sends the sure ones to people. {wrong:.2%} of the answers are wrong."
        )
    if sent > BUDGET:
        return (
            f"people would look at {sent:.2%} of the images, and there is time for {BUDGET:.0%}: "
            "let the network answer more of them, by a threshold that is easier to reach. (With "
            "smoothed labels it is rarely surer than 0.95.)"
        )
    if wrong > WRONG_ALLOWED:
        return (
            f"{wrong:.3%} of the answers are wrong, allowed are {WRONG_ALLOWED:.1%}, and only "
            f"{sent:.2%} of the images go to people. Ask for more sureness before it answers."
        )
    return ""


def _as_rule(verdicts: Any, count: int) -> np.ndarray:
    try:
        array = np.asarray(verdicts)
    except (TypeError, ValueError) as error:
        raise Rejected("the rule should return one True or False for each image.") from error
    if array.shape == (10,):
        raise Rejected(
            "the rule returned ten values, one for each class. One for each image is asked for: "
            "the classes lie along axis 1."
        )
    if array.shape == (count, 10):
        raise Rejected(
            "the rule returned ten values for each image, one for each class. One for each image "
            "is asked for: which of its ten probabilities says how sure the network is?"
        )
    if array.shape != (count,) or array.dtype != bool:
        raise Rejected(
            f"the rule should return an array of {count} True or False, one for each image, but "
            f"returned shape {array.shape} and type {array.dtype}."
        )
    return array


post_office = Exercise(
    name="post_office",
    question="Write a rule that says for which images the network may answer.",
    reference=may_answer,
    accept=_judge_rule,
    explanation="How many people did you need? Try the lead of the first class over the second.",
    seconds=60.0,
    hints=[
        "The largest of the ten probabilities says how sure the network is.",
        "probabilities, labels = exercises.choice_data(). For thresholds from 0.5 to 0.95 print "
        "the share below, and the share of wrong answers above.",
        "return probabilities.max(axis=1) > threshold, with a threshold that leaves room on "
        "both sides: other images differ by chance.",
    ],
    mistakes=[
        Mistake(
            "always answers",
            lambda probabilities: probabilities.max(axis=1) > 0.0,
            "you let the network answer always",
        ),
        Mistake(
            "never answers",
            lambda probabilities: probabilities.max(axis=1) > 1.0,
            "the network never answers",
        ),
        Mistake(
            "as sure as a network with hard labels",
            lambda probabilities: probabilities.max(axis=1) > 0.95,
            "there is time for 3%: let",
        ),
        Mistake(
            "too trusting",
            lambda probabilities: probabilities.max(axis=1) > 0.5,
            "Ask for more sureness before it answers",
        ),
        Mistake(
            "the wrong way round",
            lambda probabilities: probabilities.max(axis=1) < 0.7,
            "wrong way round",
        ),
        Mistake(
            "by the class",
            lambda probabilities: probabilities.argmax(axis=1) > 0,
            "are hardly surer than",
        ),
        Mistake(
            "one for each class",
            lambda probabilities: probabilities.max(axis=0) > 0.75,
            "the classes lie along axis 1",
        ),
        Mistake(
            "ten for each image",
            lambda probabilities: probabilities > 0.75,
            "which of its ten probabilities says",
        ),
        Mistake(
            "relative to the batch",
            lambda probabilities: (
                probabilities.max(axis=1) > np.quantile(probabilities.max(axis=1), 0.03)
            ),
            "depends on the other images",
        ),
    ],
)
