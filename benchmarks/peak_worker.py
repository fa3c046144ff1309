"""The machine's matrix products, timed when asked (see peak.py)."""

import json
import sys
import time
from typing import Any

import numpy as np
from harness import serve

LIBRARY = json.loads(sys.argv[1])["library"]

if LIBRARY == "TensorFlow":
    from course_lib.lesson import quiet_stderr

    with quiet_stderr():
        import tensorflow as tf

    VERSION = tf.__version__
else:
    VERSION = np.__version__


def multiply(size: int, calls: int) -> dict[str, Any]:
    """Return the operations a second of the fastest of some float32 products."""
    matrix: Any = np.random.default_rng(1).normal(size=(size, size)).astype("float32")
    if LIBRARY == "TensorFlow":
        matrix = tf.constant(matrix)
    seconds = []
    for _ in range(calls + 1):
        start = time.perf_counter()
        product = matrix @ matrix
        # Waits for TensorFlow's threads.
        float(product[0, 0])
        seconds.append(time.perf_counter() - start)
    return {"flops": 2 * size**3 / min(seconds[1:])}


serve({"multiply": multiply}, {"version": VERSION})
