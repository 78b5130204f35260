"""What a fork began with, as one file that its notebook goes on from."""

from __future__ import annotations

import io
from collections.abc import Iterator

import torch

from core.training import checkpoint
from core.training.checkpoint import CheckpointDamaged, TrainingState
from core.training.export.weights import weights
from core.training.runs.forks import branch
from core.training.runs.records import CheckpointRecord, Run
from core.training.runs.store import RunMissing, RunStore


def file_name(run: Run) -> str:
    """As the notebook names it, whatever the run is called now."""
    return f"run_{run.number}_start.pt"


def start(store: RunStore, run: Run) -> TrainingState | None:
    """What a fork's first step went on from; None where that can't be had any more, and for a run that is no fork."""
    for record in _records(store, run):
        try:
            state = checkpoint.load(record.path, record.sha256)
        except CheckpointDamaged:
            continue
        if state.epoch is not None:  # an earlier version counted steps alone
            return branch(state, run.request)
    return None


def start_file(store: RunStore, run: Run, _record: CheckpointRecord) -> bytes:
    """A dictionary for `torch.load`, which reads it with weights_only; raises CheckpointDamaged.

    `model` and `optimizer` are state_dicts; `random` is the state of PyTorch's generators, by device; `step`,
    `epoch`, `images` (of the epoch under way) and `seconds` say how far the other run was.
    """
    state = start(store, run)
    if state is None:
        raise CheckpointDamaged("The weights that this run branched off with are not there any more.")
    content = io.BytesIO()
    counted = {name: getattr(state, name) for name in ("step", "epoch", "images", "seconds")}
    begun = {"model": weights(run, state), "optimizer": state.optimizer, "random": state.random}
    torch.save({**begun, **counted}, content)
    return content.getvalue()


def _records(store: RunStore, run: Run) -> Iterator[CheckpointRecord]:
    """The checkpoint that it began with: its own copy, and the other run's, which may be kept for longer."""
    fork = run.request.fork
    if fork is None:
        return
    for run_id in (run.id, fork.run):
        try:
            yield from (record for record in store.checkpoints(run_id) if record.step == fork.step)
        except RunMissing:
            continue
