"""Edits against what they do by hand to a few pixels."""

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter

from core.inspection.edits import EDITS, background, edited


def image(*rows: list[int]) -> torch.Tensor:
    return torch.tensor([list(rows)], dtype=torch.uint8)


def test_nothing_changes_where_nothing_is_asked() -> None:
    some = torch.randint(0, 256, (3, 9, 7), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))
    assert torch.equal(edited(some, {}), some)
    assert torch.equal(edited(some, dict.fromkeys(EDITS, 0.0)), some)


def test_a_shift_moves_whole_pixels_and_brings_in_the_background() -> None:
    before = image([5, 5, 5, 5], [5, 1, 2, 5], [5, 3, 4, 5], [5, 5, 5, 5])
    assert edited(before, {"right": 1}).tolist() == [[[5, 5, 5, 5], [5, 5, 1, 2], [5, 5, 3, 4], [5, 5, 5, 5]]]
    assert edited(before, {"right": -2, "down": 1}).tolist() == [
        [[5, 5, 5, 5], [5, 5, 5, 5], [2, 5, 5, 5], [4, 5, 5, 5]]
    ]
    assert (edited(before, {"down": 14}) == 5).all()  # out of the picture


def test_a_quarter_turn_is_counter_clockwise() -> None:
    before = image([1, 2, 3], [4, 5, 6], [7, 8, 9])
    assert torch.equal(edited(before, {"rotate": 90}), before.rot90(1, (1, 2)))


def test_blur_agrees_with_scipy_where_the_rim_is_far() -> None:
    before = torch.zeros(1, 41, 41, dtype=torch.uint8)
    before[0, 18:23, 17:24] = 255
    blurred = edited(before, {"blur": 2.0})[0]
    truth = gaussian_filter(before[0].numpy().astype(float), 2.0, truncate=3.0)
    assert np.abs(blurred.numpy() - truth).max() <= 0.51  # rounding to whole levels


def test_blur_reaches_no_further_than_a_small_image() -> None:
    assert edited(torch.full((1, 8, 8), 9, dtype=torch.uint8), {"blur": 4.0}).unique().tolist() == [9]


def test_noise_has_the_deviation_that_was_asked_for_and_is_the_same_each_time() -> None:
    grey = torch.full((1, 200, 200), 128, dtype=torch.uint8)
    noisy = edited(grey, {"noise": 20.0})
    assert torch.equal(noisy, edited(grey, {"noise": 20.0}))
    assert float(noisy.float().std()) == pytest.approx(20, rel=0.03)
    assert float(noisy.float().mean()) == pytest.approx(128, abs=0.5)


def test_amounts_beyond_their_bounds_are_brought_to_them() -> None:
    some = torch.randint(0, 256, (1, 28, 28), dtype=torch.uint8)
    assert torch.equal(edited(some, {"blur": 1e9}), edited(some, {"blur": 4.0}))
    assert torch.equal(edited(some, {"rotate": -1e9}), edited(some, {"rotate": -180.0}))


def test_the_background_is_the_median_of_the_rim() -> None:
    assert background(image([1, 2, 9], [2, 200, 9], [2, 2, 2])).tolist() == [[[2.0]]]
