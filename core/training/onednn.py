"""The first layers of a network in oneDNN's own memory layout while it learns on a CPU.

oneDNN, with which PyTorch computes convolutions there, has a maximum pooling of its own. It is four times as quick as
PyTorch's, which takes up to a third of a step: it remembers the place of each maximum in one byte, not eight, and
writes a gradient in one pass, not two. But it only takes tensors in oneDNN's layout ("mkldnn" in PyTorch). So the
images go into it before the first convolution, and the maps come out of it behind the last layer that it knows. The
pooling is the same bit by bit, also where two maxima are equal; convolutions and batch normalisation are the same but
for the order of their sums.

Its layout holds channels in blocks of 16. With whole blocks everything gains. A block that is not full is filled up
with zeros, which are computed, too; a network of a few channels gains all the same in large batches where each
convolution has its pooling, but in float32 alone (LeNet-6-12 has up to 1.3 times its speed in batches of 512; in
bfloat16 it would have half of it, and in small batches two threads gain nothing).
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import takewhile

import torch
from torch import Tensor, nn

BLOCK = 16  # channels lie in blocks of so many
FEWEST_CHANNELS = 4  # from which a block is filled up; it takes memory for 16 …
FEWEST_IMAGES = 256  # … and of a batch for which it is


def pays(device: torch.device) -> bool:
    """Whether networks may gain from it there: its kernels for bfloat16 need these instructions."""
    able = (
        torch.cpu.get_capabilities() if device.type == "cpu" and torch.backends.mkldnn.is_available() else {}
    )
    return all(able.get(needed) for needed in ("avx512_bw", "avx512_dq", "avx512_vl"))


class OneDNNConv2d(nn.Conv2d):
    """A Conv2d that also takes maps in oneDNN's layout, which it keeps; a Conv2d becomes one by its `__class__`."""

    def _conv_forward(self, maps: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        if not maps.is_mkldnn:
            return super()._conv_forward(maps, weight, bias)
        weight, bias = weight.to(maps.dtype), None if bias is None else bias.to(maps.dtype)
        convolved: Tensor = torch.ops.aten.mkldnn_convolution(
            maps, weight, bias, self.padding, self.stride, self.dilation, self.groups
        )
        return convolved


def begin_in_onednn(model: nn.Module) -> None:
    """Let the first layers of `model` learn in oneDNN's layout, if there are any that gain from it."""
    first, begin = first_layers(model), enter
    if not first:
        first, begin = narrow_layers(model), enter_if_large
    if not first or not pays(next(first[0].parameters()).device):
        return
    for layer in first:
        if type(layer) is nn.Conv2d:
            layer.__class__ = OneDNNConv2d
    behind = list(model.children())[len(first)]
    for layer, hook in ((first[0], begin), (behind, leave)):
        if hook not in layer._forward_pre_hooks.values():
            layer.register_forward_pre_hook(hook)


def may_begin_so(model: nn.Module, batch_size: int, computed_in: str) -> bool:
    """Whether `model` does so where it pays, in batches of that size and in that precision."""
    large = batch_size >= FEWEST_IMAGES and computed_in == "float32"
    return bool(first_layers(model) or (large and narrow_layers(model)))


def first_layers(model: nn.Module) -> list[nn.Module]:
    """The layers of whole blocks at the beginning of `model` that gain: none without a maximum pooling."""
    first = beginning(model, lambda channels: channels % BLOCK == 0)
    return first if any(isinstance(layer, nn.MaxPool2d) for layer in first) else []


def narrow_layers(model: nn.Module) -> list[nn.Module]:
    """Those of one block at most: none unless each convolution of `model` has a maximum pooling behind it."""
    first = beginning(model, lambda channels: FEWEST_CHANNELS <= channels <= BLOCK)
    turns = [isinstance(layer, nn.Conv2d) for layer in first if isinstance(layer, nn.Conv2d | nn.MaxPool2d)]
    convolutions = sum(isinstance(module, nn.Conv2d) for module in model.modules())
    return first if turns == [True, False] * convolutions else []


def beginning(model: nn.Module, fits: Callable[[int], bool]) -> list[nn.Module]:
    """The layers that `model` begins with, from a convolution on, as far as oneDNN knows them.

    Its convolutions have so many output channels that `fits` says yes. None where no layer behind takes the maps.
    """

    def goes_on(layer: nn.Module) -> bool:
        return knows(layer) and (not isinstance(layer, nn.Conv2d) or fits(layer.out_channels))

    layers = list(model.children()) if isinstance(model, nn.Sequential) else []
    known = list(takewhile(goes_on, layers))
    return known if known and isinstance(known[0], nn.Conv2d) and len(known) < len(layers) else []


def knows(layer: nn.Module) -> bool:
    """Whether `layer` computes in oneDNN's layout, too."""
    if isinstance(layer, nn.Conv2d):
        usual = layer.padding_mode == "zeros" and not isinstance(layer.padding, str) and layer.groups == 1
        # of 1 × 1 kernels that leave pixels out, one kind breaks: see `core.training.layout`
        return usual and min(layer.kernel_size) > 1
    if isinstance(layer, nn.MaxPool2d):
        return layer.dilation in (1, (1, 1)) and not layer.return_indices and not layer.ceil_mode
    if isinstance(layer, nn.BatchNorm2d):
        # those of a frozen network keep their statistics, through which oneDNN has no way back
        return layer.training and layer.weight is not None and layer.bias is not None
    return isinstance(layer, nn.ReLU)


def enter(first: nn.Module, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...] | None:
    """Give the first layer images in oneDNN's layout while it learns on the CPU (a forward pre-hook)."""
    images = inputs[0]
    if not first.training or not torch.is_grad_enabled() or images.device.type != "cpu":
        return None
    return ((images.bfloat16() if torch.is_autocast_enabled("cpu") else images).to_mkldnn(),)


def enter_if_large(first: nn.Module, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...] | None:
    """As `enter`, but only large batches, and not where autocast has the layers compute in bfloat16."""
    small = len(inputs[0]) < FEWEST_IMAGES
    return None if small or torch.is_autocast_enabled("cpu") else enter(first, inputs)


def leave(behind: nn.Module, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...] | None:
    """Give a layer maps in PyTorch's layout, whichever they lie in (a forward pre-hook).

    The channels come last, but for a Flatten, which would put them first again.
    """
    maps = inputs[0]
    if not maps.is_mkldnn:
        return None
    usual = maps.to_dense()
    return (usual if isinstance(behind, nn.Flatten) else usual.contiguous(memory_format=torch.channels_last),)
