"""Visits of the Train page, and finished runs with real weights, for its tests."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import torch
from streamlit.testing.v1 import AppTest

from core.data import catalogue, silhouettes
from core.data.catalogue import DATASETS, DatasetRecord
from core.data.normalisation import Normalisation
from core.inspection.predictions import Predictions, predict
from core.networks.build import build
from core.networks.gallery import NAMED_NETWORKS
from core.training import checkpoint, events
from core.training.checkpoint import TrainingState
from core.training.config import DataChoice, RunRequest, TrainingConfig
from core.training.runs.records import Run
from core.training.runs.store import RunStore
from core.training.workers.dispatch import Dispatch
from core.training.workers.recorder import Recorder

APP = Path(__file__).parents[2] / "app.py"
TEST_IMAGES = 200


def small_silhouettes() -> DatasetRecord:
    """Few of them, quickly drawn."""
    return replace(
        DATASETS["silhouettes"], make=lambda _folder, report: silhouettes.make(report, 40, TEST_IMAGES)
    )


def visit(**address: str) -> AppTest:
    """The Train page as a visitor sees it who opens it with this address."""
    app = AppTest.from_file(str(APP), default_timeout=60)
    app.session_state["dataset"] = "silhouettes"
    app.run()
    app.switch_page("pages/train/page.py")
    for name, value in address.items():
        app.query_params[name] = value
    return app.run()


def stored(
    store: RunStore,
    config: TrainingConfig | None = None,
    points: Iterable[tuple[float, float]] = ((2.0, 0.5), (4.0, 0.8)),
    test_accuracy: float | None = 0.75,
    owner: str = "",
    data: str = "silhouettes",
) -> Run:
    """A run with validation accuracies at these seconds; without a test accuracy it is still under way."""
    run, recorder = _begun(
        store, RunRequest(NAMED_NETWORKS["LeNet_tiny"], DataChoice(data), config or TrainingConfig()), owner
    )
    _points(recorder, points)
    if test_accuracy is not None:
        recorder.record(events.Tested(0.4, test_accuracy, TEST_IMAGES, 0.1))
        recorder.record(events.Finished("completed", 10, 4.0))
    return store.get(run.id)


def with_weights(store: RunStore, config: TrainingConfig) -> tuple[Run, Predictions]:
    """A finished run with the weights that its seed gives a new network, and what that says of the test images."""
    request = RunRequest(NAMED_NETWORKS["LeNet_tiny"], DataChoice("silhouettes"), config)
    run, recorder = _begun(store, request)
    images = catalogue.load("silhouettes")
    torch.manual_seed(config.seed)
    model = build(request.network, images.input_shape, len(images.classes))
    said = predict(model, images.test, Normalisation((0.3,), (0.35,)))
    state = TrainingState(model.state_dict(), {}, {}, 10, 4.0, (0.3,), (0.35,))
    path = store.weights_folder(run.id) / "00000010.pt"
    size, sha = checkpoint.save(state, path)
    _points(recorder, [(2.0, 0.5), (4.0, 0.8)])
    recorder.record(events.CheckpointSaved(10, 2.0, path.name, size, sha))
    recorder.record(events.Tested(0.4, float(said.correct.double().mean()), len(said), 0.1))
    recorder.record(events.Finished("completed", 10, 4.0))
    return store.get(run.id), said


def _begun(store: RunStore, request: RunRequest, owner: str = "") -> tuple[Run, Recorder]:
    run = store.add(request, owner=owner)
    dispatch = Dispatch(store)
    dispatch.beat()
    claimed = dispatch.claim()
    assert claimed is not None and claimed.run.id == run.id
    recorder = Recorder(store, run.id, dispatch.token, claimed.run.attempt)
    recorder.record(events.Started("CPU (test)", 5000, 36, 4, 5, 10, 0))
    return run, recorder


def _points(recorder: Recorder, points: Iterable[tuple[float, float]]) -> None:
    for epoch, (seconds, accuracy) in enumerate(points, 1):
        step = 5 * epoch
        recorder.record(events.StepReport(step, epoch, 1.2, accuracy, 36, 1e-3, seconds, 900.0, 8.0))
        recorder.record(events.Evaluated(step, epoch, 1.0, accuracy, 4, 1e-3, seconds))
        recorder.record(events.EpochFinished(epoch, step, seconds))
