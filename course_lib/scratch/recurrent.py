"""Recurrent layers, forward and backward through time: simple, LSTM and GRU.

Sequences have shape (n, t, d): examples, steps, features; states have shape
(n, h). The weights are laid out as Keras lays them out, so `layer.get_weights()`
can be handed in. Every forward function returns the states of all steps; the
last state is `states[:, -1]`.

A mask of shape (n, t) holds 1 where a step is real and 0 where it is padding: a
padded step leaves the state as it was. That is Keras's rule for its states.
Keras's outputs follow it too, except where a sequence begins with padding and
with an initial state other than zeros.
"""

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

import numpy as np

from course_lib.scratch.activations import sigmoid
from course_lib.scratch.shapes import requires, shapes

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def blocks(count: int) -> Callable[[Callable[Parameters, Result]], Callable[Parameters, Result]]:
    """Require that the kernel holds `count` blocks of as many columns as the state has."""

    def check(name: str, given: dict[str, Any]) -> None:
        columns = np.shape(given["recurrent_kernel"])
        if len(columns) == 2 and columns[1] != count * columns[0]:
            raise ValueError(
                f"{name}: recurrent_kernel should have {count} columns for each "
                f"of its rows, which are the units, but has shape {columns}."
            )

    return requires(check)


@blocks(1)
@shapes(inputs="n t d", kernel="d h", recurrent_kernel="h h", bias="h", state="n h", mask="n t")
def simple_rnn(
    inputs: np.ndarray,
    kernel: np.ndarray,
    recurrent_kernel: np.ndarray,
    bias: np.ndarray,
    state: np.ndarray,
    mask: np.ndarray | None = None,
) -> np.ndarray:
    """Return the states h_t = tanh(x_t W + h_{t-1} U + b) of all steps.

    Source: Elman (1990), Finding structure in time, Cognitive Science 14(2),
    179-211, with tanh for the logistic function. Keras: `SimpleRNN`.

    Args:
        inputs: x, shape (n, t, d).
        kernel: W, shape (d, h).
        recurrent_kernel: U, shape (h, h).
        bias: b, shape (h,).
        state: h_0, shape (n, h).
        mask: shape (n, t), 1 for a real step and 0 for padding; None: all real.

    Returns:
        Shape (n, t, h).

    Raises:
        ValueError: when the shapes do not fit.
    """
    mask = np.ones(inputs.shape[:2], inputs.dtype) if mask is None else mask
    states = []
    for step in range(inputs.shape[1]):
        kept = mask[:, step, np.newaxis]
        new = np.tanh(inputs[:, step] @ kernel + state @ recurrent_kernel + bias)
        state = kept * new + (1 - kept) * state
        states.append(state)
    return np.stack(states, axis=1)


@blocks(1)
@shapes(
    gradient="n t h",
    inputs="n t d",
    states="n t h",
    kernel="d h",
    recurrent_kernel="h h",
    state="n h",
    mask="n t",
)
def simple_rnn_backward(
    gradient: np.ndarray,
    inputs: np.ndarray,
    states: np.ndarray,
    kernel: np.ndarray,
    recurrent_kernel: np.ndarray,
    state: np.ndarray,
    mask: np.ndarray | None = None,
) -> dict[str, np.ndarray]:
    """Return the gradients of `simple_rnn`: backpropagation through time.

    Source: Werbos (1990), Backpropagation through time: what it does and how to
    do it, Proceedings of the IEEE 78(10), 1550-1560.

    Args:
        gradient: of the loss with respect to the states of all steps, shape
            (n, t, h). Zeros but for the last step when only that is used.
        inputs: as in `simple_rnn`.
        states: what `simple_rnn` returned.
        kernel: as in `simple_rnn`.
        recurrent_kernel: as in `simple_rnn`.
        state: as in `simple_rnn`.
        mask: as in `simple_rnn`.

    Returns:
        A dictionary with the gradients for inputs, kernel, recurrent_kernel,
        bias and state, each shaped like what it is for.

    Raises:
        ValueError: when the shapes do not fit.
    """
    mask = np.ones(inputs.shape[:2], inputs.dtype) if mask is None else mask
    back, carried = np.empty_like(states), np.zeros_like(state)
    for step in reversed(range(inputs.shape[1])):
        kept = mask[:, step, np.newaxis]
        total = gradient[:, step] + carried
        back[:, step] = kept * total * (1 - states[:, step] ** 2)
        carried = back[:, step] @ recurrent_kernel.T + (1 - kept) * total
    before = np.concatenate([state[:, np.newaxis], states[:, :-1]], axis=1)
    return weight_gradients(back, inputs, before, kernel) | {"state": carried}


def lstm_gates(sums: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return input gate, forget gate, candidate and output gate, in Keras's order.

    Args:
        sums: the weighted sums of all four, shape (..., 4h).

    Returns:
        Four arrays of shape (..., h). The gates are from 0 to 1, the candidate
        from -1 to 1.
    """
    input_gate, forget_gate, candidate, output_gate = np.split(sums, 4, axis=-1)
    return sigmoid(input_gate), sigmoid(forget_gate), np.tanh(candidate), sigmoid(output_gate)


@blocks(4)
@shapes(
    inputs="n t d",
    kernel="d g",
    recurrent_kernel="h g",
    bias="g",
    state="n h",
    cell="n h",
    mask="n t",
)
def lstm(
    inputs: np.ndarray,
    kernel: np.ndarray,
    recurrent_kernel: np.ndarray,
    bias: np.ndarray,
    state: np.ndarray,
    cell: np.ndarray,
    mask: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the states and the cells of all steps of a long short-term memory.

    With input gate i, forget gate f, candidate g and output gate o:
    c_t = f c_{t-1} + i g and h_t = o tanh(c_t).
    Sources: Hochreiter and Schmidhuber (1997), Long short-term memory, Neural
    Computation 9(8), 1735-1780; the forget gate: Gers, Schmidhuber and Cummins
    (2000), Learning to forget, Neural Computation 12(10), 2451-2471. Keras: `LSTM`.

    Args:
        inputs: x, shape (n, t, d).
        kernel: shape (d, 4h): the columns of i, f, g and o side by side.
        recurrent_kernel: shape (h, 4h), in the same order.
        bias: shape (4h,), in the same order.
        state: h_0, shape (n, h).
        cell: c_0, shape (n, h).
        mask: shape (n, t), 1 for a real step and 0 for padding; None: all real.

    Returns:
        States and cells, each of shape (n, t, h).

    Raises:
        ValueError: when the shapes do not fit.
    """
    mask = np.ones(inputs.shape[:2], inputs.dtype) if mask is None else mask
    states, cells = [], []
    for step in range(inputs.shape[1]):
        kept = mask[:, step, np.newaxis]
        sums = inputs[:, step] @ kernel + state @ recurrent_kernel + bias
        input_gate, forget_gate, candidate, output_gate = lstm_gates(sums)
        new_cell = forget_gate * cell + input_gate * candidate
        new_state = output_gate * np.tanh(new_cell)
        cell = kept * new_cell + (1 - kept) * cell
        state = kept * new_state + (1 - kept) * state
        states.append(state)
        cells.append(cell)
    return np.stack(states, axis=1), np.stack(cells, axis=1)


@shapes(
    state_gradient="n h",
    cell_gradient="n h",
    before="n h",
    after="n h",
    sums="n g",
)
def lstm_step_backward(
    state_gradient: np.ndarray,
    cell_gradient: np.ndarray,
    before: np.ndarray,
    after: np.ndarray,
    sums: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the gradients of one LSTM step for its weighted sums and the cell before.

    Args:
        state_gradient: of the loss with respect to h_t, shape (n, h).
        cell_gradient: with respect to c_t other than through h_t, shape (n, h).
        before: c_{t-1}, shape (n, h).
        after: c_t, shape (n, h).
        sums: the weighted sums of the four gates, shape (n, 4h).

    Returns:
        The gradient for the sums, shape (n, 4h), and for c_{t-1}, shape (n, h).

    Raises:
        ValueError: when the shapes do not fit.
    """
    input_gate, forget_gate, candidate, output_gate = lstm_gates(sums)
    squashed = np.tanh(after)
    cell_gradient = cell_gradient + state_gradient * output_gate * (1 - squashed**2)
    parts = [
        cell_gradient * candidate * input_gate * (1 - input_gate),
        cell_gradient * before * forget_gate * (1 - forget_gate),
        cell_gradient * input_gate * (1 - candidate**2),
        state_gradient * squashed * output_gate * (1 - output_gate),
    ]
    return np.concatenate(parts, axis=1), cell_gradient * forget_gate


@blocks(4)
@shapes(
    gradient="n t h",
    inputs="n t d",
    states="n t h",
    cells="n t h",
    kernel="d g",
    recurrent_kernel="h g",
    bias="g",
    state="n h",
    cell="n h",
    mask="n t",
)
def lstm_backward(
    gradient: np.ndarray,
    inputs: np.ndarray,
    states: np.ndarray,
    cells: np.ndarray,
    kernel: np.ndarray,
    recurrent_kernel: np.ndarray,
    bias: np.ndarray,
    state: np.ndarray,
    cell: np.ndarray,
    mask: np.ndarray | None = None,
) -> dict[str, np.ndarray]:
    """Return the gradients of `lstm`, by backpropagation through time.

    The gates are computed again from the states, all steps at once.
    Source: Gers, Schmidhuber and Cummins (2000), section 3, without the
    truncation: these are the full gradients.

    Args:
        gradient: of the loss with respect to the states of all steps, shape
            (n, t, h).
        inputs: as in `lstm`.
        states: the first of what `lstm` returned.
        cells: the second.
        kernel: as in `lstm`.
        recurrent_kernel: as in `lstm`.
        bias: as in `lstm`.
        state: as in `lstm`.
        cell: as in `lstm`.
        mask: as in `lstm`.

    Returns:
        A dictionary with the gradients for inputs, kernel, recurrent_kernel,
        bias, state and cell, each shaped like what it is for.

    Raises:
        ValueError: when the shapes do not fit.
    """
    mask = np.ones(inputs.shape[:2], inputs.dtype) if mask is None else mask
    before = np.concatenate([state[:, np.newaxis], states[:, :-1]], axis=1)
    cell_before = np.concatenate([cell[:, np.newaxis], cells[:, :-1]], axis=1)
    sums = inputs @ kernel + before @ recurrent_kernel + bias
    back, state_carried, cell_carried = np.empty_like(sums), np.zeros_like(state), 0 * cell
    for step in reversed(range(inputs.shape[1])):
        kept = mask[:, step, np.newaxis]
        total = gradient[:, step] + state_carried
        back[:, step], through = lstm_step_backward(
            kept * total, kept * cell_carried, cell_before[:, step], cells[:, step], sums[:, step]
        )
        state_carried = back[:, step] @ recurrent_kernel.T + (1 - kept) * total
        cell_carried = through + (1 - kept) * cell_carried
    return weight_gradients(back, inputs, before, kernel) | {
        "state": state_carried,
        "cell": cell_carried,
    }


def weight_gradients(
    back: np.ndarray, inputs: np.ndarray, before: np.ndarray, kernel: np.ndarray
) -> dict[str, np.ndarray]:
    """Return what all steps together say about the inputs and the shared weights.

    Args:
        back: the gradient for the weighted sums, shape (n, t, g).
        inputs: shape (n, t, d).
        before: the states before each step, shape (n, t, h).
        kernel: shape (d, g).

    Returns:
        A dictionary with the gradients for inputs, kernel, recurrent_kernel and bias.
    """
    return {
        "inputs": back @ kernel.T,
        "kernel": np.einsum("ntd,ntg->dg", inputs, back),
        "recurrent_kernel": np.einsum("nth,ntg->hg", before, back),
        "bias": back.sum(axis=(0, 1)),
    }


def gru_gates(
    from_inputs: np.ndarray, from_state: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return update gate, reset gate and candidate, in Keras's order.

    Args:
        from_inputs: x_t W + b, shape (..., 3h).
        from_state: h_{t-1} U + b', shape (..., 3h).

    Returns:
        Three arrays of shape (..., h).
    """
    update_x, reset_x, candidate_x = np.split(from_inputs, 3, axis=-1)
    update_h, reset_h, candidate_h = np.split(from_state, 3, axis=-1)
    update, reset = sigmoid(update_x + update_h), sigmoid(reset_x + reset_h)
    return update, reset, np.tanh(candidate_x + reset * candidate_h)


@blocks(3)
@shapes(inputs="n t d", kernel="d g", recurrent_kernel="h g", bias="2 g", state="n h", mask="n t")
def gru(
    inputs: np.ndarray,
    kernel: np.ndarray,
    recurrent_kernel: np.ndarray,
    bias: np.ndarray,
    state: np.ndarray,
    mask: np.ndarray | None = None,
) -> np.ndarray:
    """Return the states of all steps of a gated recurrent unit.

    With update gate z, reset gate r and candidate g: h_t = z h_{t-1} + (1 - z) g.
    Source: Cho and others (2014), Learning phrase representations using RNN
    encoder-decoder for statistical machine translation, EMNLP, equations 5 to 8;
    the reset gate acts after the product with U, as in Keras's `GRU`
    (`reset_after=True`).

    Args:
        inputs: x, shape (n, t, d).
        kernel: W, shape (d, 3h): the columns of z, r and g side by side.
        recurrent_kernel: U, shape (h, 3h), in the same order.
        bias: shape (2, 3h): added to x W, and added to h U.
        state: h_0, shape (n, h).
        mask: shape (n, t), 1 for a real step and 0 for padding; None: all real.

    Returns:
        Shape (n, t, h).

    Raises:
        ValueError: when the shapes do not fit.
    """
    mask = np.ones(inputs.shape[:2], inputs.dtype) if mask is None else mask
    states = []
    for step in range(inputs.shape[1]):
        kept = mask[:, step, np.newaxis]
        from_inputs = inputs[:, step] @ kernel + bias[0]
        from_state = state @ recurrent_kernel + bias[1]
        update, _, candidate = gru_gates(from_inputs, from_state)
        new = update * state + (1 - update) * candidate
        state = kept * new + (1 - kept) * state
        states.append(state)
    return np.stack(states, axis=1)


@shapes(gradient="n h", before="n h", from_inputs="n g", from_state="n g")
def gru_step_backward(
    gradient: np.ndarray, before: np.ndarray, from_inputs: np.ndarray, from_state: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the gradients of one GRU step.

    Args:
        gradient: of the loss with respect to h_t, shape (n, h).
        before: h_{t-1}, shape (n, h).
        from_inputs: x_t W + b, shape (n, 3h).
        from_state: h_{t-1} U + b', shape (n, 3h).

    Returns:
        The gradients for `from_inputs` and `from_state`, each of shape (n, 3h),
        and for h_{t-1} directly, past the gates, shape (n, h).

    Raises:
        ValueError: when the shapes do not fit.
    """
    update, reset, candidate = gru_gates(from_inputs, from_state)
    candidate_h = np.split(from_state, 3, axis=-1)[2]
    through_candidate = gradient * (1 - update) * (1 - candidate**2)
    through_update = gradient * (before - candidate) * update * (1 - update)
    through_reset = through_candidate * candidate_h * reset * (1 - reset)
    shared = [through_update, through_reset]
    back_inputs = np.concatenate([*shared, through_candidate], axis=1)
    back_state = np.concatenate([*shared, through_candidate * reset], axis=1)
    return back_inputs, back_state, gradient * update


@blocks(3)
@shapes(
    gradient="n t h",
    inputs="n t d",
    states="n t h",
    kernel="d g",
    recurrent_kernel="h g",
    bias="2 g",
    state="n h",
    mask="n t",
)
def gru_backward(
    gradient: np.ndarray,
    inputs: np.ndarray,
    states: np.ndarray,
    kernel: np.ndarray,
    recurrent_kernel: np.ndarray,
    bias: np.ndarray,
    state: np.ndarray,
    mask: np.ndarray | None = None,
) -> dict[str, np.ndarray]:
    """Return the gradients of `gru`, by backpropagation through time.

    Args:
        gradient: of the loss with respect to the states of all steps, shape
            (n, t, h).
        inputs: as in `gru`.
        states: what `gru` returned.
        kernel: as in `gru`.
        recurrent_kernel: as in `gru`.
        bias: as in `gru`.
        state: as in `gru`.
        mask: as in `gru`.

    Returns:
        A dictionary with the gradients for inputs, kernel, recurrent_kernel,
        bias and state, each shaped like what it is for.

    Raises:
        ValueError: when the shapes do not fit.
    """
    mask = np.ones(inputs.shape[:2], inputs.dtype) if mask is None else mask
    before = np.concatenate([state[:, np.newaxis], states[:, :-1]], axis=1)
    from_inputs, from_state = inputs @ kernel + bias[0], before @ recurrent_kernel + bias[1]
    back_inputs, back_state = np.empty_like(from_inputs), np.empty_like(from_state)
    carried = np.zeros_like(state)
    for step in reversed(range(inputs.shape[1])):
        kept = mask[:, step, np.newaxis]
        total = gradient[:, step] + carried
        back_inputs[:, step], back_state[:, step], past = gru_step_backward(
            kept * total, before[:, step], from_inputs[:, step], from_state[:, step]
        )
        carried = back_state[:, step] @ recurrent_kernel.T + past + (1 - kept) * total
    return weight_gradients(back_inputs, inputs, before, kernel) | {
        "recurrent_kernel": np.einsum("nth,ntg->hg", before, back_state, optimize=True),
        "bias": np.stack([back_inputs.sum(axis=(0, 1)), back_state.sum(axis=(0, 1))]),
        "state": carried,
    }
