"""The confusion matrix, large; a click on a cell chooses its images."""

import streamlit as st

from core.figures.confusion import matrix_figure
from pages.inspect import address, components
from pages.inspect.subject import Subject
from pages.shared.glossary import meaning

_OVER = {"counts": "Images", "row": "% of true", "column": "% of predicted"}
_KEY = "inspect_matrix"


def default_cell(subject: Subject) -> tuple[int, int]:
    """The cell to begin with: the most frequent mistake, or where there is none, the first class."""
    worst = subject.matrix.most_confused(1)
    return (worst[0].true, worst[0].predicted) if worst else (0, 0)


def chosen_cell(subject: Subject) -> tuple[int, int]:
    """(true, predicted) of the address, else the default."""
    parts = address.get("cell").split("-")
    if len(parts) == 2 and all(part.isdecimal() and int(part) < len(subject.classes) for part in parts):
        return int(parts[0]), int(parts[1])
    return default_cell(subject)


def choose_cell(true: int, predicted: int) -> None:
    """Make a cell the chosen one, and its images the list that is shown."""
    address.put(cell=f"{true}-{predicted}", list="", image="")


def draw(subject: Subject, cell: tuple[int, int] | None) -> None:
    """The matrix with `cell` marked, and what its numbers are."""
    over = address.get("over") if address.get("over") in _OVER else "counts"
    mute = bool(st.session_state.get("inspect_mute"))
    figure = matrix_figure(subject.matrix, subject.classes, over, mute)

    def clicked() -> None:
        chosen = st.session_state[_KEY].cell
        if chosen:
            choose_cell(*(int(part) for part in chosen.split("-")))

    selected = f"{cell[0]}-{cell[1]}" if cell else ""
    components.matrix(key=_KEY, data={**figure, "selected": selected}, on_cell_change=clicked)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="center"):
        key, changed = address.followed("over", list(_OVER), "counts")
        st.segmented_control(
            "Numbers",
            list(_OVER),
            format_func=_OVER.__getitem__,
            key=key,
            on_change=changed,
            required=True,
            label_visibility="collapsed",
        )
        st.toggle(
            "Mute diagonal",
            key="inspect_mute",
            help="Take the colour from the right answers, so that the mistakes stand out. Blue is right, "
            f"orange wrong; the deeper, the larger the share (square root). {meaning('confusion matrix')}",
            persist_state="session",
        )
