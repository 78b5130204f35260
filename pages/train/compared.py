"""Which runs are compared: the address says it, as ?compare=…, so that a link opens the same picture."""

from collections.abc import Sequence

import streamlit as st

from core.figures.comparison import MOST_RUNS
from core.training.runs.records import Run

_NAME = "compare"
_MEMORY = "train_compared"  # in the session, for when the page is left and the address is bare
VIEW_KEY, VIEW = "train_view", "Compare"  # the control that chooses a view, and this one


def put(ids: Sequence[str]) -> None:
    """Write the set into the address."""
    st.session_state[_MEMORY] = st.query_params[_NAME] = ",".join(ids[:MOST_RUNS])


def show(ids: Sequence[str], clicked_key: str) -> None:
    """Compare these runs; the page shows the one whose id it finds in the session's `clicked_key`."""
    put(ids)
    st.session_state[clicked_key] = ids[0]
    st.session_state[VIEW_KEY] = VIEW


def chosen(run: Run, runs: Sequence[Run]) -> list[Run]:
    """The shown run first, then the others of the set; a newcomer gets the newest other on the same data."""
    named = st.query_params.get(_NAME, st.session_state.get(_MEMORY))
    if named is None:
        alike = (other for other in runs if other.id != run.id and other.request.data == run.request.data)
        return [run, *(other for other in [next(alike, None)] if other)]
    known = {other.id: other for other in runs}
    others = dict.fromkeys(part for part in named.split(",") if part in known and part != run.id)
    return [run, *(known[part] for part in others)][:MOST_RUNS]
