"""Applicants for a loan, and the same table with faults planted in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from course_lib.datasets.cards import open_checked

if TYPE_CHECKING:
    import pandas as pd

MISSING_CODE = 99_999_999
FAULTS_OF_A_KIND = 30


def credit_data() -> pd.DataFrame:
    """Return 4,454 applicants for a loan and how it turned out, missing values kept.

    Columns: status (good, bad), seniority (years in the job), home, months (of
    the loan), age (years), marital, records (yes when there was credit trouble
    before), job, expenses, income, assets, debt, amount (of the loan), price
    (of the goods; all money in one unit that is not documented).

    Raises:
        DatasetError: when the file is missing or damaged.
    """
    import pandas as pd

    applicants = pd.read_csv(open_checked("credit_data", "credit_data.csv.xz"), compression="xz")
    return applicants.rename(columns=str.lower).rename(columns={"time": "months"})


def plant_faults(applicants: pd.DataFrame, seed: int) -> tuple[pd.DataFrame, dict[str, list[int]]]:
    """Spoil a copy of the applicants as real tables are spoiled, and keep a list.

    Each kind of fault is in FAULTS_OF_A_KIND rows, no row has two. "missing
    code": the income is 99999999. "unit": the income is given in a unit a
    thousand times smaller. "age": no possible age. "spelling": capitals or
    spaces around a home that is otherwise right. "duplicate": a row is entered
    again at the end of the table, every second time with another spelling of
    the home, so that the copy is no exact one.

    Args:
        applicants: the columns of `credit_data`, index 0 to n - 1, no row twice.
        seed: of the random choice of rows.

    Returns:
        The spoilt table, and for each kind of fault the index labels of its
        rows, sorted. A copy's label is new; a copy spelled otherwise is on the
        list of spellings too.

    Raises:
        ValueError: when there are too few complete rows for all faults, or the
            index is not 0 to n - 1.
    """
    import pandas as pd

    generator = np.random.default_rng(seed)
    complete = np.flatnonzero(applicants[["home", "income"]].notna().all(axis=1))
    if list(applicants.index) != list(range(len(applicants))):
        raise ValueError("plant_faults: applicants should have the index 0, 1, 2, ...")
    if len(complete) < 5 * FAULTS_OF_A_KIND:
        raise ValueError(
            f"plant_faults: applicants should have {5 * FAULTS_OF_A_KIND} rows with home and "
            f"income, but have {len(complete)}."
        )
    chosen = generator.choice(complete, (5, FAULTS_OF_A_KIND), replace=False)
    code, unit, age, spelling, twice = (np.sort(rows) for rows in chosen)
    spoilt = applicants.astype({"income": float, "age": float})
    spoilt.loc[code, "income"] = MISSING_CODE
    spoilt.loc[unit, "income"] *= 1000
    spoilt.loc[age, "age"] = generator.choice([-1.0, 0.0, 4.0, 199.0, 999.0], len(age))
    copies = spoilt.loc[twice].set_axis(len(spoilt) + np.arange(len(twice)))
    spoilt = pd.concat([spoilt, copies])
    respelled = np.concatenate([spelling, copies.index[::2]])
    for number, row in enumerate(respelled):
        home = str(spoilt.loc[row, "home"])
        spoilt.loc[row, "home"] = [home.upper(), f" {home}", f"{home.capitalize()} "][number % 3]
    faults = {
        "missing code": code,
        "unit": unit,
        "age": age,
        "spelling": respelled,
        "duplicate": copies.index,
    }
    return spoilt, {kind: [int(row) for row in rows] for kind, rows in faults.items()}
