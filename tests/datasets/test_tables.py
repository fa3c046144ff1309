"""The tables hold what their cards and docstrings say, in metric units."""

import re

import numpy as np
import pandas as pd
import pytest

from course_lib import datasets

LOADERS = {name: getattr(datasets, name) for name in ("auto_mpg", "california_housing", "penguins")}


@pytest.fixture(scope="module", params=LOADERS)
def table(request):
    return request.param, LOADERS[request.param]()


@pytest.fixture(scope="module")
def cars():
    return datasets.auto_mpg()


@pytest.fixture(scope="module")
def districts():
    return datasets.california_housing()


@pytest.fixture(scope="module")
def birds():
    return datasets.penguins()


def test_columns_are_those_of_the_card_and_the_docstring(table):
    name, frame = table
    documented = LOADERS[name].__doc__.split("Columns: ")[1].split(".\n")[0]
    words = re.findall(r"\w+", re.sub(r"\([^)]*\)", "", documented))
    assert words == list(frame.columns)
    assert [column["name"] for column in datasets.card(name).columns] == list(frame.columns)


def test_every_call_gives_a_new_frame(table):
    name, frame = table
    again = LOADERS[name]()
    pd.testing.assert_frame_equal(again, frame)
    again.iloc[:, 0] = again.iloc[0, 0]
    pd.testing.assert_frame_equal(LOADERS[name](), frame)
    assert list(frame.index) == list(range(len(frame)))


# Cars


def test_cars(cars):
    assert cars.shape == (392, 9)
    assert not cars.isna().any().any()
    text = {"origin", "name"}
    assert all(np.issubdtype(cars[name].dtype, np.number) for name in set(cars.columns) - text)
    assert cars["origin"].value_counts().to_dict() == {"USA": 245, "Japan": 79, "Europe": 68}
    assert sorted(set(cars["cylinders"])) == [3, 4, 5, 6, 8]
    assert (cars["year"].min(), cars["year"].max()) == (1970, 1982)


def test_a_car_by_hand(cars):
    """18 miles per gallon, 307 cubic inches, 130 horsepower, 3504 pounds."""
    car = cars.iloc[0]
    assert car["name"] == "chevrolet chevelle malibu"
    # 18 x 1.609344 km = 28.968 km on 3.785411784 l, or 13.0675 l on 100 km.
    assert car["fuel_use"] == pytest.approx(13.0675, abs=1e-4)
    assert car["displacement"] == pytest.approx(5.0308, abs=1e-4)
    assert car["power"] == pytest.approx(96.941, abs=1e-3)
    assert car["weight"] == pytest.approx(1.589388, abs=1e-6)
    assert car["acceleration"] == 12.0
    assert (car["year"], car["origin"], car["cylinders"]) == (1970, "USA", 8)


def test_units_of_cars(cars):
    assert cars["weight"].between(0.7, 2.4).all()
    assert cars["power"].between(30, 175).all()
    assert cars["displacement"].between(1, 7.5).all()
    assert cars["fuel_use"].between(5, 27).all()
    assert cars["acceleration"].between(8, 25).all()
    # Means of the file: 23.4459 miles per gallon, 2977.58 pounds.
    assert (235.2145833 / cars["fuel_use"]).mean() == pytest.approx(23.4459, abs=1e-4)
    assert cars["weight"].mean() == pytest.approx(2977.58 * 0.00045359237, abs=1e-5)


def test_the_card_states_the_loaders_factor():
    meaning = datasets.card("auto_mpg").columns[0]["meaning"]
    factor = float(re.search(r"[\d.]+", meaning).group())
    assert factor == pytest.approx(
        datasets.tables.LITRES_PER_100_KM_AT_ONE_MILE_PER_GALLON, abs=5e-4
    )


def test_misspelt_makes(cars):
    makes = set(cars["name"].str.split().str[0])
    assert {"chevroelt", "toyouta", "vokswagen"} <= makes


# Houses


def test_districts(districts):
    assert districts.shape == (20640, 9)
    assert not districts.isna().any().any()
    assert all(districts.dtypes == np.float64)
    assert districts.iloc[0].to_dict() == pytest.approx(
        {
            "median_income": 8.3252,
            "house_age": 41,
            "average_rooms": 6.984127,
            "average_bedrooms": 1.023810,
            "population": 322,
            "average_occupancy": 2.555556,
            "latitude": 37.88,
            "longitude": -122.23,
            "house_value": 4.526,
        },
        abs=1e-6,
    )
    assert districts["house_value"].mean() == pytest.approx(2.0686, abs=1e-4)
    assert districts["latitude"].between(32, 42).all()
    assert districts["longitude"].between(-125, -114).all()


def test_known_problems_of_the_districts(districts):
    assert districts["house_value"].max() == 5.00001
    assert (districts["house_value"] == 5.00001).sum() == 965
    assert districts["house_age"].max() == 52
    assert districts["average_rooms"].max() == pytest.approx(141.9, abs=0.1)
    assert districts["average_occupancy"].max() == pytest.approx(1243.3, abs=0.1)


# Penguins


def test_birds(birds):
    assert birds.shape == (344, 7)
    assert birds["species"].value_counts().to_dict() == {
        "Adelie": 152,
        "Gentoo": 124,
        "Chinstrap": 68,
    }
    assert birds["sex"].value_counts().to_dict() == {"male": 168, "female": 165}
    measured = ["bill_length", "bill_depth", "flipper_length", "body_mass"]
    assert birds[measured].mean().tolist() == pytest.approx(
        [43.9219, 17.1512, 200.9152, 4201.7544], abs=1e-4
    )
    assert all(birds[measured].dtypes == np.float64)


def test_missing_values_of_birds(birds):
    assert birds.isna().sum().to_dict() == {
        "species": 0,
        "island": 0,
        "bill_length": 2,
        "bill_depth": 2,
        "flipper_length": 2,
        "body_mass": 2,
        "sex": 11,
    }
    unmeasured = birds[birds["body_mass"].isna()]
    assert unmeasured.drop(columns=["species", "island"]).isna().all(axis=None)
    assert len(birds.dropna()) == 333


def test_islands_give_species_away(birds):
    assert set(birds.loc[birds["species"] == "Gentoo", "island"]) == {"Biscoe"}
    assert set(birds.loc[birds["species"] == "Chinstrap", "island"]) == {"Dream"}
    assert set(birds["island"]) == {"Biscoe", "Dream", "Torgersen"}
