"""What a person does with runs that are there: name, note, archive, delete and bring back; on one transaction.

Only the owner may; "" is the owner of what was started by everybody whose browser keeps no cookies.
"""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, select, update

from core.training.runs.states import ACTIVE, NotPossible
from core.training.runs.tables import RUNS
from core.training.runs.transitions import RunMissing

KEPT_DELETED = 24 * 3600.0  # seconds in which a deleted run can be brought back
LONGEST_NAME = 80  # characters
LONGEST_NOTE = 2000
THERE = RUNS.c.deleted.is_(None)


class NotYours(ValueError):
    """A run of someone else is to be changed; the text says so in a sentence."""


def row_of(connection: Connection, run_id: str) -> Row[Any]:
    """The row of a run that is there; raises RunMissing."""
    row = connection.execute(select(RUNS).where(RUNS.c.id == run_id, THERE)).first()
    if row is None:
        raise RunMissing(f"There is no run {run_id!r:.40}; it may have been deleted.")
    return row


def rename(connection: Connection, run_id: str, name: str, owner: str) -> None:
    """Give a run another name; raises ValueError for an empty or long one, NotYours, RunMissing."""
    name = " ".join(name.split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise ValueError(f"The name has {len(name)} characters; allowed is 1 to {LONGEST_NAME}.")
    _set(connection, run_id, owner, name=name)


def note(connection: Connection, run_id: str, text: str, owner: str) -> None:
    """Write a text beside a run; raises ValueError for a long one, NotYours, RunMissing."""
    if len(text) > LONGEST_NOTE:
        raise ValueError(f"The note has {len(text)} characters; allowed is up to {LONGEST_NOTE}.")
    _set(connection, run_id, owner, note=text.strip())


def archive(connection: Connection, run_id: str, away: bool, owner: str) -> None:
    """Put a run away, or take it back; raises NotPossible for one that is under way, NotYours, RunMissing."""
    row = row_of(connection, run_id)
    if away and row.state in {"queued", *ACTIVE}:
        raise NotPossible(f"Run {row.number} is {row.state}: it can be archived when it has ended.")
    _set(connection, run_id, owner, archived=time.time() if away else None)


def delete_run(connection: Connection, run_id: str, owner: str) -> None:
    """Take a run away, if it is there; raises NotPossible while a worker has it, NotYours."""
    row = connection.execute(select(RUNS).where(RUNS.c.id == run_id, THERE)).first()
    if row is None:
        return  # it is gone, as wished
    _refuse_others(row, owner)
    if row.state in ACTIVE:
        raise NotPossible(f"Run {row.number} is {row.state}: stop it before you delete it.")
    connection.execute(update(RUNS).where(RUNS.c.number == row.number).values(deleted=time.time()))


def bring_back(connection: Connection, run_id: str, owner: str) -> None:
    """Undo `delete_run`; raises NotYours, RunMissing once it is gone for good."""
    row = connection.execute(select(RUNS).where(RUNS.c.id == run_id, lately_deleted())).first()
    if row is None:
        raise RunMissing(f"The run {run_id!r:.40} can't be brought back any more.")
    _refuse_others(row, owner)
    connection.execute(update(RUNS).where(RUNS.c.number == row.number).values(deleted=None))


def lately_deleted() -> ColumnElement[bool]:
    """Of a run: it was deleted, and can still be brought back."""
    return RUNS.c.deleted > time.time() - KEPT_DELETED


def forget(connection: Connection) -> list[str]:
    """Throw away for good what can't be brought back any more; returns the ids, whose weights can go, too."""
    gone = RUNS.c.deleted <= time.time() - KEPT_DELETED
    ids = list(connection.scalars(select(RUNS.c.id).where(gone)))
    if ids:
        connection.execute(delete(RUNS).where(gone))
    return ids


def _set(connection: Connection, run_id: str, owner: str, **fields: object) -> None:
    row = row_of(connection, run_id)
    _refuse_others(row, owner)
    connection.execute(update(RUNS).where(RUNS.c.number == row.number).values(**fields))


def _refuse_others(row: Row[Any], owner: str) -> None:
    if row.owner != owner:
        raise NotYours(f"Run {row.number} was started by someone else: only they can change or delete it.")
