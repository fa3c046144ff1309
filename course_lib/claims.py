"""State what a cell shows, and stop when it does not hold."""

import sys
from typing import Any

import numpy as np

# Cells that begin so print one line for all of their claims.
TITLE = "# @title Checks"
_gathered: list[str] | None = None


class ClaimError(AssertionError):
    """A claim of the lesson does not hold; the message gives the measured value."""


def gather_in_notebooks() -> None:
    """Let cells that begin with TITLE print one line for all of their claims.

    Does nothing outside a notebook; may be called again.
    """
    if "IPython" not in sys.modules:
        return
    from IPython import get_ipython

    shell = get_ipython()
    if shell is not None:
        shell.events.register("pre_run_cell", _begin_cell)
        shell.events.register("post_run_cell", _end_cell)


def _begin_cell(info: Any) -> None:
    global _gathered
    _gathered = [] if (info.raw_cell or "").startswith(TITLE) else None


def _end_cell(result: Any) -> None:
    global _gathered
    lines, _gathered = _gathered, None
    if lines and result.success:
        print(lines[0] if len(lines) == 1 else f"✔ {len(lines)} checks hold")


def _say(line: str) -> None:
    if _gathered is None:
        print(line)
    else:
        _gathered.append(line)


def expect(
    name: str,
    value: Any,
    *,
    equals: Any = None,
    within: float | None = None,
    at_least: float | None = None,
    at_most: float | None = None,
) -> None:
    """Check a claim and print one line that is the same on every machine.

    In a cell that begins with TITLE the lines of all claims become one, which
    counts them (see `gather_in_notebooks`). A line never holds the measured
    value, so that a stored output can be compared with it; the error does.

    Args:
        name: what is claimed about, as in "test accuracy".
        value: a number, or anything NumPy can make an array of.
        equals: what `value` should be: exactly, or up to `within`. Without
            `within` it may also be a string, a bool or a tuple.
        within: the largest absolute difference allowed from `equals`.
        at_least: a lower bound for every entry of `value`.
        at_most: an upper bound for every entry of `value`.

    Raises:
        ClaimError: when the claim does not hold. NaN holds for no claim.
        TypeError: when no claim is made, or one that nothing or everything
            would meet.
    """
    if not isinstance(name, str) or not name:
        raise TypeError(f"expect needs a name for the claim first, but got {name!r}.")
    for word, number in (("within", within), ("at_least", at_least), ("at_most", at_most)):
        if number is not None and not np.isfinite(number):
            raise TypeError(f"{word}= needs a finite number, but got {number!r}.")
    bounded = at_least is not None or at_most is not None
    if bounded == (equals is not None):
        raise TypeError("expect needs either equals= or one or both of at_least= and at_most=.")
    if within is not None and (equals is None or not within > 0):
        raise TypeError(f"within= needs equals= and a positive number, but got {within!r}.")
    if at_least is not None and at_most is not None and at_least > at_most:
        raise TypeError(f"Nothing is at least {at_least!r} and at most {at_most!r}.")
    if equals is None:
        _expect_between(name, value, at_least, at_most)
    elif within is None:
        _expect_exactly(name, value, equals)
    else:
        _expect_close(name, value, equals, within)


def _expect_between(name: str, value: Any, low: float | None, high: float | None) -> None:
    if low is not None and high is not None:
        claim = f"between {low} and {high}"
    elif low is not None:
        claim = f"at least {low}"
    else:
        claim = f"at most {high}"
    numbers = _numbers(name, value)
    # Written so that a NaN, which compares false with everything, fails.
    holds = bool(
        np.all(numbers >= (-np.inf if low is None else low))
        and np.all(numbers <= (np.inf if high is None else high))
    )
    if not holds:
        raise ClaimError(f"✘ {name} should be {claim}, but is {_text(value)}.")
    _say(f"✔ {name} is {claim}")


def _expect_exactly(name: str, value: Any, expected: Any) -> None:
    if hasattr(value, "__array__") or hasattr(expected, "__array__"):
        equal = np.array_equal(np.asarray(value), np.asarray(expected))
    else:
        equal = bool(value == expected)
    if not equal:
        wanted, came = _text(expected), _text(value)
        if wanted == came:
            wanted, came = repr(expected), repr(value)
        raise ClaimError(f"✘ {name} should be {wanted}, but is {came}.")
    _say(f"✔ {name} is {_text(expected)}")


def _expect_close(name: str, value: Any, expected: Any, within: float) -> None:
    found, wanted = _numbers(name, value), _numbers(name, expected)
    if found.shape != wanted.shape:
        raise ClaimError(f"✘ {name} should have shape {wanted.shape}, but has {found.shape}.")
    with np.errstate(invalid="ignore"):
        difference = np.max(np.abs(found - wanted))
    if not difference <= within:
        raise ClaimError(
            f"✘ {name} should be {_text(expected)} to within {within}, "
            f"but is {_text(value)} (off by {difference:.3g})."
        )
    # Only a number that somebody wrote is printed: the last digits of a computed
    # one, of a NumPy type or longer than people write, may differ elsewhere.
    if type(expected) in (int, float) and float(f"{expected:.10g}") == expected:
        _say(f"✔ {name} is {expected} to within {within}")
    else:
        _say(f"✔ {name}: {_count(wanted.size)} equal to within {within}")


def _numbers(name: str, value: Any) -> np.ndarray:
    try:
        array = np.asarray(value)
        # NumPy would read text as a number and drop an imaginary part.
        if array.dtype.kind in "USMmc":
            raise TypeError(f"not a real number: {array.dtype}")
        numbers = array.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise ClaimError(f"✘ {name} should be a number, but is {type(value).__name__}.") from error
    if numbers.size == 0:
        raise ClaimError(f"✘ {name} is empty: there is nothing to check.")
    return numbers


def _count(size: int) -> str:
    return "the two values" if size == 1 else f"all {size:,} values"


def _text(value: Any) -> str:
    if isinstance(value, bool | str):
        return repr(value) if isinstance(value, bool) else value
    if isinstance(value, tuple):
        return f"({', '.join(map(str, value))}{',' if len(value) == 1 else ''})"
    if isinstance(value, int | np.integer):
        return f"{int(value):,}"
    if isinstance(value, float | np.floating):
        return f"{float(value):.6g}"
    shown = np.array2string(np.asarray(value), precision=6, threshold=12, edgeitems=2)
    return " ".join(shown.split())
