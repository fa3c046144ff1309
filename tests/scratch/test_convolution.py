"""Convolution and pooling equal Keras, forward and backward, and their own definition."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.scratch.convolution import (
    add_windows,
    average_pool,
    average_pool_gradient,
    convolve,
    convolve_gradients,
    convolve_loops,
    max_pool,
    max_pool_gradient,
    output_size,
    pad,
    padding_widths,
    receptive_field,
    windows,
)
from course_lib.scratch.gradient_check import gradient_error

SETTING = {
    "height": st.integers(5, 12),
    "width": st.integers(5, 12),
    "size": st.tuples(st.integers(1, 5), st.integers(1, 5)),
    "channels": st.integers(1, 4),
    "stride": st.integers(1, 3),
    "padding": st.sampled_from(["valid", "same"]),
    "seed": st.integers(0, 10_000),
}
SMALL = {
    **SETTING,
    "height": st.integers(3, 5),
    "width": st.integers(3, 5),
    "size": st.tuples(st.integers(1, 3), st.integers(1, 3)),
    "channels": st.integers(1, 2),
    "padding": st.sampled_from(["valid", "same", 0]),
}


def make_images(height, width, channels, seed, examples=2):
    """Return images without ties, and the generator for what else is needed."""
    generator = np.random.default_rng(seed)
    count = examples * height * width * channels
    grey = generator.permutation(count) / count - 0.5 + generator.uniform(-0.2, 0.2) / count
    return grey.reshape(examples, height, width, channels), generator


def make_kernels(size, channels, filters, generator):
    return generator.normal(size=(*size, channels, filters)), generator.normal(size=filters)


def largest_difference(ours, theirs):
    assert np.shape(ours) == np.shape(theirs)
    return np.max(np.abs(np.asarray(ours) - np.asarray(theirs)))


@settings(max_examples=120)
@given(filters=st.integers(1, 4), **SETTING)
def test_convolution_equals_keras(
    tf, keras, height, width, size, channels, stride, padding, seed, filters
):
    images, generator = make_images(height, width, channels, seed)
    kernels, bias = make_kernels(size, channels, filters, generator)
    layer = keras.layers.Conv2D(filters, size, stride, padding, dtype="float64")
    layer.build(images.shape)
    layer.set_weights([kernels, bias])
    inputs = tf.constant(images)
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        outputs = layer(inputs)
        upstream = generator.normal(size=outputs.shape)
        loss = tf.reduce_sum(outputs * upstream)
    theirs = tape.gradient(loss, [inputs, layer.kernel.value, layer.bias.value])
    ours = convolve_gradients(images, kernels, upstream, stride, padding)
    assert largest_difference(convolve(images, kernels, bias, stride, padding), outputs) < 1e-10
    for one, other in zip(ours, theirs, strict=True):
        assert largest_difference(one, other) < 1e-10


@settings(max_examples=100)
@given(kind=st.sampled_from(["max", "average"]), **SETTING)
def test_pooling_equals_keras(
    tf, keras, height, width, size, channels, stride, padding, seed, kind
):
    images, generator = make_images(height, width, channels, seed)
    pool, gradient, layer_type = {
        "max": (max_pool, max_pool_gradient, keras.layers.MaxPooling2D),
        "average": (average_pool, average_pool_gradient, keras.layers.AveragePooling2D),
    }[kind]
    layer = layer_type(size, stride, padding, dtype="float64")
    inputs = tf.constant(images)
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        outputs = layer(inputs)
        upstream = generator.normal(size=outputs.shape)
        loss = tf.reduce_sum(outputs * upstream)
    ours = gradient(images, upstream, size, stride, padding)
    assert layer.count_params() == 0
    assert largest_difference(pool(images, size, stride, padding), outputs) < 1e-10
    assert largest_difference(ours, tape.gradient(loss, inputs)) < 1e-10


@settings(max_examples=25)
@given(**{**SETTING, "channels": st.integers(1, 2)})
def test_of_equal_pixels_the_first_wins_as_in_tensorflow(
    tf, height, width, size, channels, stride, padding, seed
):
    generator = np.random.default_rng(seed)
    images = generator.integers(0, 3, (2, height, width, channels)).astype(np.float64)
    inputs = tf.constant(images)
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        outputs = tf.nn.max_pool2d(inputs, size, stride, padding.upper())
        upstream = generator.normal(size=outputs.shape)
        loss = tf.reduce_sum(outputs * upstream)
    ours = max_pool_gradient(images, upstream, size, stride, padding)
    assert largest_difference(ours, tape.gradient(loss, inputs)) < 1e-10


def test_the_defaults_are_those_of_keras(keras):
    images, generator = make_images(7, 6, 3, seed=1)
    kernels, bias = make_kernels((3, 2), 3, 4, generator)
    layer = keras.layers.Conv2D(4, (3, 2), dtype="float64")
    layer.build(images.shape)
    layer.set_weights([kernels, bias])
    assert largest_difference(convolve(images, kernels, bias), layer(images)) < 1e-10
    for pool, layer_type in [
        (max_pool, keras.layers.MaxPooling2D),
        (average_pool, keras.layers.AveragePooling2D),
    ]:
        assert largest_difference(pool(images), layer_type((2, 2), dtype="float64")(images)) < 1e-10
    upstream = generator.normal(size=max_pool(images).shape)
    for gradient in (max_pool_gradient, average_pool_gradient):
        explicit = gradient(images, upstream, (2, 2), 2, "valid")
        np.testing.assert_array_equal(gradient(images, upstream), explicit)
    patches = windows(images, (3, 2))
    np.testing.assert_array_equal(patches, windows(images, (3, 2), 1, "valid"))
    explicit = add_windows(patches, images.shape, 1, "valid")
    np.testing.assert_array_equal(add_windows(patches, images.shape), explicit)
    upstream = generator.normal(size=(2, 5, 5, 4))
    ours = convolve_gradients(images, kernels, upstream)
    for one, other in zip(
        ours, convolve_gradients(images, kernels, upstream, 1, "valid"), strict=True
    ):
        np.testing.assert_array_equal(one, other)
    loops = convolve_loops(images, kernels, bias)
    assert largest_difference(loops, convolve(images, kernels, bias)) < 1e-10
    assert output_size(7, 3) == 5


@settings(max_examples=40)
@given(filters=st.integers(1, 3), **SETTING)
def test_loops_and_windows_agree(height, width, size, channels, stride, padding, seed, filters):
    images, generator = make_images(height, width, channels, seed)
    kernels, bias = make_kernels(size, channels, filters, generator)
    for border in (padding, min(size) - 1):
        loops = convolve_loops(images, kernels, bias, stride, border)
        found = convolve(images, kernels, bias, stride, border)
        assert largest_difference(loops, found) < 1e-10


@settings(max_examples=25)
@given(filters=st.integers(1, 2), **SMALL)
def test_convolution_gradients_by_finite_differences(
    height, width, size, channels, stride, padding, seed, filters
):
    images, generator = make_images(height, width, channels, seed)
    kernels, bias = make_kernels(size, channels, filters, generator)
    upstream = generator.normal(size=convolve(images, kernels, bias, stride, padding).shape)
    found = convolve_gradients(images, kernels, upstream, stride, padding)
    losses = [
        lambda x: np.sum(upstream * convolve(x, kernels, bias, stride, padding)),
        lambda k: np.sum(upstream * convolve(images, k, bias, stride, padding)),
        lambda b: np.sum(upstream * convolve(images, kernels, b, stride, padding)),
    ]
    for loss, gradient, point in zip(losses, found, (images, kernels, bias), strict=True):
        assert gradient_error(loss, gradient, point) < 1e-6


@settings(max_examples=25)
@given(kind=st.sampled_from(["max", "average"]), **SMALL)
def test_pooling_gradients_by_finite_differences(
    height, width, size, channels, stride, padding, seed, kind
):
    images, generator = make_images(height, width, channels, seed)
    pool, gradient = {
        "max": (max_pool, max_pool_gradient),
        "average": (average_pool, average_pool_gradient),
    }[kind]
    upstream = generator.normal(size=pool(images, size, stride, padding).shape)
    found = gradient(images, upstream, size, stride, padding)

    def loss(x):
        return np.sum(upstream * pool(x, size, stride, padding))

    assert gradient_error(loss, found, images) < 1e-6


@settings(max_examples=40)
@given(**SETTING)
def test_windows_and_add_windows_are_transposes(
    height, width, size, channels, stride, padding, seed
):
    images, generator = make_images(height, width, channels, seed)
    patches = windows(images, size, stride, padding)
    other = generator.normal(size=patches.shape)
    back = add_windows(other, images.shape, stride, padding)
    assert back.shape == images.shape
    np.testing.assert_allclose(np.sum(patches * other), np.sum(images * back), atol=1e-10)


def test_output_size_counts_the_places_of_the_window():
    grid = itertools.product(range(1, 9), range(1, 6), (1, 2, 3), ("valid", "same", 0, 1, 2))
    for size, kernel, stride, padding in grid:
        before, after = padding_widths(size, kernel, stride, padding)
        places = range(0, size + before + after - kernel + 1, stride)
        assert max(output_size(size, kernel, stride, padding), 0) == len(places)
        if padding == "same":
            assert len(places) == int(np.ceil(size / stride))
            assert after - before in (0, 1)


def test_an_odd_zero_of_same_padding_goes_after():
    assert padding_widths(4, 3, 2, "same") == (0, 1)
    assert padding_widths(5, 3, 2, "same") == (1, 1)
    assert padding_widths(5, 4, 1, "same") == (1, 2)
    assert padding_widths(5, 1, 3, "same") == (0, 0)
    assert padding_widths(5, 3, 2, "valid") == (0, 0)
    assert padding_widths(5, 3, 2, 2) == (2, 2)


def test_convolution_by_hand():
    images = np.arange(9.0).reshape(1, 3, 3, 1)
    kernels = np.array([[1.0, 2.0], [3.0, 4.0]]).reshape(2, 2, 1, 1)
    # 0 * 1 + 1 * 2 + 3 * 3 + 4 * 4 = 27, and 10 more for each step of one grey value.
    expected = np.array([[27.0, 37.0], [57.0, 67.0]]) + 0.5
    for function in (convolve, convolve_loops):
        np.testing.assert_allclose(function(images, kernels, np.array([0.5]))[0, :, :, 0], expected)


def test_padding_one_with_stride_two_is_not_same():
    images, generator = make_images(6, 6, 1, seed=3)
    kernels, bias = make_kernels((3, 3), 1, 1, generator)
    same = convolve(images, kernels, bias, 2, "same")
    one = convolve(images, kernels, bias, 2, 1)
    around = np.pad(images, [(0, 0), (1, 1), (1, 1), (0, 0)])
    assert largest_difference(one, convolve(around, kernels, bias, 2)) < 1e-12
    assert largest_difference(one, same) > 0.1


def test_a_border_never_wins_and_is_never_counted():
    images = np.full((1, 3, 3, 1), -2.0)
    for pool in (max_pool, average_pool):
        np.testing.assert_allclose(pool(images, (2, 2), 2, "same"), np.full((1, 2, 2, 1), -2.0))
        np.testing.assert_allclose(pool(images, (3, 3), 2, 1), np.full((1, 2, 2, 1), -2.0))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_precision_stays(dtype):
    images, generator = make_images(5, 6, 2, seed=4)
    kernels, bias = make_kernels((3, 3), 2, 3, generator)
    images, kernels, bias = (one.astype(dtype) for one in (images, kernels, bias))
    outputs = convolve(images, kernels, bias, 2, "same")
    found = [
        outputs,
        convolve_loops(images, kernels, bias, 2, "same"),
        *convolve_gradients(images, kernels, outputs, 2, "same"),
    ]
    for pool, gradient in [
        (max_pool, max_pool_gradient),
        (average_pool, average_pool_gradient),
    ]:
        pooled = pool(images, (2, 2), 2, "same")
        found += [pooled, gradient(images, pooled, (2, 2), 2, "same")]
    assert [one.dtype for one in found] == [dtype] * len(found)


def test_arguments_are_left_as_they_are():
    images, generator = make_images(5, 5, 2, seed=5)
    kernels, bias = make_kernels((3, 3), 2, 3, generator)
    kept = [one.copy() for one in (images, kernels, bias)]
    upstream = convolve(images, kernels, bias)
    convolve_gradients(images, kernels, upstream)
    max_pool_gradient(images, max_pool(images))
    for one, other in zip((images, kernels, bias), kept, strict=True):
        np.testing.assert_array_equal(one, other)
    with pytest.raises(ValueError, match="read-only"):
        windows(images, (2, 2))[:] = 0


def test_pad_fills_the_border():
    padded = pad(np.ones((1, 2, 3, 1)), (3, 2), 1, "same", 7.0)
    expected = [[7, 7, 7, 7], [1, 1, 1, 7], [1, 1, 1, 7], [7, 7, 7, 7]]
    np.testing.assert_array_equal(padded[0, :, :, 0], expected)
    with pytest.raises(ValueError, match=r"pad: images should have shape \(n, h, w, c\)"):
        pad(np.ones((2, 3)), (3, 2), 1, "same")


def test_receptive_fields_by_hand():
    assert receptive_field([]) == (1, 1)
    assert receptive_field([(3, 1), (3, 1), (3, 1)]) == (7, 1)
    assert receptive_field([(3, 1), (2, 2), (3, 1), (2, 2)]) == (10, 4)
    assert receptive_field([(5, 2), (3, 3)]) == (9, 6)


@given(layers=st.lists(st.tuples(st.integers(1, 4), st.integers(1, 3)), min_size=1, max_size=3))
def test_receptive_field_is_where_a_gradient_arrives(layers):
    images = np.zeros((1, 60, 60, 1))
    shapes = []
    outputs = images
    for kernel, stride in layers:
        shapes.append(outputs.shape)
        outputs = convolve(outputs, np.ones((kernel, kernel, 1, 1)), np.zeros(1), stride)

    def pixels_that_change(row):
        blame = np.zeros(outputs.shape)
        blame[0, row, 0, 0] = 1.0
        for (kernel, stride), shape in zip(reversed(layers), reversed(shapes), strict=True):
            ones = np.ones((kernel, kernel, 1, 1))
            blame, _, _ = convolve_gradients(np.zeros(shape), ones, blame, stride)
        return np.flatnonzero(blame[0, :, :, 0].any(axis=1))

    size, step = receptive_field(layers)
    assert np.ptp(pixels_that_change(0)) + 1 == size
    assert pixels_that_change(1)[0] - pixels_that_change(0)[0] == step


IMAGES = np.ones((2, 4, 5, 3))
KERNELS = np.ones((3, 3, 3, 2))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: convolve(IMAGES[0], KERNELS, np.ones(2)), r"images should have shape \(n, h"),
        (lambda: convolve(IMAGES, KERNELS[:, :, :2], np.ones(2)), "kernels should have shape"),
        (lambda: convolve(IMAGES, KERNELS, np.ones(3)), r"bias should have shape \(f,\)"),
        (lambda: convolve_loops(IMAGES, KERNELS, np.ones(2), 0), "stride should be a whole number"),
        (lambda: convolve(IMAGES, KERNELS, np.ones(2), 1.5), "from 1, but is 1.5"),
        (lambda: convolve(IMAGES, KERNELS, np.ones(2), True), "from 1, but is True"),
        (lambda: convolve(IMAGES, KERNELS, np.ones(2), 1, "full"), "but is 'full'"),
        (lambda: convolve(IMAGES, KERNELS, np.ones(2), 1, 3), "smaller than the window, but is 3"),
        (lambda: convolve(IMAGES, KERNELS, np.ones(2), 1, -1), "smaller than the window"),
        (lambda: max_pool(IMAGES, (5, 2)), "height 5 does not fit into images of height 4"),
        (lambda: max_pool(IMAGES, (2, 6)), "max_pool: a window of width 6 does not fit"),
        (lambda: max_pool(IMAGES, 2), "size should be a height and a width"),
        (lambda: average_pool(IMAGES, (0, 2)), "at least 1 pixel, but is"),
        (lambda: average_pool(IMAGES, (2, 2, 2)), "size should be a height and a width"),
        (lambda: max_pool((255 * IMAGES).astype("uint8")), "but are uint8. Convert them"),
        (
            lambda: convolve_gradients(IMAGES, KERNELS, np.ones((2, 3, 3, 2))),
            r"upstream should have shape \(2, 2, 3, 2\).*has shape \(2, 3, 3, 2\)",
        ),
        (
            lambda: convolve_gradients(IMAGES, KERNELS, np.ones((2, 2, 3, 3))),
            "convolve_gradients: upstream should have shape",
        ),
        (
            lambda: max_pool_gradient(IMAGES, np.ones((2, 2, 3, 3))),
            r"upstream should have shape \(2, 2, 2, 3\)",
        ),
        (
            lambda: average_pool_gradient(IMAGES, np.ones((2, 2, 2, 2))),
            "upstream should have shape",
        ),
        (
            lambda: add_windows(windows(IMAGES, (2, 2)), (2, 4, 4, 3)),
            r"patches should have shape \(2, 3, 3, 2, 2, 3\)",
        ),
        (lambda: add_windows(windows(IMAGES, (2, 2)), (2, 4, 5)), "shape should be that of images"),
        (
            lambda: add_windows(windows(IMAGES, (2, 2)), (2, 4, 5, 2)),
            r"add_windows: patches should have shape \(2, 3, 4, 2, 2, 2\)",
        ),
        (lambda: add_windows(IMAGES, IMAGES.shape), "patches should have shape"),
    ],
)
def test_what_does_not_fit_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
