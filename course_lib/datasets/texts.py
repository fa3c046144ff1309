"""Texts, as pandas DataFrames (see their cards)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from course_lib.datasets.cards import open_checked

if TYPE_CHECKING:
    import pandas as pd


def clothing_reviews() -> pd.DataFrame:
    """Return 22,641 customers' reviews of women's clothing, each with a verdict.

    Columns: item (number of the piece), age (years), title (empty when there is
    none), text, rating (1 to 5 stars), recommended (1 when the customer
    recommends the piece, 0 when not), department, kind (both empty for 13 rows).

    Raises:
        DatasetError: when the file is missing or damaged.
    """
    import pandas as pd

    table = pd.read_csv(
        open_checked("clothing_reviews", "clothing_reviews.csv.xz"), compression="xz"
    )
    return pd.DataFrame(
        {
            "item": table["Clothing ID"],
            "age": table["Age"],
            "title": table["Title"].fillna(""),
            "text": table["Review Text"],
            "rating": table["Rating"],
            "recommended": table["Recommended IND"],
            "department": table["Department Name"].fillna(""),
            "kind": table["Class Name"].fillna(""),
        }
    )
