"""The picture of the network, above the list of its layers."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from core.figures.block_diagram import block_diagram
from core.figures.drawing import Drawing
from core.figures.network_diagram import network_diagram
from core.networks.analysis import Analysis

ASSETS = Path(__file__).parents[2] / "assets" / "design"
_SHARED = ASSETS.parent / "shared" / "graph"
_SCRIPTS = (_SHARED / "boxes.js", _SHARED / "download.js", ASSETS / "diagram.js")

DRAWINGS: dict[str, Callable[[Analysis], Drawing]] = {"Volumes": network_diagram, "Blocks": block_diagram}
KIND = "diagram_kind"

_component = st.components.v2.component(
    "autograd_lab_network_diagram",
    js="\n".join(file.read_text(encoding="utf-8") for file in _SCRIPTS),
    css=(ASSETS / "diagram.css").read_text(encoding="utf-8"),
)


@st.fragment
def diagram(analysis: Analysis) -> None:
    """Draw it as volumes or as blocks; the picture keeps its place and height while the design changes."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        kind = st.segmented_control(
            "Drawn as", list(DRAWINGS), default="Volumes", key=KIND, required=True,
            persist_state="session", label_visibility="collapsed",
        )  # fmt: skip
        st.space("stretch")
        enlarged = st.button(
            "", icon=":material/fullscreen:", key="enlarge_diagram", help="Enlarge the drawing"
        )
    _component(key="network_diagram", data=drawing_data(analysis, kind))
    if enlarged:
        _enlarged(analysis, kind)


@st.dialog("The network", width="large")
def _enlarged(analysis: Analysis, kind: str) -> None:
    _component(key="network_diagram_enlarged", data=drawing_data(analysis, kind, tall=True))


def drawing_data(analysis: Analysis, kind: str, tall: bool = False) -> dict[str, Any]:
    """What the component paints, and the name of the file that it makes of it."""
    stem = "".join(c if c.isalnum() else "-" for c in analysis.spec.name).strip("-") or "network"
    drawn = DRAWINGS[kind](analysis)
    drawing = {**vars(drawn), "marks": [vars(mark) for mark in drawn.marks]}  # asdict would copy each number
    return {"drawing": drawing, "kind": kind, "tall": tall, "name": f"{stem}-{kind.lower()}"}
