"""Begin a lesson: seeds, quiet start-up, plot style, and what it runs on."""

import contextlib
import os
import re
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TypeVar

Choice = TypeVar("Choice")

MINIMUM_VERSIONS = {"tensorflow": (2, 20), "keras": (3, 13)}
# What lessons and the packages import; a learner's own test.py or code.py does no harm.
PACKAGES = (
    *("course_lib", "keras", "matplotlib", "numpy", "pandas", "scipy", "sklearn", "tensorflow"),
    *("collections", "copy", "csv", "io", "itertools", "json", "math", "os", "random", "re"),
    *("statistics", "string", "sys", "time", "types", "typing"),
)
LARGEST_SEED = 2**32 - 1  # NumPy's limit


def begin(number: int) -> int:
    """Prepare the kernel for lesson `number` and print one line about it.

    Seeds Python, NumPy, TensorFlow and Keras, silences TensorFlow's start-up
    log, sets the course's plot style and Keras's defaults (TensorFlow as backend,
    float32, channels last), whatever a user's files say. Running it again is harmless.

    Args:
        number: the lesson's number, from 0.

    Returns:
        The seed that was set: the lesson's number, or the value of the
        environment variable COURSE_SEED when a run should differ.

    Raises:
        ValueError: when `number` is no lesson number or COURSE_SEED is no
            integer from 0 to 2^32 - 1.
        RuntimeError: when TensorFlow or Keras is missing or older than the
            course needs, when Keras has begun with another backend, or when a
            file beside the notebook hides a package.
    """
    if isinstance(number, bool) or not isinstance(number, int) or number < 0:
        raise ValueError(f"begin expects a lesson number such as 1, but got {number!r}.")
    seed = _seed_from_environment(default=number)
    _refuse_hidden_packages(Path.cwd())
    for package, minimum in MINIMUM_VERSIONS.items():
        _require(package, minimum)
    changed = _set_backend()
    with quiet_stderr():
        import keras
        import tensorflow as tf
    tf.get_logger().setLevel("ERROR")
    changed += _set_keras_defaults()
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
    if changed:
        print(f"Set for this kernel alone, other than in your settings: {', '.join(changed)}.")
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


def _refuse_hidden_packages(folder: Path) -> None:
    """Name what stands in a notebook's folder and would be imported in a package's place."""
    if folder == Path(__file__).resolve().parents[1]:
        return
    for name in PACKAGES:
        for path in (folder / f"{name}.py", folder / name / "__init__.py"):
            if path.is_file():
                raise RuntimeError(
                    f"{path} hides the {name} that lessons use: `import {name}` takes the file. "
                    "Give it another name, and restart the kernel."
                )


def _set_backend() -> list[str]:
    """Have Keras begin with TensorFlow, and return what was changed for that."""
    if "keras" in sys.modules:
        backend = sys.modules["keras"].config.backend()
        if backend != "tensorflow":
            raise RuntimeError(
                f"Keras runs on {backend} in this kernel, and the course on TensorFlow. Restart "
                "the kernel and run this cell before any other that imports keras."
            )
        return []
    wanted = os.environ.get("KERAS_BACKEND", "tensorflow").strip().lower()
    # It stands above what keras.json says.
    os.environ["KERAS_BACKEND"] = "tensorflow"
    return [] if wanted == "tensorflow" else [f"backend tensorflow (was {wanted})"]


def _set_keras_defaults() -> list[str]:
    """Set Keras's number type and order of axes, and return what was changed."""
    import keras

    changed = []
    policy, order = keras.config.dtype_policy().name, keras.config.image_data_format()
    if keras.config.floatx() != "float32" or policy != "float32":
        changed.append(f"float32 (was {policy})")
    keras.config.set_floatx("float32")
    keras.config.set_dtype_policy("float32")
    if order != "channels_last":
        changed.append(f"channels_last (was {order})")
    keras.config.set_image_data_format("channels_last")
    return changed


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
