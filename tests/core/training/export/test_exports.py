"""The table of exports: what each says before it is made, and what it says when it can't be."""

import errno
from collections.abc import Callable
from dataclasses import replace

import pytest

from core.training.config import RunRequest
from core.training.export import EXPORTS, ExportFailed, make, unready
from core.training.runs.records import Run
from core.training.runs.store import RunStore


@pytest.fixture
def run(trained: Callable[..., Run], request_small: RunRequest) -> Run:
    return trained(replace(request_small, config=replace(request_small.config, epochs=1)))


@pytest.mark.parametrize("name", [name for name in EXPORTS if name != "start"])  # which only a fork has
def test_the_size_that_is_told_is_about_the_real_one(name: str, run: Run, store: RunStore) -> None:
    record = store.latest_checkpoint(run.id)
    assert record is not None and unready(run, record) == ""
    told = EXPORTS[name].size(run, len(store.metrics(run.id)))
    assert 0.4 < len(make(name, store, run, record)) / told < 2.5


def test_the_file_names_tell_run_and_network(run: Run) -> None:
    assert [export.file_name(run) for export in EXPORTS.values()] == [
        "run_1_small.ipynb",
        "run_1_small.safetensors",
        "run_1_small.pt",
        "run_1_small.json",
        "run_1_small.csv",
        "run_1_small_tensorboard.zip",
        "silhouettes.pt",
        "run_1_start.pt",
    ]


def test_without_a_checkpoint_it_is_said(store: RunStore, request_small: RunRequest) -> None:
    assert unready(store.add(request_small), None) == (
        "Run 1 has no weights yet: the first are saved when it starts."
    )


def test_weights_that_are_gone_or_damaged_are_a_sentence(run: Run, store: RunStore) -> None:
    first, *_, last = store.checkpoints(run.id)
    first.path.unlink()
    assert "is not there any more" in unready(run, first)
    with pytest.raises(ExportFailed, match="is not there any more"):
        make("state-dict", store, run, first)
    last.path.write_bytes(b"nonsense")
    with pytest.raises(ExportFailed, match="is damaged"):
        make("notebook", store, run, last)


def test_a_full_disk_is_a_sentence(run: Run, store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_args: object, **_named: object) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    record = store.latest_checkpoint(run.id)
    assert record is not None
    monkeypatch.setattr("tempfile.mkdtemp", full)
    with pytest.raises(ExportFailed, match="the disk of the server is full"):
        make("tensorboard", store, run, record)


def test_a_run_that_was_deleted_meanwhile_is_a_sentence(run: Run, store: RunStore) -> None:
    record = store.latest_checkpoint(run.id)
    assert record is not None
    store.delete(run.id)
    with pytest.raises(ExportFailed, match="may have been deleted"):
        make("csv", store, run, record)
