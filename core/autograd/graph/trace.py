"""What happened when a program ran: values, operations and backward passes, in order."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import torch

from core.autograd.errors import ProgramError, Span
from core.autograd.operations.operation import Operation
from core.autograd.program import Program


@dataclass(frozen=True)
class Slot:
    """One place where gradient arrives: input `number` of a backward node (an edge of PyTorch's graph)."""

    node: torch.autograd.graph.Node
    number: int


@dataclass(frozen=True)
class Reference:
    """Stands for a value among the recorded arguments of an operation."""

    value: int


@dataclass(frozen=True)
class Saved:
    """One saved tensor of a backward node."""

    name: str  # PyTorch's: "self", "other", "result" …
    value: int | None  # the value that it is, where it is one of the program's
    transposed: bool  # whether it is that value's transpose
    own: torch.Tensor | None  # its numbers, where it is none of the program's values


@dataclass
class Value:
    """One tensor at one moment: an in-place operation makes a new value of the same tensor."""

    number: int
    tensor: torch.Tensor
    data: torch.Tensor  # as it was when the value was made
    text: str  # the expression that made it, as written
    span: Span
    operation: int | None  # which made it; None for a tensor that was not made by the program, such as x.grad
    output: int  # which of the operation's results
    slot: Slot | None  # where its gradient arrives; None without requires_grad
    requires_grad: bool
    is_leaf: bool
    version: int
    names: list[str] = field(default_factory=list)
    gradient_of: int | None = None  # the leaf whose .grad this is
    current: bool = True  # False once an in-place operation made a newer value of the tensor

    @property
    def title(self) -> str:
        return self.names[0] if self.names else self.text


@dataclass(frozen=True)
class Applied:
    """One operation as it ran."""

    number: int
    operation: Operation
    arguments: Mapping[str, Any]  # tensors replaced by Reference
    shown: Mapping[str, str]  # how each argument is written in the program
    inputs: tuple[int, ...]  # values, in the order of the arguments
    outputs: tuple[int, ...]
    nodes: tuple[torch.autograd.graph.Node, ...]  # the backward nodes it left behind, its own last
    recorded: bool  # whether autograd recorded it
    span: Span
    text: str


@dataclass(frozen=True)
class Contribution:
    """What one backward node hands to one of its inputs."""

    slot: Slot
    position: int  # among the node's inputs
    value: int | None  # the value whose gradient this is a part of, where it is one of the program's
    raw: torch.Tensor  # as the node returned it
    amount: torch.Tensor  # in the shape of the input: broadcasting undone by summing
    total: torch.Tensor  # all that has arrived there so far
    arrived: int  # how many contributions have arrived
    expected: int


@dataclass(frozen=True)
class BackwardStep:
    """One step of the engine: the seed, one backward node, or one accumulation into a leaf."""

    kind: Literal["seed", "node", "accumulate"]
    node: torch.autograd.graph.Node
    name: str
    operation: int | None  # the operation that the node belongs to
    value: int | None  # the value whose whole gradient this step consumes (seed: creates)
    upstream: tuple[torch.Tensor | None, ...]
    contributions: tuple[Contribution, ...] = ()
    local: tuple[torch.Tensor | None, ...] = ()  # an elementwise node: the local derivative of each input
    saved: Mapping[str, torch.Tensor] = field(default_factory=dict)  # of a matrix product: its factors
    before: torch.Tensor | None = None  # accumulate: .grad before
    after: torch.Tensor | None = None  # accumulate: .grad after


@dataclass(frozen=True)
class BackwardPass:
    """One call of backward: its steps in the engine's order and the gradients that arrived, checked."""

    number: int
    root: int
    seed: torch.Tensor
    steps: tuple[BackwardStep, ...]
    gradients: Mapping[int, torch.Tensor]  # value → the whole gradient that arrived there
    engine: Mapping[int, float]  # value → relative error against torch.autograd.grad
    span: Span
    text: str
    operations: int  # how many operations had been applied before


@dataclass(frozen=True)
class GradientChange:
    """A leaf's .grad was set by the program: zeroed in place, or dropped."""

    value: int
    gradient: torch.Tensor | None
    span: Span
    text: str


@dataclass(frozen=True)
class Failed:
    """The operation (or call of backward) that could not be done, and the values that went into it."""

    name: str  # as a student writes it: "@", "F.linear", ".backward()"
    inputs: tuple[int, ...]
    span: Span
    text: str


@dataclass(frozen=True)
class Note:
    """Something worth knowing about a line that is no error, or what it printed."""

    line: int
    text: str


Event = Applied | BackwardPass | GradientChange


@dataclass
class Trace:
    """All that a program did, up to its end or its first error."""

    program: Program
    values: list[Value] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)  # all, in order
    operations: list[Applied] = field(default_factory=list)
    passes: list[BackwardPass] = field(default_factory=list)
    printed: list[Note] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    names: dict[str, int] = field(default_factory=dict)  # at the end: name → value
    saved: dict[torch.autograd.graph.Node, tuple[Saved, ...]] = field(default_factory=dict)
    error: ProgramError | None = None
    failed: Failed | None = None  # the operation that the error stopped, where it was one on tensors

    def add(self, event: Event) -> None:
        self.events.append(event)
        if isinstance(event, Applied):
            self.operations.append(event)
        elif isinstance(event, BackwardPass):
            self.passes.append(event)

    def saved_data(self, saved: Saved) -> torch.Tensor:
        """The numbers of a saved tensor, as they were when it was saved."""
        if saved.own is not None:
            return saved.own
        assert saved.value is not None  # one of the two is there
        data = self.values[saved.value].data
        return data.T if saved.transposed else data

    def value(self, name: str) -> Value:
        """The value that `name` has at the end."""
        return self.values[self.names[name]]


def substitute(arguments: Any, replace: Callable[[Any], Any]) -> Any:
    """Rebuild `arguments` with `replace` applied to everything that is no container."""
    if isinstance(arguments, Mapping):
        return {key: substitute(item, replace) for key, item in arguments.items()}
    if isinstance(arguments, slice):
        return slice(
            *(substitute(item, replace) for item in (arguments.start, arguments.stop, arguments.step))
        )
    if type(arguments) in (list, tuple):
        return type(arguments)(substitute(item, replace) for item in arguments)
    return replace(arguments)
