"""Check the shapes of a function's arguments by name, and say which one is off."""

import functools
import inspect
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

import numpy as np

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def shapes(
    **expected: str,
) -> Callable[[Callable[Parameters, Result]], Callable[Parameters, Result]]:
    """Require shapes such as `features="n d"`, the same letter the same size.

    A specification is a list of axis names separated by spaces; "" is a
    scalar; a number is an axis of exactly that size; "*name" stands for any
    number of axes, the same in every argument that uses the name. "n *rest"
    combines both. An argument left out, or given as its default, is not checked.

    Raises (when the decorated function is called):
        ValueError: names the argument, its shape, and what was expected.

    Example:
        >>> @shapes(x="n d", w="d")
        ... def predict(x, w):
        ...     return x @ w
        >>> predict(np.ones((2, 3)), np.ones(4))
        Traceback (most recent call last):
        ...
        ValueError: predict: w should have shape (d,) with d = 3 as in x, but has shape (4,).
    """

    def decorate(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
        signature = inspect.signature(function)
        unknown = set(expected) - set(signature.parameters)
        if unknown:
            raise TypeError(f"{function.__name__} has no argument {', '.join(sorted(unknown))}.")

        @functools.wraps(function)
        def checked(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
            arguments = signature.bind(*args, **kwargs).arguments
            sizes: dict[str, tuple[tuple[int, ...], str]] = {}
            for name, specification in expected.items():
                default = signature.parameters[name].default
                if name in arguments and arguments[name] is not default:
                    _match(function.__name__, name, arguments[name], specification, sizes)
            return function(*args, **kwargs)

        return checked

    return decorate


def requires(
    check: Callable[[str, dict[str, Any]], None],
) -> Callable[[Callable[Parameters, Result]], Callable[Parameters, Result]]:
    """Make a decorator of a check that shapes alone cannot express.

    Args:
        check: gets the decorated function's name and its arguments by name,
            those left out as their defaults; raises when they do not fit.
    """

    def decorate(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
        signature = inspect.signature(function)

        @functools.wraps(function)
        def checked(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
            bound = signature.bind(*args, **kwargs)
            bound.apply_defaults()
            check(function.__name__, bound.arguments)
            return function(*args, **kwargs)

        return checked

    return decorate


def numbers(
    *names: str,
) -> Callable[[Callable[Parameters, Result]], Callable[Parameters, Result]]:
    """Turn these arguments into arrays of floats, however they were handed in.

    float32 and float64 stay as they are; lists, truths, whole numbers (of which the
    unsigned would wrap where something is subtracted) and float16 become float64.

    Raises (when the decorated function is called):
        ValueError: names an argument that holds nothing.
    """

    def decorate(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
        signature = inspect.signature(function)

        @functools.wraps(function)
        def converted(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
            bound = signature.bind(*args, **kwargs)
            for name in names:
                array = np.asarray(bound.arguments[name])
                if not array.size:
                    raise ValueError(f"{function.__name__}: {name} should not be empty.")
                floats = array.dtype in (np.float32, np.float64)
                bound.arguments[name] = array if floats else array.astype(np.float64)
            return function(*bound.args, **bound.kwargs)

        return converted

    return decorate


def _match(
    function: str,
    name: str,
    value: Any,
    specification: str,
    sizes: dict[str, tuple[tuple[int, ...], str]],
) -> None:
    axes = specification.split()
    try:
        shape = np.shape(value)
    except ValueError as error:
        raise ValueError(
            f"{function}: {name} should have shape {_wanted(axes)}, but its rows differ in length."
        ) from error
    starred = [axis for axis in axes if axis.startswith("*")]
    fixed = len(axes) - len(starred)
    fits = len(shape) >= fixed if starred else len(shape) == fixed
    clash = ""
    position = 0
    for axis in axes if fits else []:
        length = len(shape) - fixed if axis.startswith("*") else 1
        found = shape[position : position + length]
        position += length
        if axis.isdecimal():
            fits = fits and found == (int(axis),)
        elif axis not in sizes:
            sizes[axis] = (found, name)
        elif sizes[axis][0] != found:
            known, owner = sizes[axis]
            size = known if axis.startswith("*") else known[0]
            clash = f" with {axis.lstrip('*')} = {size} as in {owner}"
            fits = False
            break
    if not fits:
        raise ValueError(
            f"{function}: {name} should have shape {_wanted(axes)}{clash}, but has shape {shape}."
        )


def _wanted(axes: list[str]) -> str:
    named = [f"{axis[1:]}..." if axis.startswith("*") else axis for axis in axes]
    return f"({named[0]},)" if len(named) == 1 else f"({', '.join(named)})"
