"""The tables of the run store; a change here needs a step in `migrations.py`."""

from sqlalchemy import Column, Float, ForeignKey, Index, Integer, MetaData, String, Table, Text

SCHEMA_VERSION = 3  # counted up whenever a table changes

METADATA = MetaData()

SCHEMA = Table("schema_version", METADATA, Column("version", Integer, primary_key=True))

RUNS = Table(
    "runs",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id", String(32), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("request", Text, nullable=False),  # JSON
    Column("state", String(16), nullable=False, index=True),
    Column("message", Text, nullable=False, default=""),
    Column("attempt", Integer, nullable=False, default=0),
    Column("keeper", String(32)),  # the token of the keeper that runs it
    Column("device", Text, nullable=False, default=""),
    Column("epoch", Integer, nullable=False, default=0),
    Column("step", Integer, nullable=False, default=0),
    Column("total_steps", Integer),
    Column("images_per_second", Float),
    Column("seconds", Float, nullable=False, default=0.0),
    Column("seconds_left", Float),
    Column("parameters", Integer),
    Column("train_images", Integer),
    Column("test_loss", Float),
    Column("test_accuracy", Float),
    Column("created", Float, nullable=False),
    Column("started", Float),
    Column("finished", Float),
    Column("precision", String(16), nullable=False, server_default=""),
    Column("validation_images", Integer),
    Column("train_loss", Float),  # the last running one
    Column("train_accuracy", Float),
    Column("validation_loss", Float),  # the last one of the whole split
    Column("validation_accuracy", Float),
    Column("test_seconds", Float),  # that evaluating the test split took
    Column("test_images", Integer),
    Column("sweep", String(32)),  # the id of the sweep it belongs to
    Column("note", Text, nullable=False, server_default=""),
    Column("archived", Float),  # when; NULL while it is listed
    Column("deleted", Float),  # when; NULL while it is there
    Column("key", String(64)),  # of the press of a button that asked for it; NULL where there was none
    Index("runs_by_key", "key", unique=True),
    sqlite_autoincrement=True,  # the number of a deleted run is never given again
)


def _run_number() -> Column[int]:
    return Column("run", ForeignKey("runs.number", ondelete="CASCADE"), nullable=False)


METRICS = Table(
    "metrics",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    _run_number(),
    Column("step", Integer, nullable=False),
    Column("epoch", Float, nullable=False),
    Column("split", String(16), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("loss", Float),  # SQLite keeps NaN as NULL
    Column("accuracy", Float, nullable=False),
    Column("images", Integer, nullable=False),
    Column("learning_rate", Float, nullable=False),
    Column("seconds", Float, nullable=False),
    Index("metrics_of_a_run", "run", "id"),
    sqlite_autoincrement=True,  # an id is never given again, so "after the last one I saw" stays true
)

CHECKPOINTS = Table(
    "checkpoints",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    _run_number(),
    Column("step", Integer, nullable=False),
    Column("epoch", Float, nullable=False),
    Column("file", Text, nullable=False),  # its name in the run's folder of weights
    Column("bytes", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("created", Float, nullable=False),
    Index("checkpoints_of_a_run", "run", "step"),
)

OBSERVATIONS = Table(
    "observations",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    _run_number(),
    Column("step", Integer, nullable=False),
    Column("kind", String(32), nullable=False),  # a key of core.training.observations.OBSERVATIONS
    Column("content", Text, nullable=False),  # JSON
    Index("observations_of_a_run", "run", "kind", "id"),
    sqlite_autoincrement=True,
)

COMMANDS = Table(
    "commands",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    _run_number(),
    Column("action", String(16), nullable=False),
    Column("value", Float),
    Column("created", Float, nullable=False),
    Column("acknowledged", Float),  # when the worker took it; NULL while it is on its way
    Index("commands_of_a_run", "run", "acknowledged"),
)

KEEPERS = Table(
    "keepers",
    METADATA,
    Column("token", String(32), primary_key=True),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("heartbeat", Float, nullable=False),
)

DESIGNS = Table(
    "designs",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("name", Text, nullable=False),
    Column("owner", String(64), nullable=False),
    Column("spec", Text, nullable=False),  # JSON
    Column("created", Float, nullable=False),
    Column("changed", Float, nullable=False),
    Column("deleted", Float),  # when; NULL while it is there
    Index("designs_of_an_owner", "owner", "changed"),
)

DRAFTS = Table(
    "drafts",
    METADATA,
    Column("owner", String(64), primary_key=True),
    Column("slot", String(16), primary_key=True),  # a key of SLOTS
    Column("spec", Text, nullable=False),  # JSON
    Column("changed", Float, nullable=False),
)
