"""Against over-fitting: dropout, weight decay and early stopping.

Gradient clipping has its own file, `clipping`, and AdamW is in `optimizers`.
"""

import functools
from collections.abc import Callable, Sequence

import numpy as np

from course_lib.scratch.shapes import shapes

Mask = Callable[[tuple[int, ...], float, np.random.Generator], np.ndarray]


def rate_below_one(mask: Mask) -> Mask:
    """Require a rate from 0 to below 1: with 1 there would be nothing to scale up."""

    @functools.wraps(mask)
    def checked(shape: tuple[int, ...], rate: float, generator: np.random.Generator) -> np.ndarray:
        if not 0 <= rate < 1:
            raise ValueError(f"dropout_mask: rate should be from 0 to below 1, but is {rate}.")
        return mask(shape, rate, generator)

    return checked


@rate_below_one
def dropout_mask(shape: tuple[int, ...], rate: float, generator: np.random.Generator) -> np.ndarray:
    """Return 0 with probability `rate`, otherwise 1 / (1 - rate), independently.

    In training, multiply the outputs of a layer by it, and on the way back the
    gradient by the same mask; in use, leave both alone. Its mean is 1.
    Source: Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov (2014),
    Dropout: a simple way to prevent neural networks from overfitting, Journal of
    Machine Learning Research 15. They scale the weights after training; scaling
    the mask during training ("inverted dropout", their section 10) is what
    Keras does.

    Args:
        shape: of the outputs.
        rate: the share to drop, from 0 to below 1.
        generator: where the random numbers come from.

    Returns:
        Shaped as asked.

    Raises:
        ValueError: when `rate` is not from 0 to below 1.
    """
    kept = generator.random(shape) >= rate
    return kept / (1 - rate)


def l2_penalty(weights: np.ndarray, strength: float) -> float:
    """Return strength times the sum of the squared weights, to be added to a loss.

    Keras: `keras.regularizers.L2(strength)`, without a factor 1/2.
    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 7.1.1.

    Args:
        weights: any shape.
        strength: not negative.
    """
    return strength * np.sum(weights**2)


def l2_gradient(weights: np.ndarray, strength: float) -> np.ndarray:
    """Return the gradient of `l2_penalty`, 2 strength w.

    Args:
        weights: any shape.
        strength: not negative.

    Returns:
        Shaped like `weights`.
    """
    return 2 * strength * weights


def decay_weights(weights: np.ndarray, learning_rate: float, weight_decay: float) -> np.ndarray:
    """Return the weights, shrunk by the share learning_rate times weight_decay.

    Decoupled from the gradient, so that an optimiser that rescales gradients does
    not rescale the decay. For plain gradient descent it is the same as an L2
    penalty of strength weight_decay / 2.
    Source: Loshchilov and Hutter (2019), Decoupled weight decay regularization,
    ICLR, section 2; the factor learning_rate is Keras's.

    Args:
        weights: any shape.
        learning_rate: of the step that follows.
        weight_decay: not negative.

    Returns:
        Shaped like `weights`.
    """
    return weights * (1 - learning_rate * weight_decay)


@shapes(validation_losses="n")
def early_stopping(validation_losses: Sequence[float], patience: int) -> tuple[int, int]:
    """Return the best epoch and the epoch after which training stops.

    Training stops once `patience` epochs in a row have not beaten the lowest loss
    so far; the weights of the best epoch are then restored. Epochs count from 0.
    Keras: `EarlyStopping(patience=patience, restore_best_weights=True)`.
    Source: Prechelt (1998), Early stopping - but when?, in Neural Networks: Tricks
    of the Trade, Springer.

    Args:
        validation_losses: one a epoch, as they would come, shape (n,).
        patience: how many epochs without a new lowest loss to bear; at least 1.

    Returns:
        The epoch with the lowest loss before the stop, and the last one trained.

    Raises:
        ValueError: when there is no loss, or `patience` is below 1.
    """
    if len(validation_losses) == 0 or patience < 1:
        raise ValueError(
            f"early_stopping needs at least one loss and a patience of at least 1, "
            f"but got {len(validation_losses)} losses and a patience of {patience}."
        )
    best = 0
    for epoch, loss in enumerate(validation_losses):
        if loss < validation_losses[best]:
            best = epoch
        if epoch - best >= patience:
            break
    return best, epoch
