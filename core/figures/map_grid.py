"""Several attribution maps side by side: tiles for the browser, one PNG, and the numbers as CSV and for NumPy."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from core.figures.images import css_gradient, data_url, grey, heat_map, png
from core.inspection.maps import AttributionMap

BINS = 24  # of a histogram
_SIDE, _TEXT = 224, 22  # pixels of a tile in the PNG, and of the line above it
_COLUMNS = 5


@dataclass(frozen=True, eq=False)
class Tile:
    """One map with the image that it is of; without a map, `why`, or the image alone."""

    title: str
    pixels: Tensor  # uint8 (C, H, W)
    found: AttributionMap | None = None
    note: str = ""
    why: str = ""


def common_extent(tiles: Sequence[Tile]) -> float | None:
    """Where one colour scale for all these maps ends; None where there is no map."""
    extents = [tile.found.extent for tile in tiles if tile.found]
    return max(extents) if extents else None


def map_grid(
    tiles: Sequence[Tile],
    one_scale: bool = False,
    tile: int = 130,
    columns: int = 20,
    opacity: int = 100,
    plain: bool = False,
) -> dict[str, Any]:
    """What the browser draws: the tiles, each in its own colour scale or all in one; `tile` is their least
    width in CSS pixels, `opacity` (per cent) that of the maps to begin with; `plain` ones have no scale.
    """
    extent = common_extent(tiles) if one_scale else None
    _, height, width = tiles[0].pixels.shape if tiles else (1, 1, 1)
    return {
        "tiles": [_drawn(one, extent) for one in tiles],
        "width": width,
        "height": height,
        "tile": tile,
        "columns": columns,
        "opacity": opacity,
        "plain": plain,
    }


def _drawn(tile: Tile, extent: float | None) -> dict[str, Any]:
    drawn: dict[str, Any] = {
        "title": tile.title,
        "note": tile.note,
        "why": tile.why,
        "under": data_url(grey(tile.pixels)),
        "grey": tile.pixels.float().mean(dim=0).round().int().flatten().tolist(),
    }
    found = tile.found
    if found is None:
        return drawn
    end = found.extent if extent is None else extent
    return drawn | {
        "map": data_url(heat_map(found.plane, found.signed, end)),
        "scores": [float(f"{score:.3g}") for score in found.plane.flatten().tolist()],
        "gradient": css_gradient(found.signed),
        "low": f"−{end:.2g}" if found.signed else "0",
        "high": f"{end:.2g}",
        "bins": histogram(found.plane, found.signed, end),
    }


def histogram(plane: Tensor, signed: bool, extent: float) -> list[float]:
    """How many scores lie in each of BINS parts of the colour scale, as the square root of their share of the
    fullest part.
    """
    counts = torch.histc(plane.float(), BINS, -extent if signed else 0.0, extent) if extent > 0 else None
    if counts is None or float(counts.max()) == 0:
        return [0.0] * BINS
    return [round(float(share), 3) for share in (counts / counts.max()).sqrt()]


def sheet_png(tiles: Sequence[Tile], one_scale: bool = False) -> bytes:
    """All maps as one PNG file, with a title over each and the ends of its colour scale."""
    extent = common_extent(tiles) if one_scale else None
    columns = max(1, min(_COLUMNS, len(tiles)))
    rows = -(-len(tiles) // columns)
    sheet = Image.new("RGB", (columns * (_SIDE + 8) - 8, rows * (_SIDE + 2 * _TEXT)), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(14)
    for place, tile in enumerate(tiles):
        left, top = place % columns * (_SIDE + 8), place // columns * (_SIDE + 2 * _TEXT)
        draw.text((left, top + 2), _fitting(draw, tile.title, font), fill="black", font=font)
        picture, ends = grey(tile.pixels), tile.why
        if tile.found:
            end = tile.found.extent if extent is None else extent
            picture = heat_map(tile.found.plane, tile.found.signed, end)
            ends = f"{f'-{end:.2g}' if tile.found.signed else '0'} to {end:.2g}"
        large = picture.convert("RGB").resize((_SIDE, _SIDE), Image.Resampling.NEAREST)
        sheet.paste(large, (left, top + _TEXT))
        draw.text((left, top + _TEXT + _SIDE + 1), _fitting(draw, ends, font), fill="black", font=font)
    return png(sheet)


def _fitting(draw: ImageDraw.ImageDraw, text: str, font: Any) -> str:
    """As much of a text as a tile is wide."""
    while text and draw.textlength(text, font=font) > _SIDE:
        text = text[:-1]
    return text


def numbers_csv(tiles: Sequence[Tile]) -> bytes:
    """All maps as one table, a line for each score: map, row and column from 0, score, all digits of its float32.

    With maps that have a score for each channel there is a column for it, too; empty is one of all channels together.
    """
    found = [(tile.title, tile.found.scores.numpy()) for tile in tiles if tile.found]
    channels = any(len(scores) > 1 for _, scores in found)
    text = io.StringIO(newline="")
    lines = csv.writer(text)
    lines.writerow(["map", *(["channel"] if channels else []), "row", "column", "score"])
    for title, scores in found:
        for (channel, row, column), score in np.ndenumerate(scores):
            of = [channel if len(scores) > 1 else ""] if channels else []
            lines.writerow([title, *of, row, column, score])
    return text.getvalue().encode("utf-8-sig")  # without the mark, Excel would spoil the × and → of titles


def numbers_npz(tiles: Sequence[Tile]) -> bytes:
    """All maps as a NumPy file: maps (n, C, H, W), titles, targets and signed (n,), pixels (n, C, H, W)."""
    shown = [tile for tile in tiles if tile.found]
    found = [tile.found for tile in shown if tile.found]
    file = io.BytesIO()
    channels = max((len(one.scores) for one in found), default=1)
    np.savez_compressed(
        file,
        maps=np.stack(
            [one.scores.numpy() if len(one.scores) == channels else _spread(one.scores, channels) for one in found]
        )
        if found
        else np.zeros((0, 1, 1, 1), np.float32),
        titles=np.array([tile.title for tile in shown], dtype=np.str_),
        targets=np.array([one.target for one in found], dtype=np.int64),
        signed=np.array([one.signed for one in found], dtype=np.bool_),
        pixels=np.stack([tile.pixels.numpy() for tile in shown]) if shown else np.zeros((0, 1, 1, 1), np.uint8),
    )  # fmt: skip
    return file.getvalue()


def _spread(scores: Tensor, channels: int) -> np.ndarray:
    """A map of all channels together, (1, H, W) → (C, H, W), so that the sum over channels stays the same."""
    spread: np.ndarray = (scores.expand(channels, -1, -1) / channels).numpy()
    return spread
