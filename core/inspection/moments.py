"""The moments of a run at which it can be said which classes it confused."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from core.inspection.agreement import Agreement
from core.inspection.confusion import ConfusionMatrix
from core.training.observations import ClassCounts
from core.training.runs.records import CheckpointRecord


@dataclass(frozen=True)
class Moment:
    """The run at one step: its weights, where they were kept, and what was counted while it trained."""

    step: int  # optimizer updates before it
    epoch: float  # passes over the training split before it
    weights: CheckpointRecord | None  # with them, every test image can be looked at
    counts: ClassCounts | None  # of the validation images

    @property
    def validation_matrix(self) -> ConfusionMatrix | None:
        """The matrix of the validation images, as it was counted."""
        return None if self.counts is None else ConfusionMatrix(torch.tensor(self.counts.counts))

    @property
    def name(self) -> str:
        """`start`, `epoch 3`, `epoch 3.40`."""
        if self.step == 0:
            return "start"
        return f"epoch {self.epoch:.0f}" if float(self.epoch).is_integer() else f"epoch {self.epoch:.2f}"


def moments(weights: Sequence[CheckpointRecord], counts: Sequence[ClassCounts]) -> tuple[Moment, ...]:
    """Every step at which there are weights or counts, the earliest first."""
    kept = {record.step: record for record in weights}
    counted = {one.step: one for one in counts}
    return tuple(
        Moment(
            step,
            kept[step].epoch if step in kept else counted[step].epoch,
            kept.get(step),
            counted.get(step),
        )
        for step in sorted(kept.keys() | counted.keys())
    )


def progress_sentence(between: Agreement, earlier: str) -> str:
    """What was learned and forgotten between two moments of a run; `earlier` names the first."""
    learned, forgotten = len(between.second_alone()), len(between.first_alone())
    change = learned - forgotten
    balance = "as many as before" if not change else f"{abs(change):,} {'more' if change > 0 else 'fewer'}"
    return f"Since {earlier} it learned {learned:,} images and forgot {forgotten:,}: it now recognises {balance}."
