"""Answers to the exercises of lesson 04, written without sight of what the checks know."""

import math

import numpy as np

# ---------------------------------------------------------------- dense_layer


def dense_by_einsum(inputs, kernel, upstream):
    return [
        np.einsum("nd,nh->dh", inputs, upstream),
        np.einsum("nh->h", upstream),
        np.einsum("nh,dh->nd", upstream, kernel),
    ]


def dense_example_by_example(inputs, kernel, upstream):
    kernel_gradient, bias_gradient = np.zeros(kernel.shape), np.zeros(kernel.shape[1])
    inputs_gradient = np.zeros(inputs.shape)
    for i, (x, g) in enumerate(zip(inputs, upstream, strict=True)):
        kernel_gradient += np.outer(x, g)
        bias_gradient += g
        inputs_gradient[i] = kernel @ g
    return kernel_gradient, bias_gradient, inputs_gradient


# ---------------------------------------------------------------- own_layer


class Plain:
    """What the layers below have in common."""

    def __init__(self):
        self.parameters, self.gradients = [], []


class SoftmaxOnTheDiagonal(Plain):
    def forward(self, inputs):
        exponentials = np.exp(inputs - inputs.max(axis=1, keepdims=True))
        self.outputs = exponentials / exponentials.sum(axis=1, keepdims=True)
        return self.outputs

    def backward(self, upstream):
        return upstream * self.outputs * (1 - self.outputs)


class LengthTakenAsConstant(Plain):
    def forward(self, inputs):
        self.length = np.sqrt(np.sum(inputs**2, axis=1, keepdims=True))
        return inputs / self.length

    def backward(self, upstream):
        return upstream / self.length


class Tanh(Plain):
    def forward(self, inputs):
        self.outputs = np.tanh(inputs)
        return self.outputs

    def backward(self, upstream):
        return upstream * (1 - self.outputs**2)


class MinusTheMean(Plain):
    def forward(self, inputs):
        return inputs - inputs.mean(axis=1, keepdims=True)

    def backward(self, upstream):
        return upstream - upstream.mean(axis=1, keepdims=True)


class NeighbourForgotten(Plain):
    def forward(self, inputs):
        self.neighbours = np.roll(inputs, -1, axis=1)
        return inputs * self.neighbours

    def backward(self, upstream):
        return upstream * self.neighbours


class Softmax(Plain):
    def forward(self, inputs):
        exponentials = np.exp(inputs - inputs.max(axis=1, keepdims=True))
        self.outputs = exponentials / exponentials.sum(axis=1, keepdims=True)
        return self.outputs

    def backward(self, upstream):
        rows = []
        for p, g in zip(self.outputs, upstream, strict=True):
            rows.append((np.diag(p) - np.outer(p, p)) @ g)
        return np.array(rows)


class TimesTheNeighbour(Plain):
    def forward(self, inputs):
        self.inputs = inputs
        return inputs * np.roll(inputs, -1, axis=1)

    def backward(self, upstream):
        from_the_right = upstream * np.roll(self.inputs, -1, axis=1)
        return from_the_right + np.roll(upstream * self.inputs, 1, axis=1)


# ---------------------------------------------------------------- multiply_node


def multiply_summed(a, b, upstream):
    return np.sum(upstream * b), np.sum(upstream * a)


def multiply_as_generator(a, b, upstream):
    for other in (b, a):
        yield np.multiply(other, upstream)


# ---------------------------------------------------------------- relu_mask


def relu_by_assignment(z, upstream):
    gradient = np.array(upstream, dtype=float)
    gradient[np.asarray(z) <= 0] = 0
    return gradient


# ---------------------------------------------------------------- softmax_gradient


def softmax(logits):
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def not_shared(logits, labels):
    gradient = softmax(logits)
    gradient[np.arange(len(labels)), labels] -= 1
    return gradient


def exponentials_overflow(logits, labels):
    exponentials = np.exp(logits)
    gradient = exponentials / exponentials.sum(axis=1, keepdims=True)
    gradient[np.arange(len(labels)), labels] -= 1
    return gradient / len(labels)


def labels_of_all_rows(logits, labels):
    gradient = softmax(logits)
    gradient[:, labels] -= 1
    return gradient / len(labels)


def truth_minus_probability(logits, labels):
    return (np.eye(logits.shape[1])[labels] - softmax(logits)) / len(labels)


def one_maximum_for_all(logits, labels):
    exponentials = np.exp(logits - logits.max())
    gradient = exponentials / exponentials.sum(axis=1, keepdims=True)
    gradient[np.arange(len(labels)), labels] -= 1
    return gradient / len(labels)


def softmax_gradient_in_loops(logits, labels):
    table = []
    for row, label in zip(np.asarray(logits).tolist(), labels, strict=True):
        top = max(row)
        total = sum(math.exp(z - top) for z in row)
        shares = [math.exp(z - top) / total for z in row]
        table.append([(p - (j == label)) / len(labels) for j, p in enumerate(shares)])
    return table


def softmax_gradient_by_log(logits, labels):
    log_total = np.logaddexp.reduce(logits, axis=1, keepdims=True)
    truth = np.asarray(labels)[:, None] == np.arange(np.shape(logits)[1])
    return (np.exp(logits - log_total) - truth) / np.shape(logits)[0]


WRONG = {
    "chain": {
        "error as y - f, outer minus forgotten": 2 * (-4 - -2.5) * -0.5 * 4,
        "forgot the 2 of the square": (-2.5 - -4) * -0.5 * 4,
        "stopped before x: that is the gradient of b1": 2 * (-2.5 - -4) * -0.5,
        "forgot b1 on the way forward": 2 * (-0.5 * 6 - -4) * -0.5 * 4,
        "gradient of w2": 2 * (-2.5 - -4) * 5,
    },
    "dense_layer": {
        "gradient of the kernel transposed": lambda inputs, kernel, upstream: (
            upstream.T @ inputs,
            upstream.sum(axis=0),
            upstream @ kernel.T,
        ),
        "mean for the bias": lambda inputs, kernel, upstream: (
            inputs.T @ upstream,
            upstream.mean(axis=0),
            upstream @ kernel.T,
        ),
        "inputs first": lambda inputs, kernel, upstream: (
            upstream @ kernel.T,
            inputs.T @ upstream,
            upstream.sum(axis=0),
        ),
        "bias summed over the outputs, too": lambda inputs, kernel, upstream: (
            inputs.T @ upstream,
            upstream.sum(),
            upstream @ kernel.T,
        ),
        "kernel divided by the number of examples": lambda inputs, kernel, upstream: (
            inputs.T @ upstream / len(inputs),
            upstream.sum(axis=0),
            upstream @ kernel.T,
        ),
    },
    "own_layer": {
        "softmax, backward on the diagonal only": lambda: SoftmaxOnTheDiagonal(),
        "unit length, its own change forgotten": lambda: LengthTakenAsConstant(),
        "tanh: nothing is mixed": lambda: Tanh(),
        "row minus its mean: linear": lambda: MinusTheMean(),
        "times the neighbour, one of two ways back": lambda: NeighbourForgotten(),
    },
    "multiply_node": {
        "exchanged": lambda a, b, upstream: (upstream * a, upstream * b),
        "upstream forgotten": lambda a, b, upstream: (b, a),
        "upstream for the first only": lambda a, b, upstream: (upstream * b, a),
        "upstream added": lambda a, b, upstream: (upstream + b, upstream + a),
        "summed: right for single numbers only": multiply_summed,
    },
    "relu_mask": {
        "mask from upstream": lambda z, upstream: upstream * (upstream > 0),
        "only the mask": lambda z, upstream: (z > 0) * 1.0,
        "times relu(z)": lambda z, upstream: upstream * np.maximum(z, 0),
        "sign instead of mask": lambda z, upstream: upstream * np.sign(z),
        "mask the wrong way round": lambda z, upstream: np.where(z > 0, 0, upstream),
    },
    "softmax_gradient": {
        "not divided by n": not_shared,
        "exponential of a thousand": exponentials_overflow,
        "gradient[:, labels]: right for one row only": labels_of_all_rows,
        "truth minus probability": truth_minus_probability,
        "one maximum for the whole table: rows far below give 0 / 0": one_maximum_for_all,
    },
}
RIGHT = {
    "chain": {
        "a whole number": -6,
        "float32 in an array, computed": np.array([2 * (-2.5 + 4) * -0.5 * 4], dtype=np.float32),
    },
    "dense_layer": {
        "einsum, a list": dense_by_einsum,
        "outer products example by example": dense_example_by_example,
    },
    "own_layer": {
        "softmax with the whole Jacobian": lambda: Softmax(),
        "times the neighbour, in a circle": lambda: TimesTheNeighbour(),
    },
    "multiply_node": {
        "a list, factors the other way round": lambda a, b, upstream: [b * upstream, a * upstream],
        "a generator of two": multiply_as_generator,
    },
    "relu_mask": {
        "np.where": lambda z, upstream: np.where(np.greater(z, 0), upstream, 0.0),
        "a copy, set to 0 where z is not positive": relu_by_assignment,
    },
    "softmax_gradient": {
        "loops with math, a list of lists": softmax_gradient_in_loops,
        "logaddexp and a comparison with the class numbers": softmax_gradient_by_log,
    },
}
