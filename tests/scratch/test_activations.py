"""The activations equal their closed forms, Keras's, and central differences."""

import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from course_lib.lesson import quiet_stderr
from course_lib.scratch import activations
from course_lib.scratch.gradient_check import gradient_error

ELEMENTWISE = ["relu", "leaky_relu", "sigmoid", "tanh", "gelu", "gelu_tanh", "silu"]
POINTS = np.array([-30.0, -4.0, -1.5, -0.3, 0.0, 1e-9, 0.2, 1.0, 2.5, 30.0])
FAR = np.array([-1000.0, -750.0, -40.0, 0.0, 40.0, 750.0, 1000.0])

arrays = hnp.arrays(
    np.float64,
    hnp.array_shapes(min_dims=0, max_dims=4, max_side=5),
    elements=st.floats(-20, 20, allow_subnormal=False),
)
scores = hnp.arrays(
    np.float64,
    hnp.array_shapes(min_dims=1, max_dims=4, max_side=5),
    elements=st.floats(-20, 20, allow_subnormal=False),
)


def phi(x):
    return 0.5 * (1 + math.erf(x / math.sqrt(2)))


def density(x):
    return math.exp(-x * x / 2) / math.sqrt(2 * math.pi)


def logistic(x):
    return 1 / (1 + math.exp(-x))


def approximate_gelu(x):
    return 0.5 * x * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


def approximate_gelu_derivative(x):
    root = math.sqrt(2 / math.pi)
    t = math.tanh(root * (x + 0.044715 * x**3))
    return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * root * (1 + 0.134145 * x * x)


CLOSED_FORMS = {
    "relu": lambda x: x if x > 0 else 0.0,
    "relu_derivative": lambda x: 1.0 if x > 0 else 0.0,
    "leaky_relu": lambda x: x if x > 0 else 0.2 * x,
    "leaky_relu_derivative": lambda x: 1.0 if x > 0 else 0.2,
    "sigmoid": logistic,
    "sigmoid_derivative": lambda x: math.exp(-abs(x)) / (1 + math.exp(-abs(x))) ** 2,
    "tanh": math.tanh,
    "tanh_derivative": lambda x: 1 / math.cosh(x) ** 2,
    "normal_cdf": phi,
    "normal_density": density,
    "gelu": lambda x: x * phi(x),
    "gelu_derivative": lambda x: phi(x) + x * density(x),
    "gelu_tanh": approximate_gelu,
    "gelu_tanh_derivative": approximate_gelu_derivative,
    "silu": lambda x: x * logistic(x),
    "silu_derivative": lambda x: logistic(x) * (1 + x * (1 - logistic(x))),
}


@pytest.fixture(scope="module")
def keras():
    with quiet_stderr():
        import keras
    return keras


@pytest.mark.parametrize("name", CLOSED_FORMS)
def test_values_equal_the_closed_form(name):
    found = getattr(activations, name)(POINTS)
    expected = [CLOSED_FORMS[name](float(x)) for x in POINTS]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", ELEMENTWISE)
@settings(deadline=None, max_examples=30)
@given(x=arrays)
def test_derivatives_equal_central_differences(name, x):
    # Central differences across the corner at 0 would average two slopes.
    x = np.where(np.abs(x) < 1e-3, 0.5, x)
    derivative = getattr(activations, f"{name}_derivative")(x)
    function = getattr(activations, name)
    assert derivative.shape == x.shape
    assert gradient_error(lambda point: float(np.sum(function(point))), derivative, x) < 1e-6


@pytest.mark.parametrize("slope", [0.01, 0.3])
def test_the_leak_can_be_chosen(slope):
    x = np.array([-2.0, 0.0, 3.0])
    np.testing.assert_allclose(activations.leaky_relu(x, slope), [-2 * slope, 0, 3], atol=1e-12)
    derivative = activations.leaky_relu_derivative(x, slope)
    np.testing.assert_allclose(derivative, [slope, slope, 1], atol=1e-12)


@pytest.mark.parametrize("name", [*ELEMENTWISE, "softmax", "log_softmax"])
@settings(deadline=None, max_examples=25)
@given(data=st.data())
def test_values_equal_keras(keras, name, data):
    x = data.draw(scores if "softmax" in name else arrays)
    if "softmax" in name and x.shape[-1] == 1:
        # Keras warns about a softmax over one class.
        x = np.concatenate([x, x + 1], axis=-1)
    if name == "gelu_tanh":
        theirs = keras.activations.gelu(keras.ops.convert_to_tensor(x), approximate=True)
    else:
        theirs = getattr(keras.activations, name)(keras.ops.convert_to_tensor(x))
    ours = getattr(activations, name)(x)
    assert ours.shape == x.shape
    np.testing.assert_allclose(ours, keras.ops.convert_to_numpy(theirs), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", CLOSED_FORMS)
def test_far_from_zero_nothing_overflows(name):
    with warnings.catch_warnings(), np.errstate(over="raise", invalid="raise", divide="raise"):
        warnings.simplefilter("error")
        values = getattr(activations, name)(FAR)
    assert np.all(np.isfinite(values))


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("relu", 0.0, 1000.0),
        ("leaky_relu", -200.0, 1000.0),
        ("sigmoid", 0.0, 1.0),
        ("tanh", -1.0, 1.0),
        ("gelu", 0.0, 1000.0),
        ("gelu_tanh", 0.0, 1000.0),
        ("silu", 0.0, 1000.0),
    ],
)
def test_far_from_zero_the_limits_are_right(name, low, high):
    np.testing.assert_allclose(getattr(activations, name)(FAR[[0, -1]]), [low, high], atol=1e-12)


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "softmax_backward"])
def test_the_softmax_survives_scores_of_a_thousand(name):
    x = np.array([[1000.0, 0.0, -1000.0], [-1000.0, -1000.0, -1000.0]])
    arguments = (x, np.ones_like(x)) if name.endswith("backward") else (x,)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        values = getattr(activations, name)(*arguments)
    expected = {
        "softmax": [[1, 0, 0], [1 / 3, 1 / 3, 1 / 3]],
        "log_softmax": [[0, -1000, -2000], [-math.log(3)] * 3],
        "softmax_backward": np.zeros((2, 3)),
    }
    np.testing.assert_allclose(values, expected[name], rtol=0, atol=1e-12)


def test_the_steepest_sigmoid_is_a_quarter():
    slopes = activations.sigmoid_derivative(np.linspace(-5, 5, 1001))
    assert slopes.max() == 0.25
    assert np.argmax(slopes) == 500


def test_tanh_is_a_stretched_sigmoid():
    x = np.linspace(-20, 20, 401)
    np.testing.assert_allclose(np.tanh(x), 2 * activations.sigmoid(2 * x) - 1, atol=1e-12)
    np.testing.assert_allclose(activations.tanh(x), np.tanh(x), rtol=0, atol=1e-12)


def test_the_slope_of_relu_at_zero_is_zero_by_convention():
    assert activations.relu_derivative(np.array(0.0)) == 0.0
    assert activations.relu_derivative(np.array(-0.0)) == 0.0


def test_the_two_forms_of_gelu_differ_by_less_than_documented():
    x = np.linspace(-8, 8, 4001)
    gap = np.abs(activations.gelu(x) - activations.gelu_tanh(x)).max()
    assert 1e-4 < gap < 5e-4


@settings(deadline=None, max_examples=40)
@given(x=scores)
def test_softmax_gives_probabilities_and_ignores_a_common_shift(x):
    probabilities = activations.softmax(x)
    assert np.all(probabilities > 0)
    np.testing.assert_allclose(probabilities.sum(axis=-1), 1, atol=1e-12)
    np.testing.assert_allclose(activations.softmax(x + 300.0), probabilities, atol=1e-12)
    np.testing.assert_allclose(np.log(probabilities), activations.log_softmax(x), atol=1e-10)


def test_softmax_by_hand():
    x = np.log(np.array([[1.0, 2.0, 5.0], [3.0, 3.0, 2.0]]))
    expected = [[0.125, 0.25, 0.625], [0.375, 0.375, 0.25]]
    np.testing.assert_allclose(activations.softmax(x), expected, atol=1e-12)


def test_softmax_of_two_scores_is_the_sigmoid_of_their_difference():
    x = np.array([[0.3, -1.2], [4.0, 9.0]])
    np.testing.assert_allclose(
        activations.softmax(x)[:, 0], activations.sigmoid(x[:, 0] - x[:, 1]), atol=1e-12
    )


def test_the_jacobian_by_hand():
    found = activations.softmax_jacobian(np.log(np.array([1.0, 3.0])))
    np.testing.assert_allclose(found, [[3 / 16, -3 / 16], [-3 / 16, 3 / 16]], atol=1e-12)


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
@settings(deadline=None, max_examples=30)
@given(x=scores, seed=st.integers(0, 1000))
def test_backward_equals_central_differences(name, x, seed):
    upstream = np.random.default_rng(seed).normal(size=x.shape)
    function = getattr(activations, name)
    gradient = getattr(activations, f"{name}_backward")(x, upstream)
    assert (
        gradient_error(lambda point: float(np.sum(upstream * function(point))), gradient, x) < 1e-6
    )


@settings(deadline=None, max_examples=30)
@given(
    x=hnp.arrays(np.float64, st.integers(1, 6), elements=st.floats(-9, 9)),
    seed=st.integers(0, 1000),
)
def test_backward_equals_the_jacobian(x, seed):
    upstream = np.random.default_rng(seed).normal(size=x.shape)
    jacobian = activations.softmax_jacobian(x)
    np.testing.assert_allclose(jacobian.sum(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(
        activations.softmax_backward(x, upstream), jacobian.T @ upstream, atol=1e-12
    )


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("softmax", (np.float64(1.0),), "x should have shape"),
        ("log_softmax", (np.float64(1.0),), "x should have shape"),
        ("softmax_jacobian", (np.ones((2, 3)),), r"shape \(classes,\), but has shape \(2, 3\)"),
        ("softmax_backward", (np.ones((2, 3)), np.ones((3, 2))), "upstream should have shape"),
        ("log_softmax_backward", (np.ones(3), np.ones(2)), "upstream should have shape"),
    ],
)
def test_wrong_shapes_are_named(name, arguments, message):
    with pytest.raises(ValueError, match=message):
        getattr(activations, name)(*arguments)


@pytest.mark.parametrize("name", [*CLOSED_FORMS, "softmax", "log_softmax"])
def test_the_input_is_left_alone(name):
    x = np.array([[-1.0, 2.0], [0.0, 3.0]])
    before = x.copy()
    getattr(activations, name)(x)
    np.testing.assert_array_equal(x, before)
