"""Real child processes: whole runs, killed workers, killed servers."""

import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
import torch

from core.networks.kinds import layer
from core.networks.spec import NetworkSpec
from core.training import checkpoint
from core.training.config import DataChoice, RunRequest, TrainingConfig
from core.training.observations import Change
from core.training.runs.database import StoreUnavailable
from core.training.runs.records import Run
from core.training.runs.store import RunStore
from core.training.workers import dispatch, local_keeper
from core.training.workers.dispatch import Dispatch
from core.training.workers.local_keeper import LocalKeeper

ROOT = Path(__file__).parents[4]
PATIENCE = 90.0  # seconds; the machine may be busy


@pytest.fixture
def keeper(store: RunStore, silhouettes: Path) -> Iterator[LocalKeeper]:
    keeper = LocalKeeper(store, at_once=1)
    keeper.start()
    yield keeper
    keeper.close()


def wait(store: RunStore, run: Run, enough: Callable[[Run], bool]) -> Run:
    """The run, as soon as it is as wished."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        now = store.get(run.id)
        if enough(now):
            return now
        assert now.state != "failed", now.message
        time.sleep(0.02)
    raise AssertionError(f"it never came: {store.get(run.id)}")


def state(*names: str) -> Callable[[Run], bool]:
    return lambda run: run.state in names


def long(request: RunRequest, epochs: int = 200) -> RunRequest:
    return replace(request, config=replace(request.config, epochs=epochs))


def final_weights(store: RunStore, run: Run) -> dict[str, torch.Tensor]:
    record = store.latest_checkpoint(run.id)
    assert record and record.step == run.total_steps
    return dict(checkpoint.load(record.path, record.sha256).model)


def same(first: dict[str, torch.Tensor], second: dict[str, torch.Tensor]) -> bool:
    return first.keys() == second.keys() and all(torch.equal(first[name], second[name]) for name in first)


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


def test_a_run_that_can_not_be_trained_fails_with_a_sentence(
    keeper: LocalKeeper, store: RunStore, request_small: RunRequest
) -> None:
    run = store.add(RunRequest(request_small.network, DataChoice("fashion-mnist"), request_small.config))
    deadline = time.monotonic() + PATIENCE
    while store.get(run.id).state != "failed" and time.monotonic() < deadline:
        time.sleep(0.05)
    assert "Fashion-MNIST" in store.get(run.id).message


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
