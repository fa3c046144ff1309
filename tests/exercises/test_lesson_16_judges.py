"""What the exercises of lesson 16 accept, refuse and say."""

import re

import numpy as np
import pytest

from course_lib import datasets
from course_lib.exercises import lesson_16 as exercises
from course_lib.exercises.exercise import Rejected
from course_lib.scratch import attention, language


def test_the_solutions_agree_with_the_package():
    generator = np.random.default_rng(1)
    p = generator.dirichlet(np.ones(9))
    assert exercises.bits(p, "nine signs") == pytest.approx(0.9 * language.bits_per_character(p))
    for share in (0.1, 0.5, 0.95, 1.0):
        expected = language.keep_top_p(p, share)
        np.testing.assert_allclose(exercises.keep_most_likely(p, share), expected, atol=1e-12)
    for symbols, pair in (("banana", ("a", "n")), ("aaaaa", ("a", "a")), ("", ("a", "b"))):
        assert exercises.merge(list(symbols), pair) == language.merge_pair(symbols, pair)
    query, key, value = generator.normal(size=(3, 4))
    keys, values = generator.normal(size=(2, 5, 4))
    output, longer_keys, longer_values = exercises.attend_one(query, key, value, keys, values)
    all_keys, all_values = np.vstack([keys, key]), np.vstack([values, value])
    expected, _ = attention.scaled_dot_product_attention(query[np.newaxis], all_keys, all_values)
    np.testing.assert_allclose(output, expected[0], atol=1e-12)
    np.testing.assert_array_equal(longer_keys, all_keys)
    np.testing.assert_array_equal(longer_values, all_values)


def test_a_text_costs_the_same_however_it_is_cut():
    p = np.array([0.5, 0.2, 0.1, 0.4])
    whole = exercises.bits(p, list("abcd"))
    assert whole == pytest.approx(-np.log2(0.004) / 4)
    assert exercises.bits([0.1, 0.04], ["ab", "cd"]) == pytest.approx(whole)
    assert exercises.bits([0.004], ["abcd"]) == pytest.approx(whole)


def test_large_scores_are_the_same_in_single_precision():
    query, key, _, keys, _ = exercises.grow_cache.cases[-1].arguments
    every = np.vstack([keys, key])
    assert (every @ query / 2).min() > 1_000
    assert np.ptp(every @ query / 2) < 2
    np.testing.assert_array_equal(every.astype("float32") @ query.astype("float32"), every @ query)


def test_rows_follow_each_other_and_targets_come_next():
    inputs, targets = exercises.shift(np.arange(10, 20), 3)
    np.testing.assert_array_equal(inputs, [[10, 11, 12], [13, 14, 15], [16, 17, 18]])
    np.testing.assert_array_equal(targets, inputs + 1)
    inputs, targets = exercises.shift(np.arange(9), 3)
    assert inputs.shape == targets.shape == (2, 3)


def test_the_counts_are_those_of_the_plays():
    plays = datasets.shakespeare()
    learned = (plays["Coriolanus"] + plays["Romeo and Juliet"])[:300_000]
    for part, title in (("practice", "Richard II"), ("judge", "Measure for Measure")):
        counted = exercises.counted(part)
        assert len(counted) == 8
        for n in (1, 2, 3, 8):
            grams, contexts = language.count_ngrams(learned, n)
            text = plays[title][:60_000]
            seen, total = counted[n - 1]
            assert seen.shape == total.shape == (60_001 - n,)
            assert seen[100] == grams[text[100 : 100 + n]]
            assert total[100] == contexts[text[100 : 99 + n]]
            assert seen[-1] == grams[text[-n:]]
    with pytest.raises(ValueError, match="part should be practice or judge, but is 'test'"):
        exercises.counted("test")


def test_the_blend_is_that_of_the_package():
    plays = datasets.shakespeare()
    learned = (plays["Coriolanus"] + plays["Romeo and Juliet"])[:300_000]
    text, estimate, strengths = plays["Richard II"][:60_000], 1 / 77, [3.0, 50.0]
    for n, strength in enumerate(strengths, start=1):
        table = language.count_ngrams(learned, n)
        estimate = language.ngram_probabilities(text, n, table, strength, estimate)
    expected = language.bits_per_character(estimate)
    assert exercises.blended_bits(strengths) == pytest.approx(expected, abs=1e-12)
    assert exercises.blended_bits(strengths, "judge") != pytest.approx(expected, abs=1e-3)


def test_other_good_strengths_pass():
    for strengths in (
        [10, 100, 50, 30, 30, 50, 80, 100],
        [10.0, 200.0, 50.0, 25.0, 25.0, 40.0, 60.0],
        np.array([10, 100, 50, 30, 30, 50, 80, 100]),
        np.array([10, 200, 50, 25, 25, 40, 60], "uint8"),
    ):
        verdict = exercises.blend.grade(lambda strengths=strengths: strengths)
        assert verdict.status == "passed", verdict


@pytest.mark.parametrize("strength", [40.0, 60.0, 100.0])
def test_one_strength_for_all_orders_is_not_enough(strength):
    verdict = exercises.blend.grade(lambda: [strength] * 8)
    assert verdict.status == "failed"
    assert f"your strengths are {strength:g}, and no single one gets there" in verdict.message


def test_what_is_wrong_with_strengths_is_said_with_the_number():
    verdict = exercises.blend.grade(lambda: [10.0, 10.0])
    found = exercises.blended_bits([10.0, 10.0], "judge")
    assert f"{found:.3f} bits per character" in verdict.message
    assert "You stopped at n = 2" in verdict.message
    verdict = exercises.blend.grade(lambda: [50.0, 50.0, 50.0, 50.0, 0.5, 0.5])
    assert "first 4 of your strengths alone" in verdict.message
    assert "are trusted too much" in verdict.message


@pytest.mark.parametrize(
    ("strengths", "sentence"),
    [
        ([60.0] * 8, "play a larger strength for n = 2 would"),
        ([10.0, 160.0, 40.0, 20.0], "play a strength for n = 5, too, would"),
        ([10.0, 160.0, 40.0, 20.0, 2000.0], "a smaller strength for n = 5 would"),
    ],
)
def test_the_change_that_helps_most_is_named(strengths, sentence):
    assert sentence in exercises.blend.grade(lambda: strengths).message


def test_where_no_change_helps_none_is_named(monkeypatch):
    monkeypatch.setattr(exercises, "blended_bits", lambda strengths: 3.0)
    assert exercises._next_step([10.0, 20.0]) == ""


@pytest.mark.parametrize(
    "strengths",
    ["50", [[50.0]], [], [50.0] * 9, [1j], [np.nan], [np.inf], 50.0, [True], [[1], [1, 2]]],
)
def test_strengths_that_cannot_be_judged(strengths):
    with pytest.raises(Rejected, match="return a list of"):
        exercises._judge_strengths(lambda: strengths)


@pytest.mark.parametrize("strengths", [[0.0], [10.0, -1.0]])
def test_strengths_must_be_positive(strengths):
    with pytest.raises(Rejected, match="every strength should be above 0"):
        exercises._judge_strengths(lambda: strengths)


def _hint_of(exercise, name):
    (hint,) = (mistake.hint for mistake in exercise.mistakes if mistake.name == name)
    return hint


def _one_too_many(probabilities, p):
    order = np.argsort(probabilities, kind="stable")[::-1]
    count = np.searchsorted(np.cumsum(probabilities[order]), p) + 2
    kept = np.zeros(len(probabilities))
    kept[order[:count]] = probabilities[order[:count]]
    return kept / kept.sum()


@pytest.mark.parametrize(
    ("exercise", "name", "answer"),
    [
        (
            exercises.bits_of_text,
            "nats",
            lambda p, tokens: sum(np.log(1 / x) for x in p) / len("".join(tokens)),
        ),
        (
            exercises.bits_of_text,
            "perplexity",
            lambda p, tokens: np.exp(np.log(1 / p).sum() / len("".join(tokens))),
        ),
        (exercises.bits_of_text, "a token", lambda p, tokens: np.log2(1 / p).sum() / len(tokens)),
        (
            exercises.shifted_windows,
            "not shifted",
            lambda ids, n: (ids[: (len(ids) - 1) // n * n].reshape(-1, n),) * 2,
        ),
        (
            exercises.nucleus,
            "one too many",
            _one_too_many,
        ),
        (
            exercises.one_merge,
            "as text",
            lambda symbols, pair: re.findall("".join(pair) + "|.", "".join(symbols)),
        ),
        (
            exercises.grow_cache,
            "without itself",
            lambda q, k, v, keys, values: (
                attention.scaled_dot_product_attention(q[np.newaxis], keys, values)[0][0],
                np.vstack([keys, k]),
                np.vstack([values, v]),
            ),
        ),
    ],
)
def test_a_mistake_written_in_another_way_gets_the_same_hint(exercise, name, answer):
    assert _hint_of(exercise, name) in exercise.grade(answer).message
