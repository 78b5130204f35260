"""One button that fits the chosen network to the chosen data set."""

import streamlit as st

from core.networks.edit import MOST_CHARACTERS, rename
from core.networks.fitting import Fitted, fitted
from core.networks.images import Task
from core.networks.link import CHANGED
from core.networks.spec import NetworkSpec, SpecError
from pages.shared import history
from pages.shared.choice import choose_task
from pages.shared.draft import keep

NETWORK_KEY = "train_network"  # of the widget that chooses the network
OWN = "own design"  # the visitor's own, among its options
_SAID = "train_fitted"  # in the session: what was changed, to be said once


def offer(network: NetworkSpec, title: str, shape: tuple[int, int, int], classes: int) -> None:
    """The button, where the network does not fit images of `shape` in so many classes but can be made to."""
    if said := st.session_state.pop(_SAID, None):
        st.toast(said, icon=":material/auto_fix_high:")
    try:
        found = fitted(network, shape, classes)
    except SpecError:  # the page says below what is wrong, and where to mend it
        return
    if found.changes:
        st.button(
            f"Fit to {title}",
            icon=":material/auto_fix_high:",
            key="train_fit",
            width="stretch",
            help=f"{found.sentence} The result becomes your design; undo is on the Design page.",
            on_click=_take,
            args=(found, title, Task(shape, classes)),
        )


def _take(found: Fitted, title: str, task: Task) -> None:
    name = f"{found.spec.name.removesuffix(CHANGED)} for {title}"[:MOST_CHARACTERS]
    network = rename(found.spec, name)
    history.change(network)
    keep("design", network)
    choose_task(task)
    st.session_state[NETWORK_KEY] = OWN
    st.session_state[_SAID] = f"Fitted to {title}. {found.sentence}"
