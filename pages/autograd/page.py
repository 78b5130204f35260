"""Autograd: type a few lines of PyTorch, and watch it differentiate, one node at a time."""

from collections.abc import Callable

import pandas as pd
import streamlit as st

from core.autograd.play.leaves import Changes
from pages.autograd.descend import show_descend
from pages.autograd.examples import example_of
from pages.autograd.graph import ASSETS, graph
from pages.autograd.leaves import (
    changes_of,
    choice_of,
    leaf_buttons,
    leaf_controls,
    show_leaves,
    with_changes,
)
from pages.autograd.modes import show_modes
from pages.autograd.notebook import show_notebook
from pages.autograd.predict import asked, show_predict
from pages.autograd.program import choose_program, show_mistake, show_words
from pages.autograd.questions import hidden_film
from pages.autograd.result import Result, drawing_of, result_of
from pages.shared.glossary import meaning

LEAVES, PREDICT = "Change the leaves", "Predict"


def show() -> None:
    """Lay the page out: program left, graph right, below it what to do with them."""
    st.html(ASSETS / "page.css")
    left, right = st.columns([3.4, 8], gap="medium")
    below = st.container()
    with left:
        source = choose_program()
        choice = choice_of(source)
        if choice.beside:
            leaf_controls(source, choice, choice.beside, "autograd_leaves_beside")
        buttons, words = st.container(), st.container()
    with below:
        view = st.segmented_control(
            "View", list(VIEWS), default=next(iter(VIEWS)), required=True, key="play", bind="query-params",
            label_visibility="collapsed",
        )  # fmt: skip
        # the numbers are chosen before anything is computed from them, though they stand below
        if view == LEAVES:
            show_leaves(source, choice)
    changes = changes_of(source)
    with buttons:
        leaf_buttons(source, choice)
    result = result_of(source, changes)
    with below:
        VIEWS[view](source, changes, result)
    question = asked(source, changes) if view == PREDICT else None
    with words:
        _show_words(source, result, hidden=question is not None)
    with right:
        film = result.film if question is None else hidden_film(source, changes, question)
        graph(film, lambda: drawing_of(source, changes))
        if not result.rows:
            st.info(
                "Nothing has been computed yet. Type a line such as `x = torch.ones(2, requires_grad=True)`."
            )
        _show_check(result)


def _show_words(source: str, result: Result, hidden: bool) -> None:
    example = example_of(source)
    if example is not None and not hidden:
        st.caption(example.commentary)
    if result.mistake is not None:
        show_mistake(result.mistake)
    if hidden:
        st.caption("What the program prints is hidden while you predict.")
        return
    show_words(source, result)


def _show_check(result: Result) -> None:
    if result.check is None:
        return
    good, sentence = result.check
    icon = ":green[:material/verified:]" if good else ":red[:material/report:]"
    st.caption(f"{icon} {sentence}", help=meaning("gradient"))


def _show_tensors(source: str, changes: Changes, result: Result) -> None:
    if not result.rows:
        st.caption("No tensor has been made.")
        return
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


VIEWS: dict[str, Callable[[str, Changes, Result], None]] = {
    "All tensors": _show_tensors,
    LEAVES: lambda source, changes, result: None,  # drawn before the result is known
    "Descend": lambda source, changes, result: show_descend(source, changes),
    PREDICT: lambda source, changes, result: show_predict(source, changes),
    "Forward or reverse": lambda source, changes, result: show_modes(source, changes),
    "Notebook": lambda source, changes, result: show_notebook(with_changes(source, changes)),
}

show()
