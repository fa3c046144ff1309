"""What the exercises of lesson 17 accept, refuse and say."""

import numpy as np
import pytest

from course_lib.exercises import lesson_17 as exercises
from course_lib.exercises.exercise import Rejected
from course_lib.lesson import quiet_stderr
from course_lib.scratch import adaptation


def test_the_rank_is_the_last_at_which_keras_trains_fewer_weights():
    with quiet_stderr():
        import keras
    for shapes in ([(5, 7), (7, 3)], [(6, 12), (12, 6)]):
        kernels = sum(n * m for n, m in shapes)
        rank = exercises.rank_that_saves(shapes)
        trained = []
        for tried in (rank, rank + 1):
            layers = [keras.layers.Dense(m, use_bias=False) for _, m in shapes]
            for layer, (n, _) in zip(layers, shapes, strict=True):
                layer.build((None, n))
                layer.enable_lora(tried)
            variables = [one for layer in layers for one in layer.trainable_variables]
            trained.append(sum(variable.numpy().size for variable in variables))
        assert trained[0] < kernels <= trained[1]


def test_the_cases_have_a_tie_and_kernels_that_disagree():
    tied, disagree = 0, 0
    for case in exercises.highest_rank.cases:
        (shapes,) = case.arguments
        tied += sum(n * m for n, m in shapes) % sum(n + m for n, m in shapes) == 0
        disagree += len({(n * m - 1) // (n + m) for n, m in shapes}) > 1
    assert (tied, disagree) == (2, 2)


def test_without_a_saving_the_rank_is_zero():
    assert exercises.rank_that_saves([(1, 5)]) == exercises.rank_that_saves([(2, 2)]) == 0


def test_the_solutions_agree_with_the_package():
    generator = np.random.default_rng(1)
    kernel, a, b = (generator.normal(size=shape) for shape in [(4, 5), (4, 2), (2, 5)])
    merged = exercises.merge_kernels(kernel, a, b, 6.0)
    np.testing.assert_allclose(merged, adaptation.merge_lora(kernel, a, b, 3.0), atol=1e-14)
    for case in exercises.preference_loss.cases:
        *four, beta = case.arguments
        expected = adaptation.dpo_loss(*(np.array([one]) for one in four), beta)
        assert exercises.loss_of_pair(*case.arguments) == pytest.approx(expected, abs=1e-12)


def test_forgetting_by_hand():
    before, after = np.array([1.0, 2.0]), np.array([1.5, 2.0])
    lengths = np.array([300, 100])
    expected = 0.5 * 0.75 / np.log(2)
    assert exercises.bits_forgotten(before, after, lengths) == pytest.approx(expected)


def test_divergence_by_hand():
    now = np.array([[-1.0, -1.0, 9.0], [-2.0, -1.0, -1.0]])
    old = np.array([[-2.0, -1.5, 0.0], [-2.0, -1.0, -4.0]])
    real = np.array([[1, 1, 0], [1, 1, 1]])
    assert exercises.kl_of_answers(now, old, real) == pytest.approx((1.5 + 3.0) / 2)


def test_the_cases_have_padding_of_different_lengths():
    for case in exercises.kl_divergence.cases:
        now, old, real = case.arguments
        assert now.shape == old.shape == real.shape
        assert np.ptp(real.sum(axis=1)) > 0
        assert set(np.unique(real)) == {0.0, 1.0}
        assert real[:, 0].all()
    assert [case.arguments[0].shape for case in exercises.kl_divergence.cases] == [
        (3, 5),
        (6, 8),
        (4, 12),
    ]


def test_the_cases_tell_scales_and_lengths_apart():
    scales = [
        (case.arguments[3], case.arguments[1].shape) for case in exercises.merged_kernel.cases
    ]
    assert scales == [(8.0, (4, 2)), (3.0, (3, 1)), (1.0, (6, 3))]
    for case, texts, worse in zip(
        exercises.forgetting.cases, (2, 4, 7, 3), (2, 4, 7, 2), strict=True
    ):
        before, after, lengths = case.arguments
        assert before.shape == after.shape == lengths.shape == (texts,)
        assert np.sum(after > before) == worse
        assert np.all((before >= 1.5) & (after < 3.0))
        assert len(set(lengths)) == texts
        assert lengths.min() >= 100


def test_a_very_wrong_model_needs_a_loss_that_does_not_overflow():
    def naive(chosen, rejected, chosen_before, rejected_before, beta):
        margin = beta * ((chosen - chosen_before) - (rejected - rejected_before))
        return -np.log(1 / (1 + np.exp(-margin)))

    verdict = exercises.preference_loss.grade(naive)
    assert verdict.status == "failed"
    assert "runs over to infinity" in verdict.message


def test_data_of_the_adapter_is_always_the_same_and_never_shared():
    x, y, kernel = exercises.adapter_data("training")
    again = exercises.adapter_data("training")
    np.testing.assert_array_equal(x, again[0])
    np.testing.assert_array_equal(y, again[1])
    x_new, y_new, same = exercises.adapter_data("validation")
    assert (x.shape, y.shape, kernel.shape) == ((80, 24), (80, 16), (24, 16))
    assert (x_new.shape, y_new.shape) == ((200, 24), (200, 16))
    np.testing.assert_array_equal(kernel, same)
    assert not np.isin(x_new[:, 0], x[:, 0]).any()
    with pytest.raises(ValueError, match='"training" or "validation"'):
        exercises.adapter_data("test")


def test_the_new_task_is_the_old_map_and_three_directions_and_noise():
    x, y, kernel = exercises._examples(9, 4_000)
    change = np.linalg.lstsq(x, y - x @ kernel, rcond=None)[0]
    values = np.linalg.svd(change, compute_uv=False)
    assert values[2] > 10 * values[3]
    rest = y - x @ (kernel + change)
    assert np.std(rest) == pytest.approx(exercises.NOISE, rel=0.02)


@pytest.mark.parametrize(("rank", "least", "most"), [(1, 0.8, 1.5), (2, 0.4, 0.8), (3, 0.16, 0.19)])
def test_the_error_falls_with_the_rank_until_the_true_one(rank, least, most):
    assert least < exercises.adapter_error(rank, 0.05, 500) < most


def test_no_step_leaves_the_old_map():
    assert exercises.adapter_error(3, 0.05, 0) == pytest.approx(exercises.old_error(), abs=1e-12)
    assert 2.0 < exercises.old_error() < 4.0


@pytest.mark.parametrize(
    ("rank", "rate", "steps"),
    [(3, 0.05, 500), (4, 0.03, 1_000), (np.int64(5), np.float64(0.02), 2_000)],
)
def test_other_settings_are_accepted_too(rank, rate, steps):
    settings = {"rank": rank, "learning_rate": rate, "steps": steps}
    assert exercises.adapter.grade(lambda: settings).status == "passed"


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"rank": 6, "learning_rate": 0.05, "steps": 500}, "rank 6 trains 240 weights"),
        ({"rank": 2, "learning_rate": 0.02, "steps": 2_000}, "more directions than 2"),
        ({"rank": 3, "learning_rate": 0.05, "steps": 20}, "more steps would be enough"),
        ({"rank": 5, "learning_rate": 1e-6, "steps": 100}, "Even 5,000 steps are too few"),
        ({"rank": 3, "learning_rate": 1.0, "steps": 50}, "the training diverged"),
    ],
)
def test_what_is_said_of_settings_that_do_not_do(settings, sentence):
    verdict = exercises.adapter.grade(lambda: settings)
    assert verdict.status == "failed"
    assert sentence in verdict.message


GOOD = {"rank": 3, "learning_rate": 0.05, "steps": 500}


@pytest.mark.parametrize(
    ("result", "message"),
    [
        ((3, 0.05, 500), "return a dictionary"),
        ({"rank": 3, "rate": 0.05, "steps": 500}, "return a dictionary"),
        ({**GOOD, "alpha": 1}, "return a dictionary"),
        ({**GOOD, "rank": ...}, "some settings are still"),
        ({**GOOD, "rank": 0}, "rank should be a positive whole number"),
        ({**GOOD, "rank": 2.5}, "rank should be a positive whole number"),
        ({**GOOD, "rank": True}, "rank should be a positive whole number"),
        ({**GOOD, "steps": 0}, "steps should be a positive whole number"),
        ({**GOOD, "learning_rate": 0}, "learning_rate should be a positive number"),
        ({**GOOD, "learning_rate": np.nan}, "learning_rate should be a positive number"),
        ({**GOOD, "learning_rate": np.inf}, "learning_rate should be a positive number"),
        ({**GOOD, "learning_rate": "fast"}, "learning_rate should be a positive number"),
        ({**GOOD, "learning_rate": True}, "learning_rate should be a positive number"),
        ({**GOOD, "steps": 5_001}, "at most 5,000 steps"),
    ],
)
def test_what_are_no_settings_is_refused(result, message):
    with pytest.raises(Rejected, match=message):
        exercises._settings(lambda: result)


def test_the_most_that_is_allowed_is_allowed():
    assert exercises._settings(lambda: {**GOOD, "steps": 5_000}) == (3, 0.05, 5_000)
    assert exercises.MOST_WEIGHTS == 5 * (24 + 16)
    verdict = exercises.adapter.grade(lambda: {**GOOD, "rank": 5})
    assert verdict.status == "passed"
    assert "At most 200 weights are trained" in verdict.message
    assert "on 500 new examples is at most 0.3" in verdict.message


def _hint_of(exercise, name):
    return next(mistake.hint for mistake in exercise.mistakes if mistake.name == name)


def _last_that_keeps(shapes, allowed):
    return max(rank for rank in range(1_000) if allowed(rank, *np.transpose(shapes)))


@pytest.mark.parametrize(
    ("exercise", "name", "answer"),
    [
        (
            exercises.highest_rank,
            "as many",
            lambda shapes: _last_that_keeps(shapes, lambda r, n, m: r * (n + m).sum() <= n @ m),
        ),
        (
            exercises.highest_rank,
            "every kernel by itself",
            lambda shapes: _last_that_keeps(shapes, lambda r, n, m: np.all(r * (n + m) < n * m)),
        ),
        (
            exercises.highest_rank,
            "only A",
            lambda shapes: _last_that_keeps(shapes, lambda r, n, m: r * n.sum() < n @ m),
        ),
        (
            exercises.preference_loss,
            "no beta",
            lambda a, b, c, d, beta: exercises.loss_of_pair(a, b, c, d, 1.0),
        ),
        (
            exercises.preference_loss,
            "turned round",
            lambda a, b, c, d, beta: exercises.loss_of_pair(b, a, d, c, beta),
        ),
        (
            exercises.preference_loss,
            "beta outside",
            lambda a, b, c, d, beta: beta * exercises.loss_of_pair(a, b, c, d, 1.0),
        ),
        (
            exercises.preference_loss,
            "added",
            lambda a, b, c, d, beta: exercises.loss_of_pair(a, -b, c, -d, beta),
        ),
        (
            exercises.merged_kernel,
            "wrong rank",
            lambda kernel, a, b, alpha: kernel + (alpha / len(a)) * np.dot(a, b),
        ),
        (
            exercises.forgetting,
            "every text the same",
            lambda before, after, lengths: np.log2(np.exp(after - before)).mean(),
        ),
        (
            exercises.preference_loss,
            "no reference",
            lambda a, b, c, d, beta: np.logaddexp(0, beta * (b - a)),
        ),
        (
            exercises.kl_divergence,
            "padding counted",
            lambda now, old, real: (now.sum(axis=1) - old.sum(axis=1)).mean(),
        ),
    ],
)
def test_a_mistake_written_in_another_way_gets_the_same_hint(exercise, name, answer):
    assert _hint_of(exercise, name) in exercise.grade(answer).message
