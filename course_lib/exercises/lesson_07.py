"""Exercises of lesson 07, convolution."""

import functools
import math
from typing import Any

import numpy as np

from course_lib.exercises.comparison import shorten
from course_lib.exercises.exercise import Case, Exercise, Mistake, Rejected
from course_lib.scratch.convolution import convolve, output_size, receptive_field

# 1. How many places a window has


def places(size, kernel, stride, zeros):  # type: ignore[no-untyped-def]
    return (size + 2 * zeros - kernel) // stride + 1


window_places = Exercise(
    name="window_places",
    question="Return the outputs along an axis, with as many zeros before as after it.",
    reference=places,
    cases=[
        Case((5, 3, 1, 0)),
        Case((28, 5, 1, 2)),
        Case((28, 3, 2, 0)),
        Case((7, 3, 2, 1)),
        Case((32, 7, 3, 3)),
        Case((8, 3, 3, 0)),
    ],
    explanation="Dumoulin and Visin (2016), relationship 6.",
    hints=[
        "How long is the axis once the zeros stand on both sides of it?",
        "The window's first pixel can be the first one. How far right can it still move?",
        "Whole steps of the stride that fit into that way, and one more for the first place.",
    ],
    mistakes=[
        Mistake(
            "zeros on one side",
            lambda size, kernel, stride, zeros: (size + zeros - kernel) // stride + 1,
            "you counted the zeros once, but they stand before the first pixel and after the "
            "last one.",
        ),
        Mistake(
            "rounded up",
            lambda size, kernel, stride, zeros: -((size + 2 * zeros - kernel) // -stride) + 1,
            "you rounded up: the last window would hang over the edge. Only whole steps count.",
        ),
        Mistake(
            "first place forgotten",
            lambda size, kernel, stride, zeros: (size + 2 * zeros - kernel) // stride,
            "you counted the steps. The window already has a place before its first step.",
        ),
        Mistake(
            "not rounded",
            lambda size, kernel, stride, zeros: (size + 2 * zeros - kernel) / stride + 1,
            "half a window is no output. A step that does not fit is left out: use //.",
        ),
        Mistake(
            "kernel forgotten",
            lambda size, kernel, stride, zeros: (size + 2 * zeros - 1) // stride + 1,
            "you let the window start at the last pixel, where only a window of one pixel fits.",
        ),
        Mistake(
            "zeros ignored",
            lambda size, kernel, stride, zeros: (size - kernel) // stride + 1,
            "without padding it is right. The zeros on both sides make the axis longer.",
        ),
        Mistake(
            "the first place divided, too",
            lambda size, kernel, stride, zeros: (size + 2 * zeros - kernel + 1) // stride,
            "the one for the first place is no step: divide by the stride first, then add it.",
        ),
        Mistake(
            "one pixel short",
            lambda size, kernel, stride, zeros: (size + 2 * zeros - kernel - 1) // stride + 1,
            "the window can move one pixel further than you let it: the way is as long as the axis "
            "with its zeros, less the kernel.",
        ),
        Mistake(
            "rounded to the nearest",
            lambda size, kernel, stride, zeros: round((size + 2 * zeros - kernel) / stride) + 1,
            "you rounded to the nearest whole number. A step that does not fit is left out, even "
            "if it nearly fits: use //.",
        ),
        Mistake(
            "stride forgotten",
            lambda size, kernel, stride, zeros: size + 2 * zeros - kernel + 1,
            "right where the stride is 1. Elsewhere the window jumps over places: divide the way "
            "by the stride.",
        ),
        Mistake(
            "as with padding 'same'",
            lambda size, kernel, stride, zeros: -(-size // stride),
            "you divided the size by the stride, rounded up, as with padding 'same'. Here the "
            "kernel and the zeros count, too.",
        ),
    ],
)

# 2. What a layer costs


def layer_cost(height, width, channels, size, filters):  # type: ignore[no-untyped-def]
    parameters = size * size * channels * filters + filters
    windows = (height - size + 1) * (width - size + 1)
    multiplications = windows * size * size * channels * filters
    return parameters, multiplications


def _cost(height: int, width: int, channels: int, size: int, filters: int) -> Any:
    return layer_cost(height, width, channels, size, filters)


counting = Exercise(
    name="counting",
    question="Return the parameters and the multiplications of a convolution without padding.",
    reference=layer_cost,
    cases=[
        Case((5, 5, 1, 3, 1), "one 3 x 3 kernel on 5 x 5 pixels"),
        Case((28, 28, 1, 5, 6), "6 filters of 5 x 5 on 28 x 28 pixels"),
        Case((10, 12, 3, 3, 4), "4 filters of 3 x 3 on 10 x 12 pixels with 3 channels"),
        Case((8, 8, 32, 1, 16), "16 filters of 1 x 1 on 8 x 8 pixels with 32 channels"),
    ],
    explanation="The image's size is in the second number only: that is weight sharing.",
    hints=[
        "How many numbers does one filter hold? It reaches through all channels.",
        "Parameters: numbers of a filter and its one bias, times the filters.",
        "Multiplications: each window is multiplied by all numbers of all filters. How many "
        "windows are there?",
    ],
    mistakes=[
        Mistake(
            "no bias",
            lambda h, w, c, k, f: (k * k * c * f, _cost(h, w, c, k, f)[1]),
            "the multiplications are right. Each filter has one parameter more: its bias.",
        ),
        Mistake(
            "a bias for each output",
            lambda h, w, c, k, f: (
                k * k * c * f + (h - k + 1) * (w - k + 1) * f,
                _cost(h, w, c, k, f)[1],
            ),
            "you gave each place its own bias. It belongs to the filter, and all places share it.",
        ),
        Mistake(
            "channels forgotten",
            lambda h, w, c, k, f: _cost(h, w, 1, k, f),
            "you counted flat kernels. A filter reaches through all channels of its input, with "
            "other numbers for each.",
        ),
        Mistake(
            "as many windows as pixels",
            lambda h, w, c, k, f: (_cost(h, w, c, k, f)[0], h * w * k * k * c * f),
            "the parameters are right. Without padding the window has fewer places than the image "
            "has pixels: see exercise 1.",
        ),
        Mistake(
            "not shared",
            lambda h, w, c, k, f: (
                (h - k + 1) * (w - k + 1) * (k * k * c * f + f),
                _cost(h, w, c, k, f)[1],
            ),
            "you counted parameters of their own for each window. All windows share one kernel.",
        ),
        Mistake(
            "multiplications of one window",
            lambda h, w, c, k, f: (_cost(h, w, c, k, f)[0], k * k * c * f),
            "the parameters are right. The multiplications are those of one window; the kernel is "
            "used again at every place.",
        ),
        Mistake(
            "channels forgotten in the multiplications",
            lambda h, w, c, k, f: (_cost(h, w, c, k, f)[0], _cost(h, w, 1, k, f)[1]),
            "the parameters are right. The multiplications leave the channels out: at each place "
            "every number of a filter is used, in all its channels.",
        ),
        Mistake(
            "channels forgotten in the parameters",
            lambda h, w, c, k, f: (_cost(h, w, 1, k, f)[0], _cost(h, w, c, k, f)[1]),
            "the multiplications are right. A filter has numbers of its own for each channel of "
            "its input: count these, too.",
        ),
        Mistake(
            "one place too few along each axis",
            lambda h, w, c, k, f: (_cost(h, w, c, k, f)[0], (h - k) * (w - k) * k * k * c * f),
            "the parameters are right. Along each axis you miss one place: the window already has "
            "one before its first step.",
        ),
        Mistake(
            "biases multiplied",
            lambda h, w, c, k, f: (
                _cost(h, w, c, k, f)[0],
                (h - k + 1) * (w - k + 1) * (k * k * c * f + f),
            ),
            "the parameters are right. You counted the biases among the multiplications: a bias "
            "is added, not multiplied.",
        ),
        Mistake(
            "the height for both axes",
            lambda h, w, c, k, f: (_cost(h, w, c, k, f)[0], _cost(h, h, c, k, f)[1]),
            "right for square pictures. Count the places along the width by the width.",
        ),
        Mistake(
            "filters forgotten",
            lambda h, w, c, k, f: _cost(h, w, c, k, 1),
            "you counted a single filter. The layer has several, each with its own numbers and "
            "its own bias.",
        ),
        Mistake(
            "one bias for all filters",
            lambda h, w, c, k, f: (k * k * c * f + 1, _cost(h, w, c, k, f)[1]),
            "the multiplications are right. You counted one bias for the layer: each filter has "
            "its own.",
        ),
        Mistake(
            "multiplications of one filter",
            lambda h, w, c, k, f: (_cost(h, w, c, k, f)[0], _cost(h, w, c, k, 1)[1]),
            "the parameters are right. The multiplications are those of a single filter: the "
            "others multiply as often.",
        ),
        Mistake(
            "weights of one filter",
            lambda h, w, c, k, f: (k * k * c + f, _cost(h, w, c, k, f)[1]),
            "the multiplications are right. You counted the weights of one filter: each has its "
            "own.",
        ),
        Mistake(
            "a bias for each channel of each filter",
            lambda h, w, c, k, f: ((k * k + 1) * c * f, _cost(h, w, c, k, f)[1]),
            "the multiplications are right. You gave a filter a bias for each channel that comes "
            "in. It has one in all.",
        ),
        Mistake(
            "the width for both axes",
            lambda h, w, c, k, f: (_cost(h, w, c, k, f)[0], _cost(w, w, c, k, f)[1]),
            "right for square pictures. Count the places along the height by the height.",
        ),
    ],
)

# 3. Average pooling is a convolution


def averaging_kernels(size, channels):  # type: ignore[no-untyped-def]
    kernels = np.zeros((size, size, channels, channels))
    for channel in range(channels):
        kernels[:, :, channel, channel] = 1 / size**2
    return kernels


def _corner(size: int) -> np.ndarray:
    corner = np.zeros((size, size))
    corner[0, 0] = 1
    return corner


average_as_convolution = Exercise(
    name="average_as_convolution",
    question="Return kernels (size, size, channels, channels) that make a convolution average.",
    reference=averaging_kernels,
    cases=[Case((2, 1)), Case((2, 3)), Case((3, 2)), Case((1, 2))],
    explanation="With the stride equal to the size, and no bias, this is average pooling.",
    hints=[
        "Output channel f should be the mean of input channel f, and of no other.",
        "So kernels[:, :, c, f] is zero wherever c and f differ.",
        "Where they are equal each of the size * size pixels counts 1 / size**2.",
    ],
    mistakes=[
        Mistake(
            "channels mixed",
            lambda size, channels: np.full((size, size, channels, channels), 1 / size**2),
            "every output adds up all channels. Pooling keeps channels apart: kernels[:, :, c, f] "
            "is zero where c and f differ.",
        ),
        Mistake(
            "mean over channels too",
            lambda size, channels: np.full(
                (size, size, channels, channels), 1 / (size**2 * channels)
            ),
            "you averaged over the channels as well, so that all outputs are the same picture. "
            "Pooling keeps them apart.",
        ),
        Mistake(
            "sum, not mean",
            lambda size, channels: averaging_kernels(size, channels) * size**2,
            "the channels are right, but this adds up. A mean divides by the number of pixels.",
        ),
        Mistake(
            "divided by the side",
            lambda size, channels: averaging_kernels(size, channels) * size,
            "the channels are right. A window of size 2 holds four pixels, not two.",
        ),
        Mistake(
            "a single filter",
            lambda size, channels: np.full((size, size, channels, 1), 1 / size**2),
            "that is one filter, so one output channel. Pooling gives as many channels as it gets.",
        ),
        Mistake(
            "divided by the channels, too",
            lambda size, channels: averaging_kernels(size, channels) / channels,
            "right for one channel. With several you divide by their number, too, but each output "
            "adds up the pixels of one channel only.",
        ),
        Mistake(
            "channels first",
            lambda size, channels: averaging_kernels(size, channels).transpose(2, 3, 0, 1),
            "you put the channels first. Keras has the window's two axes in front: "
            "(size, size, channels, channels).",
        ),
        Mistake(
            "one pixel",
            lambda size, channels: (
                averaging_kernels(size, channels) * size**2 * _corner(size)[:, :, None, None]
            ),
            "the channels are right, but this copies one pixel of each window. A mean takes all of "
            "them in.",
        ),
        Mistake(
            "one channel comes in",
            lambda size, channels: np.full((size, size, 1, channels), 1 / size**2),
            "your kernels take in a single channel: the third axis has an entry for each channel "
            "of the input.",
        ),
        Mistake(
            "all ones",
            lambda size, channels: np.ones((size, size, channels, channels)),
            "every output adds up all pixels of all channels. A mean divides, and pooling keeps "
            "channels apart.",
        ),
        Mistake(
            "no axes for the window",
            lambda size, channels: np.eye(channels) / size**2,
            "the channels are right, but the window's two axes are missing in front: each of its "
            "pixels has such a table.",
        ),
        Mistake(
            "no axis for the filters",
            lambda size, channels: np.full((size, size, channels), 1 / size**2),
            "an axis is missing: the last one has an entry for each channel that goes out.",
        ),
    ],
)

# 4. The gradient of a shared kernel


def kernel_gradient(signal, upstream):  # type: ignore[no-untyped-def]
    size = len(signal) - len(upstream) + 1
    return np.array([upstream @ signal[u : u + len(upstream)] for u in range(size)])


_SIGNAL = np.array([1.0, 2.0, 4.0, 7.0, 3.0])

shared_kernel = Exercise(
    name="shared_kernel",
    question="Return dL/dk for outputs[i] = sum over u of k[u] * signal[i + u].",
    reference=kernel_gradient,
    cases=[
        Case((_SIGNAL, np.array([1.0, 0.0, 0.0])), "blame for the first output only"),
        Case((_SIGNAL, np.array([0.5, -1.0, 2.0])), "blame for three outputs"),
        Case((_SIGNAL, np.array([1.0, 2.0, -1.0, 0.5])), "blame for four outputs"),
        Case((np.array([3.0, -1.0, 2.0, 5.0]), np.array([2.0])), "a kernel as long as the signal"),
    ],
    explanation="The gradient of a kernel is again a convolution: of the signal with the blame.",
    hints=[
        "k[u] takes part in every output i, each time multiplied by signal[i + u].",
        "So dL/dk[u] is the sum over i of upstream[i] * signal[i + u].",
        "u runs from 0 to len(signal) - len(upstream).",
    ],
    mistakes=[
        Mistake(
            "flipped",
            lambda signal, upstream: np.convolve(signal, upstream, "valid"),
            "you turned the blame round, as np.convolve does. Output i meets signal[i + u]: both "
            "run the same way.",
        ),
        Mistake(
            "mean over places",
            lambda signal, upstream: kernel_gradient(signal, upstream) / len(upstream),
            "you took the mean over the places. A weight that is used at many places collects the "
            "sum of their blame.",
        ),
        Mistake(
            "blame left out",
            lambda signal, upstream: kernel_gradient(signal, np.ones(len(upstream))),
            "you added up the signal alone. Each place counts as much as its blame: multiply by "
            "upstream[i].",
        ),
        Mistake(
            "first window only",
            lambda signal, upstream: upstream[0] * signal[: len(signal) - len(upstream) + 1],
            "you followed the first window only. The kernel is used again in all the others.",
        ),
        Mistake(
            "backwards",
            lambda signal, upstream: kernel_gradient(signal, upstream)[::-1],
            "the numbers are right, in reverse order: entry u belongs to k[u]. In np.correlate the "
            "signal comes first.",
        ),
        Mistake(
            "gradient of the signal",
            lambda signal, upstream: np.convolve(upstream, signal[: -len(upstream)], "full"),
            "that has the shape of something else. A gradient has the shape of what it belongs "
            "to: here of the kernel, len(signal) - len(upstream) + 1.",
        ),
        Mistake(
            "over the edge",
            lambda signal, upstream: np.correlate(signal, upstream, "full"),
            "you let the blame hang over both ends of the signal (mode 'full'). It stays inside "
            "(mode 'valid'), which leaves one entry for each k[u].",
        ),
        Mistake(
            "as long as the signal",
            lambda signal, upstream: np.correlate(signal, upstream, "same"),
            "your result is as long as the signal (mode 'same'). The kernel is shorter: let the "
            "blame stay inside (mode 'valid').",
        ),
        Mistake(
            "i - u",
            lambda signal, upstream: np.array(
                [
                    sum(upstream[i] * signal[i - u] for i in range(len(upstream)))
                    for u in range(len(signal) - len(upstream) + 1)
                ]
            ),
            "you went back from i, to signal[i - u], and below 0 that comes in from the other end. "
            "Weight u meets signal[i + u].",
        ),
        Mistake(
            "last window only",
            lambda signal, upstream: upstream[-1] * signal[len(upstream) - 1 :],
            "only the last window is left. Does your loop write over what it found before? Add up "
            "with +=.",
        ),
    ],
)

# 5. Open-ended: a stack that sees far and costs little

PIXELS, SEEN_WANTED, PLACES_WANTED = 28, 20, 2
PARAMETERS_ALLOWED, MULTIPLICATIONS_ALLOWED = 10_000, 500_000


def measure_stack(layers: Any) -> dict[str, int]:
    """Return what a stack of layers without padding sees and costs on 28 x 28 pixels.

    Args:
        layers: a list of ("convolution", kernel, stride, filters) and
            ("pooling", size); a pooling's stride is its size.

    Returns:
        "seen", the pixels along an axis that one output sees; "places", the
        outputs along an axis; "parameters"; "multiplications".

    Raises:
        ValueError: when the stack is not as described, or runs out of pixels.
    """
    if not isinstance(layers, list | tuple) or not layers:
        raise ValueError(f"the stack should be a list of layers, but is {shorten(layers)}.")
    size, channels, parameters, multiplications = PIXELS, 1, 0, 0
    fields = []
    for number, layer in enumerate(layers, start=1):
        _require_layer(number, layer)
        kernel, stride = layer[1], layer[2] if len(layer) == 4 else layer[1]
        fields.append((kernel, stride))
        if output_size(size, kernel, stride) < 1:
            raise ValueError(
                f"layer {number} has a window of {kernel} pixels, and only {size} are left."
            )
        size = output_size(size, kernel, stride)
        if len(layer) == 4:
            numbers = kernel * kernel * channels * layer[3]
            parameters += numbers + layer[3]
            multiplications += size * size * numbers
            channels = layer[3]
    return {
        "seen": receptive_field(fields)[0],
        "places": size,
        "parameters": parameters,
        "multiplications": multiplications,
    }


def _require_layer(number: int, layer: Any) -> None:
    kinds = {"convolution": 4, "pooling": 2}
    good = isinstance(layer, list | tuple) and len(layer) > 0 and isinstance(layer[0], str)
    if not good or len(layer) != kinds.get(layer[0]):
        raise ValueError(
            f'layer {number} should be ("convolution", kernel, stride, filters) or '
            f'("pooling", size), but is {shorten(layer)}.'
        )
    for entry in layer[1:]:
        # The upper limit keeps the counts within what a machine can multiply.
        whole = isinstance(entry, int | np.integer) and not isinstance(entry, bool)
        if not whole or not 1 <= entry <= 1000:
            raise ValueError(
                f"layer {number} should hold whole numbers from 1 to 1000, but holds "
                f"{shorten(entry)}."
            )


SMALL_STACK = [
    ("convolution", 5, 1, 8),
    ("pooling", 2),
    ("convolution", 5, 1, 16),
    ("pooling", 2),
    ("convolution", 3, 1, 32),
]


def _judge_stack(answer: Any) -> str:
    try:
        found = measure_stack(answer)
    except ValueError as error:
        raise Rejected(str(error)) from error
    if found["seen"] < SEEN_WANTED:
        return (
            f"one output sees {found['seen']} pixels along an axis, and should see at least "
            f"{SEEN_WANTED}. A layer adds (kernel - 1) times the strides below it: "
            f"{_how_to_see_more(answer, found)}"
        )
    if found["places"] < PLACES_WANTED:
        return (
            f"one output is left along an axis, and {PLACES_WANTED} are wanted: nothing is left "
            "that could say where. Take one of the strides or poolings out."
        )
    if found["parameters"] > PARAMETERS_ALLOWED:
        return (
            f"it sees enough, but has {found['parameters']:,} parameters, more than "
            f"{PARAMETERS_ALLOWED:,}. {_cheaper(answer)}"
        )
    if found["multiplications"] > MULTIPLICATIONS_ALLOWED:
        return (
            f"it sees enough with few parameters, but needs {found['multiplications']:,} "
            f"multiplications, more than {MULTIPLICATIONS_ALLOWED:,}. Shrink the picture earlier, "
            "or use fewer filters where it is still large."
        )
    if not any(layer[0] == "convolution" and layer[1] > 1 and layer[3] >= 16 for layer in answer):
        return (
            "it has no convolution of at least 16 filters with a kernel larger than 1, so there "
            "is little that it could tell apart. There is room for one."
        )
    return ""


def _how_to_see_more(layers: Any, found: dict[str, int]) -> str:
    strides = math.prod(layer[2] if len(layer) == 4 else layer[1] for layer in layers)
    if strides == 1:
        return "put a stride or a pooling early."
    kernel = 1 + -(-(SEEN_WANTED - found["seen"]) // strides)
    if found["places"] - kernel + 1 >= PLACES_WANTED:
        return (
            f"yours multiply to {strides}, so that one more convolution on top adds {strides} for "
            f"each pixel of its kernel but one. {found['places']} places are left for it."
        )
    return (
        f"on top of yours only {found['places']} places are left. Let the strides and poolings "
        "come early, or be fewer, and put larger kernels, or more of them, behind."
    )


def _cheaper(layers: Any) -> str:
    if max(layer[1] for layer in layers if len(layer) == 4) > 5:
        return "Several small kernels see as far as a large one, with fewer."
    return (
        "Its kernels are small, so take fewer filters, or fewer layers: after a pooling or a "
        "stride each layer adds more to the sight."
    )


stack = Exercise(
    name="stack",
    question="Design a stack that sees 20 pixels with few parameters and multiplications.",
    reference=SMALL_STACK,
    accept=_judge_stack,
    explanation="Strides and poolings buy sight cheaply; the price is knowing where.",
    hints=[
        "Try exercises.measure_stack(...) with one layer, then two, and watch the four numbers.",
        "A pooling of 2 doubles what every later kernel adds to the sight, and quarters the "
        "multiplications of what follows.",
        "A 5 x 5 convolution with 8 filters, a pooling, another with 16, a pooling, and a last "
        "convolution of 3 x 3 fit.",
    ],
    mistakes=[
        Mistake(
            "two small kernels",
            [("convolution", 3, 1, 16), ("convolution", 3, 1, 16)],
            "put a stride or a pooling early.",
        ),
        Mistake(
            "room for one more",
            [
                ("convolution", 5, 1, 8),
                ("pooling", 2),
                ("convolution", 5, 1, 16),
                ("pooling", 2),
            ],
            "one more convolution on top adds 4",
        ),
        Mistake(
            "no room on top",
            [("convolution", 3, 1, 16), ("convolution", 3, 1, 16), ("pooling", 12)],
            "on top of yours only 2 places are left",
        ),
        Mistake(
            "one large kernel",
            [("convolution", 20, 1, 32)],
            "Several small kernels see as far as a large one",
        ),
        Mistake(
            "many small kernels",
            [("convolution", 3, 1, 16)] * 10,
            "so take fewer filters, or fewer layers",
        ),
        Mistake(
            "small kernels, never smaller",
            [("convolution", 3, 1, 8)] * 9 + [("convolution", 3, 1, 16)],
            "Shrink the picture earlier",
        ),
        Mistake(
            "pooled away",
            [("convolution", 3, 1, 16), ("pooling", 3), ("pooling", 3), ("pooling", 2)],
            "that could say where",
        ),
        Mistake(
            "out of pixels",
            [("convolution", 5, 2, 8), ("convolution", 5, 2, 8), ("convolution", 5, 2, 16)],
            "and only 4 are left.",
        ),
        Mistake(
            "too few filters",
            [("convolution", 5, 1, 2), ("pooling", 2), ("convolution", 5, 1, 2)]
            + [("convolution", 3, 1, 2)] * 2,
            "There is room for one",
        ),
    ],
)

# 6. Open-ended: one kernel that tells a 3 from an 8

ACCURACY_WANTED = 0.82
DIGITS_EACH = 600


@functools.cache
def _threes_and_eights() -> np.ndarray:
    """Return three sets of 600 images a digit, shape (3, 2, 600, 28, 28, 1).

    The first sets the threshold, the second is for the verdict, the third to try kernels on.
    """
    from course_lib import datasets

    (images, labels), _ = datasets.mnist()
    parts = [images[labels == digit][: 3 * DIGITS_EACH] for digit in (3, 8)]
    grey = np.array(parts)[..., np.newaxis].astype(np.float32) / 255
    return np.moveaxis(grey.reshape(2, 3, DIGITS_EACH, 28, 28, 1), 1, 0)


def three_or_eight_accuracy(kernel: Any) -> float:
    """Return how well one kernel tells 3 from 8, on digits to try kernels on.

    The image is convolved, negative answers are set to zero, and the mean is
    compared with the threshold that does best on 600 other digits of each kind.
    The check uses digits that are neither of these.

    Args:
        kernel: shape (3, 3).

    Raises:
        ValueError: when the kernel is not nine finite numbers.
    """
    return _accuracy(kernel, _threes_and_eights()[2])


def _accuracy(kernel: Any, digits: np.ndarray) -> float:
    kernels = np.asarray(kernel)
    if kernels.shape != (3, 3) or kernels.dtype.kind not in "iuf":
        raise ValueError(f"the kernel should be 3 x 3 real numbers, but is {shorten(kernel)}.")
    kernels = kernels.astype(np.float64)
    if not np.isfinite(kernels).all() or not kernels.any():
        raise ValueError("the kernel should hold finite numbers, not all of them zero.")
    kernels = (kernels / np.abs(kernels).max()).astype(np.float32)[:, :, np.newaxis, np.newaxis]
    answers = []
    for images in (_threes_and_eights()[0], digits):
        flat = images.reshape(-1, *images.shape[2:])
        outputs = np.maximum(convolve(flat, kernels, np.zeros(1, np.float32)), 0)
        answers.append(outputs.mean(axis=(1, 2, 3)).reshape(2, -1))
    (threes, eights), (new_threes, new_eights) = answers
    best, threshold, sign = -1.0, 0.0, 1.0
    for candidate in np.quantile(np.concatenate([threes, eights]), np.linspace(0, 1, 101)):
        right = np.mean(threes < candidate) + np.mean(eights >= candidate)
        for side, score in ((1.0, right), (-1.0, 2 - right)):
            if score > best:
                best, threshold, sign = score, candidate, side
    right = np.mean(new_threes < threshold) + np.mean(new_eights >= threshold)
    return float(right / 2 if sign > 0 else 1 - right / 2)


UPRIGHT_STROKE = [[-1, 2, -1], [-1, 2, -1], [-1, 2, -1]]


def _judge_kernel(answer: Any) -> str:
    try:
        accuracy = _accuracy(answer, _threes_and_eights()[1])
    except ValueError as error:
        raise Rejected(str(error)) from error
    if accuracy >= ACCURACY_WANTED:
        return ""
    kernel = np.asarray(answer, dtype=np.float64)
    size = np.abs(kernel).sum()
    result = f"on new digits it is right in {accuracy:.0%} of cases."
    if not (kernel > 0).any():
        return (
            f"{result} None of its numbers is above zero, so no answer is, and the step that sets "
            "negative answers to zero leaves nothing. What is sought needs positive numbers."
        )
    flat = kernel - kernel.mean()
    if flat.any() and _accuracy(flat, _threes_and_eights()[1]) >= ACCURACY_WANTED:
        return (
            f"{result} Its nine numbers sum to {kernel.sum():.3g}, so it answers to plain ink as "
            "well as to what it should look for. Take a ninth of the sum off each."
        )
    if abs(kernel.sum()) > 0.2 * size:
        return (
            f"{result} Its nine numbers sum to {kernel.sum():.3g}, so it answers to ink, and a 3 "
            "has about as much of it as an 8. Let them sum to zero."
        )
    if np.abs(kernel - np.rot90(kernel)).sum() < 0.2 * size:
        return (
            f"{result} Turned by a quarter it is the same kernel, so it answers to strokes of "
            "every direction alike. Which direction has an 8 that a 3 lacks?"
        )
    if _accuracy(kernel.T, _threes_and_eights()[1]) >= ACCURACY_WANTED:
        return (
            f"{result} It looks for level strokes, and both digits have three of them. Turn the "
            "kernel by a quarter."
        )
    if np.abs(kernel + kernel[:, ::-1]).sum() < 0.2 * size:
        return (
            f"{result} It finds edges from dark to bright on one side only. A stroke is dark, "
            "bright, dark: three columns, the middle one positive."
        )
    slanting, straight = _strokes(kernel)
    if slanting > straight:
        return (
            f"{result} It answers most to strokes that slant. Write a 3 and an 8 over each other: "
            "which way runs the stroke that only the 8 has?"
        )
    return (
        f"{result} Write a 3 and an 8 over each other: which strokes has only the 8? Look for "
        "those, and draw the outputs of a few digits."
    )


def _strokes(kernel: np.ndarray) -> tuple[float, float]:
    """Return the largest answer to a slanting and to a straight stroke through the middle."""
    slanting = max(np.trace(kernel), np.trace(kernel[:, ::-1]))
    return float(slanting), float(max(kernel[1].sum(), kernel[:, 1].sum()))


three_or_eight = Exercise(
    name="three_or_eight",
    question="Find a 3 x 3 kernel that tells 3 from 8 with an accuracy of 0.82 on new digits.",
    reference=UPRIGHT_STROKE,
    accept=_judge_kernel,
    explanation="One number of nine weights and no training. A network learns many such kernels.",
    hints=[
        "Close a 3 on its left side and it is an 8. What runs where it was closed?",
        "Look for upright strokes: dark, bright, dark from left to right, the same in all rows.",
        "Let the nine numbers sum to zero, so that neither black nor solid white answers.",
    ],
    seconds=30.0,
    mistakes=[
        Mistake("blur", [[1, 1, 1], [1, 1, 1], [1, 1, 1]], "so it answers to ink"),
        Mistake("too bright", [[-1, 3, -1], [-1, 3, -1], [-1, 3, -1]], "answers to plain ink as"),
        Mistake("nothing left", [[-1, -1, -1], [-1, -1, -1], [-1, -1, -1]], "leaves nothing"),
        Mistake(
            "all directions", [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]], "every direction alike"
        ),
        Mistake(
            "level strokes", [[-1, -1, -1], [2, 2, 2], [-1, -1, -1]], "looks for level strokes"
        ),
        Mistake("an edge", [[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]], "It finds edges from dark"),
        Mistake(
            "a slanting stroke", [[2, -1, -1], [-1, 2, -1], [-1, -1, 2]], "most to strokes that"
        ),
        Mistake(
            "an edge of level strokes",
            [[1, 2, 1], [0, 0, 0], [-1, -2, -1]],
            "which strokes has only",
        ),
    ],
)
