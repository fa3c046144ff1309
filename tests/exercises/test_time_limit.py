"""An endless answer is stopped, whatever it catches, and nothing is left behind."""

import contextlib
import dataclasses
import signal
import sys
import threading
import time

import numpy as np
import pytest

from course_lib.exercises import Case, Exercise
from course_lib.exercises.time_limit import OutOfTime, _raise_again, time_limit

LIMIT = 0.15


def loop_without_body(x):
    while True:
        pass


def loop_that_swallows_exceptions(x):
    while True:
        try:
            x = sum([x, 1])
        except Exception:
            x = 0


def loop_with_bare_except(x):
    while True:
        try:  # noqa: SIM105
            sum([x, 1])
        except:  # noqa: E722
            pass


def loop_that_continues_after_bare_except(x):
    while True:
        try:
            for _ in range(100_000):
                x += 1
        except:  # noqa: E722
            continue


def loop_within_bare_except(x):
    while True:
        try:
            while True:
                x += 1
        except:  # noqa: E722
            x = 0


def loop_in_finally(x):
    try:
        loop_without_body(x)
    finally:
        while True:
            x += 1


def loop_over_arrays(x):
    values = np.ones(10)
    while True:
        try:
            values = np.sort(values)
        except:  # noqa: E722
            values = np.zeros(10)


def sleep(x):
    time.sleep(30)


def sleep_in_small_steps(x):
    for _ in range(1000):
        time.sleep(0.03)


LOOPS = [
    loop_without_body,
    loop_that_swallows_exceptions,
    loop_with_bare_except,
    loop_that_continues_after_bare_except,
    loop_within_bare_except,
    loop_in_finally,
    loop_over_arrays,
    sleep_in_small_steps,
]


def double(x):
    return 2 * x


def make_exercise(seconds=LIMIT, waiting=LIMIT):
    return Exercise(
        name="double",
        question="Double x.",
        reference=double,
        hints=["Multiply."],
        mistakes=[],
        cases=[Case((3,))],
        seconds=seconds,
        waiting=waiting,
    )


def on_another_thread(run):
    results = []
    thread = threading.Thread(target=lambda: results.append(run()), daemon=True)
    thread.start()
    thread.join(20)
    assert not thread.is_alive(), "the answer was never stopped"
    return results[0]


def assert_stopped_and_clean(loop):
    exercise = make_exercise()
    start = time.perf_counter()
    verdict = exercise.grade(loop)
    assert verdict.status == "failed"
    assert verdict.message in (
        "double: the check was stopped after 0.15 seconds of computing, many times what the "
        "solution needs. A loop without end, or far too many steps?",
        "double: the check was stopped after it had waited for 0.15 seconds. Does your answer wait "
        "for something? If not, the machine is very busy: stop what else runs on it, and run the "
        "cell again.",
    )
    assert time.perf_counter() - start < 5
    assert exercise.grade(double).status == "passed"


@pytest.mark.parametrize("loop", [*LOOPS, sleep])
def test_endless_answers_on_the_main_thread(loop):
    if loop is sleep and not hasattr(signal, "setitimer"):
        pytest.skip("a sleep ends early only where there is a timer signal")
    before = sys.gettrace()
    assert_stopped_and_clean(loop)
    assert sys.gettrace() is before


@pytest.mark.parametrize("loop", LOOPS)
def test_endless_answers_on_another_thread(loop):
    threads = threading.active_count()
    on_another_thread(lambda: assert_stopped_and_clean(loop))
    assert threading.active_count() == threads


def test_endless_answers_where_there_is_no_timer_signal(monkeypatch):
    monkeypatch.delattr(signal, "setitimer", raising=False)
    for loop in (loop_without_body, loop_with_bare_except):
        assert_stopped_and_clean(loop)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs a timer signal")
@pytest.mark.parametrize("error", [None, KeyError, OutOfTime])
def test_the_signal_handler_and_the_timer_are_put_back(error):
    received = []
    previous = signal.signal(signal.SIGALRM, lambda *_: received.append(True))
    try:
        ours = signal.getsignal(signal.SIGALRM)
        with pytest.raises(error) if error else contextlib.nullcontext(), time_limit(30, 30):
            assert signal.getsignal(signal.SIGALRM) is not ours
            if error:
                raise error
        assert signal.getsignal(signal.SIGALRM) is ours
        assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    finally:
        signal.signal(signal.SIGALRM, previous)
    assert received == []


def test_no_exception_arrives_after_the_block():
    with time_limit(0.05, 0.05):
        pass
    time.sleep(0.1)

    def run():
        with time_limit(0.05, 0.05):
            pass
        time.sleep(0.1)
        return "alive"

    assert on_another_thread(run) == "alive"


def test_a_limit_used_outside_the_course_raises_out_of_time():
    def run():
        start = time.perf_counter()
        with pytest.raises(OutOfTime), time_limit(LIMIT, 60):
            loop_without_body(0)
        return time.perf_counter() - start

    assert LIMIT <= run() < 5
    assert LIMIT <= on_another_thread(run) < 5


def test_an_answer_that_is_quick_enough_is_not_stopped():
    def slow(x):
        time.sleep(0.1)
        return 2 * x

    assert make_exercise(waiting=5).grade(slow).status == "passed"


def test_only_its_own_work_counts():
    """Whatever else takes the processor, an answer that works little is not stopped."""
    begun = time.thread_time()

    def slow(x):
        while time.thread_time() - begun < 0.05:
            time.sleep(0.01)
            sum(range(1000))
        return 2 * x

    busy = [threading.Thread(target=lambda: sum(range(20_000_000))) for _ in range(3)]
    for thread in busy:
        thread.start()
    assert make_exercise(seconds=2, waiting=60).grade(slow).status == "passed"
    for thread in busy:
        thread.join()


def test_it_is_said_which_limit_was_reached():
    working = make_exercise(seconds=LIMIT, waiting=30).grade(loop_over_arrays).message
    assert "0.15 seconds of computing" in working
    waiting = make_exercise(seconds=30, waiting=LIMIT).grade(sleep_in_small_steps).message
    assert "had waited for 0.15 seconds" in waiting


def test_a_slow_solution_gives_its_answers_time():
    def slow(x):
        end = time.thread_time() + 0.02
        while time.thread_time() < end:
            pass
        return 2 * x

    exercise = dataclasses.replace(make_exercise(seconds=0.01, waiting=60), reference=slow)

    def four_times(x):
        return sum(slow(x) for _ in range(4)) / 4

    assert exercise.grade(four_times).status == "passed"
    assert "seconds of computing" in exercise.grade(loop_without_body).message


def test_a_tracer_that_was_there_before_is_put_back():
    before = sys.gettrace()

    def tracer(frame, event, argument):
        return None

    sys.settrace(tracer)
    try:
        make_exercise().grade(loop_with_bare_except)
        after = sys.gettrace()
    finally:
        sys.settrace(before)
    assert after is tracer


def test_only_lines_raise_again():
    # The interpreter calls this where coverage cannot see it.
    frame = sys._getframe()
    assert _raise_again(frame, "return", None) is None
    assert _raise_again(frame, "exception", None) is None
    with pytest.raises(OutOfTime):
        _raise_again(frame, "line", None)
