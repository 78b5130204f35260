"""Views: tensors that share their memory, so that changing one in place changes all of them.

PyTorch rewrites its graph then: the base gets a new backward node (CopySlices), and a view that is used again
gets one that leads to it. So do the values here: the base has a new one, and a view when it is used again.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import torch

from core.autograd.graph.trace import Applied, Reference, Trace, Value, substitute
from core.autograd.operations.operation import Operation


def share(one: torch.Tensor, other: torch.Tensor) -> bool:
    """Whether both lie in the same memory."""
    return one.untyped_storage().data_ptr() == other.untyped_storage().data_ptr() and one.numel() > 0


def is_followed(view: torch.Tensor) -> bool:
    """Whether autograd knows what a changed base does to `view`; it refuses to for one made under no_grad."""
    try:
        return view.grad_fn is not None or not view.requires_grad
    except RuntimeError:
        return False


def path_to(trace: Trace, value: Value) -> list[Applied]:
    """The operations that lead from a base to its view `value`; none where it is no view."""
    path: list[Applied] = []
    while value.operation is not None:
        made_by = trace.operations[value.operation]
        source = trace.values[made_by.inputs[0]] if made_by.inputs else value
        if made_by.operation.inplace:  # the same tensor before it was changed
            value = source
        elif source.tensor is value.tensor or not share(source.tensor, value.tensor):
            break
        else:
            path.insert(0, made_by)
            value = source
    return path


def looking(trace: Trace, path: Sequence[Applied]) -> Callable[[torch.Tensor], torch.Tensor]:
    """The function that makes the view of a base."""

    def look(base: torch.Tensor) -> torch.Tensor:
        for applied in path:
            given = substitute(applied.arguments, lambda item: _constant(trace, item))
            given[next(iter(given))] = base
            base = applied.operation.call(**given)
        return base

    return look


def _constant(trace: Trace, item: Any) -> Any:
    return trace.values[item.value].data if isinstance(item, Reference) else item


def seen_again(trace: Trace, path: Sequence[Applied]) -> Operation:
    """The operation from a base to its view, in one step."""
    look = looking(trace, path)
    last = path[-1].operation
    if len(path) == 1:
        return last
    return replace(last, call=lambda input: look(input), formula="{input}, the same part as before")


def changed_through(trace: Trace, path: Sequence[Applied], operation: Operation, view: str) -> Operation:
    """`operation`, which changes a view in place, as an operation that changes its base."""
    look = looking(trace, path)

    def call(input: torch.Tensor, **rest: Any) -> torch.Tensor:
        operation.call(look(input), **rest)
        return input

    formula = operation.formula.replace("{input}", view.replace("{", "{{").replace("}", "}}"))
    return replace(operation, call=call, formula=f"{formula}: a part of {{input}}")
