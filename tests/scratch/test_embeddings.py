"""Tokens, word numbers, and skip-gram: against Keras, TensorFlow's tape and finite differences."""

import re
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.lesson import quiet_stderr
from course_lib.scratch import embeddings
from course_lib.scratch.gradient_check import gradient_error

DOCUMENTS = [["a", "red", "dress", "a"], ["the", "dress", "a"], [], ["zebra"]]


@pytest.fixture(scope="module")
def tensorflow():
    with quiet_stderr():
        import tensorflow
    return tensorflow


# Tokens


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("I don't LOVE it...it's so-so", ["i", "dont", "love", "it", "its", "so", "so"]),
        ("  size 8/10,\n5'4\" ", ["size", "8", "10", "54"]),
        ("", []),
        ("!?", []),
        ("café", ["caf"]),
    ],
)
def test_tokenize(text, tokens):
    assert embeddings.tokenize(text) == tokens


@given(st.text(max_size=40))
@settings(deadline=None, max_examples=50)
def test_tokens_are_words_of_letters_and_digits(text):
    tokens = embeddings.tokenize(text)
    assert all(re.fullmatch("[a-z0-9]+", token) for token in tokens)
    assert embeddings.tokenize(" ".join(tokens)) == tokens


def test_the_vocabulary_is_sorted_by_count_and_backwards_by_letter():
    assert embeddings.build_vocabulary(DOCUMENTS, 10) == ["a", "dress", "zebra", "the", "red"]
    assert embeddings.build_vocabulary(DOCUMENTS, 2) == ["a", "dress"]


def test_documents_are_cut_filled_and_unknown_words_are_1():
    ids = embeddings.encode(DOCUMENTS, ["a", "dress"], 3)
    assert ids.tolist() == [[2, 1, 3], [1, 3, 2], [0, 0, 0], [1, 0, 0]]


@given(st.lists(st.text("abc ", max_size=12), min_size=1, max_size=8), st.integers(1, 5))
@settings(deadline=None, max_examples=25)
def test_vocabulary_and_numbers_are_those_of_keras(texts, length):
    with quiet_stderr():
        import keras
    documents = [embeddings.tokenize(text) for text in texts]
    if not any(documents):
        return
    vocabulary = embeddings.build_vocabulary(documents, 4)
    layer = keras.layers.TextVectorization(6, output_sequence_length=length)
    layer.adapt(texts)
    assert [str(word) for word in layer.get_vocabulary()[2:]] == vocabulary
    np.testing.assert_array_equal(layer(texts), embeddings.encode(documents, vocabulary, length))


# Pairs


def _slow_pairs(ids, window):
    found = []
    for row in ids:
        for one in range(len(row)):
            for other in range(max(one - window, 0), min(one + window + 1, len(row))):
                if one != other and row[one] > 1 and row[other] > 1:
                    found.append((int(row[one]), int(row[other])))
    return Counter(found)


@given(st.integers(1, 4), st.integers(2, 7), st.integers(1, 8), st.integers(0, 99))
@settings(deadline=None, max_examples=50)
def test_pairs_are_those_of_a_loop(rows, length, window, seed):
    ids = np.random.default_rng(seed).integers(0, 6, (rows, length))
    centres, contexts = embeddings.skip_gram_pairs(ids, window)
    pairs = Counter(zip(centres.tolist(), contexts.tolist(), strict=True))
    assert pairs == _slow_pairs(ids, window)


def test_pairs_need_a_window():
    with pytest.raises(ValueError, match="need at least one array"):
        embeddings.skip_gram_pairs(np.ones((2, 3), dtype=int), 0)
    with pytest.raises(ValueError, match=r"skip_gram_pairs: ids should have shape \(n, length\)"):
        embeddings.skip_gram_pairs(np.arange(4), 1)


def test_frequent_words_are_thinned_and_rare_ones_kept():
    keep = embeddings.keep_probabilities(np.array([0, 1, 9, 90]), 0.01)
    np.testing.assert_allclose(keep, [1, 1, 1 / 3, 0.1**0.5 / 3], rtol=1e-12)


# Skip-gram

sizes = st.tuples(st.integers(1, 6), st.integers(1, 5), st.integers(1, 7))


def _vectors(size, seed=0):
    pairs, units, negatives = size
    generator = np.random.default_rng(seed)
    return [generator.normal(size=(rows, units)) for rows in (pairs, pairs, negatives)]


def test_loss_and_gradient_by_hand():
    vectors = np.array([[1.0, 2.0]]), np.array([[0.5, 0.0]]), np.array([[-1.0, 0.5]])
    loss = np.log(1 + np.exp(-0.5)) + np.log(2)
    assert embeddings.negative_sampling_loss(*vectors, 1) == pytest.approx(loss, abs=1e-12)
    pull = 1 / (1 + np.exp(-0.5)) - 1
    expected = [[[0.5 * pull - 0.5, 0.25]], [[pull, 2 * pull]], [[0.5, 1.0]]]
    np.testing.assert_allclose(
        np.array(embeddings.negative_sampling_gradient(*vectors, 1)), expected, atol=1e-12
    )


def test_the_loss_is_the_papers_for_each_pair():
    centres, contexts, negatives = _vectors((3, 4, 5))

    def log_sigmoid(x):
        return -np.log(1 + np.exp(-x))

    losses = [
        -log_sigmoid(v @ u) - sum(log_sigmoid(-v @ n) for n in negatives)
        for v, u in zip(centres, contexts, strict=True)
    ]
    found = embeddings.negative_sampling_loss(centres, contexts, negatives, 5)
    assert found == pytest.approx(np.mean(losses), abs=1e-12)


@given(sizes, st.sampled_from([0, 1, 5, 2.5]))
@settings(deadline=None, max_examples=25)
def test_gradient_agrees_with_finite_differences(size, per_pair):
    vectors = _vectors(size)
    gradients = embeddings.negative_sampling_gradient(*vectors, per_pair)
    for place, gradient in enumerate(gradients):

        def loss(values, place=place):
            changed = [*vectors[:place], values, *vectors[place + 1 :]]
            return embeddings.negative_sampling_loss(*changed, per_pair)

        assert gradient_error(loss, gradient, vectors[place]) < 1e-7


def test_gradient_is_that_of_the_tape(tensorflow):
    tf = tensorflow
    arrays = _vectors((5, 3, 8))
    v, u, n = (tf.Variable(array) for array in arrays)
    with tf.GradientTape() as tape:
        yes = tf.nn.softplus(-tf.reduce_sum(v * u, axis=1))
        no = 4 * tf.reduce_mean(tf.nn.softplus(v @ tf.transpose(n)), axis=1)
        loss = tf.reduce_mean(yes + no)
    assert embeddings.negative_sampling_loss(*arrays, 4) == pytest.approx(float(loss), abs=1e-10)
    ours = embeddings.negative_sampling_gradient(*arrays, 4)
    for theirs, own in zip(tape.gradient(loss, [v, u, n]), ours, strict=True):
        np.testing.assert_allclose(own, theirs, atol=1e-10)


def test_large_scores_do_not_overflow():
    vectors = np.array([[1000.0]]), np.array([[-2.0]]), np.array([[3.0]])
    assert embeddings.negative_sampling_loss(*vectors, 1) == 5000
    for gradient, wanted in zip(
        embeddings.negative_sampling_gradient(*vectors, 1), (5.0, -1000.0, 1000.0), strict=True
    ):
        assert gradient[0, 0] == pytest.approx(wanted)


@pytest.mark.parametrize(
    "function", [embeddings.negative_sampling_loss, embeddings.negative_sampling_gradient]
)
def test_shapes_that_do_not_fit_are_named(function):
    with pytest.raises(ValueError, match=r"contexts should have shape \(pairs, units\)"):
        function(np.ones((2, 3)), np.ones((3, 3)), np.ones((4, 3)), 1)
    with pytest.raises(ValueError, match=r"negatives should have shape \(k, units\)"):
        function(np.ones((2, 3)), np.ones((2, 3)), np.ones((4, 2)), 1)


# Tables


def test_changes_of_one_row_add_up():
    changes = np.array([[1.0, 2.0], [10.0, 20.0], [100.0, 200.0]])
    sums = embeddings.sum_by_row(np.array([2, 0, 2]), changes, 4)
    assert sums.tolist() == [[10, 20], [0, 0], [101, 202], [0, 0]]


def test_one_step_is_adagrads():
    table = np.array([[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]])
    squares = np.full((3, 2), 7.0)
    rows, changes = np.array([1, 1, 2]), np.array([[1.0, 0.0], [2.0, 1.0], [-3.0, 0.0]])
    embeddings.adagrad_by_row(table, squares, rows, changes, 0.5)
    np.testing.assert_allclose(squares, [[7, 7], [16, 8], [16, 7]])
    moved = [[1, 1], [2 - 0.5 * 3 / 4, 2 - 0.5 / 8**0.5], [3 + 0.5 * 3 / 4, 3]]
    np.testing.assert_allclose(table, moved)


def _toy(seed=0):
    """Two kinds of two words each, 2 and 3 beside 6, 4 and 5 beside 7."""
    ids = np.array([[2, 6], [3, 6], [4, 7], [5, 7]])
    centres, contexts = embeddings.skip_gram_pairs(ids, 1)
    pairs = np.tile(centres, 400), np.tile(contexts, 400)
    chances = np.array([0, 0, 1, 1, 1, 1, 2, 2]) / 8
    generator = np.random.default_rng(seed)
    return embeddings.train_skip_gram(pairs, chances, 5, generator, batch=16)


def test_words_with_the_same_company_get_the_same_direction():
    vectors, losses = _toy()
    assert vectors.shape == (8, 5)
    assert len(losses) == (3200 // 16 + 1) // 20 + 1
    assert losses[0] == pytest.approx(6 * np.log(2), abs=0.1)
    assert losses[-1] < losses[0] - 0.5
    similar = [embeddings.cosine_similarities(vectors, vectors[row])[2:6] for row in (2, 4)]
    assert similar[0][1] > 0.9
    assert similar[1][3] > 0.9
    assert max(similar[0][2], similar[0][3], similar[1][0], similar[1][1]) < 0.5


def test_training_is_the_generators():
    np.testing.assert_array_equal(_toy(1)[0], _toy(1)[0])
    assert not np.allclose(_toy(1)[0], _toy(2)[0])


def test_the_rate_falls_to_zero():
    """The first of two steps has the whole rate, the second half of it."""
    pairs = np.array([2] * 64), np.array([3] * 64)
    chances = np.array([0, 0, 0.5, 0.5])
    still, _ = embeddings.train_skip_gram(
        pairs, chances, 2, np.random.default_rng(0), learning_rate=0.0
    )
    first = np.random.default_rng(0).normal(0, 0.1, (2, 4, 2))[0]
    np.testing.assert_array_equal(still, first)
    one, losses = embeddings.train_skip_gram(
        pairs, chances, 2, np.random.default_rng(0), learning_rate=0.25, batch=100
    )
    # AdaGrad's first step is the rate itself in every number.
    np.testing.assert_allclose(np.abs(one[2] - first[2]), 0.25, rtol=1e-3)
    np.testing.assert_array_equal(one[[0, 1, 3]], first[[0, 1, 3]])
    generator = np.random.default_rng(0)
    tables = generator.normal(0, 0.1, (2, 4, 2))
    generator.permutation(64)
    negatives = generator.choice(4, 32, p=chances)
    vectors = tables[0][[2] * 64], tables[1][[3] * 64], tables[1][negatives]
    assert losses == [pytest.approx(embeddings.negative_sampling_loss(*vectors, 5), abs=1e-12)]
    two, _ = embeddings.train_skip_gram(
        pairs, chances, 2, np.random.default_rng(0), learning_rate=0.25, batch=64
    )
    assert np.all(np.abs(two[2] - one[2]) <= 0.125 + 1e-9)


def test_pairs_are_two_arrays_of_one_length():
    chances, generator = np.full(4, 0.25), np.random.default_rng(0)
    with pytest.raises(ValueError, match=r"pairs should have shape .* rows differ in length"):
        embeddings.train_skip_gram((np.array([2, 3]), np.array([3])), chances, 2, generator)
    with pytest.raises(ValueError, match=r"pairs should have shape .* but has shape \(3, 1\)"):
        embeddings.train_skip_gram(np.ones((3, 1), int), chances, 2, generator)


def test_chances_must_sum_to_one():
    pairs = np.array([2, 3]), np.array([3, 2])
    with pytest.raises(ValueError, match=r"(?i)probabilities do not sum to 1"):
        embeddings.train_skip_gram(pairs, np.ones(4), 2, np.random.default_rng(0))


def test_cosines():
    vectors = np.array([[2.0, 0.0], [0.0, 5.0], [-1.0, 0.0], [1.0, 1.0]])
    found = embeddings.cosine_similarities(vectors, np.array([3.0, 0.0]))
    np.testing.assert_allclose(found, [1, 0, -1, 0.5**0.5], atol=1e-12)
    with pytest.raises(ValueError, match="query should have shape"):
        embeddings.cosine_similarities(vectors, np.ones(3))


def test_training_is_adagrad_on_both_tables():
    """Three steps, word by word, each table with squares of its own."""
    generator = np.random.default_rng(3)
    centres, contexts = generator.integers(0, 6, (2, 25))
    chances = np.full(6, 1 / 6)
    found, _ = embeddings.train_skip_gram(
        (centres, contexts), chances, 3, np.random.default_rng(4), learning_rate=0.3, batch=10
    )
    generator = np.random.default_rng(4)
    own, other = generator.normal(0, 0.1, (2, 6, 3))
    own_squares, other_squares = np.full((2, 6, 3), 1e-8)
    batches = np.array_split(generator.permutation(25), 3)
    for step, pairs in enumerate(batches):
        negatives = generator.choice(6, 32, p=chances)
        gradients = embeddings.negative_sampling_gradient(
            own[centres[pairs]], other[contexts[pairs]], other[negatives], 5
        )
        own_gradient, other_gradient = np.zeros((6, 3)), np.zeros((6, 3))
        np.add.at(own_gradient, centres[pairs], gradients[0])
        np.add.at(other_gradient, contexts[pairs], gradients[1])
        np.add.at(other_gradient, negatives, gradients[2])
        for table, squares, gradient in (
            (own, own_squares, own_gradient),
            (other, other_squares, other_gradient),
        ):
            squares += gradient**2
            table -= 0.3 * (1 - step / 3) * gradient / np.sqrt(squares)
    np.testing.assert_allclose(found, own, atol=1e-12)
