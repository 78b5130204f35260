"""Runs of a small network, and what they told."""

import copy

import torch
from torch import nn

from core.data.batches import Batches
from core.networks.build import build
from core.networks.spec import NetworkSpec
from core.training.checkpoint import TrainingState
from core.training.config import TrainingConfig
from core.training.events import Checkpoint, Event
from core.training.loop import train


def small(network: NetworkSpec, seed: int = 0) -> nn.Module:
    """`network` for grey images of 28 × 28, with weights of its own for each seed."""
    torch.manual_seed(seed)
    return build(network, (1, 28, 28))


def run(
    model: nn.Module,
    training: Batches,
    validation: Batches,
    config: TrainingConfig,
    resumed: TrainingState | None = None,
) -> list[Event]:
    """All that a run tells, copied before the next step changes it."""
    return [copy.deepcopy(event) for event in train(model, training, validation, config, resumed=resumed)]


def states(events: list[Event]) -> list[TrainingState]:
    """What its checkpoints hold."""
    return [event.state for event in events if isinstance(event, Checkpoint)]
