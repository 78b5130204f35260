"""A network as feature-map volumes to scale, as papers draw them, with the branches of its blocks."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import lru_cache

from core.figures.drawing import (
    GROUP_COLOURS,
    INPUT_COLOUR,
    LEGEND,
    Drawing,
    Mark,
    legend,
    rectangle,
    shade,
    text,
    text_width,
)
from core.figures.flow import AROUND, Lane, Part, branching, sequence
from core.figures.network_joins import (
    around_words,
    block_kind,
    block_title,
    channel_sum,
    hover_title,
    join_part,
)
from core.networks.analysis import Analysis, Problem
from core.networks.kind import BlockKind, LayerKind
from core.networks.kinds import LAYER_KINDS
from core.networks.names import layer_names
from core.networks.rows import LayerRow
from core.networks.spec import LayerSpec, Place, Shape, shape_text, walk

__all__ = ["GROUP_COLOURS", "network_diagram"]  # others take the colours from here

TALLEST = (
    104.0,
    92.0,
    80.0,
    70.0,
    60.0,
    50.0,
    40.0,
)  # pixels of the largest feature map: the first that lets all fit in
ROOM = 240.0  # pixels of height, which lanes one above the other should keep to
ABOVE, BELOW = 96.0, 74.0  # around the line, at least: so that it keeps its height while a network is edited
MARGIN = 8.0
_LIGHT = {"front": 1.0, "top": 1.18, "side": 0.82}  # how bright the faces of a volume are
SLAB = 5.0  # thickness of an elementwise layer, which keeps the shape of the volume before it


@dataclass
class Volume:
    """An output, and the elementwise layers behind it that leave its shape as it is."""

    label: str
    detail: str
    shape: Shape
    title: str
    colour: str = ""  # "": nothing but its slabs
    slabs: list[LayerRow] = field(default_factory=list)


@lru_cache(maxsize=64)
def network_diagram(analysis: Analysis) -> Drawing:
    """Volumes to scale: height and depth are the feature map's, thickness grows with √channels.

    A flat layer is a bar whose height grows with √numbers. Layers behind a problem are counted, not drawn.
    """
    for tallest in TALLEST:
        part = _Volumes(analysis, tallest).whole()
        if part.above + part.below <= ROOM - LEGEND:
            break
    above, below = max(part.above, ABOVE), max(part.below, BELOW)
    key, key_width = legend((LAYER_KINDS[row.kind].group for row in analysis.rows), above + below)
    shapes = "; ".join(f"{row.name} {shape_text(row.output_shape)}" for row in analysis.rows)
    described = f"{analysis.spec.name}: input {shape_text(analysis.input_shape)}; {shapes}"
    width = max(part.width + 2 * MARGIN, key_width)
    return Drawing(width, above + below + LEGEND, (*part.paint(MARGIN, above), *key), described)


class _Volumes:
    """The parts of one network with the largest feature map `tallest` pixels high."""

    def __init__(self, analysis: Analysis, tallest: float) -> None:
        self.analysis = analysis
        self.tallest = tallest
        self.names = layer_names(analysis.spec)
        self.rows = {row.place: row for row in analysis.rows}
        self.problem = next((problem for problem in analysis.problems if problem.place), None)
        shapes = [analysis.input_shape, *(row.output_shape for row in analysis.rows)]
        self.scale = tallest / max((max(s[1:]) for s in shapes if len(s) == 3), default=tallest)

    def whole(self) -> Part:
        shape = self.analysis.input_shape
        image = Volume("input", "", shape, f"one image: {shape_text(shape)}", INPUT_COLOUR)
        part = self.sequence(self.analysis.spec.layers, (), image)
        assert part is not None
        return part

    def sequence(
        self, layers: tuple[LayerSpec, ...], before: Place, first: Volume | None = None
    ) -> Part | None:
        found: list[Volume | Part] = [first] if first else []
        for index, layer in enumerate(layers):
            if not layer.enabled:
                continue
            place = (*before, index)
            row = self.rows.get(place)
            if block := block_kind(layer):
                found += self.block(block, layer, place, row)
            elif row and _keeps_shape(row):
                if not found or isinstance(found[-1], Part):
                    found.append(Volume(row.name, "", row.output_shape, ""))
                last = found[-1]
                assert isinstance(last, Volume)
                last.slabs.append(row)
            elif row:
                found.append(_volume(row, layer))
            elif self.problem and self.problem.place == place:
                found.append(self.misfit(self.problem))
        return sequence([one if isinstance(one, Part) else self.draw(one) for one in found])

    def block(
        self, kind: BlockKind, block: LayerSpec, place: Place, row: LayerRow | None
    ) -> list[Volume | Part]:
        """The frame with what lies within, and the volume that leaves it; nothing behind a problem."""
        misfit = self.problem if self.problem and self.problem.place == place else None
        lanes = [Lane(self.sequence(branch, (*place, i))) for i, branch in enumerate(block.branches)]
        if not row:
            lanes = [lane for lane in lanes if lane.part or misfit]
        if not row and not lanes:
            return []
        straight = None
        if kind.around and (row or misfit):
            words = around_words(kind, block, row) if row else ""
            lanes.insert(0, Lane(_projection(words) if words else None, "" if words else "x", AROUND))
            straight = 1
        join = join_part(block, self.names[place], row) if row else self.misfit(misfit) if misfit else None
        name = self.names[place]
        frame = branching(name, block_title(self.analysis, place, name), lanes, straight, join)
        if not row:
            return [frame]
        written = channel_sum(block, kind, row)
        return [frame, Volume("y", written, row.output_shape, hover_title(row), GROUP_COLOURS["Block"])]

    def draw(self, volume: Volume) -> Part:
        thickness, height, depth = self.size(volume.shape)
        if not volume.colour:
            thickness = 0.0
        body = thickness + SLAB * len(volume.slabs) + 0.3 * depth
        words = max(
            text_width(shape_text(volume.shape)),
            text_width(volume.label, bold=True),
            text_width(volume.detail),
        )
        width = max(body, words)
        margin = (width - body) / 2
        half = height / 2 + 0.1 * depth

        def paint(x: float, y: float) -> list[Mark]:
            left, centre, top = x + margin, x + width / 2, y - height / 2 + 0.1 * depth
            marks: list[Mark] = []
            if volume.colour:
                marks += _box(left, top, thickness, height, depth, volume.colour, volume.title)
            for i, row in enumerate(volume.slabs):
                colour = GROUP_COLOURS[LAYER_KINDS[row.kind].group]
                marks += _box(left + thickness + SLAB * i, top, SLAB, height, depth, colour, hover_title(row))
            over = y - half - 6
            if volume.detail:
                marks.append(text(centre, over, volume.detail, "detail centred"))
                over -= 14
            marks.append(text(centre, over, volume.label, "label centred"))
            marks.append(text(centre, y + half + 14, shape_text(volume.shape), "shape centred"))
            return marks

        over = 34.0 if volume.detail else 20.0
        return Part(width, half + over, half + 18, paint, lead=margin, trail=margin)

    def size(self, shape: Shape) -> tuple[float, float, float]:
        """Thickness, height and depth in pixels."""
        if len(shape) == 3:
            channels, height, width = shape
            return 2 + 1.6 * math.sqrt(channels), max(2.0, height * self.scale), width * self.scale
        return 8.0, min(self.tallest + 20, max(3.0, 2.2 * math.sqrt(shape[0]))), 0.0

    def misfit(self, problem: Problem) -> Part:
        """A box in place of the layer that does not fit, and how many layers are left out behind it."""
        behind = self.behind(problem)
        more = f"and {behind} behind it" if behind else ""
        half = 0.3 * self.tallest
        width = max(text_width("does not fit"), text_width(more), text_width(problem.name, bold=True))

        def paint(x: float, y: float) -> list[Mark]:
            centre = x + width / 2
            box = rectangle(centre - 20, y - half, 40, 2 * half, "misfit", rx=3)
            marks = [
                Mark("rect", box.attributes, title=problem.sentence),
                text(centre, y + 9, "!", "alarm centred"),
                text(centre, y - half - 20, problem.name, "label centred"),
                text(centre, y + half + 14, "does not fit", "shape centred"),
            ]
            return [*marks, text(centre, y - half - 6, more, "detail centred")] if more else marks

        margin = width / 2 - 20
        return Part(width, half + 34, half + 18, paint, lead=margin, trail=margin)

    def behind(self, problem: Problem) -> int:
        """Layers whose shapes are not known, but for the one that does not fit and the blocks it stands in."""
        off: set[Place] = set()
        left = 0
        for place, layer in walk(self.analysis.spec.layers):
            if not layer.enabled or place[:-2] in off:
                off.add(place)
            elif place not in self.rows and problem.place and problem.place[: len(place)] != place:
                left += 1
        return left


def _keeps_shape(row: LayerRow) -> bool:
    kind = LAYER_KINDS[row.kind]
    return row.output_shape == row.input_shape and isinstance(kind, LayerKind) and kind.elementwise


def _volume(row: LayerRow, layer: LayerSpec) -> Volume:
    kind = LAYER_KINDS[row.kind]
    default = next((f.default for f in kind.fields if f.name == "kernel"), None)
    side = dict(layer.settings).get("kernel", default)
    detail = f"{side} × {side}" if side else ""
    return Volume(row.name, detail, row.output_shape, hover_title(row), GROUP_COLOURS[kind.group])


def _projection(words: str) -> Part:
    """What brings x to another shape on its way around."""
    width = text_width(f"W·x  {words}") + 14

    def paint(x: float, y: float) -> list[Mark]:
        box = rectangle(x, y - 10, width, 20, "projection", rx=10)
        return [box, text(x + width / 2, y + 4, f"W·x  {words}", "detail centred")]

    return Part(width, 12, 10, paint)


def _box(
    x: float, y: float, thickness: float, height: float, depth: float, colour: str, title: str
) -> list[Mark]:
    """Front, top and side; the depth goes up and to the right."""
    dx, dy = 0.3 * depth, -0.2 * depth
    right, bottom = x + thickness, y + height
    faces = [("front", [(x, y), (right, y), (right, bottom), (x, bottom)])]
    if depth:
        faces.append(("top", [(x, y), (x + dx, y + dy), (right + dx, y + dy), (right, y)]))
        faces.append(("side", [(right, y), (right + dx, y + dy), (right + dx, bottom + dy), (right, bottom)]))
    return [
        Mark(
            "polygon",
            {
                "class": f"face {face}",
                "fill": shade(colour, _LIGHT[face]),
                "points": " ".join(f"{a:.1f},{b:.1f}" for a, b in points),
            },
            title=title,
        )
        for face, points in faces
    ]
