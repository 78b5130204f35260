"""What a notebook is written about: a run, what was changed while it ran, and what it measured."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from core.data.catalogue import DatasetRecord, record
from core.networks.source.outline import Outline
from core.training import easy_images, freezing
from core.training.checkpoint import TrainingState
from core.training.config import DataChoice, TrainingConfig
from core.training.observations import Change, ClassCounts
from core.training.runs.records import Metric, Run
from core.training.schedules import SCHEDULES, Schedule


@dataclass(frozen=True)
class Subject:
    """A run with all that its notebook tells of it."""

    run: Run
    network: Outline
    points: list[Metric]
    changes: list[Change]  # by a person; those of a schedule come by themselves
    confusions: list[ClassCounts]
    mean: tuple[float, ...]  # of its normalisation, a number a channel
    std: tuple[float, ...]
    precision: str  # that it computed with
    start: TrainingState | None = None  # what it goes on from; None if it begins at the beginning
    parent: str = ""  # what the run is called that it branched off
    channels_last: bool = True  # whether it can be trained so on every device; see core.training.layout
    first_layers: bool = False  # whether it has some that the app may compute in oneDNN's own layout
    classes_first: bool = False  # whether the app may compute its last layer and its loss so

    @property
    def config(self) -> TrainingConfig:
        """Its hyperparameters."""
        return self.run.request.config

    @property
    def data(self) -> DataChoice:
        """Its images."""
        return self.run.request.data

    @cached_property
    def dataset(self) -> DatasetRecord:
        """What is known of its data set."""
        return record(self.data.dataset)

    @property
    def schedule(self) -> Schedule:
        """How its learning rate falls."""
        return SCHEDULES[self.config.schedule]

    @property
    def warm_up(self) -> float:
        """The share of the run in which its rate rises."""
        return self.config.warm_up or self.schedule.warm_up

    @property
    def rate_moves(self) -> bool:
        """Whether the rate follows a curve."""
        return self.config.schedule not in ("constant", "plateau") or self.warm_up > 0

    @property
    def freezes(self) -> bool:
        """Whether its first layer learns in a part of it only."""
        return self.config.first_learns < freezing.ALWAYS

    @property
    def leaves_out(self) -> bool:
        """Whether its easy images are left out at times."""
        return self.config.easy_seen < easy_images.ALWAYS

    @property
    def last_step(self) -> int | None:
        """Where a person ended it before its time."""
        moved = self.run.step > (self.start.step if self.start else 0)
        return self.run.step if self.run.state == "stopped" and moved else None

    @property
    def patience(self) -> int:
        """Epochs without a better one after which it ends; 0 for never. Who is stopped keeps the weights at hand."""
        return 0 if self.last_step is not None else self.config.patience

    def changed(self, setting: str) -> dict[int, float]:
        """Step → what a person set `setting` to before the next one."""
        return {change.step: change.after for change in self.changes if change.setting == setting}

    @property
    def epochs_differ(self) -> bool:
        """Whether its epochs have steps of different numbers, or did before it branched off."""
        return bool(self.start or self.changed("batch_size"))

    @cached_property
    def looks(self) -> list[Metric]:
        """The validation split after each epoch, and where the run ended."""
        found = {
            point.step: point
            for point in self.points
            if point.split == "validation"
            and point.kind == "evaluated"
            and point.step > 0
            and (point.epoch.is_integer() or point.step == self.run.step)
        }
        return list(found.values())

    @cached_property
    def running(self) -> list[Metric]:
        """The running training loss and accuracy."""
        return [point for point in self.points if (point.split, point.kind) == ("train", "running")]

    @property
    def best(self) -> Metric | None:
        """The look at the weights that the run ended with; None before the first."""
        if self.patience and self.run.state == "completed":
            return min(self.looks, key=lambda look: look.loss, default=None)
        return self.looks[-1] if self.looks else None
