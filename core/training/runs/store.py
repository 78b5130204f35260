"""The run store, as pages see it: runs, their curves, their weights, and what is asked of them."""

from __future__ import annotations

import json
import logging
import secrets
import shutil
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, func, select

from core.training.checkpoint import CheckpointDamaged
from core.training.config import Fork, RunRequest
from core.training.runs import shelf
from core.training.runs.commands import ask, check
from core.training.runs.database import Database
from core.training.runs.forks import copy_beginning, copy_weights
from core.training.runs.queue import in_turn
from core.training.runs.records import CheckpointRecord, Metric, Run
from core.training.runs.requests import request_from_json, request_to_json
from core.training.runs.shelf import LONGEST_NAME, THERE, row_of
from core.training.runs.states import ACTIVE
from core.training.runs.tables import CHECKPOINTS, METRICS, OBSERVATIONS, RUNS
from core.training.runs.transitions import RunMissing

__all__ = ["RunMissing", "RunStore"]

_log = logging.getLogger(__name__)

T = TypeVar("T")

_RUN_FIELDS = [RUNS.c[name] for name in Run.__dataclass_fields__]
_METRIC_FIELDS = [METRICS.c[name] for name in Metric.__dataclass_fields__]


class RunStore:
    """All runs of a server, in `folder`/runs.sqlite or in the database at `url`; threads may share it.

    Weights are files in `folder`/weights, one folder a run. A damaged database file is set aside under
    another name and an empty one made; `notices` then says so in a sentence.
    """

    def __init__(self, folder: Path, url: str | None = None) -> None:
        self.folder = folder
        self.database = Database(folder, url)
        self.news = threading.Event()  # set when a keeper in this process has something new to look at

    @property
    def notices(self) -> list[str]:
        """A sentence for each thing that was found damaged when the store was opened, and while it can't be written."""
        trouble = self.database.trouble
        waiting = [f"{trouble} Until then the runs under way wait."] if trouble else []
        return [*self.database.notices, *waiting]

    def close(self) -> None:
        """Let go of the database."""
        self.database.close()

    # runs

    def add(
        self,
        request: RunRequest,
        name: str = "",
        owner: str = "",
        sweep: str | None = None,
        key: str | None = None,
    ) -> Run:
        """Queue a run; raises ValueError for settings that can't be used.

        `key` names the one wish that this fulfils, say a press of a button: asked again with the same key, the
        run of then is returned (RunMissing if it was deleted since).
        """
        with self.database.writing() as connection:
            run_id = _fulfilled(connection, key)
            if not run_id:
                run_id, _ = self._insert(connection, request, name, owner, sweep, key)
        self.news.set()
        return self.get(run_id)

    def add_sweep(
        self, requests: Mapping[str, Sequence[RunRequest]], owner: str = "", key: str | None = None
    ) -> list[Run]:
        """Queue all of `requests`, by the names that the runs get, as one sweep, or none of them.

        Raises ValueError for settings that can't be used. `key` is as in `add`.
        """
        sweep = secrets.token_hex(4)
        named = [(name[:LONGEST_NAME], request) for name, group in requests.items() for request in group]
        keys = [f"{key}-{place}" if key else None for place in range(len(named))]
        with self.database.writing() as connection:
            ids = [
                _fulfilled(connection, own) or self._insert(connection, request, name, owner, sweep, own)[0]
                for own, (name, request) in zip(keys, named, strict=True)
            ]
        self.news.set()
        return [self.get(run_id) for run_id in ids]

    def fork(
        self, run_id: str, step: int, request: RunRequest, owner: str = "", key: str | None = None
    ) -> Run:
        """Queue a run that begins with the weights of run `run_id` at the checkpoint of `step`.

        Its network and data set must be the same; `key` is as in `add`. Raises ValueError for settings that can't
        be used, RunMissing, and CheckpointDamaged where there is no such checkpoint.
        """
        parent = self.get(run_id)
        record = next((record for record in self.checkpoints(run_id) if record.step == step), None)
        if record is None:
            raise CheckpointDamaged(f"Run {parent.number} has no checkpoint at step {step} any more.")
        if (request.network, request.data) != (parent.request.network, parent.request.data):
            raise ValueError("A fork has the network and the data of the run that it branches off.")
        if record.epoch >= request.config.epochs:
            raise ValueError(
                f"The number of epochs is {request.config.epochs}, of which {record.epoch:g} are done at this "
                "checkpoint; allowed is any larger number."
            )
        request = replace(request, fork=Fork(run_id, step, parent.request.config.optimizer))
        with self.database.writing() as connection:
            child = _fulfilled(connection, key)
            if not child:
                name = f"{parent.name}, forked"[:LONGEST_NAME]
                child, number = self._insert(connection, request, name, owner, None, key)
                copy_weights(record, self.weights_folder(child))
                copy_beginning(connection, parent.number, number, record)
        self.news.set()
        return self.get(child)

    def _insert(
        self,
        connection: Connection,
        request: RunRequest,
        name: str,
        owner: str,
        sweep: str | None,
        key: str | None,
    ) -> tuple[str, int]:
        """Queue a run, in a transaction; its id and number."""
        problems = request.problems()
        if problems:
            raise ValueError(" ".join(problems))
        run_id = secrets.token_hex(4)
        row = {
            "id": run_id,
            "name": name or request.network.name,
            "owner": owner,
            "request": request_to_json(request),
            "state": "queued",
            "sweep": sweep,
            "key": key,
            "created": time.time(),
        }
        inserted = connection.execute(RUNS.insert().values(row)).inserted_primary_key
        assert inserted is not None
        return run_id, inserted.number

    def get(self, run_id: str) -> Run:
        """One run; raises RunMissing."""
        with self.database.reading() as connection:
            row = row_of(connection, run_id)
        try:
            return _run(row)
        except ValueError as error:
            raise RunMissing(f"Run {row.number} can't be read by this version: {error}") from error

    def runs(self) -> list[Run]:
        """All runs, the newest first."""
        with self.database.reading() as connection:
            rows = connection.execute(select(*_RUN_FIELDS).where(THERE).order_by(RUNS.c.number.desc()))
            return list(_readable(rows))

    def queue(self) -> list[Run]:
        """The runs that wait, in the order of their turns."""
        with self.database.reading() as connection:
            rows = connection.execute(
                select(*_RUN_FIELDS)
                .where(RUNS.c.state.in_({"queued", *ACTIVE}), THERE)
                .order_by(RUNS.c.number)
            ).all()
        waiting = _readable(row for row in rows if row.state == "queued")
        return in_turn(waiting, (row.owner for row in rows if row.state != "queued"))

    def rename(self, run_id: str, name: str, owner: str = "") -> None:
        """Give a run another name; raises ValueError for an empty or long one, NotYours, RunMissing."""
        with self.database.writing() as connection:
            shelf.rename(connection, run_id, name, owner)

    def write_note(self, run_id: str, text: str, owner: str = "") -> None:
        """Write a text beside a run; raises ValueError for a long one, NotYours, RunMissing."""
        with self.database.writing() as connection:
            shelf.note(connection, run_id, text, owner)

    def archive(self, run_id: str, away: bool = True, owner: str = "") -> None:
        """Put a run away, or take it back; raises NotPossible for one that is under way, NotYours, RunMissing."""
        with self.database.writing() as connection:
            shelf.archive(connection, run_id, away, owner)

    def delete(self, run_id: str, owner: str = "") -> None:
        """Take a run away, if it is there; `bring_back` undoes it.

        Raises NotPossible while a worker has it, NotYours.
        """
        with self.database.writing() as connection:
            shelf.delete_run(connection, run_id, owner)
            forgotten = shelf.forget(connection)
        for gone in forgotten:
            shutil.rmtree(self.weights_folder(gone), ignore_errors=True)

    def bring_back(self, run_id: str, owner: str = "") -> None:
        """Undo `delete`; raises NotYours, RunMissing once it is gone for good."""
        with self.database.writing() as connection:
            shelf.bring_back(connection, run_id, owner)
        self.news.set()  # it may have been waiting for its turn

    def deleted(self, owner: str = "") -> list[Run]:
        """The runs of `owner` that can still be brought back, the last deleted first."""
        with self.database.reading() as connection:
            mine = select(*_RUN_FIELDS).where(RUNS.c.owner == owner, shelf.lately_deleted())
            return list(_readable(connection.execute(mine.order_by(RUNS.c.deleted.desc()))))

    # curves and weights

    def metrics(self, run_id: str, after: int = 0) -> list[Metric]:
        """The points of a run's curves whose id is above `after`, in the order in which they came."""
        with self.database.reading() as connection:
            number = row_of(connection, run_id).number
            rows = connection.execute(
                select(*_METRIC_FIELDS)
                .where(METRICS.c.run == number, METRICS.c.id > after)
                .order_by(METRICS.c.id)
            )
            return [_metric(row) for row in rows]

    def points(self, run_id: str) -> int:
        """How many points a run's curves have; raises RunMissing."""
        with self.database.reading() as connection:
            number = row_of(connection, run_id).number
            return connection.scalar(select(func.count()).where(METRICS.c.run == number)) or 0

    def curve(
        self, run_id: str, split: str, kind: str, names: Sequence[str], after: int = 0
    ) -> list[tuple[Any, ...]]:
        """The id and the named columns of one curve's points whose id is above `after`, the oldest first.

        Many points are had several times quicker than by `metrics`; a loss that is not a number is None.
        """
        with self.database.reading() as connection:
            number = row_of(connection, run_id).number
            wanted = (METRICS.c.run == number, METRICS.c.id > after)
            columns = [METRICS.c[name] for name in ("id", *names)]
            of_curve = (METRICS.c.split == split, METRICS.c.kind == kind)
            rows = connection.execute(select(*columns).where(*wanted, *of_curve).order_by(METRICS.c.id))
            return [tuple(row) for row in rows]

    def observations(self, run_id: str, kind: type[T], after_step: int = -1) -> list[T]:
        """What a run showed of itself of one kind (of core.training.observations), past a step; oldest first."""
        with self.database.reading() as connection:
            number = row_of(connection, run_id).number
            wanted = (
                OBSERVATIONS.c.run == number,
                OBSERVATIONS.c.kind == kind.__name__,
                OBSERVATIONS.c.step > after_step,
            )
            rows = connection.scalars(
                select(OBSERVATIONS.c.content).where(*wanted).order_by(OBSERVATIONS.c.id)
            )
            return [kind(**json.loads(content)) for content in rows]

    def checkpoints(self, run_id: str) -> list[CheckpointRecord]:
        """A run's files of weights, the oldest first."""
        with self.database.reading() as connection:
            number = row_of(connection, run_id).number
            rows = connection.execute(
                select(CHECKPOINTS).where(CHECKPOINTS.c.run == number).order_by(CHECKPOINTS.c.step)
            )
            folder = self.weights_folder(run_id)
            return [
                CheckpointRecord(
                    row.id, row.step, row.epoch, folder / row.file, row.bytes, row.sha256, row.created
                )
                for row in rows
            ]

    def latest_checkpoint(self, run_id: str) -> CheckpointRecord | None:
        """The checkpoint of the most steps; None before the first."""
        return next(reversed(self.checkpoints(run_id)), None)

    def weights_folder(self, run_id: str) -> Path:
        """Where a run's weights lie."""
        return self.folder / "weights" / run_id

    # commands

    def command(self, run_id: str, action: str, value: float | None = None) -> Run:
        """Ask something of a run, by a key of ACTIONS; asking twice does no more than asking once.

        `value` is what a setting like "learning_rate" is to be. Returns the run as it is now: where a worker has
        it, its state follows within a second. Raises NotPossible in a state where it makes no sense, RunMissing, and
        ValueError for an action or a value that is not allowed.
        """
        check(action, value)
        with self.database.writing() as connection:
            row = row_of(connection, run_id)
            ask(connection, row.number, row.state, action, value)
        self.news.set()
        return self.get(run_id)


def _fulfilled(connection: Connection, key: str | None) -> str | None:
    """The id of the run that was queued with this key."""
    return connection.scalar(select(RUNS.c.id).where(RUNS.c.key == key)) if key else None


@lru_cache(maxsize=2048)  # a page reads all runs again and again, few of which have changed
def _run(row: Row[Any]) -> Run:
    columns = row._mapping
    fields = {name: columns[name] for name in Run.__dataclass_fields__}
    fields["request"] = request_from_json(row.request)
    return Run(**fields)


def _readable(rows: Iterable[Row[Any]]) -> Iterator[Run]:
    """Without those whose network or settings this version does not know; they must not hide the others."""
    for row in rows:
        try:
            yield _run(row)
        except ValueError as error:
            _log.warning("run %s can't be read: %s", row.id, error)


def _metric(row: Row[Any]) -> Metric:
    fields = dict(row._mapping)
    fields["loss"] = float("nan") if row.loss is None else row.loss
    return Metric(**fields)
