"""Lists of images worth looking at, each by its own rule."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from core.inspection.mislabelled import likely_mislabelled
from core.inspection.predictions import Predictions


@dataclass(frozen=True)
class ImageList:
    """A rule that chooses and orders images."""

    name: str
    meaning: str  # one sentence for the page
    choose: Callable[[Predictions], Tensor]  # → int64 (n,), indices of images in the order to show


def _misclassified(predictions: Predictions) -> Tensor:
    return (~predictions.correct).nonzero().flatten()


def _top_losses(predictions: Predictions) -> Tensor:
    return predictions.losses.argsort(descending=True, stable=True)


def _surest_mistakes(predictions: Predictions) -> Tensor:
    wrong = _misclassified(predictions)
    return wrong[predictions.confidence[wrong].argsort(descending=True, stable=True)]


def _least_sure(predictions: Predictions) -> Tensor:
    return predictions.confidence.argsort(stable=True)


LISTS = {
    "misclassified": ImageList(
        "Misclassified",
        "Every image whose predicted class is not the true one, in the order of the test split.",
        _misclassified,
    ),
    "top-losses": ImageList(
        "Top losses",
        "All images by their loss −ln p(true class), the highest first, whether the prediction is right or "
        "wrong.",
        _top_losses,
    ),
    "surest-mistakes": ImageList(
        "Surest mistakes",
        "The misclassified images by the probability of the wrong class, the highest first.",
        _surest_mistakes,
    ),
    "least-sure": ImageList(
        "Least sure",
        "All images by the probability of the predicted class, the lowest first: the network hesitates here.",
        _least_sure,
    ),
    "likely-mislabelled": ImageList(
        "Likely mislabelled",
        "Images that confidently belong to another class than their label says (confident learning, Northcutt et al. "
        "2021): the other class reaches the mean probability that it has on its own images. The label's probability "
        "minus the largest other one orders them. The label may be wrong; often the network is.",
        likely_mislabelled,
    ),
}


@dataclass(frozen=True)
class Filter:
    """Which images of a list are shown; None and the ends of the range leave nothing out."""

    true: int | None = None  # class index
    predicted: int | None = None  # class index
    low: float = 0.0  # of the confidence, 0–1, the ends included
    high: float = 1.0

    def keep(self, predictions: Predictions, images: Tensor) -> Tensor:
        """Those of `images` that pass, in their order: int64 (n,) → int64 (m,)."""
        kept = torch.ones(len(images), dtype=torch.bool)
        if self.true is not None:
            kept &= predictions.labels[images] == self.true
        if self.predicted is not None:
            kept &= predictions.predicted[images] == self.predicted
        confidence = predictions.confidence[images]
        if self.low > 0:
            kept &= confidence >= self.low
        if self.high < 1:
            kept &= confidence <= self.high
        return images[kept]
