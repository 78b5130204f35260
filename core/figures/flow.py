"""What flows from left to right, laid out: parts one after another, and branches one above the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.figures.drawing import Mark, Point, line, rectangle, text, text_width

GAP = 26.0  # between parts, where the arrow is
CLEAR = 3.0  # between an arrow's tip and what it points at
FRAME = 8.0  # between a block's frame and what it holds
TITLE = 20.0  # height of the frame's title
LANE = (18.0, 18.0)  # what a branch takes above and below its line, at least
AROUND = (14.0, 8.0)  # and what the line of x around all others takes
LANE_GAP = 8.0
FORK = 10.0  # from the frame to where x goes several ways


@dataclass(frozen=True)
class Part:
    """Something to paint, and the space it takes around the line along which it stands."""

    width: float
    above: float
    below: float
    paint: Callable[[float, float], list[Mark]]  # of its left end, and the height of its line
    lead: float = 0.0  # from the left end to where the line arrives
    trail: float = 0.0  # from where the line leaves to the right end
    arrow: bool = True  # whether the line that arrives ends here, with a tip


@dataclass(frozen=True)
class Lane:
    """One way through a block."""

    part: Part | None  # None: x goes through as it is
    label: str = ""
    least: tuple[float, float] = LANE


def sequence(parts: Sequence[Part]) -> Part | None:
    """Parts one after another with arrows between them; None where there are none."""
    if not parts:
        return None

    def paint(x: float, y: float) -> list[Mark]:
        marks: list[Mark] = []
        leaves = 0.0
        for i, part in enumerate(parts):
            if i:
                marks.append(_arrow([(leaves, y), (x + part.lead, y)], part.arrow))
            marks += part.paint(x, y)
            leaves = x + part.width - part.trail
            x += part.width + GAP
        return marks

    return Part(
        sum(part.width for part in parts) + GAP * (len(parts) - 1),
        max(part.above for part in parts),
        max(part.below for part in parts),
        paint,
        parts[0].lead,
        parts[-1].trail,
        parts[0].arrow,
    )


def branching(
    name: str, title: str, lanes: Sequence[Lane], straight: int | None, join: Part | None, look: str = "frame"
) -> Part:
    """A frame with the lanes of a block one above the other, from where x forks to where they are joined.

    The line runs straight through the lane `straight`, or through the middle of all. Without `join` they end openly.
    """
    offsets, above, below = _stack(lanes, straight)
    start = FORK + GAP
    widest = max((lane.part.width if lane.part else text_width(lane.label) for lane in lanes), default=0.0)
    content = start + widest + (GAP + join.width if join else 0.0) + FRAME
    width = max(content, text_width(title, bold=True) + 2 * FRAME)

    def paint(x: float, y: float) -> list[Mark]:
        height = above + below + TITLE + 2 * FRAME
        top = y - above - TITLE - FRAME
        marks = [
            Mark("rect", {**rectangle(x, top, width, height, look).attributes, "rx": 7, "data-frame": name}),
            text(x + FRAME, top + 15, title, "title"),
        ]
        fork = (x + FORK, y)
        joined = x + content - FRAME - join.width if join else 0.0
        for lane, offset in zip(lanes, offsets, strict=True):
            marks += _lane(lane, fork, y + offset, x + start, join, joined)
        marks.append(Mark("circle", {"class": "fork", "cx": round(fork[0], 1), "cy": round(y, 1), "r": 2.5}))
        return [*marks, *join.paint(joined, y)] if join else marks

    trail = width - content + FRAME + (join.trail if join else 0.0)
    return Part(
        width, above + TITLE + FRAME, below + FRAME, paint, lead=FORK + CLEAR, trail=trail, arrow=False
    )


def _lane(lane: Lane, fork: Point, y: float, start: float, join: Part | None, joined: float) -> list[Mark]:
    """A lane whose line stands at `y`, with its ways from the fork and to the join."""
    marks: list[Mark] = []
    ways: list[list[Point]] = [[fork, (fork[0], y)]]
    arrow = True
    if lane.part:
        arrow = lane.part.arrow
        ways[0].append((start + lane.part.lead, y))
        ways.append([(start + lane.part.width - lane.part.trail, y)])
        marks += lane.part.paint(start, y)
    if lane.label:
        marks.append(text(start, y - 5, lane.label, "detail"))
    if join:
        middle = joined + (join.width - join.trail) / 2
        if y == fork[1]:
            ways[-1].append((joined, y))
        elif y < fork[1]:
            ways[-1] += [(middle, y), (middle, fork[1] - join.above)]
        else:
            ways[-1] += [(middle, y), (middle, fork[1] + join.below)]
    tips = [arrow, True] if lane.part else [True]
    drawn = [_arrow(way, tip) for way, tip in zip(ways, tips, strict=True) if len(way) > 1]
    return [*drawn, *marks]


def _arrow(points: list[Point], tip: bool) -> Mark:
    """An arrow that ends just before what it points at."""
    (x, y), (_, before) = points[-1], points[-2]
    end = (x - CLEAR, y) if y == before else (x, y - CLEAR if y > before else y + CLEAR)
    return line([*points[:-1], end], tip)


def _stack(lanes: Sequence[Lane], straight: int | None) -> tuple[list[float], float, float]:
    """Where the lanes' lines stand relative to the block's, and the space above and below that."""
    tops = [max(lane.part.above if lane.part else 0.0, lane.least[0]) for lane in lanes]
    bottoms = [max(lane.part.below if lane.part else 0.0, lane.least[1]) for lane in lanes]
    lines: list[float] = []
    y = -LANE_GAP
    for top, bottom in zip(tops, bottoms, strict=True):
        y += LANE_GAP + top
        lines.append(y)
        y += bottom
    total = max(y, 0.0)
    if not lines:
        return [], *LANE
    if straight is None:
        half = len(lines) // 2
        middle = lines[half] if len(lines) % 2 else (lines[half - 1] + lines[half]) / 2
    else:
        middle = lines[straight]
    return [at - middle for at in lines], middle, total - middle
