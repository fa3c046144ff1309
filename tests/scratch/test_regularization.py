"""Dropout, weight decay and early stopping: their definitions, and Keras."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.scratch.gradient_check import gradient_error
from course_lib.scratch.optimizers import Adam, AdamW, GradientDescent
from course_lib.scratch.regularization import (
    decay_weights,
    dropout_mask,
    early_stopping,
    l2_gradient,
    l2_penalty,
)


@pytest.mark.parametrize("rate", [0.0, 0.2, 0.5, 0.9])
def test_the_mask_drops_a_share_and_keeps_the_mean(rate):
    mask = dropout_mask((400, 500), rate, np.random.default_rng(1))
    assert mask.shape == (400, 500)
    assert set(np.unique(mask)) <= {0.0, 1 / (1 - rate)}
    assert abs(np.mean(mask == 0) - rate) < 0.01
    assert abs(mask.mean() - 1) < 0.02


def test_the_mask_is_that_of_keras(keras):
    x = np.random.default_rng(2).normal(size=(30, 40)) + 5
    theirs = keras.layers.Dropout(0.3, seed=1, dtype="float64")(x, training=True).numpy()
    kept = theirs != 0
    np.testing.assert_allclose(theirs, x * kept / (1 - 0.3), rtol=1e-6)
    assert set(np.unique(dropout_mask(x.shape, 0.3, np.random.default_rng(3)))) == {0.0, 1 / 0.7}


@pytest.mark.parametrize("rate", [-0.1, 1.0, 1.5, float("nan")])
def test_a_rate_is_a_share(rate):
    with pytest.raises(ValueError, match="rate should be from 0 to below 1"):
        dropout_mask((2,), rate, np.random.default_rng(1))


def test_l2_equals_keras_and_has_its_gradient(keras):
    weights = np.random.default_rng(4).normal(size=(3, 2))
    assert l2_penalty(np.array([3.0, -4.0]), 0.1) == pytest.approx(2.5)
    theirs = keras.regularizers.L2(0.3)(keras.ops.convert_to_tensor(weights, dtype="float64"))
    assert l2_penalty(weights, 0.3) == pytest.approx(float(theirs), rel=1e-6)
    error = gradient_error(lambda w: l2_penalty(w, 0.3), l2_gradient(weights, 0.3), weights)
    assert error < 1e-8


def test_for_gradient_descent_decay_is_an_l2_penalty_and_for_adam_it_is_not():
    weights, gradient = np.array([2.0, -1.0]), np.array([0.3, 0.1])
    decayed = GradientDescent(0.1).step(decay_weights(weights, 0.1, 0.5), gradient)
    penalised = GradientDescent(0.1).step(weights, gradient + l2_gradient(weights, 0.25))
    np.testing.assert_allclose(decayed, penalised, rtol=1e-14)
    decayed = Adam(0.1).step(decay_weights(weights, 0.1, 0.5), gradient)
    np.testing.assert_allclose(decayed, AdamW(0.1, 0.5).step(weights, gradient), rtol=1e-14)
    penalised = Adam(0.1).step(weights, gradient + l2_gradient(weights, 0.25))
    assert np.abs(decayed - penalised).max() > 0.04


@pytest.mark.parametrize(
    ("losses", "patience", "expected"),
    [
        ([5.0, 4.0, 3.0], 1, (2, 2)),
        ([5.0, 4.0, 4.5, 3.0], 1, (1, 2)),
        ([5.0, 4.0, 4.5, 3.0], 2, (3, 3)),
        ([3.0, 4.0, 3.5, 3.2, 1.0], 2, (0, 2)),
        ([3.0, 3.0, 3.0], 1, (0, 1)),
        ([1.0, float("nan"), float("nan"), 0.5], 2, (0, 2)),
        ([2.0], 3, (0, 0)),
    ],
)
def test_early_stopping_by_hand(losses, patience, expected):
    assert early_stopping(losses, patience) == expected


@given(st.lists(st.integers(0, 9), min_size=1, max_size=12), st.integers(1, 4))
def test_early_stopping_equals_keras(losses, patience):
    from course_lib.lesson import quiet_stderr

    with quiet_stderr():
        import keras

    class Model:
        stop_training = False

        def get_weights(self):
            return []

        def set_weights(self, weights):
            pass

    callback = keras.callbacks.EarlyStopping(
        "val_loss", patience=patience, mode="min", restore_best_weights=True
    )
    callback.set_model(Model())
    callback.on_train_begin()
    for epoch, loss in enumerate(losses):
        callback.on_epoch_end(epoch, {"val_loss": loss})
        if callback.model.stop_training:
            break
    assert early_stopping(losses, patience) == (callback.best_epoch, epoch)


def test_early_stopping_needs_losses_and_patience():
    with pytest.raises(ValueError, match="got 0 losses and a patience of 1"):
        early_stopping([], 1)
    with pytest.raises(ValueError, match="got 2 losses and a patience of 0"):
        early_stopping([1.0, 2.0], 0)
    with pytest.raises(ValueError, match="validation_losses"):
        early_stopping(3.0, 1)
