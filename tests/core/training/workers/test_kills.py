"""A hundred kills at random moments, of workers, of the server, and of all at once: nothing lost, nothing broken."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
import torch
from sqlalchemy import select

from core.training import checkpoint
from core.training.config import RunRequest
from core.training.observations import ClassCounts
from core.training.runs.records import Metric, Run
from core.training.runs.states import ACTIVE, ENDED, NotPossible
from core.training.runs.store import RunStore
from core.training.runs.tables import COMMANDS, RUNS

ROOT = Path(__file__).parents[4]
KILLS = 100
AT_ONCE = 3  # runs under way, so that one blow hits several
EPOCHS = 15  # of 9 steps each
PATIENCE = 240.0  # seconds; the machine may be busy

SERVER = """
import sys, time
from pathlib import Path
from core.training.workers.local_keeper import LocalKeeper
from core.training.runs.store import RunStore
LocalKeeper(RunStore(Path(sys.argv[1]))).start()
time.sleep(3600)
"""


class Server:
    """A keeper in a process of its own, with its workers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", SERVER, str(self.folder)],
            cwd=ROOT,
            env={**os.environ, "AUTOGRAD_LAB_RUNS": str(AT_ONCE)},
        )

    def workers(self) -> list[psutil.Process]:
        try:
            return psutil.Process(self._process.pid).children()
        except psutil.NoSuchProcess:
            return []

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


@pytest.fixture
def server(store: RunStore, silhouettes: Path) -> Iterator[Server]:
    server = Server(store.folder)
    yield server
    workers = server.workers()
    server.kill()
    for worker in workers:
        with suppress(psutil.NoSuchProcess):
            worker.kill()


def until(enough: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not enough():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.1)


def blow(server: Server, chance: random.Random) -> int:
    """Kill some or all workers, or the server, or the server and all its workers; how many processes were killed.

    After a server, another one is started.
    """
    workers = server.workers()
    some = chance.randint(1, len(workers)) if workers else 0
    of_workers, of_server = chance.choices(
        [(len(workers), False), (some, False), (0, True), (len(workers), True)], weights=[6, 1, 1, 4]
    )[0]
    for worker in chance.sample(workers, of_workers):
        with suppress(psutil.NoSuchProcess):
            worker.send_signal(signal.SIGKILL)
    if of_server:
        server.kill()
        server.start()
    return of_workers + of_server


class Person:
    """Somebody at the page: sees curves, and resumes whatever lies there."""

    def __init__(self, store: RunStore) -> None:
        self._store = store
        self._seen: dict[str, tuple[int, list[Metric]]] = {}  # run → attempt, and what the page showed of it

    def look(self) -> None:
        """Read the curves of all runs."""
        for run in self._store.runs():
            points = self._store.metrics(run.id)
            if self._store.get(run.id).attempt == run.attempt:  # else it began anew meanwhile
                self._seen[run.id] = run.attempt, points

    def resume(self) -> None:
        """Go on with what was interrupted, where all that was seen must still be, and with what is paused."""
        for run in self._store.runs():
            assert run.state != "failed", run.message
            if run.state == "interrupted":
                attempt, points = self._seen.get(run.id, (0, []))
                if attempt == run.attempt:
                    assert self._store.metrics(run.id)[: len(points)] == points
                assert answered(self._store)
            if run.state in ("interrupted", "paused"):
                with suppress(NotPossible):  # its state is just changing
                    self._store.command(run.id, "resume")


def answered(store: RunStore) -> bool:
    """No command is on its way to a run that no worker has."""
    with store.database.reading() as connection:
        lost = (
            select(COMMANDS.c.id)
            .join(RUNS, RUNS.c.number == COMMANDS.c.run)
            .where(COMMANDS.c.acknowledged.is_(None), RUNS.c.state.not_in(ACTIVE))
        )
        return connection.execute(lost).first() is None


def whole(store: RunStore) -> None:
    """The database is sound, and so is each file of weights that it knows."""
    with closing(sqlite3.connect(store.folder / "runs.sqlite")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    for run in store.runs():
        for record in store.checkpoints(run.id):
            try:
                assert checkpoint.sha256_of(record.path) == record.sha256
            except FileNotFoundError:
                assert record not in store.checkpoints(run.id)  # just superseded by a later one
    assert not list(store.folder.rglob("*.damaged"))


def complete(store: RunStore, run: Run) -> None:
    """The run has come to its end, and each point of its curves is there once."""
    assert (run.state, run.step, run.epoch) == ("completed", 9 * EPOCHS, EPOCHS)
    metrics = store.metrics(run.id)
    for split in ("validation", "train"):
        evaluated = [point.step for point in metrics if (point.split, point.kind) == (split, "evaluated")]
        assert evaluated == list(range(0 if split == "validation" else 9, 9 * EPOCHS + 1, 9))
    running = [point for point in metrics if point.kind == "running"]
    assert sum(point.images for point in running) == 540 * EPOCHS
    assert [point.step for point in running] == sorted({point.step for point in running})
    counted = [counts.step for counts in store.observations(run.id, ClassCounts)]
    assert counted == list(range(0, 9 * EPOCHS + 1, 9))


def final_weights(store: RunStore, run: Run) -> dict[str, torch.Tensor]:
    record = store.latest_checkpoint(run.id)
    assert record and record.step == 9 * EPOCHS
    return dict(checkpoint.load(record.path, record.sha256).model)


def test_a_hundred_kills(server: Server, store: RunStore, request_small: RunRequest) -> None:
    chance, person, kills = random.Random(0), Person(store), 0
    requests = [
        # each begins anew where it is killed before its first checkpoint, and must not choose again then
        replace(
            request_small,
            config=replace(request_small.config, epochs=EPOCHS, seed=seed, precision="float32"),
        )
        for seed in range(AT_ONCE)
    ]

    def under_way() -> list[Run]:
        return [run for run in store.runs() if run.state not in ENDED]

    def all_ended() -> bool:
        person.resume()
        return not under_way()

    while kills < KILLS:
        for request in requests:  # one of each, always
            if request not in [run.request for run in under_way()]:
                store.add(request)
        before = {run.id: (run.state, run.step) for run in under_way()}

        def moved(before: dict[str, tuple[str, int]] = before) -> bool:
            person.resume()
            now = [store.get(run_id) for run_id in before]
            return any(run.state in ENDED or run.step > before[run.id][1] for run in now)

        if chance.random() < 0.5:
            until(moved)
            time.sleep(chance.uniform(0.0, 1.0))
        else:  # wherever they are: PyTorch is loading, say
            person.resume()
            time.sleep(chance.uniform(0.0, 3.0))
        if chance.random() < 0.3:
            with suppress(NotPossible, IndexError):
                store.command(chance.choice(under_way()).id, "pause")
        person.look()
        kills += blow(server, chance)
        whole(store)

    until(all_ended)
    whole(store)
    killed = store.runs()
    assert sum(run.attempt - 1 for run in killed) > KILLS / 5  # it hit runs, and not only workers that waited
    undisturbed = [store.add(request) for request in requests]
    until(all_ended)
    for run in store.runs():
        complete(store, run)
    for run in undisturbed:
        weights = final_weights(store, run)
        for other in [other for other in killed if other.request == run.request]:
            again = final_weights(store, other)
            assert weights.keys() == again.keys()
            assert all(torch.equal(weights[name], again[name]) for name in weights)
    assert not list(store.folder.rglob("*.part*"))
