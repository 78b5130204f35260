"""The backward graph of a network as a picture: collapsed by layer, each layer opened where it is asked for."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any

from core.figures.autograd.boxes import SIZES, Box, box
from core.figures.autograd.curves import curve, square
from core.figures.drawing import GROUP_COLOURS
from core.figures.network_backward.cards import Cards
from core.figures.network_backward.nested import Nested
from core.figures.network_backward.parts import Part, end_number, links, network_parts
from core.figures.network_backward.scene import Piece
from core.figures.network_backward.words import arriving, shape, size
from core.networks.analysis import Analysis
from core.networks.backward_graph import BATCH, BackwardGraph
from core.networks.kinds import LAYER_KINDS

LEVELS: dict[str, frozenset[str]] = {  # what is open
    "blocks": frozenset({"network"}),
    "layers": frozenset({"network", "block"}),
    "nodes": frozenset({"network", "block", "layer"}),
}
LAYER = 176.0  # pixels: the width of most closed layers, so that a column of them is even
MOST_LAYERS = 40  # up to which blocks are open at first
MOST_NODES = 600  # up to which all nodes are shown at once


def network_backward(
    analysis: Analysis, graph: BackwardGraph, level: str = "", toggled: Collection[str] = ()
) -> dict[str, Any]:
    """Boxes, frames and ways with their places, and the cards, as plain JSON.

    `level` says what is open, "" as much as is seen at a glance; `toggled` which parts are not as it says.
    """
    whole = network_parts(graph, analysis.rows)
    most = len(graph.nodes) <= MOST_NODES
    levels = [name for name in LEVELS if name != "nodes" or most]
    if not any(part.kind == "block" for part in whole.parts):
        levels.remove("blocks")
    if level not in levels:
        many = sum(part.kind == "layer" for part in whole.all()) > MOST_LAYERS
        level = "blocks" if many and "blocks" in levels else "layers"

    def opened(part: Part) -> bool:
        return (part.kind in LEVELS[level]) != (part.key in toggled)

    drawn, cards = _Boxes(analysis, graph), Cards(graph, whole, analysis.rows)
    ways = links(graph)
    end = end_number(graph)
    begins = Nested(ways, end, lambda part: part.kind in LEVELS[level], drawn.box).begins(whole)
    scene = Nested(ways, end, opened, drawn.box).network(whole, begins)
    shown = [part for part, _ in scene.boxes] + [frame.part for frame in scene.frames]
    boxes = sorted(scene.boxes, key=lambda each: each[0].node)
    return {
        "name": analysis.spec.name,
        "level": level,
        "toggled": list(toggled),
        "levels": levels,
        "most": MOST_NODES,
        "boxes": [{**each.data(), **drawn.data(part)} for part, each in boxes],
        "frames": [
            {**drawn.data(frame.part), "title": frame.part.title, "tag": drawn.tag(frame.part),
             "x": round(frame.x, 1), "y": round(frame.y, 1), "width": frame.width, "height": frame.height}
            for frame in scene.frames
        ],
        "edges": [_edge(piece, end) for piece in scene.pieces],
        "sums": [{"x": round(x, 1), "y": round(y, 1), "count": count} for (x, y), count in scene.sums],
        "width": scene.width,
        "height": scene.height,
        "sizes": SIZES,
        "cards": {part.key: cards.card(part) for part in shown},
        "overview": cards.overview(analysis.spec.name),
    }  # fmt: skip


def _edge(piece: Piece, end: int) -> dict[str, Any]:
    return {
        "kind": "none" if all(target == end for _, target in piece.links) else "next",
        "recorded": True,
        "curve": square(piece.route) if piece.square else curve(piece.route, False),
        "arrow": piece.arrow,
        "links": piece.links,
    }


class _Boxes:
    """What is written in the boxes."""

    def __init__(self, analysis: Analysis, graph: BackwardGraph) -> None:
        self._graph = graph

    def box(self, part: Part) -> Box:
        title, code, lines = getattr(self, f"_{part.kind}")(part)
        each = box(part.kind, title, self.tag(part), code, None, 0, 0, (), lines)
        each.width = max(each.width, LAYER) if part.parts else each.width
        return each

    def data(self, part: Part) -> dict[str, Any]:
        colour = GROUP_COLOURS[LAYER_KINDS[part.row.kind].group] if part.row and part.parts else ""
        return {"key": part.key, "nodes": sorted(part.nodes), "opens": bool(part.parts), "colour": colour}

    def tag(self, part: Part) -> str:
        if part.kind in ("layer", "block"):
            return part.row.kind if part.row else "projection"
        return ""

    def _layer(self, part: Part) -> tuple[str, str, list[tuple[str, str]]]:
        nodes = [self._graph.nodes[number] for number in part.nodes]
        learned = sum(math.prod(node.upstream) for node in nodes if node.parameter)
        words = f"{learned:,} parameters" if learned else "no parameters"
        count = f"{len(nodes)} {'node' if len(nodes) == 1 else 'nodes'}"
        arrives = self._graph.nodes[min(part.nodes)].upstream
        return part.title, arriving(arrives), [(words, count)]

    _block = _layer

    def _node(self, part: Part) -> tuple[str, str, list[tuple[str, str]]]:
        node = self._graph.nodes[part.node]
        saved = [(f"saved {each.name}", f"{shape(each.shape)} · {size(each.bytes)}") for each in node.saved]
        return node.name, arriving(node.upstream), saved

    def _leaf(self, part: Part) -> tuple[str, str, list[tuple[str, str]]]:
        node = self._graph.nodes[part.node]
        return node.name, part.title, [("adds to .grad", shape(node.upstream))]

    def _output(self, part: Part) -> tuple[str, str, list[tuple[str, str]]]:
        return part.title, "∂L/∂scores", [("from the loss", shape(self._graph.output))]

    def _end(self, part: Part) -> tuple[str, str, list[tuple[str, str]]]:
        comes = (BATCH, *part.row.input_shape) if part.row else ()
        return part.title, shape(comes), [("asks for", "no gradient")]
