"""The command behind lesson 15's stored numbers still fits the lesson."""

import pytest

from course_lib import lesson


@pytest.fixture(scope="module")
def tool(import_run):
    with lesson.quiet_stderr():
        return import_run("translation_runs")


@pytest.fixture
def short(tool, monkeypatch, tmp_path):
    """The tool, with a copy of the lesson that trains on 128 dates."""
    text = tool.NOTEBOOK.read_text(encoding="utf-8")
    assert text.count("order[1000:13_000]") == 1
    copy = tmp_path / "short.ipynb"
    copy.write_text(text.replace("order[1000:13_000]", "order[1000:1128]"), encoding="utf-8")
    monkeypatch.setattr(tool, "NOTEBOOK", copy)
    return tool


def test_dates_and_pairs_are_the_lessons_own(tool):
    space = tool.after_cells(3, tool.DATES[:1] + tool.PAIRS)
    assert space["seed"] == 3
    assert (len(space["test"]), len(space["learn"])) == (1000, 12_000)
    assert len(space["unseen"]) == len(space["validation"]) == 300
    assert "reader" not in space
    assert "model" not in space
    other = tool.after_cells(4, tool.DATES[:1])
    assert not space["test"].equals(other["test"])


def test_both_networks_are_taught_alike_and_tested(short, monkeypatch):
    taught = []
    from course_lib.models import translator

    def train(made, source, tokens, epochs, peak=0.005):
        taught.append((len(source), epochs, peak))
        return [0.0] * epochs

    monkeypatch.setattr(translator, "train", train)
    assert short.recurrent(1) == (0.0, 0.0)
    assert taught == [(128, 2, 0.005), (128, 2, 0.008)]


def test_few_pairs_are_taught_and_scored(tool):
    assert 0 <= tool.few_pairs(1, count=64, epochs=1) < 0.2


def test_the_tables_are_told(tool, monkeypatch, capsys):
    monkeypatch.setattr(tool, "recurrent", lambda seed: (0.98, 0.5 + seed / 100))
    monkeypatch.setattr(tool, "few_pairs", lambda seed: seed / 100)
    tool.print_recurrent()
    tool.print_pairs()
    told = capsys.readouterr().out.splitlines()
    assert told[:2] == ["(15, 0.980, 0.650),", "(1, 0.980, 0.510),"]
    assert told[3:] == ["0.150,", "0.010,", "0.020,"]
