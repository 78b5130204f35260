"""From each older schema of the store to the next: what was kept by an earlier Autograd Lab stays readable.

The statements are written out, for a step must always make the tables as they were then; `tables.py` says
what they are now. A test compares the two.
"""

from sqlalchemy import Connection, inspect, update

from core.training.runs.tables import SCHEMA

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
