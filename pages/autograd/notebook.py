"""The program as a notebook cell, to be copied."""

import streamlit as st

from core.autograd.language.notebook import notebook_text


def show_notebook(source: str) -> None:
    """The same lines with their imports; the code block has a button that copies it."""
    st.code(notebook_text(source), language="python")
    st.caption("Paste it into Jupyter or Colab: it gives the same numbers there.")
