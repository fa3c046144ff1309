"""MNIST is the published one, in Keras's order."""

import hashlib

import numpy as np
import pytest

from course_lib import datasets


@pytest.fixture(scope="module")
def mnist():
    return datasets.mnist()


def test_shapes_and_types(mnist):
    (x_train, y_train), (x_test, y_test) = mnist
    assert x_train.shape == (60000, 28, 28)
    assert y_train.shape == (60000,)
    assert x_test.shape == (10000, 28, 28)
    assert y_test.shape == (10000,)
    assert {array.dtype for array in (x_train, y_train, x_test, y_test)} == {np.dtype(np.uint8)}


def test_values(mnist):
    (x_train, y_train), (x_test, y_test) = mnist
    for x in (x_train, x_test):
        assert (x.min(), x.max()) == (0, 255)
    # The mean and standard deviation that are widely published for the training images.
    assert x_train.mean() / 255 == pytest.approx(0.1307, abs=5e-5)
    assert x_train.std() / 255 == pytest.approx(0.3081, abs=5e-5)
    assert y_train[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert y_test[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    assert np.bincount(y_train).tolist() == [
        5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949,
    ]  # fmt: skip
    assert np.bincount(y_test).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


def test_the_images_are_those_of_the_idx_files(mnist):
    """An idx file is a header and the bytes; its md5 is on the card."""
    card = datasets.card("mnist")
    (x_train, y_train), (x_test, y_test) = mnist
    for array in (x_train, y_train, x_test, y_test):
        header = bytes([0, 0, 8, array.ndim]) + b"".join(
            size.to_bytes(4, "big") for size in array.shape
        )
        assert hashlib.md5(header + array.tobytes()).hexdigest() in card.source


def test_the_arrays_are_the_callers_own(mnist):
    first = datasets.mnist()[1][1]
    first[:] = 0
    assert datasets.mnist()[1][1][0] == 7
