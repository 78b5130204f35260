"""The boxes of a view: tables and lines of text with places; the browser side draws just these."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from core.figures.autograd.graph_layout import Point
from core.figures.autograd.numbers import characters, is_full, matrix_shape
from core.figures.autograd.tables import Tables

# sizes in pixels; the browser side draws with the same
CHARACTER = 6.7  # width of one character of a number
LETTER = 5.4  # width of one letter above a table
ROW = 18.0  # a row of numbers
PADDING = 10.0
TITLE = 24.0  # the name above the numbers
CODE = 13.0  # the expression below the name
LINE = 14.0  # a line of text below the numbers
LABEL = 15.0  # the word above a table
BETWEEN = 12.0  # two tables side by side
WIDEST = 272.0  # tables side by side; wider ones stand below each other
NARROWEST = 84.0
SIZES = {"row": ROW, "padding": PADDING, "label": LABEL, "code": CODE, "line": LINE}  # for the browser side
LITERAL = 24  # letters of the code that makes a tensor from numbers, as far as it is shown


@dataclass
class Grid:
    """One table in a box: its numbers never change (`table`), or follow the steps (`key`)."""

    label: str
    columns: int
    rows: int
    cell: float  # width of one number
    block: int  # rows of one matrix, where several are stacked
    table: int | None = None
    key: str = ""
    empty: str = "—"  # while there is nothing under the key
    x: float = 0.0
    y: float = 0.0

    @property
    def width(self) -> float:
        """Of the table, or of the word above it where that is longer."""
        return max(self.columns * self.cell, len(self.label) * LETTER)

    @property
    def height(self) -> float:
        return LABEL + self.rows * ROW

    @classmethod
    def like(
        cls, tensor: torch.Tensor, label: str, table: int | None = None, key: str = "", empty: str = "—"
    ) -> "Grid":
        """A table with room for `tensor`, whatever its numbers are."""
        cell = round(characters(tensor) * CHARACTER + 5, 1)
        if not is_full(tensor.shape):
            return cls(label, 1, 2 if tensor.numel() == 0 else 3, cell, 0, table, key, empty)
        rows, columns = matrix_shape(tensor.shape)
        block = tensor.shape[-2] if tensor.dim() > 1 else 1
        return cls(label, columns, rows, cell, block, table, key, empty)


@dataclass
class Box:
    """What is written in one box, and where it stands once it is laid out."""

    kind: str  # "leaf", "result", "constant", "node" or "failed"
    title: str
    tag: str
    code: str
    value: int | None  # the value that it shows; None for a backward node
    appears: int  # the value with which it appears
    about: int  # what the card says of it
    grids: tuple[Grid, ...]
    lines: tuple[tuple[str, str], ...]  # below the tables: name, what it is
    lines_at: float
    width: float
    height: float
    x: float = 0.0
    y: float = 0.0

    def move_to(self, centre: Point) -> None:
        self.x = round(centre[0] - self.width / 2, 1)
        self.y = round(centre[1] - self.height / 2, 1)

    def data(self) -> dict[str, Any]:
        """As plain JSON."""
        return {**vars(self), "grids": [vars(grid) for grid in self.grids], "lines": list(self.lines)}


def box(
    kind: str,
    title: str,
    tag: str,
    code: str,
    value: int | None,
    appears: int,
    about: int,
    grids: Sequence[Grid],
    lines: Sequence[tuple[str, str]] = (),
    literal: bool = False,
) -> Box:
    """A box just large enough, with its tables side by side where they are narrow; one whose code is a
    `literal` is as wide for all literals."""
    letters = max(len(code), LITERAL) if literal else len(code)
    rows: list[list[Grid]] = []
    for each in grids:
        wide = sum(grid.width + BETWEEN for grid in rows[-1]) + each.width if rows else WIDEST + 1
        if wide > WIDEST:
            rows.append([each])
        else:
            rows[-1].append(each)
    inner = max(
        [_row_width(row) for row in rows]
        + [len(name) * 5.6 + len(words) * 6.3 + 14 for name, words in lines]
        + [len(title) * 7.8 + len(tag) * 6.0 + 18, letters * 6.6, NARROWEST]
    )
    width = inner + 2 * PADDING
    y = TITLE + (CODE if code else 0.0)
    for row in rows:
        x = (width - _row_width(row)) / 2
        for each in row:
            each.x, each.y = round(x, 1), round(y, 1)
            x += each.width + BETWEEN
        y += max(each.height for each in row)
    lines_at = y + (6 if lines else 0)
    height = lines_at + len(lines) * LINE + PADDING
    return Box(
        kind, title, tag, code, value, appears, about, tuple(grids), tuple(lines), round(lines_at, 1),
        round(width, 1), round(height, 1),
    )  # fmt: skip


def _row_width(row: list[Grid]) -> float:
    return sum(each.width for each in row) + BETWEEN * (len(row) - 1)


@dataclass
class Edge:
    """One arrow between two boxes of a view."""

    start: int  # boxes, by their place in the view
    end: int
    kind: str  # "data", "next", "grad_fn", "variable" or "failed"
    recorded: bool  # whether gradients flow along it
    source: tuple[Any, int] | None  # what lights it up: (operation, input), (backward node, input) …
    route: tuple[Point, ...] = ()


@dataclass(frozen=True)
class View:
    """One picture of a trace."""

    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]
    width: float
    height: float
    sideways: bool = False


def table_of(tensor: torch.Tensor, label: str, tables: Tables) -> Grid:
    """A table whose numbers stay."""
    return Grid.like(tensor, label, tables.value(tensor))
