"""Start a run from the controls, or say what keeps it from starting."""

import secrets

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.training.config import RunRequest
from core.training.runs.database import StoreUnavailable
from core.training.runs.records import Run
from core.training.runs.store import RunMissing
from pages.shared.server import run_store
from pages.shared.visitor import visitor_id
from pages.train.settings import Settings

_TAB = "train_tab"  # in the session: a random name of this tab, so that each press has a name of its own
_STARTS = "train_starts"  # in the session: how many runs this tab has started


def draw(settings: Settings, data_is_ready: bool) -> Run | None:
    """The start button and what is wrong; the run that was started just now."""
    starts = st.session_state.setdefault(_STARTS, 0)
    place = st.empty()
    started = _button(place, starts, settings.request is not None and data_is_ready)
    for problem in settings.problems:
        st.error(problem, icon=":material/error:")
    if settings.design_problem:
        st.error(settings.design_problem, icon=":material/error:")
        st.page_link("pages/design/page.py", label="Mend it on the Design page", icon=":material/layers:")
    if not data_is_ready:
        st.caption("The data set is not here yet: see the right side.")
    if settings.request:
        st.caption(f"{settings.parameters:,} parameters to learn.")
    if settings.request and started and data_is_ready:
        if run := _start(settings.request, starts):
            _button(place, st.session_state[_STARTS], True)
        return run
    return None


def _button(place: DeltaGenerator, starts: int, enabled: bool) -> bool:
    """Another button after each start, so that a second press, sent before that was seen, starts nothing."""
    return place.button(
        "Start training",
        type="primary",
        icon=":material/play_arrow:",
        width="stretch",
        key=f"train_start_{starts}" if starts else "train_start",
        disabled=not enabled,
    )


def _start(request: RunRequest, starts: int) -> Run | None:
    """Queue it; once, even if the page runs again before it has noted that."""
    tab = st.session_state.setdefault(_TAB, secrets.token_hex(8))
    try:
        run = run_store().add(request, owner=visitor_id(), key=f"{tab}-{starts}")
    except (StoreUnavailable, RunMissing) as refusal:
        st.error(str(refusal), icon=":material/hard_drive:")
        return None
    st.session_state[_STARTS] = starts + 1
    return run
