"""The trace as PyTorch keeps it: tensors with their attributes, and beside them the backward nodes.

A tensor and the node of its gradient stand side by side: the grad_fn of a result, the AccumulateGrad of a
leaf. Nodes that no tensor of the program shows (one operation may leave several) stand between.
"""

from collections.abc import Iterator
from typing import Any

import torch
from torch.autograd.graph import Node

from core.autograd.graph.backward import ACCUMULATE, node_name
from core.autograd.graph.trace import Saved, Slot, Trace, Value
from core.figures.autograd.blocks import Block, text
from core.figures.autograd.boxes import Box, Edge, Grid, View, box, table_of
from core.figures.autograd.graph import is_literal, kind_of, with_failed
from core.figures.autograd.pairs import side_by_side
from core.figures.autograd.tables import Tables


def pytorch(trace: Trace, tables: Tables) -> tuple[View, list[list[Block]]]:
    """Tensors with data, grad, requires_grad, is_leaf, grad_fn and version; nodes with their saved tensors
    and next_functions; and what the card says of each node."""
    builder = _Builder(trace, tables)
    return builder.view(), builder.about


def node_numbers(trace: Trace) -> dict[Node, int]:
    """All backward nodes of the program's operations, in the order in which they were recorded."""
    nodes = [node for applied in trace.operations for node in applied.nodes]
    return {node: number for number, node in enumerate(nodes)}


def saved_title(trace: Trace, saved: Saved) -> str:
    """What a saved tensor is called in the program."""
    if saved.value is None:
        return ""
    return trace.values[saved.value].title + ("ᵀ" if saved.transposed else "")


class _Builder:
    def __init__(self, trace: Trace, tables: Tables) -> None:
        self._trace = trace
        self._tables = tables
        self._numbers = node_numbers(trace)
        self._boxes = [self._tensor(value) for value in trace.values]
        self._edges: list[Edge] = []
        self._items = [[value.number] for value in trace.values]  # boxes that stand side by side
        self._nodes: dict[Node, int] = {}  # backward node → its box
        self._accumulators: dict[int, int] = {}  # leaf value → the box of its AccumulateGrad
        self.about: list[list[Block]] = []

    def view(self) -> View:
        self._add_nodes()
        self._add_edges()
        count = len(self._boxes)
        self._boxes, self._edges = with_failed(self._trace, self._boxes, self._edges)
        self._items += [[number] for number in range(count, len(self._boxes))]
        return side_by_side(self._boxes, self._edges, self._items)

    def _tensor(self, value: Value) -> Box:
        data, number = value.data, value.number
        grids = [table_of(data, "data", self._tables)]
        lines = [
            ("requires_grad", str(value.requires_grad)),
            ("is_leaf", str(value.is_leaf)),
            ("grad_fn", _grad_fn(value)),
            ("version", str(value.version)),
        ]
        if value.requires_grad and (value.is_leaf or value.tensor.retains_grad):
            key = f"g{number}" if value.is_leaf else f"k{number}"
            grids.append(Grid.like(data, "grad", key=key, empty="None"))
        else:
            lines.insert(0, ("grad", "None"))
        code = "" if value.text == value.title else value.text
        literal = is_literal(self._trace, value)
        return box(kind_of(value), value.title, "tensor", code, number, number, number, grids, lines, literal)

    def _add_nodes(self) -> None:
        for value in self._trace.values:
            if value.slot is not None and value.is_leaf:
                grid = Grid.like(value.data, "arrives", key=f"a{value.number}")
                self._accumulators[value.number] = len(self._boxes)
                self._items[value.number].append(len(self._boxes))
                words = f"adds what arrives to {value.title}.grad; its .variable is {value.title}"
                self._add_box(ACCUMULATE, value.number, [grid], words)
        for applied in self._trace.operations:
            for node in applied.nodes:
                self._add_node(node, [self._trace.values[number] for number in applied.outputs])

    def _add_node(self, node: Node, outputs: list[Value]) -> None:
        own = [value for value in outputs if value.slot is not None and value.slot.node is node]
        grids = [Grid.like(value.data, "arrives", key=f"g{value.number}") for value in own]
        if not own:
            arriving = torch.empty(tuple(_metadata(node)[0].shape))
            grids = [Grid.like(arriving, "arrives", key=f"n{self._numbers[node]}")]
        for saved in self._trace.saved.get(node, ()):
            title = saved_title(self._trace, saved)
            label = f"saved {saved.name} = {title}" if title else f"saved {saved.name}"
            grids.append(table_of(self._trace.saved_data(saved), label, self._tables))
        number = len(self._boxes)
        self._nodes[node] = number
        behind = ", ".join(
            "(None, 0)" if target is None else f"({node_name(target)}, {slot})"
            for target, slot in node.next_functions
        )
        words = f"next_functions: ({behind}) — where it hands gradients to"
        self._add_box(node_name(node), outputs[0].number, grids, words)
        if own:
            self._items[own[0].number].append(number)
        else:
            self._items.append([number])

    def _add_box(self, name: str, appears: int, grids: list[Grid], words: str) -> None:
        self.about.append([text(words)])
        # the card's texts for nodes follow those for the values and for a failed operation
        about = len(self._trace.values) + len(self.about)
        self._boxes.append(box("node", name, "node", "", None, appears, about, grids))

    def _add_edges(self) -> None:
        for applied in self._trace.operations:
            for end in applied.outputs:
                for position, start in enumerate(applied.inputs):
                    recorded = applied.recorded and self._trace.values[start].requires_grad
                    source = (applied.number, position)
                    self._edges.append(Edge(start, end, "data", recorded, source))
            for node in applied.nodes:
                self._edges += self._next_functions(node, applied.inputs)
        for value in self._trace.values:
            if value.number in self._accumulators:
                beside = self._accumulators[value.number]
                self._edges.append(Edge(beside, value.number, "variable", True, ("into", value.number)))
            elif value.slot is not None and value.slot.node in self._nodes:
                beside = self._nodes[value.slot.node]
                self._edges.append(Edge(value.number, beside, "grad_fn", True, ("fn", value.number)))

    def _next_functions(self, node: Node, inputs: tuple[int, ...]) -> Iterator[Edge]:
        """From a node to those that it hands gradients to."""
        for position, (target, slot) in enumerate(node.next_functions):
            if target is None:
                continue
            found = self._nodes.get(target)
            if found is None:  # an AccumulateGrad stands beside the value of its leaf that was used here
                leaf = Slot(target, slot)
                used = [number for number in inputs if self._trace.values[number].slot == leaf]
                found = self._accumulators.get(used[0]) if used else None
            if found is not None:
                yield Edge(self._nodes[node], found, "next", True, (node, position))


def _grad_fn(value: Value) -> str:
    if value.slot is None or value.is_leaf:
        return "None"
    return node_name(value.slot.node)


def _metadata(node: Any) -> Any:
    """Shapes of the gradients that arrive at a node; its type does not say that it has them."""
    return node._input_metadata
