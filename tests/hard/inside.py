"""Make sure that the hard conditions hold here, then run pytest.

    HARD_PROBE='{"network": true}' python tests/hard/inside.py PYTEST_ARGUMENTS

Ends with the status 90 when one does not hold, so that no notebook passes under
conditions that were only asked for.
"""

import importlib.util
import json
import locale
import os
import runpy
import socket
import subprocess
import sys
import time
from pathlib import Path

NOT_MADE = 90


def problems(wanted: dict) -> list[str]:
    """Return what is not as it should be."""
    found = []
    if "core" in wanted:
        os.sched_setaffinity(0, {wanted["core"]})
        if len(os.sched_getaffinity(0)) != 1:
            found.append("there is more than one core")
    if "network" in wanted:
        try:
            # A documentation address would be no proof: this one answers where there is a network.
            socket.create_connection(("1.1.1.1", 443), timeout=5).close()
            found.append("there is a network")
        except OSError:
            pass
    for folder in wanted.get("unwritable", []):
        try:
            (Path(folder) / "written").touch()
            found.append(f"{folder} can be written to")
        except OSError:
            pass
    if "locale" in wanted:
        try:
            before = locale.setlocale(locale.LC_ALL)
            locale.setlocale(locale.LC_ALL, "")
            decimal = locale.localeconv()["decimal_point"]
            if decimal != ("." if wanted["locale"] == "C" else ","):
                found.append(f"the locale is not {wanted['locale']}")
            locale.setlocale(locale.LC_ALL, before)
        except locale.Error as error:
            found.append(f"the locale {wanted['locale']} is not there ({error})")
    if "offset" in wanted and time.strftime("%z") != wanted["offset"]:
        found.append(f"the time zone is {time.strftime('%z')}")
    if "hash_seed" in wanted:
        found += processor_problems(wanted)
    package = importlib.util.find_spec("course_lib")
    here = Path(wanted["checkout"]).resolve()
    if package is None or here not in Path(str(package.origin)).resolve().parents:
        found.append(f"course_lib is not that of {here}, but {package and package.origin}")
    return found


def processor_problems(wanted: dict) -> list[str]:
    """Return what is not as on the processor that is wanted (`processors.probe`).

    What TensorFlow makes of its variables cannot be seen from here without importing it.
    """
    # Only now: OpenBLAS counts the cores when it is loaded, and there may be only one by now.
    from numpy._core._multiarray_umath import __cpu_features__ as features
    from threadpoolctl import threadpool_info

    found = [f"NumPy uses {name}" for name in wanted["switched_off"] if features[name]]
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    threads = min(wanted["threads"], cores)
    for library in threadpool_info():
        name, kernel = library["internal_api"], library.get("architecture")
        if library["num_threads"] != threads:
            found.append(f"{name} has {library['num_threads']} threads instead of {threads}")
        if name == "openblas" and "kernel" in wanted and kernel != wanted["kernel"]:
            found.append(f"OpenBLAS computes for {kernel} instead of {wanted['kernel']}")
    # A process with the same variables has the same hashes only if they are not drawn.
    command = [sys.executable, "-c", "print(hash('course'))"]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    drawn = int(answer.stdout) != hash("course")
    seed = os.environ.get("PYTHONHASHSEED", "random")
    if seed != wanted["hash_seed"] or drawn != (seed == "random"):
        found.append(
            f"hashes are {'drawn' if drawn else 'fixed'} and their seed is {seed}, "
            f"but it should be {wanted['hash_seed']}"
        )
    return found


if __name__ == "__main__":
    # What lies beside this file is no part of the course.
    sys.path[0] = os.getcwd()
    missing = problems(json.loads(os.environ.pop("HARD_PROBE")))
    if missing:
        print("; ".join(missing), file=sys.stderr)
        sys.exit(NOT_MADE)
    runpy.run_module("pytest", run_name="__main__", alter_sys=True)
