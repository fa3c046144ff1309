"""Language models are trained on what they are given, and measured as the formula says."""

import numpy as np
import pytest

from course_lib.lesson import quiet_stderr
from course_lib.training.language_model import (
    fit_language_model,
    language_model_loss,
    ten_steps,
    windows,
)

with quiet_stderr():
    import keras

    from course_lib.models.gpt import GPT


def test_targets_are_the_next_tokens():
    ids = np.arange(100, 130)
    inputs, targets = windows(ids, 500, 6, np.random.default_rng(0))
    assert inputs.shape == targets.shape == (500, 6)
    assert inputs.dtype == targets.dtype == np.int32
    np.testing.assert_array_equal(targets, inputs + 1)
    # Every beginning occurs, the first and the last one too.
    assert set(inputs[:, 0]) == set(range(100, 124))


def test_a_text_without_one_stretch_is_refused():
    windows(np.arange(7), 1, 6, np.random.default_rng(0))
    with pytest.raises(ValueError, match="more than 6 tokens, the length of a stretch, but has 6"):
        windows(np.arange(6), 1, 6, np.random.default_rng(0))
    with pytest.raises(ValueError, match="more than 6 tokens"):
        language_model_loss(None, np.arange(6), 6)


def test_whole_texts_stay_whole():
    rows = np.arange(30).reshape(5, 6)
    inputs, targets = windows(rows, 200, 5, np.random.default_rng(0))
    np.testing.assert_array_equal(targets, inputs + 1)
    assert set(inputs[:, 0]) == {0, 6, 12, 18, 24}
    for function in (
        lambda: windows(rows, 1, 4, None),
        lambda: language_model_loss(None, rows, 4),
    ):
        with pytest.raises(ValueError, match=r"have 5 tokens, one more than .*, but have 6"):
            function()


def small(seed=0):
    keras.utils.set_random_seed(seed)
    return GPT(5, 6, 8, 1, 2)


TEXT = np.tile([0, 1, 2, 3, 4, 3], 50)


@pytest.mark.parametrize("compiled", [False, True])
def test_training_goes_on_where_it_stopped(compiled):
    model, optimizer = small(), keras.optimizers.Adam(0.01)
    generator = np.random.default_rng(0)
    inputs, targets = windows(TEXT, 40, 6, np.random.default_rng(0))
    first = keras.losses.sparse_categorical_crossentropy(
        targets[:4], model(inputs[:4]), from_logits=True
    )
    loop = ten_steps(model, optimizer, compiled)
    losses = [fit_language_model(loop, TEXT, 100, 6, generator, 4) for _ in "ab"]
    assert losses[0].shape == (100,)
    assert losses[0][0] == pytest.approx(np.mean(first), abs=1e-5)
    assert int(optimizer.iterations) == 200
    assert losses[1][0] < losses[0][0] - 0.5
    assert losses[1][-10:].mean() < losses[1][:10].mean()


def test_compiled_or_not_it_computes_the_same():
    runs = []
    for compiled in (False, True):
        loop = ten_steps(small(), keras.optimizers.Adam(0.01), compiled)
        runs.append(fit_language_model(loop, TEXT, 20, 6, np.random.default_rng(1), 4))
    np.testing.assert_allclose(*runs, atol=1e-4)


@pytest.mark.parametrize("steps", [0, -10, 15])
def test_steps_come_in_tens(steps):
    with pytest.raises(ValueError, match=f"a multiple of 10, but is {steps}"):
        fit_language_model(None, TEXT, steps, 6, None)


@pytest.mark.parametrize("batch_size", [2, 64])
def test_the_loss_is_the_mean_over_whole_stretches(batch_size):
    model = small(3)
    ids = np.random.default_rng(3).integers(0, 5, 6 * 7 + 4)
    logits = model(ids[:42].reshape(7, 6)).numpy().reshape(42, 5).astype(float)
    logs = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    expected = -np.mean(logs[np.arange(42), ids[1:43]])
    assert language_model_loss(model, ids, 6, batch_size) == pytest.approx(expected, abs=1e-6)


def test_the_loss_of_whole_texts_is_the_loss_of_each():
    model = small(4)
    rows = np.random.default_rng(4).integers(0, 5, (9, 7))
    each = [language_model_loss(model, row, 6) for row in rows]
    assert language_model_loss(model, rows, 6, 4) == pytest.approx(np.mean(each), abs=1e-6)
