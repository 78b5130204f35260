"""A store that is damaged, of another version, or has no room."""

import sqlite3
from pathlib import Path

import pytest

from core.training.config import RunRequest
from core.training.runs.database import StoreUnavailable
from core.training.runs.store import RunStore


def test_a_file_that_is_no_database_is_set_aside(tmp_path: Path, request_small: RunRequest) -> None:
    tmp_path.joinpath("runs.sqlite").write_bytes(b"this was a database once " * 400)
    store = RunStore(tmp_path)
    (notice,) = store.notices
    assert "runs.sqlite is damaged" in notice and "set aside as runs.damaged-" in notice
    assert store.add(request_small) in store.runs()
    (kept,) = tmp_path.glob("runs.damaged-*.sqlite")
    assert kept.read_bytes().startswith(b"this was a database once")


def test_a_database_with_a_torn_page_is_set_aside(tmp_path: Path, request_small: RunRequest) -> None:
    store = RunStore(tmp_path)
    for number in range(50):
        store.add(request_small, name=f"run {number}")
    with store.database.writing() as connection:
        connection.exec_driver_sql("SELECT 1")
    store.close()
    with sqlite3.connect(tmp_path / "runs.sqlite") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    file = tmp_path / "runs.sqlite"
    content = bytearray(file.read_bytes())
    for page in range(4096, len(content), 4096):
        content[page : page + 2048] = b"\xff" * 2048
    file.write_bytes(content)
    store = RunStore(tmp_path)
    assert len(store.notices) == 1 and store.runs() == []


def test_a_store_of_another_version_is_set_aside(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    with store.database.writing() as connection:
        connection.exec_driver_sql("UPDATE schema_version SET version = 99")
    store.close()
    (notice,) = RunStore(tmp_path).notices
    assert "schema 99" in notice


def test_a_whole_store_is_left_alone(tmp_path: Path, request_small: RunRequest) -> None:
    run = RunStore(tmp_path).add(request_small)
    again = RunStore(tmp_path)
    assert again.notices == [] and again.runs() == [run]


def test_a_run_of_a_network_that_is_no_longer_known_does_not_hide_the_others(
    store: RunStore, request_small: RunRequest
) -> None:
    whole, odd = store.add(request_small), store.add(request_small)
    with store.database.writing() as connection:
        connection.exec_driver_sql(f"UPDATE runs SET request = '{{}}' WHERE id = '{odd.id}'")
    assert store.runs() == [whole]


def test_a_full_disk_is_said_in_a_sentence_and_changes_nothing(
    store: RunStore, request_small: RunRequest
) -> None:
    with store.database.reading() as connection:  # SQLite then fails as it does on a disk without room
        connection.exec_driver_sql("PRAGMA max_page_count=1")  # no more than it has
    with pytest.raises(StoreUnavailable, match=r"disk is full.*make room; then try again"):
        for _ in range(1000):
            store.add(request_small)
    stored = len(store.runs())
    (notice,) = store.notices
    assert "disk is full" in notice and notice.endswith("Until then the runs under way wait.")
    with store.database.reading() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=1000000")
    store.add(request_small)
    assert len(store.runs()) == stored + 1
    assert store.notices == []
