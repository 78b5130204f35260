"""Writes what a worker says into the run store."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select, update

from core.training import events, observations
from core.training.runs.records import CheckpointRecord
from core.training.runs.states import ACTIVE
from core.training.runs.store import RunStore
from core.training.runs.tables import CHECKPOINTS, COMMANDS, METRICS, OBSERVATIONS, RUNS
from core.training.runs.transitions import move

BYTES_OF_WEIGHTS = 200 * 2**20  # a run's older checkpoints go when they take more than this


class NotOurs(Exception):
    """The run was deleted, or taken over by another keeper."""


class Recorder:
    """Records one attempt at one run."""

    def __init__(self, store: RunStore, run_id: str, token: str, attempt: int) -> None:
        self._store, self._run_id, self._token, self._attempt = store, run_id, token, attempt

    def record(self, message: events.Message) -> None:
        """Write down a message, in one transaction; raises NotOurs when this attempt has no say any more."""
        with self._store.database.writing() as connection:
            run = self._run(connection)
            _WRITERS[type(message)](connection, run.number, message)
        if isinstance(message, events.CheckpointSaved):
            self._thin()

    def lost(self, message: str) -> None:
        """The worker is gone: if it did not say how it ended, the run is interrupted."""
        with self._store.database.writing() as connection:
            run = self._run(connection)
            if run.state in ACTIVE:
                move(connection, run.number, "interrupted", message=message)

    def _run(self, connection: Connection) -> Row[Any, Any]:
        ours = (RUNS.c.id == self._run_id, RUNS.c.keeper == self._token, RUNS.c.attempt == self._attempt)
        run = connection.execute(select(RUNS.c.number, RUNS.c.state).where(*ours)).first()
        if run is None:
            raise NotOurs(self._run_id)
        return run

    def _thin(self) -> None:
        """Remove superseded checkpoints: those in mid-epoch, and the oldest when all take too much room."""
        *older, latest = self._store.checkpoints(self._run_id)
        superseded = [record for record in older if not record.epoch.is_integer()]
        kept = [record for record in older if record not in superseded]
        room = BYTES_OF_WEIGHTS - latest.bytes
        for record in reversed(kept):
            room -= record.bytes
            if room < 0:
                superseded.append(record)
        self._remove(superseded)

    def _remove(self, records: list[CheckpointRecord]) -> None:
        if not records:
            return
        with self._store.database.writing() as connection:
            ids = [record.id for record in records]
            connection.execute(delete(CHECKPOINTS).where(CHECKPOINTS.c.id.in_(ids)))
        for record in records:
            record.path.unlink(missing_ok=True)


def _set(connection: Connection, number: int, **fields: object) -> None:
    connection.execute(update(RUNS).where(RUNS.c.number == number).values(**fields))


def _started(connection: Connection, number: int, event: events.Started) -> None:
    _set(
        connection,
        number,
        device=event.device,
        precision=event.precision,
        validation_images=event.validation_images,
        parameters=event.parameters,
        train_images=event.train_images,
        total_steps=event.total_steps,
        step=event.step,
        epoch=event.epoch,
        started=func.coalesce(RUNS.c.started, time.time()),
    )


def _reported(connection: Connection, number: int, event: events.StepReport) -> None:
    _point(connection, number, event, "train", "running")
    _set(
        connection,
        number,
        step=event.step,
        seconds=event.seconds,
        images_per_second=event.images_per_second,
        seconds_left=event.seconds_left,
        train_loss=event.loss,
        train_accuracy=event.accuracy,
    )


def _evaluated(connection: Connection, number: int, event: events.Evaluated) -> None:
    _point(connection, number, event, event.split, "evaluated")
    _set(connection, number, seconds=event.seconds)
    if event.split == "validation":
        _set(connection, number, validation_loss=event.loss, validation_accuracy=event.accuracy)


def _point(
    connection: Connection,
    number: int,
    event: events.StepReport | events.Evaluated,
    split: str,
    kind: str,
) -> None:
    connection.execute(
        METRICS.insert().values(
            run=number,
            step=event.step,
            epoch=event.epoch,
            split=split,
            kind=kind,
            loss=event.loss,
            accuracy=event.accuracy,
            images=event.images,
            learning_rate=event.learning_rate,
            seconds=event.seconds,
        )
    )


def _epoch_finished(connection: Connection, number: int, event: events.EpochFinished) -> None:
    _set(connection, number, epoch=event.epoch, seconds=event.seconds)


def _saved(connection: Connection, number: int, event: events.CheckpointSaved) -> None:
    same = (CHECKPOINTS.c.run == number, CHECKPOINTS.c.step == event.step)
    connection.execute(delete(CHECKPOINTS).where(*same))  # written anew under the same name
    row = {
        "run": number,
        "step": event.step,
        "epoch": event.epoch,
        "file": event.file,
        "bytes": event.bytes,
        "sha256": event.sha256,
        "created": time.time(),
    }
    connection.execute(CHECKPOINTS.insert().values(row))


def _tested(connection: Connection, number: int, event: events.Tested) -> None:
    _set(
        connection,
        number,
        test_loss=event.loss,
        test_accuracy=event.accuracy,
        test_images=event.images,
        test_seconds=event.seconds,
    )


def _observed(connection: Connection, number: int, event: observations.Observation) -> None:
    row = {"run": number, "step": event.step, "kind": type(event).__name__}
    connection.execute(OBSERVATIONS.insert().values(**row, content=json.dumps(asdict(event))))


def _acknowledged(connection: Connection, _number: int, event: events.Acknowledged) -> None:
    connection.execute(
        update(COMMANDS).where(COMMANDS.c.id == event.command).values(acknowledged=time.time())
    )


def _finished(connection: Connection, number: int, event: events.Finished) -> None:
    _set(connection, number, step=event.step, seconds=event.seconds)
    move(connection, number, event.reason, message=event.message)


_WRITERS: dict[type, Callable[[Connection, int, Any], Any]] = {
    **dict.fromkeys(observations.OBSERVATIONS.values(), _observed),
    events.Started: _started,
    events.StepReport: _reported,
    events.Evaluated: _evaluated,
    events.EpochFinished: _epoch_finished,
    events.CheckpointSaved: _saved,
    events.Tested: _tested,
    events.Acknowledged: _acknowledged,
    events.Finished: _finished,
    events.Paused: lambda connection, number, event: move(
        connection, number, "paused", message=event.message
    ),
    events.Resumed: lambda connection, number, event: move(connection, number, "running"),
    events.Interrupted: lambda connection, number, event: move(
        connection, number, "interrupted", message=event.message
    ),
    events.Failed: lambda connection, number, event: move(
        connection, number, "failed", message=event.message
    ),
}
