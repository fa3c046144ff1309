"""Weights that the course ships, as plain arrays with a checksum.

An .npz file outlives changes of Keras's own format, and is never unpickled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from course_lib.datasets.cards import open_checked

if TYPE_CHECKING:
    import keras

FOLDER = "trained_networks"


def read_weights(file: str) -> list[np.ndarray]:
    """Return the arrays of a file of `data/trained_networks`, in order.

    Raises:
        DatasetError: when the file is missing or damaged.
    """
    with np.load(open_checked(FOLDER, file), allow_pickle=False) as arrays:
        return [arrays[name] for name in sorted(arrays.files)]


def load_weights(network: keras.Model, file: str) -> None:
    """Put the weights of a file of `data/trained_networks` into a network.

    Args:
        network: a built model with the shapes that the file has.
        file: its name, as in "digits.npz".

    Raises:
        DatasetError: when the file is missing or damaged.
        ValueError: when its arrays do not fit the network; the network is
            then unchanged.
    """
    weights = read_weights(file)
    stored = [array.shape for array in weights]
    expected = [tuple(weight.shape) for weight in network.weights]
    if stored != expected:
        raise ValueError(
            f"The weights of {file} do not fit the network {network.name!r}: it needs arrays of "
            f"the shapes {expected}, and the file has {stored}."
        )
    network.set_weights(weights)


def as_arrays(network: keras.Model) -> dict[str, np.ndarray]:
    """Return a network's weights by names that sort in their order."""
    return {
        f"{number:03d}_{weight.path.replace('/', '_')}": weight.numpy()
        for number, weight in enumerate(network.weights)
    }
