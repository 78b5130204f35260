"""The augmentations of one epoch: all random numbers drawn at once, then used chunk by chunk."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.data.augmentation import geometry, mixing, pixels
from core.data.augmentation.kind import Numbers
from core.data.augmentation.plan import Augmentation, Plan
from core.data.augmentation.table import AUGMENTATIONS


def draw(each: Augmentation, images: int, seed: int, epoch: int) -> Numbers:
    """The random numbers (N, k) of one augmentation, for the images in the order of the epoch.

    They follow from `seed`, `epoch` and the kind alone: other augmentations in the plan change nothing, and a
    wider range stretches them.
    """
    kind = AUGMENTATIONS[each.kind]
    random = np.random.default_rng((seed, epoch, *each.kind.encode()))
    chosen = random.random((images, 1)) < each.probability
    return np.where(chosen, kind.draw(random, images, each.low, each.high), kind.neutral)


@dataclass(frozen=True)
class Stage:
    """One pass over the images, for one kind of augmentation or for several that are one map together."""

    kinds: tuple[str, ...]
    # the numbers of each kind that is in the plan, height and width → (N, m), what `work` needs of each image
    prepare: Callable[[Mapping[str, Numbers], int, int], NDArray[Any]]
    work: Callable[[Tensor, Tensor], Tensor]  # images (n, C, H, W) and theirs (n, m) → images


def _as(kind: str, dtype: type) -> Callable[[Mapping[str, Numbers], int, int], NDArray[Any]]:
    return lambda numbers, _height, _width: numbers[kind].astype(dtype)


STAGES = (
    Stage(("crop",), _as("crop", np.int64), pixels.crop),
    Stage(("flip",), _as("flip", np.bool_), pixels.flip),
    Stage(("rotation", "zoom", "shift"), geometry.affine_maps, geometry.sample),
    Stage(("brightness",), _as("brightness", np.float32), pixels.brighten),
    Stage(("contrast",), _as("contrast", np.float32), pixels.spread),
    Stage(("erasing",), pixels.rectangles, pixels.erase),
    Stage(("mixup",), _as("mixup", np.float32), mixing.mix),
)


class EpochAugmentation:
    """What happens to the image at each position of an epoch's order, however it is cut into batches."""

    def __init__(
        self,
        plan: Plan,
        images: int,
        size: tuple[int, int],
        seed: int,
        epoch: int,
        device: torch.device | str = "cpu",
    ) -> None:
        """Draw all random numbers for so many images of `size` (H, W), on the CPU, and bring them to `device`."""
        numbers = {each.kind: draw(each, images, seed, epoch) for each in plan}
        self.mixes = "mixup" in numbers  # the image behind the last one is needed, too
        self._stages: list[tuple[Stage, Tensor]] = []
        for stage in STAGES:
            if own := {kind: numbers[kind] for kind in stage.kinds if kind in numbers}:
                prepared = torch.from_numpy(stage.prepare(own, *size))
                prepared = prepared.float() if prepared.is_floating_point() else prepared
                # behind the last image comes the first
                self._stages.append((stage, torch.cat((prepared, prepared[:1])).to(device)))

    def images(self, images: Tensor, first: int) -> Tensor:
        """The images from position `first` on, changed: float32 (N, C, H, W) in 0–1, on the device.

        With mixup one image more has to be given than comes back. channels_last stays channels_last.
        """
        lies_last = images.is_contiguous(memory_format=torch.channels_last)
        images, count = images.contiguous(), len(images)  # all that follows is quicker that way
        for stage, prepared in self._stages:
            images = stage.work(images, prepared[first : first + count])
        return images.contiguous(memory_format=torch.channels_last if lies_last else torch.contiguous_format)

    def labels(self, labels: Tensor, first: int, classes: int) -> Tensor:
        """The labels that belong to them: int64 (N,) as they were; with mixup probabilities, float32 (N, classes).

        With mixup one label more has to be given than comes back.
        """
        if not self.mixes:
            return labels
        weights = self._stages[-1][1]  # mixup comes last
        return mixing.mix_labels(labels, weights[first : first + len(labels)], classes)
