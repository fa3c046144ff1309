"""Each operation in NumPy and in Keras, forward and backward, timed when asked (see scratch.py)."""

import functools
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from harness import serve
from threadpoolctl import threadpool_info, threadpool_limits

from course_lib.lesson import quiet_stderr
from course_lib.scratch import attention, convolution, normalization, recurrent
from course_lib.scratch.layers import Dense

with quiet_stderr():
    import keras
    import tensorflow as tf
    from keras import layers

QUICK = json.loads(sys.argv[1])["quick"]
Arrays = list[np.ndarray]
Run = Callable[[], Any]


def random_arrays(dtype: str, *shapes: tuple[int, ...]) -> Arrays:
    """Return normal random numbers, the same ones for every data type."""
    generator = np.random.default_rng(1)
    return [generator.normal(scale=0.1, size=shape).astype(dtype) for shape in shapes]


def keras_run(layer: keras.Layer, x: np.ndarray, upstream: np.ndarray, weights: Arrays) -> Run:
    """Return a compiled forward and backward pass: the output and every gradient."""
    layer.build(x.shape)
    variables = layer.trainable_variables
    if weights:
        layer.set_weights([*weights, *layer.get_weights()[len(weights) :]])
    x, upstream = tf.constant(x), tf.constant(upstream)

    @tf.function
    def run(x: tf.Tensor, upstream: tf.Tensor) -> list[tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(x)
            outputs = layer(x, training=True)
        return [outputs, *tape.gradient(outputs, [x, *variables], upstream)]

    # Reading the numbers waits until they are there.
    return lambda: [array.numpy() for array in run(x, upstream)]


def dense(n: int, d: int, h: int, dtype: str) -> tuple[Run, Run]:
    """Return the runs of a dense layer."""
    x, kernel, bias, upstream = random_arrays(dtype, (n, d), (d, h), (h,), (n, h))
    layer = Dense(kernel, bias)

    def ours() -> Arrays:
        outputs = layer.forward(x)
        return [outputs, layer.backward(upstream), *layer.gradients]

    return ours, keras_run(layers.Dense(h, dtype=dtype), x, upstream, [kernel, bias])


def convolve(n: int, side: int, channels: int, filters: int, dtype: str) -> tuple[Run, Run]:
    """Return the runs of a convolution with windows of 3 x 3 and padding "same"."""
    images, kernels = (n, side, side, channels), (3, 3, channels, filters)
    x, kernels, bias, upstream = random_arrays(
        dtype, images, kernels, (filters,), (n, side, side, filters)
    )

    def ours() -> Arrays:
        outputs = convolution.convolve(x, kernels, bias, padding="same")
        return [outputs, *convolution.convolve_gradients(x, kernels, upstream, padding="same")]

    layer = layers.Conv2D(filters, 3, padding="same", dtype=dtype)
    return ours, keras_run(layer, x, upstream, [kernels, bias])


def max_pool(n: int, side: int, channels: int, dtype: str) -> tuple[Run, Run]:
    """Return the runs of max pooling by windows of 2 x 2."""
    half = side // 2
    x, upstream = random_arrays(dtype, (n, side, side, channels), (n, half, half, channels))

    def ours() -> Arrays:
        return [convolution.max_pool(x), convolution.max_pool_gradient(x, upstream)]

    return ours, keras_run(layers.MaxPooling2D(dtype=dtype), x, upstream, [])


def lstm(n: int, t: int, d: int, h: int, dtype: str) -> tuple[Run, Run]:
    """Return the runs of an LSTM, the loss depending on the states of all steps."""
    shapes = (n, t, d), (d, 4 * h), (h, 4 * h), (4 * h,), (n, t, h)
    x, *weights, upstream = random_arrays(dtype, *shapes)
    zeros = np.zeros((n, h), dtype)

    def ours() -> Arrays:
        states, cells = recurrent.lstm(x, *weights, zeros, zeros)
        back = recurrent.lstm_backward(upstream, x, states, cells, *weights, zeros, zeros)
        names = ("inputs", "kernel", "recurrent_kernel", "bias")
        return [states, *(back[name] for name in names)]

    layer = layers.LSTM(h, return_sequences=True, dtype=dtype)
    return ours, keras_run(layer, x, upstream, weights)


def attend(n: int, t: int, d: int, heads: int, dtype: str) -> tuple[Run, Run]:
    """Return the runs of multi-head self-attention."""
    size = d // heads
    x, upstream = random_arrays(dtype, (n, t, d), (n, t, d))
    into, bias = (d, heads, size), (heads, size)
    weights = random_arrays(dtype, *[into, bias] * 3, (heads, size, d), (d,))
    names = ("query", "key", "value", "output")
    kernels = [f"{name}_{part}" for name in names for part in ("kernel", "bias")]

    def ours() -> Arrays:
        outputs, _ = attention.multi_head_attention(x, x, x, *weights)
        back = attention.multi_head_attention_backward(upstream, x, x, x, *weights)
        inputs = back["query"] + back["key"] + back["value"]
        return [outputs, inputs, *(back[name] for name in kernels)]

    class SelfAttention(layers.MultiHeadAttention):
        def build(self, shape: tuple[int, ...]) -> None:
            super().build(shape, shape, shape)

        def call(self, x: tf.Tensor, training: bool | None = None) -> tf.Tensor:
            return super().call(x, x, x, training=training)

    return ours, keras_run(SelfAttention(heads, size, dtype=dtype), x, upstream, weights)


def layer_normalize(n: int, d: int, dtype: str) -> tuple[Run, Run]:
    """Return the runs of layer normalisation."""
    x, scale, shift, upstream = random_arrays(dtype, (n, d), (d,), (d,), (n, d))

    def ours() -> Arrays:
        outputs = normalization.layer_normalization(x, scale, shift)
        return [outputs, *normalization.layer_normalization_gradient(x, scale, upstream)]

    layer = layers.LayerNormalization(epsilon=1e-3, dtype=dtype)
    return ours, keras_run(layer, x, upstream, [scale, shift])


def batch_normalize(n: int, d: int, dtype: str) -> tuple[Run, Run]:
    """Return the runs of batch normalisation in training."""
    x, scale, shift, upstream = random_arrays(dtype, (n, d), (d,), (d,), (n, d))
    own = normalization.BatchNormalization(d)
    own.scale, own.shift = scale, shift

    def ours() -> Arrays:
        outputs = own.forward(x, training=True)
        back = normalization.batch_normalization_gradient(own, x, upstream, training=True)
        return [outputs, *back]

    layer = layers.BatchNormalization(dtype=dtype)
    return ours, keras_run(layer, x, upstream, [scale, shift])


# What is measured: the function, its sizes, and those of a quick run.
OPERATIONS = {
    "dense": (dense, (256, 784, 128), (8, 20, 5)),
    "convolution 3 x 3": (convolve, (64, 28, 32, 64), (2, 8, 3, 4)),
    "max pooling": (max_pool, (64, 28, 32), (2, 8, 3)),
    "LSTM": (lstm, (64, 50, 32, 64), (2, 5, 3, 4)),
    "attention, 8 heads": (attend, (32, 64, 128, 8), (2, 6, 16, 8)),
    "layer normalisation": (layer_normalize, (4096, 128), (8, 6)),
    "batch normalisation": (batch_normalize, (4096, 128), (8, 6)),
}


def sizes(operation: str) -> tuple[int, ...]:
    """Return the sizes that an operation is measured with."""
    return OPERATIONS[operation][2 if QUICK else 1]


@functools.cache
def runs(operation: str, dtype: str) -> tuple[Run, Run]:
    """Return what NumPy runs and what Keras runs, made when first asked for."""
    return OPERATIONS[operation][0](*sizes(operation), dtype)


def measure(
    operation: str, library: str, dtype: str, calls: int, threads: int | None = None
) -> dict[str, Any]:
    """Return the median seconds of some calls, with so many threads of NumPy's or all.

    One call comes before the clock: it meets the other library's threads, which
    still look for work for some milliseconds.
    """
    run = runs(operation, dtype)[library == "Keras"]
    seconds = []
    with threadpool_limits(threads):
        run()
        for _ in range(calls):
            start = time.perf_counter()
            run()
            seconds.append(time.perf_counter() - start)
    return {"seconds": statistics.median(seconds)}


def compare(operation: str) -> dict[str, Any]:
    """Return how far both are apart in float64, and NumPy's own precision given float32."""
    ours, theirs = (run() for run in runs(operation, "float64"))
    # Relative to the largest of all: some gradients are zero but for rounding.
    largest = max(np.abs(array).max() for array in theirs)
    apart = max(np.abs(a - b).max() for a, b in zip(ours, theirs, strict=True))
    single = {str(array.dtype) for array in runs(operation, "float32")[0]()}
    return {"difference": float(apart / largest), "precision": sorted(single)}


ABOUT = {
    "numpy": np.__version__,
    "tensorflow": tf.__version__,
    "keras": keras.__version__,
    "numpy_threads": max((pool["num_threads"] for pool in threadpool_info()), default=1),
    "tensorflow_threads": tf.config.threading.get_intra_op_parallelism_threads() or os.cpu_count(),
    "sizes": {name: sizes(name) for name in OPERATIONS},
}

serve({"measure": measure, "compare": compare}, ABOUT)
