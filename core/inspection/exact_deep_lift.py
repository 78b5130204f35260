"""Make DeepLIFT complete, also where Captum's own rules are not (captum 0.9).

Three things are mended, on a copy of the model: of two activations in a row, such as ReLU and max-pooling,
Captum hooks the same tensor, and the first rule then reads a multiplier from before the second; in
max-pooling it keeps one contribution of several where windows overlap; and there it mixes the image's
multipliers with the baseline's, which differ behind positions where both have the same activation.
"""

from typing import Any

import torch
from captum.attr._core.deep_lift import SUPPORTED_NON_LINEAR
from torch import Tensor, nn
from torch.nn import functional as F


class ExactMaxPool2d(nn.MaxPool2d):
    """Max-pooling that DeepLIFT explains completely."""


class _Apart(nn.Module):
    """Hands on a copy of its input, so that the layers before and after it don't hook one and the same
    tensor.
    """

    def forward(self, x: Tensor) -> Tensor:
        return x.clone()


def exact(model: nn.Module) -> nn.Module:
    """Prepare `model` for DeepLIFT, in place; what it computes stays the same, its layers' names do not."""
    for parent in list(model.modules()):
        for name, child in list(parent.named_children()):
            if type(child) is nn.MaxPool2d:
                child.__class__ = ExactMaxPool2d
            if type(child) in SUPPORTED_NON_LINEAR:
                setattr(parent, name, nn.Sequential(_Apart(), child))
    return model


def _rule(
    module: Any, inputs: Tensor, outputs: Tensor, grad_input: Tensor, grad_output: Tensor, eps: float = 1e-10
) -> Tensor:
    """The multipliers of the inputs (2N, C, H, W); each argument holds first the images, then their
    baselines.

    A window's output rises from the baseline's maximum to the larger of the two maxima at the place where the
    image has its maximum, and falls from there to the image's maximum at the place where the baseline has its
    own.
    """
    change = torch.sub(*inputs.chunk(2))  # (N, C, H, W)
    output, output_ref = outputs.chunk(2)  # (N, C, h, w)
    upstream = grad_output.chunk(2)[0]  # (N, C, h, w): the image's multipliers, for both halves
    larger = torch.maximum(output, output_ref)
    moved = torch.cat([(larger - output_ref) * upstream, (output - larger) * upstream])  # (2N, C, h, w)
    _, places = F.max_pool2d(
        inputs,
        module.kernel_size,
        module.stride,
        module.padding,
        module.dilation,
        module.ceil_mode,
        return_indices=True,
    )
    at_places = torch.zeros_like(inputs).flatten(2)  # (2N, C, H·W)
    at_places.scatter_add_(2, places.flatten(2), moved.flatten(2))  # adds up where windows overlap
    contribution = torch.add(*at_places.view_as(inputs).chunk(2))  # (N, C, H, W)
    multiplier = torch.where(change.abs() < eps, grad_input.chunk(2)[0], contribution / change)
    return torch.cat([multiplier, multiplier])


SUPPORTED_NON_LINEAR[ExactMaxPool2d] = _rule
