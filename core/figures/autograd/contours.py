"""Lines of equal height over a grid, as straight pieces."""

import math
from typing import Any

from core.autograd.play.landscape import Landscape

LEVELS = 14


def contour_segments(land: Landscape) -> list[dict[str, Any]]:
    """Straight pieces of the lines of equal loss (marching squares), closer together near the bottom."""
    finite = [loss for row in land.losses for loss in row if math.isfinite(loss)]
    if not finite or max(finite) == min(finite):
        return []
    low, high = min(finite), max(finite)
    levels = [low + (high - low) * ((k + 0.5) / LEVELS) ** 2 for k in range(LEVELS)]
    rows: list[dict[str, Any]] = []
    for j in range(0, len(land.ys) - 1):
        for i in range(0, len(land.xs) - 1):
            corners = [(land.xs[i + a], land.ys[j + b], land.losses[j + b][i + a]) for a, b in _CORNERS]
            values = [corner[2] for corner in corners]
            if not all(map(math.isfinite, values)):
                continue
            for level in levels:
                if min(values) < level <= max(values):
                    rows += _pieces(corners, level)
    return rows


_CORNERS = ((0, 0), (1, 0), (1, 1), (0, 1))  # around a square


def _pieces(corners: list[tuple[float, float, float]], level: float) -> list[dict[str, Any]]:
    """Where the sides of a square cross `level`, joined two by two."""
    crossings = []
    for (x, y, a), (x2, y2, b) in zip(corners, corners[1:] + corners[:1], strict=True):
        if (a < level) != (b < level):
            share = (level - a) / (b - a)
            crossings.append((x + share * (x2 - x), y + share * (y2 - y)))
    return [
        {"kind": "contour", "loss": level, "x": x, "y": y, "x2": x2, "y2": y2}
        for (x, y), (x2, y2) in zip(crossings[::2], crossings[1::2], strict=True)
    ]
