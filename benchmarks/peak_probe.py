"""Runs in a notebook's kernel: shortens its trainings, and measures the step of the longest.

`install` comes before the lesson, `measured` after it. A training runs for a few
steps only; its losses are repeated as often as the lesson expects them, and its
full length is noted.
"""

import functools
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from course_lib.lesson import quiet_stderr

with quiet_stderr():
    import keras
    import tensorflow as tf
    from keras import tree

    import course_lib.training
    from course_lib.training import language_model
    from course_lib.training.cost_card import _count_flops, _loops_written_out

STEPS, FEWEST_STEPS, LOOPS = 20, 10, 2
CALLS, FIT_CALLS, FIT_SECONDS = 7, 3, 1.5
TOGETHER = language_model.TOGETHER
Repeat = Callable[[int], int]  # runs about so many steps, and returns how many
# By kind: what `note` returns, and the steps that the lesson takes in all.
TRAININGS: dict[tuple[Any, ...], dict[str, Any]] = {}


def install() -> None:
    """Replace `fit` and `ten_steps` by versions that stop early and take notes."""
    keras.Model.fit = shortened(keras.Model.fit)
    language_model.ten_steps = shortened_loop(language_model.ten_steps)
    if hasattr(course_lib.training, "ten_steps"):
        course_lib.training.ten_steps = language_model.ten_steps


def kind(model: keras.Model, batch: int, inputs: Any) -> tuple[Any, ...]:
    """Return what trainings have in common whose steps cost the same."""
    shapes = [tuple(array.shape[1:]) for array in tree.flatten(inputs)]
    trained = sum(np.prod(variable.shape) for variable in model.trainable_variables)
    return type(model), model.count_params(), int(trained), batch, str(shapes)


def rows(data: Any, count: int) -> Any:
    """Return so many examples, the same ones again where there are too few."""
    return tree.map_structure(lambda a: np.asarray(a)[np.arange(count) % len(a)], data)


def shortened(fit: Callable[..., Any]) -> Callable[..., Any]:
    """Return `Model.fit`, but for a few steps."""

    @functools.wraps(fit)
    def short(
        model: keras.Model,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: Any = 0,
        **options: Any,
    ) -> keras.callbacks.History:
        few = max(STEPS, model.steps_per_execution or 1)
        if isinstance(x, tf.data.Dataset):
            inputs, targets = next(iter(x))[:2]
            batch, epoch = len(tree.flatten(inputs)[0]), len(x)
        else:
            inputs, targets, count = x, y, len(tree.flatten(x)[0])
            batch = min(batch_size or 32, count)
            epoch = -(-count // batch)

        def part(steps: int) -> dict[str, Any]:
            if isinstance(x, tf.data.Dataset):
                return {"x": x.take(steps)}
            cut = functools.partial(tree.map_structure, lambda a: a[: steps * batch])
            return {"x": cut(x), "y": cut(y), "batch_size": batch}

        def repeat(steps: int) -> int:
            # As in the lesson, a fit goes over its data several times when they are few.
            times = max(1, min(epochs, steps // epoch))
            fit(model, **part(steps), epochs=times, verbose=0)
            return min(steps, epoch) * times

        history = fit(model, **part(few), epochs=1, verbose=0, **options)
        key = kind(model, batch, inputs)
        if key not in TRAININGS:
            many = rows(inputs, 4 * batch), rows(targets, 4 * batch)
            TRAININGS[key] = note(model, batch, *many, repeat, min(epoch * epochs, few))
            TRAININGS[key] |= {"way": "fit", "longest": epoch * epochs}
        TRAININGS[key]["steps"] += epoch * epochs
        history.history = {name: list(v) * epochs for name, v in history.history.items()}
        history.epoch = list(range(epochs))
        return history

    return short


def shortened_loop(ten_steps: Callable[..., Any]) -> Callable[..., Any]:
    """Return `ten_steps`, whose loop runs a few times and then repeats its losses."""

    @functools.wraps(ten_steps)
    def short(model: keras.Model, optimizer: Any, compiled: bool = True) -> Callable[..., Any]:
        loop = ten_steps(model, optimizer, compiled)
        losses: list[Any] = []

        def steps(inputs: Any, targets: Any) -> Any:
            if len(losses) < LOOPS:
                losses.append(loop(inputs, targets))
            batch = inputs.shape[1]
            key = kind(model, batch, inputs[0])
            if key not in TRAININGS:
                many = rows(inputs[0], 4 * batch), rows(targets[0], 4 * batch)

                def repeat(count: int) -> int:
                    for _ in range(count // TOGETHER):
                        loop(inputs, targets).numpy()
                    return count

                TRAININGS[key] = note(model, batch, *many, repeat, TOGETHER)
                TRAININGS[key] |= {
                    "way": "ten_steps",
                    "compiled": compiled,
                    "longest": 10 * TOGETHER,
                }
            TRAININGS[key]["steps"] += TOGETHER
            return losses[-1]

        return steps

    return short


def note(
    model: keras.Model, batch: int, inputs: Any, targets: Any, repeat: Repeat, steps: int
) -> dict[str, Any]:
    """Return what is known about a training; its step was traced before."""
    known = {"model": model, "batch": batch, "inputs": inputs, "targets": targets}
    return {**known, "repeat": repeat, "step_seconds": seconds_a_step(repeat, steps), "steps": 0}


def seconds_a_step(repeat: Repeat, steps: int) -> float:
    """Return the seconds of a step, everything around it included."""
    start = time.perf_counter()
    done = repeat(steps)
    return (time.perf_counter() - start) / done


def measured() -> dict[str, Any] | None:
    """Return the figures of the training that takes longest, None where there is none."""
    long = [one for one in TRAININGS.values() if one["steps"] >= FEWEST_STEPS]
    if not long:
        return None
    training = max(long, key=lambda one: one["steps"] * one["step_seconds"])
    model, batch = training["model"], training["batch"]
    # Long enough that the start of a fit weighs no more than in the lesson.
    steps = max(STEPS, TOGETHER * int(FIT_SECONDS / training["step_seconds"] / TOGETHER))
    steps = min(training["longest"], steps)
    seconds = [seconds_a_step(training["repeat"], steps) for _ in range(FIT_CALLS)]
    one, four = (passes(training, count) for count in (batch, 4 * batch))
    return {
        "model": f"{type(model).__name__}, {model.count_params():,} parameters",
        "way": training["way"],
        "batch": batch,
        "steps": training["steps"],
        "step_seconds": statistics.median(seconds),
        "pass_seconds": one,
        "pass_seconds_four": four,
        "forward_flops": forward_flops(model, rows(training["inputs"], 1)),
    }


def passes(training: dict[str, Any], count: int) -> float:
    """Return the median seconds of forward and backward for so many examples."""
    model = training["model"]
    inputs, targets = (
        tree.map_structure(tf.convert_to_tensor, rows(training[name], count))
        for name in ("inputs", "targets")
    )
    compiled = training.get("compiled", bool(getattr(model, "jit_compile", False)))

    @tf.function(jit_compile=compiled)
    def both(inputs: Any, targets: Any) -> Any:
        with tf.GradientTape() as tape:
            outputs = model(inputs, training=True)
            if training["way"] == "fit":
                loss = model.compute_loss(inputs, targets, outputs)
            else:
                loss = tf.reduce_mean(
                    tf.nn.sparse_softmax_cross_entropy_with_logits(targets, outputs)
                )
        return loss, tape.gradient(loss, model.trainable_variables)

    seconds = []
    with quiet_stderr():
        for _ in range(CALLS + 1):
            start = time.perf_counter()
            both(inputs, targets)[0].numpy()
            seconds.append(time.perf_counter() - start)
    return statistics.median(seconds[1:])


def forward_flops(model: keras.Model, example: Any) -> int:
    """Return the operations of one example's forward pass, counted as the cost card does."""
    example = tree.map_structure(tf.convert_to_tensor, example)
    with _loops_written_out(model):
        graph = tf.function(lambda: model(example, training=False)).get_concrete_function().graph
    return _count_flops(graph)
