"""How the weights begin: the choice of initialisation, and what it does to the signal through this design."""

import streamlit as st

from core.figures.signal import BACKWARD_CHART, FORWARD_CHART, strength_table
from core.inspection.signal import LayerSignal, Signal, TooLarge
from core.networks.analysis import Analysis
from pages.design import start_histograms, start_verdict
from pages.design.start_batch import batch_of, signal_of
from pages.design.start_choice import choice, label

HEIGHT = 250  # pixels of the two charts
ALT = "How strong the {} of each layer are, on a logarithmic axis"


def show(analysis: Analysis) -> None:
    """Choose how the weights begin, and see the signal through each layer."""
    if analysis.problems:
        st.info(f"{analysis.problems[0].sentence} Mend it under Build; then the signal can be shown.")
        return
    keys, seed, only = choice(len(analysis.rows))
    try:
        batch = batch_of(analysis)
        with st.spinner("One batch forward and back", show_time=False):
            signals = {key: signal_of(analysis, key, seed, batch) for key in keys}
    except TooLarge as refusal:
        st.warning(str(refusal), icon=":material/memory:")
        return
    start_verdict.draw(signals)
    layers = {label(key): signal.weighted if only else signal.layers for key, signal in signals.items()}
    strengths(layers)
    start_histograms.draw(layers)
    st.caption(f"{batch.sentence} Loss at the start: {losses(signals)}. {start_verdict.RULE}")


def strengths(layers: dict[str, tuple[LayerSignal, ...]]) -> None:
    """How strong the signal is at each layer, in both directions."""
    table = strength_table(layers)
    left, right = st.columns(2)
    left.vega_lite_chart(table, FORWARD_CHART, height=HEIGHT, key="start_forward", alt=ALT.format("outputs"))
    right.vega_lite_chart(
        table, BACKWARD_CHART, height=HEIGHT, key="start_backward", alt=ALT.format("gradients")
    )


def losses(signals: dict[str, Signal]) -> str:
    """The loss of each batch."""
    return ", ".join(f"{label(key)} {signal.loss:.3g}" for key, signal in signals.items())
