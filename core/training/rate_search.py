"""A search for a learning rate beside the page: what is asked for, what it says on its way, and the doing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from core.data import catalogue
from core.data.dataset import DataMissing
from core.training import side_work
from core.training.config import RunRequest, TrainingConfig
from core.training.rate_finder import try_rates
from core.training.rate_suggestions import STEPS, RangeTest, Suggestion, Trial, written
from core.training.runs.requests import request_from_json, request_to_json
from core.training.setup import set_up
from core.training.side_work import Progress, Refused
from core.training.starting_weights import unready
from core.training.timing import TimingOrder

_USUAL = TrainingConfig()
_UNUSED = (  # settings that the search does not use
    "epochs", "seconds", "learning_rate", "schedule", "warm_up", "patience", "first_learns", "stopping_layers",
    "easy_seen",
)  # fmt: skip


@dataclass(frozen=True)
class RateOrder:
    """A run for which a rate is looked for."""

    request: RunRequest

    @classmethod
    def of(cls, request: RunRequest) -> RateOrder:
        """The same order for all requests that differ only in what the search does not use."""
        usual = {name: getattr(_USUAL, name) for name in _UNUSED}
        return cls(replace(request, config=replace(request.config, **usual)))

    def problem(self) -> str:
        """A sentence that says why it can't be done here and now; "" if it can."""
        request = self.request
        if request.fork:
            return (
                "A branch begins with the weights of a checkpoint; the rate finder knows first weights only. "
                "Choose a rate near the one that the run had there."
            )
        if problems := request.problems():
            return problems[0]
        try:
            known, found = catalogue.record(request.data.dataset), catalogue.status(request.data.dataset)
        except DataMissing as missing:
            return str(missing)
        if not found.ready:
            return found.message
        shape, classes = known.shape_as(request.data.image), len(known.classes)
        config = request.config
        cost = TimingOrder(
            request.network, shape, classes, config.batch_size, config.optimizer, config.device
        )
        return cost.problem() or unready(request.network, shape, classes)

    def to_line(self) -> str:
        """One line of JSON without its end of line."""
        return request_to_json(self.request)

    @classmethod
    def from_line(cls, line: str) -> RateOrder:
        """Read what `to_line` wrote; raises ValueError."""
        return cls(request_from_json(line))


@dataclass(frozen=True)
class Tried(Progress):
    """Another step is made."""

    trial: Trial


def search(order: RateOrder) -> Iterator[Progress | RangeTest]:
    """Make the range test; the last thing that comes is the RangeTest.

    Raises ValueError for what can't be done, and DataMissing. PyTorch's global random numbers are used.
    """
    if problem := order.problem():
        raise ValueError(problem)
    request = order.request
    yield Progress(0.0, "Getting data and network ready")
    setup = set_up(request, catalogue.load(request.data.dataset, request.data.image))
    trials: list[Trial] = []
    for trial in try_rates(setup.model, setup.training, request.config):
        trials.append(trial)
        count = len(trials)
        yield Tried(
            count / STEPS, f"Step {count} of at most {STEPS}, at a rate of {written(trial.rate)}", trial
        )
    yield RangeTest.of(trials)


def from_line(line: str) -> Progress | Refused | RangeTest:
    """Read a message of a search, as `side_work.to_line` wrote it; raises ValueError for anything else."""
    message: Progress | Refused | RangeTest = side_work.from_line(
        line, {"Tried": _tried, "RangeTest": _range_test}
    )
    return message


def _tried(fields: dict[str, Any]) -> Tried:
    return Tried(**{**fields, "trial": Trial(**fields["trial"])})


def _range_test(fields: dict[str, Any]) -> RangeTest:
    return RangeTest(
        tuple(Trial(**trial) for trial in fields["trials"]),
        Suggestion(**fields["steepest"]),
        Suggestion(**fields["valley"]),
    )
