"""Work that goes on only while somebody waits for it: a turn at a time, and left even in the middle of a step.

What computes a map is a library's function, which can't yield in the middle as a generator can. So the work has a
thread of its own, and rests in `pause` wherever it calls that and its turn is over: before each forward pass of a
network that reports (see `preserve.reporting`), and after each step.
"""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

State = TypeVar("State")
Pause = Callable[[], None]  # rests where the turn is over; raises Left


class Left(BaseException):
    """Raised within work that nobody wants any more; no `except Exception` holds it up."""


class Turns(Generic[State]):
    """The steps that `begin` gives, made in turns.

    Its thread ends with the work, after `leave`, and when nobody has the object any more.
    """

    def __init__(self, begin: Callable[[Pause], Iterator[State]]) -> None:
        """`begin` is called at the first turn, with the pause that its steps may call within."""
        self._worker = _Worker(begin)
        weakref.finalize(self, self._worker.leave)

    @property
    def latest(self) -> State | None:
        """The newest step's result; None before the first."""
        return self._worker.latest

    @property
    def over(self) -> bool:
        """Whether the last step is made, or the work was left."""
        return self._worker.over

    def go_on(self, seconds: float) -> None:
        """Work until it is over or so much time has passed, and a pass to its end; raises what a step raises.

        One caller at a time.
        """
        self._worker.go_on(seconds)

    def leave(self) -> None:
        """Go no further, from any thread."""
        self._worker.leave()


class _Worker(Generic[State]):
    """What the thread knows of; it must not know the Turns, which would then always be known to somebody."""

    def __init__(self, begin: Callable[[Pause], Iterator[State]]) -> None:
        self._begin = begin
        self._thread: threading.Thread | None = None
        self._turn, self._rest = threading.Semaphore(0), threading.Semaphore(0)
        self._end = 0.0  # of the turn
        self._left = False
        self._failure: BaseException | None = None
        self.latest: State | None = None
        self.over = False

    def go_on(self, seconds: float) -> None:
        if self.over or self._left:
            return
        self._end = time.monotonic() + seconds
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="turns", daemon=True)
            self._thread.start()
        else:
            self._turn.release()
        self._rest.acquire()
        if self._failure is not None:
            failure, self._failure = self._failure, None
            raise failure

    def leave(self) -> None:
        self._left = True
        self._turn.release()

    def _pause(self) -> None:
        if not self._left and time.monotonic() < self._end:
            return
        self._rest.release()
        self._turn.acquire()
        if self._left:
            raise Left

    def _work(self) -> None:
        try:
            for state in self._begin(self._pause):
                self.latest = state
                self._pause()
        except Left:
            pass
        except BaseException as failure:  # whoever waits shall raise it
            self._failure = failure
        finally:
            self.over = True
            self._rest.release()
