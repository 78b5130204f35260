"""Mixup: each image and its label with those of the next. Source: Zhang et al., mixup, ICLR 2018."""

import torch
from torch import Tensor


def mix(images: Tensor, weights: Tensor) -> Tensor:
    """λ of each image and 1 − λ of the one behind it: (N + 1, C, H, W) and λ (N + 1, 1) → (N, C, H, W)."""
    own = weights[:-1].view(-1, 1, 1, 1)
    return own * images[:-1] + (1 - own) * images[1:]


def mix_labels(labels: Tensor, weights: Tensor, classes: int) -> Tensor:
    """What the mixed images are: int64 (N + 1,) and λ (N + 1, 1) → probabilities, float32 (N, classes)."""
    own, next_one = labels[:-1].unsqueeze(1), labels[1:].unsqueeze(1)
    mixed = torch.zeros(len(own), classes, device=labels.device)
    return mixed.scatter_add_(1, own, weights[:-1]).scatter_add_(1, next_one, 1 - weights[:-1])
