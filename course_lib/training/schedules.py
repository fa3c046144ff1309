"""Learning-rate schedules that Keras's optimisers take and Keras does not have.

A warm-up with a cosine is there: `keras.optimizers.schedules.CosineDecay`.
"""

import math
from typing import Any

from course_lib.lesson import quiet_stderr

with quiet_stderr():
    import keras
    from keras import ops


@keras.saving.register_keras_serializable(package="course_lib")
class OneCycle(keras.optimizers.schedules.LearningRateSchedule):
    """The schedule `course_lib.scratch.schedules.one_cycle`, for an optimiser.

    Args:
        peak: the highest learning rate.
        steps: how many steps there will be: epochs times batches per epoch.
        warm_up: the share of the steps that the rise takes, from 0 to below 1.
        start_factor: peak over the first rate.
        end_factor: the first rate over the last.

    Raises:
        ValueError: when `warm_up` is not from 0 to below 1, or there are no steps.

    Example:
        >>> optimizer = keras.optimizers.Adam(OneCycle(peak=0.01, steps=600))
    """

    def __init__(
        self,
        peak: float,
        steps: int,
        warm_up: float = 0.3,
        start_factor: float = 25.0,
        end_factor: float = 1e4,
    ) -> None:
        if steps < 1 or not 0 <= warm_up < 1:
            raise ValueError(
                f"OneCycle: steps should be at least 1 and warm_up a share from 0 to below 1, "
                f"but are {steps} and {warm_up}."
            )
        self.peak, self.steps, self.warm_up = peak, steps, warm_up
        self.start_factor, self.end_factor = start_factor, end_factor

    def __call__(self, step: Any) -> Any:
        """Return the rate of a step, counted from 0, as a float32 tensor."""
        rise = int(self.warm_up * self.steps)
        first = self.peak / self.start_factor
        step = ops.cast(step, "float32")
        up = ops.cos(math.pi * step / max(rise, 1))
        down = ops.cos(math.pi * ops.minimum((step - rise) / (self.steps - rise), 1.0))
        rising = self.peak + (first - self.peak) * (1 + up) / 2
        last = first / self.end_factor
        falling = last + (self.peak - last) * (1 + down) / 2
        return ops.where(step < rise, rising, falling)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments, for saving with a model."""
        return {
            "peak": self.peak,
            "steps": self.steps,
            "warm_up": self.warm_up,
            "start_factor": self.start_factor,
            "end_factor": self.end_factor,
        }
