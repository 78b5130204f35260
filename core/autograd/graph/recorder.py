"""Runs operations on real tensors and writes down what happens: the hand behind a Trace."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch.autograd.graph import Node

from core.autograd.errors import RefusalError, Span
from core.autograd.graph.backward import ACCUMULATE, node_name
from core.autograd.graph.explanations import explain
from core.autograd.graph.registry import Registry
from core.autograd.graph.trace import Applied, Failed, Reference, Trace, Value, substitute
from core.autograd.graph.views import changed_through, is_followed, path_to, seen_again, share
from core.autograd.limits import Limits
from core.autograd.operations.cost import tensors_in
from core.autograd.operations.operation import Operation

# called with the root of a backward pass and the named tensors, before the graph is used up
BeforeBackward = Callable[[torch.Tensor, Mapping[str, torch.Tensor]], None]

SEED = 0  # of a program without torch.manual_seed, so that the picture does not change by itself


class Recorder(Registry):
    """Applies operations and backward passes within the limits; every failure is a RefusalError."""

    def __init__(self, trace: Trace, limits: Limits, leaves: Mapping[str, Any] | None = None) -> None:
        super().__init__(trace, leaves or {})
        self.limits = limits
        self.before_backward: BeforeBackward | None = None
        self.generator = torch.Generator().manual_seed(SEED)
        self._deadline = time.monotonic() + limits.seconds
        self._elements = 0
        self._backward_nodes = 0

    def tick(self, ahead: float = 0) -> None:
        """Raises RefusalError when the time is up, or will be after `ahead` seconds more."""
        if time.monotonic() + ahead > self._deadline:
            raise RefusalError(
                f"The program ran longer than {self.limits.seconds:g} s",
                "Use fewer operations or smaller tensors.",
            )

    def apply(
        self, operation: Operation, given: Mapping[str, Any], shown: Mapping[str, str], span: Span, text: str
    ) -> Any:
        """Run `operation`, record it and return what PyTorch returned."""
        with self.attempting(operation.shown_name, given, span, text):
            return self._apply(operation, given, shown, span, text)

    @contextmanager
    def attempting(self, name: str, given: Mapping[str, Any], span: Span, text: str) -> Iterator[None]:
        """Write down in the trace what was being attempted, if it is refused."""
        try:
            yield
        except RefusalError:
            inputs = tuple(self.value_of(tensor, span) for tensor in tensors_in(given))
            self.trace.failed = Failed(name, inputs, span, text)
            raise

    def _apply(
        self, operation: Operation, given: Mapping[str, Any], shown: Mapping[str, str], span: Span, text: str
    ) -> Any:
        self._check_cost(operation, given, shown)
        if operation.inplace:
            target = next(iter(given.values()))
            if id(target) in self.gradient_tensors:
                return self._change_gradient(target, operation, given, shown, span, text)
            path = path_to(self.trace, self.trace.values[self.value_of(target, span)])
            base = self.trace.values[path[0].inputs[0]].tensor if path else target
            self._prepare_change(base, target, path, span)
            if id(base) in self.gradient_tensors:
                return self._change_gradient(base, operation, given, shown, span, text)
            if path:
                return self._change_through(path, base, operation, given, shown, span, text)
            version = target._version
        inputs: list[int] = []
        arguments = substitute(given, lambda item: self._reference(item, span, inputs))
        result = self._run(operation, given, shown)
        results = (result,) if isinstance(result, torch.Tensor) else result
        outputs = [each for each in results if isinstance(each, torch.Tensor)]
        same = any(output is self.trace.values[number].tensor for output in outputs for number in inputs)
        if (
            operation.inplace or not same
        ):  # PyTorch may give the same tensor back, as .float() does for float32
            self._add(operation, arguments, shown, inputs, outputs, span, text)
        if operation.inplace and outputs[0].grad_fn is not None:
            self._note_version(outputs[0], version, span, text)
        return result

    def _note_version(self, changed: torch.Tensor, before: int, span: Span, text: str) -> None:
        """Say once in a program what a change in place does to the version counter."""
        if any("version counter" in note.text for note in self.trace.notes):
            return
        title = self.trace.values[self.by_tensor[id(changed)]].title
        self.note(
            span.line,
            f"`{text}` changes `{title}` in place: its version counter, `{title}._version`, goes from "
            f"{before} to {changed._version}. Backward compares it with the version of what it has saved.",
        )

    def refresh(self) -> None:
        """At the program's end: the names of views show what their base's last change left in them."""
        for number in list(self.trace.names.values()):
            value = self.trace.values[number]
            if id(value.tensor) in self.changed:
                self.value_of(value.tensor, value.span)

    def _change_gradient(
        self,
        gradient: torch.Tensor,
        operation: Operation,
        given: Mapping[str, Any],
        shown: Mapping[str, str],
        span: Span,
        text: str,
    ) -> Any:
        """Change a leaf's .grad in place, or a part of it."""
        result = self._run(operation, given, shown)
        _, leaf, _ = self.gradient_tensors[id(gradient)]
        self.change_gradient(leaf, gradient.detach().clone(), span, text)
        return result

    def _change_through(
        self,
        path: list[Applied],
        base: torch.Tensor,
        operation: Operation,
        given: Mapping[str, Any],
        shown: Mapping[str, str],
        span: Span,
        text: str,
    ) -> Any:
        """Change a view in place: recorded is what that does to its base."""
        inputs: list[int] = []
        first = next(iter(given))
        arguments = substitute({**given, first: base}, lambda item: self._reference(item, span, inputs))
        result = self._run(operation, given, shown)
        through = changed_through(self.trace, path, operation, shown.get(first, first))
        names = {**shown, first: self.trace.values[inputs[0]].title}
        self._add(through, arguments, names, inputs, [base], span, text)
        return result

    def again(self, older: Value, span: Span) -> int:
        """A view is used again after its base has changed."""
        path = path_to(self.trace, older)
        if not path or not is_followed(older.tensor):
            return super().again(older, span)
        number = self.value_of(self.trace.values[path[0].inputs[0]].tensor, span)
        operation = seen_again(self.trace, path)
        arguments: dict[str, Any] = {"input": Reference(number)}
        shown = {"input": self.trace.values[number].title}
        if len(path) == 1:
            arguments = {**path[0].arguments, next(iter(path[0].arguments)): Reference(number)}
            shown = {**path[0].shown, **shown}
        inputs = [number, *path[0].inputs[1:]] if len(path) == 1 else [number]
        self._add(operation, arguments, shown, inputs, [older.tensor], span, older.text)
        return self.by_tensor[id(older.tensor)]

    def _run(self, operation: Operation, given: Mapping[str, Any], shown: Mapping[str, str]) -> Any:
        try:
            return operation.call(**given, **({"generator": self.generator} if operation.random else {}))
        except Exception as problem:  # whatever PyTorch raises on a person's input is explained to the person
            raise explain(problem, operation.shown_name, given, shown) from problem

    def _check_cost(self, operation: Operation, given: Mapping[str, Any], shown: Mapping[str, str]) -> None:
        self.tick()
        limits = self.limits
        if len(self.trace.events) >= limits.operations:
            raise RefusalError(
                f"The program has more than {limits.operations} operations", "Use fewer turns of the loop."
            )
        cost = operation.cost(given, shown)
        if cost.elements > limits.elements:
            raise RefusalError(
                f"`{operation.shown_name}` would make a tensor of {cost.elements:,} elements; "
                f"at most {limits.elements:,} are allowed here",
                "Use smaller sizes: the picture shows tensors up to 6×6 in full.",
            )
        if cost.work > limits.work:
            raise RefusalError(
                f"`{operation.shown_name}` would take {cost.work:,} multiplications; at most "
                f"{limits.work:,} are allowed",
                "Use smaller sizes.",
            )
        if cost.buffer > limits.buffer:
            raise RefusalError(
                f"`{operation.shown_name}` would need room for {cost.buffer:,} numbers while it works; "
                f"at most {limits.buffer:,} are allowed",
                "Use smaller sizes.",
            )
        if cost.dimensions > limits.dimensions or any(t.dim() > limits.dimensions for t in tensors_in(given)):
            raise RefusalError(
                f"Tensors here have at most {limits.dimensions} dimensions", "Use .reshape(…) or .flatten()."
            )
        self._elements += cost.elements
        if self._elements > limits.total_elements:
            raise RefusalError(
                f"All tensors together would have more than {limits.total_elements:,} elements",
                "Use smaller tensors or fewer turns of the loop.",
            )

    def _prepare_change(
        self, base: torch.Tensor, target: torch.Tensor, path: list[Applied], span: Span
    ) -> None:
        """Before `target`, a view of `base` along `path`, is changed: keep what older values looked like."""
        related = [
            value
            for value in self.trace.values
            if value.tensor is not base and value.current and share(value.tensor, base)
        ]
        if any(applied.operation.name == "detach" for applied in path) and base.requires_grad:
            title = self.trace.values[self.value_of(base, span)].title
            raise RefusalError(
                f"This shares its memory with `{title}` (detach() does not copy): both would change, and "
                f"autograd would not know that `{title}` did",
                "Work on a copy: .detach().clone().",
            )
        storage = base.untyped_storage().data_ptr()
        for value in self.trace.values:
            if value.data.untyped_storage().data_ptr() == storage:
                value.data = value.data.clone()
        for value in related:
            self.by_tensor.pop(id(value.tensor), None)

    def _reference(self, item: Any, span: Span, inputs: list[int]) -> Any:
        if not isinstance(item, torch.Tensor):
            return item
        number = self.value_of(item, span)
        inputs.append(number)
        return Reference(number)

    def _add(
        self,
        operation: Operation,
        arguments: Mapping[str, Any],
        shown: Mapping[str, str],
        inputs: list[int],
        outputs: list[torch.Tensor],
        span: Span,
        text: str,
    ) -> None:
        number = len(self.trace.operations)
        nodes = [
            node
            for output in outputs
            if output.grad_fn is not None
            for node in self._new_nodes(output.grad_fn)
        ]
        self.owners.update(dict.fromkeys(nodes, number))
        made = [self.register(output, text, span, number, i) for i, output in enumerate(outputs)]
        recorded = any(output.grad_fn is not None for output in outputs) and torch.is_grad_enabled()
        self.trace.add(
            Applied(
                number,
                operation,
                arguments,
                dict(shown),
                tuple(inputs),
                tuple(made),
                tuple(nodes),
                recorded,
                span,
                text,
            )
        )

    def _new_nodes(self, root: Node) -> list[Node]:
        """The backward nodes that no earlier operation left behind, inputs first."""
        found: dict[Node, None] = {}
        waiting = [root]
        while waiting:
            node = waiting.pop()
            if node in self.owners or node in found or node_name(node) == ACCUMULATE:
                continue
            found[node] = None
            waiting += [below for below, _ in node.next_functions if below is not None]
        return list(reversed(found))

    def tick_backward(self) -> None:
        self._backward_nodes += 1
        if self._backward_nodes > self.limits.backward_nodes:
            raise RefusalError(
                f"All backward passes together visit more than {self.limits.backward_nodes:,} nodes",
                "Call backward() less often, or use fewer operations.",
            )
        self.tick()
