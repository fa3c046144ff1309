"""The layers by hand, by finite differences, and against GradientTape and Keras."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.scratch import activations, losses
from course_lib.scratch.gradient_check import gradient_error
from course_lib.scratch.layers import Activation, Dense, Softmax, backward, forward, step

PAIRS = {
    name: (getattr(activations, name), getattr(activations, f"{name}_derivative"))
    for name in ("relu", "leaky_relu", "sigmoid", "tanh", "gelu", "gelu_tanh", "silu")
}
NUMBERS = ("mean_squared_error", "mean_absolute_error", "huber")
BINARY = ("binary_cross_entropy", "binary_cross_entropy_from_logits")
CLASSES = ("categorical_cross_entropy", "categorical_cross_entropy_from_logits")

# Which losses fit an output: its layer, by the losses that take what it gives.
OUTPUTS = {
    "linear": (None, (*NUMBERS, BINARY[1], CLASSES[1])),
    **{
        name: (name, NUMBERS)
        for name in ("relu", "leaky_relu", "tanh", "gelu", "gelu_tanh", "silu")
    },
    "sigmoid": ("sigmoid", (*NUMBERS, BINARY[0])),
    "softmax": ("softmax", (*NUMBERS, *CLASSES[:1], BINARY[0])),
}
OUTPUT_LOSSES = [(output, loss) for output, (_, names) in OUTPUTS.items() for loss in names]
SIZES = st.lists(st.integers(1, 5), min_size=3, max_size=4)


def gradient_of(loss):
    return getattr(losses, f"{loss}_gradient")


def dense(generator, rows, columns):
    return Dense(generator.normal(size=(rows, columns)), generator.normal(size=columns))


def output_layer(name):
    if name is None:
        return []
    return [Softmax()] if name == "softmax" else [Activation(*PAIRS[name])]


def random_network(generator, sizes, hidden, output):
    network = [dense(generator, sizes[0], sizes[1])]
    for rows, columns in itertools.pairwise(sizes[1:]):
        network += [Activation(*PAIRS[hidden]), dense(generator, rows, columns)]
    return network + output_layer(OUTPUTS[output][0])


def random_targets(generator, loss, rows, columns):
    if loss in CLASSES:
        return np.eye(columns)[generator.integers(0, columns, rows)]
    if loss in BINARY:
        return generator.integers(0, 2, (rows, columns)).astype(float)
    return generator.normal(size=(rows, columns))


def near_a_corner(network, loss, targets, inputs):
    """Say whether a finite difference might step over a corner of this network."""
    outputs = inputs
    for layer in network:
        before, outputs = outputs, layer.forward(outputs)
        corner = getattr(layer, "function", None) in (activations.relu, activations.leaky_relu)
        if corner and np.min(np.abs(before)) < 1e-3:
            return True
    errors = np.abs(outputs - targets)
    corners = {"mean_absolute_error": errors, "huber": np.abs(errors - 1)}
    return loss in corners and np.min(corners[loss]) < 1e-3


@pytest.mark.parametrize(("output", "loss"), OUTPUT_LOSSES)
@pytest.mark.parametrize("hidden", PAIRS)
@settings(max_examples=4)
@given(sizes=SIZES, rows=st.integers(1, 4), seed=st.integers(0, 2**32 - 1))
def test_gradients_of_whole_networks(output, loss, hidden, sizes, rows, seed):
    generator = np.random.default_rng(seed)
    network = random_network(generator, sizes, hidden, output)
    inputs = generator.normal(size=(rows, sizes[0]))
    targets = random_targets(generator, loss, rows, sizes[-1])
    if near_a_corner(network, loss, targets, inputs):
        return
    outputs = forward(network, inputs)
    inputs_gradient = backward(network, gradient_of(loss)(targets, outputs))

    def of_inputs(changed):
        return getattr(losses, loss)(targets, forward(network, changed))

    # Squared inputs of steep losses reach 1e3, hence a relative error of 1e-6.
    assert gradient_error(of_inputs, inputs_gradient, inputs) < 1e-6
    for layer in network:
        assert len(layer.parameters) == len(layer.gradients)
        for position, (kept, gradient) in enumerate(
            zip(list(layer.parameters), list(layer.gradients), strict=True)
        ):

            def of_parameters(changed, layer=layer, position=position):
                layer.parameters[position] = changed
                return getattr(losses, loss)(targets, forward(network, inputs))

            assert gradient_error(of_parameters, gradient, kept) < 1e-6
            layer.parameters[position] = kept


@given(
    rows=st.integers(1, 6),
    columns=st.integers(1, 6),
    units=st.integers(1, 6),
    seed=st.integers(0, 2**32 - 1),
)
def test_dense_agrees_with_gradient_tape(tf, rows, columns, units, seed):
    generator = np.random.default_rng(seed)
    layer = dense(generator, columns, units)
    inputs = generator.normal(size=(rows, columns))
    upstream = generator.normal(size=(rows, units))
    x, kernel, bias = (tf.Variable(array) for array in (inputs, *layer.parameters))
    with tf.GradientTape() as tape:
        outputs = x @ kernel + bias
    expected = tape.gradient(outputs, [x, kernel, bias], output_gradients=tf.constant(upstream))
    np.testing.assert_allclose(layer.forward(inputs), outputs, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(layer.backward(upstream), expected[0], rtol=1e-12, atol=1e-12)
    for ours, theirs in zip(layer.gradients, expected[1:], strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-12)


TENSORFLOW = {
    "relu": lambda tf: tf.nn.relu,
    "leaky_relu": lambda tf: lambda x: tf.nn.leaky_relu(x, alpha=0.2),
    "sigmoid": lambda tf: tf.sigmoid,
    "tanh": lambda tf: tf.tanh,
    "gelu": lambda tf: lambda x: tf.nn.gelu(x, approximate=False),
    "gelu_tanh": lambda tf: lambda x: tf.nn.gelu(x, approximate=True),
    "silu": lambda tf: tf.nn.silu,
    "softmax": lambda tf: tf.nn.softmax,
}


@pytest.mark.parametrize("name", TENSORFLOW)
@settings(max_examples=10)
@given(shape=st.tuples(st.integers(1, 5), st.integers(1, 5)), seed=st.integers(0, 2**32 - 1))
def test_activations_agree_with_gradient_tape(tf, name, shape, seed):
    generator = np.random.default_rng(seed)
    inputs, upstream = 3 * generator.normal(size=shape), generator.normal(size=shape)
    (layer,) = output_layer(name)
    x = tf.Variable(inputs)
    with tf.GradientTape() as tape:
        outputs = TENSORFLOW[name](tf)(x)
    expected = tape.gradient(outputs, x, output_gradients=tf.constant(upstream))
    # TensorFlow keeps the constants of these three in single precision.
    tolerance = 1e-7 if name in ("leaky_relu", "gelu", "gelu_tanh") else 1e-12
    ours = layer.forward(inputs), layer.backward(upstream)
    np.testing.assert_allclose(ours[0], outputs, rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(ours[1], expected, rtol=tolerance, atol=tolerance)
    assert (layer.parameters, layer.gradients) == ([], [])


@pytest.mark.parametrize(
    ("output", "keras_loss", "loss"),
    [
        ("softmax", "categorical_crossentropy", "categorical_cross_entropy"),
        ("linear", "logits", "categorical_cross_entropy_from_logits"),
        ("sigmoid", "binary_crossentropy", "binary_cross_entropy"),
        ("linear", "mean_squared_error", "mean_squared_error"),
        ("sigmoid", "mean_squared_error", "mean_squared_error"),
    ],
)
def test_a_step_equals_that_of_keras(keras, output, keras_loss, loss):
    generator = np.random.default_rng(5)
    network = random_network(generator, [5, 4, 3], "relu", output)
    inputs = generator.normal(size=(7, 5))
    targets = random_targets(generator, loss, 7, 3)
    end = None if output == "linear" else output
    model = keras.Sequential(
        [
            keras.Input((5,), dtype="float64"),
            keras.layers.Dense(4, activation="relu", dtype="float64"),
            keras.layers.Dense(3, activation=end, dtype="float64"),
        ]
    )
    model.set_weights([*network[0].parameters, *network[2].parameters])
    chosen = (
        keras.losses.CategoricalCrossentropy(from_logits=True)
        if keras_loss == "logits"
        else keras_loss
    )
    model.compile(optimizer=keras.optimizers.SGD(0.1), loss=chosen)
    model.fit(inputs, targets, batch_size=7, epochs=1, verbose=0)

    backward(network, gradient_of(loss)(targets, forward(network, inputs)))
    step(network, 0.1)
    ours = [*network[0].parameters, *network[2].parameters]
    for mine, theirs in zip(ours, model.get_weights(), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=0, atol=1e-6)
    np.testing.assert_allclose(
        forward(network, inputs), model.predict_on_batch(inputs), rtol=0, atol=1e-6
    )


def test_dense_by_hand():
    layer = Dense(np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), np.array([0.5, -0.5]))
    outputs = layer.forward(np.array([[1.0, 0.0, 2.0], [0.0, 1.0, 0.0]]))
    np.testing.assert_array_equal(outputs, [[11.5, 13.5], [3.5, 3.5]])
    upstream = np.array([[1.0, 10.0], [2.0, 20.0]])
    np.testing.assert_array_equal(layer.backward(upstream), [[21, 43, 65], [42, 86, 130]])
    np.testing.assert_array_equal(layer.gradients[0], [[1, 10], [2, 20], [2, 20]])
    np.testing.assert_array_equal(layer.gradients[1], [3, 30])


def test_backward_goes_through_the_layers_from_the_end():
    first, last = Dense(np.array([[2.0]]), np.zeros(1)), Dense(np.array([[5.0]]), np.zeros(1))
    assert forward([first, last], np.array([[3.0]]))[0, 0] == 30.0
    assert backward([first, last], np.array([[1.0]]))[0, 0] == 10.0
    assert (first.gradients[0][0, 0], last.gradients[0][0, 0]) == (15.0, 6.0)


def test_an_activation_has_the_derivative_at_its_input_not_at_its_output():
    layer = Activation(np.square, lambda x: 2 * x)
    np.testing.assert_array_equal(layer.forward(np.array([3.0])), [9.0])
    np.testing.assert_array_equal(layer.backward(np.array([0.5])), [3.0])


def test_step_moves_against_the_gradient_and_leaves_the_given_arrays_alone():
    kernel, bias = np.array([[1.0]]), np.array([2.0])
    network = [Dense(kernel, bias), Activation(*PAIRS["relu"])]
    forward(network, np.array([[4.0]]))
    backward(network, np.array([[0.5]]))
    step(network, 0.1)
    np.testing.assert_allclose(network[0].parameters[0], [[0.8]], rtol=1e-12)
    np.testing.assert_allclose(network[0].parameters[1], [1.95], rtol=1e-12)
    assert (kernel[0, 0], bias[0]) == (1.0, 2.0)


def test_a_second_backward_replaces_the_gradients():
    layer = Dense(np.ones((2, 1)), np.zeros(1))
    layer.forward(np.array([[1.0, 2.0]]))
    for _ in range(2):
        layer.backward(np.array([[3.0]]))
    np.testing.assert_array_equal(layer.gradients[0], [[3.0], [6.0]])
    np.testing.assert_array_equal(layer.gradients[1], [3.0])


def test_an_empty_network_passes_everything_on():
    inputs = np.ones((2, 3))
    assert forward([], inputs) is inputs
    assert backward([], inputs) is inputs


@pytest.mark.parametrize(
    ("function", "derivative"),
    [
        (activations.relu, activations.relu_derivative),
        (activations.leaky_relu, activations.leaky_relu_derivative),
        (activations.gelu, activations.gelu_derivative),
        (activations.silu, activations.silu_derivative),
        (activations.tanh, activations.tanh_derivative),
    ],
)
def test_single_precision_stays_single(function, derivative):
    generator = np.random.default_rng(0)
    network = [
        Dense(generator.normal(size=(3, 4)).astype(np.float32), np.zeros(4, np.float32)),
        Activation(function, derivative),
        Dense(generator.normal(size=(4, 2)).astype(np.float32), np.zeros(2, np.float32)),
    ]
    outputs = forward(network, generator.normal(size=(5, 3)).astype(np.float32))
    passed_down = backward(network, outputs)
    step(network, 0.1)
    arrays = [outputs, passed_down, *network[0].parameters, *network[0].gradients]
    assert {array.dtype for array in arrays} == {np.dtype(np.float32)}


def test_arguments_are_left_alone():
    generator = np.random.default_rng(1)
    network = random_network(generator, [3, 4, 2], "tanh", "softmax")
    inputs, upstream = generator.normal(size=(5, 3)), generator.normal(size=(5, 2))
    kept = inputs.copy(), upstream.copy()
    forward(network, inputs)
    backward(network, upstream)
    np.testing.assert_array_equal(inputs, kept[0])
    np.testing.assert_array_equal(upstream, kept[1])


@pytest.mark.parametrize(
    ("kernel", "bias", "message"),
    [
        (np.ones(3), np.ones(3), r"kernel should have shape \(d, h\)"),
        (np.ones((3, 2)), np.ones(3), r"bias should have shape \(h,\) with h = 2"),
        (np.ones((3, 2)), np.ones((1, 2)), r"bias should have shape \(h,\)"),
        (np.ones((3, 2)), 0.0, r"bias should have shape \(h,\)"),
    ],
)
def test_dense_refuses_parameters_that_do_not_fit(kernel, bias, message):
    with pytest.raises(ValueError, match=message):
        Dense(kernel, bias)


@pytest.mark.parametrize("inputs", [np.ones((5, 2)), np.ones(3), np.ones((2, 5, 3))])
def test_dense_refuses_inputs_that_do_not_fit(inputs):
    layer = Dense(np.ones((3, 2)), np.ones(2))
    with pytest.raises(ValueError, match=r"dense: inputs should have shape \(n, d\)"):
        layer.forward(inputs)


@pytest.mark.parametrize(
    "layer", [Dense(np.ones((3, 3)), np.ones(3)), Activation(*PAIRS["relu"]), Softmax()]
)
def test_every_layer_refuses_an_upstream_that_does_not_fit(layer):
    name = type(layer).__name__
    with pytest.raises(ValueError, match=f"{name}: call forward before backward"):
        layer.backward(np.ones((5, 3)))
    layer.forward(np.ones((5, 3)))
    # Broadcasting would swallow the first two.
    for upstream in (np.ones(3), np.ones((1, 3)), np.ones((5, 2))):
        with pytest.raises(
            ValueError, match=rf"{name}: upstream should have the shape of the output, \(5, 3\)"
        ):
            layer.backward(upstream)


def test_a_step_before_backward_is_refused():
    with pytest.raises(ValueError, match="zip"):
        step([Dense(np.ones((3, 2)), np.ones(2))], 0.1)
