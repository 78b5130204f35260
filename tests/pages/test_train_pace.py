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
from pages.train.pace import LATE, REST, SOON, STILL, Pace, pace_of


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run that waits, and a session in which nothing was asked."""
    monkeypatch.setattr(st, "session_state", {})
    request = RunRequest(NAMED_NETWORKS["LeNet"], DataChoice("silhouettes"), TrainingConfig())
    return RunStore(tmp_path / "runs").add(request)


def test_nobody_looks_where_nothing_is_under_way(run: Run) -> None:
    assert pace_of([]) == STILL
    assert pace_of([replace(run, state="completed"), replace(run, state="interrupted")]) == STILL


@pytest.mark.parametrize(
    ("seconds", "moving", "rest"),
    [(0.0, 1.0, 5.0), (39.0, 1.0, 5.0), (40.0, 2.0, 8.0), (70.0, 3.0, 12.0), (9e9, 5.0, 20.0)],
)
def test_the_older_a_run_the_rarer_the_looks(run: Run, seconds: float, moving: float, rest: float) -> None:
    assert pace_of([replace(run, state="running", seconds=seconds)]) == Pace(moving, rest)


def test_the_youngest_run_decides_and_one_that_waits_for_its_turn_does_not(run: Run) -> None:
    young, old = (replace(run, state="running", seconds=seconds) for seconds in (5.0, 500.0))
    assert pace_of([old, young]).moving == SOON
    assert pace_of([run]).moving == SOON  # for a worker
    assert pace_of([old, run]).moving == LATE  # its turn comes when the other one ends


def test_the_rest_is_looked_at_soon_where_a_run_that_is_not_shown_can_change(run: Run) -> None:
    old = replace(run, state="running", seconds=500.0)
    assert pace_of([old, replace(run, state="completed")]).rest == REST * LATE
    assert pace_of([old, run]).rest == LATE
    assert pace_of([old, replace(old, state="paused")]).rest == LATE


def test_what_was_asked_is_awaited_soon(run: Run) -> None:
    old = replace(run, state="running", seconds=500.0)
    st.session_state[steering._ASKED] = (old.id, old.state, "Pausing")
    assert pace_of([old]) == Pace(SOON, LATE)
    assert pace_of([replace(old, state="paused")]).moving == LATE  # it has answered
