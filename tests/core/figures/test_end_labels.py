"""Labels at the ends of curves: none on another, none moved further than needed."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.optimize import minimize

from core.figures.end_labels import APART, BESIDE, heights, spread


def test_what_is_far_apart_stays() -> None:
    values = np.array([3.0, 1.0, 2.0])
    assert spread(values, 1.0).tolist() == [3.0, 1.0, 2.0]
    assert spread(np.empty(0), 1.0).tolist() == []


def test_two_that_are_too_close_give_way_by_the_same() -> None:
    assert spread(np.array([5.0, 5.0]), 2.0).tolist() == [4.0, 6.0]
    assert spread(np.array([5.5, 5.0, 9.0]), 2.5).tolist() == [6.5, 4.0, 9.0]


@pytest.mark.parametrize("seed", range(5))
def test_nothing_else_is_closer(seed: int) -> None:
    """Against a general solver of such problems."""
    values = np.random.default_rng(seed).uniform(0, 5, 7)
    order = np.argsort(values)
    placed = spread(values, 1.0)
    assert all(np.diff(placed[order]) >= 1.0 - 1e-9)
    bounds = [
        {"type": "ineq", "fun": lambda y, low=low, high=high: y[high] - y[low] - 1.0}
        for low, high in pairwise(order)
    ]
    begin = np.empty(7)
    begin[order] = np.arange(7.0)
    best = minimize(lambda y: ((y - values) ** 2).sum(), begin, constraints=bounds)
    assert best.success
    np.testing.assert_allclose(placed, best.x, atol=1e-4)
    within = minimize(
        lambda y: ((y - values) ** 2).sum(), begin, constraints=bounds, bounds=[(-0.5, 6.2)] * 7
    )
    assert within.success
    np.testing.assert_allclose(spread(values, 1.0, -0.5, 6.2), within.x, atol=1e-4)


def test_without_room_they_begin_below() -> None:
    assert spread(np.array([1.0, 1.0, 1.0]), 1.0, 0.5, 2.0).tolist() == [0.5, 1.5, 2.5]


def test_only_ends_side_by_side_give_way() -> None:
    x, y = np.array([10.0, 4.0, 10.0 - 9 * BESIDE]), np.array([1.0, 1.0, 1.0])
    placed = heights(x, y, width=10.0, low=0.0, high=2.0)
    assert placed[1] == 1.0
    assert abs(placed[0] - placed[2]) == pytest.approx(2.0 * APART)
    assert y.tolist() == [1.0, 1.0, 1.0]
