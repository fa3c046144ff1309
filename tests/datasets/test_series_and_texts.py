"""Series and texts have the columns, units and ranges of their cards."""

import numpy as np
import pandas as pd
import pytest

from course_lib import datasets


def test_electricity_demand():
    table = datasets.electricity_demand()
    assert list(table.columns) == ["demand", "temperature", "workday"]
    assert table.shape == (17520, 3)
    assert table.index[0] == pd.Timestamp("2014-01-01 00:00")
    assert (np.diff(table.index) == np.timedelta64(30, "m")).all()
    assert table.notna().all().all()
    assert table["demand"].min() == pytest.approx(2.857946)
    assert table["demand"].max() == pytest.approx(9.345004)
    assert (table["temperature"].min(), table["temperature"].max()) == (1.5, 43.2)
    # 251 working days of 365, each of 48 half hours.
    assert table["workday"].sum() == 251 * 48
    assert table["workday"].groupby(table.index.date).nunique().max() == 1


def test_sunspots():
    series = datasets.sunspots()
    assert len(series) == 3177
    assert (series.index[0], series.index[-1]) == (
        pd.Timestamp("1749-01-01"),
        pd.Timestamp("2013-09-01"),
    )
    assert (series.index == pd.date_range("1749-01", periods=3177, freq="MS")).all()
    assert (series.iloc[0], series.min(), series.max()) == (58.0, 0.0, 253.8)


def test_stock_prices():
    table = datasets.stock_prices()
    assert list(table.columns) == [
        "ticker", "date", "open", "high", "low", "close", "volume", "adjusted_close",
    ]  # fmt: skip
    assert table.groupby("ticker").size().to_dict() == {
        "AAPL": 3270, "FB": 196, "GOOG": 2148, "IBM": 3270, "MSFT": 3270,
    }  # fmt: skip
    assert table["date"].max() == pd.Timestamp("2013-03-01")
    assert not table.duplicated(["ticker", "date"]).any()
    assert (table["low"] <= table["high"]).all()


def test_clothing_reviews():
    table = datasets.clothing_reviews()
    assert list(table.columns) == [
        "item", "age", "title", "text", "rating", "recommended", "department", "kind",
    ]  # fmt: skip
    assert len(table) == 22641
    assert table.notna().all().all()
    assert (table["title"] == "").sum() == 2966
    assert (table["department"] == "").sum() == 13
    assert table["recommended"].mean() == pytest.approx(0.8189, abs=5e-5)
    assert set(table["rating"]) == {1, 2, 3, 4, 5}
    assert table["text"].iloc[0] == "Absolutely wonderful - silky and sexy and comfortable"
