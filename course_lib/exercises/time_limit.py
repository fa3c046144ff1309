"""Stop a learner's endless loop without losing the kernel."""

import contextlib
import ctypes
import signal
import sys
import threading
from collections.abc import Iterator
from types import FrameType
from typing import Any

REPEAT_SECONDS = 0.5


class OutOfTime(BaseException):
    """The time limit has passed.

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


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise `OutOfTime` in the block when it takes longer than `seconds`.

    On the main thread of Linux and macOS a timer signal also ends a sleep;
    elsewhere an exception is left for the thread to find between two Python
    instructions. Either is repeated, in case the answer swallows one.
    """
    on_main_thread = threading.current_thread() is threading.main_thread()
    limit = _by_signal if on_main_thread and hasattr(signal, "setitimer") else _by_thread
    tracer = sys.gettrace()
    try:
        with limit(seconds):
            yield
    finally:
        sys.settrace(tracer)


@contextlib.contextmanager
def _by_signal(seconds: float) -> Iterator[None]:
    def stop(signum: int, frame: FrameType | None) -> None:
        raise OutOfTime(frame)

    previous = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds, REPEAT_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


@contextlib.contextmanager
def _by_thread(seconds: float) -> Iterator[None]:
    target = ctypes.c_ulong(threading.get_ident())
    finished = threading.Event()

    def watch() -> None:
        delay = seconds
        while not finished.wait(delay):
            ctypes.pythonapi.PyThreadState_SetAsyncExc(target, ctypes.py_object(OutOfTime))
            delay = REPEAT_SECONDS

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
