"""Autograd: type a few lines of PyTorch, and watch it differentiate, one node at a time."""

import pandas as pd
import streamlit as st

from pages.autograd.examples import example_of
from pages.autograd.graph import ASSETS, graph
from pages.autograd.program import choose_program, show_mistake, show_words
from pages.autograd.result import Result, result_of
from pages.shared.glossary import meaning


def show() -> None:
    """Lay the page out: program left, graph right, all tensors below."""
    st.html(ASSETS / "page.css")
    left, right = st.columns([3.4, 8], gap="medium")
    with left:
        source = choose_program()
        result = result_of(source)
        if result.mistake is not None:
            show_mistake(result.mistake)
        show_words(result)
        example = example_of(source)
        if example is not None:
            st.caption(example.commentary)
    with right:
        graph(result.film)
        if not result.rows:
            st.info(
                "Nothing has been computed yet. Type a line such as `x = torch.ones(2, requires_grad=True)`."
            )
        _show_check(result)
    _show_tensors(result)


def _show_check(result: Result) -> None:
    if result.check is None:
        return
    good, sentence = result.check
    icon = ":green[:material/verified:]" if good else ":red[:material/report:]"
    st.caption(f"{icon} {sentence}", help=meaning("gradient"))


def _show_tensors(result: Result) -> None:
    with st.expander(f"All tensors ({len(result.rows)})", icon=":material/table_rows:"):
        if result.rows:
            st.dataframe(
                pd.DataFrame(result.rows),
                hide_index=True,
                column_config={
                    "grad": st.column_config.TextColumn(help=meaning("gradient")),
                    "is_leaf": st.column_config.CheckboxColumn(help=meaning("leaf")),
                    "requires_grad": st.column_config.CheckboxColumn(help=meaning("requires_grad")),
                    "grad_fn": st.column_config.TextColumn(help=meaning("grad_fn")),
                },
            )


show()
