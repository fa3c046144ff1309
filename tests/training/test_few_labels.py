"""What the methods of lesson 09 share, when labels are few."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from course_lib.scratch.activations import softmax
from course_lib.training.few_labels import draw_labels, learn, new_weights, prepare, train_head


def small(keras, rate=0.1):
    network = keras.Sequential([keras.Input((2, 2, 1)), keras.layers.Flatten()])
    network.add(keras.layers.Dense(2))
    return prepare(network, keras.optimizers.Adam(rate), 5)


@pytest.fixture
def photos(rng):
    images = rng.normal(size=(30, 2, 2, 1)).astype("float32")
    return images, (images.sum(axis=(1, 2, 3)) > 0).astype(int)


@pytest.fixture
def rng():
    return np.random.default_rng(3)


def unchanged(images, generator):
    return images


def test_a_draw_has_as_many_of_each_class_and_no_example_twice(rng):
    labels = rng.integers(0, 3, 90)
    rows = draw_labels(labels, 5, [7, 1])
    assert len(set(rows)) == 15
    np.testing.assert_array_equal(labels[rows], np.repeat([0, 1, 2], 5))
    np.testing.assert_array_equal(rows, draw_labels(labels, 5, [7, 1]))
    assert not np.array_equal(rows, draw_labels(labels, 5, [7, 2]))


def test_a_class_with_too_few_examples():
    with pytest.raises(ValueError, match="fewer than 2 examples"):
        draw_labels(np.array([0, 0, 1]), 2, 0)


def test_a_head_finds_what_scikit_learn_finds(rng):
    features = 5 + rng.normal(size=(200, 4)) * [1, 2, 3, 4]
    labels = (features @ [1, -1, 0.5, 0] + rng.normal(size=200) > 2.5).astype(int)
    weights, bias = train_head(features, labels, 2, steps=20_000)
    mean, size = features.mean(axis=0), np.sqrt(features.var(axis=0).sum())
    # The penalty 0.001 / 2 is on both columns, which are opposite: 0.001 on half the difference.
    rival = LogisticRegression(C=2 / (0.001 * 200), tol=1e-8).fit((features - mean) / size, labels)
    theirs = rival.predict_proba((features - mean) / size)
    np.testing.assert_allclose(softmax(features @ weights + bias), theirs, atol=1e-3)


def test_the_same_head_whatever_the_unit_of_the_features(rng):
    features, labels = rng.normal(size=(40, 3)), rng.integers(0, 3, 40)
    one = train_head(features, labels, 3)
    other = train_head(100 * features + 7, labels, 3)
    answers = features @ one[0] + one[1]
    np.testing.assert_allclose((100 * features + 7) @ other[0] + other[1], answers, atol=1e-9)


def test_a_prepared_network_learns_from_whole_numbers(keras, photos):
    network = small(keras)
    assert len(network.optimizer.variables) > 2
    before = network.evaluate(*photos, verbose=0)
    network.fit(*photos, epochs=30, verbose=0)
    assert network.evaluate(*photos, verbose=0) < 0.5 * before


def test_new_weights_depend_on_the_seed_and_leave_the_network_alone(keras):
    network = small(keras)
    own = network.get_weights()
    one, again, other = (new_weights(network, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one[0], again[0])
    assert np.abs(one[0] - other[0]).max() > 0.01
    np.testing.assert_array_equal(own[0], network.get_weights()[0])


def test_learning_starts_afresh_each_time(keras, photos):
    network = small(keras)
    start = new_weights(network, 5)
    found = []
    for _ in range(2):
        learn(network, start, *photos, [1, 2], unchanged, steps=10, batch=5)
        found.append(network.get_weights())
        assert int(network.optimizer.iterations) == 10
    for one, other in zip(*found, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)
    assert np.abs(found[0][0] - start[0]).max() > 0.1


def test_images_are_varied_each_time_they_come(keras, photos):
    seen = []

    def vary(images, generator):
        seen.append(len(images))
        return np.zeros_like(images)

    network = small(keras)
    start = new_weights(network, 5)
    learn(network, start, *photos, 0, vary, steps=12, batch=5)
    assert seen == [60]
    # Of black images only the bias can learn.
    np.testing.assert_array_equal(network.get_weights()[0], start[0])
