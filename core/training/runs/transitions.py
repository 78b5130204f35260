"""Changes of a run's state: inside a transaction, and only as the table of states allows."""

import time
from typing import Any

from sqlalchemy import Connection, select, update

from core.training.runs.states import ACTIVE, STATES, NotPossible
from core.training.runs.tables import COMMANDS, RUNS

STOPPED = "Its worker was gone before it had stopped. The run keeps what it had at its last checkpoint."


class RunMissing(LookupError):
    """There is no such run (any more)."""


def move(connection: Connection, number: int, state: str, **fields: object) -> bool:
    """Change a run's state inside a transaction; True if it changed, False if it was in that state already.

    `fields` are further columns to set. A run that a person has asked to stop does not become interrupted but
    stopped. Raises NotPossible where STATES does not allow the change.
    """
    if state == "interrupted" and _asked_to_stop(connection, number):
        state, fields["message"] = "stopped", STOPPED
    present = connection.scalar(select(RUNS.c.state).where(RUNS.c.number == number))
    if present is None:
        raise RunMissing(f"There is no run {number} any more.")
    if present != state and state not in STATES[present].following:
        raise NotPossible(f"Run {number} is {present}: it can't become {state}.")
    times: dict[str, Any] = {"finished": None if state in {"queued", *ACTIVE} else time.time()}
    fields = {"message": "", "seconds_left": None, **times, **fields}
    if present == state:
        return False
    unchanged = (RUNS.c.number == number, RUNS.c.state == present)
    if connection.execute(update(RUNS).where(*unchanged).values(state=state, **fields)).rowcount == 0:
        raise NotPossible(f"Run {number} is not {present} any more.")  # elsewhere somebody was faster
    if state not in ACTIVE:  # whatever is still on its way reaches no worker any more
        unheard = (COMMANDS.c.run == number, COMMANDS.c.acknowledged.is_(None))
        connection.execute(update(COMMANDS).where(*unheard).values(acknowledged=time.time()))
    return True


def _asked_to_stop(connection: Connection, number: int) -> bool:
    stop = select(COMMANDS.c.id).where(COMMANDS.c.run == number, COMMANDS.c.action == "stop")
    return connection.execute(stop.limit(1)).first() is not None
