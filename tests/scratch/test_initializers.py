"""The initialisers have the variance of their papers, and Keras's, and keep a signal alive."""

import numpy as np
import pytest

from course_lib.scratch import initializers
from course_lib.scratch.initializers import glorot_normal, glorot_uniform, he_normal, he_uniform

INPUTS, UNITS = 600, 200
VARIANCE = {
    "glorot_normal": 2 / (INPUTS + UNITS),
    "glorot_uniform": 2 / (INPUTS + UNITS),
    "he_normal": 2 / INPUTS,
    "he_uniform": 2 / INPUTS,
}
each = pytest.mark.parametrize("name", VARIANCE)


@each
def test_mean_variance_and_shape(name):
    weights = getattr(initializers, name)(INPUTS, UNITS, np.random.default_rng(1))
    assert weights.shape == (INPUTS, UNITS)
    assert weights.dtype == np.float64
    # 120,000 numbers: the variance is right to 1.2 %, the mean to 1 % of the deviation.
    assert abs(weights.var() / VARIANCE[name] - 1) < 0.02
    assert abs(weights.mean()) < 0.02 * np.sqrt(VARIANCE[name])


@each
def test_variance_is_that_of_keras(name, keras):
    class_name = "".join(part.capitalize() for part in name.split("_"))
    theirs = getattr(keras.initializers, class_name)(seed=1)((INPUTS, UNITS))
    assert abs(np.var(np.asarray(theirs)) / VARIANCE[name] - 1) < 0.02


@pytest.mark.parametrize(("function", "size"), [(glorot_uniform, 800), (he_uniform, 600)])
def test_uniform_weights_fill_their_range(function, size):
    limit = np.sqrt(6 / size) if function is he_uniform else np.sqrt(6 / 800)
    weights = function(INPUTS, UNITS, np.random.default_rng(2))
    assert np.abs(weights).max() <= limit
    assert weights.max() > 0.999 * limit
    assert weights.min() < -0.999 * limit


@pytest.mark.parametrize("function", [glorot_normal, he_normal])
def test_normal_weights_are_normal(function):
    weights = function(INPUTS, UNITS, np.random.default_rng(3))
    # A normal distribution has a kurtosis of 3, a uniform one of 1.8.
    assert abs(np.mean(weights**4) / np.mean(weights**2) ** 2 - 3) < 0.1


@each
def test_same_generator_same_weights(name):
    function = getattr(initializers, name)
    one = function(3, 4, np.random.default_rng(5))
    np.testing.assert_array_equal(one, function(3, 4, np.random.default_rng(5)))
    assert not np.array_equal(one, function(3, 4, np.random.default_rng(6)))


@each
def test_needs_sizes(name):
    generator = np.random.default_rng(1)
    for sizes in ((0, 3), (3, 0)):
        with pytest.raises(ValueError, match=f"{name}: inputs and units should be at least 1"):
            getattr(initializers, name)(*sizes, generator)
    assert getattr(initializers, name)(1, 1, generator).shape == (1, 1)


def rms_after(layers, width, weights, activation, seed=0):
    generator = np.random.default_rng(seed)
    signal = generator.normal(size=(200, width))
    for _ in range(layers):
        signal = activation(signal @ weights(width, generator))
    return np.sqrt(np.mean(signal**2))


def test_fifty_relu_layers():
    def relu(z):
        return np.maximum(z, 0)

    def he(width, generator):
        return he_normal(width, width, generator)

    assert 0.3 < rms_after(50, 200, he, relu) < 3
    assert rms_after(50, 200, lambda n, g: g.normal(size=(n, n)), relu) > 1e10
    assert rms_after(50, 200, lambda n, g: g.normal(size=(n, n)) / np.sqrt(n), relu) < 1e-6


def test_glorot_keeps_the_gradient_of_a_linear_layer():
    weights = glorot_normal(300, 300, np.random.default_rng(4))
    gradient = np.random.default_rng(5).normal(size=(500, 300))
    assert abs(np.var(gradient @ weights.T) - 1) < 0.05
