"""The mathematics of a trace: a box for each value, an edge from each input to each result."""

from collections import Counter
from collections.abc import Sequence

from core.autograd.graph.backward import node_name
from core.autograd.graph.trace import Trace, Value
from core.figures.autograd.boxes import Box, Edge, Grid, View, box, table_of
from core.figures.autograd.graph_layout import Layout, layered
from core.figures.autograd.tables import Tables

ASPECT = 1.0  # width to height of the place that the picture has
GAP = (28.0, 34.0)  # between boxes side by side, and between ranks
TWIN = 12.0  # between two edges with the same ends
SMALL = 30  # boxes up to which both directions are tried

Ends = tuple[int, int]


def mathematics(trace: Trace, tables: Tables) -> View:
    """Value and gradient in each box; a failed operation is one more box at the end."""
    boxes = [_box(trace, value, tables) for value in trace.values]
    edges = [
        Edge(
            start, end, "data", applied.recorded and trace.values[start].requires_grad,
            (applied.number, position),
        )
        for applied in trace.operations
        for end in applied.outputs
        for position, start in enumerate(applied.inputs)
    ]  # fmt: skip
    boxes, edges = with_failed(trace, boxes, edges)
    sizes = [(each.width, each.height) for each in boxes]
    pairs = [(edge.start, edge.end) for edge in edges]
    ports = twin_ports(pairs)
    directions = (False, True) if len(boxes) < SMALL else (False,)
    layouts = [layered(sizes, pairs, GAP, sideways, ports) for sideways in directions]
    # whichever direction shows it larger
    best = max(layouts, key=lambda layout: min(ASPECT / max(layout.width, 1), 1 / max(layout.height, 1)))
    return placed(boxes, edges, best, best is not layouts[0])


def placed(boxes: Sequence[Box], edges: Sequence[Edge], layout: Layout, sideways: bool = False) -> View:
    """Boxes and edges where the layout puts them."""
    for each, centre in zip(boxes, layout.centres, strict=True):
        each.move_to(centre)
    for edge, route in zip(edges, layout.routes, strict=True):
        edge.route = route
    return View(tuple(boxes), tuple(edges), layout.width, layout.height, sideways)


def twin_ports(pairs: Sequence[Ends]) -> list[tuple[float, float]]:
    """Edges with the same ends stand beside each other: `y * y` uses y twice, and both uses are seen."""
    total, seen = Counter(pairs), Counter[Ends]()
    ports = []
    for pair in pairs:
        shift = (seen[pair] - (total[pair] - 1) / 2) * TWIN
        seen[pair] += 1
        ports.append((shift, shift))
    return ports


def with_failed(trace: Trace, boxes: list[Box], edges: list[Edge]) -> tuple[list[Box], list[Edge]]:
    """The operation that could not be done, with what should have gone into it. `boxes` begin with the
    values, in order."""
    failed = trace.failed
    if failed is None:
        return boxes, edges
    last = len(boxes)
    red = box("failed", failed.text, "failed", "", None, len(trace.values), len(trace.values), ())
    arrows = [Edge(start, last, "failed", False, None) for start in failed.inputs]
    return [*boxes, red], [*edges, *arrows]


def _box(trace: Trace, value: Value, tables: Tables) -> Box:
    grids = [table_of(value.data, "value", tables)]
    if value.requires_grad:
        grids.append(Grid.like(value.data, "grad", key=f"g{value.number}"))
    code = "" if value.text == value.title else value.text
    return box(
        kind_of(value),
        value.title,
        _tag(value),
        code,
        value.number,
        value.number,
        value.number,
        grids,
        literal=is_literal(trace, value),
    )


def is_literal(trace: Trace, value: Value) -> bool:
    """Whether the program made it from numbers."""
    return value.operation is not None and trace.operations[value.operation].operation.creates


def kind_of(value: Value) -> str:
    if value.requires_grad:
        return "leaf" if value.is_leaf else "result"
    return "constant"


def _tag(value: Value) -> str:
    """What stands in the corner: the backward node of the operation, or "leaf"."""
    if value.gradient_of is not None:
        return "gradient"
    if value.requires_grad and value.is_leaf:
        return "leaf"
    if value.slot is not None:
        return node_name(value.slot.node)
    return str(value.data.dtype).removeprefix("torch.")
