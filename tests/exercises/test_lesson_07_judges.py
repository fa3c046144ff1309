"""What the judges of lesson 07's open questions count, and say beyond the known mistakes."""

import re

import numpy as np
import pytest

from course_lib.exercises import lesson_07

CONVOLUTION = ("convolution", 5, 1, 8)


def test_a_stack_is_counted_as_keras_counts_it(keras):
    stack = [("convolution", 5, 2, 4), ("pooling", 2), ("convolution", 3, 1, 6)]
    layers = [
        keras.layers.Conv2D(4, 5, 2),
        keras.layers.MaxPooling2D(2),
        keras.layers.Conv2D(6, 3),
    ]
    model = keras.Sequential([keras.Input((28, 28, 1)), *layers])
    found = lesson_07.measure_stack(stack)
    assert found["parameters"] == model.count_params()
    assert model.output_shape == (None, found["places"], found["places"], 6)
    # 5 pixels, 2 more by the pooling's second place, and 2 steps of 4.
    assert found["seen"] == 5 + 2 + 2 * 4
    assert found["multiplications"] == 12**2 * 25 * 4 + 4**2 * 9 * 4 * 6


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ([], "should be a list of layers"),
        ("convolution", "should be a list of layers"),
        ([CONVOLUTION, 3], r"layer 2 should be \(\"convolution\", kernel"),
        ([()], "layer 1 should be"),
        ([("dense", 10)], "layer 1 should be"),
        ([("pooling", 2, 2)], "layer 1 should be"),
        ([("convolution", 3, 1)], "layer 1 should be"),
        ([("convolution", 3, 0, 8)], "from 1 to 1000, but holds 0"),
        ([("pooling", 2.0)], "from 1 to 1000, but holds 2"),
        ([("pooling", True)], "from 1 to 1000, but holds True"),
        ([("convolution", 3, 1, 1001)], "from 1 to 1000, but holds 1001"),
        ([("convolution", 29, 1, 8)], "window of 29 pixels, and only 28 are left"),
        ([CONVOLUTION], "one output sees 5 pixels"),
        ([("convolution", 28, 1, 1)], "one output is left along an axis"),
        ([("convolution", 20, 1, 32)], "Several small kernels see as far as a large one"),
        ([("convolution", 5, 1, 12)] * 5, "Its kernels are small, so take fewer filters"),
        (
            [CONVOLUTION, ("pooling", 2), ("convolution", 1, 1, 16), CONVOLUTION, CONVOLUTION],
            "at least 16 filters with a kernel larger than 1",
        ),
    ],
)
def test_other_stacks_are_described(answer, message):
    verdict = lesson_07.stack.grade(answer)
    assert verdict.status == "failed"
    assert re.search(message, verdict.message)


def test_a_stack_may_hold_lists_and_numpy_numbers():
    answer = [[layer[0], *map(np.int64, layer[1:])] for layer in lesson_07.SMALL_STACK]
    assert lesson_07.stack.grade(answer).status == "passed"


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ([1, 2, 3], "should be 3 x 3 real numbers"),
        (np.ones((3, 3, 1)), "should be 3 x 3 real numbers"),
        (np.ones((3, 3), dtype=bool), "should be 3 x 3 real numbers"),
        (np.zeros((3, 3)), "not all of them zero"),
        (np.full((3, 3), np.inf), "should hold finite numbers"),
        ([[-1, 2.5, -1]] * 3, "Take a ninth of the sum off each"),
        ([[-1, -2, -1], [0, 0, 0], [-1, -2, -1]], "None of its numbers is above zero"),
    ],
)
def test_other_kernels_are_described(answer, message):
    verdict = lesson_07.three_or_eight.grade(answer)
    assert verdict.status == "failed"
    assert message in verdict.message


def test_a_kernel_is_judged_by_what_it_does_not_by_its_size():
    kernel = np.array(lesson_07.UPRIGHT_STROKE)
    accuracy = lesson_07.three_or_eight_accuracy(kernel)
    assert 0.84 < accuracy < 0.9
    for factor in (1e-3, 1e6):
        assert lesson_07.three_or_eight_accuracy(factor * kernel) == pytest.approx(accuracy)
    # Mirrored, and upside down, it asks the same question.
    assert lesson_07.three_or_eight_accuracy(kernel[::-1, ::-1]) == pytest.approx(accuracy)
    assert lesson_07.three_or_eight_accuracy(np.transpose(kernel)) < 0.7


def test_digits_with_less_of_what_is_sought_may_be_the_eights():
    # Level strokes: a 3 has more of them, so the threshold is read the other way round.
    assert lesson_07.three_or_eight_accuracy([[-1, -1, -1], [2, 2, 2], [-1, -1, -1]]) > 0.6


def test_threshold_verdict_and_practice_use_different_digits():
    sets = lesson_07._threes_and_eights()
    assert sets.shape == (3, 2, 600, 28, 28, 1)
    assert sets.max() == 1.0
    rows = [image.tobytes() for image in sets.reshape(-1, 784)]
    assert len(set(rows)) == len(rows)


def test_what_is_tried_is_not_what_judges():
    kernel = [[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]]
    tried = lesson_07.three_or_eight_accuracy(kernel)
    judged = lesson_07._accuracy(kernel, lesson_07._threes_and_eights()[1])
    assert abs(tried - judged) > 0.02
    message = lesson_07.three_or_eight.grade(kernel).message
    assert f"{judged:.0%}" in message
    assert f"{tried:.0%}" not in message


@pytest.mark.parametrize(
    ("stack", "seen"),
    [
        (
            [CONVOLUTION, ("pooling", 2), CONVOLUTION, ("pooling", 2)],
            "on top adds 4 for each pixel",
        ),
        ([CONVOLUTION, CONVOLUTION], "put a stride or a pooling early"),
        ([CONVOLUTION, ("pooling", 12)], "on top of yours only 2 places are left"),
    ],
)
def test_how_a_stack_could_see_more(stack, seen):
    assert seen in lesson_07.stack.grade(stack).message


def test_a_layer_on_top_does_what_was_said():
    pair = [CONVOLUTION, ("pooling", 2), ("convolution", 5, 1, 16), ("pooling", 2)]
    before = lesson_07.measure_stack(pair)
    after = lesson_07.measure_stack([*pair, ("convolution", 3, 1, 16)])
    assert after["seen"] - before["seen"] == 2 * 4
    assert before["places"] == 4
    assert after["places"] == 2
    assert lesson_07.stack.grade([*pair, ("convolution", 3, 1, 16)]).status == "passed"


@pytest.mark.parametrize("turns", range(2))
def test_kernels_that_slant_are_told_so(turns):
    slanting = np.rot90([[2, -1, -1], [-1, 2, -1], [-1, -1, 2]], turns)
    assert "strokes that slant" in lesson_07.three_or_eight.grade(slanting).message
    level = [[1, 2, 1], [0, 0, 0], [-1, -2, -1]]
    assert "slant" not in lesson_07.three_or_eight.grade(level).message
