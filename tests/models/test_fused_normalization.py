"""The fused batch normalisation does what Keras's does."""

import numpy as np
import pytest

from course_lib.lesson import quiet_stderr

with quiet_stderr():
    import keras
    import tensorflow as tf

    from course_lib.models.normalization import FusedBatchNormalization


def pair(channels, **settings):
    """Return Keras's layer and ours, with the same weights, none of them as they begin."""
    both = keras.layers.BatchNormalization(**settings), FusedBatchNormalization(**settings)
    generator = np.random.default_rng(channels)
    weights = [generator.uniform(0.5, 2, channels).astype("float32") for _ in range(4)]
    for layer in both:
        layer.build((None, None, None, channels))
        layer.set_weights(weights)
    return both


def maps(*shape):
    return np.random.default_rng(len(shape)).normal(3, 2, shape).astype("float32")


@pytest.mark.parametrize("shape", [(8, 5, 4, 3), (1, 2, 1, 1), (16, 12, 12, 16)])
@pytest.mark.parametrize("settings", [{}, {"momentum": 0.8, "epsilon": 1e-2}])
def test_outputs_gradients_and_averages_are_those_of_keras(shape, settings):
    results = []
    weight_of_output = tf.constant(maps(*shape)[::-1] - 3)
    for layer in pair(shape[-1], **settings):
        inputs = tf.Variable(maps(*shape))
        for _ in range(3):
            with tf.GradientTape() as tape:
                outputs = layer(inputs, training=True)
                loss = tf.reduce_sum(outputs * weight_of_output)
            gradients = tape.gradient(loss, [inputs, layer.gamma.value, layer.beta.value])
        new = layer(inputs, training=False)
        results.append([outputs, *gradients, *layer.get_weights(), new])
    for theirs, ours in zip(*results, strict=True):
        scale = np.abs(theirs).max()
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=2e-5 * scale)


def test_a_single_number_to_a_channel_leaves_no_trace_of_nan():
    theirs, ours = pair(2)
    for layer in (theirs, ours):
        layer(maps(1, 1, 1, 2), training=True)
    np.testing.assert_allclose(ours.get_weights(), theirs.get_weights(), rtol=1e-6)


def test_the_averages_move_by_their_momentum():
    _, ours = pair(1, momentum=0.75)
    _, _, mean, variance = ours.get_weights()
    ours(np.array([1, 2, 6], "float32").reshape(1, 1, 3, 1), training=True)
    np.testing.assert_allclose(ours.get_weights()[2], 0.75 * mean + 0.25 * 3, rtol=1e-6)
    np.testing.assert_allclose(ours.get_weights()[3], 0.75 * variance + 0.25 * 14 / 3, rtol=1e-6)


@pytest.mark.parametrize("frozen", ["layer", "call"])
def test_frozen_it_uses_and_keeps_its_averages(frozen):
    theirs, ours = pair(3)
    for layer in (theirs, ours):
        layer.trainable = frozen == "call"
    before = ours.get_weights()
    inputs = maps(2, 3, 3, 3)
    outputs = [layer(inputs, training=frozen == "layer") for layer in (theirs, ours)]
    assert np.array_equal(*outputs)
    assert all(
        np.array_equal(old, new) for old, new in zip(before, ours.get_weights(), strict=True)
    )


def test_a_mask_is_obeyed_as_by_keras():
    inputs, mask = maps(4, 3, 3, 2), np.arange(36).reshape(4, 3, 3) % 3 > 0
    theirs, ours = (layer(inputs, training=True, mask=mask) for layer in pair(2))
    np.testing.assert_allclose(ours, theirs, rtol=1e-6)


def test_half_precision_goes_in_and_comes_out():
    layer = FusedBatchNormalization(dtype="mixed_float16")
    inputs = maps(4, 3, 3, 2)
    outputs = layer(inputs.astype("float16"), training=True)
    assert outputs.dtype == "float16"
    plain = keras.layers.BatchNormalization()(inputs, training=True)
    np.testing.assert_allclose(outputs, plain, atol=5e-3)


@pytest.mark.parametrize(
    ("shape", "settings"),
    [
        ((None, 3), {}),
        ((None, 4, 4, 3), {"axis": 1}),
        ((None, 4, 4, 3), {"scale": False}),
        ((None, 4, 4, 3), {"center": False}),
    ],
)
def test_what_it_cannot_do_is_refused(shape, settings):
    with pytest.raises(ValueError, match=r"needs maps of shape .*BatchNormalization takes all"):
        FusedBatchNormalization(**settings).build(shape)


def test_a_saved_network_comes_back(tmp_path):
    network = keras.Sequential([keras.Input((4, 4, 1)), FusedBatchNormalization(momentum=0.8)])
    network.save(tmp_path / "network.keras")
    back = keras.saving.load_model(tmp_path / "network.keras")
    assert isinstance(back.layers[0], FusedBatchNormalization)
    assert back.layers[0].momentum == 0.8
