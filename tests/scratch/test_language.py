"""n-grams, drawing, cached attention and byte-pair encoding: sums, limits, definitions."""

from collections import Counter
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from course_lib.scratch import attention
from course_lib.scratch.language import (
    bits_per_character,
    cached_attention,
    count_ngrams,
    draw,
    keep_top_k,
    keep_top_p,
    learn_merges,
    merge_pair,
    ngram_probabilities,
    soften,
    split_tokens,
    split_words,
)

texts = st.text(alphabet="ab c.\n", max_size=60)


def test_ngrams_are_counted_by_hand():
    assert count_ngrams("abab", 1) == (Counter("abab"), Counter({"": 4}))
    grams, contexts = count_ngrams("ababc", 2)
    assert grams == {"ab": 2, "ba": 1, "bc": 1}
    assert contexts == {"a": 2, "b": 2}  # the last character has none behind it
    assert count_ngrams("ab", 3) == (Counter(), Counter())


@settings(deadline=None, max_examples=50)
@given(texts, st.integers(1, 5))
def test_contexts_are_sums_of_their_ngrams(text, n):
    grams, contexts = count_ngrams(text, n)
    assert sum(grams.values()) == max(len(text) - n + 1, 0)
    summed = Counter()
    for gram, times in grams.items():
        summed[gram[:-1]] += times
    assert summed == contexts


@pytest.mark.parametrize("n", [0, -1, 1.5, "2"])
def test_an_order_must_be_a_whole_number(n):
    with pytest.raises(ValueError, match="count_ngrams: n should be a whole number from 1"):
        count_ngrams("abc", n)


def _blend(text, tables, strength, prior):
    for n, table in tables.items():
        prior = ngram_probabilities(text, n, table, strength, prior)
    return prior


def test_additive_smoothing_is_a_flat_prior_worth_alpha_times_the_alphabet():
    table = count_ngrams("ababc", 2)
    alpha, alphabet = 0.5, 3
    found = ngram_probabilities("abca", 2, table, alpha * alphabet, 1 / alphabet)
    expected = [1 / 3, (2 + 0.5) / (2 + 1.5), (1 + 0.5) / (2 + 1.5), 0.5 / 1.5]
    np.testing.assert_allclose(found, expected, atol=1e-14)


def test_blending_starts_from_the_shorter_estimate():
    tables = {n: count_ngrams("ababc", n) for n in (1, 2)}
    one = {"a": (2 + 4 / 3) / 9, "b": (2 + 4 / 3) / 9, "c": (1 + 4 / 3) / 9}
    expected = [one["b"], (1 + 4 * one["c"]) / 6, one["a"]]
    prior = np.full(3, 1 / 3)
    np.testing.assert_allclose(_blend("bca", tables, 4, prior), expected, atol=1e-14)
    np.testing.assert_array_equal(prior, np.full(3, 1 / 3))


@settings(deadline=None, max_examples=25)
@given(texts, st.text(alphabet="abc .\n", max_size=4), st.floats(0.01, 50))
def test_probabilities_of_the_next_character_sum_to_one(text, context, strength):
    tables = {n: count_ngrams(text, n) for n in (1, 2, 3)}
    alphabet = "ab c.\n"
    last = [_blend(context + c, tables, strength, 1 / 6)[-1] for c in alphabet]
    assert sum(last) == pytest.approx(1, abs=1e-12)
    assert min(last) > 0


@pytest.mark.parametrize("strength", [0, -1, float("nan")])
def test_a_strength_must_be_positive(strength):
    with pytest.raises(ValueError, match="strength should be positive"):
        ngram_probabilities("ab", 1, count_ngrams("ab", 1), strength, 0.5)


@pytest.mark.parametrize("prior", [0, -0.1, 1.1, float("nan"), np.array([0.5, 0.0])])
def test_a_prior_must_be_a_probability(prior):
    with pytest.raises(ValueError, match="prior should hold probabilities above 0"):
        ngram_probabilities("ab", 1, count_ngrams("ab", 1), 1, prior)


def test_a_prior_must_fit_the_text():
    with pytest.raises(ValueError, match=r"one for each of the 2 characters, but has shape \(3,\)"):
        ngram_probabilities("ab", 1, count_ngrams("ab", 1), 1, np.full(3, 0.5))
    with pytest.raises(ValueError, match="n should be a whole number from 1"):
        ngram_probabilities("ab", 0, count_ngrams("ab", 1), 1, 0.5)


def test_a_prior_may_be_one():
    found = ngram_probabilities("ab", 1, count_ngrams("aa", 1), 1, 1)
    np.testing.assert_allclose(found, [1, 1 / 3])


def test_bits_are_the_mean_negative_logarithm():
    assert bits_per_character(np.array([0.5, 0.25, 0.125])) == pytest.approx(2)
    assert bits_per_character(np.array([1.0, 1.0])) == 0
    for wrong in ([], [0.5, -0.1], [0.5, 1.1], [np.nan]):
        with pytest.raises(ValueError, match="bits_per_character: probabilities should be"):
            bits_per_character(np.array(wrong))


def test_temperature_divides_and_zero_takes_the_largest():
    logits = np.array([[1.0, 3.0, 2.0], [0.0, 0.0, -5.0]])
    expected = np.exp(logits / 0.7) / np.exp(logits / 0.7).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(soften(logits, 0.7), expected, atol=1e-14)
    np.testing.assert_array_equal(soften(logits, 0), [[0, 1, 0], [1, 0, 0]])
    np.testing.assert_array_equal(soften(logits[:1], 1e-300), [[0, 1, 0]])
    np.testing.assert_allclose(soften(logits, 1e9), np.full((2, 3), 1 / 3), atol=1e-8)
    huge = soften(np.array([1e4, 1e4 - 1]), 1)
    np.testing.assert_allclose(huge, [1 / (1 + np.exp(-1)), 1 / (1 + np.e)], atol=1e-12)


@pytest.mark.parametrize("temperature", [-1, float("nan")])
def test_a_negative_temperature_is_refused(temperature):
    with pytest.raises(ValueError, match="temperature should be 0 or more"):
        soften(np.zeros(3), temperature)


def test_top_k_keeps_the_largest_and_equals():
    p = np.array([[0.4, 0.1, 0.2, 0.3], [0.25, 0.25, 0.25, 0.25]])
    found = keep_top_k(p, 2)
    np.testing.assert_allclose(found[0], [4 / 7, 0, 0, 3 / 7])
    np.testing.assert_allclose(found[1], p[1])
    np.testing.assert_allclose(keep_top_k(p, 4), p)
    np.testing.assert_allclose(keep_top_k(p[0], 1), [1, 0, 0, 0])
    for k in (0, 5, 1.5):
        with pytest.raises(ValueError, match="k should be a whole number from 1 to 4"):
            keep_top_k(p, k)


def test_top_p_keeps_the_fewest_that_reach_it():
    p = np.array([[0.4, 0.1, 0.2, 0.3], [0.05, 0.9, 0.03, 0.02]])
    found = keep_top_p(p, 0.6)
    np.testing.assert_allclose(found[0], [4 / 7, 0, 0, 3 / 7])
    np.testing.assert_allclose(found[1], [0, 1, 0, 0])
    np.testing.assert_allclose(keep_top_p(p, 1), p)
    np.testing.assert_allclose(keep_top_p(p[0], 1e-9), [1, 0, 0, 0])
    np.testing.assert_allclose(keep_top_p(np.array([0.5, 0.25, 0.25]), 0.5), [1, 0, 0])
    np.testing.assert_allclose(keep_top_p(np.array([0.25, 0.25, 0.5]), 0.75), [1 / 3, 0, 2 / 3])
    for wrong in (0, -0.1, 1.01, float("nan")):
        with pytest.raises(ValueError, match="p should be above 0 and at most 1"):
            keep_top_p(p, wrong)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6), st.floats(0.01, 1), st.integers(2, 9))
def test_top_p_is_the_smallest_set(seed, share, tokens):
    p = np.random.default_rng(seed).dirichlet(np.ones(tokens))
    kept = keep_top_p(p, share)
    chosen = kept > 0
    assert kept.sum() == pytest.approx(1)
    assert p[chosen].sum() >= share - 1e-9
    assert p[chosen].sum() - p[chosen].min() < share + 1e-9
    assert p[chosen].min() >= np.max(p[~chosen], initial=0)
    np.testing.assert_allclose(kept[chosen], p[chosen] / p[chosen].sum())


def test_tokens_are_drawn_with_their_probabilities():
    p = np.array([0.1, 0.0, 0.6, 0.3, 0.0])
    drawn = draw(np.tile(p, (20_000, 1)), np.random.default_rng(4))
    counts = np.bincount(drawn, minlength=5)
    assert counts[1] == counts[4] == 0
    assert chisquare(counts[[0, 2, 3]], 20_000 * p[[0, 2, 3]]).pvalue > 0.01
    assert draw(p, np.random.default_rng(1)).shape == ()
    assert draw(np.tile(p, (2, 3, 1)), np.random.default_rng(1)).shape == (2, 3)


def test_rows_are_drawn_independently():
    rows = draw(np.full((2, 2000, 2), 0.5), np.random.default_rng(3))
    assert 0.45 < np.mean(rows[0] == rows[1]) < 0.55


def test_rounding_never_draws_what_cannot_come():
    class Nearly:
        def random(self, shape):
            return np.full(shape, 1 - 2**-53)

    short = np.array([0.0, 0.3, 0.3, 0.3999, 0.0])  # sums to less than one
    assert draw(short, Nearly()) == 3

    rare = np.array([1.0, 1e-9], "float32")  # a sum in float32 would lose the second
    assert draw(rare, Nearly()) == 1

    class Zero:
        def random(self, shape):
            return np.zeros(shape)

    assert draw(short, Zero()) == 1
    with pytest.raises(ValueError, match="draw: probabilities should be"):
        draw(np.array([1.2, -0.2]), np.random.default_rng(1))


@settings(deadline=None, max_examples=25)
@given(st.integers(1, 7), st.integers(1, 5), st.integers(1, 4), st.integers(1, 4))
def test_with_a_cache_attention_is_the_same(length, d, size, v):
    generator = np.random.default_rng(length)
    x = generator.normal(size=(length, d))
    kernels = [generator.normal(size=(d, n)) for n in (size, size, v)]
    query, key, value = (x @ kernel for kernel in kernels)
    mask = attention.causal_mask(length)
    whole, _ = attention.scaled_dot_product_attention(query, key, value, mask)
    keys, values = np.zeros((0, size)), np.zeros((0, v))
    for place in range(length):
        output, keys, values = cached_attention(x[place : place + 1], *kernels, keys, values)
        np.testing.assert_allclose(output[0], whole[place], atol=1e-12)
    np.testing.assert_allclose(keys, key, atol=1e-12)
    np.testing.assert_allclose(values, value, atol=1e-12)


def test_a_cache_of_the_wrong_shape_is_refused():
    one = np.ones((2, 2))
    with pytest.raises(ValueError, match=r"past_keys should have shape \(past, size\)"):
        cached_attention(np.ones((1, 2)), one, one, one, np.ones((0, 3)), np.ones((0, 2)))
    with pytest.raises(ValueError, match=r"past_values should have shape"):
        cached_attention(np.ones((1, 2)), one, one, one, np.ones((1, 2)), np.ones((2, 2)))


def test_words_keep_one_space_and_lose_nothing():
    assert split_words("To be,  or\nnot") == ["To", " be", ",", " ", " or", "\n", "not"]
    assert split_words(" — 3 é") == [" ", "—", " 3", " é"]
    assert split_words("") == []


@settings(deadline=None, max_examples=50)
@given(st.text(max_size=40))
def test_any_text_comes_back(text):
    merges = learn_merges("the cat then the hat", 6)
    assert "".join(split_tokens(text, merges)) == text


def test_pairs_are_merged_from_the_left():
    assert merge_pair("aaa", ("a", "a")) == ["aa", "a"]
    assert merge_pair("aaaa", ("a", "a")) == ["aa", "aa"]
    assert merge_pair(["ab", "c", "ab", "c"], ("ab", "c")) == ["abc", "abc"]
    assert merge_pair("abc", ("b", "a")) == ["a", "b", "c"]
    assert merge_pair([], ("a", "b")) == []


def test_merges_are_learned_by_hand():
    # low 2, lower 1: lo 3, ow 3, and of equals the later one is taken.
    assert learn_merges("low\nlow\nlower", 3) == [("o", "w"), ("l", "ow"), ("low", "e")]
    assert learn_merges("ab", 5) == [("a", "b")]
    assert learn_merges("a.b", 5) == []
    assert learn_merges("", 5) == []
    assert learn_merges("abab", 0) == []


@settings(deadline=None, max_examples=40)
@given(texts, st.integers(1, 8))
def test_every_merge_is_of_the_most_frequent_pair(text, count):
    words = [list(word) for word in split_words(text)]
    expected = []
    for _ in range(count):
        pairs = Counter(pair for word in words for pair in pairwise(word))
        if not pairs:
            break
        best = max(pairs, key=lambda pair: (pairs[pair], pair))
        expected.append(best)
        words = [merge_pair(word, best) for word in words]
    assert learn_merges(text, count) == expected
    assert split_tokens(text, expected) == [symbol for word in words for symbol in word]


def test_merges_are_applied_in_their_order():
    first, second = ("a", "b"), ("b", "c")
    assert split_tokens("abc", [first, second]) == ["ab", "c"]
    assert split_tokens("abc", [second, first]) == ["a", "bc"]


def test_small_cases_of_everything_agree_with_enumeration():
    # All texts of three letters: the probabilities of the model sum to one over them.
    tables = {n: count_ngrams("abba abba", n) for n in (1, 2)}
    total = sum(
        np.prod(_blend("".join(letters), tables, 2.0, 1 / 3))
        for letters in product("ab ", repeat=3)
    )
    assert total == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("place", [1, 2, 3])
def test_a_kernel_of_the_wrong_shape_is_named(place):
    arguments = [np.ones((1, 2)), *np.ones((3, 2, 3)), np.ones((4, 3)), np.ones((4, 3))]
    name = ("query_kernel", "key_kernel", "value_kernel")[place - 1]
    for wrong in (np.ones((5, 3)), np.ones(3)):
        arguments[place] = wrong
        with pytest.raises(ValueError, match=f"cached_attention: {name} should have shape"):
            cached_attention(*arguments)
