"""What the exercises of lesson 18 accept, refuse and say."""

import numpy as np
import pytest

from course_lib.exercises import lesson_18 as exercises
from course_lib.exercises.exercise import Rejected
from course_lib.lesson import quiet_stderr
from course_lib.scratch import scaling
from course_lib.training.planner import Card, plan_run


def test_the_solutions_agree_with_the_package():
    shape = (77, 64, 128, 4)
    # One expert is the pair of dense layers, and a column of scores.
    alone = exercises.count_parameters(*shape, 1)
    assert alone == scaling.gpt_parameters(*shape) + 4 * 128
    a_block_more = exercises.count_parameters(*shape, 2) - alone
    assert a_block_more == 4 * (2 * 128 * 512 + 128)
    cache = exercises.count_cache_bytes(80, 64, 8, 128, 4000, 3, 32)
    assert cache == scaling.cache_bytes(80, 1024, 4096)
    card = Card("toy", 1e11, 1e9, 1e9, 100)
    plan = plan_run(1e6, 5e6, card=card, utilisation=0.25)
    assert exercises.count_hours(1e6, 5e6, 1e11, 0.25) == pytest.approx(plan.card_hours)
    law = (1.0, 400.0, 0.34, 2000.0, 0.37)
    assert exercises.split_budget(1e20, *law[1:]) == pytest.approx(scaling.best_split(law, 1e20))


def test_the_prompt_s_keys_and_values_do_not_depend_on_the_answer():
    with quiet_stderr():
        import tensorflow as tf

        from course_lib.models.gpt import GPT
    model, kept = GPT(7, 6, 8, 2, 2), []
    for answer in ([1, 2], [5, 3]):
        caches = model.empty_cache(1)
        for place, token in enumerate([4, 0, 6, *answer]):
            _, caches = model.step(tf.constant([token]), caches, tf.constant(place))
        kept.append(caches.numpy())
    one, other = kept
    places = one.shape.index(6)
    np.testing.assert_array_equal(one.take(range(3), places), other.take(range(3), places))
    assert np.abs(one.take([3], places) - other.take([3], places)).max() > 0


def test_the_exponent_is_found():
    sizes = np.array([1e3, 1e4, 1e5])
    assert exercises.find_exponent(sizes, 2 + 7 / sizes**0.4, 2.0) == pytest.approx(0.4)


@pytest.mark.parametrize("world", exercises.WORLDS)
def test_an_invented_world_follows_its_law_nearly(world):
    small, large = exercises.small_and_large(world)
    for parameters, tokens, losses in (small, large):
        exact = scaling.law_loss(exercises.WORLDS[world], parameters, tokens)
        assert 0 < np.abs(losses / exact - 1).max() < 0.02
    assert len(small[0]) == 20
    assert len(large[0]) == 4
    assert large[0].min() > small[0].max()
    assert large[1].min() >= small[1].max() / 2


def test_worlds_differ_in_their_chances():
    noises = set()
    for world, law in exercises.WORLDS.items():
        parameters, tokens, losses = exercises.small_and_large(world)[0]
        noises.add(round(float(losses[0] / scaling.law_loss(law, parameters[0], tokens[0])), 9))
    assert len(noises) == 3


def test_the_course_s_own_large_runs_are_the_seven_dearest():
    (sizes, texts, losses), (more, longer, lower) = exercises.small_and_large("this course's runs")
    assert (len(losses), len(lower)) == (28, 7)
    assert (sizes * texts).max() < (more * longer).min()
    # The runs that were held out stay so.
    assert more.max() == 805_632
    assert lower.min() > 1.8


def test_the_solution_s_errors_are_those_of_its_guesses():
    errors = exercises.errors_of(exercises.foretell_by_law)
    assert list(errors) == [*exercises.WORLDS, "this course's runs"]
    small, (sizes, texts, truth) = exercises.small_and_large("the second invented world")
    said = exercises.foretell_by_law(*small, sizes, texts)
    wanted = np.abs(said - truth) / truth
    assert errors["the second invented world"] == pytest.approx(wanted.mean())
    assert max(errors.values()) < 0.03


def off_by(factor):
    def answer(parameters, tokens, losses, sizes, texts):
        return factor * exercises.foretell_by_law(parameters, tokens, losses, sizes, texts)

    return answer


def test_a_little_off_is_accepted_and_more_is_not():
    assert exercises.accept_prediction(off_by(1.015)) == ""
    high = exercises.accept_prediction(off_by(1.1))
    assert "You are too pessimistic" in high
    low = exercises.accept_prediction(off_by(0.9))
    assert "You are too optimistic" in low
    assert "4 % is allowed" in low


def test_the_worst_world_is_named_with_its_error():
    message = exercises.accept_prediction(exercises._best_so_far)
    error = exercises.errors_of(exercises._best_so_far)["the first invented world"]
    assert message.startswith(f"in the first invented world your mean error is {error:.1%}")


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda *given: np.ones(3), "one loss for each larger run, shape"),
        (lambda *given: -np.ones(len(given[4])), "invented world you foretell -1 for a larger run"),
        (lambda *given: np.full(len(given[4]), np.nan), "some of yours are NaN or infinite"),
        (lambda *given: "low", "return an array of losses"),
        (lambda *given: [[1.0], [1.0, 2.0]], "return an array of losses"),
    ],
)
def test_what_are_no_losses_is_refused(answer, message):
    with pytest.raises(Rejected, match=message):
        exercises.errors_of(answer)


def test_exchanged_runs_are_told_only_where_that_is_all():
    def exchanged(factor):
        def answer(parameters, tokens, losses, sizes, texts):
            law = scaling.fit_law(parameters, tokens, losses)
            return factor * scaling.law_loss(law, texts, sizes)

        return answer

    assert "parameters come first" in exercises.accept_prediction(exchanged(1.0))
    assert "parameters come first" not in exercises.accept_prediction(exchanged(1.2))


def test_a_list_of_losses_will_do():
    listed = exercises.prediction.grade(lambda *given: list(exercises.foretell_by_law(*given)))
    assert listed.status == "passed"
