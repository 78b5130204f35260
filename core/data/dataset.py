"""What a data set is, once it is in memory: labelled images in a training and a test split."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor


class DataMissing(Exception):
    """A data set can't be had right now; the text is one sentence that says why and what to do."""


@dataclass(frozen=True)
class LabelledImages:
    """Images and their classes, in one order."""

    pixels: Tensor  # uint8 (N, C, H, W)
    labels: Tensor  # int64 (N,), an index into Dataset.classes

    def __len__(self) -> int:
        return len(self.labels)

    def at(self, positions: Tensor) -> LabelledImages:
        """A copy of those at these positions, int64 (n,), in this order."""
        return LabelledImages(self.pixels[positions], self.labels[positions])


@dataclass(frozen=True)
class Dataset:
    """A data set as its makers split it; validation is cut from `train` by `core.data.splits`."""

    name: str  # of `core.data.catalogue.datasets`
    classes: tuple[str, ...]
    train: LabelledImages
    test: LabelledImages

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """(C, H, W) of one image."""
        _, channels, height, width = self.train.pixels.shape
        return channels, height, width
