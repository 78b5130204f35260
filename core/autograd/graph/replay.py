"""The recorded operations of one backward pass once more, in float64, with one value changed."""

from collections.abc import Mapping
from typing import Any

import torch

from core.autograd.graph.trace import Applied, BackwardPass, Reference, Trace, substitute


class Replay:
    """A pass's root as a function of any one value on the way to it.

    What autograd did not record (no_grad, detach, integers) stays as it was, because gradients treat it as
    constant. To be used under `torch.no_grad()`.
    """

    def __init__(self, trace: Trace, backward: BackwardPass) -> None:
        self._trace = trace
        self._root = backward.root
        self._arrived = {number: gradient.double() for number, gradient in backward.gradients.items()}
        self._seed = backward.seed.double()
        self.operations = _leading_to(trace, backward.root)
        self._uses: dict[int, list[Applied]] = {}  # value → the operations that it enters
        for applied in self.operations:
            for number in dict.fromkeys(applied.inputs):
                self._uses.setdefault(number, []).append(applied)
        self._constants: dict[int, torch.Tensor] = {}
        self._base: dict[int, torch.Tensor] = {}
        self._run(self.operations, self._base)

    def data(self, value: int) -> torch.Tensor:
        """The value as it was, in float64 where it is a float."""
        return self._lookup(value, self._base)

    def after(self, value: int) -> list[Applied]:
        """The operations that depend on `value`, in order."""
        found: dict[int, Applied] = {}
        waiting = [value]
        while waiting:
            for applied in self._uses.get(waiting.pop(), []):
                if applied.number not in found:
                    found[applied.number] = applied
                    waiting += applied.outputs
        return [found[number] for number in sorted(found)]

    def uses(self, value: int) -> list[Applied]:
        """The operations that `value` enters itself."""
        return self._uses.get(value, [])

    def root(self, after: list[Applied], value: int, changed: torch.Tensor) -> float:
        """The root, weighted with the seed gradient, if `value` were `changed`."""
        results = {value: changed}
        self._run(after, results)
        return float((self._lookup(self._root, results) * self._seed).sum())

    def nearby(self, value: int, changed: torch.Tensor) -> float:
        """The sum of what the operations make of `value`, each weighted with the gradient that arrived there.

        By the chain rule its derivative is the root's.
        """
        total = float((changed * self._seed).sum()) if value == self._root else 0.0
        for applied in self.uses(value):
            results = {value: changed}
            self._run([applied], results)
            for number in applied.outputs:
                if number in self._arrived:
                    total += float((results[number] * self._arrived[number]).sum())
        return total

    def _run(self, operations: list[Applied], results: dict[int, torch.Tensor]) -> None:
        for applied in operations:
            results.update(zip(applied.outputs, self._apply(applied, results), strict=True))

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


def _leading_to(trace: Trace, root: int) -> list[Applied]:
    """The recorded operations that `root` depends on, in order."""
    found: dict[int, Applied] = {}
    waiting = [root]
    while waiting:
        number = trace.values[waiting.pop()].operation
        if number is not None and number not in found and trace.operations[number].recorded:
            found[number] = trace.operations[number]
            waiting += trace.operations[number].inputs
    return [found[number] for number in sorted(found)]
