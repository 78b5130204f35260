"""What the picture of a network's backward graph is made of: blocks, layers in them, and nodes in those."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.figures.network_backward.words import parameter_name
from core.networks.backward_graph import BackwardGraph
from core.networks.backward_nodes import ACCUMULATE
from core.networks.rows import LayerRow

Link = tuple[int, int]  # two nodes: from the one that hands a gradient on to the one that gets it


@dataclass(frozen=True)
class Part:
    """A node, or something that can be opened to what is in it."""

    key: str  # the path of its module; "#3" for a node
    kind: str  # "network", "block", "layer", "node", "leaf", "output" or "end"
    title: str  # conv1, ReluBackward0, conv1.weight
    nodes: frozenset[int]
    parts: tuple[Part, ...] = ()
    row: LayerRow | None = None

    @property
    def node(self) -> int:
        """The number of a node."""
        return min(self.nodes)

    def all(self) -> Iterator[Part]:
        """Itself, and all that is in it."""
        yield self
        for part in self.parts:
            yield from part.all()


def network_parts(graph: BackwardGraph, rows: Sequence[LayerRow]) -> Part:
    """The whole network: between where backward() begins and where the graph ends, its layers and blocks.

    Layers that leave no node are not in it. Inner parts stand in the order of the forward pass.
    """
    paths = {row.path: i for i, row in enumerate(rows)}
    blocks = {path for path in paths if any(other.startswith(f"{path}.") for other in paths)}
    tree = _Branch()
    for number, node in enumerate(graph.nodes):
        place = tree
        for path in _way(node.module, paths, blocks):
            place = place.inner.setdefault(path, _Branch())
        place.nodes.append(number)

    def part(path: str, branch: _Branch) -> Part:
        row = rows[paths[path]] if path in paths else None
        inner = [part(*each) for each in sorted(branch.inner.items(), key=forward)]
        inner += [_node(graph, number) for number in branch.nodes]
        nodes = frozenset(number for each in inner for number in each.nodes)
        title = row.name if row else path.rpartition(".")[2]
        kind = "block" if path in blocks else "layer"
        return Part(path, kind, title, nodes, tuple(inner), row)

    def forward(each: tuple[str, _Branch]) -> int:
        path = each[0]
        inside = [i for other, i in paths.items() if other == path or other.startswith(f"{path}.")]
        return min(inside, default=len(paths))  # a block's projection has no row, and stands beside its body

    layers = [part(*each) for each in sorted(tree.inner.items(), key=forward)]
    layers += [_node(graph, number) for number in tree.nodes]
    ends = [_end(graph, rows)] if any(node.ends for node in graph.nodes) else []
    parts = (Part("output", "output", "scores", frozenset({output_number(graph)})), *layers, *ends)
    return Part("", "network", "", frozenset(number for each in parts for number in each.nodes), parts)


def silent(graph: BackwardGraph, rows: Sequence[LayerRow]) -> list[LayerRow]:
    """The layers that leave no node."""
    reached = {node.module for node in graph.nodes}
    return [
        row
        for row in rows
        if not any(path == row.path or path.startswith(f"{row.path}.") for path in reached)
    ]


def _end(graph: BackwardGraph, rows: Sequence[LayerRow]) -> Part:
    """What comes in where the graph ends: the image, or what the last layer without a node made of it."""
    module = next(node.module for node in reversed(graph.nodes) if node.ends)
    at = next(i for i, row in enumerate(rows) if f"{module}.".startswith(f"{row.path}."))
    before = [row for row in silent(graph, rows) if row in rows[:at]]
    title = f"output of {before[-1].name}" if before else "image"
    return Part("end", "end", title, frozenset({end_number(graph)}), row=rows[at])


def links(graph: BackwardGraph) -> list[Link]:
    """All `next_functions`, the way into the first node, and the ways on which the graph ends; each once, also
    where a node hands two gradients to another."""
    found = [(output_number(graph), 0)] if graph.nodes else []
    for number, node in enumerate(graph.nodes):
        found += [(number, each.target) for each in node.handed if each.target is not None]
        if node.ends:
            found.append((number, end_number(graph)))
    return list(dict.fromkeys(found))


def output_number(graph: BackwardGraph) -> int:
    """The scores, as if they were the node before the first."""
    return -1


def end_number(graph: BackwardGraph) -> int:
    """Whatever asks for no gradient, as if it were the node behind the last."""
    return len(graph.nodes)


class _Branch:
    def __init__(self) -> None:
        self.inner: dict[str, _Branch] = {}
        self.nodes: list[int] = []


def _way(module: str, paths: dict[str, int], blocks: set[str]) -> Iterator[str]:
    """The paths of what a node of `module` is in, from outside inwards: blocks, then a layer."""
    names = module.split(".")
    inside = ""
    for i in range(1, len(names) + 1):
        path = ".".join(names[:i])
        if path in blocks:
            inside = path
            yield path
        elif path in paths:  # a layer, whatever modules it is made of
            yield path
            return
    if module != inside:  # a module of the block that is no layer: its projection
        yield ".".join(names[: inside.count(".") + 2 if inside else 1])


def _node(graph: BackwardGraph, number: int) -> Part:
    node = graph.nodes[number]
    if node.name != ACCUMULATE:
        return Part(f"#{number}", "node", node.name, frozenset({number}))
    return Part(f"#{number}", "leaf", parameter_name(node.parameter), frozenset({number}))
