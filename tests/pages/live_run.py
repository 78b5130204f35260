"""A run whose worker says what a test wants it to, and the views of it that move while it trains."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.data import silhouettes
from core.data.catalogue import DATASETS
from core.networks.gallery import NAMED_NETWORKS
from core.training import events, observations
from core.training.config import DataChoice, RunRequest, TrainingConfig
from core.training.runs.records import Run
from core.training.runs.store import RunStore
from core.training.workers.dispatch import Dispatch
from core.training.workers.recorder import Recorder


@pytest.fixture
def store(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> RunStore:
    """An empty store, and few silhouettes, quickly drawn."""
    small = replace(DATASETS["silhouettes"], make=lambda _folder, report: silhouettes.make(report, 40, 20))
    monkeypatch.setitem(DATASETS, "silhouettes", small)
    return RunStore(data_folder / "runs")


def view(name: str, run_id: str) -> None:
    from pages.shared.server import run_store
    from pages.train import curves, epochs, live

    runs = run_store().runs()
    run = next(run for run in runs if run.id == run_id)
    if name == "curves":
        live.draw(run, "", curves.draw(run, runs))
    else:
        epochs.draw(run, runs)


class Worker:
    """A worker that says what a test wants it to."""

    def __init__(self, store: RunStore, config: TrainingConfig | None = None) -> None:
        self.store = store
        request = RunRequest(NAMED_NETWORKS["LeNet"], DataChoice("silhouettes"), config or TrainingConfig())
        self.id = store.add(request).id
        dispatch = Dispatch(store)
        dispatch.beat()
        claimed = dispatch.claim()
        assert claimed is not None
        self.recorder = Recorder(store, self.id, dispatch.token, claimed.run.attempt)

    def say(self, *messages: events.Message) -> Run:
        for message in messages:
            self.recorder.record(message)
        return self.store.get(self.id)


STARTED = events.Started("CPU (test)", 431_080, 36, 4, 1, 5, 0)


def epoch(number: int, loss: float = 1.0) -> list[events.Message]:
    """An epoch of one step with everything that is told at its end, or what is seen before the first step."""
    moment = (number, float(number), 2.0 * number)
    counts = [[0] * 10 for _ in range(10)]
    counts[0][0], counts[1][number % 10] = 2, 2
    shares = [[0.1] * 10, [0.02] * 9 + [0.82]]
    looked: list[events.Message] = [
        events.Evaluated(*moment[:2], loss, 0.5, 4, 1e-3, moment[2]),
        observations.ClassCounts(*moment, counts),
        observations.Watched(*moment, [0, 1], shares),
        observations.Kernels(*moment, "conv1", [1, 1, 1, 2], 0.5, "f4E="),
    ]
    if number == 0:
        return looked
    trained = events.StepReport(number, float(number), 2 * loss, 0.4, 36, 1e-3, 2.0 * number, 900.0, 8.0)
    sample = events.Evaluated(*moment[:2], 0.5 * loss, 0.75, 36, 1e-3, moment[2], "train")
    return [trained, *looked[:1], sample, *looked[1:], events.EpochFinished(number, number, 2.0 * number)]


def ended(state: str, step: int = 1) -> events.Message:
    return events.Finished(state, step, 1.0, "")


def look(name: str, run_id: str) -> AppTest:
    app = AppTest.from_function(view, args=(name, run_id), default_timeout=60).run()
    assert not app.exception, app.exception
    return app


def sent(app: AppTest) -> dict[str, Any]:
    (element,) = app.get("bidi_component")
    data: dict[str, Any] = json.loads(element.proto.json)
    return data
