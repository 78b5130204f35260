"""Gradients checked by central differences in float64: (f(x + h) − f(x − h)) / 2h."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import torch

from core.autograd.graph.trace import Applied, BackwardPass, Reference, Trace, substitute

STEP = 1e-5  # h, relative to |x| where that is above 1
TOLERANCE = 1e-4  # relative error below which float32 gradients agree with float64 differences
KINK = 1e-3  # relative difference of the two one-sided slopes from which on there is a kink
ELEMENTS = 36  # values with more elements are checked along random directions
DIRECTIONS = 4
BUDGET = 6_000  # operations that all checks of a program may evaluate, about 50 ms


@dataclass(frozen=True)
class Check:
    """How well one gradient agrees with float64 central differences.

    `error` is the largest difference relative to the largest gradient element (or derivative along a
    direction).
    """

    state: Literal["agrees", "differs", "kink", "skipped"]
    error: float
    by: Literal["element", "direction"]


SKIPPED = Check("skipped", 0.0, "direction")


def check_all(trace: Trace) -> list[dict[int, Check]]:
    """For each backward pass, the check of each value that a gradient arrived at, as far as the budget
    reaches."""
    checks, left = [], BUDGET
    for backward in trace.passes:
        found, spent = check_pass(trace, backward, left)
        checks.append(found)
        left -= spent
    return checks


def check_pass(trace: Trace, backward: BackwardPass, budget: int = BUDGET) -> tuple[dict[int, Check], int]:
    """Check the gradients of one pass, leaves first; also how many operations that evaluated."""
    values = sorted(backward.gradients, key=lambda number: not trace.values[number].is_leaf)
    if backward.operations > budget:
        return dict.fromkeys(values, SKIPPED), 0
    replay = _Replay(trace, backward)
    spent, checks = backward.operations, {}
    for number in values:
        value = trace.values[number]
        by_element = value.is_leaf and value.data.numel() <= ELEMENTS
        directions = _elements(value.data) if by_element else _random_directions(value.data)
        cost = (2 * len(directions) + 1) * replay.length(number)
        if spent + cost > budget:
            checks[number] = SKIPPED
            continue
        spent += cost
        by: Literal["element", "direction"] = "element" if by_element else "direction"
        checks[number] = _check(replay, number, backward.gradients[number], directions, by)
    return checks, spent


def _check(
    replay: "_Replay",
    value: int,
    gradient: torch.Tensor,
    directions: list[torch.Tensor],
    by: Literal["element", "direction"],
) -> Check:
    x = replay.data(value)
    h = STEP * max(1.0, float(x.abs().max())) if x.numel() else STEP
    centre = replay.output(value, x)
    slopes, right, left = [], [], []
    for direction in directions:
        up, down = replay.output(value, x + h * direction), replay.output(value, x - h * direction)
        slopes.append((up - down) / (2 * h))
        right.append((up - centre) / h)
        left.append((centre - down) / h)
    ours = [float((gradient.double() * direction).sum()) for direction in directions]
    # float32 gradients that cancel to almost 0 carry rounding of the size of the output, not of their own
    floor = 0.1 * abs(centre) / max(1.0, float(x.abs().max()) if x.numel() else 1.0)
    scale = max([abs(slope) for slope in slopes + ours] + [floor, 1e-9])
    error = max((abs(a - b) for a, b in zip(slopes, ours, strict=True)), default=0.0) / scale
    if error <= TOLERANCE:
        return Check("agrees", error, by)
    bent = max(abs(a - b) for a, b in zip(right, left, strict=True)) / scale
    return Check("kink" if bent > KINK else "differs", error, by)


def _elements(data: torch.Tensor) -> list[torch.Tensor]:
    return list(torch.eye(data.numel(), dtype=torch.float64).reshape(data.numel(), *data.shape))


def _random_directions(data: torch.Tensor) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return [
        torch.randn(data.shape, dtype=torch.float64, generator=generator) / max(data.numel(), 1) ** 0.5
        for _ in range(DIRECTIONS)
    ]


class _Replay:
    """The recorded operations once more, in float64, with one value changed.

    What autograd did not record (no_grad, detach, integers) stays as it was, because gradients treat it as
    constant.
    """

    def __init__(self, trace: Trace, backward: BackwardPass) -> None:
        self._trace = trace
        self._root = backward.root
        self._seed = backward.seed.double()
        self._operations = [op for op in trace.operations[: backward.operations] if op.recorded]
        self._constants: dict[int, torch.Tensor] = {}
        self._base: dict[int, torch.Tensor] = {}
        self._dependents: dict[int, list[Applied]] = {}
        self._run(self._operations, self._base)

    def data(self, value: int) -> torch.Tensor:
        return self._lookup(value, self._base)

    def length(self, value: int) -> int:
        return len(self._after(value)) + 1

    def output(self, value: int, changed: torch.Tensor) -> float:
        """The root, weighted with the seed gradient, if `value` were `changed`."""
        results = {value: changed}
        self._run(self._after(value), results)
        root = results.get(self._root)
        root = self._lookup(self._root, self._base) if root is None else root
        return float((root * self._seed).sum())

    def _after(self, value: int) -> list[Applied]:
        """The operations that depend on `value`, in order."""
        if value in self._dependents:
            return self._dependents[value]
        reached = {value}
        found: list[Applied] = []
        for applied in self._operations:
            if reached.intersection(applied.inputs):
                reached.update(applied.outputs)
                found.append(applied)
        self._dependents[value] = found
        return found

    def _run(self, operations: list[Applied], results: dict[int, torch.Tensor]) -> None:
        with torch.no_grad():
            for applied in operations:
                for number, tensor in zip(applied.outputs, self._apply(applied, results), strict=True):
                    results[number] = tensor

    def _apply(self, applied: Applied, results: Mapping[int, torch.Tensor]) -> tuple[torch.Tensor, ...]:
        def replace(item: Any) -> Any:
            return self._lookup(item.value, results) if isinstance(item, Reference) else item

        arguments = substitute(applied.arguments, replace)
        first = next(iter(arguments))
        if applied.operation.casts:
            return (arguments[first],)
        if applied.operation.inplace:
            arguments[first] = arguments[first].clone()
        result = applied.operation.call(**arguments)
        return (result,) if isinstance(result, torch.Tensor) else tuple(result)

    def _lookup(self, value: int, results: Mapping[int, torch.Tensor]) -> torch.Tensor:
        if value in results:
            return results[value]
        if value in self._base:
            return self._base[value]
        if value not in self._constants:
            data = self._trace.values[value].data
            self._constants[value] = data.to(torch.float64, copy=True) if data.is_floating_point() else data
        return self._constants[value]
