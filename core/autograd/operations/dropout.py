"""Dropout, as PyTorch does it on the CPU: a random mask of zeros, times the input."""

from collections.abc import Callable
from typing import Any

import torch

from core.autograd.errors import RefusalError
from core.autograd.operations.cost import broadcast
from core.autograd.operations.creation_cost import created
from core.autograd.operations.operation import FUNCTIONAL, operation


def _mask(size: tuple[int, ...], p: float, dtype: torch.dtype, generator: torch.Generator) -> torch.Tensor:
    """1 / (1 − p) with probability 1 − p, else 0: the mean of the input stays what it was."""
    if p == 1:
        return torch.zeros((), dtype=dtype)
    return torch.empty(size, dtype=dtype).bernoulli_(1 - p, generator=generator).div_(1 - p)


MASK = operation(
    "dropout mask", (), "size: sizes, p: number, dtype: dtype", _mask,
    "0 with probability {p}, else 1 / (1 − {p})", cost=created("size"), creates=True, random=True,
)  # fmt: skip
MASKED = operation(
    "dropout", (), "input: tensor, mask: tensor", lambda input, mask: input * mask, "{input} · {mask}",
    cost=broadcast,
)  # fmt: skip


def _dropout(
    apply: Callable[..., Any], input: torch.Tensor, p: float = 0.5, training: bool = True
) -> torch.Tensor:
    if not 0 <= p <= 1:
        raise RefusalError(f"`p` of `F.dropout` is a probability, from 0 to 1; it is {p}", "Write p=0.5.")
    if not input.is_floating_point():
        raise RefusalError("`F.dropout` needs floating-point numbers", "Use .float() before it.")
    if not training or p == 0 or input.numel() == 0:
        return input
    mask = apply(
        MASK, {"size": tuple(input.shape), "p": p, "dtype": input.dtype}, {"p": f"{p:g}"}, "dropout mask"
    )
    masked: torch.Tensor = apply(MASKED, {"input": input, "mask": mask}, {"mask": "dropout mask"})
    return masked


DROPOUT = operation(
    "dropout", (FUNCTIONAL,), "input: tensor, p: number=, training: flag=", _dropout,
    "{input} · a random mask", steps=_dropout,
)  # fmt: skip
