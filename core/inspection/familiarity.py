"""How far an image is from what a network knows: numbers of it beside those of the test images.

The energy −log Σ exp(logit) is Liu et al., "Energy-based out-of-distribution detection" (2020): the higher, the
stranger.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

CHUNK = 500  # images at once: as float32 they take four times their bytes
USUAL = (0.01, 0.99)  # quantiles of the test images between which a number is usual


@dataclass(frozen=True)
class Measure:
    """One number of an image, or of what the network says of it."""

    label: str
    meaning: str
    of: Callable[[Tensor, Tensor], Tensor]  # uint8 (N, C, H, W), logits (N, K) → (N,)
    only_high: bool = False  # whether a small number is never strange


DISTANCE = Measure(
    "Distance",
    "Cosine distance to the nearest training image, by what the last layer with weights takes in.",
    lambda _x, _z: torch.empty(0),  # measured with the training images' features, see neighbours.py
    only_high=True,
)
MEASURES = (
    Measure("Brightness", "Mean grey level of the pixels.", lambda x, _: x.float().mean(dim=(1, 2, 3))),
    Measure(
        "Contrast", "Standard deviation of the grey levels.", lambda x, _: x.float().std(dim=(1, 2, 3), correction=0)
    ),
    Measure(
        "Roughness", "Mean difference between neighbouring pixels, in grey levels.",
        lambda x, _: (x[..., 1:].float() - x[..., :-1].float()).abs().mean(dim=(1, 2, 3)),
    ),
    Measure("Confidence", "Probability of the predicted class.", lambda _, z: z.softmax(dim=1).amax(dim=1)),
    Measure("Energy", "−log Σ exp(logit): high where no class gets a large logit.", lambda _, z: -z.logsumexp(dim=1)),
)  # fmt: skip


@dataclass(frozen=True)
class Familiar:
    """One measure of an image, beside the test images."""

    measure: Measure
    value: float
    low: float  # where 98 % of the test images lie: from here …
    high: float  # … to here
    share_below: float  # of the test images, 0–1

    @property
    def usual(self) -> bool:
        """Whether it lies where 98 % of the test images do."""
        return (self.measure.only_high or self.low <= self.value) and self.value <= self.high


def of_test_images(pixels: Tensor, logits: Tensor) -> tuple[Tensor, ...]:
    """Each measure of all test images, sorted: float32 (N,) each."""
    chunks = list(zip(pixels.split(CHUNK), logits.split(CHUNK), strict=True))
    return tuple(torch.cat([measure.of(*chunk) for chunk in chunks]).sort().values for measure in MEASURES)


def familiarity(pixels: Tensor, logits: Tensor, usual: tuple[Tensor, ...]) -> tuple[Familiar, ...]:
    """Every measure of one image (C, H, W) with logits (K,); `usual` is from `of_test_images`."""
    found = []
    for measure, known in zip(MEASURES, usual, strict=True):
        found.append(placed(measure, float(measure.of(pixels[None], logits[None])), known))
    return tuple(found)


def placed(measure: Measure, value: float, known: Tensor) -> Familiar:
    """A number beside those of the test images, which are sorted (N,)."""
    low, high = known.quantile(torch.tensor(USUAL)).tolist()
    return Familiar(measure, value, low, high, float((known < value).float().mean()))


def verdict(found: tuple[Familiar, ...]) -> str:
    """Whether the image is out of place, in words, with the numbers that say so."""
    strange = [each for each in found if not each.usual]
    if not strange:
        return (
            f"None of {len(found)} numbers is unusual: each lies where 98 % of the test images do. That makes it no "
            "image of one of the classes, and no answer right: much that is strange looks usual in such numbers."
        )
    told = ", ".join(
        f"{each.measure.label.lower()} {each.value:.3g} (98 % of the test images: {each.low:.3g} to {each.high:.3g})"
        for each in strange
    )
    return (
        f"This image is out of place in {len(strange)} of {len(found)} numbers: {told}. The network never learned to "
        "say “none of these”: the further an image is from what it was trained on, the less a sure answer means."
    )
