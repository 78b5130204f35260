"""Operations that make tensors from numbers."""

from collections.abc import Callable
from typing import Any

import torch

from core.autograd.errors import RefusalError
from core.autograd.operations.cost import largest
from core.autograd.operations.creation_cost import created, nested, spaced, square, stepped
from core.autograd.operations.operation import NN, TORCH, Operation, operation

_MORE = ", dtype: dtype?, requires_grad: flag="


def _tensor(data: Any, **settings: Any) -> torch.Tensor:
    if _holds_tensor(data):
        raise RefusalError(
            "torch.tensor(…) copies numbers: tensors inside it would be cut off from the graph",
            "Use torch.stack([a, b]) to join tensors, or .clone() to copy one.",
        )
    return torch.tensor(data, **settings)


def _arange(start: float, end: float | None = None, step: float = 1, **rest: Any) -> torch.Tensor:
    first, last = (0, start) if end is None else (start, end)
    return torch.arange(first, last, step, **rest)


def _holds_tensor(data: Any) -> bool:
    if isinstance(data, (list, tuple)):
        return any(_holds_tensor(item) for item in data)
    return isinstance(data, torch.Tensor)


def _sized(name: str, make: Callable[..., torch.Tensor], formula: str, random: bool = False) -> Operation:
    """An operation whose arguments are the sizes."""
    return operation(
        name, (TORCH,), "*size: sizes" + _MORE, lambda size, **rest: make(size, **rest), formula,
        cost=created("size"), creates=True, random=random,
    )  # fmt: skip


CREATION = (
    operation("tensor", (TORCH,), "data: data" + _MORE, _tensor,
              "the numbers as given", cost=nested, creates=True),
    _sized("zeros", torch.zeros, "zeros"),
    _sized("ones", torch.ones, "ones"),
    _sized("rand", torch.rand, "random numbers between 0 and 1", random=True),
    _sized("randn", torch.randn, "random numbers, normally distributed", random=True),
    operation("full", (TORCH,), "size: sizes, fill_value: number" + _MORE, torch.full,
              "{fill_value} everywhere",
              cost=created("size"), creates=True),
    operation("eye", (TORCH,), "n: whole, m: whole=" + _MORE,
              lambda n, m=None, **rest: torch.eye(n, n if m is None else m, **rest), "1 on the diagonal",
              cost=square, creates=True),
    operation("arange", (TORCH,), "start: number, end: number=, step: number=" + _MORE,
              _arange,
              "numbers in steps", cost=stepped, creates=True),
    operation("linspace", (TORCH,), "start: number, end: number, steps: whole" + _MORE, torch.linspace,
              "evenly spaced numbers", cost=spaced, creates=True),
    operation("zeros_like", (TORCH,), "input: tensor" + _MORE, torch.zeros_like,
              "zeros in the shape of {input}",
              cost=largest, creates=True),
    operation("ones_like", (TORCH,), "input: tensor" + _MORE, torch.ones_like, "ones in the shape of {input}",
              cost=largest, creates=True),
    operation("randint", (TORCH,), "low: whole, high: whole, size: sizes" + _MORE, torch.randint,
              "random whole numbers", cost=created("size"), creates=True, random=True),
    operation("Parameter", (NN,), "data: tensor, requires_grad: flag=",
              lambda data, requires_grad=True: data.detach().clone().requires_grad_(requires_grad),
              "{data} as a leaf to be learned", creates=True),
)  # fmt: skip
