"""Where labels at the ends of curves stand, so that none covers another."""

import numpy as np
from scipy.optimize import isotonic_regression

BESIDE = 0.05  # of a chart's width: curves that end so close have labels above each other
APART = 0.09  # of its height, from one of these labels to the next; so twelve of them fill it


def heights(x: np.ndarray, y: np.ndarray, width: float, low: float, high: float) -> np.ndarray:
    """The y of the labels of curves ending at (`x`, `y`), (n,), on a chart so wide, with y from `low` to `high`."""
    placed = y.astype(float)
    order = np.argsort(x, kind="stable")
    far = np.diff(x[order]) > BESIDE * width
    for group in np.split(order, np.flatnonzero(far) + 1):
        placed[group] = spread(placed[group], APART * (high - low), low, high)
    return placed


def spread(values: np.ndarray, apart: float, low: float = -np.inf, high: float = np.inf) -> np.ndarray:
    """The numbers next to `values` (n,), by least squares, that keep their order and are `apart` at least.

    All are within `low` and `high`, as far as there is room for so many.
    """
    order = np.argsort(values, kind="stable")
    steps = apart * np.arange(len(values))
    placed = np.empty(len(values))
    if len(values):
        rising = isotonic_regression(values[order] - steps).x
        placed[order] = np.clip(rising, low, max(low, high - steps[-1])) + steps
    return placed
