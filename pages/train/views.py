"""The views of a run: one record each; only the chosen one is drawn."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from core.training.runs.records import Run
from pages.train import compare, curves, epochs, export, health, magnifier, sweep


@dataclass(frozen=True)
class View:
    """One way to look at a run."""

    label: str
    icon: str
    draw: Callable[[Run, Sequence[Run]], None]  # (the shown run, all runs)


VIEWS: dict[str, View] = {
    "curves": View("Curves", ":material/show_chart:", curves.draw),
    "epochs": View("Epochs", ":material/grid_on:", epochs.draw),
    "health": View("Health", ":material/ecg_heart:", health.draw),
    "step": View("One step", ":material/zoom_in:", magnifier.draw),
    "compare": View("Compare", ":material/compare_arrows:", compare.draw),
    "sweep": View("Sweep", ":material/grid_view:", sweep.draw),
    "export": View("Export", ":material/download:", export.draw),
}
_KEY = "train_view"


def draw(run: Run, runs: Sequence[Run]) -> None:
    """The choice of a view, and the chosen one."""
    name = st.segmented_control(
        "View",
        list(VIEWS),
        default="curves",
        format_func=lambda name: f"{VIEWS[name].icon} {VIEWS[name].label}",
        key=_KEY,
        required=True,
        bind="query-params",
        label_visibility="collapsed",
    )
    VIEWS[name or "curves"].draw(run, runs)
