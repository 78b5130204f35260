"""The pinned design: one that a person keeps in sight while the present one changes."""

import streamlit as st

from core.networks.analysis import Analysis
from core.networks.spec import NetworkSpec
from pages.design.address import note_action
from pages.shared.draft import keep, kept

_KEY = "design_pinned"
MOST = 24  # characters of its name that fit beside the button


def pinned() -> NetworkSpec | None:
    """The pinned design; at first what this visitor had pinned when they were last here."""
    if _KEY not in st.session_state:
        st.session_state[_KEY] = kept("pinned")
    network: NetworkSpec | None = st.session_state[_KEY]
    return network


def pin(network: NetworkSpec | None) -> None:
    """Pin `network`, or nothing."""
    note_action()
    st.session_state[_KEY] = network
    keep("pinned", network)


def pin_button(analysis: Analysis) -> None:
    """Pin the present design, or take the pin out; always one line high."""
    other = pinned()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            "Unpin" if other else "Pin",
            icon=":material/keep_off:" if other else ":material/keep:",
            key="pin",
            on_click=pin,
            args=(None if other else analysis.spec,),
            help="Stop comparing the totals with the pinned design."
            if other
            else "Keep this design in sight: the totals then show how far later changes are from it.",
        )
        if other:
            st.text(f"± to {_shortened(other.name)}", width="stretch", help=other.name)


def _shortened(name: str) -> str:
    return name if len(name) <= MOST else f"{name[: MOST - 1]}…"
