"""Train: start a run, watch it, steer it, and find it again."""

from collections.abc import Sequence

import streamlit as st

from core.training.config import RunRequest
from core.training.runs.records import Run
from pages.shared.data_card import DATASET_KEY, data_ready
from pages.shared.server import run_store
from pages.train import new_run, rate_finder, run_view, runs_table, settings
from pages.train.compared import VIEW_KEY
from pages.train.pace import LIVE_VIEW, Pace, pace_of
from pages.train.shown import CLICKED

_SHOWN = "train_run"  # in the session, for when the page is left and the address loses its ?run=


def show() -> None:
    """Lay the page out: the controls beside the run."""
    controls, view = st.columns([1, 3.2], gap="medium")
    card, run_place = view.container(), view.container()
    with controls, st.container(gap="xsmall"):
        chosen = settings.draw()
        with card:
            ready = data_ready(st.session_state[DATASET_KEY])
        started = new_run.draw(chosen, ready)
        rate_finder.draw(chosen.asked, settings.use_rate)
    if started:
        _choose(started.id)
    with run_place:
        pace = _pace(run_store().runs())
        # always a fragment, with a timer or without, so that the charts stay mounted
        st.fragment(_runs, run_every=pace.rest)(pace, chosen.request)


def _runs(pace: Pace, present: RunRequest | None) -> None:
    """The shown run and the table of all; reads the store and nothing else.

    `pace` is that at which they are looked at; `present` is what the controls say, None where that can't be used.
    """
    store = run_store()
    for notice in store.notices:
        st.warning(notice, icon=":material/healing:")
    runs = store.runs()
    if pace != _pace(runs):
        st.rerun()  # the timers are outside the fragment
    if clicked := st.session_state.pop(CLICKED, None):
        _choose(clicked)
    shown = _shown(runs)
    if shown is None:
        _invite()
        return
    run_view.draw(shown, present, pace)
    runs_table.draw(runs, shown, clicked_key=CLICKED)


def _pace(runs: Sequence[Run]) -> Pace:
    return pace_of(runs, st.session_state.get(VIEW_KEY, LIVE_VIEW))


def _choose(run_id: str) -> None:
    st.session_state[_SHOWN] = run_id
    st.query_params["run"] = run_id


def _shown(runs: Sequence[Run]) -> Run | None:
    """The run that the address names, else the one that this session saw last, else the newest."""
    wanted = st.query_params.get("run") or st.session_state.get(_SHOWN)
    found = next((run for run in runs if run.id == wanted), None)
    if wanted and not found:
        st.warning(
            f"There is no run “{wanted}” here; it may have been deleted.", icon=":material/search_off:"
        )
    found = found or next(iter(runs), None)
    if found and found.id != st.query_params.get("run"):
        _choose(found.id)
    return found


def _invite() -> None:
    st.markdown("#### No run yet")
    st.markdown(
        "Choose on the left and press **Start training**. Loss and accuracy of the training and the "
        "validation split then move here while the network learns. The run goes on beside the page: switch "
        "to another page, reload, close the tab; you find it here again."
    )


show()
