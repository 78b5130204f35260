"""The settings of a layer, as data: the page's controls and the checks are made from these records."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from core.networks.spec import Value


@dataclass(frozen=True)
class Field:
    """One setting of a layer kind."""

    name: str
    type: Literal["int", "float", "bool", "choice"]
    default: Value
    meaning: str  # one sentence, shown beside the control
    low: float = 0  # smallest allowed value; for numbers only
    high: float = 1  # largest allowed value
    rare: bool = False  # left out of sight until it is asked for or differs from the default
    words: tuple[str, ...] = ()  # allowed besides numbers, such as "same"; of a choice: all that is allowed
    follows: str = ""  # what None stands for, such as "the layer before"; empty: None is not allowed

    @property
    def allowed(self) -> str:
        """What may be given, in words: `1 to 31`."""
        if self.type == "bool":
            return "true or false"
        words = " or ".join(f'"{word}"' for word in self.words)
        if self.type == "choice":
            return words
        whole = "a whole number from " if self.type == "int" else ""
        text = f"{whole}{self.low:,} to {self.high:,}" + (f", or {words}" if words else "")
        return f"{text}, or empty to follow {self.follows}" if self.follows else text

    def accepts(self, value: object) -> bool:
        """Whether `value` is of the field's type and within its bounds."""
        if value is None:
            return bool(self.follows)
        if isinstance(value, str) or self.type == "choice":
            return value in self.words
        if self.type == "bool" or isinstance(value, bool):
            return self.type == "bool" and isinstance(value, bool)
        if isinstance(value, int) or (
            self.type == "float" and isinstance(value, float) and math.isfinite(value)
        ):
            return self.low <= value <= self.high
        return False

    def nearest(self, value: object) -> Value:
        """The allowed value nearest to `value`, or the default where there is no such thing."""
        if isinstance(value, int | float) and type(value) is not bool and self.type in ("int", "float"):
            if math.isnan(value):
                return self.default
            bounded = min(max(value, self.low), self.high)
            return round(bounded) if self.type == "int" else float(bounded)
        return self.default
