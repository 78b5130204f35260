"""A layered layout (Sugiyama): boxes in ranks, edges from rank to rank, long edges around the boxes between.

The four steps of K. Sugiyama, S. Tagawa, M. Toda, "Methods for Visual Understanding of Hierarchical System
Structures" (1981): ranks by longest path; a lane in each rank that an edge passes; order by barycentres;
positions by least squares under the order (isotonic regression). An edge passes a rank in its lane, so it
never runs through a box.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from core.figures.autograd.graph_order import Neighbours, reduce_crossings
from core.figures.autograd.graph_positions import PULL, positions, straighten

LANE = 14.0  # width that a passing edge takes in a rank
STRAIGHT = 0.05  # pixels: lanes whose places differ less are one straight line

Point = tuple[float, float]


@dataclass(frozen=True)
class Layout:
    """Centres of the boxes, and for each edge the points it goes through; y grows along the ranks.

    A route is straight and curved in turn: along its rank, across the gap to the next one, along that one …
    """

    centres: tuple[Point, ...]
    routes: tuple[tuple[Point, ...], ...]
    width: float
    height: float


def layered(
    sizes: Sequence[tuple[float, float]],
    edges: Sequence[tuple[int, int]],
    gap: tuple[float, float] = (28.0, 46.0),
    sideways: bool = False,
    ports: Sequence[tuple[float, float]] | None = None,
    last: Sequence[int] = (),
    pull: float = PULL,
) -> Layout:
    """Lay out boxes of the given (width, height) so that each edge (from, to) goes down, or to the right if
    `sideways`.

    `gap` is the room between boxes of a rank and between ranks; `ports` says for each edge how far from the
    middle of its two boxes it begins and ends; `last` are boxes without edges onwards that stand in the last
    rank; `pull` is how much harder than boxes the passing edges keep to a straight line. Edges must be
    acyclic; the same edge may occur twice.
    """
    given = tuple((0.0, 0.0) for _ in edges) if ports is None else tuple(ports)
    if sideways:
        turned = _layered(tuple((h, w) for w, h in sizes), tuple(edges), gap, given, tuple(last), pull)
        return Layout(
            tuple((y, x) for x, y in turned.centres),
            tuple(tuple((y, x) for x, y in route) for route in turned.routes),
            turned.height,
            turned.width,
        )
    return _layered(tuple(sizes), tuple(edges), gap, given, tuple(last), pull)


@lru_cache(maxsize=64)  # a slider changes numbers, and neither sizes nor edges
def _layered(
    sizes: tuple[tuple[float, float], ...],
    edges: tuple[tuple[int, int], ...],
    gap: tuple[float, float],
    ports: tuple[tuple[float, float], ...],
    last: tuple[int, ...],
    pull: float,
) -> Layout:
    graph = _Ranked(sizes, edges, ports, last)
    reduce_crossings(graph.rows, graph.neighbours)
    x = positions(graph.rows, graph.neighbours, graph.widths, gap[0], len(sizes), pull)
    straighten(graph.lanes.values(), graph.rows, graph.widths, gap[0], x)
    tops, bottoms = _extents(graph.rows, sizes, gap[1])
    left = min((x[i] - width / 2 for i, width in enumerate(graph.widths)), default=0.0)
    x = [position - left for position in x]
    ranks = graph.ranks
    centres = tuple((x[i], (tops[ranks[i]] + bottoms[ranks[i]]) / 2) for i in range(len(sizes)))
    trunks = {
        (box, port): _trunk(lanes, ranks[box] + 1, x, tops, bottoms)
        for (box, port), lanes in graph.lanes.items()
    }
    routes = []
    for (start, end), (out, into) in zip(edges, ports, strict=True):
        from_x, to_x = x[start] + out, x[end] + into
        points = [(from_x, centres[start][1] + sizes[start][1] / 2), (from_x, bottoms[ranks[start]])]
        if ranks[end] - ranks[start] > 1:
            way = trunks[start, out][ranks[end] - ranks[start] - 2]
            _lead_on(points, way[0], way[1])
            points += way[2:]
        _lead_on(points, (to_x, tops[ranks[end]]), (to_x, centres[end][1] - sizes[end][1] / 2))
        routes.append(tuple(points))
    width = max((x[i] + each / 2 for i, each in enumerate(graph.widths)), default=0.0)
    return Layout(centres, tuple(routes), width, bottoms[-1] if bottoms else 0.0)


class _Ranked:
    """The boxes in ranks, with a lane in each rank that an edge passes.

    Edges from one port of a box share their lanes, so that a value that is used often has one lane and not
    many.
    """

    def __init__(
        self,
        sizes: tuple[tuple[float, float], ...],
        edges: tuple[tuple[int, int], ...],
        ports: tuple[tuple[float, float], ...],
        last: tuple[int, ...],
    ) -> None:
        self.ranks = _ranks(len(sizes), edges)
        for box in last:
            self.ranks[box] = max(self.ranks)
        self.widths = [width for width, _ in sizes]
        self.lanes: dict[tuple[int, float], list[int]] = {}  # box and port → lanes, from the next rank on
        self.rows: list[list[int]] = [[] for _ in range(max(self.ranks, default=-1) + 1)]
        self.neighbours = Neighbours([[] for _ in sizes], [[] for _ in sizes])
        for box, rank in enumerate(self.ranks):
            self.rows[rank].append(box)
        for start, port, end in dict.fromkeys(
            (start, out, end) for (start, end), (out, _) in zip(edges, ports, strict=True)
        ):
            self._join(self._lane(start, port, self.ranks[end] - 1), end)

    def _lane(self, start: int, port: float, rank: int) -> int:
        """The lane of a port in `rank`, made where there is none yet; the box itself in its own rank."""
        lanes = self.lanes.setdefault((start, port), [])
        for reached in range(self.ranks[start] + len(lanes) + 1, rank + 1):
            lane = len(self.widths)
            self.widths.append(LANE)
            self.rows[reached].append(lane)
            self.neighbours.above.append([])
            self.neighbours.below.append([])
            self._join(lanes[-1] if lanes else start, lane)
            lanes.append(lane)
        return start if rank == self.ranks[start] else lanes[rank - self.ranks[start] - 1]

    def _join(self, upper: int, lower: int) -> None:
        self.neighbours.below[upper].append(lower)
        self.neighbours.above[lower].append(upper)


def _ranks(count: int, edges: Sequence[tuple[int, int]]) -> list[int]:
    """The longest path to each box; boxes that nothing leads to move down to just above their first
    successor."""
    ahead: list[list[int]] = [[] for _ in range(count)]
    missing = [0] * count
    for start, end in edges:
        ahead[start].append(end)
        missing[end] += 1
    sources = [i for i in range(count) if missing[i] == 0]
    ranks, ready, seen = [0] * count, list(sources), 0
    while ready:
        node = ready.pop()
        seen += 1
        for end in ahead[node]:
            ranks[end] = max(ranks[end], ranks[node] + 1)
            missing[end] -= 1
            if missing[end] == 0:
                ready.append(end)
    if seen < count:
        raise ValueError("the graph has a cycle: a layered layout needs edges that lead forwards only")
    for node in sources:
        if ahead[node]:
            ranks[node] = min(ranks[end] for end in ahead[node]) - 1
    return ranks


def _extents(
    rows: list[list[int]], sizes: Sequence[tuple[float, float]], gap: float
) -> tuple[list[float], list[float]]:
    """Where each rank begins and ends, as tall as its tallest box."""
    tops, bottoms, reach = [], [], 0.0
    for row in rows:
        tops.append(reach)
        reach += max((sizes[node][1] for node in row if node < len(sizes)), default=0.0)
        bottoms.append(reach)
        reach += gap
    return tops, bottoms


def _lead_on(points: list[Point], top: Point, bottom: Point) -> None:
    """Go on to the stretch from `top` to `bottom`; one that lies straight ahead only makes the last one
    longer."""
    if abs(points[-1][0] - top[0]) < STRAIGHT:
        points[-1] = bottom
    else:
        points += [top, bottom]


def _trunk(
    lanes: list[int], first: int, x: list[float], tops: list[float], bottoms: list[float]
) -> list[tuple[Point, ...]]:
    """The way along the lanes of one port, from rank `first` on: for each lane the way up to its end."""
    points: list[Point] = []
    ways = []
    for rank, lane in enumerate(lanes, first):
        top, bottom = (x[lane], tops[rank]), (x[lane], bottoms[rank])
        if points:
            _lead_on(points, top, bottom)
        else:
            points += [top, bottom]
        ways.append(tuple(points))
    return ways
