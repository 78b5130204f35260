"""Operators and conditions: on tensors they are operations of the table, on numbers Python's own."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

import torch

from core.autograd.errors import RefusalError
from core.autograd.language.calls import apply
from core.autograd.language.plain_numbers import BINARY, COMPARISONS, calculate
from core.autograd.operations.signature import in_words, is_number
from core.autograd.operations.table import BY_SYMBOL, METHODS

if TYPE_CHECKING:
    from core.autograd.language.expressions import Evaluator


def binary_expression(evaluate: Evaluator, node: ast.BinOp) -> Any:
    left, right = evaluate(node.left), evaluate(node.right)
    return binary(
        evaluate, type(node.op), left, right, node, (evaluate.text(node.left), evaluate.text(node.right))
    )


def binary(
    evaluate: Evaluator,
    kind: type[ast.operator],
    left: Any,
    right: Any,
    node: ast.expr | ast.stmt,
    texts: tuple[str, str] = ("", ""),
) -> Any:
    if kind not in BINARY:
        raise RefusalError("This operator is not part of this language", "There are + - * / // % ** and @.")
    if not isinstance(left, torch.Tensor) and not isinstance(right, torch.Tensor):
        return calculate(kind, left, right)
    return apply(evaluate, BY_SYMBOL[BINARY[kind][0]], [left, right], {}, list(texts), node)


def unary(evaluate: Evaluator, node: ast.UnaryOp) -> Any:
    if isinstance(node.op, ast.Not):
        return not truth(evaluate, node.operand)
    value = evaluate(node.operand)
    if isinstance(value, torch.Tensor) and isinstance(node.op, ast.USub):
        return apply(evaluate, METHODS["neg"], [value], {}, [evaluate.text(node.operand)], node)
    if isinstance(value, torch.Tensor) and isinstance(node.op, ast.UAdd):
        return value
    if isinstance(value, torch.Tensor) and isinstance(node.op, ast.Invert) and value.dtype == torch.bool:
        return apply(evaluate, METHODS["logical_not"], [value], {}, [evaluate.text(node.operand)], node)
    if not is_number(value) or isinstance(node.op, ast.Invert):
        raise RefusalError(
            f"This sign does not work before {in_words(value)}", "Use it before a number or a tensor."
        )
    return -value if isinstance(node.op, ast.USub) else +value


def compare(evaluate: Evaluator, node: ast.Compare) -> Any:
    left = evaluate(node.left)
    result: Any = True
    texts = [evaluate.text(item) for item in (node.left, *node.comparators)]
    for i, (kind, item) in enumerate(zip(node.ops, node.comparators, strict=True)):
        right = evaluate(item)
        result = _compared(evaluate, type(kind), left, right, node, texts[i : i + 2])
        if isinstance(result, torch.Tensor) and len(node.ops) > 1:
            raise RefusalError("Tensors are compared two at a time", "Write torch.logical_and(a < x, x < b).")
        if result is False:
            return False
        left = right
    return result


def _compared(
    evaluate: Evaluator, kind: type[ast.cmpop], left: Any, right: Any, node: ast.expr, texts: list[str]
) -> Any:
    if kind in (ast.Is, ast.IsNot) and (left is None or right is None):
        return (left is right) == (kind is ast.Is)
    if kind not in COMPARISONS:
        raise RefusalError(
            "This comparison is not part of this language", "There are < <= > >= == != and `is None`."
        )
    symbol, call = COMPARISONS[kind]
    if isinstance(left, torch.Tensor) or isinstance(right, torch.Tensor):
        if left is None or right is None or isinstance(left, str) or isinstance(right, str):
            raise RefusalError(
                f"`{symbol}` does not work between {in_words(left)} and {in_words(right)}",
                "To ask for None write `is None`.",
            )
        return apply(evaluate, BY_SYMBOL[symbol], [left, right], {}, texts, node)
    try:
        return bool(call(left, right))
    except (TypeError, RuntimeError):  # PyTorch's own, for lists of tensors
        raise RefusalError(
            f"`{symbol}` does not work between {in_words(left)} and {in_words(right)}",
            "Compare numbers, or two tensors.",
        ) from None


def boolean(evaluate: Evaluator, node: ast.BoolOp) -> bool:
    """`and`, `or`: the rest is not evaluated once the answer is known."""
    enough = any if isinstance(node.op, ast.Or) else all
    return enough(truth(evaluate, item) for item in node.values)


def truth(evaluate: Evaluator, node: ast.expr) -> bool:
    """Whether the value is true; a tensor must have one element."""
    value = evaluate(node)
    with evaluate.at(node):
        if isinstance(value, torch.Tensor) and value.numel() != 1:
            raise RefusalError(
                f"A tensor of {value.numel()} elements is neither true nor false",
                "Reduce it first: (x > 0).all() or (x > 0).any().",
            )
        return bool(value)


def either(evaluate: Evaluator, node: ast.IfExp) -> Any:
    return evaluate(node.body) if truth(evaluate, node.test) else evaluate(node.orelse)
