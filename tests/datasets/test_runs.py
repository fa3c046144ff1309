"""The stored training runs are complete, and what lesson 08 takes them for."""

import pytest

from course_lib import datasets


@pytest.fixture(scope="module")
def runs():
    return datasets.digit_runs()


def test_epochs_are_complete_and_in_order(runs):
    for _, run in runs.groupby(["run", "seed"]):
        assert run["epoch"].tolist() == list(range(1, len(run) + 1))
        assert run["parameters"].nunique() == run["examples"].nunique() == 1


def test_numbers_are_shares_and_losses(runs):
    for name in ("accuracy", "val_accuracy", "test_accuracy"):
        assert runs[name].dropna().between(0.5, 1).all()
    assert runs["loss"].between(0, 2).all()
    assert runs["val_loss"].dropna().between(0, 2).all()


def test_only_what_was_not_chosen_by_validation_met_the_test_images(runs):
    tested = set(runs.loc[runs["test_accuracy"].notna(), "run"])
    assert {name for name in tested if not name.startswith("listing")} == {"ours, all images"}


def test_the_card_names_the_columns(runs):
    columns = [column["name"] for column in datasets.card("digit_runs").columns]
    assert columns == list(runs.columns)
