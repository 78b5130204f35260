"""What lies on a visitor's desk: the design at work and the pinned one, as they were left."""

import logging
import time

from sqlalchemy import ColumnElement, delete, select, update

from core.networks.json_form import from_json, to_json
from core.networks.spec import NetworkSpec, SpecError
from core.training.runs.database import Database
from core.training.runs.tables import DRAFTS

_log = logging.getLogger(__name__)

SLOTS = {"design": "the design at work", "pinned": "the one that it is compared with"}
KEPT = 400 * 24 * 3600.0  # seconds: as long as browsers keep a cookie at most


class Drafts:
    """One row for each owner and slot, in the database of the runs; threads and processes may share it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, owner: str, slot: str, spec: NetworkSpec) -> None:
        """Put `spec` there, instead of what was there; raises ValueError for a slot that is not in SLOTS."""
        values = {"spec": to_json(spec), "changed": time.time()}
        with self._database.writing() as connection:
            if not connection.execute(update(DRAFTS).where(*_at(owner, slot)).values(values)).rowcount:
                connection.execute(delete(DRAFTS).where(DRAFTS.c.changed < time.time() - KEPT))
                connection.execute(DRAFTS.insert().values(owner=owner, slot=slot, **values))

    def clear(self, owner: str, slot: str) -> None:
        """Leave nothing there."""
        with self._database.writing() as connection:
            connection.execute(delete(DRAFTS).where(*_at(owner, slot)))

    def of(self, owner: str, slot: str) -> NetworkSpec | None:
        """What lies there; None where nothing does, or nothing that this version can read."""
        with self._database.reading() as connection:
            text = connection.scalar(select(DRAFTS.c.spec).where(*_at(owner, slot)))
        try:
            return None if text is None else from_json(text)
        except SpecError as error:
            _log.warning("a draft can't be read: %s", error)
            return None


def _at(owner: str, slot: str) -> tuple[ColumnElement[bool], ...]:
    if slot not in SLOTS:
        raise ValueError(f"There is no slot {slot!r}; there are {', '.join(SLOTS)}.")
    return (DRAFTS.c.owner == owner, DRAFTS.c.slot == slot)
