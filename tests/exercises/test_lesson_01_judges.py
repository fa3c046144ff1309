"""What the judge of lesson 01's open question says beyond the known mistakes."""

import numpy as np
import pytest

from course_lib.exercises import lesson_01


def message(build):
    verdict = lesson_01.inputs.grade(build)
    assert verdict.status == "failed"
    return verdict.message


def sums_of_three(cars):
    return np.column_stack(
        [
            cars["weight"] / 1000,
            cars["weight"] + 10 * cars["power"],
            cars["year"] - 1976,
            3 * cars["year"] - cars["power"],
        ]
    )


@pytest.mark.parametrize(
    "build", [sums_of_three, lambda cars: cars[["year", "weight", "power"]].to_numpy()]
)
def test_what_draws_the_same_line_is_told_so(build):
    said = message(build)
    assert "hold nothing that these three do not" in said
    assert said.endswith("?") or said.endswith(".")


def test_a_square_is_something_new():
    def with_a_square(cars):
        return np.column_stack([cars[["weight", "power", "year"]], cars["power"] ** 2])

    assert "hold nothing" not in message(with_a_square)


def test_many_inputs_are_called_rare_only_when_they_are():
    def squares(cars):
        year = cars["year"].to_numpy(float)
        return np.column_stack([np.sin(year * step) for step in range(1, 46)])

    assert "45 inputs" in message(squares)
    assert "handful" not in message(squares)


def test_a_table_with_other_rows_is_not_told_to_turn():
    assert ".T" not in message(lambda cars: np.ones((5, 3)))
    assert ".T" in message(lambda cars: np.ones((5, len(cars))))
