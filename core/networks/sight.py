"""Receptive fields: which input pixels each unit of a layer can see."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

from core.networks.kind import Reach, Window
from core.networks.spec import Shape

# for each unit along one axis: the first and the last input pixel that it sees
Spans = tuple[tuple[int, int], ...]
_NOTHING = (1 << 60, -1)  # of a unit that sees nothing but padding


@dataclass(frozen=True)
class Sight:
    """What the units of one layer see; exact, with the image's borders."""

    axes: tuple[Spans, ...]  # height, width
    side: int = 1  # of the receptive field on an endless image, in input pixels
    jump: int = 1  # input pixels between the fields of neighbouring units
    regular: bool = True  # only windows so far, so that `side` and `jump` are known

    @classmethod
    def of_image(cls, shape: Shape) -> Sight:
        """Each pixel sees itself; a flat input counts as one row."""
        height, width = shape[1:] if len(shape) == 3 else (1, shape[-1])
        return cls(tuple(tuple((i, i) for i in range(size)) for size in (height, width)))

    def through(self, window: Window) -> Sight:
        """What the units behind a sliding window see."""
        return Sight(
            tuple(_through(spans, window.reach(len(spans))) for spans in self.axes),
            self.side + (window.span - 1) * self.jump,
            self.jump * window.stride,
            self.regular,
        )

    def reaching(self, height: Reach, width: Reach) -> Sight:
        """What units see that read these units of this layer, along either axis."""
        axes = tuple(_through(s, reach) for s, reach in zip(self.axes, (height, width), strict=True))
        return Sight(axes, self.side, self.jump, regular=False)

    @staticmethod
    def of_all(sights: list[Sight]) -> Sight:
        """What a unit sees that joins the units at its place in several layers; single units are repeated."""
        axes = tuple(_union(spans) for spans in zip(*(sight.axes for sight in sights), strict=True))
        widest = max(sights, key=lambda sight: sight.side)
        alike = all(sight.regular and sight.jump == widest.jump for sight in sights)
        return Sight(axes, widest.side, widest.jump, alike)

    @cached_property
    def extent(self) -> tuple[int, int]:
        """Height and width of the largest receptive field that a unit of this layer has, in input pixels."""
        height, width = (max(max(0, b - a + 1) for a, b in spans) for spans in self.axes)
        return (height, width) if height and width else (0, 0)  # nothing but padding


@lru_cache(maxsize=4096)
def _through(spans: Spans, reach: Reach) -> Spans:
    return tuple(_hull(tuple(spans[i] for i in units)) if units else _NOTHING for units in reach)


def _union(several: tuple[Spans, ...]) -> Spans:
    size = max(map(len, several))
    return tuple(_hull(tuple(s[i] if len(s) == size else s[0] for s in several)) for i in range(size))


def _hull(spans: Spans) -> tuple[int, int]:
    return min(first for first, _ in spans), max(last for _, last in spans)
