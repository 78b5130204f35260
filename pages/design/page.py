"""Design: build a CNN layer by layer and see at every moment what flows through it and what it costs."""

from typing import Any

import streamlit as st

from core.data.catalogue import DATASETS
from core.networks.analysis import Analysis, analyse
from core.networks.edit import rename
from core.networks.gallery import EMPTY, NAMED_NETWORKS
from core.networks.spec import SpecError
from pages.design import edits, history
from pages.design.address import note_action, open_linked_design, show_design_in_address
from pages.design.diagram import diagram
from pages.design.layer_list import KEY, layer_list
from pages.design.totals import code, totals
from pages.shared.choice import current_network

FIRST = DATASETS["fashion-mnist"]  # all data sets have its image shape and number of classes
STARTS = {**NAMED_NETWORKS, "Empty": EMPTY}
_NAME, _APPLIED, _REFUSAL = "design_name", "design_applied", "design_refusal"


def show() -> None:
    """Lay the page out: the picture and the layers on the left, the costs and the code on the right."""
    arrived = KEY not in st.session_state  # the state of its controls ends when a person leaves the page
    apply_edits()
    if complaint := open_linked_design():
        st.warning(complaint, icon=":material/link_off:")
    analysis = analysed()
    header(analysis)
    left, right = st.columns([2.4, 1], gap="medium")
    with left:
        diagram(analysis)
        layer_list(analysis, st.session_state.get(_APPLIED, 0))
    with right:
        totals(analysis)
        code(analysis)
    if refusal := st.session_state.pop(_REFUSAL, None):
        st.toast(refusal, icon=":material/info:")
    show_design_in_address(arrived)


def header(analysis: Analysis) -> None:
    """What to start from, the design's name, undo and redo, and the way to training."""
    st.session_state[_NAME] = analysis.spec.name
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.menu_button(
            "Start from",
            list(STARTS),
            key="design_start",
            on_click=start,
            icon=":material/library_books:",
            format_func=described,
        )
        st.text_input("Name of this design", key=_NAME, on_change=name, max_chars=60, width=300)
        st.button("Undo", icon=":material/undo:", on_click=undo, disabled=not history.can_undo(), key="undo")
        st.button("Redo", icon=":material/redo:", on_click=redo, disabled=not history.can_redo(), key="redo")
        st.space("stretch")
        if st.button(
            "Train this network",
            type="primary",
            icon=":material/show_chart:",
            disabled=bool(analysis.problems),
            help=analysis.problems[0].sentence if analysis.problems else None,
            on_click=note_action,
            key="train_this",
        ):
            st.switch_page("pages/train/page.py")


def described(start: str) -> str:
    """A named network with its size."""
    analysis = analyse(STARTS[start], FIRST.input_shape, len(FIRST.classes))
    return (
        f"{start} · {analysis.parameters:,} parameters" if analysis.rows else f"{start} · begin with nothing"
    )


def analysed() -> Analysis:
    """The analysis of the present design."""
    return analyse(current_network(), FIRST.input_shape, len(FIRST.classes))


def start() -> None:
    """Replace the design by a named network; can be undone."""
    note_action()
    chosen = st.session_state.design_start
    if chosen:
        history.change(STARTS[chosen])


def name() -> None:
    """Give the design the name that was typed."""
    note_action()
    try:
        history.change(rename(current_network(), st.session_state[_NAME]))
    except SpecError as error:
        st.session_state[_REFUSAL] = str(error)


def undo() -> None:
    """Back to the design before the last change."""
    note_action()
    history.undo()


def redo() -> None:
    """Forth again to what was undone."""
    note_action()
    history.redo()


def apply_edits() -> None:
    """Do what the layer list has asked for since the last time, each edit once."""
    asked: Any = st.session_state.get(KEY, {}).get("edits")
    for edit in asked if isinstance(asked, list) else []:
        serial = edit.get("serial") if isinstance(edit, dict) else None
        if type(serial) is not int or serial <= st.session_state.get(_APPLIED, 0):
            continue
        note_action()
        st.session_state[_APPLIED] = serial
        try:
            history.change(edits.apply(edit, analysed()))
        except SpecError as error:
            st.session_state[_REFUSAL] = str(error)


show()
