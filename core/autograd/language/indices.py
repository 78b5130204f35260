"""Indices and slices, as PyTorch takes them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

import torch

from core.autograd.errors import RefusalError
from core.autograd.language.calls import apply
from core.autograd.operations.signature import in_words
from core.autograd.operations.table import BY_SYMBOL

if TYPE_CHECKING:
    from core.autograd.language.expressions import Evaluator


def subscript(evaluate: Evaluator, node: ast.Subscript) -> Any:
    return chosen(evaluate, evaluate(node.value), evaluate(node.slice), node)


def chosen(evaluate: Evaluator, value: Any, index: Any, node: ast.Subscript) -> Any:
    """value[index]."""
    if isinstance(value, torch.Tensor):
        index = tensor_index(index)
        shown = [evaluate.text(node.value), evaluate.text(node.slice)]
        return apply(evaluate, BY_SYMBOL["[]"], [value, index], {}, shown, node)
    if isinstance(value, (list, tuple, str)) and isinstance(index, (int, slice)):
        try:
            return value[index]
        except (IndexError, ValueError, TypeError) as problem:
            raise RefusalError(
                f"There is no position {in_words(index)}: {problem}", "Positions count from 0."
            ) from None
    raise RefusalError(
        f"{in_words(value)} has no positions to choose from".capitalize(), "Index a tensor or a list."
    )


def slice_(evaluate: Evaluator, node: ast.Slice) -> slice:
    parts = [None if part is None else evaluate(part) for part in (node.lower, node.upper, node.step)]
    if not all(part is None or isinstance(part, int) for part in parts):
        raise RefusalError("The parts of a slice must be whole numbers", "Write x[0:2].")
    if parts[2] is not None and parts[2] <= 0:
        raise RefusalError(
            "PyTorch slices forwards only: the step must be 1 or more", "Use .flip(0) to turn it round."
        )
    return slice(*parts)


def tensor_index(index: Any) -> Any:
    """An index as PyTorch takes it; a list of whole numbers becomes a tensor."""
    items = index if isinstance(index, tuple) else (index,)
    if len(items) > 16:
        raise RefusalError("More indices than any tensor has dimensions", "Give one for each dimension.")
    converted = [torch.tensor(item) if isinstance(item, list) and _plain(item) else item for item in items]
    for item in converted:
        allowed = item is None or item is Ellipsis or isinstance(item, (int, slice, torch.Tensor))
        if not allowed or (isinstance(item, torch.Tensor) and item.is_floating_point()):
            raise RefusalError(
                f"A tensor cannot be indexed with {in_words(item)}", "Use whole numbers, slices or a mask."
            )
    return tuple(converted) if isinstance(index, tuple) else converted[0]


def _plain(items: list[Any]) -> bool:
    return all(isinstance(item, (bool, int)) for item in items)
