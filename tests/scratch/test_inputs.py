"""Losses take what people hand in, and say what they do not take."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.scratch import losses

PAIRS = {
    losses.mean_squared_error: "numbers",
    losses.mean_absolute_error: "numbers",
    losses.huber: "numbers",
    losses.mean_squared_error_gradient: "numbers",
    losses.mean_absolute_error_gradient: "numbers",
    losses.huber_gradient: "numbers",
    losses.binary_cross_entropy: "shares",
    losses.binary_cross_entropy_gradient: "shares",
    losses.binary_cross_entropy_from_logits: "truths",
    losses.binary_cross_entropy_from_logits_gradient: "truths",
}


@pytest.mark.parametrize("function", PAIRS)
@given(
    size=st.integers(1, 6),
    seed=st.integers(0, 2**32 - 1),
    kind=st.sampled_from([list, np.uint8, np.bool_, np.int32, np.float16, np.float32]),
)
def test_every_kind_of_number_gives_what_floats_give(function, size, seed, kind):
    generator = np.random.default_rng(seed)
    top = {"numbers": 255, "shares": 1, "truths": 1}[PAIRS[function]]
    targets, predictions = generator.integers(0, top + 1, (2, size)).astype(float)
    if kind is np.bool_:
        targets, predictions = targets > 0, predictions > 0
    expected = function(np.array(targets, float), np.array(predictions, float))
    one, two = (
        values.tolist() if kind is list else values.astype(kind)
        for values in (targets, predictions)
    )
    # 1 - 1e-7, where probabilities are cut off, is 1 - 1.2e-7 in float32, as in Keras.
    cut = kind is np.float32 and PAIRS[function] == "shares"
    np.testing.assert_allclose(function(one, two), expected, rtol=0.2 if cut else 1e-4, atol=1e-6)


@pytest.mark.parametrize("function", PAIRS)
def test_nothing_has_no_loss(function):
    with pytest.raises(ValueError, match="should not be empty"):
        function([], [])


def test_infinite_logits_have_the_loss_they_should_have():
    infinite = np.array([np.inf, -np.inf])
    assert losses.binary_cross_entropy_from_logits([1, 0], [800.0, -800.0]) == 0
    assert losses.mean_absolute_error([0.0, 0.0], infinite) == np.inf
