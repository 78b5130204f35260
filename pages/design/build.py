"""The Build view: the picture and the list of layers on the left, the costs and the code on the right."""

import streamlit as st

from core.networks.analysis import Analysis
from pages.design.code_card import code
from pages.design.diagram import diagram
from pages.design.layer_list import layer_list
from pages.design.pretrained import weights_card
from pages.design.totals import totals


def show(analysis: Analysis) -> None:
    """Lay out what a person edits, and what follows from it."""
    left, right = st.columns([2.4, 1], gap="medium")
    with left:
        diagram(analysis)
        with st.container():  # of its own, so that the list keeps its place on the page without a card, too
            weights_card(analysis)
        layer_list(analysis, st.session_state.get("design_applied", 0))
    with right:
        totals(analysis)
        code(analysis)
