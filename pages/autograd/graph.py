"""The graph with its steps: our own component, drawn in the browser."""

from pathlib import Path
from typing import Any

import streamlit as st

ASSETS = Path(__file__).parents[2] / "assets" / "autograd"

_component = st.components.v2.component(
    "autograd_lab_graph",
    html=(ASSETS / "graph.html").read_text(encoding="utf-8"),
    css=(ASSETS / "graph.css").read_text(encoding="utf-8"),
    js=(ASSETS / "graph.js").read_text(encoding="utf-8"),
)


def graph(film: dict[str, Any]) -> None:
    """Draw the film; stepping happens in the browser alone."""
    _component(key="autograd_graph", data=film)
