"""What the loop writes down: how far it is, when something is due, and the events themselves."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator

from torch import Tensor, nn
from torch.optim import Optimizer

from core.data.batches import Batches
from core.training import device, randomness
from core.training.checkpoint import TrainingState
from core.training.config import TrainingConfig
from core.training.evaluation import evaluate
from core.training.events import Checkpoint, EpochFinished, Evaluated, Finished, Started, StepReport
from core.training.optimizers import learning_rate
from core.training.running import Running

REPORT_SECONDS = 0.25  # between two reports: a curve that moves, and no step waits for the device in between
CHECKPOINT_SECONDS = 30.0  # at most this much is lost when a worker is killed
GLIMPSE = 1_000  # validation images for a look within an epoch
LONG_EPOCH = 20_000  # training images from which on an epoch is looked at each quarter; costs up to 5 % of it


class Diverged(Exception):
    """A loss or a weight is not a finite number any more."""

    def __init__(self, step: int) -> None:
        super().__init__(step)
        self.step = step


class Journal:
    """The book-keeping of one run; the loop does the training."""

    def __init__(
        self,
        model: nn.Module,
        optimizer: Optimizer,
        training: Batches,
        validation: Batches,
        config: TrainingConfig,
        clock: Callable[[], float],
        resumed: TrainingState | None,
    ) -> None:
        self.model, self.optimizer = model, optimizer
        self.training, self.validation = training, validation
        self.glimpse = validation.sample(GLIMPSE)
        self.step = resumed.step if resumed else 0  # optimizer updates so far
        self.steps_per_epoch = training.steps
        self.total_steps = config.epochs * training.steps
        self._clock = clock
        self._began = clock() - (resumed.seconds if resumed else 0.0)
        self._running = Running()
        self._next_report = float("-inf")  # the first step is reported at once
        self._next_checkpoint = clock() + CHECKPOINT_SECONDS
        self._mark = clock()  # since when the steps of the next report were trained
        self._speeds: deque[tuple[int, float]] = deque(maxlen=8)  # images and seconds of the last reports
        self._evaluation_seconds = 0.0  # the last time that the whole validation split was evaluated

    @property
    def epoch(self) -> float:
        """Passes over the training split so far."""
        return self.step / self.steps_per_epoch

    @property
    def seconds(self) -> float:
        """Of the run so far."""
        return self._clock() - self._began

    def add(self, loss: Tensor, logits: Tensor, labels: Tensor) -> None:
        """Write down one step."""
        self.step += 1
        self._running.add(loss, logits, labels)

    def report_due(self) -> bool:
        """Whether it is time for a StepReport."""
        return self._clock() >= self._next_report

    def checkpoint_due(self) -> bool:
        """Whether too much would be lost without another Checkpoint."""
        return self._clock() >= self._next_checkpoint

    def glimpse_due(self) -> bool:
        """At one, two and three quarters of a long epoch."""
        if len(self.training) < LONG_EPOCH:
            return False
        steps = self.steps_per_epoch
        return self.step % steps in (steps // 4, steps // 2, 3 * steps // 4)

    def started(self) -> Started:
        """The first event."""
        return Started(
            device=device.describe(self.training.device),
            parameters=sum(parameter.numel() for parameter in self.model.parameters()),
            train_images=len(self.training),
            validation_images=len(self.validation),
            steps_per_epoch=self.steps_per_epoch,
            total_steps=self.total_steps,
            step=self.step,
        )

    def reports(self) -> Iterator[StepReport]:
        """What the steps since the last report gave, if there were any; raises Diverged."""
        if not self._running.steps:
            return
        first = self.step - self._running.steps + 1
        means = self._running.take()
        if means.first_bad is not None:
            raise Diverged(first + means.first_bad)
        now = self._clock()
        self._speeds.append((means.images, now - self._mark))
        self._mark, self._next_report = now, now + REPORT_SECONDS
        images, seconds = map(sum, zip(*self._speeds, strict=True))
        speed = images / seconds if seconds > 0 else 0.0
        yield StepReport(
            step=self.step,
            epoch=self.epoch,
            loss=means.loss,
            accuracy=means.accuracy,
            images=means.images,
            learning_rate=learning_rate(self.optimizer),
            seconds=self.seconds,
            images_per_second=speed,
            seconds_left=self._seconds_left(speed) if len(self._speeds) > 1 else None,
        )

    def evaluated(self, batches: Batches) -> Evaluated:
        """The network on validation images, now; raises Diverged."""
        before = self._clock()
        evaluation = evaluate(self.model, batches)
        self._mark = self._clock()
        if batches is self.validation:
            self._evaluation_seconds = self._mark - before
        if not math.isfinite(evaluation.loss):
            raise Diverged(self.step)
        return Evaluated(
            step=self.step,
            epoch=self.epoch,
            loss=evaluation.loss,
            accuracy=evaluation.accuracy,
            images=evaluation.images,
            learning_rate=learning_rate(self.optimizer),
            seconds=self.seconds,
        )

    def epoch_finished(self) -> EpochFinished:
        """A pass is complete."""
        return EpochFinished(self.step // self.steps_per_epoch, self.step, self.seconds)

    def checkpoint(self) -> Checkpoint:
        """This moment; raises Diverged rather than keep weights that are no numbers."""
        state = self.model.state_dict()
        if not all(bool(tensor.isfinite().all()) for tensor in state.values()):
            raise Diverged(self.step)
        self._next_checkpoint = self._clock() + CHECKPOINT_SECONDS
        normalisation = self.training.normalisation
        return Checkpoint(
            step=self.step,
            epoch=self.epoch,
            state=TrainingState(
                model=state,
                optimizer=self.optimizer.state_dict(),
                random=randomness.state(self.training.device),
                step=self.step,
                seconds=self.seconds,
                mean=normalisation.mean,
                std=normalisation.std,
            ),
        )

    def finished(self, reason: str) -> Finished:
        """The last event of a run that went well."""
        return Finished(reason, self.step, self.seconds)

    def diverged(self, step: int) -> Finished:
        """The last event of a run that went wrong, with what to try."""
        rate = learning_rate(self.optimizer)
        message = (
            f"The loss was not a finite number any more at step {step}: with a learning rate of {rate:g} "
            f"each step overshoots and makes the next one larger. Try a tenth of it, {rate / 10:g}."
        )
        return Finished("diverged", step, self.seconds, message)

    def _seconds_left(self, speed: float) -> float | None:
        if speed <= 0:
            return None
        epochs = self.total_steps / self.steps_per_epoch - self.epoch
        return epochs * (len(self.training) / speed + self._evaluation_seconds)
