"""What an exercise is, and how an answer is judged by its behaviour."""

import copy
import inspect
import re
import sys
import textwrap
import time
from collections.abc import Callable, Iterator, KeysView, Sequence, ValuesView
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from course_lib import progress
from course_lib.exercises.comparison import difference, name_type, shorten
from course_lib.exercises.diagnosis import ORDINALS, diagnose, diagnose_value
from course_lib.exercises.time_limit import OutOfTime, time_limit

Status = Literal["passed", "failed", "not attempted"]
# An answer may work so many times as long as the solution.
TIMES_THE_SOLUTION = 50
# What an argument may differ by when an answer has changed it and put it back.
PUT_BACK = 1e-9


@dataclass(frozen=True)
class Verdict:
    """How an answer was judged, and the sentence that the learner reads."""

    status: Status
    message: str

    def __str__(self) -> str:
        mark = {"passed": "✔", "failed": "✘", "not attempted": "…"}[self.status]
        return f"{mark} {self.message}"


@dataclass(frozen=True)
class Case:
    """One set of arguments on which an answer is tried.

    `description` names the case in messages, as in "two cars"; without it the
    call is written out.
    """

    arguments: tuple[Any, ...]
    description: str = ""


@dataclass(frozen=True)
class Mistake:
    """A wrong answer that people really give, and the hint that it gets.

    `answer` is what the learner would have written: a function where the
    exercise asks for one, otherwise a value.
    """

    name: str
    answer: Any
    hint: str


class NotAttempted(Exception):  # noqa: N818
    """The answer is still the stub."""


class Rejected(Exception):  # noqa: N818
    """The answer cannot be judged; the message tells the learner why."""


@dataclass
class Exercise:
    """A question whose answer is checked by what it does.

    An answer is judged in one of three ways:

    - `reference` is a function: the answer is called with the arguments of
      each case, and its results are compared with those of `reference`.
    - `reference` is a value: the answer is compared with it.
    - `accept` is given, for questions with many right answers: it gets the
      answer and returns "" or a sentence saying what is missing. It may call
      an answer through `call`, which turns every failure into a message.

    A wrong answer that behaves like a known mistake gets that mistake's hint.
    Any other is held against what people get wrong in every subject
    (`diagnosis`). Where that finds nothing, the first case that differs is
    described; a value that was asked for is not told. The stub, `...` or a
    function returning `...`, is "not attempted". Whatever an answer does short
    of killing the process, the kernel stays alive.

    Attributes:
        name: as in `exercises.NAME`.
        question: one sentence.
        reference: the official solution: a function or a value.
        hints: general hints, from a nudge to nearly the answer.
        mistakes: the known mistakes, the most specific first. With `accept`,
            examples of what gets which sentence.
        cases: the arguments to try a function on.
        accept: judges open-ended answers.
        truths: whether results must be True and False, and not 1 and 0.
        also_right: functions that answer otherwise than `reference`, and are right, too.
        explanation: printed with a right answer: why it is right.
        tolerance: largest difference allowed, absolute and relative.
        seconds: of processor time that an answer may take, or fifty times what
            the solution takes on this machine now, if that is longer.
        waiting: seconds on the clock that a check may take.
        solution_text: printed by `solution`; by default the source of
            `reference`.
    """

    name: str
    question: str
    reference: Any
    hints: Sequence[str]
    mistakes: Sequence[Mistake]
    cases: Sequence[Case] = ()
    accept: Callable[[Any], str] | None = None
    truths: bool = False
    also_right: Sequence[Callable[..., Any]] = ()
    explanation: str = ""
    tolerance: float = 1e-6
    seconds: float = 10.0
    waiting: float = 120.0
    solution_text: str = ""
    _hints_given: int = field(default=0, init=False, repr=False)

    def check(self, answer: Any) -> None:
        """Judge `answer`, print the verdict, and remember a right answer."""
        verdict = self.grade(answer)
        print(verdict)
        name = self._full_name()
        if verdict.status == "passed" and name:
            progress.remember(name)

    def _full_name(self) -> str:
        """Return the name with its lesson, or "" for an exercise of no lesson."""
        start = "course_lib.exercises.lesson_"
        for name, module in list(sys.modules.items()):
            if name.startswith(start) and getattr(module, self.name, None) is self:
                return f"{name.rpartition('.')[2]}.{self.name}"
        return ""

    def hint(self) -> None:
        """Print the next hint; after the last one, that one again."""
        self._hints_given = min(self._hints_given + 1, len(self.hints))
        number = self._hints_given
        print(f"Hint {number} of {len(self.hints)}: {self.hints[number - 1]}")

    def solution(self) -> None:
        """Print the official solution, the one that the tests run."""
        if self.solution_text:
            text = textwrap.dedent(self.solution_text)
        elif callable(self.reference):
            text = textwrap.dedent(inspect.getsource(self.reference))
        else:
            text = f"answer = {self.reference!r}"
        print(text.strip())
        if self.explanation:
            print(f"\n{self.explanation}")

    def grade(self, answer: Any) -> Verdict:
        """Judge `answer` without printing anything."""
        expected, worked = self._expected()
        seconds = max(self.seconds, TIMES_THE_SOLUTION * worked)
        waited = False
        try:
            with time_limit(seconds, self.waiting) as limit:
                try:
                    problem = _guard("your answer", lambda: self._problem(answer, expected))
                finally:
                    waited = limit.waited
        except NotAttempted:
            return Verdict(
                "not attempted",
                f"{self.name}: not attempted yet. "
                "Replace the ... by your answer and run the cell again.",
            )
        except Rejected as rejection:
            problem = str(rejection)
        except OutOfTime:
            problem = (
                f"the check was stopped after it had waited for {self.waiting:g} seconds. "
                "Does your answer wait for something? If not, the machine is very busy: "
                "stop what else runs on it, and run the cell again."
                if waited
                else f"the check was stopped after {seconds:.3g} seconds of computing, many times "
                "what the solution needs. A loop without end, or far too many steps?"
            )
        if problem:
            return Verdict("failed", f"{self.name}: {problem}")
        return Verdict("passed", f"{self.name}: correct. {self.explanation}".rstrip())

    def _expected(self) -> tuple[list[Any], float]:
        """Return what the solution answers in each case, and its seconds of processor time."""
        if self.accept is not None or not callable(self.reference):
            return [], 0.0
        begun = time.thread_time()
        with np.errstate(all="ignore"):
            expected = [self.reference(*copy.deepcopy(case.arguments)) for case in self.cases]
        return expected, time.thread_time() - begun

    def _problem(self, answer: Any, expected: list[Any]) -> str:
        if _is_stub(answer):
            raise NotAttempted
        answer = listed(answer)
        if answer is None:
            raise Rejected("your answer is None. Replace the ... by your answer.")
        if self.accept is not None:
            return self.accept(answer)
        if callable(self.reference):
            return self._function_problem(answer, expected)
        return self._value_problem(answer)

    def _value_problem(self, answer: Any) -> str:
        if callable(answer):
            raise Rejected("your answer is a function, but a value is asked for. Call it.")
        problem = difference(answer, self.reference, self.tolerance)
        for mistake in self.mistakes if problem else ():
            if not difference(answer, mistake.answer, self.tolerance):
                return mistake.hint
        return problem and f"not yet: {self._value_hint(answer, problem)}"

    def _value_hint(self, answer: Any, problem: str) -> str:
        """Describe a value that is wrong without telling the right one."""
        if not isinstance(self.reference, tuple):
            return self._part_hint(answer, self.reference)
        if not isinstance(answer, tuple | list | np.ndarray) or len(answer) != len(self.reference):
            return f"{problem}."
        pairs = zip(ORDINALS, answer, self.reference, strict=False)
        name, one, right = next(
            pair for pair in pairs if difference(pair[1], pair[2], self.tolerance)
        )
        return f"the {name} value: {self._part_hint(one, right)}"

    def _part_hint(self, found: Any, right: Any) -> str:
        other = f"that is not the right one. exercises.{self.name}.hint() helps."
        if isinstance(right, bool | str):
            return other
        # What is left however large the tolerance is tells nothing of the numbers.
        shape = difference(found, right, np.inf)
        return f"{shape}." if shape else diagnose_value(found, right) or other

    def _function_problem(self, answer: Any, expected: list[Any]) -> str:
        results = [call(answer, case) for case in self.cases]
        problem = ""
        for case, result, right in zip(self.cases, results, expected, strict=True):
            problem = difference(result, right, self.tolerance)
            if problem:
                problem = f"not yet. {describe_call(answer, case)}: {problem}."
                break
        if problem and any(self._behaves_like(other, results) for other in self.also_right):
            return ""
        for mistake in self.mistakes if problem else ():
            if self._behaves_like(mistake.answer, results):
                return mistake.hint
        if problem:
            arguments = [case.arguments for case in self.cases]
            told = diagnose(results, expected, arguments, self.reference)
            return f"not yet: {told}" if told else problem
        if self.truths and any(np.asarray(result).dtype != bool for result in results):
            return (
                "the right places, but as numbers. Return True and False (dtype bool): of a mask "
                "of numbers ~mask would be wrong."
            )
        return ""

    def _behaves_like(self, function: Callable[..., Any], results: Sequence[Any]) -> bool:
        others = [function(*copy.deepcopy(case.arguments)) for case in self.cases]
        return not any(
            difference(result, other, self.tolerance)
            for result, other in zip(results, others, strict=True)
        )


def call(answer: Any, case: Case) -> Any:
    """Call a learner's function on a copy of the case's arguments.

    Raises:
        NotAttempted: when it returns the stub's `...`.
        Rejected: when it is no function, raises, returns None, or changes its
            arguments.
    """
    if not callable(answer):
        raise Rejected(
            f"your answer should be a function, but is {name_type(answer)}. "
            "Pass the function itself, without brackets after its name."
        )
    arguments = copy.deepcopy(case.arguments)
    result = _guard(describe_call(answer, case), lambda: listed(answer(*arguments)))
    if _is_stub(result):
        raise NotAttempted
    if result is None:
        raise Rejected(
            f"{describe_call(answer, case)} returned None. Does your function end with a return?"
        )
    for given, now in zip(case.arguments, arguments, strict=True):
        if difference(now, given, tolerance=PUT_BACK):
            raise Rejected(
                f"{describe_call(answer, case)} changed its arguments. {_how_to_copy(given)}"
            )
    return result


def _how_to_copy(argument: Any) -> str:
    if isinstance(argument, list) and any(isinstance(entry, list) for entry in argument):
        return (
            "What you change is the caller's list, or one inside it. Make new lists: "
            "[*row, entry] rather than row.append(entry)."
        )
    if isinstance(argument, list | dict | set):
        kind = type(argument).__name__
        return f"What you change is the caller's {kind}. Work on a copy: begin with {kind}(...)."
    return (
        "Work on a copy: begin with x = x.copy(). Both x -= ... and x[...] = ... write into the "
        "caller's array."
    )


def listed(result: Any) -> Any:
    """Return what can be gone through only once, or is a view, as a list."""
    return list(result) if isinstance(result, Iterator | range | KeysView | ValuesView) else result


def describe_call(answer: Any, case: Case) -> str:
    """Return how the call reads, as in `predict(2, 3)` or "for two cars"."""
    name = getattr(answer, "__name__", "<lambda>")
    if not isinstance(name, str) or name == "<lambda>":
        name = "your function"
    if case.description:
        return f"{name} for {case.description}"
    return f"{name}({', '.join(shorten(argument) for argument in case.arguments)})"


def _is_stub(answer: Any) -> bool:
    entries = answer if type(answer) in (tuple, list) else [answer]
    return any(entry is Ellipsis for entry in entries)


def _guard(subject: str, run: Callable[[], Any]) -> Any:
    try:
        with np.errstate(all="ignore"):
            return run()
    except (NotAttempted, Rejected, OutOfTime, KeyboardInterrupt):
        raise
    # An answer may call sys.exit, or raise what is no Exception.
    except BaseException as error:
        raise Rejected(f"{subject} raised {_describe_error(error)}") from error


def _describe_error(error: BaseException) -> str:
    try:
        detail = textwrap.shorten(str(error), 300, placeholder=" ...")
    except Exception:
        detail = ""
    sizes = re.search(r"matmul: .* \(size (\d+) is different from (\d+)\)", detail)
    if sizes:
        rows, columns = sizes.groups()
        detail = (
            "the shapes of a matrix product do not fit: what stands on its left has "
            f"{columns} columns, what stands on its right {rows} rows."
        )
    if isinstance(error, OverflowError) and "range" in detail:
        detail = (
            "a number became too large. Rewrite the formula so that exp gets no large argument."
        )
    return f"{type(error).__name__}: {detail}" if detail else f"{type(error).__name__}."
