"""Tables, as pandas DataFrames with documented columns and units (see their cards)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from course_lib.datasets.cards import open_checked

if TYPE_CHECKING:
    import pandas as pd

KILOGRAMS_PER_POUND = 0.45359237
LITRES_PER_CUBIC_INCH = 0.016387064
KILOWATTS_PER_HORSEPOWER = 0.745699872
LITRES_PER_100_KM_AT_ONE_MILE_PER_GALLON = 100 * 3.785411784 / 1.609344


def auto_mpg() -> pd.DataFrame:
    """Return 392 cars of 1970 to 1982 with their fuel use, in metric units.

    Columns: fuel_use (litres per 100 km), cylinders, displacement (litres),
    power (kW), weight (tonnes), acceleration (seconds from 0 to 60 mph), year,
    origin (USA, Europe, Japan), name.

    Raises:
        DatasetError: when the file is missing or damaged.
    """
    import pandas as pd

    cars = pd.read_csv(open_checked("auto_mpg", "auto-mpg.csv"))
    return pd.DataFrame(
        {
            "fuel_use": LITRES_PER_100_KM_AT_ONE_MILE_PER_GALLON / cars["mpg"],
            "cylinders": cars["cyl"],
            "displacement": cars["displ"] * LITRES_PER_CUBIC_INCH,
            "power": cars["hp"] * KILOWATTS_PER_HORSEPOWER,
            "weight": cars["weight"] * KILOGRAMS_PER_POUND / 1000,
            "acceleration": cars["accel"],
            "year": cars["yr"] + 1900,
            "origin": cars["origin"].map({1: "USA", 2: "Europe", 3: "Japan"}),
            "name": cars["name"],
        }
    )


def california_housing() -> pd.DataFrame:
    """Return 20,640 Californian districts of 1990 with their median house value.

    Columns: median_income (10,000 dollars), house_age (years), average_rooms,
    average_bedrooms, population, average_occupancy, latitude, longitude
    (degrees), house_value (100,000 dollars, capped at 5.00001).

    Raises:
        DatasetError: when the file is missing or damaged.
    """
    import pandas as pd

    districts = pd.read_csv(
        open_checked("california_housing", "california_housing.csv.xz"), compression="xz"
    )
    return districts.rename(
        columns={
            "MedInc": "median_income",
            "HouseAge": "house_age",
            "AveRooms": "average_rooms",
            "AveBedrms": "average_bedrooms",
            "Population": "population",
            "AveOccup": "average_occupancy",
            "Latitude": "latitude",
            "Longitude": "longitude",
            "MedHouseVal": "house_value",
        }
    )


def penguins() -> pd.DataFrame:
    """Return 344 penguins of three species, missing values kept.

    Columns: species, island, bill_length, bill_depth, flipper_length (mm),
    body_mass (g), sex (female, male or missing).

    Raises:
        DatasetError: when the file is missing or damaged.
    """
    import pandas as pd

    birds = pd.read_csv(open_checked("penguins", "penguins.csv"))
    birds["sex"] = birds["sex"].str.lower()
    return birds.rename(
        columns={
            "bill_length_mm": "bill_length",
            "bill_depth_mm": "bill_depth",
            "flipper_length_mm": "flipper_length",
            "body_mass_g": "body_mass",
        }
    )
