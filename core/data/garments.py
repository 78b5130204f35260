"""Ten garments as outlines: each function draws one's cut by lot and gives the pieces that it is sewn from.

Coordinates: x from −1 (left) to 1 (right), y from −1 (top) to 1 (bottom). The names are Fashion-MNIST's.
"""

from collections.abc import Callable
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


def _mirrored(points: Points) -> Points:
    """Close a right-hand outline (from the top middle to the bottom middle) with its mirror image."""
    return points + [(-x, y) for x, y in reversed(points)]


def _sleeves(shoulder: float, length: float, width: float, spread: float, shade: float) -> list[Piece]:
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


def _body(shoulder: float, waist: float, hem: float, length: float) -> Piece:
    bottom = -0.8 + length
    return Piece(
        _mirrored(
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


def _neck(width: float, depth: float, shade: float, pointed: bool) -> Piece:
    points = [(width, -0.9), (width * 0.75, -0.84 + depth * 0.5), (0.0, -0.84 + depth)]
    if pointed:
        points = [(width, -0.9), (0.0, -0.84 + depth)]
    return Piece(_mirrored(points), shade, round=not pointed)


def _front(lot: Lot, bottom: float, buttons: int, shade: float) -> list[Piece]:
    """An opening down the middle with buttons."""
    x = lot.uniform(-0.03, 0.03)
    line = [Piece([(x, -0.66), (x, bottom)], shade, width=0.05)]
    for y in np.linspace(-0.55, bottom - 0.15, buttons):
        line.append(Piece([(x + 0.07, y - 0.02), (x + 0.07, y + 0.03)], 2 - shade, width=0.05))
    return line


def _collar(lot: Lot, size: float, shade: float) -> list[Piece]:
    right = [(0.02, -0.66), (0.12, -0.9), (0.24, -0.84), (0.14 + size * 0.4, -0.66 + size * 0.5)]
    return [Piece(right, shade, round=False), Piece([(-x, y) for x, y in right], shade, round=False)]


def t_shirt(lot: Lot) -> list[Piece]:
    shoulder, length = lot.uniform(0.42, 0.56), lot.uniform(1.35, 1.65)
    hem = shoulder + lot.uniform(-0.08, 0.06)
    pieces = _sleeves(shoulder, lot.uniform(0.2, 0.48), lot.uniform(0.22, 0.34), lot.uniform(0.2, 0.75), 0.94)
    pieces += [_body(shoulder, hem - lot.uniform(0, 0.08), hem, length)]
    pieces += [
        _neck(lot.uniform(0.14, 0.26), lot.uniform(0.08, 0.3), lot.choice([0.0, 0.45]), lot.random() < 0.3)
    ]
    if lot.random() < 0.35:  # a print on the chest
        w, h, y = lot.uniform(0.12, 0.3), lot.uniform(0.08, 0.25), lot.uniform(-0.35, 0.05)
        pieces.append(Piece([(-w, y - h), (w, y - h), (w, y + h), (-w, y + h)], lot.choice([0.5, 0.7, 1.5])))
    return pieces


def trouser(lot: Lot) -> list[Piece]:
    waist, crotch = lot.uniform(0.24, 0.36), lot.uniform(-0.4, -0.2)
    ankle, apart = lot.uniform(0.11, 0.24), lot.uniform(0.03, 0.2)
    end = lot.uniform(0.35, 0.55) if lot.random() < 0.12 else lot.uniform(0.82, 0.95)  # some are shorts
    right = [
        (0.0, -0.92),
        (waist, -0.92),
        (waist + lot.uniform(0.03, 0.1), -0.5),
        (apart + ankle + 0.06, 0.1),
        (apart + ankle, end),
        (apart, end),
        (apart * 0.5, 0.1),
        (0.0, crotch),
    ]
    pieces = [Piece(right, 1.0, round=False), Piece([(-x, y) for x, y in right], 0.95, round=False)]
    pieces.append(Piece([(-waist, -0.86), (waist, -0.86)], lot.uniform(0.6, 0.85), width=0.1))
    return pieces


def pullover(lot: Lot) -> list[Piece]:
    shoulder, length = lot.uniform(0.44, 0.58), lot.uniform(1.4, 1.65)
    hem = shoulder + lot.uniform(-0.06, 0.06)
    long = lot.uniform(0.82, 1.04)
    shade = lot.uniform(0.85, 1.02)
    pieces = _sleeves(shoulder, long, lot.uniform(0.2, 0.3), lot.uniform(0.04, 0.26), shade)
    pieces += [_body(shoulder, hem + lot.uniform(-0.02, 0.05), hem, length)]
    rib = lot.uniform(0.72, 1.0)
    bottom = -0.8 + length
    pieces.append(Piece([(-hem, bottom - 0.05), (hem, bottom - 0.05)], rib, width=0.1))
    if lot.random() < 0.15:  # a hood
        pieces.append(Piece(_mirrored([(0.0, -1.0), (0.26, -0.92), (0.3, -0.72), (0.0, -0.55)]), 0.85))
    else:
        pieces.append(
            _neck(
                lot.uniform(0.14, 0.24),
                lot.uniform(0.05, 0.22),
                lot.choice([0.15, 0.55]),
                lot.random() < 0.25,
            )
        )
    return pieces


def dress(lot: Lot) -> list[Piece]:
    shoulder, waist = lot.uniform(0.2, 0.34), lot.uniform(0.17, 0.28)
    hem, end = waist + lot.uniform(0.06, 0.38), lot.uniform(0.72, 0.96)
    at = lot.uniform(-0.3, -0.05)  # height of the waist
    right = [
        (0.1, -0.93),
        (shoulder, -0.9),
        (shoulder - 0.03, -0.55),
        (waist, at),
        ((waist + hem) / 2 + 0.02, (at + end) / 2),
        (hem, end),
    ]
    pieces = []
    if lot.random() < 0.45:
        pieces += _sleeves(
            shoulder + 0.02, lot.uniform(0.15, 0.95), lot.uniform(0.14, 0.22), lot.uniform(0.05, 0.3), 0.95
        )
    pieces += [Piece(_mirrored(right), round=False)]
    pieces.append(_neck(lot.uniform(0.1, 0.2), lot.uniform(0.05, 0.3), 0.0, lot.random() < 0.5))
    if lot.random() < 0.5:
        pieces.append(Piece([(-waist, at), (waist, at)], lot.uniform(0.5, 1.3), width=0.07))
    return pieces


def coat(lot: Lot) -> list[Piece]:
    shoulder, length = lot.uniform(0.42, 0.55), lot.uniform(1.5, 1.78)
    hem = shoulder + lot.uniform(-0.04, 0.12)
    pieces = _sleeves(
        shoulder,
        lot.uniform(0.85, 1.08),
        lot.uniform(0.2, 0.3),
        lot.uniform(0.04, 0.22),
        lot.uniform(0.82, 1.0),
    )
    pieces += [_body(shoulder, hem - lot.uniform(0.0, 0.1), hem, length)]
    bottom = -0.8 + length
    if lot.random() < 0.85:
        pieces += _front(lot, bottom, int(lot.integers(0, 5)), lot.uniform(0.25, 0.8))
    if lot.random() < 0.7:
        pieces += _collar(lot, lot.uniform(0.1, 0.4), lot.uniform(0.7, 1.15))
    else:
        pieces.append(_neck(0.16, lot.uniform(0.05, 0.15), 0.4, False))
    if lot.random() < 0.4:  # pockets
        y = lot.uniform(0.15, 0.4)
        pieces += [Piece([(s * 0.18, y), (s * 0.36, y)], lot.uniform(0.4, 0.8), width=0.05) for s in (-1, 1)]
    return pieces


def sandal(lot: Lot) -> list[Piece]:
    heel = lot.uniform(0.0, 0.75) if lot.random() < 0.6 else 0.08
    ground = 0.5
    top = ground - heel
    sole = [
        (-0.95, ground - 0.06),
        (-0.35, ground - 0.08),
        (0.35, top - 0.02),
        (0.9, top - 0.06),
        (0.88, top + 0.05),
    ]
    sole += [(0.35, top + 0.1), (-0.35, ground + 0.03), (-0.9, ground + 0.04)]
    pieces = [Piece(sole, lot.uniform(0.75, 1.1))]
    if heel > 0.15:
        thick = lot.uniform(0.06, 0.22)
        pieces.append(
            Piece(
                [(0.88, top), (0.9, ground + 0.04), (0.9 - thick, ground + 0.04), (0.7, top + 0.02)],
                0.9,
                round=False,
            )
        )
    width = lot.uniform(0.06, 0.13)
    for _ in range(int(lot.integers(1, 4))):  # straps over the toes
        x, high = lot.uniform(-0.75, 0.0), lot.uniform(0.25, 0.5)
        pieces.append(
            Piece(
                [(x - 0.2, ground - 0.05), (x, ground - high * 0.8), (x + 0.3, ground - heel * 0.4 - 0.05)],
                1.0,
                width,
            )
        )
    if lot.random() < 0.7:  # a strap at the ankle
        high = lot.uniform(0.3, 0.6)
        pieces.append(
            Piece([(0.85, top - 0.05), (0.88, top - high), (0.5, top - high * 0.85), (0.3, top)], 1.0, width)
        )
    return pieces


def shirt(lot: Lot) -> list[Piece]:
    shoulder, length = lot.uniform(0.4, 0.54), lot.uniform(1.4, 1.7)
    hem = shoulder + lot.uniform(-0.08, 0.05)
    short = lot.random() < 0.3
    long = lot.uniform(0.25, 0.5) if short else lot.uniform(0.8, 1.02)
    spread = lot.uniform(0.2, 0.7) if short else lot.uniform(0.05, 0.28)
    pieces = _sleeves(shoulder, long, lot.uniform(0.18, 0.28), spread, lot.uniform(0.85, 1.0))
    pieces += [_body(shoulder, hem - lot.uniform(0.0, 0.08), hem, length)]
    if lot.random() < 0.6:
        pieces += _front(lot, -0.8 + length - 0.05, int(lot.integers(2, 6)), lot.uniform(0.6, 0.9))
    if lot.random() < 0.6:
        pieces += _collar(lot, lot.uniform(0.0, 0.2), lot.uniform(0.9, 1.3))
    else:
        pieces.append(
            _neck(
                lot.uniform(0.13, 0.24), lot.uniform(0.06, 0.32), lot.choice([0.1, 0.5]), lot.random() < 0.5
            )
        )
    return pieces


def _shoe_sole(lot: Lot, thick: float) -> Piece:
    return Piece(
        [(-0.95, 0.42 - thick), (0.92, 0.42 - thick), (0.93, 0.42), (-0.92, 0.42)],
        lot.choice([0.4, 0.7, 1.3]),
    )


def sneaker(lot: Lot) -> list[Piece]:
    heel, instep = lot.uniform(-0.22, -0.02), lot.uniform(-0.25, -0.02)
    toe = lot.uniform(0.08, 0.22)
    upper = [
        (-0.95, 0.38),
        (-0.92, toe),
        (-0.55, toe - 0.1),
        (-0.05, instep),
        (0.25, instep - 0.08),
        (0.5, instep + 0.1),
        (0.78, heel),
        (0.92, heel),
        (0.93, 0.38),
    ]
    pieces = [Piece(upper), _shoe_sole(lot, lot.uniform(0.06, 0.15))]
    if lot.random() < 0.6:  # a stripe on the side
        x, slant = lot.uniform(0.0, 0.3), lot.uniform(-0.3, 0.3)
        shade = lot.choice([0.4, 1.5])
        for k in range(int(lot.integers(1, 4))):
            pieces.append(Piece([(x + 0.13 * k, 0.28), (x + slant + 0.13 * k, instep + 0.08)], shade, 0.06))
    if lot.random() < 0.6:  # laces
        for k in range(3):
            x = -0.45 + 0.17 * k
            pieces.append(
                Piece([(x, 0.1 - 0.06 * k), (x + 0.14, 0.04 - 0.06 * k)], lot.choice([0.5, 1.4]), 0.05)
            )
    return pieces


def bag(lot: Lot) -> list[Piece]:
    top, wide, slant = lot.uniform(-0.5, 0.0), lot.uniform(0.55, 0.9), lot.uniform(-0.18, 0.15)
    bottom = lot.uniform(0.5, 0.8)
    body = [(-wide + slant, top), (wide - slant, top), (wide, bottom), (-wide, bottom)]
    reach, high = lot.uniform(0.25, 0.7) * wide, lot.uniform(0.25, 0.65)
    pieces = []
    if lot.random() < 0.85:
        handle = [
            (-reach, top + 0.05),
            (-reach * 0.8, top - high * 0.8),
            (0, top - high),
            (reach * 0.8, top - high * 0.8),
        ]
        pieces.append(Piece([*handle, (reach, top + 0.05)], lot.uniform(0.6, 1.0), lot.uniform(0.06, 0.13)))
    pieces.append(Piece(body, round=lot.random() < 0.5))
    if lot.random() < 0.5:  # a flap
        edge = (top + bottom) / 2 + lot.uniform(-0.15, 0.1)
        pieces.append(
            Piece(
                [(-wide + slant, top), (wide - slant, top), (wide * 0.9, edge), (-wide * 0.9, edge)],
                lot.uniform(0.7, 1.2),
            )
        )
    if lot.random() < 0.5:  # a buckle
        y = lot.uniform(top + 0.2, bottom - 0.2)
        pieces.append(
            Piece(
                [(-0.1, y - 0.06), (0.1, y - 0.06), (0.1, y + 0.06), (-0.1, y + 0.06)],
                lot.choice([0.3, 1.6]),
                round=False,
            )
        )
    return pieces


def ankle_boot(lot: Lot) -> list[Piece]:
    heel = lot.uniform(0.05, 0.45)
    shaft, front = lot.uniform(-0.95, -0.6), lot.uniform(-0.1, 0.12)
    ground = 0.62
    upper = [
        (-0.9, ground - 0.04),
        (-0.88, ground - 0.28),
        (-0.5, ground - 0.45),
        (front - 0.12, ground - 0.75),
        (front, shaft),
        (0.78, shaft + lot.uniform(-0.05, 0.08)),
        (0.76, 0.1),
        (0.86, ground - heel),
        (0.4, ground - heel * 0.6),
        (0.0, ground - 0.02),
    ]
    pieces = [Piece(upper)]
    thick = lot.uniform(0.12, 0.4)
    pieces.append(
        Piece(
            [
                (0.85, ground - heel - 0.1),
                (0.83, ground + 0.04),
                (0.83 - thick, ground + 0.04),
                (0.8 - thick, ground - heel * 0.7 - 0.1),
            ],
            lot.uniform(0.5, 0.95),
            round=False,
        )
    )
    pieces.append(
        Piece([(-0.88, ground), (0.1, ground), (0.4, ground - heel * 0.55)], lot.uniform(0.4, 0.9), 0.07)
    )
    if lot.random() < 0.5:  # a zip or an elastic side
        pieces.append(Piece([(0.4, shaft + 0.1), (0.42, 0.1)], lot.uniform(0.4, 0.8), lot.uniform(0.05, 0.2)))
    if lot.random() < 0.4:  # a strap
        y = lot.uniform(-0.3, 0.1)
        pieces.append(Piece([(front - 0.05, y), (0.78, y + 0.05)], lot.choice([0.5, 1.4]), 0.08))
    return pieces


GARMENTS: dict[str, Callable[[Lot], list[Piece]]] = {
    "T-shirt/top": t_shirt,
    "Trouser": trouser,
    "Pullover": pullover,
    "Dress": dress,
    "Coat": coat,
    "Sandal": sandal,
    "Shirt": shirt,
    "Sneaker": sneaker,
    "Bag": bag,
    "Ankle boot": ankle_boot,
}
