"""What a keeper does where something breaks: workers and servers killed, no memory, no disk, damaged weights."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from core.networks.kinds import layer
from core.networks.spec import NetworkSpec
from core.training.config import DataChoice, RunRequest, TrainingConfig
from core.training.observations import Change
from core.training.runs.database import StoreUnavailable
from core.training.runs.store import RunStore
from core.training.workers.dispatch import Dispatch
from core.training.workers.local_keeper import LocalKeeper
from tests.core.training.workers.keeping import PATIENCE, final_weights, keeper, long, same, state, wait

__all__ = ["keeper"]  # the fixture

ROOT = Path(__file__).parents[4]


def test_a_killed_worker_leaves_an_interrupted_run_that_goes_on_to_the_same_weights(
    keeper: LocalKeeper, store: RunStore, request_small: RunRequest
) -> None:
    whole = store.add(long(request_small, 40))
    run = store.add(long(request_small, 40))
    wait(store, whole, state("completed"))
    wait(store, run, lambda now: now.epoch >= 2)
    os.kill(keeper._children[run.id].pid, signal.SIGKILL)
    interrupted = wait(store, run, state("interrupted", "completed"))
    assert interrupted.state == "interrupted" and "SIGKILL" in interrupted.message
    shown = store.metrics(run.id)
    saved = store.latest_checkpoint(run.id)
    assert shown and saved and saved.step < 360
    store.command(run.id, "resume")
    again = wait(store, run, state("completed"))
    assert again.attempt == 2
    assert same(final_weights(store, store.get(whole.id)), final_weights(store, again))
    metrics = store.metrics(run.id)
    kept = [metric for metric in shown if metric.step <= saved.step]
    assert metrics[: len(kept)] == kept
    evaluated = [metric.step for metric in metrics if metric.split == "validation"]
    assert evaluated == list(range(0, 361, 9))  # each once
    assert sum(metric.images for metric in metrics if metric.kind == "running") == 40 * 540


def test_a_damaged_checkpoint_is_set_aside_and_an_earlier_one_used(
    keeper: LocalKeeper, store: RunStore, request_small: RunRequest
) -> None:
    run = wait(store, store.add(long(request_small)), lambda now: now.epoch >= 2)
    os.kill(keeper._children[run.id].pid, signal.SIGKILL)
    wait(store, run, state("interrupted"))
    newest = store.latest_checkpoint(run.id)
    assert newest
    newest.path.write_bytes(b"no weights any more")
    store.command(run.id, "resume")
    again = wait(store, run, lambda now: now.attempt == 2 and now.step > 0)
    assert newest.path.with_name(newest.path.name + ".damaged").exists()
    store.command(again.id, "stop")
    wait(store, run, state("stopped"))
    assert len([m for m in store.metrics(run.id) if m.step == newest.step and m.split == "validation"]) <= 1


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the memory of a running process")
def test_a_run_that_exhausts_the_memory_fails_with_a_sentence_and_the_next_one_is_trained(
    keeper: LocalKeeper, store: RunStore, request_small: RunRequest
) -> None:
    """It may take a quarter of a GiB more, but 2,000 images of 256×28×28 numbers are 1.6 GB."""
    wide = NetworkSpec(
        "wide",
        (
            layer("Conv2d", out_channels=256, kernel=3, padding=1),
            layer("ReLU"),
            layer("GlobalAvgPool"),
            layer("Flatten"),
            layer("Linear", out_features=10),
        ),
    )
    config = TrainingConfig(epochs=1, batch_size=2000, device="cpu", precision="float32")
    large = wait(
        store, store.add(RunRequest(wide, DataChoice("silhouettes"), config)), lambda now: bool(now.device)
    )
    worker = psutil.Process(keeper._children[large.id].pid)
    limit = worker.memory_info().vms + 2**28
    worker.rlimit(psutil.RLIMIT_AS, (limit, limit))
    deadline = time.monotonic() + PATIENCE
    while store.get(large.id).state == "running":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    failed = store.get(large.id)
    assert failed.state == "failed", failed.message
    assert failed.message == "The memory did not suffice: choose a smaller batch size or a smaller network."
    wait(store, store.add(request_small), state("completed"))  # the server lives


def test_while_nothing_can_be_written_the_run_waits_the_page_says_so_and_no_point_is_missing(
    keeper: LocalKeeper, store: RunStore, request_small: RunRequest
) -> None:
    """No file of this process may grow, as on a full disk; the worker is a process of its own."""
    resource = pytest.importorskip("resource", reason="Windows has no such limits")
    run = wait(store, store.add(long(request_small, 60)), lambda now: now.epoch >= 1)
    worker = psutil.Process(keeper._children[run.id].pid)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    deadline = time.monotonic() + PATIENCE
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, before[1]))
    try:
        while not store.notices:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        (notice,) = store.notices
        assert "If the disk is full, make room" in notice and "the runs under way wait" in notice
        used = None
        while used != (used := worker.cpu_times()):  # it takes no step any more
            assert time.monotonic() < deadline
            time.sleep(0.5)
        stuck = store.get(run.id)
        with pytest.raises(StoreUnavailable, match="make room"):
            store.command(run.id, "stop")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert stuck.step < 60 * 9
    wait(store, run, state("completed"))
    assert store.notices == []
    metrics = store.metrics(run.id)
    evaluated = [metric.step for metric in metrics if metric.split == "validation"]
    assert evaluated == list(range(0, 60 * 9 + 1, 9))
    assert sum(metric.images for metric in metrics if metric.kind == "running") == 60 * 540


def test_a_rate_that_was_changed_just_before_a_kill_is_not_forgotten(
    keeper: LocalKeeper, store: RunStore, request_small: RunRequest
) -> None:
    """Whether the worker had taken the command, and whether a checkpoint has it, is up to chance here."""
    run = wait(store, store.add(long(request_small)), lambda now: now.epoch >= 1)
    for rate in (0.002, 0.003):
        store.command(run.id, "learning_rate", rate)
        os.kill(keeper._children[run.id].pid, signal.SIGKILL)
        killed = wait(store, run, state("interrupted"))
        store.command(run.id, "resume")
        wait(
            store,
            run,
            lambda now, killed=killed: now.attempt > killed.attempt and now.epoch > killed.epoch + 1,
        )
        changes = [change for change in store.observations(run.id, Change) if change.after == rate]
        assert len(changes) == 1
        last = store.metrics(run.id)[-1]
        assert last.learning_rate == rate
    store.command(run.id, "stop")
    os.kill(keeper._children[run.id].pid, signal.SIGKILL)
    wait(store, run, state("stopped"))


SERVER = """
import sys, time
from pathlib import Path
from core.training.workers.local_keeper import LocalKeeper
from core.training.runs.store import RunStore
LocalKeeper(RunStore(Path(sys.argv[1]))).start()
time.sleep(600)
"""


def test_after_a_killed_server_the_run_is_found_and_goes_on(
    store: RunStore, request_small: RunRequest, silhouettes: Path
) -> None:
    server = subprocess.Popen([sys.executable, "-c", SERVER, str(store.folder)], cwd=ROOT)
    try:
        run = wait(store, store.add(long(request_small, 40)), lambda now: now.epoch >= 2)
        shown = store.metrics(run.id)
    finally:
        server.kill()
        server.wait()
    assert store.get(run.id).state == "running"  # nobody was left to say otherwise
    keeper = LocalKeeper(store)
    keeper.start()
    try:
        found = store.get(run.id)
        assert found.state == "interrupted" and "server ended" in found.message
        assert store.metrics(run.id)[: len(shown)] == shown
        store.command(run.id, "resume")
        resumed = wait(store, run, state("completed"))
        whole = wait(store, store.add(long(request_small, 40)), state("completed"))
        assert same(final_weights(store, whole), final_weights(store, resumed))
    finally:
        keeper.close()


def test_weights_that_were_saved_after_the_last_words_are_adopted_if_the_curves_reach_as_far(
    store: RunStore, request_small: RunRequest, silhouettes: Path
) -> None:
    """A worker whose server is gone saves and ends; what it measured since then nobody has written down."""
    server = subprocess.Popen([sys.executable, "-c", SERVER, str(store.folder)], cwd=ROOT)
    try:
        run = wait(store, store.add(long(request_small)), lambda now: now.epoch >= 2)
    finally:
        server.kill()
        server.wait()
    recorded = store.latest_checkpoint(run.id)
    assert recorded
    folder = store.weights_folder(run.id)
    deadline = time.monotonic() + PATIENCE
    while max(file.name for file in folder.glob("*.pt")) <= recorded.path.name:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    later = Dispatch(store)
    later.find_orphans()
    last = max(folder.glob("*.pt"))
    kept, step = last.read_bytes(), int(last.stem)
    written = recorded.step, int(recorded.epoch)  # as far as the curves go; by chance they may go further
    with store.database.writing() as connection:
        connection.exec_driver_sql("UPDATE runs SET step = ?, epoch = ?", written)
    store.command(run.id, "resume")
    assignment = later.claim()
    assert assignment and assignment.resume == recorded
    assert not last.exists()  # the run comes there again

    last.write_bytes(kept)
    with store.database.writing() as connection:
        connection.exec_driver_sql(f"UPDATE runs SET state = 'queued', step = {step}, epoch = {step // 9}")
    assignment = later.claim()
    assert assignment and assignment.resume and assignment.resume.step == step
    later.leave()


def test_weights_from_before_the_first_step_are_not_adopted(
    store: RunStore, request_small: RunRequest, silhouettes: Path
) -> None:
    """A server was killed while its worker looked at the network for the first time."""
    keeper = LocalKeeper(store)
    keeper.start()
    try:
        run = wait(store, store.add(request_small), state("completed"))
    finally:
        keeper.close()
    first, *others = sorted(store.weights_folder(run.id).glob("*.pt"))
    assert first.stem == "00000000" and store.metrics(run.id)[0].step == 0
    for path in others:
        path.unlink()
    with store.database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM checkpoints")
        connection.exec_driver_sql("DELETE FROM metrics")
        connection.exec_driver_sql("UPDATE runs SET state = 'queued', step = 0, epoch = 0")
    later = Dispatch(store)
    assignment = later.claim()
    assert assignment and assignment.resume is None and not first.exists()
    later.leave()
