"""Where boxes stand along their rank: near their neighbours, in the given order, without overlap."""

from collections.abc import Iterable
from itertools import pairwise

from core.figures.autograd.graph_order import Neighbours

SWEEPS = 24
LARGE = 400  # boxes and lanes from which on a quarter of the sweeps must do
STILL = 0.2  # pixels: once no box moves further, the positions stay
PULL = 4.0  # how much harder lanes pull than boxes: straight long edges


def positions(
    rows: list[list[int]],
    neighbours: Neighbours,
    widths: list[float],
    gap: float,
    boxes: int,
    pull: float = PULL,
) -> list[float]:
    """Centres along the rank; the first `boxes` are boxes, the others lanes of passing edges."""
    x = [0.0] * len(widths)
    rooms = []
    for row in rows:
        rooms.append(
            [
                (widths[a] + widths[b]) / 2 + (gap if a < boxes or b < boxes else gap / 3)
                for a, b in pairwise(row)
            ]
        )
        reach = 0.0
        for node in row:
            x[node] = reach + widths[node] / 2
            reach += widths[node] + gap
        for node in row:
            x[node] -= reach / 2
    numbered = list(zip(rows, rooms, strict=True))
    # the last sweep goes down, so that a box stands right below its only input
    last = SWEEPS if len(widths) < LARGE else SWEEPS // 4
    for sweep in range(0, last + 1, 2):
        moved = _sweep(numbered, neighbours.above, x, boxes, pull)
        if sweep == last or moved < STILL:
            break
        _sweep(numbered[::-1], neighbours.below, x, boxes, pull)
    return x


def _sweep(
    rows: list[tuple[list[int], list[float]]], near: list[list[int]], x: list[float], boxes: int, pull: float
) -> float:
    """Move each rank towards the rank before it; returns the longest move."""
    longest = 0.0
    for row, room in rows:
        wishes = []
        for node in row:
            others = near[node]
            wishes.append(sum([x[other] for other in others]) / len(others) if others else x[node])
        if room:
            wishes = _separated(wishes, [1.0 if node < boxes else pull for node in row], room)
        for node, position in zip(row, wishes, strict=True):
            longest = max(longest, abs(position - x[node]))
            x[node] = position
    return longest


def _separated(wishes: list[float], weights: list[float], room: list[float]) -> list[float]:
    """The positions nearest to `wishes` (weighted least squares) with at least `room` between neighbours.

    With the running sum of `room` taken off, the positions must only not decrease: isotonic regression,
    solved by pooling adjacent violators.
    """
    offsets = [0.0]
    for distance in room:
        offsets.append(offsets[-1] + distance)
    pools: list[tuple[float, float, int]] = []  # mean, weight, how many
    for wish, weight, offset in zip(wishes, weights, offsets, strict=True):
        mean, total, count = wish - offset, weight, 1
        while pools and pools[-1][0] > mean:
            before, its_weight, its_count = pools.pop()
            mean = (mean * total + before * its_weight) / (total + its_weight)
            total, count = total + its_weight, count + its_count
        pools.append((mean, total, count))
    means = [mean for mean, _, count in pools for _ in range(count)]
    return [mean + offset for mean, offset in zip(means, offsets, strict=True)]


def straighten(
    chains: Iterable[list[int]], rows: list[list[int]], widths: list[float], gap: float, x: list[float]
) -> None:
    """Draw each chain of lanes with as few bends as its neighbours leave room for: as long as one place is
    free in all of its ranks, it goes straight."""
    beside: dict[int, tuple[int | None, int | None]] = {}
    for row in rows:
        for left, node, right in zip([None, *row[:-1]], row, [*row[1:], None], strict=True):
            beside[node] = (left, right)
    room = gap / 3
    for chain in sorted(chains, key=len, reverse=True):
        straight: list[int] = []
        low, high = float("-inf"), float("inf")
        for lane in chain:
            left, right = beside[lane]
            least = float("-inf") if left is None else x[left] + (widths[left] + widths[lane]) / 2 + room
            most = float("inf") if right is None else x[right] - (widths[right] + widths[lane]) / 2 - room
            if max(low, least) > min(high, most):
                _align(straight, low, high, x)
                straight, low, high = [], float("-inf"), float("inf")
            straight.append(lane)
            low, high = max(low, least), min(high, most)
        _align(straight, low, high, x)


def _align(lanes: list[int], low: float, high: float, x: list[float]) -> None:
    """All lanes to the place nearest to their middle one that is free for all."""
    if lanes and low <= high:
        place = min(max(sorted(x[lane] for lane in lanes)[len(lanes) // 2], low), high)
        for lane in lanes:
            x[lane] = place
