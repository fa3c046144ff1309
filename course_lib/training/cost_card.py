"""The cost card: what a trained Keras model costs, in six measured figures."""

from __future__ import annotations

import contextlib
import math
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from course_lib.lesson import quiet_stderr

if TYPE_CHECKING:
    import keras
    import tensorflow as tf

LATENCY_RUNS = 50


@dataclass(frozen=True)
class CostCard:
    """What a model costs. Times are of this machine, the rest of the model.

    Attributes:
        parameters: number of weights, trainable or not.
        flops_per_example: multiplications and additions of one forward pass.
        training_memory: bytes of weights, gradients and optimiser state
            (activations come on top).
        training_seconds: as handed in; None when it was not measured.
        latency_ms: median milliseconds for one example, called alone.
        file_size: bytes of the saved model without its optimiser.
    """

    parameters: int
    flops_per_example: int
    training_memory: int
    training_seconds: float | None
    latency_ms: float
    file_size: int

    def __str__(self) -> str:
        trained = "not measured"
        if self.training_seconds is not None:
            trained = f"{self.training_seconds:.1f} s"
        rows = {
            "parameters": f"{self.parameters:,}",
            "operations per example": f"{self.flops_per_example:,} FLOPs",
            "training memory": _size(self.training_memory),
            "training time": trained,
            "latency, one example": f"{self.latency_ms:.2f} ms",
            "size on disk": _size(self.file_size),
        }
        return "\n".join(f"{name:<24}{value:>16}" for name, value in rows.items())


def cost_card(
    model: keras.Model, example: np.ndarray, training_seconds: float | None = None
) -> CostCard:
    """Measure what `model` costs.

    Args:
        model: a built Keras model, compiled if its training memory is to count
            the optimiser.
        example: one input without its batch axis, as in `x_test[0]`.
        training_seconds: how long training took, if it was measured.

    Returns:
        The card; `print` it.

    Raises:
        ValueError: when the model is not built or does not take the example.
    """
    if not model.built:
        raise ValueError("cost_card needs a built model: call it once, or give it an Input.")
    import tensorflow as tf

    batch = tf.convert_to_tensor(np.asarray(example)[np.newaxis], dtype=model.compute_dtype)

    def answer(inputs: tf.Tensor) -> tf.Tensor:
        return model(inputs, training=False)

    forward = tf.function(answer)
    try:
        with loops_written_out(model) as loops:
            counted = tf.function(answer) if loops else forward
            graph = counted.get_concrete_function(tf.TensorSpec(batch.shape, batch.dtype)).graph
    except ValueError as error:
        raise ValueError(
            f"cost_card: the model does not take an example of shape {np.shape(example)}. "
            "Hand in one input without its batch axis, as in x_test[0]."
        ) from error
    return CostCard(
        parameters=model.count_params(),
        flops_per_example=count_flops(graph),
        training_memory=_training_memory(model),
        training_seconds=training_seconds,
        latency_ms=_median_milliseconds(lambda: forward(batch).numpy()),
        file_size=_saved_bytes(model),
    )


@contextlib.contextmanager
def loops_written_out(model: keras.Model) -> Iterator[bool]:
    """Unroll the model's loops over time for a while; say whether it has any.

    TensorFlow counts what is inside a loop once, however often it runs.
    """
    recurrent = [
        layer for layer in model._flatten_layers() if getattr(layer, "unroll", None) is False
    ]
    try:
        for layer in recurrent:
            layer.unroll = True
        yield bool(recurrent)
    finally:
        for layer in recurrent:
            layer.unroll = False


def count_flops(graph: object) -> int:
    """Return the multiplications and additions of a TensorFlow graph, each loop counted once."""
    import tensorflow as tf

    profiler = tf.compat.v1.profiler
    options = profiler.ProfileOptionBuilder(profiler.ProfileOptionBuilder.float_operation())
    with quiet_stderr():
        profile = profiler.profile(graph, options=options.with_empty_output().build())
    return int(profile.total_float_ops)


def count_products(function: Callable[..., object], *shapes: tf.TensorSpec) -> int:
    """Return the multiplications and additions of a function's matrix products.

    TensorFlow writes the function down as a graph; each product in it counts its
    output's size times the length of its sums, twice.

    Args:
        function: of tensors.
        shapes: of its arguments.

    Raises:
        ValueError: when a length is left open, so that nothing can be counted.
    """
    import tensorflow as tf

    turned = {"MatMul": "transpose_a", "BatchMatMulV2": "adj_x"}
    total = 0
    for one in tf.function(function).get_concrete_function(*shapes).graph.get_operations():
        if one.type in turned:
            inner = one.inputs[0].shape[-2 if one.get_attr(turned[one.type]) else -1]
            sizes = [*one.outputs[0].shape, inner]
            if None in sizes:
                raise ValueError(f"count_products needs whole shapes, but a product has {sizes}.")
            total += 2 * math.prod(sizes)
    return total


def _training_memory(model: keras.Model) -> int:
    trainable = sum(_bytes(variable) for variable in model.trainable_variables)
    weights = sum(_bytes(variable) for variable in model.weights)
    optimizer = getattr(model, "optimizer", None)
    if optimizer is None:
        return weights + trainable
    if not optimizer.built:
        optimizer.build(model.trainable_variables)
    return weights + trainable + sum(_bytes(variable) for variable in optimizer.variables)


def _bytes(variable: keras.Variable) -> int:
    return int(np.prod(variable.shape, dtype=np.int64)) * np.dtype(variable.dtype).itemsize


def _median_milliseconds(run: Callable[[], object]) -> float:
    run()
    times = []
    for _ in range(LATENCY_RUNS):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return 1000 * statistics.median(times)


def _saved_bytes(model: keras.Model) -> int:
    with tempfile.TemporaryDirectory() as folder, without_optimizer(model):
        path = Path(folder) / "model.weights.h5"
        model.save_weights(path)
        return path.stat().st_size


@contextlib.contextmanager
def without_optimizer(model: keras.Model) -> Iterator[None]:
    """Take the model's optimiser away for a while, because `save_weights` would save it, too."""
    optimizer = getattr(model, "optimizer", None)
    if optimizer is None:
        yield
        return
    try:
        model.optimizer = None
        yield
    finally:
        model.optimizer = optimizer


def _size(count: float) -> str:
    if count < 1000:
        return f"{count} bytes"
    # 999.96 kB would be written as 1,000.0 kB.
    for unit in ("kB", "MB"):
        count = count / 1000
        if count < 999.95:
            return f"{count:.1f} {unit}"
    return f"{count / 1000:,.1f} GB"
