"""Records a call of backward: stepped, compared with PyTorch's engine, then done by the engine."""

import time
from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch.autograd.graph import GradientEdge, get_gradient_edge

from core.autograd.errors import RefusalError, Span
from core.autograd.graph.backward import ACCUMULATE, Handed, NodeStep, node_name, step_through
from core.autograd.graph.explanations import explain, not_scalar, with_changes, without_graph, wrong_gradient
from core.autograd.graph.recorder import Recorder
from core.autograd.graph.trace import BackwardPass, BackwardStep, Contribution, Slot

ENGINE_RUNS = 2  # once to compare, once in earnest; both go through the whole graph without a pause


def record_backward(
    recorder: Recorder,
    tensor: torch.Tensor,
    gradient: Any,
    retain_graph: bool,
    shown: str,
    span: Span,
    text: str,
) -> None:
    """Step through the backward pass, compare it with PyTorch's engine, then let the engine do it."""
    root, seed, edge = begin(recorder, tensor, gradient, shown, span)
    try:
        stepped = stepped_nodes(recorder, edge, seed)
        gradients = arrived(recorder, edge, seed, [handed for step in stepped for handed in step.handed])
        errors = engine_errors(recorder, tensor, seed, gradients)
        steps = [seed_step(edge, root, seed)]
        steps += [recorded_step(recorder, step) for step in stepped]
        tensor.backward(seed, retain_graph=retain_graph)
    except RefusalError:
        raise
    except Exception as problem:  # whatever PyTorch raises is explained to the person
        changes = [
            (each.text, each.span.line) for each in recorder.trace.operations if each.operation.inplace
        ]
        refusal = explain(problem, ".backward()", {"input": tensor}, {"input": shown})
        raise with_changes(refusal, list(dict.fromkeys(changes))) from problem
    recorder.trace.add(
        BackwardPass(
            len(recorder.trace.passes), root, seed, tuple(steps), gradients, errors, span, text,
            len(recorder.trace.operations),
        )
    )  # fmt: skip


def begin(
    recorder: Recorder, tensor: torch.Tensor, gradient: Any, shown: str, span: Span
) -> tuple[int, torch.Tensor, GradientEdge]:
    """Where a backward pass starts: the value, the gradient given there, and the node that takes it."""
    recorder.tick()
    recorder.count(len(recorder.trace.events))
    root = recorder.value_of(tensor, span)
    seed = _seed(recorder, tensor, gradient, shown, root)
    if recorder.before_backward is not None:
        named = {name: recorder.trace.values[each].tensor for name, each in recorder.trace.names.items()}
        recorder.before_backward(tensor, named)
    return root, seed, get_gradient_edge(tensor)


def stepped_nodes(recorder: Recorder, edge: GradientEdge, seed: torch.Tensor) -> list[NodeStep]:
    """All nodes, stepped; refuses where PyTorch's engine, which goes the same way, would take too long."""
    started = time.monotonic()
    stepped = list(
        step_through(edge.node, edge.output_nr, seed, recorder.limits.backward_nodes, recorder.tick_backward)
    )
    recorder.tick(ahead=ENGINE_RUNS * (time.monotonic() - started))
    return stepped


def arrived(
    recorder: Recorder, edge: GradientEdge, seed: torch.Tensor, handed: Iterable[Handed]
) -> dict[int, torch.Tensor]:
    """The whole gradient of each value that one arrived at."""
    slots = {Slot(edge.node, edge.output_nr): seed} | {
        Slot(each.target, each.number): each.total for each in handed
    }
    return {recorder.by_slot[slot]: total for slot, total in slots.items() if slot in recorder.by_slot}


def _seed(recorder: Recorder, tensor: torch.Tensor, gradient: Any, shown: str, root: int) -> torch.Tensor:
    if not tensor.requires_grad:
        raise without_graph(shown, *_reason(recorder, root))
    if gradient is None:
        if tensor.numel() != 1:
            raise not_scalar(shown, tensor)
        return torch.ones_like(tensor)
    if not isinstance(gradient, torch.Tensor) or gradient.shape != tensor.shape:
        raise wrong_gradient(gradient, tensor)
    if not gradient.is_floating_point():
        raise RefusalError(
            "The gradient must hold floating-point numbers", "Write the numbers with a point: 1.0."
        )
    return gradient.detach().clone().to(tensor.dtype)


def _reason(recorder: Recorder, root: int) -> tuple[str, list[str]]:
    """What cut the graph between `root` and a tensor with requires_grad, if anything did, and what `root`
    was made from."""
    values, operations = recorder.trace.values, recorder.trace.operations
    found: dict[int, None] = {}
    waiting, leaves = [root], []
    while waiting:
        value = values[waiting.pop()]
        if value.number in found:
            continue
        found[value.number] = None
        made_by = None if value.operation is None else operations[value.operation]
        if made_by is None or not made_by.inputs:
            leaves += [f"`{value.title}`"] if value.number != root else []
            continue
        if any(values[number].requires_grad for number in made_by.inputs):
            how = {
                "detach": "`.detach()` cut it off",
            }.get(
                made_by.operation.name,
                "nothing was recorded, under torch.no_grad() or because the result is not a float",
            )
            return f"at `{value.title}` (line {value.span.line}) {how}", []
        waiting += made_by.inputs
    return "", leaves


def engine_errors(
    recorder: Recorder, tensor: torch.Tensor, seed: torch.Tensor, gradients: Mapping[int, torch.Tensor]
) -> dict[int, float]:
    """Relative error of each stepped gradient against torch.autograd.grad."""
    slots = [recorder.trace.values[number].slot for number in gradients]
    edges = [GradientEdge(slot.node, slot.number) for slot in slots if slot is not None]
    # asking the engine also fills the .grad of tensors that retain theirs: give back what they had
    retained = [
        value.tensor for value in recorder.trace.values if value.current and value.tensor.retains_grad
    ]
    held = [None if each.grad is None else each.grad.clone() for each in retained]
    engine = torch.autograd.grad(tensor, edges, seed, retain_graph=True, allow_unused=True)
    for each, gradient in zip(retained, held, strict=True):
        each.grad = gradient
    return {
        number: _relative_error(gradient, theirs)
        for (number, gradient), theirs in zip(gradients.items(), engine, strict=True)
    }


def seed_step(edge: GradientEdge, root: int, seed: torch.Tensor) -> BackwardStep:
    return BackwardStep("seed", edge.node, node_name(edge.node), None, root, (seed,))


def recorded_step(recorder: Recorder, step: NodeStep) -> BackwardStep:
    if step.name == ACCUMULATE:
        leaf = recorder.by_slot[Slot(step.node, 0)]
        arriving = step.upstream[0]
        held = recorder.trace.values[leaf].tensor.grad
        before = None if held is None else held.clone()
        after = arriving if before is None or arriving is None else before + arriving
        return BackwardStep(
            "accumulate", step.node, step.name, None, leaf, step.upstream, before=before, after=after
        )
    contributions = tuple(
        Contribution(
            slot := Slot(handed.target, handed.number), handed.position, recorder.by_slot.get(slot),
                handed.raw,
            handed.amount, handed.total, handed.arrived, handed.expected,
        )
        for handed in step.handed
    )  # fmt: skip
    return BackwardStep(
        "node", step.node, step.name, recorder.owners.get(step.node), recorder.by_slot.get(Slot(step.node,
            0)),
        step.upstream, contributions, local=step.local, saved=step.saved,
    )  # fmt: skip


def _relative_error(ours: torch.Tensor, theirs: torch.Tensor | None) -> float:
    if theirs is None or ours.numel() == 0:
        return 0.0
    scale = float(theirs.abs().max())
    if not scale < float("inf"):
        return 0.0 if torch.equal(ours.nan_to_num(), theirs.nan_to_num()) else 1.0
    return float((ours - theirs).abs().max()) / max(scale, 1e-12)
