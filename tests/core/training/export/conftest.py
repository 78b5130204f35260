"""A run that was really trained, in a store."""

from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue

import pytest

from core.training.config import RunRequest
from core.training.events import Message
from core.training.runs.records import Command, Run
from core.training.runs.store import RunStore
from core.training.workers.attempt import Attempt
from core.training.workers.dispatch import Dispatch
from core.training.workers.order import Order
from core.training.workers.recorder import Recorder

Answer = Callable[[Message, SimpleQueue[Command]], None]  # hears each message, and may give commands
Trained = Callable[..., Run]


@pytest.fixture
def trained(silhouettes: Path, store: RunStore) -> Trained:
    """Train a request as a worker and its keeper do, and give back the run as the store knows it.

    With `fork` it branches off another run, at one of its steps.
    """

    def train(
        request: RunRequest, answer: Answer = lambda *_: None, fork: tuple[str, int] | None = None
    ) -> Run:
        run = store.fork(*fork, request) if fork else store.add(request)
        dispatch = Dispatch(store)
        dispatch.beat()
        claimed = dispatch.claim()
        assert claimed is not None and claimed.run.id == run.id
        recorder = Recorder(store, run.id, dispatch.token, claimed.run.attempt)
        commands: SimpleQueue[Command] = SimpleQueue()

        def say(message: Message) -> None:
            recorder.record(message)
            answer(message, commands)

        resume = claimed.resume
        order = Order(run.request, str(store.weights_folder(run.id)), str(resume.path) if resume else None)
        Attempt(order, commands, say).work()
        return store.get(run.id)

    return train
