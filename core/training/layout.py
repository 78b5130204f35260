"""How a network and its images lie in memory while it trains."""

import torch
from torch import Tensor, nn

from core.data.batches import memory_format
from core.training import side_by_side
from core.training.classes_first import put_classes_first
from core.training.late_relu import pool_first
from core.training.onednn import begin_in_onednn
from core.training.side_by_side import SideBySideConv2d

SAFE_CHANNELS = 8  # from so many input channels on, PyTorch does it right


def layout(model: nn.Module, device: torch.device) -> torch.memory_format:
    """The quickest memory format of `device` that `model` can be trained in."""
    if device.type == "cpu" and breaks_channels_last(model):
        return torch.contiguous_format
    return memory_format(device)


def lay_out(model: nn.Module, form: torch.memory_format) -> nn.Module:
    """Let the weights of `model`, and the gradients behind its Flatten layers, lie in `form`; gives `model` back.

    A Flatten hands its gradient back in the usual order, whatever lies before it. ReLU and batch normalisation,
    which then read two tensors in different orders, take five times as long for it as putting it in order does:
    a seventh of a step of `Quick`. Convolutions that may gain from it learn from images side by side, and first
    layers with a maximum pooling in oneDNN's layout. In every `form` a ReLU before a pooling waits for it, and the
    classes of a last Linear lie first.
    """
    model.to(memory_format=form)
    pool_first(model)
    put_classes_first(model)
    if form is not torch.channels_last:
        return model
    maps = any(isinstance(module, nn.Conv2d) for module in model.modules())
    for module in model.modules():
        if SideBySideConv2d.takes(module) and side_by_side.pays(next(module.parameters()).device):
            module.__class__ = SideBySideConv2d
        hooked = _keep_channels_last in module._forward_pre_hooks.values()
        if maps and isinstance(module, nn.Flatten) and not hooked:
            module.register_forward_pre_hook(_keep_channels_last)
    begin_in_onednn(model)
    return model


def _keep_channels_last(_flatten: nn.Module, inputs: tuple[Tensor, ...]) -> None:
    maps = inputs[0]
    if maps.ndim == 4 and maps.requires_grad and not maps.is_contiguous():
        maps.register_hook(_channels_last)


def _channels_last(gradient: Tensor) -> Tensor:
    return gradient.contiguous(memory_format=torch.channels_last)


def breaks_channels_last(model: nn.Module) -> bool:
    """Whether a backward pass on the CPU would write past its memory and end the process.

    In PyTorch 2.15 it does for 1×1 convolutions that leave pixels out and have few input channels, where the CPU
    has AVX2 but not AVX-512.
    """
    return any(
        module.kernel_size == (1, 1) and max(module.stride) > 1 and module.in_channels < SAFE_CHANNELS
        for module in model.modules()
        if isinstance(module, nn.Conv2d)
    )
