"""What a learning-rate range test found: its trials, and the two rates that they suggest."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

STEPS = 100  # of a whole test
LEFT_OUT_FIRST, LEFT_OUT_LAST = STEPS // 10, 5  # trials: hardly smoothed yet, and running away already
FLAT = 0.02  # of the first loss; the smoothed loss has to fall by more than this


@dataclass(frozen=True)
class Trial:
    """One step at one rate."""

    rate: float
    loss: float  # of this step's batch, before its update: it shows what the rates before it did
    smoothed: float  # mean over this and all earlier losses, the later ones with more weight


@dataclass(frozen=True)
class Suggestion:
    """A rate that the test speaks for, or why there is none."""

    rate: float | None
    loss: float | None  # the smoothed one there
    sentence: str


@dataclass(frozen=True)
class RangeTest:
    """A test that has ended."""

    trials: tuple[Trial, ...]
    steepest: Suggestion
    valley: Suggestion

    @classmethod
    def of(cls, trials: Sequence[Trial]) -> RangeTest:
        """What follows from these trials; as in fastai the first tenth and the last five are not considered."""
        considered = trials[LEFT_OUT_FIRST:-LEFT_OUT_LAST]
        if problem := _problem(trials, considered):
            nothing = Suggestion(None, None, problem)
            return cls(tuple(trials), nothing, nothing)
        return cls(tuple(trials), _steepest(considered), _valley(considered))


def steepest(rates: Sequence[float], losses: Sequence[float]) -> tuple[int, float]:
    """Where `losses` fall fastest over the natural logarithm of `rates`: the position, and the slope there.

    Central differences, as in Lightning's `lr_find`, which takes them over the rates themselves; over their
    logarithm it is the steepest point of the chart that people look at, as fastai's `steep`.
    """
    slopes = np.gradient(np.asarray(losses), np.log(rates))
    position = int(slopes.argmin())
    return position, float(slopes[position])


def valley(losses: Sequence[float]) -> tuple[int, int]:
    """The middle of the longest fall: its position, and of how many losses that fall consists.

    The longest fall is the longest subsequence of `losses` in which each is below the one before; losses in
    between may be higher. Counted back from its end, as if it had no gaps, a third and a sixth of it are passed.
    Source: fastai, `valley` in `fastai/callback/schedule.py`; its text speaks of two thirds, its code of these.
    """
    lengths: list[int] = []  # of the longest fall that ends at each loss
    for i, loss in enumerate(losses):
        lengths.append(1 + max((lengths[j] for j in range(i) if losses[j] > loss), default=0))
    length = max(lengths)
    end = lengths.index(length)
    return max(end - length + length // 3 + length // 6, 0), length


def written(rate: float) -> str:
    """Two digits, as people write a rate: 0.0023, 1.5e-5."""
    return f"{rate:.2g}".replace("e-0", "e-")


def _steepest(trials: Sequence[Trial]) -> Suggestion:
    position, slope = steepest([trial.rate for trial in trials], [trial.smoothed for trial in trials])
    found = trials[position]
    fall = -slope * math.log(10)
    return Suggestion(
        found.rate,
        found.smoothed,
        f"The smoothed loss falls fastest at {written(found.rate)}: there by {fall:.2g} for a tenfold rate.",
    )


def _valley(trials: Sequence[Trial]) -> Suggestion:
    position, length = valley([trial.smoothed for trial in trials])
    found = trials[position]
    return Suggestion(
        found.rate,
        found.smoothed,
        f"The longest fall of the smoothed loss has {length} steps; {written(found.rate)} is in its middle.",
    )


def _problem(trials: Sequence[Trial], considered: Sequence[Trial]) -> str:
    """Why these trials suggest nothing, a sentence; "" if they do."""
    if not trials:
        return "The loss was not a number at the very first step: the first weights are too large."
    if len(considered) < 3:
        return (
            f"The loss ran away after {len(trials)} of {STEPS} steps, at a rate of {written(trials[-1].rate)}, "
            "before it could fall. Try another initialisation or another optimizer."
        )
    losses = np.array([trial.smoothed for trial in considered])
    fall = float((np.maximum.accumulate(losses) - losses).max())
    if fall <= FLAT * losses[0]:
        return (
            f"No rate stands out: the smoothed loss never fell by more than {fall:.2g}, and "
            f"{100 * FLAT:g} % of the {losses[0]:.3g} at the beginning are asked for. Perhaps there is nothing to "
            "learn in this data, or nothing to change in this network."
        )
    return ""
