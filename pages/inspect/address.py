"""What the page shows sits in its address, so that a link opens the same view; widgets follow the address."""

from collections.abc import Callable, Sequence

import streamlit as st

_MEMORY = "inspect_address"
_LATER = "inspect_address_later"

Put = Callable[..., None]  # `put` or `put_later`


def recall() -> None:
    """Back from another page, the address is bare: show what this session saw last."""
    if not st.query_params and _MEMORY in st.session_state:
        st.query_params.update(st.session_state[_MEMORY])


def remember() -> None:
    """Keep the address for `recall`, with what was put off."""
    write()
    st.session_state[_MEMORY] = st.query_params.to_dict()


def get(name: str) -> str:
    """One part of the address, also if it isn't written yet; "" where it is not there."""
    value: str = st.session_state.get(_LATER, {}).get(name, st.query_params.get(name, ""))
    return value


def put(**parts: str) -> None:
    """Change parts of the address; "" takes a part away."""
    later = st.session_state.get(_LATER, {})
    for name, value in parts.items():
        later.pop(name, None)
        if value:
            st.query_params[name] = value
        elif name in st.query_params:
            del st.query_params[name]


def put_later(**parts: str) -> None:
    """Change parts of the address when the picture is there: a browser takes some 10 ms to write its address.

    Only for what is drawn in a moment: until `write`, a browser asks with the address that it knows.
    """
    st.session_state[_LATER] = st.session_state.get(_LATER, {}) | parts


def write() -> None:
    """Write what was put off."""
    put(**st.session_state.pop(_LATER, {}))


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
