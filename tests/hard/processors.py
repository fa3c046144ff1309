"""Other processors, made of this one by what its libraries and Python are told.

NumPy, OpenBLAS and oneDNN choose their routines by the instructions that the
processor has, and the routines differ in the order in which they add numbers and
leave equal ones. Sets come in the order of hashes, which Python draws anew for each
process.
"""

import functools
import platform
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass

# NumPy's names from 2.4 on, and before.
AVX512 = r"X86_V4|AVX512\w+"
AVX2 = r"X86_V3|AVX2|FMA3"
QUERY = "from numpy._core._multiarray_umath import __cpu_dispatch__ as names; print(*names)"
X86 = platform.machine().lower() in ("x86_64", "amd64")


@dataclass(frozen=True)
class Processor:
    """What the libraries are to take this processor for.

    Attributes:
        without: a pattern of the features that NumPy may not use.
        kernel: the processor that OpenBLAS computes for, by its own name.
        onednn: the newest instructions that oneDNN may use; "" when TensorFlow is to
            do without oneDNN.
        hash_seed: of Python, a number or "random".
        threads: of OpenBLAS, OpenMP and TensorFlow, at most.
        slower: how many times as long a cell may take.
    """

    without: str
    kernel: str
    onednn: str
    hash_seed: str
    threads: int
    slower: int = 1


PROCESSORS = {
    "no AVX-512": Processor(AVX512, "Haswell", "AVX2", "0", 2),
    # Convolutions with SSE4.1 take three times the processor time.
    "no AVX2": Processor(f"{AVX512}|{AVX2}", "Nehalem", "SSE41", "1", 1, slower=3),
    "another library": Processor("", "Sandybridge", "", "random", 2),
    "no AVX-512, one thread": Processor(AVX512, "Haswell", "AVX2", "random", 1),
}


@functools.cache
def features(python: str) -> list[str]:
    """Return the features for which an interpreter's NumPy has routines of their own.

    Only these can be switched off: NumPy warns of others, and does not start without
    those that it needs. One that the processor lacks does no harm.
    """
    answer = subprocess.run([python, "-c", QUERY], capture_output=True, text=True, check=True)
    return answer.stdout.split()


def switched_off(processor: Processor, python: str) -> list[str]:
    """Return the features that an interpreter's NumPy has, and may not use."""
    return [name for name in features(python) if X86 and re.fullmatch(processor.without, name)]


def variables(processor: Processor, python: str) -> dict[str, str]:
    """Return the variables that make an interpreter's process run as on that processor.

    Where the processor is no x86 only threads and hashes can be others.
    """
    threads = str(processor.threads)
    names = ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"]
    names += ["TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"]
    found = dict.fromkeys(names, threads) | {"PYTHONHASHSEED": processor.hash_seed}
    if X86:
        found["OPENBLAS_CORETYPE"] = processor.kernel
        if processor.onednn:
            found["ONEDNN_MAX_CPU_ISA"] = processor.onednn
        else:
            found["TF_ENABLE_ONEDNN_OPTS"] = "0"
    if names := switched_off(processor, python):
        found["NPY_DISABLE_CPU_FEATURES"] = " ".join(names)
    return found


def probe(processor: Processor, python: str) -> dict[str, object]:
    """Return what `inside.py` must find in such a process."""
    found: dict[str, object] = {
        "switched_off": switched_off(processor, python),
        "threads": processor.threads,
        "hash_seed": processor.hash_seed,
    }
    return found | ({"kernel": processor.kernel} if X86 else {})


def described(processor: Processor, python: str) -> str:
    """Return in a few words what is another here."""
    found = variables(processor, python)
    parts = [f"hash seed {processor.hash_seed}", f"threads at most {processor.threads}"]
    if not X86:
        return f"not an x86 processor, so only {' and '.join(parts)}"
    off = found.get("NPY_DISABLE_CPU_FEATURES")
    numpy = f"NumPy without {off}" if off else "NumPy as it is"
    onednn = f"oneDNN {processor.onednn}" if processor.onednn else "no oneDNN"
    return ", ".join([numpy, f"OpenBLAS {processor.kernel}", onednn, *parts])


def differences(results: Mapping[str, Mapping[str, Mapping[str, str]]]) -> list[str]:
    """Return a line for each result that is not the same on all processors.

    Args:
        results: for each processor, for each lesson, its results by name; the first
            processor is what the others are compared with.
    """
    (first, wanted), *others = results.items()
    found = []
    for name, came in others:
        for lesson in sorted(wanted.keys() | came.keys()):
            here, there = wanted.get(lesson, {}), came.get(lesson, {})
            for key in sorted(here.keys() | there.keys()):
                one, other = here.get(key, "nothing"), there.get(key, "nothing")
                if one != other:
                    one, other = from_the_difference(one, other)
                    found.append(f"{lesson}, {key}: {first} gave {one}, but {name} gave {other}")
    return found


def from_the_difference(one: str, other: str, before: int = 40, length: int = 120) -> list[str]:
    """Return the part of each text in which they begin to differ."""
    pairs = enumerate(zip(one, other, strict=False))
    place = next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))
    begin = max(0, place - before)
    return [text[begin : begin + length] for text in (one, other)]
