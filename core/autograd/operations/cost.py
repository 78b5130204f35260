"""What an operation will cost, known before it runs: elements of its result, and work.

Each family takes the bound arguments and how each is written in the program, and refuses shapes that do not
fit in words, with this case's shapes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import ceil, isfinite, prod
from typing import Any

import torch

from core.autograd.errors import RefusalError
from core.autograd.operations.signature import shape_text

Given = Mapping[str, Any]
Shown = Mapping[str, str]


@dataclass(frozen=True)
class Cost:
    """`elements` of the largest result or buffer, `work` in multiply-adds or comparisons, `dimensions` of
    the result."""

    elements: int
    work: int = 0
    dimensions: int = 0


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


def matmul(given: Given, shown: Shown) -> Cost:
    """Matrix product: the last size of the first must be the second last of the other (or its only one)."""
    a, b = given["input"], given["other"]
    names = f"`{shown.get('input', 'input')}`", f"`{shown.get('other', 'other')}`"
    for name, tensor in zip(names, (a, b), strict=True):
        if tensor.dim() == 0:
            raise RefusalError(
                f"{name} is a scalar: `@` multiplies matrices and vectors", "For a scalar use `*`."
            )
    rows = b.shape[-2] if b.dim() > 1 else b.shape[0]
    if a.shape[-1] != rows:
        what = "columns" if a.dim() > 1 else "elements"
        raise RefusalError(
            f"These shapes do not multiply: {names[0]} has shape {shape_text(a.shape)} and {names[1]} has "
            f"{shape_text(b.shape)}. The {a.shape[-1]} {what} of the first must match the {rows} "
            f"{'rows' if b.dim() > 1 else 'elements'} of the second",
            _matmul_hint(a, b, names),
        )
    batch = broadcast_shapes(tuple(a.shape[:-2]), tuple(b.shape[:-2]))
    if batch is None:
        raise RefusalError(
            f"The leading sizes do not broadcast: {names[0]} has shape {shape_text(a.shape)} and "
            f"{names[1]} has "
            f"{shape_text(b.shape)}",
            "All sizes but the last two must be equal, or one of them 1.",
        )
    result = volume(batch) * (a.shape[-2] if a.dim() > 1 else 1) * (b.shape[-1] if b.dim() > 1 else 1)
    return Cost(result, result * max(a.shape[-1], 1))


def _matmul_hint(a: torch.Tensor, b: torch.Tensor, names: tuple[str, str]) -> str:
    first, second = (name.strip("`") for name in names)
    if b.dim() > 1 and a.shape[-1] == b.shape[-1]:
        return f"{second}.T has {b.shape[-1]} rows: try `{first} @ {second}.T`."
    if a.dim() == 2 and b.dim() > 1 and a.shape[0] == b.shape[-2]:
        return f"{first}.T has {a.shape[0]} columns: try `{first}.T @ {second}`."
    if a.dim() == 2 and b.dim() == 2 and b.shape[1] == a.shape[0]:
        return f"The other way round fits: `{second} @ {first}`. For elementwise products use `*`."
    return "Change one of the shapes, or use `*` for the elementwise product."


def linear(given: Given, shown: Shown) -> Cost:
    """input (…, in) and weight (out, in)."""
    x, weight = given["input"], given["weight"]
    if weight.dim() != 2 or x.dim() == 0 or x.shape[-1] != weight.shape[1]:
        raise RefusalError(
            f"`linear` multiplies input (…, in) with weight (out, in): `{shown.get('input', 'input')}` "
            f"has shape "
            f"{shape_text(x.shape)} and `{shown.get('weight', 'weight')}` has {shape_text(weight.shape)}",
            "The last sizes of both must be equal.",
        )
    result = volume(x.shape[:-1]) * weight.shape[0]
    return Cost(result, result * weight.shape[1])


def outer(given: Given, shown: Shown) -> Cost:
    return Cost(given["input"].numel() * given["vec2"].numel())


def created(key: str) -> Callable[[Given, Shown], Cost]:
    """The sizes stand in argument `key`."""

    def cost(given: Given, shown: Shown) -> Cost:
        sizes = given.get(key, ())
        if any(size < 0 for size in sizes):
            raise RefusalError(
                f"A size cannot be negative; the sizes are {shape_text(sizes)}", "Use sizes of 0 or more."
            )
        return Cost(volume(sizes), dimensions=len(sizes))

    return cost


def expanded(given: Given, shown: Shown) -> Cost:
    sizes = [abs(size) for size in given["size"]]  # −1 keeps a size
    return Cost(
        volume(sizes) * given["input"].numel() if -1 in given["size"] else volume(sizes), 0, len(sizes)
    )


def repeated(given: Given, shown: Shown) -> Cost:
    return Cost(
        volume([abs(size) for size in given["repeats"]]) * given["input"].numel(), 0, len(given["repeats"])
    )


def square(given: Given, shown: Shown) -> Cost:
    """eye(n, m)."""
    return Cost(volume((given["n"], given.get("m", given["n"]))))


def stepped(given: Given, shown: Shown) -> Cost:
    """arange: from start to end in steps; with one number that is the end."""
    start, end = (given["start"], given["end"]) if "end" in given else (0, given["start"])
    step = given.get("step", 1)
    if step == 0 or not all(map(isfinite, (start, end, step))):
        raise RefusalError(
            "`arange` needs finite numbers and a step that is not 0", "Write torch.arange(start, end, step)."
        )
    return Cost(max(0, ceil((end - start) / step)))


def spaced(given: Given, shown: Shown) -> Cost:
    if given["steps"] < 0:
        raise RefusalError(
            f"`steps` cannot be negative; it is {given['steps']}", "Write torch.linspace(0, 1, 5)."
        )
    return Cost(given["steps"])


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


def nested(given: Given, shown: Shown) -> Cost:
    """tensor(data): the sizes are the lengths of the first list, of the first list in it, and so on."""
    sizes, data = [], given["data"]
    while isinstance(data, (list, tuple)):
        sizes.append(len(data))
        if not data:
            break
        data = data[0]
    return Cost(volume(sizes), dimensions=len(sizes))
