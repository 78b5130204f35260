"""Evaluates expressions: names, operators, calls and indices, each against the tables."""

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import torch

from core.autograd.errors import ProgramError, RefusalError, Span
from core.autograd.graph.recorder import Recorder
from core.autograd.language.actions import ACTIONS, BUILTIN_CALLS, PROPERTIES
from core.autograd.language.namespace import (
    BUILTINS,
    FIRST_NAMES,
    MATH_MODULE,
    Function,
    Module,
    member,
    suggestion,
    tensor_names,
)
from core.autograd.language.plain_numbers import (
    BINARY,
    COMPARISONS,
    MATH,
    bounded,
    calculate,
    measured,
    short_text,
)
from core.autograd.limits import Limits
from core.autograd.operations.operation import Operation
from core.autograd.operations.signature import in_words, is_number
from core.autograd.operations.table import BY_HOME, BY_SYMBOL, METHODS
from core.autograd.program import Program

_FORMAT = re.compile(r"[<>^+]?\d{0,2}(\.\d{1,2})?[defgs%]?")
_SHOWN = 24  # characters of an expression in a label


class Evaluator:
    """Evaluates one expression after another, in the names that the program has given so far."""

    def __init__(self, program: Program, recorder: Recorder, limits: Limits) -> None:
        self.names: dict[str, Any] = dict(FIRST_NAMES)
        self.recorder = recorder
        self._program = program
        self._lines = program.lines
        self._limits = limits
        self._evaluations = 0

    def __call__(self, node: ast.expr) -> Any:
        with self.at(node):
            return EXPRESSIONS[type(node)](self, node)

    @contextmanager
    def at(self, node: ast.expr | ast.stmt) -> Iterator[None]:
        """Give every RefusalError inside the place of `node`, unless an inner one has given it already."""
        try:
            self._evaluations += 1
            if self._evaluations > self._limits.evaluations:
                raise RefusalError("The program takes too many steps", "Use fewer turns of the loop.")
            self.recorder.tick()
            yield
        except RefusalError as refusal:
            raise ProgramError(
                self.span(node), refusal.message, refusal.hint, self._program.source
            ) from refusal

    def span(self, node: ast.expr | ast.stmt) -> Span:
        return Span.of(node, self._lines)

    def text(self, node: ast.expr | ast.stmt) -> str:
        """The expression as written, cut to a label's length."""
        span = self.span(node)
        if span.line == span.end_line:
            written = self._lines[span.line - 1][span.column : span.end_column]
        else:
            written = self._lines[span.line - 1][span.column :] + " …"
        written = " ".join(written.split())
        return written if len(written) <= _SHOWN else written[: _SHOWN - 1] + "…"

    def lookup(self, name: str) -> Any:
        if name in self.names:
            return self.names[name]
        if name in BUILTINS:
            return Function("", name)
        if name == MATH_MODULE:
            return Module(name)
        raise RefusalError(f"The name `{name}` is not known here", self._hint_for(name))

    def _hint_for(self, name: str) -> str:
        known = [*self.names, *BUILTINS]
        hint = suggestion(name, known)
        if hint.startswith("Did you mean"):
            return hint
        for home in ("torch", "torch.nn.functional"):
            if (home, name) in BY_HOME:
                return f"PyTorch's function is written {BY_HOME[home, name].shown_name}(…)."
        return f"Give it a value first, as in `{name} = torch.tensor(1.0)`."

    def _name(self, node: ast.Name) -> Any:
        return self.lookup(node.id)

    def _constant(self, node: ast.Constant) -> Any:
        return node.value

    def _list(self, node: ast.List) -> Any:
        return measured([self(item) for item in node.elts])

    def _tuple(self, node: ast.Tuple) -> Any:
        return measured(tuple(self(item) for item in node.elts))

    # operators

    def apply(
        self,
        operation: Operation,
        values: list[Any],
        named: dict[str, Any],
        texts: list[str],
        node: ast.expr | ast.stmt,
        shown_named: dict[str, str] | None = None,
    ) -> Any:
        """Bind the arguments to the operation's signature and run it."""
        span, text = self.span(node), self.text(node)
        with self.recorder.attempting(operation.shown_name, {"": [*values, *named.values()]}, span, text):
            given = operation.signature.bind(operation.shown_name, values, named)
        names = [p.name for p in operation.signature.parameters]
        shown = dict(zip(names, texts, strict=False)) | (shown_named or {})
        return self.recorder.apply(operation, given, shown, span, text)

    def _binary(self, node: ast.BinOp) -> Any:
        left, right = self(node.left), self(node.right)
        return self.binary(type(node.op), left, right, node, (self.text(node.left), self.text(node.right)))

    def binary(
        self,
        kind: type[ast.operator],
        left: Any,
        right: Any,
        node: ast.expr | ast.stmt,
        texts: tuple[str, str] = ("", ""),
    ) -> Any:
        if kind not in BINARY:
            raise RefusalError(
                "This operator is not part of this language", "There are + - * / // % ** and @."
            )
        if not isinstance(left, torch.Tensor) and not isinstance(right, torch.Tensor):
            return calculate(kind, left, right)
        return self.apply(BY_SYMBOL[BINARY[kind][0]], [left, right], {}, list(texts), node)

    def _unary(self, node: ast.UnaryOp) -> Any:
        if isinstance(node.op, ast.Not):
            return not self.truth(node.operand)
        value = self(node.operand)
        if isinstance(value, torch.Tensor) and isinstance(node.op, ast.USub):
            return self.apply(METHODS["neg"], [value], {}, [self.text(node.operand)], node)
        if isinstance(value, torch.Tensor) and isinstance(node.op, ast.UAdd):
            return value
        if isinstance(value, torch.Tensor) and isinstance(node.op, ast.Invert) and value.dtype == torch.bool:
            return self.apply(METHODS["logical_not"], [value], {}, [self.text(node.operand)], node)
        if not is_number(value) or isinstance(node.op, ast.Invert):
            raise RefusalError(
                f"This sign does not work before {in_words(value)}", "Use it before a number or a tensor."
            )
        return -value if isinstance(node.op, ast.USub) else +value

    def _compare(self, node: ast.Compare) -> Any:
        left = self(node.left)
        result: Any = True
        texts = [self.text(item) for item in (node.left, *node.comparators)]
        for i, (kind, item) in enumerate(zip(node.ops, node.comparators, strict=True)):
            right = self(item)
            result = self._compared(type(kind), left, right, node, texts[i : i + 2])
            if isinstance(result, torch.Tensor) and len(node.ops) > 1:
                raise RefusalError(
                    "Tensors are compared two at a time", "Write torch.logical_and(a < x, x < b)."
                )
            if result is False:
                return False
            left = right
        return result

    def _compared(
        self, kind: type[ast.cmpop], left: Any, right: Any, node: ast.expr, texts: list[str]
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
            return self.apply(BY_SYMBOL[symbol], [left, right], {}, texts, node)
        try:
            return bool(call(left, right))
        except TypeError:
            raise RefusalError(
                f"`{symbol}` does not work between {in_words(left)} and {in_words(right)}", "Compare numbers."
            ) from None

    def _boolean(self, node: ast.BoolOp) -> Any:
        wanted = isinstance(node.op, ast.Or)
        return any(self.truth(item) for item in node.values) if wanted else all(map(self.truth, node.values))

    def truth(self, node: ast.expr) -> bool:
        """Whether the value is true; a tensor must have one element."""
        value = self(node)
        with self.at(node):
            if isinstance(value, torch.Tensor) and value.numel() != 1:
                raise RefusalError(
                    f"A tensor of {value.numel()} elements is neither true nor false",
                    "Reduce it first: (x > 0).all() or (x > 0).any().",
                )
            return bool(value)

    def _either(self, node: ast.IfExp) -> Any:
        return self(node.body) if self.truth(node.test) else self(node.orelse)

    # indices

    def _subscript(self, node: ast.Subscript) -> Any:
        value, index = self(node.value), self(node.slice)
        if isinstance(value, torch.Tensor):
            index = _index(index)
            shown = [self.text(node.value), self.text(node.slice)]
            return self.apply(BY_SYMBOL["[]"], [value, index], {}, shown, node)
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

    def _slice(self, node: ast.Slice) -> slice:
        parts = [None if part is None else self(part) for part in (node.lower, node.upper, node.step)]
        if not all(part is None or isinstance(part, int) for part in parts):
            raise RefusalError("The parts of a slice must be whole numbers", "Write x[0:2].")
        if parts[2] is not None and parts[2] <= 0:
            raise RefusalError(
                "PyTorch slices forwards only: the step must be 1 or more", "Use .flip(0) to turn it round."
            )
        return slice(*parts)

    # attributes and calls

    def _attribute(self, node: ast.Attribute) -> Any:
        owner = self(node.value)
        if isinstance(owner, Module):
            return member(owner.name, node.attr)
        if isinstance(owner, torch.Tensor):
            return self._property(owner, node)
        if node.attr in ("values", "indices") and isinstance(owner, tuple) and len(owner) == 2:
            return owner[node.attr == "indices"]
        raise RefusalError(
            f"`.{node.attr}` does not exist on {in_words(owner)}", "Attributes belong to tensors and modules."
        )

    def _property(self, owner: torch.Tensor, node: ast.Attribute) -> Any:
        if f".{node.attr}" in BY_SYMBOL:
            return self.apply(BY_SYMBOL[f".{node.attr}"], [owner], {}, [self.text(node.value)], node)
        if node.attr == "grad":
            return self.recorder.gradient(owner, self.text(node.value), self.span(node))
        if node.attr in PROPERTIES:
            return PROPERTIES[node.attr](owner)
        if node.attr in METHODS or node.attr in ACTIONS:
            raise RefusalError(
                f"`.{node.attr}` is a method: it must be called", f"Write .{node.attr}() with brackets."
            )
        raise RefusalError(f"Tensors have no `.{node.attr}` here", suggestion(node.attr, tensor_names()))

    def _call(self, node: ast.Call) -> Any:
        if isinstance(node.func, ast.Attribute):
            owner = self(node.func.value)
            if isinstance(owner, torch.Tensor):
                return self._method(owner, node, node.func)
            if not isinstance(owner, Module):
                raise RefusalError(
                    f"`.{node.func.attr}()` does not exist on {in_words(owner)}",
                    "Methods belong to tensors here.",
                )
            function = member(owner.name, node.func.attr)
        else:
            function = self(node.func)
        if not isinstance(function, Function):
            raise RefusalError(f"`{self.text(node.func)}` is not a function", "Only functions can be called.")
        return self._function(function, node)

    def _arguments(self, node: ast.Call) -> tuple[list[Any], dict[str, Any], list[str]]:
        values = [self(item) for item in node.args]
        named = {item.arg or "": self(item.value) for item in node.keywords}
        return values, named, [self.text(item) for item in node.args]

    def _method(self, owner: torch.Tensor, node: ast.Call, func: ast.Attribute) -> Any:
        shown = self.text(func.value)
        values, named, texts = self._arguments(node)
        span, text = self.span(node), self.text(node)
        with self.recorder.attempting(f".{func.attr}()", {"": [owner, *values]}, span, text):
            if func.attr in ACTIONS:
                signature, action = ACTIONS[func.attr]
                given = signature.bind(f".{func.attr}", values, named)
                return action(self.recorder, owner, given, shown, span, text)
            if func.attr not in METHODS:
                raise RefusalError(
                    f"Tensors have no method `.{func.attr}()` here", suggestion(func.attr, tensor_names())
                )
        return self.apply(METHODS[func.attr], [owner, *values], named, [shown, *texts], node)

    def _function(self, function: Function, node: ast.Call) -> Any:
        values, named, texts = self._arguments(node)
        if (function.home, function.name) in BY_HOME:
            operation = BY_HOME[function.home, function.name]
            keywords = {item.arg or "": self.text(item.value) for item in node.keywords}
            return self.apply(operation, values, named, texts, node, keywords)
        if function.home == MATH_MODULE:
            return _math(function.name, values)
        if (
            function.home == ""
            and function.name == "abs"
            and isinstance(values[0] if values else None, torch.Tensor)
        ):
            return self.apply(METHODS["abs"], values, named, texts, node)
        if function.name in BUILTIN_CALLS:
            return BUILTIN_CALLS[function.name](self.recorder, values, named, node.lineno)
        raise RefusalError(f"`{function.name}` is for `with` here", "Write `with torch.no_grad():`.")

    def items(self, value: Any, node: ast.expr) -> Iterable[Any]:
        """What a loop or an unpacking goes through."""
        if isinstance(value, (range, list, tuple)):
            return value
        with self.at(node):
            raise RefusalError(
                f"One cannot go through {in_words(value)} here", "Use range(n), or index it: x[i]."
            )

    # texts

    def _joined(self, node: ast.JoinedStr) -> str:
        return short_text("".join(str(self(part)) for part in node.values))

    def _formatted(self, node: ast.FormattedValue) -> str:
        value = self(node.value)
        spec = self(node.format_spec) if node.format_spec is not None else ""
        if not _FORMAT.fullmatch(spec):
            raise RefusalError(
                f"The format `{spec}` is not part of this language", "Write {loss:.4f}, for example."
            )
        if isinstance(value, torch.Tensor) and value.dim() == 0:
            value = value.item()
        try:
            return short_text(f"{value:{spec}}" if spec else str(value))
        except (TypeError, ValueError) as problem:
            raise RefusalError(
                f"The format `{spec}` does not fit {in_words(value)}: {problem}", "Use .item()."
            ) from None


def _index(index: Any) -> Any:
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


def _math(name: str, values: list[Any]) -> Any:
    if len(values) != 1 or not is_number(values[0]):
        raise RefusalError(f"math.{name} takes one number", f"For tensors use torch.{name}.")
    try:
        return bounded(MATH[name](values[0]))
    except (ValueError, OverflowError) as problem:
        raise RefusalError(f"math.{name}({values[0]}): {problem}", "Choose another number.") from None


EXPRESSIONS: dict[type[ast.expr], Callable[[Evaluator, Any], Any]] = {
    ast.Attribute: Evaluator._attribute,
    ast.BinOp: Evaluator._binary,
    ast.BoolOp: Evaluator._boolean,
    ast.Call: Evaluator._call,
    ast.Compare: Evaluator._compare,
    ast.Constant: Evaluator._constant,
    ast.FormattedValue: Evaluator._formatted,
    ast.IfExp: Evaluator._either,
    ast.JoinedStr: Evaluator._joined,
    ast.List: Evaluator._list,
    ast.Name: Evaluator._name,
    ast.Slice: Evaluator._slice,
    ast.Subscript: Evaluator._subscript,
    ast.Tuple: Evaluator._tuple,
    ast.UnaryOp: Evaluator._unary,
}
