"""The training images nearest to an image: by what the last hidden layer says of them, or by their pixels."""

from collections.abc import Generator
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from core.inspection.last_features import FeatureNetwork
from core.inspection.predictions import at_once

CHUNK = 250  # images of 28×28 at once
MOST_BYTES = 128 * 2**20  # of the features that are kept for one checkpoint


def features_of(network: FeatureNetwork, pixels: Tensor) -> Tensor:
    """uint8 (N, C, H, W) → float32 (N, D) of length 1 each."""
    return F.normalize(network(pixels), dim=1)


@dataclass(frozen=True, eq=False)
class FeatureBank:
    """The features of the training images."""

    images: Tensor  # int64 (N,): which training images
    features: Tensor  # float32 (N, D), of length 1 each


def feature_bank(
    network: FeatureNetwork, pixels: Tensor, images: Tensor
) -> Generator[float, None, FeatureBank]:
    """The features of `images`, positions in uint8 `pixels` (M, C, H, W); yields how much is done (0–1).

    Where they would take more than MOST_BYTES, they are those of an even sample.
    """
    if len(images) == 0:
        raise ValueError("There are no training images to compare with.")
    width = network(pixels[images[:1]]).shape[1]
    most = max(1, MOST_BYTES // (4 * width))
    if len(images) > most:
        images = images[torch.linspace(0, len(images) - 1, most).long()]
    features = torch.empty(len(images), width)
    chunk = at_once(pixels, CHUNK)
    for start in range(0, len(images), chunk):
        features[start : start + chunk] = features_of(network, pixels[images[start : start + chunk]])
        yield min(1.0, (start + chunk) / len(images))
    return FeatureBank(images, features)


def usual_distances(network: FeatureNetwork, bank: FeatureBank, pixels: Tensor) -> Tensor:
    """float32 (N,), sorted: how far each of uint8 (N, C, H, W), images not trained on, is from its nearest one."""
    nearest = [
        1 - (features_of(network, chunk) @ bank.features.T).amax(dim=1)  # (n, D) · (D, M) → (n, M) → (n,)
        for chunk in pixels.split(64)
    ]
    return torch.cat(nearest).clamp(min=0).sort().values


@dataclass(frozen=True, eq=False)
class Neighbours:
    """Training images near an image, the nearest first."""

    images: Tensor  # int64 (n,)
    distances: Tensor  # float32 (n,)


def nearest_features(bank: FeatureBank, features: Tensor, count: int) -> Neighbours:
    """By cosine distance, 1 − cos (0 to 2), to `features` (D,) of length 1."""
    cosine = bank.features @ features
    found = cosine.topk(min(count, len(cosine)))
    return Neighbours(bank.images[found.indices], (1 - found.values).clamp(min=0))


def nearest_pixels(pixels: Tensor, images: Tensor, image: Tensor, count: int) -> Neighbours:
    """By the root of the mean squared difference of the grey levels, between `image` (C, H, W) and `images`."""
    query = image.float().flatten()
    distances = torch.cat(
        [
            (pixels[chunk].flatten(1).float() - query).square().mean(dim=1).sqrt()
            for chunk in images.split(2000)
        ]
    )
    found = distances.topk(min(count, len(distances)), largest=False)
    return Neighbours(images[found.indices], found.values)
