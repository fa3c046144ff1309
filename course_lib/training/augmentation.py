"""Changes to an image that leave its label right."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def shift_images(images: np.ndarray, pixels: int, generator: np.random.Generator) -> np.ndarray:
    """Shift each image by its own whole number of pixels, down and across.

    What leaves on one side is lost, and zeros enter on the other.

    Args:
        images: shape (batch, height, width, channels).
        pixels: the furthest shift, at least 0; each shift from -pixels to
            pixels is as likely as any other.
        generator: where the chance comes from.

    Returns:
        The shifted images, a new array of the same shape and type.

    Raises:
        ValueError: when `images` does not have four axes or `pixels` is negative.

    Source: P. Y. Simard, D. Steinkraus and J. C. Platt (2003), Best Practices for
    Convolutional Neural Networks Applied to Visual Document Analysis, ICDAR
    (translations among other distortions).
    """
    if images.ndim != 4 or pixels < 0:
        raise ValueError(
            "shift_images needs images of shape (batch, height, width, channels) and pixels of "
            f"at least 0, but got shape {images.shape} and {pixels}."
        )
    height, width = images.shape[1:3]
    padded = np.pad(images, ((0, 0), (pixels, pixels), (pixels, pixels), (0, 0)))
    windows = sliding_window_view(padded, (height, width), axis=(1, 2))
    down, across = generator.integers(0, 2 * pixels + 1, size=(2, len(images)))
    chosen = windows[np.arange(len(images)), down, across]
    return np.moveaxis(chosen, 1, -1)
