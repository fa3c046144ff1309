"""Batch normalisation of feature maps in one operation instead of many."""

from course_lib.lesson import quiet_stderr

with quiet_stderr():
    import keras
    import tensorflow as tf
    from keras import ops


@keras.saving.register_keras_serializable("course_lib")
class FusedBatchNormalization(keras.layers.BatchNormalization):
    """Keras's BatchNormalization for feature maps, faster in training.

    Keras writes the normalisation out in single operations, each of which reads and
    writes all maps; TensorFlow has one operation for the whole. Same weights, same
    numbers up to rounding, same arguments (with scale, center and the last axis).

    Input and output: shape (batch, height, width, channels).

    Raises:
        ValueError: when built for an input of another number of axes, for another
            axis than the last, or without scale or center.

    Source: S. Ioffe and C. Szegedy (2015), Batch Normalization, ICML, algorithm 1.
    """

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        plain = self.axis in (-1, 3) and self.scale and self.center
        if len(input_shape) != 4 or not plain:
            raise ValueError(
                "FusedBatchNormalization needs maps of shape (batch, height, width, channels), "
                f"the last axis, scale and center, but got shape {tuple(input_shape)}, axis "
                f"{self.axis}, scale={self.scale}, center={self.center}. "
                "keras.layers.BatchNormalization takes all others."
            )
        super().build(input_shape)

    def call(
        self, inputs: tf.Tensor, training: bool | None = None, mask: tf.Tensor | None = None
    ) -> tf.Tensor:
        if not (training and self.trainable) or mask is not None:
            return super().call(inputs, training=training, mask=mask)
        maps = ops.cast(inputs, "float32")
        outputs, mean, variance = tf.compat.v1.nn.fused_batch_norm(
            maps, self.gamma.value, self.beta.value, epsilon=self.epsilon, is_training=True
        )
        # TensorFlow returns the variance over n - 1, Keras keeps the one over n.
        numbers = ops.cast(ops.size(maps) / ops.shape(maps)[-1], "float32")
        self._move(self.moving_mean, mean)
        self._move(self.moving_variance, variance * (numbers - 1) / numbers)
        return ops.cast(outputs, self.compute_dtype)

    def _move(self, average: keras.Variable, of_batch: tf.Tensor) -> None:
        average.assign(average * self.momentum + of_batch * (1 - self.momentum))
