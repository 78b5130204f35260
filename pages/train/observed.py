"""What the shown run showed of itself, read once: each look at the page asks for what is new only."""

from typing import Any, TypeVar

import streamlit as st

from core.training.runs.records import Metric, Run
from pages.shared.server import run_store

_MEMORY = "train_observed"  # in the session: what was read of one kind → (attempt at a run, all of it so far)

T = TypeVar("T")


def observed(run: Run, kind: type[T]) -> list[T]:
    """All observations of one kind (of core.training.observations), the oldest first."""
    known: list[Any] = _known(run, kind.__name__)
    newer = run_store().observations(run.id, kind, after_step=known[-1].step if known else -1)
    return _keep(run, kind.__name__, known + newer)


def metrics(run: Run) -> list[Metric]:
    """All points of the run's curves, in the order in which they came."""
    known: list[Metric] = _known(run, "metrics")
    newer = run_store().metrics(run.id, after=known[-1].id if known else 0)
    return _keep(run, "metrics", known + newer)


def _known(run: Run, name: str) -> list[Any]:
    """After a resumption, what lies past the checkpoint comes anew."""
    key, known = st.session_state.get(f"{_MEMORY}_{name}", (None, []))
    return known if key == (run.id, run.attempt) else []


def _keep(run: Run, name: str, found: list[T]) -> list[T]:
    st.session_state[f"{_MEMORY}_{name}"] = ((run.id, run.attempt), found)
    return found
