"""The gallery: networks to start from, each with the reason why it is as it is."""

import streamlit as st

from core.networks.analysis import analyse
from core.networks.gallery import EMPTY, SHELVES, GalleryNetwork
from core.networks.images import GREY, Task
from core.networks.spec import shape_text
from pages.design.address import note_action
from pages.design.totals import short
from pages.shared import history
from pages.shared.choice import choose_task

NOTHING = GalleryNetwork(EMPTY, "Begin with nothing, and build it layer by layer.", GREY)


def gallery_button() -> None:
    """The button that opens the gallery."""
    if st.button("Gallery", icon=":material/library_books:", key="gallery", help="Networks to start from"):
        gallery()


@st.dialog("Start from a network", width="large", icon=":material/library_books:")
def gallery() -> None:
    """A line for each network: what it is called, why it is as it is, what it costs, and a button to take it."""
    for shelf, networks in {"Nothing yet": (NOTHING,), **SHELVES}.items():
        st.markdown(f"##### {shelf}")
        for one in networks:
            _line(one)


def _line(one: GalleryNetwork) -> None:
    name = one.spec.name
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        with st.container(width="stretch"):
            st.markdown(f"**{name}** · {_size(one)}  \n{one.why}")
        if st.button("Start from this", key=f"start_{name}", on_click=start, args=(one,)):
            st.rerun()


def _size(one: GalleryNetwork) -> str:
    analysis = analyse(one.spec, one.image)
    if not analysis.rows:
        return "no layers"
    images = "" if one.image == GREY else f" · for images of {shape_text(one.image)}"
    return f"{analysis.parameters:,} parameters · {short(analysis.macs)} MACs{images}"


def start(one: GalleryNetwork) -> None:
    """Replace the design by a network of the gallery; can be undone."""
    note_action()
    choose_task(Task(one.image))
    history.change(one.spec)
