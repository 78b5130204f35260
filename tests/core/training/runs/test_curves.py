"""The points of a run's curves: all of them, once, and only those of this run."""

import math

import numpy as np
import pytest

from core.training.config import RunRequest
from core.training.runs.curves import COLUMNS, RUNNING, VALIDATION, Curves
from core.training.runs.store import RunStore
from core.training.runs.tables import METRICS


def put(store: RunStore, number: int, steps: range, split: str = "train", loss: float = 1.0) -> None:
    kind = "running" if split == "train" else "evaluated"
    rows = [
        {"run": number, "step": step, "epoch": step / 10, "split": split, "kind": kind, "loss": loss}
        | {"accuracy": 0.5, "images": 64, "learning_rate": 1e-3, "seconds": step / 2}
        for step in steps
    ]
    with store.database.writing() as connection:
        connection.execute(METRICS.insert(), rows)


def test_points_come_once_in_their_order_and_of_one_run(store: RunStore, request_small: RunRequest) -> None:
    mine, other = store.add(request_small), store.add(request_small)
    put(store, mine.number, range(1, 4))
    put(store, other.number, range(1, 9))
    put(store, mine.number, range(3, 4), "validation", 0.25)
    first = Curves().read_on(store.database, mine.number)
    assert first.of(RUNNING).tolist() == [[s, s / 10, s / 2, 1.0, 0.5, 64, 1e-3] for s in (1, 2, 3)]
    assert first.column(VALIDATION, "loss").tolist() == [0.25]
    assert first.read_on(store.database, mine.number) is first  # nothing new
    put(store, mine.number, range(4, 6))
    later = first.read_on(store.database, mine.number)
    assert later.column(RUNNING, "step").tolist() == [1, 2, 3, 4, 5]
    assert len(first.of(RUNNING)) == 3
    # the same as what the store tells point by point
    told = [m for m in store.metrics(mine.id) if m.kind == "running"]
    assert [[getattr(m, name) for name in COLUMNS] for m in told] == later.of(RUNNING).tolist()


def test_a_loss_that_was_not_a_number_is_none_here(store: RunStore, request_small: RunRequest) -> None:
    run = store.add(request_small)
    put(store, run.number, range(1, 2), loss=math.nan)
    put(store, run.number, range(2, 3))
    losses = Curves().read_on(store.database, run.number).column(RUNNING, "loss")
    assert np.isnan(losses[0]) and losses[1] == 1.0


def test_no_points(store: RunStore, request_small: RunRequest) -> None:
    none = Curves().read_on(store.database, store.add(request_small).number)
    assert none.of(RUNNING).shape == (0, len(COLUMNS))
    with pytest.raises(ValueError):
        none.column(RUNNING, "nonsense")
