"""What solutions and known mistakes answer is what they answered when somebody last looked.

The general tests ask that each mistake gets its own hint. They cannot tell when a solution and
its cases change together, or when a mistake is no longer the one that its hint describes. So
the numbers stand in answers.json. After a change that is meant, look at the difference that

    python tests/exercises/test_stored_answers.py

makes in that file.
"""

import copy
import dataclasses
import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
STORED = Path(__file__).with_name("answers.json")
sys.path.insert(0, str(ROOT))

from test_all_exercises import EXERCISES  # noqa: E402

LONGEST = 12  # of longer arrays a summary is kept
# Its judge trains a network, whose loss differs between machines.
TRAINED = {"lesson_05.patient"}
STABLE = {name: exercise for name, exercise in EXERCISES.items() if name not in TRAINED}


def summary(value):
    """Return the numbers of an answer, or what stands for them, as JSON can hold them."""
    if isinstance(value, dict):
        return {str(key): summary(part) for key, part in value.items()}
    if isinstance(value, str) or value is None:
        return value
    if isinstance(value, tuple | list) and not all(np.isscalar(part) for part in value):
        return [summary(part) for part in value]
    array = np.asarray(value)
    if array.dtype.kind not in "biufc":
        return array.tolist() if array.dtype.kind == "U" else type(value).__name__
    array = array.astype(complex if array.dtype.kind == "c" else float)
    if array.dtype.kind == "c":
        array = np.stack([array.real, array.imag])
    if array.size > LONGEST:
        # Each entry has a weight of its own, so that none can change or move unseen.
        weights = np.cos(np.arange(array.size)).reshape(array.shape)
        array = np.array([*array.shape, array.mean(), array.std(), (array * weights).sum()])
    return [float(f"{number:.8g}") for number in array.ravel()]


def answers(exercise):
    """Return what an exercise's solution and its known mistakes answer."""
    if exercise.accept:
        # How a judge measures shows in the numbers that it names.
        patient = dataclasses.replace(exercise, seconds=600)
        messages = {one.name: patient.grade(one.answer).message for one in exercise.mistakes}
        number = re.compile(r"-?\d+(?:,\d{3})*(?:\.\d+)?(?:e-?\d+)?")
        return {
            name: [float(found.replace(",", "")) for found in number.findall(message)]
            for name, message in messages.items()
        }
    every = {"solution": exercise.reference}
    every |= {mistake.name: mistake.answer for mistake in exercise.mistakes}
    if not callable(exercise.reference):
        return {name: summary(answer) for name, answer in every.items()}
    with np.errstate(all="ignore"):
        return {
            name: [summary(answer(*copy.deepcopy(case.arguments))) for case in exercise.cases]
            for name, answer in every.items()
        }


def assert_same(found, stored, tolerance, name):
    """Compare two summaries, numbers up to a tolerance."""
    if isinstance(stored, dict):
        assert list(found) == list(stored), name
        for key in stored:
            assert_same(found[key], stored[key], tolerance, f"{name}, {key}")
    elif isinstance(stored, list) and any(isinstance(part, list | dict | str) for part in stored):
        assert len(found) == len(stored), name
        for one, other in zip(found, stored, strict=True):
            assert_same(one, other, tolerance, name)
    elif isinstance(stored, list):
        assert len(found) == len(stored), name
        np.testing.assert_allclose(found, stored, rtol=tolerance, atol=1e-7, err_msg=name)
    else:
        assert found == stored, name


@pytest.mark.parametrize("name", STABLE)
@pytest.mark.filterwarnings("ignore")
def test_answers_are_those_that_were_stored(name):
    stored = json.loads(STORED.read_text(encoding="utf-8"))
    assert name in stored, "run python tests/exercises/test_stored_answers.py"
    exercise = EXERCISES[name]
    # A judge's message gives two or three digits, the last of which may differ elsewhere.
    tolerance = 0.02 if exercise.accept else 1e-5
    assert_same(answers(exercise), stored[name], tolerance, name)


def test_nothing_else_is_stored():
    assert list(json.loads(STORED.read_text(encoding="utf-8"))) == list(STABLE)


def test_a_summary_changes_when_numbers_change_or_move():
    array = np.arange(30.0).reshape(5, 6)
    other = array.copy()
    other[[0, 1]] = other[[1, 0]]
    changed = array + np.eye(5, 6) * 1e-3
    assert summary(array)[:2] == [5, 6]
    for one in (other, changed, array.T, array.reshape(3, 10)):
        with pytest.raises(AssertionError):
            assert_same(summary(one), summary(array), 1e-5, "array")
    assert summary((1, True, np.float32(2.5))) == [1, 1, 2.5]
    assert summary({"a": "b", "c": None}) == {"a": "b", "c": None}
    assert summary(2 + 3j) == [2, 3]


def _store():
    import warnings

    warnings.simplefilter("ignore")
    lines = [
        f"{json.dumps(name)}: {json.dumps(answers(exercise), ensure_ascii=False)}"
        for name, exercise in STABLE.items()
    ]
    STORED.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    _store()
