"""The automatic differentiation of scalars against TensorFlow, finite differences and by hand."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.scratch import autodiff
from course_lib.scratch.autodiff import Value, differentiate, in_order
from course_lib.scratch.gradient_check import gradient_error

# Every operation as (name, number of operands); the bounded ones keep numbers small.
UNARY = ("tanh", "sigmoid", "relu", "exp", "log", "square", "reciprocal", "minus", "half")
BINARY = ("add", "subtract", "multiply", "divide", "plus number", "number minus", "number over")


def engine_apply(name, a, b):
    return {
        "tanh": lambda: autodiff.tanh(a),
        "sigmoid": lambda: autodiff.sigmoid(a),
        "relu": lambda: autodiff.relu(a),
        "exp": lambda: autodiff.exp(autodiff.tanh(a)),
        "log": lambda: autodiff.log(a**2 + 1.5),
        "square": lambda: autodiff.tanh(a) ** 2,
        "reciprocal": lambda: (a * a + 1.0) ** -0.5,
        "minus": lambda: 0.5 - a,
        "half": lambda: a / 2,
        "add": lambda: a + b,
        "subtract": lambda: a - b,
        "multiply": lambda: autodiff.tanh(a) * b,
        "divide": lambda: a / (b * b + 1),
        "plus number": lambda: 1.5 + a * 0.7,
        "number minus": lambda: 2 - a * b / (1 + a * a),
        "number over": lambda: 3 / (2 + autodiff.sigmoid(a)),
    }[name]()


def tensorflow_apply(tf, name, a, b):
    return {
        "tanh": lambda: tf.tanh(a),
        "sigmoid": lambda: tf.sigmoid(a),
        "relu": lambda: tf.nn.relu(a),
        "exp": lambda: tf.exp(tf.tanh(a)),
        "log": lambda: tf.math.log(a**2 + 1.5),
        "square": lambda: tf.tanh(a) ** 2,
        "reciprocal": lambda: (a * a + 1.0) ** -0.5,
        "minus": lambda: 0.5 - a,
        "half": lambda: a / 2,
        "add": lambda: a + b,
        "subtract": lambda: a - b,
        "multiply": lambda: tf.tanh(a) * b,
        "divide": lambda: a / (b * b + 1),
        "plus number": lambda: 1.5 + a * 0.7,
        "number minus": lambda: 2 - a * b / (1 + a * a),
        "number over": lambda: 3 / (2 + tf.sigmoid(a)),
    }[name]()


@st.composite
def expressions(draw):
    """Inputs, and a list of steps that each combine two earlier values."""
    inputs = draw(st.lists(st.floats(-2, 2, width=32), min_size=1, max_size=4))
    steps = []
    for number in range(draw(st.integers(1, 12))):
        known = len(inputs) + number
        index = st.integers(0, known - 1)
        steps.append((draw(st.sampled_from(UNARY + BINARY)), draw(index), draw(index)))
    return inputs, steps


def build(inputs, steps, apply):
    values = list(inputs)
    for name, first, second in steps:
        values.append(apply(name, values[first], values[second]))
    # Every value counts, so that no step is without effect.
    result = values[0]
    for value in values[1:]:
        result = result + value
    return result


@settings(max_examples=100)
@given(expressions())
def test_random_expressions_have_tensorflows_gradients(tf, expression):
    numbers, steps = expression
    ours = [Value(number) for number in numbers]
    result = build(ours, steps, engine_apply)
    differentiate(result)
    theirs = [tf.Variable(number, dtype=tf.float64) for number in numbers]
    with tf.GradientTape() as tape:
        expected = build(
            [tf.identity(variable) for variable in theirs],
            steps,
            lambda name, a, b: tensorflow_apply(tf, name, a, b),
        )
    gradients = tape.gradient(expected, theirs)
    np.testing.assert_allclose(result.number, expected.numpy(), rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(
        [value.gradient for value in ours], [float(g) for g in gradients], rtol=1e-9, atol=1e-9
    )


OPERATIONS = {
    "a + b": lambda a, b: a + b,
    "a - b": lambda a, b: a - b,
    "a b": lambda a, b: a * b,
    "a / b": lambda a, b: a / b,
    "a^3": lambda a, b: a**3,
    "b^-1.5": lambda a, b: b**-1.5,
    "a^0": lambda a, b: a**0 + b,
    "exp a": lambda a, b: autodiff.exp(a),
    "log b": lambda a, b: autodiff.log(b),
    "tanh a": lambda a, b: autodiff.tanh(a),
    "sigmoid a": lambda a, b: autodiff.sigmoid(a),
    "relu a": lambda a, b: autodiff.relu(a),
    "relu -a": lambda a, b: autodiff.relu(0 - a),
    "2 + a": lambda a, b: 2 + a,
    "a + 2": lambda a, b: a + 2,
    "2 - a": lambda a, b: 2 - a,
    "a - 2": lambda a, b: a - 2,
    "2 a": lambda a, b: 2 * a,
    "2 / b": lambda a, b: 2 / b,
    "b / 2": lambda a, b: b / 2,
    "a a": lambda a, b: a * a,
    "a / a": lambda a, b: a / a * b,
}


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
@pytest.mark.parametrize("point", [(0.7, 1.3), (-1.4, 0.6)])
def test_each_operation_agrees_with_finite_differences(operation, point):
    a, b = Value(point[0]), Value(point[1])
    result = operation(a, b)
    differentiate(result)

    def by_numbers(numbers):
        return operation(Value(numbers[0]), Value(numbers[1])).number

    gradient = np.array([a.gradient, b.gradient])
    # A value that the result does not use keeps the gradient 0.
    assert gradient_error(by_numbers, gradient, np.array(point)) < 1e-8


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        (lambda a, b: a + b, (10.0, 1, 1)),
        (lambda a, b: a - b, (6.0, 1, -1)),
        (lambda a, b: a * b, (16.0, 2, 8)),
        (lambda a, b: a / b, (4.0, 0.5, -2)),
        (lambda a, b: a**b.number, (64.0, 16, 0)),
        (lambda a, b: autodiff.exp(b), (math.e**2, 0, math.e**2)),
        (lambda a, b: autodiff.log(a), (math.log(8), 0.125, 0)),
        (lambda a, b: autodiff.tanh(a - 8), (0.0, 1, 0)),
        (lambda a, b: autodiff.sigmoid(a - 8), (0.5, 0.25, 0)),
        (lambda a, b: autodiff.relu(a) + autodiff.relu(0 - b), (8.0, 1, 0)),
    ],
)
def test_by_hand(operation, expected):
    a, b = Value(8), Value(2)
    result = operation(a, b)
    differentiate(result)
    assert (result.number, a.gradient, b.gradient) == pytest.approx(expected, rel=1e-12)


def test_relu_at_its_corner_has_slope_zero_as_in_tensorflow(tf):
    a = Value(0.0)
    differentiate(autodiff.relu(a))
    variable = tf.Variable(0.0)
    with tf.GradientTape() as tape:
        result = tf.nn.relu(variable)
    assert a.gradient == float(tape.gradient(result, variable)) == 0.0


@pytest.mark.parametrize("large", [-800.0, 800.0])
def test_squashing_functions_do_not_overflow(large):
    for function in (autodiff.tanh, autodiff.sigmoid):
        a = Value(large)
        result = function(a)
        differentiate(result)
        assert result.number in (-1.0, 0.0, 1.0)
        assert a.gradient == 0.0


def test_gradients_add_up_when_a_value_is_used_more_than_once():
    a = Value(3.0)
    b = a * a
    result = b * a + b - 2 * a  # a^3 + a^2 - 2a
    differentiate(result)
    assert result.number == 30.0
    assert a.gradient == 3 * 9 + 2 * 3 - 2
    assert b.gradient == 3.0 + 1.0


def test_a_diamond_is_finished_before_it_is_passed_on():
    # Both ways to a lead through b, and the longer one must have arrived first.
    a = Value(2.0)
    b = a * 3
    longer = b
    for _ in range(5):
        longer = longer * 2
    differentiate(b + longer)
    assert (b.gradient, a.gradient) == (33.0, 99.0)


def test_a_second_backward_forgets_the_first():
    a = Value(2.0)
    square, cube = a * a, a * a * a
    differentiate(square)
    differentiate(cube)
    assert a.gradient == 12.0
    differentiate(cube)
    assert a.gradient == 12.0


def test_the_result_may_be_an_input():
    a = Value(2.0)
    differentiate(a)
    assert a.gradient == 1.0
    assert in_order(a) == [a]


@pytest.mark.parametrize("length", [5_000, 50_000])
def test_a_long_chain_needs_no_recursion(length):
    start = Value(1.0)
    value = start
    for _ in range(length):
        value = value + 0.5
    differentiate(value)
    assert value.number == 1 + length / 2
    assert start.gradient == 1.0


def test_shared_values_do_not_multiply_the_work():
    # Ways from the end to the start: 2^200. Values: 201.
    start = value = Value(1.0)
    for _ in range(200):
        value = value + value
    assert len(in_order(value)) == 201
    differentiate(value)
    assert start.gradient == 2.0**200


@given(expressions())
def test_every_value_comes_after_its_inputs_and_once(expression):
    numbers, steps = expression
    result = build([Value(number) for number in numbers], steps, engine_apply)
    order = in_order(result)
    place = {value: index for index, value in enumerate(order)}
    assert len(place) == len(order)
    assert order[-1] is result
    for value in order:
        for source, _ in value.inputs:
            assert place[source] < place[value]


def test_a_value_tells_what_made_it():
    a, b = Value(3.0), Value(4.0)
    assert (a.operation, tuple(a.inputs), a.gradient) == ("", (), 0.0)
    made = {
        "+": a + b, "−": a - b, "×": a * b, "/": a / b, "^2": a**2,
        "exp": autodiff.exp(a), "log": autodiff.log(a), "tanh": autodiff.tanh(a),
        "sigmoid": autodiff.sigmoid(a), "relu": autodiff.relu(a),
    }  # fmt: skip
    assert [value.operation for value in made.values()] == list(made)
    assert list(made["×"].inputs) == [(a, 4.0), (b, 3.0)]


def test_numpy_can_multiply_matrices_of_values():
    matrix = np.array([[Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)]])
    result = matrix @ np.array([5.0, 6.0])
    assert [value.number for value in result] == [17.0, 39.0]
    scaled = np.float64(2.0) * matrix[0, 0] + np.float64(1.0)
    assert (type(scaled), scaled.number) == (Value, 3.0)


@pytest.mark.parametrize(
    ("operation", "error"),
    [
        (lambda: Value(1.0) / 0, ZeroDivisionError),
        (lambda: autodiff.log(Value(0.0)), ValueError),
        (lambda: autodiff.log(Value(-1.0)), ValueError),
        (lambda: Value(-8.0) ** 0.5, ValueError),
        (lambda: Value(0.0) ** 0.5, ValueError),
        (lambda: Value(0.0) ** -1, ValueError),
        (lambda: autodiff.exp(Value(1000.0)), OverflowError),
        (lambda: Value(2.0) ** Value(3.0), TypeError),
        (lambda: Value(1j), TypeError),
        (lambda: Value(2.0) + 1j, TypeError),
    ],
)
def test_what_is_no_real_number_is_refused(operation, error):
    with pytest.raises(error):
        operation()


def test_zero_to_the_power_of_zero_one_and_two():
    for exponent, slope in ((0, 0.0), (1, 1.0), (2, 0.0)):
        a = Value(0.0)
        differentiate(a**exponent)
        assert a.gradient == slope
