"""The graph with its steps: our own component, drawn in the browser."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from core.figures.autograd.torchviz import Drawing
from pages.shared.graph import graph_component

ASSETS = Path(__file__).parents[2] / "assets" / "autograd"
GRAPH = ASSETS / "graph"

_component = graph_component("autograd_lab_graph", GRAPH / "graph.html", GRAPH / "lab.css", GRAPH / "lab.js")


def graph(film: dict[str, Any], torchviz: Callable[[], Drawing]) -> None:
    """Draw the film; stepping and switching between the two views happen in the browser alone. `torchviz` is
    asked for its drawing only when that view is chosen."""
    state = _component(
        key="autograd_graph", data=film, default={"torchviz": False}, on_torchviz_change=lambda: None
    )
    if state.torchviz:
        drawing = torchviz()
        with st.container(border=True):
            st.caption(drawing.note)
            if drawing.dot:
                st.graphviz_chart(drawing.dot, width="content")
