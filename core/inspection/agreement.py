"""Where two networks say the same about the same images, and where just one of them is right."""

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from core.inspection.confusion import ConfusionMatrix
from core.inspection.predictions import Predictions
from core.training.reports.words import percent


@dataclass(frozen=True, eq=False)
class Agreement:
    """Two networks on the same images, in the images' order."""

    first: Predictions
    second: Predictions

    @staticmethod
    def of(first: Predictions, second: Predictions) -> "Agreement":
        """Raises ValueError where the images are not the same, or the networks know different classes."""
        if len(first) != len(second) or not torch.equal(first.labels, second.labels):
            raise ValueError(
                "The two predictions are of different images; give those of the same test split."
            )
        if first.classes != second.classes:
            raise ValueError(
                f"One network tells {first.classes} classes apart, the other {second.classes}; "
                "give two networks for the same classes."
            )
        return Agreement(first, second)

    @cached_property
    def counts(self) -> Tensor:
        """int64 (K, K): how often each prediction of the first met each one of the second."""
        return ConfusionMatrix.of(Predictions(self.second.logits, self.first.predicted)).counts

    @property
    def equal(self) -> int:
        """Images for which both say the same class, right or wrong."""
        return int(self.counts.diagonal().sum())

    @property
    def share(self) -> float | None:
        """The share of equal predictions; None without images."""
        return self.equal / len(self.first) if len(self.first) else None

    @property
    def by_chance(self) -> float | None:
        """The share of equal predictions if both said each class as often as they do, but independently."""
        if not len(self.first):
            return None
        shares = self.counts.double() / len(self.first)
        return float((shares.sum(dim=1) * shares.sum(dim=0)).sum())

    @property
    def kappa(self) -> float | None:
        """Cohen's κ = (share − by chance) / (1 − by chance): 0 where they agree no more than by chance, 1 where
        always.

        None where it is undefined: both only ever say one same class. Source: J. Cohen, "A coefficient of
        agreement for nominal scales", 1960.
        """
        share, chance = self.share, self.by_chance
        if share is None or chance is None or chance == 1:
            return None
        return (share - chance) / (1 - chance)

    @property
    def both_right(self) -> int:
        """Images that both recognise."""
        return int((self.first.correct & self.second.correct).sum())

    @property
    def same_mistake(self) -> int:
        """Images that both take for the same wrong class."""
        return self.equal - self.both_right

    @property
    def other_mistakes(self) -> int:
        """Images that both get wrong, each in its own way."""
        return int((~self.first.correct & ~self.second.correct).sum()) - self.same_mistake

    def first_alone(self) -> Tensor:
        """int64 (n,): images that only the first recognises, the surest mistake of the second first."""
        return _alone(self.first, self.second)

    def second_alone(self) -> Tensor:
        """int64 (n,): images that only the second recognises, the surest mistake of the first first."""
        return _alone(self.second, self.first)

    def sentence(self) -> str:
        """The agreement in words, with its numbers."""
        share, chance, kappa = self.share, self.by_chance, self.kappa
        if share is None or chance is None:
            return "There are no images to judge by."
        said = (
            f"Both say the same for {self.equal:,} of {len(self.first):,} images ({percent(share)}): "
            f"the right class for {self.both_right:,}, the same wrong one for {self.same_mistake:,}. Another "
            f"{self.other_mistakes:,} they get wrong in different ways. "
        )
        if kappa is None:
            return said + "Cohen's κ is undefined here, since both only ever say one class."
        return said + (
            f"Two that answered independently, each class as often as these do, would agree on {percent(chance)}. "
            f"Cohen's κ says how much of the way from there to full agreement they go: "
            f"κ = ({share:.3f} − {chance:.3f}) / (1 − {chance:.3f}) = {kappa:.2f}".replace("-", "−")
            + "."
        )


def _alone(right: Predictions, wrong: Predictions) -> Tensor:
    members = (right.correct & ~wrong.correct).nonzero().flatten()
    return members[wrong.losses[members].argsort(descending=True, stable=True)]
