"""The choice of how a design's weights begin, of one to lay beside it, and of the seed."""

from dataclasses import replace

import streamlit as st

from core.networks.initialisation import INITIALISATIONS
from pages.design.address import note_action
from pages.shared.choice import current_network
from pages.shared.glossary import meaning
from pages.shared.history import change

LAYERS = {"all": "all", "weighted": "with weights"}
MANY = 24  # layers; from so many on those without weights are left out at first
_WEIGHTS, _BESIDE, _SEED, _LAYERS = "start_weights", "start_beside", "start_seed", "start_layers"
_NONE = "none"


def choice(count: int) -> tuple[list[str], int, bool]:
    """The design's initialisation and the one beside it, the seed, and whether to leave out layers without
    weights, where there are so many.
    """
    weights = current_network().weights
    if weights not in INITIALISATIONS:
        st.info(
            f"This design begins with trained weights ({weights}). Choosing an initialisation here replaces "
            "them; what follows is PyTorch's default.",
            icon=":material/model_training:",
        )
    st.session_state[_WEIGHTS] = weights if weights in INITIALISATIONS else None
    left, middle, right, last = st.columns([1.3, 1.3, 0.7, 1.2], vertical_alignment="bottom")
    left.selectbox(
        "The design begins with",
        list(INITIALISATIONS),
        format_func=label,
        key=_WEIGHTS,
        on_change=choose,
        placeholder="trained weights",
        help="Belongs to the design: training begins with it.",
    )
    others = [_NONE, *(key for key in INITIALISATIONS if key != weights)]
    if st.session_state.get(_BESIDE) not in others:
        st.session_state[_BESIDE] = _NONE
    beside = middle.selectbox("Beside it", others, format_func=label, key=_BESIDE, persist_state="session")
    seed = right.number_input("Seed", 0, 2**31 - 1, key=_SEED, help=meaning("seed"), persist_state="session")
    if _LAYERS not in st.session_state:
        st.session_state[_LAYERS] = "all" if count < MANY else "weighted"
    layers = last.segmented_control(
        "Layers",
        list(LAYERS),
        format_func=LAYERS.__getitem__,
        key=_LAYERS,
        required=True,
        persist_state="session",
    )
    chosen = weights if weights in INITIALISATIONS else "default"
    return [chosen] if beside == _NONE else [chosen, beside], int(seed), layers == "weighted"


def label(key: str) -> str:
    """What the page calls an initialisation."""
    return INITIALISATIONS[key].label if key in INITIALISATIONS else "nothing"


def choose() -> None:
    """Make the chosen initialisation the design's; can be undone."""
    note_action()
    if (chosen := st.session_state[_WEIGHTS]) in INITIALISATIONS:
        change(replace(current_network(), weights=chosen))
