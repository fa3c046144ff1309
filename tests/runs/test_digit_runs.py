"""runs/digit_runs.py, with networks and data so small that they train at once."""

import importlib
from pathlib import Path

import numpy as np
import pytest

from course_lib import datasets
from course_lib.lesson import quiet_stderr

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def tool(monkeypatch, in_a_copy):
    """Return the tool, which works in a copy of the data with runs of its own."""
    module = in_a_copy("digit_runs", "digit_runs", files=[])
    monkeypatch.setattr(module, "VALIDATION", 20)
    monkeypatch.setattr(module, "digits", small_digits)
    tiny = module.Run(
        lambda: module.ours((2, 2, 2)), epochs=2, batch_size=16, examples=40, tested=True, seeds=2
    )
    plain = module.plain(lambda: module.ours((2, 2, 2)), epochs=1, examples=60, validated=False)
    monkeypatch.setattr(module, "RUNS", {"tiny, validated": tiny, "plain": plain})
    return module


def small_digits():
    generator = np.random.default_rng(0)
    images = generator.random((60, 28, 28, 1), dtype="float32")
    labels = generator.integers(0, 10, 60)
    return (images, labels), (images[:30], labels[:30])


def test_each_epoch_of_each_run_is_stored(tool):
    assert tool.main([]) == 0
    table = datasets.digit_runs()
    assert list(table.columns) == tool.COLUMNS
    assert list(zip(table["run"], table["seed"], table["epoch"], strict=True)) == [
        ("tiny, validated", 1, 1),
        ("tiny, validated", 1, 2),
        ("plain", 1, 1),
        ("tiny, validated", 2, 1),
        ("tiny, validated", 2, 2),
        ("plain", 2, 1),
        ("plain", 3, 1),
    ]
    assert table["steps"].tolist() == [3, 3, 2, 3, 3, 2, 2]
    validated = table["run"] == "tiny, validated"
    assert table["val_accuracy"].notna().equals(validated)
    last = table["epoch"] == table.groupby(["run", "seed"])["epoch"].transform("max")
    assert table["test_accuracy"].notna().equals(last)
    assert table["loss"].between(0.5, 20).all()
    assert sorted(path.name for path in tool.FOLDER.iterdir()) == ["card.json", "runs.csv"]


def test_a_run_that_was_broken_off_goes_on(tool, monkeypatch, capsys):
    assert tool.main(["plain"]) == 0
    made = (tool.FOLDER / "runs.csv").read_text("utf-8").splitlines()
    # As if the last run had not been made.
    rows = tool.stored.read_table(tool.FOLDER / "runs.csv")
    tool.stored.write(tool.FOLDER, {"runs.csv": tool.stored.table(tool.COLUMNS, rows[:-1])})
    capsys.readouterr()
    assert tool.main(["plain"]) == 0
    assert capsys.readouterr().out.startswith("plain 3 ")
    again = (tool.FOLDER / "runs.csv").read_text("utf-8").splitlines()
    assert [line.split(",")[:7] for line in again] == [line.split(",")[:7] for line in made]


def test_validation_images_keep_their_own_labels(tool):
    images = small_digits()[0][0]
    labels = np.where(np.arange(60) < 40, 3, 7)
    run = tool.Run(
        lambda: tool.ours((2, 2, 2)), epochs=6, peak=0.1, batch_size=8, examples=40, smoothing=0.0
    )
    last = tool.train(run, 1, ((images, labels), (images, labels)))[-1]
    # Threes are all that it has learnt, and sevens all that it is asked.
    assert (float(last["accuracy"]), float(last["val_accuracy"])) == (1.0, 0.0)
    assert "test_accuracy" not in last


def test_an_unknown_run_is_refused(tool, capsys):
    with pytest.raises(SystemExit):
        tool.main(["poems"])
    assert "tiny, validated" in capsys.readouterr().err


def test_networks_have_the_parameters_that_the_lesson_counts(tool):
    with quiet_stderr():
        import keras
    counts = [
        network().count_params()
        for network in (tool.listing_a, tool.listing_b, tool.listing_c, tool.listing_d)
    ]
    assert counts == [184_586, 93_322, 421_642, 83_466]
    bare = tool.ours(normalised=False)
    assert not any(isinstance(layer, keras.layers.BatchNormalization) for layer in bare.layers)
    # Four numbers a channel go, one bias comes.
    assert tool.ours().count_params() - bare.count_params() == 3 * (16 + 48 + 96)


def test_the_stored_table_holds_what_the_tool_would_make(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "runs"))
    tool = importlib.import_module("digit_runs")
    rows = tool.stored.read_table(ROOT / "data/digit_runs/runs.csv")
    assert tool.missing(rows, list(tool.RUNS)) == []
    for row in rows:
        run = tool.RUNS[row["run"]]
        assert int(row["examples"]) == run.examples
        assert int(row["steps"]) == -(-run.examples // run.batch_size)
        assert (row["val_loss"] != "") == run.validated
        assert (row["test_accuracy"] != "") == (run.tested and int(row["epoch"]) == run.epochs)
