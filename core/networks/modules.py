"""The modules that PyTorch does not have: blocks with inner layers, and the depthwise-separable convolution."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Residual(nn.Module):
    """y = F(x) + x; where F changes the shape, a projection stands in for x (He and others, 2015).

    x (N, C, H, W) → y (N, C', H', W').
    """

    def __init__(self, body: nn.Sequential, shortcut: nn.Module) -> None:
        super().__init__()
        self.body = body
        self.shortcut = shortcut

    def forward(self, x: Tensor) -> Tensor:
        return self.body(x) + self.shortcut(x)


class Skip(nn.Module):
    """y = [F(x), x]: what F makes and x itself, side by side as channels (Huang and others, 2016: DenseNet).

    x (N, C, H, W) → y (N, C' + C, H, W).
    """

    def __init__(self, body: nn.Sequential) -> None:
        super().__init__()
        self.body = body

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.body(x), x], dim=1)


class Parallel(nn.Module):
    """Branches that all read x (N, C, H, W); how their results are joined is the subclass's business."""

    def __init__(self, branches: dict[str, nn.Sequential]) -> None:
        super().__init__()
        for name, branch in branches.items():
            self.add_module(name, branch)


class Concatenate(Parallel):
    """y = [F₁(x), F₂(x), …], joined as channels (Szegedy and others, 2014: Inception)."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([branch(x) for branch in self.children()], dim=1)


class Sum(Parallel):
    """y = F₁(x) + F₂(x) + …, elementwise."""

    def forward(self, x: Tensor) -> Tensor:
        first, *others = (branch(x) for branch in self.children())
        for other in others:
            first = first + other
        return first


class Product(Parallel):
    """y = F₁(x) · F₂(x) · …, elementwise; a single value a channel scales its whole map (Hu and others, 2017)."""

    def forward(self, x: Tensor) -> Tensor:
        first, *others = (branch(x) for branch in self.children())
        for other in others:
            first = first * other
        return first


class DepthwiseSeparable(nn.Sequential):
    """A convolution in two steps: one kernel a channel, then a 1×1 convolution that mixes the channels."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        stride: int = 1,
        padding: int | str = 0,
        dilation: int = 1,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(
            in_channels,
            in_channels,
            kernel_size,
            stride=stride,
            padding=padding,
            dilation=dilation,
            groups=in_channels,
            bias=False,
        )
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=bias)
