"""Changes to an image that leave its label right."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def shift_images(
    images: np.ndarray,
    pixels: int,
    generator: np.random.Generator,
    out: np.ndarray | None = None,
) -> np.ndarray:
    """Shift each image by its own whole number of pixels, down and across.

    What leaves on one side is lost, and zeros enter on the other.

    Args:
        images: shape (batch, height, width, channels).
        pixels: the furthest shift, at least 0; each shift from -pixels to
            pixels is as likely as any other.
        generator: where the chance comes from.
        out: where to write the shifted images, an array of the same shape and type. A
            training that shifts anew in each epoch saves time by writing over the epoch
            before: asking the system for that much memory takes longer than shifting.

    Returns:
        The shifted images: `out`, or a new array of the same shape and type.

    Raises:
        ValueError: when `images` does not have four axes, `pixels` is negative, or `out`
            has another shape or type.

    Source: P. Y. Simard, D. Steinkraus and J. C. Platt (2003), Best Practices for
    Convolutional Neural Networks Applied to Visual Document Analysis, ICDAR
    (translations among other distortions).
    """
    shifted = np.empty_like(images) if out is None else out
    alike = (shifted.shape, shifted.dtype) == (images.shape, images.dtype)
    if images.ndim != 4 or pixels < 0 or not alike:
        raise ValueError(
            "shift_images needs images of shape (batch, height, width, channels), pixels of at "
            f"least 0 and an out like the images, but got shape {images.shape} of {images.dtype}, "
            f"{pixels}, and {shifted.shape} of {shifted.dtype}."
        )
    height, width = images.shape[1:3]
    starts = generator.integers(0, 2 * pixels + 1, size=(2, len(images)))
    for first in range(0, len(images), 1000):
        block = slice(first, first + 1000)
        padded = np.pad(images[block], ((0, 0), (pixels, pixels), (pixels, pixels), (0, 0)))
        windows = sliding_window_view(padded, (height, width), axis=(1, 2))
        chosen = windows[np.arange(len(padded)), *starts[:, block]]
        shifted[block] = np.moveaxis(chosen, 1, -1)
    return shifted
