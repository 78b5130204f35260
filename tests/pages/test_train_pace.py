"""How often a run is looked at: by the browser, and by a rerun."""

from dataclasses import replace
from pathlib import Path

import pytest

from core.networks.gallery import NAMED_NETWORKS
from core.training.config import DataChoice, RunRequest, TrainingConfig
from core.training.runs.records import Run
from core.training.runs.store import RunStore
from pages.train.pace import LIVE_VIEW, RARE, REST, SOON, Pace, again, pace_of


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A run that waits."""
    request = RunRequest(NAMED_NETWORKS["LeNet"], DataChoice("silhouettes"), TrainingConfig())
    return RunStore(tmp_path / "runs").add(request)


def test_nobody_looks_where_nothing_is_under_way(run: Run) -> None:
    assert pace_of([], "Epochs") == Pace(None, None)
    ended = [replace(run, state="completed"), replace(run, state="interrupted")]
    assert pace_of(ended, "Epochs") == Pace(None, None)
    assert [again(each) for each in ended] == [None, None]


@pytest.mark.parametrize(("seconds", "asks"), [(0.0, 0.5), (3.0, 0.5), (6.0, 1.0), (9.0, 1.5), (9e9, 2.0)])
def test_the_browser_asks_the_rarer_the_older_a_run_is(run: Run, seconds: float, asks: float) -> None:
    assert again(replace(run, state="running", step=1, seconds=seconds)) == asks
    assert again(replace(run, state="paused", seconds=seconds)) == 0.5  # for a step, or another tab


def test_the_browser_asks_soonest_while_there_is_no_point_yet(run: Run) -> None:
    assert again(run) == again(replace(run, state="running")) == SOON
    assert again(replace(run, state="failed")) is None


@pytest.mark.parametrize(
    ("seconds", "moving"), [(0.0, 1.0), (11.0, 1.0), (12.0, 2.0), (18.0, 3.0), (9e9, 5.0)]
)
def test_the_older_a_run_the_rarer_the_reruns(run: Run, seconds: float, moving: float) -> None:
    running = replace(run, state="running", seconds=seconds)
    assert pace_of([running], "Epochs") == Pace(moving, RARE)
    assert pace_of([running], LIVE_VIEW) == Pace(None, RARE)  # the browser draws what moves there


def test_the_youngest_run_decides_and_one_that_waits_for_its_turn_does_not(run: Run) -> None:
    young, old = (replace(run, state="running", seconds=seconds) for seconds in (5.0, 500.0))
    assert pace_of([old, young], "Epochs").moving == 1.0
    assert pace_of([run], "Epochs").moving == 1.0  # for a worker
    assert pace_of([old, run], "Epochs").moving == 5.0  # its turn comes when the other one ends


def test_the_rest_is_looked_at_soon_where_a_run_that_is_not_shown_can_change(run: Run) -> None:
    old = replace(run, state="running", seconds=500.0)
    assert pace_of([old, replace(run, state="completed")], LIVE_VIEW).rest == RARE
    assert pace_of([old, run], LIVE_VIEW).rest == REST
    assert pace_of([run], LIVE_VIEW).rest == REST
    assert pace_of([old, replace(old, state="paused")], LIVE_VIEW).rest == REST
