"""A store that an earlier Autograd Lab left behind is brought up to date and keeps what is in it."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from core.networks.gallery import NAMED_NETWORKS
from core.training.config import DataChoice, RunRequest, TrainingConfig
from core.training.observations import ClassCounts
from core.training.runs.designs import DesignStore
from core.training.runs.migrations import MIGRATIONS
from core.training.runs.store import RunStore
from core.training.runs.tables import SCHEMA_VERSION

LENET = NAMED_NETWORKS["LeNet"]

# what version 1 wrote, word for word
VERSION_1 = """
CREATE TABLE schema_version (version INTEGER NOT NULL, PRIMARY KEY (version));
CREATE TABLE runs (
    number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, id VARCHAR(32) NOT NULL, name TEXT NOT NULL,
    owner TEXT NOT NULL, request TEXT NOT NULL, state VARCHAR(16) NOT NULL, message TEXT NOT NULL,
    attempt INTEGER NOT NULL, keeper VARCHAR(32), device TEXT NOT NULL, epoch INTEGER NOT NULL,
    step INTEGER NOT NULL, total_steps INTEGER, images_per_second FLOAT, seconds FLOAT NOT NULL,
    seconds_left FLOAT, parameters INTEGER, train_images INTEGER, test_loss FLOAT, test_accuracy FLOAT,
    created FLOAT NOT NULL, started FLOAT, finished FLOAT, UNIQUE (id)
);
CREATE INDEX ix_runs_state ON runs (state);
CREATE TABLE keepers (
    token VARCHAR(32) NOT NULL, host TEXT NOT NULL, pid INTEGER NOT NULL, heartbeat FLOAT NOT NULL,
    PRIMARY KEY (token)
);
CREATE TABLE metrics (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, run INTEGER NOT NULL, step INTEGER NOT NULL,
    epoch FLOAT NOT NULL, split VARCHAR(16) NOT NULL, kind VARCHAR(16) NOT NULL, loss FLOAT,
    accuracy FLOAT NOT NULL, images INTEGER NOT NULL, learning_rate FLOAT NOT NULL, seconds FLOAT NOT NULL,
    FOREIGN KEY(run) REFERENCES runs (number) ON DELETE CASCADE
);
CREATE INDEX metrics_of_a_run ON metrics (run, id);
CREATE TABLE checkpoints (
    id INTEGER NOT NULL, run INTEGER NOT NULL, step INTEGER NOT NULL, epoch FLOAT NOT NULL,
    file TEXT NOT NULL, bytes INTEGER NOT NULL, sha256 VARCHAR(64) NOT NULL, created FLOAT NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(run) REFERENCES runs (number) ON DELETE CASCADE
);
CREATE INDEX checkpoints_of_a_run ON checkpoints (run, step);
CREATE TABLE commands (
    id INTEGER NOT NULL, run INTEGER NOT NULL, action VARCHAR(16) NOT NULL, value FLOAT,
    created FLOAT NOT NULL, acknowledged FLOAT, PRIMARY KEY (id),
    FOREIGN KEY(run) REFERENCES runs (number) ON DELETE CASCADE
);
CREATE INDEX commands_of_a_run ON commands (run, acknowledged);
INSERT INTO schema_version VALUES (1);
INSERT INTO runs VALUES (
    7, '653a6c79', 'LeNet', 'ada',
    '{"network": {"version": 1, "name": "LeNet", "layers": [{"kind": "Conv2d", "kernel": 5,
      "out_channels": 20}, {"kind": "ReLU"}, {"kind": "MaxPool2d"}, {"kind": "Conv2d", "kernel": 5,
      "out_channels": 50}, {"kind": "ReLU"}, {"kind": "MaxPool2d"}, {"kind": "Flatten"},
      {"kind": "Linear", "out_features": 500}, {"kind": "ReLU"}, {"kind": "Linear"}]},
      "data": {"dataset": "fashion-mnist", "share": 1.0, "validation_share": 0.1, "split_seed": 0},
      "config": {"epochs": 6, "batch_size": 64, "optimizer": "adam", "learning_rate": 0.001,
      "weight_decay": 0.0, "seed": 0, "device": "auto"}}',
    'completed', '', 1, NULL, 'CPU', 6, 5064, 5064, 100.0, 90.5, NULL, 431080, 54000, 0.25, 0.906,
    1795518071.5, 1795518072.5, 1795518163.0
);
INSERT INTO metrics VALUES (41, 7, 5, 0.5, 'train', 'running', 1.25, 0.5, 64, 0.001, 2.0);
INSERT INTO checkpoints VALUES (3, 7, 5064, 6.0, '00005064.pt', 10, 'abc', 1795518163.0);
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Holds a store of version 1 with one run."""
    with closing(sqlite3.connect(tmp_path / "runs.sqlite")) as connection:
        connection.executescript(VERSION_1)
    return tmp_path


def schema(file: Path) -> dict[str, list[tuple[object, ...]]]:
    """The columns and indices of each table: name, type, whether NULL is refused, place in the key."""
    with closing(sqlite3.connect(file)) as connection:
        things = connection.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'index')")
        names = [name for (name,) in things if not name.startswith("sqlite_")]
        return {
            name: connection.execute(
                'SELECT name, type, "notnull", pk FROM pragma_table_info(?) '
                "UNION ALL SELECT name, '', seqno, 0 FROM pragma_index_info(?)",
                (name, name),
            ).fetchall()
            for name in names
        }


def test_a_store_of_version_1_keeps_its_runs_and_takes_designs(folder: Path) -> None:
    store = RunStore(folder)
    assert store.notices == [] and list(folder.glob("*damaged*")) == []
    (run,) = store.runs()
    assert (run.number, run.id, run.owner, run.state, run.test_accuracy) == (
        7,
        "653a6c79",
        "ada",
        "completed",
        0.906,
    )
    assert run.request == RunRequest(LENET, DataChoice(), TrainingConfig(precision="float32"))
    assert (run.train_loss, run.validation_loss, run.note, run.deleted) == (1.25, None, "", None)
    assert store.observations(run.id, ClassCounts) == []
    assert [(point.id, point.loss) for point in store.metrics(run.id)] == [(41, 1.25)]
    checkpoint = store.latest_checkpoint(run.id)
    assert checkpoint and checkpoint.path.name == "00005064.pt"
    assert store.add(run.request).number == 8

    design = DesignStore(store.database).save(LENET, "ada")
    store.close()
    again = RunStore(folder)
    assert again.notices == [] and len(again.runs()) == 2
    assert DesignStore(again.database).designs() == [design]


def test_it_then_has_the_same_tables_as_a_new_store(folder: Path, tmp_path: Path) -> None:
    RunStore(folder).close()
    RunStore(tmp_path / "new").close()
    assert schema(folder / "runs.sqlite") == schema(tmp_path / "new" / "runs.sqlite")
    with closing(sqlite3.connect(folder / "runs.sqlite")) as connection:
        assert connection.execute("SELECT version FROM schema_version").fetchall() == [(SCHEMA_VERSION,)]


def test_every_older_version_has_a_step() -> None:
    assert list(MIGRATIONS) == list(range(1, SCHEMA_VERSION))


def test_servers_that_start_at_once_migrate_it_once(folder: Path) -> None:
    stores: list[RunStore] = []
    faults: list[Exception] = []
    together = threading.Barrier(4)

    def start() -> None:
        together.wait()
        try:
            stores.append(RunStore(folder))
        except Exception as error:
            faults.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert faults == [] and len(stores) == 4
    assert all(store.notices == [] and len(store.runs()) == 1 for store in stores)


def test_what_fails_half_way_leaves_the_old_store_whole(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = schema(folder / "runs.sqlite")
    monkeypatch.setitem(MIGRATIONS, 1, (*MIGRATIONS[1], "CREATE TABLE runs (a)"))  # there is one
    with pytest.raises(Exception, match="already exists"):
        RunStore(folder)
    assert schema(folder / "runs.sqlite") == before
    monkeypatch.undo()
    assert len(RunStore(folder).runs()) == 1


@pytest.mark.parametrize("version", [SCHEMA_VERSION + 1, 0])
def test_a_store_of_a_version_that_is_not_known_is_set_aside_whole(folder: Path, version: int) -> None:
    with closing(sqlite3.connect(folder / "runs.sqlite")) as connection:
        connection.execute("UPDATE schema_version SET version = ?", (version,))
        connection.commit()
    (notice,) = RunStore(folder).notices
    assert f"schema {version}" in notice and f"reads schema {SCHEMA_VERSION}" in notice
    (kept,) = folder.glob("runs.damaged-*.sqlite")
    with closing(sqlite3.connect(kept)) as connection:
        assert connection.execute("SELECT count(*) FROM runs").fetchone() == (1,)
