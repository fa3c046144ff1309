"""Say in a sentence how an answer differs from what was expected."""

import re
from typing import Any

import numpy as np

# What sums and products of some hundred float32 numbers may be off by.
SINGLE = 1e-5


def difference(found: Any, expected: Any, tolerance: float) -> str:
    """Return "" when `found` matches `expected`, otherwise what differs.

    Numbers and arrays match when |found - expected| is at most
    tolerance * (1 + |expected|) everywhere; with float32 as far as its digits reach.
    Where a number is expected, an array of one entry is one. Tuples, lists and dictionaries
    are compared entry by entry, tables column by column, and everything else
    must be equal. An object whose type defines no equality, such as a random
    generator, matches any of the same type.
    """
    if isinstance(expected, tuple | list):
        return _sequence_difference(found, expected, tolerance)
    if isinstance(expected, dict):
        return _dictionary_difference(found, expected, tolerance)
    if hasattr(expected, "columns") and hasattr(expected, "iloc"):
        return _table_difference(found, expected, tolerance)
    wanted = np.asarray(expected)
    if isinstance(expected, bool | np.bool_) or not _is_numeric(wanted):
        return _plain_difference(found, expected)
    return _array_difference(found, wanted, tolerance)


def shorten(value: Any) -> str:
    """Return a description of `value` that fits in a sentence."""
    try:
        if isinstance(value, np.ndarray) and value.size > 6:
            return f"an array of shape {value.shape}"
        if isinstance(value, np.ndarray):
            text = np.array2string(value, precision=6)
        elif isinstance(value, np.generic):
            return shorten(value.item())
        elif isinstance(value, float):
            text = f"{value:.6g}"
        elif type(value) is tuple and len(value) > 1:
            text = f"({', '.join(map(shorten, value))})"
        else:
            text = repr(value)
    except Exception:
        return name_type(value)
    text = " ".join(text.split())
    # An address in memory says nothing, and differs from run to run.
    return text if 0 < len(text) <= 60 and " at 0x" not in text else name_type(value)


def name_type(value: Any) -> str:
    """Return "a list", "an int": the type of `value` with its article."""
    name = "function" if callable(value) else type(value).__name__
    return f"an {name}" if name[:1].lower() in "aeiou" else f"a {name}"


def _sequence_difference(found: Any, expected: Any, tolerance: float) -> str:
    if isinstance(found, np.ndarray) and found.ndim:
        found = list(found)
    if not isinstance(found, tuple | list):
        return f"expected {len(expected)} values in {name_type(expected)}, but got {shorten(found)}"
    if len(found) != len(expected):
        problem = f"expected {len(expected)} values, but got {len(found)}"
        if len(found) == 2 * len(expected) and all(type(part) is int for part in found):
            return f"{problem}. A decimal number is written with a point, as in 0.5"
        return problem
    for position, (one, other) in enumerate(zip(found, expected, strict=True), start=1):
        problem = difference(one, other, tolerance)
        if problem:
            return f"value {position} of {len(expected)}: {problem}"
    return ""


def _dictionary_difference(found: Any, expected: Any, tolerance: float) -> str:
    if not isinstance(found, dict):
        return f"expected a dict, but got {shorten(found)}"
    if set(found) != set(expected):
        return f"expected the keys {list(expected)}, but got {list(found)}"
    for key in expected:
        problem = difference(found[key], expected[key], tolerance)
        if problem:
            return f"entry {key!r}: {problem}"
    return ""


def _table_difference(found: Any, expected: Any, tolerance: float) -> str:
    if not isinstance(found, type(expected)):
        return f"expected {name_type(expected)}, but got {name_type(found)}"
    if list(found.columns) != list(expected.columns):
        return f"expected the columns {list(expected.columns)}, but got {list(found.columns)}"
    for column in expected.columns:
        problem = difference(found[column].to_numpy(), expected[column].to_numpy(), tolerance)
        if problem:
            return f"column {column!r}: {problem}"
    return ""


def _plain_difference(found: Any, expected: Any) -> str:
    if isinstance(expected, bool | np.bool_):
        array = _as_array(found)
        truth = array is not None and array.dtype.kind == "b" and array.size == 1
        same = truth and bool(array) == bool(expected)
    elif isinstance(expected, np.ndarray):
        # Lists find an object equal to itself, so that a missing value matches.
        same = np.asarray(found).tolist() == expected.tolist()
    elif type(expected).__eq__ is object.__eq__:
        same = type(found) is type(expected)
    else:
        same = isinstance(found, type(expected)) and bool(found == expected)
    return "" if same else f"expected {shorten(expected)}, but got {shorten(found)}"


def _array_difference(found: Any, expected: np.ndarray, tolerance: float) -> str:
    wanted = "a number" if expected.ndim == 0 else f"an array of shape {expected.shape}"
    with_point = _read_decimal_comma(found) if expected.ndim == 0 else ""
    if with_point:
        return f"a comma makes two numbers, or a text; write {with_point}"
    array = _as_array(found)
    if array is None:
        return f"expected {wanted}, but got {shorten(found)}"
    # As a plain array it would show the numbers that its mask hides.
    if isinstance(found, np.ma.MaskedArray) and np.ma.is_masked(found):
        return f"expected {wanted}, but got masked entries"
    if not _is_numeric(array):
        came = f"one of type {found.dtype}" if isinstance(found, np.ndarray) else shorten(found)
        return f"expected {wanted}, but got {came}"
    if np.iscomplexobj(array) and not np.iscomplexobj(expected):
        return "expected real numbers, but got complex ones"
    if expected.ndim == 0 and array.size == 1:
        array = array.reshape(())
    if array.shape != expected.shape:
        came = f"an array of shape {array.shape}" if array.ndim else "a single number"
        return f"expected {wanted}, but got {came}"
    if (np.isnan(array) & ~np.isnan(expected)).any():
        return "the result is NaN" if array.ndim == 0 else "the result holds NaN"
    if array.dtype == np.float32:
        tolerance = max(tolerance, SINGLE)
    with np.errstate(all="ignore"):
        close = np.abs(array - expected.astype(np.complex128)) <= tolerance * (1 + np.abs(expected))
        both_nan = np.isnan(array) & np.isnan(expected)
    right = (array == expected) | both_nan | (close & np.isfinite(expected))
    if right.all():
        return ""
    index = tuple(int(axis[0]) for axis in np.nonzero(~right)) if array.ndim else ()
    place = f" at index {index if len(index) > 1 else index[0]}" if index else ""
    wanted, came = _tell_apart(expected[index].item(), array[index].item())
    return f"expected {wanted}{place}, but got {came}"


def _read_decimal_comma(found: Any) -> str:
    """Return "0.5" for what 0,5 is in Python, the pair (0, 5), or for the text "0,5"."""
    if type(found) is tuple and len(found) == 2 and all(type(part) is int for part in found):
        return f"{found[0]}.{found[1]}" if found[1] >= 0 else ""
    if isinstance(found, str) and re.fullmatch(r"\s*-?\d+,\d+\s*", found):
        return found.strip().replace(",", ".")
    return ""


def _as_array(found: Any) -> np.ndarray | None:
    try:
        return np.asarray(found)
    except Exception:
        return None


def _is_numeric(array: np.ndarray) -> bool:
    return array.dtype.kind in "biufc"


def _tell_apart(one: complex, other: complex) -> tuple[str, str]:
    """Write two numbers with six digits, or with as many as show the difference."""
    for digits in (6, 10, 17):
        texts = _write(one, digits), _write(other, digits)
        if texts[0] != texts[1]:
            break
    return texts


def _write(number: complex, digits: int) -> str:
    return str(number) if isinstance(number, bool) else f"{number:.{digits}g}"
