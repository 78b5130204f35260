"""Saved designs: keep the present one under its name, and open, rename, delete and bring back others."""

import time
from collections.abc import Callable

import streamlit as st

from core.networks.analysis import Analysis, analyse
from core.networks.spec import SpecError
from core.training.runs.database import StoreUnavailable
from core.training.runs.designs import Design, DesignMissing, DesignRefused, DesignStore
from pages.design.address import note_action
from pages.design.exchange import exchange
from pages.shared import history
from pages.shared.choice import current_network, current_task
from pages.shared.server import run_store
from pages.shared.visitor import visitor_id

REFUSALS = (SpecError, DesignRefused, DesignMissing, StoreUnavailable)
MOST_SHOWN = 30  # designs at once; more are found by name
MOST_DELETED = 20  # that are offered to be brought back
SPANS = ((86400, "day"), (3600, "hour"), (60, "minute"))  # seconds
_RENAMED = "design_renamed"  # the id of the one whose name is being typed


def store() -> DesignStore:
    """The saved designs of this server."""
    return DesignStore(run_store().database)


def controls(analysis: Analysis) -> None:
    """The button that saves, and the menu of what can be done with designs as wholes."""
    st.button(
        "",
        icon=":material/save:",
        on_click=_do,
        args=(save,),
        key="save_design",
        help="Save this design under its name",
    )
    menu = st.popover("Designs", icon=":material/folder_open:", key="designs", on_change="rerun")
    if menu.open:
        with menu.container(width=540):
            try:
                shelf(analysis)
            except StoreUnavailable as refusal:
                st.warning(str(refusal), icon=":material/database_off:")
            exchange(analysis.spec)


def save() -> str:
    """Keep the present design: in place of one's own of that name, or as a new one."""
    spec, owner = current_network(), visitor_id()
    mine = [one for one in store().designs(owner) if owner and (one.owner, one.name) == (owner, spec.name)]
    if mine:
        store().replace(mine[0].id, spec, owner)
        return f"Saved {spec.name}, in place of the one you had saved under this name."
    store().save(spec, owner)
    return f"Saved {spec.name}."


def shelf(analysis: Analysis) -> None:
    """The saved designs, one's own first, and those just deleted."""
    owner = visitor_id()
    designs = store().designs(owner)
    if not designs:
        st.caption("No design is saved here yet. Give this one a name, and save it with the button beside.")
    elif len(designs) > MOST_SHOWN // 3:
        sought = st.text_input("Find by name", key="find_design", placeholder="Find by name").casefold()
        designs = [one for one in designs if sought in one.name.casefold()]
    with st.container(height=260 if len(designs) > 4 else "content", border=False, gap="xsmall"):
        for one in designs[:MOST_SHOWN]:
            line(one, one.owner == owner)
        if len(designs) > MOST_SHOWN:
            st.caption(f"and {len(designs) - MOST_SHOWN} more: find them by name")
    if gone := store().deleted(owner)[:MOST_DELETED]:
        with st.expander(f"Deleted or saved over: {len(gone)}", icon=":material/restore_from_trash:"):
            for one in gone:
                gone_line(one)


def line(design: Design, own: bool) -> None:
    """One saved design, and what may be done with it."""
    whose = "yours" if own else "saved by someone else"
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        with st.container(width="stretch", gap=None):
            if own and st.session_state.get(_RENAMED) == design.id:
                st.text_input(
                    "New name",
                    design.name,
                    key=f"name_{design.id}",
                    max_chars=60,
                    on_change=_do,
                    args=(rename, design),
                )
            else:
                st.text(design.name)
                st.caption(f"{size(design)} · {ago(design.changed)} · {whose}")
        _button("Open", f"open_{design.id}", open_design, design)
        if own:
            _button("", f"rename_{design.id}", begin_rename, design, ":material/edit:", "Rename")
            _button("", f"delete_{design.id}", delete, design, ":material/delete:", "Delete")


def gone_line(design: Design) -> None:
    """A design that is no longer there, and the way back."""
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        with st.container(width="stretch", gap=None):
            st.text(design.name)
            st.caption(f"{size(design)} · gone {ago(design.deleted or 0.0)}")
        _button("Bring back", f"restore_{design.id}", bring_back, design)


def size(design: Design) -> str:
    """How large it is, in words."""
    task = current_task()
    analysis = analyse(design.spec, task.shape, task.classes)
    problem = " up to a problem" if analysis.problems else ""
    layers = sum(not row.branch_shapes for row in analysis.rows)  # a block is none
    return f"{layers} layer{'s' if layers != 1 else ''} · {analysis.parameters:,} parameters{problem}"


def _button(
    label: str, key: str, action: Callable[..., str], design: Design, icon: str = "", explanation: str = ""
) -> None:
    st.button(
        label, key=key, icon=icon or None, help=explanation or None, on_click=_do, args=(action, design)
    )


def open_design(design: Design) -> str:
    """Make it the design of this session; can be undone."""
    history.change(store().get(design.id).spec)
    return f"Opened {design.name}."


def begin_rename(design: Design) -> str:
    """Offer a field for its name, or take that away again."""
    st.session_state[_RENAMED] = None if st.session_state.get(_RENAMED) == design.id else design.id
    return ""


def rename(design: Design) -> str:
    """Give it the name that was typed."""
    store().rename(design.id, st.session_state[f"name_{design.id}"], visitor_id())
    st.session_state[_RENAMED] = None
    return ""


def delete(design: Design) -> str:
    """Take it away; it can be brought back for a day."""
    store().delete(design.id, visitor_id())
    return ""


def bring_back(design: Design) -> str:
    """Undo the deletion."""
    store().bring_back(design.id, visitor_id())
    return ""


def _do(action: Callable[..., str], *design: Design) -> None:
    """What a button does, and a word about it; what was refused changes nothing."""
    note_action()
    try:
        said, icon = action(*design), ":material/check:"
    except REFUSALS as refusal:
        said, icon = str(refusal), ":material/info:"
    if said:
        st.toast(said, icon=icon)


def ago(moment: float) -> str:
    """How long ago that was, in words."""
    passed = time.time() - moment
    for seconds, unit in SPANS:
        if passed >= seconds:
            number = int(passed // seconds)
            return f"{number} {unit}{'s' if number > 1 else ''} ago"
    return "just now"
