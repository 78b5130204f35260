"""A network's diagram as SVG files that fit on a page: cut into strips between its boxes."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from itertools import pairwise

from core.figures.drawing import LEGEND, Drawing
from core.figures.report.svg import FONT, INK, RED, document

# the classes of core.figures.drawing, as assets/design/diagram.css has them, in ink on paper
_DIAGRAM = f"""
text {{ font-family: {FONT}; fill: {INK}; font-size: 12px; }}
.centred {{ text-anchor: middle; }}
.label, .join-word {{ font-weight: 600; font-size: 13px; }}
.title {{ font-weight: 600; font-size: 12.5px; }}
.detail {{ fill: #4b5563; }}
.face {{ stroke: white; stroke-width: 0.8; stroke-linejoin: round; }}
.arrow {{ stroke: #6b7280; stroke-width: 1.3; fill: none; }}
.fork {{ fill: #6b7280; }}
.frame {{ fill: #f6f7f8; stroke: #a3a8af; stroke-width: 1; }}
.frame.open {{ stroke-dasharray: 5 4; }}
.body, .projection, .join {{ fill: white; stroke: #8b9097; stroke-width: 1; }}
.projection {{ stroke-dasharray: 4 3; }}
.join {{ stroke-width: 1.4; }}
.sign {{ stroke: {INK}; stroke-width: 1.6; fill: none; }}
.misfit {{ fill: white; stroke: {RED}; stroke-width: 2; stroke-dasharray: 5 4; }}
.alarm, .wrong {{ fill: {RED}; font-weight: 700; }}
.faint {{ opacity: 0.4; }}
"""


WIDEST = 860.0  # pixels of a strip of a diagram: on paper its text then still has 7 points
_MARGIN = 8.0  # pixels above and below a strip
HIGHEST = 1.15  # times its width is the height of a file: with its caption it fits on a page


def diagrams(drawing: Drawing) -> list[str]:
    """A network's drawing in strips one below the other where it is wider than a page; each file fits on one."""
    marks = "".join(
        f"<{mark.tag} {_attributes(mark.attributes)}>{escape(mark.text)}</{mark.tag}>"
        for mark in drawing.marks
    )
    defined = f'<defs><g id="drawing">{marks}</g></defs>'
    windows = list(pairwise(_cuts(drawing)))
    width = max(right - left for left, right in windows)
    files: list[tuple[list[str], float]] = []  # strips, and the height that they take together
    strips: list[str] = []
    below = 0.0
    for left, right in windows:
        top, height = _reach(drawing, left, right)
        if strips and below + height > HIGHEST * width:
            files.append((strips, below))
            strips, below = [], 0.0
        strips.append(_strip(0, below, left, top, right - left, height))
        below += height
    strips.append(_strip(0, below, 0, drawing.height - LEGEND, max(width, drawing.width), LEGEND))
    files.append((strips, below + LEGEND))
    return [document(width, height, defined + "".join(strips), _DIAGRAM) for strips, height in files]


def _reach(drawing: Drawing, left: float, right: float) -> tuple[float, float]:
    """Where a strip begins from above, and its height."""
    boxes = [(y, y + high) for x, _, y, high in _boxes(drawing) if left <= x < right]
    top, bottom = min((y for y, _ in boxes), default=0.0), max((end for _, end in boxes), default=0.0)
    return top - _MARGIN, bottom - top + 2 * _MARGIN


def _boxes(drawing: Drawing) -> list[tuple[float, float, float, float]]:
    """x, width, y and height of all boxes and frames, without the legend's."""
    sizes = [
        tuple(float(mark.attributes[name]) for name in ("x", "width", "y", "height"))
        for mark in drawing.marks
        if mark.tag == "rect"
    ]
    return [(x, width, y, height) for x, width, y, height in sizes if y < drawing.height - LEGEND]


def _strip(x: float, y: float, left: float, top: float, width: float, height: float) -> str:
    """A window on the drawing, laid at (x, y)."""
    return (
        f'<svg x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" overflow="hidden" '
        f'viewBox="{left:.1f} {top:.1f} {width:.1f} {height:.1f}"><use href="#drawing"/></svg>'
    )


def _cuts(drawing: Drawing) -> list[float]:
    """Where the strips begin and end: between boxes, so that each is as wide as WIDEST allows."""
    boxes = sorted((x, x + width) for x, width, _, _ in _boxes(drawing))
    gaps, end = [], 0.0  # the middles of what no box covers
    for left, right in boxes:
        if end and left > end:
            gaps.append((left + end) / 2)
        end = max(end, right)
    cuts = [0.0]
    for gap, after in zip(gaps, [*gaps[1:], drawing.width], strict=True):
        if after - cuts[-1] > WIDEST:
            cuts.append(gap)
    return [*cuts, drawing.width]


def _attributes(attributes: Mapping[str, str | float]) -> str:
    return " ".join(f'{name}="{escape(str(value))}"' for name, value in attributes.items())
