"""Help beside a control whose label is hidden: Streamlit hides the label's question mark with it."""

import streamlit as st


def hint(text: str) -> None:
    """A question mark that tells `text`, beside the control in a horizontal container."""
    st.markdown("", help=text, width="content")
