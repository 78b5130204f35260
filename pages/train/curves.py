"""The curves of a run: what is drawn beneath them, and what they show."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.figures.curve_charts import accuracy_chart, loss_chart, rate_chart
from core.figures.curves import AXES
from core.training.loss_gap import LossGap
from core.training.runs.curves import Curves
from core.training.runs.records import Run
from pages.train.points import points

HEIGHT = 213  # pixels of a plot; with all around it the view ends above the lower edge of a 1280×720 screen
RATE_HEIGHT = 130
LOG, EVALUATED, RATE = "Log scale", "Training evaluated", "Learning rate"
SMOOTHEST = 0.99


@dataclass(frozen=True)
class Wanted:
    """What the curves are to show."""

    axis: str  # a key of AXES
    smoothing: float
    charts: list[
        tuple[dict[str, Any], int]
    ]  # of core.figures.curve_charts, and the pixels of each one's plot


def draw(run: Run, _runs: Sequence[Run]) -> Wanted:
    """The controls, and what lies between the losses; the curves themselves are drawn above these."""
    axis, smoothing, asked = _controls()
    evaluated = EVALUATED in asked
    charts = [
        (loss_chart(axis, LOG in asked, evaluated), HEIGHT),
        (accuracy_chart(axis, evaluated), HEIGHT),
    ]
    if RATE in asked:
        charts.append((rate_chart(axis), RATE_HEIGHT))
    if evaluated:
        _explain(run, points(run)[0])
    return Wanted(axis, smoothing, charts)


def _controls() -> tuple[str, float, list[str]]:
    """What the x-axis is, how much is smoothed, and what else is asked for."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        axis = st.segmented_control(
            "x-axis",
            list(AXES),
            default="epoch",
            key="train_axis",
            persist_state="session",
            required=True,
        )
        asked = st.pills(
            "Show",
            [LOG, EVALUATED, RATE],
            selection_mode="multi",
            key="train_show",
            persist_state="session",
            help="**Log scale**: of the loss. **Training evaluated**: the loss of training images measured like "
            "that of the validation images, with fixed weights in eval mode. **Learning rate**: a third chart.",
        )
        smoothing = st.slider(
            "Smoothing",
            0.0,
            SMOOTHEST,
            0.0,
            0.01,
            key="train_smoothing",
            persist_state="session",
            width=170,
            help="Weight w of the past in an exponential moving average with bias correction, as in TensorBoard: "
            "s ← w·s + (1 − w)·value, drawn as s / (1 − wⁿ) after n values. The points themselves stay, faint.",
        )
    return axis or "epoch", float(smoothing), list(asked)


def _explain(run: Run, curves: Curves) -> None:
    """The sentence beside the third curve."""
    gap = LossGap.of(curves)
    if gap:
        st.markdown(gap.sentences(run.request))
    elif run.epoch:
        st.caption("This run was trained before its training images were evaluated, too.")
    else:
        st.caption("The training images are evaluated for the first time after the first epoch.")
