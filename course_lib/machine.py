"""What this machine is, and how long the lessons will take on it."""

from __future__ import annotations

import os
import platform
import time
from importlib.metadata import version
from typing import TYPE_CHECKING

from course_lib.lesson import device, quiet_stderr

if TYPE_CHECKING:
    import pandas as pd

# Operations a second of the machine on which the lessons' own seconds were measured.
REFERENCE_GFLOPS = 490.0


def describe() -> pd.DataFrame:
    """Return a row for each thing that decides how the course runs here."""
    import pandas as pd
    import psutil

    rows = {
        "system": f"{platform.system()} ({platform.machine()})",
        "Python": platform.python_version(),
        "TensorFlow": version("tensorflow"),
        "Keras": version("keras"),
        "NumPy": version("numpy"),
        "processor cores": str(os.cpu_count() or 1),
        "memory": f"{psutil.virtual_memory().total / 2**30:.0f} GB",
        "GPU": "yes" if device() == "gpu" else "no, and none is needed",
    }
    return pd.DataFrame({"this machine": rows.values()}, list(rows))


def gflops(size: int = 1200, repeats: int = 6) -> float:
    """Return the fastest of some float32 matrix products, in billions of operations a second.

    Args:
        size: rows and columns of the square matrices.
        repeats: how many products, after one that is not timed.

    Raises:
        ValueError: when one of them is below 1.
    """
    if size < 1 or repeats < 1:
        raise ValueError(f"gflops needs at least 1 of each, but got {size} and {repeats}.")
    with quiet_stderr():
        import tensorflow as tf

        matrix = tf.random.normal((size, size), seed=0)
        seconds = []
        for _ in range(repeats + 1):
            start = time.perf_counter()
            product = tf.matmul(matrix, matrix)
            # Reading a number waits until the product is done.
            float(product[0, 0])
            seconds.append(time.perf_counter() - start)
    return 2 * size**3 / min(seconds[1:]) / 1e9


def expected_minutes(seconds: float, speed: float) -> float:
    """Return how many minutes a lesson's cells will take here.

    A rough guess: a lesson is more than products of matrices.

    Args:
        seconds: what they took on the machine of `REFERENCE_GFLOPS`.
        speed: of this machine, in billions of operations a second.

    Raises:
        ValueError: when the speed is not positive.
    """
    if not speed > 0:
        raise ValueError(f"expected_minutes needs a positive speed, but got {speed}.")
    return seconds / 60 * max(REFERENCE_GFLOPS / speed, 0.5)
