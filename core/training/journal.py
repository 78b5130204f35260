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
from core.training.early_stopping import Patience
from core.training.easy_images import EasyImages
from core.training.evaluation import Evaluation, evaluate
from core.training.events import Checkpoint, EpochFinished, Evaluated, Event, Finished, Started, StepReport
from core.training.freezing import Freezing
from core.training.magnifier import Magnifier, Taken
from core.training.observations import Change, Health, StepUnderMagnifier
from core.training.observing import Moment, Observer
from core.training.optimizers import learning_rate
from core.training.running import Running
from core.training.schedules import RatePlan

REPORT_SECONDS = 0.25  # between two reports: a curve that moves, and no step waits for the device in between
HEALTH_SECONDS = 2.0  # between two looks at gradients and activations, which cost as much as a step
CHECKPOINT_SECONDS = 30.0  # at most this much is lost when a worker is killed
GLIMPSE = 1_000  # validation images for a look within an epoch, and training images for one in eval mode
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
        plan: RatePlan,
        patience: Patience,
        freezing: Freezing,
        easy_images: EasyImages,
        precision: str,
        clock: Callable[[], float],
        resumed: TrainingState | None,
    ) -> None:
        self.model, self.optimizer = model, optimizer
        self.training, self.validation = training, validation
        self.config, self.plan, self.patience = config, plan, patience
        self._freezing, self._easy_images = freezing, easy_images
        self.glimpse, self.training_glimpse = validation.sample(GLIMPSE), training.sample(GLIMPSE)
        self._observer = Observer(model, optimizer, training, validation)
        self.precision = precision
        self.step = 0  # optimizer updates so far
        self.whole_epochs, self.images = 0, 0  # passes so far, and images of the one under way
        self.batch_size = config.batch_size
        self._clock = clock
        self._began = clock() - (resumed.seconds if resumed else 0.0)
        if resumed:
            self._take_up(resumed)
        self.validation_loss = math.nan  # of the last look
        self._running = Running()
        self._next_report = float("-inf")  # the first step is reported at once
        self._next_health = float("-inf")
        self._next_checkpoint = clock() + CHECKPOINT_SECONDS
        self._mark = clock()  # since when the steps of the next report were trained
        self._speeds: deque[tuple[int, float]] = deque(maxlen=8)  # images and seconds of the last reports
        self._evaluation_seconds = 0.0  # the last time that the whole validation split was evaluated

    def _take_up(self, resumed: TrainingState) -> None:
        self.step = resumed.step
        self.batch_size = resumed.batch_size or self.batch_size
        self.whole_epochs, self.images = resumed.epoch or 0, resumed.images
        if resumed.epoch is None:  # an earlier version counted steps alone
            self.whole_epochs, steps = divmod(resumed.step, self.steps_per_epoch)
            self.images = steps * self.batch_size

    # how far it is

    @property
    def steps_per_epoch(self) -> int:
        """With the present batch size."""
        return self.training.steps_left(0, self.batch_size)

    @property
    def epoch(self) -> float:
        """Passes over the training split so far."""
        return self.whole_epochs + self.images / len(self.training)

    @property
    def total_steps(self) -> int:
        """Of the whole run, if the batch size stays."""
        of_this_epoch = self.training.steps_left(self.images, self.batch_size)
        whole_epochs = self.config.epochs - self.whole_epochs - 1
        return self.step + of_this_epoch + whole_epochs * self.steps_per_epoch

    @property
    def seconds(self) -> float:
        """Of the run so far."""
        return self._clock() - self._began

    @property
    def moment(self) -> Moment:
        """Steps, epochs and seconds so far."""
        return self.step, self.epoch, self.seconds

    @property
    def progress(self) -> float:
        """The share of the run that is done: of its epochs or of its seconds, whichever is further."""
        of_steps = self.step / self.total_steps
        return min(max(of_steps, self.seconds / self.config.seconds if self.config.seconds else 0.0), 1.0)

    @property
    def over(self) -> bool:
        """Whether the run has had all that it was to have."""
        out_of_time = self.config.seconds is not None and self.seconds >= self.config.seconds
        return self.whole_epochs >= self.config.epochs or out_of_time or self.patience.exhausted

    def add(self, loss: Tensor, logits: Tensor, labels: Tensor, counts: Tensor | None) -> None:
        """Write down one step."""
        self.step += 1
        self.images += len(labels)
        self._running.add(loss, logits, labels, counts)

    def end_epoch(self) -> None:
        """A pass is complete."""
        self.whole_epochs, self.images = self.whole_epochs + 1, 0

    # what is due

    def report_due(self) -> bool:
        """Whether it is time for a StepReport."""
        return self._clock() >= self._next_report

    def health_due(self) -> bool:
        """Whether it is time for a Health."""
        return self._clock() >= self._next_health

    def checkpoint_due(self) -> bool:
        """Whether too much would be lost without another Checkpoint."""
        return self._clock() >= self._next_checkpoint

    def glimpse_due(self) -> bool:
        """At one, two and three quarters of a long epoch."""
        if len(self.training) < LONG_EPOCH:
            return False
        steps, done = self.steps_per_epoch, self.images // self.batch_size
        return done in (steps // 4, steps // 2, 3 * steps // 4)

    # events

    def started(self) -> Started:
        """The first event, and what is known anew after a change of the batch size."""
        return Started(
            device=device.describe(self.training.device),
            parameters=sum(parameter.numel() for parameter in self.model.parameters()),
            train_images=len(self.training),
            validation_images=len(self.validation),
            steps_per_epoch=self.steps_per_epoch,
            total_steps=self.total_steps,
            step=self.step,
            epoch=self.whole_epochs,
            precision=self.precision,
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

    def first_look(self) -> Iterator[Event]:
        """The network before its first step, on a part of the validation images; raises Diverged."""
        evaluation = self._evaluate(self.glimpse)
        yield self._evaluated(evaluation)
        yield from self._observations(evaluation)

    def glimpsed(self) -> Iterator[Event]:
        """The network within an epoch, on a part of the validation images; raises Diverged."""
        yield self._evaluated(self._evaluate(self.glimpse))

    def look(self) -> Iterator[Event]:
        """The network now: on all validation images, and on as many training images as for a glimpse.

        Raises Diverged.
        """
        evaluation = self._evaluate(self.validation)
        self.validation_loss = evaluation.loss
        yield self._evaluated(evaluation)
        yield self._evaluated(self._evaluate(self.training_glimpse), "train")
        yield from self._observations(evaluation)

    def epoch_finished(self) -> EpochFinished:
        """A pass is complete."""
        return EpochFinished(self.whole_epochs, self.step, self.seconds)

    def health(self, before: dict[str, list[Tensor]], images: Tensor) -> Health:
        """What the step did that was just taken from the weights `before`, and how units respond to its images."""
        observed = self._observer.health(self.moment, before, images)
        self._next_health = self._clock() + HEALTH_SECONDS
        return observed

    def changed(self, setting: str, before: float, after: float, by: str = "person") -> Change:
        """A setting was changed by a person or by its schedule."""
        return Change(*self.moment, setting, before, after, by)

    def magnified(self, magnifier: Magnifier, taken: Taken) -> StepUnderMagnifier:
        """The step that was just taken, under the magnifier that was set up before it."""
        return self._observer.magnified(self.moment, magnifier, taken)

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
                epoch=self.whole_epochs,
                images=self.images,
                batch_size=self.batch_size,
                precision=self.precision,
                rate_plan=self.plan.state(),
                patience=self.patience.state(),
                frozen_layers=self._freezing.frozen,
                easy_images=self._easy_images.state(),
            ),
        )

    def finished(self, reason: str, message: str = "") -> Finished:
        """The last event of a run that went well."""
        return Finished(reason, self.step, self.seconds, message)

    def diverged(self, step: int) -> Finished:
        """The last event of a run that went wrong, with what to try."""
        rate = learning_rate(self.optimizer)
        message = (
            f"The loss was not a finite number any more at step {step}: with a learning rate of {rate:g} "
            f"each step overshoots and makes the next one larger. Try a tenth of it, {rate / 10:g}."
        )
        return Finished("diverged", step, self.seconds, message)

    def _evaluate(self, batches: Batches) -> Evaluation:
        before = self._clock()
        evaluation = evaluate(self.model, batches)
        self._mark = self._clock()
        if batches is self.validation:
            self._evaluation_seconds = self._mark - before
        if not math.isfinite(evaluation.loss):
            raise Diverged(self.step)
        return evaluation

    def _evaluated(self, evaluation: Evaluation, split: str = "validation") -> Evaluated:
        return Evaluated(
            step=self.step,
            epoch=self.epoch,
            loss=evaluation.loss,
            accuracy=evaluation.accuracy,
            images=evaluation.images,
            learning_rate=learning_rate(self.optimizer),
            seconds=self.seconds,
            split=split,
        )

    def _observations(self, evaluation: Evaluation) -> Iterator[Event]:
        yield from self._observer.look(self.moment, evaluation)
        self._mark = self._clock()

    def _seconds_left(self, speed: float) -> float | None:
        if speed <= 0:
            return None
        epochs = self.config.epochs - self.epoch
        of_epochs = epochs * (len(self.training) / speed + self._evaluation_seconds)
        return min(of_epochs, self.config.seconds - self.seconds) if self.config.seconds else of_epochs
