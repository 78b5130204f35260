"""The training loop: a generator of events over a model, batches and a configuration."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F

from core.data.batches import Batches, memory_format
from core.training import randomness
from core.training.checkpoint import TrainingState
from core.training.config import TrainingConfig
from core.training.events import Event
from core.training.journal import Diverged, Journal
from core.training.optimizers import OPTIMIZERS, set_learning_rate


@dataclass
class Controls:
    """What a listener may change between two events; to pause, it just does not ask for the next."""

    stop: bool = False  # end here: evaluate, save, finish
    save: bool = False  # a checkpoint as soon as possible; the loop sets it back
    learning_rate: float | None = None  # from the next step on; the loop sets it back


def train(
    model: nn.Module,
    training: Batches,
    validation: Batches,
    config: TrainingConfig,
    controls: Controls | None = None,
    resumed: TrainingState | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Event]:
    """Train `model` on `training`, from the start or from `resumed`, and tell what happens.

    The events, in order: Started; before the first step Evaluated and Checkpoint; a few StepReports a second,
    one at once after the first step; at the quarters of a long epoch Evaluated on at most 1,000 validation
    images; every 30 s Checkpoint; at each epoch's end StepReport, Evaluated on all of `validation`,
    EpochFinished and Checkpoint; at the end Finished.

    Seeds and uses PyTorch's global random numbers. Moves `model` to the device of `training` and leaves it in
    train mode. `clock` counts seconds; a listener that pauses may hold it.
    """
    controls = controls or Controls()
    model.to(training.device).to(memory_format=memory_format(training.device)).train()
    kind = OPTIMIZERS[config.optimizer]
    optimizer = kind.of(model, config.learning_rate, config.weight_decay)
    torch.manual_seed(config.seed)
    if resumed:
        model.load_state_dict(dict(resumed.model))
        optimizer.load_state_dict(dict(resumed.optimizer))
        randomness.restore(resumed.random, training.device)
    journal = Journal(model, optimizer, training, validation, config, clock, resumed)
    try:
        yield journal.started()
        if not resumed:
            yield journal.evaluated(journal.glimpse)
            yield journal.checkpoint()

        while journal.step < journal.total_steps:
            epoch, used = divmod(journal.step, training.steps)  # of this epoch's batches
            for images, labels in training.shuffled(config.seed, epoch, used * training.batch_size):
                if controls.stop:
                    yield from journal.reports()
                    yield journal.evaluated(validation)
                    yield journal.checkpoint()
                    yield journal.finished("stopped")
                    return
                if controls.learning_rate is not None:
                    set_learning_rate(optimizer, controls.learning_rate)
                    controls.learning_rate = None

                optimizer.zero_grad()
                logits = model(images)  # (N, C, H, W) → (N, K)
                loss = F.cross_entropy(logits, labels)
                loss.backward()
                optimizer.step()

                journal.add(loss, logits, labels)
                if journal.report_due():
                    yield from journal.reports()
                if journal.glimpse_due():
                    yield journal.evaluated(journal.glimpse)
                if controls.save or journal.checkpoint_due():
                    controls.save = False
                    yield from journal.reports()
                    yield journal.checkpoint()

            yield from journal.reports()
            yield journal.evaluated(validation)
            yield journal.epoch_finished()
            yield journal.checkpoint()
        yield journal.finished("completed")
    except Diverged as end:
        yield journal.diverged(end.step)
