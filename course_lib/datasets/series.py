"""Time series, as pandas objects with a time index (see their cards)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from course_lib.datasets.cards import open_checked

if TYPE_CHECKING:
    import pandas as pd


def electricity_demand() -> pd.DataFrame:
    """Return the electricity demand of Victoria, Australia, each half hour of 2014.

    17,520 rows, indexed by the local time at which the half hour begins.
    Columns: demand (GW), temperature (degrees Celsius, Melbourne), workday (1
    for a working day, 0 for a weekend or public holiday).

    Raises:
        DatasetError: when the file is missing or damaged.
    """
    import pandas as pd

    table = pd.read_csv(
        open_checked("electricity_demand", "electricity_demand.csv.xz"), compression="xz"
    )
    return pd.DataFrame(
        {
            "demand": table["Demand"].to_numpy(),
            "temperature": table["Temperature"].to_numpy(),
            "workday": table["WorkDay"].to_numpy(),
        },
        index=pd.DatetimeIndex(pd.to_datetime(table["time"]), name="time"),
    )


def sunspots() -> pd.Series:
    """Return the monthly mean number of sunspots, January 1749 to September 2013.

    3,177 values, indexed by the first day of the month.

    Raises:
        DatasetError: when the file is missing or damaged.
    """
    import pandas as pd

    table = pd.read_csv(open_checked("sunspots", "sunspots.csv"))
    index = pd.DatetimeIndex(pd.to_datetime(table["month"], format="%Y-%m"), name="month")
    return pd.Series(table["sunspots"].to_numpy(), index=index, name="sunspots")


def stock_prices() -> pd.DataFrame:
    """Return daily prices of five American shares, March 2000 to March 2013.

    12,154 rows: Google begins in 2004 and Facebook in 2012. Columns: ticker,
    date, open, high, low, close (dollars), volume (shares) and adjusted_close
    (dollars, put right for splits and dividends: the one to compute returns from).

    Raises:
        DatasetError: when the file is missing or damaged.
    """
    import pandas as pd

    table = pd.read_csv(open_checked("stock_prices", "stock_prices.csv.gz"), compression="gzip")
    table.columns = [name.lower() for name in table.columns]
    table = table.rename(columns={"adj close": "adjusted_close"})
    return table.assign(date=pd.to_datetime(table["date"]))
