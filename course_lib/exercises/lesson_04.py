"""Exercises of lesson 04, backpropagation."""

import itertools

import numpy as np

from course_lib.exercises.exercise import Case, Exercise, Mistake, Rejected, call
from course_lib.scratch.gradient_check import numerical_gradient

# 1. A chain by hand

chain = Exercise(
    name="chain",
    question=(
        "h = relu(w1 x + b1), f = w2 h, L = (f - y)^2 with x = 4, w1 = 1.5, b1 = -1, w2 = -0.5, "
        "y = -4. How large is dL/dw1?"
    ),
    reference=-6.0,
    explanation=(
        "h = 5, f = -2.5, the error is 1.5. Backwards: 2 x 1.5 = 3, times w2 = -0.5 gives -1.5, "
        "times 1 (the unit is on), times x = 4 gives -6."
    ),
    hints=[
        "First forward: h, f, the error. Then collect one slope at every step on the way back.",
        "The slopes are 2 x error, w2, 1 (the ReLU is on) and x.",
    ],
    mistakes=[
        Mistake(
            "no factor 2",
            -3.0,
            "the derivative of a square is 2 times what is squared: the first slope is 3, not 1.5.",
        ),
        Mistake(
            "passed by w2",
            12.0,
            "on the way from f back to h the gradient is multiplied by w2, which also turns its "
            "sign.",
        ),
        Mistake(
            "the sign",
            6.0,
            "a sign is lost: the error f - y is 1.5, and w2 is negative. Or both the 2 of the "
            "square and w2 = -0.5 are missing: together they are -1.",
        ),
        Mistake(
            "the bias instead",
            -1.5,
            "that is the gradient of b1. w1 is multiplied by x, so its slope is x and not 1.",
        ),
        Mistake(
            "the bias on the way forward",
            -4.0,
            "is b1 in your h? Without it h is 6, and f and the error are others, too.",
        ),
        Mistake(
            "the error alone",
            1.5,
            "that is the error, or the gradient of b1 without its sign. From the error the way "
            "goes on: through the square, w2, the ReLU and x.",
        ),
        Mistake(
            "the loss",
            2.25,
            "that is the loss. Its slope in w1 is asked for: go back from it, step by step.",
        ),
        Mistake(
            "the wrong weight",
            15.0,
            "that is the gradient of w2. w1 lies one step further back, behind w2 and the ReLU.",
        ),
        Mistake(
            "a slope of h instead of 1",
            -30.0,
            "you multiplied by h on the way through the ReLU. Its slope where it is on is 1, "
            "however large the number.",
        ),
        Mistake(
            "stopped after the square",
            3.0,
            "that is the slope of the square, 2 x 1.5, and the way goes on: through w2, the ReLU "
            "and x. Or you went all the way, and lost the 2 and a sign.",
        ),
        Mistake(
            "the 2 counted twice",
            -12.0,
            "twice too much. The 2 of the square comes in once, and w2 is -0.5, not -1.",
        ),
        Mistake(
            "divided by w2",
            -24.0,
            "you divided by w2. When h moves by 1, f moves by w2: multiply by it.",
        ),
        Mistake(
            "divided by w2 and the sign",
            24.0,
            "four times too much, and the sign is lost. Multiply by w2 = -0.5 where you divide.",
        ),
    ],
)

# 2. One node of the graph


def multiply_backward(a, b, upstream):  # type: ignore[no-untyped-def]
    return upstream * b, upstream * a


multiply_node = Exercise(
    name="multiply_node",
    question="A node computes a x b and receives dL/d(a b) as upstream. Return dL/da and dL/db.",
    reference=multiply_backward,
    cases=[
        Case((2.0, -3.0, 5.0)),
        Case((0.5, 4.0, -1.0)),
        Case((-1.5, 0.25, 2.0)),
        Case(
            (np.array([1.0, -2.0, 0.5]), np.array([3.0, 0.25, -1.0]), np.array([2.0, 4.0, -3.0])),
            "three products at once",
        ),
    ],
    explanation="Each gets what comes from above, times the other one.",
    hints=[
        "How fast does a x b change when a changes? And what comes from above multiplies that.",
        "dL/da is upstream times b.",
    ],
    mistakes=[
        Mistake(
            "each with itself",
            lambda a, b, upstream: (upstream * a, upstream * b),
            "the two are swapped: when a moves by 1, the product moves by b.",
        ),
        Mistake(
            "upstream forgotten",
            lambda a, b, upstream: (b, a),
            "these are the slopes of this node only. Multiply them with what comes from above.",
        ),
        Mistake(
            "as if it were a sum",
            lambda a, b, upstream: (upstream, upstream),
            "that is the backward of a sum, which hands the same to both. A product hands each "
            "input a share that depends on the other.",
        ),
        Mistake(
            "divided",
            lambda a, b, upstream: (upstream / b, upstream / a),
            "you divided by the other input. The slope of a product is the other input itself.",
        ),
        Mistake(
            "upstream for the first only",
            lambda a, b, upstream: (upstream * b, a),
            "dL/da is right, but dL/db has no share of what comes from above: multiply that, too.",
        ),
        Mistake(
            "upstream for the second only",
            lambda a, b, upstream: (b, upstream * a),
            "dL/db is right, but dL/da has no share of what comes from above: multiply that, too.",
        ),
        Mistake(
            "upstream added",
            lambda a, b, upstream: (upstream + b, upstream + a),
            "you added what comes from above. Slopes along one way are multiplied; what is added "
            "are several ways.",
        ),
        Mistake(
            "the whole product for both",
            lambda a, b, upstream: (upstream * a * b, upstream * a * b),
            "you gave both the product times upstream. When only a moves, b stands still: the "
            "slope is b, without a.",
        ),
        Mistake(
            "one number",
            lambda a, b, upstream: upstream * b + upstream * a,
            "you added the two gradients. Each input gets its own: return both, a's first.",
        ),
        Mistake(
            "the product times upstream",
            lambda a, b, upstream: upstream * a * b,
            "one number came out, upstream times the product. Two are asked for: what a gets, and "
            "what b gets.",
        ),
        Mistake(
            "the inputs themselves",
            lambda a, b, upstream: (a, b),
            "you return the two inputs. When a moves by 1, the product moves by b; and upstream "
            "says how much that counts.",
        ),
        Mistake(
            "slopes of a sum, upstream forgotten",
            lambda a, b, upstream: (1.0, 1.0),
            "1 is the slope of a sum. The slope of a product in one input is the other one, and "
            "what comes from above multiplies it.",
        ),
        Mistake(
            "dL/da twice",
            lambda a, b, upstream: (upstream * b, upstream * b),
            "dL/da is right, and you return it twice. The slope in b is another.",
        ),
        Mistake(
            "dL/db twice",
            lambda a, b, upstream: (upstream * a, upstream * a),
            "dL/db is right, and you return it twice. The slope in a is another.",
        ),
        Mistake(
            "upstream divided by the input",
            lambda a, b, upstream: (upstream / a, upstream / b),
            "you divided each by its own input. The slope of a product is the other input: "
            "multiply.",
        ),
        Mistake(
            "summed",
            lambda a, b, upstream: (np.sum(upstream * b), np.sum(upstream * a)),
            "right for single numbers, but where a and b hold several you return one sum. Each "
            "product has its own two gradients.",
        ),
    ],
)

# 3. The mask


def relu_backward(z, upstream):  # type: ignore[no-untyped-def]
    return upstream * (z > 0)


relu_mask = Exercise(
    name="relu_mask",
    question="Write the backward of a ReLU: its inputs z and upstream, any shape; return dL/dz.",
    reference=relu_backward,
    cases=[
        Case((np.array([-2.0, 3.0, 0.5, -0.1]), np.array([5.0, -7.0, 2.0, -1.0]))),
        Case(
            (
                np.array([[1.5, -1.0, 0.2], [-0.3, 2.5, -4.0]]),
                np.array([[-1.0, -2.0, 3.0], [4.0, 0.5, 6.0]]),
            ),
            "a batch of two",
        ),
        Case((np.array([[2.0], [-2.0]]), np.array([[-3.0], [-3.0]])), "one unit, two examples"),
    ],
    explanation="Who was silent on the way forward is not blamed on the way back.",
    hints=[
        "A unit whose z was negative put out 0, and would have put out 0 for any z near by.",
        "z > 0 is an array of True and False, which count as 1 and 0 in a product.",
    ],
    mistakes=[
        Mistake(
            "mask of the upstream",
            lambda z, upstream: upstream * (upstream > 0),
            "you cut off where upstream is negative. Blame may be negative; what decides is "
            "whether the unit was on, that is, z.",
        ),
        Mistake(
            "ReLU of the upstream times the mask",
            lambda z, upstream: np.maximum(upstream, 0.0) * (z > 0),
            "the mask is right, but negative blame was cut off as well. It must pass.",
        ),
        Mistake(
            "times the output",
            lambda z, upstream: upstream * np.maximum(z, 0.0),
            "you multiplied by the output of the ReLU. Its slope is 1 where z > 0, not z.",
        ),
        Mistake(
            "no mask",
            lambda z, upstream: upstream,
            "everything passes here. The slope of a ReLU is 0 where z is negative.",
        ),
        Mistake(
            "the mask alone",
            lambda z, upstream: (z > 0).astype(float),
            "this is the slope of the ReLU alone. It has to be multiplied with upstream.",
        ),
        Mistake(
            "the mask turned round",
            lambda z, upstream: upstream * (z <= 0),
            "the mask is turned round: the units that were off get all the blame.",
        ),
        Mistake(
            "sign for mask",
            lambda z, upstream: upstream * np.sign(z),
            "where z is negative you turn the blame round. Nothing passes there: the slope is 0, "
            "not -1.",
        ),
        Mistake(
            "the way forward",
            lambda z, upstream: np.maximum(z, 0.0),
            "this is the ReLU itself, the way forward. On the way back upstream is what passes, "
            "or is stopped.",
        ),
        Mistake(
            "leaky",
            lambda z, upstream: np.where(z > 0, upstream, 0.01 * upstream),
            "a hundredth passes where z is negative: that is leaky ReLU. Of a ReLU nothing does.",
        ),
        Mistake(
            "times the input",
            lambda z, upstream: upstream * z,
            "you multiplied by z itself. The slope of a ReLU is 1 where z is positive, and 0 where "
            "it is negative.",
        ),
        Mistake(
            "kept places only",
            lambda z, upstream: upstream[z > 0],
            "you return the places that pass and leave out the others, so the shape is lost. Those "
            "others get 0.",
        ),
        Mistake(
            "ReLU of the product",
            lambda z, upstream: np.maximum(z * upstream, 0.0),
            "you took the ReLU of z times upstream. z only decides whether upstream passes, and "
            "upstream may be negative.",
        ),
        Mistake(
            "input let through by the upstream",
            lambda z, upstream: z * (upstream > 0),
            "the two have changed places: z decides, and upstream is what passes.",
        ),
    ],
)

# 4. A dense layer

PARTS = ("kernel", "bias", "inputs")


def _in_another_order(order):  # type: ignore[no-untyped-def]
    return lambda inputs, kernel, upstream: tuple(
        dense_backward(inputs, kernel, upstream)[part] for part in order
    )


def dense_backward(inputs, kernel, upstream):  # type: ignore[no-untyped-def]
    return inputs.T @ upstream, upstream.sum(axis=0), upstream @ kernel.T


dense_layer = Exercise(
    name="dense_layer",
    question=(
        "Write the backward of X K + b: inputs (n, d), kernel (d, h), upstream (n, h). Return the "
        "gradients of the kernel, the bias and the inputs."
    ),
    reference=dense_backward,
    cases=[
        Case(
            (
                np.array([[1.0, 2.0, 0.5], [3.0, -1.0, 2.0]]),
                np.array([[1.0, 0.5], [-2.0, 3.0], [0.2, 1.5]]),
                np.array([[1.0, -1.0], [0.5, 2.0]]),
            ),
            "two examples, three inputs, two units",
        ),
        Case(
            (
                np.array([[1.0, 2.0], [0.0, 1.0], [4.0, -1.0], [2.0, 2.0]]),
                np.array([[1.0, -3.0, 2.0], [0.5, 0.1, -1.0]]),
                np.arange(12.0).reshape(4, 3) - 5,
            ),
            "four examples, two inputs, three units",
        ),
    ],
    explanation=(
        "Every gradient has the shape of what it belongs to, and the sums over the examples are "
        "in the products."
    ),
    hints=[
        "Write down the three shapes that must come out: (d, h), (h,) and (n, d).",
        "inputs.T @ upstream is (d, h). Which product of upstream and the kernel is (n, d)?",
    ],
    mistakes=[
        Mistake(
            "the kernel's gradient transposed",
            lambda inputs, kernel, upstream: (
                upstream.T @ inputs,
                upstream.sum(axis=0),
                upstream @ kernel.T,
            ),
            "the kernel's gradient lies on its side: it must be (d, h), the shape of the kernel.",
        ),
        Mistake(
            "mean over the examples",
            lambda inputs, kernel, upstream: (
                inputs.T @ upstream / len(inputs),
                upstream.mean(axis=0),
                upstream @ kernel.T,
            ),
            "you divided by the number of examples. The mean belongs to the loss, and its 1/n is "
            "already in upstream: here the examples' shares are added.",
        ),
        Mistake(
            "mean for the bias",
            lambda inputs, kernel, upstream: (
                inputs.T @ upstream,
                upstream.mean(axis=0),
                upstream @ kernel.T,
            ),
            "the bias got the mean of the rows of upstream. Every example uses the bias, so its "
            "blame is the sum over them.",
        ),
        Mistake(
            "the bias along the wrong axis",
            lambda inputs, kernel, upstream: (
                inputs.T @ upstream,
                upstream.sum(axis=1),
                upstream @ kernel.T,
            ),
            "you summed over the units: the bias has one entry a unit, so sum over the examples, "
            "axis=0.",
        ),
        Mistake(
            "one bias for all",
            lambda inputs, kernel, upstream: (
                inputs.T @ upstream,
                upstream.sum(),
                upstream @ kernel.T,
            ),
            "one number came out for all the biases. Each unit has its own: sum with axis=0.",
        ),
        Mistake(
            "the bias not summed",
            lambda inputs, kernel, upstream: (inputs.T @ upstream, upstream, upstream @ kernel.T),
            "the bias's gradient still has a row per example. It was broadcast to all rows on the "
            "way forward, so on the way back the rows are added.",
        ),
        Mistake(
            "the kernel's gradient handed down",
            lambda inputs, kernel, upstream: (
                inputs.T @ upstream,
                upstream.sum(axis=0),
                upstream,
            ),
            "upstream was handed down as it came. It is about the outputs; kernel.T carries it "
            "over to the inputs.",
        ),
        Mistake(
            "mean for the kernel",
            lambda inputs, kernel, upstream: (
                inputs.T @ upstream / len(inputs),
                upstream.sum(axis=0),
                upstream @ kernel.T,
            ),
            "the kernel's gradient is divided by the number of examples, and the bias's is not. "
            "Both are sums: the 1/n of the loss is already in upstream.",
        ),
        Mistake(
            "mean for the inputs",
            lambda inputs, kernel, upstream: (
                inputs.T @ upstream,
                upstream.sum(axis=0),
                upstream @ kernel.T / len(inputs),
            ),
            "kernel and bias are right, but you divided the inputs' gradient by the number of "
            "examples. Each example has its own inputs: no mean, no sum.",
        ),
        Mistake(
            "sum for the inputs",
            lambda inputs, kernel, upstream: (
                inputs.T @ upstream,
                upstream.sum(axis=0),
                (upstream @ kernel.T).sum(axis=0),
            ),
            "kernel and bias are right, but you summed the inputs' gradient over the examples. "
            "Each example has its own inputs, and its own row.",
        ),
        Mistake(
            "the bias gets ones",
            lambda inputs, kernel, upstream: (
                inputs.T @ upstream,
                np.ones(kernel.shape[1]),
                upstream @ kernel.T,
            ),
            "the bias got its own slope, 1. What comes from above multiplies it, and the examples "
            "are added.",
        ),
        Mistake(
            "two of three",
            lambda inputs, kernel, upstream: (inputs.T @ upstream, upstream.sum(axis=0)),
            "kernel and bias are right, but the layers below wait for the inputs' gradient: "
            "return it as the third.",
        ),
        Mistake(
            "no bias",
            lambda inputs, kernel, upstream: (inputs.T @ upstream, upstream @ kernel.T),
            "kernel and inputs are right, but the bias has a gradient, too: the second of three.",
        ),
        Mistake(
            "outputs for the inputs",
            lambda inputs, kernel, upstream: (
                inputs.T @ (inputs @ kernel),
                upstream.sum(axis=0),
                upstream @ kernel.T,
            ),
            "the kernel's gradient is made from the layer's own outputs. What comes back is "
            "upstream: multiply the inputs with that.",
        ),
        Mistake(
            "both on their sides",
            lambda inputs, kernel, upstream: (
                upstream.T @ inputs,
                upstream.sum(axis=0),
                kernel @ upstream.T,
            ),
            "the gradients of kernel and inputs both lie on their sides. Each has the shape of "
            "what it belongs to.",
        ),
        Mistake(
            "the inputs' gradient transposed",
            lambda inputs, kernel, upstream: (
                inputs.T @ upstream,
                upstream.sum(axis=0),
                kernel @ upstream.T,
            ),
            "the inputs' gradient lies on its side: it must be (n, d), the shape of the inputs.",
        ),
        Mistake(
            "a kernel's gradient for each example",
            lambda inputs, kernel, upstream: (
                inputs[:, :, np.newaxis] * upstream[:, np.newaxis],
                upstream.sum(axis=0),
                upstream @ kernel.T,
            ),
            "the kernel's gradient still has a table per example. All examples use one kernel, "
            "so their tables are added.",
        ),
        *(
            Mistake(
                f"{', '.join(PARTS[part] for part in order)}",
                _in_another_order(order),
                "all three are right, in another order than asked for: you return those of "
                f"{', '.join(PARTS[part] for part in order)}.",
            )
            for order in itertools.permutations(range(3))
            if order != (0, 1, 2)
        ),
    ],
)

# 5. Softmax and cross-entropy from class numbers


def softmax_cross_entropy_gradient(logits, labels):  # type: ignore[no-untyped-def]
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities = exponentials / exponentials.sum(axis=1, keepdims=True)
    probabilities[np.arange(len(labels)), labels] -= 1
    return probabilities / len(labels)


def _softmax_variant(sign=1.0, mean=True, truth="subtract", axis=1):  # type: ignore[no-untyped-def]
    def gradient(logits, labels):  # type: ignore[no-untyped-def]
        exponentials = np.exp(logits - logits.max(axis=axis, keepdims=True))
        p = exponentials / exponentials.sum(axis=axis, keepdims=True)
        y = np.eye(logits.shape[1])[labels]
        slopes = {
            "subtract": p - y,
            "none": p,
            "true class only": y * (p - y),
            "times sigmoid slope": (p - y) * p * (1 - p),
            "back to the probabilities": -y / np.where(y == 1, p, 1.0),
        }[truth]
        return sign * slopes / (len(labels) if mean else 1)

    return gradient


def _with_one_largest(logits, labels):  # type: ignore[no-untyped-def]
    exponentials = np.exp(logits - logits.max())
    p = exponentials / exponentials.sum(axis=1, keepdims=True)
    return (p - np.eye(logits.shape[1])[labels]) / len(labels)


def _subtracted_from_all_rows(logits, labels):  # type: ignore[no-untyped-def]
    gradient = _softmax_variant(mean=False, truth="none")(logits, labels)
    gradient[:, labels] -= 1
    return gradient / len(labels)


softmax_gradient = Exercise(
    name="softmax_gradient",
    question=(
        "Return the gradient of the mean cross-entropy with respect to the logits (n, k), given "
        "class numbers (n,)."
    ),
    reference=softmax_cross_entropy_gradient,
    cases=[
        Case((np.array([[2.0, 0.0, -1.0], [0.5, 1.5, 0.0]]), np.array([0, 2])), "two examples"),
        Case(
            (
                np.array([[0.3, -0.2], [1.0, 1.0], [-2.0, 0.7], [3.0, 1.0]]),
                np.array([1, 0, 0, 1]),
            ),
            "four examples of two classes",
        ),
        Case(
            (np.array([[1000.0, 998.0, 0.0], [1.0, -2.0, 0.5]]), np.array([1, 2])),
            "logits of a thousand beside small ones",
        ),
    ],
    explanation="Probability minus truth, shared among the examples.",
    hints=[
        "Probability minus truth. The truth is 1 at the class number and 0 elsewhere.",
        "probabilities[np.arange(n), labels] -= 1 subtracts the truth; the mean brings 1/n.",
    ],
    mistakes=[
        Mistake(
            "not divided by n",
            _softmax_variant(mean=False),
            "each row is right for its own example, but the loss is the mean over the examples: "
            "divide by how many there are.",
        ),
        Mistake(
            "truth minus probability",
            _softmax_variant(sign=-1.0),
            "truth minus probability points downhill. The gradient points uphill; the optimiser "
            "brings the minus.",
        ),
        Mistake(
            "truth forgotten",
            _softmax_variant(truth="none"),
            "these are the probabilities. The truth has to be subtracted: 1 at the class number.",
        ),
        Mistake(
            "the true class only",
            _softmax_variant(truth="true class only"),
            "only the true class got a gradient. The other logits push its probability down, so "
            "they are blamed too.",
        ),
        Mistake(
            "a sigmoid's slope too much",
            _softmax_variant(truth="times sigmoid slope"),
            "p (1 - p) is one factor too many. For cross-entropy from logits the slope of the "
            "softmax has already been cancelled by that of the logarithm.",
        ),
        Mistake(
            "softmax down the columns",
            _softmax_variant(axis=0),
            "your softmax runs over the examples. Each row is one example: axis=1.",
        ),
        Mistake(
            "one softmax for all examples",
            _softmax_variant(axis=None),
            "your softmax is one for the whole batch. Each example has its own probabilities, "
            "which sum to one along its row.",
        ),
        Mistake(
            "divided by all entries",
            lambda logits, labels: _softmax_variant(mean=False)(logits, labels) / logits.size,
            "you divided by examples times classes. The loss is the mean over the examples only.",
        ),
        Mistake(
            "overflow",
            lambda logits, labels: (
                (
                    np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
                    - np.eye(logits.shape[1])[labels]
                )
                / len(labels)
            ),
            "exp(1000) is too large for a float. Subtract the largest logit of each row first, as "
            "in lesson 2.",
        ),
        Mistake(
            "one largest for all rows",
            _with_one_largest,
            "you subtract one largest logit from the whole table. A row far below it becomes 0 "
            "divided by 0: each row has its own largest.",
        ),
        Mistake(
            "the class numbers of all rows",
            _subtracted_from_all_rows,
            "gradient[:, labels] takes every class that occurs away from every row. Each row has "
            "one true class: index the rows, too.",
        ),
        Mistake(
            "class numbers subtracted",
            lambda logits, labels: (
                (_softmax_variant(mean=False, truth="none")(logits, labels) - labels[:, None])
                / len(labels)
            ),
            "you subtracted the class number itself. The truth is a row with a 1 at that place "
            "and 0 elsewhere.",
        ),
        Mistake(
            "truth minus probability, not divided by n",
            _softmax_variant(sign=-1.0, mean=False),
            "two things: truth minus probability has the wrong sign, and the 1/n of the mean is "
            "missing.",
        ),
        Mistake(
            "probabilities alone, not divided by n",
            _softmax_variant(truth="none", mean=False),
            "these are the probabilities themselves. The truth is to be subtracted, and then "
            "comes the mean's 1/n.",
        ),
        Mistake(
            "true class only, not divided by n",
            _softmax_variant(truth="true class only", mean=False),
            "only the true class got a gradient, and the mean's 1/n is missing. All logits of a "
            "row share in its probabilities.",
        ),
        Mistake(
            "truth added",
            lambda logits, labels: (
                (
                    _softmax_variant(mean=False, truth="none")(logits, labels)
                    + np.eye(logits.shape[1])[labels]
                )
                / len(labels)
            ),
            "you added the truth to the probabilities. A gradient that is 0 where both agree takes "
            "their difference.",
        ),
        Mistake(
            "1/n for the probabilities only",
            lambda logits, labels: (
                _softmax_variant(truth="none")(logits, labels) - np.eye(logits.shape[1])[labels]
            ),
            "the probabilities are divided by n, and the truth is not. Subtract first, then "
            "divide.",
        ),
        Mistake(
            "sigmoid for softmax",
            lambda logits, labels: (
                (1 / (1 + np.exp(-logits)) - np.eye(logits.shape[1])[labels]) / len(labels)
            ),
            "each logit went through a sigmoid of its own, so the probabilities of a row do not "
            "sum to 1. The classes compete: softmax.",
        ),
        Mistake(
            "logits for probabilities",
            lambda logits, labels: (logits - np.eye(logits.shape[1])[labels]) / len(labels),
            "you subtracted the truth from the logits. They become probabilities first, by "
            "softmax.",
        ),
        Mistake(
            "the winner for the truth",
            lambda logits, labels: (
                (
                    _softmax_variant(mean=False, truth="none")(logits, labels)
                    - np.eye(logits.shape[1])[logits.argmax(axis=1)]
                )
                / len(labels)
            ),
            "you subtracted 1 from the most probable class. The truth comes from the labels.",
        ),
        Mistake(
            "one number an example",
            lambda logits, labels: softmax_cross_entropy_gradient(logits, labels)[
                np.arange(len(labels)), labels
            ],
            "one number for each example came out, that of its true class. Every logit has a "
            "gradient: return the whole table.",
        ),
        Mistake(
            "averaged over the examples",
            lambda logits, labels: _softmax_variant(mean=False)(logits, labels).mean(axis=0),
            "you averaged the rows into one. The loss is the mean; each logit still has a gradient "
            "of its own, 1/n of its row.",
        ),
        Mistake(
            "logits clipped",
            lambda logits, labels: softmax_cross_entropy_gradient(np.clip(logits, -50, 50), labels),
            "clipped logits cannot overflow, but large ones become equal, and so do their "
            "probabilities. Subtract the largest of each row instead.",
        ),
        Mistake(
            "back to the probabilities",
            _softmax_variant(truth="back to the probabilities"),
            "this is the gradient of the probabilities, -1 / p for the true class. The way goes on "
            "to the logits, back through the softmax.",
        ),
    ],
)

# 6. Open-ended: a layer of your own

LAYER_TOLERANCE = 1e-6


def unit_length():  # type: ignore[no-untyped-def]
    class UnitLength:
        """Divide each row by its length."""

        def forward(self, inputs):  # type: ignore[no-untyped-def]
            self.length = np.sqrt(np.sum(inputs**2, axis=1, keepdims=True))
            self.outputs = inputs / self.length
            return self.outputs

        def backward(self, upstream):  # type: ignore[no-untyped-def]
            along = np.sum(upstream * self.outputs, axis=1, keepdims=True)
            return (upstream - along * self.outputs) / self.length

    return UnitLength()


def _layer_of(forward, backward):  # type: ignore[no-untyped-def]
    """Return a function that makes a layer out of its forward and its backward."""

    class Layer:
        def forward(self, inputs):  # type: ignore[no-untyped-def]
            self.inputs = inputs
            return forward(inputs)

        def backward(self, upstream):  # type: ignore[no-untyped-def]
            return backward(self.inputs, upstream)

    return lambda: Layer()


def _output(layer, inputs) -> np.ndarray:  # type: ignore[no-untyped-def]
    outputs = call(layer.forward, Case((inputs,), f"inputs of shape {inputs.shape}"))
    try:
        outputs = np.asarray(outputs, dtype=np.float64)
    except (TypeError, ValueError):
        raise Rejected("forward should return an array of numbers.") from None
    if outputs.ndim != 2 or len(outputs) != len(inputs):
        raise Rejected(
            f"forward should return a row for each of the {len(inputs)} examples, "
            f"but returned shape {outputs.shape}."
        )
    if not np.isfinite(outputs).all():
        raise Rejected("forward returned NaN or infinity.")
    return outputs


def _is_coarse(array) -> bool:  # type: ignore[no-untyped-def]
    """Say whether numbers have too few digits for a check to one millionth."""
    dtype = np.asarray(array).dtype
    return dtype.kind == "f" and dtype.itemsize < 8


def _accept_layer(answer) -> str:  # type: ignore[no-untyped-def]
    layer = call(answer, Case((), "no arguments"))
    for method in ("forward", "backward"):
        if not callable(getattr(layer, method, None)):
            return f"the layer has no {method}. Return an object with a forward and a backward."
    for seed, shape in enumerate([(4, 3), (2, 5), (1, 4)]):
        generator = np.random.default_rng(seed)
        inputs = generator.uniform(0.3, 2.0, shape) * generator.choice([-1.0, 1.0], shape)
        problem = _layer_problem(layer, inputs, generator)
        if problem:
            return problem
    return ""


def _softmax(x):  # type: ignore[no-untyped-def]
    exponentials = np.exp(x - x.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def _is_of_own_outputs(layer, inputs, upstream, found) -> bool:  # type: ignore[no-untyped-def]
    """Say whether each gradient is upstream times the slope of the output at its own place."""
    if upstream.shape != inputs.shape:
        return False
    slopes = np.empty_like(inputs)
    for place in np.ndindex(*inputs.shape):
        moved = [inputs.copy(), inputs.copy()]
        moved[0][place] += 1e-5
        moved[1][place] -= 1e-5
        more, less = (_output(layer, one)[place] for one in moved)
        slopes[place] = (more - less) / 2e-5
    return np.allclose(found, upstream * slopes, atol=1e-6)


def _layer_problem(layer, inputs, generator) -> str:  # type: ignore[no-untyped-def]
    outputs = _output(layer, inputs)
    if len(inputs) > 1:
        others = inputs.copy()
        others[1:] = others[1:] + 0.37
        if not np.allclose(_output(layer, others)[0], outputs[0], rtol=1e-9, atol=1e-9):
            return "the rows influence each other. A row is an example: mix the numbers within it."
    depends = []
    for column in range(inputs.shape[1]):
        nudged = inputs.copy()
        # Far enough to become the largest of its row.
        nudged[:, column] += 5.0
        depends.append((np.abs(_output(layer, nudged) - outputs) > 1e-9).any(axis=0))
    if np.max(np.sum(depends, axis=0)) < 2:
        return (
            "each output depends on one input only, which an Activation can do. Let the numbers "
            "of a row influence each other."
        )
    bend = 0.0
    for _ in range(8):
        move = 5 * generator.normal(size=inputs.shape)
        both_ways = _output(layer, inputs + move) + _output(layer, inputs - move)
        bend = max(bend, float(np.max(np.abs(both_ways - 2 * outputs))))
    if bend < 1e-9:
        return "the layer is linear, which a Dense layer can do. Bend it."
    upstream = generator.normal(size=outputs.shape)
    _output(layer, inputs)
    found = call(layer.backward, Case((upstream,), f"upstream of shape {upstream.shape}"))
    coarse = _is_coarse(found) or _is_coarse(layer.forward(inputs.copy()))
    found = np.asarray(found, dtype=np.float64)
    if found.shape != inputs.shape:
        return (
            f"backward should return the gradient of the inputs, of shape {inputs.shape}, "
            f"but returned shape {found.shape}."
        )
    expected = numerical_gradient(lambda x: float(np.sum(upstream * _output(layer, x))), inputs)
    error = float(np.max(np.abs(found - expected) / np.maximum(1.0, np.abs(expected))))
    if not error <= LAYER_TOLERANCE and coarse:
        return (
            "the gradient cannot be checked to one millionth, because your layer computes in "
            "float32, with seven digits. Keep the inputs' float64."
        )
    if not error <= LAYER_TOLERANCE and np.allclose(found, -expected, atol=1e-6):
        return (
            "the gradient has the right size and the wrong sign everywhere: is a minus too many, "
            "or one missing?"
        )
    if (
        not error <= LAYER_TOLERANCE
        and found.shape == upstream.shape
        and np.allclose(found, upstream)
    ):
        return (
            "backward hands upstream on as it came, but forward has changed the numbers: "
            "multiply it by the slopes of forward."
        )
    if not error <= LAYER_TOLERANCE and _is_of_own_outputs(layer, inputs, upstream, found):
        return (
            "backward hands each number the blame of its own output, and rightly. In forward it "
            "moves other outputs of its row, too: what comes back from those is missing."
        )
    if not error <= LAYER_TOLERANCE:
        return (
            f"the gradient is off by {error:.1g} from finite differences, for inputs of shape "
            f"{inputs.shape}. Does everything in forward that depends on the inputs take part in "
            "backward?"
        )
    return ""


own_layer = Exercise(
    name="own_layer",
    question=(
        "Build a layer with forward and backward that mixes the numbers of a row, is not linear, "
        "and passes a gradient check."
    ),
    reference=unit_length,
    accept=_accept_layer,
    explanation="Anything that has a forward and a checked backward can stand in a network.",
    hints=[
        "Divide each row by its length, or by its largest entry; or multiply neighbours.",
        "Write forward, and check backward with numerical_gradient before you trust it.",
        "For x / |x| the gradient is (upstream - out * sum(upstream * out)) / |x|, row by row.",
    ],
    mistakes=[
        Mistake(
            "an activation",
            _layer_of(np.tanh, lambda x, upstream: upstream * (1 - np.tanh(x) ** 2)),
            "which an Activation can do",
        ),
        Mistake(
            "a linear layer",
            _layer_of(
                lambda x: x - x.mean(axis=1, keepdims=True),
                lambda x, upstream: upstream - upstream.mean(axis=1, keepdims=True),
            ),
            "which a Dense layer can do",
        ),
        Mistake(
            "the length treated as a constant",
            _layer_of(
                lambda x: x / np.sqrt(np.sum(x**2, axis=1, keepdims=True)),
                lambda x, upstream: upstream / np.sqrt(np.sum(x**2, axis=1, keepdims=True)),
            ),
            "Does everything in forward that depends on the inputs take part",
        ),
        Mistake(
            "the blame of its own output only",
            _layer_of(_softmax, lambda x, upstream: upstream * _softmax(x) * (1 - _softmax(x))),
            "what comes back from those is missing",
        ),
        Mistake(
            "wrong sign",
            _layer_of(
                lambda x: np.sum(x**2, axis=1, keepdims=True), lambda x, upstream: -2 * x * upstream
            ),
            "right size and the wrong sign everywhere",
        ),
        Mistake(
            "upstream as it came",
            _layer_of(
                lambda x: x / np.sqrt(np.sum(x**2, axis=1, keepdims=True)),
                lambda x, upstream: upstream,
            ),
            "hands upstream on as it came",
        ),
        Mistake(
            "half the digits",
            _layer_of(
                lambda x: np.prod(x.astype(np.float32), axis=1, keepdims=True),
                lambda x, upstream: (upstream * np.prod(x, axis=1, keepdims=True) / x).astype(
                    np.float32
                ),
            ),
            "because your layer computes in float32",
        ),
        Mistake(
            "divided by the whole batch",
            _layer_of(
                lambda x: x / np.sqrt(np.sum(x**2)),
                lambda x, upstream: upstream / np.sqrt(np.sum(x**2)),
            ),
            "the rows influence each other",
        ),
        Mistake(
            "a gradient of the wrong shape",
            _layer_of(
                lambda x: np.sum(x**2, axis=1, keepdims=True) * np.ones((1, 2)),
                lambda x, upstream: 2 * np.sum(x, axis=1, keepdims=True) * upstream,
            ),
            "backward should return the gradient of the inputs",
        ),
        Mistake(
            "no backward",
            lambda: np.tanh,
            "Return an object with a forward",
        ),
    ],
)
