"""What a person does with runs that are there: name, note, archive, delete and bring back; on one transaction."""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from core.training.runs.states import ACTIVE, NotPossible
from core.training.runs.tables import RUNS
from core.training.runs.transitions import RunMissing

KEPT_DELETED = 24 * 3600.0  # seconds in which a deleted run can be brought back
LONGEST_NAME = 80  # characters
LONGEST_NOTE = 2000
THERE = RUNS.c.deleted.is_(None)


def row_of(connection: Connection, run_id: str) -> Row[Any]:
    """The row of a run that is there; raises RunMissing."""
    row = connection.execute(select(RUNS).where(RUNS.c.id == run_id, THERE)).first()
    if row is None:
        raise RunMissing(f"There is no run {run_id!r:.40}; it may have been deleted.")
    return row


def rename(connection: Connection, run_id: str, name: str) -> None:
    """Give a run another name; raises ValueError for an empty or long one, RunMissing."""
    name = " ".join(name.split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise ValueError(f"The name has {len(name)} characters; allowed is 1 to {LONGEST_NAME}.")
    _set(connection, run_id, name=name)


def note(connection: Connection, run_id: str, text: str) -> None:
    """Write a text beside a run; raises ValueError for a long one, RunMissing."""
    if len(text) > LONGEST_NOTE:
        raise ValueError(f"The note has {len(text)} characters; allowed is up to {LONGEST_NOTE}.")
    _set(connection, run_id, note=text.strip())


def archive(connection: Connection, run_id: str, away: bool) -> None:
    """Put a run away, or take it back; raises NotPossible for one that is under way, RunMissing."""
    row = row_of(connection, run_id)
    if away and row.state in {"queued", *ACTIVE}:
        raise NotPossible(f"Run {row.number} is {row.state}: it can be archived when it has ended.")
    _set(connection, run_id, archived=time.time() if away else None)


def delete_run(connection: Connection, run_id: str) -> None:
    """Take a run away, if it is there; raises NotPossible while a worker has it."""
    row = connection.execute(select(RUNS.c.state).where(RUNS.c.id == run_id, THERE)).first()
    if row and row.state in ACTIVE:
        raise NotPossible(f"A {row.state} run can't be deleted: stop it first.")
    connection.execute(update(RUNS).where(RUNS.c.id == run_id, THERE).values(deleted=time.time()))


def bring_back(connection: Connection, run_id: str) -> None:
    """Undo `delete_run`; raises RunMissing once it is gone for good."""
    lately = (RUNS.c.id == run_id, RUNS.c.deleted > time.time() - KEPT_DELETED)
    if connection.execute(update(RUNS).where(*lately).values(deleted=None)).rowcount == 0:
        raise RunMissing(f"The run {run_id!r:.40} can't be brought back any more.")


def forget(connection: Connection) -> list[str]:
    """Throw away for good what can't be brought back any more; returns the ids, whose weights can go, too."""
    gone = RUNS.c.deleted <= time.time() - KEPT_DELETED
    ids = list(connection.scalars(select(RUNS.c.id).where(gone)))
    if ids:
        connection.execute(delete(RUNS).where(gone))
    return ids


def _set(connection: Connection, run_id: str, **fields: object) -> None:
    number = row_of(connection, run_id).number
    connection.execute(update(RUNS).where(RUNS.c.number == number).values(**fields))
