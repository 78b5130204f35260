"""A keeper with real child processes, and what tests wait for and compare."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from core.training import checkpoint
from core.training.config import RunRequest
from core.training.runs.records import Run
from core.training.runs.store import RunStore
from core.training.workers.local_keeper import LocalKeeper

PATIENCE = 90.0  # seconds; the machine may be busy


@pytest.fixture
def keeper(store: RunStore, silhouettes: Path) -> Iterator[LocalKeeper]:
    keeper = LocalKeeper(store, at_once=1)
    keeper.start()
    yield keeper
    keeper.close()


def wait(store: RunStore, run: Run, enough: Callable[[Run], bool]) -> Run:
    """The run, as soon as it is as wished."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        now = store.get(run.id)
        if enough(now):
            return now
        assert now.state != "failed", now.message
        time.sleep(0.02)
    raise AssertionError(f"it never came: {store.get(run.id)}")


def state(*names: str) -> Callable[[Run], bool]:
    return lambda run: run.state in names


def long(request: RunRequest, epochs: int = 200) -> RunRequest:
    return replace(request, config=replace(request.config, epochs=epochs))


def final_weights(store: RunStore, run: Run) -> dict[str, torch.Tensor]:
    record = store.latest_checkpoint(run.id)
    assert record and record.step == run.total_steps
    return dict(checkpoint.load(record.path, record.sha256).model)


def same(first: dict[str, torch.Tensor], second: dict[str, torch.Tensor]) -> bool:
    return first.keys() == second.keys() and all(torch.equal(first[name], second[name]) for name in first)
