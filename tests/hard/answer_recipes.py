"""Hostile answers to an exercise, drawn at random; imported in the kernel that they attack.

A recipe is a function of an exercise and a random generator that makes an answer
or returns None where it does not suit the exercise. Answers that merely wrap the
right one may be right; whether they are is then found out by calling them again,
away from the course's own comparison.
"""

import copy
import importlib
import json
import os
import pkgutil
import random
import sys
import threading
import time
import warnings
from collections.abc import Callable
from typing import Any

import hostile_answers
import numpy as np

import course_lib.exercises
from course_lib.exercises import Exercise
from course_lib.exercises.time_limit import OutOfTime, time_limit

Recipe = Callable[[Exercise, random.Random], Any]
RECIPES: dict[str, Recipe] = {}
# The right answer, dressed up: called right when it still agrees, and only then.
DRESSED: set[str] = set()


def recipe(name: str, dressed: bool = False) -> Callable[[Recipe], Recipe]:
    """Enter a recipe under its name."""

    def enter(function: Recipe) -> Recipe:
        RECIPES[name] = function
        if dressed:
            DRESSED.add(name)
        return function

    return enter


def exercises(lessons: list[str] | None = None) -> dict[str, Exercise]:
    """Return the exercises of these lessons, of all when there are none, by full name."""
    found = {}
    for module in pkgutil.iter_modules(course_lib.exercises.__path__):
        if module.name.startswith("lesson_") and (not lessons or module.name[-2:] in lessons):
            variables = vars(importlib.import_module(f"course_lib.exercises.{module.name}"))
            for name, value in variables.items():
                if isinstance(value, Exercise):
                    found[f"{module.name}.{name}"] = value
    return found


# What no exercise asks for.


@recipe("a hostile value")
def hostile_value(exercise: Exercise, chance: random.Random) -> Any:
    return chance.choice(list(hostile_answers.VALUES.values()))


@recipe("a hostile function")
def hostile_function(exercise: Exercise, chance: random.Random) -> Any:
    return chance.choice(list(hostile_answers.FUNCTIONS.values()))


class Stubborn:
    """Never comes to an end when it is looked at."""

    def __array__(self, *arguments, **keywords):
        while True:
            pass

    __len__ = __iter__ = __float__ = __bool__ = __eq__ = __array__
    __hash__ = None


class Contrary(np.ndarray):
    """An array that raises whenever it takes part in anything."""

    def __array_ufunc__(self, *arguments, **keywords):
        raise RuntimeError("hostile")

    def __array_function__(self, *arguments, **keywords):
        raise RuntimeError("hostile")


def within_itself() -> list:
    """Return a list that holds itself."""
    one: list = [1.0]
    one.append(one)
    return one


def deep() -> list:
    """Return a list within a list, ten thousand times."""
    one: list = []
    for _ in range(10_000):
        one = [one]
    return one


MADE = {
    "a value that never ends": Stubborn,
    "a contrary array": lambda: np.arange(3.0).view(Contrary),
    "a list that holds itself": within_itself,
    "a list ten thousand deep": deep,
    "an array of a million million numbers": lambda: np.broadcast_to(0.5, (10**6, 10**6)),
    "ten million random bytes": lambda: random.Random(0).randbytes(10_000_000),
    "a text of line breaks": lambda: "\n\r\t\0" * 1000,
}


def _made(make: Callable) -> Recipe:
    def answer(exercise: Exercise, chance: random.Random) -> Any:
        value = make()
        return (lambda *arguments: value) if callable(exercise.reference) else value

    return answer


for _name, _make in MADE.items():
    RECIPES[_name] = _made(_make)


# Functions that do harm.


def harm(name: str) -> Callable[[Callable], Callable]:
    """Enter a function that is hostile whatever it is asked."""

    def enter(function: Callable) -> Callable:
        RECIPES[name] = lambda exercise, chance: lambda *arguments: function(*arguments)
        return function

    return enter


@harm("never ends")
def never_ends(*arguments):
    while True:
        pass


@harm("never ends, and catches everything")
def catches_everything(*arguments):
    while True:
        try:
            time.sleep(0.001)
        except:  # noqa: E722
            continue


@harm("sleeps for an hour")
def sleeps(*arguments):
    time.sleep(3600)


@harm("recurses without end, and catches it")
def recurses(*arguments):
    try:
        return recurses(*arguments)
    except RecursionError:
        return recurses


@harm("asks for too much memory")
def too_much_memory(*arguments):
    return np.ones(10**15)


@harm("prints without end")
def prints_without_end(*arguments):
    while True:
        print("hostile " * 1000)
        time.sleep(0.01)


@harm("starts threads that raise")
def raising_threads(*arguments):
    for _ in range(5):
        thread = threading.Thread(target=hostile_answers.raises(SystemExit("hostile")))
        thread.start()
        thread.join()
    return "hostile"


@harm("warns, ten thousand times")
def warns(*arguments):
    for number in range(10_000):
        warnings.warn(f"hostile {number}", stacklevel=1)
    return "hostile"


@harm("makes warnings and floating-point faults errors")
def strict(*arguments):
    warnings.simplefilter("error")
    np.seterr(all="raise")
    return np.float64(1e308) * 10


@harm("writes where stdout and stderr were")
def closes_streams(*arguments):
    sys.stderr = sys.stdout = open(os.devnull, "w")  # noqa: SIM115
    return "hostile"


@harm("raises an error a thousand causes deep")
def deep_error(*arguments):
    error: BaseException = ValueError("hostile")
    for _ in range(1000):
        try:
            raise ValueError("x" * 1000) from error
        except ValueError as next_error:
            error = next_error
    raise error


@harm("leaves the folder")
def leaves(*arguments):
    os.chdir("/")
    return "hostile"


REPLACED = ["abs", "sum", "mean", "exp", "asarray", "array_equal", "isnan", "nonzero"]
REPLACED += ["errstate", "ndarray", "allclose"]


@recipe("replaces a function of NumPy for everybody")
def replaces(exercise: Exercise, chance: random.Random) -> Any:
    name = chance.choice(REPLACED)

    def answer(*arguments):
        setattr(np, name, lambda *arguments, **keywords: 0.123)
        return 0.456

    return answer


# The right answer, until it is not.


def _spoilt(when: Callable[[int], bool], harm: Callable | None) -> Recipe:
    def make(exercise: Exercise, chance: random.Random) -> Any:
        if not callable(exercise.reference) or exercise.accept or len(exercise.cases) < 2:
            return None
        values = list(hostile_answers.VALUES.values())
        how = harm or hostile_answers.returns(chance.choice(values))
        calls = [0]

        def answer(*arguments):
            calls[0] += 1
            return how(*arguments) if when(calls[0]) else exercise.reference(*arguments)

        return answer

    return make


def _later(call: int) -> bool:
    return call > 1


RECIPES["hostile at first, then right"] = _spoilt(lambda call: call == 1, None)
RECIPES["right at first, then a hostile value"] = _spoilt(_later, None)
RECIPES["right at first, then exits"] = _spoilt(_later, hostile_answers.exits)
RECIPES["right at first, then the stub"] = _spoilt(_later, hostile_answers.returns(...))
RECIPES["right at first, then never ends"] = _spoilt(_later, never_ends)


# The right answer, dressed up.


def _frame(result: Any) -> Any:
    import pandas as pd

    return pd.DataFrame(np.atleast_2d(np.asarray(result, dtype=float)))


def _series(result: Any) -> Any:
    import pandas as pd

    return pd.Series(np.ravel(np.asarray(result, dtype=float)))


def _tensor(result: Any) -> Any:
    import tensorflow as tf

    return tf.constant(result)


def _masked(result: Any) -> Any:
    return np.ma.masked_array(result, mask=np.ones(np.shape(result), bool))


DRESSES: dict[str, Callable] = {
    "0.001 more": lambda result: np.asarray(result) + 1e-3,
    "a thousandth more": lambda result: np.asarray(result) * 1.001,
    "transposed": np.transpose,
    "backwards": lambda result: result[::-1],
    "with one axis more": lambda result: np.asarray(result)[np.newaxis],
    "as a list": lambda result: np.asarray(result).tolist(),
    "as a tuple of one": lambda result: (result,),
    "as float16": np.float16,
    "as float32": np.float32,
    "as integers": lambda result: np.asarray(result).astype(int),
    "as objects": lambda result: np.asarray(result).astype(object),
    "as text": str,
    "as complex numbers": lambda result: np.asarray(result) + 0j,
    "all masked": _masked,
    "as a DataFrame": _frame,
    "as a Series": _series,
    "as a tensor": _tensor,
    "its negative": lambda result: -np.asarray(result),
    "sorted": lambda result: np.sort(result, axis=None),
    "one number missing": lambda result: np.asarray(result).ravel()[:-1],
    "one number NaN": lambda result: np.where(np.arange(np.size(result)) == 0, np.nan, result),
}


def _dressed(dress: Callable) -> Recipe:
    def make(exercise: Exercise, chance: random.Random) -> Any:
        if not callable(exercise.reference):
            return dress(copy.deepcopy(exercise.reference))
        return lambda *arguments: dress(exercise.reference(*arguments))

    return make


for _name, _dress in DRESSES.items():
    RECIPES[f"right, {_name}"] = _dressed(_dress)
    DRESSED.add(f"right, {_name}")


def dressing(name: str) -> Callable[[Callable], Callable]:
    """Enter something that a function does before it returns what is right."""

    def enter(before: Callable) -> Callable:
        def make(exercise: Exercise, chance: random.Random) -> Any:
            if not callable(exercise.reference):
                return None

            def answer(*arguments):
                before(*arguments)
                return exercise.reference(*arguments)

            return answer

        RECIPES[f"right, but {name}"] = make
        DRESSED.add(f"right, but {name}")
        return before

    return enter


dressing("prints a lot")(lambda *arguments: hostile_answers.prints_a_lot())
dressing("sleeps first")(lambda *arguments: time.sleep(0.2))
dressing("warns first")(lambda *arguments: warns())
dressing("recurses first")(lambda *arguments: recurse(400))
dressing("seeds NumPy first")(lambda *arguments: np.random.seed(0))  # noqa: NPY002
dressing("starts raising threads first")(lambda *arguments: raising_threads())


def recurse(depth: int) -> int:
    """Call itself so often."""
    return depth and recurse(depth - 1)


class Changer:
    """Returns what is right after it has changed its arguments, and remembers whether it has."""

    def __init__(self, reference: Callable) -> None:
        self.reference, self.has_changed = reference, False
        self.__name__ = "answer"

    def __call__(self, *arguments):
        result = self.reference(*copy.deepcopy(arguments))
        for argument in arguments:
            if isinstance(argument, np.ndarray) and argument.size and argument.dtype.kind == "f":
                argument.flat[0] += 1
                self.has_changed = True
        return result


@recipe("right, but changes its arguments", dressed=True)
def changes_arguments(exercise: Exercise, chance: random.Random) -> Any:
    suits = callable(exercise.reference) and not exercise.accept
    return Changer(exercise.reference) if suits else None


# Whether an answer is right, without the course's own comparison.


def agrees(exercise: Exercise, answer: Any) -> bool:
    """Return whether an answer does on every case what the solution does."""
    if isinstance(answer, Changer) and answer.has_changed:
        return False
    if not callable(exercise.reference):
        return same(answer, exercise.reference, exercise.tolerance)
    return all(
        same(
            answer(*copy.deepcopy(case.arguments)),
            exercise.reference(*copy.deepcopy(case.arguments)),
            exercise.tolerance,
        )
        for case in exercise.cases
    )


def same(found: Any, expected: Any, tolerance: float) -> bool:
    """Return whether two results are equal to within a tolerance, entry by entry."""
    if isinstance(expected, dict):
        return found.keys() == expected.keys() and all(
            same(found[key], expected[key], tolerance) for key in expected
        )
    if isinstance(expected, tuple | list):
        return len(found) == len(expected) and all(
            same(one, other, tolerance) for one, other in zip(found, expected, strict=True)
        )
    if hasattr(expected, "iloc"):
        return bool(found.equals(expected))
    one, other = np.asarray(found), np.asarray(expected)
    if one.shape != other.shape or np.ma.is_masked(found):
        return False
    if other.dtype.kind in "iufc":
        if one.dtype.kind not in "biufc" or (one.dtype.kind == "c") > (other.dtype.kind == "c"):
            return False
        return np.allclose(one, other, rtol=tolerance, atol=tolerance, equal_nan=True)
    if type(expected).__eq__ is object.__eq__:
        return type(found) is type(expected)
    return one.tolist() == other.tolist()


# One trial.


def draw(seed: int, number: int, lessons: list[str]) -> tuple[str, Exercise, str, Any]:
    """Return the exercise and the answer that a seed and a number stand for."""
    chance = random.Random(f"{seed} {number}")
    found = exercises(lessons)
    name = chance.choice(sorted(found))
    while True:
        chosen = chance.choice(sorted(RECIPES))
        try:
            answer = RECIPES[chosen](found[name], chance)
        # A value that cannot be dressed so, as text that is to be transposed.
        except Exception:
            continue
        if answer is not None:
            return name, found[name], chosen, answer


class Kept:
    """Puts back what an answer may have replaced, as a learner would by a restart."""

    def __enter__(self) -> "Kept":
        self.numpy = dict(vars(np))
        self.streams = sys.stdout, sys.stderr
        self.folder, self.faults = os.getcwd(), np.geterr()
        self.filters = list(warnings.filters)
        return self

    def __exit__(self, *details: object) -> None:
        vars(np).update(self.numpy)
        sys.stdout, sys.stderr = self.streams
        os.chdir(self.folder)
        np.seterr(**self.faults)
        warnings.filters[:] = self.filters


def try_one(seed: int, number: int, lessons: list[str]) -> None:
    """Check one answer as a learner would, then print what the runner wants to know."""
    name, exercise, chosen, answer = draw(seed, number, lessons)
    start = time.monotonic()
    with Kept():
        # Calls `print`, whose output is what the runner judges.
        verdict = exercise.grade(answer)
    seconds = time.monotonic() - start
    known = {"right": None}
    if verdict.status == "passed" and chosen in DRESSED and not exercise.accept:
        with Kept():
            try:
                with time_limit(60):
                    known["right"] = agrees(exercise, draw(seed, number, lessons)[3])
                    changer = isinstance(answer, Changer) and answer.has_changed
                    known["right"] = known["right"] and not changer
            except (Exception, OutOfTime):
                known["right"] = False
    print(
        "\n@@"
        + json.dumps(
            {
                "exercise": name,
                "recipe": chosen,
                "dressed": chosen in DRESSED,
                "open": exercise.accept is not None,
                "status": verdict.status,
                "message": str(verdict),
                "limit": exercise.seconds,
                "seconds": seconds,
                **known,
            }
        )
    )
