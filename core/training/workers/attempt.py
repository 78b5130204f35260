"""One attempt at a run, inside a worker: it trains, obeys between two events, and says what happens."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue

from core.data import catalogue
from core.training import checkpoint
from core.training.checkpoint import TrainingState
from core.training.evaluation import evaluate
from core.training.events import (
    Acknowledged,
    Checkpoint,
    CheckpointSaved,
    Event,
    Finished,
    Interrupted,
    Message,
    Paused,
    Resumed,
    Tested,
)
from core.training.loop import Controls, train
from core.training.observations import StepUnderMagnifier
from core.training.runs.forks import branch
from core.training.runs.records import Command
from core.training.setup import Setup, set_up
from core.training.workers.order import Order
from core.training.workers.stopwatch import Stopwatch


class Attempt:
    """Trains one run, obeys between two events, and says what happens."""

    def __init__(self, order: Order, commands: SimpleQueue[Command], say: Callable[[Message], None]) -> None:
        self._order, self._commands, self._say = order, commands, say
        self._controls = Controls()
        self._watch = Stopwatch()
        self._paused = False  # by a person, or since the weights can't be saved
        self._held = False  # by the keeper
        self._leaving = False
        self._until_step = False  # hold after the next step
        self._until_epoch = False  # hold after the next checkpoint at an epoch's end
        self._taken: dict[str, int] = {}  # setting → the last command that changed it
        self._actions: dict[str, Callable[[Command], None]] = {
            "pause": self._pause,
            "resume": self._resume,
            "stop": self._stop,
            "step": self._step,
            "epoch": self._epoch,
            **dict.fromkeys(("learning_rate", "weight_decay", "batch_size"), self._set),
            "leave": self._leave,
            "hold": self._stand_still,
            "go": self._move_again,
        }

    def work(self) -> None:
        """Train to the end, or until told to leave."""
        request = self._order.request
        dataset = catalogue.load(request.data.dataset, request.data.image)
        setup = set_up(request, dataset, resumes=bool(self._order.resume))
        resumed = None
        if self._order.resume:
            resumed = checkpoint.load(Path(self._order.resume), self._order.sha256)
            if request.fork and resumed.step == request.fork.step:
                resumed = branch(resumed, request)
        self._take_up(resumed)
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
            self._hold_where_asked(event)
            self._obey()

    def _take_up(self, resumed: TrainingState | None) -> None:
        """Give those settings again that were changed after the checkpoint, before the last worker was gone."""
        self._taken = dict(resumed.commands) if resumed else {}
        for command in self._order.settings:
            if command.id > self._taken.get(command.action, 0):
                self._set(command)

    def _finish(self, finished: Finished, setup: Setup) -> None:
        if finished.reason != "diverged":
            began = time.monotonic()
            tested = evaluate(setup.model, setup.test)  # the one time that a run sees the test split
            self._say(Tested(tested.loss, tested.accuracy, tested.images, time.monotonic() - began))
        self._say(finished)

    def _keep(self, taken: Checkpoint) -> None:
        """Write a checkpoint; while the disk is full, wait until a person has made room."""
        path = Path(self._order.weights) / f"{taken.step:08d}.pt"
        done = {name: id for name, id in self._taken.items() if getattr(self._controls, name) is None}
        state = replace(taken.state, commands=done)
        while True:
            try:
                size, sha256 = checkpoint.save(state, path)
            except OSError as error:
                if self._leaving or self._controls.stop:
                    return  # it must end without this one
                self._hold(f"The weights can't be saved ({error.strerror}). Make room, then resume.")
                self._wait()
            else:
                self._say(CheckpointSaved(taken.step, taken.epoch, path.name, size, sha256))
                return

    def _hold_where_asked(self, event: Event) -> None:
        """After the step, or the epoch, that a person asked for."""
        if isinstance(event, StepUnderMagnifier) and self._until_step:
            self._until_step = False
            self._hold("")
            self._watch.hold()
        if isinstance(event, Checkpoint) and event.epoch.is_integer() and event.step and self._until_epoch:
            self._until_epoch = False
            self._hold("")

    def _obey(self) -> None:
        while not self._commands.empty():
            self._take(self._commands.get())
        self._wait()

    def _wait(self) -> None:
        while self._held or (self._paused and not self._until_step):
            self._take(self._commands.get())  # blocks: a paused run costs nothing
        if self._until_step:
            self._watch.go()

    def _take(self, command: Command) -> None:
        self._actions[command.action](command)
        if command.id:  # a person's
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

    def _step(self, _command: Command) -> None:
        self._controls.magnify = self._until_step = True

    def _epoch(self, command: Command) -> None:
        self._until_epoch = True
        self._resume(command)

    def _set(self, command: Command) -> None:
        value = command.value
        self._taken[command.action] = command.id
        setattr(
            self._controls, command.action, int(value) if command.action == "batch_size" and value else value
        )

    def _leave(self, _command: Command) -> None:
        self._leaving = self._controls.save = True
        self._held = False
        self._go_on()

    def _go_on(self) -> None:
        self._paused = False
        if not self._held:
            self._watch.go()

    def _stand_still(self, _command: Command) -> None:
        self._held = True
        self._watch.hold()

    def _move_again(self, _command: Command) -> None:
        self._held = False
        if not self._paused:
            self._watch.go()
