"""Linear regression agrees with finite differences, TensorFlow and LAPACK."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.scratch import linear
from course_lib.scratch.gradient_check import gradient_error


def loss(features, targets, weights, bias):
    return np.mean((features @ weights + bias - targets) ** 2)


@st.composite
def problems(draw, least_rows=1):
    columns = draw(st.integers(1, 5))
    rows = draw(st.integers(max(least_rows, 1), 12)) + (columns + 2 if least_rows > 1 else 0)
    generator = np.random.default_rng(draw(st.integers(0, 2**32)))
    features = generator.normal(size=(rows, columns))
    targets = generator.normal(size=rows) * 3 + 1
    return features, targets, generator.normal(size=columns), generator.normal()


def test_predict_by_hand():
    features = np.array([[1.0, 2.0], [3.0, 4.0]])
    np.testing.assert_array_equal(
        linear.predict(features, np.array([10.0, 1.0]), 0.5), [12.5, 34.5]
    )


def test_gradient_by_hand():
    # Errors -1 and -3 on inputs 1 and 3: 2/2 (-1 - 9) = -10 and 2/2 (-1 - 3) = -4.
    features, targets = np.array([[1.0], [3.0]]), np.array([6.0, 12.0])
    weights_gradient, bias_gradient = linear.gradient(features, targets, np.array([2.0]), 3.0)
    np.testing.assert_array_equal(weights_gradient, [-10])
    assert bias_gradient == -4


@given(problems())
def test_gradient_agrees_with_finite_differences(problem):
    features, targets, weights, bias = problem
    weights_gradient, bias_gradient = linear.gradient(*problem)
    assert weights_gradient.shape == weights.shape
    assert np.shape(bias_gradient) == ()
    by_weights = lambda w: loss(features, targets, w, bias)  # noqa: E731
    by_bias = lambda b: loss(features, targets, weights, b)  # noqa: E731
    assert gradient_error(by_weights, weights_gradient, weights) < 1e-7
    assert gradient_error(by_bias, bias_gradient, bias) < 1e-7


def test_gradient_agrees_with_gradient_tape(tf):
    generator = np.random.default_rng(3)
    for rows, columns in ((1, 1), (1, 4), (7, 1), (20, 5)):
        features, targets = generator.normal(size=(rows, columns)), generator.normal(size=rows)
        weights, bias = generator.normal(size=columns), generator.normal()
        w, b = tf.Variable(weights), tf.Variable(bias, dtype=tf.float64)
        with tf.GradientTape() as tape:
            errors = tf.linalg.matvec(tf.constant(features), w) + b - targets
            mean_square = tf.reduce_mean(errors**2)
        expected = tape.gradient(mean_square, [w, b])
        found = linear.gradient(features, targets, weights, bias)
        np.testing.assert_allclose(found[0], expected[0], rtol=1e-10, atol=1e-10)
        np.testing.assert_allclose(found[1], expected[1], rtol=1e-10, atol=1e-10)


@given(problems(least_rows=2))
def test_normal_equation_agrees_with_least_squares(problem):
    features, targets, *_ = problem
    weights, bias = linear.normal_equation(features, targets)
    design = np.column_stack([features, np.ones(len(features))])
    expected = np.linalg.lstsq(design, targets)[0]
    np.testing.assert_allclose(weights, expected[:-1], rtol=1e-7, atol=1e-7)
    np.testing.assert_allclose(bias, expected[-1], rtol=1e-7, atol=1e-7)
    assert weights.shape == (features.shape[1],)
    assert np.shape(bias) == ()
    for part in linear.gradient(features, targets, weights, bias):
        np.testing.assert_allclose(part, 0, atol=1e-8)


def test_normal_equation_recovers_an_exact_line():
    features = np.array([[1.0, 0.0], [0.0, 1.0], [2.0, 5.0], [3.0, -1.0]])
    weights, bias = linear.normal_equation(features, features @ [2.0, -3.0] + 7)
    np.testing.assert_allclose(weights, [2, -3], rtol=1e-10)
    assert bias == pytest.approx(7, rel=1e-10)


def test_normal_equation_with_dependent_columns():
    features = np.array([[1.0, 2.0], [2.0, 4.0], [3.0, 6.0]])
    with pytest.raises(np.linalg.LinAlgError):
        linear.normal_equation(features, np.ones(3))


def test_gradient_descent_converges_to_the_normal_equation():
    generator = np.random.default_rng(1)
    features = generator.normal(size=(60, 3)) * [1, 10, 0.1] + [0, 5, 2]
    features = (features - features.mean(axis=0)) / features.std(axis=0)
    targets = features @ [3.0, -2.0, 0.5] + 4 + generator.normal(size=60)
    weights, bias, losses = linear.gradient_descent(features, targets, 0.1, 500)
    expected_weights, expected_bias = linear.normal_equation(features, targets)
    np.testing.assert_allclose(weights, expected_weights, atol=1e-6)
    assert bias == pytest.approx(expected_bias, abs=1e-6)
    assert losses.shape == (500,)
    assert losses[0] == pytest.approx(np.mean(targets**2), rel=1e-12)
    assert losses[-1] == pytest.approx(
        loss(features, targets, expected_weights, expected_bias), rel=1e-10
    )
    assert (np.diff(losses) <= 1e-12).all()


def test_gradient_descent_two_steps_by_hand():
    # One car, x = 2, y = 10: from (0, 0) the gradient is 2 (-10) (2, 1) = (-40, -20);
    # from (0.4, 0.2) the error is -9 and the gradient (-36, -18).
    weights, bias, losses = linear.gradient_descent(np.array([[2.0]]), np.array([10.0]), 0.01, 2)
    np.testing.assert_allclose(weights, [0.76], rtol=1e-12)
    assert bias == pytest.approx(0.38, rel=1e-12)
    np.testing.assert_allclose(losses, [100, 81], rtol=1e-12)


def test_gradient_descent_without_steps():
    weights, bias, losses = linear.gradient_descent(np.ones((3, 2)), np.ones(3), 0.1, 0)
    np.testing.assert_array_equal(weights, [0, 0])
    assert bias == 0
    assert losses.shape == (0,)


X, Y, W = np.ones((4, 3)), np.ones(4), np.ones(3)


@pytest.mark.parametrize(
    ("function", "arguments", "argument"),
    [
        (linear.predict, (np.ones(3), W, 0.0), "features"),
        (linear.predict, (X, np.ones(4), 0.0), "weights"),
        (linear.predict, (X, np.ones((3, 1)), 0.0), "weights"),
        (linear.predict, (X, W, np.ones(1)), "bias"),
        (linear.gradient, (np.ones(3), Y, W, 0.0), "features"),
        (linear.gradient, (X, np.ones((4, 1)), W, 0.0), "targets"),
        (linear.gradient, (X, np.ones(3), W, 0.0), "targets"),
        (linear.gradient, (X, Y, np.ones(4), 0.0), "weights"),
        (linear.gradient, (X, Y, W, np.ones(4)), "bias"),
        (linear.normal_equation, (np.ones(4), Y), "features"),
        (linear.normal_equation, (X, np.ones(3)), "targets"),
        (linear.normal_equation, (X, np.ones((4, 1))), "targets"),
        (linear.gradient_descent, (np.ones(4), Y, 0.1, 1), "features"),
        (linear.gradient_descent, (X, np.ones((4, 1)), 0.1, 1), "targets"),
        (linear.gradient_descent, (X, np.ones(5), 0.1, 0), "targets"),
    ],
)
def test_wrong_shapes_are_refused(function, arguments, argument):
    with pytest.raises(ValueError, match=f"{function.__name__}: {argument} should have shape"):
        function(*arguments)


def test_arguments_are_left_alone():
    generator = np.random.default_rng(2)
    features, targets = generator.normal(size=(5, 2)), generator.normal(size=5)
    kept = features.copy(), targets.copy()
    linear.normal_equation(features, targets)
    linear.gradient_descent(features, targets, 0.1, 3)
    np.testing.assert_array_equal(features, kept[0])
    np.testing.assert_array_equal(targets, kept[1])
