"""runs/gpt_runs.py, with models and texts so small that they train at once."""

import pytest

from course_lib import datasets, lesson


@pytest.fixture(scope="module")
def space(import_run):
    with lesson.quiet_stderr():
        return import_run("gpt_runs").lesson_space()


@pytest.fixture
def tool(monkeypatch, in_a_copy, space):
    """Return the tool, which works in a copy of the data with sizes of its own."""
    module = in_a_copy("gpt_runs", "gpt_runs", files=[])
    texts = {part: text[:2_000] for part, text in space["parts"].items()}
    ids = {part: space["characters"].encode(text) for part, text in texts.items()}
    sizes = {"vocabulary": 77, "context": 32, "width": 8, "depth": 1, "heads": 2}
    recipe = {"steps": 10, "length": 8, "peak": 8e-3}
    small = {"parts": texts, "ids": ids, "small": sizes, "recipe": recipe}
    for name, value in small.items():
        monkeypatch.setitem(space, name, value)
    monkeypatch.setattr(module, "lesson_space", lambda: space)
    monkeypatch.setattr(module, "SEEDS", (1, 2))
    return module


def test_it_finds_functions_classes_and_sizes_and_leaves_the_rest(space):
    wanted = ("train", "read_both_sides", "bits_of_pairs", "Reader", "BothSides")
    assert all(callable(space[name]) for name in wanted)
    assert space["small"] == {"vocabulary": 77, "context": 32, "width": 64, "depth": 2, "heads": 4}
    assert space["recipe"] == {"steps": 400, "length": 32, "peak": 8e-3}
    assert len(space["numbers"]) == 512
    assert not {"model", "live", "cheat", "generator", "tables", "poet", "runs"} & set(space)


def test_each_seed_is_stored_and_what_was_broken_off_goes_on(tool, capsys):
    assert tool.main([]) == 0
    table = datasets.gpt_runs()
    assert list(table.columns) == tool.COLUMNS
    assert table["seed"].tolist() == [1, 2]
    assert table.iloc[:, 1:5].stack().between(0, 1).all()
    assert table["characters"].between(5, 6.5).all()
    assert table["byte pairs"].between(7, 9.5).all()
    assert table["characters"].nunique() == 2
    assert sorted(path.name for path in tool.FOLDER.iterdir()) == ["card.json", "runs.csv"]

    rows = tool.stored.read_table(tool.FOLDER / "runs.csv")
    tool.stored.write(tool.FOLDER, {"runs.csv": tool.stored.table(tool.COLUMNS, rows[:1])})
    capsys.readouterr()
    assert tool.main([]) == 0
    assert capsys.readouterr().out.count("\n") == 1
    assert tool.stored.read_table(tool.FOLDER / "runs.csv") == rows
