"""Other processors: what is told to the libraries, and whether they do as they are told."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import inside  # noqa: E402
import notebook_passes  # noqa: E402
import processors  # noqa: E402
from processors import PROCESSORS  # noqa: E402

BEFORE = "SSSE3 SSE41 SSE42 AVX F16C FMA3 AVX2 AVX512F AVX512CD AVX512_SKX AVX512_ICL"
SINCE = "X86_V3 X86_V4 AVX512_ICL AVX512_SPR"
ARM = "ASIMDHP ASIMDDP ASIMDFHM SVE"
CONVOLUTION = """
import tensorflow as tf
from tensorflow.python.util._pywrap_util_port import IsMklEnabled
picture, kernel = tf.ones((8, 28, 28, 8)), tf.ones((3, 3, 8, 16))
tf.function(lambda: tf.nn.relu(tf.nn.conv2d(picture, kernel, 1, "SAME")))()
print("oneDNN" if IsMklEnabled() else "no oneDNN")
"""


@pytest.mark.parametrize(
    ("dispatched", "name", "off"),
    [
        (BEFORE, "no AVX-512", "AVX512F AVX512CD AVX512_SKX AVX512_ICL"),
        (BEFORE, "no AVX2", "FMA3 AVX2 AVX512F AVX512CD AVX512_SKX AVX512_ICL"),
        (SINCE, "no AVX-512", "X86_V4 AVX512_ICL AVX512_SPR"),
        (SINCE, "no AVX2", SINCE),
        (SINCE, "another library", ""),
        (ARM, "no AVX2", ""),
    ],
)
def test_what_this_numpy_may_not_use(monkeypatch, dispatched, name, off):
    monkeypatch.setattr(processors, "X86", True)
    monkeypatch.setattr(processors, "features", lambda python: dispatched.split())
    found = processors.variables(PROCESSORS[name], "python").get("NPY_DISABLE_CPU_FEATURES", "")
    assert found == off
    assert processors.probe(PROCESSORS[name], "python")["switched_off"] == off.split()


def test_elsewhere_only_threads_and_hashes_are_others(monkeypatch):
    monkeypatch.setattr(processors, "X86", False)
    monkeypatch.setattr(processors, "features", lambda python: ARM.split())
    for processor in PROCESSORS.values():
        found = processors.variables(processor, "python")
        assert {re.sub(".*_NUM_", "", name) for name in found} == {
            *["THREADS", "INTRAOP_THREADS", "INTEROP_THREADS", "PYTHONHASHSEED"]
        }
        assert set(processors.probe(processor, "python")) == {
            *["switched_off", "threads", "hash_seed"]
        }
        assert "not an x86 processor" in processors.described(processor, "python")


def test_numpy_does_not_warn_of_what_is_switched_off():
    for processor in PROCESSORS.values():
        answer = subprocess.run(
            [sys.executable, "-W", "error", "-c", "import numpy"],
            env={**os.environ, **processors.variables(processor, sys.executable)},
            capture_output=True,
            text=True,
        )
        assert answer.returncode == 0, answer.stderr


def test_all_processors_are_tried_on_all_notebooks():
    tried = [name for one in notebook_passes.PASSES for name in one.conditions]
    assert {name: tried.count(name) for name in PROCESSORS} == dict.fromkeys(PROCESSORS, 1)
    assert all(set(one.conditions) & set(PROCESSORS) for one in notebook_passes.PASSES)


def test_a_processor_that_is_another_than_wanted_is_found(monkeypatch):
    from numpy._core._multiarray_umath import __cpu_features__ as features
    from threadpoolctl import threadpool_info

    monkeypatch.setenv("PYTHONHASHSEED", "5")
    used = [name for name, has in features.items() if has][:1]
    wanted = {"switched_off": used, "threads": 0, "hash_seed": "0", "kernel": "Abacus"}
    found = inside.processor_problems(wanted)
    assert found[:1] == [f"NumPy uses {name}" for name in used]
    assert "their seed is 5, but it should be 0" in found[-1]
    libraries = [one["internal_api"] for one in threadpool_info()]
    assert sum(" threads instead of 0" in line for line in found) == len(libraries)
    named = sum(line.endswith("instead of Abacus") for line in found)
    assert named == libraries.count("openblas")


@pytest.mark.parametrize("seed", ["0", "1", "random"])
def test_hashes_that_are_not_as_wanted_are_found(seed):
    for wanted in ("0", "1", "random"):
        code = (
            "import inside; print(*inside.processor_problems("
            f"{{'switched_off': [], 'threads': 1, 'hash_seed': {wanted!r}}}), sep='\\n')"
        )
        variables = {"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT / "tests" / "hard")}
        # Only hashes are looked at; NumPy brings its libraries with it.
        one_thread = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        answer = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, **variables, **one_thread},
            capture_output=True,
            text=True,
            check=True,
        )
        assert ("hashes are" in answer.stdout) == (wanted != seed), answer.stdout


@pytest.mark.skipif(not processors.X86, reason="oneDNN has other instructions elsewhere")
@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("no AVX2", ["isa:Intel SSE4.1", "nthr:1\n", "convolution,jit:sse41", "\noneDNN"]),
        ("another library", ["\nno oneDNN"]),
    ],
)
def test_tensorflow_does_as_it_is_told(name, lines):
    answer = subprocess.run(
        [sys.executable, "-c", CONVOLUTION],
        env={
            **os.environ,
            **processors.variables(PROCESSORS[name], sys.executable),
            "ONEDNN_VERBOSE": "1",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    for line in lines:
        assert line in f"\n{answer.stdout}", answer.stdout


def test_differences_name_lesson_result_and_processors():
    words = [f'"{letter * 90}"' for letter in "ab"]
    results = {
        "here": {"15_a": {"order": f"{words[0]}, 1", "claims": "same"}, "16_b": {"n": "1"}},
        "there": {"15_a": {"order": f"{words[0]}, 2", "claims": "same"}},
    }
    first, second = processors.differences(results)
    assert first.startswith("15_a, order: here gave aaa")
    assert '", 1, but there gave aaa' in first
    assert first.endswith('", 2')
    assert second == "16_b, n: here gave 1, but there gave nothing"
    assert processors.differences(dict.fromkeys("abc", results["here"])) == []
