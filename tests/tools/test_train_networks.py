"""tools/train_networks.py, with a stand-in for the training."""

import importlib
import json
from pathlib import Path

import numpy as np
import pytest

from course_lib.lesson import quiet_stderr
from course_lib.models import weights

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def tool(monkeypatch, tmp_path):
    """Return the tool, which works in a copy of the data."""
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    module = importlib.import_module("train_networks")
    folder = tmp_path / weights.FOLDER
    folder.mkdir()
    card = (ROOT / "data" / weights.FOLDER / "card.json").read_bytes()
    (folder / "card.json").write_bytes(card)
    monkeypatch.setattr(module, "FOLDER", folder)
    monkeypatch.setattr(module.lesson, "begin", lambda number: number)
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    return module


def stand_in():
    with quiet_stderr():
        from course_lib.models.digits import digit_network
    return digit_network((2, 3, 4))


def test_what_is_written_is_read_again(tool, monkeypatch):
    network = stand_in()
    monkeypatch.setitem(tool.NETWORKS, "digits", lambda: network)
    others = {"file": "aaa.npz", "bytes": 1, "sha256": "0"}
    card = json.loads((tool.FOLDER / "card.json").read_text("utf-8"))
    (tool.FOLDER / "card.json").write_text(json.dumps(card | {"files": [*card["files"], others]}))
    assert tool.main(["digits"]) == 0
    for array, weight in zip(
        weights.read_weights("digits.npz"), network.get_weights(), strict=True
    ):
        assert np.array_equal(array, weight)
    written = json.loads((tool.FOLDER / "card.json").read_text("utf-8"))
    assert [entry["file"] for entry in written["files"]] == ["aaa.npz", "digits.npz"]
    assert {k: v for k, v in written.items() if k != "files"} == {
        k: v for k, v in card.items() if k != "files"
    }
    assert sorted(path.name for path in tool.FOLDER.iterdir()) == ["card.json", "digits.npz"]


def test_a_failed_training_writes_nothing(tool, monkeypatch):
    def fails():
        raise RuntimeError("out of memory")

    monkeypatch.setitem(tool.NETWORKS, "digits", fails)
    before = (tool.FOLDER / "card.json").read_bytes()
    with pytest.raises(RuntimeError):
        tool.main(["digits"])
    assert (tool.FOLDER / "card.json").read_bytes() == before
    assert [path.name for path in tool.FOLDER.iterdir()] == ["card.json"]


def test_an_unknown_name_is_refused(tool, capsys):
    with pytest.raises(SystemExit):
        tool.main(["poems"])
    assert "digits" in capsys.readouterr().err
