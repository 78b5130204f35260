"""What is looked at beside the curves: a few images again and again, and the first layer's weights."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from core.data.batches import Batches
from core.training.evaluation import evaluating

WATCHED = 20  # validation images
MOST_KERNELS = 64


def watched_positions(labels: Tensor, count: int = WATCHED) -> list[int]:
    """`count` positions in `labels` (N,), the classes in turn, always the same ones; all if there are fewer."""
    members = [(labels == label).nonzero().flatten().tolist() for label in labels.unique().tolist()]
    turns = [positions[turn] for turn in range(count) for positions in members if turn < len(positions)]
    return turns[:count]


def probabilities(model: nn.Module, images: Batches) -> list[list[float]]:
    """What `model` gives each class of each image, in eval mode: [image][class]."""
    with evaluating(model), torch.inference_mode():
        given = [model(pixels).float().softmax(dim=1) for pixels, _labels in images.in_order()]
    return [[round(share, 4) for share in row] for row in torch.cat(given).tolist()]


def first_kernels(model: nn.Module, input_shape: tuple[int, int, int]) -> tuple[str, Tensor] | None:
    """The first layer's name and weights as images (kernels, channels, height, width).

    A Linear layer that sees the whole image (C, H, W) has one image of weights a unit. None where the first
    layer with weights is neither.
    """
    for name, module in model.named_modules():
        if isinstance(module, nn.Conv2d):
            return name, module.weight.detach()[:MOST_KERNELS]
        if isinstance(module, nn.Linear) and module.in_features == math.prod(input_shape):
            return name, module.weight.detach()[:MOST_KERNELS].unflatten(1, input_shape)
        if next(module.parameters(recurse=False), None) is not None:
            return None
    return None


def quantised(weights: Tensor) -> tuple[float, Tensor]:
    """The largest |weight|, and all of them in steps of its 127th: int8."""
    largest = weights.abs().max().item()
    return largest, (weights / (largest or 1.0) * 127).round().to(torch.int8).cpu()
