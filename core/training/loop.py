"""The training loop: a generator of events over a model, batches and a configuration."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from core.data.batches import Batches, epoch_generator
from core.training import health, precision, randomness
from core.training.checkpoint import TrainingState
from core.training.classes_first import cross_entropy
from core.training.config import TrainingConfig
from core.training.early_stopping import Patience
from core.training.easy_images import ALWAYS, EasyImages
from core.training.events import Event
from core.training.freezing import Freezing
from core.training.journal import Diverged, Journal
from core.training.layout import lay_out
from core.training.magnifier import Magnifier, Taken
from core.training.optimizers import (
    OPTIMIZERS,
    forget_gradients,
    learning_rate,
    set_learning_rate,
    set_weight_decay,
    update,
    weight_decay,
)
from core.training.schedules import RatePlan


@dataclass
class Controls:
    """What a listener may change between two events; to pause, it just does not ask for the next.

    Each holds from the next step on; what the loop has done, it sets back.
    """

    stop: bool = False  # end here: evaluate, save, finish
    save: bool = False  # a checkpoint as soon as possible
    magnify: bool = False  # the next step under the magnifier, reported at once
    learning_rate: float | None = None
    weight_decay: float | None = None
    batch_size: int | None = None


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

    The events, in order: Started; before the first step a look (Evaluated and observations) and Checkpoint; a
    few StepReports a second, one at once after the first step, and now and then Health; at the quarters of a
    long epoch Evaluated on at most 1,000 validation images; every 30 s Checkpoint; at each epoch's end
    StepReport, a look at all of `validation` and at some of `training`, EpochFinished and Checkpoint; at the
    end Finished. A changed setting is a Change, a magnified step a StepUnderMagnifier.

    Seeds and uses PyTorch's global random numbers. Moves `model` to the device of `training` and leaves it in
    train mode. `clock` counts seconds; a listener that pauses may hold it.
    """
    controls = controls or Controls()
    lay_out(model.to(training.device), training.layout).train()
    optimizer = OPTIMIZERS[config.optimizer].of(model, config.learning_rate, config.weight_decay)
    plan, patience = RatePlan(config), Patience(config.patience)
    freezing = Freezing(model, config.first_learns, config.stopping_layers)
    easy_images = EasyImages(len(training), config.easy_seen, training.device)
    chosen = resumed.precision if resumed else precision.choose(config.precision, model, *training.first())
    torch.manual_seed(config.seed)
    if resumed:
        model.load_state_dict(dict(resumed.model))
        if resumed.optimizer:
            optimizer.load_state_dict(dict(resumed.optimizer))
        randomness.restore(resumed.random, training.device)
        plan.restore(resumed.rate_plan)
        patience.restore(resumed.patience)
        easy_images.restore(resumed.easy_images)
    journal = Journal(
        model,
        optimizer,
        training,
        validation,
        config,
        plan,
        patience,
        freezing,
        easy_images,
        chosen,
        clock,
        resumed,
    )
    if resumed:
        freezing.freeze(min(resumed.frozen_layers, freezing.due(journal.progress)))
    try:
        yield journal.started()
        if not resumed:
            yield from journal.first_look()
            yield journal.checkpoint()

        while not journal.over:
            size, epoch = journal.batch_size, journal.whole_epochs
            order = easy_images.begin_epoch(epoch_generator(config.seed, epoch))
            if easy_images.starts_now:
                yield journal.changed("easy_seen", ALWAYS, config.easy_seen, "plan")
            for images, labels in training.shuffled(
                config.seed, epoch, journal.images, size, config.shuffle, order
            ):
                if controls.stop:
                    yield from journal.reports()
                    yield from journal.look()
                    yield journal.checkpoint()
                    yield journal.finished("stopped")
                    return
                yield from _obey(controls, journal)
                if journal.batch_size != size or journal.over:
                    break  # these images come again, in batches of another size
                progress = journal.progress
                set_learning_rate(optimizer, plan.rate(progress))
                if (due := freezing.due(progress)) > freezing.frozen:
                    yield journal.changed("first_learns", freezing.frozen, due, "plan")
                    freezing.freeze(due)
                magnifier = Magnifier(model, optimizer) if controls.magnify else None
                before = health.copies(model) if magnifier or journal.health_due() else None

                counts = easy_images.counts(journal.images, len(labels))

                loss, logits = step(model, optimizer, images, labels, config, chosen, counts)

                easy_images.note(journal.images, logits, labels)
                journal.add(loss, logits, labels, counts)
                if journal.report_due() or magnifier:
                    yield from journal.reports()
                if before:
                    yield journal.health(before, images)
                if magnifier:
                    controls.magnify = False
                    yield journal.magnified(magnifier, Taken(images, labels, counts, logits, loss))
                if journal.glimpse_due():
                    yield from journal.glimpsed()
                if controls.save or journal.checkpoint_due():
                    controls.save = False
                    yield from journal.reports()
                    yield journal.checkpoint()
            else:
                journal.end_epoch()
                easy_images.end_epoch()
                yield from journal.reports()
                yield from journal.look()
                yield from _judge(journal)
                yield journal.epoch_finished()
                yield journal.checkpoint()
        if journal.images:  # out of time within an epoch
            yield from journal.reports()
            yield from journal.look()
            yield journal.checkpoint()
        if message := patience.restore_best(model):
            yield journal.checkpoint()
        yield journal.finished("completed", message)
    except Diverged as end:
        yield journal.diverged(end.step)


def step(
    model: nn.Module,
    optimizer: Optimizer,
    images: Tensor,
    labels: Tensor,
    config: TrainingConfig,
    computed_in: str = "float32",
    counts: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """One update of the weights; returns the mean loss, without penalties, and the logits.

    Images (N, C, H, W); labels (N,), or (N, K) where they are probabilities; logits (N, K). Each image's loss is
    taken times its `counts` (N,), if there are any.
    """
    forget_gradients(optimizer)
    with precision.autocast(computed_in, images.device):
        logits = model(images)  # (N, C, H, W) → (N, K)
    if counts is None:
        loss = cross_entropy(logits.float(), labels, label_smoothing=config.label_smoothing)
    else:
        losses = cross_entropy(
            logits.float(), labels, label_smoothing=config.label_smoothing, reduction="none"
        )
        loss = (counts * losses).mean()
    objective = loss
    if config.l1:
        objective = loss + config.l1 * sum(weight.abs().sum() for weight in model.parameters())
    objective.backward()
    if config.clip_norm:
        nn.utils.clip_grad_norm_(model.parameters(), config.clip_norm)
    update(optimizer)
    return loss, logits


def _obey(controls: Controls, journal: Journal) -> Iterator[Event]:
    """Carry out what was asked for since the last step."""
    optimizer = journal.optimizer
    if controls.learning_rate is not None:
        before = learning_rate(optimizer)
        journal.plan.set_rate(controls.learning_rate, journal.progress)
        yield journal.changed("learning_rate", before, controls.learning_rate)
        controls.learning_rate = None
    if controls.weight_decay is not None:
        before = weight_decay(optimizer)
        set_weight_decay(optimizer, controls.weight_decay)
        yield journal.changed("weight_decay", before, controls.weight_decay)
        controls.weight_decay = None
    if controls.batch_size is not None:
        before, journal.batch_size = journal.batch_size, controls.batch_size
        yield journal.changed("batch_size", before, controls.batch_size)
        controls.batch_size = None
        yield journal.started()  # the number of steps is another one now


def _judge(journal: Journal) -> Iterator[Event]:
    """What follows from the validation loss of a whole epoch."""
    journal.patience.epoch_evaluated(journal.whole_epochs, journal.validation_loss, journal.model)
    before = learning_rate(journal.optimizer)
    if journal.plan.epoch_evaluated(journal.validation_loss):
        yield journal.changed("learning_rate", before, journal.plan.rate(journal.progress), "plateau")
