"""Convolution and pooling of images, forward and backward, by windows.

Images are (n, h, w, c): examples, height, width, channels. Kernels are
(kh, kw, c, f): a window's height and width, channels, filters. Both as in Keras.
Every function rests on one pair: `windows` copies out what each output looks at,
`add_windows` adds back what each output says about it. Between them stands a
matrix product for a convolution, a maximum or a mean for pooling.

What is computed is cross-correlation, as in every framework: the kernel is not
turned round. The precision is that of what comes in: float32 stays float32.

Padding is "valid" (none), "same" (as many outputs as inputs, divided by the
stride and rounded up; an odd zero goes after, not before, as in TensorFlow) or
a whole number of zeros on each side, as in PyTorch.

Sources: Goodfellow, Bengio and Courville (2016), Deep Learning, sections 9.1 to
9.5; Dumoulin and Visin (2016), A guide to convolution arithmetic for deep
learning, arXiv:1603.07285, for sizes, strides and padding.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from course_lib.scratch.shapes import requires, shapes

Padding = str | int
Size = tuple[int, int]


@requires
def fits_windows(name: str, given: dict[str, Any]) -> None:
    """Require a possible stride and padding, float images, and windows that fit in them.

    The window is `size`, or the first two axes of `kernels`; an `upstream` must
    have one number for each window and filter or channel.
    """
    images = np.asarray(given["images"])
    if images.dtype.kind != "f":
        raise ValueError(
            f"{name}: images should be floating-point numbers, but are {images.dtype}. "
            "Convert them first, as in images / 255."
        )
    size = np.shape(given["kernels"])[:2] if "kernels" in given else given["size"]
    counts = _count_windows(name, images.shape, size, given["stride"], given["padding"])
    if "upstream" in given:
        last = np.shape(given["kernels"])[3] if "kernels" in given else images.shape[3]
        _require_shape(name, "upstream", given["upstream"], (len(images), *counts, last))


@requires
def fits_patches(name: str, given: dict[str, Any]) -> None:
    """Require that `patches` are the windows of images of the shape `shape`."""
    shape, size = given["shape"], np.shape(given["patches"])[3:5]
    if np.shape(shape) != (4,):
        raise ValueError(f"{name}: shape should be that of images, (n, h, w, c), not {shape}.")
    counts = _count_windows(name, shape, size, given["stride"], given["padding"])
    wanted = (shape[0], *counts, *size, shape[3])
    _require_shape(name, "patches", given["patches"], wanted)


def _count_windows(
    name: str, shape: tuple[int, ...], size: Any, stride: Any, padding: Any
) -> list[int]:
    if not _is_count(stride):
        raise ValueError(f"{name}: stride should be a whole number from 1, but is {stride!r}.")
    if np.shape(size) != (2,) or not all(map(_is_count, size)):
        raise ValueError(
            f"{name}: size should be a height and a width of at least 1 pixel, but is {size!r}."
        )
    named = isinstance(padding, str) and padding in ("valid", "same")
    # A window in the border alone would see no pixel.
    if not named and not (_is_count(padding, least=0) and padding < min(size)):
        raise ValueError(
            f'{name}: padding should be "valid", "same" or a whole number smaller than the '
            f"window, but is {padding!r}."
        )
    counts = []
    for axis, length, window in zip(("height", "width"), shape[1:3], size, strict=True):
        counts.append(output_size(length, window, stride, padding))
        if counts[-1] < 1:
            raise ValueError(
                f"{name}: a window of {axis} {window} does not fit into images of "
                f"{axis} {length} with padding {padding!r}."
            )
    return counts


def _require_shape(name: str, argument: str, value: Any, wanted: tuple[int, ...]) -> None:
    if np.shape(value) != wanted:
        raise ValueError(
            f"{name}: {argument} should have shape {wanted} for these windows, "
            f"but has shape {np.shape(value)}."
        )


def _is_count(value: Any, least: int = 1) -> bool:
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    return bool(whole and value >= least)


def padding_widths(size: int, kernel: int, stride: int, padding: Padding) -> tuple[int, int]:
    """Return how many zeros stand before and after one axis.

    "same" adds what ceil(size / stride) windows need, half on each side and an
    odd one after. Source: the documentation of TensorFlow's `tf.nn`, "Notes on
    padding".

    Args:
        size: pixels along the axis.
        kernel: the window's pixels along the axis.
        stride: pixels from one window to the next.
        padding: "valid", "same" or the zeros on each side.

    Returns:
        Zeros before and after.
    """
    if padding == "valid":
        return 0, 0
    if padding == "same":
        outputs = -(-size // stride)
        total = max((outputs - 1) * stride + kernel - size, 0)
        return total // 2, total - total // 2
    return int(padding), int(padding)


def output_size(size: int, kernel: int, stride: int = 1, padding: Padding = "valid") -> int:
    """Return how many windows fit along one axis: floor((size + zeros - kernel) / stride) + 1.

    Source: Dumoulin and Visin (2016), arXiv:1603.07285, relationship 6.

    Args:
        size: pixels along the axis.
        kernel: the window's pixels along the axis.
        stride: pixels from one window to the next.
        padding: "valid", "same" or the zeros on each side.

    Returns:
        The outputs along the axis; 0 or less where the window does not fit.
    """
    zeros = sum(padding_widths(size, kernel, stride, padding))
    return (size + zeros - kernel) // stride + 1


@shapes(images="n h w c")
def pad(
    images: np.ndarray, size: Size, stride: int, padding: Padding, fill: float = 0.0
) -> np.ndarray:
    """Return the images with a border around them.

    Args:
        images: shape (n, h, w, c).
        size: height and width of the window.
        stride: pixels from one window to the next.
        padding: "valid", "same" or the zeros on each side.
        fill: what the border holds.

    Raises:
        ValueError: when the images have not four axes.
    """
    height, width = images.shape[1:3]
    rows = padding_widths(height, size[0], stride, padding)
    columns = padding_widths(width, size[1], stride, padding)
    return np.pad(images, [(0, 0), rows, columns, (0, 0)], constant_values=fill)


@shapes(images="n h w c", kernels="kh kw c f", bias="f")
@fits_windows
def convolve_loops(
    images: np.ndarray,
    kernels: np.ndarray,
    bias: np.ndarray,
    stride: int = 1,
    padding: Padding = "valid",
) -> np.ndarray:
    """Return the convolution by its definition, one output number at a time.

    y[n, i, j, f] = b[f] + sum over u, v, c of x[n, s i + u, s j + v, c] k[u, v, c, f],
    with x the padded images and s the stride. Slow; `convolve` gives the same.
    Source: Goodfellow, Bengio and Courville (2016), equation 9.6.

    Args:
        images: shape (n, h, w, c).
        kernels: shape (kh, kw, c, f).
        bias: shape (f,).
        stride: pixels from one window to the next, along both axes.
        padding: "valid", "same" or the zeros on each side.

    Returns:
        Shape (n, rows, columns, f), sizes as in `output_size`.

    Raises:
        ValueError: when shapes, stride or padding do not fit together.
    """
    height, width, _, filters = kernels.shape
    padded = pad(images, (height, width), stride, padding)
    rows = (padded.shape[1] - height) // stride + 1
    columns = (padded.shape[2] - width) // stride + 1
    outputs = np.zeros((len(images), rows, columns, filters), images.dtype)
    for n, row, column, f in np.ndindex(outputs.shape):
        top, left = row * stride, column * stride
        window = padded[n, top : top + height, left : left + width]
        outputs[n, row, column, f] = np.sum(window * kernels[..., f]) + bias[f]
    return outputs


@shapes(images="n h w c")
@fits_windows
def windows(
    images: np.ndarray,
    size: Size,
    stride: int = 1,
    padding: Padding = "valid",
    fill: float = 0.0,
) -> np.ndarray:
    """Return what each output looks at, as a view that copies no pixel.

    Args:
        images: shape (n, h, w, c).
        size: height and width of the window.
        stride: pixels from one window to the next, along both axes.
        padding: "valid", "same" or the zeros on each side.
        fill: what a border holds.

    Returns:
        Shape (n, rows, columns, height, width, c); read only.

    Raises:
        ValueError: when shapes, stride or padding do not fit together.
    """
    padded = pad(images, size, stride, padding, fill)
    views = sliding_window_view(padded, size, axis=(1, 2))
    return np.moveaxis(views[:, ::stride, ::stride], 3, 5)


@shapes(patches="n rows columns kh kw c")
@fits_patches
def add_windows(
    patches: np.ndarray,
    shape: tuple[int, int, int, int],
    stride: int = 1,
    padding: Padding = "valid",
) -> np.ndarray:
    """Add every window back to the pixels it came from: the way back of `windows`.

    A pixel that several windows saw gets the sum of what they bring; what falls
    on the border is dropped. As a matrix this is the transpose of `windows`,
    so sum(windows(x) * p) = sum(x * add_windows(p)).

    Args:
        patches: shape (n, rows, columns, height, width, c).
        shape: of the images, (n, h, w, c).
        stride: as in `windows`.
        padding: as in `windows`.

    Returns:
        Shape (n, h, w, c).

    Raises:
        ValueError: when `patches` are not the windows of images of that shape.
    """
    (n, height, width, channels), (rows, columns, *size) = shape, patches.shape[1:5]
    top, bottom = padding_widths(height, size[0], stride, padding)
    left, right = padding_widths(width, size[1], stride, padding)
    padded = np.zeros((n, top + height + bottom, left + width + right, channels), patches.dtype)
    for u, v in np.ndindex(*size):
        below, beside = u + stride * rows, v + stride * columns
        padded[:, u:below:stride, v:beside:stride] += patches[:, :, :, u, v]
    return padded[:, top : top + height, left : left + width]


@shapes(images="n h w c", kernels="kh kw c f", bias="f")
@fits_windows
def convolve(
    images: np.ndarray,
    kernels: np.ndarray,
    bias: np.ndarray,
    stride: int = 1,
    padding: Padding = "valid",
) -> np.ndarray:
    """Return the convolution as one matrix product of all windows and all kernels.

    Equal to `convolve_loops`. Source: Chellapilla, Puri and Simard (2006), High
    performance convolutional neural networks for document processing, for
    unrolling windows into the rows of a matrix.

    Args:
        images: shape (n, h, w, c).
        kernels: shape (kh, kw, c, f).
        bias: shape (f,).
        stride: pixels from one window to the next, along both axes.
        padding: "valid", "same" or the zeros on each side.

    Returns:
        Shape (n, rows, columns, f).

    Raises:
        ValueError: when shapes, stride or padding do not fit together.
    """
    patches = windows(images, kernels.shape[:2], stride, padding)
    return np.tensordot(patches, kernels, axes=3) + bias


@shapes(images="n h w c", kernels="kh kw c f", upstream="n rows columns f")
@fits_windows
def convolve_gradients(
    images: np.ndarray,
    kernels: np.ndarray,
    upstream: np.ndarray,
    stride: int = 1,
    padding: Padding = "valid",
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the gradients with respect to images, kernels and bias.

    A kernel's number is used in every window, so its gradient is the sum over all
    windows; a pixel's is the sum over all windows that saw it. Source:
    Goodfellow, Bengio and Courville (2016), section 9.5.

    Args:
        images: shape (n, h, w, c).
        kernels: shape (kh, kw, c, f).
        upstream: dL/d(output), shape (n, rows, columns, f).
        stride: as in `convolve`.
        padding: as in `convolve`.

    Returns:
        dL/d(images), dL/d(kernels), dL/d(bias), each with the shape of its own.

    Raises:
        ValueError: when shapes, stride or padding do not fit together.
    """
    patches = windows(images, kernels.shape[:2], stride, padding)
    kernels_gradient = np.tensordot(patches, upstream, axes=([0, 1, 2], [0, 1, 2]))
    bias_gradient = upstream.sum(axis=(0, 1, 2))
    patches_gradient = np.tensordot(upstream, kernels, axes=(3, 3))
    images_gradient = add_windows(patches_gradient, images.shape, stride, padding)
    return images_gradient, kernels_gradient, bias_gradient


@shapes(images="n h w c")
@fits_windows
def max_pool(
    images: np.ndarray, size: Size = (2, 2), stride: int = 2, padding: Padding = "valid"
) -> np.ndarray:
    """Return the largest number of every window, each channel by itself.

    No parameters. A border never wins. Source: Goodfellow, Bengio and Courville
    (2016), section 9.3.

    Args:
        images: shape (n, h, w, c).
        size: height and width of the window.
        stride: pixels from one window to the next; Keras takes the window's size
            when none is given.
        padding: "valid", "same" or the width of the border.

    Returns:
        Shape (n, rows, columns, c).

    Raises:
        ValueError: when shapes, stride or padding do not fit together.
    """
    return windows(images, size, stride, padding, -np.inf).max(axis=(3, 4))


@shapes(images="n h w c", upstream="n rows columns c")
@fits_windows
def max_pool_gradient(
    images: np.ndarray,
    upstream: np.ndarray,
    size: Size = (2, 2),
    stride: int = 2,
    padding: Padding = "valid",
) -> np.ndarray:
    """Return dL/d(images): all blame goes to the pixel that won.

    Where several pixels of a window are largest the first of them, row by row,
    counts as the winner, as in TensorFlow on a CPU.

    Args:
        images: shape (n, h, w, c).
        upstream: dL/d(output), shape (n, rows, columns, c).
        size: as in `max_pool`.
        stride: as in `max_pool`.
        padding: as in `max_pool`.

    Returns:
        Shape (n, h, w, c).

    Raises:
        ValueError: when shapes, stride or padding do not fit together.
    """
    patches = windows(images, size, stride, padding, -np.inf)
    rows = patches.reshape(*patches.shape[:3], size[0] * size[1], images.shape[3])
    winner = rows.argmax(axis=3, keepdims=True)
    won = winner == np.arange(size[0] * size[1])[:, np.newaxis]
    patches_gradient = (won * upstream[:, :, :, np.newaxis]).reshape(patches.shape)
    return add_windows(patches_gradient, images.shape, stride, padding)


@shapes(images="n h w c")
@fits_windows
def average_pool(
    images: np.ndarray, size: Size = (2, 2), stride: int = 2, padding: Padding = "valid"
) -> np.ndarray:
    """Return the mean of every window, each channel by itself.

    No parameters. A border is not counted, so a window half outside gives the
    mean of its inner half, as in TensorFlow.

    Args:
        images: shape (n, h, w, c).
        size: height and width of the window.
        stride: as in `max_pool`.
        padding: "valid", "same" or the width of the border.

    Returns:
        Shape (n, rows, columns, c).

    Raises:
        ValueError: when shapes, stride or padding do not fit together.
    """
    inside = windows(np.ones_like(images), size, stride, padding)
    pixels = windows(images, size, stride, padding)
    return pixels.sum(axis=(3, 4)) / inside.sum(axis=(3, 4))


@shapes(images="n h w c", upstream="n rows columns c")
@fits_windows
def average_pool_gradient(
    images: np.ndarray,
    upstream: np.ndarray,
    size: Size = (2, 2),
    stride: int = 2,
    padding: Padding = "valid",
) -> np.ndarray:
    """Return dL/d(images): every pixel of a window gets an equal share of its blame.

    Args:
        images: shape (n, h, w, c).
        upstream: dL/d(output), shape (n, rows, columns, c).
        size: as in `average_pool`.
        stride: as in `average_pool`.
        padding: as in `average_pool`.

    Returns:
        Shape (n, h, w, c).

    Raises:
        ValueError: when shapes, stride or padding do not fit together.
    """
    inside = windows(np.ones_like(images), size, stride, padding)
    share = (upstream / inside.sum(axis=(3, 4)))[:, :, :, np.newaxis, np.newaxis]
    return add_windows(np.broadcast_to(share, inside.shape), images.shape, stride, padding)


def receptive_field(layers: Iterable[tuple[int, int]]) -> tuple[int, int]:
    """Return how many pixels one output sees along an axis, and how far apart outputs look.

    A layer with kernel k and stride s, whose inputs look j pixels apart, adds
    (k - 1) j pixels to what one output sees, and its outputs look j s apart.
    Source: Dumoulin and Visin (2016), arXiv:1603.07285; Araujo, Norris and Sim
    (2019), Computing Receptive Fields of Convolutional Neural Networks, Distill.

    Args:
        layers: (kernel, stride) of convolutions and poolings, from the input on.

    Returns:
        The field's size and the distance of neighbouring outputs, in pixels.
    """
    size, step = 1, 1
    for kernel, stride in layers:
        size += (kernel - 1) * step
        step *= stride
    return size, step
