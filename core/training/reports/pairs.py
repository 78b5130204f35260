"""Two runs in a sentence: in what they differ, and what it brought."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.training.reports.curves import Curve
from core.training.reports.settings import Difference, differing
from core.training.reports.words import listed, percent, points, seconds
from core.training.runs.records import Run

MOST_NAMED = 3  # differences that a sentence names with their values
_JUDGED_ON = ("dataset", "validation_share", "split_seed")  # settings that choose the validation images
_TESTED_ON = "dataset"  # the setting that chooses the test images


@dataclass(frozen=True)
class EqualTime:
    """How good two runs were when both had trained equally long."""

    seconds: float
    first: float  # validation accuracy, 0–1
    second: float


def at_equal_time(first: Curve, second: Curve) -> EqualTime | None:
    """Two validation curves at the moment of the last evaluation of the one that ended earlier.

    The other's accuracy is taken from the straight line between its evaluations before and after that moment.
    Only evaluations of the whole split count, and none from before the first step: the line from there to the
    end of a slow first epoch would tell nothing. None where one of them had not been evaluated by then.
    """
    first, second = (curve.after_the_start().of_the_whole_split() for curve in (first, second))
    if not len(first) or not len(second):
        return None
    moment = min(first.column("seconds")[-1], second.column("seconds")[-1])
    if moment < max(first.column("seconds")[0], second.column("seconds")[0]):
        return None
    return EqualTime(float(moment), *(_accuracy_at(moment, curve) for curve in (first, second)))


def _accuracy_at(moment: float, curve: Curve) -> float:
    return float(np.interp(moment, curve.column("seconds"), curve.column("accuracy")))


def what_differs(first: Run, second: Run) -> str:
    """`Run 2 differs from run 1 only in the optimizer (SGD → Adam)`: from the first run to the second."""
    return _what_differs(first, second, differing([first, second]))


def _what_differs(first: Run, second: Run, differences: Sequence[Difference]) -> str:
    changes = [f"the {each.label} ({each.texts[0]} → {each.texts[1]})" for each in differences]
    if not changes:
        return f"Run {second.number} has the same settings as run {first.number}"
    if len(changes) > MOST_NAMED:
        others = len(changes) - MOST_NAMED + 1
        changes = [*changes[: MOST_NAMED - 1], f"{others} more settings"]
    only = "only " if len(changes) == 1 else ""
    return f"Run {second.number} differs from run {first.number} {only}in {listed(changes)}"


def pair_sentence(first: Run, second: Run, first_curve: Curve, second_curve: Curve) -> str:
    """What `second` has otherwise than `first`, and what that brought; the curves are of the validation split."""
    differences = differing([first, second])
    names = {each.name for each in differences}
    brought = f"{_what_differs(first, second, differences)}{_validation(names, first_curve, second_curve)}."
    return " ".join([brought, *_tested(names, first, second)])


def _validation(names: set[str], first: Curve, second: Curve) -> str:
    if names.intersection(_JUDGED_ON):
        return "; their validation images are not the same, so those accuracies can't be compared"
    found = at_equal_time(first, second)
    if found is None:
        return "; there is no time at which both had been evaluated after training equally long"
    gain = points(found.second - found.first)
    both = f"{percent(found.second)} against {percent(found.first)}"
    return f": {gain} of validation accuracy at equal time ({seconds(found.seconds)}: {both})"


def _tested(names: set[str], first: Run, second: Run) -> list[str]:
    if _TESTED_ON in names:
        return []
    if first.test_accuracy is None or second.test_accuracy is None:
        missing = [f"run {run.number}" for run in (second, first) if run.test_accuracy is None]
        return [f"There is no test accuracy of {listed(missing)} yet."]
    gain = points(second.test_accuracy - first.test_accuracy)
    both = f"{percent(second.test_accuracy)} against {percent(first.test_accuracy)}"
    return [f"At the end: {gain} of test accuracy ({both})."]
