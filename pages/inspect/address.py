"""What the page shows sits in its address, so that a link opens the same view; widgets follow the address."""

from collections.abc import Callable, Sequence

import streamlit as st

_MEMORY = "inspect_address"


def recall() -> None:
    """Back from another page, the address is bare: show what this session saw last."""
    if not st.query_params and _MEMORY in st.session_state:
        st.query_params.update(st.session_state[_MEMORY])


def remember() -> None:
    """Keep the address for `recall`."""
    st.session_state[_MEMORY] = st.query_params.to_dict()


def get(name: str) -> str:
    """One part of the address; "" where it is not there."""
    value: str = st.query_params.get(name, "")
    return value


def put(**parts: str) -> None:
    """Change parts of the address; "" takes a part away."""
    for name, value in parts.items():
        if value:
            st.query_params[name] = value
        elif name in st.query_params:
            del st.query_params[name]


def one_of(name: str, options: Sequence[str], default: str) -> str:
    """One part of the address, if it is among the options; else the default."""
    return get(name) if get(name) in options else default


def followed(name: str, options: Sequence[str], default: str) -> tuple[str, Callable[[], None]]:
    """The key of a widget that chooses one of `options`, set to what the address says, and its `on_change`.

    A value that is not among the options counts as the default.
    """
    key = f"inspect_{name}"
    st.session_state[key] = one_of(name, options, default)

    def changed() -> None:
        value = st.session_state[key]
        put(**{name: "" if value is None or value == default else value})

    return key, changed
