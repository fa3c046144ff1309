"""Residual networks: the block, a small network for small images, and ResNet-18.

Lesson 09 builds all of this in its cells; here it stands for the lessons after it.
"""

from collections.abc import Sequence
from typing import Any

from course_lib.lesson import quiet_stderr
from course_lib.models.normalization import FusedBatchNormalization

with quiet_stderr():
    import keras
    from keras import layers

STEMS = ("imagenet", "small", "fast")
EPSILON = 1e-5


def residual_block(
    inputs: Any, filters: int, stride: int = 1, shortcut: bool = True, momentum: float = 0.9
) -> Any:
    """Return relu(F(inputs) + inputs): two 3x3 convolutions, and a way round them.

    Each convolution has a padding of 1, no bias, and batch normalisation after
    it. Where F changes the shape, the shortcut is a 1x1 convolution with batch
    normalisation, so that the two can be added.

    Args:
        inputs: a Keras tensor, shape (batch, height, width, channels).
        filters: channels of the output.
        stride: of the first convolution; 2 halves height and width, rounded up.
        shortcut: whether to add the way round; without it the block is a piece
            of a plain network of the same depth.
        momentum: of batch normalisation's moving averages.

    Returns:
        A Keras tensor, shape (batch, ceil(height / stride), ceil(width / stride), filters).

    Source: K. He, X. Zhang, S. Ren and J. Sun (2016), Deep Residual Learning for
    Image Recognition, CVPR (section 3; option B of section 4.1 for the shortcut).
    """
    x = layers.ReLU()(_convolve(inputs, filters, 3, stride, momentum))
    x = _convolve(x, filters, 3, 1, momentum)
    if shortcut:
        if stride > 1 or inputs.shape[-1] != filters:
            inputs = _convolve(inputs, filters, 1, stride, momentum)
        x = layers.Add()([x, inputs])
    return layers.ReLU()(x)


def residual_network(
    shape: tuple[int, int, int],
    classes: int,
    *,
    filters: Sequence[int],
    blocks: int,
    stem: str,
    shortcut: bool = True,
    momentum: float = 0.9,
) -> keras.Model:
    """Build a residual network: stem, stages of blocks, average, one dense layer.

    Args:
        shape: of one image: height, width, channels.
        classes: how many logits there are.
        filters: channels of each stage. From the second stage on, the first
            block halves height and width.
        blocks: residual blocks in each stage.
        stem: what comes before the blocks. "imagenet": a 7x7 convolution with
            stride 2 and 3x3 max pooling with stride 2, which divide height and
            width by 4; "small": a 3x3 convolution that keeps them; "fast": a
            5x5 convolution with stride 2.
        shortcut: as for `residual_block`.
        momentum: of batch normalisation's moving averages.

    Returns:
        A model that is not compiled. It returns logits, shape (batch, classes);
        its last layer but one returns the features, shape (batch, filters[-1]).

    Raises:
        ValueError: when the stem is unknown, or there are no stages or blocks.
    """
    if stem not in STEMS:
        raise ValueError(f"stem should be one of {', '.join(STEMS)}, but is {stem!r}.")
    if not filters or blocks < 1:
        raise ValueError(
            "A residual network needs at least one stage and one block in it, "
            f"but got filters {tuple(filters)} and {blocks} blocks."
        )
    inputs = keras.Input(shape)
    kernel, stride = {"imagenet": (7, 2), "small": (3, 1), "fast": (5, 2)}[stem]
    x = layers.ReLU()(_convolve(inputs, filters[0], kernel, stride, momentum))
    if stem == "imagenet":
        # Behind a ReLU no value is below the zeros that are padded.
        x = layers.MaxPooling2D(3, strides=2)(layers.ZeroPadding2D(1)(x))
    for stage, channels in enumerate(filters):
        for block in range(blocks):
            stride = 2 if stage > 0 and block == 0 else 1
            x = residual_block(x, channels, stride, shortcut, momentum)
    features = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(classes)(features))


def small_residual_network(
    shape: tuple[int, int, int],
    classes: int,
    filters: Sequence[int] = (16, 32, 64),
    blocks: int = 1,
    momentum: float = 0.8,
) -> keras.Model:
    """Build a residual network that a laptop trains: for images of about 30x30.

    It is `residual_network` with the stem "fast", and with moving averages that
    suit runs of a few hundred steps.

    Args:
        shape: of one image: height, width, channels.
        classes: how many logits there are.
        filters: channels of each stage.
        blocks: residual blocks in each stage.
        momentum: of batch normalisation's moving averages.

    Returns:
        A model as from `residual_network`.

    Raises:
        ValueError: when there are no stages or blocks.
    """
    return residual_network(
        shape, classes, filters=filters, blocks=blocks, stem="fast", momentum=momentum
    )


def resnet18(
    shape: tuple[int, int, int] = (32, 32, 3),
    classes: int = 10,
    stem: str = "small",
    width: int = 64,
) -> keras.Model:
    """Build ResNet-18, untrained: four stages of two blocks.

    With the stem "imagenet", 3 channels and 10 classes it has 11,181,642
    trainable parameters, as torchvision's with a new last layer. With the stem
    "small", used for images of 32x32, there are 7,680 fewer.

    Args:
        shape: of one image: height, width, channels.
        classes: how many logits there are.
        stem: as for `residual_network`.
        width: channels of the first stage; the others have 2, 4 and 8 times as many.

    Returns:
        A model as from `residual_network`.

    Raises:
        ValueError: when the stem is unknown.

    Source: He and others (2016), table 1.
    """
    filters = (width, 2 * width, 4 * width, 8 * width)
    return residual_network(shape, classes, filters=filters, blocks=2, stem=stem)


def _convolve(inputs: Any, filters: int, kernel: int, stride: int, momentum: float) -> Any:
    if stride > 1 and kernel > 1:
        # Of an even size "same" pads one side only, and computes something else.
        inputs = layers.ZeroPadding2D(kernel // 2)(inputs)
    x = layers.Conv2D(
        filters,
        kernel,
        strides=stride,
        padding="same" if stride == 1 else "valid",
        use_bias=False,
        kernel_initializer="he_normal",
    )(inputs)
    return FusedBatchNormalization(momentum=momentum, epsilon=EPSILON)(x)
