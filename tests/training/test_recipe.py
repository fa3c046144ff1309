"""The recipe trains, with each of its ingredients."""

import numpy as np
import pytest

from course_lib.lesson import quiet_stderr

with quiet_stderr():
    import keras

    from course_lib.training import recipe


@pytest.fixture
def data():
    """Bars, upright or lying, anywhere in the middle of a 9 x 9 image."""
    generator = np.random.default_rng(0)
    images = generator.uniform(0, 0.2, (300, 9, 9, 1)).astype("float32")
    labels = generator.integers(0, 2, 300)
    for image, label in zip(images, labels, strict=True):
        place = generator.integers(3, 6)
        image[(slice(1, 8), place) if label else (place, slice(1, 8))] = 1
    return images, labels


def network():
    keras.utils.set_random_seed(3)
    return keras.Sequential(
        [
            keras.layers.Input((9, 9, 1)),
            keras.layers.Conv2D(8, 3, activation="relu"),
            keras.layers.GlobalMaxPooling2D(),
            keras.layers.Dense(2),
        ]
    )


def train(model, images, labels, epochs=4, **options):
    generator = np.random.default_rng(5)
    return recipe.fit_with_recipe(model, images, labels, epochs, 0.05, generator, **options)


def test_batches_hold_every_pair_once_in_an_order_of_their_own():
    images = np.arange(50, dtype="float32").reshape(50, 1)
    orders = []
    for seed in (1, 1, 2):
        keras.utils.set_random_seed(seed)
        batches = [
            [part.numpy() for part in batch]
            for batch in recipe.shuffled_batches(images, -images, 20)
        ]
        assert [len(x) for x, _ in batches] == [20, 20, 10]
        x, y = (np.concatenate(parts).ravel() for parts in zip(*batches, strict=True))
        assert np.array_equal(x, -y)
        assert np.array_equal(np.sort(x), images.ravel())
        orders.append(list(x))
    assert orders[0] == orders[1]
    assert orders[0] != orders[2]
    assert orders[0] != sorted(orders[0])


def test_each_epoch_has_an_order_of_its_own_and_no_tuner():
    batches = recipe.shuffled_batches(np.arange(50), np.arange(50), 50)
    first, second = (next(iter(batches))[0].numpy() for _ in range(2))
    assert not np.array_equal(first, second)
    assert batches.options().autotune.enabled is False


def test_it_learns_and_tells_the_losses(data):
    images, labels = data
    model = network()
    losses = train(model, images[:200], labels[:200], batch_size=20)
    assert len(losses) == 4
    assert losses[-1] < losses[0]
    logits = model.predict(images[200:], verbose=0)
    assert np.mean(logits.argmax(axis=1) == labels[200:]) >= 0.95


def test_the_rate_goes_through_the_whole_cycle(data):
    model = network()
    train(model, *data, epochs=2, batch_size=64)
    rate = model.optimizer._learning_rate
    assert (rate.peak, rate.steps) == (0.05, 2 * 5)  # 300 images make 5 batches, the last of 44
    assert int(model.optimizer.iterations) == rate.steps


def test_labels_are_smoothed(data):
    """The least loss that smoothed labels allow is not 0."""
    model = network()
    train(model, *data, epochs=1)
    least = model.loss(np.array([[1.0, 0.0]]), np.log([[0.975, 0.025]]))
    assert float(least) == pytest.approx(-0.975 * np.log(0.975) - 0.025 * np.log(0.025), rel=1e-5)


def test_every_epoch_shifts_anew(data, monkeypatch):
    images, labels = data
    seen = []

    def spy(batch, pixels, generator, out):
        assert batch is images
        assert pixels == 1
        seen.append(generator.integers(1000))
        out[:] = batch

    monkeypatch.setattr(recipe, "shift_images", spy)
    train(network(), images, labels, epochs=3)
    assert len(seen) == 3
    assert len(set(seen)) == 3
