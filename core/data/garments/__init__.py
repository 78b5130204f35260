"""Ten garments as outlines: each function draws one's cut by lot and gives the pieces that it is sewn from.

Coordinates: x from −1 (left) to 1 (right), y from −1 (top) to 1 (bottom). The names are Fashion-MNIST's.
"""

from collections.abc import Callable

from core.data.garments.others import bag, trouser
from core.data.garments.pieces import Lot, Piece
from core.data.garments.shoes import ankle_boot, sandal, sneaker
from core.data.garments.tops import coat, dress, pullover, shirt, t_shirt

__all__ = ["GARMENTS", "Lot", "Piece"]

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
