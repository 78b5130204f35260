"""A sweep: every combination of the values of up to three settings, each with the same seeds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from math import prod
from typing import Any

from core.data.catalogue import datasets
from core.networks.analysis import Analysis, analyse
from core.training.config import RANGES, RunRequest
from core.training.reports.words import listed
from core.training.starting_weights import unready
from core.training.sweeps.settings import SWEPT

MOST_AXES = 3
MOST_RUNS = 100


@dataclass(frozen=True)
class Axis:
    """One setting and the values that it goes through."""

    setting: str  # a key of SWEPT
    values: tuple[Any, ...]


@dataclass(frozen=True)
class Refusal:
    """A combination that can't be trained."""

    name: str  # as in `Sweep.name`
    sentence: str  # why, and what is allowed


@dataclass(frozen=True)
class Sweep:
    """What a person chose; without axes it repeats one configuration with several seeds."""

    base: RunRequest  # every setting that no axis names
    axes: tuple[Axis, ...] = ()
    seeds: int = 1  # runs of each combination, with the seeds base.seed, base.seed + 1, …

    @property
    def size(self) -> int:
        """Runs before any combination is refused."""
        return prod(len(axis.values) for axis in self.axes) * self.seeds

    def problems(self) -> list[str]:
        """A sentence for each thing that is wrong with the sweep itself; empty when all is well."""
        fields = [field for axis in self.axes for field in SWEPT[axis.setting].fields]
        twice = sorted({field.replace("_", " ") for field in fields if fields.count(field) > 1})
        rules = (
            (
                len(self.axes) <= MOST_AXES,
                f"{len(self.axes)} settings are to vary; allowed are {MOST_AXES}. Leave some out.",
            ),
            (not twice, f"The {listed(twice)} would be set twice; leave one of those settings out."),
            (self.seeds >= 1, f"The number of seeds is {self.seeds}; allowed is 1 or above."),
            (
                RANGES["seed"].allows(self.base.config.seed + max(self.seeds, 1) - 1),
                f"The last seed would be {self.base.config.seed + self.seeds - 1}; allowed is "
                f"{RANGES['seed'].allowed}. Choose a smaller first one.",
            ),
            (
                self.size <= MOST_RUNS,
                f"These are {self.size:,} runs; allowed are {MOST_RUNS}. Choose fewer values or seeds.",
            ),
            *(
                (
                    len(set(axis.values)) == len(axis.values) > 1,
                    f"{SWEPT[axis.setting].label}: choose two different values at least.",
                )
                for axis in self.axes
            ),
        )
        return [sentence for holds, sentence in rules if not holds]

    @cached_property
    def _judged(self) -> tuple[tuple[RunRequest, ...], tuple[Refusal, ...]]:
        """The combinations that can be trained, with the first seed, and those that can't."""
        sound, refused = [], []
        for request in self._combinations():
            problem = " ".join(request.problems()) or network_problem(request)
            if problem:
                refused.append(Refusal(self.name(request), problem))
            else:
                sound.append(request)
        return tuple(sound), tuple(refused)

    def runs(self) -> tuple[RunRequest, ...]:
        """A request for each run, in the order of `named_runs`; raises as it does."""
        return tuple(request for group in self.named_runs().values() for request in group)

    def named_runs(self) -> dict[str, tuple[RunRequest, ...]]:
        """The requests of each combination, one a seed, by its name: the last axis changes fastest.

        Combinations that can't be trained are left out; `refusals` has them. Raises ValueError with the sentences
        of `problems`, and for a sweep of which nothing is left.
        """
        if found := self.problems():
            raise ValueError(" ".join(found))
        sound, refused = self._judged
        if not sound:
            raise ValueError(f"None of these runs can be trained. {refused[0].name}: {refused[0].sentence}")
        first = self.base.config.seed
        seeds = range(first, first + self.seeds)
        return {
            self.name(request): tuple(
                replace(request, config=replace(request.config, seed=seed)) for seed in seeds
            )
            for request in sound
        }

    def refusals(self) -> tuple[Refusal, ...]:
        """The combinations that can't be trained, in order; empty for a sweep that has problems itself."""
        return () if self.problems() else self._judged[1]

    def name(self, request: RunRequest) -> str:
        """`Adam, batch size 64`: what one of its requests has of each axis; the network's name without axes."""
        words = [SWEPT[axis.setting].words(SWEPT[axis.setting].get(request)) for axis in self.axes]
        return ", ".join(words) or request.network.name

    def _combinations(self) -> Iterator[RunRequest]:
        for values in product(*(axis.values for axis in self.axes)):
            request = self.base
            for axis, value in zip(self.axes, values, strict=True):
                request = SWEPT[axis.setting].put(request, value)
            yield request


def analysis_of(request: RunRequest) -> Analysis | None:
    """Its network on the images as they reach it; None where the data set is not known any more."""
    record = datasets().get(request.data.dataset)
    if record is None:
        return None
    return analyse(request.network, record.shape_as(request.data.image), len(record.classes))


def network_problem(request: RunRequest) -> str:
    """Why its network can't be trained on its images; "" if it can."""
    analysis = analysis_of(request)
    if analysis is None:
        return f"There is no data set “{request.data.dataset}” here; choose another."
    if analysis.problems:
        first = analysis.problems[0]
        return f"{first.name}: {first.sentence}" if first.name else first.sentence
    return unready(request.network, analysis.input_shape, analysis.classes)
