"""All tensors of a trace in a list: the same content as the graph, readable without it."""

from typing import Any

import torch

from core.autograd.graph.backward import node_name
from core.autograd.graph.check import Check
from core.autograd.graph.trace import Trace, Value
from core.autograd.operations.signature import shape_text
from core.figures.autograd.cards import check_blocks
from core.figures.autograd.numbers import NONE, grid, is_full


def rows(trace: Trace) -> list[dict[str, Any]]:
    """One row for each value, in the order in which they were made."""
    return [
        {
            "name": value.title,
            "made by": value.text,
            "line": value.span.line,
            "shape": shape_text(value.data.shape),
            "value": one_line(value.data),
            "grad": _gradient(value),
            "requires_grad": value.requires_grad,
            "is_leaf": value.is_leaf,
            "grad_fn": grad_fn(value),
            "version": value.version,
        }
        for value in trace.values
    ]


def one_line(tensor: torch.Tensor) -> str:
    """[1 2; 3 4], or a summary of what is larger than 6×6."""
    texts = grid(tensor)
    if not is_full(tensor.shape):
        return ", ".join(row[0] for row in texts.cells)
    inner = "; ".join(" ".join(row) for row in texts.cells)
    return inner if tensor.dim() == 0 else f"[{inner}]"


def grad_fn(value: Value) -> str:
    """The backward node of a result; leaves and constants have none."""
    if value.slot is None or value.is_leaf:
        return "None"
    return node_name(value.slot.node)


def _gradient(value: Value) -> str:
    """What `.grad` holds at the end, as PyTorch keeps it: for leaves, and where retain_grad() was called."""
    if not value.current or not (value.tensor.is_leaf or value.tensor.retains_grad):
        return NONE
    return NONE if value.tensor.grad is None else one_line(value.tensor.grad)


def about(trace: Trace, checks: list[dict[int, Check]]) -> list[list[dict[str, Any]]]:
    """For each value, what the card says of it when its box is chosen."""
    texts: list[list[dict[str, Any]]] = []
    for value in trace.values:
        flags = [
            f"shape {shape_text(value.data.shape)}",
            str(value.data.dtype).removeprefix("torch."),
            f"requires_grad {value.requires_grad}",
            f"is_leaf {value.is_leaf}",
            f"grad_fn {grad_fn(value)}",
            f"version {value.version}",
        ]
        blocks: list[dict[str, Any]] = [{"kind": "text", "text": " · ".join(flags)}]
        blocks += _checks(trace, value, checks)
        if value.requires_grad and not value.is_leaf:
            words = (
                "Its .grad stays None, because it is not a leaf; the gradient shown is what passed through."
            )
            if value.tensor.retains_grad:
                words = "retain_grad() was called, so its gradient is kept in .grad."
            blocks.append({"kind": "text", "text": words})
        texts.append(blocks)
    return texts


def _checks(trace: Trace, value: Value, checks: list[dict[int, Check]]) -> list[dict[str, Any]]:
    """The checks of the last pass that reached the value."""
    for backward in reversed(trace.passes):
        if value.number in backward.gradients:
            return check_blocks(backward.engine.get(value.number), checks[backward.number].get(value.number))
    return []
