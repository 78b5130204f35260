"""How the random numbers of an augmentation are drawn, for all images of an epoch at once."""

import math

import numpy as np
from numpy.random import Generator

from core.data.augmentation.kind import Draw, Numbers

WIDEST = 10 / 3  # an erased rectangle is at most so many times as wide as high, or as high as wide


def uniform(columns: int) -> Draw:
    """So many numbers an image, each from low to high."""

    def draw(random: Generator, images: int, low: float, high: float) -> Numbers:
        return low + (high - low) * random.random((images, columns))

    return draw


def whole(columns: int) -> Draw:
    """So many whole numbers an image, each from low to high, both included."""

    def draw(random: Generator, images: int, low: float, high: float) -> Numbers:
        return np.floor(low + (high - low + 1) * random.random((images, columns)))

    return draw


def always(_random: Generator, images: int, _low: float, _high: float) -> Numbers:
    """One: there is only one way to do it."""
    return np.ones((images, 1))


def rectangle(random: Generator, images: int, low: float, high: float) -> Numbers:
    """Four numbers an image: area (from low to high), height / width, and the place down and across (0–1).

    Height / width is as likely to be r as 1 / r. Source: Zhong et al., Random Erasing Data Augmentation, 2017.
    """
    numbers = random.random((images, 4))
    numbers[:, 0] = low + (high - low) * numbers[:, 0]
    numbers[:, 1] = np.exp((2 * numbers[:, 1] - 1) * math.log(WIDEST))
    return numbers


def weight(random: Generator, images: int, low: float, high: float) -> Numbers:
    """λ ~ Beta(α, α) an image, with α from low to high. Source: Zhang et al., mixup, 2018."""
    alpha = low + (high - low) * random.random((images, 1))
    return random.beta(alpha, alpha)
