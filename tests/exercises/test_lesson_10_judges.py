"""The judge of the open-ended exercise of lesson 10 says what is wrong with a place."""

import numpy as np
import pytest

from course_lib.exercises import lesson_10

EVERY_SHOP = range(len(lesson_10.SPOTS))


def grade(answer):
    return str(lesson_10.spot.grade(answer))


@pytest.mark.parametrize("number", EVERY_SHOP)
def test_the_model_of_a_shop_has_learnt_the_spot(number):
    score, coats = lesson_10.shop(number)
    assert coats.shape == (200, 28, 28)
    row, column, grey = lesson_10.SPOTS[number]
    np.testing.assert_array_equal(coats[:, row : row + 3, column : column + 3], grey)
    assert np.mean(score(coats) > 0) > 0.95
    without = coats.copy()
    without[:, row : row + 3, column : column + 3] = 0
    assert np.mean(score(without) > 0) < 0.2


@pytest.mark.parametrize("number", EVERY_SHOP)
def test_the_mark_of_a_shop_is_on_all_coats_and_gives_nothing_away(number):
    score, coats = lesson_10.shop(number)
    row, column = lesson_10.MARKS[number]
    mark = coats[:, row : row + 3, column : column + 3]
    np.testing.assert_array_equal(mark, lesson_10.SPOTS[number][2])
    without = coats.copy()
    without[:, row : row + 3, column : column + 3] = 0
    np.testing.assert_allclose(score(without), score(coats), atol=1e-6)


def test_the_place_that_all_coats_share_is_not_enough():
    def same_in_all(score, coats):
        views = np.lib.stride_tricks.sliding_window_view(coats, (3, 3), axis=(1, 2))
        first = views[:1, :, :, :1, :1]
        constant = np.all((views == first) & (first > 0), axis=(0, 3, 4))
        return np.argwhere(constant)[0]

    assert "which pullovers have, too" in grade(same_in_all)


def test_one_image_alone_is_refused_by_name():
    score, coats = lesson_10.shop(0)
    with pytest.raises(ValueError, match=r"shape \(n, 28, 28\), but got \(28, 28\)"):
        score(coats[0])
    assert score(coats[:1].reshape(1, 784)).shape == (1,)


@pytest.mark.parametrize(
    ("exercise", "answer", "message"),
    [
        (
            lesson_10.nudging,
            lambda function, x, step: np.array(
                [
                    (function(x + 1e-6 * one) - function(x - 1e-6 * one)) / 2e-6
                    for one in np.eye(len(x))
                ]
            ),
            "a step of your own",
        ),
        (
            lesson_10.nudging,
            lambda function, x, step: np.array(
                [
                    (function(x + step * one) - function(x - step * one)) / 2 * step
                    for one in np.eye(len(x))
                ]
            ),
            "Write / (2 * step)",
        ),
    ],
)
def test_frequent_slips_have_a_name(exercise, answer, message):
    assert message in str(exercise.grade(answer))


def test_the_spots_are_at_different_places_and_not_all_white():
    assert len({spot[:2] for spot in lesson_10.SPOTS}) == 3
    assert len({spot[2] for spot in lesson_10.SPOTS}) == 2


@pytest.mark.parametrize("number", [3, -1, "first"])
def test_a_shop_that_is_not_there(number):
    with pytest.raises(ValueError, match="no shop"):
        lesson_10.shop(number)


def test_every_way_to_find_it_is_right():
    def by_gradient(score, coats):
        slopes = score(np.eye(784).reshape(-1, 28, 28)).reshape(28, 28)
        sums = np.lib.stride_tricks.sliding_window_view(slopes, (3, 3)).sum(axis=(2, 3))
        return np.array(np.unravel_index(sums.argmax(), sums.shape))

    assert grade(by_gradient).startswith("✔")


def test_one_shop_alone_is_not_enough():
    row, column, _ = lesson_10.SPOTS[0]
    assert "shop 1: with your place black" in grade(lambda score, coats: (row, column))


def test_the_brightest_place_of_a_coat_that_has_no_white_mark():
    bright = lesson_10._brightest
    places = iter([lambda score, coats: lesson_10.SPOTS[0][:2], bright])
    message = grade(lambda score, coats: next(places)(score, coats))
    assert "shop 1" in message
    assert "where coats are brightest" in message


def test_a_place_that_changes_nothing_gets_the_way_to_go():
    assert "Cover each place in turn" in grade(lambda score, coats: (0, 0))


def test_a_rise_and_white_paint_are_told_apart():
    score, coats = lesson_10.shop(0)
    black, white = (lesson_10._drops(score, coats[:20], grey) for grey in (0.0, 1.0))
    highest, lowest = (np.unravel_index(one.argmin(), one.shape) for one in (black, -white))
    assert "Did you take the smallest drop" in grade(lambda score, coats: highest)
    assert "Deleted is black here" in grade(lambda score, coats: lowest)
    slight = np.argwhere((black < -1e-3) & (black > black.min() / 2) & (white < white.max() / 2))
    assert "lifts the mean score: look" in grade(lambda score, coats: slight[0])


def test_drops_of_the_mean_coat_are_mean_drops():
    score, coats = lesson_10.shop(2)
    covered = coats.copy()
    covered[:, 13:16, 12:15] = 0
    drop = score(coats).mean() - score(covered).mean()
    assert lesson_10._drops(score, coats, 0.0)[13, 12] == pytest.approx(drop)


@pytest.mark.parametrize("way", [(0, 2), (-2, -2), (-2, 1)])
def test_a_place_beside_the_spot_is_close(way):
    row, column, _ = lesson_10.SPOTS[0]
    message = grade(lambda score, coats: (row + way[0], column + way[1]))
    assert "within two pixels" in message


def test_whole_numbers_may_be_floats():
    places = iter(lesson_10.SPOTS)
    assert grade(lambda score, coats: [float(one) for one in next(places)[:2]]).startswith("✔")


@pytest.mark.parametrize("place", [(26, 0), (0, 26), (-1, 3), (3, -1)])
def test_a_place_outside(place):
    assert "should be from 0 to 25" in grade(lambda score, coats: place)


@pytest.mark.parametrize("place", [(1.5, 2.0), (1, 2, 3), "24", (1, True), np.zeros((2, 2))])
def test_what_is_no_place(place):
    assert "two whole numbers" in grade(lambda score, coats: place)


def test_rank_correlation_is_that_of_scipy_also_with_equal_values():
    from scipy.stats import spearmanr

    generator = np.random.default_rng(0)
    for _ in range(20):
        a, b = generator.integers(0, 4, (2, 12)).astype(float)
        assert lesson_10.rank_correlation(a, b) == pytest.approx(spearmanr(a, b)[0], abs=1e-12)


def test_the_map_by_hand_is_that_of_the_lesson(keras):
    from course_lib.models.attribution import grad_cam

    maps = np.random.default_rng(1).uniform(0, 1, (1, 3, 4, 2)).astype("float32")
    slopes = np.random.default_rng(2).normal(size=(24, 1))
    layers = [keras.layers.ReLU(name="maps"), keras.layers.Flatten(), keras.layers.Dense(1)]
    network = keras.Sequential([keras.Input((3, 4, 2)), *layers])
    network.set_weights([slopes, np.zeros(1)])
    by_hand = lesson_10.class_map(maps[0], slopes.reshape(3, 4, 2))
    np.testing.assert_allclose(grad_cam(network, maps, [0], "maps")[0], by_hand, atol=1e-6)
