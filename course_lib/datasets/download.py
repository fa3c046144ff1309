"""Bigger data, which the course does not ship and Keras fetches once."""

import contextlib
import socket
from collections.abc import Iterator

import numpy as np

from course_lib.datasets.cards import DatasetError
from course_lib.datasets.images import Split
from course_lib.lesson import quiet_stderr

PATIENCE = 30.0  # seconds without an answer, after which a network counts as missing


def cifar10() -> tuple[Split, Split]:
    """Return the CIFAR-10 photographs: ((x_train, y_train), (x_test, y_test)).

    The first call needs a network: Keras fetches 170 MB from the authors' page,
    checks them, and keeps them in its own folder. No lesson depends on it.

    Returns:
        Images, uint8, shapes (50000, 32, 32, 3) and (10000, 32, 32, 3), values 0
        to 255 of red, green and blue; labels, uint8, shapes (50000,) and
        (10000,), classes 0 to 9: airplane, automobile, bird, cat, deer, dog,
        frog, horse, ship, truck.

    Raises:
        DatasetError: when the photographs are not there and cannot be fetched.

    Source: A. Krizhevsky (2009), Learning Multiple Layers of Features from Tiny
    Images, technical report, University of Toronto.
    """
    with quiet_stderr():
        import keras
    try:
        with _impatient():
            splits = keras.datasets.cifar10.load_data()
    # Keras raises a bare Exception when there is no network.
    except Exception as error:
        raise DatasetError(
            f"CIFAR-10 is not on this machine and could not be fetched ({error}). "
            "The course does not ship it: connect to a network and run this again, "
            "or go on without it. Nothing later needs it."
        ) from error
    (x_train, y_train), (x_test, y_test) = splits
    # Keras gives each label an axis of its own.
    return (x_train, np.ravel(y_train)), (x_test, np.ravel(y_test))


@contextlib.contextmanager
def _impatient() -> Iterator[None]:
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(PATIENCE)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
