"""The process of work beside the page: an order comes in on its input, progress and the result go out.

Run as `python -m core.training.workers.side_worker timing`, or another key of WORK. When its input ends, nobody
waits any more, and it ends too.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import torch

from core.training.measuring import measure
from core.training.rate_search import RateOrder, search
from core.training.side_work import Refused, to_line
from core.training.timing import TimingOrder
from core.training.workers.priority import give_way
from core.training.workers.worker import failure

THREADS = 1  # of the CPU: a class on one server has as many such jobs to wait for

# name → what is done with an order, which comes as a line; the last thing that it yields is the result
WORK: dict[str, Callable[[str], Iterator[Any]]] = {
    "timing": lambda line: measure(TimingOrder.from_line(line)),
    "rates": lambda line: search(RateOrder.from_line(line)),
}


def say(message: Any) -> None:
    """Write one message to whoever waits."""
    print(to_line(message), flush=True)


def main(work: str) -> None:
    """Read the order, do the work, end."""
    give_way()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C reaches the server, which then ends us
    torch.set_num_threads(THREADS)
    line = sys.stdin.readline()
    threading.Thread(target=_end_with_the_input, daemon=True).start()
    try:
        for message in WORK[work](line):
            say(message)
    except Exception as error:  # whatever it is, the person who waits is told
        say(Refused(failure(error)))


def _end_with_the_input() -> None:
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1])
