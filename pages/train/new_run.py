"""Start a run from the controls, or say what keeps it from starting."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.training.config import RunRequest
from core.training.runs.database import StoreUnavailable
from core.training.runs.records import Run
from core.training.runs.store import RunMissing
from pages.shared.server import run_store
from pages.shared.visitor import visitor_id
from pages.train import presses, sweep
from pages.train.settings import Settings
from pages.train.shown import wait_until_taken

_START = "start"  # the button's name for `presses`


def draw(settings: Settings, data_is_ready: bool) -> Run | None:
    """The start button and what is wrong; the run that was started just now."""
    place = st.empty()
    started = _button(place, settings.request is not None and data_is_ready)
    for problem in settings.problems:
        st.error(problem, icon=":material/error:")
    if settings.design_problem:
        st.error(settings.design_problem, icon=":material/error:")
        st.page_link("pages/design/page.py", label="Mend it on the Design page", icon=":material/layers:")
    if not data_is_ready:
        st.caption("The data set is not here yet: see the right side.")
    learning = f"{settings.parameters:,} parameters to learn  \n" if settings.request else ""
    st.caption(f"{learning}Images: {settings.data.words}")
    swept = sweep.draw_new(settings.request if data_is_ready else None, visitor_id())
    if settings.request and started and data_is_ready:
        if run := _start(settings.request):
            _button(place, True)
        return run
    return swept


def _button(place: DeltaGenerator, enabled: bool) -> bool:
    """Another button after each start, so that a second press, sent before that was seen, starts nothing."""
    starts = presses.count(_START)
    return place.button(
        "Start training",
        type="primary",
        icon=":material/play_arrow:",
        width="stretch",
        key=f"train_start_{starts}" if starts else "train_start",
        disabled=not enabled,
    )


def _start(request: RunRequest) -> Run | None:
    """Queue it; once, even if the page runs again before it has noted that."""
    try:
        run = run_store().add(request, owner=visitor_id(), key=presses.name(_START))
    except (StoreUnavailable, RunMissing) as refusal:
        st.error(str(refusal), icon=":material/hard_drive:")
        return None
    presses.fulfilled(_START)
    wait_until_taken(run)
    return run
