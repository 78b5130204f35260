"""How often the Train page looks at its runs."""

from dataclasses import replace
from pathlib import Path

import pytest
import streamlit as st

from core.networks.gallery import NAMED_NETWORKS
from core.training.config import DataChoice, RunRequest, TrainingConfig
from core.training.runs.records import Run
from core.training.runs.store import RunStore
from pages.train import steering
from pages.train.pace import CALM, SETTLED, SOON, pace_of


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run that waits, and a session in which nothing was asked."""
    monkeypatch.setattr(st, "session_state", {})
    request = RunRequest(NAMED_NETWORKS["LeNet"], DataChoice("silhouettes"), TrainingConfig())
    return RunStore(tmp_path / "runs").add(request)


def test_nobody_looks_where_nothing_is_under_way(run: Run) -> None:
    assert pace_of([]) is None
    assert pace_of([replace(run, state="completed"), replace(run, state="interrupted")]) is None


def test_a_young_run_is_looked_at_soon_and_one_that_settled_in_less_often(run: Run) -> None:
    assert pace_of([run]) == SOON  # it waits for a worker
    young, old = (
        replace(run, state="running", seconds=1.0),
        replace(run, state="running", seconds=SETTLED + 1),
    )
    assert pace_of([young]) == SOON
    assert pace_of([old]) == CALM
    assert pace_of([old, young]) == SOON
    assert pace_of([old, run]) == CALM  # the other one's turn comes when this one ends


def test_what_was_asked_is_awaited_soon(run: Run) -> None:
    old = replace(run, state="running", seconds=SETTLED + 1)
    st.session_state[steering._ASKED] = (old.id, old.state, "Pausing")
    assert pace_of([old]) == SOON
    assert pace_of([replace(old, state="paused")]) == CALM  # it has answered
