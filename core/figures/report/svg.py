"""SVG files of their own, on white paper: charts, matrices, images in rows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import pandas as pd
import vl_convert
from PIL import Image

from core.figures.images import data_url
from core.figures.palette import PETROFF_10

FONT = "'Liberation Sans', Arial, Helvetica, sans-serif"
INK, RED = "#1b1f24", PETROFF_10[2]
_RIGHT, _WRONG = "#2b6cb0", "#c2410c"  # blue is right and orange wrong, as on the page


def document(width: float, height: float, body: str, style: str = "") -> str:
    """A whole SVG file."""
    styles = f"<style>{style}</style>" if style else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.1f} {height:.1f}" font-family="{FONT}">{styles}'
        f'<rect width="100%" height="100%" fill="white"/>{body}</svg>'
    )


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
