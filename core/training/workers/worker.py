"""The process that trains one run: an order and commands come in on its input, events go out on its output.

A keeper starts it as `python -m core.training.workers.worker`. When its input ends, its keeper is gone: it
saves and ends.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from queue import SimpleQueue
from typing import TextIO

import torch
from torch import nn

from core.data.dataset import DataMissing
from core.networks.spec import SpecError
from core.training import checkpoint
from core.training.events import Failed, Message, to_line
from core.training.optimizers import OPTIMIZERS
from core.training.runs.records import Command
from core.training.workers.attempt import Attempt
from core.training.workers.order import LEAVE, Order, command_from_line
from core.training.workers.priority import give_way

# how PyTorch, C++ and oneDNN say it
NO_MEMORY = ("can't allocate memory", "bad_alloc", "could not create a memory")

SMALL_RUN = 2**27  # bytes of LeNet in batches of 64 and of the images of Fashion-MNIST, beside PyTorch itself


def failure(error: Exception) -> str:
    """Why a run can't be trained, in a sentence."""
    if isinstance(error, (SpecError, DataMissing, checkpoint.CheckpointDamaged, ValueError)):
        return str(error)
    if isinstance(error, torch.OutOfMemoryError):
        return "The GPU's memory did not suffice: choose a smaller batch size or a smaller network."
    if isinstance(error, MemoryError) or any(words in str(error) for words in NO_MEMORY):
        return "The memory did not suffice: choose a smaller batch size or a smaller network."
    return f"{type(error).__name__}: {error}"


def _private_output() -> TextIO:
    """The pipe to the keeper; whatever else prints now reaches the log instead."""
    sys.stdout.flush()
    pipe = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return pipe


def _speaker(pipe: TextIO, commands: SimpleQueue[Command]) -> Callable[[Message], None]:
    def say(message: Message) -> None:
        try:
            pipe.write(to_line(message) + "\n")
            pipe.flush()
        except OSError:  # nobody listens any more
            commands.put(LEAVE)

    return say


def _listen(commands: SimpleQueue[Command]) -> None:
    """Put what comes in on the input into the queue, until it ends."""
    for line in sys.stdin:
        commands.put(command_from_line(line))
    commands.put(LEAVE)


def rehearse() -> None:
    """One step of a tiny network, so that all that PyTorch loads on first use (a second's worth) is there.

    So is the memory of a small run, for which the system takes up to a quarter of a second: the allocator keeps it.
    """
    torch.ones(SMALL_RUN // 4)  # float32
    model = nn.Sequential(nn.Conv2d(1, 1, 3), nn.Flatten(), nn.Linear(4, 2))
    optimizer = OPTIMIZERS["adam"].of(model, 1e-3, 0.0)
    nn.functional.cross_entropy(model(torch.zeros(2, 1, 4, 4)), torch.zeros(2, dtype=torch.int64)).backward()
    optimizer.step()


def main() -> None:
    """Get ready, read the order, train, end."""
    give_way()
    commands: SimpleQueue[Command] = SimpleQueue()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the keeper decides; a Ctrl-C reaches it too
    signal.signal(signal.SIGTERM, lambda *_: commands.put(LEAVE))
    say = _speaker(_private_output(), commands)
    torch.set_num_threads(1)
    rehearse()
    line = sys.stdin.readline()
    if not line:
        return  # the keeper had nothing to do
    threading.Thread(target=_listen, args=(commands,), daemon=True).start()
    try:
        order = Order.from_line(line)
        torch.set_num_threads(order.threads)
        Attempt(order, commands, say).work()
    except Exception as error:  # whatever it is, the person who waits for this run is told
        traceback.print_exc()
        say(Failed(failure(error)))


if __name__ == "__main__":
    main()
