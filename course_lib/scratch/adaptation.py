"""Adapting a trained network: low-rank changes of its weights, and preferences.

LoRA leaves a kernel as it is and learns a product of two thin matrices beside
it. DPO learns from pairs of answers, of which somebody preferred one.
"""

from typing import Any

import numpy as np

from course_lib.scratch.shapes import requires, shapes


@requires
def positive_beta(name: str, given: dict[str, Any]) -> None:
    """Require a positive, finite `beta`."""
    beta = given["beta"]
    if not (np.isfinite(beta) and beta > 0):
        raise ValueError(f"{name}: beta should be a positive number, but is {beta!r}.")


@requires
def at_least_one_pair(name: str, given: dict[str, Any]) -> None:
    """Require `chosen` not to be empty."""
    if np.size(given["chosen"]) == 0:
        raise ValueError(f"{name} needs at least one pair.")


# LoRA


@shapes(x="*rest n", kernel="n m", a="n rank", b="rank m", scale="")
def lora_forward(
    x: np.ndarray, kernel: np.ndarray, a: np.ndarray, b: np.ndarray, scale: float
) -> np.ndarray:
    """Return x W + s (x A) B, a dense layer with a low-rank change beside its kernel.

    Source: E. J. Hu and others (2022), LoRA: Low-Rank Adaptation of Large
    Language Models, ICLR, equation 3 (there with columns for examples).

    Args:
        x: shape (..., n).
        kernel: W, shape (n, m), which stays as it is.
        a: A, shape (n, rank), drawn at random at first.
        b: B, shape (rank, m), zeros at first, so that nothing changes.
        scale: s, alpha / rank in the paper.

    Returns:
        Shape (..., m).

    Raises:
        ValueError: when the shapes do not fit.
    """
    return x @ kernel + scale * (x @ a) @ b


@shapes(gradient="*rest m", x="*rest n", kernel="n m", a="n rank", b="rank m", scale="")
def lora_backward(
    gradient: np.ndarray,
    x: np.ndarray,
    kernel: np.ndarray,
    a: np.ndarray,
    b: np.ndarray,
    scale: float,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the gradients of x, A and B; the kernel is frozen and needs none.

    Derived from `lora_forward`: with G the gradient of the output,
    dA = s x^T G B^T, dB = s (x A)^T G, dx = G W^T + s G B^T A^T.

    Args:
        gradient: of the loss with respect to the output, shape (..., m).
        x: shape (..., n).
        kernel: shape (n, m).
        a: shape (n, rank).
        b: shape (rank, m).
        scale: as in `lora_forward`.

    Returns:
        The gradients of x, shape (..., n), of A and of B.

    Raises:
        ValueError: when the shapes do not fit.
    """
    inner = scale * gradient @ b.T
    x_gradient = gradient @ kernel.T + inner @ a.T
    rows, blame = x.reshape(-1, len(a)), gradient.reshape(-1, b.shape[1])
    return x_gradient, rows.T @ inner.reshape(-1, len(b)), scale * (rows @ a).T @ blame


@shapes(kernel="n m", a="n rank", b="rank m", scale="")
def merge_lora(kernel: np.ndarray, a: np.ndarray, b: np.ndarray, scale: float) -> np.ndarray:
    """Return one kernel that does what a kernel and its low-rank change do: W + s A B.

    Source: Hu and others (2022), LoRA, section 4.1, "no additional inference latency".

    Args:
        kernel: shape (n, m).
        a: shape (n, rank).
        b: shape (rank, m).
        scale: as in `lora_forward`.

    Raises:
        ValueError: when the shapes do not fit.
    """
    return kernel + scale * a @ b


# Preferences


@positive_beta
@at_least_one_pair
@shapes(chosen="pairs", rejected="pairs", chosen_before="pairs", rejected_before="pairs")
def dpo_loss(
    chosen: np.ndarray,
    rejected: np.ndarray,
    chosen_before: np.ndarray,
    rejected_before: np.ndarray,
    beta: float,
) -> float:
    """Return the loss of direct preference optimisation, the mean over pairs.

    -log sigmoid(beta ((log p(w) - log p0(w)) - (log p(l) - log p0(l)))), where w
    is the answer that was preferred and l the other. Source: R. Rafailov and
    others (2023), Direct Preference Optimization: Your Language Model is
    Secretly a Reward Model, NeurIPS, equation 7.

    Args:
        chosen: log p(w), the log-probability of each preferred answer, summed
            over its tokens; shape (pairs,).
        rejected: log p(l), the same for the other answer.
        chosen_before: log p0(w), by the model as it was before training.
        rejected_before: log p0(l), by that model.
        beta: how dear it is to move away from that model.

    Raises:
        ValueError: when there is no pair, the shapes differ, or beta is not positive.
    """
    margins = beta * ((chosen - chosen_before) - (rejected - rejected_before))
    return np.mean(np.logaddexp(0, -margins))


@positive_beta
@at_least_one_pair
@shapes(chosen="pairs", rejected="pairs", chosen_before="pairs", rejected_before="pairs")
def dpo_gradient(
    chosen: np.ndarray,
    rejected: np.ndarray,
    chosen_before: np.ndarray,
    rejected_before: np.ndarray,
    beta: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the gradients of `dpo_loss` with respect to `chosen` and `rejected`.

    The derivative of -log sigmoid(z) is -sigmoid(-z). Source: Rafailov and
    others (2023), section 4, "What does the DPO update do?".

    Args:
        chosen: as in `dpo_loss`, and the others too.
        rejected: as there.
        chosen_before: as there.
        rejected_before: as there.
        beta: as there.

    Returns:
        Two arrays of shape (pairs,), one the negative of the other.

    Raises:
        ValueError: when there is no pair, the shapes differ, or beta is not positive.
    """
    margins = beta * ((chosen - chosen_before) - (rejected - rejected_before))
    doubt = np.exp(-np.logaddexp(0, margins))
    return -beta * doubt / len(margins), beta * doubt / len(margins)
