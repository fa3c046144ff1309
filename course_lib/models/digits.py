"""The convolutional network that lesson 08 trains to read digits, and lesson 10 looks into."""

from course_lib.lesson import quiet_stderr
from course_lib.models.normalization import FusedBatchNormalization
from course_lib.models.weights import load_weights

with quiet_stderr():
    import keras
    from keras import layers


def digit_network(filters: tuple[int, int, int] = (16, 48, 96)) -> keras.Sequential:
    """Return the network, untrained.

    Three convolutions, each with batch normalisation and ReLU, then one dense
    layer. The stride of the first makes all later maps small, and the network
    fast. The convolutions have no bias, because batch normalisation adds one.

    Args:
        filters: the channels after each convolution.

    Returns:
        A built model that takes images of shape (batch, 28, 28, 1) with grey
        values from 0 to 1 and gives logits of shape (batch, 10). Its layers
        are called conv_1, norm_1, relu_1 and so on, pool, flatten and logits.
    """
    first, second, third = filters
    return keras.Sequential(
        [
            layers.Input((28, 28, 1)),
            *_convolution(1, first, kernel_size=5, strides=2),
            *_convolution(2, second, kernel_size=3),
            layers.MaxPooling2D(name="pool"),
            *_convolution(3, third, kernel_size=3),
            layers.Flatten(name="flatten"),
            layers.Dense(10, name="logits"),
        ],
        name="digits",
    )


def _convolution(
    number: int, filters: int, kernel_size: int, strides: int = 1
) -> list[keras.layers.Layer]:
    return [
        layers.Conv2D(filters, kernel_size, strides, use_bias=False, name=f"conv_{number}"),
        FusedBatchNormalization(momentum=0.8, name=f"norm_{number}"),
        layers.ReLU(name=f"relu_{number}"),
    ]


def trained_digit_network() -> keras.Sequential:
    """Return the network as trained on the 60,000 MNIST training images.

    `python runs/train_networks.py digits` makes the weights again.

    Raises:
        DatasetError: when the file of the weights is missing or damaged.
    """
    network = digit_network()
    load_weights(network, "digits.npz")
    return network
