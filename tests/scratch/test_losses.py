"""The losses against Keras, by finite differences, and at the ends of their range."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.lesson import quiet_stderr
from course_lib.scratch import losses
from course_lib.scratch.gradient_check import gradient_error, numerical_gradient

SEEDS = st.integers(0, 2**32 - 1)
SHAPES = st.lists(st.integers(1, 4), min_size=1, max_size=3).map(tuple)
ROWS, CLASSES = st.integers(1, 5), st.integers(2, 6)


@pytest.fixture(scope="module")
def keras_losses():
    with quiet_stderr():
        import keras

        # A first call loads TensorFlow's kernels, which write to descriptor 2.
        keras.losses.MeanSquaredError()([[0.0]], [[0.0]])
    return keras.losses


def probabilities_from(logits):
    exponentials = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


def classification(seed, rows, classes, scale=2.0):
    generator = np.random.default_rng(seed)
    logits = scale * generator.normal(size=(rows, classes))
    labels = generator.integers(0, classes, rows)
    return labels, np.eye(classes)[labels], logits


def binary(seed, shape):
    generator = np.random.default_rng(seed)
    return (generator.random(shape) < 0.5).astype(float), 3 * generator.normal(size=shape)


def regression(seed, shape):
    generator = np.random.default_rng(seed)
    targets = generator.normal(size=shape)
    # Errors stay away from 0 and from Huber's delta, where no derivative exists.
    sizes = generator.choice([0.3, 0.6, 1.4, 3.0], size=shape) + 0.1 * generator.random(shape)
    return targets, targets + sizes * generator.choice([-1, 1], size=shape)


# Against Keras ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("ours", "name", "options"),
    [
        (losses.mean_squared_error, "MeanSquaredError", {}),
        (losses.mean_absolute_error, "MeanAbsoluteError", {}),
        (losses.huber, "Huber", {}),
    ],
)
@settings(deadline=None, max_examples=25)
@given(seed=SEEDS, shape=SHAPES)
def test_regression_losses_equal_keras(keras_losses, ours, name, options, seed, shape):
    targets, predictions = regression(seed, shape)
    theirs = getattr(keras_losses, name)(**options, dtype="float64")(targets, predictions)
    assert ours(targets, predictions) == pytest.approx(float(theirs), rel=1e-12)


@pytest.mark.parametrize("delta", [0.25, 1.0, 2.5])
def test_huber_equals_keras_for_each_delta(keras_losses, delta):
    targets, predictions = regression(5, (7, 3))
    theirs = float(keras_losses.Huber(delta=delta, dtype="float64")(targets, predictions))
    assert losses.huber(targets, predictions, delta) == pytest.approx(theirs, rel=1e-12)


@settings(deadline=None, max_examples=25)
@given(seed=SEEDS, shape=SHAPES)
def test_binary_cross_entropies_equal_keras(keras_losses, seed, shape):
    targets, logits = binary(seed, shape)
    chances = 1 / (1 + np.exp(-logits))
    keras_loss = keras_losses.BinaryCrossentropy(dtype="float64")
    keras_from_logits = keras_losses.BinaryCrossentropy(from_logits=True, dtype="float64")
    from_probabilities = losses.binary_cross_entropy(targets, chances)
    from_logits = losses.binary_cross_entropy_from_logits(targets, logits)
    assert from_probabilities == pytest.approx(float(keras_loss(targets, chances)), rel=1e-9)
    assert from_logits == pytest.approx(float(keras_from_logits(targets, logits)), rel=1e-12)
    assert from_probabilities == pytest.approx(from_logits, abs=1e-6)


@settings(deadline=None, max_examples=25)
@given(seed=SEEDS, rows=ROWS, classes=CLASSES)
def test_categorical_cross_entropies_equal_keras(keras_losses, seed, rows, classes):
    labels, targets, logits = classification(seed, rows, classes)
    p = probabilities_from(logits)
    dense = keras_losses.CategoricalCrossentropy
    sparse = keras_losses.SparseCategoricalCrossentropy
    pairs = [
        (losses.categorical_cross_entropy(targets, p), dense(dtype="float64")(targets, p)),
        (
            losses.categorical_cross_entropy_from_logits(targets, logits),
            dense(from_logits=True, dtype="float64")(targets, logits),
        ),
        (
            losses.sparse_categorical_cross_entropy(labels, p),
            sparse(dtype="float64")(labels, p),
        ),
        (
            losses.sparse_categorical_cross_entropy_from_logits(labels, logits),
            sparse(from_logits=True, dtype="float64")(labels, logits),
        ),
    ]
    for ours, theirs in pairs:
        assert ours == pytest.approx(float(theirs), abs=1e-6)
    assert np.ptp([ours for ours, _ in pairs]) < 1e-6


@pytest.mark.parametrize("target", [0.0, 1.0])
def test_a_certain_error_costs_what_keras_says(keras_losses, target):
    targets, wrong = np.array([target]), np.array([1 - target])
    theirs = float(keras_losses.BinaryCrossentropy(dtype="float64")(targets, wrong))
    # float(Keras) is limited by its float32 value of 1 - 1e-7.
    assert losses.binary_cross_entropy(targets, wrong) == pytest.approx(theirs, rel=0.01)
    assert losses.binary_cross_entropy(targets, wrong) == pytest.approx(16.118, abs=5e-4)


def test_a_certain_categorical_error_costs_sixteen():
    targets, wrong = np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])
    assert losses.categorical_cross_entropy(targets, wrong) == pytest.approx(16.118, abs=5e-4)
    sparse = losses.sparse_categorical_cross_entropy(np.array([0]), wrong)
    assert sparse == pytest.approx(16.118, abs=5e-4)


# Gradients --------------------------------------------------------------------


@pytest.mark.parametrize("name", ["mean_squared_error", "mean_absolute_error", "huber"])
@settings(deadline=None, max_examples=25)
@given(seed=SEEDS, shape=SHAPES)
def test_regression_gradients(name, seed, shape):
    targets, predictions = regression(seed, shape)
    gradient = getattr(losses, f"{name}_gradient")(targets, predictions)

    def loss(point):
        return getattr(losses, name)(targets, point)

    assert gradient.shape == shape
    assert gradient_error(loss, gradient, predictions) < 1e-8


@pytest.mark.parametrize("delta", [0.25, 2.5])
def test_huber_gradient_for_each_delta(delta):
    targets, predictions = regression(5, (7, 3))
    gradient = losses.huber_gradient(targets, predictions, delta)
    assert gradient_error(lambda f: losses.huber(targets, f, delta), gradient, predictions) < 1e-8


def test_absolute_error_is_flat_at_no_error():
    assert losses.mean_absolute_error_gradient(np.zeros(2), np.zeros(2)).tolist() == [0.0, 0.0]


@settings(deadline=None, max_examples=25)
@given(seed=SEEDS, shape=SHAPES)
def test_binary_gradients(seed, shape):
    targets, logits = binary(seed, shape)
    chances = np.clip(1 / (1 + np.exp(-logits)), 0.01, 0.99)
    gradient = losses.binary_cross_entropy_gradient(targets, chances)
    error = gradient_error(
        lambda p: losses.binary_cross_entropy(targets, p), gradient, chances, step=1e-6
    )
    assert error < 1e-6
    gradient = losses.binary_cross_entropy_from_logits_gradient(targets, logits)
    error = gradient_error(
        lambda z: losses.binary_cross_entropy_from_logits(targets, z), gradient, logits
    )
    assert error < 1e-8


@settings(deadline=None, max_examples=25)
@given(seed=SEEDS, rows=ROWS, classes=CLASSES)
def test_categorical_gradients(seed, rows, classes):
    labels, targets, logits = classification(seed, rows, classes)
    p = probabilities_from(0.5 * logits)
    for name, first in [("categorical", targets), ("sparse_categorical", labels)]:
        loss = getattr(losses, f"{name}_cross_entropy")
        gradient = getattr(losses, f"{name}_cross_entropy_gradient")(first, p)
        # Bound as defaults: the loop's names change before the function runs.
        error = gradient_error(lambda q, f=first, g=loss: g(f, q), gradient, p, step=1e-6)
        assert error < 1e-6
        loss = getattr(losses, f"{name}_cross_entropy_from_logits")
        gradient = getattr(losses, f"{name}_cross_entropy_from_logits_gradient")(first, logits)
        error = gradient_error(lambda z, f=first, g=loss: g(f, z), gradient, logits)
        assert error < 1e-8


@settings(deadline=None, max_examples=25)
@given(seed=SEEDS, rows=ROWS, classes=CLASSES)
def test_softmax_with_cross_entropy_has_the_gradient_p_minus_y(seed, rows, classes):
    _, targets, logits = classification(seed, rows, classes)
    p = probabilities_from(logits)
    gradient = losses.categorical_cross_entropy_from_logits_gradient(targets, logits)
    np.testing.assert_allclose(gradient, (p - targets) / rows, rtol=0, atol=1e-14)
    # The chain rule through the softmax gives the same: dL/dz_j = p_j (g_j - sum_k g_k p_k).
    through = -targets / p / rows
    chain = p * (through - (through * p).sum(axis=1, keepdims=True))
    np.testing.assert_allclose(gradient, chain, rtol=0, atol=1e-10)


def test_gradients_equal_tensorflow(keras_losses):
    import tensorflow as tf

    labels, targets, logits = classification(8, 6, 4)
    cases = [
        ("categorical_cross_entropy_from_logits_gradient", targets, "CategoricalCrossentropy"),
        (
            "sparse_categorical_cross_entropy_from_logits_gradient",
            labels,
            "SparseCategoricalCrossentropy",
        ),
    ]
    for ours, first, theirs in cases:
        point = tf.Variable(logits, dtype="float64")
        with tf.GradientTape() as tape:
            loss = getattr(keras_losses, theirs)(from_logits=True, dtype="float64")(first, point)
        gradient = tape.gradient(loss, point)
        np.testing.assert_allclose(getattr(losses, ours)(first, logits), gradient, atol=1e-12)


def test_binary_gradient_equals_tensorflow_where_keras_clips(keras_losses):
    import tensorflow as tf

    targets, chances = np.array([1.0, 0.0, 1.0]), np.array([0.0, 1.0, 0.25])
    point = tf.Variable(chances, dtype="float64")
    with tf.GradientTape() as tape:
        loss = keras_losses.BinaryCrossentropy(dtype="float64")(targets, point)
    gradient = losses.binary_cross_entropy_gradient(targets, chances)
    np.testing.assert_allclose(gradient, tape.gradient(loss, point), atol=1e-9)
    assert gradient.tolist() == [0.0, 0.0, pytest.approx(-4 / 3)]


def test_categorical_gradient_is_zero_where_the_probability_was_moved():
    targets, p = np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])
    assert not losses.categorical_cross_entropy_gradient(targets, p).any()
    assert not losses.sparse_categorical_cross_entropy_gradient(np.array([0]), p).any()


@pytest.mark.parametrize(
    ("y", "z", "expected"),
    [
        (1, 1e-6, -1e6),
        (1, 0.5, -2.0),
        (1, 1 - 1e-6, -1.000001),
        (0, 1e-6, 1.000001),
        (0, 0.5, 2.0),
        (0, 1 - 1e-6, 1e6),
    ],
)
def test_the_slope_of_the_binary_cross_entropy_is_never_zero_inside(y, z, expected):
    slope = losses.binary_cross_entropy_gradient(np.array([float(y)]), np.array([z]))
    assert slope[0] == pytest.approx(expected, rel=1e-6)


# Closed forms -----------------------------------------------------------------


def test_one_error_by_hand():
    targets, predictions = np.array([1.0, 2.0]), np.array([1.5, 5.0])
    assert losses.mean_squared_error(targets, predictions) == pytest.approx(9.25 / 2)
    assert losses.mean_absolute_error(targets, predictions) == pytest.approx(3.5 / 2)
    assert losses.huber(targets, predictions) == pytest.approx((0.125 + 2.5) / 2)
    assert losses.huber_gradient(targets, predictions).tolist() == [0.25, 0.5]
    assert losses.mean_squared_error_gradient(targets, predictions).tolist() == [0.5, 3.0]


@settings(deadline=None, max_examples=25)
@given(seed=SEEDS, rows=st.integers(1, 6), outputs=st.integers(1, 6))
def test_four_scalings_of_the_squared_error(seed, rows, outputs):
    targets, predictions = regression(seed, (rows, outputs))
    scalings = {
        "half the sum": (lambda f: 0.5 * np.sum((f - targets) ** 2), rows * outputs / 2),
        "mean": (lambda f: np.mean((f - targets) ** 2), 1),
        "mean over rows of half sums": (
            lambda f: np.mean(0.5 * np.sum((f - targets) ** 2, axis=1)),
            outputs / 2,
        ),
        "sum over twice the rows": (
            lambda f: np.sum((f - targets) ** 2) / (2 * rows),
            outputs / 2,
        ),
    }
    reference = losses.mean_squared_error(targets, predictions)
    gradient = losses.mean_squared_error_gradient(targets, predictions)
    for function, ratio in scalings.values():
        assert function(predictions) / reference == pytest.approx(ratio, rel=1e-10)
        estimate = numerical_gradient(function, predictions)
        np.testing.assert_allclose(estimate, ratio * gradient, atol=1e-7)


@pytest.mark.parametrize(("classes", "top", "least"), [(10, 0.232, 1.461), (1000, 0.00271, 5.91)])
def test_two_softmaxes_cap_the_top_probability(classes, top, least):
    certain = np.eye(classes)[:1]
    p = probabilities_from(certain)
    assert p.max() == pytest.approx(math.e / (math.e + classes - 1))
    assert p.max() == pytest.approx(top, rel=3e-3)
    loss = losses.categorical_cross_entropy_from_logits(certain, certain)
    assert loss == pytest.approx(least, abs=5e-3)


# Stability --------------------------------------------------------------------


@pytest.mark.parametrize("size", [30.0, 1000.0, 1e6])
def test_from_logits_is_stable(size):
    logits = np.array([[size, -size, 0.0], [-size, size, 0.0]])
    targets = np.array([[1.0, 0.0, 0.0], [1.0, 0.0, 0.0]])
    labels = np.array([0, 0])
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        assert losses.log_sum_exp(logits) == pytest.approx([size, size])
        loss = losses.categorical_cross_entropy_from_logits(targets, logits)
        sparse = losses.sparse_categorical_cross_entropy_from_logits(labels, logits)
        gradient = losses.categorical_cross_entropy_from_logits_gradient(targets, logits)
        assert loss == pytest.approx(size)
        assert sparse == pytest.approx(size)
        np.testing.assert_allclose(gradient, [[0, 0, 0], [-0.5, 0.5, 0]], atol=1e-12)


@pytest.mark.parametrize("size", [30.0, 700.0])
def test_binary_from_logits_is_stable(size):
    targets, logits = np.array([1.0, 0.0, 1.0, 0.0]), np.array([size, -size, -size, size])
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        loss = losses.binary_cross_entropy_from_logits(targets, logits)
        gradient = losses.binary_cross_entropy_from_logits_gradient(targets, logits)
    assert loss == pytest.approx(size / 2)
    np.testing.assert_allclose(gradient, [0, 0, -0.25, 0.25], atol=1e-12)


def test_binary_from_logits_survives_a_thousand():
    targets, logits = np.array([1.0, 0.0]), np.array([-1000.0, 1000.0])
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        assert losses.binary_cross_entropy_from_logits(targets, logits) == pytest.approx(1000)
        gradient = losses.binary_cross_entropy_from_logits_gradient(targets, logits)
    assert gradient.tolist() == [-0.5, 0.5]


def test_from_logits_is_stable_in_float32_too():
    logits = np.array([[1000.0, -1000.0]], dtype=np.float32)
    loss = losses.sparse_categorical_cross_entropy_from_logits(np.array([1]), logits)
    assert loss == pytest.approx(2000)


@settings(deadline=None, max_examples=25)
@given(seed=SEEDS, shape=SHAPES, shift=st.floats(-500, 500))
def test_log_sum_exp(seed, shape, shift):
    logits = np.random.default_rng(seed).normal(size=shape)
    plain = np.log(np.sum(np.exp(logits), axis=-1))
    np.testing.assert_allclose(losses.log_sum_exp(logits), plain, atol=1e-12)
    np.testing.assert_allclose(losses.log_sum_exp(logits + shift), plain + shift, atol=1e-10)


# Shapes -----------------------------------------------------------------------

SAME_SHAPE = [
    losses.mean_squared_error,
    losses.mean_squared_error_gradient,
    losses.mean_absolute_error,
    losses.mean_absolute_error_gradient,
    losses.huber,
    losses.huber_gradient,
    losses.binary_cross_entropy,
    losses.binary_cross_entropy_gradient,
    losses.binary_cross_entropy_from_logits,
    losses.binary_cross_entropy_from_logits_gradient,
]
ONE_HOT = [
    losses.categorical_cross_entropy,
    losses.categorical_cross_entropy_gradient,
    losses.categorical_cross_entropy_from_logits,
    losses.categorical_cross_entropy_from_logits_gradient,
]
LABELS = [
    losses.sparse_categorical_cross_entropy,
    losses.sparse_categorical_cross_entropy_gradient,
    losses.sparse_categorical_cross_entropy_from_logits,
    losses.sparse_categorical_cross_entropy_from_logits_gradient,
]


@pytest.mark.parametrize("function", SAME_SHAPE)
def test_a_column_against_a_row_is_refused(function):
    # NumPy would broadcast (n, 1) against (n,) to (n, n) without a word.
    with pytest.raises(ValueError, match=r"should have shape .*\(3,\)"):
        function(np.full((3, 1), 0.5), np.full(3, 0.5))


@pytest.mark.parametrize("function", ONE_HOT)
def test_one_hot_targets_must_fit(function):
    with pytest.raises(ValueError, match=r"should have shape \(n, k\) with k = 3"):
        function(np.full((2, 3), 0.5), np.full((2, 4), 0.5))


@pytest.mark.parametrize("function", LABELS)
def test_labels_must_fit(function):
    with pytest.raises(ValueError, match=r"should have shape \(n, k\) with n = 3"):
        function(np.zeros(3, dtype=int), np.full((2, 4), 0.25))
    for label in (4, -1, 0.0, True):
        with pytest.raises(ValueError, match="labels should be whole numbers from 0 to 3"):
            function(np.array([label]), np.full((1, 4), 0.25))


def test_log_sum_exp_needs_an_axis():
    with pytest.raises(ValueError, match="log_sum_exp: logits should have shape"):
        losses.log_sum_exp(np.float64(3.0))


# A probability inside Keras's limits of 1e-7 and 1 - 1e-7 is taken as it is,
# one outside them as the limit.
NEAR_THE_ENDS = [
    (0.0, 1e-7),
    (5e-8, 1e-7),
    (2e-7, 2e-7),
    (5e-4, 5e-4),
    (1 - 5e-4, 1 - 5e-4),
    (1 - 2e-7, 1 - 2e-7),
    (1 - 5e-8, 1 - 1e-7),
    (1.0, 1 - 1e-7),
]


@pytest.mark.parametrize(("given", "used"), NEAR_THE_ENDS)
def test_probabilities_are_limited_as_in_keras(given, used):
    rows, first = np.array([[given, 1 - given]]), np.array([[1.0, 0.0]])
    binary = losses.binary_cross_entropy(first[:, 0], rows[:, 0])
    categorical = losses.categorical_cross_entropy(first, rows)
    sparse = losses.sparse_categorical_cross_entropy(np.array([0]), rows)
    assert [binary, categorical, sparse] == pytest.approx([-math.log(used)] * 3, rel=1e-9)


@pytest.mark.parametrize(("given", "used"), NEAR_THE_ENDS)
def test_the_gradient_is_cut_where_the_probability_is_limited(given, used):
    rows, first = np.array([[given, 1 - given]]), np.array([[1.0, 0.0]])
    slope = -1 / given if given == used else 0.0
    binary = losses.binary_cross_entropy_gradient(first[:, 0], rows[:, 0])
    categorical = losses.categorical_cross_entropy_gradient(first, rows)
    sparse = losses.sparse_categorical_cross_entropy_gradient(np.array([0]), rows)
    assert binary == pytest.approx([slope], rel=1e-6)
    assert categorical[0] == pytest.approx([slope, 0.0], rel=1e-9)
    assert sparse[0] == pytest.approx([slope, 0.0], rel=1e-9)
