"""Language models: n-grams, drawing the next token, cached attention, byte-pair encoding.

A text is a string, a token a string of one character or more. Probabilities of
the next token lie along the last axis.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from course_lib.scratch.attention import scaled_dot_product_attention
from course_lib.scratch.shapes import requires, shapes

Table = tuple[Mapping[str, int], Mapping[str, int]]
Pair = tuple[str, str]


@requires
def a_positive_order(name: str, given: dict[str, Any]) -> None:
    """Require a whole number `n` from 1."""
    if not isinstance(given["n"], int) or given["n"] < 1:
        raise ValueError(f"{name}: n should be a whole number from 1, but is {given['n']!r}.")


@requires
def positive_weights(name: str, given: dict[str, Any]) -> None:
    """Require a `strength` above zero, and a `prior` of probabilities above zero."""
    if not given["strength"] > 0:
        raise ValueError(
            f"{name}: strength should be positive, but is {given['strength']!r}: what was never "
            "counted would be impossible."
        )
    prior = np.asarray(given["prior"])
    if prior.shape not in ((), (len(given["text"]),)):
        raise ValueError(
            f"{name}: prior should be one probability, or one for each of the "
            f"{len(given['text'])} characters, but has shape {prior.shape}."
        )
    if not np.all((prior > 0) & (prior <= 1)):
        raise ValueError(f"{name}: prior should hold probabilities above 0, at most 1.")


@requires
def proper_probabilities(name: str, given: dict[str, Any]) -> None:
    """Require `probabilities` from 0 to 1, at least one."""
    values = np.asarray(given["probabilities"])
    if values.size == 0 or not np.all((values >= 0) & (values <= 1 + 1e-6)):
        raise ValueError(f"{name}: probabilities should be numbers from 0 to 1, at least one.")


@requires
def a_temperature(name: str, given: dict[str, Any]) -> None:
    """Require a `temperature` from 0."""
    if not given["temperature"] >= 0:
        raise ValueError(
            f"{name}: temperature should be 0 or more, but is {given['temperature']!r}."
        )


@requires
def a_number_to_keep(name: str, given: dict[str, Any]) -> None:
    """Require a `k` from 1 to the number of tokens."""
    tokens = np.shape(given["probabilities"])[-1]
    if not isinstance(given["k"], int) or not 1 <= given["k"] <= tokens:
        raise ValueError(
            f"{name}: k should be a whole number from 1 to {tokens}, the tokens, but is "
            f"{given['k']!r}."
        )


@requires
def a_share_to_keep(name: str, given: dict[str, Any]) -> None:
    """Require a `p` above 0 and at most 1."""
    if not 0 < given["p"] <= 1:
        raise ValueError(f"{name}: p should be above 0 and at most 1, but is {given['p']!r}.")


@a_positive_order
def count_ngrams(text: str, n: int) -> tuple[Counter[str], Counter[str]]:
    """Return how often every n characters stand in a text, and every n - 1 with one behind them.

    Source: C. E. Shannon (1951), Prediction and Entropy of Printed English, Bell
    System Technical Journal 30.

    Args:
        text: the text.
        n: characters, the one that is predicted included.

    Returns:
        Counts of n-grams, and counts of their first n - 1 characters.

    Raises:
        ValueError: when n is not a whole number from 1.
    """
    ends = range(n, len(text) + 1)
    grams = Counter(text[end - n : end] for end in ends)
    contexts = Counter(text[end - n : end - 1] for end in ends)
    return grams, contexts


@a_positive_order
@positive_weights
def ngram_probabilities(
    text: str, n: int, table: Table, strength: float, prior: float | np.ndarray
) -> np.ndarray:
    """Return the probability of each character of a text, given the n - 1 before it.

    (count + strength * prior) / (count of the context + strength). With a prior of
    one divided by the alphabet and strength = alpha * alphabet that is additive
    smoothing (add-alpha); with the probabilities of n - 1 it blends n-grams with
    shorter ones.

    Source: D. J. C. MacKay and L. C. Bauman Peto (1995), A hierarchical Dirichlet
    language model, Natural Language Engineering 1(3).

    Args:
        text: what to predict.
        n: characters counted together.
        table: what `count_ngrams` returned for this n.
        strength: how many observations the prior is worth.
        prior: the probability that each character had before, a number or shape
            (len(text),); the first n - 1 characters keep it.

    Returns:
        Shape (len(text),).

    Raises:
        ValueError: when n is not a whole number from 1, strength or prior is not
            positive, or the prior does not fit the text.
    """
    grams, contexts = table
    probabilities = np.full(len(text), prior, dtype=np.float64)
    ends = range(n, len(text) + 1)
    seen = np.array([grams[text[end - n : end]] for end in ends])
    total = np.array([contexts[text[end - n : end - 1]] for end in ends])
    before = probabilities[n - 1 :]
    probabilities[n - 1 :] = (seen + strength * before) / (total + strength)
    return probabilities


@proper_probabilities
def bits_per_character(probabilities: np.ndarray) -> float:
    """Return the mean of -log2 p: how many bits a character costs that had probability p.

    Source: C. E. Shannon (1951), as above.

    Args:
        probabilities: of the characters that came, of any shape.

    Raises:
        ValueError: when there is none, or one is not from 0 to 1.
    """
    return -np.mean(np.log2(probabilities))


@a_temperature
def soften(logits: np.ndarray, temperature: float) -> np.ndarray:
    """Return softmax(logits / temperature); at temperature 0, all on the largest.

    Source: D. H. Ackley, G. E. Hinton and T. J. Sejnowski (1985), A learning
    algorithm for Boltzmann machines, Cognitive Science 9.

    Args:
        logits: shape (..., tokens).
        temperature: 0 or more.

    Raises:
        ValueError: when the temperature is negative.
    """
    if temperature == 0:
        return np.eye(logits.shape[-1])[np.argmax(logits, axis=-1)]
    below = logits - np.max(logits, axis=-1, keepdims=True)
    exponentials = np.exp(below / temperature)
    return exponentials / np.sum(exponentials, axis=-1, keepdims=True)


@a_number_to_keep
def keep_top_k(probabilities: np.ndarray, k: int) -> np.ndarray:
    """Return the k largest probabilities, shared out anew; all others are 0.

    A probability equal to the k-th largest is kept, too.

    Source: A. Fan, M. Lewis and Y. Dauphin (2018), Hierarchical Neural Story
    Generation, ACL.

    Args:
        probabilities: shape (..., tokens).
        k: from 1 to the number of tokens.

    Raises:
        ValueError: when k is not.
    """
    least = np.sort(probabilities, axis=-1)[..., -k, np.newaxis]
    kept = np.where(probabilities >= least, probabilities, 0.0)
    return kept / np.sum(kept, axis=-1, keepdims=True)


@a_share_to_keep
def keep_top_p(probabilities: np.ndarray, p: float) -> np.ndarray:
    """Return the fewest largest probabilities that reach p together, shared out anew.

    Source: A. Holtzman and others (2020), The Curious Case of Neural Text
    Degeneration, ICLR, section 3.1.

    Args:
        probabilities: shape (..., tokens).
        p: above 0, at most 1.

    Raises:
        ValueError: when p is not.
    """
    order = np.argsort(-probabilities, axis=-1, kind="stable")
    largest_first = np.take_along_axis(probabilities, order, axis=-1)
    reached = np.cumsum(largest_first, axis=-1)
    before = np.roll(reached, 1, axis=-1)
    before[..., 0] = 0.0
    # A sum that misses p by its rounding alone has reached it.
    short = before < p - 8 * np.finfo(reached.dtype).eps
    kept = np.zeros_like(probabilities)
    np.put_along_axis(kept, order, np.where(short, largest_first, 0.0), axis=-1)
    return kept / np.sum(kept, axis=-1, keepdims=True)


@proper_probabilities
def draw(probabilities: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Return a token for each row, each drawn with its probability.

    Args:
        probabilities: shape (..., tokens).
        generator: of chance.

    Returns:
        Whole numbers, shape (...).

    Raises:
        ValueError: when a probability is not from 0 to 1.
    """
    steps = np.cumsum(probabilities, axis=-1, dtype=np.float64)
    points = generator.random((*steps.shape[:-1], 1)) * steps[..., -1:]
    return np.argmax(steps > points, axis=-1)


@shapes(
    x="new d",
    query_kernel="d size",
    key_kernel="d size",
    value_kernel="d v",
    past_keys="past size",
    past_values="past v",
)
def cached_attention(
    x: np.ndarray,
    query_kernel: np.ndarray,
    key_kernel: np.ndarray,
    value_kernel: np.ndarray,
    past_keys: np.ndarray,
    past_values: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return what one new position reads, and the keys and values with its own behind.

    Source: Vaswani and others (2017), Attention Is All You Need, NIPS, equation 1,
    for the last row only.

    Args:
        x: the new position, shape (1, d).
        query_kernel: shape (d, size).
        key_kernel: shape (d, size).
        value_kernel: shape (d, v).
        past_keys: of all positions before, shape (past, size); past may be 0.
        past_values: likewise, shape (past, v).

    Returns:
        The output, shape (1, v), and keys and values of past + 1 positions.

    Raises:
        ValueError: when the shapes do not fit.
    """
    keys = np.concatenate([past_keys, x @ key_kernel])
    values = np.concatenate([past_values, x @ value_kernel])
    output, _ = scaled_dot_product_attention(x @ query_kernel, keys, values)
    return output, keys, values


def split_words(text: str) -> list[str]:
    """Return a text in pieces: words, each with the one space before it, and other characters.

    Put together again they are the text.

    Source: A. Radford and others (2019), Language Models are Unsupervised
    Multitask Learners, OpenAI, section 2.2: merges do not cross kinds of characters.
    """
    return re.findall(r" ?\w+|\W", text)


def merge_pair(symbols: Sequence[str], pair: Pair) -> list[str]:
    """Return the symbols with every occurrence of a pair made one, from the left."""
    merged: list[str] = []
    for symbol in symbols:
        if merged and (merged[-1], symbol) == pair:
            merged[-1] += symbol
        else:
            merged.append(symbol)
    return merged


def learn_merges(text: str, count: int) -> list[Pair]:
    """Return the merges of byte-pair encoding, each of the most frequent pair at its time.

    Of equally frequent pairs the last in the order of the alphabet is taken.

    Source: R. Sennrich, B. Haddow and A. Birch (2016), Neural Machine Translation of
    Rare Words with Subword Units, ACL, algorithm 1.

    Args:
        text: to learn from.
        count: how many merges; fewer come back when nothing is left to merge.
    """
    times = Counter(split_words(text))
    symbols = {word: list(word) for word in times}
    pairs: Counter[Pair] = Counter()
    for word in times:
        for pair in pairwise(word):
            pairs[pair] += times[word]
    merges: list[Pair] = []
    while len(merges) < count and max(pairs.values(), default=0) > 0:
        best = max(pairs, key=lambda pair: (pairs[pair], pair))
        merges.append(best)
        for word in [word for word in times if "".join(best) in word]:
            merged = merge_pair(symbols[word], best)
            for pair in pairwise(symbols[word]):
                pairs[pair] -= times[word]
            for pair in pairwise(merged):
                pairs[pair] += times[word]
            symbols[word] = merged
    return merges


def split_tokens(text: str, merges: Sequence[Pair]) -> list[str]:
    """Return the tokens of a text: its characters, merged in the order that was learned.

    Source: Sennrich and others (2016), as above.
    """
    known = {}
    for word in sorted(set(split_words(text))):
        symbols = list(word)
        for pair in merges:
            if "".join(pair) in word:
                symbols = merge_pair(symbols, pair)
        known[word] = symbols
    return [symbol for word in split_words(text) for symbol in known[word]]
