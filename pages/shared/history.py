"""Every change of the design goes through here, so that it can be undone."""

import streamlit as st

from core.networks.link import changed_from
from core.networks.spec import NetworkSpec
from pages.shared.choice import choose_network, current_network

_PAST, _FUTURE = "design_past", "design_future"
_MOST = 200  # changes that can be undone


def change(network: NetworkSpec) -> None:
    """Make `network` the design; a changed gallery network is called so until it is named."""
    network = changed_from(network)
    if network == current_network():
        return
    _push(_PAST, current_network())
    st.session_state[_FUTURE] = ()
    choose_network(network)


def undo() -> None:
    """Back to the design before the last change."""
    _step(_PAST, _FUTURE)


def redo() -> None:
    """Forth again to what was undone."""
    _step(_FUTURE, _PAST)


def can_undo() -> bool:
    """Whether there is a change to take back."""
    return bool(st.session_state.get(_PAST))


def can_redo() -> bool:
    """Whether something was undone and nothing else changed since."""
    return bool(st.session_state.get(_FUTURE))


def _step(source: str, target: str) -> None:
    stack: tuple[NetworkSpec, ...] = st.session_state.get(source, ())
    if stack:
        _push(target, current_network())
        st.session_state[source] = stack[:-1]
        choose_network(stack[-1])


def _push(key: str, network: NetworkSpec) -> None:
    st.session_state[key] = (*st.session_state.get(key, ()), network)[-_MOST:]
