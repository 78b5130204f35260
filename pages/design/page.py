"""Design: build a CNN layer by layer and see at every moment what flows through it and what it costs."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from core.data.catalogue import datasets
from core.networks.analysis import Analysis, analyse
from core.networks.edit import rename
from core.networks.spec import SpecError, shape_text
from pages.design import backward_graph, build, compare, cost, edits, inside, saved, start
from pages.design.address import note_action, open_linked_design, show_design_in_address
from pages.design.gallery import gallery_button
from pages.design.layer_list import KEY
from pages.shared import history
from pages.shared.choice import IMAGE_KEY, current_network, current_task, tasks
from pages.shared.hint import hint

_NAME, _APPLIED, _REFUSAL = "design_name", "design_applied", "design_refusal"


# the ways to look at a design; their names stand in the address, too
VIEWS: dict[str, Callable[[Analysis], None]] = {
    "Build": build.show,
    "Look inside": inside.show,
    "Backward graph": backward_graph.show,
    "First weights": start.show,
    "Cost": cost.show,
    "Compare": compare.show,
}


def show() -> None:
    """Lay the page out: what belongs to the design as a whole above, and one view of it below."""
    arrived = KEY not in st.session_state  # the state of its controls ends when a person leaves the page
    apply_edits()
    with st.container():  # of its own, so that all below keeps its place on the page
        if complaint := open_linked_design():
            st.warning(complaint, icon=":material/link_off:")
    head = st.container(gap="xsmall")
    with head:
        row = st.container()
        view = choose_view()
    analysis = analysed()
    with row:
        header(analysis)
    VIEWS[view](analysis)
    if refusal := st.session_state.pop(_REFUSAL, None):
        st.toast(refusal, icon=":material/info:")
    show_design_in_address(arrived)


def header(analysis: Analysis) -> None:
    """What to start from, the design's name, undo and redo, and the way to training."""
    st.session_state[_NAME] = analysis.spec.name
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        gallery_button()
        st.text_input(
            "Name of this design",
            key=_NAME,
            on_change=name,
            max_chars=60,
            width=300,
            label_visibility="collapsed",
        )
        st.button(
            "",
            icon=":material/undo:",
            on_click=undo,
            disabled=not history.can_undo(),
            key="undo",
            help="Undo",
        )
        st.button(
            "",
            icon=":material/redo:",
            on_click=redo,
            disabled=not history.can_redo(),
            key="redo",
            help="Redo",
        )
        saved.controls(analysis)
        st.space("stretch")
        refusal = untrainable(analysis)
        if st.button(
            "Train this network",
            type="primary",
            icon=":material/show_chart:",
            disabled=bool(refusal),
            help=refusal or None,
            on_click=note_action,
            key="train_this",
        ):
            st.switch_page("pages/train/page.py")


def untrainable(analysis: Analysis) -> str:
    """Why this design can't be trained as it is; "" if it can."""
    if analysis.problems:
        return analysis.problems[0].sentence
    task = (analysis.input_shape, analysis.classes)
    if all((known.input_shape, len(known.classes)) != task for known in datasets().values()):
        return (
            f"There is no data set of {shape_text(analysis.input_shape)} images in {analysis.classes} classes here; "
            "choose other images."
        )
    return ""


def choose_view() -> str:
    """Which view, and for which images; both stand in the address."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        view = st.segmented_control(
            "View of the design",
            list(VIEWS),
            default=next(iter(VIEWS)),
            key="view",
            required=True,
            bind="query-params",
            label_visibility="collapsed",
        )
        st.space("stretch")
        st.selectbox(
            "Images",
            list(tasks()),
            key=IMAGE_KEY,
            on_change=note_action,
            bind="query-params",
            persist_state="session",
            label_visibility="collapsed",
            width=220,
        )
        hint(
            "The images that the network is for, as the data sets have them: grey or colour, height × width, and "
            "how many classes there are, where there are not ten."
        )
    return view or next(iter(VIEWS))


def analysed() -> Analysis:
    """The analysis of the present design."""
    task = current_task()
    return analyse(current_network(), task.shape, task.classes)


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
            if edit.get("op") == "undo":  # asked for with the keyboard
                history.undo()
            elif edit.get("op") == "redo":
                history.redo()
            else:
                history.change(edits.apply(edit, analysed()))
        except SpecError as error:
            st.session_state[_REFUSAL] = str(error)


show()
