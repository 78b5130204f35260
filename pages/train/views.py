"""The views of a run; only the chosen one is drawn."""

from collections.abc import Callable, Sequence

import streamlit as st

from core.training.runs.records import Run
from pages.train import compare, compared, curves, epochs, export, health, magnifier, sweep
from pages.train.curves import Wanted
from pages.train.pace import LIVE_VIEW

# what stands on the control, and in the address → what draws (the shown run, all runs)
VIEWS: dict[str, Callable[[Run, Sequence[Run]], Wanted | None]] = {
    LIVE_VIEW: curves.draw,
    "Epochs": epochs.draw,
    "Health": health.draw,
    "One step": magnifier.draw,
    compared.VIEW: compare.draw,
    "Sweep": sweep.draw,
    "Export": export.draw,
}


def choose() -> str:
    """The control, and which view it says."""
    return st.segmented_control(
        "View",
        list(VIEWS),
        default=LIVE_VIEW,
        key=compared.VIEW_KEY,
        required=True,
        bind="query-params",
        label_visibility="collapsed",
    )


def draw(view: str, run: Run, runs: Sequence[Run]) -> Wanted | None:
    """The view of that name; says which curves are to be drawn above it, if any."""
    return VIEWS[view](run, runs)
