"""A drawing of plain shapes, placed in Python: what the diagrams of a network are made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.figures.palette import PETROFF_10

GROUP_COLOURS = {
    "Convolution": PETROFF_10[0],
    "Activation": PETROFF_10[1],
    "Pooling": PETROFF_10[2],
    "Normalisation": PETROFF_10[7],
    "Regularisation": PETROFF_10[5],
    "Dense": PETROFF_10[4],
    "Resizing": PETROFF_10[9],
    "Block": PETROFF_10[8],
}
INPUT_COLOUR = PETROFF_10[3]

LEGEND = 24.0  # height of the legend's line
CHARACTER = 6.6  # width of one at 12 pixels, on average
_BOLD = 7.4  # and of one of a label
_CORNER = 6.0  # radius of a line's corners
_TIP = 4.0  # length of an arrow's tip, and half of its width

Point = tuple[float, float]


@dataclass(frozen=True)
class Mark:
    """One SVG element."""

    tag: str
    attributes: dict[str, str | float]
    text: str = ""
    title: str = ""  # what the pointer shows over it


@dataclass(frozen=True)
class Drawing:
    """SVG elements in the order in which they are painted, and the space they take in pixels."""

    width: float
    height: float
    marks: tuple[Mark, ...]
    description: str  # for those who can't see it


def text(x: float, y: float, words: str, name: str) -> Mark:
    """Words of the class `name`, whose line stands at `y`."""
    return Mark("text", {"class": name, "x": round(x, 1), "y": round(y, 1)}, text=words)


def text_width(words: str, bold: bool = False) -> float:
    """Pixels that the words take, about."""
    return len(words) * (_BOLD if bold else CHARACTER)


def shade(colour: str, factor: float) -> str:
    """`#rrggbb` brighter (factor above 1) or darker; written into the drawing, so that every program shows it."""
    return "#" + "".join(f"{min(255, round(int(colour[i : i + 2], 16) * factor)):02x}" for i in (1, 3, 5))


def rectangle(x: float, y: float, width: float, height: float, name: str, **more: str | float) -> Mark:
    """A rectangle of the class `name`; `more` are its further attributes."""
    place = {"x": round(x, 1), "y": round(y, 1), "width": round(width, 1), "height": round(height, 1)}
    return Mark("rect", {"class": name, **place, **more})


def line(points: Sequence[Point], arrow: bool = True) -> Mark:
    """A line along horizontals and verticals with round corners, ending in a tip where it is an `arrow`."""
    kept = [point for i, point in enumerate(points) if not i or point != points[i - 1]]
    path = [f"M{_at(kept[0])}"]
    for before, corner, behind in zip(kept, kept[1:], kept[2:], strict=False):
        path.append(f"L{_at(_towards(corner, before))}Q{_at(corner)} {_at(_towards(corner, behind))}")
    end = kept[-1]
    path.append(f"L{_at(end)}")
    if arrow and len(kept) > 1:
        dx, dy = _direction(kept[-2], end)
        back = (end[0] - _TIP * dx, end[1] - _TIP * dy)
        sides = [(back[0] - 0.75 * _TIP * dy * s, back[1] + 0.75 * _TIP * dx * s) for s in (1, -1)]
        path.append(f"M{_at(sides[0])}L{_at(end)}L{_at(sides[1])}")
    return Mark("path", {"class": "arrow" if arrow else "arrow plain", "d": "".join(path)})


def _at(point: Point) -> str:
    return f"{point[0]:.1f} {point[1]:.1f}"


def _direction(start: Point, end: Point) -> Point:
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = max(abs(dx), abs(dy)) or 1.0
    return dx / length, dy / length


def _towards(corner: Point, other: Point) -> Point:
    """Where the curve around a corner begins: on the way to the other point, at most half of it."""
    dx, dy = _direction(corner, other)
    reach = min(_CORNER, max(abs(other[0] - corner[0]), abs(other[1] - corner[1])) / 2)
    return corner[0] + reach * dx, corner[1] + reach * dy


def legend(groups: Iterable[str], y: float) -> tuple[list[Mark], float]:
    """The groups with their colours in a line that begins at `y`, and its width."""
    marks: list[Mark] = []
    x = 8.0
    for group in dict.fromkeys(groups):
        marks.append(rectangle(x, y + 9, 10, 10, "key", fill=GROUP_COLOURS[group]))
        marks.append(text(x + 15, y + 18, group, "detail"))
        x += 15 + text_width(group) + 18
    return marks, x
