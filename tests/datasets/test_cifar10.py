"""CIFAR-10 is fetched by Keras; here Keras finds a small stand-in, or no network."""

import socket

import numpy as np
import pytest

from course_lib import datasets
from course_lib.datasets import download


def stand_in(train=40, test=20):
    """Arrays as `keras.datasets.cifar10.load_data` returns them, but few."""
    generator = np.random.default_rng(0)
    return tuple(
        (
            generator.integers(0, 256, (count, 32, 32, 3)).astype(np.uint8),
            generator.integers(0, 10, (count, 1)).astype(np.uint8),
        )
        for count in (train, test)
    )


@pytest.fixture
def fetched(keras, monkeypatch):
    splits = stand_in()
    monkeypatch.setattr(keras.datasets.cifar10, "load_data", lambda: splits)
    return splits


@pytest.mark.parametrize("split", [0, 1], ids=["train", "test"])
def test_images_come_as_keras_gives_them_and_labels_without_an_axis(fetched, split):
    images, labels = datasets.cifar10()[split]
    assert np.array_equal(images, fetched[split][0])
    assert labels.shape == (len(images),)
    assert labels.dtype == np.uint8
    assert np.array_equal(labels, fetched[split][1][:, 0])


@pytest.mark.parametrize(
    "error",
    [
        Exception("URL fetch failure on https://...: None -- name resolution"),
        ValueError("Incomplete or corrupted file detected."),
        TimeoutError("timed out"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_without_a_network_the_message_says_what_to_do(keras, monkeypatch, error):
    def fail():
        raise error

    monkeypatch.setattr(keras.datasets.cifar10, "load_data", fail)
    with pytest.raises(datasets.DatasetError, match="connect to a network") as caught:
        datasets.cifar10()
    assert str(error) in str(caught.value)
    assert "go on without it" in str(caught.value)
    assert caught.value.__cause__ is error


def test_a_learner_who_stops_the_download_stops_it(keras, monkeypatch):
    def stop():
        raise KeyboardInterrupt

    monkeypatch.setattr(keras.datasets.cifar10, "load_data", stop)
    with pytest.raises(KeyboardInterrupt):
        datasets.cifar10()


@pytest.mark.parametrize("before", [None, 7.0])
@pytest.mark.parametrize("fails", [False, True])
def test_a_silent_network_is_waited_for_only_so_long(keras, monkeypatch, before, fails):
    waits = []

    def load_data():
        waits.append(socket.getdefaulttimeout())
        if fails:
            raise OSError("nobody answers")
        return stand_in()

    monkeypatch.setattr(keras.datasets.cifar10, "load_data", load_data)
    old = socket.getdefaulttimeout()
    socket.setdefaulttimeout(before)
    try:
        if fails:
            with pytest.raises(datasets.DatasetError):
                datasets.cifar10()
        else:
            datasets.cifar10()
        assert socket.getdefaulttimeout() == before
    finally:
        socket.setdefaulttimeout(old)
    assert waits == [download.PATIENCE]
    assert 5 <= download.PATIENCE <= 60


def test_keras_own_cache_is_looked_into_first(tmp_path, run_python):
    """With an unreachable network Keras fails in its own words, and we in ours."""
    result = run_python(
        "import socket\n"
        "def refuse(*arguments, **keywords):\n"
        "    raise OSError('no network in this test')\n"
        "socket.getaddrinfo = socket.create_connection = refuse\n"
        "from course_lib import datasets\n"
        "try:\n"
        "    datasets.cifar10()\n"
        "except datasets.DatasetError as error:\n"
        "    print('refused:', error)\n",
        KERAS_HOME=str(tmp_path),
        HOME=str(tmp_path),
    )
    assert "refused: CIFAR-10 is not on this machine" in result.stdout, result.stderr
    assert not list(tmp_path.rglob("*.tar.gz"))


def test_the_path_of_the_lesson_trains_on_it(fetched, keras):
    """What lesson 09 does with the photographs, for one epoch on a few."""
    from course_lib.models.residual import small_residual_network

    (x, y), (x_test, y_test) = datasets.cifar10()
    network = small_residual_network((32, 32, 3), 10, filters=(4, 8), momentum=0.5)
    before = network.get_weights()
    network.compile(
        optimizer="adam",
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    history = network.fit(x / np.float32(255), y, batch_size=20, verbose=0).history
    assert np.isfinite(history["loss"][0])
    assert not np.array_equal(before[0], network.get_weights()[0])
    loss, accuracy = network.evaluate(x_test / np.float32(255), y_test, verbose=0)
    assert np.isfinite(loss)
    assert 0 <= accuracy <= 1
