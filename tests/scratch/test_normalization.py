"""Batch, layer and RMS normalisation against Keras, by finite differences, and in their limits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.lesson import quiet_stderr
from course_lib.scratch.gradient_check import gradient_error
from course_lib.scratch.normalization import (
    BatchNormalization,
    batch_normalization_gradient,
    layer_normalization,
    layer_normalization_gradient,
    rms_normalization,
    rms_normalization_gradient,
    standardize,
    standardize_gradient,
)

SIZES = {"n": st.integers(2, 9), "d": st.integers(2, 6), "seed": st.integers(0, 10_000)}


def numbers(n, d, seed):
    generator = np.random.default_rng(seed)
    features = generator.normal(1.5, 2.0, (n, d)) * np.arange(1, d + 1)
    return features, generator.normal(1, 0.5, d), generator.normal(size=d), generator


def tape_gradients(tf, layer, features, output_gradient, training):
    inputs = tf.constant(features)
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        loss = tf.reduce_sum(layer(inputs, training=training) * output_gradient)
    found = tape.gradient(loss, [inputs, layer.gamma.value, layer.beta.value])
    return [one.numpy() for one in found]


def keras_batch_norm(keras, ours, d):
    layer = keras.layers.BatchNormalization(
        momentum=ours.momentum, epsilon=ours.epsilon, dtype="float64"
    )
    layer.build((None, d))
    layer.set_weights([ours.scale, ours.shift, ours.moving_mean, ours.moving_variance])
    return layer


@pytest.mark.parametrize("axis", [0, 1])
def test_standardised_by_hand(axis):
    features = np.array([[1.0, 3.0], [5.0, 7.0]])
    expected = {0: [[-1, -1], [1, 1]], 1: [[-1, 1], [-1, 1]]}[axis]
    np.testing.assert_allclose(standardize(features, axis, epsilon=1e-14), expected, atol=1e-10)


def test_epsilon_is_added_to_the_variance():
    features = np.array([[-1.0], [1.0]])
    np.testing.assert_allclose(standardize(features, 0, epsilon=3.0), features / 2)
    np.testing.assert_array_equal(standardize(np.full((4, 2), 7.0), 0), 0)
    default = standardize(features, 0)
    np.testing.assert_allclose(default, features / np.sqrt(1.001), rtol=1e-14)


@given(axis=st.integers(0, 1), epsilon=st.sampled_from([1e-3, 0.5]), **SIZES)
def test_standardize_gradient_by_finite_differences(n, d, seed, axis, epsilon):
    features, _, _, generator = numbers(n, d, seed)
    g = generator.normal(size=(n, d))
    found = standardize_gradient(features, g, axis, epsilon)

    def loss(x):
        return np.sum(g * standardize(x, axis, epsilon))

    assert gradient_error(loss, found, features) < 1e-6
    # A shift of everything changes nothing, so the gradient sums to nothing.
    np.testing.assert_allclose(found.sum(axis=axis), 0, atol=1e-10)


@given(**SIZES)
def test_layer_normalization_by_finite_differences(n, d, seed):
    features, scale, shift, generator = numbers(n, d, seed)
    g = generator.normal(size=(n, d))
    found = layer_normalization_gradient(features, scale, g)
    losses = [
        lambda x: np.sum(g * layer_normalization(x, scale, shift)),
        lambda s: np.sum(g * layer_normalization(features, s, shift)),
        lambda b: np.sum(g * layer_normalization(features, scale, b)),
    ]
    for loss, gradient, point in zip(losses, found, (features, scale, shift), strict=True):
        assert gradient_error(loss, gradient, point) < 1e-6


@pytest.mark.parametrize("epsilon", [1e-3, 0.1])
def test_layer_normalization_equals_keras(keras, tf, epsilon):
    features, scale, shift, generator = numbers(5, 4, 1)
    g = generator.normal(size=(5, 4))
    layer = keras.layers.LayerNormalization(epsilon=epsilon, dtype="float64")
    layer.build((None, 4))
    layer.set_weights([scale, shift])
    ours = layer_normalization(features, scale, shift, epsilon)
    np.testing.assert_allclose(ours, layer(features).numpy(), atol=1e-10)
    theirs = tape_gradients(tf, layer, features, g, True)
    for one, other in zip(
        layer_normalization_gradient(features, scale, g, epsilon), theirs, strict=True
    ):
        np.testing.assert_allclose(one, other, atol=1e-9)


def test_the_defaults_are_those_of_keras(keras):
    assert keras.layers.LayerNormalization().epsilon == 1e-3
    theirs, ours = keras.layers.BatchNormalization(), BatchNormalization(2)
    assert (theirs.epsilon, theirs.momentum) == (ours.epsilon, ours.momentum) == (1e-3, 0.99)
    features, scale, shift, _ = numbers(3, 4, 2)
    layer = keras.layers.LayerNormalization(dtype="float64")
    layer.build((None, 4))
    layer.set_weights([scale, shift])
    ours = layer_normalization(features, scale, shift)
    np.testing.assert_allclose(ours, layer(features).numpy(), atol=1e-10)


@pytest.mark.parametrize("momentum", [0.99, 0.6])
def test_batch_normalization_equals_keras(keras, tf, momentum):
    n, d = 7, 3
    ours = BatchNormalization(d, momentum=momentum, epsilon=1e-2)
    ours.scale, ours.shift = np.array([0.5, 2.0, -1.0]), np.array([1.0, -3.0, 0.2])
    theirs = keras_batch_norm(keras, ours, d)
    generator = np.random.default_rng(3)
    for _ in range(4):
        features = generator.normal(2.0, 3.0, (n, d))
        g = generator.normal(size=(n, d))
        ours_now = ours.forward(features, training=True)
        found = batch_normalization_gradient(ours, features, g, training=True)
        expected = tape_gradients(tf, keras_batch_norm(keras, ours, d), features, g, True)
        for one, other in zip(found, expected, strict=True):
            np.testing.assert_allclose(one, other, atol=1e-9)
        np.testing.assert_allclose(ours_now, theirs(features, training=True).numpy(), atol=1e-9)
        np.testing.assert_allclose(ours.moving_mean, theirs.moving_mean.numpy(), atol=1e-10)
        np.testing.assert_allclose(ours.moving_variance, theirs.moving_variance.numpy(), atol=1e-9)
    kept = ours.moving_mean.copy(), ours.moving_variance.copy()
    used = ours.forward(features, training=False)
    np.testing.assert_allclose(used, theirs(features, training=False).numpy(), atol=1e-9)
    found = batch_normalization_gradient(ours, features, g, training=False)
    for one, other in zip(found, tape_gradients(tf, theirs, features, g, False), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-9)
    np.testing.assert_array_equal(ours.moving_mean, kept[0])
    np.testing.assert_array_equal(ours.moving_variance, kept[1])


@given(training=st.booleans(), **SIZES)
def test_batch_normalization_by_finite_differences(n, d, seed, training):
    features, scale, shift, generator = numbers(n, d, seed)
    g = generator.normal(size=(n, d))
    layer = BatchNormalization(d)
    layer.moving_mean, layer.moving_variance = shift.copy(), scale**2
    layer.scale, layer.shift = scale, shift
    found = batch_normalization_gradient(layer, features, g, training)

    def loss(features=features, scale=scale, shift=shift):
        fresh = BatchNormalization(d)
        fresh.scale, fresh.shift = scale, shift
        fresh.moving_mean, fresh.moving_variance = layer.moving_mean, layer.moving_variance
        return np.sum(g * fresh.forward(features, training))

    assert gradient_error(lambda x: loss(features=x), found[0], features) < 1e-6
    assert gradient_error(lambda s: loss(scale=s), found[1], scale) < 1e-6
    assert gradient_error(lambda b: loss(shift=b), found[2], shift) < 1e-6


# RMS normalisation


def test_root_mean_square_by_hand():
    # The mean square of 3 and 4 is 12.5; that of 1 and 7 is 25.
    features = np.array([[3.0, 4.0], [1.0, -7.0]])
    found = rms_normalization(features, np.array([1.0, 2.0]), epsilon=0.0)
    expected = [[3 / 12.5**0.5, 8 / 12.5**0.5], [0.2, -2.8]]
    np.testing.assert_allclose(found, expected, rtol=1e-15)
    smaller = rms_normalization(features[1], np.ones(2), epsilon=11.0)
    np.testing.assert_allclose(smaller, features[1] / 6, rtol=1e-15)


def test_root_mean_square_is_layer_normalisation_where_the_mean_is_zero():
    features, scale, _, _ = numbers(6, 4, 9)
    centred = features - features.mean(axis=1, keepdims=True)
    layer = layer_normalization(centred, scale, np.zeros(4), 1e-6)
    np.testing.assert_allclose(rms_normalization(centred, scale), layer, atol=1e-12)
    shifted = rms_normalization(features + 100, scale)
    assert np.abs(shifted - rms_normalization(features, scale)).max() > 0.1


@given(
    leading=st.lists(st.integers(1, 4), max_size=3),
    d=st.integers(1, 7),
    epsilon=st.sampled_from([None, 1e-5, 0.3]),
    seed=st.integers(0, 10_000),
)
def test_root_mean_square_and_its_gradients_are_those_of_keras(leading, d, epsilon, seed):
    with quiet_stderr():
        import keras
        import tensorflow as tf
    generator = np.random.default_rng(seed)
    # Keras takes a batch, at least.
    shape = (*leading, d) if leading else (1, d)
    features = generator.normal(1.0, 2.0, shape)
    scale, g = generator.normal(1, 0.5, d), generator.normal(size=shape)
    options = {} if epsilon is None else {"epsilon": epsilon}
    layer = keras.layers.RMSNormalization(dtype="float64", **options)
    layer.build(shape)
    layer.set_weights([scale])
    inputs = tf.constant(features)
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        outputs = layer(inputs)
        loss = tf.reduce_sum(outputs * g)
    theirs = tape.gradient(loss, [inputs, layer.scale.value])
    found = rms_normalization(features, scale, **options)
    np.testing.assert_allclose(found, outputs.numpy(), rtol=0, atol=1e-12)
    ours = rms_normalization_gradient(features, scale, g, **options)
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one, other.numpy(), rtol=1e-10, atol=1e-10)


@given(
    leading=st.lists(st.integers(1, 3), max_size=2),
    d=st.integers(1, 5),
    epsilon=st.sampled_from([None, 0.5]),
    seed=st.integers(0, 10_000),
)
def test_root_mean_square_by_finite_differences(leading, d, epsilon, seed):
    generator = np.random.default_rng(seed)
    # Away from zero, around which one feature alone is all bend.
    features = generator.normal(0.0, 1.0, (*leading, d))
    features = np.where(features < 0, features - 0.5, features + 0.5)
    scale, g = generator.normal(1, 0.5, d), generator.normal(size=(*leading, d))
    options = {} if epsilon is None else {"epsilon": epsilon}
    found = rms_normalization_gradient(features, scale, g, **options)
    assert found[0].shape == features.shape

    def loss(features=features, scale=scale):
        return np.sum(g * rms_normalization(features, scale, **options))

    assert gradient_error(lambda x: loss(features=x), found[0], features) < 1e-7
    assert gradient_error(lambda s: loss(scale=s), found[1], scale) < 1e-7


def test_root_mean_square_keeps_single_precision_and_names_what_does_not_fit():
    features, scale = np.ones((2, 3), "float32"), np.ones(3, "float32")
    assert rms_normalization(features, scale).dtype == np.float32
    back = rms_normalization_gradient(features, scale, features)
    assert {one.dtype for one in back} == {np.dtype("float32")}
    with pytest.raises(ValueError, match=r"rms_normalization: scale .* d = 3 as in features"):
        rms_normalization(features, np.ones(2))
    with pytest.raises(ValueError, match=r"features should have shape \(batch..., d\), but"):
        rms_normalization(1.0, scale)
    with pytest.raises(ValueError, match=r"output_gradient should have shape \(batch..., d\)"):
        rms_normalization_gradient(features, scale, np.ones((3, 3)))


def test_in_training_the_size_of_the_input_does_not_matter_in_use_it_does():
    features = np.random.default_rng(6).normal(size=(50, 3))
    layer = BatchNormalization(3, epsilon=1e-12)
    np.testing.assert_allclose(
        layer.forward(features, True), layer.forward(1000 * features, True), atol=1e-6
    )
    one, other = layer.forward(features, False), layer.forward(2 * features, False)
    assert np.abs(one - other).max() > 1e-3


def test_moving_averages_reach_the_data():
    features = np.random.default_rng(7).normal(5.0, 2.0, (100, 1))
    layer = BatchNormalization(1, momentum=0.9)
    for _ in range(200):
        layer.forward(features, training=True)
    np.testing.assert_allclose(layer.moving_mean, features.mean(axis=0), rtol=1e-6)
    np.testing.assert_allclose(layer.moving_variance, features.var(axis=0), rtol=1e-6)


def test_shapes_are_named():
    layer = BatchNormalization(3)
    for call in (
        lambda: layer.forward(np.ones((2, 4)), True),
        lambda: layer.forward(np.ones(3), False),
        lambda: batch_normalization_gradient(layer, np.ones((2, 4)), np.ones((2, 4)), True),
    ):
        with pytest.raises(ValueError, match=r"features should have shape \(n, 3\)"):
            call()
    with pytest.raises(ValueError, match=r"output_gradient should have shape \(n, d\) with n = 2"):
        batch_normalization_gradient(layer, np.ones((2, 3)), np.ones((1, 3)), True)
    with pytest.raises(ValueError, match=r"scale should have shape \(d,\) with d = 4"):
        layer_normalization(np.ones((2, 4)), np.ones(3), np.ones(4))
    with pytest.raises(ValueError, match="output_gradient"):
        standardize_gradient(np.ones((2, 4)), np.ones((2, 3)), 0)
    with pytest.raises(ValueError, match="features"):
        standardize(np.ones(4), 0)
    with pytest.raises(ValueError, match="output_gradient"):
        layer_normalization_gradient(np.ones((2, 4)), np.ones(4), np.ones((3, 4)))
