"""Residual networks: counted as published, and equal to the formula by which they are named."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.lesson import quiet_stderr

with quiet_stderr():
    import keras
    import tensorflow as tf

    from course_lib.models import residual


def block(shape, filters, **options):
    inputs = keras.Input(shape, dtype="float32")
    return keras.Model(inputs, residual.residual_block(inputs, filters, **options))


def kinds(model, kind):
    return [layer for layer in model.layers if isinstance(layer, kind)]


def trainable(model):
    return sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)


def randomise(model, seed=0):
    """Give every weight a value of its own, moving averages included."""
    generator = np.random.default_rng(seed)
    model.set_weights([generator.uniform(0.2, 1.5, w.shape) for w in model.get_weights()])
    for layer in kinds(model, keras.layers.Conv2D):
        layer.set_weights([generator.normal(0, 0.4, w.shape) for w in layer.get_weights()])


def by_formula(model, images, filters, stride, shortcut):
    """Compute the block with TensorFlow's own functions and explicit padding."""
    convolutions = kinds(model, keras.layers.Conv2D)
    norms = kinds(model, keras.layers.BatchNormalization)
    by_kernel = {3: [], 1: []}
    for convolution, norm in zip(convolutions, norms, strict=True):
        by_kernel[convolution.kernel_size[0]].append((convolution, norm))

    def convolve(x, kernel, norm, stride):
        pad = kernel.shape[0] // 2
        z = tf.nn.conv2d(x, kernel, stride, [[0, 0], [pad, pad], [pad, pad], [0, 0]])
        gamma, beta, mean, variance = norm.get_weights()
        return gamma * (z - mean) / np.sqrt(variance + 1e-5) + beta

    (first, first_norm), (second, second_norm) = by_kernel[3]
    x = np.maximum(convolve(images, first.get_weights()[0], first_norm, stride), 0)
    x = convolve(x, second.get_weights()[0], second_norm, 1)
    if shortcut and by_kernel[1]:
        [(projection, norm)] = by_kernel[1]
        images = convolve(images, projection.get_weights()[0], norm, stride)
    return np.maximum(x + images if shortcut else x, 0)


@given(
    size=st.integers(4, 9),
    channels=st.integers(1, 3),
    filters=st.integers(1, 3),
    stride=st.sampled_from([1, 2]),
    shortcut=st.booleans(),
)
@settings(deadline=None, max_examples=25)
def test_the_block_is_its_formula(size, channels, filters, stride, shortcut):
    model = block((size, size + 1, channels), filters, stride=stride, shortcut=shortcut)
    randomise(model)
    images = np.random.default_rng(1).normal(size=(2, size, size + 1, channels))
    images = images.astype(np.float32)
    expected = by_formula(model, images, filters, stride, shortcut)
    assert expected.shape == (2, -(-size // stride), -(-(size + 1) // stride), filters)
    assert model(images, training=False).numpy() == pytest.approx(expected, rel=1e-4, abs=1e-4)


def test_a_zeroed_branch_leaves_the_relu_of_the_input_exactly():
    model = block((6, 6, 3), 3)
    gamma, beta, mean, variance = kinds(model, keras.layers.BatchNormalization)[-1].get_weights()
    last = kinds(model, keras.layers.BatchNormalization)[-1]
    last.set_weights([0 * gamma, 0 * beta, mean, variance])
    images = np.random.default_rng(0).normal(size=(4, 6, 6, 3)).astype(np.float32)
    assert np.array_equal(model(images, training=False).numpy(), np.maximum(images, 0))
    assert np.array_equal(model(images, training=True).numpy(), np.maximum(images, 0))


@pytest.mark.parametrize(
    ("channels", "filters", "stride", "projections"),
    [(3, 3, 1, 0), (3, 4, 1, 1), (3, 3, 2, 1)],
)
def test_the_shortcut_is_a_convolution_only_where_shapes_change(
    channels, filters, stride, projections
):
    model = block((6, 6, channels), filters, stride=stride)
    kernels = [layer.kernel_size for layer in kinds(model, keras.layers.Conv2D)]
    assert kernels.count((1, 1)) == projections
    assert kernels.count((3, 3)) == 2
    plain = block((6, 6, channels), filters, stride=stride, shortcut=False)
    assert [layer.kernel_size for layer in kinds(plain, keras.layers.Conv2D)] == [(3, 3)] * 2
    assert not kinds(plain, keras.layers.Add)


def test_convolutions_have_no_bias_and_normalisation_the_momentum_asked_for():
    model = block((6, 6, 2), 3, momentum=0.7)
    assert not any(layer.use_bias for layer in kinds(model, keras.layers.Conv2D))
    norms = kinds(model, keras.layers.BatchNormalization)
    assert {(norm.momentum, norm.epsilon) for norm in norms} == {(0.7, 1e-5)}


def test_he_initialisation():
    model = block((6, 6, 40), 40)
    kernel = kinds(model, keras.layers.Conv2D)[0].get_weights()[0]
    assert kernel.var() == pytest.approx(2 / (9 * 40), rel=0.05)


def test_resnet18_is_counted_as_published():
    model = residual.resnet18((224, 224, 3), stem="imagenet")
    assert trainable(model) == 11_181_642
    assert model.count_params() == 11_191_242
    assert model.output_shape == (None, 10)
    # Conv layers: 1 + 4 * 2 * 2, and three projections.
    assert len(kinds(model, keras.layers.Conv2D)) == 20
    assert len(kinds(model, keras.layers.Dense)) == 1


def test_resnet18_with_a_thousand_classes_is_the_original():
    assert trainable(residual.resnet18((224, 224, 3), 1000, stem="imagenet")) == 11_689_512


def test_the_small_stem_has_a_smaller_kernel():
    large = trainable(residual.resnet18(stem="imagenet"))
    assert large - trainable(residual.resnet18(stem="small")) == 64 * 3 * (49 - 9) == 7_680


@pytest.mark.parametrize(
    ("stem", "size", "last"),
    [("imagenet", 224, 7), ("imagenet", 32, 1), ("small", 32, 4), ("fast", 32, 2)],
)
def test_what_is_left_before_the_average(stem, size, last):
    model = residual.resnet18((size, size, 3), stem=stem, width=2)
    average = kinds(model, keras.layers.GlobalAveragePooling2D)[0]
    assert average.input.shape[1:] == (last, last, 16)


def test_the_imagenet_stem_is_convolution_then_pooling():
    model = residual.resnet18((9, 9, 1), stem="imagenet", width=2)
    pool = kinds(model, keras.layers.MaxPooling2D)[0]
    stem = keras.Model(model.inputs[0], [pool.input, pool.output])
    images = np.random.default_rng(0).normal(size=(2, 9, 9, 1)).astype(np.float32)
    before, after = (array.numpy() for array in stem(images))
    # The pooling layer's input is padded by one zero on every side.
    assert before.shape == (2, 7, 7, 2)
    assert not before[:, 0].any()
    assert not before[:, :, -1].any()
    windows = [
        before[:, i : i + 3, j : j + 3].max(axis=(1, 2)) for i in (0, 2, 4) for j in (0, 2, 4)
    ]
    assert np.array_equal(after.reshape(2, 9, 2), np.stack(windows, axis=1))


def test_a_tiny_resnet18_learns():
    keras.utils.set_random_seed(3)
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 2, 320)
    images = generator.normal(size=(320, 16, 16, 1)).astype(np.float32)
    images[:, :, :8] += labels[:, None, None, None]
    model = residual.resnet18((16, 16, 1), 2, width=4)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.Adam(0.003), loss=loss)
    held_out = {"x": images[256:], "y": labels[256:], "verbose": 0}
    untrained = model.evaluate(**held_out)
    model.fit(images[:256], labels[:256], epochs=6, batch_size=32, verbose=0)
    assert model.evaluate(**held_out) < 0.5 * untrained


def test_the_small_network():
    model = residual.small_residual_network((28, 28, 1), 10)
    assert model.output_shape == (None, 10)
    assert model.layers[-2].output.shape == (None, 64)
    assert model.layers[-3].output.shape == (None, 4, 4, 64)
    stem = kinds(model, keras.layers.Conv2D)[0]
    assert (stem.kernel_size, stem.strides, stem.output.shape[1:]) == ((5, 5), (2, 2), (14, 14, 16))
    assert {norm.momentum for norm in kinds(model, keras.layers.BatchNormalization)} == {0.8}
    assert len(kinds(model, keras.layers.Add)) == 3


def test_the_small_network_with_other_sizes():
    model = residual.small_residual_network((32, 32, 3), 5, (4, 6), blocks=2, momentum=0.5)
    assert model.layers[-3].output.shape == (None, 8, 8, 6)
    assert len(kinds(model, keras.layers.Add)) == 4
    assert {norm.momentum for norm in kinds(model, keras.layers.BatchNormalization)} == {0.5}
    assert model.output_shape == (None, 5)


def test_a_plain_network_has_the_same_depth_and_no_additions():
    options = {"filters": (4,), "blocks": 3, "stem": "fast"}
    plain = residual.residual_network((28, 28, 1), 10, shortcut=False, **options)
    with_shortcuts = residual.residual_network((28, 28, 1), 10, **options)
    assert plain.count_params() == with_shortcuts.count_params()
    assert len(kinds(plain, keras.layers.Conv2D)) == 7
    assert not kinds(plain, keras.layers.Add)
    assert len(kinds(with_shortcuts, keras.layers.Add)) == 3


def test_the_default_momentum():
    model = residual.residual_network((8, 8, 1), 2, filters=(2,), blocks=1, stem="small")
    assert {norm.momentum for norm in kinds(model, keras.layers.BatchNormalization)} == {0.9}
    inputs = keras.Input((8, 8, 1))
    one = keras.Model(inputs, residual.residual_block(inputs, 2))
    assert {norm.momentum for norm in kinds(one, keras.layers.BatchNormalization)} == {0.9}


@pytest.mark.parametrize(
    "options",
    [
        {"filters": (), "blocks": 1, "stem": "fast"},
        {"filters": (4,), "blocks": 0, "stem": "fast"},
    ],
)
def test_a_network_without_blocks_is_refused(options):
    with pytest.raises(ValueError, match="at least one stage and one block"):
        residual.residual_network((28, 28, 1), 10, **options)


def test_an_unknown_stem_is_refused():
    with pytest.raises(ValueError, match="one of imagenet, small, fast, but is 'cifar'"):
        residual.resnet18(stem="cifar")


def test_importing_the_package_is_light(run_python):
    result = run_python(
        "import sys, course_lib, course_lib.models\nprint('tensorflow' in sys.modules)"
    )
    assert result.stdout.strip() == "False", result.stderr
