"""What stands between two marks of a file is replaced, and nothing else."""

import importlib
from pathlib import Path

import pytest

TOOLS = Path(__file__).resolve().parents[2] / "tools"


@pytest.fixture
def stored(monkeypatch):
    monkeypatch.syspath_prepend(str(TOOLS))
    return importlib.import_module("stored")


def test_section_is_replaced(stored):
    text = "Before\n<a>\nold\n<z>\nAfter\n"
    new = stored.with_section(text, "<a>", "<z>", "new")
    assert new == "Before\n<a>\n\nnew\n\n<z>\nAfter\n"
    assert stored.with_section(new, "<a>", "<z>", "new") == new


@pytest.mark.parametrize(
    "text", ["no marks", "<a> only", "only <z>", "<z> before <a>", "<a> <a> twice <z>"]
)
def test_missing_or_doubled_marks_are_refused(stored, text):
    with pytest.raises(ValueError, match="Expected '<a>' and, behind it, '<z>', once each"):
        stored.with_section(text, "<a>", "<z>", "new")
