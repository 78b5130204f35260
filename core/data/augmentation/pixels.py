"""Cut out, flip, brighten and erase: what is done to whole pixels, of many images at once."""

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.data.augmentation.kind import Numbers


def crop(images: Tensor, offsets: Tensor) -> Tensor:
    """The window (N, C, H, W) whose corner lies at `offsets` (N, 2), down and right; black outside the image."""
    n, channels, height, width = images.shape
    rows = offsets[:, :1] + torch.arange(height, device=images.device)  # (N, H)
    columns = offsets[:, 1:] + torch.arange(width, device=images.device)  # (N, W)
    inside = _block(_within(rows, height), _within(columns, width))
    rows, columns = rows.clamp_(0, height - 1), columns.clamp_(0, width - 1)
    places = (rows * width).unsqueeze(2) + columns.unsqueeze(1)  # (N, H, W), in an image's pixels one by one
    window = images.flatten(2).gather(2, places.view(n, 1, -1).expand(-1, channels, -1))
    return window.view_as(images).mul_(inside)


def flip(images: Tensor, flipped: Tensor) -> Tensor:
    """Those images mirrored of which `flipped` (N, 1) is true."""
    columns = torch.arange(images.shape[3], device=images.device)
    columns = torch.where(flipped, columns.flip(0), columns)  # (N, W)
    return images.gather(3, columns.view(len(images), 1, 1, -1).expand_as(images))


def brighten(images: Tensor, factors: Tensor) -> Tensor:
    """Each image times its factor (N, 1), at most white."""
    return images.mul(factors.view(-1, 1, 1, 1)).clamp_(0, 1)


def spread(images: Tensor, factors: Tensor) -> Tensor:
    """Each image's distances from its own mean times its factor (N, 1), between black and white."""
    factors = factors.view(-1, 1, 1, 1)
    means = images.mean(dim=(1, 2, 3), keepdim=True)
    return images.mul(factors).add_(means * (1 - factors)).clamp_(0, 1)


def rectangles(numbers: Mapping[str, Numbers], height: int, width: int) -> NDArray[np.int64]:
    """The erased pixels of each image, (N, 4): first and last row, first and last column, the last not included.

    Sides are rounded to whole pixels and end at the image's.
    """
    area, ratio, down, right = numbers["erasing"].T
    ratio = np.where(area > 0, ratio, 1)
    high = np.sqrt(area * height * width * ratio).round().clip(0, height)
    wide = np.sqrt(area * height * width / ratio).round().clip(0, width)
    top, left = np.floor(down * (height - high + 1)), np.floor(right * (width - wide + 1))
    return np.stack([top, top + high, left, left + wide], axis=1).astype(np.int64)


def erase(images: Tensor, edges: Tensor) -> Tensor:
    """The images with black rectangles between `edges` (N, 4), as `rectangles` gives them."""
    _, _, height, width = images.shape
    top, bottom, left, right = edges.unsqueeze(2).unbind(1)  # (N, 1) each
    row, column = (torch.arange(side, device=images.device) for side in (height, width))
    erased = _block((row >= top) & (row < bottom), (column >= left) & (column < right))
    return images.mul(1 - erased)


def _within(places: Tensor, count: int) -> Tensor:
    return (places >= 0) & (places < count)


def _block(rows: Tensor, columns: Tensor) -> Tensor:
    """1 where the row (N, H) and the column (N, W) are chosen, else 0: float32 (N, 1, H, W).

    Numbers, not truth values: a CPU multiplies by them several times as fast.
    """
    return (rows.float().unsqueeze(2) * columns.float().unsqueeze(1)).unsqueeze(1)
