"""The queue: whose turn it is, how long a waiting run will take, and when it can be expected to start."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from core.training.config import RunRequest
from core.training.runs.records import Run
from core.training.runs.states import ACTIVE


class Waiting(Protocol):
    """Something that waits for its turn."""

    @property
    def owner(self) -> str: ...
    @property
    def number(self) -> int: ...


W = TypeVar("W", bound=Waiting)


def in_turn(waiting: Iterable[W], under_way: Iterable[str]) -> list[W]:
    """Those that wait, in the order of their turns; `under_way` has the owner of each run that a worker has.

    Owners take turns, and each owner's runs go by time: the first is of whoever has the fewest under way.
    """
    ahead = Counter(under_way)  # of each owner
    turns = []
    for one in sorted(waiting, key=lambda one: one.number):
        turns.append((ahead[one.owner], one.number, one))
        ahead[one.owner] += 1
    return [one for _, _, one in sorted(turns, key=lambda turn: turn[:2])]


@dataclass(frozen=True)
class UnderWay:
    """A run that a worker has."""

    owner: str
    seconds: float | None  # until its end; None while not known, and for one that is paused


@dataclass(frozen=True)
class InQueue:
    """A run that waits."""

    number: int
    owner: str
    seconds: float | None  # that it will train; None where nothing like it was trained before


@dataclass(frozen=True)
class Turn:
    """Where a run stands in the queue."""

    place: int  # 1 is next
    of: int  # that wait
    seconds: float | None  # until its start, if nobody steers; None while not known


def expected_turns(
    waiting: Iterable[InQueue], under_way: Sequence[UnderWay], at_once: int
) -> dict[int, Turn]:
    """When each waiting run starts, by its number, where `at_once` runs train at the same time.

    The queue is played through: whenever a run ends, the next one is of whoever then has the fewest under way.
    A run of which nobody knows how long it takes keeps its place for ever, so that no start is promised too early.
    """
    rest = list(waiting)
    ends = [(math.inf if one.seconds is None else one.seconds, one.owner) for one in under_way]
    turns: dict[int, Turn] = {}
    now, of = 0.0, len(rest)
    while rest:
        if len(ends) >= at_once:
            first = min(ends)
            if math.isinf(first[0]):
                break
            ends.remove(first)
            now = first[0]
            continue  # there may be more under way than train at once, since an operator changed that
        one = in_turn(rest, (owner for _, owner in ends))[0]
        rest.remove(one)
        turns[one.number] = Turn(len(turns) + 1, of, now)
        ends.append((math.inf if one.seconds is None else now + one.seconds, one.owner))
    for one in in_turn(rest, (owner for _, owner in ends)):
        turns[one.number] = Turn(len(turns) + 1, of, None)
    return turns


def turn_of(run: Run, runs: Sequence[Run], at_once: int) -> Turn:
    """Where a waiting `run` stands among all `runs`; they may be read later than it, and say that it began since."""
    others = [one for one in runs if one.number != run.number]
    under_way = [
        UnderWay(one.owner, one.seconds_left if one.state == "running" else None)
        for one in others
        if one.state in ACTIVE
    ]
    waiting = [
        InQueue(one.number, one.owner, training_seconds(one, runs))
        for one in (run, *others)
        if one.state == "queued"
    ]
    return expected_turns(waiting, under_way, at_once)[run.number]


def training_seconds(run: Run, runs: Iterable[Run]) -> float | None:
    """How long a waiting `run` will train, from the last of `runs` that trained the same network in batches of the
    same size on the same data set; None where there is none. Early stopping may make it shorter.
    """
    alike = [one for one in runs if one.images_per_second and _alike(one.request, run.request)]
    if not alike:
        return None
    last = max(alike, key=lambda one: one.number)
    epochs = run.request.config.epochs
    left = epochs * (1 - run.step / run.total_steps) if run.total_steps else epochs
    seconds = left * _epoch_seconds(last, run.request)
    limit = run.request.config.seconds
    return min(seconds, max(limit - run.seconds, 0.0)) if limit else seconds


def _alike(first: RunRequest, second: RunRequest) -> bool:
    """Whether one step takes both the same time, as far as can be told."""

    def essence(request: RunRequest) -> tuple[object, ...]:
        data, config = request.data, request.config
        return request.network, data.dataset, data.image, config.batch_size, config.device

    return essence(first) == essence(second)


def _epoch_seconds(earlier: Run, request: RunRequest) -> float:
    """Seconds of an epoch of `request` on as many images as it will see, by what `earlier` took.

    An epoch is its steps, which grow with the images, and the looks at the validation split between them.
    """
    images, speed = earlier.train_images or 0, earlier.images_per_second or math.inf
    parts = [data.share * (1 - data.validation_share) for data in (request.data, earlier.request.data)]
    done = earlier.request.config.epochs * earlier.step / (earlier.total_steps or math.inf)
    looks = max(earlier.seconds / done - images / speed, 0.0) if done else 0.0
    return images * parts[0] / parts[1] / speed + looks
