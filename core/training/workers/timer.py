"""The process that measures one network: an order comes in on its input, progress and the result go out.

Run as `python -m core.training.workers.timer`. When its input ends, nobody waits any more, and it ends too.
"""

from __future__ import annotations

import os
import signal
import sys
import threading

import torch

from core.training.measuring import measure
from core.training.timing import Message, Refused, TimingOrder, to_line
from core.training.workers.worker import NICENESS, failure

THREADS = 1  # of the CPU: a class on one server has as many measurements to wait for


def say(message: Message) -> None:
    """Write one message to whoever waits."""
    print(to_line(message), flush=True)


def main() -> None:
    """Read the order, measure, end."""
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C reaches the server, which then ends us
    torch.set_num_threads(THREADS)
    line = sys.stdin.readline()
    threading.Thread(target=_end_with_the_input, daemon=True).start()
    try:
        for message in measure(TimingOrder.from_line(line)):
            say(message)
    except Exception as error:  # whatever it is, the person who waits is told
        say(Refused(failure(error)))


def _end_with_the_input() -> None:
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
