"""The command behind lesson 09's stored figures still fits the lesson."""

import shutil

import numpy as np
import pytest

from course_lib import datasets, lesson


@pytest.fixture(scope="module")
def tool(import_run):
    return import_run("transfer_runs")


@pytest.fixture(scope="module")
def space(tool):
    with lesson.quiet_stderr():
        return tool.lesson_functions()


def test_it_finds_functions_and_leaves_the_rest(space):
    wanted = {
        "as_images", "fit_stacked", "turn", "pretrain", "train_head", "head_accuracy", "adam",
        "draw_labels", "tunable", "from_scratch", "prepare", "learn", "share_right", "new_weights",
    }  # fmt: skip
    assert all(callable(space[name]) for name in wanted)
    assert (space["PULLOVER"], space["SHIRT"]) == (2, 6)
    assert not {"clothes", "pretrained", "body", "accuracy"} & set(space)


def test_every_method_is_measured_on_each_draw(tool, space):
    keras, layers = space["keras"], space["layers"]
    network = space["residual"].small_residual_network((8, 8, 1), 3, filters=(4, 4))
    space["STEPS"] = 60
    space["body"] = keras.Model(network.inputs[0], layers.Flatten()(network.layers[-3].output))
    generator = np.random.default_rng(0)
    answers = np.tile([0, 1], 60)
    photos = generator.uniform(0, 0.2, (120, 8, 8, 1)) + 0.8 * answers[:, None, None, None]
    task = (
        photos[:80].astype("float32"),
        answers[:80],
        photos[80:].astype("float32"),
        answers[80:],
    )
    networks = {
        "tuned": (space["tunable"](2, 0.001), True),
        "scratch": (space["from_scratch"](2, 0.01), False),
        "average": (tool.averaging(space, 2, 0.01), False),
    }
    means = tool.few_label_means(space, task, networks, draws=2)
    assert list(means) == ["pixels", "frozen body", "tuned", "scratch", "average"]
    # Bright against dark: each method can tell them apart.
    assert all(90 <= share <= 100 for share in means.values()), means


def test_photographs_that_choose_are_none_that_the_lesson_measures_with(tool, space, monkeypatch):
    images, labels = tool.clothes(space)
    monkeypatch.setitem(space, "pretrain", lambda: _smallest(space))
    pool, _, valid, valid_labels = tool.set_aside(space, (4, 6))
    new = np.flatnonzero(np.isin(labels, (4, 6)))
    assert len(space["source_x"]) == len(images) - len(new)
    assert not np.isin(space["source_y"], (8, 9)).any()

    def turned(photos):
        return {np.rot90(photo, n).tobytes() for photo in photos for n in range(4)}

    measured = turned(images[new[:1200]])
    assert len(pool) == len(valid) == len(valid_labels) == 600
    assert not measured & {photo.tobytes() for photo in np.concatenate([pool, valid])}


def _smallest(space):
    return space["residual"].small_residual_network((28, 28, 1), 8, filters=(2, 2))


@pytest.fixture
def small(tool, space, in_a_copy, monkeypatch):
    """Return the tool and the lesson, with two seeds, a tiny body and few steps."""
    module = in_a_copy("transfer_runs", "transfer_runs", files=[])
    for name in ("fashion_mnist", "mnist"):
        shutil.copytree(module.ROOT / "data" / name, module.FOLDER.parent / name)
    monkeypatch.setattr(module, "SEEDS", (1, 2))
    monkeypatch.setattr(module, "DIGIT_DRAWS", 1)
    monkeypatch.setattr(module, "DIGIT_STEPS", 2)
    monkeypatch.setitem(space, "STEPS", 2)
    monkeypatch.setitem(space, "pretrain", lambda: _smallest(space))
    return module


def test_each_seed_is_stored_and_a_broken_run_goes_on(small, space, capsys):
    small.reuse(space)
    table = datasets.transfer_runs()
    assert list(table.columns) == small.COLUMNS
    assert table["seed"].tolist() == [1] * 8 + [2] * 8
    assert table["task"].tolist()[:8] == ["digits"] * 3 + [
        "old classes", "old classes", "new classes", "old classes", "new classes",
    ]  # fmt: skip
    assert table["right"].between(0, 1).all()
    rows = small.stored.read_table(small.FOLDER / "runs.csv")
    small.stored.write(small.FOLDER, {"runs.csv": small.stored.table(small.COLUMNS, rows[:8])})
    capsys.readouterr()
    small.reuse(space)
    assert capsys.readouterr().out.count("\n") == 8
    assert datasets.transfer_runs()["seed"].tolist() == [1] * 8 + [2] * 8
    small.reuse(space)
    assert capsys.readouterr().out == ""
    assert sorted(path.name for path in small.FOLDER.iterdir()) == ["card.json", "runs.csv"]
