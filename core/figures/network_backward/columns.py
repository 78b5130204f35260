"""A long chain in columns, like a text: down the first one, then from the top of the next."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from core.figures.autograd.graph_layout import Point
from core.figures.network_backward.parts import Link
from core.figures.network_backward.scene import Piece, Scene

STAGE = (900.0, 520.0)  # pixels of the place that the picture has
MOST = 6
GAP = 24.0  # between boxes of a column
ALLEY = 44.0  # between columns
TURN = 15.0  # from a column to where the way to the next one turns


def breaks(heights: Sequence[float], widths: Sequence[float]) -> tuple[int, ...]:
    """Which items begin a column, so that the whole is seen as large as possible; fewer columns if it is the
    same."""

    def scale(begins: tuple[int, ...]) -> float:
        ends = (*begins[1:], len(heights))
        tall = max(sum(heights[a:b]) + GAP * (b - a - 1) for a, b in zip(begins, ends, strict=True))
        wide = sum(max(widths[a:b]) for a, b in zip(begins, ends, strict=True)) + ALLEY * (len(begins) - 1)
        return min(STAGE[0] / wide, STAGE[1] / tall, 1.0)

    return max((_balanced(heights, count) for count in range(1, MOST + 1)), key=scale)


def _balanced(heights: Sequence[float], count: int) -> tuple[int, ...]:
    """Columns about equally tall: an item goes into the one in which its middle lies."""
    whole = sum(heights) + GAP * len(heights)
    begins, reach, column = [0], 0.0, 0
    for i, height in enumerate(heights):
        place = int((reach + height / 2) / whole * count)
        if i and place > column:
            begins.append(i)
            column = place
        reach += height + GAP
    return tuple(begins)


def in_columns(scenes: Sequence[Scene], links: Sequence[tuple[Link, ...]], begins: Sequence[int]) -> Scene:
    """Put a chain of scenes into columns; `links` are those from each to the next."""
    whole = Scene(0.0, 0.0)
    places: list[Point] = []  # middle of the top
    columns: list[tuple[float, float]] = []  # left and right end of each item's column
    for first, behind in pairwise((*begins, len(scenes))):
        column = scenes[first:behind]
        width = max(scene.width for scene in column)
        left = whole.width + ALLEY if first else 0.0
        top = 0.0
        for scene in column:
            places.append((left + width / 2, top))
            columns.append((left, left + width))
            top += scene.height + GAP
        whole.width = left + width
        whole.height = max(whole.height, top - GAP)
    for scene, (x, y) in zip(scenes, places, strict=True):
        whole.take(scene, x - scene.width / 2, y)
    for i, each in enumerate(links):
        scene = scenes[i]
        (x, top), (to_x, to_top) = places[i], places[i + 1]
        x += scene.exits[each[0][1]]
        route = [(x, top + scene.floor), (x, top + scene.height)]
        if i + 1 in begins:
            alley = columns[i][1] + ALLEY / 2
            bottom = whole.height + TURN
            route = [route[0], (x, bottom), (alley, bottom), (alley, -TURN), (to_x, -TURN), (to_x, to_top)]
        elif x == to_x:
            route = [route[0], (to_x, to_top)]
        else:
            route += [(to_x, to_top)]
        whole.pieces.append(Piece(tuple(route), each, not scenes[i + 1].framed, square=i + 1 in begins))
    if len(begins) > 1:
        whole.move(0.0, TURN)
        whole.height += 2 * TURN
    return whole
