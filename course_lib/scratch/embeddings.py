"""Words as vectors: tokens, word numbers, and skip-gram with negative sampling.

A document is a list of tokens; numbered, it is a row of word numbers, in which 0
is padding and 1 an unknown word. Vectors are rows: a table of vectors has shape
(words, units), and row i belongs to word number i.
Source: Mikolov, Sutskever, Chen, Corrado and Dean (2013), Distributed
Representations of Words and Phrases and their Compositionality, NIPS.
"""

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

from course_lib.scratch.activations import sigmoid
from course_lib.scratch.shapes import shapes

# Tokens and their numbers


def tokenize(text: str) -> list[str]:
    """Cut a text into lower-case words.

    Apostrophes vanish, and everything but the letters a to z and digits ends a
    word.

    Args:
        text: any text.

    Returns:
        The words, in order; none for an empty text.
    """
    return re.sub(r"[^a-z0-9]+", " ", text.lower().replace("'", "")).split()


def build_vocabulary(documents: Sequence[Sequence[str]], size: int) -> list[str]:
    """Return the most frequent tokens, the most frequent first.

    Of two that are equally frequent the later in the alphabet comes first, as in
    `keras.layers.TextVectorization`.

    Args:
        documents: lists of tokens.
        size: how many tokens to return at most; positive.
    """
    counts: Counter[str] = Counter()
    for document in documents:
        counts.update(document)
    upwards = sorted(counts, key=lambda word: (counts[word], word))
    return upwards[::-1][:size]


def encode(
    documents: Sequence[Sequence[str]], vocabulary: Sequence[str], length: int
) -> np.ndarray:
    """Write documents as word numbers, cut or filled up to one length.

    Args:
        documents: lists of tokens.
        vocabulary: the known tokens; the first has the number 2.
        length: how many tokens to keep of each; positive.

    Returns:
        Shape (documents, length), integers: 0 is padding at the end, 1 a token
        that is not in the vocabulary.
    """
    number = {word: place for place, word in enumerate(vocabulary, start=2)}
    ids = np.zeros((len(documents), length), dtype=int)
    for row, document in zip(ids, documents, strict=True):
        known = [number.get(token, 1) for token in document[:length]]
        row[: len(known)] = known
    return ids


# Pairs


@shapes(ids="n length")
def skip_gram_pairs(ids: np.ndarray, window: int) -> tuple[np.ndarray, np.ndarray]:
    """Return every pair of known words that stand at most `window` places apart.

    Source: Mikolov, Chen, Corrado and Dean (2013), Efficient Estimation of Word
    Representations in Vector Space, arXiv:1301.3781, section 3.2.

    Args:
        ids: shape (n, length), word numbers; 0 and 1 make no pairs.
        window: the largest distance; at least 1.

    Returns:
        Centre words and context words, each of shape (pairs,). Every pair
        occurs both ways.

    Raises:
        ValueError: when `ids` is not a table, or the window holds no place.
    """
    centres, contexts = [], []
    for offset in range(1, window + 1):
        left, right = ids[:, :-offset].ravel(), ids[:, offset:].ravel()
        known = (left > 1) & (right > 1)
        centres += [left[known], right[known]]
        contexts += [right[known], left[known]]
    return np.concatenate(centres), np.concatenate(contexts)


@shapes(counts="words")
def keep_probabilities(counts: np.ndarray, threshold: float) -> np.ndarray:
    """Return with what probability an occurrence of each word survives subsampling.

    sqrt(t / f) for a word of relative frequency f, at most 1. Source: Mikolov
    and others (2013), Distributed Representations, section 2.3.

    Args:
        counts: shape (words,), how often each word occurs; not all zero.
        threshold: t; a word of this frequency or rarer is always kept.

    Raises:
        ValueError: when `counts` is not flat.
    """
    frequencies = np.maximum(counts, 1) / counts.sum()
    return np.minimum(np.sqrt(threshold / frequencies), 1)


# Skip-gram with negative sampling


@shapes(centres="pairs units", contexts="pairs units", negatives="k units", per_pair="")
def negative_sampling_loss(
    centres: np.ndarray, contexts: np.ndarray, negatives: np.ndarray, per_pair: float
) -> float:
    """Return the mean loss of skip-gram pairs.

    -log s(v.u) - m/k sum_i log s(-v.u_i), with s the logistic sigmoid, v a
    centre, u its context, u_i the k negatives and m the number of negatives
    that a pair counts. Source: Mikolov and others (2013), Distributed
    Representations, equation 4, which draws m negatives for each pair; here the
    pairs of a batch share k of them, as in Ji, Satish, Li and Dubey (2016),
    Parallelizing Word2Vec in Shared and Distributed Memory, arXiv:1604.04661.

    Args:
        centres: shape (pairs, units), vectors of the centre words.
        contexts: shape (pairs, units), vectors of the words beside them.
        negatives: shape (k, units), vectors of words drawn at random.
        per_pair: m, how many negatives count for each pair.

    Raises:
        ValueError: when the shapes do not fit.
    """
    together = np.sum(centres * contexts, axis=1)
    apart = centres @ negatives.T
    pull = np.logaddexp(0, -together)
    push = per_pair * np.mean(np.logaddexp(0, apart), axis=1)
    return np.mean(pull + push)


@shapes(centres="pairs units", contexts="pairs units", negatives="k units", per_pair="")
def negative_sampling_gradient(
    centres: np.ndarray, contexts: np.ndarray, negatives: np.ndarray, per_pair: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the gradient of `negative_sampling_loss` with respect to its vectors.

    For one pair: dL/dv = (s(v.u) - 1) u + m/k sum_i s(v.u_i) u_i,
    dL/du = (s(v.u) - 1) v and dL/du_i = m/k s(v.u_i) v.

    Args:
        centres: shape (pairs, units).
        contexts: shape (pairs, units).
        negatives: shape (k, units).
        per_pair: m, how many negatives count for each pair.

    Returns:
        Three arrays, shaped like the centres, the contexts and the negatives.

    Raises:
        ValueError: when the shapes do not fit.
    """
    pull = sigmoid(np.sum(centres * contexts, axis=1, keepdims=True)) - 1
    push = per_pair / len(negatives) * sigmoid(centres @ negatives.T)
    pairs = len(centres)
    centres_gradient = (pull * contexts + push @ negatives) / pairs
    contexts_gradient = pull * centres / pairs
    negatives_gradient = push.T @ centres / pairs
    return centres_gradient, contexts_gradient, negatives_gradient


@shapes(rows="n", changes="n units")
def sum_by_row(rows: np.ndarray, changes: np.ndarray, count: int) -> np.ndarray:
    """Add up the changes that go to the same row of a table.

    `table[rows] += changes` would keep only the last one of each row.

    Args:
        rows: shape (n,), numbers from 0 to count - 1.
        changes: shape (n, units).
        count: how many rows the table has.

    Returns:
        Shape (count, units).

    Raises:
        ValueError: when the shapes do not fit, or a row is negative.
    """
    units = changes.shape[1]
    places = rows[:, np.newaxis] * units + np.arange(units)
    sums = np.bincount(places.ravel(), changes.ravel(), minlength=count * units)
    return sums.reshape(count, units)


@shapes(table="words units", squares="words units", rows="n", changes="n units")
def adagrad_by_row(
    table: np.ndarray,
    squares: np.ndarray,
    rows: np.ndarray,
    changes: np.ndarray,
    learning_rate: float,
) -> None:
    """Take one step of AdaGrad in a table of which a batch uses a few rows.

    Source: Duchi, Hazan and Singer (2011), Adaptive Subgradient Methods for
    Online Learning and Stochastic Optimization, Journal of Machine Learning
    Research 12.

    Args:
        table: shape (words, units); changed in place.
        squares: shape (words, units), sums of squared gradients so far, above
            zero; changed in place.
        rows: shape (n,), which rows the gradients belong to, repeats allowed.
        changes: shape (n, units), the gradients.
        learning_rate: the factor on the step.

    Raises:
        ValueError: when the shapes do not fit.
    """
    gradient = sum_by_row(rows, changes, len(table))
    squares += gradient**2
    table -= learning_rate * gradient / np.sqrt(squares)


@shapes(pairs="2 pairs", chances="words")
def train_skip_gram(
    pairs: tuple[np.ndarray, np.ndarray],
    chances: np.ndarray,
    units: int,
    generator: np.random.Generator,
    learning_rate: float = 0.4,
    batch: int = 1024,
    per_pair: float = 5,
) -> tuple[np.ndarray, list[float]]:
    """Learn a vector for every word in one walk over the pairs.

    AdaGrad, with a rate that falls in a straight line to zero as in the authors'
    program. Small matrices: one BLAS thread is several times faster than two
    (`threadpoolctl.threadpool_limits`).

    Args:
        pairs: two arrays of shape (pairs,), at least one long: word numbers, and
            those of the words beside them.
        chances: shape (words,), with what probability each word is drawn as a
            negative; sums to 1.
        units: the length of a vector.
        generator: draws first vectors, order and negatives.
        learning_rate: the first rate.
        batch: how many pairs make a step; they share 32 negatives.
        per_pair: how many negatives count for each pair.

    Returns:
        The centre vectors, shape (words, units), and the loss of every
        twentieth batch, before its step.

    Raises:
        ValueError: when the shapes do not fit or the chances do not sum to 1.
    """
    centres, contexts = pairs
    tables, losses = generator.normal(0, 0.1, (2, len(chances), units)), []
    squares = np.full_like(tables, 1e-8)
    order = generator.permutation(len(centres))
    batches = np.array_split(order, len(order) // batch + 1)
    for step, rows in enumerate(batches):
        drawn = generator.choice(len(chances), 32, p=chances)
        beside = np.append(contexts[rows], drawn)
        near, away = np.split(tables[1][beside], [len(rows)])
        vectors = tables[0][centres[rows]], near, away
        if step % 20 == 0:
            losses.append(negative_sampling_loss(*vectors, per_pair))
        change, *others = negative_sampling_gradient(*vectors, per_pair)
        rate = learning_rate * (1 - step / len(batches))
        adagrad_by_row(tables[0], squares[0], centres[rows], change, rate)
        adagrad_by_row(tables[1], squares[1], beside, np.vstack(others), rate)
    return tables[0], losses


# Neighbours


@shapes(vectors="words units", query="units")
def cosine_similarities(vectors: np.ndarray, query: np.ndarray) -> np.ndarray:
    """Return the cosine of the angle between each vector and the query.

    Source: Salton and McGill (1983), Introduction to Modern Information
    Retrieval, section 4.1.

    Args:
        vectors: shape (words, units), no row of zeros.
        query: shape (units,), not zero.

    Returns:
        Shape (words,), from -1 to 1.

    Raises:
        ValueError: when the shapes do not fit.
    """
    lengths = np.linalg.norm(vectors, axis=1) * np.linalg.norm(query)
    return vectors @ query / lengths
