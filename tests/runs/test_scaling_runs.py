"""runs/scaling_runs.py, with models and texts so small that they train at once."""

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest

from course_lib import datasets
from course_lib.lesson import quiet_stderr

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def tool(monkeypatch, in_a_copy):
    """Return the tool, which works in a copy of the data with runs of its own."""
    with quiet_stderr():
        from course_lib.models import pretrained
    module = in_a_copy("scaling_runs", "scaling_runs", files=[])
    monkeypatch.setattr(module, "CONTEXT", 8)
    monkeypatch.setattr(module, "BATCH_SIZE", 3)
    monkeypatch.setattr(pretrained, "shakespeare_parts", small_texts)
    runs = [module.Run("grid", 8, 1, 20), module.Run("seeds", 8, 1, 20, 2)]
    monkeypatch.setattr(module, "RUNS", runs)
    return module


def small_texts():
    return {"training": "to be or not " * 40, "validation": "not to be " * 20, "test": "or " * 50}


def test_each_run_is_stored(tool):
    assert tool.main([]) == 0
    table = datasets.scaling_runs()
    assert list(table.columns) == tool.COLUMNS
    assert table["part"].tolist() == ["grid", "seeds"]
    assert table["seed"].tolist() == [1, 2]
    # Eight characters: " benort" and no more.
    assert table["parameters"].tolist() == [(7 + 8) * 8 + 12 * 64 + 16 + 8] * 2
    assert table["block_parameters"].tolist() == [12 * 64 + 16] * 2
    assert table["tokens"].tolist() == [20 * 3 * 8] * 2
    assert table["training_loss"].between(0.5, 2.5).all()
    assert table["validation_loss"].between(0.5, 2.5).all()
    assert table["training_loss"].nunique() == 2
    assert sorted(path.name for path in tool.FOLDER.iterdir()) == ["card.json", "runs.csv"]


def test_a_run_that_was_broken_off_goes_on(tool, capsys):
    assert tool.main([]) == 0
    rows = tool.stored.read_table(tool.FOLDER / "runs.csv")
    tool.stored.write(tool.FOLDER, {"runs.csv": tool.stored.table(tool.COLUMNS, rows[:1])})
    assert [run.part for run in tool.missing(rows[:1])] == ["seeds"]
    capsys.readouterr()
    assert tool.main([]) == 0
    assert capsys.readouterr().out.count("\n") == 1
    again = tool.stored.read_table(tool.FOLDER / "runs.csv")
    for name in tool.COLUMNS[:8]:
        assert [row[name] for row in again] == [row[name] for row in rows]
    losses = [[float(row["validation_loss"]) for row in table] for table in (rows, again)]
    np.testing.assert_allclose(losses[0], losses[1], atol=2e-3)
    assert tool.main([]) == 0
    assert capsys.readouterr().out == ""


def test_help_says_what_it_does(tool, capsys):
    with pytest.raises(SystemExit):
        tool.main(["--help"])
    assert "Train GPTs of many sizes" in capsys.readouterr().out


def test_the_stored_table_holds_what_the_tool_would_make(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "runs"))
    sys.modules.pop("scaling_runs", None)
    tool = importlib.import_module("scaling_runs")
    rows = tool.stored.read_table(ROOT / "data/scaling_runs/runs.csv")
    assert tool.missing(rows) == []
    assert len(rows) == len(tool.RUNS)
    for row in rows:
        assert int(row["tokens"]) == int(row["steps"]) * 12 * 64
