"""All tables of numbers of a film, each sent to the browser once, however often it is shown."""

from typing import Any

import torch

from core.figures.autograd.numbers import NONE, grid, shades

Table = dict[str, Any]  # {"cells": rows of texts} and, of a gradient, {"shades": rows of −1 … 1}


class Tables:
    """Numbers the tables; `scale` is the size of gradient that is shaded most."""

    def __init__(self, scale: float) -> None:
        self.items: list[Table] = []
        self._scale = scale
        self._by_tensor: dict[tuple[int, bool], tuple[int, torch.Tensor]] = {}  # kept alive: ids stay theirs
        self._by_text: dict[tuple[object, ...], int] = {}
        self.none = self._add({"cells": [[NONE]]}, (NONE,))

    def value(self, tensor: torch.Tensor | None) -> int:
        return self._number(tensor, False)

    def gradient(self, tensor: torch.Tensor | None) -> int:
        return self._number(tensor, True)

    def _number(self, tensor: torch.Tensor | None, shaded: bool) -> int:
        if tensor is None:
            return self.none
        known = self._by_tensor.get((id(tensor), shaded))
        if known is not None:
            return known[0]
        table: Table = {"cells": grid(tensor).cells}
        if shaded:
            table["shades"] = shades(tensor, self._scale)
        texts = [text for row in table["cells"] for text in row]
        darkness = [shade for row in table.get("shades", ()) for shade in row]
        key = (shaded, len(table["cells"]), *texts, *darkness)
        number = self._by_text.get(key)
        if number is None:
            number = self._add(table, key)
        self._by_tensor[id(tensor), shaded] = (number, tensor)
        return number

    def _add(self, table: Table, key: tuple[object, ...]) -> int:
        self.items.append(table)
        self._by_text[key] = len(self.items) - 1
        return len(self.items) - 1
