"""The confusion matrix: rows are true classes, columns predicted ones."""

from dataclasses import dataclass

import torch
from torch import Tensor

from core.inspection.predictions import Predictions

NORMALISATIONS = {  # how a count becomes a share → the axis that it is summed over
    "counts": None,
    "row": 1,  # share of the true class: the diagonal is recall
    "column": 0,  # share of the predicted class: the diagonal is precision
}


@dataclass(frozen=True)
class ConfusedPair:
    """One kind of mistake."""

    true: int  # class index
    predicted: int  # class index, not `true`
    count: int  # images of class `true` that the network takes for `predicted`
    support: int  # all images of class `true`

    def sentence(self, classes: tuple[str, ...]) -> str:
        """The mistake in words, with its numbers."""
        share = 100 * self.count / self.support
        return (
            f"{classes[self.true]} taken for {classes[self.predicted]}: "
            f"{self.count:,} of {self.support:,} ({share:.1f} %)"
        )


@dataclass(frozen=True, eq=False)
class ConfusionMatrix:
    """How often each true class got each prediction."""

    counts: Tensor  # int64 (K, K), [true, predicted]

    @staticmethod
    def of(predictions: Predictions) -> "ConfusionMatrix":
        """Count the pairs (true, predicted); the sum of all cells is the number of images."""
        k = predictions.classes
        pairs = predictions.labels * k + predictions.predicted  # (N,), one number for each cell
        return ConfusionMatrix(torch.bincount(pairs, minlength=k * k).reshape(k, k))

    def normalised(self, over: str) -> Tensor:
        """float64 (K, K): counts, or shares of a row or a column; NaN where a row or column is empty.

        Raises KeyError for an `over` that is not in NORMALISATIONS.
        """
        axis = NORMALISATIONS[over]
        counts = self.counts.double()
        return counts if axis is None else counts / counts.sum(dim=axis, keepdim=True)

    def most_confused(self, limit: int = 5) -> tuple[ConfusedPair, ...]:
        """The most frequent mistakes, the largest count first (on a tie in the matrix's reading order)."""
        support = self.counts.sum(dim=1)
        mistakes = self.counts.clone().fill_diagonal_(0).flatten()
        order = mistakes.argsort(descending=True, stable=True)[:limit]
        k = len(self.counts)
        return tuple(
            ConfusedPair(cell // k, cell % k, int(mistakes[cell]), int(support[cell // k]))
            for cell in order.tolist()
            if mistakes[cell] > 0
        )


def cell_images(predictions: Predictions, true: int, predicted: int) -> Tensor:
    """int64 (n,): the images of one cell of the matrix, the highest loss first."""
    members = ((predictions.labels == true) & (predictions.predicted == predicted)).nonzero().flatten()
    return members[predictions.losses[members].argsort(descending=True, stable=True)]
