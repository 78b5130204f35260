"""The run store, as pages see it: runs, their curves, their weights, and what is asked of them."""

from __future__ import annotations

import logging
import secrets
import shutil
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from core.training.config import RunRequest
from core.training.runs.commands import ask, check
from core.training.runs.database import Database
from core.training.runs.records import CheckpointRecord, Metric, Run
from core.training.runs.requests import request_from_json, request_to_json
from core.training.runs.states import ACTIVE, NotPossible
from core.training.runs.tables import CHECKPOINTS, METRICS, RUNS
from core.training.runs.transitions import RunMissing

__all__ = ["RunMissing", "RunStore"]

_log = logging.getLogger(__name__)

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
        """A sentence for each thing that was found damaged when the store was opened."""
        return self.database.notices

    def close(self) -> None:
        """Let go of the database."""
        self.database.close()

    # runs

    def add(self, request: RunRequest, name: str = "", owner: str = "") -> Run:
        """Queue a run; raises ValueError for settings that can't be used."""
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
            "created": time.time(),
        }
        with self.database.writing() as connection:
            connection.execute(RUNS.insert().values(row))
        self.news.set()
        return self.get(run_id)

    def get(self, run_id: str) -> Run:
        """One run; raises RunMissing."""
        with self.database.reading() as connection:
            row = _row_of(connection, run_id)
        try:
            return _run(row)
        except ValueError as error:
            raise RunMissing(f"Run {row.number} can't be read by this version: {error}") from error

    def runs(self) -> list[Run]:
        """All runs, the newest first."""
        with self.database.reading() as connection:
            rows = connection.execute(select(*_RUN_FIELDS).order_by(RUNS.c.number.desc()))
            return list(_readable(rows))

    def queue(self) -> list[Run]:
        """The runs that wait, in the order of their turns.

        Owners take turns, and each owner's runs go by time: the first is of whoever has the fewest under way.
        """
        with self.database.reading() as connection:
            rows = connection.execute(
                select(*_RUN_FIELDS).where(RUNS.c.state.in_({"queued", *ACTIVE})).order_by(RUNS.c.number)
            ).all()
        ahead = Counter(row.owner for row in rows if row.state != "queued")  # of each owner
        turns = []
        for row in rows:
            if row.state == "queued":
                turns.append((ahead[row.owner], row.number, row))
                ahead[row.owner] += 1
        return list(_readable(row for _, _, row in sorted(turns, key=lambda turn: turn[:2])))

    def rename(self, run_id: str, name: str) -> None:
        """Give a run another name; raises ValueError for an empty one, RunMissing."""
        if not name.strip():
            raise ValueError("A run needs a name of at least one character.")
        with self.database.writing() as connection:
            row = _row_of(connection, run_id)
            connection.execute(update(RUNS).where(RUNS.c.number == row.number).values(name=name.strip()))

    def delete(self, run_id: str) -> None:
        """Forget a run, its curves and weights, if it is there; raises NotPossible while a worker has it."""
        with self.database.writing() as connection:
            state = connection.scalar(select(RUNS.c.state).where(RUNS.c.id == run_id))
            if state in ACTIVE:
                raise NotPossible(f"A {state} run can't be deleted: stop it first.")
            connection.execute(delete(RUNS).where(RUNS.c.id == run_id))
        shutil.rmtree(self.weights_folder(run_id), ignore_errors=True)

    # curves and weights

    def metrics(self, run_id: str, after: int = 0) -> list[Metric]:
        """The points of a run's curves whose id is above `after`, in the order in which they came."""
        with self.database.reading() as connection:
            number = _row_of(connection, run_id).number
            rows = connection.execute(
                select(*_METRIC_FIELDS)
                .where(METRICS.c.run == number, METRICS.c.id > after)
                .order_by(METRICS.c.id)
            )
            return [_metric(row) for row in rows]

    def checkpoints(self, run_id: str) -> list[CheckpointRecord]:
        """A run's files of weights, the oldest first."""
        with self.database.reading() as connection:
            number = _row_of(connection, run_id).number
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

        `value` is the rate for "learning_rate". Returns the run as it is now: where a worker has it, its
        state follows within a second. Raises NotPossible in a state where it makes no sense, RunMissing, and
        ValueError for an action or a value that is not allowed.
        """
        check(action, value)
        with self.database.writing() as connection:
            row = _row_of(connection, run_id)
            ask(connection, row.number, row.state, action, value)
        self.news.set()
        return self.get(run_id)


def _row_of(connection: Connection, run_id: str) -> Row[Any]:
    row = connection.execute(select(*_RUN_FIELDS).where(RUNS.c.id == run_id)).first()
    if row is None:
        raise RunMissing(f"There is no run {run_id!r}; it may have been deleted.")
    return row


def _run(row: Row[Any]) -> Run:
    return Run(**{**row._mapping, "request": request_from_json(row.request)})


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
