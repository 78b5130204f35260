"""Work beside the page in a process of its own, one at a time on this server."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Generic, Literal, TypeVar

from core.data import catalogue
from core.training.side_work import Progress, Refused
from core.training.workers.child import ALLOCATOR, ROOT

Result = TypeVar("Result")

_turn = threading.Lock()  # two at once would slow each other down, and measured times would be wrong


class Busy(Exception):
    """Another such job is under way."""


class SideJob(Generic[Result]):
    """A job under way: how far it is, and what came out."""

    def __init__(
        self, work: str, order: str, read: Callable[[str], Any], most_seconds: float, advice: str
    ) -> None:
        """Begin at once, in a child process at low priority: a busy thread of the server would slow down every
        page. `work` is a key of the side worker's table, `order` and what `read` reads are lines of JSON.

        After `most_seconds` it is ended, whatever it does; `advice` then says what to do. Raises Busy, and
        OSError if no process can be started.
        """
        if not _turn.acquire(blocking=False):
            raise Busy("Other work of this kind is under way on this machine; it takes a few seconds.")
        self.reports: list[Progress] = [Progress(0.0, "A process of its own loads PyTorch")]
        self.result: Result | None = None
        self.refusal = ""  # why there is no result
        self.ended: float | None = None  # seconds since 1970
        self._order, self._parse = order, read
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "core.training.workers.side_worker", work],
                cwd=ROOT,
                env={
                    **os.environ,
                    **ALLOCATOR,
                    "AUTOGRAD_LAB_DATA": str(catalogue.data_folder().resolve()),
                },
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
        too_long = f"It took longer than {most_seconds:.0f} seconds. {advice}"
        self._limit = threading.Timer(most_seconds, self._end, (too_long,))
        self._limit.daemon = True
        self._limit.start()
        self._reader = threading.Thread(target=self._read, name=f"side job: {work}", daemon=True)
        self._reader.start()

    @property
    def progress(self) -> Progress:
        """How far it is."""
        return self.reports[-1]

    @property
    def state(self) -> Literal["running", "done", "refused"]:
        """Where it stands; refused also if it was stopped or its process failed."""
        if self.ended is None:
            return "running"
        return "done" if self.result else "refused"

    def stop(self) -> None:
        """End it without a result."""
        self._end("It was stopped.")

    def join(self, seconds: float) -> None:
        """Wait for its end, but not longer than this."""
        self._reader.join(seconds)

    def _end(self, why: str) -> None:
        self._refuse(why)
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
                process.stdin.write(self._order + "\n")
                process.stdin.flush()
            for line in process.stdout:
                with suppress(ValueError):  # something else that was printed
                    self._take(self._parse(line))
            process.wait()
            errors.join(1.0)
            if not self.result:
                words = f" Its last words: {' / '.join(map(str.strip, last_words))}" if last_words else ""
                self._refuse(f"The process ended unexpectedly.{words}")
        finally:
            self._limit.cancel()
            with suppress(OSError):  # an order that never reached it
                process.stdin.close()
            self.ended = time.time()
            _turn.release()

    def _take(self, message: Any) -> None:
        if isinstance(message, Progress):
            self.reports.append(message)
        elif isinstance(message, Refused):
            self._refuse(message.text)
        else:
            self.result = message
