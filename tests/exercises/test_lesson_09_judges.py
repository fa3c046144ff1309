"""What the open questions of lesson 09 ask, and say beyond their known mistakes."""

import numpy as np
import pytest

from course_lib.exercises import lesson_09 as exercises

GENERATOR = np.random.default_rng(3)


def _normal(*shape):
    return GENERATOR.normal(size=shape)


def test_the_solution_idles_and_both_matrices_move_in_keras(keras):
    layers, features, hidden = keras.layers, 24, 30
    x = keras.Input((features,))
    branch = layers.Dense(hidden, "relu", use_bias=False)(x)
    branch = layers.Dense(features, use_bias=False)(branch)
    block = keras.Model(x, layers.ReLU()(branch + x))
    start = [one.astype("float32") for one in exercises.new_block(features, hidden)]
    block.set_weights(start)
    inputs = np.maximum(_normal(400, features), 0).astype("float32")
    np.testing.assert_array_equal(block(inputs), inputs)
    block.compile(keras.optimizers.SGD(1.0), "mse")
    block.fit(inputs, np.abs(_normal(400, features)), batch_size=400, epochs=3, verbose=0)
    for before, after in zip(start, block.get_weights(), strict=True):
        assert np.mean(after != before) > 0.95


def test_any_random_start_passes():
    for _ in range(200):
        verdict = exercises.idle_block.grade(lambda n, h: (_normal(n, h), np.zeros((h, n), int)))
        assert verdict.status == "passed", verdict


def _cancelling(features, hidden):
    first, second = _normal(features, hidden // 2), _normal(hidden // 2, features)
    return np.hstack([first, first]), np.vstack([second, -second])


def test_other_ways_to_do_nothing_are_right():
    for answer in (
        _cancelling,
        lambda n, h: (np.abs(_normal(n, h)).tolist(), np.zeros((h, n)).tolist()),
        lambda n, h: (1e100 * _normal(n, h), np.zeros((h, n))),
    ):
        verdict = exercises.idle_block.grade(answer)
        assert verdict.status == "passed", verdict


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda n, h: np.zeros((h, n)), "two matrices of real numbers"),
        (lambda n, h: (1j * _normal(n, h), np.zeros((h, n))), "two matrices of real numbers"),
        (lambda n, h: (np.full((n, h), np.nan), np.zeros((h, n))), "finite numbers"),
        (lambda n, h: (np.eye(n, h), np.zeros((h, n))), "but 6 of its 30 hidden units"),
        (lambda n, h: (-np.abs(_normal(n, h)), _normal(h, n)), "but 30 of its 30 hidden units"),
        (lambda n, h: (_normal(n, h), -1e-5 * _normal(h, n)), "little and not nothing"),
        (
            lambda n, h: (np.repeat(_normal(n, h // 2), 2, axis=1), np.zeros((h, n))),
            "copies of each other",
        ),
    ],
)
def test_what_a_block_lacks_is_said(answer, message):
    verdict = exercises.idle_block.grade(answer)
    assert verdict.status == "failed"
    assert message in verdict.message, verdict


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda few, labels, new: 0.5 + np.zeros(len(new)), "no digits from 0 to 9"),
        (lambda few, labels, new: labels[:20], "one digit for each of the 500 new images"),
        (
            lambda few, labels, new: exercises.read_digits(few, np.roll(labels, 1), new),
            "has each shifted copy the label of its own image",
        ),
    ],
)
def test_what_a_reader_lacks_is_said(answer, message):
    verdict = exercises.twenty_labels.grade(answer)
    assert verdict.status == "failed"
    assert message in verdict.message, verdict


def test_labels_may_be_floats():
    verdict = exercises.twenty_labels.grade(lambda *given: exercises.read_digits(*given) + 0.0)
    assert verdict.status == "passed", verdict


def _nearest(moves, count=1):
    def answer(few_images, few_labels, new_images):
        known = np.concatenate([np.roll(few_images, move, axis=(1, 2)) for move in moves])
        known, new = known.reshape(-1, 784), new_images.reshape(-1, 784)
        near = np.argsort((known**2).sum(axis=1) - 2 * new @ known.T, axis=1, kind="stable")[
            :, :count
        ]
        votes = np.tile(few_labels, len(moves))[near]
        return np.array([np.bincount(row).argmax() for row in votes])

    return answer


@pytest.mark.parametrize(
    "moves",
    [
        [(0, 0), (1, 1), (1, -1), (-1, 1), (-1, -1)],
        [(0, 0), (0, 1), (0, -1), (1, 0), (-1, 0)],
        [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1)],
    ],
)
def test_who_trains_on_shifted_copies_is_not_told_to(moves):
    said = exercises.twenty_labels.grade(_nearest(moves)).message
    assert "it knows already" in said
    assert "shifted copies" not in said


def test_who_reads_few_of_the_labelled_images_keeps_too_little():
    said = exercises.twenty_labels.grade(_nearest([(0, 0)], count=3)).message
    assert "labelled images themselves it reads only" in said
    assert "Train on shifted copies" not in said


def test_who_answers_as_many_whatever_is_asked_is_asked_back():
    # Only for new images, of which there are as many in each draw.
    def answer(few_images, few_labels, new_images):
        said = _nearest([(0, 0)])(few_images, few_labels, new_images)
        return said if (said[:200] != few_labels).any() else said[200:]

    said = exercises.twenty_labels.grade(answer).message
    assert said.endswith("do you train on shifted copies, too?")
