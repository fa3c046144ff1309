"""What the tests of the long runs share."""

import importlib
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def import_run():
    """Return a function that imports a run, which stays on the path for a test file."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "runs"))
        yield importlib.import_module


@pytest.fixture
def in_a_copy(monkeypatch, tmp_path):
    """Return a function that imports a run and lets it write into a copy of its data's card."""

    def prepared(name, data_set, **changes):
        monkeypatch.syspath_prepend(str(ROOT / "runs"))
        module = importlib.import_module(name)
        folder = tmp_path / data_set
        folder.mkdir()
        card = json.loads((ROOT / "data" / data_set / "card.json").read_text(encoding="utf-8"))
        (folder / "card.json").write_text(json.dumps(card | changes), encoding="utf-8")
        monkeypatch.setattr(module, "FOLDER", folder)
        monkeypatch.setattr("course_lib.lesson.begin", lambda number: number)
        monkeypatch.setenv("COURSE_DATA", str(tmp_path))
        return module

    return prepared
