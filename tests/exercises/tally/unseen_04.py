"""Answers to the exercises of lesson 04, by other learners.

They were written without sight of what the checks know.
"""

import numpy as np


def squashing_layer():
    class Tanh:
        parameters, gradients = [], []

        def forward(self, inputs):
            self.outputs = np.tanh(inputs)
            return self.outputs

        def backward(self, upstream):
            return upstream * (1 - self.outputs**2)

    return Tanh()


def centring_layer():
    class Centre:
        parameters, gradients = [], []

        def forward(self, inputs):
            return inputs - inputs.mean(axis=1, keepdims=True)

        def backward(self, upstream):
            return upstream - upstream.mean(axis=1, keepdims=True)

    return Centre()


def softmax_layer_diagonal():
    class Softmax:
        parameters, gradients = [], []

        def forward(self, inputs):
            exponentials = np.exp(inputs - inputs.max(axis=1, keepdims=True))
            self.outputs = exponentials / exponentials.sum(axis=1, keepdims=True)
            return self.outputs

        def backward(self, upstream):
            return upstream * self.outputs * (1 - self.outputs)

    return Softmax()


def masked_in_place(z, upstream):
    upstream[z <= 0] = 0
    return upstream


def minus_one_in_every_row(logits, labels):
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities = exponentials / exponentials.sum(axis=1, keepdims=True)
    probabilities[:, labels] -= 1
    return probabilities / len(labels)


def not_shared(logits, labels):
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities = exponentials / exponentials.sum(axis=1, keepdims=True)
    probabilities[np.arange(len(labels)), labels] -= 1
    return probabilities


def one_largest_for_all(logits, labels):
    exponentials = np.exp(logits - logits.max())
    probabilities = exponentials / exponentials.sum(axis=1, keepdims=True)
    return (probabilities - np.eye(logits.shape[1])[labels]) / len(labels)


WRONG = {
    "chain": {
        "no 2 from the square": 1.5 * -0.5 * 1 * 4,
        "error as y - f": 2 * (-4 - -2.5) * -0.5 * 1 * 4,
        "the gradient of w2 instead of w1": 2 * 1.5 * 5,
    },
    "dense_layer": {
        "mean for sum in the bias": (
            lambda inputs, kernel, upstream: (
                inputs.T @ upstream,
                upstream.mean(axis=0),
                upstream @ kernel.T,
            )
        ),
        "inputs' gradient first": (
            lambda inputs, kernel, upstream: (
                upstream @ kernel.T,
                inputs.T @ upstream,
                upstream.sum(axis=0),
            )
        ),
        "kernel's gradient transposed": (
            lambda inputs, kernel, upstream: (
                upstream.T @ inputs,
                upstream.sum(axis=0),
                upstream @ kernel.T,
            )
        ),
    },
    "own_layer": {
        "tanh of each number: nothing is mixed": squashing_layer,
        "subtracts the row's mean: mixed, but linear": centring_layer,
        "softmax with the diagonal of its derivative only": softmax_layer_diagonal,
    },
    "multiply_node": {
        "each gets itself": lambda a, b, upstream: (upstream * a, upstream * b),
        "forgets what comes from above": lambda a, b, upstream: (b, a),
        "sums over arrays": (lambda a, b, upstream: (np.sum(upstream * b), np.sum(upstream * a))),
    },
    "relu_mask": {
        "looks at the sign of upstream": lambda z, upstream: upstream * (upstream > 0),
        "multiplies by relu(z), not by the mask": lambda z, upstream: upstream * np.maximum(z, 0),
        "right numbers, but writes zeros into upstream": masked_in_place,
    },
    "softmax_gradient": {
        "takes 1 off the labels' columns in every row": minus_one_in_every_row,
        "not divided by n": not_shared,
        "subtracts one largest logit for all rows": one_largest_for_all,
    },
}
RIGHT = {}
