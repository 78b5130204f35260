"""The notebook of a fork, executed: it goes on from the other run's weights, or says that it can't."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest

from core.data.augmentation.plan import Augmentation
from core.training import journal
from core.training.config import RunRequest, TrainingConfig
from core.training.events import Message, StepReport
from core.training.export import EXPORTS, ExportFailed, make
from core.training.observations import Change
from core.training.runs.records import Command, Run
from core.training.runs.store import RunStore
from tests.core.training.export.notebooks import BRANCHING, check_same, code_of, executed, exported, recorded

CONFIGS: dict[str, dict[str, Any]] = {
    "adam": {},
    "another seed and batch size": {"seed": 5, "batch_size": 50, "schedule": "cosine", "warm_up": 0.1},
    "another rate and decay": {"learning_rate": 0.003, "weight_decay": 0.01, "patience": 2, "epochs": 5},
    "another optimizer": {"optimizer": "momentum", "learning_rate": 0.01, "schedule": "one-cycle"},
    "plateau": {"learning_rate": 0.1, "schedule": "plateau", "epochs": 6},
    "a last batch of one image": {"batch_size": 77},
}


@pytest.fixture(autouse=True)
def every_step_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a run can be stopped, or changed, at any step."""
    monkeypatch.setattr(journal, "REPORT_SECONDS", 0.0)


@pytest.mark.parametrize("changed", CONFIGS.values(), ids=CONFIGS)
def test_it_goes_on_from_the_other_runs_weights(
    changed: dict[str, Any],
    trained: Callable[..., Run],
    store: RunStore,
    request_small: RunRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    parent = trained(with_config(request_small, epochs=2))
    run = trained(with_config(request_small, **changed), fork=(parent.id, 9))
    book = exported(store, run, tmp_path)
    assert "step 9:" not in recorded(book) and "epoch 2" in recorded(book)  # what it did itself
    assert "branched off run 1 at step 9" in words_of(book)
    check_same(book, store, run, *executed(book, tmp_path, monkeypatch))


def test_one_that_branched_off_within_an_epoch_looks_numbers_up_by_position(
    trained: Callable[..., Run],
    store: RunStore,
    request_small: RunRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its own copy of the beginning goes with the next checkpoint; then that of the other run is taken."""
    plan = (Augmentation("crop", 0.8, -3, 3), Augmentation.usual("mixup"))
    request = replace(
        request_small,
        data=replace(request_small.data, augmentation=plan),
        config=replace(request_small.config, optimizer="momentum", learning_rate=0.02, schedule="cosine"),
    )
    parent = trained(request, stop_at(13))
    assert parent.step == 13  # of 9 an epoch
    run = trained(with_config(request, batch_size=50), fork=(parent.id, parent.step))
    assert parent.step not in [record.step for record in store.checkpoints(run.id)]
    book = exported(store, run, tmp_path)
    assert 'used = start["images"]' in code_of(book)
    check_same(book, store, run, *executed(book, tmp_path, monkeypatch))


@pytest.mark.parametrize("frozen", [False, True], ids=["trained", "frozen"])
def test_the_optimizer_knows_the_weights_of_a_network_with_blocks(
    frozen: bool,
    trained: Callable[..., Run],
    store: RunStore,
    request_small: RunRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    request = replace(with_config(request_small, epochs=2), network=replace(BRANCHING, frozen=frozen))
    parent = trained(with_config(request, epochs=1))
    run = trained(request, fork=(parent.id, 9))
    book = exported(store, run, tmp_path)
    check_same(book, store, run, *executed(book, tmp_path, monkeypatch))


def test_changes_of_the_other_run_are_not_its_own(
    trained: Callable[..., Run],
    store: RunStore,
    request_small: RunRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def change(setting: str, value: float) -> Callable[[Message, SimpleQueue[Command]], None]:
        waiting = [Command(0, "", setting, value)]

        def answer(message: Message, commands: SimpleQueue[Command]) -> None:
            if waiting and isinstance(message, StepReport):
                commands.put(waiting.pop())

        return answer

    parent = trained(request_small, change("learning_rate", 0.02))
    run = trained(request_small, change("batch_size", 40.0), fork=(parent.id, 18))
    assert [found.setting for found in store.observations(run.id, Change)] == ["learning_rate", "batch_size"]
    book = exported(store, run, tmp_path)
    assert "RATES" not in code_of(book) and "SIZES = {19: 40}" in code_of(book)
    check_same(book, store, run, *executed(book, tmp_path, monkeypatch))


def test_a_fork_of_a_fork_that_was_stopped(
    trained: Callable[..., Run],
    store: RunStore,
    request_small: RunRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = trained(request_small)
    second = trained(with_config(request_small, seed=1), fork=(first.id, 9))
    run = trained(with_config(request_small, epochs=4, seed=2), stop_at(20), fork=(second.id, 18))
    assert (run.state, run.step) == ("stopped", 20)
    store.delete(first.id)
    book = exported(store, run, tmp_path)
    assert "branched off run 2 at step 18" in words_of(book)
    check_same(book, store, run, *executed(book, tmp_path, monkeypatch))


def test_without_the_file_it_says_what_to_do(
    trained: Callable[..., Run],
    store: RunStore,
    request_small: RunRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    parent = trained(with_config(request_small, epochs=1))
    run = store.fork(parent.id, 9, request_small)
    book = exported(store, run, tmp_path)
    assert "“Start of the fork”" in words_of(book) and "`run_2_start.pt`" in words_of(book)
    (tmp_path / EXPORTS["start"].file_name(run)).unlink()
    with pytest.raises(FileNotFoundError, match=r"run_2_start\.pt does not lie beside this notebook"):
        executed(book, tmp_path, monkeypatch)


def test_weights_that_are_gone_are_said_to_be_missing(
    trained: Callable[..., Run], store: RunStore, request_small: RunRequest, tmp_path: Path
) -> None:
    parent = trained(with_config(request_small, epochs=1))
    run = trained(with_config(request_small, epochs=2), fork=(parent.id, 9))
    (store.weights_folder(run.id) / "00000009.pt").unlink()
    assert (
        "begins with new ones" not in exported(store, run, tmp_path).cells[0].source
    )  # the other run has them
    store.delete(parent.id)
    book = exported(store, run, tmp_path)
    assert "branched off a run that was deleted at step 9" in book.cells[0].source
    assert "begins with new ones: its numbers will be others" in book.cells[0].source
    assert "start[" not in code_of(book)
    record = store.latest_checkpoint(run.id)
    assert record is not None
    with pytest.raises(ExportFailed, match="are not there any more"):
        make("start", store, run, record)


@pytest.mark.parametrize("optimizer", ["adam", "momentum"])
def test_the_size_of_the_file_is_told(
    optimizer: str, trained: Callable[..., Run], store: RunStore, request_small: RunRequest
) -> None:
    parent = trained(with_config(request_small, epochs=1))
    run = trained(with_config(request_small, epochs=2, optimizer=optimizer), fork=(parent.id, 9))
    record = store.latest_checkpoint(run.id)
    assert record is not None and EXPORTS["start"].fits(run) and not EXPORTS["start"].fits(parent)
    assert 0.6 < len(make("start", store, run, record)) / EXPORTS["start"].size(run, 0) < 1.6


def with_config(request: RunRequest, **changed: Any) -> RunRequest:
    """The same run with other hyperparameters."""
    config: TrainingConfig = replace(request.config, **changed)
    return replace(request, config=config)


def stop_at(step: int) -> Callable[[Message, SimpleQueue[Command]], None]:
    """Have a run stopped."""

    def answer(message: Message, commands: SimpleQueue[Command]) -> None:
        if getattr(message, "step", 0) >= step:
            commands.put(Command(0, "", "stop", None))

    return answer


def words_of(book: Any) -> str:
    """All that it says beside the code."""
    return "\n".join(cell.source for cell in book.cells if cell.cell_type == "markdown")
