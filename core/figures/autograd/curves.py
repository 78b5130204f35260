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


def _short(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
