"""The floor of a network as PyTorch builds it: with our memory format, but without our rewriting of its layers."""

import torch
from torch import nn

from benchmarks.ways import floor
from benchmarks.ways.task import Answer, Task


def speed(task: Task) -> Answer:
    """As the floor, with the memory format, allocator settings and precision of our loop alone."""

    def laid_out(model: nn.Module, form: torch.memory_format) -> nn.Module:
        return model.to(memory_format=form)

    return floor.speed(task, laid_out=laid_out)
