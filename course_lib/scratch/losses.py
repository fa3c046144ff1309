"""Losses and their gradients: how wrong a prediction is, in one number.

The arguments are (targets, predictions), as in Keras. Every loss is the mean
over the examples, as Keras's default reduction gives it: for the errors and
the binary cross-entropy the mean over all entries, for the categorical
cross-entropies the mean over the rows. The gradients are those of that mean,
so they carry the factor 1/n; an input that holds a hundred rows has a gradient
a hundred times smaller in each of them.

Each gradient is with respect to the second argument and has its shape.
"""

from typing import Any

import numpy as np

from course_lib.scratch.shapes import numbers, requires, shapes


@requires
def class_numbers(name: str, given: dict[str, Any]) -> None:
    """Require as `labels` whole numbers below the number of columns of what comes second."""
    labels, scores = np.asarray(given["labels"]), next(reversed(given.values()))
    classes = np.shape(scores)[1]
    if labels.dtype.kind not in "iu" or ((labels < 0) | (labels >= classes)).any():
        raise ValueError(
            f"{name}: labels should be whole numbers from 0 to {classes - 1}, "
            f"but hold {labels[:3]}."
        )


@shapes(targets="*shape", predictions="*shape")
@numbers("targets", "predictions")
def mean_squared_error(targets: np.ndarray, predictions: np.ndarray) -> float:
    """Return L = 1/n sum_i (f_i - y_i)^2, in squared units of the target.

    No factor 1/2, unlike the sum of squares of Bishop (2006), Pattern
    Recognition and Machine Learning, equation 1.2.

    Args:
        targets: any shape; n is the number of entries.
        predictions: the same shape.

    Raises:
        ValueError: when the shapes differ.
    """
    return np.mean((predictions - targets) ** 2)


@shapes(targets="*shape", predictions="*shape")
@numbers("targets", "predictions")
def mean_squared_error_gradient(targets: np.ndarray, predictions: np.ndarray) -> np.ndarray:
    """Return dL/df_i = 2/n (f_i - y_i).

    Args:
        targets: any shape; n is the number of entries.
        predictions: the same shape.

    Raises:
        ValueError: when the shapes differ.
    """
    return 2 * (predictions - targets) / targets.size


@shapes(targets="*shape", predictions="*shape")
@numbers("targets", "predictions")
def mean_absolute_error(targets: np.ndarray, predictions: np.ndarray) -> float:
    """Return L = 1/n sum_i |f_i - y_i|, in units of the target.

    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section
    6.2.1.2.

    Args:
        targets: any shape; n is the number of entries.
        predictions: the same shape.

    Raises:
        ValueError: when the shapes differ.
    """
    return np.mean(np.abs(predictions - targets))


@shapes(targets="*shape", predictions="*shape")
@numbers("targets", "predictions")
def mean_absolute_error_gradient(targets: np.ndarray, predictions: np.ndarray) -> np.ndarray:
    """Return dL/df_i = 1/n sign(f_i - y_i), and 0 where the error is 0.

    Args:
        targets: any shape; n is the number of entries.
        predictions: the same shape.

    Raises:
        ValueError: when the shapes differ.
    """
    return np.sign(predictions - targets) / targets.size


@shapes(targets="*shape", predictions="*shape", delta="")
@numbers("targets", "predictions")
def huber(targets: np.ndarray, predictions: np.ndarray, delta: float = 1.0) -> float:
    """Return the mean of e^2/2 where |e| <= delta, and of delta (|e| - delta/2) elsewhere.

    Source: Huber (1964), Robust Estimation of a Location Parameter, Annals of
    Mathematical Statistics 35(1).

    Args:
        targets: any shape.
        predictions: the same shape.
        delta: the error, in units of the target, from which the loss is a
            straight line.

    Raises:
        ValueError: when the shapes differ.
    """
    errors = np.abs(predictions - targets)
    squared = errors**2 / 2
    straight = delta * (errors - delta / 2)
    return np.mean(np.where(errors <= delta, squared, straight))


@shapes(targets="*shape", predictions="*shape", delta="")
@numbers("targets", "predictions")
def huber_gradient(targets: np.ndarray, predictions: np.ndarray, delta: float = 1.0) -> np.ndarray:
    """Return 1/n times the error, cut off at -delta and delta.

    Args:
        targets: any shape; n is the number of entries.
        predictions: the same shape.
        delta: as in `huber`.

    Raises:
        ValueError: when the shapes differ.
    """
    return np.clip(predictions - targets, -delta, delta) / targets.size


@shapes(targets="*shape", probabilities="*shape")
@numbers("targets", "probabilities")
def binary_cross_entropy(targets: np.ndarray, probabilities: np.ndarray) -> float:
    """Return the mean of -y log p - (1 - y) log(1 - p), in nats.

    As in Keras, probabilities are first moved to between 1e-7 and 1 - 1e-7, so
    that the loss of a certain error is 16.1 and not infinite.
    Source: Bishop (2006), Pattern Recognition and Machine Learning, equation
    4.90.

    Args:
        targets: 0 or 1, or anything between; any shape.
        probabilities: of class 1, from 0 to 1; the same shape.

    Raises:
        ValueError: when the shapes differ.
    """
    p = np.clip(probabilities, 1e-7, 1 - 1e-7)
    return -np.mean(targets * np.log(p) + (1 - targets) * np.log(1 - p))


@shapes(targets="*shape", probabilities="*shape")
@numbers("targets", "probabilities")
def binary_cross_entropy_gradient(targets: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Return dL/dp_i = 1/n (p_i - y_i) / (p_i (1 - p_i)).

    It is 0 where the loss has moved the probability, as in Keras.

    Args:
        targets: 0 or 1, or anything between; any shape; n is the number of
            entries.
        probabilities: of class 1, from 0 to 1; the same shape.

    Raises:
        ValueError: when the shapes differ.
    """
    p = np.clip(probabilities, 1e-7, 1 - 1e-7)
    slopes = (p - targets) / (p * (1 - p)) / targets.size
    return np.where(p == probabilities, slopes, 0.0)


@shapes(targets="*shape", logits="*shape")
@numbers("targets", "logits")
def binary_cross_entropy_from_logits(targets: np.ndarray, logits: np.ndarray) -> float:
    """Return the binary cross-entropy of sigmoid(z), for logits of any size.

    -y log s(z) - (1 - y) log(1 - s(z)) = max(z, 0) - z y + log(1 + exp(-|z|)),
    in which no exponential can overflow. Source: the documentation of
    tf.nn.sigmoid_cross_entropy_with_logits, where it is derived.

    Args:
        targets: 0 or 1, or anything between; any shape.
        logits: any real numbers; the same shape.

    Raises:
        ValueError: when the shapes differ.
    """
    softplus = np.maximum(logits, 0) + np.log1p(np.exp(-np.abs(logits)))
    return np.mean(softplus - logits * targets)


@shapes(targets="*shape", logits="*shape")
@numbers("targets", "logits")
def binary_cross_entropy_from_logits_gradient(
    targets: np.ndarray, logits: np.ndarray
) -> np.ndarray:
    """Return dL/dz_i = 1/n (sigmoid(z_i) - y_i).

    Source: Bishop (2006), Pattern Recognition and Machine Learning, equation
    4.91. The sigmoid is exp(-log(1 + exp(-z))), with the logarithm of NumPy's
    stable `logaddexp`.

    Args:
        targets: 0 or 1, or anything between; any shape; n is the number of
            entries.
        logits: any real numbers; the same shape.

    Raises:
        ValueError: when the shapes differ.
    """
    probabilities = np.exp(-np.logaddexp(0, -logits))
    return (probabilities - targets) / targets.size


@shapes(logits="*rest k")
@numbers("logits")
def log_sum_exp(logits: np.ndarray) -> np.ndarray:
    """Return log sum_k exp(z_k) over the last axis, for logits of any size.

    With m the largest logit, it is m + log sum_k exp(z_k - m): no exponent is
    positive and one of them is 0. Source: Goodfellow, Bengio and Courville
    (2016), Deep Learning, section 4.1.

    Args:
        logits: shape (..., k).

    Returns:
        Shape (...).

    Raises:
        ValueError: when `logits` is a single number.
    """
    largest = np.max(logits, axis=-1, keepdims=True)
    return largest[..., 0] + np.log(np.sum(np.exp(logits - largest), axis=-1))


@shapes(targets="n k", probabilities="n k")
@numbers("targets", "probabilities")
def categorical_cross_entropy(targets: np.ndarray, probabilities: np.ndarray) -> float:
    """Return the mean over the rows of -sum_k y_k log p_k, in nats.

    As in Keras, probabilities are first moved to between 1e-7 and 1 - 1e-7.
    Keras also divides each row by its sum; here the rows must sum to one.
    Source: Bishop (2006), Pattern Recognition and Machine Learning, equation
    4.108.

    Args:
        targets: shape (n, k), one-hot, or any rows that sum to one.
        probabilities: shape (n, k), rows that sum to one.

    Raises:
        ValueError: when the shapes do not fit.
    """
    p = np.clip(probabilities, 1e-7, 1 - 1e-7)
    return -np.mean(np.sum(targets * np.log(p), axis=1))


@shapes(targets="n k", probabilities="n k")
@numbers("targets", "probabilities")
def categorical_cross_entropy_gradient(
    targets: np.ndarray, probabilities: np.ndarray
) -> np.ndarray:
    """Return dL/dp = -1/n y / p, and 0 where the loss has moved the probability.

    Args:
        targets: shape (n, k), one-hot, or any rows that sum to one.
        probabilities: shape (n, k), rows that sum to one.

    Raises:
        ValueError: when the shapes do not fit.
    """
    p = np.clip(probabilities, 1e-7, 1 - 1e-7)
    return np.where(p == probabilities, -targets / p / len(targets), 0.0)


@shapes(targets="n k", logits="n k")
@numbers("targets", "logits")
def categorical_cross_entropy_from_logits(targets: np.ndarray, logits: np.ndarray) -> float:
    """Return the categorical cross-entropy of softmax(z), for logits of any size.

    log softmax(z)_k = z_k - log sum_j exp(z_j). Source: Bishop (2006), Pattern
    Recognition and Machine Learning, equations 4.104 and 4.108.

    Args:
        targets: shape (n, k), one-hot, or any rows that sum to one.
        logits: shape (n, k), any real numbers.

    Raises:
        ValueError: when the shapes do not fit.
    """
    log_probabilities = logits - log_sum_exp(logits)[:, np.newaxis]
    return -np.mean(np.sum(targets * log_probabilities, axis=1))


@shapes(targets="n k", logits="n k")
@numbers("targets", "logits")
def categorical_cross_entropy_from_logits_gradient(
    targets: np.ndarray, logits: np.ndarray
) -> np.ndarray:
    """Return dL/dz = 1/n (p - y), with p = softmax(z).

    Source: Bishop (2006), Pattern Recognition and Machine Learning, equation
    4.109.

    Args:
        targets: shape (n, k), one-hot, or any rows that sum to one.
        logits: shape (n, k), any real numbers.

    Raises:
        ValueError: when the shapes do not fit.
    """
    probabilities = np.exp(logits - log_sum_exp(logits)[:, np.newaxis])
    return (probabilities - targets) / len(targets)


@shapes(labels="n", probabilities="n k")
@class_numbers
@numbers("probabilities")
def sparse_categorical_cross_entropy(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Return the mean of -log p_label: the same loss, with class numbers as targets.

    As in Keras, probabilities are first moved to between 1e-7 and 1 - 1e-7.

    Args:
        labels: shape (n,), integers from 0 to k - 1.
        probabilities: shape (n, k), rows that sum to one.

    Raises:
        ValueError: when the shapes do not fit, or a label is no whole number from 0 to k - 1.
    """
    p = np.clip(probabilities, 1e-7, 1 - 1e-7)
    return -np.mean(np.log(p[np.arange(len(labels)), labels]))


@shapes(labels="n", probabilities="n k")
@class_numbers
@numbers("probabilities")
def sparse_categorical_cross_entropy_gradient(
    labels: np.ndarray, probabilities: np.ndarray
) -> np.ndarray:
    """Return dL/dp: -1/n 1/p_label at the label, 0 elsewhere.

    Args:
        labels: shape (n,), integers from 0 to k - 1.
        probabilities: shape (n, k), rows that sum to one.

    Raises:
        ValueError: when the shapes do not fit, or a label is no whole number from 0 to k - 1.
    """
    targets = np.eye(probabilities.shape[1])[labels]
    return categorical_cross_entropy_gradient(targets, probabilities)


@shapes(labels="n", logits="n k")
@class_numbers
@numbers("logits")
def sparse_categorical_cross_entropy_from_logits(labels: np.ndarray, logits: np.ndarray) -> float:
    """Return the mean of log sum_j exp(z_j) - z_label, for logits of any size.

    Args:
        labels: shape (n,), integers from 0 to k - 1.
        logits: shape (n, k), any real numbers.

    Raises:
        ValueError: when the shapes do not fit, or a label is no whole number from 0 to k - 1.
    """
    return np.mean(log_sum_exp(logits) - logits[np.arange(len(labels)), labels])


@shapes(labels="n", logits="n k")
@class_numbers
@numbers("logits")
def sparse_categorical_cross_entropy_from_logits_gradient(
    labels: np.ndarray, logits: np.ndarray
) -> np.ndarray:
    """Return dL/dz = 1/n (p - y), with p = softmax(z) and y the one-hot label.

    Args:
        labels: shape (n,), integers from 0 to k - 1.
        logits: shape (n, k), any real numbers.

    Raises:
        ValueError: when the shapes do not fit, or a label is no whole number from 0 to k - 1.
    """
    targets = np.eye(logits.shape[1])[labels]
    return categorical_cross_entropy_from_logits_gradient(targets, logits)
