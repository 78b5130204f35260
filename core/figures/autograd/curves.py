"""The way of an edge as an SVG path."""

from core.figures.autograd.graph_layout import Point


def curve(route: tuple[Point, ...], sideways: bool) -> str:
    """Straight along each lane, and a curve with upright ends between ranks that are not in line."""
    (x, y), *rest = route
    parts = [f"M{_short(x)} {_short(y)}"]
    for i, (to_x, to_y) in enumerate(rest):
        in_line = abs(to_y - y) < 0.05 if sideways else abs(to_x - x) < 0.05
        if i % 2 == 0 or in_line:
            parts.append(f"L{_short(to_x)} {_short(to_y)}")
        elif sideways:
            middle = _short((x + to_x) / 2)
            parts.append(f"C{middle} {_short(y)} {middle} {_short(to_y)} {_short(to_x)} {_short(to_y)}")
        else:
            middle = _short((y + to_y) / 2)
            parts.append(f"C{_short(x)} {middle} {_short(to_x)} {middle} {_short(to_x)} {_short(to_y)}")
        x, y = to_x, to_y
    return "".join(parts)


def square(route: tuple[Point, ...], radius: float = 8.0) -> str:
    """Straight from point to point, with round corners; each stretch is upright or level."""
    parts = [f"M{_short(route[0][0])} {_short(route[0][1])}"]
    for before, corner, behind in zip(route, route[1:], route[2:], strict=False):
        come, go = (_towards(corner, other, radius) for other in (before, behind))
        parts.append(f"L{_short(come[0])} {_short(come[1])}")
        parts.append(f"Q{_short(corner[0])} {_short(corner[1])} {_short(go[0])} {_short(go[1])}")
    return "".join([*parts, f"L{_short(route[-1][0])} {_short(route[-1][1])}"])


def _towards(start: Point, end: Point, far: float) -> Point:
    """The point `far` from the start, or half-way where that is nearer."""
    length = abs(end[0] - start[0]) + abs(end[1] - start[1])
    share = min(far / length, 0.5) if length else 0.0
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share


def _short(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
