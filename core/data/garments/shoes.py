"""Sandal, sneaker and ankle boot: all point to the left, as in Fashion-MNIST."""

from core.data.garments.pieces import Lot, Piece


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
