"""Records a call of torch.autograd.grad: a backward pass that accumulates into nothing."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import torch

from core.autograd.errors import RefusalError, Span
from core.autograd.graph.backward import ACCUMULATE, Handed, NodeStep
from core.autograd.graph.explanations import explain
from core.autograd.graph.passes import (
    arrived,
    begin,
    engine_errors,
    recorded_step,
    seed_step,
    stepped_nodes,
)
from core.autograd.graph.recorder import Recorder
from core.autograd.graph.trace import BackwardPass, Slot


def record_gradients(
    recorder: Recorder,
    output: torch.Tensor,
    inputs: Sequence[torch.Tensor],
    gradient: Any,
    settings: dict[str, bool],  # retain_graph, allow_unused
    shown: str,  # how the output is written
    span: Span,
    text: str,
) -> tuple[torch.Tensor | None, ...]:
    """Step through the nodes that lead to `inputs`, compare with PyTorch's engine, and return what it
    returns."""
    root, seed, edge = begin(recorder, output, gradient, shown, span)
    values = [recorder.value_of(tensor, span) for tensor in inputs]
    wanted = {recorder.trace.values[number].slot for number in values} - {None}
    try:
        stepped = stepped_nodes(recorder, edge, seed)
        kept = _leading_to(wanted, stepped)
        handed = [each for step in kept for each in step.handed]
        gradients = arrived(recorder, edge, seed, handed)
        errors = engine_errors(recorder, output, seed, gradients)
        steps = [seed_step(edge, root, seed), *(recorded_step(recorder, step) for step in kept)]
        results = torch.autograd.grad(output, list(inputs), seed, **settings)
    except RefusalError:
        raise
    except Exception as problem:  # whatever PyTorch raises is explained to the person
        given = {str(number): tensor for number, tensor in zip(values, inputs, strict=True)}
        names = {str(number): recorder.trace.values[number].title for number in values}
        raise explain(problem, "torch.autograd.grad", given, names) from problem
    recorder.trace.add(
        BackwardPass(
            len(recorder.trace.passes), root, seed, tuple(steps), gradients, errors, span, text,
            len(recorder.trace.operations),
        )
    )  # fmt: skip
    for number, result in zip(values, results, strict=True):
        if isinstance(result, torch.Tensor) and id(result) not in recorder.by_tensor:
            title = f"∂{shown}/∂{recorder.trace.values[number].title}"
            recorder.register(result, title, span, None, 0, gradient_of=number)
    return tuple(results)


def _leading_to(wanted: set[Any], stepped: list[NodeStep]) -> list[NodeStep]:
    """The steps that PyTorch's engine takes when only some gradients are asked for, and what they hand on."""
    leading: set[Any] = set()
    for step in reversed(stepped):
        below = {Slot(target, number) for target, number in step.node.next_functions if target is not None}
        if step.name != ACCUMULATE and (below & wanted or any(slot.node in leading for slot in below)):
            leading.add(step.node)

    def asked(handed: Handed) -> bool:
        return handed.target in leading or Slot(handed.target, handed.number) in wanted

    return [
        replace(step, handed=tuple(filter(asked, step.handed))) for step in stepped if step.node in leading
    ]
