"""A few training images and what a plan makes of them: for a look before a run."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from core.data.augmentation.epoch import EpochAugmentation
from core.data.augmentation.plan import Plan
from core.data.dataset import LabelledImages


@dataclass(frozen=True, eq=False)
class Preview:
    """Images and their augmented twins, in the same order."""

    originals: Tensor  # uint8 (N, C, H, W)
    twins: Tensor  # uint8 (N, C, H, W)
    labels: Tensor  # int64 (N,)
    parts: Tensor  # of each class in a twin, float32 (N, K); without mixup one of them is 1


def preview(images: LabelledImages, plan: Plan, classes: int, turn: int = 0) -> Preview:
    """What a run would make of `images`, all of them at once, with the random numbers of the given `turn`."""
    _, _, height, width = images.pixels.shape
    epoch = EpochAugmentation(plan, len(images), (height, width), seed=turn, epoch=0)
    places = torch.arange(len(images) + epoch.mixes) % len(images)  # behind the last image comes the first
    twins = epoch.images(images.pixels[places].float() / 255, 0)
    parts = epoch.labels(images.labels[places], 0, classes)
    if not epoch.mixes:
        parts = F.one_hot(parts, classes).float()
    return Preview(images.pixels, (twins * 255).round().to(torch.uint8), images.labels, parts)
