"""Answers that nobody should give, and that no check may be brought down by."""

import sys

import numpy as np


class RaisesEverywhere:
    """Raises whatever is asked of it."""

    def _fail(self, *arguments, **keywords):
        raise RuntimeError("hostile")

    __repr__ = __str__ = __eq__ = __array__ = __len__ = __iter__ = __bool__ = __float__ = _fail
    __getattr__ = __call__ = _fail
    __hash__ = None


class ListThatRaises(list):
    """A list that cannot be walked."""

    def __len__(self):
        raise RuntimeError("hostile")

    def __iter__(self):
        raise RuntimeError("hostile")


class NamelessError(Exception):
    """An exception that cannot be written."""

    def __str__(self):
        raise RuntimeError("hostile")


class BareError(BaseException):
    """Raised past every `except Exception`."""


def returns(value):
    def answer(*arguments):
        return value

    return answer


def raises(error):
    def answer(*arguments):
        raise error

    return answer


def recurses(*arguments):
    return recurses(*arguments)


def generates(*arguments):
    yield 1


def prints_a_lot(*arguments):
    print("x" * 100_000)


def exits(*arguments):
    sys.exit(1)


def mutates(*arguments):
    for argument in arguments:
        if isinstance(argument, np.ndarray) and argument.ndim:
            argument[...] = 17
        elif isinstance(argument, list):
            argument.append(17)
    return 17.123


VALUES = {
    "none": None,
    "nan": float("nan"),
    "infinity": float("inf"),
    "nan array": np.full(3, np.nan),
    "wrong shape": np.full((1, 1, 1, 7), 0.123),
    "empty": np.zeros(0),
    "text": "hostile",
    "control characters": "\n\r\t\0" * 1000,
    "text array": np.array(["hostile"]),
    "object array": np.array([None, {}], dtype=object),
    "complex": 1 + 2j,
    "truth": [True, False, True, True, True],
    "short tuple": (0.123,),
    "long tuple": tuple(range(100, 137)),
    "ragged": [[1], [2, 3]],
    "dictionary": {"a": 1},
    "bytes": b"hostile",
    "huge integer": 10**5000,
    "class": RaisesEverywhere,
    "raises everywhere": RaisesEverywhere(),
    "list that raises": ListThatRaises([1, 2]),
    "masked": np.ma.masked_array([1.0], mask=[True]),
    "datetime": np.datetime64("2020-01-01"),
    "timedelta": np.timedelta64(3, "s"),
    "generator": (entry for entry in ()),
    "exception": ValueError("hostile"),
    "module": np,
}

FUNCTIONS = {
    **{f"returns {name}": returns(value) for name, value in VALUES.items()},
    "raises": raises(ValueError("line one\nline two")),
    "raises without text": raises(KeyError()),
    "raises what cannot be written": raises(NamelessError()),
    "raises past Exception": raises(BareError("hostile")),
    "exits": exits,
    "stops a generator": raises(StopIteration()),
    "recurses": recurses,
    "generates": generates,
    "prints a lot": prints_a_lot,
    "takes nothing": lambda: 0.123,
    "takes too many": lambda a, b, c, d, e, f, g, h: 0.123,
    "mutates": mutates,
}
