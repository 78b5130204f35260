"""The design in the address of the page: a reload keeps it, a link shares it, the browser's Back undoes it.

The address comes with every run of the page, but it may be older than the session: when one edit follows
another quickly, the second still carries the address from before the first. So after an action on the page
the session is right, and the address follows; otherwise (link, reload, Back, Forward) the address is right.
"""

import streamlit as st

from core.networks.link import decode, encode
from core.networks.spec import SpecError
from pages.shared.choice import current_network
from pages.shared.draft import keep
from pages.shared.history import change

PARAMETER = "design"
_ACTED = "design_acted"


def note_action() -> None:
    """Every action on the page says so, before the page runs."""
    st.session_state[_ACTED] = True


def open_linked_design() -> str | None:
    """Take over the design in the address, unless the session is ahead; a sentence if it can't be read."""
    word = st.query_params.get(PARAMETER)
    if word is None or st.session_state.get(_ACTED) or word == encode(current_network()):
        return None
    try:
        change(decode(word))
    except SpecError as error:
        return str(error)
    return None


def show_design_in_address(arrived: bool) -> None:
    """Write the design into the address, after an action or when the page was just opened; keep it as a draft.

    Not otherwise: writing into an address that Back has led to would make it impossible to get further back,
    and looking at what somebody sent does not replace what one was working on.
    """
    word = encode(current_network())
    acted = st.session_state.pop(_ACTED, False)
    if acted:
        keep("design", current_network())
    if (acted or arrived) and st.query_params.get(PARAMETER) != word:
        st.query_params[PARAMETER] = word
