"""Training and measuring a model that predicts the next token."""

from collections.abc import Callable
from typing import Any

import numpy as np

from course_lib.lesson import quiet_stderr

with quiet_stderr():
    import keras
    import tensorflow as tf

TOGETHER = 10


def windows(
    ids: np.ndarray, count: int, length: int, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return random stretches of a text, and the tokens that come next.

    Args:
        ids: the text as whole numbers, shape (n,); or texts of one length that
            are taken whole, shape (texts, length + 1).
        count: how many stretches.
        length: tokens in each.
        generator: which ones.

    Returns:
        Inputs and targets, int32, both of shape (count, length); a target is
        the token behind its input.

    Raises:
        ValueError: when a text is too short for one stretch, or whole texts do
            not have length + 1 tokens.
    """
    rows = _rows(ids, length, "windows")
    if rows is None:
        starts = generator.integers(0, len(ids) - length, count)
        stretches = np.asarray(ids, "int32")[starts[:, np.newaxis] + np.arange(length + 1)]
    else:
        stretches = rows[generator.integers(0, len(rows), count)]
    return stretches[:, :-1], stretches[:, 1:]


def _rows(ids: np.ndarray, length: int, name: str) -> np.ndarray | None:
    if np.ndim(ids) == 2:
        if np.shape(ids)[1] != length + 1:
            raise ValueError(
                f"{name}: whole texts should have {length + 1} tokens, one more than a stretch, "
                f"but have {np.shape(ids)[1]}."
            )
        return np.asarray(ids, "int32")
    if len(ids) <= length:
        raise ValueError(
            f"{name}: the text should have more than {length} tokens, the length of a stretch, "
            f"but has {len(ids)}."
        )
    return None


def language_model_optimizer(steps: int, peak: float = 1e-3) -> keras.optimizers.Optimizer:
    """Return AdamW with the settings of small GPTs.

    The learning rate climbs to its peak over the first tenth of the steps, at
    most 100, and falls to a tenth of it along a cosine. Weights decay by 0.1,
    scales of the normalisations do not; gradients longer than 1 are cut to 1.

    Args:
        steps: of the whole training.
        peak: the highest learning rate.

    Source: T. Brown and others (2020), Language Models are Few-Shot Learners,
    NeurIPS, appendix B; beta_2 = 0.99 because the batches are small.
    """
    climb = min(100, steps // 10)
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, steps - climb, alpha=0.1, warmup_target=peak, warmup_steps=climb
    )
    optimizer = keras.optimizers.AdamW(
        rate, beta_1=0.9, beta_2=0.99, weight_decay=0.1, global_clipnorm=1.0
    )
    optimizer.exclude_from_weight_decay(var_names=["gamma"])
    return optimizer


def ten_steps(
    model: keras.Model, optimizer: keras.optimizers.Optimizer, compiled: bool = True
) -> Callable[[Any, Any], Any]:
    """Return one loop over ten training steps.

    A step of a small model is so short that what `Model.fit` does around it
    costs about as much; ten steps in one compiled loop save that.

    Args:
        model: gives logits of shape (batch, length, vocabulary).
        optimizer: of Keras; it goes on from where it is.
        compiled: whether XLA compiles the loop, which takes some seconds once.

    Returns:
        A function of inputs and targets, both of shape (10, batch, length), that
        returns the mean cross-entropy in nats of each step before its update.
    """
    if not optimizer.built:
        optimizer.build(model.trainable_variables)

    @tf.function(jit_compile=compiled)
    def steps(inputs: Any, targets: Any) -> Any:
        losses = tf.TensorArray("float32", TOGETHER)
        for step in tf.range(TOGETHER):
            with tf.GradientTape() as tape:
                logits = model(inputs[step], training=True)
                loss = tf.reduce_mean(
                    tf.nn.sparse_softmax_cross_entropy_with_logits(targets[step], logits)
                )
            gradients = tape.gradient(loss, model.trainable_variables)
            optimizer.apply(gradients, model.trainable_variables)
            losses = losses.write(step, loss)
        return losses.stack()

    return steps


def fit_language_model(
    loop: Callable[[Any, Any], Any],
    ids: np.ndarray,
    steps: int,
    length: int,
    generator: np.random.Generator,
    batch_size: int = 12,
) -> np.ndarray:
    """Train on random stretches of a text, and return the losses.

    Args:
        loop: of `ten_steps`; with the same one, training goes on where it stopped.
        ids: the text as whole numbers, shape (n,); or whole texts, as in `windows`.
        steps: a multiple of 10.
        length: tokens in a stretch.
        generator: which stretches.
        batch_size: stretches a step.

    Returns:
        The mean cross-entropy in nats of each step before its update, shape (steps,).

    Raises:
        ValueError: when `steps` is no multiple of 10, or the text does not fit.
    """
    if steps % TOGETHER or steps <= 0:
        raise ValueError(
            f"fit_language_model: steps should be a multiple of {TOGETHER}, but is {steps}."
        )
    shape = (TOGETHER, batch_size, length)
    losses = []
    with quiet_stderr():  # the compiler announces itself
        for _ in range(steps // TOGETHER):
            inputs, targets = windows(ids, TOGETHER * batch_size, length, generator)
            losses.append(loop(inputs.reshape(shape), targets.reshape(shape)).numpy())
    return np.concatenate(losses)


def language_model_loss(
    model: keras.Model, ids: np.ndarray, length: int, batch_size: int = 64
) -> float:
    """Return the mean cross-entropy in nats over a text, cut into stretches.

    Args:
        model: gives logits of shape (batch, length, vocabulary).
        ids: the text as whole numbers, shape (n,); what is left over behind the
            last whole stretch is not counted. Or whole texts, as in `windows`.
        length: tokens in a stretch; the first of each is predicted from one token.
        batch_size: stretches at a time.

    Raises:
        ValueError: when the text does not fit.
    """
    rows = _rows(ids, length, "language_model_loss")
    if rows is None:
        count = (len(ids) - 1) // length
        inputs = np.asarray(ids[: count * length], "int32").reshape(count, length)
        targets = np.asarray(ids[1 : count * length + 1], "int32").reshape(count, length)
    else:
        inputs, targets = rows[:, :-1], rows[:, 1:]

    @tf.function
    def summed(part: Any, wanted: Any) -> Any:
        logits = model(part, training=False)
        return tf.reduce_sum(tf.nn.sparse_softmax_cross_entropy_with_logits(wanted, logits))

    parts = range(0, len(inputs), batch_size)
    total = sum(
        float(summed(inputs[i : i + batch_size], targets[i : i + batch_size])) for i in parts
    )
    return total / inputs.size
