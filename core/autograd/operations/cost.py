"""What an operation will cost, known before it runs: elements of its result, and work.

Each family takes the bound arguments and how each is written in the program, and refuses shapes that do not
fit in words, with this case's shapes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

import torch

from core.autograd.errors import RefusalError
from core.autograd.operations.signature import shape_text

Given = Mapping[str, Any]
Shown = Mapping[str, str]


@dataclass(frozen=True)
class Cost:
    """What one operation needs; each part has its limit."""

    elements: int  # of the largest result
    work: int = 0  # multiply-adds or comparisons
    dimensions: int = 0  # of the result
    buffer: int = 0  # elements that PyTorch needs besides, for a moment


def volume(sizes: tuple[int, ...] | list[int] | torch.Size) -> int:
    """Number of elements, an empty dimension counted as one so that the others stay bounded."""
    return prod(max(size, 1) for size in sizes)


def tensors_in(given: Given) -> list[torch.Tensor]:
    found: list[torch.Tensor] = []
    for value in given.values():
        items = value if isinstance(value, (tuple, list)) else (value,)
        found += [item for item in items if isinstance(item, torch.Tensor)]
    return found


def largest(given: Given, shown: Shown) -> Cost:
    """The result is no larger than the largest tensor that comes in: reductions, views, elementwise
    functions."""
    return Cost(max((tensor.numel() for tensor in tensors_in(given)), default=1))


def together(given: Given, shown: Shown) -> Cost:
    """The result holds all that comes in: cat, stack."""
    return Cost(sum(tensor.numel() for tensor in tensors_in(given)))


def broadcast(given: Given, shown: Shown) -> Cost:
    """Elementwise over several tensors, whose shapes are aligned from the right."""
    names = [name for name, value in given.items() if isinstance(value, torch.Tensor)]
    shape: tuple[int, ...] = ()
    for i, name in enumerate(names):
        joined = broadcast_shapes(shape, given[name].shape)
        if joined is None:
            raise _mismatch(names[:i], name, shape, given, shown)
        shape = joined
    return Cost(volume(shape), dimensions=len(shape))


def broadcast_shapes(one: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...] | None:
    """The common shape, or None where two sizes differ and neither is 1."""
    length = max(len(one), len(other))
    padded = [(1,) * (length - len(shape)) + tuple(shape) for shape in (one, other)]
    if any(a != b and a != 1 and b != 1 for a, b in zip(*padded, strict=True)):
        return None
    return tuple(b if a == 1 else a for a, b in zip(*padded, strict=True))


def _mismatch(
    before: list[str], name: str, shape: tuple[int, ...], given: Given, shown: Shown
) -> RefusalError:
    other = tuple(given[name].shape)
    first = f"`{shown.get(before[-1], before[-1])}`" if len(before) == 1 else "what comes before it"
    length = min(len(shape), len(other))
    position, a, b = next(
        (i, shape[-i], other[-i])
        for i in range(1, length + 1)
        if shape[-i] != other[-i] and 1 not in (shape[-i], other[-i])
    )
    place = "last" if position == 1 else f"{_ordinal(position)} from the right"
    message = (
        f"These shapes do not broadcast: {first} has shape {shape_text(shape)} and "
        f"`{shown.get(name, name)}` has "
        f"{shape_text(other)}. Aligned from the right, the {place} sizes are {a} and {b}; "
        "they must be equal, or one of them 1"
    )
    hint = "Reshape one of them, for example with .unsqueeze(1) or .reshape(…)"
    if len(shape) == len(other) == 2 and shape == other[::-1]:
        hint += f"; here `{shown.get(name, name)}.T` has shape {shape_text(other[::-1])}"
    return RefusalError(message, hint + ".")


def _ordinal(number: int) -> str:
    return {2: "second", 3: "third"}.get(number, f"{number}th")
