"""T-shirt, pullover, dress, coat and shirt: the same parts, cut alike enough to be taken for one another."""

from core.data.garments.pieces import Lot, Piece, body, collar, front, mirrored, neck, sleeves


def t_shirt(lot: Lot) -> list[Piece]:
    shoulder, length = lot.uniform(0.42, 0.56), lot.uniform(1.35, 1.65)
    hem = shoulder + lot.uniform(-0.08, 0.06)
    pieces = sleeves(shoulder, lot.uniform(0.2, 0.48), lot.uniform(0.22, 0.34), lot.uniform(0.2, 0.75), 0.94)
    pieces += [body(shoulder, hem - lot.uniform(0, 0.08), hem, length)]
    pieces += [
        neck(lot.uniform(0.14, 0.26), lot.uniform(0.08, 0.3), lot.choice([0.0, 0.45]), lot.random() < 0.3)
    ]
    if lot.random() < 0.35:  # a print on the chest
        w, h, y = lot.uniform(0.12, 0.3), lot.uniform(0.08, 0.25), lot.uniform(-0.35, 0.05)
        pieces.append(Piece([(-w, y - h), (w, y - h), (w, y + h), (-w, y + h)], lot.choice([0.5, 0.7, 1.5])))
    return pieces


def pullover(lot: Lot) -> list[Piece]:
    shoulder, length = lot.uniform(0.44, 0.58), lot.uniform(1.4, 1.65)
    hem = shoulder + lot.uniform(-0.06, 0.06)
    long = lot.uniform(0.82, 1.04)
    shade = lot.uniform(0.85, 1.02)
    pieces = sleeves(shoulder, long, lot.uniform(0.2, 0.3), lot.uniform(0.04, 0.26), shade)
    pieces += [body(shoulder, hem + lot.uniform(-0.02, 0.05), hem, length)]
    rib = lot.uniform(0.72, 1.0)
    bottom = -0.8 + length
    pieces.append(Piece([(-hem, bottom - 0.05), (hem, bottom - 0.05)], rib, width=0.1))
    if lot.random() < 0.15:  # a hood
        pieces.append(Piece(mirrored([(0.0, -1.0), (0.26, -0.92), (0.3, -0.72), (0.0, -0.55)]), 0.85))
    else:
        pieces.append(
            neck(
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
        pieces += sleeves(
            shoulder + 0.02, lot.uniform(0.15, 0.95), lot.uniform(0.14, 0.22), lot.uniform(0.05, 0.3), 0.95
        )
    pieces += [Piece(mirrored(right), round=False)]
    pieces.append(neck(lot.uniform(0.1, 0.2), lot.uniform(0.05, 0.3), 0.0, lot.random() < 0.5))
    if lot.random() < 0.5:
        pieces.append(Piece([(-waist, at), (waist, at)], lot.uniform(0.5, 1.3), width=0.07))
    return pieces


def coat(lot: Lot) -> list[Piece]:
    shoulder, length = lot.uniform(0.42, 0.55), lot.uniform(1.5, 1.78)
    hem = shoulder + lot.uniform(-0.04, 0.12)
    pieces = sleeves(
        shoulder,
        lot.uniform(0.85, 1.08),
        lot.uniform(0.2, 0.3),
        lot.uniform(0.04, 0.22),
        lot.uniform(0.82, 1.0),
    )
    pieces += [body(shoulder, hem - lot.uniform(0.0, 0.1), hem, length)]
    bottom = -0.8 + length
    if lot.random() < 0.85:
        pieces += front(lot, bottom, int(lot.integers(0, 5)), lot.uniform(0.25, 0.8))
    if lot.random() < 0.7:
        pieces += collar(lot, lot.uniform(0.1, 0.4), lot.uniform(0.7, 1.15))
    else:
        pieces.append(neck(0.16, lot.uniform(0.05, 0.15), 0.4, False))
    if lot.random() < 0.4:  # pockets
        y = lot.uniform(0.15, 0.4)
        pieces += [Piece([(s * 0.18, y), (s * 0.36, y)], lot.uniform(0.4, 0.8), width=0.05) for s in (-1, 1)]
    return pieces


def shirt(lot: Lot) -> list[Piece]:
    shoulder, length = lot.uniform(0.4, 0.54), lot.uniform(1.4, 1.7)
    hem = shoulder + lot.uniform(-0.08, 0.05)
    short = lot.random() < 0.3
    long = lot.uniform(0.25, 0.5) if short else lot.uniform(0.8, 1.02)
    spread = lot.uniform(0.2, 0.7) if short else lot.uniform(0.05, 0.28)
    pieces = sleeves(shoulder, long, lot.uniform(0.18, 0.28), spread, lot.uniform(0.85, 1.0))
    pieces += [body(shoulder, hem - lot.uniform(0.0, 0.08), hem, length)]
    if lot.random() < 0.6:
        pieces += front(lot, -0.8 + length - 0.05, int(lot.integers(2, 6)), lot.uniform(0.6, 0.9))
    if lot.random() < 0.6:
        pieces += collar(lot, lot.uniform(0.0, 0.2), lot.uniform(0.9, 1.3))
    else:
        pieces.append(
            neck(lot.uniform(0.13, 0.24), lot.uniform(0.06, 0.32), lot.choice([0.1, 0.5]), lot.random() < 0.5)
        )
    return pieces
