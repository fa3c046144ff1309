"""benchmarks/: scratch, peak, start_up and whole_course, with tiny sizes and made-up results."""

import importlib
import json
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def load(monkeypatch):
    """Return a function that imports a module of the benchmarks."""
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    return importlib.import_module


def write_notebook(path, *sources):
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    cells[-1].metadata["tags"] = ["raises-exception"]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


def rows_of(text):
    """Return the cells of a report's tables, by the first cell of their row."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert len({len(row) for row in cells if row[0] != "---"}) <= 3
    return {row[0]: row[1:] for row in cells}


def test_scratch_measures_every_operation_and_both_agree(load):
    scratch = load("scratch")
    result = json.loads(json.dumps(scratch.measure(quick=True)))
    assert len(result["operations"]) == 7
    for operation in result["operations"].values():
        assert operation["difference"] < 1e-9
        assert set(operation["seconds"]) == set(scratch.VERSIONS)
    assert len(scratch.ratios(result)) == 7
    assert "dense (8, 20, 5)" in scratch.report(result)


def test_scratch_says_what_its_figures_say(load):
    scratch = load("scratch")
    seconds = {
        "NumPy float32": [0.006, 0.004],
        scratch.ONE_THREAD: [0.002, 0.002],
        "NumPy float64": [0.008, 0.008],
        "Keras float32": [0.002, 0.002],
        "Keras float64": [0.004, 0.004],
    }
    operation = {"seconds": seconds, "difference": 2e-15, "precision": ["float64"]}
    about = {"sizes": {"dense": [4, 3]}, "numpy_threads": 2, "tensorflow_threads": 3}
    result = {"operations": {"dense": operation}, "about": about}
    text = scratch.report(result)
    assert rows_of(text)["dense (4, 3)"] == ["5.00", "2.00", "8.00", "2.00", "4.00", "2.5", "2.0"]
    assert "goes on in float64 in: dense." in text
    assert "slows NumPy down in: dense." in text
    assert scratch.ratios(result) == [("dense, NumPy / Keras", 2.5, None)]
    operation["precision"], seconds[scratch.ONE_THREAD] = ["float32"], [0.006, 0.006]
    assert "goes on" not in scratch.report(result)
    assert "slows" not in scratch.report(result)


def test_a_notebook_is_run_and_measured(load, tmp_path):
    path = write_notebook(tmp_path / "01_a.ipynb", "x = 60_000 + early", "1 / 0", "1 / 0")
    before = path.read_bytes()
    run = load("notebook_runs").run_notebook(
        path, "early = 1", last="print(x)", numbers={"60_000": "15_000"}
    )
    assert run["answer"] == 15_001
    assert run["errors"] == ["ZeroDivisionError: division by zero"]
    assert 0 < run["processor_seconds"] < 100
    assert 1e7 < run["peak_bytes"] < 4e9
    assert run["seconds"] > 0
    assert path.read_bytes() == before


def test_a_kernel_that_dies_is_told(load, tmp_path):
    path = write_notebook(tmp_path / "01_a.ipynb", "import os; os._exit(1)", "1 / 0")
    run = load("notebook_runs").run_notebook(path)
    assert list(run) == ["errors"]
    assert run["errors"][0].startswith("DeadKernelError")


def test_whole_course_runs_less_data_where_the_lesson_is_on_mnist(load, monkeypatch):
    whole_course = load("whole_course")
    asked = []

    def run_notebook(path, first="", numbers=None):
        asked.append((path, "0.25" in first, "0.5" in first, numbers))
        return {"seconds": 1.0, "processor_seconds": 1.0, "peak_bytes": 1e9, "errors": []}

    monkeypatch.setattr(whole_course, "run_notebook", run_notebook)
    monkeypatch.setattr(whole_course, "lessons", lambda: {1: "one", 5: "five", 8: "eight"})
    result = whole_course.measure(quick=False)
    assert asked == [
        ("one", False, False, None),
        ("five", False, False, None),
        ("eight", False, False, None),
        ("eight", True, False, {"50_000": "12_500"}),
        ("eight", False, True, {"50_000": "25_000"}),
    ]
    assert list(result["parts"]) == ["8"]
    assert rows_of(whole_course.report(result))["all"][0] == "3"


def test_whole_course_names_limits_that_are_broken_and_runs_that_died(load):
    whole_course = load("whole_course")
    run = {"seconds": 45.0, "processor_seconds": 60.0, "peak_bytes": 3e9, "errors": []}
    failed = {"errors": ["ClaimError: no", "NameError: x"]}
    result = {
        "whole": {"3": run, "4": failed},
        "parts": {"3": {"a quarter": {**run, "seconds": 15.0, **failed}, "half": failed}},
    }
    text = whole_course.report(result)
    assert "| 3 | 45.0 | 50 % | 60.0 | 3.00 | **120 %** | 0 |" in text
    assert "| 4 |  |  |  |  |  | 2 |" in text
    assert "1 of 2 came to their end, in 0.8 minutes" in text
    assert "| 3 | 15.0 |  | 45.0 | 3.00 |  | 3.00 | 2 / 2 / 0 |" in text
    assert "3.00 (lesson 3)" in text
    assert "Of 4 errors with less data 2 are claims" in text


def test_less_data_is_less_training_data_only(load, monkeypatch):
    from course_lib import datasets

    data = (np.zeros((8, 2, 2)), np.zeros(8)), (np.zeros((4, 2, 2)), np.zeros(4))
    monkeypatch.setattr(datasets, "mnist", lambda: data)
    exec(load("whole_course").LESS_DATA.format(share=0.25), {})
    (images, labels), (tests, _) = datasets.mnist()
    assert (images.shape, labels.shape, tests.shape) == ((2, 2, 2), (2,), (4, 2, 2))


def test_numbers_of_the_lessons_on_mnist_stand_in_their_code(load):
    whole_course = load("whole_course")
    few = {5, 7, 10}  # lessons that take the same few digits, however many there are
    for number, path in load("notebook_runs").lessons().items():
        cells = nbformat.read(path, as_version=4).cells
        code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
        assert ("datasets.mnist()" in code) == (number in few | set(whole_course.ON_MNIST))
        assert all(f"{count:_}" in code for count in whole_course.ON_MNIST.get(number, []))


def test_start_up_times_fresh_processes(load):
    start_up = load("start_up")
    result = start_up.measure(quick=True)
    assert 0 < result["seconds"]["Python alone"][0] < 60
    assert "not measured" in start_up.report(result)
    times = {name: [1.0, 3.0, 2.0] for name in [*start_up.IMPORTS, start_up.LAB]}
    times["lesson.begin(1)"] = [2.5, 2.5, 2.5]
    text = start_up.report({"seconds": times})
    assert rows_of(text)["import numpy"] == ["2.00", "1.00 to 3.00", "3"]
    assert "begins +0.50 s after" in text
    assert "served 2.0 s after" in text


def test_start_up_waits_for_the_page_and_ends_the_server(load, tmp_path):
    start_up = load("start_up")
    (tmp_path / "page").write_text("here")
    port = start_up.free_port()
    server = ["-m", "http.server", "--bind", "127.0.0.1"]
    # One process more, as between make and JupyterLab.
    inner = [sys.executable, *server, "--directory", str(tmp_path), str(port)]
    outer = [sys.executable, "-c", f"import subprocess; subprocess.run({inner!r})"]
    quiet = {"stdout": start_up.subprocess.DEVNULL, "stderr": start_up.subprocess.DEVNULL}
    process = start_up.psutil.Popen(outer, **quiet)
    try:
        start_up.wait_for_page(f"http://127.0.0.1:{port}/page", process)
        family = process.children(recursive=True)
        assert len(family) == 1
    finally:
        start_up.end_with_children(process)
    assert not any(one.is_running() for one in [process, *family])
    with pytest.raises(RuntimeError, match="before it served"):
        start_up.wait_for_page(f"http://127.0.0.1:{port}/page", process)


def test_peak_says_what_its_figures_say(load):
    peak = load("peak")
    training = {
        "model": "Sequential, 2 parameters",
        "way": "fit",
        "batch": 10,
        "steps": 1_000,
        "step_seconds": 0.004,
        "pass_seconds": 0.003,
        "pass_seconds_four": 0.012,
        "forward_flops": 100_000,
    }
    result = {
        "products": {"TensorFlow": {"512": 3e9, "1024": 7.5e9}, "NumPy": {"512": 1e9, "1024": 2e9}},
        "trainings": {
            "1": {"training": None, "errors": ["NameError: x"]},
            "2": {"training": training, "errors": []},
        },
    }
    row = rows_of(peak.report(result))["2: Sequential, 2 parameters, fit"]
    figures = ["10", "1,000", "4.00", "3", "10 %", "13 %", "1.00", "25 %"]
    assert row == [*figures, "arithmetic or memory"]
    assert "found in lesson 1." in peak.report(result)
    assert "1 cells ended in an error" in peak.report(result)
    assert peak.diagnosis({"outside": 0.6, "four": 1}) == peak.diagnosis(
        {"outside": 0.6, "four": 0}
    )
    assert peak.diagnosis({"outside": 0.1, "four": 0.3}) == "starting operations"


def test_a_shortened_training_is_noted_at_its_full_length(load, keras):
    probe = load("peak_probe")
    short = probe.shortened(keras.Model.fit)
    probe.TRAININGS.clear()
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, use_bias=False)])
    model.compile("sgd", "mse", jit_compile=False)
    x, y = np.ones((64, 3), "float32"), np.ones((64, 2), "float32")
    history = short(model, x, y, 2, 5, sample_weight=np.ones(64))
    assert len(history.history["loss"]) == len(history.epoch) == 5
    assert int(model.optimizer.iterations) == probe.FEW_STEPS
    (training,) = probe.TRAININGS.values()
    assert (training["steps"], training["batch"]) == (160, 2)
    assert training["inputs"].shape == (8, 3)
    found = json.loads(json.dumps(probe.measured()))
    assert found["forward_flops"] == 12
    assert found["steps"] == 160
    assert min(found["step_seconds"], found["pass_seconds"], found["pass_seconds_four"]) > 0
    probe.TRAININGS.clear()
    short(model, x[:4], y[:4], 2, 3)
    assert int(model.optimizer.iterations) > probe.FEW_STEPS
    assert probe.measured() is None
    probe.TRAININGS.clear()


def test_a_shortened_loop_goes_on_with_its_last_losses(load, tf):
    probe = load("peak_probe")
    probe.TRAININGS.clear()
    calls = []

    def ten_steps(model, optimizer, compiled):
        return lambda inputs, targets: calls.append(1) or tf.ones(10)

    class Model:
        trainable_variables = ()

        def count_params(self):
            return 0

    loop = probe.shortened_loop(ten_steps)(Model(), None, False)
    batches = np.zeros((10, 2, 3), "int32")
    assert all(loop(batches, batches).numpy().sum() == 10 for _ in range(6))
    assert len(calls) == probe.FEW_LOOPS
    (training,) = probe.TRAININGS.values()
    assert (training["steps"], training["batch"], training["way"]) == (60, 2, "ten_steps")
    probe.TRAININGS.clear()


def test_the_peak_is_that_of_the_fastest_product(load):
    peak = load("peak")
    worker = peak.Contestant("peak_worker.py", {"library": "NumPy"})
    try:
        assert worker.about == {"version": np.__version__}
        assert worker.ask("multiply", size=64, calls=2)["flops"] > 1e6
    finally:
        worker.close()
    assert peak.peak_flops({"products": {"a": {"1": 2.0, "2": 5.0}, "b": {"1": 3.0}}}) == 5.0
