"""Stop a learner's endless loop without losing the kernel.

What is limited is the work of the answer's own thread, so that a busy machine takes
nothing away; the clock ends only what waits.
"""

import contextlib
import ctypes
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

REPEAT_SECONDS = 0.5
LOOK_SECONDS = 0.05


class OutOfTime(BaseException):
    """A limit has been reached.

    Not an Exception, so that an answer's own `except Exception` lets it pass.
    An answer's bare `except:` does catch it; so the next line that the answer
    runs after that raises it again, where that `except:` no longer reaches.
    """

    def __init__(self, frame: FrameType | None = None) -> None:
        super().__init__()
        frame = frame or sys._getframe(1)
        answer_frames = []
        while frame and not _is_ours(frame):
            answer_frames.append(frame)
            frame = frame.f_back
        if frame and answer_frames:
            sys.settrace(lambda *_: None)
            for answer_frame in answer_frames:
                answer_frame.f_trace = _raise_again


def _raise_again(frame: FrameType, event: str, argument: Any) -> None:
    if event == "line":
        raise OutOfTime(frame)


def _is_ours(frame: FrameType) -> bool:
    return str(frame.f_globals.get("__name__")).startswith("course_lib.")


class Limit:
    """How much an answer may work, and how long it may wait, from now on.

    Attributes:
        waited: whether the clock, and not the work, has reached its limit.
    """

    def __init__(self, seconds: float, waiting: float, worked: Callable[[], float]) -> None:
        self.waited = False
        self._seconds, self._waiting, self._worked = seconds, waiting, worked
        self._work, self._clock = worked(), time.monotonic()
        self._next = 0.0

    def reached(self) -> bool:
        """Say whether it is time to stop the answer, or to stop it once more."""
        now = time.monotonic()
        working = self._worked() - self._work >= self._seconds
        waiting = now - self._clock >= self._waiting
        if not (working or waiting) or now < self._next:
            return False
        self.waited = not working
        self._next = now + REPEAT_SECONDS
        return True


@contextlib.contextmanager
def time_limit(seconds: float, waiting: float) -> Iterator[Limit]:
    """Raise `OutOfTime` in the block when it works, or waits, for too long.

    On the main thread of Linux and macOS a timer signal also ends a sleep;
    elsewhere an exception is left for the thread to find between two Python
    instructions. Either is repeated, in case the answer swallows one.

    Args:
        seconds: of processor time of this thread.
        waiting: seconds on the clock.
    """
    on_main_thread = threading.current_thread() is threading.main_thread()
    by_signal = on_main_thread and hasattr(signal, "setitimer")
    limit = Limit(seconds, waiting, time.thread_time if by_signal else _work_of_this_thread())
    tracer = sys.gettrace()
    try:
        with _by_signal(limit) if by_signal else _by_thread(limit):
            yield limit
    finally:
        sys.settrace(tracer)


def _work_of_this_thread() -> Callable[[], float]:
    """Return what tells the processor time of this thread to any other."""
    if hasattr(time, "pthread_getcpuclockid"):
        clock = time.pthread_getcpuclockid(threading.get_ident())
        return lambda: time.clock_gettime(clock)
    # Windows tells it of the whole process only.
    return time.process_time


@contextlib.contextmanager
def _by_signal(limit: Limit) -> Iterator[None]:
    def stop(signum: int, frame: FrameType | None) -> None:
        if limit.reached():
            raise OutOfTime(frame)

    previous = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, LOOK_SECONDS, LOOK_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


@contextlib.contextmanager
def _by_thread(limit: Limit) -> Iterator[None]:
    target = ctypes.c_ulong(threading.get_ident())
    finished = threading.Event()

    def watch() -> None:
        while not finished.wait(LOOK_SECONDS):
            if limit.reached():
                ctypes.pythonapi.PyThreadState_SetAsyncExc(target, ctypes.py_object(OutOfTime))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        finished.set()
        watcher.join()
        # An exception that was left but not yet found is found here. To withdraw
        # it would leave Python 3.11 in a state that hangs when a tracer is set.
        with contextlib.suppress(OutOfTime):
            for _ in range(10):
                pass
