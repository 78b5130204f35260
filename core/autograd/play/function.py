"""What a program computes as a function of some of its tensors: the recorded operations once more."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

import torch

from core.autograd.errors import RefusalError
from core.autograd.graph.trace import Applied, Reference, Trace, Value, substitute


@dataclass(frozen=True, eq=False)
class ProgramFunction:
    """Replays the operations of one run, the same ones in the same order, from new `inputs`.

    `inputs` and `outputs` are numbers of values. Everything else that the program made stays as it was. An
    `if` is not decided anew, and numbers taken out with .item() stay. With `graph_only`, what autograd did
    not record (detach, no_grad) is constant too: the function that autograd differentiates.
    """

    trace: Trace
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    graph_only: bool = False

    @cached_property
    def operations(self) -> tuple[Applied, ...]:
        """Those between the inputs and the outputs, in order."""
        return between(self.trace, self.inputs, self.outputs, self.graph_only)

    def __call__(self, *inputs: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """The outputs for these inputs, in the program's own types, with autograd recording.

        Raises RefusalError where PyTorch cannot compute them for these numbers.
        """
        results: dict[int, torch.Tensor] = dict(zip(self.inputs, inputs, strict=True))
        for applied in self.operations:
            try:
                with torch.set_grad_enabled(applied.recorded):
                    made = self._apply(applied, results)
            except NotImplementedError:
                raise
            except (RuntimeError, ValueError, IndexError) as problem:
                raise RefusalError(
                    f"`{applied.text}` (line {applied.span.line}) cannot be computed with these numbers",
                    str(problem).split("\n")[0],
                ) from problem
            results.update(zip(applied.outputs, made, strict=True))
        return tuple(
            results[number] if number in results else self.trace.values[number].data
            for number in self.outputs
        )

    def start(self) -> tuple[torch.Tensor, ...]:
        """The inputs as they were in the run, copied."""
        return tuple(self.trace.values[number].data.clone() for number in self.inputs)

    def _apply(self, applied: Applied, results: dict[int, torch.Tensor]) -> tuple[torch.Tensor, ...]:
        def replace(item: Any) -> Any:
            if not isinstance(item, Reference):
                return item
            return results[item.value] if item.value in results else self.trace.values[item.value].data

        arguments = substitute(applied.arguments, replace)
        if applied.operation.random and not applied.operation.creates:
            raise RefusalError(
                f"`{applied.text}` (line {applied.span.line}) draws random numbers, so that each call would "
                "be another function",
                "Take it out of the program to play with it.",
            )
        if applied.operation.inplace:
            first = next(iter(arguments))
            arguments[first] = arguments[first].clone()  # the old value may be needed once more
        result = applied.operation.call(**arguments)
        made = (result,) if isinstance(result, torch.Tensor) else tuple(result)
        return tuple(each for each in made if isinstance(each, torch.Tensor))


def between(
    trace: Trace, inputs: Sequence[int], outputs: Sequence[int], graph_only: bool
) -> tuple[Applied, ...]:
    """The operations that lead from any of `inputs` to any of `outputs`."""
    reached, ahead = set(inputs), []
    for applied in trace.operations:
        if (applied.recorded or not graph_only) and reached.intersection(applied.inputs):
            new = set(applied.outputs) - set(inputs)
            if new:
                reached |= new
                ahead.append(applied)
    needed, found = set(outputs), []
    for applied in reversed(ahead):
        if needed.intersection(applied.outputs):
            needed.update(applied.inputs)
            found.append(applied)
    return tuple(reversed(found))


def leaves_below(trace: Trace, outputs: Sequence[int]) -> tuple[int, ...]:
    """The leaves with requires_grad that `outputs` depend on through autograd's graph, in order of making."""
    needed = set(outputs)
    for applied in reversed(trace.operations):
        if applied.recorded and needed.intersection(applied.outputs):
            needed.update(applied.inputs)
    return tuple(
        value.number
        for value in trace.values
        if value.number in needed and value.is_leaf and value.requires_grad and value.data.numel()
    )


def final_scalar(trace: Trace) -> Value | None:
    """What backward was called on last, if it is one number; else the last number made with a gradient."""
    if trace.passes and trace.values[trace.passes[-1].root].data.numel() == 1:
        return trace.values[trace.passes[-1].root]
    return last_made([value for value in trace.values if value.data.numel() == 1])


def last_made(values: Sequence[Value]) -> Value | None:
    """The value with a gradient that the program's last line made."""
    made = [value for value in values if value.requires_grad and not value.is_leaf]
    # by line first: at the program's end, views of what was changed in place are looked at once more
    return max(made, key=lambda value: (value.span.line, value.number), default=None)


def element_names(trace: Trace, values: Sequence[int]) -> tuple[str, ...]:
    """What each element of `values` is called in PyTorch: "b", "w[0, 1]"."""
    names = []
    for number in values:
        title, shape = trace.values[number].title, trace.values[number].data.shape
        for place in product(*map(range, shape)):
            names.append(f"{title}[{', '.join(map(str, place))}]" if place else title)
    return tuple(names)
