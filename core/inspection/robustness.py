"""How many test images are still recognised when each may be changed by at most ε grey levels a pixel."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from core.inspection.adversarial import fgsm_batch, pgd_iterates
from core.inspection.pixel_network import PixelNetwork

STRENGTHS = (0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0)  # ε in grey levels of 255
STEPS = 10  # of PGD
CHUNK = 25  # images at once: a step of the work then takes a small part of a second


@dataclass(frozen=True)
class Robustness:
    """Accuracies (0–1) for each strength."""

    strengths: tuple[float, ...]
    fgsm: tuple[float, ...]
    pgd: tuple[float, ...]
    images: int


def robustness(
    network: PixelNetwork,
    pixels: Tensor,
    labels: Tensor,
    strengths: Sequence[float] = STRENGTHS,
    steps: int = STEPS,
) -> Generator[float, None, Robustness]:
    """Attack uint8 (N, C, H, W) away from their true classes; yields how much is done (0–1), in small steps.

    An image counts as recognised under an attack only if it is recognised as it is, too.
    """
    right = torch.zeros(2, len(strengths), dtype=torch.int64)
    chunks = list(zip(pixels.split(CHUNK), labels.split(CHUNK), strict=True))
    for number, (images, true) in enumerate(chunks):
        known = network.asked(images).argmax(dim=1) == true
        for place, epsilon in enumerate(strengths):
            found = fgsm_batch(network, images, true, epsilon)
            right[0, place] += int((known & (network.asked(found).argmax(dim=1) == true)).sum())
            for done, moved in enumerate(pgd_iterates(network, images, true, epsilon, steps)):
                found = moved
                yield (number + (place + done / steps) / len(strengths)) / len(chunks)
            right[1, place] += int((known & (network.asked(found).argmax(dim=1) == true)).sum())
    fgsm, pgd = (tuple((row / max(1, len(labels))).tolist()) for row in right)
    return Robustness(tuple(strengths), fgsm, pgd, len(labels))
