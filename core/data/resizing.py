"""Bring all images of a data set to the channels and the size that a network is to be given."""

import torch
from torch import Tensor
from torch.nn import functional as F

from core.data.dataset import LabelledImages

VERSION = 1  # counted up when the same images give other ones
CHUNK = 1000  # images at once: as float32 they take four times their bytes
LUMA = (0.299, 0.587, 0.114)  # of red, green and blue: ITU-R BT.601, as Pillow and torchvision weigh them
SIDES = (8, 64)  # the smallest and the largest that can be asked for

ImageFormat = tuple[int, int]  # (channels: 1 or 3, side in pixels)


def resized(images: LabelledImages, wanted: ImageFormat) -> LabelledImages:
    """The same images as uint8 (N, channels, side, side).

    Grey becomes colour by repeating the channel, colour becomes grey by its luma; the size changes by bilinear
    interpolation with antialiasing, so that a smaller image loses no thin line by chance.
    """
    channels, side = wanted
    pixels = torch.empty(len(images), channels, side, side, dtype=torch.uint8)
    for new, old in zip(pixels.split(CHUNK), images.pixels.split(CHUNK), strict=True):
        new.copy_(_scaled(_in_channels(old.float(), channels), side).round_().clamp_(0, 255))
    return LabelledImages(pixels, images.labels)


def _in_channels(pixels: Tensor, channels: int) -> Tensor:
    """float32 (N, C, H, W) → (N, channels, H, W); where C is channels, or already 1, nothing changes yet."""
    if pixels.shape[1] == 3 and channels == 1:
        return (pixels * torch.tensor(LUMA).view(3, 1, 1)).sum(1, keepdim=True)
    return pixels  # copying one channel into three repeats it


def _scaled(pixels: Tensor, side: int) -> Tensor:
    if pixels.shape[2:] == (side, side):
        return pixels
    return F.interpolate(pixels, size=(side, side), mode="bilinear", antialias=True)
