"""Batches from images that live on the training device: an index, a cast and a normalisation there."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from core.data.augmentation.epoch import EpochAugmentation
from core.data.augmentation.plan import Plan
from core.data.dataset import LabelledImages
from core.data.normalisation import Normalisation

AHEAD = 1024  # images gathered and normalised at once, in whole batches; more no longer fit a CPU's cache
EVALUATION_BATCH = 500  # images at once where nothing is kept for a backward pass

MEMORY_FORMATS = {"cpu": torch.channels_last}


def memory_format(device: torch.device) -> torch.memory_format:
    """How images and convolution weights should lie in a device's memory."""
    return MEMORY_FORMATS.get(device.type, torch.contiguous_format)


class Batches:
    """Images of one split, resident on a device as uint8, given out as normalised float32 batches."""

    def __init__(
        self,
        images: LabelledImages,
        normalisation: Normalisation,
        batch_size: int,
        device: torch.device | str = "cpu",
        augmentation: Plan = (),
        classes: int = 10,
        layout: torch.memory_format | None = None,
    ) -> None:
        """Bring `images` of so many `classes` to `device`.

        They lie in memory, and are given out, in `layout`, if not as suits the device best.
        `augmentation` changes what `shuffled` gives out, and never what comes `in_order`.
        """
        self.normalisation = normalisation
        self.batch_size = batch_size
        self.device = torch.device(device)
        self.augmentation, self.classes = augmentation, classes
        pixels = images.pixels
        self.layout = layout or memory_format(self.device)
        self._channels_last = self.layout is torch.channels_last
        if self._channels_last:
            pixels = pixels.permute(0, 2, 3, 1)  # (N, C, H, W) → (N, H, W, C)
        self._pixels = pixels.contiguous().to(self.device)
        self._labels = images.labels.to(self.device)

    def __len__(self) -> int:
        """Images in all."""
        return self._labels.shape[0]  # asked for often; a tensor's own length takes three times as long

    @property
    def labels(self) -> Tensor:
        """The classes of all images, int64 (N,), on the device."""
        return self._labels

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """(C, H, W) of one image."""
        _, channels, height, width = self._as_images(self._pixels).shape
        return channels, height, width

    @property
    def steps(self) -> int:
        """Batches in one epoch, of the size that was chosen at first."""
        return self.steps_left()

    def steps_left(self, start: int = 0, batch_size: int | None = None) -> int:
        """Batches in the rest of an epoch of which `start` images are used, of `batch_size` or as chosen at first.

        The last one may be smaller; if it would hold a single image it is left out, since batch normalisation
        has no variance to divide by (each epoch's shuffling leaves out another image). A split of one image is
        one batch all the same.
        """
        size = batch_size or self.batch_size
        whole, rest = divmod(max(len(self) - start, 0), size)
        return whole + (rest > 1 or rest == len(self))

    def shuffled(
        self,
        seed: int,
        epoch: int,
        start: int = 0,
        batch_size: int | None = None,
        shuffle: bool = True,
        order: Tensor | None = None,
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """The batches of one epoch whose first `start` images are used: float32 (N, C, H, W) and int64 (N,).

        The order and the augmentation of each image follow from `seed` and `epoch` alone, on every device;
        without `shuffle` it is class by class, and an `order`, int64 (N,), is followed as it is. `batch_size`
        is that of the rest of the epoch, if it is not the one chosen at first. With mixup the labels are
        probabilities, float32 (N, classes).
        """
        size = batch_size or self.batch_size
        if order is None:
            order = self._order(seed, epoch) if shuffle else self._class_by_class()
        order = order.to(self.device)
        end = min(start + self.steps_left(start, size) * size, len(self))
        if self.augmentation:
            return self._augmented(order, size, start, end, self._epoch(seed, epoch))
        return self._batches(order[:end], size, start)

    def in_order(self) -> Iterator[tuple[Tensor, Tensor]]:
        """All images once, as they come, in batches for evaluation."""
        return self._batches(torch.arange(len(self), device=self.device), EVALUATION_BATCH)

    def first(self) -> tuple[Tensor, Tensor]:
        """The first batch as it is stored: float32 (n, C, H, W) and int64 (n,)."""
        return next(
            self._batches(torch.arange(min(self.batch_size, len(self)), device=self.device), self.batch_size)
        )

    def sample(self, count: int) -> Batches:
        """`count` of these images, always the same ones, or all if there are fewer."""
        generator = torch.Generator().manual_seed(0)
        return self.at(torch.randperm(len(self), generator=generator)[:count].sort().values)

    def at(self, positions: Tensor) -> Batches:
        """The images at these positions, int64 (n,), in this order."""
        images = LabelledImages(self._as_images(self._pixels), self._labels).at(positions.to(self.device))
        return Batches(images, self.normalisation, self.batch_size, self.device, layout=self.layout)

    def _class_by_class(self) -> Tensor:
        """Positions in the order of the classes, as files lie in folders."""
        return self._labels.argsort(stable=True)

    def _order(self, seed: int, epoch: int) -> Tensor:
        return torch.randperm(len(self), generator=epoch_generator(seed, epoch))

    def _batches(self, order: Tensor, size: int, start: int = 0) -> Iterator[tuple[Tensor, Tensor]]:
        ahead = _ahead(size)
        for first in range(start, len(order), ahead):
            rows = order[first : first + ahead]
            images = self.normalisation(self._as_images(self._pixels.index_select(0, rows)))
            labels = self._labels.index_select(0, rows)
            yield from zip(images.split(size), labels.split(size), strict=True)

    def _augmented(
        self, order: Tensor, size: int, start: int, end: int, epoch: EpochAugmentation
    ) -> Iterator[tuple[Tensor, Tensor]]:
        order = torch.cat((order, order[:1]))  # behind the last image comes the first
        ahead = _ahead(size)
        for first in range(start, end, ahead):
            rows = order[first : min(first + ahead, end) + epoch.mixes]
            pixels = self._as_images(self._pixels.index_select(0, rows))
            images = self.normalisation.of_scaled(epoch.images(pixels.float().mul_(1 / 255), first))
            labels = epoch.labels(self._labels.index_select(0, rows), first, self.classes)
            yield from zip(images.split(size), labels.split(size), strict=True)

    def _epoch(self, seed: int, epoch: int) -> EpochAugmentation:
        _, _, height, width = self._as_images(self._pixels).shape
        return EpochAugmentation(self.augmentation, len(self), (height, width), seed, epoch, self.device)

    def _as_images(self, pixels: Tensor) -> Tensor:
        """(N, C, H, W) as a view, whatever lies in memory."""
        return pixels.permute(0, 3, 1, 2) if self._channels_last else pixels


def epoch_generator(seed: int, epoch: int) -> torch.Generator:
    """The random numbers that the order of one epoch is drawn from, on the CPU."""
    # the factor keeps the orders of runs with neighbouring seeds apart
    return torch.Generator().manual_seed(seed * 1_000_003 + epoch)


def _ahead(size: int) -> int:
    """Images to gather at once for batches of `size`."""
    return max(AHEAD // size, 1) * size
