"""Attention against Keras with its weights, by finite differences, and by its promises."""

import functools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.lesson import quiet_stderr
from course_lib.scratch import attention
from course_lib.scratch.gradient_check import gradient_error

NAMES = [
    "query_kernel",
    "query_bias",
    "key_kernel",
    "key_bias",
    "value_kernel",
    "value_bias",
    "output_kernel",
    "output_bias",
]
SIZES = {
    "n": st.integers(1, 3),
    "queries": st.integers(1, 5),
    "keys": st.integers(1, 5),
    "heads": st.integers(1, 3),
    # With heads of one feature, and as many tokens as heads, Keras on TensorFlow adds
    # its biases along the tokens instead of along the heads (seen in 3.13 and 3.15).
    "size": st.integers(2, 4),
    "v": st.integers(2, 4),
    "seed": st.integers(0, 10_000),
}
WIDTHS = (3, 4, 2, 5)  # of query, key, value and output
MASKS = st.sampled_from(["none", "pairs", "one for all", "by key", "causal", "causal and pairs"])


def masks(kind, n, queries, keys, generator):
    """Return the mask handed to Keras, whether Keras shall add a causal one, and ours."""
    shape = {"one for all": (queries, keys), "by key": (n, 1, keys)}.get(kind, (n, queries, keys))
    mask = None if kind in ("none", "causal") else generator.random(shape) < 0.6
    causal = np.arange(keys) <= np.arange(queries)[:, np.newaxis]
    if "causal" not in kind:
        return mask, False, mask
    return mask, True, causal if mask is None else causal & mask


def problem(n, queries, keys, heads, size, v, seed):
    """Return the three inputs, the eight weights, and a gradient for the outputs."""
    generator = np.random.default_rng(seed)
    d, e, f, out = WIDTHS
    inputs = [
        generator.normal(size=shape) for shape in ((n, queries, d), (n, keys, e), (n, keys, f))
    ]
    shapes = [(d, heads, size), (heads, size), (e, heads, size), (heads, size)]
    shapes += [(f, heads, v), (heads, v), (heads, v, out), (out,)]
    weights = [generator.normal(size=shape) for shape in shapes]
    return inputs, weights, generator.normal(size=(n, queries, out)), generator


@functools.cache
def keras_layer(heads, size, v):
    with quiet_stderr():
        import keras
    layer = keras.layers.MultiHeadAttention(
        heads, size, value_dim=v, output_shape=WIDTHS[3], dtype="float64"
    )
    d, e, f, _ = WIDTHS
    layer.build((None, None, d), (None, None, f), (None, None, e))
    return layer


# With one key Keras warns that its softmax can only say 1.
@pytest.mark.filterwarnings("ignore:You are using a softmax")
@settings(deadline=None, max_examples=60)
@given(kind=MASKS, **SIZES)
def test_outputs_weights_and_gradients_are_those_of_keras(
    kind, n, queries, keys, heads, size, v, seed
):
    with quiet_stderr():
        import tensorflow as tf
    inputs, weights, gradient, generator = problem(n, queries, keys, heads, size, v, seed)
    theirs, causal, mask = masks(kind, n, queries, keys, generator)
    if theirs is not None and theirs.ndim == 2:
        theirs = np.broadcast_to(theirs, (n, queries, keys))
    layer = keras_layer(heads, size, v)
    # Keras takes 1 / sqrt(size) through float32, even in a float64 layer; its
    # query's weights make up for that here.
    fair = size**-0.5 / float(np.float32(size**-0.5))
    layer.set_weights([fair * weights[0], fair * weights[1], *weights[2:]])
    query, key, value = (tf.constant(one) for one in inputs)
    with tf.GradientTape() as tape:
        tape.watch([query, key, value])
        output, scores = layer(
            query,
            value,
            key,
            attention_mask=theirs,
            use_causal_mask=causal,
            return_attention_scores=True,
        )
        loss = tf.reduce_sum(output * gradient)
    expected = tape.gradient(
        loss, [query, key, value, *(one.value for one in layer.trainable_weights)]
    )
    found, found_weights = attention.multi_head_attention(*inputs, *weights, mask)
    np.testing.assert_allclose(found, output.numpy(), rtol=0, atol=1e-11)
    np.testing.assert_allclose(found_weights, scores.numpy(), rtol=0, atol=1e-12)
    back = attention.multi_head_attention_backward(gradient, *inputs, *weights, mask)
    assert set(back) == {"query", "key", "value", *NAMES}
    for name, other in zip(["query", "key", "value", *NAMES], expected, strict=True):
        other = other.numpy() * (fair if name in ("query_kernel", "query_bias") else 1.0)
        np.testing.assert_allclose(back[name], other, rtol=0, atol=1e-10, err_msg=name)


@settings(deadline=None, max_examples=25)
@given(causal=st.booleans(), **SIZES)
def test_the_faster_path_of_keras_gives_the_same(causal, n, queries, keys, heads, size, v, seed):
    inputs, weights, _, _ = problem(n, queries, keys, heads, size, v, seed)
    layer = keras_layer(heads, size, v)
    layer.set_weights(weights)
    query, key, value = inputs
    theirs = layer(query, value, key, use_causal_mask=causal).numpy()
    mask = np.arange(keys) <= np.arange(queries)[:, np.newaxis] if causal else None
    ours, _ = attention.multi_head_attention(*inputs, *weights, mask)
    # This path takes 1 / sqrt(d) through float32, even in a float64 layer.
    np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("kind", ["none", "pairs", "causal"])
def test_the_gradients_are_those_of_finite_differences(kind):
    inputs, weights, gradient, generator = problem(2, 3, 4, 2, 3, 1, seed=5)
    _, _, mask = masks(kind, 2, 3, 4, generator)
    names = ["query", "key", "value", *NAMES]
    points = dict(zip(names, [*inputs, *weights], strict=True))
    found = attention.multi_head_attention_backward(gradient, *points.values(), mask)
    for name, point in points.items():

        def loss(moved, name=name):
            now = points | {name: moved}
            return np.sum(attention.multi_head_attention(*now.values(), mask)[0] * gradient)

        assert gradient_error(loss, found[name], point) < 1e-8, name


@settings(deadline=None, max_examples=40)
@given(
    batch=st.lists(st.integers(1, 3), max_size=2),
    masked=st.booleans(),
    size=st.integers(1, 4),
    v=st.integers(1, 4),
    **{name: SIZES[name] for name in ("queries", "keys", "seed")},
)
def test_the_bare_attention_and_its_gradients_over_any_leading_axes(
    batch, masked, queries, keys, size, v, seed
):
    generator = np.random.default_rng(seed)
    shapes = ((*batch, queries, size), (*batch, keys, size), (*batch, keys, v))
    query, key, value = (generator.normal(size=shape) for shape in shapes)
    mask = generator.random((*batch, queries, keys)) < 0.7 if masked else None
    output, weights = attention.scaled_dot_product_attention(query, key, value, mask)
    assert output.shape == (*batch, queries, v)
    for index in np.ndindex(*batch, queries):
        scores = key[index[:-1]] @ query[index] / size**0.5
        allowed = np.ones(keys, bool) if mask is None else mask[index]
        expected = np.where(allowed, np.exp(scores), 0)
        expected = expected / max(expected.sum(), 1e-300)
        np.testing.assert_allclose(weights[index], expected, atol=1e-12)
        np.testing.assert_allclose(output[index], expected @ value[index[:-1]], atol=1e-12)
    gradient = generator.normal(size=output.shape)
    found = attention.scaled_dot_product_attention_backward(gradient, query, key, value, weights)
    for place, point in enumerate((query, key, value)):

        def loss(moved, place=place):
            parts = [moved if n == place else one for n, one in enumerate((query, key, value))]
            return np.sum(attention.scaled_dot_product_attention(*parts, mask)[0] * gradient)

        assert gradient_error(loss, found[place], point) < 1e-7


def test_rows_sum_to_one_and_a_row_without_keys_is_zero():
    scores = np.array([[1.0, 2, 3], [4, 5, 6], [1000, -1000, 0]])
    mask = np.array([[1, 1, 0], [0, 0, 0], [1, 1, 1]])
    weights = attention.masked_softmax(scores, mask)
    e = np.exp(1)
    expected = [[1 / (1 + e), e / (1 + e), 0], [0, 0, 0], [1, 0, 0]]
    np.testing.assert_allclose(weights, expected, atol=1e-15)
    np.testing.assert_array_equal(attention.masked_softmax(scores, mask == 1), weights)


def test_what_a_forbidden_key_holds_does_not_matter_even_if_it_is_nan():
    scores = np.array([[1.0, np.nan, 2.0]])
    weights = attention.masked_softmax(scores, np.array([[True, False, True]]))
    np.testing.assert_allclose(weights, [[1 / (1 + np.e), 0, np.e / (1 + np.e)]])
    assert np.isnan(attention.masked_softmax(scores)).all()


def test_a_query_that_may_look_nowhere_gives_zeros_and_no_gradient():
    inputs, weights, gradient, _ = problem(1, 3, 4, 2, 3, 2, seed=2)
    mask = np.ones((3, 4), bool)
    mask[1] = False
    output, shares = attention.multi_head_attention(*inputs, *weights, mask)
    np.testing.assert_array_equal(shares[0, :, 1], np.zeros((2, 4)))
    np.testing.assert_array_equal(output[0, 1], weights[-1])
    back = attention.multi_head_attention_backward(gradient, *inputs, *weights, mask)
    np.testing.assert_array_equal(back["query"][0, 1], np.zeros(3))


def test_keras_says_zeros_with_its_weights_and_an_even_spread_without():
    inputs, weights, _, _ = problem(1, 3, 4, 2, 3, 2, seed=2)
    layer = keras_layer(2, 3, 2)
    layer.set_weights(weights)
    query, key, value = inputs
    nothing = np.zeros((1, 3, 4), bool)
    slow, shares = layer(query, value, key, attention_mask=nothing, return_attention_scores=True)
    fast = layer(query, value, key, attention_mask=nothing).numpy()
    np.testing.assert_array_equal(shares.numpy(), np.zeros((1, 2, 3, 4)))
    np.testing.assert_allclose(slow.numpy()[0], np.tile(weights[-1], (3, 1)), atol=1e-12)
    values = attention.project_heads(value, weights[4], weights[5]).mean(axis=2)
    even = np.einsum("nhv,hvo->no", values, weights[6]) + weights[7]
    np.testing.assert_allclose(fast[0], np.tile(even, (3, 1)), atol=1e-11)


def test_the_causal_mask_lets_each_token_see_itself_and_what_came_before():
    expected = [[True, False, False], [True, True, False], [True, True, True]]
    mask = attention.causal_mask(3)
    assert mask.dtype == bool
    np.testing.assert_array_equal(mask, expected)
    assert attention.causal_mask(0).shape == (0, 0)


@settings(deadline=None, max_examples=30)
@given(length=st.integers(2, 9), change=st.integers(1, 8), seed=st.integers(0, 1000))
def test_under_a_causal_mask_earlier_outputs_stay_exactly(length, change, seed):
    change = min(change, length - 1)
    generator = np.random.default_rng(seed)
    _, weights, _, _ = problem(1, 1, 1, 2, 3, 2, seed)
    d = WIDTHS[0]
    weights[2], weights[4] = generator.normal(size=(2, d, 2, 3))[:, :, :, :3]
    weights[4] = weights[4][..., :2]
    x = generator.normal(size=(1, length, d))
    later = x.copy()
    later[:, change:] = generator.normal(size=later[:, change:].shape)
    mask = attention.causal_mask(length)
    before, _ = attention.multi_head_attention(x, x, x, *weights, mask)
    after, _ = attention.multi_head_attention(later, later, later, *weights, mask)
    np.testing.assert_array_equal(before[:, :change], after[:, :change])
    assert np.abs(before[:, change:] - after[:, change:]).max() > 1e-6


@settings(deadline=None, max_examples=30)
@given(length=st.integers(2, 9), seed=st.integers(0, 1000))
def test_without_positions_a_reordered_input_gives_the_reordered_output(length, seed):
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(2, length, 4))
    weights = [generator.normal(size=shape) for shape in [(4, 2, 3), (2, 3)] * 3]
    weights += [generator.normal(size=(2, 3, 4)), generator.normal(size=4)]
    order = generator.permutation(length)
    plain, shares = attention.multi_head_attention(x, x, x, *weights)
    mixed, mixed_shares = attention.multi_head_attention(*[x[:, order]] * 3, *weights)
    np.testing.assert_allclose(mixed, plain[:, order], rtol=0, atol=1e-12)
    np.testing.assert_allclose(mixed_shares, shares[:, :, order][..., order], rtol=0, atol=1e-12)


@settings(deadline=None, max_examples=40)
@given(
    length=st.integers(0, 9), features=st.integers(1, 9), base=st.sampled_from([100.0, 10_000.0])
)
def test_the_sinusoids_are_the_formula(length, features, base):
    table = attention.sinusoidal_positions(length, features, base)
    assert table.shape == (length, features)
    for position in range(length):
        for i in range(features):
            angle = position / base ** (2 * (i // 2) / features)
            wave = np.cos if i % 2 else np.sin
            assert table[position, i] == pytest.approx(wave(angle), abs=1e-13)
    np.testing.assert_array_equal(
        attention.sinusoidal_positions(length, features),
        attention.sinusoidal_positions(length, features, 10_000),
    )


def test_rotating_is_multiplying_by_a_complex_number():
    generator = np.random.default_rng(3)
    x, positions = generator.normal(size=(2, 5, 6)), np.array([0, 1, 4, 9, -2])
    for base in (100.0, 10_000.0):
        rates = np.array([1, base ** (-1 / 3), base ** (-2 / 3)])
        turned = (x[..., ::2] + 1j * x[..., 1::2]) * np.exp(1j * np.outer(positions, rates))
        found = attention.rotate(x, positions, base)
        np.testing.assert_allclose(found[..., ::2], turned.real, atol=1e-13)
        np.testing.assert_allclose(found[..., 1::2], turned.imag, atol=1e-13)
    np.testing.assert_array_equal(attention.rotate(x, positions), found)
    np.testing.assert_array_equal(found[:, 0], x[:, 0])


@settings(deadline=None, max_examples=30)
@given(
    half=st.integers(1, 6),
    first=st.integers(-50, 50),
    second=st.integers(-50, 50),
    shift=st.integers(-500, 500),
    seed=st.integers(0, 1000),
)
def test_rotated_dot_products_depend_on_the_distance_only(half, first, second, shift, seed):
    generator = np.random.default_rng(seed)
    query, key = generator.normal(size=(2, 1, 2 * half))

    def product(at_query, at_key):
        turned = attention.rotate(query, np.array([at_query]))
        return (turned @ attention.rotate(key, np.array([at_key])).T).item()

    assert product(first, second) == pytest.approx(product(first + shift, second + shift), abs=1e-9)
    assert product(first, first) == pytest.approx((query @ key.T).item(), abs=1e-10)


def test_turning_back_is_the_inverse_and_the_gradient():
    generator = np.random.default_rng(4)
    x, positions = generator.normal(size=(2, 4, 6)), np.arange(4)
    turned = attention.rotate(x, positions)
    np.testing.assert_allclose(attention.rotate(turned, -positions), x, atol=1e-13)
    np.testing.assert_allclose(np.linalg.norm(turned, axis=-1), np.linalg.norm(x, axis=-1))
    gradient = generator.normal(size=x.shape)

    def loss(moved):
        return np.sum(attention.rotate(moved, positions) * gradient)

    assert gradient_error(loss, attention.rotate(gradient, -positions), x) < 1e-8


def test_the_callers_arrays_are_kept():
    inputs, weights, gradient, generator = problem(2, 3, 4, 2, 3, 2, seed=1)
    mask = generator.random((2, 3, 4)) < 0.5
    everything = [gradient, *inputs, *weights, mask]
    copies = [one.copy() for one in everything]
    attention.multi_head_attention_backward(*everything)
    positions = np.arange(3)
    attention.rotate(gradient[..., :4], positions)
    for one, copy in zip([*everything, positions], [*copies, np.arange(3)], strict=True):
        np.testing.assert_array_equal(one, copy)


@pytest.mark.parametrize(
    ("position", "shape", "message"),
    [
        (1, (2, 4, 5), r"key_kernel should have shape \(e, heads, size\) with e = 5"),
        (2, (2, 5, 2), r"value should have shape \(n, keys, f\) with keys = 4 as in key"),
        (3, (3, 2, 4), r"query_bias should have shape \(heads, size\) with size = 4"),
        (4, (3,), r"query_bias should have shape \(heads, size\)"),
        (9, (2, 3, 5), r"output_kernel should have shape \(heads, v, out\) with v = 2"),
    ],
)
def test_shapes_that_do_not_fit_are_refused(position, shape, message):
    inputs, weights, gradient, _ = problem(2, 3, 4, 2, 3, 2, seed=0)
    arguments = [*inputs, *weights]
    arguments[position] = np.zeros(shape)
    with pytest.raises(ValueError, match="multi_head_attention: " + message):
        attention.multi_head_attention(*arguments)
    with pytest.raises(ValueError, match="multi_head_attention_backward: " + message):
        attention.multi_head_attention_backward(gradient, *arguments)


@pytest.mark.parametrize(
    ("mask", "message"),
    [
        (np.zeros((3, 4)) - np.inf, r"mask should hold True where a query \(row\) may look"),
        (np.full((3, 4), 0.5), r"has shape \(3, 4\) and holds \[0.5\]"),
        (np.ones(4), r"has shape \(4,\)"),
        (np.ones((4, 3)), r"mask should broadcast to the scores, shape \(3, 4\)"),
        (np.ones((2, 3, 4)), r"mask should broadcast .* but has shape \(2, 3, 4\)"),
    ],
)
def test_a_mask_that_says_something_else_is_refused(mask, message):
    with pytest.raises(ValueError, match="masked_softmax: .*" + message):
        attention.masked_softmax(np.zeros((3, 4)), mask)
    with pytest.raises(ValueError, match=message):
        attention.scaled_dot_product_attention(*np.ones((2, 3, 4))[:1], *np.ones((2, 4, 4)), mask)


def test_the_last_key_is_checked_by_the_layer_too():
    inputs, weights, gradient, _ = problem(2, 3, 4, 2, 3, 2, seed=0)
    wrong = np.full((3, 4), 2)
    with pytest.raises(ValueError, match=r"multi_head_attention: mask .* holds \[2\]"):
        attention.multi_head_attention(*inputs, *weights, wrong)
    with pytest.raises(ValueError, match=r"multi_head_attention_backward: mask .* holds \[2\]"):
        attention.multi_head_attention_backward(gradient, *inputs, *weights, mask=wrong)
    with pytest.raises(ValueError, match=r"scaled_dot_product_attention: mask .* holds \[2\]"):
        attention.scaled_dot_product_attention(np.ones((3, 2)), *np.ones((2, 4, 2)), mask=wrong)


def test_an_odd_number_of_features_cannot_turn():
    with pytest.raises(ValueError, match=r"rotate turns pairs .* even, but is 5"):
        attention.rotate(np.ones((2, 5)), np.arange(2))
    with pytest.raises(ValueError, match="even, but is 3"):
        attention.rotate(x=np.ones((2, 3)), positions=np.arange(2))
    with pytest.raises(ValueError, match=r"rotate: x should have shape \(batch..., t, d\)"):
        attention.rotate(np.float64(3), np.arange(1))
    with pytest.raises(ValueError, match=r"positions should have shape \(t,\) with t = 2"):
        attention.rotate(np.ones((2, 4)), np.arange(3))


def test_arguments_by_name_are_heard_too():
    inputs, weights, gradient, generator = problem(2, 3, 4, 2, 3, 2, seed=6)
    mask = generator.random((2, 3, 4)) < 0.5
    named = dict(zip(["query", "key", "value", *NAMES], [*inputs, *weights], strict=True))
    found = attention.multi_head_attention(**named, mask=mask)
    for one, other in zip(
        found, attention.multi_head_attention(*named.values(), mask), strict=True
    ):
        np.testing.assert_array_equal(one, other)
    back = attention.multi_head_attention_backward(gradient=gradient, **named, mask=mask)
    expected = attention.multi_head_attention_backward(gradient, *named.values(), mask)
    for name, one in expected.items():
        np.testing.assert_array_equal(back[name], one)
    scores = generator.normal(size=(3, 4))
    np.testing.assert_array_equal(
        attention.masked_softmax(scores=scores, mask=mask[0]),
        attention.masked_softmax(scores, mask[0]),
    )
    np.testing.assert_array_equal(
        attention.rotate(x=scores, positions=np.arange(3), base=50.0),
        attention.rotate(scores, np.arange(3), 50.0),
    )


def test_every_function_says_which_shape_does_not_fit():
    x, kernel = np.ones((2, 3, 4)), np.ones((4, 2, 5))
    with pytest.raises(ValueError, match=r"project_heads: bias .* with size = 5 as in kernel"):
        attention.project_heads(x, kernel, np.ones((2, 4)))
    with pytest.raises(ValueError, match=r"project_heads: kernel .* with d = 4 as in inputs"):
        attention.project_heads(x, kernel[:3], np.ones((2, 5)))
    with pytest.raises(ValueError, match=r"project_heads: inputs should have shape \(n, t, d\)"):
        attention.project_heads(x[0], kernel, np.ones((2, 5)))
    with pytest.raises(ValueError, match=r"masked_softmax: scores should have shape"):
        attention.masked_softmax(np.ones(3))
    with pytest.raises(ValueError, match=r"_attention: key .* with d = 4 as in query"):
        attention.scaled_dot_product_attention(x, x[..., :3], x)
    with pytest.raises(ValueError, match=r"_attention: value .* with keys = 3 as in key"):
        attention.scaled_dot_product_attention(x, x, x[:, :2])
    arguments = [np.ones((2, 3, 6)), x, np.ones((2, 5, 4)), np.ones((2, 5, 6)), np.ones((2, 3, 5))]
    assert len(attention.scaled_dot_product_attention_backward(*arguments)) == 3
    with pytest.raises(ValueError, match=r"value .* with v = 5 as in gradient"):
        attention.scaled_dot_product_attention_backward(arguments[0][..., :5], *arguments[1:])
    for place in range(5):
        wrong = [one[..., :1, :] if n == place else one for n, one in enumerate(arguments)]
        with pytest.raises(ValueError, match=r"_attention_backward: \w+ should have shape"):
            attention.scaled_dot_product_attention_backward(*wrong)


def test_the_layer_refuses_any_argument_of_another_shape():
    inputs, weights, gradient, _ = problem(2, 3, 4, 2, 3, 5, seed=0)
    arguments = [*inputs, *weights]
    for place, one in enumerate(arguments):
        wrong = [np.ones((*one.shape, 1)) if n == place else a for n, a in enumerate(arguments)]
        with pytest.raises(ValueError, match=r"multi_head_attention: \w+ should have shape"):
            attention.multi_head_attention(*wrong)
        with pytest.raises(ValueError, match=r"attention_backward: \w+ should have shape"):
            attention.multi_head_attention_backward(gradient, *wrong)
        for axis in range(one.ndim):
            longer = np.repeat(one, 2, axis=axis)
            wrong = [longer if n == place else a for n, a in enumerate(arguments)]
            with pytest.raises(ValueError, match=r"attention_backward: \w+ should have shape"):
                attention.multi_head_attention_backward(gradient, *wrong)
            if (place, axis) != (0, 1):
                with pytest.raises(ValueError, match=r"head_attention: \w+ should have shape"):
                    attention.multi_head_attention(*wrong)
    with pytest.raises(ValueError, match=r"output_bias should have shape \(out,\) with out = 5"):
        attention.multi_head_attention_backward(gradient, *inputs, *weights[:-1], np.ones(4))
    with pytest.raises(ValueError, match=r"query should have shape \(n, queries, d\) with queries"):
        attention.multi_head_attention_backward(gradient[:, :2], *arguments)


def test_features_are_counted_whatever_the_order_of_the_arguments():
    turned = attention.rotate(positions=np.arange(3.0), x=np.ones((3, 4)))
    np.testing.assert_array_equal(turned, attention.rotate(np.ones((3, 4)), np.arange(3.0)))
    with pytest.raises(ValueError, match="rotate turns pairs of features"):
        attention.rotate(positions=np.arange(4.0), x=np.ones((4, 3)))


@pytest.mark.parametrize("kind", ["none", "pairs"])
def test_single_precision_stays_single(kind):
    inputs, weights, gradient, generator = problem(2, 3, 4, 2, 2, 3, 0)
    single = [array.astype("float32") for array in (gradient, *inputs, *weights)]
    _, _, mask = masks(kind, 2, 3, 4, generator)
    forward = attention.multi_head_attention(*single[1:], mask)
    back = attention.multi_head_attention_backward(*single, mask)
    assert {array.dtype for array in (*forward, *back.values())} == {np.dtype("float32")}
