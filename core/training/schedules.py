"""How the learning rate moves over a run: a table of shapes, a warm-up before them, and the plan of one run."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.training.config import TrainingConfig

WARM_UP_FROM = 0.1  # a warm-up begins at this share of the peak rate and rises in a straight line
STEP_FACTOR = 0.1  # of the rate, at each third of a run
PLATEAU_FACTOR = 0.3  # of the rate, when the validation loss has not improved …
PLATEAU_EPOCHS = 2  # … for so many epochs in a row


@dataclass(frozen=True)
class Schedule:
    """One way in which the rate falls from its peak."""

    label: str
    formula: str  # LaTeX: η rate, η₀ peak rate, q share of the run after the warm-up
    explanation: str  # one sentence
    shape: Callable[[float], float]  # q in [0, 1] → factor of the peak rate in [0, 1]
    warm_up: float = 0.0  # share of the run, where the person chose none
    on_plateau: bool = False  # the factor falls with each plateau of the validation loss


def _constant(_share: float) -> float:
    return 1.0


def _steps(share: float) -> float:
    return STEP_FACTOR ** min(math.floor(3 * share + 1e-9), 2)  # a third of the steps is not a float's third


def _cosine(share: float) -> float:
    return (1 + math.cos(math.pi * share)) / 2


def _line(share: float) -> float:
    return 1 - share


SCHEDULES: dict[str, Schedule] = {
    "constant": Schedule("Constant", r"\eta = \eta_0", "The rate stays as it is.", _constant),
    "step": Schedule(
        "Step",
        r"\eta = \eta_0 \cdot 0.1^{\lfloor 3q \rfloor}",
        "A tenth after each third of the run: the loss often drops visibly at each step.",
        _steps,
    ),
    "cosine": Schedule(
        "Cosine",
        r"\eta = \eta_0 \, (1 + \cos \pi q) / 2",
        "High for long, then gently down to zero (Loshchilov and Hutter, 2017).",
        _cosine,
    ),
    "one-cycle": Schedule(
        "One cycle",
        r"\eta = \eta_0 \, (1 - q)",
        "Up in a straight line for a fifth of the run (or as long as the warm-up says), then in a straight "
        "line down to zero: the quickest in short runs (Smith, 2018).",
        _line,
        warm_up=0.2,
    ),
    "plateau": Schedule(
        "Reduce on plateau",
        rf"\eta \leftarrow {PLATEAU_FACTOR}\, \eta \text{{ after {PLATEAU_EPOCHS} epochs without a lower loss}}",
        f"{PLATEAU_FACTOR:g} times the rate whenever the validation loss has not improved for "
        f"{PLATEAU_EPOCHS} epochs.",
        _constant,
        on_plateau=True,
    ),
}


def factor(schedule: Schedule, warm_up: float, progress: float) -> float:
    """The factor of the peak rate at `progress` (share of the whole run in [0, 1]) with that warm-up."""
    warm_up = warm_up or schedule.warm_up
    if progress < warm_up:
        return WARM_UP_FROM + (1 - WARM_UP_FROM) * progress / warm_up
    return schedule.shape(min((progress - warm_up) / (1 - warm_up), 1.0))


class RatePlan:
    """The learning rate of one run: what its schedule says, what a person changed, what plateaus did."""

    def __init__(self, config: TrainingConfig) -> None:
        self._schedule, self._warm_up = SCHEDULES[config.schedule], config.warm_up
        self._peak = config.learning_rate
        self._best, self._waited = math.inf, 0  # the lowest validation loss, and epochs since then

    def rate(self, progress: float) -> float:
        """The rate of the next step at `progress`, the share of the run that is done."""
        return self._peak * factor(self._schedule, self._warm_up, progress)

    def set_rate(self, rate: float, progress: float) -> None:
        """Let the rate be `rate` now; the schedule goes on from there in proportion."""
        self._peak = rate / (factor(self._schedule, self._warm_up, progress) or 1.0)

    def epoch_evaluated(self, validation_loss: float) -> bool:
        """Take note of an epoch's validation loss; True if the rate falls because of it."""
        if not self._schedule.on_plateau:
            return False
        if validation_loss < self._best:
            self._best, self._waited = validation_loss, 0
            return False
        self._waited += 1
        if self._waited < PLATEAU_EPOCHS:
            return False
        self._peak *= PLATEAU_FACTOR
        self._waited = 0
        return True

    def state(self) -> dict[str, float]:
        """What a checkpoint must hold for the plan to go on."""
        return {"peak": self._peak, "best": self._best, "waited": self._waited}

    def restore(self, state: Mapping[str, float]) -> None:
        """Go on from what `state` gave; an empty one (of an earlier version) changes nothing."""
        self._peak = state.get("peak", self._peak)
        self._best = state.get("best", self._best)
        self._waited = int(state.get("waited", self._waited))


def rate_curve(config: TrainingConfig, points: int = 201) -> list[tuple[float, float]]:
    """(share of the run, learning rate) as `config` plans it; a plateau can't be known before."""
    plan = RatePlan(config)
    return [(i / (points - 1), plan.rate(i / (points - 1))) for i in range(points)]
