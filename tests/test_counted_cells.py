"""What is counted and sorted is the same on every processor: the quick pass.

The cells with the tag `counted` run on this processor as it is and on those of
`tests/hard/processors.py`, each in one process. `make hard` runs whole notebooks there.
"""

import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests" / "hard"), str(ROOT / "tools")]

import counted  # noqa: E402
import processors  # noqa: E402
from live_kernel import clean_environment  # noqa: E402
from notebook_files import lesson_files  # noqa: E402

AS_IT_IS = "this processor"
NOTEBOOKS = [
    path for path in lesson_files(ROOT) if any(map(counted.is_counted, counted.code_cells(path)))
]


def results_on(name, notebooks):
    """Return the results of counted cells on a processor, after a look from inside."""
    variables, probe = clean_environment(ROOT), {"checkout": str(ROOT)}
    if name != AS_IT_IS:
        processor = processors.PROCESSORS[name]
        variables |= processors.variables(processor, sys.executable)
        probe |= processors.probe(processor, sys.executable)
    answer = subprocess.run(
        [sys.executable, str(ROOT / "tests" / "hard" / "counted.py"), *map(str, notebooks)],
        env={**variables, "HARD_PROBE": json.dumps(probe)},
        capture_output=True,
        encoding="utf-8",
    )
    assert answer.returncode == 0, f"{name}: {answer.stderr[-2000:]}"
    return json.loads(answer.stdout)


def test_every_processor_gives_the_same():
    names = [AS_IT_IS, *processors.PROCESSORS]
    results = {name: results_on(name, NOTEBOOKS) for name in names}
    failed = [
        f"{lesson} on {name}: {found['failed']}"
        for name, lessons in results.items()
        for lesson, found in lessons.items()
        if "failed" in found
    ]
    differing = processors.differences(results)
    assert not failed + differing, "\n".join(failed + differing)


def test_there_is_something_to_compare():
    assert len(NOTEBOOKS) >= 6
    for path in NOTEBOOKS:
        cells = filter(counted.is_counted, counted.code_cells(path))
        assert any("expect(" in "".join(cell["source"]) for cell in cells), path.name


def write(folder, *cells):
    """Write a notebook whose cells are pairs of a source and whether it is counted."""
    made = []
    for source, is_counted in cells:
        made.append(nbformat.v4.new_code_cell(source))
        made[-1].metadata["tags"] = [counted.TAG] if is_counted else []
    path = folder / "07_small.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=made), path)
    return path


def differing(folder, other, *cells):
    """Return which results of the cells are not the same on another processor."""
    path = write(folder, *cells)
    both = {name: {"small": results_on(name, [path])["07_small"]} for name in (AS_IT_IS, other)}
    return both, processors.differences(both)


def test_an_order_that_the_instructions_decide_is_seen(tmp_path):
    features = processors.features(sys.executable)
    from numpy._core._multiarray_umath import __cpu_features__ as found

    off = processors.switched_off(processors.PROCESSORS["no AVX2"], sys.executable)
    if not any(found[name] for name in off):
        pytest.skip(f"this processor has none of the features of NumPy's routines: {features}")
    both, seen = differing(
        tmp_path,
        "no AVX2",
        ("import numpy as np", False),
        # No kind="stable": this is the fault that must be seen.
        ("values = np.arange(1000, dtype='float32') % 5\nplaces = values.argsort()", True),
    )
    assert len(seen) == 1, both
    assert seen[0].startswith(f"small, places: {AS_IT_IS} gave ")
    assert "but no AVX2 gave" in seen[0]


def test_an_order_that_hashes_decide_is_seen(tmp_path):
    cells = [("words = list({str(n) for n in range(100)})\nknown = set(words)", True)]
    _, seen = differing(tmp_path, "no AVX2", *cells)
    assert [line.split(":")[0] for line in seen] == ["small, words"]


def test_counted_cells_run_alone_and_a_claim_that_fails_is_told(tmp_path):
    path = write(
        tmp_path,
        ("import numpy, os.path, tensorflow as tf\n%matplotlib inline", False),
        ("from course_lib.claims import expect", False),
        ("first = [seed, os.path.sep, 0.5, numpy.int64(3)]\nexpect('seed', seed, equals=7)", True),
        ("second = tf.constant(1)", False),
        ("third = {'b': 1, 'a': 2.5}\nexpect('one', len(third), equals=1)", True),
        ("fourth = 4", True),
    )
    found = results_on(AS_IT_IS, [path])["07_small"]
    claim = found.pop("failed")
    assert claim.endswith("ClaimError: ✘ one should be 1, but is 2.")
    assert {name: json.loads(text) for name, text in found.items()} == {
        "first": [7, "/" if sys.platform != "win32" else "\\", "float", 3],
        "third": [["b", 1], ["a", "float"]],
        "claims": ["✔ seed is 7"],
    }


def test_a_counted_cell_that_needs_tensorflow_is_refused(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(counted.inside, "problems", lambda wanted: [])
    monkeypatch.setattr(counted.tied_values, "orders", dict)
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    monkeypatch.setenv("HARD_PROBE", "{}")
    assert counted.main([]) == 1
    assert "import TensorFlow" in capsys.readouterr().err


def test_no_notebook_runs_where_the_processor_is_another_than_wanted(monkeypatch, capsys):
    monkeypatch.setattr(counted.inside, "problems", lambda wanted: ["NumPy uses X86_V4"])
    monkeypatch.setenv("HARD_PROBE", "{}")
    assert counted.main(["missing.ipynb"]) == counted.inside.NOT_MADE
    assert capsys.readouterr().err == "NumPy uses X86_V4\n"
