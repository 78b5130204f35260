"""Runs operations on real tensors and writes down what happens: the hand behind a Trace."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch.autograd.graph import Node

from core.autograd.errors import RefusalError, Span
from core.autograd.graph.backward import ACCUMULATE, node_name
from core.autograd.graph.budget import Budget
from core.autograd.graph.call import Call
from core.autograd.graph.changes import change, see_again
from core.autograd.graph.explanations import explain
from core.autograd.graph.registry import Registry
from core.autograd.graph.saved import saved_tensors
from core.autograd.graph.trace import Applied, Failed, Reference, Trace, Value, substitute
from core.autograd.limits import Limits
from core.autograd.operations.cost import tensors_in
from core.autograd.operations.operation import Operation

# called with the root of a backward pass and the named tensors, before the graph is used up
BeforeBackward = Callable[[torch.Tensor, Mapping[str, torch.Tensor]], None]

SEED = 0  # of a program without torch.manual_seed, so that the picture does not change by itself


class Recorder(Registry, Budget):
    """Applies operations and backward passes within the limits; every failure is a RefusalError."""

    def __init__(self, trace: Trace, limits: Limits, leaves: Mapping[str, Any] | None = None) -> None:
        Registry.__init__(self, trace, leaves or {})
        Budget.__init__(self, limits)
        self.before_backward: BeforeBackward | None = None
        self.generator = torch.Generator().manual_seed(SEED)

    def apply(
        self, operation: Operation, given: Mapping[str, Any], shown: Mapping[str, str], span: Span, text: str
    ) -> Any:
        """Run `operation`, record it and return what PyTorch returned."""
        with self.attempting(operation.shown_name, given, span, text):
            return self._apply(Call(operation, given, shown, span, text))

    @contextmanager
    def attempting(self, name: str, given: Mapping[str, Any], span: Span, text: str) -> Iterator[None]:
        """Write down in the trace what was being attempted, if it is refused."""
        try:
            yield
        except RefusalError:
            inputs = tuple(self.value_of(tensor, span) for tensor in tensors_in(given))
            self.trace.failed = Failed(name, inputs, span, text)
            raise

    def _apply(self, call: Call) -> Any:
        done, events = len(self.trace.operations), len(self.trace.events)
        self.spend(call.operation, call.given, call.shown, done, events)
        if call.operation.inplace:
            return change(self, call)
        arguments, inputs = self.references(call.given, call.span)
        result = self.compute(call)
        results = (result,) if isinstance(result, torch.Tensor) else result
        outputs = [each for each in results if isinstance(each, torch.Tensor)]
        # PyTorch may give the same tensor back, as .float() does for float32
        if not any(output is self.trace.values[number].tensor for output in outputs for number in inputs):
            self.write_down(call, arguments, inputs, outputs)
        return result

    def refresh(self) -> None:
        """At the program's end: the names of views show what their base's last change left in them."""
        for number in list(self.trace.names.values()):
            value = self.trace.values[number]
            if id(value.tensor) in self.changed:
                self.value_of(value.tensor, value.span)

    def again(self, older: Value, span: Span) -> int:
        """The value of a view that is used again after its base has changed."""
        number = see_again(self, older, span)
        return super().again(older, span) if number is None else number

    def compute(self, call: Call) -> Any:
        """What PyTorch returns."""
        drawn = {"generator": self.generator} if call.operation.random else {}
        try:
            return call.operation.call(**call.given, **drawn)
        except Exception as problem:  # whatever PyTorch raises on a person's input is explained to the person
            raise explain(problem, call.operation.shown_name, call.given, call.shown) from problem

    def references(self, given: Mapping[str, Any], span: Span) -> tuple[dict[str, Any], list[int]]:
        """The arguments with tensors replaced by references to their values, and these values."""
        inputs: list[int] = []
        return substitute(given, lambda item: self._reference(item, span, inputs)), inputs

    def _reference(self, item: Any, span: Span, inputs: list[int]) -> Any:
        if not isinstance(item, torch.Tensor):
            return item
        number = self.value_of(item, span)
        inputs.append(number)
        return Reference(number)

    def write_down(
        self, call: Call, arguments: Mapping[str, Any], inputs: list[int], outputs: list[torch.Tensor]
    ) -> None:
        """Add what was done to the trace, with the backward nodes that it left behind."""
        number = len(self.trace.operations)
        nodes = [
            node
            for output in outputs
            if output.grad_fn is not None
            for node in self._new_nodes(output.grad_fn)
        ]
        self.owners.update(dict.fromkeys(nodes, number))
        made = [self.register(output, call.text, call.span, number, i) for i, output in enumerate(outputs)]
        around = [self.trace.values[each] for each in dict.fromkeys([*made, *inputs])]
        self.trace.saved.update({node: saved_tensors(node, around) for node in nodes})
        recorded = any(output.grad_fn is not None for output in outputs) and torch.is_grad_enabled()
        self.trace.add(
            Applied(
                number, call.operation, arguments, dict(call.shown), tuple(inputs), tuple(made), tuple(nodes),
                recorded, call.span, call.text,
            )
        )  # fmt: skip

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
