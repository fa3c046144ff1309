"""What people get wrong in every subject is recognised, whatever the right results are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.exercises.diagnosis import diagnose, diagnose_value

CASES = 3


def numbers(generator, shape, positive=False):
    """Draw numbers of which no two are alike, none near 0 or 1."""
    size = int(np.prod(shape))
    drawn = 1.3 + generator.permutation(size) + generator.uniform(0, 0.6, size)
    signs = 1 if positive else generator.choice([-1, 1], size)
    return (drawn * signs).reshape(shape)


def shares(generator, shape):
    drawn = generator.uniform(0.1, 1, shape)
    return drawn / drawn.sum(-1, keepdims=True)


def scalars(generator):
    lengths = 3 + generator.permutation(5)[:CASES]
    given = [(generator.normal(size=length),) for length in lengths]
    return list(numbers(generator, CASES)), given


def arrays(generator, dimensions=None, positive=False):
    """Results of one to three axes of different lengths, and what they were made from."""
    dimensions = dimensions or generator.integers(1, 4)
    right, given = [], []
    for _ in range(CASES):
        shape = tuple(4 + generator.permutation(5)[:dimensions])
        right.append(numbers(generator, shape, positive))
        given.append((generator.normal(size=shape),))
    return right, given


def lengths(given):
    return [len(one[0]) for one in given]


# Each: how results are drawn, how they are bent, and what is said of them.
BENT = {
    "sign": (arrays, lambda right, _: -right, "wrong sign"),
    "sign of a number": (scalars, lambda right, _: -right, "wrong sign"),
    "factor 2": (arrays, lambda right, _: 2 * right, "twice"),
    "factor 2 of a number": (scalars, lambda right, _: 2 * right, "twice"),
    "half": (arrays, lambda right, _: right / 2, "half"),
    "percent": (arrays, lambda right, _: 100 * right, "percent"),
    "ten": (arrays, lambda right, _: 10 * right, "ten times"),
    "another factor": (arrays, lambda right, _: 3.7 * right, "3.7 times"),
    "sum for mean": (scalars, lambda right, given: right * len(given[0]), "sum where a mean"),
    "mean for sum": (scalars, lambda right, given: right / len(given[0]), "where a sum"),
    "ddof 1 for 0": (
        scalars,
        lambda right, given: right * len(given[0]) / (len(given[0]) - 1),
        "divide by n, not by n - 1",
    ),
    "deviation, ddof 1 for 0": (
        scalars,
        lambda right, given: right * np.sqrt(len(given[0]) / (len(given[0]) - 1)),
        "divide by n, not by n - 1",
    ),
    "deviation, ddof 0 for 1": (
        scalars,
        lambda right, given: right * np.sqrt(1 - 1 / len(given[0])),
        "divide by n - 1",
    ),
    "base 2": (arrays, lambda right, _: right / np.log(2), "base 2"),
    "base 10": (arrays, lambda right, _: right / np.log(10), "base 10"),
    "degrees": (arrays, lambda right, _: np.degrees(right), "degrees"),
    "offset": (arrays, lambda right, _: right + 0.73, "+0.73 off"),
    "one more": (scalars, lambda right, _: right + 1, "one more"),
    "one less": (arrays, lambda right, _: right - 1, "one less"),
    "complement": (
        lambda generator: ([shares(generator, (5,)) for _ in range(CASES)], [()] * CASES),
        lambda right, _: 1 - right,
        "one minus",
    ),
    "square": (arrays, lambda right, _: right**2, "square"),
    "root": (lambda g: arrays(g, positive=True), lambda right, _: np.sqrt(right), "the root of"),
    "reciprocal": (arrays, lambda right, _: 1 / right, "one over"),
    "exponential": (arrays, lambda right, _: np.exp(right), "e to the power"),
    "logarithm": (
        lambda g: arrays(g, positive=True),
        lambda right, _: np.log(right),
        "the logarithm of",
    ),
    "absolute": (arrays, lambda right, _: np.abs(right), "lost the sign"),
    "clipped": (arrays, lambda right, _: np.maximum(right, 0), "zero where"),
    "transposed": (lambda g: arrays(g, 2), lambda right, _: right.T, "transposed"),
    "three axes": (
        lambda g: arrays(g, 3),
        lambda right, _: right.transpose(2, 0, 1),
        "another order",
    ),
    "reversed": (arrays, lambda right, _: right[::-1], "reverse order"),
    "later": (arrays, lambda right, _: np.roll(right, 1, axis=0), "one place later"),
    "earlier": (
        lambda g: arrays(g, 1),
        lambda right, _: np.append(right[1:], 0),
        "one place earlier",
    ),
    "shares along the other axis": (
        lambda g: ([shares(g, (4, 5)) for _ in range(CASES)], [()] * CASES),
        lambda right, _: right / right.sum(0),
        "along axis 0; they should do so along axis 1",
    ),
    "shares of everything": (
        lambda g: ([shares(g, (4, 5)) ** 1 for _ in range(CASES)], [()] * CASES),
        lambda right, _: (
            (right * np.arange(1, 5)[:, None]) / (right * np.arange(1, 5)[:, None]).sum()
        ),
        "all your shares together",
    ),
    "shares not divided": (
        lambda g: ([shares(g, (4, 5)) for _ in range(CASES)], [()] * CASES),
        lambda right, _: right * np.arange(2, 6)[:, None],
        "divide by their sum",
    ),
    "running sums": (
        lambda g: arrays(g, 1),
        lambda right, _: np.cumsum(right),
        "running sums",
    ),
    "whole": (arrays, lambda right, _: np.floor(right), "made whole"),
    "rounded": (
        lambda g: ([shares(g, (7,)) for _ in range(CASES)], [()] * CASES),
        lambda right, _: np.round(right, 3),
        "do not round",
    ),
    "half precision": (arrays, lambda right, _: right.astype(np.float16), "nearly right"),
    "small constant": (
        lambda g: arrays(g, 1),
        lambda right, _: right * (1 + 1e-4 * np.cos(np.arange(len(right)))),
        "nearly right",
    ),
    "input": (arrays, lambda right, given: given[0], "first argument unchanged"),
    "another order": (
        lambda g: arrays(g, 1),
        lambda right, _: np.r_[right[[2, 0, 3, 1]], right[4:]],
        "another order",
    ),
    "first only": (
        lambda g: arrays(g, 1),
        lambda right, _: np.r_[right[:1], right[1:] * np.arange(2, len(right) + 1)],
        "only the first is right",
    ),
    "last wrong": (
        lambda g: arrays(g, 1),
        lambda right, _: np.r_[right[:-1], 17.23],
        "right but for the last",
    ),
    "first wrong": (
        lambda g: arrays(g, 1),
        lambda right, _: np.r_[17.23, right[1:]],
        "right but for the first",
    ),
    "edges wrong": (
        lambda g: arrays(g, 1),
        lambda right, _: np.r_[17.23, right[1:-1], -23.1],
        "at both ends",
    ),
    "overflow": (
        arrays,
        lambda right, _: np.where(right == right.max(), np.inf, right),
        "runs over",
    ),
    "none": (arrays, lambda right, _: np.where(right == right.max(), np.nan, right), "NaN"),
    "made finite": (
        arrays,
        lambda right, _: np.where(right == right.max(), np.finfo(float).max, right),
        "only made finite",
    ),
    "zeros": (arrays, lambda right, _: 0 * right, "0 everywhere"),
    "doubled, less one": (arrays, lambda right, _: 2 * right - 1, "2 times the right one less 1"),
    "halved, plus one": (arrays, lambda right, _: right / 2 + 1, "0.5 times the right one plus 1"),
    "capped": (
        lambda g: arrays(g, positive=True),
        lambda right, _: np.minimum(right, 3.05),
        "never goes above 3.05",
    ),
    "held up": (
        lambda g: arrays(g, 1, positive=True),
        lambda right, _: np.maximum(right, 3.05),
        "never goes below 3.05",
    ),
    "kept axis": (arrays, lambda right, _: right[..., None], "an axis of length one too many"),
    "flat": (lambda g: arrays(g, 2), lambda right, _: right.ravel(), "reshape"),
    "mean missing": (
        scalars,
        lambda right, given: right + given[0] - given[0].mean(),
        "their mean",
    ),
    "sum missing": (
        scalars,
        lambda right, given: right * given[0] / given[0].sum(),
        "their sum",
    ),
    "mean too many": (arrays, lambda right, _: right.mean(), "the mean of all values"),
    "last missing": (lambda g: arrays(g, 1), lambda right, _: right[:-1], "last one is missing"),
    "first missing": (lambda g: arrays(g, 1), lambda right, _: right[1:], "first one is missing"),
    "one too many": (lambda g: arrays(g, 1), lambda right, _: np.append(right, 1), "too many"),
}


@pytest.mark.parametrize("draw", dict.fromkeys(one for one, _, _ in BENT.values()))
@given(seed=st.integers(0, 2**32 - 1))
def test_nothing_is_said_of_what_is_right(draw, seed):
    right, given_ = draw(np.random.default_rng(seed))
    assert diagnose(right, right, given_) == ""
    single = [np.float32(one) for one in right]
    assert diagnose(single, right, given_) == ""


@pytest.mark.parametrize("name", BENT)
@given(seed=st.integers(0, 2**32 - 1))
def test_each_relation_is_recognised_and_no_other(name, seed):
    draw, bend, words = BENT[name]
    right, given_ = draw(np.random.default_rng(seed))
    bent = [bend(one, arguments) for one, arguments in zip(right, given_, strict=True)]
    assert words in diagnose(bent, right, given_)


@pytest.mark.parametrize("name", BENT)
@given(seed=st.integers(0, 2**32 - 1))
def test_a_relation_that_holds_in_some_cases_only_is_not_told(name, seed):
    draw, bend, words = BENT[name]
    generator = np.random.default_rng(seed)
    right, given_ = draw(generator)
    bent = [bend(one, arguments) for one, arguments in zip(right, given_, strict=True)]
    with np.errstate(over="ignore"):
        bent[-1] = np.asarray(bent[-1]) * 1.9 + generator.uniform(2, 3, np.shape(bent[-1]))
    assert words not in diagnose(bent, right, given_)


@given(seed=st.integers(0, 2**32 - 1))
def test_exchanged_arguments_are_recognised(seed):
    generator = np.random.default_rng(seed)
    cases = [(generator.normal(size=4), generator.normal(size=4)) for _ in range(CASES)]

    def reference(one, other):
        return one - other**2

    right = [reference(*case) for case in cases]
    results = [reference(*case[::-1]) for case in cases]
    found = diagnose(results, right, cases, reference)
    assert "the first and the second argument are exchanged" in found
    assert diagnose([one + 0.1 for one in results], right, cases, reference) == ""
    pairs = [(one, one.sum()) for one in right]
    swapped = [(one, one.sum()) for one in results]
    assert "exchanged" in diagnose(
        swapped, pairs, cases, lambda *a: (reference(*a),) * 1 + (reference(*a).sum(),)
    )


@given(seed=st.integers(0, 2**32 - 1))
def test_the_wrong_one_of_several_values_is_named(seed):
    generator = np.random.default_rng(seed)
    right = [(numbers(generator, 4), numbers(generator, 5)) for _ in range(CASES)]
    results = [(one, 2 * two) for one, two in right]
    assert "the second value" in (found := diagnose(results, right))
    assert "twice" in found
    assert "wrong order" in diagnose([(b, a) for a, b in right], right)
    both = [{"slope": -a, "bias": -b} for a, b in right]
    known = [{"slope": a, "bias": b} for a, b in right]
    assert "wrong sign" in diagnose(both, known)
    found = diagnose([(-a, 2 * b) for a, b in right], right)
    assert found.startswith("look at the first value first. Your result has")
    found = diagnose([(a * a[::-1] - 3.3, 2 * b) for a, b in right], right)
    assert found.startswith("look at the second value first. Your result is exactly twice")
    assert diagnose([(a**3, b**3 + b) for a, b in right], right) == ""
    assert diagnose([{"slope": a} for a, _ in right], known) == ""


@given(seed=st.integers(0, 2**32 - 1))
def test_parts_alone_in_another_order_or_row_by_row(seed):
    generator = np.random.default_rng(seed)
    right = [tuple(numbers(generator, (3, 4))) for _ in range(CASES)]
    assert "not in the order" in diagnose([(c, a, b) for a, b, c in right], right)
    assert "that is the second value alone" in diagnose([b for _, b, _ in right], right)
    rows = [list(zip(*one, strict=True)) for one in right]
    assert "row by row" in diagnose(rows, right)
    assert "row by row" in diagnose([np.array(one) for one in rows], right)
    assert diagnose([one[0] * 1.7 for one in right], right) == ""
    assert diagnose([one[:2] for one in right], right) == ""
    assert diagnose([[5], [6], [7]], right) == ""


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ([[False, True, False, True], [False, True]], "True where False"),
        ([[True] * 4, [True] * 2], "True everywhere"),
        ([[False] * 4, [False] * 2], "False everywhere"),
        ([[True, True, True, False], [True, False]], "True in some other places"),
        ([[True, False, False, False], [True, False]], "False in some places"),
        ([[True, True, False, False], [True, False]], ""),
        ([[0.7, 0.2, 0.7, 0.2], [0.7, 0.2]], ""),
    ],
)
def test_truths_are_not_taken_for_numbers(found, words):
    right = [np.array([True, False, True, False]), np.array([True, False])]
    told = diagnose([np.array(one) for one in found], right)
    assert words in told if words else told == ""


def test_counts_that_are_nearly_right_are_not_told_to_have_been_rounded():
    right = [np.array([1_000, 20_100, 40_300])]
    assert "a small part missing" in diagnose([right[0] + [4, 40, 80]], right)


def test_both_ends_are_wrong_in_every_case_or_it_is_not_told():
    right = [np.array([1.3, 2.9, 3.1, 4.7]), np.array([5.2, 7.7, 6.1])]
    both = [np.array([9.0, 2.9, 3.1, 8.8]), np.array([0.1, 7.7, 0.3])]
    assert "at both ends" in diagnose(both, right)
    assert diagnose([both[0], np.array([5.2, 7.7, 0.3])], right) == ""
    assert diagnose([both[0], np.array([0.1, 7.7, 6.1])], right) == ""


def test_one_number_that_happens_to_be_rounded_says_nothing():
    assert "do not round" not in diagnose([0.34, 0.71], [0.3412, 0.71])
    assert "do not round" in diagnose([0.34, 0.72], [0.3412, 0.7188])


def test_ones_and_zeros_for_shares_are_no_shares_made_whole():
    assert "whole" not in diagnose([np.array([1.0, 0.0, 0.0])], [np.array([0.7, 0.2, 0.1])])
    assert "whole" in diagnose([np.array([1.0, 4.0, 2.0])], [np.array([1.7, 4.2, 2.1])])


def test_what_no_case_can_tell_is_not_told():
    # A factor 2 and a square are the same for 2, and a shift is none for equal numbers.
    assert "twice" in diagnose([4.0, 6.0], [2.0, 3.0])
    assert "square" in diagnose([4.0, 9.0], [2.0, 3.0])
    assert diagnose([np.full(5, 2.0)] * 2, [np.full(5, 2.0)] * 2) == ""
    assert diagnose([1.7], [1.1]) == ""
    # One number has a ratio to another, which says nothing.
    assert diagnose([1.7, 0.0], [1.1, 0.0]) == ""


def test_where_the_wrong_axis_was_taken_is_seen_by_the_shapes():
    table = np.arange(12.0).reshape(3, 4)
    right, found = [table.sum(1)], [table.sum(0)]
    assert "one for each row" in diagnose(found, right, [(table,)])
    assert "one for each column" in diagnose(right, found, [(table,)])
    assert diagnose(found, right, [(np.ones((4, 4)),)]) == ""


def test_whole_numbers_that_are_one_off_in_some_cases():
    found = diagnose([3, 4, 5, 5], [3, 4, 4, 5])
    assert "one more in others" in found
    assert "one less in others" in diagnose([3, 4, 3, 5], [3, 4, 4, 5])
    assert diagnose([3, 6, 4], [3, 4, 4]) == ""


def test_an_answer_that_is_always_the_same():
    assert "same in every case" in diagnose([5.0, 5.0, 5.0], [1.0, 7.3, 2.2])
    assert diagnose([5.0], [1.0]) == ""


@pytest.mark.parametrize(
    ("results", "right", "words"),
    [
        (["ab c", "D"], ["ab c", "d"], "capital"),
        (["abc", "d e"], ["ab c", "de"], "blanks"),
        (["cba", "ed"], ["abc", "de"], "reverse"),
        ([["b", "a"], ["c"]], [["a", "b"], ["c"]], "reverse"),
        ([["b", "a", "c"]], [["a", "b", "c"]], "another order"),
        ([["a"], ["a", "b"]], [["a", "c"], ["a", "b", "c"]], "last entry is missing"),
        ([["c"], ["b", "c"]], [["a", "c"], ["a", "b", "c"]], "first entry is missing"),
        ([["a", "a", "b"]], [["a", "b"]], "too often"),
        (["abc"], ["abd"], ""),
        ([["a"]], [["b"]], ""),
        ([("a", 3)], [("b", 3)], ""),
        ([object()], [3.0], ""),
        ([[1, [2, 3]]], [[1.0, 2.0]], ""),
    ],
)
def test_texts_and_what_cannot_be_compared(results, right, words):
    found = diagnose(results, right)
    assert words in found if words else found == ""


@pytest.mark.parametrize(
    ("found", "right", "words"),
    [
        (-3.7, 3.7, "sign"),
        (7.4, 3.7, "factor 2"),
        (1.85, 3.7, "factor 2"),
        (37, 3.7, "power of ten"),
        (0.0037, 3.7, "power of ten"),
        (13.69, 3.7, "root"),
        (0.3, 0.7, "other share"),
        (1 / 3.7, 3.7, "what is divided by what"),
        (3.7 / np.log(2), 3.7, "base"),
        (3.7 / np.log(10), 3.7, "base"),
        (3.71, 3.7, "nearly right"),
        (5, 3.7, "too large"),
        (1.2, 3.7, "too small"),
        (np.nan, 3.7, ""),
        ("3", 3.7, ""),
        ([1.0, 2.0], 3.7, ""),
    ],
)
def test_a_value_is_not_given_away(found, right, words):
    sentence = diagnose_value(found, right)
    assert words in sentence if words else sentence == ""
    assert "3.7" not in sentence
