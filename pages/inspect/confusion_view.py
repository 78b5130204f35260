"""The confusion matrix, large; a click on a cell chooses its images."""

from collections.abc import Callable

import streamlit as st

from core.figures.confusion import matrix_figure
from pages.inspect import address, components, matrix_controls
from pages.inspect.subject import Subject

Cell = tuple[int, int]  # (true, predicted)
_KEY = "inspect_matrix"


def default_cell(subject: Subject) -> Cell:
    """The cell to begin with: the most frequent mistake, or where there is none, the first class."""
    worst = subject.matrix.most_confused(1)
    return (worst[0].true, worst[0].predicted) if worst else (0, 0)


def cell_of(text: str, classes: int) -> Cell | None:
    """(true, predicted) of a text like "2-4"; None for anything else."""
    parts = text.split("-")
    if len(parts) == 2 and all(part.isdecimal() and int(part) < classes for part in parts):
        return int(parts[0]), int(parts[1])
    return None


def chosen_cell(subject: Subject) -> Cell:
    """(true, predicted) of the address, else the default."""
    return cell_of(address.get("cell"), len(subject.classes)) or default_cell(subject)


def choose_cell(true: int, predicted: int) -> None:
    """Make a cell the chosen one, and its images the list that is shown."""
    address.put(cell=f"{true}-{predicted}", list="", image="")


def draw(
    subject: Subject,
    cell: Cell | None,
    key: str = _KEY,
    on_choose: Callable[[int, int], None] = choose_cell,
    second: Cell | None = None,
) -> None:
    """The matrix with `cell` marked, and `second` in another way, and what its numbers are.

    `on_choose(true, predicted)` follows a click.
    """
    order = matrix_controls.order(subject.matrix)
    figure = matrix_figure(
        subject.matrix, subject.classes, matrix_controls.over(), matrix_controls.muted(), order
    )
    draw_figure(figure, key, cell, on_choose, second)
    matrix_controls.draw(subject.classes)


def draw_figure(
    figure: dict[str, object],
    key: str,
    cell: Cell | None,
    on_choose: Callable[[int, int], None],
    second: Cell | None = None,
) -> None:
    """Any figure of cells, without controls."""

    def clicked() -> None:
        if chosen := st.session_state[key].cell:
            on_choose(*(int(part) for part in chosen.split("-")))

    marks = {"selected": _name(cell), "second": _name(second)}
    components.matrix(key=key, data={**figure, **marks}, on_cell_change=clicked)


def _name(cell: Cell | None) -> str:
    return f"{cell[0]}-{cell[1]}" if cell else ""
