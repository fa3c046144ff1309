"""An answer is judged by what it does, and cannot bring the check down."""

import dataclasses
import io

import numpy as np
import pandas as pd
import pytest
from hostile_answers import FUNCTIONS, VALUES, RaisesEverywhere

from course_lib.exercises import Case, Exercise, Mistake, Verdict
from course_lib.exercises.exercise import NotAttempted, Rejected, call, describe_call


def mean_square(x, scale):
    return scale * np.mean(x**2)


def make_function_exercise(**changes):
    exercise = Exercise(
        name="mean_square",
        question="Write the mean square.",
        reference=mean_square,
        hints=["Square first.", "Then the mean."],
        mistakes=[
            Mistake("no square", lambda x, scale: scale * np.mean(x), "you forgot the square."),
            Mistake("sum", lambda x, scale: scale * np.sum(x**2), "you summed."),
        ],
        cases=[
            Case((np.array([1.0, 2.0, 4.0]), 2)),
            Case((np.arange(12.0).reshape(3, 4), 1), "a table"),
        ],
        explanation="Squares have no sign.",
        seconds=5,
    )
    return dataclasses.replace(exercise, **changes)


def make_value_exercise(**changes):
    exercise = Exercise(
        name="step",
        question="Where are w and b?",
        reference=(3.0, np.array([1.0, 2.0])),
        hints=["Downhill."],
        mistakes=[
            Mistake("uphill", (1.0, np.array([1.0, 2.0])), "you went uphill."),
            Mistake("swapped", (3.0, np.array([2.0, 1.0])), "b is the other way round."),
        ],
        seconds=5,
    )
    return dataclasses.replace(exercise, **changes)


def is_long_enough(answer):
    result = call(answer, Case((3,)))
    long_enough = len(result) >= 3 and all(type(entry) is int for entry in result[:3])
    return "" if isinstance(result, list) and long_enough else "not long enough."


def make_open_exercise(**changes):
    exercise = Exercise(
        name="long",
        question="Give something long.",
        reference=lambda n: [0] * n,
        hints=["Three is enough."],
        mistakes=[Mistake("short", lambda n: [0], "not long enough.")],
        accept=is_long_enough,
        seconds=5,
    )
    return dataclasses.replace(exercise, **changes)


FUNCTION, VALUE, OPEN = make_function_exercise(), make_value_exercise(), make_open_exercise()


# Verdicts


@pytest.mark.parametrize(
    "answer",
    [
        mean_square,
        lambda x, scale: scale * (x * x).sum() / x.size,
        lambda x, scale: np.float32(mean_square(x, scale)),
        lambda x, scale: np.array(mean_square(x, scale)),
    ],
)
def test_right_functions(answer):
    assert FUNCTION.grade(answer) == Verdict(
        "passed", "mean_square: correct. Squares have no sign."
    )


@pytest.mark.parametrize(
    "answer",
    [
        (3, [1, 2]),
        [3.0, (1.0, 2.0)],
        (np.float32(3), np.array([1, 2])),
        (3, pd.Series([1.0, 2.0])),
    ],
)
def test_right_values(answer):
    assert VALUE.grade(answer) == Verdict("passed", "step: correct.")


def test_right_tensors(tf):
    assert VALUE.grade((tf.constant(3.0), tf.constant([1.0, 2.0]))).status == "passed"
    answer = lambda x, scale: tf.reduce_mean(tf.square(x)) * float(scale)  # noqa: E731
    assert FUNCTION.grade(answer).status == "passed"


def test_right_open_answers():
    assert OPEN.grade(lambda n: [4] * 4).status == "passed"


@pytest.mark.parametrize("exercise", [FUNCTION, VALUE, OPEN], ids=["function", "value", "open"])
def test_stub_is_not_attempted(exercise):
    verdict = exercise.grade(...)
    assert verdict.status == "not attempted"
    assert verdict.message == (
        f"{exercise.name}: not attempted yet. "
        "Replace the ... by your answer and run the cell again."
    )


@pytest.mark.parametrize("exercise", [FUNCTION, OPEN], ids=["function", "open"])
@pytest.mark.parametrize("stub", [..., (..., ...), (1, ...), [..., 2]])
def test_function_that_returns_a_stub_is_not_attempted(exercise, stub):
    assert exercise.grade(lambda *arguments: stub).status == "not attempted"


def test_half_a_value_is_not_attempted():
    assert VALUE.grade((3.0, ...)).status == "not attempted"
    assert VALUE.grade([...]).status == "not attempted"
    assert VALUE.grade((3.0, [..., ...])).status == "failed"


@pytest.mark.parametrize("index", [0, 1])
def test_known_mistakes_get_their_own_hint(index):
    for exercise in (FUNCTION, VALUE):
        mistake = exercise.mistakes[index]
        assert exercise.grade(mistake.answer) == Verdict(
            "failed", f"{exercise.name}: {mistake.hint}"
        )
    assert OPEN.grade(OPEN.mistakes[0].answer) == Verdict("failed", "long: not long enough.")


def test_a_mistake_on_one_case_only_is_no_known_mistake():
    def answer(x, scale):
        return scale * (np.mean(x) if x.ndim == 2 else np.mean(x**2))

    verdict = FUNCTION.grade(answer)
    assert verdict.message == (
        "mean_square: not yet. answer for a table: expected 42.1667, but got 5.5."
    )


def test_another_right_function_passes_and_a_wrong_one_still_gets_its_hint():
    exercise = make_function_exercise(also_right=[lambda x, scale: scale * np.mean(x**2) + 1])
    assert exercise.grade(lambda x, scale: 1 + scale * np.mean(x * x)).status == "passed"
    assert exercise.grade(mean_square).status == "passed"
    assert exercise.grade(lambda x, scale: scale * np.sum(x**2)).message.endswith("you summed.")
    right_once = exercise.grade(lambda x, scale: scale * np.mean(x**2) + (scale == 1))
    assert right_once.status == "failed"


def test_the_first_differing_case_is_written_out():
    verdict = FUNCTION.grade(lambda x, scale: scale * np.mean(x**2) + x.max() - 13)
    assert verdict == Verdict(
        "failed",
        "mean_square: not yet. your function([1. 2. 4.], 2): expected 14, but got 5.",
    )


def test_what_people_get_wrong_everywhere_is_recognised():
    verdict = FUNCTION.grade(lambda x, scale: scale * np.sqrt(np.mean(x**2)))
    assert "expected 14" in verdict.message
    verdict = FUNCTION.grade(lambda x, scale: 2 * scale * np.mean(x**2))
    assert verdict.message.startswith("mean_square: not yet: your result is exactly twice")
    assert "14" not in verdict.message


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((2.0, [1, 2]), "the first value: your number is too small."),
        ((-3.0, [1, 2]), "the first value: the size is right, the sign is wrong."),
        ((3.0, [1, 5]), "the second value: that is not the right one."),
        ((4.0, [1, 5]), "the first value: your number is too large."),
        ((3.0,), "expected 2 values, but got 1"),
        ((3.0, [1, 2, 3]), "expected an array of shape (2,)"),
        ("three", "expected 2 values in a tuple, but got 'three'"),
    ],
)
def test_a_wrong_value_is_described_and_the_right_one_not_told(answer, words):
    message = VALUE.grade(answer).message
    assert words in message
    assert message.startswith("step: not yet: ")
    assert "expected 3" not in message


def test_results_must_be_truths_where_truths_are_asked_for():
    exercise = make_function_exercise(
        reference=lambda x, scale: x > scale, mistakes=[], truths=True
    )
    assert exercise.grade(lambda x, scale: ~(x <= scale)).status == "passed"
    assert "as numbers" in exercise.grade(lambda x, scale: 1 * (x > scale)).message


def test_tolerance_is_the_exercises():
    almost = lambda x, scale: 1.01 * mean_square(x, scale)  # noqa: E731
    assert FUNCTION.grade(almost).status == "failed"
    assert make_function_exercise(tolerance=0.1).grade(almost).status == "passed"
    assert VALUE.grade((3.01, [1, 2])).status == "failed"
    assert make_value_exercise(tolerance=0.1).grade((3.01, [1, 2])).status == "passed"


def test_a_mistake_is_compared_with_the_exercises_tolerance():
    near = make_value_exercise(tolerance=0.01)
    assert near.grade((1.001, [1, 2])).message == "step: you went uphill."
    near = make_function_exercise(tolerance=0.01)
    answer = lambda x, scale: 1.001 * scale * np.sum(x**2)  # noqa: E731
    assert near.grade(answer).message == "mean_square: you summed."


def test_a_right_answer_passes_though_a_mistake_looks_like_it():
    for exercise in (make_function_exercise, make_value_exercise):
        answer = exercise().reference
        alike = [Mistake("alike", answer, "this is wrong.")]
        assert exercise(mistakes=alike).grade(answer).status == "passed"


# Messages for what cannot be judged


@pytest.mark.parametrize(
    ("answer", "part"),
    [
        (14.0, "your answer should be a function, but is a float. Pass the function itself"),
        (None, "your answer is None. Replace the ..."),
        (lambda x: x, "your function([1. 2. 4.], 2) raised TypeError"),
        (lambda x, scale: None, "returned None. Does your function end with a return?"),
        (lambda x, scale: np.nan, "the result is NaN"),
        (lambda x, scale: x, "expected a number, but got an array of shape (3,)"),
        (lambda x, scale: "14", "expected a number, but got '14'"),
        (lambda x, scale: 14 + 0j, "expected real numbers, but got complex ones"),
        (lambda x, scale: scale > 1, "expected 14, but got True"),
        (lambda x, scale: (x, scale), "expected a number, but got"),
        (FUNCTIONS["raises"], "raised ValueError: line one line two"),
        (FUNCTIONS["raises without text"], "raised KeyError."),
        (FUNCTIONS["raises what cannot be written"], "raised NamelessError."),
        (FUNCTIONS["raises past Exception"], "raised BareError: hostile"),
        (FUNCTIONS["exits"], "raised SystemExit: 1"),
        (FUNCTIONS["recurses"], "raised RecursionError"),
        (FUNCTIONS["generates"], "expected 14, but got 1"),
        (FUNCTIONS["returns class"], "but got <class 'hostile_answers.RaisesEverywhere'>"),
        (FUNCTIONS["takes nothing"], "takes 0 positional arguments but 2 were given"),
        (FUNCTIONS["mutates"], "changed its arguments. Work on a copy"),
        (FUNCTIONS["returns raises everywhere"], "expected a number, but got a function"),
    ],
)
def test_what_is_wrong_with_a_function(answer, part):
    verdict = FUNCTION.grade(answer)
    assert verdict.status == "failed"
    assert part in verdict.message
    assert FUNCTION.grade(mean_square).status == "passed"


def test_a_long_error_text_is_cut():
    verdict = FUNCTION.grade(lambda x, scale: int("7 " * 5000 + "x"))
    assert "raised ValueError" in verdict.message
    assert len(verdict.message) < 500


def test_shapes_that_do_not_fit_are_named_in_plain_words():
    def answer(x, scale):
        return np.ones((4, 2)) @ np.ones((3, 5))

    message = make_function_exercise().grade(answer).message
    assert "its left has 2 columns, what stands on its right 3 rows" in message
    assert "gufunc" not in message


def test_a_function_where_a_value_is_asked_for():
    assert VALUE.grade(lambda: 3).message == (
        "step: your answer is a function, but a value is asked for. Call it."
    )


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("exercise", [FUNCTION, OPEN], ids=["function", "open"])
def test_hostile_functions_fail_with_a_message(exercise, name, capsys):
    verdict = exercise.grade(FUNCTIONS[name])
    assert verdict.status == "failed"
    assert len(verdict.message) > len(exercise.name) + 10
    assert " at 0x" not in verdict.message
    assert exercise.grade(exercise.reference).status == "passed"


@pytest.mark.parametrize("name", VALUES)
@pytest.mark.parametrize("exercise", [FUNCTION, VALUE, OPEN], ids=["function", "value", "open"])
def test_hostile_values_fail_with_a_message(exercise, name):
    verdict = exercise.grade(VALUES[name])
    assert verdict.status == "failed"
    assert len(verdict.message) > len(exercise.name) + 10
    assert exercise.grade(exercise.reference).status == "passed"


def test_stopping_the_cell_stops_the_check():
    def answer(x, scale):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        FUNCTION.grade(answer)


def test_warnings_of_numpy_are_not_raised():
    answer = lambda x, scale: mean_square(x, scale) + 0 * (np.float64(1) / np.float64(0) > 0)  # noqa: E731
    assert FUNCTION.grade(answer).status == "passed"


# Arguments are copies


@pytest.mark.parametrize(
    ("arguments", "spoil"),
    [
        ((np.zeros(3),), lambda x: x.__iadd__(1)),
        ((np.zeros(3),), lambda x: x.sort() or x.fill(2) or 1),
        ((np.zeros(3),), lambda x: x.__setitem__(0, 1e-8) or 1),
        (([1, 2],), lambda x: x.append(3) or 1),
        (([1, 2],), lambda x: x.reverse() or 1),
        (({"a": 1},), lambda x: x.update(b=2) or 1),
        (({"a": 1},), lambda x: x.update(a=2) or 1),
        ((pd.DataFrame({"a": [1, 2]}),), lambda x: x.insert(0, "b", 3) or 1),
        ((pd.DataFrame({"a": [1, 2]}),), lambda x: x.__setitem__("a", 3) or 1),
    ],
)
def test_an_answer_that_changes_its_arguments(arguments, spoil):
    case = Case(arguments)
    with pytest.raises(Rejected, match="changed its arguments"):
        call(spoil, case)
    with pytest.raises(Rejected, match="changed its arguments"):
        call(spoil, case)


@pytest.mark.parametrize(
    "argument",
    [
        np.array([1.0, np.nan, np.inf]),
        np.array(["a", None], dtype=object),
        pd.DataFrame({"a": ["x", None, np.nan], "b": [1.0, np.nan, 3.0]}),
        np.random.default_rng(1),
        abs,
        {"a": [1, None]},
        "text",
        None,
        True,
        range(3),
        slice(1, 2),
    ],
    ids=lambda argument: type(argument).__name__,
)
def test_an_answer_that_leaves_its_arguments_alone(argument):
    def answer(x):
        if isinstance(x, np.random.Generator):
            x.random()
        return 1

    assert call(answer, Case((argument,))) == 1


def test_every_random_generator_starts_anew():
    def sample(generator):
        return generator.normal(size=3)

    exercise = make_function_exercise(
        reference=sample, cases=[Case((np.random.default_rng(1),))] * 2, mistakes=[]
    )
    assert exercise.grade(sample).status == "passed"


def test_call_judges_for_accept():
    with pytest.raises(NotAttempted):
        call(lambda: ..., Case(()))
    with pytest.raises(Rejected, match="should be a function, but is an int"):
        call(3, Case(()))


def test_describe_call():
    assert describe_call(mean_square, Case((np.ones(2), 3))) == "mean_square([1. 1.], 3)"
    assert describe_call(mean_square, Case((np.ones(7),))) == "mean_square(an array of shape (7,))"
    assert describe_call(mean_square, Case((1,), "one car")) == "mean_square for one car"
    assert describe_call(lambda: 1, Case((1,))) == "your function(1)"


def test_a_function_with_a_strange_name():
    class Named:
        __name__ = 3

        def __call__(self, x, scale):
            return mean_square(x, scale)

    assert describe_call(Named(), Case((1,))) == "your function(1)"
    assert FUNCTION.grade(Named()).status == "passed"
    assert FUNCTION.grade(RaisesEverywhere()).message == (
        "mean_square: your answer raised RuntimeError: hostile"
    )


# What is printed


def test_check_prints_the_verdict(capsys):
    VALUE.check(...)
    VALUE.check((3, [1, 2]))
    VALUE.check((1, [1, 2]))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("… step: not attempted yet.")
    assert lines[1:] == ["✔ step: correct.", "✘ step: you went uphill."]


def test_hints_come_one_by_one(capsys):
    exercise = make_function_exercise()
    for _ in range(4):
        exercise.hint()
    assert capsys.readouterr().out.splitlines() == [
        "Hint 1 of 2: Square first.",
        "Hint 2 of 2: Then the mean.",
        "Hint 2 of 2: Then the mean.",
        "Hint 2 of 2: Then the mean.",
    ]


def test_solution_prints_the_source_of_the_reference(capsys):
    FUNCTION.solution()
    assert capsys.readouterr().out == (
        "def mean_square(x, scale):\n    return scale * np.mean(x**2)\n\nSquares have no sign.\n"
    )


def test_solution_prints_a_value(capsys):
    make_value_exercise(reference=3.0).solution()
    assert capsys.readouterr().out == "answer = 3.0\n"


def test_solution_prints_its_own_text(capsys):
    make_value_exercise(solution_text="\n    w = 3\n    b = 4\n", explanation="So.").solution()
    assert capsys.readouterr().out == "w = 3\nb = 4\n\nSo.\n"


def test_grade_prints_nothing(capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO())
    FUNCTION.grade(mean_square)
    FUNCTION.grade(3)
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "")


@pytest.mark.parametrize("part", [Case((1,)), Mistake("none", 1, "Look."), Verdict("passed", "")])
def test_what_an_exercise_is_made_of_cannot_be_changed(part):
    field = dataclasses.fields(part)[0].name
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(part, field, "other")
