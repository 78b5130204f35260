"""One image as numbers: its pixels as they are, and as the network gets them."""

from typing import Any

from torch import Tensor

from core.data.normalisation import Normalisation
from core.figures.feature_maps import packed
from core.figures.images import data_url, grey

CHANNELS = {1: [""], 3: ["red", "green", "blue"]}


def pixel_figure(pixels: Tensor, normalisation: Normalisation) -> dict[str, Any]:
    """uint8 (C, H, W) with its exact values, raw and normalised (float32)."""
    return {
        "image": data_url(grey(pixels)),
        "raw": packed(pixels),
        "normalised": packed(normalisation(pixels[None])[0]),
        "channels": CHANNELS[len(pixels)],
    }
