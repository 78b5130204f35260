"""PyTorch's backward pass, one node at a time.

The nodes are the real `grad_fn` nodes; each is called with the gradient that has arrived at it, in the order
of PyTorch's engine: of the nodes whose inputs have all arrived, the one that was recorded last goes first,
and an AccumulateGrad goes as soon as it is ready (torch/csrc/autograd/engine.cpp, `CompareNodeTaskTime`).
"""

import heapq
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch.autograd.graph import Node

from core.autograd.errors import RefusalError
from core.autograd.operations.table import rule_of

ACCUMULATE = "AccumulateGrad"


def node_name(node: Node) -> str:
    """ "MulBackward0", "AccumulateGrad" …"""
    return node.name().split("::")[-1]


def nodes_below(root: Node, limit: int) -> list[Node]:
    """All nodes that the engine will visit from `root`, each once."""
    found, waiting = {root: None}, [root]
    while waiting:
        for node, _ in waiting.pop().next_functions:
            if node is not None and node not in found:
                found[node] = None
                waiting.append(node)
        if len(found) > limit:
            raise RefusalError(
                f"This backward pass visits more than {limit:,} nodes", "Use fewer operations."
            )
    return list(found)


@dataclass(frozen=True)
class Handed:
    """What a node hands to input `position`, which is input `number` of node `target`."""

    target: Node
    number: int
    position: int
    raw: torch.Tensor
    amount: torch.Tensor
    total: torch.Tensor
    arrived: int
    expected: int


@dataclass(frozen=True)
class NodeStep:
    """One node as it ran: what arrived, what it handed on, and its diagonal Jacobian where it has one."""

    node: Node
    name: str
    upstream: tuple[torch.Tensor | None, ...]
    handed: tuple[Handed, ...]
    local: tuple[torch.Tensor | None, ...]
    saved: dict[str, torch.Tensor]  # what the rule shows of the tensors that the node keeps


def step_through(
    root: Node, number: int, seed: torch.Tensor, limit: int, tick: Callable[[], None] = lambda: None
) -> Iterator[NodeStep]:
    """Run the backward pass from input `number` of `root` with gradient `seed`, node by node.

    Nothing is written to any leaf: an AccumulateGrad's step says what arrives. `tick` is called before each
    node. Raises what PyTorch raises where saved tensors are gone or were changed in place.
    """
    nodes = nodes_below(root, limit)
    edges = [(below, slot) for node in nodes for below, slot in node.next_functions if below is not None]
    missing = Counter(node for node, _ in edges)  # how many nodes have yet to hand something on, or nothing
    expected = Counter(edges)
    arrived: Counter[tuple[Node, int]] = Counter()
    buffers: dict[Node, dict[int, torch.Tensor]] = {root: {number: seed}}
    order = {node: i for i, node in enumerate(nodes)}
    ready = [(-root._sequence_nr(), order[root], root)]
    with torch.no_grad():
        while ready:
            tick()
            _, _, node = heapq.heappop(ready)
            buffer = buffers.pop(node, {})
            inputs = len(node._input_metadata) if node_name(node) != ACCUMULATE else 1
            upstream = tuple(buffer.get(i) for i in range(max(inputs, 1)))
            handed = []
            for position, raw in enumerate(_returned(node, upstream)):
                target, slot = node.next_functions[position]
                if target is None:
                    continue
                if raw is not None:
                    handed.append(_hand_on(target, slot, position, raw, buffers, arrived, expected))
                missing[target] -= 1
                if missing[target] == 0:
                    heapq.heappush(ready, (-target._sequence_nr(), order[target], target))
            yield NodeStep(
                node, node_name(node), upstream, tuple(handed), _local(node, upstream), _saved(node)
            )


def _returned(node: Node, upstream: tuple[torch.Tensor | None, ...]) -> tuple[torch.Tensor | None, ...]:
    """What the node itself computes, one item for each of its inputs."""
    if node_name(node) == ACCUMULATE:
        return ()
    if all(gradient is None for gradient in upstream):
        return (None,) * len(node.next_functions)
    call: Any = node  # a node can be called, though its type does not say so
    result = call(*upstream)
    return result if isinstance(result, tuple) else (result,)


def _hand_on(
    target: Node,
    number: int,
    position: int,
    raw: torch.Tensor,
    buffers: dict[Node, dict[int, torch.Tensor]],
    arrived: Counter[tuple[Node, int]],
    expected: Counter[tuple[Node, int]],
) -> Handed:
    like = _expected_input(target, number)
    # the engine undoes broadcasting between two nodes, by summing (`validate_outputs`)
    amount = raw if tuple(raw.shape) == like.shape else raw.sum_to_size(like.shape)
    amount = amount.to(like.dtype)
    buffer = buffers.setdefault(target, {})
    buffer[number] = buffer[number] + amount if number in buffer else amount
    arrived[target, number] += 1
    return Handed(
        target,
        number,
        position,
        raw,
        amount,
        buffer[number],
        arrived[target, number],
        expected[target, number],
    )


@dataclass(frozen=True)
class _Like:
    shape: tuple[int, ...]
    dtype: torch.dtype


def _expected_input(node: Node, number: int) -> _Like:
    """Shape and type of the gradient that input `number` of `node` takes."""
    known: Any = node
    source = known.variable if node_name(node) == ACCUMULATE else known._input_metadata[number]
    return _Like(tuple(source.shape), source.dtype)


def _local(node: Node, upstream: tuple[torch.Tensor | None, ...]) -> tuple[torch.Tensor | None, ...]:
    """For an elementwise node, the local derivative of each input: what it makes of an upstream gradient of
    ones."""
    found = rule_of(node_name(node))
    gradient = upstream[0]
    if found is None or not found[0].elementwise or gradient is None or len(upstream) != 1:
        return ()
    return _returned(node, (torch.ones_like(gradient),))


def _saved(node: Node) -> dict[str, torch.Tensor]:
    """The saved tensors that the node's rule names; they are gone once the engine has used the graph."""
    found = rule_of(node_name(node))
    if found is None:
        return {}
    names = {factor.removesuffix("ᵀ") for factors in found[0].factors for factor in factors} - {"up"}
    tensors = {name: getattr(node, f"_saved_{name}", None) for name in names}
    return {name: tensor.detach() for name, tensor in tensors.items() if isinstance(tensor, torch.Tensor)}
