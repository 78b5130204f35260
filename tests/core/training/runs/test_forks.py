"""A run that branches off another one."""

from dataclasses import replace

import pytest
import torch

from core.training import checkpoint
from core.training.checkpoint import CheckpointDamaged, TrainingState
from core.training.config import Fork, RunRequest, TrainingConfig
from core.training.events import CheckpointSaved, Finished, StepReport
from core.training.runs.forks import branch
from core.training.runs.records import Run
from core.training.runs.store import RunStore
from core.training.workers.dispatch import Dispatch
from core.training.workers.recorder import Recorder


def report(step: int) -> StepReport:
    return StepReport(step, step / 9, 2.0 / step, 0.5, 64, 0.001, float(step), 100.0, None)


def state(step: int) -> TrainingState:
    parameter = torch.nn.Parameter(torch.ones(2))
    optimizer = torch.optim.Adam([parameter], lr=0.001, weight_decay=0.5)
    parameter.sum().backward()
    optimizer.step()
    return TrainingState(
        {"w": torch.full((2,), float(step))},
        optimizer.state_dict(),
        {},
        step,
        float(step),
        (0.5,),
        (0.5,),
        epoch=step // 9,
        rate_plan={"peak": 7.0},
    )


@pytest.fixture
def trained(store: RunStore, request_small: RunRequest) -> Run:
    """Three epochs of nine steps, a report and a checkpoint after each."""
    run = store.add(request_small)
    dispatch = Dispatch(store)
    assert dispatch.claim()
    recorder = Recorder(store, run.id, dispatch.token, 1)
    for step in (9, 18, 27):
        recorder.record(report(step))
        path = store.weights_folder(run.id) / f"{step:08d}.pt"
        size, sha256 = checkpoint.save(state(step), path)
        recorder.record(CheckpointSaved(step, step / 9, path.name, size, sha256))
    recorder.record(Finished("completed", 27, 27.0))
    return store.get(run.id)


def test_it_begins_with_the_weights_and_the_curves_of_the_checkpoint(trained: Run, store: RunStore) -> None:
    request = replace(trained.request, config=TrainingConfig(epochs=5, learning_rate=0.1))
    child = store.fork(trained.id, 18, request, owner="ada")
    assert (child.state, child.owner, child.number) == ("queued", "ada", 2)
    assert child.request.fork == Fork(trained.id, 18, "adam")
    kept = [(m.step, m.loss, m.seconds) for m in store.metrics(child.id)]
    assert kept == [(m.step, m.loss, m.seconds) for m in store.metrics(trained.id) if m.step <= 18]
    (record,) = store.checkpoints(child.id)
    assert checkpoint.load(record.path, record.sha256).model["w"].tolist() == [18.0, 18.0]
    store.delete(trained.id)  # the child does not need it any more
    assert record.path.exists()
    assignment = Dispatch(store).claim()
    assert assignment and assignment.resume and assignment.resume.step == 18


def test_one_press_forks_once(trained: Run, store: RunStore) -> None:
    request = replace(trained.request, config=TrainingConfig(epochs=5))
    child = store.fork(trained.id, 18, request, key="tab-3")
    assert store.fork(trained.id, 18, request, key="tab-3") == child
    assert store.runs() == [child, trained]
    assert [record.step for record in store.checkpoints(child.id)] == [18]


def test_the_memory_of_the_same_optimizer_is_kept_and_its_settings_are_new(trained: Run) -> None:
    config = TrainingConfig(learning_rate=0.1, weight_decay=0.25, batch_size=7)
    request = replace(trained.request, config=config, fork=Fork(trained.id, 18, "adam"))
    branched = branch(state(18), request)
    assert branched.optimizer["state"][0]["exp_avg"].tolist() == pytest.approx([0.15, 0.15])
    group = branched.optimizer["param_groups"][0]
    assert (group["lr"], group["weight_decay"]) == (0.1, 0.25)
    assert (branched.step, branched.epoch, branched.batch_size, branched.rate_plan) == (18, 2, 7, {})


def test_another_optimizer_begins_without_memory(trained: Run) -> None:
    request = replace(trained.request, config=TrainingConfig(optimizer="sgd"), fork=Fork("x", 18, "adam"))
    assert branch(state(18), request).optimizer == {}


def test_what_can_not_be_forked(trained: Run, store: RunStore) -> None:
    request = replace(trained.request, config=TrainingConfig(epochs=5))
    with pytest.raises(CheckpointDamaged, match="no checkpoint at step 10"):
        store.fork(trained.id, 10, request)
    with pytest.raises(ValueError, match="epochs is 2, of which 2 are done"):
        store.fork(trained.id, 18, replace(request, config=TrainingConfig(epochs=2)))
    other = replace(request, data=replace(request.data, share=0.5))
    with pytest.raises(ValueError, match="the network and the data"):
        store.fork(trained.id, 18, other)
    (store.weights_folder(trained.id) / "00000018.pt").unlink()
    with pytest.raises(CheckpointDamaged, match="not there any more"):
        store.fork(trained.id, 18, request)
    assert len(store.runs()) == 1
