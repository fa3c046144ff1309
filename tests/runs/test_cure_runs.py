"""runs/cure_runs.py, with so few digits and epochs that it is done at once."""

import shutil

import pytest

from course_lib import datasets


@pytest.fixture
def tool(monkeypatch, in_a_copy):
    """Return the tool, which works in a copy of the data with sizes of its own."""
    module = in_a_copy("cure_runs", "cure_runs", files=[])
    digits = shutil.copytree(module.ROOT / "data" / "mnist", module.FOLDER.parent / "mnist")
    assert digits.is_dir()
    monkeypatch.setattr(module, "SEEDS", (1, 2))
    monkeypatch.setattr(module, "FEW", (50, 2))
    monkeypatch.setattr(module, "MANY", (100, 1))
    monkeypatch.setattr(module, "HIDDEN", (8,))
    return module


def test_digits_differ_by_seed_and_none_is_in_both_parts(tool):
    one, other = tool.draw(1), tool.draw(2)
    assert one["x"].shape == one["x_val"].shape == (2000, 784)
    assert one["x"].max() == 1
    assert (one["x"] != other["x"]).any()
    rows = {row.tobytes() for row in one["x"]}
    assert not rows & {row.tobytes() for row in one["x_val"]}


def test_each_seed_is_stored_and_what_was_broken_off_goes_on(tool, capsys):
    assert tool.main([]) == 0
    table = datasets.cure_runs()
    assert list(table.columns) == tool.COLUMNS
    assert table.groupby(["seed", "cure"]).size().tolist() == [2, 3, 3, 3] * 2
    digits = table.groupby("cure")["digits"].unique().map(list).to_dict()
    assert digits == {"nothing": [50], "decay": [50], "dropout": [50], "2000 digits": [100]}
    starts = table.query("seed == 1 and epoch == 0 and cure != 'dropout'")
    assert starts["val_loss"].nunique() == 1
    ends = table.query("seed == 1 and epoch == 2")
    assert ends["loss"].nunique() == 3
    assert sorted(path.name for path in tool.FOLDER.iterdir()) == ["card.json", "runs.csv"]

    rows = tool.stored.read_table(tool.FOLDER / "runs.csv")
    first = [row for row in rows if row["seed"] == "1"]
    tool.stored.write(tool.FOLDER, {"runs.csv": tool.stored.table(tool.COLUMNS, first)})
    capsys.readouterr()
    assert tool.main([]) == 0
    assert capsys.readouterr().out.count("\n") == 1
    assert tool.stored.read_table(tool.FOLDER / "runs.csv") == rows
