"""Gradient clipping against the worked example, TensorFlow and Keras."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.scratch.clipping import clip_by_global_norm, clip_by_norm, global_norm


def test_three_four_becomes_the_unit_vector():
    np.testing.assert_allclose(clip_by_norm(np.array([3.0, 4.0]), 1.0), [0.6, 0.8], rtol=1e-15)
    clipped = clip_by_global_norm([np.array([3.0]), np.array([[4.0]])], 1.0)
    np.testing.assert_allclose(clipped[0], [0.6], rtol=1e-15)
    np.testing.assert_allclose(clipped[1], [[0.8]], rtol=1e-15)


def test_a_short_gradient_is_left_alone():
    tiny = np.array([3e-9, -4e-9])
    np.testing.assert_array_equal(clip_by_norm(tiny, 1.0), tiny)
    for one, other in zip(clip_by_global_norm([tiny, tiny], 1.0), [tiny, tiny], strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(clip_by_norm(np.zeros(3), 1.0), np.zeros(3))


def test_the_norm_is_over_everything():
    assert global_norm([np.array([1.0, 2.0]), np.array([[2.0], [4.0]])]) == 5.0
    assert global_norm([np.array(-3.0)]) == 3.0


arrays = st.lists(
    st.lists(st.floats(-50, 50, allow_subnormal=False), min_size=1, max_size=4),
    min_size=1,
    max_size=3,
)


@given(rows=arrays, largest=st.floats(0.01, 100))
def test_clipped_norms(rows, largest):
    gradients = [np.array(row) for row in rows]
    clipped = clip_by_global_norm(gradients, largest)
    assert global_norm(clipped) == pytest.approx(min(global_norm(gradients), largest), rel=1e-12)
    for before, after in zip(gradients, clipped, strict=True):
        assert np.all(before * after >= 0)
    alone = clip_by_norm(gradients[0], largest)
    expected = min(np.linalg.norm(gradients[0]), largest)
    assert np.linalg.norm(alone) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("largest", [0.5, 3.0, 1000.0])
def test_equal_to_tensorflow_and_keras(tf, keras, largest):
    generator = np.random.default_rng(1)
    gradients = [generator.normal(size=(4, 3)), 5 * generator.normal(size=3), np.array(2.0)]
    theirs, norm = tf.clip_by_global_norm([tf.constant(one) for one in gradients], largest)
    assert global_norm(gradients) == pytest.approx(float(norm), rel=1e-12)
    for ours, other in zip(clip_by_global_norm(gradients, largest), theirs, strict=True):
        np.testing.assert_allclose(ours, other.numpy(), atol=1e-12)
    for gradient in gradients:
        expected = tf.clip_by_norm(tf.constant(gradient), largest).numpy()
        np.testing.assert_allclose(clip_by_norm(gradient, largest), expected, atol=1e-12)
    pairs = (
        ("global_clipnorm", clip_by_global_norm(gradients, largest)),
        ("clipnorm", [clip_by_norm(one, largest) for one in gradients]),
    )
    for option, expected in pairs:
        variables = [keras.Variable(np.zeros_like(one), dtype="float64") for one in gradients]
        optimizer = keras.optimizers.SGD(1.0, **{option: largest})
        optimizer.apply([tf.constant(one) for one in gradients], variables)
        for variable, one in zip(variables, expected, strict=True):
            np.testing.assert_allclose(-variable.numpy(), one, atol=1e-6)


@pytest.mark.parametrize("largest", [0.0, -1.0, float("nan")])
def test_needs_a_positive_norm(largest):
    with pytest.raises(ValueError, match="clip_by_norm: largest should be positive"):
        clip_by_norm(np.ones(2), largest)
    with pytest.raises(ValueError, match="clip_by_global_norm: largest should be positive"):
        clip_by_global_norm([np.ones(2)], largest)
