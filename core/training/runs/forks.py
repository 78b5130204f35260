"""A run that branches off another: it begins with the weights, and the curves, that the other had at a checkpoint."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Connection, Table, insert, literal, select

from core.training.checkpoint import CheckpointDamaged, TrainingState
from core.training.config import RunRequest
from core.training.runs.records import CheckpointRecord
from core.training.runs.tables import CHECKPOINTS, METRICS, OBSERVATIONS


def branch(state: TrainingState, request: RunRequest) -> TrainingState:
    """What a fork goes on from: the weights and the position of `state`, and the settings of `request`.

    The optimizer's memory is kept where it is of the same kind; its rate and weight decay are the new ones. Which
    images are easy it finds out anew: they need not be the same ones.
    """
    config = request.config
    kept = request.fork is not None and request.fork.optimizer == config.optimizer
    optimizer = dict(state.optimizer) if kept else {}
    if optimizer:
        optimizer["param_groups"] = [
            {**group, "lr": config.learning_rate, "weight_decay": config.weight_decay}
            for group in optimizer["param_groups"]
        ]
    return replace(
        state,
        optimizer=optimizer,
        batch_size=config.batch_size,
        precision=state.precision if config.precision == "auto" else config.precision,
        rate_plan={},
        patience={},
        easy_images={},
        commands={},
    )


def copy_beginning(connection: Connection, parent: int, child: int, record: CheckpointRecord) -> None:
    """Give run number `child` the curves of `parent` up to a checkpoint, and that checkpoint."""
    for table in (METRICS, OBSERVATIONS):
        _copy_rows(connection, table, parent, child, record.step)
    row = connection.execute(select(CHECKPOINTS).where(CHECKPOINTS.c.id == record.id)).mappings().one()
    connection.execute(insert(CHECKPOINTS).values({**row, "id": None, "run": child}))


def copy_weights(record: CheckpointRecord, folder: Path) -> None:
    """Copy a checkpoint's file into the folder of another run; raises CheckpointDamaged where it is gone."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        shutil.copyfile(record.path, folder / record.path.name)
    except FileNotFoundError as error:
        raise CheckpointDamaged(f"The file of weights {record.path.name} is not there any more.") from error


def _copy_rows(connection: Connection, table: Table, parent: int, child: int, step: int) -> None:
    names = [column.name for column in table.columns if column.name not in ("id", "run")]
    columns = [table.c[name] for name in names]
    rows = (
        select(literal(child), *columns)
        .where(table.c.run == parent, table.c.step <= step)
        .order_by(table.c.id)
    )
    connection.execute(insert(table).from_select(["run", *names], rows))
