"""Learning-rate schedules: which rate to use at which step.

Steps count from 0; `steps` is how many there will be. After the last one every
schedule stays where it ended. Optimisers of Keras take the schedules of
`course_lib.training.schedules`, which follow these.
"""

import functools
import math
from collections.abc import Callable

Schedule = Callable[..., float]


def room_to_fall(schedule: Schedule) -> Schedule:
    """Require that the warm-up ends before the last step."""

    @functools.wraps(schedule)
    def checked(step: int, steps: int, peak: float, warm_up: int, **options: float) -> float:
        if not 0 <= warm_up < steps:
            raise ValueError(
                f"{schedule.__name__}: warm_up should be from 0 to below steps, "
                f"but is {warm_up} with {steps} steps."
            )
        return schedule(step, steps, peak, warm_up, **options)

    return checked


@room_to_fall
def warm_up_cosine(step: int, steps: int, peak: float, warm_up: int) -> float:
    """Rise in a straight line from 0 to `peak`, then fall along half a cosine to 0.

    Sources: the cosine, without restarts: Loshchilov and Hutter (2017), SGDR:
    stochastic gradient descent with warm restarts, ICLR, equation 5; the warm-up:
    Goyal and others (2017), Accurate, large minibatch SGD, arXiv:1706.02677,
    section 2.2. Keras: `CosineDecay(0.0, steps - warm_up, warmup_target=peak,
    warmup_steps=warm_up)`.

    Args:
        step: the step about to be taken, from 0.
        steps: how many there are; more than `warm_up`.
        peak: the highest rate, reached at step `warm_up`.
        warm_up: how many steps the rise takes.

    Raises:
        ValueError: when `warm_up` is not from 0 to below `steps`.
    """
    if step < warm_up:
        return peak * step / warm_up
    progress = min((step - warm_up) / (steps - warm_up), 1.0)
    return peak * (1 + math.cos(math.pi * progress)) / 2


@room_to_fall
def one_cycle(
    step: int,
    steps: int,
    peak: float,
    warm_up: int,
    start_factor: float = 25.0,
    end_factor: float = 1e4,
) -> float:
    """Rise from peak / 25 to `peak`, then fall far below the start, both along a cosine.

    Source: Smith (2018), A disciplined approach to neural network hyper-parameters:
    part 1, arXiv:1803.09820, section 4, who draws straight lines; the cosine and
    the two factors are those in common use: peak / start_factor at step 0, and that
    divided by end_factor once more at step `steps`, which is the first one after the
    last that is taken.

    Args:
        step: the step about to be taken, from 0.
        steps: how many there are; more than `warm_up`.
        peak: the highest rate, reached at step `warm_up`.
        warm_up: how many steps the rise takes.
        start_factor: peak over the first rate.
        end_factor: the first rate over the last.

    Raises:
        ValueError: when `warm_up` is not from 0 to below `steps`.
    """
    first = peak / start_factor
    if step < warm_up:
        begin, end, progress = first, peak, step / warm_up
    else:
        progress = min((step - warm_up) / (steps - warm_up), 1.0)
        begin, end = peak, first / end_factor
    return end + (begin - end) * (1 + math.cos(math.pi * progress)) / 2
