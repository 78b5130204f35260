"""Rules with this case's numbers put in: for one element where the tensors have several."""

import math
from collections.abc import Mapping
from typing import Any

import torch

from core.autograd.graph.trace import Applied, Contribution, Reference, Trace
from core.autograd.operations.operation import Operation, Rule
from core.figures.autograd.numbers import number

Names = dict[str, str]
TERMS = 8  # at most, of a sum that is written out


def signed(value: float | int | bool) -> str:
    """A number as a factor: negative ones in brackets."""
    words = number(value)
    return f"({words})" if words.startswith("−") else words


def operand(trace: Trace, argument: Any) -> torch.Tensor | float | int | bool | None:
    """The numbers of a recorded argument."""
    if isinstance(argument, Reference):
        return trace.values[argument.value].data
    return argument if isinstance(argument, (bool, int, float)) else None


def _element(given: Any, shape: torch.Size, place: tuple[int, ...]) -> str | None:
    """One element of an operand, broadcast to `shape`."""
    if isinstance(given, torch.Tensor):
        try:
            return signed((given if given.shape == shape else given.expand(shape))[place].item())
        except RuntimeError:  # of another shape: not elementwise in this operand
            return None
    return None if given is None else signed(given)


def largest_place(tensor: torch.Tensor) -> tuple[int, ...]:
    """Where the element largest in size is."""
    if tensor.dim() == 0:
        return ()
    flat = int(tensor.abs().nan_to_num().argmax())
    place = []
    for size in reversed(tensor.shape):
        flat, index = divmod(flat, size)
        place.append(index)
    return tuple(reversed(place))


def where(place: tuple[int, ...]) -> str:
    return f"element {list(place)}: " if place else ""


def elementwise_backward(
    trace: Trace,
    applied: Applied,
    rule: tuple[Rule, Operation],
    contribution: Contribution,
    upstream: torch.Tensor,
) -> str | None:
    """The rule of an elementwise node for the element that gets most."""
    words = rule[0].inputs[contribution.position]
    raw = contribution.raw
    if raw.numel() == 0 or raw.shape != upstream.shape or words.startswith("{up} where"):
        return None
    place = largest_place(raw)
    names: Names = {
        "up": signed(upstream[place].item()),
        "out": signed(trace.values[applied.outputs[0]].data[place].item()),
    }
    mine = [parameter.name for parameter in rule[1].signature.parameters]
    theirs = [parameter.name for parameter in applied.operation.signature.parameters]
    for own, their in zip(mine, theirs, strict=False):
        found = _element(operand(trace, applied.arguments.get(their)), raw.shape, place)
        if found is not None:
            names[own] = found
    return _filled(words, names, f"{where(place)}", raw[place].item())


def elementwise_forward(trace: Trace, applied: Applied) -> str | None:
    """An elementwise operation's formula for the first element."""
    out = trace.values[applied.outputs[0]].data
    if out.numel() == 0:
        return None
    place = (0,) * out.dim()
    names: Names = {}
    for name, argument in applied.arguments.items():
        found = _element(operand(trace, argument), out.shape, place)
        if found is not None:
            names[name] = found
    return _filled(applied.operation.formula, names, where(place), out[place].item())


def _filled(words: str, names: Mapping[str, str], place: str, result: float | int | bool) -> str | None:
    try:
        return f"{place}{words.format_map(names)} = {number(result)}"
    except KeyError:  # an operand whose numbers are not known
        return None


def product_forward(trace: Trace, applied: Applied) -> str | None:
    """One element of a matrix product: row times column."""
    one, other = (operand(trace, argument) for argument in list(applied.arguments.values())[:2])
    if not isinstance(one, torch.Tensor) or not isinstance(other, torch.Tensor):
        return None
    if not (0 < one.dim() <= 2 and 0 < other.dim() <= 2) or one.numel() == 0 or other.numel() == 0:
        return None
    row = (one if one.dim() == 1 else one[0]).tolist()
    column = (other if other.dim() == 1 else other[:, 0]).tolist()
    if len(row) > TERMS:
        return None
    terms = " + ".join(f"{signed(a)} · {signed(b)}" for a, b in zip(row, column, strict=True))
    out = trace.values[applied.outputs[0]].data
    place = (0,) * out.dim()
    return f"{where(place)}{terms} = {number(out[place].item())}"


def sum_forward(trace: Trace, applied: Applied) -> str | None:
    """A sum or mean of few elements, written out."""
    given = operand(trace, applied.arguments.get("input"))
    out = trace.values[applied.outputs[0]].data
    if not isinstance(given, torch.Tensor) or out.dim() > 0 or not 0 < given.numel() <= TERMS:
        return None
    terms = " + ".join(signed(value) for value in given.reshape(-1).tolist())
    words = f"({terms}) / {given.numel()}" if applied.operation.name == "mean" else terms
    result = out.item()
    return f"{words} = {number(result)}" if not math.isnan(result) else None


WRITTEN_OUT = {
    "matmul": product_forward,
    "mm": product_forward,
    "mv": product_forward,
    "dot": product_forward,
    "sum": sum_forward,
    "mean": sum_forward,
}


def forward_numbers(trace: Trace, applied: Applied) -> str | None:
    """The operation with this case's numbers, where one line can hold it."""
    found = WRITTEN_OUT.get(applied.operation.name)
    if found is not None:
        return found(trace, applied)
    if any(rule.elementwise for rule in applied.operation.rules.values()):
        return elementwise_forward(trace, applied)
    return None
