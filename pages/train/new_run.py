"""Start a run from the controls, or say what keeps it from starting."""

import streamlit as st

from core.training.runs.database import StoreUnavailable
from core.training.runs.records import Run
from pages.shared.server import run_store
from pages.shared.visitor import visitor_id
from pages.train import sweep
from pages.train.settings import Settings


def draw(settings: Settings, data_is_ready: bool) -> Run | None:
    """The start button and what is wrong; the run that was started just now."""
    started = st.button(
        "Start training",
        type="primary",
        icon=":material/play_arrow:",
        width="stretch",
        key="train_start",
        disabled=settings.request is None or not data_is_ready,
    )
    for problem in settings.problems:
        st.error(problem, icon=":material/error:")
    if settings.design_problem:
        st.error(settings.design_problem, icon=":material/error:")
        st.page_link("pages/design/page.py", label="Mend it on the Design page", icon=":material/layers:")
    if not data_is_ready:
        st.caption("The data set is not here yet: see the right side.")
    if settings.request:
        st.caption(f"{settings.parameters:,} parameters to learn.")
    swept = sweep.draw_new(settings.request if data_is_ready else None, visitor_id())
    if settings.request and started and data_is_ready:
        try:
            return run_store().add(settings.request, owner=visitor_id())
        except StoreUnavailable as refusal:
            st.error(str(refusal), icon=":material/hard_drive:")
    return swept
