"""Shift and scale pixels so that each channel of the training images has mean 0 and standard deviation 1."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor


@dataclass(frozen=True)
class Normalisation:
    """One mean and one standard deviation a channel, of pixels scaled to 0–1."""

    mean: tuple[float, ...]
    std: tuple[float, ...]  # over all pixels (divided by their number, not by one less); never 0

    @classmethod
    def of(cls, pixels: Tensor) -> Normalisation:
        """Measure uint8 pixels (N, C, H, W) exactly, from a histogram of each channel's 256 levels."""
        if pixels.dtype != torch.uint8 or pixels.ndim != 4 or pixels.numel() == 0:
            shape = tuple(pixels.shape)
            raise ValueError(
                f"Normalisation needs uint8 pixels (N, C, H, W), at least one; got {pixels.dtype} {shape}."
            )
        levels = torch.arange(256, dtype=torch.float64) / 255
        means, stds = [], []
        for channel in range(pixels.shape[1]):
            counts = torch.bincount(pixels[:, channel].flatten(), minlength=256).double().cpu()
            share = counts / counts.sum()
            mean = (share * levels).sum()
            std = (share * (levels - mean) ** 2).sum().sqrt()
            means.append(mean.item())
            stds.append(std.item() or 1.0)  # a channel of one grey level has nothing to scale
        return cls(tuple(means), tuple(stds))

    def __call__(self, pixels: Tensor) -> Tensor:
        """(x / 255 − mean) / std, on the pixels' own device: uint8 (N, C, H, W) → float32 (N, C, H, W)."""
        images = pixels.float()
        scale, offset = self._factors(255, images.device, images.shape[1:], images.stride()[1:])
        return torch.addcmul(offset, images, scale, out=images)

    def undo(self, images: Tensor) -> Tensor:
        """The pixels that gave these images, rounded: float32 (N, C, H, W) → uint8 (N, C, H, W)."""
        mean, std = self._on(images.device)
        return ((images * std + mean) * 255).round().clamp(0, 255).to(torch.uint8)

    def of_scaled(self, images: Tensor) -> Tensor:
        """(x − mean) / std of images that are scaled to 0–1 already, in their own place: float32 (N, C, H, W)."""
        scale, offset = self._factors(1, images.device, images.shape[1:], images.stride()[1:])
        return images.mul_(scale).add_(offset)  # as addcmul, but with a gradient

    @lru_cache(maxsize=8)  # noqa: B019 (few normalisations, none larger than two images; asked for at each batch)
    def _factors(
        self, white: int, device: torch.device, shape: torch.Size, strides: tuple[int, ...]
    ) -> tuple[Tensor, Tensor]:
        """What scales values of which `white` is the largest, and what is then added.

        Each is as large as one image and lies in memory as one does: read along with it, factors of the channels
        alone take up to three times as long.
        """
        with torch.inference_mode(False):  # kept for images that want a gradient, too
            mean, std = self._on(device)
            of_image = torch.empty_strided(shape, strides, device=device)
            return of_image.clone().copy_(1 / (white * std)), of_image.copy_(-mean / std)

    def _on(self, device: torch.device) -> tuple[Tensor, Tensor]:
        """Mean and standard deviation, (C, 1, 1) each."""
        mean = torch.tensor(self.mean, device=device).view(-1, 1, 1)
        std = torch.tensor(self.std, device=device).view(-1, 1, 1)
        return mean, std
