"""The stored runs of many sizes are complete, and what lesson 18 takes them for."""

import pytest

from course_lib import datasets
from course_lib.scratch.scaling import gpt_parameters


@pytest.fixture(scope="module")
def runs():
    return datasets.scaling_runs()


def test_the_grid_has_every_size_with_every_length(runs):
    grid = runs[runs["part"] == "grid"]
    table = grid.pivot(index="width", columns="steps", values="validation_loss")
    assert table.index.tolist() == [16, 24, 32, 48, 64, 96, 128]
    assert table.columns.tolist() == [250, 500, 1000, 2000, 4000]
    assert table.notna().all(axis=None)


def test_one_run_was_repeated_with_other_seeds(runs):
    again = runs[runs["part"] == "seeds"]
    assert again[["width", "depth", "steps"]].drop_duplicates().values.tolist() == [[48, 3, 1000]]
    assert again["seed"].tolist() == [2, 3, 4]


def test_runs_that_were_held_out_are_larger_and_longer_than_all_others(runs):
    held_out, seen = runs[runs["part"] == "held out"], runs[runs["part"] != "held out"]
    assert len(held_out) == 2
    assert held_out["parameters"].min() > 2 * seen["parameters"].max()
    assert held_out["tokens"].min() >= 1.5 * seen["tokens"].max()


def test_counts_are_those_of_the_formulas(runs):
    for run in runs.itertuples():
        assert run.parameters == gpt_parameters(77, 64, run.width, run.depth)
        assert run.block_parameters == run.depth * (12 * run.width**2 + 2 * run.width)
        assert run.tokens == run.steps * 12 * 64


def test_losses_fall_with_text_and_are_losses(runs):
    for name in ("training_loss", "validation_loss"):
        assert runs[name].between(1.2, 3).all()
    assert (runs["training_loss"] < runs["validation_loss"]).all()
    for _, rows in runs[runs["part"] == "grid"].groupby("width"):
        assert rows.sort_values("steps", kind="stable")["validation_loss"].is_monotonic_decreasing


def test_the_card_names_the_columns(runs):
    columns = [column["name"] for column in datasets.card("scaling_runs").columns]
    assert columns == list(runs.columns)
