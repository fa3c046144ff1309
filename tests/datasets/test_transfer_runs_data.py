"""The stored reuse of three bodies is complete, and what lesson 09 takes it for."""

import pytest

from course_lib import datasets


@pytest.fixture(scope="module")
def runs():
    return datasets.transfer_runs()


def test_each_body_was_asked_for_everything(runs):
    counts = runs.groupby(["task", "method"]).size().to_dict()
    assert counts == {
        ("digits", "frozen body"): 9,
        ("digits", "from scratch"): 9,
        ("digits", "fine-tuned"): 9,
        ("old classes", "before"): 3,
        ("old classes", "with care"): 3,
        ("old classes", "reckless"): 3,
        ("new classes", "with care"): 3,
        ("new classes", "reckless"): 3,
    }
    assert runs["seed"].unique().tolist() == [1, 2, 3]
    assert not runs.duplicated(["seed", "task", "method", "draw"]).any()
    digits = runs[runs["task"] == "digits"]
    assert set(digits["draw"]) == {0, 1, 2}


def test_shares_are_shares_above_chance(runs):
    assert runs["right"].between(0.1, 1).all()


def test_the_card_names_the_columns(runs):
    columns = [column["name"] for column in datasets.card("transfer_runs").columns]
    assert columns == list(runs.columns)
