"""PyTorch's backward nodes from outside: their order, the shapes they take, and the tensors they keep."""

from __future__ import annotations

import heapq
import itertools
from collections import Counter
from collections.abc import Container, Iterator
from functools import cache
from typing import Any

import torch
from torch.autograd.graph import Node

from core.networks.spec import Shape

ACCUMULATE = "AccumulateGrad"
_PREFIX = "_raw_saved_"


def node_name(node: Any) -> str:
    """ConvolutionBackward0, AccumulateGrad …"""
    return str(node.name()).split("::")[-1]


def place(tensor: torch.Tensor) -> tuple[int, Shape]:
    """Which memory, and how it is seen: flattening keeps the memory and changes the shape."""
    return tensor.untyped_storage()._cdata, tuple(tensor.shape)


def arrives(node: Any, slot: int) -> Shape:
    """Shape of the gradient that input `slot` of `node` takes."""
    source = node.variable if node_name(node) == ACCUMULATE else node._input_metadata[slot]
    return tuple(source.shape)


def unknown(root: Any, known: Container[Any]) -> list[Any]:
    """The nodes that `root` leads to, as far as they are not known."""
    found: dict[Any, None] = {}
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node is not None and node not in known and node not in found:
            found[node] = None
            waiting += [target for target, _ in node.next_functions]
    return list(found)


def in_order(root: Any) -> Iterator[Any]:
    """All nodes in the engine's order: of those whose gradients have all arrived, the one that was recorded
    last, and an AccumulateGrad at once (torch/csrc/autograd/engine.cpp, `CompareNodeTaskTime`)."""
    missing = Counter(target for node in unknown(root, ()) for target, _ in node.next_functions)
    ready, came = [(-root._sequence_nr(), 0, root)], itertools.count(1)
    while ready:
        _, _, node = heapq.heappop(ready)
        yield node
        for target, _ in node.next_functions:
            missing[target] -= 1
            if target is not None and missing[target] == 0:
                heapq.heappush(ready, (-target._sequence_nr(), next(came), target))


@cache
def _saved_names(kind: type[Node]) -> tuple[str, ...]:
    return tuple(name.removeprefix(_PREFIX) for name in dir(kind) if name.startswith(_PREFIX))


def saved_by(node: Node) -> Iterator[tuple[str, torch.Tensor]]:
    """Every node type lists its saved tensors as `_raw_saved_…`; cat and others keep lists of them."""
    for name in _saved_names(type(node)):
        kept = getattr(node, f"_saved_{name}")
        if isinstance(kept, torch.Tensor):
            yield name, kept
        elif isinstance(kept, tuple):
            yield from (
                (f"{name}[{i}]", each) for i, each in enumerate(kept) if isinstance(each, torch.Tensor)
            )
