"""From each older schema of the store to the next: what was kept by an earlier Autograd Lab stays readable.

The statements are written out, for a step must always make the tables as they were then; `tables.py` says
what they are now. A test compares the two.
"""

from sqlalchemy import Connection, inspect, update

from core.training.runs.tables import SCHEMA

_LAST_OF_A_CURVE = """UPDATE runs SET {column} = (
    SELECT {field} FROM metrics
    WHERE metrics.run = runs.number AND split = '{split}' AND kind = '{kind}' ORDER BY id DESC LIMIT 1
)"""

MIGRATIONS: dict[int, tuple[str, ...]] = {  # schema version → what makes the next version of it
    1: (  # saved designs
        """CREATE TABLE designs (
            id VARCHAR(32) NOT NULL, name TEXT NOT NULL, owner VARCHAR(64) NOT NULL, spec TEXT NOT NULL,
            created FLOAT NOT NULL, changed FLOAT NOT NULL, deleted FLOAT, PRIMARY KEY (id)
        )""",
        "CREATE INDEX designs_of_an_owner ON designs (owner, changed)",
        """CREATE TABLE drafts (
            owner VARCHAR(64) NOT NULL, slot VARCHAR(16) NOT NULL, spec TEXT NOT NULL, changed FLOAT NOT NULL,
            PRIMARY KEY (owner, slot)
        )""",
    ),
    2: (  # what a report asks for, notes and archive, and what a run shows beside its curves
        "ALTER TABLE runs ADD COLUMN precision VARCHAR(16) DEFAULT '' NOT NULL",
        "ALTER TABLE runs ADD COLUMN validation_images INTEGER",
        "ALTER TABLE runs ADD COLUMN train_loss FLOAT",
        "ALTER TABLE runs ADD COLUMN train_accuracy FLOAT",
        "ALTER TABLE runs ADD COLUMN validation_loss FLOAT",
        "ALTER TABLE runs ADD COLUMN validation_accuracy FLOAT",
        "ALTER TABLE runs ADD COLUMN test_seconds FLOAT",
        "ALTER TABLE runs ADD COLUMN test_images INTEGER",
        "ALTER TABLE runs ADD COLUMN sweep VARCHAR(32)",
        "ALTER TABLE runs ADD COLUMN note TEXT DEFAULT '' NOT NULL",
        "ALTER TABLE runs ADD COLUMN archived FLOAT",
        "ALTER TABLE runs ADD COLUMN deleted FLOAT",
        "ALTER TABLE runs ADD COLUMN key VARCHAR(64)",
        "CREATE UNIQUE INDEX runs_by_key ON runs (key)",
        """CREATE TABLE observations (
            id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, run INTEGER NOT NULL, step INTEGER NOT NULL,
            kind VARCHAR(32) NOT NULL, content TEXT NOT NULL,
            FOREIGN KEY(run) REFERENCES runs (number) ON DELETE CASCADE
        )""",
        "CREATE INDEX observations_of_a_run ON observations (run, kind, id)",
        _LAST_OF_A_CURVE.format(column="train_loss", field="loss", split="train", kind="running"),
        _LAST_OF_A_CURVE.format(column="train_accuracy", field="accuracy", split="train", kind="running"),
        _LAST_OF_A_CURVE.format(column="validation_loss", field="loss", split="validation", kind="evaluated"),
        _LAST_OF_A_CURVE.format(
            column="validation_accuracy", field="accuracy", split="validation", kind="evaluated"
        ),
    ),
}


def migrate(connection: Connection) -> None:
    """Bring an older store up to SCHEMA_VERSION, inside a transaction; an empty database stays empty."""
    if not inspect(connection).has_table(SCHEMA.name):
        return
    for version, statements in sorted(MIGRATIONS.items()):
        step = update(SCHEMA).where(SCHEMA.c.version == version).values(version=version + 1)
        if connection.execute(step).rowcount:  # else it is newer, or another server has just done it
            for statement in statements:
                connection.exec_driver_sql(statement)
