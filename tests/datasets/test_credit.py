"""The applicants are what their card says, and planted faults are where the list says."""

import re

import numpy as np
import pandas as pd
import pytest

from course_lib import datasets
from course_lib.datasets import credit

KINDS = ["missing code", "unit", "age", "spelling", "duplicate"]


@pytest.fixture(scope="module")
def applicants():
    return datasets.credit_data()


@pytest.fixture(scope="module")
def unique(applicants):
    return applicants.drop_duplicates().reset_index(drop=True)


@pytest.fixture(scope="module", params=[0, 6])
def planted(request, unique):
    return credit.plant_faults(unique, request.param)


def test_columns_are_those_of_the_card_and_the_docstring(applicants):
    documented = credit.credit_data.__doc__.split("Columns: ")[1].split(".\n")[0]
    words = re.findall(r"\w+", re.sub(r"\([^)]*\)", "", documented, flags=re.S))
    assert words == list(applicants.columns)
    card = datasets.card("credit_data")
    assert [column["name"] for column in card.columns] == list(applicants.columns)


def test_applicants(applicants):
    assert applicants.shape == (4454, 14)
    assert list(applicants.index) == list(range(4454))
    assert applicants["status"].value_counts().to_dict() == {"good": 3200, "bad": 1254}
    assert applicants["age"].min() == 18
    assert applicants["age"].max() == 68
    assert applicants["income"].min() == 6
    assert applicants["income"].max() == 959
    assert applicants["amount"].mean() == pytest.approx(1038.919, abs=1e-3)
    first = applicants.iloc[0]
    assert first[["status", "home", "months", "amount", "price"]].tolist() == [
        "good",
        "rent",
        60,
        800,
        846,
    ]


def test_known_problems_of_the_card(applicants):
    missing = applicants.isna().sum()
    assert missing[missing > 0].to_dict() == {
        "home": 6,
        "marital": 1,
        "job": 2,
        "income": 381,
        "assets": 47,
        "debt": 18,
    }
    problems = " ".join(datasets.card("credit_data").known_problems)
    for count, column in ((381, "incomes"), (47, "assets"), (18, "debts"), (6, "homes")):
        assert f"{count} {column}" in problems
    assert applicants.duplicated().sum() == 2
    assert (applicants["home"] == "ignore").sum() == 20
    assert "partime" in set(applicants["job"])


def test_categories_are_those_of_the_card(applicants):
    for column in datasets.card("credit_data").columns:
        if column["unit"] == "category":
            for value in applicants[column["name"]].dropna().unique():
                assert value in column["meaning"]


def test_every_call_gives_a_new_frame(applicants):
    again = datasets.credit_data()
    again.loc[0, "status"] = "bad"
    pd.testing.assert_frame_equal(datasets.credit_data(), applicants)


# Planted faults


def test_every_fault_is_listed_once(planted):
    spoilt, faults = planted
    assert list(faults) == KINDS
    assert spoilt.index.is_unique
    assert {kind: len(rows) for kind, rows in faults.items()} == {
        **dict.fromkeys(KINDS, credit.FAULTS_OF_A_KIND),
        "spelling": 45,
    }
    of_originals = [row for kind in KINDS for row in faults[kind] if row < 4452]
    assert len(of_originals) == len(set(of_originals)) == 120


def test_faults_are_what_they_are_called(planted, unique):
    spoilt, faults = planted
    income = unique["income"]
    assert (spoilt.loc[faults["missing code"], "income"] == 99_999_999).all()
    assert (spoilt.loc[faults["unit"], "income"] == 1000 * income[faults["unit"]]).all()
    assert set(spoilt.loc[faults["age"], "age"]) == {-1, 0, 4, 199, 999}
    homes = spoilt.loc[faults["spelling"], "home"]
    assert not homes.isin(unique["home"]).any()
    assert homes.str.strip().str.lower().isin(unique["home"]).all()
    for kind in (homes.str.isupper(), homes.str.startswith(" "), homes.str.endswith(" ")):
        assert kind.sum() == len(homes) / 3


def test_half_of_the_copies_are_exact(planted, unique):
    spoilt, faults = planted
    assert faults["duplicate"] == list(range(4452, 4482))
    assert spoilt.index[spoilt.duplicated()].tolist() == faults["duplicate"][1::2]
    tidy = spoilt.assign(home=spoilt["home"].str.strip().str.lower())
    assert tidy.index[tidy.duplicated()].tolist() == faults["duplicate"]


def test_all_other_rows_and_columns_are_untouched(planted, unique):
    spoilt, faults = planted
    touched = [row for rows in faults.values() for row in rows]
    pd.testing.assert_frame_equal(
        spoilt.drop(index=touched), unique.drop(index=touched, errors="ignore"), check_dtype=False
    )
    rest = unique.columns.drop(["home", "income", "age"])
    pd.testing.assert_frame_equal(spoilt.loc[unique.index, rest], unique[rest], check_dtype=False)


def test_the_same_seed_gives_the_same_faults_and_leaves_the_table_alone(unique):
    before = unique.copy()
    spoilt, faults = credit.plant_faults(unique, 6)
    pd.testing.assert_frame_equal(unique, before)
    again, faults_again = credit.plant_faults(unique, 6)
    pd.testing.assert_frame_equal(spoilt, again)
    assert faults == faults_again
    assert credit.plant_faults(unique, 7)[1] != faults


def test_a_table_too_small_or_with_another_index(unique):
    with pytest.raises(ValueError, match="should have 150 rows with home and income, but have 1"):
        credit.plant_faults(unique.head(150), 0)
    with pytest.raises(ValueError, match="index 0, 1, 2"):
        credit.plant_faults(unique.set_axis(np.arange(1, 4453)), 0)
