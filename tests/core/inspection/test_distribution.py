"""Distributions against numpy, in float64, on tensors with zeros, offsets and extreme sizes."""

import math

import numpy as np
import pytest
import torch

from core.inspection.distribution import (
    BINS_A_DECADE,
    DECADES,
    MOST_VALUES,
    REACH,
    SIZE_BINS,
    VALUE_BINS,
    Distribution,
)


def numbers(scale: float = 1.0, offset: float = 0.0) -> torch.Tensor:
    """(12, 3, 4, 5), a fifth of it zeros."""
    generator = torch.Generator().manual_seed(0)
    values = torch.randn(12, 3, 4, 5, generator=generator) * scale + offset
    return values * (torch.rand(values.shape, generator=generator) > 0.2)


@pytest.mark.parametrize("scale", [1e-25, 1e-3, 1.0, 1e20])
@pytest.mark.parametrize("offset", [0.0, 2.0])
def test_moments_agree_with_numpy(scale: float, offset: float) -> None:
    tensor = numbers(scale, offset * scale)
    found = Distribution.of(tensor)
    flat = tensor.double().numpy().reshape(12, -1)
    assert found.finite
    assert found.mean == pytest.approx(flat.mean(), rel=1e-9)
    assert found.std == pytest.approx(flat.std(), rel=1e-9)
    assert found.between == pytest.approx(math.sqrt(flat.var(axis=0).mean()), rel=1e-9)
    assert found.length == pytest.approx(math.sqrt((flat**2).sum(axis=1).mean()), rel=1e-9)
    assert found.zeros == pytest.approx((flat == 0).mean())


def test_what_is_the_same_for_all_images_is_no_signal() -> None:
    tensor = torch.randn(1, 50, generator=torch.Generator().manual_seed(0)).repeat(8, 1)
    found = Distribution.of(tensor)
    assert found.std > 0.5
    assert found.between == pytest.approx(0, abs=1e-7)


def test_histograms_agree_with_numpy() -> None:
    tensor = numbers(3.0)
    found = Distribution.of(tensor, unit=2.0)
    flat = tensor.numpy().flatten()
    sizes, _ = np.histogram(np.log10(np.abs(flat[flat != 0])), SIZE_BINS, DECADES)
    values, _ = np.histogram(np.clip(flat / 2, -REACH, REACH), VALUE_BINS, (-REACH, REACH))
    assert found.sizes == tuple(sizes)
    assert found.values == tuple(values)
    assert sum(found.values) == flat.size
    assert sum(found.sizes) == (flat != 0).sum()


def test_the_bin_of_a_size_can_be_found_by_hand() -> None:
    found = Distribution.of(torch.full((2, 1), 0.02))  # log₁₀ 0.02 = −1.70: 28.3 decades above the lowest
    (place,) = (place for place, count in enumerate(found.sizes) if count)
    assert place == int(28.3 * BINS_A_DECADE)
    assert found.sizes[place] == 2


def test_sizes_beyond_the_bins_count_in_the_outermost() -> None:
    found = Distribution.of(torch.tensor([[1e-38], [1e38]]))
    assert (found.sizes[0], found.sizes[-1], sum(found.sizes)) == (1, 1, 2)


def test_large_tensors_are_counted_by_their_first_images() -> None:
    per_image = MOST_VALUES // 4
    tensor = torch.arange(1, 7.0)[:, None].expand(6, per_image)
    found = Distribution.of(tensor)
    assert sum(found.values) == 4 * per_image
    assert found.mean == pytest.approx(3.5)  # of all six


@pytest.mark.parametrize("wrong", [math.inf, math.nan])
def test_numbers_that_are_none_are_said_to_be_so(wrong: float) -> None:
    found = Distribution.of(torch.tensor([[1.0], [wrong]]))
    assert not found.finite
    assert math.isnan(found.std)
    assert not found.sizes and not found.values


def test_nothing_but_zeros() -> None:
    found = Distribution.of(torch.zeros(4, 3))
    assert (found.mean, found.std, found.between, found.length, found.zeros) == (0, 0, 0, 0, 1)
    assert sum(found.sizes) == 0
