"""The course's data sets: small, real, vendored, and checked before use.

Each function is named after its data; `card(name)` says where the data is
from and what is wrong with it. Nothing is fetched and nothing is unpickled,
except `cifar10`, by Keras.
"""

from course_lib.datasets.books import english_chinese, shakespeare, tang_quatrains
from course_lib.datasets.cards import Card, DatasetError, card, names
from course_lib.datasets.credit import credit_data, plant_faults
from course_lib.datasets.download import cifar10
from course_lib.datasets.images import FASHION_CLASSES, fashion_mnist, mnist
from course_lib.datasets.runs import (
    cure_runs,
    digit_runs,
    gpt_runs,
    scaling_runs,
    transfer_runs,
)
from course_lib.datasets.series import electricity_demand, stock_prices, sunspots
from course_lib.datasets.tables import auto_mpg, california_housing, penguins
from course_lib.datasets.texts import clothing_reviews

__all__ = [
    "FASHION_CLASSES",
    "Card",
    "DatasetError",
    "auto_mpg",
    "california_housing",
    "card",
    "cifar10",
    "clothing_reviews",
    "credit_data",
    "cure_runs",
    "digit_runs",
    "electricity_demand",
    "english_chinese",
    "fashion_mnist",
    "gpt_runs",
    "mnist",
    "names",
    "penguins",
    "plant_faults",
    "scaling_runs",
    "shakespeare",
    "stock_prices",
    "sunspots",
    "tang_quatrains",
    "transfer_runs",
]
