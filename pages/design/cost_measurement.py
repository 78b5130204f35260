"""This session's measurement: asked for, waiting for its turn, under way, and what came out of earlier ones."""

from dataclasses import dataclass

import streamlit as st

from core.training.runs.database import StoreUnavailable
from core.training.timing import Timing, TimingOrder
from core.training.workers.measurement import Busy, Measurement
from pages.shared.server import run_store

MOST_RESULTS = 20  # kept in a session
_ASKED, _UNDER_WAY, _RESULTS, _REFUSAL = "cost_asked", "cost_under_way", "cost_results", "cost_refusal"


@dataclass(frozen=True)
class Measured:
    """What was measured, of which design and when."""

    order: TimingOrder
    name: str  # of the design
    timing: Timing
    when: float  # seconds since 1970
    disturbed: bool  # a run was training at the same time


@dataclass(frozen=True)
class Asked:
    """A measurement that somebody wants."""

    order: TimingOrder
    name: str
    disturbed: bool


def ask(order: TimingOrder, name: str) -> None:
    """Want a measurement; it begins when no other is under way on this machine."""
    st.session_state[_ASKED] = Asked(order, name, _training())
    st.session_state.pop(_REFUSAL, None)


def stop() -> None:
    """Want it no more."""
    st.session_state.pop(_ASKED, None)
    if under_way := st.session_state.pop(_UNDER_WAY, None):
        under_way.stop()


def advance() -> bool:
    """Begin what was asked for, take what has come out; whether there is anything to wait for."""
    asked: Asked | None = st.session_state.get(_ASKED)
    under_way: Measurement | None = st.session_state.get(_UNDER_WAY)
    if asked and not under_way:
        try:
            st.session_state[_UNDER_WAY] = Measurement(asked.order)
        except Busy:
            pass  # at the next look, perhaps
        except OSError as error:
            del st.session_state[_ASKED]
            st.session_state[_REFUSAL] = f"The measuring process could not be started: {error}."
    elif asked and under_way and under_way.ended:
        del st.session_state[_ASKED], st.session_state[_UNDER_WAY]
        if under_way.timing:
            found = Measured(asked.order, asked.name, under_way.timing, under_way.ended, asked.disturbed)
            kept = [one for one in _results() if one.order != found.order]
            st.session_state[_RESULTS] = (*kept, found)[-MOST_RESULTS:]
        else:
            st.session_state[_REFUSAL] = under_way.refusal
    return _ASKED in st.session_state


def latest(order: TimingOrder) -> Measured | None:
    """What was measured for this order, else what was measured last."""
    results = _results()
    return next((one for one in results if one.order == order), results[-1] if results else None)


def draw() -> None:
    """How far it is, or why there is no result."""
    if _ASKED in st.session_state:
        under_way: Measurement | None = st.session_state.get(_UNDER_WAY)
        if under_way:
            st.progress(min(under_way.progress.done, 1.0), under_way.progress.text)
        else:
            waiting = "Another measurement is under way on this machine; yours begins when it has ended."
            st.progress(0.0, waiting)
    elif refusal := st.session_state.get(_REFUSAL):
        st.warning(refusal, icon=":material/timer_off:")


def _results() -> tuple[Measured, ...]:
    results: tuple[Measured, ...] = st.session_state.get(_RESULTS, ())
    return results


def _training() -> bool:
    try:
        return any(run.state == "running" for run in run_store().runs())
    except StoreUnavailable:
        return False
