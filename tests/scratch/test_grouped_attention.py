"""Grouped-query attention against Keras with its weights, by differences, and with a cache."""

import functools
import inspect

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.lesson import quiet_stderr
from course_lib.scratch import attention, grouped_attention, rotary
from course_lib.scratch.gradient_check import gradient_error

NAMES = ["x", "query_kernel", "key_kernel", "value_kernel", "output_kernel"]
SIZES = {
    "n": st.integers(1, 3),
    "t": st.integers(1, 6),
    "groups": st.integers(1, 3),
    "shared": st.integers(1, 3),
    "size": st.integers(1, 4),
    "seed": st.integers(0, 10_000),
}
WIDTH = 5
MASKS = st.sampled_from(["none", "causal", "window", "pairs"])


def problem(n, t, groups, shared, size, seed, v=None, out=WIDTH):
    """Return the input, the four kernels, a gradient for the outputs, and a generator."""
    generator = np.random.default_rng(seed)
    heads, v = groups * shared, v or size
    shapes = [(n, t, WIDTH), (WIDTH, heads, size), (WIDTH, groups, size), (WIDTH, groups, v)]
    shapes += [(heads, v, out)]
    arrays = [generator.normal(size=shape) for shape in shapes]
    return arrays, generator.normal(size=(n, t, out)), generator


def mask_of(kind, n, t, generator):
    if kind == "none":
        return None
    if kind == "pairs":
        return generator.random((n, t, t)) < 0.6
    return grouped_attention.window_mask(t, None if kind == "causal" else 2)


def table_of(t, size, first=0):
    return rotary.rotary_table(np.arange(first, first + t), rotary.rotary_rates(size))


@functools.cache
def keras_layer(heads, groups, size):
    with quiet_stderr():
        import keras
    layer = keras.layers.GroupQueryAttention(size, heads, groups, use_bias=False, dtype="float64")
    layer.build((None, None, WIDTH), (None, None, WIDTH))
    return layer


# With one key Keras warns that its softmax can only say 1.
@pytest.mark.filterwarnings("ignore:You are using a softmax")
@settings(deadline=None, max_examples=50)
@given(kind=MASKS, **SIZES)
def test_outputs_weights_and_gradients_are_those_of_keras(kind, n, t, groups, shared, size, seed):
    with quiet_stderr():
        import tensorflow as tf
    arrays, gradient, generator = problem(n, t, groups, shared, size, seed)
    mask = mask_of(kind, n, t, generator)
    theirs = None if mask is None else np.broadcast_to(mask, (n, t, t))
    layer = keras_layer(groups * shared, groups, size)
    # Keras takes 1 / sqrt(size) through float32, even in a float64 layer; the query's
    # kernel makes up for that here.
    fair = size**-0.5 / float(np.float32(size**-0.5))
    layer.set_weights([fair * arrays[1], *arrays[2:]])
    x = tf.constant(arrays[0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        output, scores = layer(x, x, attention_mask=theirs, return_attention_scores=True)
        loss = tf.reduce_sum(output * gradient)
    expected = tape.gradient(loss, [x, *(one.value for one in layer.trainable_weights)])
    found, weights = grouped_attention.grouped_query_attention(*arrays, mask)
    np.testing.assert_allclose(found, output.numpy(), rtol=0, atol=1e-10)
    np.testing.assert_allclose(weights, scores.numpy(), rtol=0, atol=1e-12)
    back = grouped_attention.grouped_query_attention_backward(gradient, *arrays, mask)
    assert set(back) == set(NAMES)
    for name, other in zip(NAMES, expected, strict=True):
        other = other.numpy() * (fair if name == "query_kernel" else 1.0)
        np.testing.assert_allclose(back[name], other, rtol=1e-10, atol=1e-9, err_msg=name)


@settings(deadline=None, max_examples=25)
@given(causal=st.booleans(), **SIZES)
def test_its_own_causal_mask_and_windows_give_the_same(causal, n, t, groups, shared, size, seed):
    arrays, _, _ = problem(n, t, groups, shared, size, seed)
    layer = keras_layer(groups * shared, groups, size)
    layer.set_weights(arrays[1:])
    x = arrays[0]
    theirs = layer(x, x, use_causal_mask=causal).numpy()
    mask = grouped_attention.window_mask(t, None) if causal else None
    ours, _ = grouped_attention.grouped_query_attention(*arrays, mask)
    np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-6)


def test_the_window_is_that_of_keras(keras):
    # Keras 3.13 has none.
    if "sliding_window" not in inspect.signature(keras.layers.GroupQueryAttention).parameters:
        assert keras.version() < "3.15"
        return
    arrays, _, _ = problem(2, 7, 2, 2, 4, seed=3)
    for window in (1, 3, 9):
        layer = keras.layers.GroupQueryAttention(
            4, 4, 2, use_bias=False, sliding_window=window, dtype="float64"
        )
        layer.build((None, None, WIDTH), (None, None, WIDTH))
        layer.set_weights(arrays[1:])
        theirs = layer(arrays[0], arrays[0], use_causal_mask=True).numpy()
        mask = grouped_attention.window_mask(7, window)
        ours, _ = grouped_attention.grouped_query_attention(*arrays, mask)
        np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("halves", [False, True])
@pytest.mark.parametrize("kind", ["none", "causal", "window", "pairs"])
def test_the_gradients_are_those_of_finite_differences(kind, halves):
    arrays, gradient, generator = problem(2, 4, 2, 2, 4, seed=5, v=3, out=2)
    mask = mask_of(kind, 2, 4, generator)
    points = dict(zip(NAMES, arrays, strict=True))
    options = {"mask": mask, "table": table_of(4, 4), "halves": halves}
    found = grouped_attention.grouped_query_attention_backward(gradient, *arrays, **options)
    for name, point in points.items():

        def loss(moved, name=name):
            now = points | {name: moved}
            return np.sum(grouped_attention.grouped_query_attention(**now, **options)[0] * gradient)

        assert gradient_error(loss, found[name], point) < 1e-7, name


@settings(deadline=None, max_examples=30)
@given(
    batch=st.lists(st.integers(1, 2), max_size=2),
    groups=st.integers(1, 3),
    shared=st.integers(1, 3),
    queries=st.integers(1, 3),
    keys=st.integers(1, 3),
    seed=st.integers(0, 1000),
)
def test_the_bare_attention_is_that_of_each_head_with_its_group(
    batch, groups, shared, queries, keys, seed
):
    generator = np.random.default_rng(seed)
    shapes = (groups * shared, queries, 3), (groups, keys, 3), (groups, keys, 2)
    query, key, value = (generator.normal(size=(*batch, *shape)) for shape in shapes)
    mask = generator.random((queries, keys)) < 0.8
    output, weights = grouped_attention.grouped_attention(query, key, value, mask)
    gradient = generator.normal(size=output.shape)
    back = grouped_attention.grouped_attention_backward(gradient, query, key, value, weights)
    assert [one.shape for one in back] == [query.shape, key.shape, value.shape]
    sums = np.zeros_like(key), np.zeros_like(value)
    for head in range(groups * shared):
        of_group = head // shared
        parts = query[..., head, :, :], key[..., of_group, :, :], value[..., of_group, :, :]
        one, some = attention.scaled_dot_product_attention(*parts, mask)
        np.testing.assert_allclose(output[..., head, :, :], one, rtol=0, atol=1e-13)
        np.testing.assert_allclose(weights[..., head, :, :], some, rtol=0, atol=1e-13)
        blames = attention.scaled_dot_product_attention_backward(
            gradient[..., head, :, :], *parts, some
        )
        np.testing.assert_allclose(back[0][..., head, :, :], blames[0], rtol=0, atol=1e-12)
        for total, blame in zip(sums, blames[1:], strict=True):
            total[..., of_group, :, :] += blame
    for one, total in zip(back[1:], sums, strict=True):
        np.testing.assert_allclose(one, total, rtol=0, atol=1e-12)


def test_as_many_groups_as_heads_is_the_usual_attention():
    arrays, gradient, _ = problem(2, 4, 3, 1, 4, seed=8)
    x, query, key, value, output = arrays
    zeros = np.zeros((3, 4))
    usual = [x, x, x, query, zeros, key, zeros, value, zeros, output, np.zeros(WIDTH)]
    mask = attention.causal_mask(4)
    ours = grouped_attention.grouped_query_attention(*arrays, mask)
    for one, other in zip(ours, attention.multi_head_attention(*usual, mask), strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-12)
    back = grouped_attention.grouped_query_attention_backward(gradient, *arrays, mask)
    other = attention.multi_head_attention_backward(gradient, *usual, mask)
    total = other["query"] + other["key"] + other["value"]
    np.testing.assert_allclose(back["x"], total, rtol=0, atol=1e-12)


def test_one_layout_becomes_the_other_by_the_order_of_the_kernels():
    arrays, _, _ = problem(2, 5, 2, 3, 6, seed=4)
    mask, table = attention.causal_mask(5), table_of(5, 6)
    order = rotary.halves_order(6)
    x, query, key, value, output = arrays
    neighbours, _ = grouped_attention.grouped_query_attention(*arrays, mask, table)
    moved = [x, query[..., order], key[..., order], value, output]
    by_halves, _ = grouped_attention.grouped_query_attention(*moved, mask, table, halves=True)
    np.testing.assert_allclose(by_halves, neighbours, rtol=0, atol=1e-12)
    wrong, _ = grouped_attention.grouped_query_attention(*arrays, mask, table, halves=True)
    assert np.abs(wrong - neighbours).max() > 0.01


def test_neighbours_are_the_default_everywhere():
    arrays, gradient, _ = problem(1, 3, 1, 2, 4, seed=9)
    table, cache = table_of(3, 4), [np.zeros((1, 1, 0, 4))] * 2
    calls = {
        "grouped_query_attention": arrays,
        "grouped_query_attention_backward": [gradient, *arrays],
        "grouped_query_step": [*arrays, *cache],
    }
    for name, arguments in calls.items():
        function = getattr(grouped_attention, name)
        found, neighbours, halves = (
            function(*arguments, None, table, *layout) for layout in ((), (False,), (True,))
        )
        key = "query_kernel" if isinstance(found, dict) else 0
        np.testing.assert_array_equal(found[key], neighbours[key])
        assert np.abs(found[key] - halves[key]).max() > 1e-3


def test_only_distances_matter_with_rotary_positions():
    arrays, _, _ = problem(2, 5, 2, 2, 4, seed=6)
    mask = attention.causal_mask(5)
    here, _ = grouped_attention.grouped_query_attention(*arrays, mask, table_of(5, 4))
    there, _ = grouped_attention.grouped_query_attention(*arrays, mask, table_of(5, 4, first=900))
    nowhere, _ = grouped_attention.grouped_query_attention(*arrays, mask)
    np.testing.assert_allclose(here, there, rtol=0, atol=1e-10)
    assert np.abs(here - nowhere).max() > 0.01


@settings(deadline=None, max_examples=40)
@given(
    window=st.sampled_from([None, 1, 2, 4]),
    prompt=st.integers(1, 5),
    halves=st.booleans(),
    placed=st.booleans(),
    **{name: SIZES[name] for name in ("n", "groups", "shared", "seed")},
)
def test_steps_with_a_cache_are_the_whole_pass(
    window, prompt, halves, placed, n, groups, shared, seed
):
    length, size, v = prompt + 3, 4, 3
    arrays, _, _ = problem(n, length, groups, shared, size, seed, v=v)
    x, *kernels = arrays
    mask = grouped_attention.window_mask(length, window)
    table = table_of(length, size) if placed else None
    whole, _ = grouped_attention.grouped_query_attention(*arrays, mask, table, halves)
    keys, values = np.zeros((n, groups, 0, size)), np.zeros((n, groups, 0, v))
    short = keys, values
    first = 0
    for last in (prompt, prompt + 1, prompt + 3):
        here = table_of(last - first, size, first) if placed else None
        new, options = x[:, first:last], (window, here, halves)
        found, keys, values = grouped_attention.grouped_query_step(
            new, *kernels, keys, values, *options
        )
        assert keys.shape == (n, groups, last, size)
        assert values.shape == (n, groups, last, v)
        np.testing.assert_allclose(found, whole[:, first:last], rtol=0, atol=1e-12)
        # A window needs no more than its last keys and values.
        kept, *short = grouped_attention.grouped_query_step(new, *kernels, *short, *options)
        np.testing.assert_allclose(kept, found, rtol=0, atol=1e-12)
        if window is not None:
            short = [one[:, :, one.shape[2] - min(window - 1, one.shape[2]) :] for one in short]
        first = last


def test_a_step_keeps_the_callers_cache():
    arrays, _, generator = problem(2, 3, 1, 2, 4, seed=2)
    keys, values = generator.normal(size=(2, 2, 1, 5, 4))
    copies = keys.copy(), values.copy()
    _, longer, _ = grouped_attention.grouped_query_step(*arrays, keys, values)
    longer += 1
    np.testing.assert_array_equal((keys, values), copies)


def test_windows_by_hand():
    expected = [[1, 0, 0, 0], [1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1]]
    mask = grouped_attention.window_mask(4, 2)
    assert mask.dtype == bool
    np.testing.assert_array_equal(mask, expected)
    np.testing.assert_array_equal(grouped_attention.window_mask(3, 1), np.eye(3))
    for wide in (None, 4, np.int64(9)):
        np.testing.assert_array_equal(
            grouped_attention.window_mask(4, wide), attention.causal_mask(4)
        )


@pytest.mark.parametrize("window", [0, -1, 2.0, True, "3"])
def test_a_window_that_is_none_is_refused(window):
    with pytest.raises(ValueError, match="window_mask: window should be a positive whole number"):
        grouped_attention.window_mask(4, window)
    arrays, _, _ = problem(1, 2, 1, 1, 2, seed=0)
    cache = np.zeros((1, 1, 0, 2)), np.zeros((1, 1, 0, 2))
    with pytest.raises(ValueError, match="grouped_query_step: window should be"):
        grouped_attention.grouped_query_step(*arrays, *cache, window)


def test_groups_that_do_not_divide_the_heads_are_refused():
    arrays, gradient, _ = problem(2, 3, 2, 2, 4, seed=0)
    cache = [np.zeros((2, 3, 0, 4))] * 2
    arrays[2] = arrays[3] = np.ones((WIDTH, 3, 4))
    message = "the groups of keys and values should divide the 4 heads of queries, but are 3"
    calls = {
        "grouped_query_attention": lambda call: call(*arrays),
        "grouped_query_attention_backward": lambda call: call(gradient, *arrays),
        "grouped_query_step": lambda call: call(*arrays, *cache),
        "grouped_attention": lambda call: call(np.ones((4, 2, 1)), *np.ones((2, 3, 2, 1))),
        "grouped_attention_backward": lambda call: call(
            *np.ones((2, 4, 2, 1)), *np.ones((2, 3, 2, 1)), np.ones((4, 2, 2))
        ),
    }
    for name, call in calls.items():
        with pytest.raises(ValueError, match=f"{name}: {message}"):
            call(getattr(grouped_attention, name))
    with pytest.raises(ValueError, match="heads of queries, but are 0"):
        grouped_attention.grouped_attention(np.ones((4, 2, 1)), *np.ones((2, 0, 2, 1)))


def test_masks_and_tables_that_do_not_fit_are_refused():
    arrays, gradient, _ = problem(2, 3, 2, 2, 4, seed=0)
    wrong = np.full((3, 3), 0.5)
    with pytest.raises(ValueError, match=r"grouped_query_attention: mask .* holds \[0.5\]"):
        grouped_attention.grouped_query_attention(*arrays, wrong)
    with pytest.raises(ValueError, match=r"grouped_query_attention_backward: mask .* \[0.5\]"):
        grouped_attention.grouped_query_attention_backward(gradient, *arrays, wrong)
    with pytest.raises(ValueError, match=r"grouped_attention: mask .* \[0.5\]"):
        grouped_attention.grouped_attention(*[np.ones((2, 3, 4))] * 3, wrong)
    with pytest.raises(ValueError, match="mask should broadcast to the scores"):
        grouped_attention.grouped_query_attention(*arrays, np.ones((3, 4)))
    with pytest.raises(ValueError, match=r"rotate_pairs: cosines should have shape .* with t = 3"):
        grouped_attention.grouped_query_attention(*arrays, None, table_of(4, 4))
    odd, _, _ = problem(2, 3, 2, 2, 3, seed=0)
    with pytest.raises(ValueError, match=r"turns pairs of features, .* but is 3"):
        grouped_attention.grouped_query_attention(*odd, None, table_of(3, 4))


def test_any_argument_of_another_shape_is_refused():
    arrays, gradient, _ = problem(2, 3, 1, 2, 4, seed=0, v=5, out=6)
    step = [*arrays, np.zeros((2, 1, 7, 4)), np.zeros((2, 1, 7, 5))]
    # Other texts, longer ones, and wider outputs fit.
    fits = {(0, 0), (0, 1), (4, 2)}
    for place, one in enumerate(step):
        for axis in range(one.ndim):
            wrong = [*step[:place], np.repeat(one, 3, axis=axis), *step[place + 1 :]]
            calls = {}
            if place < 5:
                calls["grouped_query_attention_backward"] = [gradient, *wrong[:5]]
                if (place, axis) not in fits:
                    calls["grouped_query_attention"] = wrong[:5]
            if (place, axis) not in fits - {(0, 0)}:
                calls["grouped_query_step"] = wrong
            for name, arguments in calls.items():
                with pytest.raises(ValueError, match=rf"{name}: \w+ should have shape"):
                    getattr(grouped_attention, name)(*arguments)
    with pytest.raises(ValueError, match=r"value should have shape .* with groups = 1 as in key"):
        grouped_attention.grouped_attention(*np.ones((2, 1, 2, 3)), np.ones((2, 2, 3)))


def test_single_precision_stays_single():
    arrays, gradient, _ = problem(2, 3, 2, 2, 4, seed=0)
    single = [one.astype("float32") for one in arrays]
    table = [one.astype("float32") for one in table_of(3, 4)]
    forward = grouped_attention.grouped_query_attention(*single, None, table)
    back = grouped_attention.grouped_query_attention_backward(
        gradient.astype("float32"), *single, None, table
    )
    cache = [np.zeros((2, 2, 0, 4), "float32")] * 2
    step = grouped_attention.grouped_query_step(*single, *cache, None, table)
    everything = [*forward, *back.values(), *step]
    assert {one.dtype for one in everything} == {np.dtype("float32")}
    assert step[1].shape == (2, 2, 3, 4)
