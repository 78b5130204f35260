"""The drawn garments: always the same, balanced, plausible as images, and hard enough."""

import time

import numpy as np
import pytest
import torch

from core.data import silhouettes
from core.data.garments import GARMENTS, Piece


def ignore(_done: float, _text: str) -> None: ...


def test_the_same_seed_draws_the_same_images() -> None:
    first, again = (silhouettes.make(ignore, 60, 20) for _ in range(2))
    for a, b in zip(first, again, strict=True):
        assert a.pixels.equal(b.pixels)
        assert a.labels.equal(b.labels)


def test_shape_type_and_balance() -> None:
    train, test = silhouettes.make(ignore, 200, 50)
    assert train.pixels.shape == (200, 1, 28, 28)
    assert test.pixels.shape == (50, 1, 28, 28)
    assert train.pixels.dtype == torch.uint8
    assert train.labels.dtype == torch.int64
    assert train.labels.bincount().tolist() == [20] * 10
    assert test.labels.bincount().tolist() == [5] * 10


def test_no_image_is_there_twice_and_none_is_empty() -> None:
    train, test = silhouettes.make(ignore, 500, 100)
    images = torch.cat([train.pixels, test.pixels]).flatten(1)
    assert len(images.unique(dim=0)) == len(images)
    covered = (images > 20).float().mean(1)  # the share of pixels that the garment covers
    assert covered.min() > 0.02
    assert covered.max() < 0.9


def test_garments_stay_in_the_picture() -> None:
    train, _ = silhouettes.make(ignore, 500, 10)
    border = torch.ones(28, 28, dtype=torch.bool)
    border[1:-1, 1:-1] = False
    touching = (train.pixels[:, 0, border] > 20).any(1).float().mean()
    assert touching < 0.4  # Fashion-MNIST's garments touch the border as well, but most end before it


def test_progress_ends_at_the_end() -> None:
    reports: list[float] = []
    silhouettes.make(lambda done, _text: reports.append(done), 500, 250)
    assert reports == pytest.approx([1 / 3, 2 / 3, 1.0])


def test_all_of_it_takes_seconds() -> None:
    start = time.process_time()
    silhouettes.make(ignore, 700, 0)  # a tenth
    assert time.process_time() - start < 2


@pytest.mark.parametrize("name", GARMENTS)
def test_a_garment_is_made_of_pieces_within_reach(name: str) -> None:
    lot = np.random.default_rng(0)
    for _ in range(50):
        pieces = GARMENTS[name](lot)
        assert all(isinstance(piece, Piece) and len(piece.points) > 1 for piece in pieces)
        assert np.abs(np.concatenate([np.asarray(piece.points) for piece in pieces])).max() < 1.2


def test_tops_are_taken_for_one_another_and_the_rest_is_told_apart() -> None:
    train, test = silhouettes.make(ignore, 1000, 500)
    images, unseen = (part.pixels.flatten(1).float() for part in (train, test))
    nearest = torch.cdist(unseen, images).topk(5, largest=False).indices  # five nearest neighbours vote
    predicted = train.labels[nearest].mode(1).values
    wrong = predicted != test.labels
    assert 0.6 < 1 - wrong.float().mean() < 0.95
    tops = torch.tensor([list(GARMENTS).index(name) for name in ("T-shirt/top", "Pullover", "Coat", "Shirt")])
    among_tops = torch.isin(test.labels[wrong], tops) & torch.isin(predicted[wrong], tops)
    assert among_tops.float().mean() > 0.7
