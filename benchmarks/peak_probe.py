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
    from course_lib import claims
    from course_lib.training import language_model
    from course_lib.training.cost_card import count_flops, loops_written_out

TOGETHER = language_model.TOGETHER
# A training of up to so many steps runs whole, and a longer one a few of its steps.
WHOLE_STEPS, FEW_STEPS, FEW_LOOPS = 100, 20, 2
FEWEST_STEPS = 10
TURNS, CALLS, FIT_SECONDS = 4, 5, 1.0
Repeat = Callable[[int], int]  # runs about so many steps, and returns how many
# By `kind`: the longest training of that kind, and the steps that the lesson takes in all.
TRAININGS: dict[tuple[Any, ...], dict[str, Any]] = {}


class Clock(keras.callbacks.Callback):
    """Note when batches end; the first one is traced and compiled, and does not count."""

    def __init__(self) -> None:
        super().__init__()
        self.moments: list[tuple[int, float]] = []
        self.done = 0

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.before = self.done

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.done = self.before + batch + 1
        self.moments.append((self.done, time.perf_counter()))

    def step_seconds(self, all_seconds: float) -> float:
        """Return the seconds of a step; where all ran as one, of all of them over their number."""
        (first, start), (last, end) = self.moments[0], self.moments[-1]
        return (end - start) / (last - first) if last > first else all_seconds / last


def install() -> None:
    """Replace `fit` and `ten_steps` by versions that stop early and take notes.

    Claims hold for whole trainings only, so nothing is claimed.
    """
    claims.expect = lambda *claim, **bounds: None
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
        sample_weight: Any = None,
        **options: Any,
    ) -> keras.callbacks.History:
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
            given = {"x": x, "y": y, "sample_weight": sample_weight}
            cuts = {name: cut(data) for name, data in given.items() if data is not None}
            return {**cuts, "batch_size": batch}

        def repeat(steps: int) -> int:
            # As in the lesson, a fit goes over its data several times when they are few.
            times = max(1, min(epochs, steps // epoch))
            fit(model, **part(steps), epochs=times, verbose=0)
            return min(steps, epoch) * times

        whole = epoch * epochs <= WHOLE_STEPS
        few = max(FEW_STEPS, model.steps_per_execution or 1)
        clock = Clock()
        options["callbacks"] = [*(options.get("callbacks") or []), clock]
        start = time.perf_counter()
        history = fit(
            model,
            **part(epoch if whole else few),
            epochs=epochs if whole else 1,
            verbose=verbose,
            **options,
        )
        seconds = clock.step_seconds(time.perf_counter() - start)
        add(model, batch, inputs, targets, repeat, epoch * epochs, seconds, "fit")
        if not whole:
            history.history = {name: [*v] * epochs for name, v in history.history.items()}
            history.epoch = list(range(epochs))
        return history

    return short


def shortened_loop(ten_steps: Callable[..., Any]) -> Callable[..., Any]:
    """Return `ten_steps`, whose loop runs a few times and then repeats its losses."""

    @functools.wraps(ten_steps)
    def short(model: keras.Model, optimizer: Any, compiled: bool = True) -> Callable[..., Any]:
        loop = ten_steps(model, optimizer, compiled)
        losses: list[Any] = []
        seconds = 0.0

        def steps(inputs: Any, targets: Any) -> Any:
            nonlocal seconds
            if len(losses) < FEW_LOOPS:
                start = time.perf_counter()
                losses.append(loop(inputs, targets))
                losses[-1].numpy()
                seconds = (time.perf_counter() - start) / TOGETHER

            def repeat(count: int) -> int:
                for _ in range(count // TOGETHER):
                    loop(inputs, targets).numpy()
                return count

            way = "ten_steps, compiled" if compiled else "ten_steps"
            batch = inputs.shape[1]
            add(model, batch, inputs[0], targets[0], repeat, TOGETHER, seconds, way)
            return losses[-1]

        return steps

    return short


def add(
    model: keras.Model,
    batch: int,
    inputs: Any,
    targets: Any,
    repeat: Repeat,
    steps: int,
    step_seconds: float,
    way: str,
) -> None:
    """Count a training among those of its kind, and keep what the longest can be repeated from."""
    training = TRAININGS.setdefault(kind(model, batch, inputs), {"steps": 0, "longest": 0})
    training["steps"] += steps
    # The loops of one training come one by one; the first of them was being compiled.
    if steps > training["longest"] or way != "fit":
        training |= {"model": model, "batch": batch, "repeat": repeat, "longest": steps, "way": way}
        training["inputs"], training["targets"] = rows(inputs, 4 * batch), rows(targets, 4 * batch)
        training["step_seconds"] = step_seconds


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
    steps = max(FEW_STEPS, TOGETHER * int(FIT_SECONDS / training["step_seconds"] / TOGETHER))
    if training["way"] == "fit":
        steps = min(training["longest"], steps)
    runs = {
        "step_seconds": lambda: seconds_a_step(training["repeat"], steps),
        "pass_seconds": timed_passes(training, batch),
        "pass_seconds_four": timed_passes(training, 4 * batch),
    }
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for turn in range(TURNS + 1):
        for name, run in runs.items():
            took = run()
            if turn:  # the first one is being compiled
                seconds[name].append(took)
    return {
        "model": f"{type(model).__name__}, {model.count_params():,} parameters",
        "way": training["way"],
        "batch": batch,
        "steps": training["steps"],
        **{name: statistics.median(times) for name, times in seconds.items()},
        "forward_flops": forward_flops(model, rows(training["inputs"], 1)),
    }


def timed_passes(training: dict[str, Any], count: int) -> Callable[[], float]:
    """Return what measures the median seconds of forward and backward for so many examples."""
    model = training["model"]
    inputs, targets = (
        tree.map_structure(tf.convert_to_tensor, rows(training[name], count))
        for name in ("inputs", "targets")
    )
    compiled = model.jit_compile if training["way"] == "fit" else "compiled" in training["way"]

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

    def run() -> float:
        seconds = []
        with quiet_stderr():  # the compiler announces itself
            for _ in range(CALLS):
                start = time.perf_counter()
                both(inputs, targets)[0].numpy()
                seconds.append(time.perf_counter() - start)
        return statistics.median(seconds)

    return run


def forward_flops(model: keras.Model, example: Any) -> int:
    """Return the operations of one example's forward pass, counted as the cost card does."""
    example = tree.map_structure(tf.convert_to_tensor, example)
    with loops_written_out(model):
        graph = tf.function(lambda: model(example, training=False)).get_concrete_function().graph
    return count_flops(graph)
