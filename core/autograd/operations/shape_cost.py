"""How large the result of moving, copying or choosing elements will be."""

import torch

from core.autograd.errors import RefusalError
from core.autograd.operations.cost import Cost, Given, Shown, broadcast_shapes, volume
from core.autograd.operations.signature import shape_text


def expanded(given: Given, shown: Shown) -> Cost:
    sizes = [abs(size) for size in given["size"]]  # −1 keeps a size
    return Cost(
        volume(sizes) * given["input"].numel() if -1 in given["size"] else volume(sizes), 0, len(sizes)
    )


def repeated(given: Given, shown: Shown) -> Cost:
    return Cost(
        volume([abs(size) for size in given["repeats"]]) * given["input"].numel(), 0, len(given["repeats"])
    )


def classes(given: Given, shown: Shown) -> Cost:
    """one_hot: (…) → (…, classes)."""
    target = given["input"]
    count = given.get("num_classes", -1)
    if count < 0:
        count = int(target.max()) + 1 if target.numel() else 0
    return Cost(target.numel() * max(count, 1))


def indexed(given: Given, shown: Shown) -> Cost:
    """Indexing: each number takes a dimension away; tensors of numbers can repeat elements."""
    x, index = given["input"], given["index"]
    items = list(index) if isinstance(index, tuple) else [index]
    chosen: tuple[int, ...] = ()
    rest, position = 1, 0
    consumed = sum(
        item.dim() if isinstance(item, torch.Tensor) and item.dtype == torch.bool else 1
        for item in items
        if item is not None and item is not Ellipsis and not isinstance(item, bool)
    )
    if consumed > x.dim():
        raise RefusalError(
            f"{consumed} indices for a tensor of {x.dim()} dimensions: its shape is {shape_text(x.shape)}",
            "Give at most one index for each dimension.",
        )
    for item in items:
        if item is Ellipsis:
            rest *= volume(x.shape[position : position + x.dim() - consumed])
            position += x.dim() - consumed
        elif isinstance(item, torch.Tensor):
            taken = item.dim() if item.dtype == torch.bool else 1
            size = (volume(item.shape),) if item.dtype == torch.bool else tuple(item.shape)
            joined = broadcast_shapes(chosen, size)
            chosen = joined if joined is not None else (volume(chosen), volume(size))
            position += taken
        elif isinstance(item, slice):
            rest *= max(x.shape[position], 1) if position < x.dim() else 1
            position += 1
        elif isinstance(item, int) and not isinstance(item, bool):
            position += 1
    rest *= volume(x.shape[position:])
    return Cost(volume(chosen) * rest, dimensions=x.dim() + sum(item is None for item in items))


def replaced(given: Given, shown: Shown) -> Cost:
    """x[index] = value: x keeps its size, and the chosen part is written."""
    part = indexed(given, shown)
    return Cost(max(given["input"].numel(), part.elements), dimensions=part.dimensions)
