"""Shifted images keep their pixels, and each is shifted by its own amount."""

import numpy as np
import pytest

from course_lib.training.augmentation import shift_images


def images(count=400, height=6, width=7, channels=2):
    return np.random.default_rng(1).uniform(1, 2, (count, height, width, channels))


def moved(image, down, across):
    """Move by roll, and put zeros where the roll came round."""
    result = np.roll(image, (down, across), axis=(0, 1))
    rows, columns = np.arange(image.shape[0]), np.arange(image.shape[1])
    lost_rows = (rows < down) | (rows >= image.shape[0] + down)
    lost_columns = (columns < across) | (columns >= image.shape[1] + across)
    result[lost_rows] = 0
    result[:, lost_columns] = 0
    return result


@pytest.mark.parametrize("pixels", [1, 2])
def test_each_image_is_moved_whole_and_every_shift_occurs(pixels):
    before = images()
    after = shift_images(before, pixels, np.random.default_rng(2))
    steps = range(-pixels, pixels + 1)
    shifts = [(down, across) for down in steps for across in steps]
    counts = dict.fromkeys(shifts, 0)
    for old, new in zip(before, after, strict=True):
        matching = [shift for shift in shifts if np.array_equal(moved(old, *shift), new)]
        assert len(matching) == 1
        counts[matching[0]] += 1
    # Each shift is as likely: within five standard errors of its share.
    share = len(before) / len(shifts)
    assert all(abs(count - share) < 5 * share**0.5 for count in counts.values())


def test_nothing_moves_by_no_pixels_and_the_callers_array_is_kept():
    before = images(3)
    copy = before.copy()
    still = shift_images(before, 0, np.random.default_rng(0))
    assert np.array_equal(still, before)
    assert not np.shares_memory(still, before)
    shift_images(before, 2, np.random.default_rng(0))
    assert np.array_equal(before, copy)


def test_type_is_kept():
    assert shift_images(images(2).astype("float32"), 1, np.random.default_rng(0)).dtype == "float32"


def test_they_are_written_where_one_likes():
    before = images(2300, 4, 4, 1)
    new = shift_images(before, 1, np.random.default_rng(3))
    place = np.full_like(before, np.nan)
    assert shift_images(before, 1, np.random.default_rng(3), out=place) is place
    assert np.array_equal(place, new)
    shift_images(before, 1, np.random.default_rng(3), out=before)
    assert np.array_equal(before, new)


@pytest.mark.parametrize("out", [np.ones((3, 5, 5, 1)), np.ones((2, 5, 5, 1), "float32")])
def test_an_out_of_another_shape_or_type_is_refused_and_kept(out):
    with pytest.raises(ValueError, match=r"an out like the images, but got shape \(2, 5, 5, 1\)"):
        shift_images(np.zeros((2, 5, 5, 1)), 1, np.random.default_rng(0), out=out)
    assert (out == 1).all()


@pytest.mark.parametrize(
    ("array", "pixels"), [(np.ones((2, 5, 5)), 1), (np.ones((2, 5, 5, 1)), -1)]
)
def test_what_does_not_fit_is_refused(array, pixels):
    with pytest.raises(ValueError, match=r"shape \(batch, height, width, channels\).*but got"):
        shift_images(array, pixels, np.random.default_rng(0))
