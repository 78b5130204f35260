"""Lists of images worth looking at, each by its own rule."""

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

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
}
