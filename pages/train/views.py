"""The views of a run; only the chosen one is drawn."""

from collections.abc import Callable, Sequence

import streamlit as st

from core.training.runs.records import Run
from pages.train import compare, compared, curves, epochs, export, health, magnifier, sweep

# what stands on the control, and in the address → what draws (the shown run, all runs)
VIEWS: dict[str, Callable[[Run, Sequence[Run]], None]] = {
    "Curves": curves.draw,
    "Epochs": epochs.draw,
    "Health": health.draw,
    "One step": magnifier.draw,
    compared.VIEW: compare.draw,
    "Sweep": sweep.draw,
    "Export": export.draw,
}


def draw(run: Run, runs: Sequence[Run]) -> None:
    """The choice of a view, and the chosen one."""
    view = st.segmented_control(
        "View",
        list(VIEWS),
        default=next(iter(VIEWS)),
        key=compared.VIEW_KEY,
        required=True,
        bind="query-params",
        label_visibility="collapsed",
    )
    VIEWS[view](run, runs)
