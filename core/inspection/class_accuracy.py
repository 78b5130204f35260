"""How many images of each class several networks recognise, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.inspection.confusion import ConfusionMatrix
from core.inspection.predictions import Predictions
from core.inspection.report import Report


@dataclass(frozen=True)
class ClassAccuracies:
    """One class; its accuracy is its recall: the share of its images that are recognised."""

    name: str
    accuracies: tuple[float | None, ...]  # 0–1, one for each network; None where the class has no images

    @property
    def spread(self) -> float:
        """From the worst network to the best."""
        known = [accuracy for accuracy in self.accuracies if accuracy is not None]
        return max(known) - min(known) if known else 0.0


def class_accuracies(
    predictions: Sequence[Predictions], classes: Sequence[str]
) -> tuple[ClassAccuracies, ...]:
    """A record for each class, in the classes' order."""
    reports = [Report.of(ConfusionMatrix.of(each)) for each in predictions]
    return tuple(
        ClassAccuracies(name, tuple(report.classes[index].recall for report in reports))
        for index, name in enumerate(classes)
    )


def largest_difference(classes: Sequence[ClassAccuracies], names: Sequence[str]) -> str:
    """The class in which the networks, called `names`, differ most, in words; "" for fewer than two of them."""
    if len(names) < 2 or not classes:
        return ""
    widest = max(classes, key=lambda each: each.spread)
    if widest.spread == 0:
        return "They recognise equally many images of each class."
    known = [
        (accuracy, name)
        for accuracy, name in zip(widest.accuracies, names, strict=True)
        if accuracy is not None
    ]
    (worst, worst_name), (best, best_name) = min(known), max(known)
    return (
        f"They differ most on {widest.name}: {best_name} recognises {100 * best:.1f} % of its images, "
        f"{worst_name} {100 * worst:.1f} %."
    )
