"""The curves are those of the store, also while the run goes on and after a resumption."""

import math
from dataclasses import replace

from core.training import events
from core.training.config import RunRequest
from core.training.reports import curves
from core.training.reports.curves import CurveReader
from core.training.runs.store import RunStore
from core.training.workers.dispatch import Dispatch
from core.training.workers.recorder import Recorder

TRAINING, VALIDATION = curves.SERIES


def step(number: int) -> events.StepReport:
    return events.StepReport(number, number / 10, 1 / number, 0.5, 64, 1e-3, number * 2.0, 100.0, 8.0)


def look(number: int, images: int = 1000) -> events.Evaluated:
    return events.Evaluated(number, number / 10, 1.5, number / 100, images, 1e-3, number * 2.0)


def test_what_is_new_is_read_on(store: RunStore, request_small: RunRequest) -> None:
    run = store.add(request_small)
    dispatch = Dispatch(store)
    assert dispatch.claim() is not None
    recorder = Recorder(store, run.id, dispatch.token, 1)
    reader = CurveReader(store)
    run = store.get(run.id)
    assert [len(curve) for curve in reader.curves(run).values()] == [0, 0]
    for message in (step(1), step(2), look(2)):
        recorder.record(message)
    first = reader.curves(run)
    assert first[TRAINING].column("loss").tolist() == [1.0, 0.5]
    for message in (look(3, images=50), step(4), look(4)):
        recorder.record(message)
    both = reader.curves(run)
    assert both[TRAINING].column("seconds").tolist() == [2.0, 4.0, 8.0]
    assert both[VALIDATION].column("accuracy").tolist() == [0.02, 0.03, 0.04]
    assert both[VALIDATION].of_the_whole_split().column("step").tolist() == [2.0, 4.0]
    assert len(first[TRAINING]) == 2  # what was given out stays as it was
    recorder.record(step(5))
    recorder.record(events.Finished("completed", 5, 10.0))
    run = store.get(run.id)  # it has ended, with a point that was not read yet
    assert [len(reader.curves(run)[TRAINING]) for _ in range(2)] == [4, 4]
    assert [len(curve) for curve in CurveReader(store).curves(run).values()] == [4, 3]


def test_a_loss_that_is_no_number_is_nan(store: RunStore, request_small: RunRequest) -> None:
    store.add(request_small)
    dispatch = Dispatch(store)
    claimed = dispatch.claim()
    assert claimed is not None
    recorder = Recorder(store, claimed.run.id, dispatch.token, 1)
    recorder.record(replace(step(1), loss=float("nan")))
    recorder.record(step(2))
    found = CurveReader(store).curves(claimed.run)[TRAINING]
    assert math.isnan(found.column("loss")[0])
    assert found.finite().column("step").tolist() == [2.0]


def test_only_so_many_runs_stay_in_memory(store: RunStore, request_small: RunRequest) -> None:
    reader = CurveReader(store)
    for _ in range(curves.MOST_RUNS + 3):
        reader.curves(store.add(request_small))
    assert len(reader._known) == curves.MOST_RUNS * len(curves.SERIES)
