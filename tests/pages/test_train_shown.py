"""A run that was started just now is waited for a moment, where a keeper has room for it."""

from types import SimpleNamespace

import pytest

from core.networks.gallery import NAMED_NETWORKS
from core.training.config import DataChoice, RunRequest, TrainingConfig
from core.training.runs.database import StoreUnavailable
from core.training.runs.store import RunStore
from core.training.workers.dispatch import Dispatch
from core.training.workers.local_keeper import LocalKeeper
from pages.train import shown
from tests.pages.live_run import store

__all__ = ["store"]  # the fixture

REQUEST = RunRequest(NAMED_NETWORKS["LeNet_tiny"], DataChoice("silhouettes"), TrainingConfig())


@pytest.fixture(autouse=True)
def _one_at_once(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shown, "run_store", lambda: store)
    monkeypatch.setattr(shown, "keeper", lambda: LocalKeeper(store, at_once=1))


def test_it_is_waited_for_until_a_keeper_has_it(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    keeper = Dispatch(store)
    keeper.beat()
    looks: list[float] = []

    def look_again(seconds: float) -> None:
        looks.append(seconds)
        if len(looks) == 3:
            keeper.claim()

    monkeypatch.setattr(shown, "time", SimpleNamespace(sleep=look_again, monotonic=lambda: 0.0))
    run = store.add(REQUEST)
    shown.wait_until_taken(run)
    assert len(looks) == 3 and store.get(run.id).state == "running"


def test_without_a_keeper_it_is_not_waited_for_long(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    passed: list[float] = []
    clock = SimpleNamespace(sleep=passed.append, monotonic=lambda: sum(passed))
    monkeypatch.setattr(shown, "time", clock)
    run = store.add(REQUEST)
    shown.wait_until_taken(run)
    assert sum(passed) == pytest.approx(shown.PATIENCE, abs=0.02)
    assert store.get(run.id).state == "queued"


def test_one_that_has_to_queue_or_that_is_gone_holds_nobody_up(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SimpleNamespace(sleep=lambda _seconds: pytest.fail("it waits"), monotonic=lambda: 0.0)
    monkeypatch.setattr(shown, "time", clock)
    deleted = store.add(REQUEST)
    store.delete(deleted.id)
    shown.wait_until_taken(deleted)
    keeper = Dispatch(store)
    keeper.beat()
    store.add(REQUEST)
    keeper.claim()
    shown.wait_until_taken(store.add(REQUEST))


def test_a_store_that_cannot_be_read_just_now_takes_nothing_back(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unavailable() -> None:
        raise StoreUnavailable("The disk is full.")

    run = store.add(REQUEST)
    monkeypatch.setattr(store, "runs", unavailable)
    shown.wait_until_taken(run)


def test_what_a_callback_started_is_shown_next(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shown, "PATIENCE", 0.0)
    session: dict[str, str] = {}
    monkeypatch.setattr(shown.st, "session_state", session)
    run = store.add(REQUEST)
    shown.show_next(run)
    assert session == {shown.CLICKED: run.id}
