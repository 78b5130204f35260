"""Two designs side by side: what they cost, which layers answer to which, and both pictures."""

from pathlib import Path

import streamlit as st

from core.networks.analysis import Analysis, analyse
from core.networks.comparison import compare
from core.networks.gallery import NAMED_NETWORKS
from core.networks.link import CHANGED
from core.networks.spec import NetworkSpec
from core.training.runs.database import StoreUnavailable
from core.training.runs.designs import Design
from pages.design.comparison_tables import layers, totals
from pages.design.diagram import DRAWINGS, drawing_data
from pages.design.pin import pinned
from pages.design.saved import ago, store
from pages.shared.visitor import visitor_id

ASSETS = Path(__file__).parents[2] / "assets" / "design"
_GRAPH = ASSETS.parent / "shared" / "graph"
_PAINTER = (_GRAPH / "boxes.js", _GRAPH / "download.js", ASSETS / "diagram.js")
KEY = "compare_with"
PINNED = "pinned"

_picture = st.components.v2.component(
    "autograd_lab_compared_diagram",
    js="\n".join(file.read_text(encoding="utf-8") for file in _PAINTER),
    css=(ASSETS / "diagram.css").read_text(encoding="utf-8"),
)
_table = st.components.v2.component(
    "autograd_lab_comparison",
    js=(ASSETS / "compare.js").read_text(encoding="utf-8"),
    css=(ASSETS / "compare.css").read_text(encoding="utf-8"),
)


def show(analysis: Analysis) -> None:
    """Choose the other design, and see what differs."""
    left, right = st.columns([1, 2], gap="large")
    with left:
        other = analyse(choose(analysis.spec), analysis.input_shape, analysis.classes)
        for side, key, where in ((analysis, "left", "Here"), (other, "right", "There")):
            if side.problems:
                st.caption(f":material/error: {where}: {side.problems[0].sentence} {BEHIND[key]}")
    comparison = compare(analysis, other)
    with right:
        _table(key="compare_totals", data=totals(comparison))
    _table(key="compare_layers", data=layers(comparison))
    pictures(analysis, other)


BEHIND = {
    "left": "What lies behind has no numbers; mend it under Build.",
    "right": "What lies behind has no numbers.",
}


@st.fragment
def pictures(here: Analysis, there: Analysis) -> None:
    """Both drawings, one above the other, in the same way and to the same scale."""
    kind = st.segmented_control(
        "Drawn as", list(DRAWINGS), default="Volumes", key="compare_drawn", required=True,
        persist_state="session", label_visibility="collapsed",
    )  # fmt: skip
    for side, key, where in ((here, "left", "Here"), (there, "right", "There")):
        with st.container(gap=None):
            st.text(f"{where}: {side.spec.name}")
            _picture(key=f"compare_{key}", data=drawing_data(side, kind or "Volumes"))


def choose(spec: NetworkSpec) -> NetworkSpec:
    """The design to compare `spec` with: the pinned one, one of the gallery, or a saved one."""
    others = choices()
    first = usual(spec, list(others))
    if st.session_state.get(KEY, first) not in others:
        st.session_state[KEY] = first  # what was chosen was deleted or unpinned meanwhile
    chosen = st.selectbox(
        "Compare with",
        list(others),
        index=list(others).index(first),
        key=KEY,
        format_func=lambda word: others[word][0] if word in others else word,
        persist_state="session",
        help="The differences say how much more the present design has. "
        "Pin a design under Build, or save one, to find it here.",
    )
    return others[chosen or first][1]


def usual(spec: NetworkSpec, words: list[str]) -> str:
    """What a person most likely wants to compare with: the pinned design, or what this one was made from."""
    origin = f"gallery {spec.name.removesuffix(CHANGED)}"
    return PINNED if PINNED in words else origin if origin in words else "gallery LeNet"


def choices() -> dict[str, tuple[str, NetworkSpec]]:
    """A word for each design that there is to compare with, its label, and the design."""
    owner = visitor_id()
    try:
        saved = store().designs(owner)
    except StoreUnavailable:
        saved = []
    pin = pinned()
    return {
        **({PINNED: (f"{pin.name} (pinned)", pin)} if pin else {}),
        **{
            _word(one): (f"{one.name} (saved {ago(one.changed)})", one.spec)
            for one in saved
            if one.owner == owner
        },
        **{f"gallery {name}": (f"{name} (gallery)", network) for name, network in NAMED_NETWORKS.items()},
        **{
            _word(one): (f"{one.name} (saved by someone else {ago(one.changed)})", one.spec)
            for one in saved
            if one.owner != owner
        },
    }


def _word(design: Design) -> str:
    return f"saved {design.id}"
