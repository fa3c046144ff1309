"""Every exercise of every lesson keeps what an exercise promises."""

import dataclasses
import importlib
import pkgutil

import numpy as np
import pytest
from hostile_answers import FUNCTIONS, VALUES

import course_lib.exercises
from course_lib.exercises import Exercise

MODULES = [
    module.name
    for module in pkgutil.iter_modules(course_lib.exercises.__path__)
    if module.name.startswith("lesson_")
]


def _exercises_of(module_name):
    module = importlib.import_module(f"course_lib.exercises.{module_name}")
    return {name: value for name, value in vars(module).items() if isinstance(value, Exercise)}


EXERCISES = {
    f"{module_name}.{name}": exercise
    for module_name in MODULES
    for name, exercise in _exercises_of(module_name).items()
}
MISTAKES = {
    f"{name}: {mistake.name}": (exercise, mistake)
    for name, exercise in EXERCISES.items()
    for mistake in exercise.mistakes
}

each_exercise = pytest.mark.parametrize("exercise", EXERCISES.values(), ids=EXERCISES)


def _fails_with_a_sentence(exercise, answer):
    verdict = dataclasses.replace(exercise, seconds=3, waiting=3).grade(answer)
    assert verdict.status == "failed", verdict
    assert len(verdict.message) > len(exercise.name) + 10
    assert " at 0x" not in verdict.message
    assert len(verdict.message) <= 2000
    assert verdict.message.replace("\n", " ").isprintable()


@pytest.mark.parametrize("module_name", MODULES)
def test_a_lesson_has_at_least_four_exercises(module_name):
    # The lesson that only says how lessons work has one.
    assert len(_exercises_of(module_name)) >= (1 if module_name == "lesson_00" else 4)


@each_exercise
def test_what_is_written_about_it(exercise, request):
    assert f".{exercise.name}]" in request.node.name
    assert exercise.question.strip()
    assert exercise.hints
    assert all(hint.strip() for hint in exercise.hints)
    assert len(exercise.mistakes) >= 2
    hints = [mistake.hint.strip() for mistake in exercise.mistakes]
    assert len({mistake.name for mistake in exercise.mistakes}) == len(hints)
    for hint in hints:
        # With `accept` the hint is the part of a sentence that tells it from others.
        assert len(hint.split()) >= (2 if exercise.accept else 5)
        assert sum(hint in other for other in hints) == 1


@each_exercise
def test_its_solution_passes(exercise):
    verdict = exercise.grade(exercise.reference)
    assert verdict.status == "passed", verdict
    assert verdict.message.startswith(f"{exercise.name}: correct.")


@each_exercise
def test_what_is_right_besides_its_solution_passes(exercise):
    for other in exercise.also_right:
        assert exercise.grade(other).status == "passed"


@each_exercise
def test_its_solution_can_be_printed(exercise, capsys):
    exercise.solution()
    assert len(capsys.readouterr().out.strip()) > 5


@each_exercise
def test_its_stub_is_not_attempted(exercise):
    assert exercise.grade(...).status == "not attempted"
    if callable(exercise.reference):
        assert exercise.grade(lambda *arguments: ...).status == "not attempted"


@pytest.mark.parametrize(("exercise", "mistake"), MISTAKES.values(), ids=MISTAKES)
def test_a_known_mistake_gets_its_own_hint(exercise, mistake):
    verdict = exercise.grade(mistake.answer)
    assert verdict.status == "failed"
    assert mistake.hint in verdict.message
    for other in exercise.mistakes:
        assert other is mistake or other.hint not in verdict.message


@each_exercise
def test_hostile_answers_fail_with_a_sentence(exercise, capsys):
    for answer in VALUES.values():
        _fails_with_a_sentence(exercise, answer)
    if callable(exercise.reference):
        for answer in FUNCTIONS.values():
            _fails_with_a_sentence(exercise, answer)
    assert exercise.grade(exercise.reference).status == "passed"


@each_exercise
def test_an_endless_answer_is_stopped(exercise):
    def answer(*arguments):
        while True:
            pass

    if callable(exercise.reference):
        verdict = dataclasses.replace(exercise, seconds=0.1).grade(answer)
        assert " seconds of computing" in verdict.message


def _junk(generator, depth=2):
    kinds = [
        lambda: int(generator.integers(-1000, 1000)) + 0.137,
        lambda: generator.normal(size=generator.integers(0, 4, size=generator.integers(0, 4))),
        lambda: generator.normal(size=3).astype(object),
        lambda: generator.bytes(3),
        lambda: str(generator.normal()),
        lambda: complex(*generator.normal(size=2)),
        lambda: generator.choice([np.nan, np.inf, -np.inf]),
        lambda: generator.normal(size=(2, 3)) > 0,
        lambda: np.float16(generator.normal(size=5)),
    ]
    if depth:
        kinds += [
            lambda: [_junk(generator, depth - 1) for _ in range(generator.integers(0, 4))],
            lambda: tuple(_junk(generator, depth - 1) for _ in range(generator.integers(1, 4))),
            lambda: {str(key): _junk(generator, depth - 1) for key in range(2)},
        ]
    return kinds[generator.integers(len(kinds))]()


@each_exercise
def test_junk_never_raises(exercise):
    generator = np.random.default_rng(7)
    quick = dataclasses.replace(exercise, seconds=3, waiting=3)
    for _ in range(50):
        value = _junk(generator)
        answers = [value, lambda *arguments, value=value: value]
        statuses = [quick.grade(answer).status for answer in answers]
        assert statuses == ["failed", "failed"]


def test_importing_the_exercises_does_not_import_tensorflow(run_python):
    imports = "\n".join(f"import course_lib.exercises.{name}" for name in MODULES)
    finished = run_python(f"{imports}\nimport sys; print('tensorflow' in sys.modules)")
    assert finished.stdout == "False\n", finished.stderr
