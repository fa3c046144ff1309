"""A lesson begins seeded, quiet, and on versions that it was written for."""

import io
import json
import os
import random
import subprocess
import sys
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import numpy as np
import pytest

from course_lib import lesson

pytestmark = pytest.mark.usefixtures("tf")


def draw(tf):
    return random.random(), np.random.rand(), float(tf.random.normal(()))  # noqa: NPY002


def test_begin_seeds_python_numpy_and_tensorflow(tf):
    assert lesson.begin(3) == 3
    first = draw(tf)
    assert draw(tf) != first
    lesson.begin(3)
    assert draw(tf) == first
    lesson.begin(4)
    assert all(np.array(draw(tf)) != np.array(first))


def test_course_seed_replaces_the_lesson_number(tf, monkeypatch):
    lesson.begin(5)
    expected = draw(tf)
    monkeypatch.setenv("COURSE_SEED", " 5 ")
    assert lesson.begin(1) == 5
    assert draw(tf) == expected


@pytest.mark.parametrize(
    ("text", "seed"), [("0", 0), ("", 7), ("  ", 7), ("4294967295", 2**32 - 1)]
)
def test_course_seed_limits(monkeypatch, text, seed):
    monkeypatch.setenv("COURSE_SEED", text)
    assert lesson.begin(7) == seed


@pytest.mark.parametrize("text", ["-1", "1.5", "seven", "4294967296"])
def test_bad_course_seed(monkeypatch, text):
    monkeypatch.setenv("COURSE_SEED", text)
    with pytest.raises(ValueError, match="COURSE_SEED should be an integer from 0 to 4294967295"):
        lesson.begin(1)


@pytest.mark.parametrize("number", [-1, 1.0, "1", None, True])
def test_bad_lesson_number(number):
    with pytest.raises(ValueError, match="lesson number such as 1"):
        lesson.begin(number)


@pytest.mark.parametrize(
    ("package", "found"),
    [("tensorflow", "2.19.1"), ("keras", "3.12.0"), ("keras", "2.15.0"), ("tensorflow", "1.99")],
)
def test_too_old_versions(monkeypatch, package, found):
    real = lesson.version
    monkeypatch.setattr(lesson, "version", lambda name: found if name == package else real(name))
    with pytest.raises(
        RuntimeError, match=f"needs {package} .* or newer, but found {found}"
    ) as caught:
        lesson.begin(1)
    assert "requirements.txt" in str(caught.value)


def test_missing_package(monkeypatch):
    def nothing(name):
        raise PackageNotFoundError(name)

    monkeypatch.setattr(lesson, "version", nothing)
    with pytest.raises(RuntimeError, match=r"needs tensorflow 2\.20 or newer, but found none"):
        lesson.begin(1)


@pytest.mark.parametrize(
    "versions",
    [("2.20.0", "3.13.0"), ("2.21.0rc1", "3.15.1"), ("2.100", "3.20"), ("3.0rc0", "4.0.dev1")],
)
def test_versions_that_are_new_enough(monkeypatch, capsys, versions):
    monkeypatch.setattr(
        lesson, "version", dict(zip(lesson.MINIMUM_VERSIONS, versions, strict=True)).get
    )
    lesson.begin(1)
    assert capsys.readouterr().out.startswith("Lesson 1: Python ")


def test_begin_sets_the_plot_style():
    import matplotlib as mpl

    mpl.rcdefaults()
    lesson.begin(1)
    assert mpl.rcParams["font.size"] == 13


def test_device_follows_course_device(monkeypatch):
    for forced, expected in ((" GPU ", "gpu"), ("cpu", "cpu")):
        monkeypatch.setenv("COURSE_DEVICE", forced)
        assert lesson.device() == expected
        assert lesson.pick(cpu="cpu", gpu="gpu") == expected
    monkeypatch.setenv("COURSE_DEVICE", "tpu")
    with pytest.raises(ValueError, match="COURSE_DEVICE should be cpu or gpu, but is 'tpu'"):
        lesson.device()


@pytest.mark.parametrize(("found", "expected"), [([], "cpu"), (["GPU:0"], "gpu")])
def test_device_without_course_device(tf, monkeypatch, found, expected):
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: found)
    assert lesson.device() == expected
    assert lesson.pick(cpu=None, gpu=0) == {"cpu": None, "gpu": 0}[expected]


@pytest.mark.parametrize(
    ("cores", "said"), [(1, "1 CPU core."), (2, "2 CPU cores."), (None, "1 CPU core.")]
)
def test_begin_says_what_it_runs_on(monkeypatch, capsys, cores, said):
    monkeypatch.setenv("COURSE_DEVICE", "cpu")
    monkeypatch.setattr(lesson.os, "cpu_count", lambda: cores)
    lesson.begin(1)
    assert capsys.readouterr().out.endswith(f"running on {said}\n")


def test_begin_says_that_it_runs_on_a_gpu(monkeypatch, capsys):
    monkeypatch.setenv("COURSE_DEVICE", "gpu")
    lesson.begin(1)
    assert capsys.readouterr().out.endswith("running on a GPU.\n")


def test_begin_is_quiet_in_a_new_process(run_python):
    source = "from course_lib import lesson; lesson.begin(2); lesson.begin(2)"
    finished = run_python(source)
    assert finished.returncode == 0
    assert finished.stderr == ""
    first, second = finished.stdout.splitlines()
    assert first == second
    assert first.startswith("Lesson 2: Python 3.")


def test_quiet_stderr_silences_the_descriptor_and_puts_it_back(capfd):
    with lesson.quiet_stderr():
        os.write(2, b"hidden")
    os.write(2, b"shown")
    assert capfd.readouterr().err == "shown"


def test_quiet_stderr_keeps_what_was_written_before(run_python):
    source = """
import sys, os
from course_lib.lesson import quiet_stderr
sys.stderr = open(2, "w", buffering=4096, closefd=False)
sys.stderr.write("before ")
with quiet_stderr():
    os.write(2, b"hidden")
sys.stderr.write("after")
sys.stderr.flush()
"""
    assert run_python(source).stderr == "before after"


def test_quiet_stderr_restores_after_an_error(capfd):
    before = os.listdir("/dev/fd") if os.path.isdir("/dev/fd") else None
    with pytest.raises(KeyError), lesson.quiet_stderr():
        raise KeyError
    os.write(2, b"shown")
    assert capfd.readouterr().err == "shown"
    if before is not None:
        assert len(os.listdir("/dev/fd")) == len(before)


@pytest.mark.parametrize("stream", [io.StringIO(), None])
def test_quiet_stderr_with_a_stream_that_has_no_descriptor(monkeypatch, capfd, stream):
    monkeypatch.setattr(sys, "stderr", stream)
    with lesson.quiet_stderr():
        os.write(2, b"hidden")
    assert capfd.readouterr().err == ""


def test_quiet_stderr_without_a_descriptor(run_python):
    source = """
import os
from course_lib.lesson import quiet_stderr
os.close(2)
with quiet_stderr():
    print("ran")
"""
    assert run_python(source).stdout == "ran\n"


def test_quiet_stderr_when_the_descriptor_cannot_be_copied(monkeypatch, capfd):
    def refuse(descriptor):
        raise OSError(9, "Bad file descriptor")

    monkeypatch.setattr(os, "dup", refuse)
    with lesson.quiet_stderr():
        os.write(2, b"shown")
    monkeypatch.undo()
    assert capfd.readouterr().err == "shown"


# What a user's own files and variables say


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("keras.py", "keras"),
        ("random.py", "random"),
        ("course_lib/__init__.py", "course_lib"),
        ("numpy/__init__.py", "numpy"),
    ],
)
def test_a_file_that_hides_a_package_is_named(monkeypatch, tmp_path, file, name):
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).touch()
    for harmless in ("my_keras.py", "test.py", "code.py"):
        (tmp_path / harmless).touch()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RuntimeError, match=f"hides the {name} that lessons use") as caught:
        lesson.begin(1)
    assert str(tmp_path / file) in str(caught.value)
    (tmp_path / file).unlink()
    assert lesson.begin(1) == 1


def test_number_type_and_order_of_axes_are_set_and_told(tf, capsys):
    import keras

    keras.config.set_floatx("float16")
    keras.config.set_image_data_format("channels_first")
    keras.config.set_dtype_policy("mixed_float16")
    lesson.begin(1)
    told = capsys.readouterr().out
    assert "float32 (was mixed_float16), channels_last (was channels_first)" in told
    assert keras.layers.Dense(1).dtype_policy.name == "float32"
    assert keras.config.floatx() == "float32"
    assert keras.config.image_data_format() == "channels_last"
    lesson.begin(1)
    assert "other than in your settings" not in capsys.readouterr().out


def test_keras_with_another_backend_is_refused(monkeypatch):
    import keras

    monkeypatch.setattr(keras.config, "backend", lambda: "torch")
    with pytest.raises(RuntimeError, match="Keras runs on torch in this kernel") as caught:
        lesson.begin(1)
    assert "Restart the kernel" in str(caught.value)


@pytest.mark.parametrize("by", ["variable", "file"])
def test_a_users_backend_gives_way(tmp_path, by):
    settings = {"backend": "jax", "floatx": "float16", "image_data_format": "channels_first"}
    (tmp_path / "keras.json").write_text(json.dumps(settings), encoding="utf-8")
    variables = {"KERAS_HOME": str(tmp_path)} if by == "file" else {"KERAS_BACKEND": "jax"}
    program = (
        f"import sys; sys.path.insert(0, {str(Path(lesson.__file__).parents[1])!r}); "
        "from course_lib import lesson; lesson.begin(1); import keras; "
        "print(keras.config.backend(), keras.config.floatx())"
    )
    kept = {name: value for name, value in os.environ.items() if name != "KERAS_BACKEND"}
    result = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        env={**kept, **variables},
        cwd=tmp_path,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.endswith("tensorflow float32\n")
    said = "channels_last (was channels_first)" if by == "file" else "tensorflow (was jax)"
    assert said in result.stdout


def test_a_users_matplotlibrc_gives_way():
    import matplotlib as mpl

    mpl.rcParams.update({"text.usetex": True, "axes.facecolor": "black", "lines.linestyle": ":"})
    lesson.begin(1)
    assert not mpl.rcParams["text.usetex"]
    assert mpl.rcParams["axes.facecolor"] == "white"
    assert mpl.rcParams["lines.linestyle"] == "-"
