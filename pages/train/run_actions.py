"""What a person does with the chosen runs: compare, name and note, archive, delete and bring back."""

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from core.figures.comparison import MOST_RUNS
from core.training.reports.words import listed
from core.training.runs.database import StoreUnavailable
from core.training.runs.records import Run
from core.training.runs.shelf import LONGEST_NAME, LONGEST_NOTE
from core.training.runs.states import ACTIVE
from core.training.runs.store import RunMissing
from pages.shared.markdown import plain
from pages.shared.server import run_store
from pages.shared.visitor import visitor_id
from pages.train import compared

REFUSALS = (ValueError, RunMissing, StoreUnavailable)  # ValueError: what may not be, with a sentence
MOST_DELETED = 20  # that are offered to be brought back


def draw(chosen: Sequence[Run], clicked_key: str) -> None:
    """The buttons for `chosen`, of which there is at least one; "Compare" shows the first, by `clicked_key`."""
    owner, store = visitor_id(), run_store()
    ids = [run.id for run in chosen]
    others = "Someone else started it." if any(run.owner != owner for run in chosen) else ""
    away = all(run.archived is not None for run in chosen)
    st.markdown(f"**{_called(chosen)}**", width="content")
    st.button(
        "Compare",
        icon=":material/compare_arrows:",
        key="train_compare_chosen",
        disabled=not 1 < len(chosen) <= MOST_RUNS,
        on_click=compared.show,
        args=(ids, clicked_key),
        help=f"Tick two to {MOST_RUNS} runs in the table.",
    )
    with st.popover(
        "Name and note",
        icon=":material/edit_note:",
        key="train_edit",
        disabled=len(chosen) > 1 or bool(others),
        help=others or None,
    ):
        _edit(chosen[0], owner)
    _button(
        "Take back" if away else "Archive",
        "train_archive",
        lambda: _each(ids, lambda run_id: store.archive(run_id, not away, owner)),
        icon=":material/unarchive:" if away else ":material/archive:",
        explanation=others or "Out of the table, until you tick “Archived”.",
        disabled=bool(others) or any(run.state in {"queued", *ACTIVE} for run in chosen),
    )
    _button(
        "Delete",
        "train_delete",
        lambda: _each(ids, lambda run_id: store.delete(run_id, owner)),
        f"Deleted {_called(chosen).casefold()}. Under “Deleted” it can be brought back for a day.",
        icon=":material/delete:",
        explanation=others or "It can be brought back for a day.",
        disabled=bool(others) or any(run.state in ACTIVE for run in chosen),
    )
    _deleted(owner)


def _called(runs: Sequence[Run]) -> str:
    if len(runs) > 3:
        return f"{len(runs)} runs"
    return f"Run{'s' if len(runs) > 1 else ''} {listed([str(run.number) for run in runs])}"


def _edit(run: Run, owner: str) -> None:
    """Fields for the name and the note; while one types the page goes on, and the text stays."""
    name, note = f"train_name_{run.id}", f"train_note_{run.id}"
    st.text_input(
        "Name",
        run.name,
        key=name,
        max_chars=LONGEST_NAME,
        on_change=lambda: _do(lambda: run_store().rename(run.id, st.session_state[name], owner)),
    )
    st.text_area(
        "Note",
        run.note,
        key=note,
        max_chars=LONGEST_NOTE,
        placeholder="What you want to remember of this run",
        on_change=lambda: _do(lambda: run_store().write_note(run.id, st.session_state[note], owner)),
    )


def _deleted(owner: str) -> None:
    gone = run_store().deleted(owner)[:MOST_DELETED]
    if not gone:
        return
    with st.popover("Deleted", icon=":material/restore_from_trash:", key="train_deleted"):
        for run in gone:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.markdown(f"Run {run.number} · {plain(run.name)}", width="stretch")
                _button("Bring back", f"train_back_{run.id}", partial(run_store().bring_back, run.id, owner))


def _button(
    label: str,
    key: str,
    action: Callable[[], None],
    said: str = "",
    icon: str | None = None,
    explanation: str | None = None,
    disabled: bool = False,
) -> None:
    st.button(label, key, explanation, on_click=_do, args=(action, said), icon=icon, disabled=disabled)


def _each(ids: Sequence[str], action: Callable[[str], None]) -> None:
    for run_id in ids:
        action(run_id)


def _do(action: Callable[[], None], said: str = "") -> None:
    """What a control does, and a word about it; what was refused changes nothing."""
    try:
        action()
    except REFUSALS as refusal:
        st.toast(plain(str(refusal)), icon=":material/info:")
    else:
        if said:
            st.toast(said, icon=":material/check:")
