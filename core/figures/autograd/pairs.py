"""Boxes that belong together stand side by side: a tensor and the node of its gradient."""

from collections.abc import Sequence

from core.figures.autograd.boxes import Box, Edge, View
from core.figures.autograd.graph import GAP, twin_ports
from core.figures.autograd.graph_layout import Point, layered

BESIDE = 30.0  # between a tensor and its node


def side_by_side(boxes: Sequence[Box], edges: Sequence[Edge], items: Sequence[Sequence[int]]) -> View:
    """Lay out `items`, each a row of boxes; every edge begins and ends at its own box."""
    sizes, offsets = [], {}
    item_of = {number: i for i, item in enumerate(items) for number in item}
    for item in items:
        beside = [boxes[number] for number in item]
        width = sum(each.width for each in beside) + BESIDE * (len(beside) - 1)
        sizes.append((width, max(each.height for each in beside)))
        left = -width / 2
        for number, each in zip(item, beside, strict=True):
            offsets[number] = left + each.width / 2
            left += each.width + BESIDE
    far = [edge for edge in edges if item_of[edge.start] != item_of[edge.end]]
    # gradients flow against the ranks
    ends = [(e.end, e.start) if _against(e) else (e.start, e.end) for e in far]
    ports = [
        (offsets[start] + shift, offsets[end] + shift)
        for (start, end), (shift, _) in zip(ends, twin_ports(ends), strict=True)
    ]
    layout = layered(sizes, [(item_of[a], item_of[b]) for a, b in ends], GAP, ports=ports)
    for number, each in enumerate(boxes):
        x, y = layout.centres[item_of[number]]
        each.move_to((x + offsets[number], y))
    routes = iter(layout.routes)
    for edge in edges:
        one, other = boxes[edge.start], boxes[edge.end]
        if item_of[edge.start] == item_of[edge.end]:
            edge.route = _across(one, other)
        else:
            edge.route = _to_box_edges(next(routes), one, other, _against(edge))
    return View(tuple(boxes), tuple(edges), layout.width, layout.height)


def _against(edge: Edge) -> bool:
    return edge.kind in ("next", "grad_fn")


def _across(one: Box, other: Box) -> tuple[Point, ...]:
    """Between a tensor and its node beside it."""
    y = max(one.y, other.y) + 12
    if one.x < other.x:
        return (one.x + one.width, y), (other.x, y)
    return (one.x, y), (other.x + other.width, y)


def _to_box_edges(route: tuple[Point, ...], one: Box, other: Box, against: bool) -> tuple[Point, ...]:
    """A route ends at its boxes, which may be lower than the item that the layout placed."""
    upper, lower = (other, one) if against else (one, other)
    points = ((route[0][0], upper.y + upper.height), *route[1:-1], (route[-1][0], lower.y))
    return points[::-1] if against else points
