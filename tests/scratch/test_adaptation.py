"""Low-rank adaptation and preferences: against finite differences and Keras."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.lesson import quiet_stderr
from course_lib.scratch import adaptation
from course_lib.scratch.gradient_check import gradient_error

SIZES = st.integers(1, 5)


def layer_of(seed, rows, n, m, rank):
    generator = np.random.default_rng(seed)
    shapes = [(*rows, n), (n, m), (n, rank), (rank, m)]
    return [generator.normal(size=shape) for shape in shapes]


@given(st.integers(0, 99), SIZES, SIZES, SIZES, SIZES, st.sampled_from([0.5, 1.0, 2.0]))
@settings(deadline=None, max_examples=30)
def test_forward_is_that_of_the_merged_kernel(seed, rows, n, m, rank, scale):
    x, kernel, a, b = layer_of(seed, (rows,), n, m, rank)
    merged = adaptation.merge_lora(kernel, a, b, scale)
    assert merged.shape == (n, m)
    ours = adaptation.lora_forward(x, kernel, a, b, scale)
    np.testing.assert_allclose(ours, x @ merged, atol=1e-10)
    assert np.linalg.matrix_rank(merged - kernel) <= rank


def test_zeros_in_b_change_nothing_at_all():
    x, kernel, a, b = layer_of(1, (4, 3), 6, 5, 2)
    np.testing.assert_array_equal(adaptation.lora_forward(x, kernel, a, 0 * b, 2.0), x @ kernel)
    np.testing.assert_array_equal(adaptation.merge_lora(kernel, a, 0 * b, 2.0), kernel)


@given(st.integers(0, 99), SIZES, SIZES, SIZES, SIZES, st.sampled_from([0.5, 1.0, 2.0]))
@settings(deadline=None, max_examples=25)
def test_gradients_are_those_of_finite_differences(seed, rows, n, m, rank, scale):
    x, kernel, a, b = layer_of(seed, (2, rows), n, m, rank)
    blame = np.random.default_rng(seed + 1).normal(size=(2, rows, m))

    def loss(x=x, a=a, b=b):
        return np.sum(adaptation.lora_forward(x, kernel, a, b, scale) * blame)

    x_gradient, a_gradient, b_gradient = adaptation.lora_backward(blame, x, kernel, a, b, scale)
    assert gradient_error(lambda one: loss(x=one), x_gradient, x) < 1e-6
    assert gradient_error(lambda one: loss(a=one), a_gradient, a) < 1e-6
    assert gradient_error(lambda one: loss(b=one), b_gradient, b) < 1e-6


@pytest.mark.parametrize(("rank", "alpha"), [(1, None), (2, 8), (4, 2)])
def test_forward_gradients_and_a_step_are_those_of_keras(rank, alpha):
    with quiet_stderr():
        import keras
        import tensorflow as tf
    layer = keras.layers.Dense(7, use_bias=False)
    layer.build((None, 5))
    layer.enable_lora(rank, lora_alpha=alpha)
    generator = np.random.default_rng(rank)
    a, b = (
        0.5 * generator.normal(size=shape).astype("float32") for shape in [(5, rank), (rank, 7)]
    )
    layer.lora_kernel_a.assign(a)
    layer.lora_kernel_b.assign(b)
    x, blame = (0.5 * generator.normal(size=(3, k)).astype("float32") for k in (5, 7))
    kernel, scale = layer._kernel.numpy(), (alpha or rank) / rank
    wide = [one.astype(float) for one in (blame, x, kernel, a, b)]
    _, a_gradient, b_gradient = adaptation.lora_backward(*wide, scale)
    output = adaptation.lora_forward(*wide[1:], scale)
    np.testing.assert_allclose(layer(x).numpy(), output, atol=1e-6)
    merged = adaptation.merge_lora(*wide[2:], scale)
    np.testing.assert_allclose(np.asarray(layer.kernel), merged, atol=1e-6)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer(x) * blame)
    variables = layer.trainable_variables
    gradients = tape.gradient(loss, variables)
    assert [one.shape for one in variables] == [(5, rank), (rank, 7)]
    np.testing.assert_allclose(gradients[0], a_gradient, atol=1e-6)
    np.testing.assert_allclose(gradients[1], b_gradient, atol=1e-6)
    keras.optimizers.SGD(0.1).apply(gradients, variables)
    np.testing.assert_allclose(layer.lora_kernel_a.numpy(), a - 0.1 * a_gradient, atol=1e-6)
    np.testing.assert_allclose(layer.lora_kernel_b.numpy(), b - 0.1 * b_gradient, atol=1e-6)
    np.testing.assert_array_equal(layer._kernel.numpy(), kernel)


@pytest.mark.parametrize(
    ("place", "shape"), [(0, (3, 6)), (1, (6, 5)), (2, (4, 2)), (3, (3, 4)), (3, (2, 5))]
)
def test_shapes_that_do_not_fit_are_refused(place, shape):
    given = layer_of(1, (3,), 5, 4, 2)
    given[place] = np.zeros(shape)
    with pytest.raises(ValueError, match="should have shape"):
        adaptation.lora_forward(*given, 1.0)
    with pytest.raises(ValueError, match="should have shape"):
        adaptation.lora_backward(np.zeros((3, 4)), *given, 1.0)


def test_scale_is_one_number():
    given = layer_of(1, (3,), 5, 4, 2)
    with pytest.raises(ValueError, match="scale"):
        adaptation.merge_lora(*given[1:], np.ones(2))


def pairs_of(seed, count):
    return np.random.default_rng(seed).normal(-50, 5, size=(4, count))


def test_a_pair_by_hand():
    one = [np.array([number]) for number in (-48.0, -52.0, -50.0, -51.0)]
    expected = np.log(1 + np.exp(-0.1 * (2 + 1)))
    assert adaptation.dpo_loss(*one, 0.1) == pytest.approx(expected, abs=1e-12)
    chosen, rejected = adaptation.dpo_gradient(*one, 0.1)
    doubt = 1 / (1 + np.exp(0.3))
    np.testing.assert_allclose(chosen, [-0.1 * doubt], atol=1e-12)
    np.testing.assert_allclose(rejected, [0.1 * doubt], atol=1e-12)


def test_before_training_the_loss_is_log_2_whatever_the_pairs():
    chosen, rejected = pairs_of(3, 7)[:2]
    assert adaptation.dpo_loss(chosen, rejected, chosen, rejected, 0.3) == pytest.approx(np.log(2))


@given(st.integers(0, 99), st.integers(1, 6), st.sampled_from([0.03, 0.5, 3.0]))
@settings(deadline=None, max_examples=30)
def test_preference_gradients_are_those_of_finite_differences(seed, count, beta):
    chosen, rejected, *before = pairs_of(seed, count)
    gradients = adaptation.dpo_gradient(chosen, rejected, *before, beta)
    error = gradient_error(
        lambda one: adaptation.dpo_loss(one, rejected, *before, beta), gradients[0], chosen
    )
    assert error < 1e-6
    error = gradient_error(
        lambda one: adaptation.dpo_loss(chosen, one, *before, beta), gradients[1], rejected
    )
    assert error < 1e-6


def test_large_margins_do_not_overflow():
    far, zero = np.array([1e4, -1e4]), np.zeros(2)
    assert adaptation.dpo_loss(far, zero, zero, zero, 1.0) == pytest.approx(5e3)
    chosen, _ = adaptation.dpo_gradient(far, zero, zero, zero, 1.0)
    np.testing.assert_allclose(chosen, [0.0, -0.5], atol=1e-12)


@pytest.mark.parametrize("function", [adaptation.dpo_loss, adaptation.dpo_gradient])
def test_pairs_that_cannot_be_judged_are_refused(function):
    four = pairs_of(1, 3)
    for beta in (0.0, -0.1, np.inf, np.nan):
        with pytest.raises(ValueError, match="beta should be a positive number"):
            function(*four, beta)
    with pytest.raises(ValueError, match="at least one pair"):
        function(*four[:, :0], 0.1)
    with pytest.raises(ValueError, match="rejected should have shape"):
        function(four[0], four[1][:2], *four[2:], 0.1)
