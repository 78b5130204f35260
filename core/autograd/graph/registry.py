"""Which tensor is which value, and where in PyTorch's graph its gradient arrives."""

from collections.abc import Mapping
from typing import Any

import torch
from torch.autograd.graph import Node, get_gradient_edge

from core.autograd.errors import RefusalError, Span
from core.autograd.graph.explanations import explain
from core.autograd.graph.trace import GradientChange, Note, Slot, Trace, Value

NOTES = 20  # at most, for one program


class Registry:
    """The values of a trace, found by tensor and by slot."""

    def __init__(self, trace: Trace, leaves: Mapping[str, Any]) -> None:
        self.trace = trace
        self._leaves = dict(leaves)  # name → the numbers to put in its place, until it is named
        self.by_tensor: dict[int, int] = {}  # id of a tensor (kept alive by its value) → its present value
        self.changed: set[int] = set()  # ids of views whose base was changed since they were last used
        self.by_slot: dict[Slot, int] = {}
        self.owners: dict[Node, int] = {}  # backward node → the operation that left it behind
        # id of a tensor that is some leaf's .grad → the tensor (kept alive), the leaf, the text
        self.gradient_tensors: dict[int, tuple[torch.Tensor, int, str]] = {}

    def note(self, line: int, text: str) -> None:
        if len(self.trace.notes) < NOTES and all(note.text != text for note in self.trace.notes):
            self.trace.notes.append(Note(line, text))

    def value_of(self, tensor: torch.Tensor, span: Span) -> int:
        """The number of the tensor's present value; one that the program did not make is added."""
        number = self.by_tensor.get(id(tensor))
        if number is not None and id(tensor) in self.changed:
            self.changed.discard(id(tensor))
            return self.again(self.trace.values[number], span)
        if number is not None:
            return number
        if id(tensor) in self.gradient_tensors:
            _, leaf, text = self.gradient_tensors[id(tensor)]
            return self.register(tensor, text, span, None, 0, gradient_of=leaf)
        older = next((value for value in reversed(self.trace.values) if value.tensor is tensor), None)
        return self.register(tensor, older.title if older else "tensor", span, None, 0)

    def again(self, older: Value, span: Span) -> int:
        """The value of a view that is used again after its base has changed."""
        return self.register(older.tensor, older.text, span, None, 0)

    def register(
        self,
        tensor: torch.Tensor,
        text: str,
        span: Span,
        operation: int | None,
        output: int,
        gradient_of: int | None = None,
    ) -> int:
        number = len(self.trace.values)
        older = self.by_tensor.get(id(tensor))
        names: list[str] = []
        if older is not None:
            self.trace.values[older].current = False
            names = self.trace.values[older].names[:1]
            for name in [name for name, known in self.trace.names.items() if known == older]:
                self.trace.names[name] = number
        # .grad is changed in place by every later backward
        data = tensor.detach().clone() if gradient_of is not None else tensor.detach()
        value = Value(
            number, tensor, data, text, span, operation, output, None, *_standing(tensor),
            tensor._version, names, gradient_of,
        )  # fmt: skip
        self.trace.values.append(value)
        self.by_tensor[id(tensor)] = number
        self._connect(value)
        return number

    def _connect(self, value: Value) -> None:
        """Find the place in PyTorch's graph where this value's gradient arrives."""
        value.requires_grad, value.is_leaf = _standing(value.tensor)
        value.slot = None
        if value.requires_grad:
            try:
                edge = get_gradient_edge(value.tensor)
            except AssertionError:  # a view made under no_grad says so, but no gradient ever reaches it
                value.requires_grad = False
                return
            value.slot = Slot(edge.node, edge.output_nr)
            self.by_slot[value.slot] = value.number

    def name(self, tensor: torch.Tensor, name: str, span: Span) -> None:
        number = self.value_of(tensor, span)
        names = self.trace.values[number].names
        if name in self._leaves and not names and self._made_from_numbers(number):
            self._replace(tensor, name, self._leaves.pop(name))
        if name not in names:
            names.append(name)
        self.trace.names[name] = number

    def _made_from_numbers(self, number: int) -> bool:
        made_by = self.trace.values[number].operation
        return made_by is not None and self.trace.operations[made_by].operation.creates

    def _replace(self, tensor: torch.Tensor, name: str, numbers: Any) -> None:
        """Put `numbers` into a tensor that nothing has used yet, without counting as a change in place."""
        try:
            other = torch.tensor(numbers, dtype=tensor.dtype)
        except (TypeError, ValueError, RuntimeError, OverflowError) as problem:
            raise RefusalError(
                f"The numbers given for `{name}` are no tensor: {problem}", "Give one number each."
            ) from None
        if other.shape != tensor.shape:
            raise RefusalError(
                f"The numbers given for `{name}` have shape {tuple(other.shape)}; it has shape "
                f"{tuple(tensor.shape)}",
                "Go back to the program's numbers.",
            )
        tensor.data.copy_(other)  # .data has a version counter of its own

    def gradient(self, tensor: torch.Tensor, text: str, span: Span) -> torch.Tensor | None:
        """What `.grad` holds."""
        number = self.value_of(tensor, span)
        if not tensor.is_leaf and not tensor.retains_grad:
            self.note(
                span.line,
                f"`{text}.grad` is None, because `{text}` is not a leaf: its gradient passes through "
                f"and is not kept. "
                f"`{text}.retain_grad()` before backward keeps it.",
            )
            return None
        gradient = tensor.grad
        if gradient is None:
            return None
        self.by_tensor.pop(id(gradient), None)  # backward may have changed it since it was last looked at
        self.gradient_tensors[id(gradient)] = (gradient, number, f"{text}.grad")
        return gradient

    def drop_gradient(self, tensor: torch.Tensor, span: Span, text: str) -> None:
        """`x.grad = None`."""
        number = self.value_of(tensor, span)
        tensor.grad = None
        self.change_gradient(number, None, span, text)

    def change_gradient(self, leaf: int, gradient: torch.Tensor | None, span: Span, text: str) -> None:
        current = self.by_tensor.get(id(self.trace.values[leaf].tensor), leaf)
        self.trace.add(GradientChange(current, gradient, span, text))

    def set_requires_grad(self, tensor: torch.Tensor, flag: bool, span: Span) -> None:
        value = self.trace.values[self.value_of(tensor, span)]
        try:
            tensor.requires_grad_(flag)
        except RuntimeError as problem:
            raise explain(problem, ".requires_grad_()", {"": tensor}, {"": value.title}) from problem
        self._connect(value)

    def retain_gradient(self, tensor: torch.Tensor, span: Span) -> None:
        value = self.trace.values[self.value_of(tensor, span)]
        try:
            tensor.retain_grad()
        except RuntimeError as problem:
            raise explain(problem, ".retain_grad()", {"": tensor}, {"": value.title}) from problem


def _standing(tensor: torch.Tensor) -> tuple[bool, bool]:
    """`requires_grad` and `is_leaf`; PyTorch tells neither of a no_grad view whose base has changed."""
    try:
        return tensor.requires_grad, tensor.is_leaf
    except RuntimeError:
        return False, True
