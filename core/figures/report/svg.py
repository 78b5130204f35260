"""Drawings as SVG files of their own, on white paper: diagrams, matrices, images in rows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import Any

import pandas as pd
import vl_convert
from PIL import Image

from core.figures.drawing import LEGEND, Drawing
from core.figures.images import data_url
from core.figures.palette import PETROFF_10

FONT = "'Liberation Sans', Arial, Helvetica, sans-serif"
INK, RED = "#1b1f24", PETROFF_10[2]
_RIGHT, _WRONG = "#2b6cb0", "#c2410c"  # blue is right and orange wrong, as on the page

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


def document(width: float, height: float, body: str, style: str = "") -> str:
    """A whole SVG file."""
    styles = f"<style>{style}</style>" if style else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.1f} {height:.1f}" font-family="{FONT}">{styles}'
        f'<rect width="100%" height="100%" fill="white"/>{body}</svg>'
    )


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


def chart(spec: dict[str, Any], table: pd.DataFrame, width: int, height: int) -> str:
    """A Vega-Lite chart of this table; no network is needed."""
    whole = {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",  # a name, which nobody fetches
        **spec,
        "background": "white",
        "width": width,
        "height": height,
        "data": {"values": json.loads(table.to_json(orient="records"))},
        "config": {"view": {"stroke": None}},
    }
    return str(vl_convert.vegalite_to_svg(whole))


CELL, NAMES, MOST_NUMBERS = (
    46.0,
    96.0,
    20,
)  # pixels of a cell and of the names; classes up to which cells have numbers


def matrix(figure: Mapping[str, Any]) -> str:
    """A confusion matrix, or a difference of two, as `core.figures.confusion` describes it."""
    classes: list[str] = figure["classes"]
    count = len(classes)
    numbers = count <= MOST_NUMBERS
    side = CELL if numbers else max(4.0, CELL * MOST_NUMBERS / count / 1.5)
    left, top = NAMES + 18, NAMES
    parts = [
        _text(left + count * side / 2, 11, "predicted class", "middle", 11, "#4b5563"),
        f'<g transform="translate(9 {top + count * side / 2:.1f}) rotate(-90)">'
        + _text(0, 0, "true class", "middle", 11, "#4b5563")
        + "</g>",
    ]
    size = min(12.0, side)
    for place, name in enumerate(classes):
        middle = (place + 0.5) * side
        parts.append(_text(left - 5, top + middle + size / 3, _short(name), "end", size))
        parts.append(
            f'<g transform="translate({left + middle + size / 3:.1f} {top - 5:.1f}) rotate(-60)">'
            + _text(0, 0, _short(name), "start", size)
            + "</g>"
        )
    for place, cell in enumerate(figure["cells"]):
        x, y = left + place % count * side, top + place // count * side
        colour = _RIGHT if cell["right"] else _WRONG
        ink = "white" if cell["shade"] > 0.6 else "#9ca3af" if cell["empty"] else INK
        if numbers or cell["shade"]:
            parts.append(
                f'<rect x="{x:.1f}" y="{y:.1f}" width="{side:.1f}" height="{side:.1f}" fill="{colour}" '
                f'fill-opacity="{0.9 * cell["shade"]:.3f}" stroke="#e5e7eb" stroke-width="0.6"/>'
            )
        if numbers:
            parts.append(_text(x + side / 2, y + side / 2 + 4, cell["text"], "middle", 12, ink))
    return document(left + count * side + 40, top + count * side + 4, "".join(parts))


@dataclass(frozen=True)
class Tile:
    """One image with up to three short lines below it."""

    picture: Image.Image
    lines: tuple[str, ...]


_GAP, _LINE = 10, 13  # pixels between tiles, and of a line


def tiles(shown: Sequence[Tile], columns: int, side: int = 96) -> str:
    """Images in rows of `columns`, each `side` pixels wide, enlarged without smoothing."""
    lines = max((len(tile.lines) for tile in shown), default=0)
    step = side + _LINE * lines + _GAP + 4
    parts = []
    for place, tile in enumerate(shown):
        x, y = place % columns * (side + _GAP), place // columns * step
        large = tile.picture.resize(_enlarged(tile.picture, side), Image.Resampling.NEAREST)
        parts.append(
            f'<image x="{x}" y="{y}" width="{side}" height="{side}" href="{data_url(large)}"/>'
            f'<rect x="{x}" y="{y}" width="{side}" height="{side}" fill="none" stroke="#d1d5db" stroke-width="0.6"/>'
        )
        for number, line in enumerate(tile.lines):
            words = _short(line, int(side / 5.4))
            parts.append(_text(x, y + side + 12 + _LINE * number, words, "start", 10.5))
    rows = -(-len(shown) // columns)
    return document(columns * (side + _GAP) - _GAP, max(1, rows * step - _GAP), "".join(parts))


def _enlarged(picture: Image.Image, side: int) -> tuple[int, int]:
    """Twice as large as it is shown, in whole steps, so that pixels stay squares on paper, too."""
    times = max(1, -(-2 * side // max(picture.size)))
    return picture.width * times, picture.height * times


def _short(text: str, most: int = 16) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _text(x: float, y: float, words: str, anchor: str, size: float, fill: str = INK) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size:g}" fill="{fill}">'
        f"{escape(words)}</text>"
    )
