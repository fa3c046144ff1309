"""What the run of lesson 05's open question does with its settings."""

import numpy as np
import pytest

from course_lib import datasets
from course_lib.exercises import lesson_05
from course_lib.scratch.gradient_check import gradient_error

PASS = 2000 // lesson_05.BATCH


@pytest.fixture
def steps(monkeypatch):
    """Return what each step of `train_patient` gets and gives: rows, labels, weights, gradients."""
    kept = []
    gradients = lesson_05._patient_gradients

    def recording(inputs, targets, weights, biases):
        found = gradients(inputs, targets, weights, biases)
        before = [array.copy() for array in (*weights, *biases)]
        kept.append((inputs.sum(axis=1), targets, before, found))
        return found

    monkeypatch.setattr(lesson_05, "_patient_gradients", recording)
    monkeypatch.setattr(lesson_05, "STEPS", 2 * PASS)
    return kept


def test_every_pass_has_all_digits_in_an_order_of_its_own(steps):
    lesson_05.train_patient(lesson_05.MENDED)
    first, second = (
        np.concatenate([rows for rows, *_ in part]) for part in (steps[:PASS], steps[PASS:])
    )
    assert len(first) == len(second) == 2000
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(np.sort(first), np.sort(second))


def test_without_shuffling_every_pass_is_sorted(steps):
    lesson_05.train_patient(lesson_05.MENDED | {"shuffle": False})
    labels = np.concatenate([labels for _, labels, *_ in steps]).reshape(2, 2000)
    assert (np.diff(labels) >= 0).all()
    assert set(labels[0]) == set(range(10))


@pytest.mark.parametrize("clip_norm", [0.0, 0.05, 1e6])
def test_a_step_goes_downhill_no_further_than_the_clipping_allows(steps, clip_norm):
    lesson_05.train_patient(lesson_05.MENDED | {"clip_norm": clip_norm})
    (_, _, before, gradients), (_, _, after, _) = steps[:2]
    norm = np.sqrt(sum(float(np.sum(gradient**2)) for gradient in gradients))
    assert norm > 0.05
    length = 0.2 * (0.05 / norm if clip_norm == 0.05 else 1)
    for old, new, gradient in zip(before, after, gradients, strict=True):
        np.testing.assert_allclose(new - old, -length * gradient, atol=1e-6)


def test_its_gradients_are_those_of_cross_entropy():
    generator = np.random.default_rng(5)
    arrays = [generator.normal(size=size) for size in ((4, 3), (3, 2), (3,), (2,))]
    inputs, targets = generator.normal(size=(5, 4)), np.array([0, 1, 1, 0, 1])

    def loss_of(number):
        def loss(array):
            changed = [array if n == number else one for n, one in enumerate(arrays)]
            scores = lesson_05._patient_forward(inputs, changed[:2], changed[2:])[-1]
            logarithms = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
            return -logarithms[np.arange(5), targets].mean()

        return loss

    found = lesson_05._patient_gradients(inputs, targets, arrays[:2], arrays[2:])
    for number, (array, gradient) in enumerate(zip(arrays, found, strict=True)):
        assert gradient_error(loss_of(number), gradient, array) < 1e-6


def test_the_digits_are_the_first_of_the_data():
    (images, labels), _ = datasets.mnist()
    found, named = lesson_05._digits()
    assert found.shape == (lesson_05.DIGITS, 784)
    np.testing.assert_array_equal(found, images[: lesson_05.DIGITS].reshape(-1, 784))
    np.testing.assert_array_equal(named, labels[: lesson_05.DIGITS])


@pytest.mark.parametrize(
    ("deviations", "sentence"),
    [
        ([0.05, 0.0, 0.2], "starts all weights of a layer at 0"),
        ([0.05, -0.1, 0.2], "a list of three positive numbers"),
        # Each layer alone is within bounds, but all of them together are not.
        ([0.14, 0.5, 0.5], "multiply the signal by 2.8, 2.8 and 2.8"),
    ],
)
def test_deviations_are_looked_at_one_by_one_and_together(monkeypatch, deviations, sentence):
    monkeypatch.setattr(lesson_05, "train_patient", lambda settings, seed: np.zeros(15))
    settings = lesson_05.MENDED | {"weight_deviation": deviations}
    assert sentence in lesson_05.patient.grade(settings).message


def test_a_clipping_that_divides_by_zero_gets_a_hint_of_its_own():
    def always(gradients, largest):
        norm = np.sqrt(sum(np.sum(gradient**2) for gradient in gradients))
        return [gradient / norm * largest for gradient in gradients]

    assert "short ones too" in lesson_05.global_clipping.grade(always).message


def test_only_who_clips_is_told_to_clip_less():
    slow = {**lesson_05.MENDED, "learning_rate": 0.003}
    assert "clipping" not in lesson_05.patient.grade(slow).message
    assert "or the clipping norm" in lesson_05.patient.grade({**slow, "clip_norm": 0.1}).message
