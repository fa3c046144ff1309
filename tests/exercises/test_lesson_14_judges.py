"""What the exercises of lesson 14 accept, refuse and say."""

import numpy as np
import pytest

from course_lib.exercises import lesson_14 as exercises
from course_lib.exercises.exercise import Rejected
from course_lib.lesson import quiet_stderr
from course_lib.scratch import attention


def test_the_solutions_agree_with_the_package():
    generator = np.random.default_rng(1)
    query, keys = generator.normal(size=5), generator.normal(size=(7, 5))
    _, weights = attention.scaled_dot_product_attention(query[np.newaxis], keys, keys)
    np.testing.assert_allclose(exercises.weights_of_query(query, keys), weights[0], atol=1e-14)
    table = attention.sinusoidal_positions(9, 8)
    np.testing.assert_allclose(exercises.position_table(9, 8), table, atol=1e-13)
    assert exercises.count_operations(10, 10, 4, 4) == 4 * 10**2 * 4
    assert exercises.count_operations(3, 5, 7, 2) == 2 * 3 * 5 * 7 + 2 * 3 * 5 * 2


@pytest.mark.parametrize(("width", "heads", "key_dim"), [(8, 2, 4), (12, 3, 5), (6, 1, 2)])
def test_the_count_is_that_of_keras(width, heads, key_dim):
    with quiet_stderr():
        import keras
    layer = keras.layers.MultiHeadAttention(heads, key_dim)
    layer.build((None, None, width), (None, None, width))
    assert exercises.count_parameters(width, heads, key_dim) == layer.count_params()


def test_the_mask_hides_the_future_and_the_padding():
    mask = exercises.causal_and_padding(np.array([2, 3]), 3)
    assert mask.dtype == bool
    np.testing.assert_array_equal(
        mask,
        [
            [[True, False, False], [True, True, False], [True, True, False]],
            [[True, False, False], [True, True, False], [True, True, True]],
        ],
    )


def test_a_mask_holds_true_and_false_and_may_be_a_list():
    grade = exercises.combined_mask.grade
    assert grade(lambda *a: exercises.causal_and_padding(*a).tolist()).status == "passed"
    assert grade(lambda *a: exercises.causal_and_padding(*a)[0]).status == "failed"
    for numbers in (int, float):
        verdict = grade(lambda *a, kind=numbers: exercises.causal_and_padding(*a).astype(kind))
        assert verdict.status == "failed"
        assert "Return True and False" in verdict.message


def test_each_known_mistake_about_masks_is_another_mask():
    given = [mistake.answer for mistake in exercises.combined_mask.mistakes]
    given = [answer(np.array([3, 1]), 4) for answer in [exercises.causal_and_padding, *given]]
    assert len({str(mask.astype(float)) for mask in given}) == len(given) - 1


def test_tokens_hold_a_symbol_and_a_position():
    tokens = exercises.tokens_with_positions(3, 7)
    assert tokens.shape == (7, 20)
    np.testing.assert_array_equal(tokens[:, :4].sum(axis=1), np.ones(7))
    assert set(np.unique(tokens[:, :4])) == {0.0, 1.0}
    np.testing.assert_array_equal(tokens[:, 4:], attention.sinusoidal_positions(7, 16))
    assert len({tuple(exercises.tokens_with_positions(s, 7)[:, :4].ravel()) for s in range(5)}) == 5


def test_the_weights_are_those_of_attention_with_its_root():
    tokens = exercises.tokens_with_positions(3, 5)
    generator = np.random.default_rng(2)
    query_kernel, key_kernel = generator.normal(size=(2, 20, 6))
    scores = tokens @ query_kernel @ (tokens @ key_kernel).T / 6**0.5
    expected = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    found = exercises.look_weights((query_kernel, key_kernel), tokens)
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_the_solution_looks_at_the_one_before_everywhere():
    kernels = exercises.look_one_back()
    for length in (2, 9, 40):
        weights = exercises.look_weights(kernels, exercises.tokens_with_positions(77, length))
        assert np.diagonal(weights, -1).min() > 0.999
    assert exercises.share_one_back(kernels) > 0.999


def _turn_the_key(pairs, strength):
    """The other way: the key is turned on by one, and only some pairs are used."""
    query_kernel, key_kernel = np.zeros((20, 2 * pairs)), np.zeros((20, 2 * pairs))
    for pair in range(pairs):
        angle = 10_000 ** (-2 * pair / 16)
        cos, sin = np.cos(angle), np.sin(angle)
        place = slice(2 * pair, 2 * pair + 2)
        rows = slice(4 + 2 * pair, 6 + 2 * pair)
        query_kernel[rows, place] = strength * np.eye(2)
        key_kernel[rows, place] = [[cos, -sin], [sin, cos]]
    return query_kernel, key_kernel


def test_other_ways_are_accepted_too():
    assert exercises.look_back.grade(lambda: _turn_the_key(8, 60)).status == "passed"
    assert exercises.look_back.grade(lambda: _turn_the_key(3, 60)).status == "passed"
    shift = exercises.look_one_back()[0] @ exercises.look_one_back()[1].T
    assert exercises.look_back.grade(lambda: [shift, np.eye(20)]).status == "passed"
    whole = [np.round(100 * one).astype(int) for one in _turn_the_key(8, 1)]
    assert exercises.look_back.grade(lambda: whole).status == "passed"


def test_the_bar_lies_where_the_lesson_says():
    assert exercises.SHARE_WANTED == 0.9
    below, above = _turn_the_key(8, 22), _turn_the_key(8, 40)
    assert exercises.share_one_back(below) < 0.9 < exercises.share_one_back(above)
    assert exercises.look_back.grade(lambda: below).status == "failed"
    assert exercises.look_back.grade(lambda: above).status == "passed"


def test_shares_are_averaged_over_three_lengths():
    itself = exercises._turned(100, 0)()
    assert exercises.share_one_back(itself) < 0.01
    even = (np.zeros((20, 1)), np.zeros((20, 1)))
    expected = np.mean([1 / 6, 1 / 13, 1 / 30])
    assert exercises.share_one_back(even) == pytest.approx(expected)


def _turn_by(angles):
    query_kernel = np.zeros((20, 16))
    for pair, angle in enumerate(angles):
        cos, sin = np.cos(angle), np.sin(angle)
        query_kernel[4 + 2 * pair : 6 + 2 * pair, 2 * pair : 2 * pair + 2] = [
            [100 * cos, 100 * sin],
            [-100 * sin, 100 * cos],
        ]
    return query_kernel, np.eye(20)[:, 4:]


def _symbols_only():
    kernel = np.zeros((20, 4))
    kernel[:4] = 10 * np.eye(4)
    return kernel, kernel


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (lambda: _turn_the_key(8, 12), "the attention is too soft: make the scores larger"),
        (lambda: exercises._turned(60, 0)(), "Your tokens look at themselves"),
        (lambda: exercises._turned(60, -1)(), "look at the one after: turn the other way"),
        (_symbols_only, "depends on their symbols"),
        (lambda: (np.ones((20, 3)), np.zeros((20, 3))), "the scores are all equal"),
        (lambda: exercises._turned(60, -2)(), "Your tokens look 2 places ahead."),
        (lambda: _turn_by(np.full(8, 1.0)), "one angle, which is right for pair 0 alone. Each"),
        (lambda: _turn_by(np.full(8, 0.1))[::-1], "You turn all pairs by one angle. Each pair"),
        (lambda: _turn_by([1, *np.full(7, 2.5)]), "of the pairs 0 to 7 alone: 0. Each pair"),
        (lambda: exercises._turned(60, 3)(), "Your tokens look 3 places back."),
        (lambda: [exercises._in_halves(one) for one in _turn_the_key(8, 80)], "take turns"),
        (lambda: [np.roll(one, -4, 0) for one in _turn_the_key(8, 80)], "rows 4 to 19"),
    ],
)
def test_what_is_said_of_kernels_that_look_elsewhere(answer, sentence):
    verdict = exercises.look_back.grade(answer)
    assert verdict.status == "failed"
    assert sentence in verdict.message
    assert "on new sequences the token before gets a share of 0." in verdict.message


def test_kernels_for_two_halves_are_those_in_turn_with_other_rows():
    kernel = exercises.look_one_back()[0]
    halves = exercises._in_halves(kernel)
    np.testing.assert_array_equal(exercises._in_turns(halves), kernel)
    assert (halves != kernel).any()
    wide = attention.sinusoidal_positions(5, 16)
    np.testing.assert_array_equal(
        wide[:, [*range(0, 16, 2), *range(1, 16, 2)]] @ halves[4:], wide @ kernel[4:]
    )


@pytest.mark.parametrize(
    ("result", "message"),
    [
        (np.zeros((20, 3)), "two arrays"),
        (7, "two arrays"),
        (("a", "b"), "two arrays of real numbers"),
        ((np.zeros((20, 3)), np.zeros((20, 4))), r"\(20, 3\) and \(20, 4\)"),
        ((np.zeros((19, 3)), np.zeros((19, 3))), "with 20 rows"),
        ((np.zeros((20, 0)), np.zeros((20, 0))), "two arrays of real numbers"),
        ((np.zeros(20), np.zeros(20)), "two arrays of real numbers"),
        ((np.zeros((20, 2), complex), np.zeros((20, 2))), "real numbers"),
        ((np.zeros((20, 2)), np.full((20, 2), np.nan)), "finite numbers only"),
        ((np.full((20, 2), np.inf), np.zeros((20, 2))), "finite numbers only"),
        (([[1], [1, 2]], [[1]]), "two arrays"),
    ],
)
def test_what_is_no_pair_of_kernels_is_refused(result, message):
    with pytest.raises(Rejected, match=message):
        exercises._kernels(lambda: result)


def test_the_cases_tell_apart_what_differs_only_in_some_sizes():
    keys = [case.arguments[1].shape for case in exercises.attention_weights.cases]
    assert keys == [(4, 2), (3, 5), (7, 16), (5, 4)]
    query, table = exercises.attention_weights.cases[-1].arguments
    assert np.sort(table @ query / 4**0.5)[-3] > 1_000
    np.testing.assert_array_equal(table.astype("float32") @ query.astype("float32"), table @ query)
    assert np.sort(exercises.weights_of_query(query, table))[-3] > 0.1
    assert [case.arguments for case in exercises.operations.cases] == [
        (5, 5, 4, 4),
        (1, 100, 8, 16),
        (64, 32, 16, 8),
    ]
    lengths = [list(case.arguments[0]) for case in exercises.combined_mask.cases]
    assert lengths == [[3, 1], [2, 5, 4]]
    counts = [case.arguments for case in exercises.attention_parameters.cases]
    assert (12, 3, 5) in counts
    assert any(heads * size == width for width, heads, size in counts)
    assert [case.arguments for case in exercises.sinusoids.cases] == [(3, 4), (7, 6), (20, 10)]


def _hint_of(exercise, name):
    return next(mistake.hint for mistake in exercise.mistakes if mistake.name == name)


def _plain_softmax(query, keys):
    scores = np.array([key @ query for key in keys])
    return np.exp(scores) / np.sum(np.exp(scores))


def _strictly_before(lengths, size):
    place = np.arange(size)
    return np.stack([(place < place[:, None]) & (place < length) for length in lengths])


def _halves(length, features):
    angles = np.outer(np.arange(length), 10_000.0 ** (-np.arange(0, features, 2) / features))
    return np.hstack([np.sin(angles), np.cos(angles)])


@pytest.mark.parametrize(
    ("exercise", "name", "answer"),
    [
        (exercises.attention_weights, "no root, and overflow", _plain_softmax),
        (
            exercises.attention_weights,
            "cosines",
            lambda q, k: _plain_softmax(
                q / np.linalg.norm(q), k / np.linalg.norm(k, axis=1, keepdims=True)
            ),
        ),
        (exercises.combined_mask, "not itself", _strictly_before),
        (
            exercises.combined_mask,
            "queries hidden",
            lambda lengths, size: np.stack(
                [
                    np.tril(np.ones((size, size), bool)) & (np.arange(size) < n)[:, None]
                    for n in lengths
                ]
            ),
        ),
        (
            exercises.combined_mask,
            "upper half",
            lambda lengths, size: np.stack(
                [np.triu(np.ones((size, size), bool)) & (np.arange(size) < n) for n in lengths]
            ),
        ),
        (exercises.sinusoids, "one half sines", _halves),
        (
            exercises.sinusoids,
            "counted from one",
            lambda length, features: exercises.position_table(length + 1, features)[1:],
        ),
        (
            exercises.sinusoids,
            "cosine first",
            lambda length, features: (
                exercises.position_table(length, features)
                .reshape(length, -1, 2)[..., ::-1]
                .reshape(length, features)
            ),
        ),
        (
            exercises.sinusoids,
            "exponent halved",
            lambda length, features: np.where(
                np.arange(features) % 2 == 0,
                np.sin(np.outer(np.arange(length), 1e4 ** -(np.arange(features) // 2 / features))),
                np.cos(np.outer(np.arange(length), 1e4 ** -(np.arange(features) // 2 / features))),
            ),
        ),
        (
            exercises.attention_parameters,
            "output for every head",
            lambda w, h, k: exercises.count_parameters(w, 1, k) * h,
        ),
        (
            exercises.attention_parameters,
            "one head",
            lambda w, h, k: exercises.count_parameters(w, 1, k),
        ),
        (
            exercises.attention_weights,
            "divided by their sum",
            lambda q, k: np.array([row @ q for row in k]) / sum(row @ q for row in k),
        ),
        (
            exercises.attention_parameters,
            "no output",
            lambda w, h, k: 3 * w * h * k + 3 * h * k,
        ),
        (
            exercises.attention_parameters,
            "always 4 (D^2 + D)",
            lambda w, h, k: 4 * w**2 + 4 * w,
        ),
        (
            exercises.operations,
            "linear",
            lambda q, k, d, v: 2 * q * d + 2 * k * d + 2 * (q + k) * v,
        ),
    ],
)
def test_a_mistake_written_in_another_way_gets_the_same_hint(exercise, name, answer):
    assert _hint_of(exercise, name) in exercise.grade(answer).message
