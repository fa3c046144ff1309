"""Central differences find the gradient, and any fault in a derivation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as numpy_strategies

from course_lib.scratch.gradient_check import gradient_error, numerical_gradient

POINT = np.array([[0.5, -1.0, 2.0], [1.5, 0.25, -0.75]])


def polynomial(x):
    return x[0, 0] ** 2 * x[0, 1] + 3 * x[0, 2] * x[1, 0] - x[1, 1] ** 3 + 7 * x[1, 2]


def polynomial_gradient(x):
    return np.array(
        [
            [2 * x[0, 0] * x[0, 1], x[0, 0] ** 2, 3 * x[1, 0]],
            [3 * x[0, 2], -3 * x[1, 1] ** 2, 7],
        ]
    )


def test_a_polynomial_of_several_variables():
    found = numerical_gradient(polynomial, POINT)
    assert found.shape == POINT.shape
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, polynomial_gradient(POINT), atol=1e-8)
    assert gradient_error(polynomial, polynomial_gradient(POINT), POINT) < 1e-8


@given(
    numpy_strategies.arrays(
        np.float64, numpy_strategies.array_shapes(min_dims=0, max_dims=3), elements=st.floats(-3, 3)
    )
)
def test_a_sum_of_sines_at_any_shape(point):
    function = lambda x: np.sum(np.sin(x))  # noqa: E731
    np.testing.assert_allclose(numerical_gradient(function, point), np.cos(point), atol=1e-8)
    assert gradient_error(function, np.cos(point), point) < 1e-8


def test_the_error_is_of_second_order_in_the_step():
    # The third derivative of x^3 is 6, so the difference is off by exactly h^2.
    cube = lambda x: x**3  # noqa: E731
    assert numerical_gradient(cube, np.array(2.0), step=0.5) == pytest.approx(12.25, rel=1e-12)
    assert numerical_gradient(cube, np.array(2.0), step=0.25) == pytest.approx(12.0625, rel=1e-12)
    assert gradient_error(cube, 12.0, np.array(2.0), step=0.5) == pytest.approx(0.25 / 12.25)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda g: 2 * g,
        lambda g: -g,
        lambda g: g / g.size,
        lambda g: g[::-1],
        lambda g: np.roll(g, 1, axis=1),
        lambda g: g + 1e-4,
        lambda g: np.where(np.arange(6).reshape(2, 3) == 4, 0, g),
        lambda g: np.where(np.arange(6).reshape(2, 3) == 5, np.nan, g),
    ],
)
def test_a_fault_is_caught(spoil):
    wrong = spoil(polynomial_gradient(POINT))
    assert not gradient_error(polynomial, wrong, POINT) < 1e-6


def test_the_measure_is_absolute_when_small_and_relative_when_large():
    linear = lambda x: 0.1 * x[0] + 1000 * x[1]  # noqa: E731
    point = np.zeros(2)
    assert gradient_error(linear, np.array([0.3, 1000]), point) == pytest.approx(0.2)
    assert gradient_error(linear, np.array([0.1, 1010]), point) == pytest.approx(10 / 1010)
    assert gradient_error(linear, np.array([0.1, 990]), point) == pytest.approx(10 / 1000)
    assert isinstance(gradient_error(linear, np.array([0.1, 1000]), point), float)


def test_an_integer_point():
    np.testing.assert_allclose(
        numerical_gradient(lambda x: np.sum(x**2), np.array([3, -4])), [6, -8], atol=1e-8
    )
    np.testing.assert_allclose(numerical_gradient(lambda x: x**2, 3), 6, atol=1e-8)


def test_the_point_is_left_alone():
    point = POINT.copy()
    point.setflags(write=False)

    def spoils_its_argument(x):
        value = polynomial(x)
        x[...] = 99
        return value

    found = numerical_gradient(spoils_its_argument, point)
    np.testing.assert_array_equal(point, POINT)
    np.testing.assert_allclose(found, polynomial_gradient(POINT), atol=1e-8)


@pytest.mark.parametrize("shape", [(1,), (1, 1), ()])
def test_one_number_may_come_in_brackets(shape):
    function = lambda x: np.full(shape, x[0] ** 2)  # noqa: E731
    np.testing.assert_allclose(numerical_gradient(function, np.array([3.0])), [6], atol=1e-8)


@pytest.mark.parametrize("value", [np.ones(2), np.ones((0,)), [1.0, 2.0]])
def test_a_function_that_returns_no_single_number(value):
    with pytest.raises(ValueError, match="function should return one number, but returned shape"):
        numerical_gradient(lambda x: value, POINT)


@pytest.mark.parametrize("gradient", [np.ones((3, 2)), np.ones(6), 1.0])
def test_a_gradient_of_another_shape(gradient):
    with pytest.raises(ValueError, match=r"shape of point, \(2, 3\), but has shape \("):
        gradient_error(polynomial, gradient, POINT)
