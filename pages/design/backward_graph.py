"""The autograd graph of the design: what backward() walks through, by our graph and by torchviz."""

from typing import Any

import streamlit as st

from core.figures.autograd.torchviz import Drawing
from core.figures.network_backward.picture import LEVELS, network_backward
from core.figures.network_backward.torchviz import network_torchviz
from core.networks.analysis import Analysis
from core.networks.backward_graph import backward_graph
from core.networks.spec import NetworkSpec, Shape, SpecError
from pages.design.diagram import ASSETS
from pages.shared.glossary import meaning
from pages.shared.graph import graph_component

KEY = "backward_graph"
OURS, TORCHVIZ = "Our graph", "torchviz"
_DRAWN_BY, _SHOWN = "backward_drawn_by", "backward_shown"

_component = graph_component(
    "autograd_lab_backward_graph", *(ASSETS / f"backward_graph.{kind}" for kind in ("html", "css", "js"))
)


@st.fragment
def show(analysis: Analysis) -> None:
    """The graph, or a sentence that says why there is none."""
    if analysis.problems:
        problem = analysis.problems[0]
        name = f"**{problem.name}.** " if problem.name else ""
        st.warning(
            f"{name}{problem.sentence} Nothing is recorded before the network fits together; mend it under "
            "*Build*.",
            icon=":material/build:",
        )
        return
    try:
        graph = backward_graph(analysis.spec, analysis.input_shape, analysis.classes)
    except SpecError as error:
        st.warning(str(error), icon=":material/warning:")
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        drawn_by = st.segmented_control(
            "Drawn by", [OURS, TORCHVIZ], default=OURS, key=_DRAWN_BY, required=True,
            persist_state="session", label_visibility="collapsed",
        )  # fmt: skip
        st.caption(
            f"What autograd records while a batch of two goes forward, and `backward()` then walks through: "
            f"{len(graph.nodes)} nodes.",
            help=f"{meaning('grad_fn')} {meaning('AccumulateGrad')}",
        )
        drawing = _torchviz(analysis) if drawn_by == TORCHVIZ else None
    if drawing:
        st.caption(drawing.note)
        if drawing.dot:
            with st.container(border=True):
                st.graphviz_chart(drawing.dot, width="content")
        return
    level, toggled = _asked()
    picture = network_backward(analysis, graph, level, toggled)
    _component(key=KEY, data=picture, default={"shown": None}, on_shown_change=lambda: None)


def _asked() -> tuple[str, tuple[str, ...]]:
    """What is open, as the browser last said; kept for when a person comes back."""
    told: Any = (st.session_state.get(KEY) or {}).get("shown") or st.session_state.get(_SHOWN)
    st.session_state[_SHOWN] = told
    if not isinstance(told, dict):
        return "", ()
    level, toggled = told.get("level"), told.get("toggled")
    keys = tuple(key for key in toggled if isinstance(key, str)) if isinstance(toggled, list) else ()
    return level if isinstance(level, str) and level in LEVELS else "", keys


def _torchviz(analysis: Analysis) -> Drawing:
    """The drawing, as its switch wants it; its source can be taken along."""
    st.space("stretch")
    saved = st.toggle("Saved tensors", key="backward_saved", help=meaning("saved tensors"))
    drawing = _drawing(analysis.spec, analysis.input_shape, analysis.classes, saved)
    st.download_button(
        "DOT", drawing.dot, "backward-graph.dot", "text/vnd.graphviz", icon=":material/download:",
        on_click="ignore", disabled=not drawing.dot, help="The graph in the language of Graphviz.",
    )  # fmt: skip
    return drawing


@st.cache_data(max_entries=16, show_spinner=False)
def _drawing(spec: NetworkSpec, input_shape: Shape, classes: int, saved: bool) -> Drawing:
    return network_torchviz(spec, input_shape, classes, saved)
