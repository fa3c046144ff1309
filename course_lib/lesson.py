"""Begin a lesson: seeds, quiet start-up, plot style, and what it runs on."""

import contextlib
import os
import re
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import TypeVar

Choice = TypeVar("Choice")

MINIMUM_VERSIONS = {"tensorflow": (2, 20), "keras": (3, 13)}
LARGEST_SEED = 2**32 - 1  # NumPy's limit


def begin(number: int) -> int:
    """Prepare the kernel for lesson `number` and print one line about it.

    Seeds Python, NumPy, TensorFlow and Keras, silences TensorFlow's start-up
    log and sets the course's plot style. Running it again is harmless.

    Args:
        number: the lesson's number, from 0.

    Returns:
        The seed that was set: the lesson's number, or the value of the
        environment variable COURSE_SEED when a run should differ.

    Raises:
        ValueError: when `number` is no lesson number or COURSE_SEED is no
            integer from 0 to 2^32 - 1.
        RuntimeError: when TensorFlow or Keras is missing or older than the
            course needs.
    """
    if isinstance(number, bool) or not isinstance(number, int) or number < 0:
        raise ValueError(f"begin expects a lesson number such as 1, but got {number!r}.")
    seed = _seed_from_environment(default=number)
    for package, minimum in MINIMUM_VERSIONS.items():
        _require(package, minimum)
    with quiet_stderr():
        import keras
        import tensorflow as tf
    tf.get_logger().setLevel("ERROR")
    keras.utils.set_random_seed(seed)

    from course_lib import claims
    from course_lib.figures import style

    claims.gather_in_notebooks()
    style.use()
    python = ".".join(map(str, sys.version_info[:3]))
    print(
        f"Lesson {number}: Python {python}, TensorFlow {tf.__version__}, "
        f"Keras {keras.__version__}, running on {_describe_device()}."
    )
    return seed


def device() -> str:
    """Return "gpu" or "cpu": what this lesson sizes its work for.

    The environment variable COURSE_DEVICE overrides what is found, so that
    the GPU's choices can be tried on a machine without one.

    Raises:
        ValueError: when COURSE_DEVICE is set to anything but cpu or gpu.
    """
    forced = os.environ.get("COURSE_DEVICE", "").strip().lower()
    if forced in ("cpu", "gpu"):
        return forced
    if forced:
        raise ValueError(f"COURSE_DEVICE should be cpu or gpu, but is {forced!r}.")
    with quiet_stderr():
        import tensorflow as tf

        return "gpu" if tf.config.list_physical_devices("GPU") else "cpu"


def pick(*, cpu: Choice, gpu: Choice) -> Choice:
    """Return `gpu` where a GPU is at work (see `device`), otherwise `cpu`.

    Example: `epochs = pick(cpu=3, gpu=15)`.
    """
    return gpu if device() == "gpu" else cpu


@contextlib.contextmanager
def quiet_stderr() -> Iterator[None]:
    """Send file descriptor 2 to nowhere while the block runs.

    TensorFlow writes its start-up lines from C++, where no Python setting and
    no environment variable reaches them. The descriptor is put back whatever
    happens in the block. A process without one, such as a kernel that Windows
    starts without a console, stays as it is.
    """
    if sys.stderr is not None:
        sys.stderr.flush()
    try:
        kept = os.dup(2)
    except OSError:
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _seed_from_environment(default: int) -> int:
    text = os.environ.get("COURSE_SEED", "").strip()
    if not text:
        return default
    if not text.isdecimal() or int(text) > LARGEST_SEED:
        raise ValueError(
            f"COURSE_SEED should be an integer from 0 to {LARGEST_SEED}, but is {text!r}."
        )
    return int(text)


def _require(package: str, minimum: tuple[int, ...]) -> None:
    try:
        found = version(package)
    except PackageNotFoundError:
        found = "none"
    numbers = tuple(int(part) for part in re.findall(r"\d+", found)[:2])
    if numbers < minimum:
        wanted = ".".join(map(str, minimum))
        raise RuntimeError(
            f"This course needs {package} {wanted} or newer, but found {found}. "
            "Install the versions in requirements.txt, or in Colab choose the latest runtime."
        )


def _describe_device() -> str:
    if device() == "gpu":
        return "a GPU"
    cores = os.cpu_count() or 1
    return f"{cores} CPU core{'s' if cores > 1 else ''}"
