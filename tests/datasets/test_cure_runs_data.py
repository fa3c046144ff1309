"""The stored runs of lesson 05's cures are complete, and what the lesson takes them for."""

import pytest

from course_lib import datasets

CURES = ["nothing", "decay", "dropout", "2000 digits"]


@pytest.fixture(scope="module")
def runs():
    return datasets.cure_runs()


@pytest.fixture(scope="module")
def lowest(runs):
    return runs.groupby(["seed", "cure"])["val_loss"].min().unstack()


def test_each_cure_has_all_its_epochs_with_each_seed(runs):
    epochs = runs.groupby(["seed", "cure"], sort=False)["epoch"].apply(list)
    assert list(epochs.index) == [(seed, cure) for seed in (1, 2, 3) for cure in CURES]
    for (_, cure), made in epochs.items():
        assert made == list(range(10 if cure == "2000 digits" else 61))
    assert runs.notna().all(axis=None)


def test_every_run_begins_near_a_blind_guess_and_fits_what_it_learns_from(runs):
    first = runs.query("epoch == 0")
    assert first["val_loss"].between(2.2, 3.2).all()
    assert first["val_accuracy"].between(0.02, 0.2).all()
    last = runs.query("epoch == 60 and cure != 'decay'")
    assert (last["loss"] < 0.05).all()


def test_every_cure_helps_with_every_seed_and_more_digits_help_most(lowest):
    for cure in ("decay", "dropout", "2000 digits"):
        assert (lowest[cure] < lowest["nothing"]).all()
    assert (lowest["2000 digits"] < 0.8 * lowest.drop(columns="2000 digits").min(axis=1)).all()


def test_the_card_names_the_columns(runs):
    columns = [column["name"] for column in datasets.card("cure_runs").columns]
    assert columns == list(runs.columns)
