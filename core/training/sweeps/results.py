"""What a sweep found: mean and spread over the seeds of each combination, and which is best, in words."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Any

from core.training.reports.seeds import FEW, welch
from core.training.reports.table import cell
from core.training.reports.words import MEANINGFUL, listed
from core.training.runs.records import Run
from core.training.runs.states import ENDED
from core.training.sweeps.settings import SWEPT, varying
from core.training.sweeps.sweep import Axis


@dataclass(frozen=True)
class Spread:
    """Numbers of several seeds."""

    values: tuple[float, ...]  # at least one

    @property
    def mean(self) -> float:
        """The arithmetic mean."""
        return fmean(self.values)

    @property
    def deviation(self) -> float | None:
        """The sample standard deviation (n − 1); None for a single number."""
        return stdev(self.values) if len(self.values) > 1 else None

    def words(self, factor: float = 1.0, digits: int = 1) -> str:
        """`89.1 ± 0.3`, or `89.1`."""
        mean = f"{factor * self.mean:.{digits}f}"
        return mean if self.deviation is None else f"{mean} ± {factor * self.deviation:.{digits}f}"


@dataclass(frozen=True)
class Quantity:
    """One thing that is told of each combination."""

    label: str
    value: Callable[[Run], float | None]
    factor: float = 1.0  # to the unit that it is shown in
    unit: str = ""
    digits: int = 1


QUANTITIES: dict[str, Quantity] = {
    "validation": Quantity("validation accuracy", lambda run: run.validation_accuracy, 100, "%"),
    "test": Quantity("test accuracy", lambda run: run.test_accuracy, 100, "%"),
    "seconds": Quantity("training time", lambda run: run.seconds, unit="s"),
    "parameters": Quantity("parameters", lambda run: run.parameters, digits=0),
}


@dataclass(frozen=True)
class Group:
    """The runs of one combination."""

    name: str  # `Adam, batch size 64`
    texts: tuple[str, ...]  # its value on each axis
    runs: tuple[Run, ...]  # in the order of their seeds

    @property
    def completed(self) -> tuple[Run, ...]:
        """Those that trained as long as they were asked to; others would not be judged on equal terms."""
        return tuple(run for run in self.runs if run.state == "completed")

    def spread(self, quantity: str) -> Spread | None:
        """Of a key of QUANTITIES over the completed runs; None before there is one."""
        values = (QUANTITIES[quantity].value(run) for run in self.completed)
        known = tuple(value for value in values if value is not None)
        return Spread(known) if known else None


@dataclass(frozen=True)
class Results:
    """All runs of a sweep, by combination."""

    axes: tuple[Axis, ...]  # with the values that there are, in their order
    groups: tuple[Group, ...]

    @property
    def runs(self) -> tuple[Run, ...]:
        """All of them, in order."""
        return tuple(run for group in self.groups for run in group.runs)

    @property
    def done(self) -> bool:
        """Whether nothing more will come by itself."""
        return all(run.state in ENDED or run.state in ("failed", "interrupted") for run in self.runs)

    def sentence(self, quantity: str = "validation") -> str:
        """Which combination is best in an accuracy, and which can't be told from it.

        Others count as worse where Welch's t-test says so at 5 %, divided by the number of comparisons (Bonferroni):
        with many combinations one is far behind by chance alone.
        """
        label = QUANTITIES[quantity].label
        judged = [(group, spread) for group in self.groups if (spread := group.spread(quantity))]
        if not judged:
            return "No run has come to its end yet." if not self.done else "No run was completed."
        judged.sort(key=lambda pair: -pair[1].mean)
        (best, top), others = judged[0], judged[1:]
        number = len(top.values)
        value = f"{top.words(100)} % ({number} seed{'s' if number > 1 else ''})"
        so_far = "" if self.done else " so far"
        if len(self.groups) == 1:
            lone = " One seed tells no spread." if number == 1 else ""
            return f"{label[0].upper()}{label[1:]}{so_far}: {value}.{lone}"
        said = f"Highest mean {label}{so_far}: {best.name} with {value}."
        if not others:
            return f"{said} The others have nothing to compare with yet."
        if any(spread.deviation is None for _, spread in judged):
            return (
                f"{said} With one seed of a combination no spread is known: repeat with more before you trust the "
                "order."
            )
        unsure = [group.name for group, spread in others if not _lower(spread, top, len(others))]
        if not unsure:
            which = "Every other one" if len(judged) == len(self.groups) else "Every other one with results"
            said += f" {which} is lower by more than the spread over seeds explains ({_TEST})."
        elif len(unsure) == len(others):
            said += f" None of the others can be told from it by these seeds ({_TEST})."
        else:
            said += f" Not to be told from it by these seeds: {_some(unsure)}; the rest is lower ({_TEST})."
        few = min(len(spread.values) for _, spread in judged) < FEW
        return f"{said} Two seeds tell little of a spread." if few else said

    def to_csv(self) -> str:
        """A row for each combination: means and standard deviations, numbers plain, unknown ones empty."""
        file = io.StringIO(newline="")
        writer = csv.writer(file)
        heads = [SWEPT[axis.setting].label.lower() for axis in self.axes] or ["network"]
        for each in QUANTITIES.values():
            unit = f" ({each.unit})" if each.unit else ""
            heads += [f"{each.label}, mean{unit}", f"{each.label}, standard deviation{unit}"]
        writer.writerow([*heads, "completed runs", "runs"])
        for group in self.groups:
            cells = list(map(cell, group.texts or (group.name,)))
            for name, each in QUANTITIES.items():
                spread = group.spread(name)
                deviation = spread.deviation if spread else None
                cells.append("" if spread is None else f"{each.factor * spread.mean:.6g}")
                cells.append("" if deviation is None else f"{each.factor * deviation:.6g}")
            writer.writerow([*cells, len(group.completed), len(group.runs)])
        return file.getvalue()


_TEST = "Welch’s t-test at 5 %, corrected for the number of comparisons"
MOST_NAMED = 4


def _some(names: Sequence[str]) -> str:
    if len(names) <= MOST_NAMED:
        return listed([f"“{name}”" for name in names])
    return f"{len(names)} others"


def _lower(spread: Spread, top: Spread, comparisons: int) -> bool:
    """Whether its mean lies below the top one's by more than chance; never for a single seed."""
    if spread.deviation is None or top.deviation is None:
        return False
    found = welch(spread.values, top.values)
    return found is not None and found.probability < MEANINGFUL / comparisons


def results(runs: Sequence[Run]) -> Results:
    """Group the `runs` of one sweep, given in any order, by the settings in which they differ."""
    ordered = sorted(runs, key=lambda run: run.number)
    names = varying(run.request for run in ordered)
    axes = tuple(
        Axis(name, tuple(dict.fromkeys(SWEPT[name].get(run.request) for run in ordered))) for name in names
    )
    groups: dict[tuple[Any, ...], list[Run]] = {}
    for run in ordered:
        groups.setdefault(tuple(SWEPT[name].get(run.request) for name in names), []).append(run)
    return Results(axes, tuple(_group(axes, values, members) for values, members in groups.items()))


def _group(axes: Sequence[Axis], values: Sequence[Any], runs: Sequence[Run]) -> Group:
    pairs = list(zip(axes, values, strict=True))
    name = (
        ", ".join(SWEPT[axis.setting].words(value) for axis, value in pairs) or runs[0].request.network.name
    )
    texts = tuple(SWEPT[axis.setting].text(value) for axis, value in pairs)
    return Group(name, texts, tuple(sorted(runs, key=lambda run: run.request.config.seed)))
