"""The order of boxes within the ranks of a layered layout: few crossings, by barycentres."""

from bisect import bisect_right, insort
from dataclasses import dataclass
from itertools import pairwise

SWEEPS = 12
PATIENCE = 4  # sweeps without fewer crossings, after which the best order stays


@dataclass(frozen=True)
class Neighbours:
    """For each box or lane, what it is joined with in the rank above and in the rank below."""

    above: list[list[int]]
    below: list[list[int]]


def reduce_crossings(rows: list[list[int]], neighbours: Neighbours) -> None:
    """Sort each rank by the mean place of its neighbours, down and up, and keep the order with fewest
    crossings."""
    best, fewest = [list(row) for row in rows], crossings(rows, neighbours)
    since = 0
    for sweep in range(SWEEPS):
        if fewest == 0 or since == PATIENCE:
            break
        down = sweep % 2 == 0
        near = neighbours.above if down else neighbours.below
        for i in range(1, len(rows)) if down else range(len(rows) - 2, -1, -1):
            _sort_by_barycentre(rows[i], rows[i - 1 if down else i + 1], near)
        found = crossings(rows, neighbours)
        since += 1
        if found < fewest:
            best, fewest, since = [list(row) for row in rows], found, 0
    for row, order in zip(rows, best, strict=True):
        row[:] = order


def _sort_by_barycentre(row: list[int], fixed: list[int], near: list[list[int]]) -> None:
    """Order `row` by the mean place of each node's neighbours in the `fixed` rank; a node without any keeps
    its place."""
    if len(row) < 2:
        return
    place = {node: j for j, node in enumerate(fixed)}
    wish = {
        node: sum(place[other] for other in near[node]) / len(near[node]) if near[node] else float(j)
        for j, node in enumerate(row)
    }
    row.sort(key=wish.__getitem__)


def crossings(rows: list[list[int]], neighbours: Neighbours) -> int:
    """How many pairs of edges cross: for each edge, those that start before it and end after it."""
    total = 0
    for upper, lower in pairwise(rows):
        if len(upper) < 2 or len(lower) < 2:
            continue
        place = {node: j for j, node in enumerate(lower)}
        ends: list[int] = []
        for node in upper:
            own = [place[other] for other in neighbours.below[node]]
            total += sum(len(ends) - bisect_right(ends, end) for end in own)
            for end in own:
                insort(ends, end)
    return total
