"""The graph of a trace with places: a box for each value, an edge from each input to each result."""

from collections import Counter
from dataclasses import dataclass

from core.autograd.graph.backward import node_name
from core.autograd.graph.trace import Trace, Value
from core.figures.autograd_numbers import NONE, grid
from core.figures.graph_layout import Point, layered

# sizes in pixels; the browser side draws with the same
CHARACTER = 6.7  # width of one character of a number
ROW = 18.0
PADDING = 10.0
TITLE = 24.0  # the name above the numbers
CODE = 13.0  # the expression below the name
LABEL = 15.0  # the word above a grid
BETWEEN = 12.0  # value and gradient
ASPECT = 1.0  # width to height of the place that the picture has
GAP = (28.0, 34.0)  # between boxes side by side, and between ranks
TWIN = 12.0  # between two edges with the same ends


@dataclass(frozen=True)
class Box:
    """One value: what is written in its box, and where it stands."""

    value: int
    title: str
    text: str
    kind: str  # "leaf", "result" or "constant"
    tag: str  # the operation's backward node, or what the tensor is
    cells: list[list[str]]
    block: int
    cell_width: float
    stacked: bool  # the gradient below the value, and not beside it
    head: float  # height of the lines above the numbers
    width: float
    height: float
    x: float = 0.0
    y: float = 0.0


@dataclass(frozen=True)
class Edge:
    """One use of a value by an operation."""

    start: int
    end: int
    operation: int
    position: int  # which of the operation's inputs
    recorded: bool  # whether gradients flow back along it
    route: tuple[Point, ...] = ()


@dataclass(frozen=True)
class Graph:
    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]
    width: float
    height: float
    sideways: bool


def graph(trace: Trace, gradient_texts: dict[int, list[list[str]]]) -> Graph:
    """Boxes wide enough for the values and for all `gradient_texts` (value → texts of every step), laid
    out."""
    boxes = [_box(trace, value, gradient_texts.get(value.number, [])) for value in trace.values]
    edges = [
        Edge(start, end, applied.number, position, applied.recorded and trace.values[start].requires_grad)
        for applied in trace.operations
        for end in applied.outputs
        for position, start in enumerate(applied.inputs)
    ]
    sizes = [(box.width, box.height) for box in boxes]
    pairs = [(edge.start, edge.end) for edge in edges]
    layouts = [
        layered(sizes, pairs, GAP, sideways) for sideways in ((False, True) if len(boxes) < 80 else (False,))
    ]
    # whichever direction shows it larger
    best = max(layouts, key=lambda layout: min(ASPECT / max(layout.width, 1), 1 / max(layout.height, 1)))
    sideways = best is not layouts[0]
    placed = tuple(
        Box(**{**vars(box), "x": round(x - box.width / 2, 1), "y": round(y - box.height / 2, 1)})
        for box, (x, y) in zip(boxes, best.centres, strict=True)
    )
    routed = tuple(
        Edge(**{**vars(edge), "route": tuple((round(x, 1), round(y, 1)) for x, y in route)})
        for edge, route in zip(edges, _apart(pairs, best.routes, sideways), strict=True)
    )
    return Graph(placed, routed, best.width, best.height, sideways)


def _apart(
    pairs: list[tuple[int, int]], routes: tuple[tuple[Point, ...], ...], sideways: bool
) -> list[tuple[Point, ...]]:
    """Move edges with the same ends beside each other: `y * y` uses y twice, and both uses are seen."""
    total, seen = Counter(pairs), Counter[tuple[int, int]]()
    moved = []
    for pair, route in zip(pairs, routes, strict=True):
        shift = (seen[pair] - (total[pair] - 1) / 2) * TWIN
        seen[pair] += 1
        moved.append(tuple((x, y + shift) if sideways else (x + shift, y) for x, y in route))
    return moved


def _box(trace: Trace, value: Value, gradients: list[list[str]]) -> Box:
    texts = grid(value.data)
    characters = max(len(text) for row in [*texts.cells, *gradients, [NONE]] for text in row)
    # room for any usual float, so that boxes keep their size while values change
    usual = 7 if value.data.is_floating_point() else 3
    cell = max(usual, characters) * CHARACTER + 7
    columns, rows = texts.columns, texts.rows
    stacked = value.requires_grad and columns * cell > 130
    copies = 2 if value.requires_grad else 1
    grids_wide = columns * cell * (1 if stacked else copies) + (BETWEEN if copies == 2 and not stacked else 0)
    grids_high = (rows * ROW + LABEL) * (copies if stacked else 1)
    head = TITLE + (CODE if value.text != value.title else 0.0)
    title, tag = value.title, _tag(trace, value)
    text = "" if value.text == title else value.text
    wide = max(len(title) * 7.8 + len(tag) * 6.0 + 18, len(text) * 6.6)
    return Box(
        value.number, title, text, _kind(trace, value), tag, texts.cells, texts.block, cell, stacked,
        head, max(grids_wide, wide, 84.0) + 2 * PADDING, head + grids_high + PADDING,
    )  # fmt: skip


def _kind(trace: Trace, value: Value) -> str:
    if value.requires_grad:
        return "leaf" if value.is_leaf else "result"
    return "constant"


def _tag(trace: Trace, value: Value) -> str:
    """What stands in the corner: the backward node of the operation, or "leaf"."""
    if value.gradient_of is not None:
        return "gradient"
    if value.requires_grad and value.is_leaf:
        return "leaf"
    if value.slot is not None:
        return node_name(value.slot.node)
    return str(value.data.dtype).removeprefix("torch.")
