"""Calls and attributes: what follows a dot or stands before brackets is looked up in the tables."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

import torch

from core.autograd.errors import RefusalError
from core.autograd.language.actions import (
    ACTIONS,
    PROPERTIES,
    GradientFunction,
    asked_gradients,
)
from core.autograd.language.builtin_calls import BUILTIN_CALLS
from core.autograd.language.namespace import (
    AUTOGRAD,
    MATH_MODULE,
    Function,
    Module,
    member,
    suggestion,
    tensor_names,
)
from core.autograd.language.plain_numbers import MATH, bounded
from core.autograd.operations.operation import FUNCTIONAL, Operation
from core.autograd.operations.signature import in_words, is_number
from core.autograd.operations.table import BY_HOME, BY_SYMBOL, METHODS

if TYPE_CHECKING:
    from core.autograd.language.expressions import Evaluator

NUMPY_NAMES = {"axis": "dim", "keepdims": "keepdim"}  # which PyTorch's own functions take as well


def apply(
    evaluate: Evaluator,
    operation: Operation,
    values: list[Any],
    named: dict[str, Any],
    texts: list[str],
    node: ast.expr | ast.stmt,
    shown_named: dict[str, str] | None = None,
) -> Any:
    """Bind the arguments to the operation's signature and run it."""
    span, text = evaluate.span(node), evaluate.text(node)
    if FUNCTIONAL not in operation.homes:
        named = {NUMPY_NAMES.get(key, key): value for key, value in named.items()}
    with evaluate.recorder.attempting(operation.shown_name, {"": [*values, *named.values()]}, span, text):
        given = operation.signature.bind(operation.shown_name, values, named)
    names = [p.name for p in operation.signature.parameters]
    shown = dict(zip(names, texts, strict=False)) | (shown_named or {})
    if operation.steps is None:
        return evaluate.recorder.apply(operation, given, shown, span, text)

    def step(part: Operation, given: dict[str, Any], more: dict[str, str], title: str = text) -> Any:
        return evaluate.recorder.apply(part, given, shown | more, span, title)

    with evaluate.recorder.attempting(operation.shown_name, given, span, text):
        return operation.steps(step, **given)


def attribute(evaluate: Evaluator, node: ast.Attribute) -> Any:
    owner = evaluate(node.value)
    if isinstance(owner, Module):
        return member(owner.name, node.attr)
    if isinstance(owner, torch.Tensor):
        return _property(evaluate, owner, node)
    if isinstance(owner, GradientFunction) and node.attr == "next_functions":
        return owner.next_functions
    if node.attr in ("values", "indices") and isinstance(owner, tuple) and len(owner) == 2:
        return owner[node.attr == "indices"]
    raise RefusalError(
        f"`.{node.attr}` does not exist on {in_words(owner)}", "Attributes belong to tensors and modules."
    )


def _property(evaluate: Evaluator, owner: torch.Tensor, node: ast.Attribute) -> Any:
    if f".{node.attr}" in BY_SYMBOL:
        return apply(evaluate, BY_SYMBOL[f".{node.attr}"], [owner], {}, [evaluate.text(node.value)], node)
    if node.attr == "grad":
        return evaluate.recorder.gradient(owner, evaluate.text(node.value), evaluate.span(node))
    if node.attr in PROPERTIES:
        return PROPERTIES[node.attr](owner)
    if node.attr in METHODS or node.attr in ACTIONS:
        raise RefusalError(
            f"`.{node.attr}` is a method: it must be called", f"Write .{node.attr}() with brackets."
        )
    raise RefusalError(f"Tensors have no `.{node.attr}` here", suggestion(node.attr, tensor_names()))


def call(evaluate: Evaluator, node: ast.Call) -> Any:
    if isinstance(node.func, ast.Attribute):
        owner = evaluate(node.func.value)
        if isinstance(owner, torch.Tensor):
            return _method(evaluate, owner, node, node.func)
        if not isinstance(owner, Module):
            raise RefusalError(
                f"`.{node.func.attr}()` does not exist on {in_words(owner)}",
                "Methods belong to tensors here.",
            )
        function = member(owner.name, node.func.attr)
    else:
        function = evaluate(node.func)
    if not isinstance(function, Function):
        raise RefusalError(f"`{evaluate.text(node.func)}` is not a function", "Only functions can be called.")
    return _function(evaluate, function, node)


def _arguments(evaluate: Evaluator, node: ast.Call) -> tuple[list[Any], dict[str, Any], list[str]]:
    values = [evaluate(item) for item in node.args]
    named = {item.arg or "": evaluate(item.value) for item in node.keywords}
    return values, named, [evaluate.text(item) for item in node.args]


def _method(evaluate: Evaluator, owner: torch.Tensor, node: ast.Call, func: ast.Attribute) -> Any:
    shown = evaluate.text(func.value)
    values, named, texts = _arguments(evaluate, node)
    span, text = evaluate.span(node), evaluate.text(node)
    with evaluate.recorder.attempting(f".{func.attr}()", {"": [owner, *values]}, span, text):
        if func.attr in ACTIONS:
            signature, action = ACTIONS[func.attr]
            given = signature.bind(f".{func.attr}", values, named)
            return action(evaluate.recorder, owner, given, shown, span, text)
        if func.attr not in METHODS:
            raise RefusalError(
                f"Tensors have no method `.{func.attr}()` here", suggestion(func.attr, tensor_names())
            )
    return apply(evaluate, METHODS[func.attr], [owner, *values], named, [shown, *texts], node)


def _function(evaluate: Evaluator, function: Function, node: ast.Call) -> Any:
    values, named, texts = _arguments(evaluate, node)
    if (function.home, function.name) in BY_HOME:
        operation = BY_HOME[function.home, function.name]
        keywords = {item.arg or "": evaluate.text(item.value) for item in node.keywords}
        return apply(evaluate, operation, values, named, texts, node, keywords)
    if function.home == AUTOGRAD:
        return _gradients(evaluate, node, values, named, texts)
    if function.home == MATH_MODULE:
        return _math(function.name, values)
    if (
        function.home == ""
        and function.name == "abs"
        and isinstance(values[0] if values else None, torch.Tensor)
    ):
        return apply(evaluate, METHODS["abs"], values, named, texts, node)
    if function.name in BUILTIN_CALLS:
        return BUILTIN_CALLS[function.name](evaluate.recorder, values, named, node.lineno)
    raise RefusalError(f"`{function.name}` is for `with` here", "Write `with torch.no_grad():`.")


def _gradients(
    evaluate: Evaluator, node: ast.Call, values: list[Any], named: dict[str, Any], texts: list[str]
) -> Any:
    span, text = evaluate.span(node), evaluate.text(node)
    with evaluate.recorder.attempting("torch.autograd.grad", {"": values[:1]}, span, text):
        return asked_gradients(evaluate.recorder, values, named, texts[0] if texts else "output", span, text)


def _math(name: str, values: list[Any]) -> Any:
    if len(values) != 1 or not is_number(values[0]):
        raise RefusalError(f"math.{name} takes one number", f"For tensors use torch.{name}.")
    try:
        return bounded(MATH[name](values[0]))
    except (ValueError, OverflowError) as problem:
        raise RefusalError(f"math.{name}({values[0]}): {problem}", "Choose another number.") from None
