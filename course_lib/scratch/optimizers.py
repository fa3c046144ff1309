"""Optimisers: what to do with a gradient.

Each holds its hyper-parameters, named as in Keras, and the memory that it
needs. `step(parameters, gradients)` returns new parameters and changes neither
argument. An optimiser belongs to one array; `PerArray` serves a model of several.

The memory starts as the number 0.0 and takes the parameters' shape at the
first step. Where the papers leave something open the classes follow Keras, and
where Keras departs from a paper the docstring says so.
"""

import functools
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np

from course_lib.scratch.shapes import shapes

Step = Callable[[Any, np.ndarray, np.ndarray], np.ndarray]


class Optimizer(Protocol):
    """Anything with a `step`."""

    def step(self, parameters: np.ndarray, gradients: np.ndarray) -> np.ndarray:
        """Return the new parameters."""


def one_array(step: Step) -> Step:
    """Require that `gradients` fit `parameters`, and these the first step's."""
    checked = shapes(parameters="*shape", gradients="*shape")(step)

    @functools.wraps(step)
    def same_shape(self: Any, parameters: np.ndarray, gradients: np.ndarray) -> np.ndarray:
        shape = np.shape(parameters)
        if self.__dict__.setdefault("_shape", shape) != shape:
            raise ValueError(
                f"{type(self).__name__}: parameters had shape {self._shape} at the first step, "
                f"but now have shape {shape}. Make a new optimiser for other parameters."
            )
        return checked(self, parameters, gradients)

    return same_shape


class GradientDescent:
    """w <- w - a g.

    Fed the gradient of all examples this is gradient descent (Cauchy 1847);
    fed that of a random example or mini-batch, stochastic gradient descent
    (Robbins and Monro 1951). The rule is the same: what differs is the
    gradient. Keras names it SGD in either case.

    Args:
        learning_rate: a, the factor on the gradient.
    """

    def __init__(self, learning_rate: float = 0.01) -> None:
        self.learning_rate = learning_rate

    @one_array
    def step(self, parameters: np.ndarray, gradients: np.ndarray) -> np.ndarray:
        """Return the new parameters.

        Raises:
            ValueError: when the shapes differ.
        """
        return parameters - self.learning_rate * gradients


class Momentum:
    """v <- b v - a g; w <- w + v.

    Source: Polyak (1964), Some methods of speeding up the convergence of
    iteration methods, USSR Computational Mathematics and Mathematical Physics
    4(5), where v is the last step w_t - w_{t-1}. Keras: SGD(momentum=b). PyTorch's v
    is without a, which multiplies it when it is used: the same while a is constant; when
    a falls, PyTorch's velocity falls with it at once, and this one in the steps to come.

    Args:
        learning_rate: a.
        momentum: b, the share of the last step that is kept, from 0 to 1.
    """

    def __init__(self, learning_rate: float = 0.01, momentum: float = 0.9) -> None:
        self.learning_rate, self.momentum = learning_rate, momentum
        self.velocity: Any = 0.0

    @one_array
    def step(self, parameters: np.ndarray, gradients: np.ndarray) -> np.ndarray:
        """Return the new parameters.

        Raises:
            ValueError: when the shapes differ, or are not those of the first step.
        """
        self.velocity = self.momentum * self.velocity - self.learning_rate * gradients
        return parameters + self.velocity


class Nesterov:
    """v <- b v - a g; w <- w + b v - a g.

    Source: Nesterov (1983), A method for solving the convex programming
    problem with convergence rate O(1/k^2), Soviet Mathematics Doklady 27. There
    the gradient is taken where the momentum is about to lead. Written in terms
    of those look-ahead points it becomes the rule above, which needs the
    gradient at the parameters only: Bengio, Boulanger-Lewandowski and Pascanu
    (2013), Advances in optimizing recurrent networks, ICASSP, section 3.5.
    Keras: SGD(momentum=b, nesterov=True).

    Args:
        learning_rate: a.
        momentum: b, from 0 to 1.
    """

    def __init__(self, learning_rate: float = 0.01, momentum: float = 0.9) -> None:
        self.learning_rate, self.momentum = learning_rate, momentum
        self.velocity: Any = 0.0

    @one_array
    def step(self, parameters: np.ndarray, gradients: np.ndarray) -> np.ndarray:
        """Return the new parameters.

        Raises:
            ValueError: when the shapes differ, or are not those of the first step.
        """
        downhill = -self.learning_rate * gradients
        self.velocity = self.momentum * self.velocity + downhill
        return parameters + self.momentum * self.velocity + downhill


class AdaGrad:
    """s <- s + g^2; w <- w - a g / sqrt(s + e).

    Source: Duchi, Hazan and Singer (2011), Adaptive subgradient methods for
    online learning and stochastic optimization, Journal of Machine Learning
    Research 12, figure 1 with diagonal matrices. They start s at 0 and add a
    constant to the root; here, as in Keras, s starts at 0.1 and the constant
    stands inside the root.

    Args:
        learning_rate: a.
        initial_accumulator_value: s before the first step.
        epsilon: e.
    """

    def __init__(
        self,
        learning_rate: float = 0.001,
        initial_accumulator_value: float = 0.1,
        epsilon: float = 1e-7,
    ) -> None:
        self.learning_rate, self.epsilon = learning_rate, epsilon
        self.accumulator: Any = initial_accumulator_value

    @one_array
    def step(self, parameters: np.ndarray, gradients: np.ndarray) -> np.ndarray:
        """Return the new parameters.

        Raises:
            ValueError: when the shapes differ, or are not those of the first step.
        """
        self.accumulator = self.accumulator + gradients**2
        scale = np.sqrt(self.accumulator + self.epsilon)
        return parameters - self.learning_rate * gradients / scale


class RMSProp:
    """s <- r s + (1 - r) g^2; w <- w - a g / sqrt(s + e).

    Source: Tieleman and Hinton (2012), Lecture 6.5, rmsprop, COURSERA: Neural
    Networks for Machine Learning. The lecture has r = 0.9 and no e; here, as in
    Keras, e stands inside the root. PyTorch adds it to the root, has r = 0.99, and its
    e of 1e-8 then acts as 1e-16 would here.

    Args:
        learning_rate: a.
        rho: r, the share of the old mean that is kept, from 0 to 1.
        epsilon: e.
    """

    def __init__(
        self, learning_rate: float = 0.001, rho: float = 0.9, epsilon: float = 1e-7
    ) -> None:
        self.learning_rate, self.rho, self.epsilon = learning_rate, rho, epsilon
        self.mean_square: Any = 0.0

    @one_array
    def step(self, parameters: np.ndarray, gradients: np.ndarray) -> np.ndarray:
        """Return the new parameters.

        Raises:
            ValueError: when the shapes differ, or are not those of the first step.
        """
        self.mean_square = self.rho * self.mean_square + (1 - self.rho) * gradients**2
        scale = np.sqrt(self.mean_square + self.epsilon)
        return parameters - self.learning_rate * gradients / scale


class Adam:
    """Momentum over the root of a mean square, both corrected for their start at 0.

    m <- b1 m + (1 - b1) g, v <- b2 v + (1 - b2) g^2,
    w <- w - a (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + e).

    Source: Kingma and Ba (2015), Adam: a method for stochastic optimization,
    ICLR, algorithm 1, with e = 1e-8. Keras uses the paper's faster form, end of
    section 2, in which the constant, "epsilon hat", is added to the root of the
    uncorrected v: at step t it equals e = epsilon hat / sqrt(1 - b2^t). The two
    differ visibly only for gradients not much larger than epsilon. The default
    here is Keras's 1e-7.

    Args:
        learning_rate: a, about the largest distance of one step.
        beta_1: b1, the share of the old mean gradient that is kept.
        beta_2: b2, the share of the old mean square that is kept.
        epsilon: e.
    """

    def __init__(
        self,
        learning_rate: float = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
    ) -> None:
        self.learning_rate, self.epsilon = learning_rate, epsilon
        self.beta_1, self.beta_2 = beta_1, beta_2
        self.mean: Any = 0.0
        self.mean_square: Any = 0.0
        self.steps = 0

    @one_array
    def step(self, parameters: np.ndarray, gradients: np.ndarray) -> np.ndarray:
        """Return the new parameters.

        Raises:
            ValueError: when the shapes differ, or are not those of the first step.
        """
        self.steps += 1
        self.mean = self.beta_1 * self.mean + (1 - self.beta_1) * gradients
        self.mean_square = self.beta_2 * self.mean_square + (1 - self.beta_2) * gradients**2
        mean = self.mean / (1 - self.beta_1**self.steps)
        mean_square = self.mean_square / (1 - self.beta_2**self.steps)
        scale = np.sqrt(mean_square) + self.epsilon
        return parameters - self.learning_rate * mean / scale


class AdamW(Adam):
    """Adam, after shrinking the parameters by the factor 1 - a d.

    Source: Loshchilov and Hutter (2019), Decoupled weight decay regularization,
    ICLR, algorithm 2. The decay acts on the parameters and not on the gradient,
    where Adam would divide it away. As in Keras, it is multiplied by the
    learning rate; the paper multiplies it by its schedule factor only.

    Args:
        learning_rate: a.
        weight_decay: d.
        beta_1: as in `Adam`.
        beta_2: as in `Adam`.
        epsilon: as in `Adam`.
    """

    def __init__(
        self,
        learning_rate: float = 0.001,
        weight_decay: float = 0.004,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
    ) -> None:
        super().__init__(learning_rate, beta_1, beta_2, epsilon)
        self.weight_decay = weight_decay

    @one_array
    def step(self, parameters: np.ndarray, gradients: np.ndarray) -> np.ndarray:
        """Return the new parameters.

        Raises:
            ValueError: when the shapes differ, or are not those of the first step.
        """
        shrunk = parameters - self.learning_rate * self.weight_decay * parameters
        return super().step(shrunk, gradients)


class PerArray:
    """One optimiser for each array of a model.

    Every rule above acts on each number by itself, so this equals one optimiser
    for all the numbers.

    Args:
        create: makes one optimiser, as in `lambda: Adam(learning_rate=0.01)`.

    Example:
        >>> optimizer = PerArray(lambda: GradientDescent(learning_rate=0.5))
        >>> optimizer.step([np.array([1.0, 2.0]), np.array(3.0)], [np.ones(2), np.array(2.0)])
        [array([0.5, 1.5]), np.float64(2.0)]
    """

    def __init__(self, create: Callable[[], Optimizer]) -> None:
        self.create = create
        self.optimizers: list[Optimizer] = []

    def step(
        self, parameters: Sequence[np.ndarray], gradients: Sequence[np.ndarray]
    ) -> list[np.ndarray]:
        """Return the new arrays, in the same order.

        Raises:
            ValueError: when the numbers of arrays or their shapes differ, or
                are not those of the first step.
        """
        if not self.optimizers:
            self.optimizers = [self.create() for _ in parameters]
        counts = {len(parameters), len(gradients), len(self.optimizers)}
        if len(counts) > 1:
            raise ValueError(
                f"PerArray: expected {len(self.optimizers)} arrays, as at the first step, but got "
                f"{len(parameters)} of parameters and {len(gradients)} of gradients."
            )
        return [
            optimizer.step(array, gradient)
            for optimizer, array, gradient in zip(
                self.optimizers, parameters, gradients, strict=True
            )
        ]
