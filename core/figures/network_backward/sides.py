"""A node with what hangs at its sides: the nodes that lead to its parameters, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable

from core.figures.autograd.boxes import Box
from core.figures.network_backward.leaves import Chain
from core.figures.network_backward.parts import Link, Part
from core.figures.network_backward.scene import Piece, Scene, of_box

ASIDE = 26.0  # from a node to what hangs at its side
BELOW = 22.0  # between boxes of a chain


def with_sides(
    scene: Scene, part: Part, chains: tuple[Chain, ...], links: list[Link], box_of: Callable[[Part], Box]
) -> Scene:
    """The first chain on the left of `scene`, the second on its right; the middle stays the middle."""
    if not chains:
        return scene
    columns = [_column(chain, links, box_of) for chain in chains]
    reach = scene.width / 2 + ASIDE + max(column.width for column in columns)
    height = max(each.height for each in (scene, *columns))
    whole = Scene(2 * reach, height, exits=scene.exits, floor=scene.height)
    for sign, chain, column in zip((-1, 1), chains, columns, strict=False):
        near, first = reach + sign * scene.width / 2, column.boxes[0][1]
        y = min(scene.height, first.height) / 2
        route = ((near, y), (near + sign * (ASIDE + (column.width - first.width) / 2), y))
        whole.pieces.append(Piece(route, _between(part, chain[0], links), True))
        whole.take(column, near + ASIDE if sign > 0 else near - ASIDE - column.width, 0.0)
    whole.take(scene, reach - scene.width / 2, 0.0)
    return whole


def _column(chain: Chain, links: list[Link], box_of: Callable[[Part], Box]) -> Scene:
    boxes = [box_of(each) for each in chain]
    column = Scene(max(box.width for box in boxes), 0.0)
    for i, (each, box) in enumerate(zip(chain, boxes, strict=True)):
        if i:
            middle, above = column.width / 2, column.height
            column.height += BELOW
            route = ((middle, above), (middle, column.height))
            column.pieces.append(Piece(route, _between(chain[i - 1], each, links), True))
        column.take(of_box(each, box, set()), (column.width - box.width) / 2, column.height)
        column.height += box.height
    return column


def _between(one: Part, other: Part, links: list[Link]) -> tuple[Link, ...]:
    return tuple(link for link in links if link[0] in one.nodes and link[1] in other.nodes)
