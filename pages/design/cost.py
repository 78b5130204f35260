"""What the design costs in time: measured on this machine when somebody asks, layer by layer."""

from dataclasses import replace

import streamlit as st

from core.networks.analysis import Analysis
from core.training.config import TrainingConfig
from core.training.timing import TimingOrder
from pages.design import cost_measurement, cost_result
from pages.shared.glossary import meaning

POLL = 0.4  # seconds between two looks at a measurement under way
BATCHES = (16, 32, 64, 128, 256)
_BATCH = "cost_batch"

WHY = (
    "A process of its own at low priority measures for about five seconds: training steps on a batch of noise "
    "(forward, backward, optimizer), then single images in eval mode, each turn once with a clock around every "
    "layer and once without. Each number is the median over all turns."
)


def show(analysis: Analysis) -> None:
    """Measure on request, and show what was measured: of this design, or of the one before it."""
    if analysis.problems:
        st.info(f"{analysis.problems[0].sentence} Mend it under Build; then its time can be measured.")
        return
    polled = cost_measurement.WORK.advance()
    # always a fragment, with a timer or without, so that the table stays mounted
    st.fragment(_draw, run_every=POLL if polled else None)(analysis, polled)


def _draw(analysis: Analysis, polled: bool) -> None:
    if cost_measurement.WORK.advance() != polled:
        st.rerun()  # the timer is mounted only while something is under way
    order = _controls(analysis, polled)
    cost_measurement.WORK.draw()
    if measured := cost_measurement.latest(order):
        cost_result.draw(measured, order)
    elif not polled:
        st.markdown(
            "How long a layer takes is not how many MACs it has: pooling and activations have none and take "
            "their time, and a small layer can't keep the machine busy. Press the button to see it here."
        )
        st.caption(WHY)


def _controls(analysis: Analysis, polled: bool) -> TimingOrder:
    """The batch and the button; gives what would be measured now."""
    st.session_state.setdefault(_BATCH, TrainingConfig().batch_size)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        batch = st.selectbox(
            "Images in a batch",
            BATCHES,
            key=_BATCH,
            width=160,
            help=meaning("batch"),
            persist_state="session",
        )
        # neither the name nor the weights make a difference to the time
        network = replace(analysis.spec, name="design", weights="default")
        order = TimingOrder(network, analysis.input_shape, analysis.classes, int(batch))
        refusal = order.problem()
        if polled:
            st.button("Stop", icon=":material/stop:", key="cost_stop", on_click=cost_measurement.WORK.stop)
        else:
            st.button(
                "Measure on this machine",
                type="primary",
                icon=":material/timer:",
                key="cost_measure",
                disabled=bool(refusal),
                help=WHY,
                on_click=cost_measurement.ask,
                args=(order, analysis.spec.name),
            )
    if refusal:
        st.warning(refusal, icon=":material/memory:")
    return order
