"""Places of the picture's pieces: boxes, frames around what is open, and the ways of the gradients."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.figures.autograd.boxes import Box
from core.figures.autograd.graph_layout import Point
from core.figures.network_backward.parts import Link, Part


@dataclass
class Frame:
    """What is open, with its contents in it."""

    part: Part
    x: float
    y: float
    width: float
    height: float


@dataclass
class Piece:
    """A stretch of way that gradients take; `arrow` where it arrives at a box; `square`: it turns at right
    angles."""

    route: tuple[Point, ...]
    links: tuple[Link, ...]
    arrow: bool
    square: bool = False


@dataclass
class Scene:
    """A box, or a frame with all that is in it; gradients come in at the middle of its top."""

    width: float
    height: float
    boxes: list[tuple[Part, Box]] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)
    sums: list[tuple[Point, int]] = field(default_factory=list)  # where so many gradients are added up
    exits: dict[int, float] = field(default_factory=dict)  # node outside → where to it, from the middle
    floor: float = 0.0  # how far down ways out begin
    framed: bool = False  # whether there is a frame where gradients come in, and no box

    def take(self, scene: Scene, x: float, y: float) -> None:
        """Put another scene into this one, with its upper left corner at (x, y)."""
        scene.move(x, y)
        self.boxes += scene.boxes
        self.frames += scene.frames
        self.pieces += scene.pieces
        self.sums += scene.sums

    def centre(self, middle: float) -> None:
        """Make room on one side, so that `middle` is in the middle."""
        half = max(middle, self.width - middle)
        self.width = 2 * half
        self.move(half - middle, 0.0)

    def move(self, x: float, y: float) -> None:
        """Move all that is in it."""
        for _, box in self.boxes:
            box.x, box.y = box.x + x, box.y + y
        for frame in self.frames:
            frame.x, frame.y = frame.x + x, frame.y + y
        for piece in self.pieces:
            piece.route = tuple((a + x, b + y) for a, b in piece.route)
        self.sums = [((a + x, b + y), count) for (a, b), count in self.sums]


def of_box(part: Part, box: Box, exits: set[int]) -> Scene:
    """One box by itself, which hands gradients to the nodes `exits`."""
    return Scene(box.width, box.height, [(part, box)], exits=dict.fromkeys(exits, 0.0), floor=box.height)
