"""Answers to the exercises of lesson 07, by other learners.

They were written without sight of what the checks know.
"""

import math

import numpy as np


def last_weight_forgotten(signal, upstream):
    size = len(signal) - len(upstream)
    return np.array([upstream @ signal[u : u + len(upstream)] for u in range(size)])


def mean_blame(signal, upstream):
    size = len(signal) - len(upstream) + 1
    return np.array([np.mean(upstream * signal[u : u + len(upstream)]) for u in range(size)])


def no_biases(height, width, channels, size, filters):
    parameters = size * size * channels * filters
    return parameters, parameters * (height - size + 1) * (width - size + 1)


def window_at_every_pixel(height, width, channels, size, filters):
    weights = size * size * channels * filters
    return weights + filters, height * width * weights


def channels_forgotten(height, width, channels, size, filters):
    weights = size * size * filters
    return weights + filters, weights * (height - size + 1) * (width - size + 1)


def diagonal_kernels(size, channels, value):
    kernels = np.zeros((size, size, channels, channels))
    for channel in range(channels):
        kernels[:, :, channel, channel] = value
    return kernels


WRONG = {
    "window_places": {
        "zeros on one side only": (
            lambda size, kernel, stride, zeros: (size + zeros - kernel) // stride + 1
        ),
        "adds 1 before dividing by the stride": (
            lambda size, kernel, stride, zeros: (size + 2 * zeros - kernel + 1) // stride
        ),
        "rounds up a last, incomplete step": (
            lambda size, kernel, stride, zeros: math.ceil((size + 2 * zeros - kernel) / stride) + 1
        ),
    },
    "shared_kernel": {
        "np.convolve, which turns upstream round": (
            lambda signal, upstream: np.convolve(signal, upstream, mode="valid")
        ),
        "the kernel one too short": last_weight_forgotten,
        "mean for sum over the outputs": mean_blame,
    },
    "three_or_eight": {
        "blur: measures ink": (np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]]) / 16).tolist(),
        "horizontal lines, axes confused": [[-1, -1, -1], [2, 2, 2], [-1, -1, -1]],
        "outline of everything": [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]],
    },
    "counting": {
        "forgets the biases": no_biases,
        "a window at every pixel, as with padding": window_at_every_pixel,
        "kernels without the channels": channels_forgotten,
    },
    "average_as_convolution": {
        "every channel into every channel": (
            lambda size, channels: np.full((size, size, channels, channels), 1 / size**2)
        ),
        "1 / size for 1 / size squared": (
            lambda size, channels: diagonal_kernels(size, channels, 1 / size)
        ),
        "ones: sums, does not average": (
            lambda size, channels: diagonal_kernels(size, channels, 1.0)
        ),
    },
    "stack": {
        "stops at 16 pixels": [
            ("convolution", 5, 1, 8),
            ("pooling", 2),
            ("convolution", 5, 1, 16),
            ("pooling", 2),
        ],
        "a pooling too many, 1 output left": [
            ("convolution", 5, 1, 8),
            ("pooling", 2),
            ("convolution", 5, 1, 16),
            ("pooling", 2),
            ("convolution", 3, 1, 32),
            ("pooling", 2),
        ],
        "16 filters in the 1 x 1 convolution only": [
            ("convolution", 5, 1, 8),
            ("pooling", 2),
            ("convolution", 5, 1, 8),
            ("pooling", 2),
            ("convolution", 3, 1, 8),
            ("convolution", 1, 1, 16),
        ],
    },
}
RIGHT = {}
