"""Answers to the exercises of lesson 07, written without sight of what the checks know."""

import math

import numpy as np

# ---------------------------------------------------------------- window_places


def places_by_counting(size, kernel, stride, zeros):
    count, start = 0, -zeros
    while start + kernel <= size + zeros:
        count += 1
        start += stride
    return count


# ---------------------------------------------------------------- shared_kernel


def kernel_flipped(signal, upstream):
    return np.convolve(signal, upstream, mode="valid")


def kernel_order_reversed(signal, upstream):
    return np.correlate(upstream, signal, mode="valid")


def kernel_last_weight_lost(signal, upstream):
    size = len(signal) - len(upstream)
    return np.array([upstream @ signal[u : u + len(upstream)] for u in range(size)])


def kernel_mean_over_places(signal, upstream):
    size = len(signal) - len(upstream) + 1
    return np.array([np.mean(upstream * signal[u : u + len(upstream)]) for u in range(size)])


def kernel_blame_forgotten(signal, upstream):
    size = len(signal) - len(upstream) + 1
    return np.array([np.sum(signal[u : u + len(upstream)]) for u in range(size)])


def kernel_by_output(signal, upstream):
    size = len(signal) - len(upstream) + 1
    gradient = [0.0] * size
    for i, blame in enumerate(upstream):
        for u in range(size):
            gradient[u] += float(blame) * float(signal[i + u])
    return gradient


def kernel_by_windows(signal, upstream):
    windows = np.lib.stride_tricks.sliding_window_view(np.asarray(signal), len(upstream))
    return np.einsum("ui,i->u", windows, upstream)


# ---------------------------------------------------------------- counting


def cost_without_bias(height, width, channels, size, filters):
    parameters = size * size * channels * filters
    windows = (height - size + 1) * (width - size + 1)
    return parameters, windows * parameters


def cost_every_pixel(height, width, channels, size, filters):
    weights = size * size * channels * filters
    return weights + filters, height * width * weights


def cost_channels_forgotten(height, width, channels, size, filters):
    windows = (height - size + 1) * (width - size + 1)
    return size**2 * channels * filters + filters, windows * size**2 * filters


def cost_off_by_one(height, width, channels, size, filters):
    weights = size * size * channels * filters
    return weights + filters, (height - size) * (width - size) * weights


def cost_bias_multiplies(height, width, channels, size, filters):
    parameters = size * size * channels * filters + filters
    return parameters, (height - size + 1) * (width - size + 1) * parameters


def cost_from_shapes(height, width, channels, size, filters):
    kernels, biases = (size, size, channels, filters), (filters,)
    outputs = (height - size + 1, width - size + 1)
    return [math.prod(kernels) + math.prod(biases), math.prod(outputs) * math.prod(kernels)]


def cost_by_going_over_filters(height, width, channels, size, filters):
    parameters = multiplications = 0.0
    for _ in range(filters):
        parameters += 1
        for _ in range(channels):
            parameters += size**2
            multiplications += size**2 * (height - size + 1) * (width - size + 1)
    return np.array([parameters, multiplications])


# ---------------------------------------------------------------- average_as_convolution


def averaging_mixes_channels(size, channels):
    return np.full((size, size, channels, channels), 1 / size**2)


def averaging_one_over_size(size, channels):
    kernels = np.zeros((size, size, channels, channels))
    for channel in range(channels):
        kernels[:, :, channel, channel] = 1 / size
    return kernels


def averaging_sums(size, channels):
    kernels = np.zeros((size, size, channels, channels))
    for channel in range(channels):
        kernels[:, :, channel, channel] = 1
    return kernels


def averaging_axes_swapped(size, channels):
    kernels = np.zeros((channels, channels, size, size))
    for channel in range(channels):
        kernels[channel, channel] = 1 / size**2
    return kernels


def averaging_over_channels_too(size, channels):
    kernels = np.zeros((size, size, channels, channels))
    for channel in range(channels):
        kernels[:, :, channel, channel] = 1 / (size**2 * channels)
    return kernels


def averaging_by_broadcast(size, channels):
    return np.ones((size, size, 1, 1)) * np.eye(channels) / size**2


def averaging_in_lists(size, channels):
    share = 1 / (size * size)
    table = [[share if a == b else 0.0 for b in range(channels)] for a in range(channels)]
    return [[table for _ in range(size)] for _ in range(size)]


WRONG = {
    "window_places": {
        "zeros counted once, not on both sides": lambda size, kernel, stride, zeros: (
            (size + zeros - kernel) // stride + 1
        ),
        "+ 1 forgotten": lambda size, kernel, stride, zeros: (size + 2 * zeros - kernel) // stride,
        "rounded up: a window over the edge": lambda size, kernel, stride, zeros: (
            math.ceil((size + 2 * zeros - kernel) / stride) + 1
        ),
        "+ 1 before the division": lambda size, kernel, stride, zeros: (
            (size + 2 * zeros - kernel + 1) // stride
        ),
        "true division, half places": lambda size, kernel, stride, zeros: (
            (size + 2 * zeros - kernel) / stride + 1
        ),
    },
    "shared_kernel": {
        "np.convolve turns the blame round": kernel_flipped,
        "arguments exchanged in np.correlate: comes out reversed": kernel_order_reversed,
        "off by one: last weight lost": kernel_last_weight_lost,
        "mean over the places instead of the sum": kernel_mean_over_places,
        "sums the signal, forgets the blame": kernel_blame_forgotten,
    },
    "three_or_eight": {
        "nine ones: ink": [[1, 1, 1], [1, 1, 1], [1, 1, 1]],
        "Laplace: all outlines": [[0, -1, 0], [-1, 4, -1], [0, -1, 0]],
        "diagonal strokes": [[2, -1, -1], [-1, 2, -1], [-1, -1, 2]],
        "all negative: the ReLU lets nothing through": -np.ones((3, 3)) / 9,
        "one row of three only": np.array([-1.0, 2.0, -1.0]),
    },
    "counting": {
        "biases forgotten": cost_without_bias,
        "a window at every pixel, as with padding": cost_every_pixel,
        "channels forgotten in the multiplications": cost_channels_forgotten,
        "windows off by one": cost_off_by_one,
        "biases counted among the multiplications": cost_bias_multiplies,
    },
    "average_as_convolution": {
        "mixes the channels (right for one)": averaging_mixes_channels,
        "1 / size instead of 1 / size squared": averaging_one_over_size,
        "sum instead of average": averaging_sums,
        "channels first in the shape": averaging_axes_swapped,
        "divides by the channels, too (right for one)": averaging_over_channels_too,
    },
    "stack": {
        # 20 * 20 * 1 * 32 + 32 = 12,832 parameters; 9 * 9 * 12,800 = 1,036,800 multiplications
        "one large kernel: too dear": [("convolution", 20, 1, 32)],
        # sees 1 + 10 * 2 = 21; 8 outputs; 22 * 22 * 9 * 16 * 16 in the third layer alone
        "ten times 3 x 3, no pooling: too many multiplications": [("convolution", 3, 1, 16)] * 10,
        # 28 > 24 > 12 > 8 > 4: sees 1 + 4 + 1 + 2 * 4 + 2 = 16
        "stops after two pairs: sees 16": [
            ("convolution", 5, 1, 8),
            ("pooling", 2),
            ("convolution", 5, 1, 16),
            ("pooling", 2),
        ],
        # 28 > 24 > 12 > 8 > 4 > 2 > 1: sees 28, one output left
        "one layer too many: one output left": [
            ("convolution", 5, 1, 8),
            ("pooling", 2),
            ("convolution", 5, 1, 16),
            ("pooling", 2),
            ("convolution", 3, 1, 16),
            ("pooling", 2),
        ],
        # 28 > 24 > 12 > 8 > 4 > 2: all is met but the filters (16 in the 1 x 1 only)
        "sixteen filters in the 1 x 1 convolution only": [
            ("convolution", 5, 1, 8),
            ("pooling", 2),
            ("convolution", 5, 1, 8),
            ("pooling", 2),
            ("convolution", 3, 1, 8),
            ("convolution", 1, 1, 16),
        ],
    },
}

RIGHT = {
    "window_places": {
        "counts the starts in a loop": places_by_counting,
        "floor of the true division, a NumPy float": lambda size, kernel, stride, zeros: np.floor(
            (size + 2 * zeros - kernel) / stride + 1
        ),
    },
    "shared_kernel": {
        "two loops over outputs, a list": kernel_by_output,
        "sliding windows and np.einsum": kernel_by_windows,
    },
    "three_or_eight": {
        "np.outer, divided by 9, float32": np.outer(np.ones(3), [-1, 2, -1]).astype("float32") / 9,
        "nested tuples, halved": ((-0.5, 1, -0.5), (-0.5, 1, -0.5), (-0.5, 1, -0.5)),
    },
    "counting": {
        "products of the shapes, a list": cost_from_shapes,
        "loops over filters and channels, an array of floats": cost_by_going_over_filters,
    },
    "average_as_convolution": {
        "np.eye and broadcasting": averaging_by_broadcast,
        "nested lists": averaging_in_lists,
    },
    "stack": {
        # 28 > 26 > 13 > 9 > 4 > 2: sees 1 + 2 + 1 + 8 + 2 + 8 = 22; 7,936 and 326,304
        "3 x 3 first": [
            ("convolution", 3, 1, 8),
            ("pooling", 2),
            ("convolution", 5, 1, 16),
            ("pooling", 2),
            ("convolution", 3, 1, 32),
        ],
        # 28 > 12 > 4 > 2: sees 1 + 4 + 8 + 8 = 21; 5,744 and 89,216
        "strides instead of pooling": [
            ("convolution", 5, 2, 8),
            ("convolution", 5, 2, 16),
            ("convolution", 3, 1, 16),
        ],
    },
}
