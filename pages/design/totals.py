"""What the whole network costs, and how that differs from the pinned design."""

import streamlit as st

from core.networks.analysis import Analysis, analyse
from pages.shared.glossary import meaning

ACTIVATIONS = (
    "Memory of all layers' outputs for one image, as float32 (4 bytes a number). Training keeps them for \
the backward pass: multiply by the batch size."
)


def totals(analysis: Analysis) -> None:
    """Parameters, MACs, FLOPs and activation memory of the layers up to the first problem."""
    other = None  # pinned()
    before = analyse(other, analysis.input_shape, analysis.classes) if other else None
    numbers = (
        (
            "Parameters",
            lambda a: a.parameters,
            _count,
            f"{meaning('parameter')} Here: {analysis.parameters:,}.",
        ),
        ("Activations", lambda a: a.activation_bytes, _kib, ACTIVATIONS),
        ("MACs", lambda a: a.macs, short, f"{meaning('MAC')} Here: {analysis.macs:,}."),
        ("FLOPs", lambda a: 2 * a.macs, short, f"{meaning('FLOPs')} Here: {2 * analysis.macs:,}."),
    )
    columns = st.columns(2)
    for i, (label, number, text, explanation) in enumerate(numbers):
        now = number(analysis)
        change = None if before is None else _difference(now - number(before), text)
        columns[i % 2].metric(label, text(now), change, delta_color="inverse", help=explanation, border=False)
    if other:
        st.caption(f"Differences are to the pinned design, {other.name}.")


def _difference(by: int, text: object) -> str:
    sign = "−" if by < 0 else "+"
    return f"{sign}{text(abs(by))}"  # type: ignore[operator]


def _count(number: int) -> str:
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
