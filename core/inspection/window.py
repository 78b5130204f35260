"""How one output pixel of a convolution or pooling layer comes about: its window, the products, their sum."""

import sys
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core.networks.spec import Shape

Taps = tuple[tuple[int, ...], ...]  # for each output index the input indices it reads; outside: padding


@dataclass(frozen=True, eq=False)
class SlidingWindow:
    """What each output pixel of a layer reads, and what is done with it."""

    operation: str  # "sum" of products | "maximum" | "mean"
    rows: Taps  # of each output row; an index below 0 or from H on is padding
    columns: Taps
    groups: int = 1  # output channel o reads the input channels of its own group only
    weight: Tensor | None = None  # (O, C/groups, kh, kw); pooling has none
    bias: Tensor | None = None  # (O,)
    counts_padding: bool = True  # whether a mean also divides by the padding it read

    @property
    def depth(self) -> int:
        """How many input channels one output channel reads."""
        return 1 if self.weight is None else self.weight.shape[1]

    def channels_of(self, output_channel: int) -> range:
        """The input channels that an output channel reads."""
        if self.weight is None:
            return range(output_channel, output_channel + 1)
        group = output_channel // (len(self.weight) // self.groups)
        return range(group * self.depth, (group + 1) * self.depth)


@dataclass(frozen=True, eq=False)
class OutputPixel:
    """One number of a feature map, taken apart; n is how many input channels it reads."""

    channels: range  # those input channels
    rows: tuple[int, ...]  # of the input; outside it is padding
    columns: tuple[int, ...]
    padding: Tensor  # bool (kh, kw): where the window lies outside the input
    values: Tensor  # (n, kh, kw): the window on each channel; 0 in the padding
    weights: Tensor  # (n, kh, kw); of a mean 1 / how many are counted, of a maximum 1 where it was found
    products: Tensor  # (n, kh, kw)
    sums: Tensor  # (n,): of the products of each channel
    bias: float
    value: float  # sums.sum() + bias


def sliding_window(module: nn.Module, input_shape: Shape, output_shape: Shape) -> SlidingWindow | None:
    """The window of a module that takes (C, H, W) or (features,); None for one that has no window.

    A Linear layer is one whose window is all it gets: for `input_shape` give the shape of the feature maps
    that were flattened for it, where there are such.
    """
    for kind, rule in _RULES.items():
        if isinstance(module, kind):
            return rule(module, input_shape, output_shape)
    return None


def output_pixel(window: SlidingWindow, maps: Tensor, channel: int, row: int, column: int) -> OutputPixel:
    """The number at (channel, row, column) of the output; `maps` (C, H, W) is what the layer took in.

    Computed in float64, so it differs from the module's float32 by rounding. Raises IndexError outside the
    output.
    """
    rows, columns = window.rows[row], window.columns[column]
    _, height, width = maps.shape
    r, c = torch.tensor(rows)[:, None], torch.tensor(columns)[None]
    padding = (r < 0) | (r >= height) | (c < 0) | (c >= width)  # (kh, kw)
    channels = window.channels_of(channel)
    own = maps[channels.start : channels.stop].double()
    values = own[:, r.clamp(0, height - 1), c.clamp(0, width - 1)].masked_fill(padding, 0)  # (n, kh, kw)
    weights = _weights(window, channel, values, padding)
    products = weights * values
    sums = products.sum((1, 2))
    bias = 0.0 if window.bias is None else float(window.bias[channel].detach())
    return OutputPixel(
        channels, rows, columns, padding, values, weights, products, sums, bias, float(sums.sum()) + bias
    )


def _weights(window: SlidingWindow, channel: int, values: Tensor, padding: Tensor) -> Tensor:
    if window.weight is not None:
        return window.weight[channel].detach().double()
    if window.operation == "mean":
        counted = torch.ones_like(values) if window.counts_padding else (~padding).double().expand_as(values)
        return counted / counted.sum()
    largest = values.masked_fill(padding, -torch.inf).flatten().argmax()
    return torch.zeros_like(values).flatten().index_fill(0, largest, 1).reshape(values.shape)


def _pair(value: int | tuple[int, ...]) -> tuple[int, int]:
    """PyTorch's settings are one number, or one for the height and one for the width."""
    return (value, value) if isinstance(value, int) else (value[0], value[1])


def _slide(out: int, kernel: int, stride: int, before: int, dilation: int, end: int = sys.maxsize) -> Taps:
    """`before` is the padding at the low end; nothing from `end` on is read, not even as padding."""
    return tuple(
        tuple(at for k in range(kernel) if (at := o * stride - before + k * dilation) < end)
        for o in range(out)
    )


def _convolution(module: nn.Conv2d, input_shape: Shape, output_shape: Shape) -> SlidingWindow | None:
    if module.padding_mode != "zeros":
        return None
    taps = []
    for axis in (0, 1):
        kernel, dilation = module.kernel_size[axis], module.dilation[axis]
        if isinstance(module.padding, str):  # "same" puts the odd pixel behind; "valid" is none
            before = dilation * (kernel - 1) // 2 if module.padding == "same" else 0
        else:
            before = module.padding[axis]
        taps.append(_slide(output_shape[axis + 1], kernel, module.stride[axis], before, dilation))
    return SlidingWindow("sum", taps[0], taps[1], module.groups, module.weight, module.bias)


def _pooling(module: nn.MaxPool2d | nn.AvgPool2d, input_shape: Shape, output_shape: Shape) -> SlidingWindow:
    kernel, stride, padding = (
        _pair(value) for value in (module.kernel_size, module.stride or module.kernel_size, module.padding)
    )
    dilation = _pair(module.dilation) if isinstance(module, nn.MaxPool2d) else (1, 1)
    taps = [
        _slide(
            output_shape[axis + 1],
            kernel[axis],
            stride[axis],
            padding[axis],
            dilation[axis],
            input_shape[axis + 1] + padding[axis],  # ceil_mode lets the last window reach beyond
        )
        for axis in (0, 1)
    ]
    if isinstance(module, nn.MaxPool2d):
        return SlidingWindow("maximum", taps[0], taps[1])
    return SlidingWindow("mean", taps[0], taps[1], counts_padding=module.count_include_pad)


def _adaptive(module: nn.AdaptiveAvgPool2d, input_shape: Shape, output_shape: Shape) -> SlidingWindow:
    rows, columns = (
        tuple(tuple(range(o * size // out, -(-(o + 1) * size // out))) for o in range(out))
        for size, out in zip(input_shape[1:], output_shape[1:], strict=True)
    )
    return SlidingWindow("mean", rows, columns)


def _linear(module: nn.Linear, input_shape: Shape, output_shape: Shape) -> SlidingWindow | None:
    if len(input_shape) not in (1, 3):
        return None
    channels, height, width = input_shape if len(input_shape) == 3 else (*input_shape, 1, 1)
    weight = module.weight.view(-1, channels, height, width)  # (O, C·H·W) → (O, C, H, W)
    return SlidingWindow("sum", (tuple(range(height)),), (tuple(range(width)),), 1, weight, module.bias)


_RULES: dict[type[nn.Module], Callable[..., SlidingWindow | None]] = {
    nn.Conv2d: _convolution,
    nn.MaxPool2d: _pooling,
    nn.AvgPool2d: _pooling,
    nn.AdaptiveAvgPool2d: _adaptive,
    nn.Linear: _linear,
}
