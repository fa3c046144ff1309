"""The benchmarks' own logic: taking turns, ratios, tables. Their figures are not tested."""

import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"
WORKER = """
import os, time
from harness import serve

def sleep(duration):
    print("a library's word on standard output")
    time.sleep(duration)
    return {"slept": duration}

def fail():
    raise ValueError("no such thing")

def end():
    os._exit(3)

serve({"sleep": sleep, "fail": fail, "end": end}, {"version": 1})
"""


@pytest.fixture
def module(monkeypatch):
    """Return a function that imports a module of the folder."""
    monkeypatch.syspath_prepend(str(FOLDER))
    return importlib.import_module


@pytest.fixture
def harness(module):
    return module("harness")


@pytest.fixture
def worker(tmp_path, harness, monkeypatch):
    """Return a function that starts a contestant of the script above."""
    (tmp_path / "worker.py").write_text(WORKER)
    started = []

    def start():
        started.append(harness.Contestant(str(tmp_path / "worker.py"), {}))
        return started[-1]

    yield start
    for contestant in started:
        contestant.close()


def test_contestant_answers_with_its_time_and_nothing_it_prints(worker):
    contestant = worker()
    assert contestant.about == {"version": 1}
    answer = contestant.ask("sleep", duration=0.05)
    assert answer["slept"] == 0.05
    assert 0.05 <= answer["seconds"] < 5


def test_contestant_that_fails_says_why_and_goes_on(worker, harness):
    contestant = worker()
    with pytest.raises(harness.ContestantError, match=r"could not fail(.|\n)*no such thing"):
        contestant.ask("fail")
    assert contestant.ask("sleep", duration=0)["slept"] == 0


def test_contestant_that_ends_is_reported_and_not_waited_for(worker, harness):
    with pytest.raises(harness.ContestantError, match="ended with 3"):
        worker().ask("end")


def test_all_contestants_end_when_one_cannot_start(worker, harness):
    started = []

    def first():
        started.append(worker())
        return started[0]

    def second():
        raise OSError("no such interpreter")

    with (
        pytest.raises(OSError, match="no such interpreter"),
        harness.contestants({"first": first, "second": second}),
    ):
        pass
    assert started[0].process.returncode is not None


def test_everybody_comes_first_as_often_and_warm_up_does_not_count(harness):
    order = []

    def action(name):
        return lambda: order.append(name) or float(len(order))

    seconds = harness.take_turns({name: action(name) for name in "abc"}, rounds=3)
    assert [len(took) for took in seconds.values()] == [3, 3, 3]
    assert "".join(order[3:]) == "abcbcacab"
    assert min(min(took) for took in seconds.values()) == 4


def test_ratio_is_taken_round_by_round(harness):
    # The machine is ten times slower in the last round; the ratio is not.
    assert harness.median_ratio([1, 1, 10], [2, 2, 20]) == 0.5


def test_machine_is_named(module):
    machine = module("circumstances").machine()
    assert machine["cores"] >= 1
    assert machine["processor"]


def test_busy_cores_are_noticed(harness, monkeypatch, capsys):
    import psutil

    monkeypatch.setattr(psutil, "cpu_percent", lambda interval: 60.0)
    assert harness.busy(0) == 0.6
    assert "Others are using 60%" in capsys.readouterr().out
    monkeypatch.setattr(psutil, "cpu_percent", lambda interval: 2.0)
    assert harness.busy(0) == 0.02
    assert capsys.readouterr().out == ""


def digits_result():
    """Return three rounds in which ours is twice as fast as PyTorch."""
    turn = {"seconds": 10.0, "accuracies": [0.995]}
    slow = {"seconds": 20.0, "accuracies": [0.9939]}
    parts = [{"seconds": 40.0 * n, "accuracies": [0.99] * n} for n in (4, 3, 3)]
    fifths = [{"seconds": 50.0, "accuracies": [0.992] * 5} for _ in range(3)]
    names = ["lesson 08", "published listing, corrected", "convnet with dropout"]
    names.append("lesson 08's network and recipe in PyTorch")
    runs = dict(zip(names, [[turn] * 3, parts, fifths, [slow] * 3], strict=True))
    return {"runs": runs, "about": {name: {"parameters": 1000} for name in names}}


def test_digits_are_compared_over_whole_trainings(module):
    digits = module("digits")
    shown = {label: (ratio, limit) for label, ratio, limit in digits.ratios(digits_result())}
    assert [ratio for ratio, _ in shown.values()] == pytest.approx([10 / 400, 10 / 150, 0.5])
    assert [limit for _, limit in shown.values()] == [0.15, None, 0.9]
    report = digits.report(digits_result())
    assert "3 of 3 trainings" in report
    assert "0 of 3 trainings" in report
    assert "0 of 10 epochs" in report


def gpt_result(gpt):
    """Return one run of 200 steps that reaches the target half-way between two tests."""
    target = gpt.TARGET
    losses = [target + 0.1, target - 0.1]
    return {
        "steps": 200,
        "runs": [
            {
                "seconds": {gpt.OURS: [5.0, 1, 1, 1], gpt.EAGER: [2.0, 2, 2, 2]},
                "losses": {gpt.OURS: losses, gpt.EAGER: losses},
                "about": {},
                "left_out": {},
            }
        ],
    }


def test_time_to_a_loss_lies_between_two_tests(module):
    gpt = module("gpt")
    run = gpt_result(gpt)["runs"][0]
    assert gpt.time_to_target(run, gpt.OURS, with_start=True) == pytest.approx(7)
    assert gpt.time_to_target(run, gpt.OURS, with_start=False) == pytest.approx(3)
    assert gpt.time_to_target(run, gpt.EAGER, with_start=True) == pytest.approx(6)
    run["losses"][gpt.OURS] = [gpt.TARGET + 1] * 2
    assert gpt.time_to_target(run, gpt.OURS, with_start=True) is None


def test_gpt_report_has_the_ratios(module):
    gpt = module("gpt")
    result = gpt_result(gpt)
    assert [ratio for _, ratio, _ in gpt.ratios(result)] == pytest.approx([0.5, 7 / 6])
    assert "| 0.50 | 1.17 | 0.50 |" in gpt.report(result)
    result["runs"][0]["losses"][gpt.EAGER] = [9.0, 9.0]
    assert "not reached" in gpt.report(result)


def test_gpt_goes_on_without_a_compiler_that_fails(module, harness, monkeypatch):
    gpt = module("gpt")

    failing = [{"compiled": True}]

    class Stand:
        def __init__(self, script, settings, python=None):
            self.about, self.fails = {}, settings in failing

        def ask(self, command, **arguments):
            if self.fails:
                raise harness.ContestantError("C++ compile error")
            return {"seconds": 1.0, "loss": 1.0}

        def close(self):
            pass

    monkeypatch.setattr(gpt, "Contestant", Stand)
    monkeypatch.setenv("COURSE_PYTORCH", "python")
    run = gpt.train_by_turns({}, 200)
    assert {name: len(took) for name, took in run["seconds"].items()} == {gpt.OURS: 4, gpt.EAGER: 4}
    assert run["left_out"] == {gpt.COMPILED: "C++ compile error"}
    report = gpt.report({"runs": [run], "steps": 200})
    assert "left out: PyTorch, compiled." in report
    failing.append({"compiled": False})
    with pytest.raises(harness.ContestantError):
        gpt.train_by_turns({}, 200)


def test_lstm_report_sorts_by_time(module):
    lstm = module("lstm")
    seconds = {lstm.PYTORCH: [0.002] * 3, "fit": [0.008] * 3, lstm.BEST: [0.003] * 3}
    seconds["fit, unrolled, ten steps a call"] = [0.006] * 3
    result = {"seconds": seconds}
    assert [ratio for _, ratio, _ in lstm.ratios(result)] == pytest.approx([4, 3, 1.5])
    places = [lstm.report(result).index(f"| {name} |") for name in ("fit", lstm.BEST)]
    assert places == sorted(places)


def test_tables_and_plot_come_from_the_stored_results(module, tmp_path, monkeypatch):
    rendering = module("rendering")
    machine = module("circumstances").machine()
    stored = {**digits_result(), "machine": machine, "date": "2026-01-02", "commit": "abc"}
    (tmp_path / "results").mkdir()
    path = tmp_path / "results" / "digits.json"
    path.write_text(json.dumps({**stored, "seconds_in_all": 7, "busy_before": 0.02}))
    readme = tmp_path / "README.md"
    before, after = rendering.MARKS
    readme.write_text(f"# Title\n{before}\nold\n{after}\nEnd\n")
    monkeypatch.setattr(rendering, "HERE", tmp_path)
    monkeypatch.setattr(rendering, "README", readme)
    monkeypatch.setattr(rendering, "PLOT", tmp_path / "ratios.png")
    rendering.write_readme(["digits", "gpt"])
    text = readme.read_text()
    assert "old" not in text
    assert "2026-01-02 at commit abc in 7 s" in text
    assert "others used 2% of the cores" in text
    assert text.startswith("# Title\n")
    assert text.endswith("End\n")
    assert (tmp_path / "ratios.png").stat().st_size > 1000


def test_unknown_question_is_named_before_anything_is_installed():
    command = [sys.executable, str(FOLDER / "run.py"), "speed"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 2
    assert "there is no speed; there are digits, gpt" in done.stderr


def test_result_is_written_whole_or_not_at_all(module, tmp_path, monkeypatch):
    run = module("run")
    monkeypatch.setattr(run, "RESULTS", tmp_path)
    run.store("digits", {"a": 1})
    with pytest.raises(TypeError):
        run.store("digits", {"a": object()})
    assert json.loads((tmp_path / "digits.json").read_text()) == {"a": 1}
    assert [path.name for path in tmp_path.iterdir()] == ["digits.json"]
