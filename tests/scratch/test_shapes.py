"""A wrong shape is refused with the argument, its shape and what was expected."""

import inspect

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.scratch.shapes import shapes


@shapes(x="n d", w="d", b="", mask="n")
def predict(x, w, b=0.0, *, mask=None):
    """Predict."""
    return "called"


@shapes(x="n *rest", y="n *rest")
def pair(x, y):
    return "called"


@shapes(x="*any", y="*any")
def same(x, y):
    return "called"


@shapes(x="*batch 3 c", y="*batch c")
def pixels(x, y):
    return "called"


@pytest.mark.parametrize(
    ("function", "arguments", "keywords"),
    [
        (predict, (np.ones((4, 3)), np.ones(3)), {}),
        (predict, (np.ones((4, 3)), np.ones(3), 2), {}),
        (predict, (np.ones((4, 3)), np.ones(3), np.array(2.0)), {}),
        (predict, (np.ones((4, 3)), np.ones(3), np.float32(2)), {}),
        (predict, ([[1, 2]], (3, 4)), {}),
        (predict, (), {"w": np.ones(3), "x": np.ones((4, 3)), "b": 1.0}),
        (predict, (np.ones((4, 3)), np.ones(3)), {"mask": np.ones(4)}),
        (predict, (np.ones((4, 3)), np.ones(3)), {"mask": None}),
        (predict, (np.ones((0, 3)), np.ones(3)), {}),
        (pair, (np.ones(4), np.ones(4)), {}),
        (pair, (np.ones((4, 2, 3)), np.ones((4, 2, 3))), {}),
        (same, (1.0, 2.0), {}),
        (same, (np.ones((2, 3)), np.ones((2, 3))), {}),
        (pixels, (np.ones((3, 5)), np.ones(5)), {}),
        (pixels, (np.ones((7, 8, 3, 5)), np.ones((7, 8, 5))), {}),
    ],
)
def test_shapes_that_fit(function, arguments, keywords):
    assert function(*arguments, **keywords) == "called"


@pytest.mark.parametrize(
    ("function", "arguments", "message"),
    [
        (
            predict,
            (np.ones((4, 3)), np.ones(2)),
            "predict: w should have shape (d,) with d = 3 as in x, but has shape (2,).",
        ),
        (
            predict,
            (np.ones(3), np.ones(3)),
            "predict: x should have shape (n, d), but has shape (3,).",
        ),
        (
            predict,
            (np.ones((1, 4, 3)), np.ones(3)),
            "predict: x should have shape (n, d), but has shape (1, 4, 3).",
        ),
        (
            predict,
            (np.ones((4, 3)), np.ones((3, 1))),
            "predict: w should have shape (d,), but has shape (3, 1).",
        ),
        (
            predict,
            (np.ones((4, 3)), np.ones(3), np.ones(1)),
            "predict: b should have shape (), but has shape (1,).",
        ),
        (
            predict,
            (5, np.ones(3)),
            "predict: x should have shape (n, d), but has shape ().",
        ),
        (
            predict,
            (None, np.ones(3)),
            "predict: x should have shape (n, d), but has shape ().",
        ),
        (
            predict,
            ([[1, 2], [3]], np.ones(3)),
            "predict: x should have shape (n, d), but its rows differ in length.",
        ),
        (
            pair,
            (np.ones((4, 2)), np.ones((4, 3))),
            "pair: y should have shape (n, rest...) with rest = (2,) as in x, "
            "but has shape (4, 3).",
        ),
        (
            pair,
            (np.ones((4, 2)), np.ones(4)),
            "pair: y should have shape (n, rest...) with rest = (2,) as in x, but has shape (4,).",
        ),
        (
            pair,
            (np.ones((4, 2)), np.ones((5, 2))),
            "pair: y should have shape (n, rest...) with n = 4 as in x, but has shape (5, 2).",
        ),
        (pair, (1.0, 1.0), "pair: x should have shape (n, rest...), but has shape ()."),
        (
            same,
            (np.ones((2, 3)), np.ones((3, 2))),
            "same: y should have shape (any...,) with any = (2, 3) as in x, but has shape (3, 2).",
        ),
        (
            pixels,
            (np.ones((2, 5)), np.ones(5)),
            "pixels: x should have shape (batch..., 3, c), but has shape (2, 5).",
        ),
        (
            pixels,
            (np.ones((4, 3, 5)), np.ones((6, 5))),
            "pixels: y should have shape (batch..., c) with batch = (4,) as in x, "
            "but has shape (6, 5).",
        ),
        (
            pixels,
            (np.ones(5), np.ones(5)),
            "pixels: x should have shape (batch..., 3, c), but has shape (5,).",
        ),
    ],
)
def test_shapes_that_do_not_fit(function, arguments, message):
    with pytest.raises(ValueError, match="should have shape") as caught:
        function(*arguments)
    assert str(caught.value) == message


def test_the_same_letter_within_one_argument():
    @shapes(a="n n")
    def square(a):
        return "called"

    assert square(np.ones((3, 3))) == "called"
    with pytest.raises(ValueError, match=r"\(n, n\) with n = 3 as in a, but has shape \(3, 4\)"):
        square(np.ones((3, 4)))


def test_a_keyword_that_does_not_fit():
    with pytest.raises(ValueError, match=r"mask should have shape \(n,\) with n = 4 as in x"):
        predict(np.ones((4, 3)), np.ones(3), mask=np.ones(3))


def test_sizes_are_forgotten_between_calls():
    for rows in (2, 5):
        assert predict(np.ones((rows, 3)), np.ones(3)) == "called"


def test_an_unknown_argument_is_refused_at_once():
    with pytest.raises(TypeError, match="f has no argument y, z"):

        @shapes(z="n", x="n", y="n")
        def f(x):
            return x


def test_wrong_calls_are_pythons_own_errors():
    with pytest.raises(TypeError, match="missing a required argument: 'w'"):
        predict(np.ones((4, 3)))


def test_the_function_keeps_its_name_and_signature():
    assert predict.__name__ == "predict"
    assert predict.__doc__ == "Predict."
    assert list(inspect.signature(predict).parameters) == ["x", "w", "b", "mask"]


@given(st.lists(st.integers(0, 4), max_size=4), st.lists(st.integers(0, 4), max_size=4))
def test_any_shapes_are_compared(one, other):
    if one == other:
        assert same(np.ones(one), np.ones(other)) == "called"
    else:
        with pytest.raises(ValueError, match="y should have shape"):
            same(np.ones(one), np.ones(other))
