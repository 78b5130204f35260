"""Runs that differ only in their seed: how far they spread, and whether two settings differ by more than that."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

import numpy as np

from core.training.reports.settings import apart_from_seed
from core.training.reports.words import chance, listed, percent, points, verdict
from core.training.runs.records import Run

FEW = 3  # seeds, below which a spread is hardly known


@dataclass(frozen=True)
class SeedGroup:
    """Runs with equal settings and different seeds."""

    runs: tuple[Run, ...]
    split: str  # that the accuracies are of: validation | test
    accuracies: tuple[float, ...]  # 0–1, one for each run

    @property
    def mean(self) -> float:
        """The arithmetic mean."""
        return fmean(self.accuracies)

    @property
    def deviation(self) -> float | None:
        """The sample standard deviation (n − 1); None for a single run."""
        return stdev(self.accuracies) if len(self.accuracies) > 1 else None

    @property
    def name(self) -> str:
        """`run 1`, or `runs 1, 4 and 7`."""
        numbers = listed([str(run.number) for run in self.runs])
        return f"run{'s' if len(self.runs) > 1 else ''} {numbers}"

    def sentence(self) -> str:
        """Mean, spread and number of runs in words."""
        name = self.name[0].upper() + self.name[1:]
        if self.deviation is None:
            return (
                f"{name}: {percent(self.mean)} of the {self.split} split, from one seed: no spread is known."
            )
        seeds = listed([str(run.request.config.seed) for run in self.runs])
        return (
            f"{name} differ only in the seed ({seeds}): {100 * self.mean:.1f} ± {100 * self.deviation:.1f} % "
            f"of the {self.split} split (mean ± standard deviation of {len(self.runs)} runs)."
        )


@dataclass(frozen=True)
class WelchTest:
    """Whether two means differ by more than their samples' spread explains."""

    t: float  # the difference of the means over its standard error
    freedom: float  # degrees, by Welch and Satterthwaite
    probability: float  # of a |t| at least so large, were both means equal


def seed_groups(runs: Sequence[Run]) -> list[SeedGroup]:
    """`runs` by their settings, in the order of each group's first run.

    The accuracies are of the test split where all runs have one, else the last ones of the validation split;
    runs without either are left out.
    """
    split = "test" if all(run.test_accuracy is not None for run in runs) else "validation"
    grouped: dict[object, list[tuple[Run, float]]] = {}
    for run in runs:
        accuracy = run.test_accuracy if split == "test" else run.validation_accuracy
        if accuracy is not None:
            grouped.setdefault(apart_from_seed(run.request), []).append((run, accuracy))
    return [
        SeedGroup(tuple(run for run, _ in group), split, tuple(accuracy for _, accuracy in group))
        for group in grouped.values()
    ]


def welch(first: Sequence[float], second: Sequence[float]) -> WelchTest | None:
    """Welch's t-test for two samples of at least two numbers each; None where neither has any spread.

    Source: B. L. Welch, "The generalization of 'Student's' problem when several different population
    variances are involved", 1947.
    """
    errors = [stdev(sample) ** 2 / len(sample) for sample in (first, second)]  # squared, of each mean
    if sum(errors) == 0:
        return None
    t = (fmean(second) - fmean(first)) / math.sqrt(sum(errors))
    freedom = sum(errors) ** 2 / sum(
        error**2 / (len(sample) - 1) for error, sample in zip(errors, (first, second), strict=True)
    )
    return WelchTest(t, freedom, student_tails(t, freedom))


def student_tails(t: float, freedom: float) -> float:
    """P(|T| ≥ |t|) of Student's distribution.

    With T = √ν tan θ the density becomes cos^(ν−1) θ / B(ν/2, 1/2) on (−π/2, π/2), which has no infinite ends;
    ν ≥ 1, as it is in Welch's test. With θ = π/2 − u², which is smooth at the end, too, Gauss's rule integrates it.
    """
    nodes, weights = np.polynomial.legendre.leggauss(64)
    end = math.sqrt(math.pi / 2 - math.atan(abs(t) / math.sqrt(freedom)))
    u = end * (nodes + 1) / 2
    tail = end / 2 * float(np.sum(weights * 2 * u * np.sin(u**2) ** (freedom - 1)))
    beta = math.lgamma(freedom / 2) + math.lgamma(0.5) - math.lgamma((freedom + 1) / 2)
    return min(1.0, 2 * tail / math.exp(beta))


def compare_groups(first: SeedGroup, second: SeedGroup) -> str:
    """Whether the second group's mean is better by more than the spread over seeds explains, in words."""
    gain = points(second.mean - first.mean)
    said = (
        f"On average {second.name} against {first.name}: {gain} of {first.split} accuracy "
        f"({percent(second.mean)} against {percent(first.mean)})"
    )
    if first.deviation is None or second.deviation is None:
        return f"{said}. Train each with at least two seeds to see whether that is more than their spread."
    found = welch(first.accuracies, second.accuracies)
    if found is None:
        return f"{said}. Neither has any spread over its seeds."
    judged = (
        f"{said}. With spreads of {100 * first.deviation:.2f} and {100 * second.deviation:.2f} points, equally "
        f"good settings would differ at least this much in {chance(found.probability)} of such comparisons "
        f"(Welch's t-test): {verdict(found.probability)}."
    )
    if min(len(first.runs), len(second.runs)) < FEW:
        judged += " Two seeds tell little of a spread: take it as a hint."
    return judged
