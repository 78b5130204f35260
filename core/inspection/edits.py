"""What a person may do to an image to see how the network takes it: a table of edits, each with one amount."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor
from torchvision.transforms import InterpolationMode
from torchvision.transforms import functional as tv

NOISE_SEED = 0  # the same noise each time, so that a slider changes its strength and nothing else


@dataclass(frozen=True)
class Edit:
    """One edit; 0 of it changes nothing."""

    label: str
    low: float
    high: float
    step: float
    unit: str
    meaning: str
    apply: Callable[[Tensor, float, Tensor], Tensor]  # float32 (C, H, W), amount, background (C, 1, 1)


def background(pixels: Tensor) -> Tensor:
    """The median of the outermost pixels of (C, H, W), for each channel: float32 (C, 1, 1)."""
    image = pixels.float()
    rim = torch.cat((image[:, 0], image[:, -1], image[:, 1:-1, 0], image[:, 1:-1, -1]), dim=1)
    return rim.median(dim=1).values.view(-1, 1, 1)


def _shifted(image: Tensor, by: int, axis: int, ground: Tensor) -> Tensor:
    size = image.shape[axis]
    by = max(-size, min(size, by))
    moved = ground.expand_as(image).clone()
    moved.narrow(axis, max(0, by), size - abs(by)).copy_(image.narrow(axis, max(0, -by), size - abs(by)))
    return moved


def _right(image: Tensor, by: float, ground: Tensor) -> Tensor:
    return _shifted(image, round(by), 2, ground)


def _down(image: Tensor, by: float, ground: Tensor) -> Tensor:
    return _shifted(image, round(by), 1, ground)


def _rotated(image: Tensor, degrees: float, ground: Tensor) -> Tensor:
    turned: Tensor = tv.rotate(
        image, degrees, InterpolationMode.BILINEAR, fill=ground.flatten().tolist()
    )  # counter-clockwise, about the middle
    return turned


def _blurred(image: Tensor, sigma: float, _ground: Tensor) -> Tensor:
    radius = min(math.ceil(3 * sigma), min(image.shape[1:]) - 1)  # torchvision reflects no more than that
    softened: Tensor = tv.gaussian_blur(image, [2 * radius + 1, 2 * radius + 1], [sigma, sigma])
    return softened


def _noisy(image: Tensor, deviation: float, _ground: Tensor) -> Tensor:
    drawn = torch.randn(image.shape, generator=torch.Generator().manual_seed(NOISE_SEED))
    return image + deviation * drawn


EDITS = {  # in the order in which they are applied
    "right": Edit("Shift right", -14, 14, 1, "px", "Whole pixels; below 0 to the left.", _right),
    "down": Edit("Shift down", -14, 14, 1, "px", "Whole pixels; below 0 upwards.", _down),
    "rotate": Edit("Rotate", -180, 180, 1, "°", "About the middle, counter-clockwise, bilinear.", _rotated),
    "blur": Edit("Blur", 0, 4, 0.1, "px", "Standard deviation of a Gaussian.", _blurred),
    "noise": Edit(
        "Noise", 0, 128, 1, "levels", "Standard deviation of Gaussian noise, in grey levels of 255.", _noisy
    ),
}


def edited(pixels: Tensor, amounts: Mapping[str, float]) -> Tensor:
    """uint8 (C, H, W) after the edits of `amounts`, in the order of EDITS; those left out are 0.

    Amounts beyond their bounds are brought to them. What moves in from outside has the colour of the
    background; values are rounded to whole levels and clipped to 0–255 once, at the end.
    """
    image, ground = pixels.float(), background(pixels)
    for name, edit in EDITS.items():
        if amount := max(edit.low, min(edit.high, amounts.get(name, 0.0))):
            image = edit.apply(image, amount, ground)
    return image.round().clamp(0, 255).to(torch.uint8)
