"""The clinic's cases: each is made anew, alike for a seed, and shows how it was made."""

import keras
import numpy as np
import pytest
from keras import layers

from course_lib.training import clinic

GENERATOR = np.random.default_rng(0)
DATA = {
    "x": GENERATOR.random((2000, 5)).astype("float32"),
    "y": GENERATOR.integers(0, 10, 2000),
    "x_val": GENERATOR.random((40, 5)).astype("float32"),
    "y_val": GENERATOR.integers(0, 10, 40),
}


def network(hidden=(4,), activation="relu", weights="he_normal"):
    stack = [layers.Dense(units, activation, kernel_initializer=weights) for units in hidden]
    return keras.Sequential([keras.Input((5,)), *stack, layers.Dense(10)])


@pytest.mark.parametrize("number", range(1, len(clinic.CASES) + 1))
def test_a_case_holds_what_a_training_needs_and_leaves_the_data_alone(number):
    before = {name: values.copy() for name, values in DATA.items()}
    one, two = (clinic.patient(number, network, DATA, seed=3) for _ in range(2))
    for name, values in before.items():
        np.testing.assert_array_equal(DATA[name], values)
        np.testing.assert_array_equal(one[name], two[name])
    assert one["model"] is not two["model"]
    assert one["optimizer"] is not two["optimizer"]
    assert len(one["x"]) == len(one["y"])
    assert len(one["x_val"]) == len(one["y_val"])
    extra = set(one) - {*DATA, "model", "optimizer"}
    assert extra <= {"epochs", "shuffle"}


def test_what_is_wrong_with_the_data_of_the_cases():
    made = {number: clinic.patient(number, network, DATA, 3) for number in (3, 5, 6, 7, 9, 10)}
    np.testing.assert_array_equal(made[3]["x"], 255 * DATA["x"])
    assert (np.diff(made[5]["y"]) >= 0).all()
    assert made[5]["shuffle"] is False
    assert len(made[6]["x"]) == 300
    seen = {row.tobytes() for row in made[7]["x"]}
    assert np.mean([row.tobytes() in seen for row in made[7]["x_val"]]) > 0.9
    assert np.sum((made[10]["x"] != DATA["x"]).any(axis=1)) == 10
    assert np.mean(made[9]["y"] != DATA["y"]) == pytest.approx(0.4, abs=0.05)


def test_a_chart_is_the_code_of_its_case():
    text = clinic.chart(2)
    assert text.startswith("def case_2(network, data, seed):\n    model = network()")
    assert "optimizers.Adam(0.3)" in text
    assert max(map(len, clinic.chart(7).split("\n"))) <= 82
    compile(text, "chart", "exec")


@pytest.mark.parametrize("number", [0, 11, "case 1"])
def test_other_cases_there_are_none(number):
    with pytest.raises(ValueError, match="The clinic has cases 1 to 10, but not"):
        clinic.patient(number, network, DATA, 3)
    with pytest.raises(ValueError, match="The clinic has cases 1 to 10, but not"):
        clinic.chart(number)
