"""How a network and its images lie in memory while it trains."""

import torch
from torch import nn

from core.data.batches import memory_format

SAFE_CHANNELS = 8  # from so many input channels on, PyTorch does it right


def layout(model: nn.Module, device: torch.device) -> torch.memory_format:
    """The quickest memory format of `device` that `model` can be trained in."""
    if device.type == "cpu" and breaks_channels_last(model):
        return torch.contiguous_format
    return memory_format(device)


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
