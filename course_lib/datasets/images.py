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
    with np.load(open_checked("mnist", "mnist.npz"), allow_pickle=False) as arrays:
        train = arrays["x_train"], arrays["y_train"]
        test = arrays["x_test"], arrays["y_test"]
    return train, test
