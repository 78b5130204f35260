"""Trouser and bag."""

from core.data.garments.pieces import Lot, Piece


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
