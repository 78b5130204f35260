"""The run store, as a keeper sees it: whose turn it is, which runs are orphans, which checkpoint to trust."""

from __future__ import annotations

import os
import secrets
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from core.training import checkpoint
from core.training.checkpoint import CheckpointDamaged, TrainingState
from core.training.memory import FITS, Verdict
from core.training.observations import Change
from core.training.runs.commands import last_settings
from core.training.runs.records import CheckpointRecord, Command, Run
from core.training.runs.states import ACTIVE, NotPossible
from core.training.runs.store import RunStore
from core.training.runs.tables import CHECKPOINTS, COMMANDS, KEEPERS, METRICS, OBSERVATIONS, RUNS
from core.training.runs.transitions import move

SILENCE_SECONDS = 10.0  # a keeper that was not heard of for so long is gone
BEAT_SECONDS = 2.0  # between two signs of life

ORPHANED = "The server ended while this run was under way. Resume to go on from its last checkpoint."

_mine: set[str] = set()  # tokens of this process's keepers: its pid alone proves nothing, containers reuse 1


@dataclass(frozen=True)
class Assignment:
    """A run that this keeper has taken, and where it starts from."""

    run: Run
    resume: CheckpointRecord | None
    settings: tuple[
        Command, ...
    ] = ()  # the last command for each setting that was changed in an earlier attempt


class Dispatch:
    """One keeper's dealings with the store; `token` tells it from all other keepers of any time."""

    def __init__(self, store: RunStore) -> None:
        self.store = store
        self.token = secrets.token_hex(8)
        _mine.add(self.token)

    def beat(self) -> None:
        """Give a sign of life."""
        with self.store.database.writing() as connection:
            seen = update(KEEPERS).where(KEEPERS.c.token == self.token).values(heartbeat=time.time())
            if connection.execute(seen).rowcount == 0:
                host = socket.gethostname()
                row = {"token": self.token, "host": host, "pid": os.getpid(), "heartbeat": time.time()}
                connection.execute(KEEPERS.insert().values(row))

    def leave(self) -> None:
        """Be gone: whatever this keeper still has is interrupted."""
        _mine.discard(self.token)
        with self.store.database.writing() as connection:
            connection.execute(delete(KEEPERS).where(KEEPERS.c.token == self.token))
        self.find_orphans()

    def find_orphans(self) -> None:
        """Mark the runs whose keeper is gone as interrupted."""
        with self.store.database.writing() as connection:
            alive = {row.token for row in connection.execute(select(KEEPERS)) if _alive(row)}
            active = connection.execute(select(RUNS.c.number, RUNS.c.keeper).where(RUNS.c.state.in_(ACTIVE)))
            for row in active.all():
                if row.keeper not in alive:
                    move(connection, row.number, "interrupted", message=ORPHANED)
            connection.execute(delete(KEEPERS).where(KEEPERS.c.token.not_in(alive)))

    def claim(
        self, judge: Callable[[Run], Verdict] = lambda _run: FITS, strict: bool = True
    ) -> Assignment | None:
        """Take the run whose turn it is; None if none waits. No other keeper gets the same one.

        One that `judge` finds too large fails. One that has to wait for memory holds up those behind it, or it would
        be overtaken for ever; unless not `strict`, for where nothing is under way whose end would help it.
        """
        for run in self.store.queue():
            verdict = judge(run)
            if verdict.state == "too large":
                self._refuse(run, verdict.sentence)
                continue
            if verdict.state == "waits":
                self._put_off(run, verdict.sentence)
                if strict:
                    return None
                continue
            resume = self._trusted_checkpoint(run)
            with self.store.database.writing() as connection:
                try:
                    if not move(
                        connection, run.number, "running", keeper=self.token, attempt=run.attempt + 1
                    ):
                        continue  # another keeper was faster
                except (NotPossible, LookupError):
                    continue  # stopped or deleted meanwhile
                _forget_after(connection, run.number, resume.step if resume else -1)
                settings = last_settings(connection, run.number, run.id)
            return Assignment(self.store.get(run.id), resume, settings)
        return None

    def commands(self, after: int) -> list[Command]:
        """What was asked of this keeper's runs since the command `after`, and not taken yet."""
        with self.store.database.reading() as connection:
            rows = connection.execute(
                select(COMMANDS.c.id, RUNS.c.id.label("run"), COMMANDS.c.action, COMMANDS.c.value)
                .join(RUNS, RUNS.c.number == COMMANDS.c.run)
                .where(COMMANDS.c.id > after, COMMANDS.c.acknowledged.is_(None), RUNS.c.keeper == self.token)
                .order_by(COMMANDS.c.id)
            )
            return [Command(**row._mapping) for row in rows]

    def _refuse(self, run: Run, why: str) -> None:
        with self.store.database.writing() as connection, suppress(NotPossible, LookupError):
            move(connection, run.number, "failed", message=why)

    def _put_off(self, run: Run, why: str) -> None:
        if run.message != why:
            waits = (RUNS.c.number == run.number, RUNS.c.state == "queued")
            with self.store.database.writing() as connection:
                connection.execute(update(RUNS).where(*waits).values(message=why))

    def _trusted_checkpoint(self, run: Run) -> CheckpointRecord | None:
        """The newest checkpoint that is whole; damaged ones are set aside and forgotten."""
        self._adopt_files(run)
        for record in reversed(self.store.checkpoints(run.id)):
            try:
                checkpoint.load(record.path, record.sha256)
            except CheckpointDamaged:
                with self.store.database.writing() as connection:
                    connection.execute(delete(CHECKPOINTS).where(CHECKPOINTS.c.id == record.id))
            else:
                return record
        return None

    def _adopt_files(self, run: Run) -> None:
        """Register checkpoints that a worker wrote before its keeper had died, and the keeper did not hear of.

        One that is further than the curves goes: a run that went on from there would have a gap in them. So does that
        from before the first step: the look at the network then may be missing, and to begin anew costs nothing.
        """
        for part in self.store.weights_folder(run.id).glob("*.pt.part*"):
            part.unlink(missing_ok=True)  # of a worker that was killed while it wrote
        latest = self.store.latest_checkpoint(run.id)
        for path in sorted(self.store.weights_folder(run.id).glob("*.pt")):
            if not run.total_steps or (latest and path.stem <= latest.path.stem):
                continue
            try:
                state = checkpoint.load(path)
            except CheckpointDamaged:
                continue  # set aside under another name
            unwritten = state.step > run.step or (state.images == 0 and (state.epoch or 0) > run.epoch)
            if unwritten or state.step == 0:
                path.unlink(missing_ok=True)
                continue
            row = {
                "run": run.number,
                "step": state.step,
                "epoch": _epoch_of(state, run),
                "file": path.name,
                "bytes": path.stat().st_size,
                "sha256": checkpoint.sha256_of(path),
                "created": path.stat().st_mtime,
            }
            with self.store.database.writing() as connection:
                connection.execute(CHECKPOINTS.insert().values(row))


def _forget_after(connection: Connection, number: int, step: int) -> None:
    """Drop points that will come again, since the run goes on from before them."""
    for table in (METRICS, OBSERVATIONS):
        connection.execute(delete(table).where(table.c.run == number, table.c.step > step))
    changed_since = (  # at the checkpoint's own step, all but a plateau's come after it
        OBSERVATIONS.c.run == number,
        OBSERVATIONS.c.step == step,
        OBSERVATIONS.c.kind == Change.__name__,
        ~OBSERVATIONS.c.content.contains('"by": "plateau"'),
    )
    connection.execute(delete(OBSERVATIONS).where(*changed_since))
    connection.execute(update(RUNS).where(RUNS.c.number == number).values(step=max(step, 0)))


def _epoch_of(state: TrainingState, run: Run) -> float:
    if state.epoch is None or not run.train_images:  # an earlier version counted steps alone
        return state.step * run.request.config.epochs / (run.total_steps or 1)
    return state.epoch + state.images / run.train_images


def _alive(keeper: Row[Any]) -> bool:
    if keeper.token in _mine:
        return True
    if keeper.host == socket.gethostname() and (keeper.pid == os.getpid() or not _exists(keeper.pid)):
        return False
    return bool(time.time() - keeper.heartbeat < SILENCE_SECONDS)


def _exists(pid: int) -> bool:
    """Whether a process with this number runs; where that can't be asked without harm (Windows), perhaps."""
    if os.name != "posix":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
