"""The stored runs of small GPTs are complete, and what lesson 16 takes them for."""

import numpy as np
import pytest

from course_lib import datasets


@pytest.fixture(scope="module")
def runs():
    return datasets.gpt_runs()


def test_each_seed_has_one_row_and_no_gap(runs):
    assert runs["seed"].tolist() == [1, 2, 3]
    assert runs.notna().all(axis=None)
    assert (runs.nunique() > 1).all()


def test_shares_lie_between_what_needs_no_model_and_what_knows_more(runs):
    space, before, both, forwards = runs.iloc[:, 1:5].to_numpy().T
    assert np.all((space > 0.14) & (space < 0.17))
    assert np.all(before < both)
    assert np.all(both < forwards)
    assert np.all(forwards < 0.6)


def test_bits_are_below_those_of_equal_chances(runs):
    assert runs["characters"].between(2, np.log2(77)).all()
    assert runs["byte pairs"].between(4, np.log2(512)).all()


def test_the_card_names_the_columns(runs):
    columns = [column["name"] for column in datasets.card("gpt_runs").columns]
    assert columns == list(runs.columns)
