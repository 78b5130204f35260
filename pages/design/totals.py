"""What the whole network costs, and how that differs from the pinned design."""

import streamlit as st

from core.networks.analysis import Analysis, analyse
from pages.design.pin import pin_button, pinned
from pages.shared.glossary import meaning

ACTIVATIONS = (
    "Memory of all layers' outputs for one image, as float32 (4 bytes a number). Training keeps them for \
the backward pass: multiply by the batch size."
)
HEIGHT = 106  # pixels of each number, with a difference below it or not


def totals(analysis: Analysis) -> None:
    """Parameters, MACs, FLOPs and activation memory of the layers up to the first problem."""
    pin_button(analysis)
    other = pinned()
    before = analyse(other, analysis.input_shape, analysis.classes) if other else None
    numbers = (
        (
            "Parameters",
            lambda a: a.parameters,
            count,
            f"{meaning('parameter')} Here: {analysis.parameters:,}.",
        ),
        ("Activations", lambda a: a.activation_bytes, _kib, ACTIVATIONS),
        ("MACs", lambda a: a.macs, short, f"{meaning('MAC')} Here: {analysis.macs:,}."),
        ("FLOPs", lambda a: 2 * a.macs, short, f"{meaning('FLOPs')} Here: {2 * analysis.macs:,}."),
    )
    columns = st.columns(2)
    for i, (label, number, text, explanation) in enumerate(numbers):
        now = number(analysis)
        by = None if before is None else now - number(before)
        columns[i % 2].metric(
            label,
            text(now),
            None if by is None else f"{'-' if by < 0 else '+'}{text(abs(by))}",  # "-" turns the arrow
            delta_color="inverse" if by else "off",
            delta_arrow="auto" if by else "off",
            help=explanation,
            height=HEIGHT,
        )


def count(number: int) -> str:
    """A number of parameters as it stands among the totals."""
    return f"{number:,}" if number < 10_000_000 else short(number)  # longer ones are cut off on a projector


def _kib(number: int) -> str:
    return f"{number / 1024:,.0f} KiB"


def short(number: int) -> str:
    """A count in three digits: 2.29 M."""
    rounded = float(f"{number:.3g}")
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if rounded >= size:
            return f"{rounded / size:g} {letter}"
    return str(number)
