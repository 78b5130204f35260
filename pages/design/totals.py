"""What the whole network costs, and the program that makes it."""

import streamlit as st

from core.networks.analysis import Analysis
from core.networks.source import to_source
from pages.shared.glossary import meaning

CODE_HEIGHT = 430  # pixels: the same for every design, so that nothing jumps


def totals(analysis: Analysis) -> None:
    """Parameters, MACs, FLOPs and activation memory; of the layers up to the first problem."""
    left, right = st.columns(2)
    left.metric("Parameters", f"{analysis.parameters:,}", help=meaning("parameter"))
    right.metric("Activations", f"{analysis.activation_bytes / 1024:,.0f} KiB", help=ACTIVATIONS)
    left.metric("MACs", short(analysis.macs), help=f"{meaning('MAC')} Here: {analysis.macs:,}.")
    right.metric("FLOPs", short(2 * analysis.macs), help=f"{meaning('FLOPs')} Here: {2 * analysis.macs:,}.")


ACTIVATIONS = (
    "Memory of all layers' outputs for one image, as float32 (4 bytes a number). Training keeps them for \
the backward pass: multiply by the batch size."
)


def code(analysis: Analysis) -> None:
    """The network as a PyTorch program."""
    st.code(to_source(analysis.spec, analysis.input_shape), height=CODE_HEIGHT)


def short(number: int) -> str:
    """A count in three digits: 2.29 M."""
    rounded = float(f"{number:.3g}")
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if rounded >= size:
            return f"{rounded / size:g} {letter}"
    return str(number)
