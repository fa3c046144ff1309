"""A difference between answer and expectation is said in one sentence."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as numpy_strategies

from course_lib.exercises.comparison import difference, name_type, shorten

NAN, INFINITY = float("nan"), float("inf")


class Raises:
    """Raises whatever is asked of it."""

    def __repr__(self):
        raise RuntimeError

    def __eq__(self, other):
        raise RuntimeError

    def __array__(self, *arguments, **keywords):
        raise RuntimeError

    __hash__ = None


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (3, 3),
        (3.0, 3),
        (np.float32(0.5), 0.5),
        (np.array(2), 2),
        (0, 0),
        (1 + 1e-7, 1),
        (1e6 + 0.5, 1e6),
        ([1, 2], np.array([1, 2])),
        ((1, 2), np.array([1, 2])),
        (pd.Series([1.0, 2.0]), np.array([1, 2])),
        (np.ma.masked_array([1, 2], mask=False), np.array([1, 2])),
        (np.array([1, 0]), np.array([True, False])),
        (np.array([True, False]), np.array([1.0, 0.0])),
        (np.zeros((0, 2)), np.zeros((0, 2))),
        (NAN, NAN),
        ([NAN, 1], np.array([NAN, 1])),
        (INFINITY, INFINITY),
        ([-INFINITY, 1], np.array([-INFINITY, 1])),
        (1 + 2j, 1 + 2j),
        (2, 2 + 0j),
        ("relu", "relu"),
        (True, True),
        (np.True_, True),
        (None, None),
        ((1, 2.0), (1, 2)),
        ([1, 2], (1, 2)),
        (np.array([1, 2]), (1, 2)),
        ((np.ones(2), 3), (np.ones(2), 3)),
        ((), ()),
        ({"a": [1.0]}, {"a": np.array([1])}),
        (["a", "b"], ["a", "b"]),
        (np.array(["a", "b"]), np.array(["a", "b"])),
        (["a", "b"], np.array(["a", "b"])),
        (np.random.default_rng(1), np.random.default_rng(2)),
        (len, len),
        (np.uint8([255]), np.array([255])),
        (np.float16(0.5), 0.5),
    ],
)
def test_what_matches(found, expected):
    assert difference(found, expected, 1e-6) == ""


@pytest.mark.parametrize(
    ("found", "expected", "sentence"),
    [
        (4, 3, "expected 3, but got 4"),
        (-3, 3, "expected 3, but got -3"),
        (1.00001, 1, "expected 1, but got 1.00001"),
        (1.0000021, 1, "expected 1, but got 1.0000021"),
        (1e6 + 3, 1e6, "expected 1000000, but got 1000003"),
        (0.5, False, "expected False, but got 0.5"),
        (1, True, "expected True, but got 1"),
        (True, 0, "expected 0, but got True"),
        ([True, False], np.array([1.0, 1.0]), "expected 1 at index 1, but got False"),
        ([0, 1], np.array([True, False]), "expected True at index 0, but got 0"),
        (np.uint8([0]), np.array([-1]), "expected -1 at index 0, but got 0"),
        (False, True, "expected True, but got False"),
        ("tanh", "relu", "expected 'relu', but got 'tanh'"),
        (3, "relu", "expected 'relu', but got 3"),
        (True, "relu", "expected 'relu', but got True"),
        ("3", 3, "expected a number, but got '3'"),
        (["1", "2"], np.array([1, 2]), "expected an array of shape (2,), but got ['1', '2']"),
        (None, 3, "expected a number, but got None"),
        (3, None, "expected None, but got 3"),
        (
            np.array([1, 2], dtype=object),
            np.array([1, 2]),
            "expected an array of shape (2,), but got one of type object",
        ),
        (1j, 3, "expected real numbers, but got complex ones"),
        ([1 + 0j, 2], np.array([1, 2]), "expected real numbers, but got complex ones"),
        (2j, 1j, "expected 0+1j, but got 0+2j"),
        (
            np.ones((3, 2)),
            np.ones((2, 3)),
            "expected an array of shape (2, 3), but got an array of shape (3, 2)",
        ),
        ([3, 4], 3, "expected a number, but got an array of shape (2,)"),
        ([4], 3, "expected 3, but got 4"),
        (3, np.array([3]), "expected an array of shape (1,), but got a single number"),
        (NAN, 3, "the result is NaN"),
        ([1, NAN], np.array([1, 2]), "the result holds NaN"),
        (3, NAN, "expected nan, but got 3"),
        (INFINITY, 3, "expected 3, but got inf"),
        (3, INFINITY, "expected inf, but got 3"),
        (-INFINITY, INFINITY, "expected inf, but got -inf"),
        ([1, 3], np.array([1, 2]), "expected 2 at index 1, but got 3"),
        ([[1, 2], [3, 5]], np.array([[1, 2], [3, 4]]), "expected 4 at index (1, 1), but got 5"),
        ([[1, 7], [3, 5]], np.array([[1, 2], [3, 4]]), "expected 2 at index (0, 1), but got 7"),
        ([[1], [2, 3]], np.ones(2), "expected an array of shape (2,), but got [[1], [2, 3]]"),
        (3, (1, 2), "expected 2 values in a tuple, but got 3"),
        (3, [1, 2], "expected 2 values in a list, but got 3"),
        (np.array(3), (1, 2), "expected 2 values in a tuple, but got 3"),
        ((1,), (1, 2), "expected 2 values, but got 1"),
        ((1, 2, 3), (1, 2), "expected 2 values, but got 3"),
        ((1, 5), (1, 2), "value 2 of 2: expected 2, but got 5"),
        ((1, (2, 7)), (1, (2, 3)), "value 2 of 2: value 2 of 2: expected 3, but got 7"),
        (3, {"a": 1}, "expected a dict, but got 3"),
        ({"b": 1}, {"a": 1}, "expected the keys ['a'], but got ['b']"),
        ({"a": 2}, {"a": 1}, "entry 'a': expected 1, but got 2"),
        (np.array(["a"]), np.array(["b"]), "expected ['b'], but got ['a']"),
        (3, np.random.default_rng(1), "expected a Generator, but got 3"),
        (shorten, 3, "expected a number, but got a function"),
        (
            np.ma.masked_array([1, 2], mask=[False, True]),
            np.array([1, 2]),
            "expected an array of shape (2,), but got masked entries",
        ),
        (np.ma.masked_array(3, mask=True), 3, "expected a number, but got masked entries"),
        (Raises(), 3, "expected a number, but got a Raises"),
        (Raises(), "relu", "expected 'relu', but got a Raises"),
        (Raises(), True, "expected True, but got a Raises"),
        ((x for x in "ab"), np.ones(2), "expected an array of shape (2,), but got a generator"),
    ],
)
def test_what_differs(found, expected, sentence):
    assert difference(found, expected, 1e-6) == sentence


@pytest.mark.parametrize(
    ("found", "with_point"),
    [((0, 5), "0.5"), ((12, 25), "12.25"), ((-1, 5), "-1.5"), ("0,5", "0.5"), (" -3,25", "-3.25")],
)
def test_a_decimal_comma(found, with_point):
    sentence = f"a comma makes two numbers, or a text; write {with_point}"
    assert difference(found, 0.75, 1e-6) == sentence
    assert difference((found, 1.0), (0.75, 1.0), 1e-6) == f"value 1 of 2: {sentence}"


def test_decimal_commas_in_several_values():
    point = ". A decimal number is written with a point, as in 0.5"
    assert difference((0, 5, 1, 2), (0.75, 1.5), 1e-6).endswith(f"but got 4{point}")
    assert "point" not in difference((0.5, 1, 1, 2), (0.75, 1.5), 1e-6)
    assert "point" not in difference((0, 5, 1), (0.75, 1.5), 1e-6)


@pytest.mark.parametrize(
    "found", [(0.0, 5), (1, -5), (1, 2, 3), "half", "1,2,3", (True, 5), [0, 5]]
)
def test_no_decimal_comma(found):
    assert "comma" not in difference(found, 0.75, 1e-6)
    assert difference((0, 5), np.array([0, 5]), 1e-6) == ""


def test_tolerance_is_absolute_and_relative():
    assert difference(0.009, 0, 0.01) == ""
    assert difference(0.011, 0, 0.01) != ""
    assert difference(100 + 1.009, 100, 0.01) == ""
    assert difference(100 + 1.011, 100, 0.01) != ""
    assert difference(100 - 1.011, 100, 0.01) != ""
    assert difference(1 + 1e-15, 1, 0.0) != ""


def test_tables():
    table = pd.DataFrame({"a": [1.0, NAN], "b": ["x", None]})
    assert difference(table.copy(), table, 1e-6) == ""
    assert difference(table["a"], table, 0) == "expected a DataFrame, but got a Series"
    assert difference(table[["b", "a"]], table, 0) == (
        "expected the columns ['a', 'b'], but got ['b', 'a']"
    )
    assert difference(table.assign(a=[2.0, NAN]), table, 0) == (
        "column 'a': expected 1 at index 0, but got 2"
    )
    assert difference(table.assign(a=[1 + 1e-9, NAN]), table, 1e-6) == ""
    assert difference(table.assign(b=["y", None]), table, 0).startswith("column 'b': expected")
    assert difference(table.iloc[:1], table, 0).startswith("column 'a': expected an array of shape")


def test_tensors(tf):
    assert difference(tf.constant([1.0, 2.0]), np.array([1, 2]), 1e-6) == ""
    assert difference(np.array([1, 2]), tf.constant([1.0, 2.0]), 1e-6) == ""
    assert difference(tf.constant(2.0), 2, 1e-6) == ""
    assert difference(tf.constant(3.0), 2, 1e-6) == "expected 2, but got 3"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.23456789, "1.23457"),
        (np.float64(0.5), "0.5"),
        (np.int64(3), "3"),
        (np.True_, "True"),
        ((np.float64(0.5), np.int64(3)), "(0.5, 3)"),
        (np.array([1.0, 2.0]), "[1. 2.]"),
        (np.zeros(6), "[0. 0. 0. 0. 0. 0.]"),
        (np.zeros(7), "an array of shape (7,)"),
        ("a", "'a'"),
        ("a" * 58, repr("a" * 58)),
        ("a" * 59, "a str"),
        ([1, 2], "[1, 2]"),
        ({"a": "b\nc"}, "{'a': 'b\\nc'}"),
        ([10**5000], "a list"),
        (object(), "an object"),
        (len, "<built-in function len>"),
        (shorten, "a function"),
        (Raises(), "a Raises"),
    ],
)
def test_shorten(value, text):
    assert shorten(value) == text


def test_shorten_an_array_of_what_cannot_be_written():
    array = np.empty(1, dtype=object)
    array[0] = Raises()
    assert shorten(array) == "a ndarray"


def test_name_type():
    assert name_type(3) == "an int"
    assert name_type([]) == "a list"
    assert name_type(len) == "a function"
    assert name_type(type("", (), {})()) == "an "


@given(
    numpy_strategies.arrays(
        np.float64, numpy_strategies.array_shapes(max_dims=3, max_side=4), elements=st.floats(-9, 9)
    ),
    st.data(),
)
def test_one_wrong_entry_is_found_at_its_index(expected, data):
    index = data.draw(st.tuples(*(st.integers(0, size - 1) for size in expected.shape)))
    found = expected.copy()
    found[index] += 1
    place = index if len(index) > 1 else index[0]
    assert difference(expected.copy(), expected, 1e-6) == ""
    assert f" at index {place}, but got " in difference(found, expected, 1e-6)


@pytest.mark.parametrize("found", [np.array([True, True]), np.ones((2, 1), dtype=bool), []])
def test_several_truths_are_not_one(found):
    assert difference(found, True, 1e-6).startswith("expected True, but got")
    assert difference(np.array([True]), True, 1e-6) == ""
