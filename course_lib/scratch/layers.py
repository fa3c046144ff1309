"""Layers of a network: forward and backward for a whole batch at once.

A layer has `forward(inputs)`, which keeps what the way back will need, and
`backward(upstream)`, which gets the gradient of the loss with respect to its
output and returns it with respect to its input. `parameters` and `gradients`
are lists of equal length, empty for a layer without weights. A network is a
list of layers; the loss and its gradient with respect to the network's output
come from `course_lib.scratch.losses`, the functions of an `Activation` from
`course_lib.scratch.activations`.

Rows are examples: inputs (n, d), outputs (n, h), as in Keras, and a kernel is
(d, h), the transpose of the matrix in z = W x. The precision is that of what
comes in: float32 stays float32.

Source: Rumelhart, Hinton and Williams (1986), Learning representations by
back-propagating errors, Nature 323; in matrices, Goodfellow, Bengio and
Courville (2016), Deep Learning, section 6.5.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np

from course_lib.scratch.activations import softmax, softmax_backward
from course_lib.scratch.shapes import shapes


class Layer(Protocol):
    """Anything with these four."""

    parameters: list[np.ndarray]
    gradients: list[np.ndarray]

    def forward(self, inputs: np.ndarray) -> np.ndarray:
        """Return the output for `inputs` and remember what `backward` needs."""

    def backward(self, upstream: np.ndarray) -> np.ndarray:
        """Return dL/d(inputs), given dL/d(outputs) of the last `forward`."""


def remembers_output(forward: Callable[..., np.ndarray]) -> Callable[..., np.ndarray]:
    """Note the shape of a layer's output, for `fits_output`."""

    @functools.wraps(forward)
    def checked(self: Any, inputs: np.ndarray) -> np.ndarray:
        outputs = forward(self, inputs)
        self._output_shape = np.shape(outputs)
        return outputs

    return checked


def fits_output(backward: Callable[..., np.ndarray]) -> Callable[..., np.ndarray]:
    """Require that `forward` ran and that `upstream` has the shape of its output."""

    @functools.wraps(backward)
    def checked(self: Any, upstream: np.ndarray) -> np.ndarray:
        name = type(self).__name__
        if not hasattr(self, "_output_shape"):
            raise ValueError(f"{name}: call forward before backward.")
        if np.shape(upstream) != self._output_shape:
            raise ValueError(
                f"{name}: upstream should have the shape of the output, {self._output_shape}, "
                f"but has shape {np.shape(upstream)}."
            )
        return backward(self, upstream)

    return checked


def fits_kernel(forward: Callable[..., np.ndarray]) -> Callable[..., np.ndarray]:
    """Require inputs with as many columns as the kernel has rows."""

    @shapes(kernel="d h", inputs="n d")
    def dense(kernel: np.ndarray, inputs: np.ndarray) -> None: ...

    @functools.wraps(forward)
    def checked(self: Any, inputs: np.ndarray) -> np.ndarray:
        dense(self.parameters[0], inputs)
        return forward(self, inputs)

    return checked


class Dense:
    """X K + b: every output is a weighted sum of all inputs.

    Backward, with G = dL/d(output): dL/dK = X^T G, dL/db = the sum of the rows
    of G, dL/dX = G K^T. Source: Goodfellow, Bengio and Courville (2016), Deep
    Learning, section 6.5.6.

    Args:
        kernel: shape (d, h), as in `keras.layers.Dense`.
        bias: shape (h,).

    Raises:
        ValueError: when the shapes of kernel and bias, of the inputs (n, d) or
            of upstream (n, h) do not fit.
    """

    @shapes(kernel="d h", bias="h")
    def __init__(self, kernel: np.ndarray, bias: np.ndarray) -> None:
        self.parameters = [kernel, bias]
        self.gradients: list[np.ndarray] = []

    @fits_kernel
    @remembers_output
    def forward(self, inputs: np.ndarray) -> np.ndarray:
        self.inputs = inputs
        kernel, bias = self.parameters
        return inputs @ kernel + bias

    @fits_output
    def backward(self, upstream: np.ndarray) -> np.ndarray:
        kernel, _ = self.parameters
        self.gradients = [self.inputs.T @ upstream, upstream.sum(axis=0)]
        return upstream @ kernel.T


class Activation:
    """A function of each number alone; backward, upstream times its derivative.

    Args:
        function: as in `activations.relu`; keeps the shape.
        derivative: as in `activations.relu_derivative`; takes the input of the
            function, not its output.

    Raises:
        ValueError: when upstream has not the shape of the output.
    """

    def __init__(
        self,
        function: Callable[[np.ndarray], np.ndarray],
        derivative: Callable[[np.ndarray], np.ndarray],
    ) -> None:
        self.function, self.derivative = function, derivative
        self.parameters: list[np.ndarray] = []
        self.gradients: list[np.ndarray] = []

    @remembers_output
    def forward(self, inputs: np.ndarray) -> np.ndarray:
        self.inputs = inputs
        return self.function(inputs).astype(inputs.dtype, copy=False)

    @fits_output
    def backward(self, upstream: np.ndarray) -> np.ndarray:
        return (upstream * self.derivative(self.inputs)).astype(upstream.dtype, copy=False)


class Softmax:
    """Scores to probabilities over the last axis, for losses that take probabilities.

    Every output depends on every input of its row, so that the derivative is a
    matrix: `activations.softmax_backward`.

    Raises:
        ValueError: when upstream has not the shape of the output.
    """

    def __init__(self) -> None:
        self.parameters: list[np.ndarray] = []
        self.gradients: list[np.ndarray] = []

    @remembers_output
    def forward(self, inputs: np.ndarray) -> np.ndarray:
        self.inputs = inputs
        return softmax(inputs)

    @fits_output
    def backward(self, upstream: np.ndarray) -> np.ndarray:
        return softmax_backward(self.inputs, upstream)


def forward(layers: Sequence[Layer], inputs: np.ndarray) -> np.ndarray:
    """Return the network's output: each layer takes what the one before it gives.

    Args:
        layers: from the input to the output.
        inputs: shape (n, d).

    Raises:
        ValueError: when a shape does not fit.
    """
    for layer in layers:
        inputs = layer.forward(inputs)
    return inputs


def backward(layers: Sequence[Layer], upstream: np.ndarray) -> np.ndarray:
    """Set every layer's gradients and return dL/d(inputs).

    Args:
        layers: from the input to the output, as in the last `forward`.
        upstream: dL/d(outputs), shaped like the output of the last `forward`.

    Raises:
        ValueError: when `forward` has not run or a shape does not fit.
    """
    for layer in reversed(layers):
        upstream = layer.backward(upstream)
    return upstream


def step(layers: Sequence[Layer], learning_rate: float) -> None:
    """Move all parameters one step against their gradients.

    The arrays that were handed to the layers are left as they are.

    Args:
        layers: after a `backward`.
        learning_rate: the factor on the gradients.

    Raises:
        ValueError: when `backward` has not run.
    """
    for layer in layers:
        pairs = zip(layer.parameters, layer.gradients, strict=True)
        layer.parameters = [array - learning_rate * gradient for array, gradient in pairs]
