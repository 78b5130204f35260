"""Real child processes: whole runs, one after another, steered, refused, and handed on when a server ends."""

import os
import statistics
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from core.networks.kinds import layer
from core.networks.spec import NetworkSpec
from core.training.config import DataChoice, RunRequest
from core.training.runs.store import RunStore
from core.training.workers import dispatch, local_keeper
from core.training.workers.dispatch import Dispatch
from core.training.workers.local_keeper import LocalKeeper
from tests.core.training.workers.keeping import PATIENCE, final_weights, keeper, long, state, wait

__all__ = ["keeper"]  # the fixture

ROOT = Path(__file__).parents[4]


def test_a_whole_run(keeper: LocalKeeper, store: RunStore, request_small: RunRequest) -> None:
    run = wait(store, store.add(request_small), state("completed"))
    assert (run.step, run.total_steps, run.epoch, run.attempt) == (27, 27, 3, 1)
    assert run.device.startswith("CPU") and run.train_images == 540 and run.parameters == 5882
    assert run.test_accuracy is not None and run.test_accuracy > 0.3
    metrics = store.metrics(run.id)
    assert [m.step for m in metrics if m.split == "validation"] == [0, 9, 18, 27]
    assert next(m.step for m in metrics if m.kind == "running") == 1
    assert sum(m.images for m in metrics if m.kind == "running") == 3 * 540
    assert [record.step for record in store.checkpoints(run.id)] == [0, 9, 18, 27]
    final_weights(store, run)


def test_commands_reach_the_worker_and_are_acknowledged(
    keeper: LocalKeeper, store: RunStore, request_small: RunRequest
) -> None:
    run = wait(store, store.add(long(request_small)), lambda run: run.step > 20)
    store.command(run.id, "pause")
    paused = wait(store, run, state("paused"))
    time.sleep(0.5)
    assert store.get(run.id).step == paused.step
    store.command(run.id, "learning_rate", 0.5)
    store.command(run.id, "resume")
    wait(store, run, lambda now: now.state == "running" and now.step > paused.step + 20)
    store.command(run.id, "stop")
    store.command(run.id, "stop")
    stopped = wait(store, run, state("stopped"))
    assert stopped.test_accuracy is not None
    assert store.metrics(run.id)[-1].learning_rate == 0.5
    latest = store.latest_checkpoint(run.id)
    assert latest and latest.step == stopped.step


def test_one_at_a_time_in_the_order_of_the_queue(
    keeper: LocalKeeper, store: RunStore, request_small: RunRequest
) -> None:
    first = wait(store, store.add(long(request_small)), state("running"))
    second, third = store.add(request_small), store.add(request_small)
    time.sleep(1.0)
    assert [store.get(run.id).state for run in (first, second, third)] == ["running", "queued", "queued"]
    store.command(third.id, "stop")
    assert store.get(third.id).state == "stopped"
    store.command(first.id, "stop")
    wait(store, second, state("completed"))
    assert store.get(third.id).attempt == 0


def test_a_run_that_can_not_be_trained_fails_with_a_sentence(
    keeper: LocalKeeper, store: RunStore, request_small: RunRequest
) -> None:
    run = store.add(RunRequest(request_small.network, DataChoice("fashion-mnist"), request_small.config))
    deadline = time.monotonic() + PATIENCE
    while store.get(run.id).state != "failed" and time.monotonic() < deadline:
        time.sleep(0.05)
    assert "Fashion-MNIST" in store.get(run.id).message


def test_a_run_that_is_too_large_for_the_machine_fails_before_a_worker_takes_it(
    keeper: LocalKeeper, store: RunStore, request_small: RunRequest
) -> None:
    """Twenty matrices of 2¹⁶ × 2¹⁶ weights, with their gradients and Adam's moments: some TiB."""
    layers = [layer("Linear", out_features=2**16)] * 21
    wide = NetworkSpec("wide", (layer("Flatten"), *layers, layer("Linear", out_features=10)))
    large, small = store.add(replace(request_small, network=wide)), store.add(request_small)
    deadline = time.monotonic() + PATIENCE
    while store.get(large.id).state == "queued":
        assert time.monotonic() < deadline
        time.sleep(0.02)
    failed = store.get(large.id)
    assert (failed.state, failed.attempt) == ("failed", 0)
    assert "This run needs about" in failed.message and "this machine has" in failed.message
    wait(store, small, state("completed"))


def test_a_run_waits_until_there_is_memory_and_says_so(
    keeper: LocalKeeper, store: RunStore, request_small: RunRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = 2**20
    monkeypatch.setattr(local_keeper, "free_bytes", lambda: free)
    run = wait(store, store.add(request_small), lambda now: bool(now.message))
    assert run.state == "queued" and "It waits for memory: it needs about 0." in run.message
    time.sleep(2 * local_keeper.LOOK_SECONDS)
    assert store.get(run.id) == run
    free = 2**40
    completed = wait(store, run, state("completed"))
    assert (completed.message, completed.attempt) == ("", 1)


def test_commands_are_acknowledged_soon_while_running_and_while_paused(
    keeper: LocalKeeper, store: RunStore, request_small: RunRequest
) -> None:
    run = wait(store, store.add(long(request_small)), lambda now: now.step > 0)
    for paused in (False, True):
        for number in range(6):
            store.command(run.id, "weight_decay", number / 1e9)
            wait(store, run, lambda _now: not keeper._dispatch.commands(after=0))
        if not paused:
            store.command(run.id, "pause")
            wait(store, run, state("paused"))
    with store.database.reading() as connection:
        rows = connection.exec_driver_sql(
            "SELECT action, acknowledged - created FROM commands ORDER BY id"
        ).all()
    assert [action for action, _ in rows] == [*["weight_decay"] * 6, "pause", *["weight_decay"] * 6]
    delays = [delay for _, delay in rows]
    assert statistics.median(delays) < 1.0 and max(delays) < 10.0
    store.command(run.id, "stop")
    wait(store, run, state("stopped"))


def test_closing_saves_and_interrupts(store: RunStore, request_small: RunRequest, silhouettes: Path) -> None:
    keeper = LocalKeeper(store)
    keeper.start()
    run = wait(store, store.add(long(request_small)), lambda now: now.step > 20)
    pid = keeper._children[run.id].pid
    keeper.close()
    now = store.get(run.id)
    assert now.state == "interrupted"
    latest = store.latest_checkpoint(run.id)
    assert latest and latest.step >= run.step  # nothing that was trained is lost
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_keeper_that_lives_is_left_alone(store: RunStore, request_small: RunRequest) -> None:
    store.add(request_small)
    first, second = Dispatch(store), Dispatch(store)
    first.beat()
    assert first.claim()
    second.beat()
    second.find_orphans()
    assert store.runs()[0].state == "running"


@pytest.mark.parametrize("pid", ["same", "gone"])
def test_a_keeper_of_an_earlier_process_is_gone_even_if_its_number_is_ours(
    pid: str, store: RunStore, request_small: RunRequest
) -> None:
    """In a container the server has the number 1 each time."""
    store.add(request_small)
    former = Dispatch(store)
    former.beat()
    assert former.claim()
    dispatch._mine.discard(former.token)
    if pid == "gone":
        ended = subprocess.Popen([sys.executable, "-c", ""])
        ended.wait()
        with store.database.writing() as connection:
            connection.exec_driver_sql(f"UPDATE keepers SET pid = {ended.pid}")
    Dispatch(store).find_orphans()
    assert store.runs()[0].state == "interrupted"
