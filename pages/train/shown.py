"""Which run the page shows next, as a callback leaves it for the page."""

import streamlit as st

CLICKED = "train_clicked"  # in the session: the id of a run that is to be shown


def show_next(run_id: str) -> None:
    """Have the page show this run when it is drawn again."""
    st.session_state[CLICKED] = run_id
