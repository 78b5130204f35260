"""The two learning curves of a run, side by side, and the points in them."""

from collections.abc import Sequence

import streamlit as st

from core.figures.curves import ACCURACY_CHART, LOSS_CHART, curve_table
from core.training.runs.records import Metric, Run
from pages.shared.server import run_store

# in the session: the points that this page has read, so that it asks for new ones only
_MEMORY = "train_points"
HEIGHT = 350  # pixels; with all above it the charts end above the lower edge of a 1280×720 screen


def points_of(run: Run) -> list[Metric]:
    """All points of the run's curves so far."""
    key = (run.id, run.attempt)
    known_key, known = st.session_state.get(_MEMORY, (None, []))
    if known_key != key:
        known = []
    known = known + run_store().metrics(run.id, after=known[-1].id if known else 0)
    st.session_state[_MEMORY] = (key, known)
    return known


def draw(run: Run, _runs: Sequence[Run]) -> None:
    """Both charts; they keep their place on the page and change in place."""
    table = curve_table(points_of(run), run.request.config.epochs)
    left, right = st.columns(2)
    with left:
        st.vega_lite_chart(
            table,
            LOSS_CHART,
            height=HEIGHT,
            key="train_loss",
            alt="Loss of the training and validation splits over the epochs",
        )
    with right:
        st.vega_lite_chart(
            table,
            ACCURACY_CHART,
            height=HEIGHT,
            key="train_accuracy",
            alt="Accuracy of the training and validation splits over the epochs",
        )
