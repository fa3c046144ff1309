"""Recognise in a wrong answer what people get wrong in every subject.

The results of an answer over all cases are held against the right ones. A relation
between them is told only when it holds wherever it could be told from the right
result, and when it could be told somewhere.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")
# Two numbers are the same relation's when they agree to this, relatively.
CLOSE = 1e-6
# No number that an exercise asks for is larger; what is has overflowed.
HUGE = 1e100


@dataclass(frozen=True)
class Pair:
    """What came and what is right in one case, as arrays of floats of any shape.

    `sizes` are the lengths of the axes of the case's arguments, in their order;
    `truths` says whether the right result is True and False.
    """

    found: np.ndarray
    right: np.ndarray
    sizes: tuple[int, ...] = ()
    arguments: tuple[Any, ...] = ()
    truths: bool = False

    @property
    def wrong(self) -> np.ndarray:
        """Where they differ, for a pair of the same shape."""
        return ~same(self.found, self.right)


Recognised = Callable[[Sequence[Pair]], str]


def diagnose(
    results: Sequence[Any],
    right: Sequence[Any],
    arguments: Sequence[tuple[Any, ...]] = (),
    reference: Callable[..., Any] | None = None,
) -> str:
    """Return a sentence on what is wrong with results that are wrong, or "".

    Args:
        results: what an answer returned, case by case.
        right: what it should have returned.
        arguments: what it was called with, case by case.
        reference: the right function, to see whether arguments were exchanged.
    """
    arguments = arguments or [()] * len(right)
    with np.errstate(all="ignore"):
        return (
            _text(results, right)
            or _parts(results, right, arguments)
            or _exchanged_arguments(results, arguments, reference)
        )


def same(one: Any, other: Any, tolerance: float = CLOSE) -> np.ndarray:
    """Say where two arrays of one shape hold the same, NaN and infinity included."""
    one, other = np.asarray(one, dtype=float), np.asarray(other, dtype=float)
    size = np.maximum(np.abs(one), np.abs(other))
    close = (np.abs(one - other) <= tolerance * (1e-3 + size)) & np.isfinite(size)
    return (one == other) | close | (np.isnan(one) & np.isnan(other))


# From answers to pairs of arrays


def _array(value: Any) -> np.ndarray | None:
    try:
        array = np.asarray(value)
    except Exception:
        return None
    return array.astype(float) if array.dtype.kind in "biuf" else None


def _pairs(
    results: Sequence[Any], right: Sequence[Any], arguments: Sequence[tuple[Any, ...]]
) -> list[Pair] | None:
    pairs = []
    for came, wanted, given in zip(results, right, arguments, strict=True):
        found, expected = _array(came), _array(wanted)
        if found is None or expected is None:
            return None
        shapes = [np.shape(one) for one in given if isinstance(one, np.ndarray | list | tuple)]
        truths = np.asarray(wanted).dtype == bool
        pairs.append(Pair(found, expected, tuple(itertools.chain(*shapes)), given, truths))
    return pairs


def _parts(
    results: Sequence[Any], right: Sequence[Any], arguments: Sequence[tuple[Any, ...]]
) -> str:
    """Diagnose each part of answers that have several, the others being right."""
    names = _names(right[0])
    if not names:
        pairs = _pairs(results, right, arguments)
        return _recognise(pairs) if pairs else ""
    if any(_names(one) != names for one in [*results, *right]):
        return _one_part(results, right, names)
    if isinstance(right[0], tuple) and _in_another_order(results, right):
        if len(names) == 2:
            return "you return the right two values in the wrong order: exchange them."
        return "you return the right values, but not in the order that is asked for."
    sentences = []
    for name, key in names.items():
        pairs = _pairs([one[key] for one in results], [one[key] for one in right], arguments)
        if pairs is None:
            return ""
        if all(pair.found.shape == pair.right.shape and not pair.wrong.any() for pair in pairs):
            continue
        sentences.append((name, _recognise(pairs)))
    if len({sentence for _, sentence in sentences}) != 1:
        told = [(name, sentence) for name, sentence in sentences if sentence]
        return f"look at {told[0][0]} first. {_capital(told[0][1])}" if told else ""
    if not sentences[0][1]:
        return ""
    if len(sentences) == len(names):
        return sentences[0][1]
    wrong = " and ".join(name for name, _ in sentences)
    return f"look at {wrong}; the rest is right. {_capital(sentences[0][1])}"


def _capital(sentence: str) -> str:
    return f"{sentence[0].upper()}{sentence[1:]}"


def _in_another_order(results: Sequence[Any], right: Sequence[tuple[Any, ...]]) -> bool:
    """Say whether the parts of all results are the right ones, ordered otherwise."""
    for order in itertools.permutations(range(len(right[0]))):
        turned = [tuple(one[place] for place in order) for one in right]
        if all(map(_agree, results, turned)) and not all(map(_agree, right, turned)):
            return True
    return False


def _one_part(results: Sequence[Any], right: Sequence[Any], names: dict[str, Any]) -> str:
    """Recognise one of the parts alone, and rows of all parts where all of each are asked for."""
    for name, key in names.items():
        if all(_agree(one, two[key]) for one, two in zip(results, right, strict=True)):
            return f"that is {name} alone. All {len(names)} are asked for, in one return."
    if isinstance(right[0], tuple) and all(
        isinstance(one, list | tuple | np.ndarray)
        and len(one)
        and _agree(_columns(one, len(names)), two)
        for one, two in zip(results, right, strict=True)
    ):
        return (
            "your values are right, but they come row by row. Return one array for each of the "
            f"{len(names)} values."
        )
    return ""


def _columns(rows: Any, count: int) -> Any:
    try:
        columns = tuple(map(np.asarray, zip(*rows, strict=True)))
    except (TypeError, ValueError):
        return None
    return columns if len(columns) == count else None


def _names(value: Any) -> dict[str, Any]:
    """Return the parts of an answer that has several, by the names they get in sentences."""
    if isinstance(value, dict):
        return {f"the entry {key!r}": key for key in value}
    if isinstance(value, tuple) and 1 < len(value) <= len(ORDINALS):
        return {f"the {ORDINALS[i]} value": i for i in range(len(value))}
    return {}


# Relations of arrays


def _recognise(pairs: Sequence[Pair]) -> str:
    if any(pair.found.shape != pair.right.shape for pair in pairs):
        relations: Sequence[Recognised] = SHAPES
    elif not any(pair.wrong.any() for pair in pairs):
        return ""
    else:
        relations = TRUTHS if all(pair.truths for pair in pairs) else VALUES
    return next(filter(None, (relation(pairs) for relation in relations)), "")


def _bent(pairs: Sequence[Pair], bend: Callable[..., np.ndarray], *how: Any) -> bool:
    """Say whether all that could tell is the right result, bent."""
    telling = 0
    for pair in pairs:
        bent = bend(pair.right, *how)
        if bent.shape != pair.found.shape or not same(bent, pair.found).all():
            return False
        telling += int(bent.shape != pair.right.shape or not same(bent, pair.right).all())
    return telling > 0


def _bend(bend: Callable[[np.ndarray], np.ndarray], sentence: str) -> Recognised:
    """Recognise a relation that is a function of the right result."""
    return lambda pairs: sentence if _bent(pairs, bend) else ""


def _telling(pairs: Sequence[Pair]) -> tuple[np.ndarray, np.ndarray]:
    found = np.concatenate([pair.found.ravel() for pair in pairs])
    right = np.concatenate([pair.right.ravel() for pair in pairs])
    return found, right


def _ratios(pairs: Sequence[Pair]) -> list[float] | None:
    """Return the factor of each case, or None where a case has none of its own."""
    factors = []
    for pair in pairs:
        there = pair.right != 0
        if not np.isfinite(pair.found).all() or pair.found[~there].any():
            return None
        ratios = pair.found[there] / pair.right[there]
        if ratios.size and not same(ratios, ratios[0]).all():
            return None
        factors.append(float(ratios[0]) if ratios.size else math.nan)
    return factors


def _factor(pairs: Sequence[Pair]) -> str:
    factors = _ratios(pairs)
    if factors is None:
        return ""
    known = np.array([factor for factor in factors if not math.isnan(factor)])
    if not known.any():
        return ""
    if same(known, known[0]).all():
        for factor, sentence in FACTORS.items():
            if same(known[0], factor):
                return sentence
    for name, of_size in SIZES.items():
        for axis in range(min(len(pair.sizes) for pair in pairs)):
            wanted = [of_size(pair.sizes[axis]) for pair in pairs]
            there = ~np.isnan(factors)
            if same(np.array(factors)[there], np.array(wanted)[there]).all():
                return name
    _, right = _telling(pairs)
    several = len({f"{abs(value):.9g}" for value in right if value}) > 1
    if several and same(known, known[0]).all():
        return (
            f"your result is {known[0]:.4g} times the right one, always. "
            "Which constant factor is missing, or too many?"
        )
    return ""


FACTORS = {
    -1.0: "your result has the right size and the wrong sign, always: is something subtracted "
    "the wrong way round, or a minus missing?",
    2.0: "your result is exactly twice the right one, always: is there a factor 2 too many, "
    "or a mean over two missing?",
    0.5: "your result is exactly half of the right one, always: is a factor 2 missing, "
    "or one half too many?",
    -2.0: "your result is twice as large as the right one and has the wrong sign, always.",
    -0.5: "your result is half as large as the right one and has the wrong sign, always.",
    100.0: "your result is a hundred times the right one, always: are these percent, where a "
    "share is asked for?",
    0.01: "your result is a hundredth of the right one, always: is this a share, where percent "
    "are asked for?",
    10.0: "your result is ten times the right one, always: is a decimal point in the wrong place?",
    0.1: "your result is a tenth of the right one, always: is a decimal point in the wrong place?",
    1000.0: "your result is a thousand times the right one, always: look at the units.",
    0.001: "your result is a thousandth of the right one, always: look at the units.",
    1 / math.log(2): "your logarithm has base 2 (always 1.4427 times the right result): the "
    "natural one is asked for.",
    1 / math.log(10): "your logarithm has base 10 (always 0.4343 times the right result): the "
    "natural one is asked for.",
    math.log(2): "your logarithm is the natural one (always 0.6931 times the right result): "
    "base 2 is asked for.",
    math.log(10): "your logarithm is the natural one (always 2.3026 times the right result): "
    "base 10 is asked for.",
    180 / math.pi: "your angles are in degrees: radians are asked for.",
    math.pi / 180: "your angles are in radians: degrees are asked for.",
}

SIZES: dict[str, Callable[[int], float]] = {
    "your result is too large by how many there are: did you sum where a mean is asked for?": (
        lambda n: float(n)
    ),
    "your result is too small by how many there are: did you divide by their number, "
    "where a sum is asked for?": lambda n: 1 / n if n else math.nan,
    "your result is too large by n / (n - 1): divide by n, not by n - 1.": (
        lambda n: n / (n - 1) if n > 1 else math.nan
    ),
    "your result is too small by (n - 1) / n: divide by n - 1, not by n.": (
        lambda n: (n - 1) / n if n > 1 else math.nan
    ),
    "your result is too large by the root of n / (n - 1): divide by n, not by n - 1.": (
        lambda n: math.sqrt(n / (n - 1)) if n > 1 else math.nan
    ),
    "your result is too small by the root of (n - 1) / n: divide by n - 1, not by n.": (
        lambda n: math.sqrt((n - 1) / n) if n > 1 else math.nan
    ),
    "your result is too large by the root of how many there are.": lambda n: math.sqrt(n),
    "your result is too small by the root of how many there are.": (
        lambda n: 1 / math.sqrt(n) if n else math.nan
    ),
}


def _offset(pairs: Sequence[Pair]) -> str:
    found, right = _telling(pairs)
    if not (np.isfinite(found).all() and np.isfinite(right).all()):
        return ""
    gaps = found - right
    if len({f"{value:.9g}" for value in right}) < 2 or not same(gaps, gaps[0]).all():
        return ""
    if same(np.abs(gaps[0]), 1.0):
        way = "more" if gaps[0] > 0 else "less"
        return (
            f"your result is one {way} than the right one, always: where does counting begin, "
            "and does the last one count?"
        )
    return f"your result is {gaps[0]:+.4g} off, always: which constant is added or left out?"


def _zero(pairs: Sequence[Pair]) -> str:
    found, _ = _telling(pairs)
    if found.any() or len(found) < 2:
        return ""
    return (
        "your result is 0 everywhere. Is something made whole on the way (int, //, an array of "
        "whole numbers), or is what you compute never put in?"
    )


def _doubled_and_moved(pairs: Sequence[Pair]) -> str:
    """Recognise twice the right result less one, and its like."""
    for factor, constant in itertools.product((2, 0.5, -1, -2, -0.5), (1, -1, 2, -2, 0.5, -0.5)):
        _, right = _telling(pairs)
        several = len({f"{value:.9g}" for value in right}) > 2
        if several and _bent(pairs, lambda right, a=factor, b=constant: a * right + b):
            way = "plus" if constant > 0 else "less"
            return (
                f"your result is {factor:g} times the right one {way} {abs(constant):g}, always: "
                "is it measured on another scale?"
            )
    return ""


def _capped(pairs: Sequence[Pair]) -> str:
    """Recognise what stays at a constant where the right result goes on."""
    found, right = _telling(pairs)
    wrong = ~same(found, right)
    if wrong.sum() < 2 or wrong.all() or not np.isfinite(found[wrong]).all():
        return ""
    limit = found[wrong][0]
    beyond = right[wrong]
    if not same(found[wrong], limit).all() or len({f"{value:.9g}" for value in beyond}) < 2:
        return ""
    inside = right[~wrong]
    if (beyond > limit).all() and (inside <= limit + CLOSE).all():
        way = "above"
    elif (beyond < limit).all() and (inside >= limit - CLOSE).all():
        way = "below"
    else:
        return ""
    return (
        f"right, but your result never goes {way} {limit:.4g}: does something clip it, or does a "
        "small number that you add hold it?"
    )


def _said(pairs: Sequence[Pair]) -> str:
    """Say which way True and False are wrong when it is the same way everywhere."""
    found, right = _telling(pairs)
    if not np.isin(found, (0, 1)).all() or len(found) < 2:
        return ""
    if (found > 0).all():
        return "you say True everywhere."
    if not found.any():
        return "you say False everywhere."
    if (found >= right).all():
        return "where True is right you say so, but you say True in some other places, too."
    if (found <= right).all():
        return "where you say True it is right, but you say False in some places that are True."
    return ""


def _shift(pairs: Sequence[Pair]) -> str:
    """Recognise what was moved by one place along an axis, whatever filled the gap."""
    for axis in range(min(pair.right.ndim for pair in pairs)):
        for way, (kept, moved) in {
            "later": (slice(1, None), slice(None, -1)),
            "earlier": (slice(None, -1), slice(1, None)),
        }.items():
            told = 0
            for pair in pairs:
                found, right = np.moveaxis(pair.found, axis, 0), np.moveaxis(pair.right, axis, 0)
                if len(right) < 3 or not same(found[kept], right[moved]).all():
                    break
                # What stays where it is when moved cannot tell.
                told += int(not same(right[kept], right[moved]).all())
            else:
                if told:
                    return (
                        f"your values are the right ones, each one place {way} than it should be."
                    )
    return ""


def _mirrored(pairs: Sequence[Pair]) -> str:
    for axis in range(min(pair.right.ndim for pair in pairs)):
        if _bent(pairs, np.flip, axis):
            return "your values are the right ones in reverse order."
    return ""


def _transposed(pairs: Sequence[Pair]) -> str:
    dimensions = pairs[0].right.ndim
    if dimensions < 2 or any(pair.right.ndim != dimensions for pair in pairs):
        return ""
    for order in itertools.permutations(range(dimensions)):
        if _bent(pairs, np.transpose, order):
            if dimensions == 2:
                return "your result is the right one, transposed: rows and columns are exchanged."
            return "your result is the right one with its axes in another order."
    return ""


def _permuted(pairs: Sequence[Pair]) -> str:
    alike = all(same(np.sort(pair.found, None), np.sort(pair.right, None)).all() for pair in pairs)
    if alike and all(pair.right.size > 2 for pair in pairs if pair.wrong.any()):
        return "your values are the right ones in another order."
    return ""


def _unnormalised(pairs: Sequence[Pair]) -> str:
    """Recognise shares that add up along another axis than they should, or not at all."""
    for axis in range(min(pair.right.ndim for pair in pairs)):
        if not all(
            same(pair.right.sum(axis), 1).all() and (pair.right >= 0).all() for pair in pairs
        ):
            continue
        for other in range(min(pair.right.ndim for pair in pairs)):
            if other != axis and all(same(pair.found.sum(other), 1).all() for pair in pairs):
                return (
                    f"your shares add up to one along axis {other}; they should do so along "
                    f"axis {axis}. Look at the axis of the sum."
                )
        if all(same(pair.found.sum(), 1) for pair in pairs) and pairs[0].right.ndim > 1:
            return (
                "all your shares together add up to one; they should do so along "
                f"axis {axis} each. Give the sum its axis, and keepdims=True."
            )
        proportional = [
            same(pair.found / pair.found.sum(axis, keepdims=True), pair.right).all()
            for pair in pairs
        ]
        if all(proportional):
            return (
                f"your shares have the right proportions, but do not add up to one along axis "
                f"{axis}: divide by their sum."
            )
    return ""


def _unfinite(pairs: Sequence[Pair]) -> str:
    """Recognise results that are right but where a number ran over, or was none."""
    broken, right = 0, 0
    for pair in pairs:
        there = (~np.isfinite(pair.found) | (np.abs(pair.found) > HUGE)) & (
            np.isfinite(pair.right) & (np.abs(pair.right) <= HUGE)
        )
        if (pair.wrong & ~there).any():
            return ""
        broken += int(there.sum())
        right += int((~there).sum())
    if not (broken and right):
        return ""
    found, _ = _telling(pairs)
    if np.isfinite(found).all():
        return (
            "right, but for large numbers, where your result is a huge one: what overflowed is "
            "still there, only made finite. Rewrite the formula so that nothing overflows."
        )
    if np.isnan(found).any():
        return (
            "right, but for numbers at the edge, where NaN comes out: a zero divided by zero, "
            "or infinity less infinity. Rewrite the formula so that no such step occurs, or "
            "treat that case apart."
        )
    return (
        "right, but for large numbers, where your result runs over to infinity. "
        "Rewrite the formula so that the exponential gets no large argument and the logarithm "
        "no zero."
    )


def _rounded(pairs: Sequence[Pair]) -> str:
    if sum(int(pair.wrong.sum()) for pair in pairs) < 2:
        return ""
    for digits in range(1, 8):
        if _bent(pairs, np.round, digits):
            return f"your result is right to {digits} digits behind the point: do not round it."
    return ""


def _imprecise(pairs: Sequence[Pair]) -> str:
    found, right = _telling(pairs)
    if not np.isfinite(found).all() or not np.isfinite(right).all():
        return ""
    distance = np.abs(found - right)
    scale = np.maximum(np.abs(right), 1e-3 * np.abs(right).max(initial=0))
    if (distance > 5e-3 * scale).any():
        return ""
    if all(same(one, np.round(one)).all() for one in (found, right)):
        return "your numbers are nearly right: is a small part missing, or one too many?"
    wrong = ~same(found, right)
    if wrong.mean() > 0.5 or wrong.sum() < 3:
        return (
            "your result is nearly right. Do you round on the way, add a small constant, or "
            "compute with fewer digits (float16, float32)?"
        )
    return ""


def _whole(pairs: Sequence[Pair]) -> str:
    ways = (np.floor, np.ceil, np.round, np.trunc)
    # Ones and zeros where shares are asked for are a choice, and not rounded shares.
    if max(float(np.abs(pair.right).max(initial=0)) for pair in pairs) <= 1:
        return ""
    if any(_bent(pairs, way) for way in ways):
        return "your result is the right one made whole: is // used for /, or int() or round()?"
    return ""


def _rounded_the_other_way(pairs: Sequence[Pair]) -> str:
    """Recognise whole numbers that are one off, but not everywhere."""
    found, right = _telling(pairs)
    if not (same(found, np.round(found)).all() and same(right, np.round(right)).all()):
        return ""
    gaps = set(found - right)
    if len(pairs) < 2 or gaps not in ({0.0, 1.0}, {0.0, -1.0}):
        return ""
    return (
        f"your result is right in some cases and one {'more' if 1.0 in gaps else 'less'} in "
        "others: look at how you round, and at what counts when two are equal or the last one "
        "fits exactly."
    )


def _where(pairs: Sequence[Pair]) -> str:
    """Say which places of an array are right when the wrong ones stand together."""
    if any(pair.right.ndim == 0 or len(pair.right) < 3 for pair in pairs):
        return ""
    rows = [pair.wrong.reshape(len(pair.wrong), -1).any(axis=1) for pair in pairs]
    places = {
        "only the first is right. Does your function work for one example, and not for several "
        "at once? Where each value builds on the one before, look at the second.": lambda row: (
            not row[0] and row[1:].all()
        ),
        "right but for the first: how does it begin?": lambda row: row[0] and not row[1:].any(),
        "right but for the last: does a range end too early?": (
            lambda row: row[-1] and not row[:-1].any()
        ),
        "right in the middle and wrong at both ends: look at the edges.": (
            lambda row: row[0] and row[-1] and not row[1:-1].any()
        ),
    }
    for sentence, fits in places.items():
        wrong = [row for row in rows if row.any()]
        if all(fits(row) for row in wrong):
            return sentence
    return ""


def _input_returned(pairs: Sequence[Pair]) -> str:
    for place in range(min(len(pair.arguments) for pair in pairs)):
        given = [_array(pair.arguments[place]) for pair in pairs]
        if all(
            one is not None and one.shape == pair.found.shape and same(one, pair.found).all()
            for one, pair in zip(given, pairs, strict=True)
        ):
            return f"you return the {ORDINALS[place]} argument unchanged."
    return ""


def _constant(pairs: Sequence[Pair]) -> str:
    """Recognise an answer that does not look at its arguments."""
    found, right = _telling(pairs)
    shapes = {pair.found.shape for pair in pairs}
    if len(pairs) < 2 or len(shapes) != 1 or same(right, right[0]).all():
        return ""
    if all(same(pair.found, pairs[0].found).all() for pair in pairs) and np.isfinite(found).all():
        return "your result is the same in every case: does it use its arguments?"
    return ""


# Relations of shapes


def _reduced(pairs: Sequence[Pair]) -> str:
    """Recognise a sum or mean that is still to be taken, or was taken too early."""
    ways: dict[str, Callable[[np.ndarray], Any]] = {
        "mean": np.mean,
        "sum": np.sum,
        "largest": np.max,
    }
    for name, way in ways.items():
        if all(pair.right.ndim == 0 and pair.found.size > 1 for pair in pairs) and all(
            same(way(pair.found), pair.right) for pair in pairs
        ):
            return f"you return every single value; what is asked for is their {name}."
        if all(pair.found.ndim == 0 and pair.right.size > 1 for pair in pairs) and all(
            same(way(pair.right), pair.found) for pair in pairs
        ):
            return f"you return the {name} of all values; each of them is asked for."
    return ""


def _extra_axis(pairs: Sequence[Pair]) -> str:
    alike = [
        np.squeeze(pair.found).shape == np.squeeze(pair.right).shape
        and same(np.squeeze(pair.found), np.squeeze(pair.right)).all()
        for pair in pairs
    ]
    if not all(alike):
        return ""
    pair = next(pair for pair in pairs if pair.found.shape != pair.right.shape)
    more = pair.found.ndim > pair.right.ndim
    return (
        f"your numbers are right, but their shape is {pair.found.shape} and should be "
        f"{pair.right.shape}: {'an axis of length one too many' if more else 'an axis is missing'}."
    )


def _flattened(pairs: Sequence[Pair]) -> str:
    if all(
        pair.found.size == pair.right.size and same(pair.found.ravel(), pair.right.ravel()).all()
        for pair in pairs
    ):
        pair = next(pair for pair in pairs if pair.found.shape != pair.right.shape)
        return (
            f"your numbers are right, but their shape is {pair.found.shape} and should be "
            f"{pair.right.shape}: reshape them."
        )
    return ""


def _other_axis(pairs: Sequence[Pair]) -> str:
    """Recognise one result a column where one a row is asked for, by the arguments' shapes."""
    for pair in pairs:
        tables = [np.shape(one) for one in pair.arguments if np.ndim(one) == 2]
        if not any(
            {pair.found.shape, pair.right.shape} == {shape[:1], shape[1:]} and shape[0] != shape[1]
            for shape in tables
        ):
            return ""
    rows = pairs[0].right.shape[0]
    return (
        f"there should be {rows} values, one for each {_row_or_column(pairs[0])}: "
        "you have taken the other axis."
    )


def _row_or_column(pair: Pair) -> str:
    rows = {np.shape(one)[0] for one in pair.arguments if np.ndim(one) == 2}
    return "row" if pair.right.shape[0] in rows else "column"


def _length(pairs: Sequence[Pair]) -> str:
    """Recognise what has an end too many or too few."""
    if any(pair.found.ndim != 1 or pair.right.ndim != 1 for pair in pairs):
        return ""
    cuts: dict[str, Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]] = {
        "your values are right, but the last one is missing: does a range end too early?": (
            lambda found, right: (found, right[:-1])
        ),
        "your values are right, but the first one is missing: where does it begin?": (
            lambda found, right: (found, right[1:])
        ),
        "your values are right, but there is one too many at the end.": (
            lambda found, right: (found[:-1], right)
        ),
        "your values are right, but there is one too many at the beginning.": (
            lambda found, right: (found[1:], right)
        ),
    }
    for sentence, cut in cuts.items():
        held = [cut(pair.found, pair.right) for pair in pairs]
        if all(len(one) and one.shape == two.shape and same(one, two).all() for one, two in held):
            return sentence
    return ""


SHAPES: Sequence[Recognised] = (
    _transposed,
    _extra_axis,
    _flattened,
    _reduced,
    _length,
    _other_axis,
)

VALUES: Sequence[Recognised] = (
    _unfinite,
    _zero,
    _factor,
    _bend(np.negative, FACTORS[-1.0]),
    _bend(
        lambda right: 1 - right,
        "your result is one minus the right one, always: which of the two shares is asked for?",
    ),
    _bend(np.square, "your result is the square of the right one: is a root missing?"),
    _bend(np.sqrt, "your result is the root of the right one: is a root too many?"),
    _bend(
        lambda right: 1 / right, "your result is one over the right one: what is divided by what?"
    ),
    _bend(np.exp, "your result is e to the power of the right one: is a logarithm missing?"),
    _bend(np.log, "your result is the logarithm of the right one: is one too many?"),
    _bend(np.abs, "your result has lost the sign of the right one."),
    _bend(
        lambda right: np.maximum(right, 0),
        "your result is zero where a number below zero is right.",
    ),
    _offset,
    _doubled_and_moved,
    _capped,
    _transposed,
    _mirrored,
    _shift,
    _unnormalised,
    _bend(
        lambda right: np.cumsum(right, -1) if right.ndim else right,
        "your values are the running sums of the right ones.",
    ),
    _whole,
    _rounded,
    _imprecise,
    _input_returned,
    _constant,
    _permuted,
    _where,
    _rounded_the_other_way,
)

TRUTHS: Sequence[Recognised] = (
    _bend(lambda right: 1 - right, "you say True where False is right, and False where True is."),
    _transposed,
    _mirrored,
    _shift,
    _said,
    _where,
)


# Texts, and arguments


def _text(results: Sequence[Any], right: Sequence[Any]) -> str:
    """Recognise what is wrong with texts, or with lists of them."""
    listed = all(isinstance(one, list) and one and isinstance(one[0], str) for one in right)
    if all(isinstance(one, str) for one in [*results, *right]):
        ways: dict[str, Callable[[Any], Any]] = {
            "your text is right but for capital letters.": str.lower,
            "your text is right but for blanks and line breaks.": lambda one: "".join(one.split()),
            "your text has the right characters in reverse order.": lambda one: one,
        }
        for sentence, way in ways.items():
            turned = "reverse" in sentence
            if all(
                way(came[::-1] if turned else came) == way(wanted)
                for came, wanted in zip(results, right, strict=True)
            ):
                return sentence
        return ""
    if not listed or not all(isinstance(one, list | tuple) for one in results):
        return ""
    came = [list(one) for one in results]
    pairs = list(zip(came, right, strict=True))
    if all(one[::-1] == two for one, two in pairs):
        return "your list holds the right entries in reverse order."
    if all(sorted(map(str, one)) == sorted(map(str, two)) for one, two in pairs):
        return "your list holds the right entries in another order."
    if all(one == two[:-1] for one, two in pairs):
        return "your list is right, but its last entry is missing: does a loop end too early?"
    if all(one == two[1:] for one, two in pairs):
        return "your list is right, but its first entry is missing: where does it begin?"
    if all(set(map(str, one)) == set(map(str, two)) for one, two in pairs):
        return "your list holds the right entries, but some of them too often or not often enough."
    return ""


def _exchanged_arguments(
    results: Sequence[Any],
    arguments: Sequence[tuple[Any, ...]],
    reference: Callable[..., Any] | None,
) -> str:
    if reference is None:
        return ""
    count = min(map(len, arguments))
    for one, other in itertools.combinations(range(min(count, 4)), 2):
        if _with_exchanged(results, arguments, reference, one, other):
            return (
                f"your result is what comes out when the {ORDINALS[one]} and the "
                f"{ORDINALS[other]} argument are exchanged."
            )
    return ""


def _with_exchanged(
    results: Sequence[Any],
    arguments: Sequence[tuple[Any, ...]],
    reference: Callable[..., Any],
    one: int,
    other: int,
) -> bool:
    for result, given in zip(results, arguments, strict=True):
        changed = list(given)
        changed[one], changed[other] = changed[other], changed[one]
        try:
            wanted = reference(*changed)
        except Exception:
            return False
        if not _agree(result, wanted):
            return False
    return True


def _agree(found: Any, right: Any) -> bool:
    """Say whether two numbers, arrays, or tuples of them are the same."""
    return all(
        one is not None and two is not None and one.shape == two.shape and same(one, two).all()
        for one, two in _leaves(found, right)
    )


def _leaves(found: Any, right: Any) -> Iterator[tuple[np.ndarray | None, np.ndarray | None]]:
    if isinstance(right, tuple) and isinstance(found, tuple) and len(found) == len(right):
        for one, other in zip(found, right, strict=True):
            yield from _leaves(one, other)
    else:
        yield _array(found), _array(right)


# One value, which must not be told


def diagnose_value(found: Any, right: Any) -> str:
    """Return a sentence on a number that is wrong, which does not give away the right one."""
    came, wanted = _array(found), _array(right)
    if came is None or wanted is None or came.size != 1 or wanted.size != 1:
        return ""
    number, goal = float(came.ravel()[0]), float(wanted.ravel()[0])
    if not (math.isfinite(number) and math.isfinite(goal)):
        return ""
    ratio = number / goal if goal else math.nan
    powers = {10.0**power for power in range(-6, 7)} - {1.0}
    bases = {math.log(2), math.log(10), math.log2(10)}
    relations = {
        "the size is right, the sign is wrong.": ratio == -1,
        "a factor 2 is missing, or one is too many.": bool(same(abs(ratio), [2, 0.5]).any()),
        "you are off by a power of ten: look at the units, or at the decimal point.": bool(
            same(ratio, sorted(powers)).any()
        ),
        "that is the other share: of the two, look at which one is asked for.": (
            0 < goal < 1 and bool(same(1 - number, goal))
        ),
        "your logarithm has another base than it should.": bool(
            same(ratio, [*bases, *(1 / base for base in bases)]).any()
        ),
        "is a root missing?": bool(same(number, goal**2)) and abs(goal) != 1,
        "is a root too many?": number > 0 and bool(same(number**2, goal)),
        "turn the division round: what is divided by what?": bool(same(number * goal, 1)),
        "nearly right: give more digits, and do not round on the way.": (
            abs(number - goal) <= 5e-3 * abs(goal)
        ),
    }
    for sentence, holds in relations.items():
        if holds:
            return sentence
    return f"your number is too {'large' if number > goal else 'small'}."
