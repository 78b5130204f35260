"""A measurement under way in a process of its own, one at a time on this server."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections import deque
from contextlib import suppress
from typing import Literal

from core.training.timing import Progress, Refused, Timing, TimingOrder, from_line
from core.training.workers.child import ALLOCATOR, ROOT

MOST_SECONDS = 120.0  # then it is ended, whatever it does

_turn = threading.Lock()  # two at once would measure each other


class Busy(Exception):
    """Another measurement is under way."""


class Measurement:
    """One network being measured: how far it is, and what came out."""

    def __init__(self, order: TimingOrder) -> None:
        """Begin at once, in a child process at low priority: a busy thread of the server would slow down every
        page. Raises Busy, and OSError if no process can be started.
        """
        if not _turn.acquire(blocking=False):
            raise Busy("Another measurement is under way on this machine; it takes a few seconds.")
        self.order = order
        self.progress = Progress(0.0, "A process of its own loads PyTorch")
        self.timing: Timing | None = None
        self.refusal = ""  # why there is no timing
        self.ended: float | None = None  # seconds since 1970
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "core.training.workers.timer"],
                cwd=ROOT,
                env={**os.environ, **ALLOCATOR},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                encoding="utf-8",
                errors="replace",
                start_new_session=True,
            )
        except OSError:
            _turn.release()
            raise
        self._limit = threading.Timer(MOST_SECONDS, self._take_too_long)
        self._limit.daemon = True
        self._limit.start()
        self._reader = threading.Thread(target=self._read, name="measurement", daemon=True)
        self._reader.start()

    @property
    def state(self) -> Literal["running", "done", "refused"]:
        """Where it stands; refused also if it was stopped or its process failed."""
        if self.ended is None:
            return "running"
        return "done" if self.timing else "refused"

    def stop(self) -> None:
        """End it without a result."""
        self._refuse("It was stopped.")
        self._process.kill()

    def join(self, seconds: float) -> None:
        """Wait for its end, but not longer than this."""
        self._reader.join(seconds)

    def _take_too_long(self) -> None:
        self._refuse(f"It took longer than {MOST_SECONDS:.0f} seconds. Choose a smaller batch.")
        self._process.kill()

    def _refuse(self, why: str) -> None:
        self.refusal = self.refusal or why

    def _read(self) -> None:
        process = self._process
        assert process.stdin and process.stdout and process.stderr
        last_words: deque[str] = deque(maxlen=3)
        errors = threading.Thread(target=last_words.extend, args=(process.stderr,), daemon=True)
        errors.start()
        try:
            with suppress(OSError):  # it is gone already
                process.stdin.write(self.order.to_line() + "\n")
                process.stdin.flush()
            for line in process.stdout:
                with suppress(ValueError):  # something else that was printed
                    self._take(from_line(line))
            process.wait()
            errors.join(1.0)
            if not self.timing:
                words = f" Its last words: {' / '.join(map(str.strip, last_words))}" if last_words else ""
                self._refuse(f"The measuring process ended unexpectedly.{words}")
        finally:
            self._limit.cancel()
            with suppress(OSError):  # an order that never reached it
                process.stdin.close()
            self.ended = time.time()
            _turn.release()

    def _take(self, message: Progress | Refused | Timing) -> None:
        if isinstance(message, Progress):
            self.progress = message
        elif isinstance(message, Refused):
            self._refuse(message.text)
        else:
            self.timing = message
