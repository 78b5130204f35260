"""What a kind of augmentation is: what a person chooses of it, and how its random numbers are drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from numpy import float64
from numpy.random import Generator
from numpy.typing import NDArray

Numbers: TypeAlias = NDArray[float64]  # (N, k): k random numbers for each of N images

# (random numbers, images N, low, high) → Numbers
Draw: TypeAlias = Callable[[Generator, int, float, float], Numbers]


@dataclass(frozen=True)
class Range:
    """From where to where the random number of an image may lie; each of them is as likely as another."""

    meaning: str  # what the number is, as a noun
    unit: str  # written right behind the number; "" for none
    lowest: float  # that may be chosen
    highest: float
    low: float  # chosen at first
    high: float
    step: float  # of a slider
    whole: bool = False  # only whole numbers


@dataclass(frozen=True)
class Kind:
    """One way to change the training images."""

    label: str
    explanation: str  # one sentence: what it does to an image, and what the network may learn from that
    probability: float  # chosen at first; of each image anew
    range: Range | None  # None where there is nothing to choose but the probability
    draw: Draw  # the random numbers of each image
    neutral: float  # in all the numbers of an image that stays as it is
