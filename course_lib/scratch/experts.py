"""The gated feed-forward half of a block (SwiGLU), and a mixture of several of them.

A router scores the experts for each token; the best k work, each weighted by a
softmax over the scores of those k. Tokens stand in rows: flatten (n, t, d) to
(tokens, d) first. There are no biases.
"""

from typing import Any

import numpy as np

from course_lib.scratch.activations import silu, silu_derivative, softmax, softmax_backward
from course_lib.scratch.shapes import requires, shapes


@requires
def possible_choice(name: str, given: dict[str, Any]) -> None:
    """Require `k` from 1 to the number of experts, the last axis of scores or router."""
    experts = np.shape(given["scores" if "scores" in given else "router"])[-1]
    k = given["k"]
    whole = isinstance(k, int | np.integer) and not isinstance(k, bool)
    if not (whole and 1 <= k <= experts):
        raise ValueError(
            f"{name}: k should be a whole number from 1 to {experts}, the number of experts, "
            f"but is {k!r}."
        )


@requires
def chosen_among_scores(name: str, given: dict[str, Any]) -> None:
    """Require `chosen` to hold whole numbers that are places of experts in `scores`."""
    tokens, experts = np.shape(given["scores"])
    chosen = np.asarray(given["chosen"])
    if not tokens:
        raise ValueError(f"{name} needs at least one token.")
    if not np.issubdtype(chosen.dtype, np.integer):
        raise ValueError(f"{name}: chosen should hold whole numbers, but holds {chosen.dtype}.")
    if not chosen.size or chosen.min() < 0 or chosen.max() >= experts:
        raise ValueError(
            f"{name}: chosen should hold at least one expert a token, each from 0 to "
            f"{experts - 1}, but holds {np.unique(chosen)}."
        )


# SwiGLU


@shapes(x="*rest d", gate="d inner", up="d inner", down="inner out")
def swiglu(x: np.ndarray, gate: np.ndarray, up: np.ndarray, down: np.ndarray) -> np.ndarray:
    """Return (silu(x W_gate) * x W_up) W_down.

    Source: Shazeer (2020), GLU Variants Improve Transformer, arXiv:2002.05202,
    equation 6, where the three matrices are W, V and W_2.

    Args:
        x: shape (..., d).
        gate: shape (d, inner).
        up: shape (d, inner).
        down: shape (inner, out).

    Returns:
        Shape (..., out).

    Raises:
        ValueError: when the shapes do not fit.
    """
    return (silu(x @ gate) * (x @ up)) @ down


@shapes(gradient="*rest out", x="*rest d", gate="d inner", up="d inner", down="inner out")
def swiglu_backward(
    gradient: np.ndarray, x: np.ndarray, gate: np.ndarray, up: np.ndarray, down: np.ndarray
) -> dict[str, np.ndarray]:
    """Return the gradients of `swiglu`: the product rule between gate and up.

    Args:
        gradient: of the loss with respect to the outputs, shape (..., out).
        x: as in `swiglu`, and so are the three matrices.
        gate: see there.
        up: see there.
        down: see there.

    Returns:
        A dictionary with the gradients for x, gate, up and down, each shaped like
        what it is for.

    Raises:
        ValueError: when the shapes do not fit.
    """
    rows, blame = x.reshape(-1, len(gate)), gradient.reshape(-1, down.shape[1])
    opened, lifted = rows @ gate, rows @ up
    hidden = blame @ down.T
    to_gate, to_up = hidden * lifted * silu_derivative(opened), hidden * silu(opened)
    return {
        "x": (to_gate @ gate.T + to_up @ up.T).reshape(x.shape),
        "gate": rows.T @ to_gate,
        "up": rows.T @ to_up,
        "down": (silu(opened) * lifted).T @ blame,
    }


# Routing


@shapes(scores="tokens experts")
@possible_choice
def route(scores: np.ndarray, k: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """Return the k experts with the best scores for each token, and their shares.

    The shares are a softmax over the k scores alone. Sources: Shazeer and others
    (2017), Outrageously Large Neural Networks: The Sparsely-Gated
    Mixture-of-Experts Layer, ICLR, equations 3 and 5, without the noise; Jiang and
    others (2024), Mixtral of Experts, arXiv:2401.04088, section 2.1.

    Args:
        scores: of the router, shape (tokens, experts).
        k: how many experts work for a token.

    Returns:
        The experts, whole numbers, the best first, of equals the one with the lower
        number; and their shares, which sum to 1; each of shape (tokens, k).

    Raises:
        ValueError: when the shapes do not fit or k is not from 1 to the number of
            experts.
    """
    chosen = np.argsort(-scores, axis=-1, kind="stable")[:, :k]
    return chosen, softmax(np.take_along_axis(scores, chosen, axis=-1))


@shapes(gradient="tokens k", scores="tokens experts", chosen="tokens k")
@chosen_among_scores
def route_backward(gradient: np.ndarray, scores: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Return the gradient of the scores, given that of the shares of `route`.

    Experts that were not chosen get none: which ones are chosen has no derivative.

    Args:
        gradient: of the loss with respect to the shares, shape (tokens, k).
        scores: as in `route`, shape (tokens, experts).
        chosen: the first of what it returned, shape (tokens, k).

    Returns:
        Shape (tokens, experts).

    Raises:
        ValueError: when the shapes do not fit or an expert does not exist.
    """
    best = np.take_along_axis(scores, chosen, axis=-1)
    blame = np.zeros(scores.shape, dtype=gradient.dtype)
    np.put_along_axis(blame, chosen, softmax_backward(best, gradient), axis=-1)
    return blame


@shapes(scores="tokens experts", chosen="tokens k")
@chosen_among_scores
def load_balance_loss(scores: np.ndarray, chosen: np.ndarray) -> float:
    """Return N sum_i f_i P_i: 1 when all N experts work alike, N when one does all.

    f_i is the share of choices that fell on expert i, P_i the mean of its
    probability in a softmax over all scores. Source: Fedus, Zoph and Shazeer
    (2022), Switch Transformers: Scaling to Trillion Parameter Models with Simple
    and Efficient Sparsity, Journal of Machine Learning Research 23(120), equations
    4 to 6, for one expert a token and without the factor alpha, there 0.01. With k
    experts a token all k choices are counted and divided by k.

    Args:
        scores: of the router, shape (tokens, experts).
        chosen: the experts that work, as of `route`, shape (tokens, k).

    Raises:
        ValueError: when the shapes do not fit, there is no token, or an expert does
            not exist.
    """
    experts = scores.shape[1]
    shares = np.bincount(chosen.ravel(), minlength=experts) / chosen.size
    return float(experts * np.sum(shares * softmax(scores).mean(axis=0)))


@shapes(scores="tokens experts", chosen="tokens k")
@chosen_among_scores
def load_balance_gradient(scores: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Return the gradient of `load_balance_loss` with respect to the scores.

    The shares f_i are counts and have no derivative, so it goes through P alone:
    dL/dp_i(x) = N f_i / T, then back through the softmax. Source: Fedus, Zoph and
    Shazeer (2022), section 2.2.

    Args:
        scores: as in `load_balance_loss`.
        chosen: likewise.

    Returns:
        Shape (tokens, experts).

    Raises:
        ValueError: when the shapes do not fit, there is no token, or an expert does
            not exist.
    """
    tokens, experts = scores.shape
    shares = np.bincount(chosen.ravel(), minlength=experts) / chosen.size
    upstream = np.broadcast_to(experts * shares / tokens, scores.shape)
    return softmax_backward(scores, upstream.astype(np.result_type(scores, np.float32)))


# The layer


@shapes(
    x="tokens d",
    router="d experts",
    gate="experts d inner",
    up="experts d inner",
    down="experts inner out",
)
@possible_choice
def mixture_of_experts(
    x: np.ndarray,
    router: np.ndarray,
    gate: np.ndarray,
    up: np.ndarray,
    down: np.ndarray,
    k: int = 2,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the sum of k experts' answers, each times its share; and the routing.

    Every expert is a `swiglu` of its own and sees only the tokens that chose it; none
    is ever too full. Source: Jiang and others (2024), Mixtral of Experts,
    arXiv:2401.04088, section 2.1.

    Args:
        x: shape (tokens, d).
        router: shape (d, experts).
        gate: shape (experts, d, inner).
        up: shape (experts, d, inner).
        down: shape (experts, inner, out).
        k: how many experts work for a token.

    Returns:
        The outputs, shape (tokens, out); the scores, shape (tokens, experts); and the
        chosen experts, shape (tokens, k). The last two are what `load_balance_loss`
        takes.

    Raises:
        ValueError: when the shapes do not fit or k is not from 1 to the number of
            experts.
    """
    scores = x @ router
    chosen, shares = route(scores, k)
    outputs = np.zeros((len(x), down.shape[2]), dtype=shares.dtype)
    for expert in range(len(gate)):
        rows, places = np.nonzero(chosen == expert)
        answers = swiglu(x[rows], gate[expert], up[expert], down[expert])
        outputs[rows] += shares[rows, places][:, np.newaxis] * answers
    return outputs, scores, chosen


@shapes(
    gradient="tokens out",
    x="tokens d",
    router="d experts",
    gate="experts d inner",
    up="experts d inner",
    down="experts inner out",
)
@possible_choice
def mixture_of_experts_backward(
    gradient: np.ndarray,
    x: np.ndarray,
    router: np.ndarray,
    gate: np.ndarray,
    up: np.ndarray,
    down: np.ndarray,
    k: int = 2,
    balance: float = 0.0,
) -> dict[str, np.ndarray]:
    """Return the gradients of `mixture_of_experts`.

    An expert that nobody chose gets none. The router learns through the shares and,
    if asked for, through `balance` times `load_balance_loss`, which is added to the
    loss.

    Args:
        gradient: of the loss with respect to the outputs, shape (tokens, out).
        x: as in `mixture_of_experts`, and so are the other arguments.
        router: see there.
        gate: see there.
        up: see there.
        down: see there.
        k: see there.
        balance: alpha, the weight of the load-balance loss.

    Returns:
        A dictionary with the gradients for x, router, gate, up and down, each shaped
        like what it is for.

    Raises:
        ValueError: when the shapes do not fit or k is not from 1 to the number of
            experts.
    """
    scores = x @ router
    chosen, shares = route(scores, k)
    inputs = {"x": x, "gate": gate, "up": up, "down": down}
    gradients = {name: np.zeros(one.shape, shares.dtype) for name, one in inputs.items()}
    to_shares = np.zeros_like(shares)
    for expert in range(len(gate)):
        rows, places = np.nonzero(chosen == expert)
        weights = gate[expert], up[expert], down[expert]
        blame, share = gradient[rows], shares[rows, places][:, np.newaxis]
        to_shares[rows, places] = np.sum(blame * swiglu(x[rows], *weights), axis=1)
        back = swiglu_backward(share * blame, x[rows], *weights)
        gradients["x"][rows] += back["x"]
        for name in ("gate", "up", "down"):
            gradients[name][expert] = back[name]
    to_scores = route_backward(to_shares, scores, chosen)
    if balance:
        to_scores = to_scores + balance * load_balance_gradient(scores, chosen)
    gradients["x"] += to_scores @ router.T
    gradients["router"] = x.T @ to_scores
    return gradients
