"""The run store: what is put in comes out again, for several threads and stores at once."""

import time
from pathlib import Path

import pytest

from core.training import events
from core.training.config import DataChoice, RunRequest, TrainingConfig
from core.training.memory import FITS, Verdict
from core.training.observations import Change
from core.training.runs.commands import last_settings
from core.training.runs.records import Run
from core.training.runs.store import RunMissing, RunStore
from core.training.workers import dispatch
from core.training.workers.dispatch import Dispatch
from core.training.workers.recorder import NotOurs, Recorder

REPORT = events.StepReport(5, 0.5, 1.25, 0.5, 64, 1e-3, 2.0, 100.0, 8.0)
LOOK = events.Evaluated(5, 0.5, 1.5, 0.25, 1000, 1e-3, 2.5)


def taken(store: RunStore, request: RunRequest) -> tuple[Run, Recorder]:
    """A run that a keeper has."""
    store.add(request)
    dispatch = Dispatch(store)
    assignment = dispatch.claim()
    assert assignment
    run = assignment.run
    return run, Recorder(store, run.id, dispatch.token, run.attempt)


def test_a_new_run_waits_and_keeps_its_request(store: RunStore, request_small: RunRequest) -> None:
    run = store.add(request_small, owner="ada")
    assert (run.number, run.name, run.owner, run.state, run.request) == (
        1,
        "small",
        "ada",
        "queued",
        request_small,
    )
    assert store.get(run.id) == run == store.runs()[0]
    assert abs(run.created - time.time()) < 5


def test_who_waits_for_memory_is_overtaken_only_where_nothing_is_under_way(
    store: RunStore, request_small: RunRequest
) -> None:
    large, small, huge = (store.add(request_small, name) for name in ("large", "small", "huge"))
    verdicts = {"large": Verdict("waits", "It waits."), "small": FITS, "huge": Verdict("too large", "Never.")}
    keeper = Dispatch(store)
    assert keeper.claim(lambda run: verdicts[run.name], strict=True) is None
    assert [(run.state, run.message) for run in store.runs()] == [
        ("queued", ""),
        ("queued", ""),
        ("queued", "It waits."),
    ]
    taken = keeper.claim(lambda run: verdicts[run.name], strict=False)
    assert taken and taken.run.id == small.id
    assert keeper.claim(lambda run: verdicts[run.name], strict=False) is None
    assert (store.get(huge.id).state, store.get(huge.id).message) == ("failed", "Never.")
    verdicts["large"] = FITS
    taken = keeper.claim(lambda run: verdicts[run.name])
    assert taken and taken.run.id == large.id and taken.run.message == ""


def test_what_comes_after_the_checkpoint_is_forgotten_and_the_settings_are_given_again(
    store: RunStore, request_small: RunRequest
) -> None:
    """At the checkpoint's own step the plateau's change is in it; the person's and the plan's came after it."""
    run, recorder = taken(store, request_small)
    for value in (0.25, 0.5):
        store.command(run.id, "learning_rate", value)
    store.command(run.id, "weight_decay", 0.125)
    store.command(run.id, "pause")
    for by, step in (("person", 5), ("plateau", 9), ("person", 9), ("plan", 9), ("person", 12)):
        recorder.record(Change(step, 1.0, 2.0, "learning_rate", 0.1, 0.5, by))
    with store.database.writing() as connection:
        dispatch._forget_after(connection, run.number, 9)
        settings = last_settings(connection, run.number, run.id)
    assert [(change.by, change.step) for change in store.observations(run.id, Change)] == [
        ("person", 5),
        ("plateau", 9),
    ]
    assert [(command.run, command.action, command.value) for command in settings] == [
        (run.id, "learning_rate", 0.5),
        (run.id, "weight_decay", 0.125),
    ]


def test_one_wish_is_fulfilled_once(store: RunStore, request_small: RunRequest, tmp_path: Path) -> None:
    run = store.add(request_small, key="tab-0")
    elsewhere = RunStore(tmp_path / "runs")
    assert store.add(request_small, key="tab-0") == elsewhere.add(request_small, key="tab-0") == run
    assert store.runs() == [run]
    assert store.add(request_small, key="tab-1").number == 2
    assert {store.add(request_small).number for _ in range(2)} == {3, 4}  # no key: each is a wish
    store.delete(run.id)
    with pytest.raises(RunMissing, match="may have been deleted"):
        store.add(request_small, key="tab-0")
    assert len(store.runs()) == 3


def test_runs_come_newest_first_and_numbers_are_never_given_twice(
    store: RunStore, request_small: RunRequest
) -> None:
    first, second = store.add(request_small), store.add(request_small)
    assert [run.number for run in store.runs()] == [2, 1]
    store.delete(second.id)
    assert store.add(request_small).number == 3
    assert store.get(first.id).number == 1


def test_a_run_is_read_anew_only_where_something_changed(store: RunStore, request_small: RunRequest) -> None:
    idle = store.add(request_small)
    moving, _ = store.add(request_small), store.runs()
    store.rename(moving.id, "another")
    before, after = store.runs(), store.runs()
    assert [run.name for run in before] == ["another", "small"]
    assert all(one is other for one, other in zip(before, after, strict=True))
    assert before[1] == idle


def test_another_store_on_the_same_folder_sees_the_same_runs(
    store: RunStore, request_small: RunRequest, tmp_path: Path
) -> None:
    run, recorder = taken(store, request_small)
    recorder.record(REPORT)
    again = RunStore(tmp_path / "runs")
    assert again.notices == []
    assert again.get(run.id) == store.get(run.id)
    assert again.metrics(run.id) == store.metrics(run.id)


def test_settings_that_make_no_sense_are_refused_with_each_reason(
    store: RunStore, request_small: RunRequest
) -> None:
    config = TrainingConfig(epochs=0, optimizer="magic", learning_rate=float("nan"))
    with pytest.raises(ValueError, match=r"epochs is 0.*learning rate is nan.*'magic'.*adamw"):
        store.add(RunRequest(request_small.network, DataChoice(), config))
    assert store.runs() == []


def test_a_missing_run_is_named(store: RunStore) -> None:
    for ask in (store.get, store.metrics, store.checkpoints, lambda run: store.command(run, "stop")):
        with pytest.raises(RunMissing, match="beef"):
            ask("beef")
    store.delete("beef")  # it is gone, as wished


def test_a_change_of_mind_reaches_the_worker_in_order(store: RunStore, request_small: RunRequest) -> None:
    run, recorder = taken(store, request_small)
    for action in ("pause", "resume", "pause", "pause"):
        store.command(run.id, action)
    dispatch = Dispatch(store)
    dispatch.token = recorder._token
    commands = dispatch.commands(after=0)
    assert [command.action for command in commands] == ["pause", "resume", "pause"]
    recorder.record(events.Acknowledged(commands[0].id))
    assert [command.action for command in dispatch.commands(after=0)] == ["resume", "pause"]
    assert [command.action for command in dispatch.commands(after=commands[1].id)] == ["pause"]


def test_what_a_worker_says_is_written_down(store: RunStore, request_small: RunRequest) -> None:
    run, recorder = taken(store, request_small)
    recorder.record(events.Started("CPU (test)", 123, 540, 600, 9, 27, 0))
    recorder.record(REPORT)
    recorder.record(LOOK)
    recorder.record(events.EpochFinished(1, 9, 3.0))
    now = store.get(run.id)
    assert (now.device, now.parameters, now.train_images, now.total_steps) == ("CPU (test)", 123, 540, 27)
    assert (now.step, now.epoch, now.seconds, now.images_per_second, now.seconds_left) == (
        5,
        1,
        3.0,
        100.0,
        8.0,
    )
    running, evaluated = store.metrics(run.id)
    assert (running.split, running.kind, running.step, running.loss, running.images) == (
        "train",
        "running",
        5,
        1.25,
        64,
    )
    assert (evaluated.split, evaluated.kind, evaluated.accuracy) == ("validation", "evaluated", 0.25)
    assert store.metrics(run.id, after=running.id) == [evaluated]
    assert store.metrics(run.id, after=evaluated.id) == []
    recorder.record(events.Paused("The disk is full."))
    assert (store.get(run.id).state, store.get(run.id).message) == ("paused", "The disk is full.")
    recorder.record(events.Resumed())
    assert (store.get(run.id).state, store.get(run.id).message) == ("running", "")
    recorder.record(events.Tested(0.5, 0.875, 1000))
    recorder.record(events.Finished("completed", 27, 9.0))
    ended = store.get(run.id)
    assert (ended.state, ended.step, ended.seconds, ended.seconds_left) == ("completed", 27, 9.0, None)
    assert (ended.test_loss, ended.test_accuracy) == (0.5, 0.875)
    assert ended.finished is not None and ended.started is not None


def test_a_loss_that_is_no_number_survives_the_store(store: RunStore, request_small: RunRequest) -> None:
    run, recorder = taken(store, request_small)
    for loss in (float("nan"), float("inf")):
        recorder.record(events.StepReport(1, 0.1, loss, 0.1, 64, 1e-3, 0.1, 1.0, None))
    not_a_number, infinite = (metric.loss for metric in store.metrics(run.id))
    assert not_a_number != not_a_number and infinite == float("inf")


def test_a_worker_of_an_earlier_attempt_has_no_say(store: RunStore, request_small: RunRequest) -> None:
    run, recorder = taken(store, request_small)
    recorder.lost("gone")
    store.command(run.id, "resume")
    Dispatch(store).claim()
    with pytest.raises(NotOurs):
        recorder.record(REPORT)
    assert store.metrics(run.id) == []


def test_superseded_checkpoints_are_removed(
    store: RunStore, request_small: RunRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.training.workers.recorder.BYTES_OF_WEIGHTS", 35)
    run, recorder = taken(store, request_small)
    folder = store.weights_folder(run.id)
    folder.mkdir(parents=True)
    for step in (0, 5, 9, 12, 18, 27, 30):
        file = folder / f"{step:08d}.pt"
        file.write_bytes(b"0123456789")
        recorder.record(events.CheckpointSaved(step, step / 9, file.name, 10, "-"))
    # those in mid-epoch go when a newer one comes; of the others as many as 35 bytes hold
    kept = store.checkpoints(run.id)
    assert [record.step for record in kept] == [18, 27, 30]
    assert sorted(folder.iterdir()) == [record.path for record in kept]
    assert store.latest_checkpoint(run.id) == kept[-1]


def test_owners_take_turns(store: RunStore, request_small: RunRequest) -> None:
    names = ["ada 1", "ada 2", "ada 3", "bob 1", "cyd 1", "bob 2"]
    for name in names:
        store.add(request_small, name, owner=name.split()[0])
    assert [run.name for run in store.queue()] == ["ada 1", "bob 1", "cyd 1", "ada 2", "bob 2", "ada 3"]
    first = Dispatch(store).claim()
    assert first and first.run.name == "ada 1"
    # ada has one under way already: the others go first
    assert [run.name for run in store.queue()] == ["bob 1", "cyd 1", "ada 2", "bob 2", "ada 3"]


def test_a_curve_is_quick_to_read_beside_many_others(store: RunStore, request_small: RunRequest) -> None:
    """The points of a run are found by an index, whatever else is stored."""
    run, _ = taken(store, request_small)
    with store.database.reading() as connection:
        plan = connection.exec_driver_sql(
            f"EXPLAIN QUERY PLAN SELECT * FROM metrics WHERE run = {run.number} AND id > 5 ORDER BY id"
        ).all()
    assert "metrics_of_a_run" in str(plan) and "TEMP B-TREE" not in str(plan)
