"""The graph with its steps: our own component, drawn in the browser."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from core.figures.autograd.torchviz import Drawing

ASSETS = Path(__file__).parents[2] / "assets" / "autograd"
_PARTS = ("boxes", "camera", "card", "tooltip", "download", "lab")  # lab.js uses the others


def _read(name: str) -> str:
    return (ASSETS / "graph" / name).read_text(encoding="utf-8")


_component = st.components.v2.component(
    "autograd_lab_graph",
    html=_read("graph.html"),
    css=_read("graph.css"),
    js="\n".join(_read(f"{part}.js") for part in _PARTS),
)


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
