"""The picture of the network, above the list of its layers."""

from dataclasses import asdict
from pathlib import Path

import streamlit as st

from core.figures.network_diagram import network_diagram
from core.networks.analysis import Analysis

ASSETS = Path(__file__).parents[2] / "assets" / "design"

_component = st.components.v2.component(
    "autograd_lab_network_diagram",
    js=(ASSETS / "diagram.js").read_text(encoding="utf-8"),
    css=(ASSETS / "diagram.css").read_text(encoding="utf-8"),
)


def diagram(analysis: Analysis) -> None:
    """Draw the feature-map volumes; the picture keeps its place and height while the design changes."""
    _component(key="network_diagram", data=asdict(network_diagram(analysis)))
