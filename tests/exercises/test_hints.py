"""A hint that names a fact about the answer is true of every answer that gets it.

Facts that results show are looked for in the words of the hints, and held against what the
known mistakes and the learners of `tally/` return, who get them.
"""

import copy
import re

import numpy as np
import pytest
import test_tally
from test_all_exercises import EXERCISES

pytestmark = pytest.mark.filterwarnings("ignore")


def numbers(results):
    """Return all numbers of results of any form, or None where there are others."""
    found = []
    for one in results if isinstance(results, list | tuple) else [results]:
        if isinstance(one, dict):
            one = list(one.values())
        if isinstance(one, list | tuple) and not all(np.ndim(entry) == 0 for entry in one):
            part = numbers(list(one))
        else:
            array = np.asarray(one)
            part = array.astype(float).ravel() if array.dtype.kind in "biuf" else None
        if part is None:
            return None
        found.append(part)
    return np.concatenate([*found, np.empty(0)])


def aligned(found, right):
    """Return the numbers of both, where there are as many."""
    one, other = numbers(found), numbers(right)
    return (
        (one, other) if one is not None and other is not None and one.shape == other.shape else None
    )


def near(one, other):
    return np.isclose(one, other, rtol=1e-6, atol=1e-9, equal_nan=True)


def partly_right(found, right):
    both = aligned(found, right)
    return both is None or bool(near(*both).any())


def not_a_number(found, right):
    return bool(np.isnan(numbers(found)).any())


def minus_infinity(found, right):
    return bool(np.isneginf(numbers(found)).any())


def of_the_wrong_sign(found, right):
    both = aligned(found, right)
    return both is None or bool((both[0] * both[1] < 0).any())


def beyond_one(found, right):
    return bool((numbers(found) > 1).any())


def twice(found, right):
    both = aligned(found, right)
    return both is None or bool(near(both[0], 2 * both[1]).all())


def turned(found, right):
    for one, other in zip(found, right, strict=True):
        one, other = (
            one if isinstance(one, tuple) else (one,),
            other if isinstance(other, tuple) else (other,),
        )
        if all(
            near(np.asarray(a, float)[::-1], np.asarray(b, float)).all()
            for a, b in zip(one, other, strict=True)
        ):
            continue
        return False
    return True


def of_the_right_shape(found, right):
    return all(np.shape(one) == np.shape(other) for one, other in zip(found, right, strict=True))


def of_another_shape(found, right):
    for one, other in zip(found, right, strict=True):
        parts = (one, other) if isinstance(other, list | tuple) else ([one], [other])
        if list(map(np.shape, parts[0])) != list(map(np.shape, parts[1])):
            return True
    return False


def unfinite(found, right):
    return not np.isfinite(numbers(found)).all()


def larger_somewhere(found, right):
    both = aligned(found, right)
    return both is None or bool((np.abs(both[0]) > np.abs(both[1])).any())


def smaller_somewhere(found, right):
    both = aligned(found, right)
    return both is None or bool((np.abs(both[0]) < np.abs(both[1])).any())


FACTS = {
    r"^right (?!up to)": partly_right,
    r"\bNaN\b": not_a_number,
    r"minus infinity": minus_infinity,
    r"probability has the wrong sign|come in with the wrong sign": of_the_wrong_sign,
    r"\b(?:is|are|far) above 1\b|a number above 1": beyond_one,
    r"twice too large|exactly twice": twice,
    r"in reverse order": turned,
    r"the shape is right": of_the_right_shape,
    r"the shape is lost|shape of something else|on (?:its|their) sides?": of_another_shape,
    r"(?:is|gives|becomes) (?:then )?(?:minus )?infinit": unfinite,
    r"(?:is|are|comes? out|come out) too large\b": larger_somewhere,
    r"(?:is|are|comes? out|come out) too small\b": smaller_somewhere,
}


def exercises_of_functions():
    return {
        name: one for name, one in EXERCISES.items() if callable(one.reference) and not one.accept
    }


def results_of(answer, exercise):
    return [answer(*copy.deepcopy(case.arguments)) for case in exercise.cases]


def told():
    """Return each hint that names a fact with the answers that get it."""
    for name, exercise in exercises_of_functions().items():
        for mistake in exercise.mistakes:
            for words, fact in FACTS.items():
                if re.search(words, mistake.hint):
                    yield name, mistake, fact


TOLD = list(told())


def test_many_hints_name_such_facts():
    assert len(TOLD) >= 90


@pytest.mark.parametrize(
    ("name", "mistake", "fact"), TOLD, ids=[f"{n}-{m.name}-{f.__name__}" for n, m, f in TOLD]
)
def test_a_hint_is_true_of_its_mistake(name, mistake, fact):
    exercise = EXERCISES[name]
    right = results_of(exercise.reference, exercise)
    assert fact(results_of(mistake.answer, exercise), right), mistake.hint


@pytest.mark.parametrize("path", test_tally.FILES, ids=lambda path: path.stem)
def test_a_hint_is_true_of_every_learner_who_gets_it(path):
    module, lesson = test_tally.load(path)
    for name, answers in module.WRONG.items():
        exercise = getattr(lesson, name)
        if exercise.accept or not callable(exercise.reference):
            continue
        right = results_of(exercise.reference, exercise)
        for slip, answer in answers.items():
            message = exercise.grade(answer).message
            if "changed its arguments" in message:
                continue
            for words, fact in FACTS.items():
                hint = message.removeprefix(f"{exercise.name}: ")
                if re.search(words, hint):
                    assert fact(results_of(answer, exercise), right), f"{name}, {slip}: {hint}"


@pytest.mark.parametrize("name", exercises_of_functions())
def test_each_function_has_six_known_mistakes_that_differ(name):
    assert len({mistake.hint for mistake in EXERCISES[name].mistakes}) >= 6
