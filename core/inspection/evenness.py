"""Whether a network recognises every class equally well, or differences are more than chance."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2

from core.inspection.report import Report, wilson_interval
from core.training.reports.words import chance, verdict

FEWEST_EXPECTED = 5  # below it, the chi-square distribution is a poor approximation (Cochran, 1954)


@dataclass(frozen=True)
class ClassRecall:
    """One class that has images."""

    place: int  # class index
    hits: int
    support: int

    @property
    def recall(self) -> float:
        """The share of its images that are recognised."""
        return self.hits / self.support

    def words(self, names: tuple[str, ...]) -> str:
        """`Bag 97.1 % (95 % interval 95.9 to 98.0 %)`."""
        low, high = wilson_interval(self.hits, self.support)
        return (
            f"{names[self.place]} {100 * self.recall:.1f} % "
            f"(95 % interval {100 * low:.1f} to {100 * high:.1f} %)"
        )


@dataclass(frozen=True)
class Evenness:
    """The chi-square test of equal recall, and the two ends."""

    statistic: float  # χ²
    freedom: int  # degrees of freedom
    probability: float  # of a χ² at least as large, if recall were the same for all classes
    enough: bool  # images of each class and outcome, for the approximation
    worst: ClassRecall
    best: ClassRecall

    def sentence(self, names: tuple[str, ...]) -> str:
        """The test in words, with its numbers."""
        ends = f"Best: {self.best.words(names)}. Worst: {self.worst.words(names)}."
        if self.freedom == 0:
            return ends
        degrees = "1 degree" if self.freedom == 1 else f"{self.freedom} degrees"
        said = (
            f"{ends} If all classes were recognised equally well, recalls that differ at least this much would "
            f"come up in {chance(self.probability)} of such test sets: {verdict(self.probability)} "
            f"(chi-square test of equal recall, χ² = {self.statistic:.1f} with {degrees} of freedom)."
        )
        return said if self.enough else said + " With so few images the test is only a rough guide."


def evenness(report: Report) -> Evenness | None:
    """Test whether recall is the same for all classes that have images; None where no class has any.

    χ² is Σ (observed − expected)² / expected over the 2·K counts recognised and missed, with the expected ones
    from the accuracy over all of them; K − 1 degrees of freedom. Source: K. Pearson, "On the criterion …", 1900.
    """
    classes = [
        ClassRecall(k, scores.hits, scores.support)
        for k, scores in enumerate(report.classes)
        if scores.support
    ]
    if not classes:
        return None
    support = np.array([each.support for each in classes], float)
    hits = np.array([each.hits for each in classes], float)
    overall = hits.sum() / support.sum()
    if overall in (0.0, 1.0):  # all recall is the same
        statistic, enough = 0.0, True
    else:
        expected = np.stack([support * overall, support * (1 - overall)])
        observed = np.stack([hits, support - hits])
        statistic = float(((observed - expected) ** 2 / expected).sum())
        enough = bool(expected.min() >= FEWEST_EXPECTED)
    freedom = len(classes) - 1
    probability = float(chi2.sf(statistic, freedom)) if freedom else 1.0
    by_recall = sorted(classes, key=lambda each: each.recall)
    return Evenness(statistic, freedom, probability, enough, by_recall[0], by_recall[-1])
