"""Convolutions over small maps that compute the gradient of their weights with several images side by side.

That gradient is a sum over all places of a map. oneDNN, which computes it, hands it to the CPU's matrix unit row by
row, as products over the columns of a row; Intel's (AMX) takes 32 bfloat16 numbers for each, so that the rows of a
7 × 7 map leave it four fifths empty. The maps of several images side by side, with empty columns between them as wide
as the padding, have long rows and the same sum. A whole backward pass through a convolution of 128 channels to 256
then takes two thirds of the time on 7 × 7 maps, and 0.28 to 0.45 of it on 3 × 3 ones (PyTorch 2.15, two cores).
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.amp import custom_bwd, custom_fwd
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

from core.training.onednn import OneDNNConv2d, leave

WIDEST = 8  # map, in columns: of wider ones the two copies that it takes cost as much as they gain …
FEWEST_WEIGHTS = 60_000  # … and so they do for fewer weights than this
ROW = 64  # columns of the longest row


def pays(device: torch.device) -> bool:
    """Whether convolutions of small maps in bfloat16 gain from it there."""
    return device.type == "cpu" and bool(torch.cpu.get_capabilities().get("amx_bf16"))


class SideBySideConv2d(OneDNNConv2d):
    """A Conv2d that learns from images side by side where autocast has it compute small maps in bfloat16 on the CPU.

    What it computes is the same but for the order of its sums. A Conv2d that `takes` says yes to becomes one by
    its `__class__`.
    """

    @staticmethod
    def takes(layer: nn.Module) -> bool:
        """Whether `layer` is a convolution of the kind for which this is written."""
        return (
            type(layer) is nn.Conv2d
            and layer.stride == layer.dilation == (1, 1)
            and layer.groups == 1
            and layer.weight.numel() >= FEWEST_WEIGHTS
            and layer.padding_mode == "zeros"
            and not isinstance(layer.padding, str)
            and layer.kernel_size[1] > 1
            # a row of the output is no longer than one of the input
            and 2 * layer.padding[1] < layer.kernel_size[1]
        )

    def _conv_forward(self, maps: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        learns = weight.requires_grad and torch.is_grad_enabled()
        if learns and torch.is_autocast_enabled("cpu") and (images := in_a_row(maps)) > 1:
            (maps,) = leave(self, (maps,)) or (maps,)
            return _Convolution.apply(maps, weight, bias, self.padding, images)
        return super()._conv_forward(maps, weight, bias)


def in_a_row(maps: Tensor) -> int:
    """How many of `maps` (N, C, H, W) to lay side by side, a divisor of N; 1 where they are too wide for that."""
    number, width = len(maps), maps.shape[-1]
    if width > WIDEST:
        return 1
    return next(images for images in (16, 8, 4, 2, 1) if number % images == 0 and images * width <= ROW)


class _Convolution(torch.autograd.Function):
    """A convolution of stride 1 in bfloat16."""

    @staticmethod
    @custom_fwd(device_type="cpu", cast_inputs=torch.bfloat16)
    def forward(
        context: Any, maps: Tensor, weight: Tensor, bias: Tensor | None, padding: tuple[int, int], images: int
    ) -> Tensor:
        context.save_for_backward(maps, weight)
        context.padding, context.images = padding, images
        return F.conv2d(maps, weight, bias, padding=padding)

    @staticmethod
    @custom_bwd(device_type="cpu")
    @once_differentiable
    def backward(context: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        maps, weight = context.saved_tensors
        for_maps, _, for_bias, *_ = context.needs_input_grad
        of_maps, _, _ = gradients(gradient, maps, weight, context.padding, (for_maps, False, False))
        learnt = weight_gradient(gradient, maps, weight, context.padding, context.images, for_bias)
        return of_maps, *learnt, None, None


def gradients(
    gradient: Tensor, maps: Tensor, weight: Tensor, padding: tuple[int, int], wanted: tuple[bool, bool, bool]
) -> tuple[Any, Any, Any]:
    """Those of the maps, the weight and the bias of a convolution of stride 1; None where one is not wanted."""
    found: tuple[Any, Any, Any] = torch.ops.aten.convolution_backward(
        gradient, maps, weight, [len(weight)], [1, 1], padding, [1, 1], False, [0, 0], 1, wanted
    )
    return found


def weight_gradient(
    gradient: Tensor,
    maps: Tensor,
    weight: Tensor,
    padding: tuple[int, int],
    images: int,
    for_bias: bool = False,
) -> tuple[Tensor, Tensor | None]:
    """The gradient of `weight` (O, C, h, w) from that of the output, (N, O, H', W'), and the maps (N, C, H, W).

    Beside it that of the bias (O,), if it is wanted: oneDNN has it from the same sum, or from another whole one.
    `images` is how many lie side by side, a divisor of N.
    """
    wide = maps.shape[3] + padding[1]  # the empty columns right of a map are those left of the next one, too
    rows = in_rows(maps, images, wide)
    width = rows.shape[3] + 2 * padding[1] - weight.shape[3] + 1  # of what a convolution makes of such rows
    beside = in_rows(gradient, images, wide)[..., :width]
    _, *learnt = gradients(beside, rows, weight, padding, (False, True, for_bias))
    return learnt[0], learnt[1]


def in_rows(maps: Tensor, images: int, wide: int) -> Tensor:
    """Maps (N, C, H, W) side by side, each filled up with zeros to `wide` columns: (N / images, C, H, images · wide).

    Both lie with their channels last in memory.
    """
    # (N, H, W, C) → (N / images, H, images, W, C)
    rows = maps.permute(0, 2, 3, 1).unflatten(0, (-1, images)).transpose(1, 2)
    return F.pad(rows, (0, 0, 0, wide - maps.shape[3])).flatten(2, 3).permute(0, 3, 1, 2)
