"""Which layers of two networks answer to each other: the cheapest way to turn one sequence into the other.

An edit distance over ordered trees in which a block can only become a block of its kind (Selkow, "The
tree-to-tree editing problem", 1977): by dynamic programming over each pair of sequences.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import zip_longest

from core.networks.kinds import LAYER_KINDS
from core.networks.spec import LayerSpec, Place, Value

_GAP = 2  # a layer that only one of them has; in a block, each layer of it
_CHANGED = 2  # other settings: cheaper than one layer gone and another come
_REPLACED = 3  # another kind for the same purpose
_NEVER = 10**9


@dataclass(frozen=True)
class Node:
    """An enabled layer; equal to another of the same settings, wherever it stands."""

    kind: str
    settings: tuple[tuple[str, Value], ...]
    branches: tuple[tuple[Node, ...], ...]
    place: Place = field(compare=False)

    @cached_property
    def gap(self) -> int:
        """What it costs to have it in one network alone."""
        return _GAP + sum(node.gap for branch in self.branches for node in branch)


Nodes = tuple[Node, ...]


def tree(layers: tuple[LayerSpec, ...], before: Place = ()) -> Nodes:
    """The enabled layers with their places."""
    return tuple(
        Node(
            layer.kind,
            layer.settings,
            tuple(tree(branch, (*before, index, number)) for number, branch in enumerate(layer.branches)),
            (*before, index),
        )
        for index, layer in enumerate(layers)
        if layer.enabled
    )


@dataclass(frozen=True)
class Line:
    """A layer of each network that answer to each other, or a layer that only one of them has."""

    left: Node | None
    right: Node | None
    depth: int  # in how many blocks it stands


@lru_cache(maxsize=64)  # 400 layers against 400 take half a second
def align(left: tuple[LayerSpec, ...], right: tuple[LayerSpec, ...]) -> tuple[Line, ...]:
    """The lines of two networks side by side, a block before its inner layers; disabled layers are left out."""
    return tuple(_lines(tree(left), tree(right), 0))


def _lines(left: Nodes, right: Nodes, depth: int) -> Iterator[Line]:
    for a, b in _steps(left, right):
        yield Line(a, b, depth)
        for x, y in zip_longest(a.branches if a else (), b.branches if b else (), fillvalue=()):
            yield from _lines(x, y, depth + 1)


def _pairing(a: Node, b: Node) -> int:
    """What it costs to put these two on one line."""
    if a == b:
        return 0
    if a.kind == b.kind:
        inner = sum(_costs(x, y)[0][0] for x, y in zip_longest(a.branches, b.branches, fillvalue=()))
        return inner + (_CHANGED if a.settings != b.settings else 0)
    alike = not a.branches and not b.branches and _group(a.kind) == _group(b.kind)
    return _REPLACED if alike else _NEVER


def _group(kind: str) -> str:
    return LAYER_KINDS[kind].group


def _costs(left: Nodes, right: Nodes) -> list[list[int]]:
    """At [i][j] the least cost of aligning left[i:] with right[j:]."""
    costs = [[0] * (len(right) + 1) for _ in range(len(left) + 1)]
    for i in range(len(left), -1, -1):
        for j in range(len(right), -1, -1):
            ways = []
            if i < len(left) and j < len(right):
                ways.append(costs[i + 1][j + 1] + _pairing(left[i], right[j]))
            if i < len(left):
                ways.append(costs[i + 1][j] + left[i].gap)
            if j < len(right):
                ways.append(costs[i][j + 1] + right[j].gap)
            costs[i][j] = min(ways, default=0)
    return costs


def _steps(left: Nodes, right: Nodes) -> Iterator[tuple[Node | None, Node | None]]:
    costs, i, j = _costs(left, right), 0, 0
    while i < len(left) or j < len(right):
        here, a, b = costs[i][j], left[i] if i < len(left) else None, right[j] if j < len(right) else None
        if a and b and here == costs[i + 1][j + 1] + _pairing(a, b):
            yield a, b
            i, j = i + 1, j + 1
        elif a and here == costs[i + 1][j] + a.gap:
            yield a, None
            i += 1
        else:
            yield None, b
            j += 1
