"""The learning curves of a run, side by side, what was changed under way, and what lies between the losses."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import streamlit as st

from core.figures.curve_charts import accuracy_chart, loss_chart, rate_chart
from core.figures.curves import AXES, curve_table, marks
from core.training.loss_gap import LossGap
from core.training.observations import Change
from core.training.runs.curves import Curves
from core.training.runs.records import Run
from pages.shared.server import run_store

# in the session: what this page has read of the shown run, so that it asks for new points only
_MEMORY = "train_points"
HEIGHT = 265  # pixels; with all above it the charts end above the lower edge of a 1280×720 screen
RATE_HEIGHT = 130
LOG, EVALUATED, RATE = "Log scale", "Training evaluated", "Learning rate"


@dataclass(frozen=True)
class _Read:
    """What was read of one attempt at a run."""

    key: tuple[str, int]  # (run, attempt): after a resumption, points past the checkpoint come anew
    curves: Curves = field(default_factory=Curves)
    changes: tuple[Change, ...] = ()


def draw(run: Run, runs: Sequence[Run]) -> None:
    """The charts; they keep their place on the page and change in place."""
    axis, smoothing, asked = _controls()
    read = _read(run)
    fork = run.request.fork
    parent = next((other.number for other in runs if fork and other.id == fork.run), None)
    table = curve_table(read.curves, run, axis, smoothing, marks(run, read.changes, parent))
    evaluated = EVALUATED in asked
    left, right = st.columns(2)
    with left:
        st.vega_lite_chart(
            table,
            loss_chart(axis, LOG in asked, evaluated),
            height=HEIGHT,
            key="train_loss",
            alt=f"Loss of the training and validation splits over the {AXES[axis].title}",
        )
    with right:
        st.vega_lite_chart(
            table,
            accuracy_chart(axis, evaluated),
            height=HEIGHT,
            key="train_accuracy",
            alt=f"Accuracy of the training and validation splits over the {AXES[axis].title}",
        )
    if RATE in asked:
        st.vega_lite_chart(
            table,
            rate_chart(axis),
            height=RATE_HEIGHT,
            key="train_rate",
            alt=f"Learning rate over the {AXES[axis].title}",
        )
    if evaluated:
        _explain(run, read.curves)


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
            0.99,
            0.0,
            0.01,
            key="train_smoothing",
            persist_state="session",
            width=170,
            help="Weight w of the past in an exponential moving average with bias correction, as in TensorBoard: "
            "s ← w·s + (1 − w)·value, drawn as s / (1 − wⁿ) after n values. The points themselves stay, faint.",
        )
    return axis or "epoch", float(smoothing), list(asked)


def _read(run: Run) -> _Read:
    """All that is known of the run's curves by now."""
    key = (run.id, run.attempt)
    known = st.session_state.get(_MEMORY)
    if known is None or known.key != key:
        known = _Read(key)
    store = run_store()
    curves = known.curves.read_on(store.database, run.number)
    changes = known.changes
    if curves is not known.curves or not known.curves.last:  # a change comes before the next point
        last = changes[-1].step if changes else 0
        older = tuple(change for change in changes if change.step < last)  # several may have the same step
        changes = (*older, *store.observations(run.id, Change, after_step=last - 1))
    st.session_state[_MEMORY] = read = _Read(key, curves, changes)
    return read


def _explain(run: Run, curves: Curves) -> None:
    """The sentence beside the third curve."""
    gap = LossGap.of(curves)
    if gap:
        st.markdown(gap.sentences(run.request))
    elif run.epoch:
        st.caption("This run was trained before its training images were evaluated, too.")
    else:
        st.caption("The training images are evaluated for the first time after the first epoch.")
