"""Open the store's database: SQLite by default, damaged files set aside, one writer at a time."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, select
from sqlalchemy.exc import OperationalError

from core.training.runs.migrations import MIGRATIONS, migrate
from core.training.runs.tables import METADATA, SCHEMA, SCHEMA_VERSION

_BUSY_MS = 15_000  # how long a writer waits for another process's transaction


class StoreUnavailable(Exception):
    """The database can't be read or written just now, since the disk is full, say; nothing was changed."""


class Database:
    """Transactions on the store's tables; threads and processes may share it."""

    def __init__(self, folder: Path, url: str | None = None) -> None:
        """Open, or make, `runs.sqlite` in `folder`, or what `url` names."""
        self.notices: list[str] = []  # a sentence for each thing that was found damaged
        self.trouble = ""  # why the last attempt to write failed; "" since one went well
        self._writing = threading.Lock()  # threads take turns here, where waiting is cheaper than in SQLite
        if url is None:
            folder.mkdir(parents=True, exist_ok=True)
            file = folder / "runs.sqlite"
            fault = _fault_of(file)
            if fault:
                self.notices.append(_set_aside(file, fault))
            url = f"sqlite:///{file}"
        self._engine = _engine(url)
        with self.writing() as connection:
            migrate(connection)
            METADATA.create_all(connection)
            if connection.execute(select(SCHEMA.c.version)).first() is None:
                connection.execute(SCHEMA.insert().values(version=SCHEMA_VERSION))

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for reading, which sees what was committed before; raises StoreUnavailable."""
        with _in_words(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction, all or nothing, while nobody else writes; raises StoreUnavailable."""
        writer = self._engine.execution_options(writes=True)
        try:
            with _in_words(), self._writing, writer.begin() as connection:
                yield connection
        except StoreUnavailable as refusal:
            self.trouble = str(refusal)
            raise
        self.trouble = ""

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()


@contextmanager
def _in_words() -> Iterator[None]:
    """Say what a database says in a sentence that helps."""
    try:
        yield
    except OperationalError as error:
        raise StoreUnavailable(
            f"The run store can't be used just now ({error.orig}). "
            "If the disk is full, make room; then try again."
        ) from error


def _engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True)
    # as many connections as there may be sessions asking at once
    engine = create_engine(url, pool_size=8, max_overflow=56)

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # SQLAlchemy begins transactions; Python would do so too late
        for setting in (
            "journal_mode=WAL",
            "synchronous=FULL",  # what was shown is there after a power cut, too
            "foreign_keys=ON",
            f"busy_timeout={_BUSY_MS}",
        ):
            connection.execute(f"PRAGMA {setting}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # a transaction that starts by reading and then writes is refused when another wrote in between
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _fault_of(file: Path) -> str | None:
    """What is wrong with an SQLite file, or None."""
    if not file.exists():
        return None
    try:
        with closing(sqlite3.connect(file, timeout=_BUSY_MS / 1000)) as connection:
            report = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            if report != "ok":
                return f"is damaged ({report})"
            names = {
                row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            }
            if SCHEMA.name in names:
                version = connection.execute(f"SELECT max(version) FROM {SCHEMA.name}").fetchone()[0]
                if version not in (None, SCHEMA_VERSION, *MIGRATIONS):
                    return f"has schema {version}, but this Autograd Lab reads schema {SCHEMA_VERSION}"
    except sqlite3.OperationalError:
        raise  # locked, or not readable for us: nothing is wrong with what is in it
    except sqlite3.DatabaseError as error:
        return f"is damaged ({error})"
    return None


def _set_aside(file: Path, fault: str) -> str:
    kept = file.with_name(f"{file.stem}.damaged-{time.strftime('%Y%m%d-%H%M%S')}{file.suffix}")
    for ending in ("", "-wal", "-shm"):
        part = file.with_name(file.name + ending)
        if part.exists():
            part.replace(kept.with_name(kept.name + ending))
    return (
        f"The run store {file.name} {fault}. It was set aside as {kept.name}, and an empty one was made; "
        "the weights of its runs are still in the folder weights beside it."
    )
