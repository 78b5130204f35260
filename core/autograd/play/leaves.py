"""Which of a program's tensors can be changed without typing, and to what."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from core.autograd.graph.trace import Applied, Trace, Value
from core.autograd.operations.signature import shape_text

LARGEST = 6  # rows and columns up to which a tensor can be changed
SLIDER = 5.0  # a slider reaches at least this far on both sides of 0

Numbers = Any  # a number, or nested lists of numbers
Changes = tuple[tuple[str, Numbers], ...]  # name → numbers, hashable: nested tuples


@dataclass(frozen=True)
class Leaf:
    """A tensor that the program makes from numbers and names, small enough to be changed by hand."""

    name: str
    value: int
    shape: tuple[int, ...]
    whole: bool  # holds whole numbers only
    requires_grad: bool
    numbers: Numbers  # as the program makes them
    reach: float  # a slider goes from −reach to reach


@dataclass(frozen=True)
class Fixed:
    """A tensor made from numbers that can't be changed here, and why."""

    name: str
    reason: str


def leaves_of(trace: Trace) -> tuple[tuple[Leaf, ...], tuple[Fixed, ...]]:
    """The named tensors that creation operations made: those that can be changed, and those that can't."""
    made = [value for value in trace.values if value.names and creation_of(trace, value) is not None]
    times = Counter(value.names[0] for value in made)
    leaves, fixed = [], {}
    for value in made:
        name = value.names[0]
        reason = "it is made more than once" if times[name] > 1 else _reason(value.data)
        if reason:
            fixed[name] = Fixed(name, reason)
        else:
            leaves.append(_leaf(value))
    return tuple(leaves), tuple(fixed.values())


def creation_of(trace: Trace, value: Value) -> Applied | None:
    made_by = None if value.operation is None else trace.operations[value.operation]
    return made_by if made_by is not None and made_by.operation.creates else None


def _reason(data: torch.Tensor) -> str:
    if data.dim() > 2 or max(data.shape, default=1) > LARGEST:
        return f"its shape {shape_text(data.shape)} is larger than {LARGEST}×{LARGEST}"
    if data.numel() == 0:
        return "it is empty"
    if data.dtype == torch.bool or data.is_complex():
        return f"it holds {str(data.dtype).removeprefix('torch.')} values"
    if not bool(data.isfinite().all()):
        return "it holds numbers that are not finite"
    return ""


def _leaf(value: Value) -> Leaf:
    data = value.data
    numbers = plain(data)
    largest = float(data.abs().max())
    # 1, 2 or 5 times a power of ten, at least twice the largest number
    power = 10.0 ** math.floor(math.log10(max(2 * largest, SLIDER)))
    reach = next(step * power for step in (1, 2, 5, 10) if step * power >= max(2 * largest, SLIDER))
    return Leaf(
        value.names[0], value.number, tuple(data.shape), not data.is_floating_point(),
        value.requires_grad, numbers, reach,
    )  # fmt: skip


def plain(data: torch.Tensor) -> Numbers:
    """The numbers as short as they can be written: 0.1, not 0.10000000149."""

    def short(item: Any) -> Any:
        if isinstance(item, list):
            return [short(each) for each in item]
        if isinstance(item, int):
            return item
        digits = next(d for d in range(1, 18) if d == 17 or _same(float(f"{item:.{d}g}"), item, data.dtype))
        return float(f"{item:.{digits}g}")

    return short(data.tolist())


def _same(one: float, other: float, dtype: torch.dtype) -> bool:
    return bool(torch.tensor(one, dtype=dtype) == torch.tensor(other, dtype=dtype))


def frozen(numbers: Numbers) -> Numbers:
    """Nested lists as nested tuples, which can be compared and be keys."""
    return tuple(frozen(item) for item in numbers) if isinstance(numbers, (list, tuple)) else numbers


def listed(numbers: Numbers) -> Numbers:
    """Nested tuples as nested lists, as a program writes them."""
    return [listed(item) for item in numbers] if isinstance(numbers, (list, tuple)) else numbers


def changed(leaves: Sequence[Leaf], given: Mapping[str, Any]) -> Changes:
    """The numbers in `given` that differ from the program's, checked; what does not fit is left out.

    What comes from a browser may be anything: unknown names, wrong shapes and numbers that are not finite are
    dropped.
    """
    kept = []
    for leaf in leaves:
        numbers = given.get(leaf.name)
        if numbers is None or not _fits(numbers, leaf.shape, leaf.whole):
            continue
        if frozen(numbers) != frozen(leaf.numbers):
            kept.append((leaf.name, frozen(numbers)))
    return tuple(kept)


def _fits(numbers: Numbers, shape: tuple[int, ...], whole: bool) -> bool:
    if shape:
        return (
            isinstance(numbers, (list, tuple))
            and len(numbers) == shape[0]
            and all(_fits(item, shape[1:], whole) for item in numbers)
        )
    if isinstance(numbers, bool) or not isinstance(numbers, (int, float)):
        return False
    return math.isfinite(numbers) and abs(numbers) <= 1e9 and (not whole or numbers == int(numbers))
