"""Walks the checked syntax tree, statement by statement: nothing runs that is not in a table."""

import ast
from collections.abc import Callable, Mapping
from typing import Any

import torch

from core.autograd.errors import ProgramError, RefusalError
from core.autograd.graph.recorder import BeforeBackward, Recorder
from core.autograd.graph.trace import Trace
from core.autograd.language.calls import apply
from core.autograd.language.expressions import Evaluator
from core.autograd.language.indices import chosen, tensor_index
from core.autograd.language.namespace import CONTEXTS, Function, imported, member
from core.autograd.language.operators import binary, truth
from core.autograd.language.plain_numbers import BINARY
from core.autograd.limits import LIMITS, Limits
from core.autograd.operations.signature import in_words
from core.autograd.operations.table import BY_SYMBOL
from core.autograd.program import Program, parse


def run(
    source: str,
    limits: Limits = LIMITS,
    leaves: Mapping[str, Any] | None = None,
    before_backward: BeforeBackward | None = None,
) -> Trace:
    """Run a program text; the trace holds what ran, and the error that ended it, if any. Raises nothing.

    `leaves` puts other numbers into tensors that the program makes from numbers: name → (nested) numbers.
    `before_backward` sees the root of each backward pass and all named tensors while the graph is whole.
    """
    interpreter = Interpreter(parse(source, limits), limits, leaves or {})
    interpreter.before_backward(before_backward)
    return interpreter.run()


class Interpreter:
    """Runs the statements of one program."""

    def __init__(self, program: Program, limits: Limits, leaves: Mapping[str, Any]) -> None:
        self.trace = Trace(program)
        self._limits = limits
        self._turns = 0
        self._recorder = Recorder(self.trace, limits, leaves)
        self._evaluate = Evaluator(program, self._recorder, limits)

    def before_backward(self, look: BeforeBackward | None) -> None:
        self._recorder.before_backward = look

    def run(self) -> Trace:
        with torch.enable_grad():
            try:
                for statement in self.trace.program.statements:
                    self._execute(statement)
                self._recorder.refresh()
                self.trace.error = self.trace.program.error
            except ProgramError as error:
                self.trace.error = error
        return self.trace

    def _execute(self, statement: ast.stmt) -> None:
        with self._evaluate.at(statement):
            STATEMENTS[type(statement)](self, statement)

    def _block(self, statements: list[ast.stmt]) -> None:
        for statement in statements:
            self._execute(statement)

    def _import(self, statement: ast.Import) -> None:
        for alias in statement.names:
            module = imported(alias.name)
            if alias.asname:
                self._evaluate.names[alias.asname] = module
            else:  # `import torch.nn` binds torch
                self._evaluate.names[alias.name.split(".")[0]] = imported(alias.name.split(".")[0])

    def _import_from(self, statement: ast.ImportFrom) -> None:
        module = imported(statement.module or ".")
        for alias in statement.names:
            if alias.name == "*":
                raise RefusalError("`import *` is not part of this language", "Name what you import.")
            self._evaluate.names[alias.asname or alias.name] = member(module.name, alias.name)

    def _assign(self, statement: ast.Assign) -> None:
        value = self._evaluate(statement.value)
        for target in statement.targets:
            self._bind(target, value, statement)

    def _bind(self, target: ast.expr, value: Any, statement: ast.stmt) -> None:
        with self._evaluate.at(target):
            if isinstance(target, ast.Name):
                self._evaluate.names[target.id] = value
                if isinstance(value, torch.Tensor):
                    self._recorder.name(value, target.id, self._evaluate.span(statement))
                else:
                    self.trace.names.pop(target.id, None)
            elif isinstance(target, (ast.Tuple, ast.List)):
                items = list(self._evaluate.items(value, target))
                if len(items) != len(target.elts):
                    raise RefusalError(
                        f"{len(items)} values for {len(target.elts)} names", "Write one name for each value."
                    )
                for name, item in zip(target.elts, items, strict=True):
                    self._bind(name, item, statement)
            elif isinstance(target, ast.Attribute):
                self._set_attribute(target, value, statement)
            elif isinstance(target, ast.Subscript):
                owner, index = self._evaluate(target.value), self._evaluate(target.slice)
                self._set_part(target, owner, index, value, statement)
            else:
                raise RefusalError("This cannot stand left of `=` here", "Assign to a name: y = …")

    def _set_part(
        self, target: ast.Subscript, owner: Any, index: Any, value: Any, statement: ast.stmt
    ) -> None:
        if not isinstance(owner, torch.Tensor):
            raise RefusalError(
                f"Only parts of tensors can be set here; this is {in_words(owner)}", "Make a new list."
            )
        texts = [self._evaluate.text(target.value), self._evaluate.text(target.slice)]
        if isinstance(statement, ast.Assign):
            texts.append(self._evaluate.text(statement.value))
        operation = BY_SYMBOL["[]="]
        result = apply(self._evaluate, operation, [owner, tensor_index(index), value], {}, texts, statement)
        self._rename(target.value, result, statement)

    def _rename(self, target: ast.expr, changed: torch.Tensor, statement: ast.stmt) -> None:
        """A tensor that was changed in place keeps its name."""
        if isinstance(target, ast.Name) and id(changed) not in self._recorder.gradient_tensors:
            self._recorder.name(changed, target.id, self._evaluate.span(statement))

    def _set_attribute(self, target: ast.Attribute, value: Any, statement: ast.stmt) -> None:
        owner = self._evaluate(target.value)
        span, text = self._evaluate.span(statement), self._evaluate.text(statement)
        if isinstance(owner, torch.Tensor) and target.attr == "grad" and value is None:
            self._recorder.drop_gradient(owner, span, text)
        elif isinstance(owner, torch.Tensor) and target.attr == "requires_grad" and isinstance(value, bool):
            self._recorder.set_requires_grad(owner, value, span)
        else:
            raise RefusalError(
                f"`.{target.attr}` cannot be set to that here",
                "Allowed are `x.grad = None` and `x.requires_grad = True` or `False`.",
            )

    def _augmented(self, statement: ast.AugAssign) -> None:
        target = statement.target
        if isinstance(target, ast.Subscript):  # x[0] += 1 takes x[0], changes it, and puts it back
            owner, index = self._evaluate(target.value), self._evaluate(target.slice)
            old = chosen(self._evaluate, owner, index, target)
        else:
            old = self._evaluate(target)
        other = self._evaluate(statement.value)
        if not isinstance(old, torch.Tensor):
            result = binary(self._evaluate, type(statement.op), old, other, statement)
        else:
            result = self._changed(old, other, statement)
        if isinstance(target, ast.Subscript):
            self._set_part(target, owner, index, result, statement)
        elif id(result) not in self._recorder.gradient_tensors:
            self._bind(target, result, statement)

    def _changed(self, old: torch.Tensor, other: Any, statement: ast.AugAssign) -> Any:
        symbol = BINARY[type(statement.op)][0]
        operation = BY_SYMBOL.get(f"{symbol}=")
        texts = [self._evaluate.text(statement.target), self._evaluate.text(statement.value)]
        if operation is None:
            raise RefusalError(
                f"`{symbol}=` is not part of this language", f"Write `{texts[0]} = {texts[0]} {symbol} …`."
            )
        return apply(self._evaluate, operation, [old, other], {}, texts, statement)

    def _expression(self, statement: ast.Expr) -> None:
        self._evaluate(statement.value)

    def _for(self, statement: ast.For) -> None:
        for item in self._evaluate.items(self._evaluate(statement.iter), statement.iter):
            self._turns += 1
            if self._turns > self._limits.turns:
                raise RefusalError(
                    f"All loops together make more than {self._limits.turns:,} turns", "Use a smaller range."
                )
            self._bind(statement.target, item, statement)
            self._block(statement.body)

    def _if(self, statement: ast.If) -> None:
        self._block(statement.body if truth(self._evaluate, statement.test) else statement.orelse)

    def _with(self, statement: ast.With) -> None:
        for item in statement.items:
            call = item.context_expr
            found = self._evaluate(call.func) if isinstance(call, ast.Call) and not call.args else None
            if (
                not isinstance(found, Function)
                or found.name not in CONTEXTS
                or item.optional_vars is not None
            ):
                raise RefusalError(
                    "`with` is only for gradient modes here",
                    "Write `with torch.no_grad():` on a line of its own.",
                )
            with torch.no_grad() if found.name == "no_grad" else torch.enable_grad():
                self._block(statement.body)

    def _pass(self, statement: ast.Pass) -> None:
        pass


STATEMENTS: dict[type[ast.stmt], Callable[[Interpreter, Any], None]] = {
    ast.Import: Interpreter._import,
    ast.ImportFrom: Interpreter._import_from,
    ast.Assign: Interpreter._assign,
    ast.AugAssign: Interpreter._augmented,
    ast.Expr: Interpreter._expression,
    ast.For: Interpreter._for,
    ast.If: Interpreter._if,
    ast.With: Interpreter._with,
    ast.Pass: Interpreter._pass,
}
