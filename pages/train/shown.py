"""Which run the page shows next: one that was started just now, or that a callback leaves for the page."""

import time
from contextlib import suppress

import streamlit as st

from core.training.runs.database import StoreUnavailable
from core.training.runs.queue import turn_of
from core.training.runs.records import Run
from core.training.runs.store import RunMissing
from pages.shared.server import keeper, run_store

CLICKED = "train_clicked"  # in the session: the id of a run that is to be shown
PATIENCE = 0.3  # seconds; a keeper with room mostly takes a run within a tenth of one
_LOOK = 0.01


def show_next(run: Run) -> None:
    """Have the page show this run, which was started just now, when it is drawn again."""
    wait_until_taken(run)
    st.session_state[CLICKED] = run.id


def wait_until_taken(run: Run) -> None:
    """Give a keeper that has room a moment to take a run that was started just now.

    Drawn as queued, the page would be drawn again at once, and take from the worker what its first steps need.
    """
    store, end = run_store(), time.monotonic() + PATIENCE
    with suppress(RunMissing, StoreUnavailable):  # it is started all the same; the page says what is wrong
        if run.state != "queued" or turn_of(run, store.runs(), keeper().at_once).seconds != 0:
            return
        while store.get(run.id).state == "queued" and time.monotonic() < end:
            time.sleep(_LOOK)
