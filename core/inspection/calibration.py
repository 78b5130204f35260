"""Whether a network is as often right as it is sure: the reliability diagram, and the calibration error."""

from dataclasses import dataclass

import torch
from torch.nn import functional as F

from core.inspection.predictions import Predictions
from core.inspection.report import wilson_interval

BINS = 15  # as in Guo et al., 2017
EVEN = 0.01  # confidence and accuracy this close are called well calibrated


@dataclass(frozen=True)
class Bin:
    """The images whose confidence lies in (low, high]; the first bin holds 0, too."""

    low: float
    high: float
    images: int
    correct: int  # images that are recognised
    confidence: float | None  # their mean; None in an empty bin

    @property
    def accuracy(self) -> float | None:
        """The share of them that is recognised; None in an empty bin."""
        return self.correct / self.images if self.images else None

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % Wilson interval of the accuracy."""
        return wilson_interval(self.correct, self.images)

    @property
    def gap(self) -> float:
        """Confidence minus accuracy: positive where the network is surer than it should be; 0 if empty."""
        accuracy = self.accuracy
        return 0.0 if self.confidence is None or accuracy is None else self.confidence - accuracy


@dataclass(frozen=True)
class Calibration:
    """One network on one split; there is at least one image."""

    bins: tuple[Bin, ...]
    images: int
    confidence: float  # mean
    accuracy: float
    loss: float  # mean cross-entropy (negative log-likelihood), nats

    @staticmethod
    def of(predictions: Predictions, bins: int = BINS, temperature: float = 1.0) -> "Calibration":
        """Of softmax(logits / temperature), in float64, with `bins` bins of equal width.

        Raises ValueError without images, and for logits that are not all numbers. Source: C. Guo, G. Pleiss, Y.
        Sun, K. Weinberger, "On calibration of modern neural networks", 2017.
        """
        _refuse_unusable(predictions)
        logits = predictions.logits.double() / temperature
        confidence = logits.softmax(dim=1).amax(dim=1)  # (N,)
        # a bin holds its upper edge; edges are k / bins, so that the text of a bin is what decides
        edges = torch.arange(1, bins, dtype=torch.float64) / bins
        places = torch.bucketize(confidence, edges)  # (N,): edges[k − 1] < confidence ≤ edges[k]
        images = torch.bincount(places, minlength=bins).tolist()
        correct = torch.bincount(places, predictions.correct.double(), minlength=bins).long().tolist()
        sums = torch.bincount(places, confidence, minlength=bins).tolist()
        return Calibration(
            tuple(
                Bin(k / bins, (k + 1) / bins, n, hits, total / n if n else None)
                for k, (n, hits, total) in enumerate(zip(images, correct, sums, strict=True))
            ),
            len(predictions),
            float(confidence.mean()),
            float(predictions.correct.double().mean()),
            float(F.cross_entropy(logits, predictions.labels)),
        )

    @property
    def ece(self) -> float:
        """Expected calibration error: Σ n_b / N · |accuracy_b − confidence_b|, over the bins."""
        return sum(self.share(each) * abs(each.gap) for each in self.bins)

    def share(self, of: Bin) -> float:
        """The bin's part of all images."""
        return of.images / self.images

    def sentence(self) -> str:
        """Over- or under-confident, in words."""
        sure, right = f"{100 * self.confidence:.1f} %", f"{100 * self.accuracy:.1f} %"
        gap = self.confidence - self.accuracy
        if abs(gap) < EVEN:
            return f"On average as sure as it should be: {sure} sure, and right for {right} of the images."
        way = "Over-confident" if gap > 0 else "Under-confident"
        return f"{way} by {100 * abs(gap):.1f} points: on average {sure} sure, but right for {right} of the images."


LOWEST, HIGHEST = 0.05, 20.0  # temperatures between which the best is looked for


@dataclass(frozen=True)
class Temperature:
    """The temperature with the lowest loss on the images that it was fitted on."""

    value: float
    images: int
    loss_before: float  # mean cross-entropy with temperature 1, nats
    loss_after: float

    @property
    def at_its_end(self) -> bool:
        """Whether the best lies beyond LOWEST or HIGHEST, as when every image is recognised."""
        return self.value in (LOWEST, HIGHEST)


def fit_temperature(predictions: Predictions) -> Temperature:
    """The T > 0 for which softmax(logits / T) has the lowest mean cross-entropy; in float64.

    In β = 1 / T the loss is convex, with the slope mean(Σ_k p_k z_k − z_true), which grows with β; where it is 0
    is found by halving an interval. Raises ValueError as `Calibration.of`. Source: Guo et al., 2017.
    """
    _refuse_unusable(predictions)
    logits, labels = predictions.logits.double(), predictions.labels
    true = logits.gather(1, labels[:, None]).squeeze(1)  # (N,)

    def slope(beta: float) -> float:
        return float((((beta * logits).softmax(dim=1) * logits).sum(dim=1) - true).mean())

    low, high = 1 / HIGHEST, 1 / LOWEST
    if slope(low) >= 0:
        best = HIGHEST
    elif slope(high) <= 0:
        best = LOWEST
    else:
        for _ in range(60):  # each time half as wide: 20 · 2⁻⁶⁰ in the end
            middle = (low + high) / 2
            low, high = (low, middle) if slope(middle) > 0 else (middle, high)
        best = 2 / (low + high)
    before, after = (float(F.cross_entropy(logits / t, labels)) for t in (1.0, best))
    return Temperature(best, len(predictions), before, after)


def _refuse_unusable(predictions: Predictions) -> None:
    if not len(predictions):
        raise ValueError("There are no images to judge by.")
    if not predictions.finite:
        raise ValueError(
            "This network's outputs are not all numbers, so nothing can be said of how sure it is."
        )
