"""What is found in a run, and the record of the run that it is found in."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import median
from typing import Literal

from core.training.config import RunRequest
from core.training.observations import Health
from core.training.optimizers import OPTIMIZERS
from core.training.runs.records import Metric

LEAP = (
    0.5  # of its weights in one step is too much for a layer; RMSprop's first step at a good rate takes 0.2
)

Level = Literal["good", "note", "warning"]


@dataclass(frozen=True)
class Finding:
    """One thing to know of a run."""

    kind: str  # a key of RULES
    level: Level
    sentence: str  # what is so, with its number and where
    measured: str  # what was measured, and when
    mend: str = ""  # what to do, where there is something to do
    rate: float | None = None  # a learning rate to try again with


@dataclass(frozen=True)
class History:
    """All that is known of a run; not every rule needs all of it."""

    request: RunRequest
    classes: int
    metrics: Sequence[Metric]  # in the order in which they came
    looks: Sequence[Health]  # the oldest first
    state: str = "running"  # a key of STATES
    step: int = 0  # where it is, or ended

    @property
    def chance(self) -> float:
        """The loss of a network that gives each class the same probability, in nats."""
        return math.log(self.classes)

    @property
    def lower_rate(self) -> float:
        """A tenth of the rate that the run was started with."""
        return self.request.config.learning_rate / 10

    @property
    def slower(self) -> str:
        """What to try where steps are too large, half a sentence."""
        kind = OPTIMIZERS[self.request.config.optimizer]
        text = f"try again at a tenth of the rate, {self.lower_rate:g}"
        far_above = self.lower_rate > 10 * kind.learning_rate
        return f"{text} (a good first rate for {kind.label} is {kind.learning_rate:g})" if far_above else text

    @cached_property
    def running(self) -> list[Metric]:
        """The running training loss."""
        return [m for m in self.metrics if (m.split, m.kind) == ("train", "running")]

    @cached_property
    def validated(self) -> list[Metric]:
        """The evaluations of the whole validation split after at least one step; glimpses are left out."""
        found = [m for m in self.metrics if m.split == "validation" and m.step > 0]
        whole = max((m.images for m in found), default=0)
        return [m for m in found if m.images == whole]

    @cached_property
    def _evaluated_training(self) -> dict[int, Metric]:
        return {m.step: m for m in self.metrics if (m.split, m.kind) == ("train", "evaluated")}

    def training_at(self, validated: Metric) -> Iterator[tuple[Metric, str]]:
        """The training split's loss and accuracy at the time of an evaluation, and how they were measured.

        Evaluated like the validation split where there is such a point, else the last running one; none before
        the first.
        """
        before = bisect_right(self.running, validated.step, key=lambda m: m.step)
        if evaluated := self._evaluated_training.get(validated.step):
            yield evaluated, "evaluated"
        elif before:
            yield self.running[before - 1], "running"

    def typical(self, numbers: str, since: int = 1) -> dict[str, float]:
        """The median over the looks of a column of Health with a number for each layer: layer → number.

        The first look is left out where there are others: an optimizer's first step is unlike all that follow.
        Of a layer that learns no more, those looks count in which it did.
        """
        found: dict[str, list[float]] = {}
        for look in self.looks[since:] or self.looks:
            for layer, number in zip(look.layers, getattr(look, numbers), strict=True):
                found.setdefault(layer, []).append(number)
        return {layer: median(values) for layer, values in found.items()}


def span(looks: Sequence[Health]) -> str:
    """From which step to which these looks were taken, in words."""
    if len(looks) == 1:
        return f"at step {looks[0].step:,}"
    return f"in {len(looks)} looks, steps {looks[0].step:,} to {looks[-1].step:,}"


def plain(value: float) -> str:
    """A number for a sentence, with three digits that count."""
    if not math.isfinite(value):
        return "not finite"
    if 1000 <= value < 1e6:
        return f"{value:,.0f}"
    return f"{value:.2f}" if 1 <= value < 1000 else f"{value:.3g}"


def percent(share: float) -> str:
    """A share as `12 %`, with a decimal where it is small."""
    return (
        f"{share:.0%}".replace("%", " %") if share >= 0.1 or share == 0 else f"{share:.1%}".replace("%", " %")
    )
