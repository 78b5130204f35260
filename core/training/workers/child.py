"""A worker process, seen from its keeper: orders and commands in, messages out, and how it ended."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from core.data import catalogue
from core.training.events import from_line
from core.training.runs.database import StoreUnavailable
from core.training.runs.records import Command
from core.training.runs.states import NotPossible
from core.training.workers.order import GO, HOLD, Order, command_to_line
from core.training.workers.recorder import NotOurs, Recorder

_log = logging.getLogger(__name__)

ROOT = Path(__file__).parents[3]  # where `core` is importable
RETRY_SECONDS = 1.0  # after the store could not be written, since the disk is full, say

# Unless it is told to keep it, glibc gives memory back to the system after each step and asks for it again;
# that can double the time of a step in page faults. Pages of 2 MiB instead of 4 KiB, which Linux gives to who asks,
# save the CPU most of the looking up of addresses: 5 % of a step. Other allocators ignore these.
ALLOCATOR = {
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
    "MALLOC_MMAP_THRESHOLD_": str(2**30),
    "MALLOC_TRIM_THRESHOLD_": str(2**32),
    "MALLOC_TOP_PAD_": str(2**26),
}


class Child:
    """A worker process; it imports torch at once and waits for its order."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "core.training.workers.worker"],
            cwd=ROOT,
            env={**os.environ, **ALLOCATOR, "AUTOGRAD_LAB_DATA": str(catalogue.data_folder().resolve())},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            bufsize=1,  # a line at a time
            start_new_session=True,  # a Ctrl-C in the terminal reaches the server, which then ends us
        )
        assert self._process.stdin and self._process.stdout and self._process.stderr
        self._input, self._output, self._errors = (
            self._process.stdin,
            self._process.stdout,
            self._process.stderr,
        )
        self._speaking = threading.Lock()  # the keeper and the reader of its messages both write to it
        self._last_words: deque[str] = deque(maxlen=5)
        self._threads = [threading.Thread(target=self._read_errors, name="worker's errors", daemon=True)]
        self._threads[0].start()

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    @property
    def done(self) -> bool:
        """Whether all that it said is recorded."""
        return not any(thread.is_alive() for thread in self._threads)

    def begin(self, order: Order, recorder: Recorder) -> None:
        """Have it train a run, and record what it says from now on."""
        self._write(order.to_line())
        reader = threading.Thread(target=self._read, args=(recorder,), name="worker's messages", daemon=True)
        self._threads.append(reader)
        reader.start()

    def send(self, command: Command) -> None:
        """Pass a command on; a worker that is gone hears nothing."""
        self._write(command_to_line(command))

    def leave(self) -> None:
        """Have it save and end."""
        with suppress(OSError):
            self._input.close()

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()

    def join(self, seconds: float) -> None:
        """Wait until all that it said is recorded, but not longer than this."""
        for thread in self._threads:
            thread.join(seconds)

    def _write(self, line: str) -> None:
        with self._speaking, suppress(OSError, ValueError):  # it is gone, or was told to leave
            self._input.write(line + "\n")
            self._input.flush()

    def _read_errors(self) -> None:
        for line in self._errors:
            self._last_words.append(line.rstrip())
            _log.info("worker %d: %s", self.pid, line.rstrip())

    def _read(self, recorder: Recorder) -> None:
        try:
            for line in self._output:
                self._record(recorder, line)
            self._process.wait()
            self._threads[0].join(RETRY_SECONDS)  # its last words may still be on their way
            self._insist(lambda: recorder.lost(self._how_it_ended()))
        except NotOurs:
            self.kill()  # the run was deleted, or goes on elsewhere
        finally:
            self._process.wait()

    def _record(self, recorder: Recorder, line: str) -> None:
        try:
            message = from_line(line)
            self._insist(lambda: recorder.record(message))
        except (ValueError, NotPossible) as error:
            _log.warning("worker %d: %s", self.pid, error)

    def _insist(self, write: Callable[[], None]) -> None:
        """Write to the store; while that fails, wait, and have the worker wait too, for what it does can't be seen."""
        held = False
        while True:
            try:
                write()
                break
            except StoreUnavailable as error:
                _log.warning("%s", error)
                if not held:
                    self.send(HOLD)
                held = True
                time.sleep(RETRY_SECONDS)
        if held:
            self.send(GO)

    def _how_it_ended(self) -> str:
        code = self._process.returncode
        if code < 0:
            how = f"The worker was killed ({signal.Signals(-code).name})"
            if -code == signal.SIGKILL:
                how += (
                    "; if nobody did that, the machine ran out of memory, and a smaller batch size needs less"
                )
        else:
            how = f"The worker ended unexpectedly (exit code {code})"
        words = f" Its last words: {' / '.join(self._last_words)}" if self._last_words else ""
        return f"{how}. Resume to go on from the last checkpoint.{words}"
