import csv
import hashlib
import io
import json
import re
from collections.abc import Callable

import pytest
import torch

from core.training.config import RunRequest
from core.training.export.metrics import to_csv, to_metrics_file
from core.training.runs.records import Run
from core.training.runs.requests import request_from_json
from core.training.runs.store import RunStore


@pytest.fixture
def run(trained: Callable[..., Run], request_small: RunRequest) -> Run:
    return trained(request_small)


def test_the_json_holds_all_settings_and_results(run: Run, store: RunStore) -> None:
    record = store.latest_checkpoint(run.id)
    assert record is not None
    content = json.loads(to_metrics_file(store, run, record))
    settings = content["settings"]
    request = {**settings, "config": settings["training"]}
    assert request_from_json(json.dumps(request)) == run.request and settings["fork"] is None
    assert content["test"]["accuracy"] == run.test_accuracy and content["test"]["images"] == 1000
    assert content["weights"]["sha256"] == hashlib.sha256(record.path.read_bytes()).hexdigest()
    assert content["device"] == {"name": run.device, "precision": run.precision}
    points = store.metrics(run.id)
    assert [(point["step"], point["loss"]) for point in content["points"]] == [
        (p.step, p.loss) for p in points
    ]
    assert content["size"]["steps"] == 27 and content["size"]["train_images"] == 540
    assert content["versions"]["torch"] == torch.__version__


def test_every_entry_is_documented_and_every_documented_entry_is_there(run: Run, store: RunStore) -> None:
    content = json.loads(to_metrics_file(store, run, store.checkpoints(run.id)[0]))
    documented = re.findall(r"^    - `(\w+)`", to_metrics_file.__doc__ or "", re.MULTILINE)
    assert documented == list(content)


def test_the_csv_has_a_line_for_each_point(run: Run, store: RunStore) -> None:
    text = to_csv(store, run, store.checkpoints(run.id)[0]).decode()
    lines = list(csv.DictReader(io.StringIO(text)))
    points = store.metrics(run.id)
    assert [float(line["loss"]) for line in lines] == [point.loss for point in points]
    assert [(line["split"], line["kind"]) for line in lines] == [(p.split, p.kind) for p in points]
    assert list(lines[0]) == [
        "step", "epoch", "split", "kind", "loss", "accuracy", "images", "learning_rate", "seconds",
    ]  # fmt: skip


def test_a_number_that_is_none_is_null_and_empty(run: Run, store: RunStore) -> None:
    with store.database.writing() as connection:
        connection.exec_driver_sql("update metrics set loss = null where step = 27")
    record = store.checkpoints(run.id)[0]
    last = json.loads(to_metrics_file(store, run, record))["points"][-1]
    assert (last["step"], last["loss"]) == (27, None)
    assert list(csv.DictReader(io.StringIO(to_csv(store, run, record).decode())))[-1]["loss"] == ""
