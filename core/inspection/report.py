"""Precision, recall and F1 of each class, and accuracy with its confidence interval."""

from dataclasses import dataclass
from math import sqrt

from core.inspection.confusion import ConfusionMatrix

Z_95 = 1.959964  # the standard normal distribution's 97.5 % quantile


@dataclass(frozen=True)
class ClassScores:
    """How well one class is recognised; None where a ratio has the denominator 0 and so is undefined."""

    support: int  # images of this class
    predictions: int  # images that the network takes for this class
    hits: int  # images of this class that the network takes for it

    @property
    def precision(self) -> float | None:
        """hits / predictions: how many of those taken for this class belong to it."""
        return _ratio(self.hits, self.predictions)

    @property
    def recall(self) -> float | None:
        """hits / support: how many of this class are found."""
        return _ratio(self.hits, self.support)

    @property
    def f1(self) -> float | None:
        """2 · hits / (support + predictions): the harmonic mean of precision and recall where both exist."""
        return _ratio(2 * self.hits, self.support + self.predictions)


@dataclass(frozen=True)
class Report:
    """One network on one split."""

    classes: tuple[ClassScores, ...]
    correct: int  # images
    total: int  # images

    @staticmethod
    def of(matrix: ConfusionMatrix) -> "Report":
        """Everything follows from the confusion matrix."""
        counts = matrix.counts
        rows, columns, diagonal = counts.sum(dim=1), counts.sum(dim=0), counts.diagonal()
        classes = tuple(
            ClassScores(support, predictions, hits)
            for support, predictions, hits in zip(
                rows.tolist(), columns.tolist(), diagonal.tolist(), strict=True
            )
        )
        return Report(classes, int(diagonal.sum()), int(counts.sum()))

    @property
    def accuracy(self) -> float | None:
        """The share of images whose predicted class is the true one."""
        return _ratio(self.correct, self.total)

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % Wilson interval of the accuracy."""
        return wilson_interval(self.correct, self.total)

    def sentence(self, names: tuple[str, ...]) -> str:
        """How even the network is across the classes, in words."""
        found = sorted(
            (scores.recall, name)
            for scores, name in zip(self.classes, names, strict=True)
            if scores.recall is not None
        )
        if not found:
            return "There are no images to judge by."
        (worst, worst_name), (best, best_name) = found[0], found[-1]
        least, most = f"{100 * worst:.0f} %", f"{100 * best:.0f} %"
        if best - worst < 0.1:
            return f"It is even across classes: it finds {least} to {most} of the images of each."
        return f"It is uneven: it finds {most} of all {best_name} images, but {least} of {worst_name}."


def wilson_interval(successes: int, trials: int, z: float = Z_95) -> tuple[float, float]:
    """The Wilson score interval of a share: where the true share lies, with 95 % confidence for the default
    z.

    Unlike p ± z·√(p(1−p)/n) it never leaves [0, 1], and it has a width also when all trials succeed. Without
    trials it is (0, 1). Source: E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical
    Inference", 1927.
    """
    if trials == 0:
        return 0.0, 1.0
    p = successes / trials
    centre = p + z * z / (2 * trials)
    half = z * sqrt(p * (1 - p) / trials + z * z / (4 * trials * trials))
    scale = 1 + z * z / trials
    # exactly 0 and 1 at the ends, whatever rounding does
    low = (centre - half) / scale if successes > 0 else 0.0
    high = (centre + half) / scale if successes < trials else 1.0
    return low, high


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None
