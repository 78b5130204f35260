"""A first convolution that begins with the patterns of the training images themselves.

Its kernels are the principal components of the images' patches, each divided by the deviation along it, and their
negatives: what they give is uncorrelated and of equal size from the first step on, while random kernels all see
nearly the same, brightness. Sources: Coates, Ng and Lee, An analysis of single-layer networks, 2011; as first
weights that are then trained: Page, How to train your ResNet 8, 2019; Jordan, arXiv:2404.00498, 2024.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.data.batches import EVALUATION_BATCH, Batches
from core.networks.spec import NetworkSpec, SpecError
from core.networks.weights import PRETRAINED_NAMES

VALUES = (
    10_000_000  # in all patches of which the components are computed; of fewer images they change by chance
)
MOST_IMAGES = EVALUATION_BATCH
SMALLEST = 1e-2  # added to each variance, so that a component that is hardly there is not blown up into noise


def refusal(network: NetworkSpec) -> str:
    """Why `network` can't begin so, a sentence that says what to do; "" if it can."""
    if network.weights in PRETRAINED_NAMES:
        return (
            "Whitened first kernels would take the place of weights that were learned: switch “Whiten the first "
            "kernels” off, or let the network begin with new weights."
        )
    first = next((layer for layer in network.layers if layer.enabled), None)
    if first and first.kind == "Conv2d" and dict(first.settings).get("groups", 1) == 1:
        return ""
    return (
        "Whitened first kernels need a network that begins with an ordinary convolution (Conv2d, in one group), and "
        f"this one begins with {first.kind if first else 'nothing'}: switch “Whiten the first kernels” off, or put "
        "such a convolution first."
    )


def begin_whitened(model: nn.Module, images: Batches) -> None:
    """Give the first convolution of `model` whitening kernels of `images`, in place.

    The first half are components, the most frequent pattern first; the second half are their negatives. Where
    patches have fewer components than that, the kernels left over stay as they are. Raises SpecError if the first
    layer with weights is no convolution that sees the images.
    """
    layer = next((module for module in model.modules() if isinstance(module, nn.Conv2d)), None)
    if layer is None or layer.in_channels != images.input_shape[0] or layer.groups > 1:
        raise SpecError("Whitened first kernels need a network that begins with an ordinary convolution.")
    chosen, _labels = next(images.sample(enough(layer, *images.input_shape[1:])).in_order())
    found = kernels(patches(layer, chosen), layer.out_channels // 2).unflatten(1, layer.weight.shape[1:])
    with torch.no_grad():
        layer.weight[: 2 * len(found)] = torch.cat((found, -found)).to(layer.weight)


def enough(layer: nn.Conv2d, height: int, width: int) -> int:
    """How many images (C, height, width) have patches of about VALUES numbers together."""
    (rows, columns), (down, across) = layer.kernel_size, layer.dilation
    places = max(height - (rows - 1) * down, 1) * max(width - (columns - 1) * across, 1)
    return min(max(VALUES // (places * layer.weight[0].numel()), 1), MOST_IMAGES)


def patches(layer: nn.Conv2d, images: Tensor) -> Tensor:
    """What the kernels of `layer` can see of images (N, C, H, W) and their padding: (n, C · kernel size)."""
    padding = layer.padding if isinstance(layer.padding, tuple) else 0
    seen = F.unfold(images, layer.kernel_size, dilation=layer.dilation, padding=padding)
    return seen.transpose(1, 2).flatten(0, 1)


def kernels(patches: Tensor, count: int) -> Tensor:
    """The first `count` whitening directions (or all d) of `patches` (n, d): float32 (count, d).

    Row i is v_i / √(λ_i + ε), with λ_i and v_i the i-th largest eigenvalue and its eigenvector of the patches' second
    moments. The sign of each, which is arbitrary, is that in which its largest weight is above 0.
    """
    moments = patches.T.double() @ patches.double() / len(patches)
    eigenvalues, eigenvectors = torch.linalg.eigh(moments)  # the smallest first
    rows = (eigenvectors / (eigenvalues + SMALLEST).sqrt()).T.flip(0)[:count]
    largest = rows.gather(1, rows.abs().argmax(dim=1, keepdim=True))
    return (rows * largest.sign()).float()
