"""The process that trains one run: an order and commands come in on its input, events go out on its output.

A keeper starts it as `python -m core.training.worker`. When its input ends, its keeper is gone: it saves and
ends.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
from typing import TextIO

import torch
from torch import nn

from core.data import catalogue
from core.data.dataset import DataMissing
from core.networks.spec import SpecError
from core.training import checkpoint
from core.training.config import TrainingConfig
from core.training.evaluation import evaluate
from core.training.events import (
    Acknowledged,
    Checkpoint,
    CheckpointSaved,
    Failed,
    Finished,
    Interrupted,
    Message,
    Paused,
    Resumed,
    Tested,
    to_line,
)
from core.training.loop import Controls, train
from core.training.optimizers import make_optimizer
from core.training.order import Order, command_from_line
from core.training.records import Command
from core.training.setup import Setup, set_up
from core.training.stopwatch import Stopwatch

LEAVE = Command(0, "", "leave", None)  # not a person's: save and end
NICENESS = 10  # so that a page's response comes first


class Worker:
    """Trains one run, obeys between two events, and says what happens."""

    def __init__(self, order: Order, commands: SimpleQueue[Command], say: Callable[[Message], None]) -> None:
        self._order, self._commands, self._say = order, commands, say
        self._controls = Controls()
        self._watch = Stopwatch()
        self._paused = False
        self._leaving = False
        self._actions: dict[str, Callable[[Command], None]] = {
            "pause": self._pause,
            "resume": self._resume,
            "stop": self._stop,
            "learning_rate": self._set_learning_rate,
            "leave": self._leave,
        }

    def work(self) -> None:
        """Train to the end, or until told to leave."""
        request = self._order.request
        setup = set_up(request, catalogue.load(request.data.dataset))
        resumed = None
        if self._order.resume:
            resumed = checkpoint.load(Path(self._order.resume), self._order.sha256)
        events = train(
            setup.model,
            setup.training,
            setup.validation,
            request.config,
            self._controls,
            resumed,
            self._watch,
        )
        for event in events:
            if isinstance(event, Finished):
                self._finish(event, setup)
            elif isinstance(event, Checkpoint):
                self._keep(event)
                if self._leaving:
                    self._say(Interrupted("The server was shut down. Resume to go on from here."))
                    return
            else:
                self._say(event)
            self._obey()

    def _finish(self, finished: Finished, setup: Setup) -> None:
        if finished.reason != "diverged":
            tested = evaluate(setup.model, setup.test)  # the one time that a run sees the test split
            self._say(Tested(tested.loss, tested.accuracy, tested.images))
        self._say(finished)

    def _keep(self, taken: Checkpoint) -> None:
        """Write a checkpoint; while the disk is full, wait until a person has made room."""
        path = Path(self._order.weights) / f"{taken.step:08d}.pt"
        while True:
            try:
                size, sha256 = checkpoint.save(taken.state, path)
            except OSError as error:
                if self._leaving or self._controls.stop:
                    return  # it must end without this one
                self._hold(f"The weights can't be saved ({error.strerror}). Make room, then resume.")
                self._wait()
            else:
                self._say(CheckpointSaved(taken.step, taken.epoch, path.name, size, sha256))
                return

    def _obey(self) -> None:
        while not self._commands.empty():
            self._take(self._commands.get())
        self._wait()

    def _wait(self) -> None:
        while self._paused:
            self._take(self._commands.get())  # blocks: a paused run costs nothing

    def _take(self, command: Command) -> None:
        self._actions[command.action](command)
        if command is not LEAVE:
            self._say(Acknowledged(command.id))

    def _pause(self, _command: Command) -> None:
        self._hold("")

    def _hold(self, message: str) -> None:
        if not self._paused:
            self._paused = True
            self._watch.hold()
            self._say(Paused(message))

    def _resume(self, _command: Command) -> None:
        if self._paused:
            self._go_on()
            self._say(Resumed())

    def _stop(self, _command: Command) -> None:
        self._controls.stop = True
        self._go_on()

    def _set_learning_rate(self, command: Command) -> None:
        self._controls.learning_rate = command.value

    def _leave(self, _command: Command) -> None:
        self._leaving = self._controls.save = True
        self._go_on()

    def _go_on(self) -> None:
        self._paused = False
        self._watch.go()


def failure(error: Exception) -> str:
    """Why a run can't be trained, in a sentence."""
    if isinstance(error, (SpecError, DataMissing, checkpoint.CheckpointDamaged, ValueError)):
        return str(error)
    if isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in str(error):
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
    """One step of a tiny network, so that all that PyTorch loads on first use (a second's worth) is there."""
    model = nn.Sequential(nn.Conv2d(1, 1, 3), nn.Flatten(), nn.Linear(4, 2))
    optimizer = make_optimizer(model, TrainingConfig())
    nn.functional.cross_entropy(model(torch.zeros(2, 1, 4, 4)), torch.zeros(2, dtype=torch.int64)).backward()
    optimizer.step()


def main() -> None:
    """Get ready, read the order, train, end."""
    if hasattr(os, "nice"):
        os.nice(NICENESS)
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
        Worker(order, commands, say).work()
    except Exception as error:  # whatever it is, the person who waits for this run is told
        traceback.print_exc()
        say(Failed(failure(error)))


if __name__ == "__main__":
    main()
