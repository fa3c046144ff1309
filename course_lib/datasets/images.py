"""Images with labels, as NumPy arrays in Keras's order."""

import numpy as np

from course_lib.datasets.cards import open_checked

Split = tuple[np.ndarray, np.ndarray]


def mnist() -> tuple[Split, Split]:
    """Return the MNIST digits: ((x_train, y_train), (x_test, y_test)).

    Returns:
        Images, uint8, shapes (60000, 28, 28) and (10000, 28, 28), grey values
        0 to 255; labels, uint8, shapes (60000,) and (10000,), digits 0 to 9.

    Raises:
        DatasetError: when the file is missing or damaged.
    """
    return _splits("mnist", "mnist.npz")


FASHION_CLASSES = (
    "T-shirt/top",
    "trouser",
    "pullover",
    "dress",
    "coat",
    "sandal",
    "shirt",
    "sneaker",
    "bag",
    "ankle boot",
)


def fashion_mnist() -> tuple[Split, Split]:
    """Return a fifth of Fashion-MNIST: ((x_train, y_train), (x_test, y_test)).

    These are the first images of the published files; `FASHION_CLASSES` names
    the labels.

    Returns:
        Images, uint8, shapes (12000, 28, 28) and (2000, 28, 28), grey values
        0 to 255; labels, uint8, shapes (12000,) and (2000,), classes 0 to 9.

    Raises:
        DatasetError: when the file is missing or damaged.
    """
    return _splits("fashion_mnist", "fashion_mnist.npz")


def _splits(name: str, file: str) -> tuple[Split, Split]:
    with np.load(open_checked(name, file), allow_pickle=False) as arrays:
        train = arrays["x_train"], arrays["y_train"]
        test = arrays["x_test"], arrays["y_test"]
    return train, test
