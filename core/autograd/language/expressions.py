"""Evaluates expressions: each kind has its function, and nothing is evaluated that has none."""

import ast
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from core.autograd.errors import ProgramError, RefusalError, Span
from core.autograd.graph.recorder import Recorder
from core.autograd.language.calls import attribute, call
from core.autograd.language.indices import slice_, subscript
from core.autograd.language.namespace import (
    BUILTINS,
    FIRST_NAMES,
    MATH_MODULE,
    Function,
    Module,
    suggestion,
)
from core.autograd.language.operators import binary_expression, boolean, compare, either, unary
from core.autograd.language.plain_numbers import measured
from core.autograd.language.texts import formatted, joined
from core.autograd.limits import Limits
from core.autograd.operations.signature import in_words
from core.autograd.operations.table import BY_HOME
from core.autograd.program import Program

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

    def items(self, value: Any, node: ast.expr) -> Iterable[Any]:
        """What a loop or an unpacking goes through."""
        if isinstance(value, (range, list, tuple)):
            return value
        with self.at(node):
            raise RefusalError(
                f"One cannot go through {in_words(value)} here", "Use range(n), or index it: x[i]."
            )


EXPRESSIONS: dict[type[ast.expr], Callable[[Evaluator, Any], Any]] = {
    ast.Attribute: attribute,
    ast.BinOp: binary_expression,
    ast.BoolOp: boolean,
    ast.Call: call,
    ast.Compare: compare,
    ast.Constant: Evaluator._constant,
    ast.FormattedValue: formatted,
    ast.IfExp: either,
    ast.JoinedStr: joined,
    ast.List: Evaluator._list,
    ast.Name: Evaluator._name,
    ast.Slice: slice_,
    ast.Subscript: subscript,
    ast.Tuple: Evaluator._tuple,
    ast.UnaryOp: unary,
}
