"""MNIST and Fashion-MNIST are the published ones, in Keras's order."""

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


@pytest.fixture(scope="module")
def fashion_mnist():
    return datasets.fashion_mnist()


def test_fashion_shapes_and_types(fashion_mnist):
    (x_train, y_train), (x_test, y_test) = fashion_mnist
    assert x_train.shape == (12000, 28, 28)
    assert y_train.shape == (12000,)
    assert x_test.shape == (2000, 28, 28)
    assert y_test.shape == (2000,)
    assert {array.dtype for array in (x_train, y_train, x_test, y_test)} == {np.dtype(np.uint8)}


def test_fashion_values(fashion_mnist):
    (x_train, y_train), (x_test, y_test) = fashion_mnist
    for x in (x_train, x_test):
        assert (x.min(), x.max()) == (0, 255)
    # Within sampling error of the 0.2860 and 0.3530 published for all 60,000 images.
    assert x_train.mean() / 255 == pytest.approx(0.2860, abs=0.003)
    assert x_train.std() / 255 == pytest.approx(0.3530, abs=0.003)
    assert y_train[:10].tolist() == [9, 0, 0, 3, 0, 2, 7, 2, 5, 5]
    assert y_test[:10].tolist() == [9, 2, 1, 1, 6, 1, 4, 6, 5, 7]
    assert np.bincount(y_test).tolist() == [200, 203, 214, 190, 219, 195, 197, 200, 194, 188]


def test_fashion_classes_are_named_as_on_the_card(fashion_mnist):
    meaning = next(c for c in datasets.card("fashion_mnist").columns if c["name"] == "y")["meaning"]
    assert len(datasets.FASHION_CLASSES) == 10
    assert all(f"{i} {name}" in meaning for i, name in enumerate(datasets.FASHION_CLASSES))
