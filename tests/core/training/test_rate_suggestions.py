"""The steepest and the valley point of a range test: by hand, by brute force, and as Lightning finds it."""

import itertools
import math
import random
from collections.abc import Sequence

import numpy as np
import pytest

from core.training.rate_finder import RATES
from core.training.rate_suggestions import RangeTest, Trial, steepest, valley, written


def trials(losses: Sequence[float]) -> list[Trial]:
    """Already smooth."""
    return [Trial(rate, loss, loss) for rate, loss in zip(RATES, losses, strict=False)]


def dip(centre: float) -> list[float]:
    """From 2.3 smoothly down to 1.3, steepest at log₁₀ rate = centre, and up again at last."""
    exponents = np.log10(RATES)
    return list(2.3 - 1 / (1 + np.exp(-3 * (exponents - centre))) + np.exp(4 * (exponents - 0.7)))


def test_the_steepest_point_by_hand() -> None:
    # slopes over ln(rate), which grows by ln 10 each: the largest central fall is (9 − 3) / (2 ln 10)
    position, slope = steepest([0.01, 0.1, 1.0, 10.0, 100.0], [10.0, 9.0, 5.0, 3.0, 2.9])
    assert position == 2 and slope == pytest.approx(-6 / (2 * math.log(10)))


@pytest.mark.parametrize("centre", [-4.0, -2.5, -1.0])
def test_the_steepest_point_of_a_known_curve(centre: float) -> None:
    """A logistic curve falls fastest in its centre: half of its height × its sharpness in tenfold rates."""
    found = RangeTest.of(trials(dip(centre))).steepest
    assert found.rate and math.log10(found.rate) == pytest.approx(centre, abs=0.05)  # rates are 0.08 apart
    assert found.sentence.startswith(
        f"The smoothed loss falls fastest at {written(found.rate)}: there by 0.7"
    )
    assert found.loss == pytest.approx(1.8, abs=0.05)


@pytest.mark.parametrize("seed", range(5))
def test_lightning_suggests_the_same_where_its_axis_is_the_logarithm(seed: int) -> None:
    from lightning.pytorch.tuner.lr_finder import _LRFinder  # seconds

    noise = np.random.default_rng(seed).normal(0, 0.02, len(RATES))
    losses = list(np.array(dip(-2 - seed / 3)) + noise)
    theirs = _LRFinder("exponential", RATES[0], RATES[-1], len(RATES))
    theirs.results = {"lr": list(np.log(RATES)), "loss": losses}
    suggested = theirs.suggestion(skip_begin=10, skip_end=5)
    ours = RangeTest.of(trials(losses)).steepest.rate
    assert suggested is not None and ours == pytest.approx(math.exp(suggested))


def test_the_valley_by_hand() -> None:
    # 6, 4, 3, 2, 1 or with 5 or 3.5 instead: five long, up to position 6; 6 − 5 + ⌊5/3⌋ + ⌊5/6⌋ = 2
    assert valley([5, 6, 4, 3, 3.5, 2, 1, 2, 3]) == (2, 5)
    # 20 and then 19 … 8: thirteen long, up to position 14; 14 − 13 + 4 + 2 = 7
    assert valley([20, 20, 20, *range(19, 7, -1), 30]) == (7, 13)
    assert valley([3, 2, 1]) == (0, 3)
    assert valley([1, 2, 3]) == (0, 1)


@pytest.mark.parametrize("seed", range(20))
def test_the_longest_fall_is_the_longest_of_all(seed: int) -> None:
    chance = random.Random(seed)
    losses = [chance.randrange(12) for _ in range(11)]

    def falls(count: int) -> bool:
        chosen = itertools.combinations(losses, count)
        return any(all(a > b for a, b in itertools.pairwise(some)) for some in chosen)

    longest = max(count for count in range(1, 12) if falls(count))
    assert valley(losses)[1] == longest


def test_the_valley_of_a_known_curve_is_on_its_way_down() -> None:
    losses = dip(-2.5)
    found = RangeTest.of(trials(losses)).valley
    bottom = RATES[losses.index(min(losses))]
    assert found.rate and RATES[10] < found.rate < bottom
    assert written(found.rate) in found.sentence


@pytest.mark.parametrize(
    ("losses", "sentence"),
    [
        ([2.3] * 100, "never fell by more than 0,"),
        ([2.3 + 0.01 * math.sin(i) for i in range(100)], "2 % of the 2.29"),
        ([2.3 + 0.1 * i for i in range(60)], "No rate stands out"),
        ([2.3, 2.2, 40.0], "ran away after 3 of 100 steps, at a rate of 1.5e-7"),
        ([], "at the very first step"),
    ],
)
def test_where_nothing_is_to_be_suggested_a_sentence_says_so(losses: list[float], sentence: str) -> None:
    found = RangeTest.of(trials(losses))
    assert found.steepest.rate is None and found.valley.rate is None
    assert sentence in found.steepest.sentence and found.steepest == found.valley


@pytest.mark.parametrize(
    ("rate", "text"), [(0.00234, "0.0023"), (1.46e-5, "1.5e-5"), (3e-7, "3e-7"), (1.0, "1"), (9.99, "10")]
)
def test_rates_are_written_as_people_write_them(rate: float, text: str) -> None:
    assert written(rate) == text
