"""From a request to images: what is augmented, and what is not."""

from pathlib import Path

import torch

from core.data import catalogue
from core.data.augmentation.plan import Augmentation
from core.networks.spec import NetworkSpec
from core.training.config import DataChoice, RunRequest, TrainingConfig
from core.training.setup import Setup, set_up


def set_up_with(network: NetworkSpec, augmentation: tuple[Augmentation, ...]) -> Setup:
    choice = DataChoice("silhouettes", share=0.1, augmentation=augmentation)
    return set_up(RunRequest(network, choice, TrainingConfig(device="cpu")), catalogue.load("silhouettes"))


def test_training_images_are_augmented_and_no_others(silhouettes: Path, network: NetworkSpec) -> None:
    plain = set_up_with(network, ())
    changed = set_up_with(network, (Augmentation("flip", 1.0),))
    (pixels, labels), (flipped, same_labels) = (next(of.training.shuffled(0, 0)) for of in (plain, changed))
    assert torch.equal(labels, same_labels)
    torch.testing.assert_close(flipped, pixels.flip(3))
    for split in ("validation", "test"):
        one, other = (next(getattr(of, split).in_order()) for of in (plain, changed))
        assert torch.equal(one[0], other[0])
    assert changed.training.normalisation == plain.training.normalisation


def test_mixed_labels_have_a_place_for_each_class(silhouettes: Path, network: NetworkSpec) -> None:
    _, labels = next(set_up_with(network, (Augmentation.usual("mixup"),)).training.shuffled(0, 0))
    assert labels.shape == (64, len(catalogue.load("silhouettes").classes))
