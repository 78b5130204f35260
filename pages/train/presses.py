"""A name for the next press of a button that starts something: sent twice, it is done once."""

import secrets

import streamlit as st

_TAB = "train_tab"  # in the session: a random name of this tab


def count(button: str) -> int:
    """How many presses of `button` in this tab were fulfilled."""
    return int(st.session_state.setdefault(_counter(button), 0))


def name(button: str) -> str:
    """Of the next press; it stays the same until that is fulfilled."""
    tab = st.session_state.setdefault(_TAB, secrets.token_hex(8))
    return f"{tab}-{button}-{count(button)}"


def fulfilled(button: str) -> None:
    """The next press is another one."""
    st.session_state[_counter(button)] = count(button) + 1


def _counter(button: str) -> str:
    return f"train_presses_{button}"
