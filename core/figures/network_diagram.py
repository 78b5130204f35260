"""A network as a row of feature-map volumes, as papers draw them: a drawing of plain shapes, placed here."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

from core.figures.palette import PETROFF_10
from core.networks.analysis import Analysis
from core.networks.edit import layer_at
from core.networks.kind import LayerKind
from core.networks.kinds import LAYER_KINDS
from core.networks.rows import LayerRow
from core.networks.spec import Shape, shape_text

GROUP_COLOURS = {
    "Convolution": PETROFF_10[0],
    "Activation": PETROFF_10[1],
    "Pooling": PETROFF_10[2],
    "Normalisation": PETROFF_10[7],
    "Regularisation": PETROFF_10[5],
    "Dense": PETROFF_10[4],
    "Resizing": PETROFF_10[9],
    "Block": PETROFF_10[8],
}
INPUT_COLOUR = PETROFF_10[3]

TALLEST = 104.0  # pixels of the tallest feature map on the drawing
MIDDLE = 103.0  # height of the line along which the volumes stand
GAP = 22.0  # between volumes, where the arrow is
SLAB = 5.0  # thickness of an elementwise layer, which keeps the shape of the volume before it
CHARACTER = 6.6  # width of one at 12 pixels, on average
HEIGHT = 216.0


@dataclass(frozen=True)
class Mark:
    """One SVG element."""

    tag: str
    attributes: dict[str, str | float]
    text: str = ""
    title: str = ""  # what the pointer shows over it


@dataclass(frozen=True)
class Drawing:
    """SVG elements in the order in which they are painted, and the space they take in pixels."""

    width: float
    height: float
    marks: tuple[Mark, ...]
    description: str  # for those who can't see it


@dataclass
class Volume:
    """One block of the drawing: an output, and the elementwise layers that leave its shape as it is."""

    label: str
    detail: str
    shape: Shape
    title: str
    colour: str
    slabs: list[LayerRow] = field(default_factory=list)


def network_diagram(analysis: Analysis) -> Drawing:
    """Volumes to scale: height and depth are the feature map's, thickness grows with √channels.

    A flat layer is a bar whose height grows with √numbers. Layers behind a problem are counted, not drawn.
    """
    volumes = _volumes(analysis)
    scale = TALLEST / max((max(v.shape[1:]) for v in volumes if len(v.shape) == 3), default=TALLEST)
    marks: list[Mark] = []
    x = 8.0
    for i, volume in enumerate(volumes):
        if i:
            marks += _arrow(x - GAP + 4, x - 4)
        drawn, x = _draw(volume, x, scale)
        marks += drawn
        x += GAP
    for problem in analysis.problems:
        if problem.place:
            left = [layer for layer in analysis.spec.layers[problem.place[0] :] if layer.enabled]
            marks += _misfit(problem.name, len(left) - 1, x)
            x += 96 + GAP
    legend = list(_legend(analysis))
    width = max(x - GAP + 8, 130.0 * len(legend) / 2)
    shapes = "; ".join(f"{row.name} {shape_text(row.output_shape)}" for row in analysis.rows)
    described = f"{analysis.spec.name}: input {shape_text(analysis.input_shape)}; {shapes}"
    return Drawing(width, HEIGHT, (*marks, *legend), described)


def _volumes(analysis: Analysis) -> list[Volume]:
    volumes = [
        Volume(
            "input",
            "",
            analysis.input_shape,
            f"one image: {shape_text(analysis.input_shape)}",
            INPUT_COLOUR,
        )
    ]
    for row in analysis.rows:
        kind = LAYER_KINDS[row.kind]
        if row.output_shape == row.input_shape and isinstance(kind, LayerKind) and kind.elementwise:
            volumes[-1].slabs.append(row)
        else:
            settings = dict(layer_at(analysis.spec, row.place).settings)
            side = settings.get("kernel") or next(
                (f.default for f in kind.fields if f.name == "kernel"), None
            )
            detail = f"{side} × {side}" if side else ""
            volumes.append(Volume(row.name, detail, row.output_shape, _title(row), GROUP_COLOURS[kind.group]))
    return volumes


def _title(row: LayerRow) -> str:
    change = f"{shape_text(row.input_shape)} → {shape_text(row.output_shape)}"
    learned = f"{row.parameters:,} parameters" if row.parameters else "no parameters"
    return f"{row.name} ({row.kind}): {change}; {learned}"


def _draw(volume: Volume, x: float, scale: float) -> tuple[list[Mark], float]:
    """The marks of a volume whose space begins at `x`, and where that space ends."""
    thickness, height, depth = _size(volume.shape, scale)
    body = thickness + SLAB * len(volume.slabs) + 0.3 * depth
    text = CHARACTER * max(len(shape_text(volume.shape)), len(volume.label))
    space = max(body, text)
    left = x + (space - body) / 2
    top = MIDDLE - height / 2 + 0.1 * depth
    marks = _box(left, top, thickness, height, depth, volume.colour, volume.title)
    for i, row in enumerate(volume.slabs):
        colour = GROUP_COLOURS[LAYER_KINDS[row.kind].group]
        marks += _box(left + thickness + SLAB * i, top, SLAB, height, depth, colour, _title(row))
    centre = x + space / 2
    marks += [
        _text(centre, 14, volume.label, "label"),
        _text(centre, 28, volume.detail, "detail"),
        _text(centre, HEIGHT - 34, shape_text(volume.shape), "shape"),
    ]
    return [mark for mark in marks if mark.tag != "text" or mark.text], x + space


def _size(shape: Shape, scale: float) -> tuple[float, float, float]:
    """Thickness, height and depth in pixels."""
    if len(shape) == 3:
        channels, height, width = shape
        return 2 + 1.6 * math.sqrt(channels), max(2.0, height * scale), width * scale
    return 8.0, min(TALLEST + 20, max(3.0, 2.2 * math.sqrt(shape[0]))), 0.0


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
                "fill": colour,
                "points": " ".join(f"{a:.1f},{b:.1f}" for a, b in points),
            },
            title=title,
        )
        for face, points in faces
    ]


def _arrow(start: float, end: float) -> list[Mark]:
    tip = f"M{end - 4:.1f} {MIDDLE - 3}L{end:.1f} {MIDDLE}L{end - 4:.1f} {MIDDLE + 3}"
    return [Mark("path", {"class": "arrow", "d": f"M{start:.1f} {MIDDLE}H{end:.1f}{tip}"})]


def _misfit(name: str, behind: int, x: float) -> list[Mark]:
    more = f"and {behind} behind it" if behind else ""
    marks = [
        *_arrow(x - GAP + 4, x - 4),
        Mark(
            "rect",
            {"class": "misfit", "x": x + 28, "y": MIDDLE - 45, "width": 40, "height": 90, "rx": 3},
            title=f"{name} does not fit",
        ),
        _text(x + 48, MIDDLE + 9, "!", "alarm"),
        _text(x + 48, 14, name, "label"),
        _text(x + 48, HEIGHT - 34, "does not fit", "shape"),
    ]
    return [*marks, _text(x + 48, 28, more, "detail")] if more else marks


def _legend(analysis: Analysis) -> Iterator[Mark]:
    groups = dict.fromkeys(LAYER_KINDS[row.kind].group for row in analysis.rows)
    x = 8.0
    for group in groups:
        yield Mark(
            "rect",
            {
                "class": "key",
                "x": x,
                "y": HEIGHT - 15,
                "width": 10,
                "height": 10,
                "fill": GROUP_COLOURS[group],
            },
        )
        yield Mark("text", {"class": "detail", "x": x + 15, "y": HEIGHT - 6}, text=group)
        x += 15 + CHARACTER * len(group) + 18


def _text(x: float, y: float, text: str, name: str) -> Mark:
    return Mark("text", {"class": f"{name} centred", "x": round(x, 1), "y": y}, text=text)
