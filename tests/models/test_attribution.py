"""Each method against networks whose attributions are known without it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

WEIGHTS = np.arange(-8.0, 10.0).reshape(9, 2) / 4


@pytest.fixture(scope="module")
def attribution(tf):
    from course_lib.models import attribution

    return attribution


@pytest.fixture(scope="module")
def linear(keras):
    """Logits that are linear in an image of 3 by 3 pixels."""
    layers = keras.layers
    network = keras.Sequential(
        [
            keras.Input((3, 3, 1), dtype="float64"),
            layers.Flatten(dtype="float64"),
            layers.Dense(2, dtype="float64"),
        ]
    )
    network.set_weights([WEIGHTS, np.array([5.0, -3.0])])
    return network


@pytest.fixture(scope="module")
def curved(keras):
    """A smooth network with batch normalisation and dropout, which must stay off."""
    keras.utils.set_random_seed(0)
    layers = keras.layers
    network = keras.Sequential(
        [
            keras.Input((4,), dtype="float64"),
            layers.Dense(6, activation="tanh", dtype="float64"),
            layers.BatchNormalization(dtype="float64"),
            layers.Dropout(0.5, dtype="float64"),
            layers.Dense(3, dtype="float64"),
        ]
    )
    generator = np.random.default_rng(0)
    network.layers[1].set_weights([generator.uniform(0.5, 2, 6) for _ in range(4)])
    return network


def images(count, seed=0):
    return np.random.default_rng(seed).normal(size=(count, 3, 3, 1))


def weights_of(classes):
    return WEIGHTS[:, classes].T.reshape(-1, 3, 3, 1)


CLASSES = np.array([1, 0, 1])


def test_chosen_logits(attribution, linear):
    some = images(3)
    expected = (some.reshape(3, 9) @ WEIGHTS + [5.0, -3.0])[np.arange(3), CLASSES]
    np.testing.assert_allclose(
        attribution.chosen_logits(linear, some, CLASSES), expected, atol=1e-12
    )


def test_of_a_linear_network_the_gradient_is_its_weights(attribution, linear):
    found = attribution.input_gradient(linear, images(3), CLASSES)
    np.testing.assert_allclose(found, weights_of(CLASSES), atol=1e-12)


def test_gradient_agrees_with_finite_differences(attribution, curved):
    inputs, classes = np.random.default_rng(1).normal(size=(2, 4)), np.array([2, 0])
    found = attribution.input_gradient(curved, inputs, classes)
    for feature in range(4):
        nudge = np.zeros(4)
        nudge[feature] = 1e-5
        ahead = attribution.chosen_logits(curved, inputs + nudge, classes)
        behind = attribution.chosen_logits(curved, inputs - nudge, classes)
        np.testing.assert_allclose(found[:, feature], (ahead - behind) / 2e-5, atol=1e-8)


def test_an_input_is_explained_the_same_in_any_company(attribution, curved):
    inputs, classes = np.random.default_rng(2).normal(size=(5, 4)), np.array([0, 1, 2, 1, 0])
    together = attribution.input_gradient(curved, inputs, classes)
    alone = attribution.input_gradient(curved, inputs[3:4], classes[3:4])
    np.testing.assert_allclose(together[3:4], alone, atol=1e-12)
    logit = attribution.chosen_logits(curved, inputs[3:4], classes[3:4])
    np.testing.assert_allclose(
        attribution.chosen_logits(curved, inputs, classes)[3:4], logit, atol=1e-12
    )


def test_smooth_grad_is_the_mean_gradient_of_noisy_copies(attribution, curved):
    inputs, classes = np.random.default_rng(3).normal(size=(2, 4)), np.array([1, 2])
    found = attribution.smooth_grad(curved, inputs, classes, 0.3, 5, np.random.default_rng(4))
    generator = np.random.default_rng(4)
    noisy = [inputs + 0.3 * generator.normal(size=(2, 4)) for _ in range(5)]
    expected = np.mean([attribution.input_gradient(curved, one, classes) for one in noisy], axis=0)
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_of_a_linear_network_smooth_grad_is_the_weights_whatever_the_noise(attribution, linear):
    found = attribution.smooth_grad(linear, images(3), CLASSES, 2.0, 3, np.random.default_rng(0))
    np.testing.assert_allclose(found, weights_of(CLASSES), atol=1e-12)


@pytest.mark.parametrize("steps", [1, 4])
def test_of_a_linear_network_integrated_gradients_is_weight_times_change(
    attribution, linear, steps
):
    some, baseline = images(3), images(1, seed=9)
    found = attribution.integrated_gradients(linear, some, CLASSES, baseline, steps)
    np.testing.assert_allclose(found, weights_of(CLASSES) * (some - baseline), atol=1e-12)


@settings(max_examples=10)
@given(seed=st.integers(0, 1000), grey=st.floats(-1, 1))
def test_integrated_gradients_are_complete(attribution, curved, seed, grey):
    generator = np.random.default_rng(seed)
    inputs, classes = generator.normal(size=(3, 4)), generator.integers(0, 3, 3)
    found = attribution.integrated_gradients(curved, inputs, classes, grey, 50)
    baseline = np.full((3, 4), grey)
    difference = attribution.chosen_logits(curved, inputs, classes) - attribution.chosen_logits(
        curved, baseline, classes
    )
    np.testing.assert_allclose(found.sum(axis=1), difference, atol=5e-3)


def test_twice_the_steps_leave_a_quarter_of_the_error(attribution, curved):
    inputs, classes = np.array([[0.8, -0.5, 0.3, 0.9]]), np.array([1])
    gap = attribution.chosen_logits(curved, inputs, classes) - attribution.chosen_logits(
        curved, 0 * inputs, classes
    )
    errors = [
        abs(attribution.integrated_gradients(curved, inputs, classes, 0.0, steps).sum() - gap[0])
        for steps in (20, 40)
    ]
    assert errors[0] / errors[1] == pytest.approx(4, rel=0.05)


def test_a_saturated_network_has_no_gradient_but_an_attribution(attribution, keras):
    layers = keras.layers
    alarm = keras.Sequential(
        [keras.Input((2,)), layers.Dense(1, activation="relu"), layers.Dense(1)]
    )
    alarm.set_weights([np.full((2, 1), -1.0), np.ones(1), np.array([[-1.0]]), np.ones(1)])
    on = np.ones((1, 2), "float32")
    np.testing.assert_array_equal(attribution.input_gradient(alarm, on, [0]), [[0, 0]])
    found = attribution.integrated_gradients(alarm, on, [0], 0.0, 10)
    np.testing.assert_allclose(found, [[0.5, 0.5]], atol=1e-6)
    assert found.dtype == np.float32


def test_occlusion_by_hand(attribution, linear):
    image = np.arange(1.0, 10.0).reshape(1, 3, 3, 1)
    kept = image.copy()
    found = attribution.occlusion(linear, image, np.array([0]), size=1, stride=1)
    np.testing.assert_allclose(found, (image * weights_of(np.array([0])))[..., 0], atol=1e-12)
    np.testing.assert_array_equal(image, kept)


def test_occlusion_averages_the_squares_that_overlap(attribution, linear):
    some = images(3)
    products = (some * weights_of(CLASSES))[..., 0]
    squares = [[products[:, r : r + 2, c : c + 2].sum(axis=(1, 2)) for c in (0, 1)] for r in (0, 1)]
    found = attribution.occlusion(linear, some, CLASSES, size=2, stride=1)
    np.testing.assert_allclose(found[:, 0, 0], squares[0][0], atol=1e-12)
    np.testing.assert_allclose(found[:, 2, 0], squares[1][0], atol=1e-12)
    np.testing.assert_allclose(found[:, 0, 1], (squares[0][0] + squares[0][1]) / 2, atol=1e-12)
    np.testing.assert_allclose(found[:, 1, 1], np.mean(squares, axis=(0, 1)), atol=1e-12)


def test_what_no_square_covers_gets_nothing(attribution, linear):
    found = attribution.occlusion(linear, images(3), CLASSES, size=2, stride=2)
    assert not found[:, 2].any()
    assert not found[:, :, 2].any()
    assert found[:, :2, :2].all()


def test_occlusion_of_an_image_that_is_not_square(attribution, keras):
    wide = keras.Sequential([keras.Input((2, 4, 1)), keras.layers.Flatten(), keras.layers.Dense(1)])
    wide.set_weights([np.arange(8.0)[:, None], np.zeros(1)])
    found = attribution.occlusion(wide, np.ones((1, 2, 4, 1), "float32"), [0], size=1, stride=1)
    np.testing.assert_allclose(found[0], np.arange(8.0).reshape(2, 4), atol=1e-5)


@pytest.fixture(scope="module")
def pooled(keras):
    """Two maps, the pixel and its negative, averaged and weighed by hand."""
    layers = keras.layers
    network = keras.Sequential(
        [
            keras.Input((2, 3, 1)),
            layers.Conv2D(2, 1, name="maps"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(2),
        ]
    )
    network.set_weights(
        [
            np.array([1.0, -1.0]).reshape(1, 1, 1, 2),
            np.zeros(2),
            np.array([[12.0, 0.0], [6.0, -6.0]]),
            np.zeros(2),
        ]
    )
    return network


@pytest.mark.parametrize("trainable", [True, False])
def test_grad_cam_by_hand(attribution, pooled, trainable):
    pooled.trainable = trainable
    image = np.array([[1.0, -2.0, 0.5], [0.0, 3.0, -1.0]], "float32").reshape(1, 2, 3, 1)
    found = attribution.grad_cam(pooled, np.repeat(image, 2, axis=0), np.array([0, 1]), "maps")
    # The dense weights shared among six places: 2 and 1 for class 0, 0 and -1 for class 1.
    pixel = image[0, :, :, 0]
    np.testing.assert_allclose(found[0], np.maximum(2 * pixel - pixel, 0), atol=1e-6)
    np.testing.assert_allclose(found[1], np.maximum(pixel, 0), atol=1e-6)


def test_grad_cam_weighs_a_map_by_its_mean_gradient(attribution, keras):
    layers = keras.layers
    network = keras.Sequential(
        [
            keras.Input((2, 2, 1)),
            layers.Conv2D(1, 1, name="maps"),
            layers.Flatten(),
            layers.Dense(1),
        ]
    )
    network.set_weights(
        [np.ones((1, 1, 1, 1)), np.zeros(1), np.array([[8.0], [0.0], [0.0], [-4.0]]), np.zeros(1)]
    )
    image = np.array([1.0, 2.0, 3.0, 4.0], "float32").reshape(1, 2, 2, 1)
    found = attribution.grad_cam(network, image, [0], "maps")
    np.testing.assert_allclose(found[0], [[1, 2], [3, 4]], atol=1e-6)


def test_grad_cam_of_a_network_with_batch_normalisation_does_not_train(attribution, keras):
    layers = keras.layers
    network = keras.Sequential(
        [
            keras.Input((2, 2, 1)),
            layers.BatchNormalization(name="maps"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(1),
        ]
    )
    network.layers[0].set_weights([np.full(1, value) for value in (2.0, 1.0, 3.0, 4.0)])
    network.layers[2].set_weights([np.full((1, 1), 4.0), np.zeros(1)])
    image = np.array([5.0, 1.0, 3.0, 2.0], "float32").reshape(1, 2, 2, 1)
    found = attribution.grad_cam(network, image, [0], "maps")
    np.testing.assert_allclose(found[0], [[3, 0], [1, 0]], atol=1e-3)


def test_a_layer_that_is_not_there(attribution, pooled):
    with pytest.raises(ValueError, match="No such layer: nowhere"):
        attribution.grad_cam(pooled, np.zeros((1, 2, 3, 1), "float32"), [0], "nowhere")


def test_grad_cam_of_maps_that_come_before_any_weight(attribution, keras):
    layers = [keras.layers.ReLU(name="maps"), keras.layers.Flatten(), keras.layers.Dense(1)]
    network = keras.Sequential([keras.Input((2, 2, 1)), *layers])
    network.set_weights([np.array([[4.0], [8.0], [0.0], [0.0]]), np.zeros(1)])
    image = np.array([1.0, -2.0, 3.0, 0.5], "float32").reshape(1, 2, 2, 1)
    found = attribution.grad_cam(network, image, [0], "maps")
    np.testing.assert_allclose(found[0], [[3, 0], [9, 1.5]], atol=1e-6)
