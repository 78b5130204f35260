"""The looks at a network while it learns: what was observed of it at one step, put together."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.training.observations import ClassCounts, Kernels, Watched
from core.training.runs.records import Run
from core.training.runs.states import ACTIVE
from core.training.runs.store import RunStore


@dataclass(frozen=True)
class Look:
    """A network at one step: before the first one, and after each epoch."""

    counts: ClassCounts
    watched: Watched | None
    kernels: Kernels | None  # None where the first layer has none that are images

    @property
    def step(self) -> int:
        """Optimizer updates before it."""
        return self.counts.step

    @property
    def epoch(self) -> float:
        """Passes over the training split before it."""
        return self.counts.epoch


def looks(store: RunStore, run: Run, after_step: int = -1) -> list[Look]:
    """The looks at `run` past a step, the oldest first; only those of which everything has been written down.

    `run` must have been read before. Raises RunMissing.
    """
    found = together(
        store.observations(run.id, ClassCounts, after_step),
        store.observations(run.id, Watched, after_step),
        store.observations(run.id, Kernels, after_step),
    )
    return [look for look in found if is_whole(look, run)]


def together(
    counts: Sequence[ClassCounts], watched: Sequence[Watched], kernels: Sequence[Kernels]
) -> list[Look]:
    """What was observed at the same step; of two looks at one step the later."""
    seen = {one.step: one for one in watched}
    weights = {one.step: one for one in kernels}
    last = {one.step: one for one in counts}
    return [Look(one, seen.get(step), weights.get(step)) for step, one in sorted(last.items())]


def is_whole(look: Look, run: Run) -> bool:
    """Whether all observations of a look are there: they come one by one, before whatever follows."""
    return run.step > look.step or run.epoch >= look.epoch > 0 or run.state not in ACTIVE | {"queued"}
