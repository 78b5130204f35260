"""Saved designs: networks with a name that stay on the server, each with the visitor whose it is."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, select, update

from core.networks.edit import checked_name
from core.networks.json_form import from_json, to_json
from core.networks.spec import NetworkSpec, SpecError
from core.training.runs.database import Database
from core.training.runs.tables import DESIGNS

_log = logging.getLogger(__name__)

MOST = 200  # saved designs of one owner
MOST_LISTED = 1000  # of all owners
KEPT_DELETED = 24 * 3600.0  # seconds in which a deleted design can be brought back


class DesignMissing(LookupError):
    """There is no such design (any more)."""


class DesignRefused(ValueError):
    """Something that may not be done with this design; the text says why in a sentence."""


@dataclass(frozen=True)
class Design:
    """One saved design; times are seconds since 1970 (UTC)."""

    id: str  # a short token
    name: str
    owner: str  # the visitor who saved it; "" for everybody whose browser keeps no cookies
    spec: NetworkSpec
    created: float
    changed: float
    deleted: float | None  # when; until KEPT_DELETED later it can be brought back


_FIELDS = [DESIGNS.c[name] for name in Design.__dataclass_fields__]
_THERE = DESIGNS.c.deleted.is_(None)


class DesignStore:
    """All saved designs of a server, in the same database as its runs; threads and processes may share it.

    Everybody may open every design; only its owner may change it.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, spec: NetworkSpec, owner: str = "") -> Design:
        """Keep `spec` as a new design; raises DesignRefused if the owner has MOST already, SpecError."""
        text, now = _text(spec), time.time()
        row = {"id": secrets.token_hex(4), "name": spec.name, "owner": owner, "spec": text}
        with self._database.writing() as connection:
            mine = select(func.count()).select_from(DESIGNS).where(DESIGNS.c.owner == owner, _THERE)
            if (connection.scalar(mine) or 0) >= MOST:
                raise DesignRefused(f"You have {MOST} saved designs, the most that are kept: delete one.")
            connection.execute(DESIGNS.insert().values(**row, created=now, changed=now))
        return Design(row["id"], spec.name, owner, spec, now, now, None)

    def designs(self, owner: str = "") -> list[Design]:
        """The saved designs, at most MOST_LISTED: first those of `owner`, and the last changed first."""
        others = (DESIGNS.c.owner != owner, DESIGNS.c.changed.desc())
        return self._list(select(*_FIELDS).where(_THERE).order_by(*others).limit(MOST_LISTED))

    def deleted(self, owner: str = "") -> list[Design]:
        """The designs of `owner` that can still be brought back, the last deleted first."""
        lately = DESIGNS.c.deleted > time.time() - KEPT_DELETED
        mine = select(*_FIELDS).where(DESIGNS.c.owner == owner, lately)
        return self._list(mine.order_by(DESIGNS.c.deleted.desc()))

    def get(self, design_id: str) -> Design:
        """One design; raises DesignMissing, also where this version can't read it."""
        with self._database.reading() as connection:
            row = _row_of(connection, design_id)
        try:
            return _design(row)
        except ValueError as error:
            raise DesignMissing(f"The design {row.name!r} can't be read by this version: {error}") from error

    def rename(self, design_id: str, name: str, owner: str = "") -> None:
        """Give it another name; raises SpecError for what is no name, DesignRefused, DesignMissing."""
        values = {"name": checked_name(name), "changed": time.time()}
        with self._database.writing() as connection:
            _own(connection, design_id, owner)
            connection.execute(update(DESIGNS).where(DESIGNS.c.id == design_id).values(values))

    def replace(self, design_id: str, spec: NetworkSpec, owner: str = "") -> Design:
        """Keep `spec` in its place; what was there counts as deleted, so that it can be brought back.

        Raises SpecError, DesignRefused, DesignMissing.
        """
        text, now = _text(spec), time.time()
        with self._database.writing() as connection:
            _forget(connection, now)
            row = _own(connection, design_id, owner)
            if (row.name, row.spec) != (spec.name, text):
                before = {**row._mapping, "id": secrets.token_hex(4), "deleted": now}
                connection.execute(DESIGNS.insert().values(before))
            values = {"name": spec.name, "spec": text, "changed": now}
            connection.execute(update(DESIGNS).where(DESIGNS.c.id == design_id).values(values))
        return self.get(design_id)

    def delete(self, design_id: str, owner: str = "") -> None:
        """Take it away; `bring_back` undoes it. Raises DesignRefused, DesignMissing."""
        now = time.time()
        with self._database.writing() as connection:
            _forget(connection, now)
            _own(connection, design_id, owner)
            connection.execute(update(DESIGNS).where(DESIGNS.c.id == design_id).values(deleted=now))

    def bring_back(self, design_id: str, owner: str = "") -> Design:
        """Undo `delete`; raises DesignRefused, DesignMissing once it is gone for good."""
        with self._database.writing() as connection:
            row = _row_of(connection, design_id, deleted=True)
            _refuse_others(row, owner)
            connection.execute(update(DESIGNS).where(DESIGNS.c.id == design_id).values(deleted=None))
        return self.get(design_id)

    def _list(self, query: Select[Any]) -> list[Design]:
        with self._database.reading() as connection:
            return list(_readable(connection.execute(query)))


def _text(spec: NetworkSpec) -> str:
    """Its JSON, once it is known to be readable again."""
    text = to_json(spec)
    from_json(text)
    return text


def _forget(connection: Connection, now: float) -> None:
    """Throw away what can't be brought back any more."""
    connection.execute(delete(DESIGNS).where(DESIGNS.c.deleted <= now - KEPT_DELETED))


def _row_of(connection: Connection, design_id: str, deleted: bool = False) -> Row[Any]:
    there = DESIGNS.c.deleted > time.time() - KEPT_DELETED if deleted else _THERE
    row = connection.execute(select(*_FIELDS).where(DESIGNS.c.id == design_id, there)).first()
    if row is None:
        raise DesignMissing(f"There is no saved design {design_id!r:.40}; it may have been deleted.")
    return row


def _own(connection: Connection, design_id: str, owner: str) -> Row[Any]:
    row = _row_of(connection, design_id)
    _refuse_others(row, owner)
    return row


def _refuse_others(row: Row[Any], owner: str) -> None:
    if row.owner != owner:
        raise DesignRefused(
            f"The design {row.name!r} was saved by someone else: open it and save it as one of your own."
        )


@lru_cache(maxsize=2 * MOST_LISTED)  # a page reads all designs again and again
def _read(text: str) -> NetworkSpec:
    return from_json(text)


def _design(row: Row[Any]) -> Design:
    return Design(**{**row._mapping, "spec": replace(_read(row.spec), name=row.name)})


def _readable(rows: Iterable[Row[Any]]) -> Iterator[Design]:
    """Without those that this version can't read; they must not hide the others."""
    for row in rows:
        try:
            yield _design(row)
        except SpecError as error:
            _log.warning("the saved design %s can't be read: %s", row.id, error)
