"""runs/train_networks.py, with a stand-in for the training."""

import json
from pathlib import Path

import numpy as np
import pytest

from course_lib.lesson import quiet_stderr
from course_lib.models import weights

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def tool(in_a_copy):
    """Return the tool, which works in a copy of the data."""
    return in_a_copy("train_networks", weights.FOLDER)


def stand_in():
    with quiet_stderr():
        from course_lib.models.digits import digit_network
    return digit_network((2, 3, 4))


def test_what_is_written_is_read_again(tool, monkeypatch):
    network = stand_in()
    monkeypatch.setitem(tool.NETWORKS, "digits", lambda: {"digits.npz": tool.packed(network)})
    others = {"file": "aaa.npz", "bytes": 1, "sha256": "0"}
    card = json.loads((tool.FOLDER / "card.json").read_text("utf-8"))
    digits = next(entry for entry in card["files"] if entry["file"] == "digits.npz")
    (tool.FOLDER / "card.json").write_text(json.dumps(card | {"files": [digits, others]}))
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


def test_a_language_model_keeps_its_best_weights(tool, monkeypatch):
    with quiet_stderr():
        import keras

        from course_lib.models.gpt import GPT
        from course_lib.training.language_model import language_model_loss
    monkeypatch.setattr(tool, "LOGGED", 10)
    keras.utils.set_random_seed(0)
    model = GPT(4, 8, 8, 1, 2)
    # What it learns last, that there is no 2, is wrong for the text that it is judged by.
    ids = {"training": np.tile([0, 1, 1, 1], 50), "validation": np.tile([0, 2], 40)}
    log = tool.train_gpt(model, ids, steps=80, length=8, batch_size=4, peak=0.03)
    steps, training, validation = zip(*log, strict=True)
    assert steps == (10, 20, 30, 40, 50, 60, 70, 80)
    assert training[-1] < training[0]
    best = min(validation)
    assert validation[-1] > best + 0.1
    assert language_model_loss(model, ids["validation"], 8) == pytest.approx(best, abs=1e-6)
    files = tool.gpt_files("tiny", model, log)
    assert list(files) == ["tiny.npz", "tiny_log.csv"]
    lines = files["tiny_log.csv"].decode().splitlines()
    assert lines[0] == "step,training_loss,validation_loss"
    assert lines[1] == f"10,{log[0][1]:.4f},{log[0][2]:.4f}"
    (tool.FOLDER / "card.json").write_text('{"files": []}', encoding="utf-8")
    tool.stored.write(tool.FOLDER, files)
    with np.load(tool.FOLDER / "tiny.npz") as arrays:
        for name, array in zip(sorted(arrays.files), model.get_weights(), strict=True):
            assert arrays[name].dtype == np.float16
            np.testing.assert_allclose(arrays[name], array, atol=1e-3)
