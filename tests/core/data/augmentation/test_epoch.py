"""The random numbers of an epoch: how often, how far, from what they follow; and the stages together."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from core.data.augmentation import geometry, mixing, pixels
from core.data.augmentation.epoch import STAGES, EpochAugmentation, draw
from core.data.augmentation.plan import Augmentation
from core.data.augmentation.table import AUGMENTATIONS

EVERYTHING = tuple(Augmentation.usual(kind) for kind in AUGMENTATIONS)
MANY = 40_000


def noise(count: int, channels: int = 3) -> Tensor:
    return torch.rand(count, channels, 10, 8, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("kind", AUGMENTATIONS)
@pytest.mark.parametrize("probability", [0.0, 0.3, 1.0])
def test_as_many_images_are_changed_as_the_probability_says(kind: str, probability: float) -> None:
    """Within four standard deviations of the binomial distribution."""
    each = (
        Augmentation("mixup", 1.0, 2, 2) if kind == "mixup" else Augmentation.usual(kind)
    )  # λ is then never 1
    numbers = draw(replace(each, probability=probability), MANY, seed=1, epoch=2)
    changed = (numbers != AUGMENTATIONS[kind].neutral).any(axis=1).mean()
    same_by_chance = 1 / 81 if kind == "crop" else 0.0  # one of nine by nine windows is the image itself
    expected = probability * (1 - same_by_chance)
    assert changed == pytest.approx(
        expected, abs=4 * np.sqrt(0.25 / MANY) * (0 < probability < 1 or kind == "crop")
    )


@pytest.mark.parametrize("kind", ["rotation", "zoom", "shift", "brightness", "contrast"])
def test_a_range_is_filled_evenly(kind: str) -> None:
    """Mean and variance of the uniform distribution, (low + high) / 2 and (high − low)² / 12."""
    each = Augmentation.usual(kind)
    numbers = draw(each, MANY, 0, 0)
    width = each.high - each.low
    assert each.low <= numbers.min() < each.low + 0.01 * width
    assert each.high - 0.01 * width < numbers.max() <= each.high
    np.testing.assert_allclose(numbers.mean(axis=0), (each.low + each.high) / 2, atol=0.01 * width)
    np.testing.assert_allclose(numbers.var(axis=0), width**2 / 12, rtol=0.03)
    if numbers.shape[1] == 2:  # right and down know nothing of each other
        assert abs(np.corrcoef(numbers.T)[0, 1]) < 0.02


def test_every_window_is_equally_likely() -> None:
    numbers = draw(Augmentation("crop", 1.0, -1, 2), MANY, 0, 0)
    windows, counts = np.unique(numbers, axis=0, return_counts=True)
    assert windows.tolist() == [[y, x] for y in range(-1, 3) for x in range(-1, 3)]
    np.testing.assert_allclose(counts / MANY, 1 / 16, rtol=0.1)


def test_erased_areas_have_the_size_that_was_chosen_and_lie_everywhere() -> None:
    numbers = draw(Augmentation("erasing", 1.0, 0.1, 0.2), MANY, 0, 0)
    top, bottom, left, right = pixels.rectangles({"erasing": numbers}, 100, 100).T
    areas = (bottom - top) * (right - left) / 100**2
    assert areas.min() > 0.096 and areas.max() < 0.208  # a side of 17 pixels or more is rounded to whole ones
    assert areas.mean() == pytest.approx(0.15, abs=0.001)
    assert (top.min(), left.min(), bottom.max(), right.max()) == (0, 0, 100, 100)
    ratios = np.log((bottom - top) / (right - left))
    assert ratios.mean() == pytest.approx(0, abs=0.02)
    assert np.abs(ratios).max() == pytest.approx(np.log(10 / 3), abs=0.05)


@pytest.mark.parametrize("alpha", [0.2, 1.0, 2.0])
def test_mixup_weights_follow_the_beta_distribution(alpha: float) -> None:
    """Beta(α, α) has the mean 1/2 and the variance 1 / (4 (2α + 1))."""
    weights = draw(Augmentation("mixup", 1.0, alpha, alpha), MANY, 0, 0)
    assert weights.mean() == pytest.approx(0.5, abs=0.01)
    assert weights.var() == pytest.approx(1 / (4 * (2 * alpha + 1)), rel=0.03)


def test_numbers_follow_from_seed_epoch_and_kind() -> None:
    zoom = Augmentation.usual("zoom")
    first = draw(zoom, 50, 3, 4)
    np.testing.assert_array_equal(first, draw(zoom, 50, 3, 4))
    for seed, epoch in ((3, 5), (4, 4), (4, 3)):
        assert not np.isin(draw(zoom, 50, seed, epoch), first).any()
    unit = (first - zoom.low) / (zoom.high - zoom.low)
    assert abs(unit - (draw(Augmentation.usual("brightness"), 50, 3, 4) - 0.8) / 0.4).min() > 1e-6


def test_a_wider_range_stretches_the_same_numbers_and_a_higher_probability_adds_images() -> None:
    """So that a preview moves with the slider instead of jumping."""
    narrow, wide = (draw(Augmentation("rotation", 1.0, -end, end), 50, 0, 0) for end in (10, 20))
    np.testing.assert_allclose(2 * narrow, wide)
    few, more = (draw(Augmentation("rotation", p, -10, 10), 50, 0, 0) for p in (0.3, 0.6))
    assert 0 < (few != 0).sum() < (more != 0).sum()
    np.testing.assert_array_equal(few[few != 0], more[few != 0])


def test_each_kind_has_its_place_in_one_stage_and_in_the_order_of_the_table() -> None:
    assert [kind for stage in STAGES for kind in stage.kinds] == list(AUGMENTATIONS)


def test_all_together_are_one_after_the_other() -> None:
    """Each function in turn, with the numbers drawn by hand."""
    images, n = noise(12), 12
    numbers = {each.kind: draw(each, n, 7, 1) for each in EVERYTHING}
    expected = pixels.crop(images, torch.from_numpy(numbers["crop"]).long())
    expected = pixels.flip(expected, torch.from_numpy(numbers["flip"]).bool())
    expected = geometry.sample(expected, torch.from_numpy(geometry.affine_maps(numbers, 10, 8)).float())
    expected = pixels.brighten(expected, torch.from_numpy(numbers["brightness"]).float())
    expected = pixels.spread(expected, torch.from_numpy(numbers["contrast"]).float())
    expected = pixels.erase(expected, torch.from_numpy(pixels.rectangles(numbers, 10, 8)))
    weights = torch.from_numpy(numbers["mixup"]).float()
    first = torch.arange(n + 1) % n  # behind the last image comes the first
    expected = mixing.mix(expected[first], weights[first])
    epoch = EpochAugmentation(EVERYTHING[::-1], n, (10, 8), 7, 1)  # in whatever order they were chosen
    torch.testing.assert_close(epoch.images(images[first], 0), expected)
    assert epoch.mixes and torch.equal(
        epoch.labels(first % 5, 0, 5), mixing.mix_labels(first % 5, weights[first], 5)
    )


@pytest.mark.parametrize("kind", ["", *(kind for kind in AUGMENTATIONS if kind != "mixup")])
@pytest.mark.parametrize("channels", [1, 3])
def test_images_stay_as_they_lie_in_memory_and_what_was_given_is_left_alone(kind: str, channels: int) -> None:
    plan = (Augmentation.usual(kind),) if kind else ()
    for layout in (torch.contiguous_format, torch.channels_last):
        images = noise(4, channels).contiguous(memory_format=layout)
        before = images.clone()
        found = EpochAugmentation(plan, 4, (10, 8), 0, 0).images(images, 0)
        assert found.is_contiguous(memory_format=layout)
        assert found.dtype == torch.float32 and found.shape == images.shape
        assert torch.equal(images, before)
        assert found.min() >= 0 and found.max() <= 1


def test_without_mixup_labels_are_left_alone() -> None:
    labels = torch.arange(4)
    assert EpochAugmentation((Augmentation.usual("flip"),), 4, (10, 8), 0, 0).labels(labels, 0, 10) is labels
