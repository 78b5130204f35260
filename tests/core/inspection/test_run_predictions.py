"""What a trained run says about the test images is what its own evaluation of them found."""

from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue

import pytest
import torch

from core.data import catalogue, silhouettes
from core.data.catalogue import DATASETS
from core.data.dataset import Dataset
from core.inspection.run_predictions import run_predictions, validation_predictions
from core.networks.gallery import NAMED_NETWORKS
from core.training.checkpoint import CheckpointDamaged
from core.training.config import DataChoice, RunRequest, TrainingConfig
from core.training.runs.records import Run
from core.training.runs.store import RunStore
from core.training.workers.attempt import Attempt
from core.training.workers.dispatch import Dispatch
from core.training.workers.order import Order
from core.training.workers.recorder import Recorder


@pytest.fixture
def trained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[RunStore, Run, Dataset]:
    """A run as a worker trains it: one epoch of a few Silhouettes."""
    few = replace(DATASETS["silhouettes"], make=lambda _folder, report: silhouettes.make(report, 400, 200))
    monkeypatch.setitem(DATASETS, "silhouettes", few)
    store = RunStore(tmp_path / "runs")
    config = TrainingConfig(epochs=1, device="cpu", precision="float32")
    run = store.add(RunRequest(NAMED_NETWORKS["Net_Linear"], DataChoice("silhouettes"), config))
    dispatch = Dispatch(store)
    assert dispatch.claim() is not None
    recorder = Recorder(store, run.id, dispatch.token, 1)
    Attempt(Order(run.request, str(store.weights_folder(run.id))), SimpleQueue(), recorder.record).work()
    return store, store.get(run.id), catalogue.load("silhouettes")


def test_they_agree_with_the_run_and_are_kept(trained: tuple[RunStore, Run, Dataset]) -> None:
    store, run, images = trained
    record = store.latest_checkpoint(run.id)
    assert record is not None and run.state == "completed"
    said = run_predictions(run, record, images)
    assert float(said.correct.double().mean()) == pytest.approx(run.test_accuracy, abs=1e-9)
    assert float(said.losses.mean()) == pytest.approx(run.test_loss, rel=1e-4)
    record.path.unlink()  # they lie in a file of their own
    assert torch.equal(run_predictions(run, record, images).logits, said.logits)


def test_weights_that_are_gone_are_named(trained: tuple[RunStore, Run, Dataset]) -> None:
    store, run, images = trained
    record = store.latest_checkpoint(run.id)
    assert record is not None
    record.path.unlink()
    with pytest.raises(CheckpointDamaged, match="not there any more"):
        run_predictions(run, record, images)


def test_on_the_validation_images_they_agree_with_the_run_too(trained: tuple[RunStore, Run, Dataset]) -> None:
    store, run, images = trained
    record = store.latest_checkpoint(run.id)
    assert record is not None
    said = validation_predictions(run, record, images)
    assert len(said) == run.validation_images
    assert float(said.correct.double().mean()) == pytest.approx(run.validation_accuracy, abs=1e-9)
    assert float(said.losses.mean()) == pytest.approx(run.validation_loss, rel=1e-4)
    assert len(run_predictions(run, record, images)) == len(
        images.test
    )  # both are kept, in files of their own
    record.path.unlink()
    assert torch.equal(validation_predictions(run, record, images).logits, said.logits)
