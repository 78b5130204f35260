"""Validation is cut off first; shares are stratified, seeded and nested."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.splits import split


def labels_of(*counts: int) -> torch.Tensor:
    labels = torch.repeat_interleave(torch.arange(len(counts)), torch.tensor(counts))
    return labels[torch.randperm(len(labels), generator=torch.Generator().manual_seed(9))]


def counts(labels: torch.Tensor, index: torch.Tensor) -> list[int]:
    return torch.bincount(labels[index], minlength=int(labels.max()) + 1).tolist()


def test_each_class_gives_its_share() -> None:
    labels = labels_of(600, 300, 100)
    parts = split(labels, share=0.1, validation_share=0.1, seed=0)
    assert counts(labels, parts.validation) == [60, 30, 10]
    assert counts(labels, parts.train) == [54, 27, 9]  # a tenth of the 540, 270 and 90 that are left


def test_the_full_share_and_validation_are_all_images() -> None:
    labels = labels_of(50, 70)
    parts = split(labels, share=1.0, validation_share=0.2, seed=3)
    assert torch.cat([parts.train, parts.validation]).sort().values.tolist() == list(range(120))


def test_a_smaller_share_is_part_of_a_larger_one_and_validation_stays() -> None:
    labels = labels_of(*[1000] * 10)
    small, middle, all_of_it = (split(labels, share, 0.1, seed=5) for share in (0.01, 0.1, 1.0))
    assert (len(small.train), len(middle.train), len(all_of_it.train)) == (90, 900, 9000)
    assert set(small.train.tolist()) < set(middle.train.tolist()) < set(all_of_it.train.tolist())
    assert small.validation.equal(middle.validation)
    assert small.validation.equal(all_of_it.validation)


def test_the_seed_decides() -> None:
    labels = labels_of(100, 100)
    assert split(labels, 0.5, 0.1, seed=1).train.equal(split(labels, 0.5, 0.1, seed=1).train)
    assert not split(labels, 0.5, 0.1, seed=1).train.equal(split(labels, 0.5, 0.1, seed=2).train)
    assert not split(labels, 0.5, 0.1, seed=1).validation.equal(split(labels, 0.5, 0.1, seed=2).validation)


def test_every_class_keeps_an_image() -> None:
    labels = labels_of(1, 2, 500)
    parts = split(labels, share=0.001, validation_share=0.1)
    assert counts(labels, parts.train) == [1, 1, 1]  # round(0.45) is 0, yet one stays
    assert counts(labels, parts.validation) == [0, 1, 50]


def test_no_images_give_no_images() -> None:
    parts = split(torch.empty(0, dtype=torch.int64))
    assert len(parts.train) == len(parts.validation) == 0


@pytest.mark.parametrize("share", [0.0, -0.1, 1.01, float("nan")])
def test_an_impossible_share_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match=r"above 0 and at most 1"):
        split(labels_of(5), share=share)


@pytest.mark.parametrize("validation_share", [0.0, 1.0, float("nan")])
def test_an_impossible_validation_share_is_refused(validation_share: float) -> None:
    with pytest.raises(ValueError, match=r"above 0 and below 1"):
        split(labels_of(5), validation_share=validation_share)


@settings(max_examples=50, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 40), min_size=1, max_size=5),
    share=st.floats(0.001, 1),
    validation_share=st.floats(0.01, 0.99),
    seed=st.integers(0, 2**31),
)
def test_whatever_is_asked_parts_are_disjoint_and_no_class_is_lost(
    sizes: list[int], share: float, validation_share: float, seed: int
) -> None:
    labels = labels_of(*sizes)
    parts = split(labels, share, validation_share, seed)
    assert not set(parts.train.tolist()) & set(parts.validation.tolist())
    assert min(counts(labels, parts.train)) >= 1
    assert parts.train.tolist() == sorted(set(parts.train.tolist()))
    assert parts.validation.tolist() == sorted(set(parts.validation.tolist()))
