"""A layered layout (Sugiyama): boxes in ranks, edges from rank to rank, long edges around the boxes between.

The four steps of K. Sugiyama, S. Tagawa, M. Toda, "Methods for Visual Understanding of Hierarchical System
Structures" (1981): ranks by longest path; a dummy in each rank that an edge passes; order by barycentres;
positions by least squares under the order (isotonic regression). An edge passes a rank in the lane of its
dummy, so it never runs through a box.
"""

from bisect import bisect_right, insort
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

LANE = 14.0  # width that a passing edge takes in a rank
SWEEPS = 12

Point = tuple[float, float]


@dataclass(frozen=True)
class Layout:
    """Centres of the boxes, and for each edge the points it goes through; y grows along the ranks."""

    centres: tuple[Point, ...]
    routes: tuple[tuple[Point, ...], ...]
    width: float
    height: float


def layered(
    sizes: Sequence[tuple[float, float]],
    edges: Sequence[tuple[int, int]],
    gap: tuple[float, float] = (28.0, 46.0),
    sideways: bool = False,
) -> Layout:
    """Lay out boxes of the given (width, height) so that each edge (from, to) goes down, or to the right if
    `sideways`.

    `gap` is the room between boxes of a rank and between ranks. Edges must be acyclic; the same edge may
    occur twice.
    """
    if sideways:
        turned = layered([(h, w) for w, h in sizes], edges, gap)
        return Layout(
            tuple((y, x) for x, y in turned.centres),
            tuple(tuple((y, x) for x, y in route) for route in turned.routes),
            turned.height,
            turned.width,
        )
    ranks = _ranks(len(sizes), edges)
    chains, widths = _chains(sizes, edges, ranks)
    rows = _rows(chains, ranks, len(widths))
    neighbours = _neighbours(chains, len(widths))
    _reduce_crossings(rows, neighbours)
    x = _positions(rows, neighbours, widths, gap[0], len(sizes))
    tops, bottoms = _extents(rows, sizes, gap[1])
    left = min((x[i] - widths[i] / 2 for i in range(len(widths))), default=0.0)
    x = [position - left for position in x]
    rank_of = {node: rank for rank, row in enumerate(rows) for node in row}
    centres = tuple((x[i], (tops[rank_of[i]] + bottoms[rank_of[i]]) / 2) for i in range(len(sizes)))
    routes = tuple(_route(chain, x, sizes, centres, tops, bottoms, rank_of) for chain in chains)
    width = max((x[i] + widths[i] / 2 for i in range(len(widths))), default=0.0)
    return Layout(centres, routes, width, bottoms[-1] if bottoms else 0.0)


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


def _chains(
    sizes: Sequence[tuple[float, float]], edges: Sequence[tuple[int, int]], ranks: list[int]
) -> tuple[list[list[int]], list[float]]:
    """Each edge as a chain of boxes and dummies, one for each rank; and the widths of all of them.

    Edges from one box share their dummies, so that a value that is used often has one lane and not many.
    """
    widths = [width for width, _ in sizes]
    lanes: dict[tuple[int, int], int] = {}  # box that it comes from, rank → dummy
    chains = []
    for start, end in edges:
        chain = [start]
        for rank in range(ranks[start] + 1, ranks[end]):
            if (start, rank) not in lanes:
                lanes[start, rank] = len(widths)
                widths.append(LANE)
            chain.append(lanes[start, rank])
        chains.append([*chain, end])
    return chains, widths


def _rows(chains: list[list[int]], ranks: list[int], count: int) -> list[list[int]]:
    rank_of = dict(enumerate(ranks))
    for chain in chains:
        for i, node in enumerate(chain):
            rank_of.setdefault(node, ranks[chain[0]] + i)
    rows: list[list[int]] = [[] for _ in range(max(rank_of.values(), default=-1) + 1)]
    for node in range(count):
        rows[rank_of[node]].append(node)
    return rows


@dataclass(frozen=True)
class _Neighbours:
    above: list[list[int]]
    below: list[list[int]]


def _neighbours(chains: list[list[int]], count: int) -> _Neighbours:
    found = _Neighbours([[] for _ in range(count)], [[] for _ in range(count)])
    for one, other in dict.fromkeys(pair for chain in chains for pair in pairwise(chain)):
        found.below[one].append(other)
        found.above[other].append(one)
    return found


def _reduce_crossings(rows: list[list[int]], neighbours: _Neighbours) -> None:
    """Sort each rank by the mean place of its neighbours, down and up, and keep the order with fewest
    crossings."""
    best, fewest = [list(row) for row in rows], _crossings(rows, neighbours)
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        near = neighbours.above if down else neighbours.below
        for i in range(1, len(rows)) if down else range(len(rows) - 2, -1, -1):
            _sort_by_barycentre(rows[i], rows[i - 1 if down else i + 1], near)
        crossings = _crossings(rows, neighbours)
        if crossings < fewest:
            best, fewest = [list(row) for row in rows], crossings
    for row, order in zip(rows, best, strict=True):
        row[:] = order


def _sort_by_barycentre(row: list[int], fixed: list[int], near: list[list[int]]) -> None:
    """Order `row` by the mean place of each node's neighbours in the `fixed` rank; a node without any keeps
    its place."""
    place = {node: j for j, node in enumerate(fixed)}
    wish = {
        node: sum(place[other] for other in near[node]) / len(near[node]) if near[node] else float(j)
        for j, node in enumerate(row)
    }
    row.sort(key=wish.__getitem__)


def _crossings(rows: list[list[int]], neighbours: _Neighbours) -> int:
    """How many pairs of edges cross: for each edge, those that start before it and end after it."""
    total = 0
    for upper, lower in pairwise(rows):
        place = {node: j for j, node in enumerate(lower)}
        ends: list[int] = []
        for node in upper:
            own = [place[other] for other in neighbours.below[node]]
            total += sum(len(ends) - bisect_right(ends, end) for end in own)
            for end in own:
                insort(ends, end)
    return total


def _positions(
    rows: list[list[int]], neighbours: _Neighbours, widths: list[float], gap: float, boxes: int
) -> list[float]:
    """Centres along the rank: near the mean of the neighbours, in the given order, without overlap."""
    x = [0.0] * len(widths)
    for row in rows:
        reach = 0.0
        for node in row:
            x[node] = reach + widths[node] / 2
            reach += widths[node] + gap
        for node in row:
            x[node] -= reach / 2
    for sweep in range(
        2 * SWEEPS + 1
    ):  # the last one goes down, so that a box stands right below its only input
        down = sweep % 2 == 0
        for row in rows if down else reversed(rows):
            near = [(neighbours.above if down else neighbours.below)[node] for node in row]
            wishes = [
                sum(x[other] for other in others) / len(others) if others else x[node]
                for node, others in zip(row, near, strict=True)
            ]
            # dummies pull harder: straight long edges
            weights = [1.0 if node < boxes else 4.0 for node in row]
            room = [
                (widths[a] + widths[b]) / 2 + (gap if a < boxes or b < boxes else gap / 3)
                for a, b in pairwise(row)
            ]
            for node, position in zip(row, _separated(wishes, weights, room), strict=True):
                x[node] = position
    return x


def _separated(wishes: list[float], weights: list[float], room: list[float]) -> list[float]:
    """The positions nearest to `wishes` (weighted least squares) with at least `room` between neighbours.

    With the running sum of `room` taken off, the positions must only not decrease: isotonic regression,
    solved by pooling adjacent violators.
    """
    offsets = [0.0]
    for distance in room:
        offsets.append(offsets[-1] + distance)
    pools: list[tuple[float, float, int]] = []  # mean, weight, how many
    for wish, weight, offset in zip(wishes, weights, offsets, strict=False):
        mean, total, count = wish - offset, weight, 1
        while pools and pools[-1][0] > mean:
            before, its_weight, its_count = pools.pop()
            mean = (mean * total + before * its_weight) / (total + its_weight)
            total, count = total + its_weight, count + its_count
        pools.append((mean, total, count))
    means = [mean for mean, _, count in pools for _ in range(count)]
    return [mean + offset for mean, offset in zip(means, offsets, strict=False)]


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


def _route(
    chain: list[int],
    x: list[float],
    sizes: Sequence[tuple[float, float]],
    centres: tuple[Point, ...],
    tops: list[float],
    bottoms: list[float],
    rank_of: dict[int, int],
) -> tuple[Point, ...]:
    """Out of the first box, straight through the lane of each dummy, into the last box."""
    start, end = chain[0], chain[-1]
    points = [(x[start], centres[start][1] + sizes[start][1] / 2), (x[start], bottoms[rank_of[start]])]
    for dummy in chain[1:-1]:
        points += [(x[dummy], tops[rank_of[dummy]]), (x[dummy], bottoms[rank_of[dummy]])]
    points += [(x[end], tops[rank_of[end]]), (x[end], centres[end][1] - sizes[end][1] / 2)]
    return tuple(points)
