"""What garments are sewn from: pieces, and the parts that all tops share."""

from dataclasses import dataclass

import numpy as np

Points = list[tuple[float, float]]
Lot = np.random.Generator


@dataclass(frozen=True)
class Piece:
    """A closed outline, or a line when `width` is given, in a shade relative to the garment's own grey."""

    points: Points
    shade: float = 1.0  # 1 is the garment's grey, 0 is black, above 1 is lighter
    width: float = 0.0  # of a line; 0 fills the outline
    round: bool = True  # smooth the corners


def mirrored(points: Points) -> Points:
    """Close a right-hand outline (from the top middle to the bottom middle) with its mirror image."""
    return points + [(-x, y) for x, y in reversed(points)]


def sleeves(shoulder: float, length: float, width: float, spread: float, shade: float) -> list[Piece]:
    """Both sleeves hang from the shoulders; `length` 1 reaches the hip, `spread` moves the hands outwards."""
    top = -0.72
    hand = (shoulder + 0.12 + spread * length, top + 0.14 + 1.35 * length)
    outer = (shoulder + 0.16 + 0.55 * spread * length, top + 0.1 + 0.45 * length)
    right = [
        (shoulder - 0.12, top - 0.05),
        (shoulder + 0.06, top + 0.02),
        outer,
        (hand[0] + width * 0.45, hand[1]),
        (hand[0] - width * 0.55, hand[1] + 0.03),
        (shoulder - 0.06, top + 0.42),
    ]
    return [Piece(right, shade), Piece([(-x, y) for x, y in right], shade)]


def body(shoulder: float, waist: float, hem: float, length: float) -> Piece:
    bottom = -0.8 + length
    return Piece(
        mirrored(
            [
                (0.16, -0.84),
                (shoulder, -0.74),
                (shoulder - 0.03, -0.4),
                (waist, -0.8 + 0.55 * length),
                (hem, bottom - 0.03),
                (hem - 0.02, bottom),
            ]
        ),
        round=False,
    )


def neck(width: float, depth: float, shade: float, pointed: bool) -> Piece:
    points = [(width, -0.9), (width * 0.75, -0.84 + depth * 0.5), (0.0, -0.84 + depth)]
    if pointed:
        points = [(width, -0.9), (0.0, -0.84 + depth)]
    return Piece(mirrored(points), shade, round=not pointed)


def front(lot: Lot, bottom: float, buttons: int, shade: float) -> list[Piece]:
    """An opening down the middle with buttons."""
    x = lot.uniform(-0.03, 0.03)
    line = [Piece([(x, -0.66), (x, bottom)], shade, width=0.05)]
    for y in np.linspace(-0.55, bottom - 0.15, buttons):
        line.append(Piece([(x + 0.07, y - 0.02), (x + 0.07, y + 0.03)], 2 - shade, width=0.05))
    return line


def collar(lot: Lot, size: float, shade: float) -> list[Piece]:
    right = [(0.02, -0.66), (0.12, -0.9), (0.24, -0.84), (0.14 + size * 0.4, -0.66 + size * 0.5)]
    return [Piece(right, shade, round=False), Piece([(-x, y) for x, y in right], shade, round=False)]
