"""This session's measurements: the one that is asked for, and what came out of earlier ones."""

from dataclasses import dataclass

import streamlit as st

from core.training.runs.database import StoreUnavailable
from core.training.timing import Timing, TimingOrder
from core.training.workers.measurement import Measurement
from pages.shared.server import run_store
from pages.shared.side_work import SideWork

MOST_RESULTS = 20  # kept in a session
_RESULTS = "cost_results"


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


def _keep(asked: Asked, ended: Measurement) -> None:
    assert ended.result and ended.ended
    found = Measured(asked.order, asked.name, ended.result, ended.ended, asked.disturbed)
    kept = [one for one in _results() if one.order != found.order]
    st.session_state[_RESULTS] = (*kept, found)[-MOST_RESULTS:]


WORK: SideWork[Asked, Measurement] = SideWork(
    "cost", lambda asked: Measurement(asked.order), _keep, ":material/timer_off:"
)


def ask(order: TimingOrder, name: str) -> None:
    """Want a measurement; it begins when no other is under way on this machine."""
    WORK.ask(Asked(order, name, _training()))


def latest(order: TimingOrder) -> Measured | None:
    """What was measured for this order, else what was measured last."""
    results = _results()
    return next((one for one in results if one.order == order), results[-1] if results else None)


def _results() -> tuple[Measured, ...]:
    results: tuple[Measured, ...] = st.session_state.get(_RESULTS, ())
    return results


def _training() -> bool:
    try:
        return any(run.state == "running" for run in run_store().runs())
    except StoreUnavailable:
        return False
