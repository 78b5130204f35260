"""Training images beside what augmentation makes of them, as small pictures with their labels in words."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from core.data.augmentation.preview import Preview
from core.figures.images import data_url, grey

LARGEST = 64  # pixels of a picture's longer side; larger images are shown smaller


@dataclass(frozen=True)
class Pair:
    """An image and its twin."""

    original: str  # the address of a picture
    twin: str
    label: str  # "Coat"
    twin_labels: tuple[str, ...]  # the same, or with mixup "70 % Coat" and "30 % Bag"


def pairs(shown: Preview, classes: tuple[str, ...]) -> list[Pair]:
    """One pair an image, in their order."""
    originals, twins = (_small(images) for images in (shown.originals, shown.twins))
    return [
        Pair(data_url(grey(original)), data_url(grey(twin)), classes[label], _in_words(parts, classes))
        for original, twin, label, parts in zip(
            originals, twins, shown.labels.tolist(), shown.parts, strict=True
        )
    ]


def _in_words(parts: Tensor, classes: tuple[str, ...]) -> tuple[str, ...]:
    """The classes of a mixture with their parts, the larger first; what is pure to the per cent is its class alone."""
    weights, kinds = parts.topk(2)
    first, second = (classes[kind] for kind in kinds.tolist())
    share = round(100 * weights[0].item())
    if share == 100:
        return (first,)
    return f"{share} % {first}", f"{100 - share} % {second}"


def _small(images: Tensor) -> Tensor:
    """uint8 (N, C, H, W), each pixel the mean of a square of them where they would be too large to look at."""
    factor = -(-max(images.shape[2:]) // LARGEST)
    if factor == 1:
        return images
    return F.avg_pool2d(images.float(), factor).round().to(torch.uint8)
