"""What a person asks of a run: at once where nobody trains it, else by a command that its worker takes."""

from __future__ import annotations

import math
import time

from sqlalchemy import Connection, select

from core.training.config import RANGES
from core.training.runs.records import Command
from core.training.runs.states import ACTIONS, NotPossible
from core.training.runs.tables import COMMANDS
from core.training.runs.transitions import move


def check(action: str, value: float | None) -> None:
    """Raises ValueError for an action that is not in ACTIONS, or a value that it can't have."""
    if action not in ACTIONS:
        raise ValueError(f"There is no action {action!r}; allowed are {', '.join(ACTIONS)}.")
    if action in RANGES:
        problem = RANGES[action].problem(math.nan if value is None else value)
        if problem:
            raise ValueError(problem)


def ask(connection: Connection, number: int, state: str, action: str, value: float | None) -> None:
    """Ask it of the run with this number and state, inside a transaction; raises NotPossible."""
    kind = ACTIONS[action]
    last = _on_its_way(connection, number)
    if state in kind.moves:
        move(connection, number, kind.moves[state])
    elif state in kind.told or (
        last and state in kind.fulfilled
    ):  # what is on its way may undo the present state
        if last != (action, value):
            row = {"run": number, "action": action, "value": value, "created": time.time()}
            connection.execute(COMMANDS.insert().values(row))
    elif state not in kind.fulfilled:
        raise NotPossible(f"Run {number} is {state}: you can't {kind.label} it.")


def last_settings(connection: Connection, number: int, run_id: str) -> tuple[Command, ...]:
    """The last command for each setting that was ever changed, whether a worker took it or not."""
    rows = connection.execute(
        select(COMMANDS.c.id, COMMANDS.c.action, COMMANDS.c.value)
        .where(COMMANDS.c.run == number, COMMANDS.c.action.in_(list(RANGES)))
        .order_by(COMMANDS.c.id)
    )
    last = {row.action: Command(row.id, run_id, row.action, row.value) for row in rows}
    return tuple(last.values())


def _on_its_way(connection: Connection, number: int) -> tuple[str, float | None] | None:
    """The last command that the worker has not taken yet."""
    row = connection.execute(
        select(COMMANDS.c.action, COMMANDS.c.value)
        .where(COMMANDS.c.run == number, COMMANDS.c.acknowledged.is_(None))
        .order_by(COMMANDS.c.id.desc())
        .limit(1)
    ).first()
    return None if row is None else (row.action, row.value)
