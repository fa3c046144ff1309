"""Gated halves, routing and mixtures of experts: by plain TensorFlow and by differences."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from course_lib.lesson import quiet_stderr
from course_lib.scratch import experts
from course_lib.scratch.activations import softmax
from course_lib.scratch.gradient_check import gradient_error

NAMES = ["x", "gate", "up", "down"]
MIXED = ["x", "router", "gate", "up", "down"]
SIZES = {
    "tokens": st.integers(1, 6),
    "count": st.integers(1, 5),
    "k": st.integers(1, 5),
    "seed": st.integers(0, 10_000),
}


def half(leading, d, inner, out, seed):
    generator = np.random.default_rng(seed)
    shapes = [(*leading, d), (d, inner), (d, inner), (inner, out)]
    arrays = [generator.normal(size=shape) for shape in shapes]
    return arrays, generator.normal(size=(*leading, out))


def mixture(tokens, count, seed, d=3, inner=4, out=2):
    generator = np.random.default_rng(seed)
    shapes = [(tokens, d), (d, count), (count, d, inner), (count, d, inner), (count, inner, out)]
    arrays = [generator.normal(size=shape) for shape in shapes]
    return arrays, generator.normal(size=(tokens, out)), generator


# SwiGLU


@settings(deadline=None, max_examples=40)
@given(
    leading=st.lists(st.integers(1, 3), max_size=3),
    d=st.integers(1, 4),
    inner=st.integers(1, 5),
    out=st.integers(1, 4),
    seed=st.integers(0, 10_000),
)
def test_a_gated_half_and_its_gradients_are_those_of_tensorflow(leading, d, inner, out, seed):
    with quiet_stderr():
        import tensorflow as tf
    arrays, gradient = half(leading, d, inner, out, seed)
    points = [tf.constant(one) for one in arrays]
    with tf.GradientTape() as tape:
        tape.watch(points)
        x, gate, up, down = points
        opened = tf.nn.silu(tf.tensordot(x, gate, 1))
        output = tf.tensordot(opened * tf.tensordot(x, up, 1), down, 1)
        loss = tf.reduce_sum(output * gradient)
    expected = tape.gradient(loss, points)
    np.testing.assert_allclose(experts.swiglu(*arrays), output.numpy(), rtol=1e-10, atol=1e-11)
    back = experts.swiglu_backward(gradient, *arrays)
    assert list(back) == NAMES
    for name, other in zip(NAMES, expected, strict=True):
        np.testing.assert_allclose(back[name], other.numpy(), rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("leading", [(), (3,), (2, 3)])
def test_gradients_of_a_gated_half_are_those_of_finite_differences(leading):
    arrays, gradient = half(leading, 3, 4, 2, seed=1)
    points = dict(zip(NAMES, arrays, strict=True))
    found = experts.swiglu_backward(gradient, *arrays)
    for name, point in points.items():

        def loss(moved, name=name):
            return np.sum(experts.swiglu(**(points | {name: moved})) * gradient)

        assert gradient_error(loss, found[name], point) < 1e-7, name


def test_a_gated_half_by_hand():
    # silu(2) is 2 / (1 + e^-2); the gate opens 3 times that for the value 3.
    one = [np.array([[value]]) for value in (1.0, 2.0, 3.0, 0.5)]
    opened = 2 / (1 + np.exp(-2))
    np.testing.assert_allclose(experts.swiglu(*one), [[opened * 3 * 0.5]])


# Routing


def test_a_route_by_hand():
    scores = np.array([[1.0, 3.0, 2.0], [5.0, 5.0, 5.0], [0.0, -1.0, np.log(3)]])
    chosen, shares = experts.route(scores)
    np.testing.assert_array_equal(chosen, [[1, 2], [0, 1], [2, 0]])
    big = np.e / (1 + np.e)
    np.testing.assert_allclose(shares, [[big, 1 - big], [0.5, 0.5], [0.75, 0.25]])
    one, alone = experts.route(scores, k=1)
    np.testing.assert_array_equal(one, chosen[:, :1])
    np.testing.assert_array_equal(alone, np.ones((3, 1)))


@given(**SIZES)
def test_the_best_work_and_share_what_a_softmax_without_the_rest_gives(tokens, count, k, seed):
    k = min(k, count)
    # Whole numbers: many are equal.
    scores = np.random.default_rng(seed).integers(-3, 4, (tokens, count)).astype(float)
    chosen, shares = experts.route(scores, k)
    for row, order, part in zip(scores, chosen, shares, strict=True):
        best = sorted(range(count), key=lambda expert: (-row[expert], expert))[:k]
        assert list(order) == best
        kept = np.where(np.isin(np.arange(count), best), row, -np.inf)
        np.testing.assert_allclose(part, softmax(kept)[best], atol=1e-14)
    np.testing.assert_allclose(shares.sum(axis=1), 1)


@given(**SIZES)
def test_the_gradient_of_the_shares_by_finite_differences(tokens, count, k, seed):
    k = min(k, count)
    generator = np.random.default_rng(seed)
    scores, gradient = generator.normal(size=(tokens, count)), generator.normal(size=(tokens, k))
    assume(np.diff(np.sort(scores, axis=1), axis=1).min(initial=1) > 1e-3)
    chosen, _ = experts.route(scores, k)
    found = experts.route_backward(gradient, scores, chosen)
    resting = np.ones((tokens, count), bool)
    np.put_along_axis(resting, chosen, False, axis=1)
    np.testing.assert_array_equal(found[resting], 0)

    def loss(moved):
        return np.sum(experts.route(moved, k)[1] * gradient)

    assert gradient_error(loss, found, scores) < 1e-8


# The load-balance loss


def test_balance_by_hand():
    # Two experts, four tokens: three choose the first. The probabilities are 3/4 and 1/4.
    scores = np.tile([np.log(3), 0.0], (4, 1))
    chosen = np.array([[0], [0], [0], [1]])
    assert experts.load_balance_loss(scores, chosen) == pytest.approx(2 * (0.75**2 + 0.25**2))
    # dL/dscore = p_j (g_j - sum g p), with g = N f / T = (3/8, 1/8).
    expected = np.tile([0.1875 * 0.25, -0.1875 * 0.25], (4, 1))
    np.testing.assert_allclose(experts.load_balance_gradient(scores, chosen), expected)


@pytest.mark.parametrize("k", [1, 2, 3])
def test_balance_is_one_when_even_and_the_count_when_one_does_all(k):
    count = 6
    even = np.array([np.roll(np.arange(count), -token)[:k] for token in range(count)])
    assert experts.load_balance_loss(np.zeros((count, count)), even) == pytest.approx(1)
    single = 800 * np.eye(count)[[2] * 4]
    assert experts.load_balance_loss(single, np.full((4, 1), 2)) == pytest.approx(count)
    assert isinstance(experts.load_balance_loss(single, np.full((4, 1), 2)), float)


@settings(deadline=None, max_examples=40)
@given(**SIZES)
def test_balance_and_its_gradient_are_those_of_tensorflow_and_of_differences(
    tokens, count, k, seed
):
    with quiet_stderr():
        import tensorflow as tf
    k = min(k, count)
    scores = np.random.default_rng(seed).normal(size=(tokens, count))
    assume(np.diff(np.sort(scores, axis=1), axis=1).min(initial=1) > 1e-3)
    chosen, _ = experts.route(scores, k)
    point = tf.constant(scores)
    with tf.GradientTape() as tape:
        tape.watch(point)
        _, best = tf.math.top_k(point, k)
        f = tf.reduce_mean(tf.one_hot(best, count, dtype="float64"), axis=(0, 1))
        p = tf.reduce_mean(tf.nn.softmax(point), axis=0)
        loss = count * tf.reduce_sum(f * p)
    assert experts.load_balance_loss(scores, chosen) == pytest.approx(loss.numpy().item())
    found = experts.load_balance_gradient(scores, chosen)
    np.testing.assert_allclose(found, tape.gradient(loss, point).numpy(), rtol=0, atol=1e-12)

    def again(moved):
        return experts.load_balance_loss(moved, experts.route(moved, k)[0])

    assert gradient_error(again, found, scores) < 1e-9


def test_descending_the_balance_loss_spreads_the_work():
    generator = np.random.default_rng(3)
    scores = generator.normal(size=(200, 4)) + np.array([1.0, 0.5, 0.0, -1.5])
    before = experts.load_balance_loss(scores, experts.route(scores)[0])
    for _ in range(300):
        chosen, _ = experts.route(scores)
        # One number an expert, as a bias of the router would be.
        scores = scores - experts.load_balance_gradient(scores, chosen).sum(axis=0)
    counts = np.bincount(experts.route(scores)[0].ravel(), minlength=4)
    assert before > 1.2
    assert counts.min() > 80
    assert experts.load_balance_loss(scores, experts.route(scores)[0]) < 1.02


# The mixture


@settings(deadline=None, max_examples=40)
@given(balance=st.sampled_from([0.0, 0.01, 2.0]), **SIZES)
def test_a_mixture_and_its_gradients_are_those_of_tensorflow(tokens, count, k, seed, balance):
    with quiet_stderr():
        import tensorflow as tf
    k = min(k, count)
    arrays, gradient, _ = mixture(tokens, count, seed)
    points = [tf.constant(one) for one in arrays]
    with tf.GradientTape() as tape:
        tape.watch(points)
        x, router, gate, up, down = points
        scores = x @ router
        best, chosen = tf.math.top_k(scores, k)
        # Here all experts work for all tokens, and most are then multiplied by zero.
        opened = tf.nn.silu(tf.einsum("td,edi->tei", x, gate))
        answers = tf.einsum("tei,eio->teo", opened * tf.einsum("td,edi->tei", x, up), down)
        picked = tf.one_hot(chosen, count, dtype="float64")
        shares = tf.einsum("tk,tke->te", tf.nn.softmax(best), picked)
        output = tf.einsum("te,teo->to", shares, answers)
        uneven = tf.reduce_mean(picked, axis=(0, 1)) * tf.reduce_mean(tf.nn.softmax(scores), axis=0)
        loss = tf.reduce_sum(output * gradient) + balance * count * tf.reduce_sum(uneven)
    expected = tape.gradient(loss, points)
    found, our_scores, our_chosen = experts.mixture_of_experts(*arrays, k)
    np.testing.assert_allclose(found, output.numpy(), rtol=1e-10, atol=1e-11)
    np.testing.assert_allclose(our_scores, scores.numpy(), rtol=0, atol=1e-12)
    np.testing.assert_array_equal(our_chosen, chosen.numpy())
    back = experts.mixture_of_experts_backward(gradient, *arrays, k, balance)
    assert set(back) == set(MIXED)
    for name, other in zip(MIXED, expected, strict=True):
        np.testing.assert_allclose(back[name], other.numpy(), rtol=1e-9, atol=1e-10, err_msg=name)


@pytest.mark.parametrize(("k", "balance"), [(1, 0.0), (2, 0.0), (2, 0.7), (4, 0.3)])
def test_gradients_of_a_mixture_are_those_of_finite_differences(k, balance):
    arrays, gradient, _ = mixture(5, 4, seed=7)
    points = dict(zip(MIXED, arrays, strict=True))
    found = experts.mixture_of_experts_backward(gradient, *arrays, k, balance)
    for name, point in points.items():

        def loss(moved, name=name):
            output, scores, chosen = experts.mixture_of_experts(**(points | {name: moved}), k=k)
            return np.sum(output * gradient) + balance * experts.load_balance_loss(scores, chosen)

        assert gradient_error(loss, found[name], point) < 1e-7, name


def test_experts_that_nobody_chose_get_no_gradient_and_two_are_the_default():
    arrays, gradient, _ = mixture(3, 5, seed=2)
    arrays[0] = np.abs(arrays[0])
    arrays[1] = np.tile([4.0, 3.0, 2.0, 1.0, 0.0], (3, 1))
    outputs, _, chosen = experts.mixture_of_experts(*arrays)
    np.testing.assert_array_equal(chosen, [[0, 1]] * 3)
    back = experts.mixture_of_experts_backward(gradient, *arrays)
    for name in ("gate", "up", "down"):
        np.testing.assert_array_equal(back[name][2:], 0)
        assert (np.abs(back[name][:2]).max(axis=(1, 2)) > 0).all()
    np.testing.assert_array_equal(outputs, experts.mixture_of_experts(*arrays, 2)[0])


def test_one_expert_is_a_gated_half():
    arrays, gradient, _ = mixture(4, 1, seed=5)
    x, router, *weights = arrays
    alone = [one[0] for one in weights]
    outputs, _, _ = experts.mixture_of_experts(*arrays, k=1)
    np.testing.assert_allclose(outputs, experts.swiglu(x, *alone), rtol=1e-13)
    back = experts.mixture_of_experts_backward(gradient, *arrays, k=1)
    np.testing.assert_allclose(back["x"], experts.swiglu_backward(gradient, x, *alone)["x"])
    np.testing.assert_array_equal(back["router"], np.zeros_like(router))


def test_single_precision_stays_single_whole_numbers_become_floats_arrays_are_kept():
    arrays, gradient, _ = mixture(4, 3, seed=6)
    single = [one.astype("float32") for one in arrays]
    copies = [one.copy() for one in single]
    forward = experts.mixture_of_experts(*single)[:2]
    back = experts.mixture_of_experts_backward(gradient.astype("float32"), *single, balance=0.1)
    assert {one.dtype for one in (*forward, *back.values())} == {np.dtype("float32")}
    for one, copy in zip(single, copies, strict=True):
        np.testing.assert_array_equal(one, copy)
    whole = [np.sign(one).astype(int) for one in arrays]
    floats = [one.astype(float) for one in whole]
    ours = experts.mixture_of_experts_backward(gradient, *whole)
    for name, other in experts.mixture_of_experts_backward(gradient, *floats).items():
        np.testing.assert_allclose(ours[name], other, atol=1e-12)


# What is refused


@pytest.mark.parametrize("k", [0, 4, -1, 1.0, True, None])
def test_a_number_of_experts_that_cannot_be_is_refused(k):
    arrays, gradient, _ = mixture(2, 3, seed=0)
    message = "k should be a whole number from 1 to 3, the number of experts, but is"
    with pytest.raises(ValueError, match=f"route: {message}"):
        experts.route(np.zeros((2, 3)), k)
    with pytest.raises(ValueError, match=f"mixture_of_experts: {message}"):
        experts.mixture_of_experts(*arrays, k)
    with pytest.raises(ValueError, match=f"mixture_of_experts_backward: {message}"):
        experts.mixture_of_experts_backward(gradient, *arrays, k)


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        (np.array([[0], [3]]), r"each from 0 to 2, but holds \[0 3\]"),
        (np.array([[-1], [0]]), r"each from 0 to 2, but holds \[-1  0\]"),
        (np.zeros((2, 0), int), "at least one expert a token"),
        (np.array([[0.0], [1.0]]), "chosen should hold whole numbers, but holds float64"),
    ],
)
def test_experts_that_do_not_exist_are_refused(chosen, message):
    scores = np.zeros((2, 3))
    with pytest.raises(ValueError, match=f"load_balance_loss: .*{message}"):
        experts.load_balance_loss(scores, chosen)
    with pytest.raises(ValueError, match=f"load_balance_gradient: .*{message}"):
        experts.load_balance_gradient(scores, chosen)
    with pytest.raises(ValueError, match=f"route_backward: .*{message}"):
        experts.route_backward(np.zeros(chosen.shape), scores, chosen)
    # The first and the last expert exist.
    assert experts.load_balance_loss(scores, np.array([[0], [2]])) == pytest.approx(1)


def test_no_token_has_no_balance():
    with pytest.raises(ValueError, match="load_balance_loss needs at least one token"):
        experts.load_balance_loss(np.zeros((0, 3)), np.zeros((0, 1), int))
    with pytest.raises(ValueError, match="load_balance_gradient needs at least one token"):
        experts.load_balance_gradient(np.zeros((0, 3)), np.zeros((0, 1), int))


@pytest.mark.parametrize("place", range(5))
def test_shapes_that_do_not_fit_are_refused(place):
    arrays, gradient, _ = mixture(4, 3, seed=0)
    wrong = list(arrays)
    wrong[place] = arrays[place][..., np.newaxis]
    with pytest.raises(ValueError, match=r"mixture_of_experts: \w+ should have shape"):
        experts.mixture_of_experts(*wrong)
    for axis in range(arrays[place].ndim):
        wrong[place] = np.repeat(arrays[place], 2, axis=axis)
        with pytest.raises(ValueError, match=r"mixture_of_experts_backward: \w+ should have"):
            experts.mixture_of_experts_backward(gradient, *wrong)
        if (place, axis) not in {(0, 0), (4, 2)}:
            with pytest.raises(ValueError, match=r"mixture_of_experts: \w+ should have shape"):
                experts.mixture_of_experts(*wrong)


@pytest.mark.parametrize("place", range(4))
def test_a_gated_half_refuses_shapes_that_do_not_fit(place):
    arrays, gradient = half((4,), 2, 3, 5, seed=0)
    for axis in range(arrays[place].ndim):
        wrong = list(arrays)
        wrong[place] = np.repeat(arrays[place], 2, axis=axis)
        with pytest.raises(ValueError, match=r"swiglu_backward: \w+ should have shape"):
            experts.swiglu_backward(gradient, *wrong)
        if (place, axis) not in {(0, 0), (3, 1)}:
            with pytest.raises(ValueError, match=r"swiglu: \w+ should have shape"):
                experts.swiglu(*wrong)
