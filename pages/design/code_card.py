"""The program that makes the network, in the words of three libraries, to copy and to take along."""

import streamlit as st

from core.networks.analysis import Analysis
from core.networks.source import DIALECTS, to_source

HEIGHT = 430  # pixels: the same for every design, so that nothing jumps


def code(analysis: Analysis) -> None:
    """The network as a program in the chosen dialect, always in step with the design."""
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        chosen = st.segmented_control(
            "The program is for",
            list(DIALECTS),
            default=next(iter(DIALECTS)),
            format_func=lambda key: DIALECTS[key].label,
            key="code_dialect",
            required=True,
            label_visibility="collapsed",
            persist_state="session",
        )
        dialect = DIALECTS[chosen or next(iter(DIALECTS))]
        source = to_source(analysis.spec, analysis.input_shape, chosen or "pytorch", analysis.classes)
        file_name = dialect.file_name(analysis.spec)
        st.download_button(
            "",
            source,
            file_name,
            mime="text/x-python",
            key="code_download",
            on_click="ignore",  # nothing on the page depends on it
            help=f"Download {file_name}",
            icon=":material/download:",
        )
    st.code(source, height=HEIGHT)
    st.caption(dialect.note)
