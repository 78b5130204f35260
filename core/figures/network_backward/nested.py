"""The layout: what is open is laid out by itself, and is then one large box among its neighbours.

So opening a layer moves what stands below it or beside it, and nothing else. Gradients enter an open part at
the middle of its top and leave it at its bottom, where those of several ways to the same node are added up.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from core.figures.autograd.boxes import Box
from core.figures.autograd.graph_layout import Layout, Point, layered
from core.figures.network_backward.columns import breaks, in_columns
from core.figures.network_backward.items import Items, items_of, targets
from core.figures.network_backward.leaves import Chain
from core.figures.network_backward.parts import Link, Part
from core.figures.network_backward.scene import Frame, Piece, Scene, of_box
from core.figures.network_backward.sides import with_sides

GAP = (30.0, 34.0)  # between ways side by side, and between ranks
HEAD = 30.0  # the name of what is open, above its contents
FOOT = 10.0
SIDE = 12.0
YIELD = 1e-4  # of ways around layers: the layers stay below where the gradient comes in
JOINT = 14.0  # width of the place where ways out meet


class Nested:
    """Lays out a tree of parts; `box_of` gives a closed part its box.

    No gradient is added up on the way to the node `end`.
    """

    def __init__(
        self, links: list[Link], end: int, opened: Callable[[Part], bool], box_of: Callable[[Part], Box]
    ) -> None:
        self._links = links
        self._end = end
        self._opened = opened
        self._box_of = box_of

    def network(self, network: Part, begins: tuple[int, ...]) -> Scene:
        """The whole network; `begins` are those of its layers and blocks, in order, that begin a column."""
        return self._inside(items_of(network, self._links, self._item), begins)

    def begins(self, network: Part) -> tuple[int, ...]:
        """Where columns begin best; nowhere, if the network is not one chain of layers and blocks."""
        items = items_of(network, self._links, self._item)
        run, *others = items.runs()
        scenes = [items.scenes[i] for i in run]
        return (0,) if others else breaks([each.height for each in scenes], [each.width for each in scenes])

    def _scene(self, part: Part) -> Scene:
        """The part as a box where it is closed, else framed with all that is in it."""
        if not part.parts or not self._opened(part):
            return of_box(part, self._box_of(part), targets(part, self._links))
        return self._framed(part, self._inside(items_of(part, self._links, self._item)))

    def _item(self, part: Part, chains: tuple[Chain, ...]) -> Scene:
        return with_sides(self._scene(part), part, chains, self._links, self._box_of)

    def _inside(self, items: Items, begins: tuple[int, ...] = (0,)) -> Scene:
        """Runs from top to bottom, and side by side where there are several."""
        runs = items.runs()
        if len(runs) == 1:
            whole = _run(items, runs[0], begins)
            whole.exits = {target: whole.exits[target] for target in items.exits}
            return whole
        return self._layered(items.joined(runs, [_run(items, run) for run in runs]))

    def _layered(self, items: Items) -> Scene:
        scenes, ways, exits = items.scenes, items.ways, items.exits
        layout = layered(
            [(scene.width, scene.height) for scene in scenes] + [(JOINT, 0.0)] * len(exits),
            list(ways),
            GAP,
            ports=[(scenes[start].exits[links[0][1]], 0.0) for (start, _), links in ways.items()],
            last=tuple(exits.values()),
            pull=YIELD,
        )
        centres, routes = _out_below_in(layout, items)
        whole = Scene(layout.width, layout.height, floor=layout.height)
        for scene, (x, y) in zip(scenes, centres, strict=False):
            whole.take(scene, x - scene.width / 2, y - scene.height / 2)
        for ((start, end), links), route in zip(ways.items(), routes, strict=True):
            top = centres[start][1] - scenes[start].height / 2
            leaves = (route[0][0], top + scenes[start].floor)
            arrives = end < len(scenes) and not scenes[end].framed
            whole.pieces.append(Piece((leaves, *route[1:]), tuple(links), arrives))
        for target, i in exits.items():
            meeting = [links for (_, end), links in ways.items() if end == i]
            _lead_out(whole, centres[i], meeting, added=target != self._end)
        middle = centres[items.first][0]
        whole.exits = {target: centres[i][0] - middle for target, i in exits.items()}
        whole.framed = scenes[items.first].framed
        whole.centre(middle)
        return whole

    def _framed(self, part: Part, inside: Scene) -> Scene:
        """With a frame around it and its name above it; as wide as its box, at least."""
        width = max(inside.width, self._box_of(part).width) + 2 * SIDE
        whole = Scene(width, HEAD + inside.height + FOOT, exits=inside.exits, framed=True)
        whole.floor = whole.height
        whole.frames.append(Frame(part, 0.0, 0.0, width, whole.height))
        whole.take(inside, (width - inside.width) / 2, HEAD)
        into = tuple(
            (start, end) for start, end in self._links if start not in part.nodes and end in part.nodes
        )
        whole.pieces.append(Piece(((width / 2, 0.0), (width / 2, HEAD)), into, not inside.framed))
        for target, shift in inside.exits.items():
            out = tuple(link for link in self._links if link[0] in part.nodes and link[1] == target)
            x = width / 2 + shift
            whole.pieces.append(Piece(((x, HEAD + inside.floor), (x, whole.height)), out, False))
        return whole


def _out_below_in(layout: Layout, items: Items) -> tuple[list[Point], list[tuple[Point, ...]]]:
    """Centres and routes; the one place at which gradients leave, if it has its rank for itself, right below
    where they come in."""
    centres, routes = list(layout.centres), list(layout.routes)
    exits = list(items.exits.values())
    last = max(y for _, y in centres)
    if len(exits) == 1 and [y for _, y in centres].count(last) == 1 and centres[exits[0]][1] == last:
        x = centres[items.first][0]
        centres[exits[0]] = (x, last)
        for i, (_, end) in enumerate(items.ways):
            if end == exits[0]:
                routes[i] = _ending_at(routes[i], x)
    return centres, routes


def _ending_at(route: tuple[Point, ...], x: float) -> tuple[Point, ...]:
    """The same route with its end at `x`; where it came straight down, it turns in the last gap."""
    (before, above), (_, bottom) = route[-2:]
    if above < bottom:
        return (*route[:-1], (before, bottom - GAP[1]), (x, bottom), (x, bottom))
    return (*route[:-2], (x, bottom), (x, bottom))


def _run(items: Items, run: list[int], begins: tuple[int, ...] = (0,)) -> Scene:
    """Items below one another."""
    scenes = [items.scenes[i] for i in run]
    if len(scenes) == 1:
        return scenes[0]
    first, last = scenes[0], scenes[-1]
    whole = in_columns(scenes, [tuple(items.ways[ends]) for ends in pairwise(run)], begins)
    whole.exits, whole.framed = last.exits, first.framed
    whole.floor = whole.height - last.height + last.floor
    return whole


def _lead_out(whole: Scene, place: Point, meeting: list[list[Link]], added: bool) -> None:
    """From where the ways to one node meet, down to the bottom."""
    links = tuple(link for each in meeting for link in each)
    if place[1] < whole.height:
        whole.pieces.append(Piece((place, (place[0], whole.height)), links, False))
    if added and len(meeting) > 1:
        whole.sums.append((place, len(meeting)))
