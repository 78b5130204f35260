"""Whether two networks differ by more than chance on the same images: McNemar's test."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from core.inspection.predictions import Predictions
from core.training.reports.words import chance, verdict


@dataclass(frozen=True)
class McNemar:
    """The images on which just one of two networks is right; the others say nothing on which is better."""

    first_alone: int  # images that the first network recognises and the second does not
    second_alone: int

    @property
    def probability(self) -> float:
        """Of a difference at least so large, were both equally good: exact, two-sided.

        Each of the n images would then go to either with probability ½, so it is twice the binomial
        distribution's tail Σ C(n, k) / 2ⁿ over k up to the smaller count, at most 1. Source: Q. McNemar, "Note on
        the sampling error of the difference between correlated proportions or percentages", 1947.
        """
        return _two_sided(min(self.first_alone, self.second_alone), self.first_alone + self.second_alone)

    def sentence(self, first: str, second: str) -> str:
        """The test in words; `first` and `second` name the networks, as in `run 1`."""
        if not self.first_alone and not self.second_alone:
            return f"{_start(second)} and {first} are right on the same test images."
        return (
            f"{_start(second)} is right on {_images(self.second_alone)} where {first} is wrong, {first} on "
            f"{self.first_alone:,} where {second} is wrong. If both were equally good, a difference at least this "
            f"large would come up in {chance(self.probability)} of such comparisons: {verdict(self.probability)}."
        )


def mcnemar(first: Predictions, second: Predictions) -> McNemar:
    """Compare two networks on the same images; raises ValueError where the images are not the same."""
    if len(first) != len(second) or not bool((first.labels == second.labels).all()):
        raise ValueError("The two predictions are of different images; give those of the same test split.")
    return McNemar(int((first.correct & ~second.correct).sum()), int((second.correct & ~first.correct).sum()))


@lru_cache(maxsize=1024)
def _two_sided(smaller: int, trials: int) -> float:
    ways, total = 1, 0  # C(n, k), and their sum, in whole numbers: exact however many images there are
    for k in range(smaller + 1):
        total += ways
        ways = ways * (trials - k) // (k + 1)
    return min(1.0, 2 * total / 2**trials)


def _images(count: int) -> str:
    return f"{count:,} image{'' if count == 1 else 's'}"


def _start(name: str) -> str:
    return name[0].upper() + name[1:]
