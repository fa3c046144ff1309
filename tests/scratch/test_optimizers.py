"""The optimisers against Keras, against their papers' first steps, and their state."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.lesson import quiet_stderr
from course_lib.scratch import optimizers
from course_lib.scratch.optimizers import (
    AdaGrad,
    Adam,
    AdamW,
    GradientDescent,
    Momentum,
    Nesterov,
    PerArray,
    RMSProp,
)

STEPS = 50
SHAPES = st.lists(st.integers(1, 4), min_size=0, max_size=3).map(tuple)

# Ours, Keras's name, and the hyper-parameters that both take.
PAIRS = [
    (GradientDescent, "SGD", {"learning_rate": 0.05}),
    (Momentum, "SGD", {"learning_rate": 0.05, "momentum": 0.8}),
    (Nesterov, "SGD", {"learning_rate": 0.05, "momentum": 0.8}),
    (AdaGrad, "Adagrad", {"learning_rate": 0.1}),
    (AdaGrad, "Adagrad", {"learning_rate": 0.1, "initial_accumulator_value": 0.01}),
    (AdaGrad, "Adagrad", {"learning_rate": 0.1, "epsilon": 0.5}),
    (RMSProp, "RMSprop", {"learning_rate": 0.05}),
    (RMSProp, "RMSprop", {"learning_rate": 0.05, "rho": 0.7, "epsilon": 0.1}),
    (Adam, "Adam", {"learning_rate": 0.02}),
    (Adam, "Adam", {"learning_rate": 0.05, "beta_1": 0.8, "beta_2": 0.95}),
    (AdamW, "AdamW", {"learning_rate": 0.02, "weight_decay": 0.2}),
    (AdamW, "AdamW", {"learning_rate": 0.05, "beta_1": 0.8, "beta_2": 0.95}),
]
NAMES = [f"{ours.__name__}-{number}" for number, (ours, _, _) in enumerate(PAIRS)]
ALL = [GradientDescent, Momentum, Nesterov, AdaGrad, RMSProp, Adam, AdamW]


def ravine(w):
    """The gradient of (w_0^2 + 20 w_1^2) / 2, a real quadratic."""
    return np.array([1.0, 20.0]) * w


def keras_path(name, options, start, gradient_at):
    with quiet_stderr():
        import keras
        import tensorflow as tf

        variable = keras.Variable(np.asarray(start), dtype="float64")
    optimizer = getattr(keras.optimizers, name)(**options)
    path = []
    for step in range(STEPS):
        gradient = tf.constant(gradient_at(step, variable.numpy()), dtype="float64")
        optimizer.apply([gradient], [variable])
        path.append(variable.numpy().copy())
    return np.array(path)


def our_path(optimizer, start, gradient_at):
    parameters, path = np.asarray(start), []
    for step in range(STEPS):
        parameters = optimizer.step(parameters, gradient_at(step, parameters))
        path.append(parameters)
    return np.array(path)


@pytest.mark.parametrize(("ours", "name", "options"), PAIRS, ids=NAMES)
@pytest.mark.parametrize("problem", ["random gradients", "ravine"])
def test_fifty_steps_equal_keras(ours, name, options, problem):
    generator = np.random.default_rng(3)
    if problem == "ravine":
        start = np.array([-2.0, 0.7])

        def gradient_at(step, w):
            return ravine(w)
    else:
        start = generator.normal(size=(3, 2))
        # Not so small that Keras's epsilon of Adam, another than the paper's, would show.
        gradients = generator.normal(size=(STEPS, 3, 2)) * [0.5, 10.0]

        def gradient_at(step, w):
            return gradients[step]

    extra = {"nesterov": True} if ours is Nesterov else {}
    theirs = keras_path(name, options | extra, start, gradient_at)
    found = our_path(ours(**options), start, gradient_at)
    np.testing.assert_allclose(found, theirs, rtol=0, atol=1e-5)
    # The comparison means nothing when the parameters have not moved.
    assert np.abs(found[-1] - start).min() > 1e-3


@pytest.mark.parametrize(
    ("ours", "name"),
    [(GradientDescent, "SGD"), (AdaGrad, "Adagrad"), (RMSProp, "RMSprop"), (Adam, "Adam")],
)
def test_default_hyper_parameters_are_those_of_keras(ours, name):
    with quiet_stderr():
        import keras
    theirs = getattr(keras.optimizers, name)().get_config()
    created = ours()
    names = set(vars(created)) & set(theirs)
    assert {"learning_rate"} <= names
    for key in names:
        assert getattr(created, key) == pytest.approx(theirs[key], rel=1e-6)


def test_adamw_has_the_defaults_of_keras():
    with quiet_stderr():
        import keras
    assert AdamW().weight_decay == keras.optimizers.AdamW().weight_decay
    assert AdaGrad().accumulator == keras.optimizers.Adagrad().initial_accumulator_value
    assert (Momentum().momentum, Nesterov().momentum) == (0.9, 0.9)


# Against the papers -----------------------------------------------------------


def test_adam_gives_the_sequence_of_the_papers_algorithm():
    adam = Adam(learning_rate=0.1, beta_1=0.9, beta_2=0.999, epsilon=1e-8)
    parameter, path = np.array(1.0), []
    for gradient in [0.5, -0.2, 0.1]:
        parameter = adam.step(parameter, np.array(gradient))
        path.append(float(parameter))
    assert path == pytest.approx([0.900000, 0.865439, 0.827500], abs=1e-6)


@settings(deadline=None, max_examples=25)
@given(gradient=st.floats(0.01, 100), sign=st.sampled_from([-1, 1]))
def test_adams_first_step_has_the_length_of_the_learning_rate(gradient, sign):
    moved = Adam(learning_rate=0.1).step(np.array(0.0), np.array(sign * gradient))
    assert float(moved) == pytest.approx(-0.1 * sign, rel=2e-5)


def test_kerass_epsilon_hat_is_the_papers_epsilon_rescaled():
    gradient, hat = 1e-6, 1e-7
    theirs = keras_path("Adam", {"learning_rate": 0.1}, np.array(0.0), lambda *_: gradient)[0]
    ours = Adam(learning_rate=0.1, epsilon=hat / math.sqrt(1 - 0.999))
    # Keras holds beta_2 in float32, and 1 - beta_2 keeps five digits of it.
    assert float(ours.step(np.array(0.0), np.array(gradient))) == pytest.approx(theirs, rel=1e-4)
    paper = Adam(learning_rate=0.1, epsilon=hat)
    assert float(paper.step(np.array(0.0), np.array(gradient))) < 2 * float(theirs)


def test_momentum_is_the_heavy_ball():
    # Polyak's form: w_{t+1} = w_t - a g_t + b (w_t - w_{t-1}).
    optimizer, start = Momentum(learning_rate=0.02, momentum=0.7), np.array([1.0, -3.0])
    path = [start, start]
    for _ in range(10):
        path.append(path[-1] - 0.02 * ravine(path[-1]) + 0.7 * (path[-1] - path[-2]))
    found = our_path(optimizer, start, lambda step, w: ravine(w))[:10]
    np.testing.assert_allclose(found, path[2:], atol=1e-12)


def test_nesterov_takes_the_gradient_where_momentum_leads():
    # The original form keeps x and v; ours keeps the look-ahead point x + b v.
    rate, b = 0.02, 0.7
    x, v = np.array([1.0, -3.0]), np.zeros(2)
    look_ahead = []
    for _ in range(10):
        v = b * v - rate * ravine(x + b * v)
        x = x + v
        look_ahead.append(x + b * v)
    found = our_path(
        Nesterov(learning_rate=rate, momentum=b), [1.0, -3.0], lambda step, w: ravine(w)
    )
    np.testing.assert_allclose(found[:10], look_ahead, atol=1e-12)


def test_adagrad_slows_down_with_the_root_of_the_step_count():
    optimizer, w = AdaGrad(learning_rate=1.0, initial_accumulator_value=0.0), np.array(0.0)
    lengths = []
    for _ in range(9):
        new = optimizer.step(w, np.array(-2.0))
        lengths.append(float(new - w))
        w = new
    assert lengths == pytest.approx([1 / math.sqrt(t) for t in range(1, 10)], rel=1e-6)


def test_rmsprop_forgets_and_does_not_slow_down():
    optimizer, w = RMSProp(learning_rate=0.1), np.array(0.0)
    for _ in range(100):
        last, w = w, optimizer.step(w, np.array(-2.0))
    assert float(w - last) == pytest.approx(0.1, rel=1e-4)


def test_weight_decay_is_decoupled_from_the_gradient():
    parameters, gradients = np.array([4.0, -2.0]), np.array([1.0, 1.0])
    without = Adam(learning_rate=0.1).step(parameters, gradients)
    decayed = AdamW(learning_rate=0.1, weight_decay=0.5).step(parameters, gradients)
    np.testing.assert_allclose(without - decayed, 0.1 * 0.5 * parameters, atol=1e-12)


def test_the_mean_of_the_sample_gradients_is_the_gradient_of_the_mean():
    from course_lib.scratch import linear

    generator = np.random.default_rng(4)
    features, targets = generator.normal(size=(40, 3)), generator.normal(size=40)
    weights, bias = generator.normal(size=3), 0.3
    full, full_bias = linear.gradient(features, targets, weights, bias)
    singles = [
        linear.gradient(features[[i]], targets[[i]], weights, bias) for i in range(len(targets))
    ]
    np.testing.assert_allclose(np.mean([w for w, _ in singles], axis=0), full, atol=1e-12)
    assert np.mean([b for _, b in singles]) == pytest.approx(full_bias, abs=1e-12)


# State, arguments, several arrays ---------------------------------------------


@pytest.mark.parametrize("optimizer", ALL)
@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 2**32 - 1), shape=SHAPES)
def test_arguments_stay_as_they_were(optimizer, seed, shape):
    generator = np.random.default_rng(seed)
    parameters, gradients = generator.normal(size=shape), generator.normal(size=shape)
    kept = np.copy(parameters), np.copy(gradients)
    created = optimizer(learning_rate=0.1)
    first = created.step(parameters, gradients)
    remembered = np.copy(first)
    created.step(first, gradients)
    assert np.shape(first) == shape
    np.testing.assert_array_equal(parameters, kept[0])
    np.testing.assert_array_equal(gradients, kept[1])
    np.testing.assert_array_equal(first, remembered)


@pytest.mark.parametrize("optimizer", ALL)
def test_each_number_is_treated_by_itself(optimizer):
    generator = np.random.default_rng(9)
    start, gradients = generator.normal(size=(2, 3)), generator.normal(size=(STEPS, 2, 3))
    together = our_path(optimizer(), start, lambda step, w: gradients[step])
    alone = our_path(optimizer(), start[1], lambda step, w: gradients[step, 1])
    np.testing.assert_array_equal(together[:, 1], alone)


@pytest.mark.parametrize("optimizer", ALL)
def test_gradients_of_another_shape_are_refused(optimizer):
    with pytest.raises(ValueError, match="gradients should have shape"):
        optimizer().step(np.zeros((3, 1)), np.zeros(3))


@pytest.mark.parametrize("optimizer", ALL)
def test_an_optimiser_belongs_to_one_array(optimizer):
    created = optimizer()
    created.step(np.zeros(1), np.ones(1))
    with pytest.raises(ValueError, match=r"had shape \(1,\) at the first step"):
        created.step(np.zeros(3), np.ones(3))


@pytest.mark.parametrize("optimizer", ALL)
def test_two_optimisers_share_no_state(optimizer):
    one, other = optimizer(), optimizer()
    one.step(np.zeros(2), np.ones(2))
    first = one.step(np.zeros(2), np.ones(2))
    np.testing.assert_array_equal(
        other.step(np.zeros(2), np.ones(2)), optimizer().step(np.zeros(2), np.ones(2))
    )
    assert first.shape == (2,)


@pytest.mark.parametrize("optimizer", ALL)
def test_per_array_equals_one_optimiser_for_all_numbers(optimizer):
    generator = np.random.default_rng(2)
    weights, bias = generator.normal(size=(2, 3)), generator.normal(size=4)
    flat = np.concatenate([weights.ravel(), bias])
    single, several = optimizer(), PerArray(optimizer)
    for _ in range(5):
        gradient = generator.normal(size=10)
        flat = single.step(flat, gradient)
        weights, bias = several.step([weights, bias], [gradient[:6].reshape(2, 3), gradient[6:]])
    np.testing.assert_array_equal(np.concatenate([weights.ravel(), bias]), flat)


def test_per_array_counts_its_arrays():
    several = PerArray(GradientDescent)
    with pytest.raises(ValueError, match="got 2 of parameters and 1 of gradients"):
        several.step([np.zeros(1), np.zeros(1)], [np.zeros(1)])
    several = PerArray(GradientDescent)
    several.step([np.zeros(1)], [np.zeros(1)])
    with pytest.raises(ValueError, match="expected 1 arrays, as at the first step"):
        several.step([np.zeros(1), np.zeros(1)], [np.zeros(1), np.zeros(1)])


def test_every_optimiser_is_tested_here():
    named = {
        name
        for name, value in vars(optimizers).items()
        if isinstance(value, type) and value.__module__ == optimizers.__name__
    }
    assert named == {cls.__name__ for cls in ALL} | {"PerArray", "Optimizer"}
