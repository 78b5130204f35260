"""Receptive fields: which input pixels each unit of a layer can see."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.networks.kind import Window
from core.networks.spec import Shape

Spans = tuple[
    tuple[int, int], ...
]  # for each unit along one axis: the first and the last input pixel it sees
_NOTHING = (1 << 60, -1)  # of a unit that sees nothing but padding


@dataclass(frozen=True)
class Sight:
    """What the units of one layer see; exact, with the image's borders."""

    axes: tuple[Spans, ...]  # height, width
    side: int = 1  # of the receptive field on an endless image, in input pixels
    jump: int = 1  # input pixels between the fields of neighbouring units

    @classmethod
    def of_image(cls, shape: Shape) -> Sight:
        """Each pixel sees itself; a flat input counts as one row."""
        height, width = shape[1:] if len(shape) == 3 else (1, shape[-1])
        return cls(tuple(tuple((i, i) for i in range(size)) for size in (height, width)))

    def through(self, window: Window) -> Sight:
        """What the units behind a sliding window see."""
        return Sight(
            tuple(_slide(spans, window) for spans in self.axes),
            self.side + (window.span - 1) * self.jump,
            self.jump * window.stride,
        )

    def through_all(self) -> Sight:
        """What a unit sees that reads every unit of this layer."""
        return replace(self, axes=tuple(((min(a for a, _ in s), max(b for _, b in s)),) for s in self.axes))

    @property
    def extent(self) -> tuple[int, int]:
        """Height and width of the largest receptive field that a unit of this layer has, in input pixels."""
        height, width = (max(max(0, b - a + 1) for a, b in spans) for spans in self.axes)
        return (height, width) if height and width else (0, 0)  # nothing but padding


def _slide(spans: Spans, window: Window) -> Spans:
    size = len(spans)
    seen = []
    for unit in range(window.positions(size).value):
        first = unit * window.stride - window.padding
        taps = [spans[i] for i in range(first, first + window.span, window.dilation) if 0 <= i < size]
        seen.append((min(a for a, _ in taps), max(b for _, b in taps)) if taps else _NOTHING)
    return tuple(seen)
