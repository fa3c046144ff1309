"""Automatic differentiation of scalars, in reverse: gradients of any expression.

Every operation returns a `Value` that remembers the values it was made of and
how fast it changes with each of them. `differentiate` walks from the result to the
inputs and multiplies these slopes along the way (the chain rule), adding up
where several ways lead to the same value.

Source: Linnainmaa (1976), Taylor expansion of the accumulated rounding error,
BIT 16(2), which has the method (first in his Master's thesis, Helsinki 1970);
Rumelhart, Hinton and Williams (1986), Learning representations by
back-propagating errors, Nature 323, for neural networks; Baydin, Pearlmutter,
Radul and Siskind (2018), Automatic Differentiation in Machine Learning: a
Survey, Journal of Machine Learning Research 18(153), section 3.2.

Numbers are Python floats. What the real numbers do not have, such as the
logarithm of 0, raises the ValueError, ZeroDivisionError or OverflowError of
Python's `math`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence


def as_value(number: Value | float) -> Value:
    """Return `number` as a `Value`: itself if it is one already, otherwise a new input."""
    return number if isinstance(number, Value) else Value(number)


def add(a: Value | float, b: Value | float) -> Value:
    """Return a + b; slopes 1 and 1."""
    a, b = as_value(a), as_value(b)
    return Value(a.number + b.number, "+", [(a, 1.0), (b, 1.0)])


def subtract(a: Value | float, b: Value | float) -> Value:
    """Return a - b; slopes 1 and -1."""
    a, b = as_value(a), as_value(b)
    return Value(a.number - b.number, "−", [(a, 1.0), (b, -1.0)])


def multiply(a: Value | float, b: Value | float) -> Value:
    """Return a b; slopes b and a."""
    a, b = as_value(a), as_value(b)
    return Value(a.number * b.number, "×", [(a, b.number), (b, a.number)])


def divide(a: Value | float, b: Value | float) -> Value:
    """Return a / b; slopes 1 / b and -a / b^2."""
    a, b = as_value(a), as_value(b)
    quotient = a.number / b.number
    return Value(quotient, "/", [(a, 1 / b.number), (b, -quotient / b.number)])


def power(a: Value, exponent: float) -> Value:
    """Return a^c for a constant c; slope c a^(c - 1).

    Raises:
        TypeError: when the exponent is a `Value`; write exp(b * log(a)).
        ValueError: when a^c or its slope is no real number.
    """
    slope = exponent * math.pow(a.number, exponent - 1) if exponent else 0.0
    return Value(math.pow(a.number, exponent), f"^{exponent}", [(a, slope)])


def exp(a: Value) -> Value:
    """Return e^a; the slope is e^a again."""
    result = math.exp(a.number)
    return Value(result, "exp", [(a, result)])


def log(a: Value) -> Value:
    """Return the natural logarithm; slope 1 / a."""
    return Value(math.log(a.number), "log", [(a, 1 / a.number)])


def tanh(a: Value) -> Value:
    """Return the hyperbolic tangent t; slope 1 - t^2."""
    result = math.tanh(a.number)
    return Value(result, "tanh", [(a, 1 - result**2)])


def sigmoid(a: Value) -> Value:
    """Return s = 1 / (1 + e^-a), as (1 + tanh(a / 2)) / 2; slope s (1 - s)."""
    result = 0.5 + 0.5 * math.tanh(0.5 * a.number)
    return Value(result, "sigmoid", [(a, result * (1 - result))])


def relu(a: Value) -> Value:
    """Return max(a, 0); slope 1 where a > 0, otherwise 0."""
    return Value(max(a.number, 0.0), "relu", [(a, 1.0 if a.number > 0 else 0.0)])


class Value:
    """A number that remembers where it came from.

    The operators + - * / ** make new values, also together with plain numbers.

    Attributes:
        number: the value.
        operation: what made it, as in "+"; "" for an input.
        inputs: pairs of a value it was made of and the slope, the derivative
            of this number with respect to that one.
        gradient: the derivative of the result with respect to this number,
            once `differentiate` has been called on a result; 0.0 before.

    Raises:
        TypeError: when `number` is no real number.

    Example:
        >>> x = Value(3.0)
        >>> differentiate(x * x + 2 * x)
        >>> x.gradient
        8.0
    """

    def __init__(
        self, number: float, operation: str = "", inputs: Sequence[tuple[Value, float]] = ()
    ) -> None:
        self.number = float(number)
        self.operation = operation
        self.inputs = inputs
        self.gradient = 0.0

    def __rsub__(self, other: float) -> Value:
        return subtract(other, self)

    def __rtruediv__(self, other: float) -> Value:
        return divide(other, self)

    __add__ = __radd__ = add
    __mul__ = __rmul__ = multiply
    __sub__ = subtract
    __truediv__ = divide
    __pow__ = power


def in_order(result: Value) -> list[Value]:
    """Return every value that `result` was made of, each after its own inputs.

    A list of values still to visit takes the place of recursion, so that the
    expression may be as deep as memory allows.
    """
    order, done, waiting = [], set(), [result]
    while waiting:
        value = waiting[-1]
        missing = [source for source, _ in value.inputs if source not in done]
        if missing:
            waiting.extend(missing)
        elif waiting.pop() not in done:
            done.add(value)
            order.append(value)
    return order


def differentiate(result: Value) -> None:
    """Set the gradient of `result` with respect to every value that it was made of.

    Gradients of an earlier call are forgotten.
    """
    order = in_order(result)
    for value in order:
        value.gradient = 0.0
    result.gradient = 1.0
    for value in reversed(order):
        for source, slope in value.inputs:
            source.gradient += slope * value.gradient
