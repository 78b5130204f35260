"""The Jacobian of a program by reverse mode (rows) and by forward mode (columns)."""

from dataclasses import dataclass

import torch
import torch._decomp.decompositions_for_jvp  # the first jvp imports it, which takes a quarter of a second

from core.autograd.errors import RefusalError
from core.autograd.graph.trace import Trace
from core.autograd.play.function import ProgramFunction, last_made, leaves_below

LARGEST = 12  # rows and columns up to which the Jacobian is computed


@dataclass(frozen=True)
class Passes:
    """The inputs and outputs of a program, and how many passes each mode needs for the full Jacobian."""

    inputs: tuple[int, ...]  # values
    outputs: tuple[int, ...]
    input_elements: int  # columns of the Jacobian = forward-mode passes (JVPs)
    output_elements: int  # rows = reverse-mode passes (VJPs)

    @property
    def small(self) -> bool:
        return 0 < self.input_elements <= LARGEST and 0 < self.output_elements <= LARGEST


@dataclass(frozen=True, eq=False)
class Jacobian:
    """∂ output element / ∂ input element, computed twice: (outputs, inputs)."""

    rows: torch.Tensor  # by VJPs, one for each output element
    columns: torch.Tensor  # by JVPs, one for each input element
    by: str  # how the JVPs were computed: "forward-mode AD" or "double backward"
    error: float  # largest difference relative to the largest element


def passes_of(trace: Trace) -> Passes | None:
    """Outputs are what backward was called on, else the last tensor with a gradient; None without any."""
    outputs = tuple(dict.fromkeys(backward.root for backward in trace.passes))
    if not outputs:
        last = last_made(trace.values)
        outputs = () if last is None else (last.number,)
    inputs = leaves_below(trace, outputs)
    tensors = {id(trace.values[number].tensor) for number in inputs}
    if len(tensors) < len(inputs):  # a leaf was changed between two backward passes: they are two functions
        outputs = outputs[-1:]
        inputs = leaves_below(trace, outputs)
    if not outputs or not inputs:
        return None

    def elements(numbers: tuple[int, ...]) -> int:
        return sum(trace.values[number].data.numel() for number in numbers)

    return Passes(inputs, outputs, elements(inputs), elements(outputs))


def jacobian(trace: Trace, passes: Passes) -> Jacobian:
    """Both modes on the recorded operations, in the program's own types.

    Raises RefusalError where the operations cannot be repeated.
    """
    function = ProgramFunction(trace, passes.inputs, passes.outputs, graph_only=True)
    rows = _by_rows(function)
    columns, by = _by_columns(function)
    scale = max(float(rows.abs().max()), 1e-12)
    return Jacobian(rows, columns, by, float((rows - columns).abs().max()) / scale)


def _by_rows(function: ProgramFunction) -> torch.Tensor:
    """One reverse pass for each output element: its row is the gradient of that element alone."""
    inputs = tuple(each.requires_grad_() for each in function.start())
    with torch.enable_grad():
        output = _flat(function(*inputs))  # (outputs,)
    rows = []
    for one_hot in torch.eye(output.numel(), dtype=output.dtype):
        gradients = torch.autograd.grad(output, inputs, one_hot, retain_graph=True, materialize_grads=True)
        rows.append(_flat(gradients))
    return torch.stack(rows)  # (outputs, inputs)


def _by_columns(function: ProgramFunction) -> tuple[torch.Tensor, str]:
    """One forward pass for each input element; without a forward rule, two backward passes for it."""
    start = function.start()
    directions = [_unflat(one_hot, start) for one_hot in torch.eye(sum(each.numel() for each in start))]
    try:
        with torch.enable_grad():
            columns = [_flat(torch.func.jvp(function, start, direction)[1]) for direction in directions]
        return torch.stack(columns, dim=1), "forward-mode AD"
    except (NotImplementedError, RuntimeError, RefusalError):
        return torch.stack(_double_backward(function, directions), dim=1), "double backward"


def _double_backward(
    function: ProgramFunction, directions: list[tuple[torch.Tensor, ...]]
) -> list[torch.Tensor]:
    """J v from reverse mode alone: uᵀJ is linear in u, and its derivative along v is J v."""
    inputs = tuple(each.requires_grad_() for each in function.start())
    with torch.enable_grad():
        output = _flat(function(*inputs))
        upstream = torch.zeros_like(output, requires_grad=True)
        vjp = torch.autograd.grad(output, inputs, upstream, create_graph=True, materialize_grads=True)
        return [
            torch.autograd.grad(vjp, upstream, direction, retain_graph=True, materialize_grads=True)[0]
            for direction in directions
        ]


def _flat(tensors: tuple[torch.Tensor, ...]) -> torch.Tensor:
    return torch.cat([each.reshape(-1) for each in tensors])


def _unflat(flat: torch.Tensor, like: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
    parts = flat.split([each.numel() for each in like])
    return tuple(part.reshape(each.shape).to(each.dtype) for part, each in zip(parts, like, strict=True))
