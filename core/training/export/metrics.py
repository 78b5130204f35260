"""All that was measured in a run, for a program of one's own: JSON with everything, CSV with the curves."""

from __future__ import annotations

import csv
import io
import json
import math
import platform
from dataclasses import asdict, fields
from importlib.metadata import version
from typing import Any

import torch

from core.networks.json_form import to_json
from core.training.observations import Change
from core.training.runs.records import CheckpointRecord, Metric, Run
from core.training.runs.store import RunStore

FORMAT = 1  # of the JSON; counted up when what is in it changes
COLUMNS = tuple(field.name for field in fields(Metric) if field.name != "id")


def to_csv(store: RunStore, run: Run, _record: CheckpointRecord) -> bytes:
    """The points of the curves, a line each, under a line of names (see `Metric`); a number that is none is empty."""
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow(COLUMNS)
    lines.writerows([_finite(getattr(point, name)) for name in COLUMNS] for point in store.metrics(run.id))
    return text.getvalue().encode()


def to_metrics_file(store: RunStore, run: Run, record: CheckpointRecord) -> bytes:
    """All settings and results of a run as JSON: an object with these entries.

    - `format`: the version of this list, an integer.
    - `run`: `id`, `number`, `name`, `note`, `state` and `message`; `created`, `started` and `finished` in seconds
      since 1970 (UTC).
    - `settings`: `network` (as the Design page writes it), `data` (see `DataChoice`), `training` (see
      `TrainingConfig`) and `fork` (see `Fork`; null for a run that began at the beginning).
    - `changes`: what was changed while it ran, in order: `step`, `epoch`, `seconds`, `setting`, `before`,
      `after`, `by`.
    - `device`: `name`, and the `precision` that it computed with.
    - `size`: `parameters`, `train_images`, `validation_images`, `steps`, `epochs` and `seconds` (of training,
      pauses left out).
    - `points`: the curves, a list of objects: `step`, `epoch`, `split` (train | validation), `kind` (running:
      in train mode while the weights move | evaluated: in eval mode), `loss` (mean, nats), `accuracy` (0–1),
      `images` (that both are means of), `learning_rate`, `seconds`.
    - `test`: `loss`, `accuracy`, `images` and `seconds` of the one pass over the test split; null before it.
    - `weights`: of the checkpoint that was chosen: `step`, `epoch`, `bytes` and `sha256` of its file.
    - `versions`: of the software that wrote this file.

    A number that is not finite, such as the loss of a run that diverged, is null.
    """
    content = {
        "format": FORMAT,
        "run": _chosen(
            run, "id", "number", "name", "note", "state", "message", "created", "started", "finished"
        ),
        "settings": {
            "network": json.loads(to_json(run.request.network)),
            "data": asdict(run.request.data),
            "training": asdict(run.request.config),
            "fork": asdict(run.request.fork) if run.request.fork else None,
        },
        "changes": [asdict(change) for change in store.observations(run.id, Change)],
        "device": {"name": run.device, "precision": run.precision},
        "size": {
            **_chosen(run, "parameters", "train_images", "validation_images", "seconds"),
            "steps": run.step,
            "epochs": run.epoch,
        },
        "points": [_chosen(point, *COLUMNS) for point in store.metrics(run.id)],
        "test": _test(run),
        "weights": _chosen(record, "step", "epoch", "bytes", "sha256"),
        "versions": {
            "python": platform.python_version(),
            "torch": torch.__version__,  # with the CUDA that it was built for
            "torchvision": version("torchvision"),
        },
    }
    return json.dumps(_without_nan(content), indent=1, ensure_ascii=False, allow_nan=False).encode()


def _test(run: Run) -> dict[str, Any] | None:
    if run.test_accuracy is None:
        return None
    return {
        "loss": run.test_loss,
        "accuracy": run.test_accuracy,
        "images": run.test_images,
        "seconds": run.test_seconds,
    }


def _chosen(record: object, *names: str) -> dict[str, Any]:
    return {name: getattr(record, name) for name in names}


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _without_nan(content: Any) -> Any:
    """JSON knows no NaN and no infinity."""
    if isinstance(content, dict):
        return {key: _without_nan(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [_without_nan(value) for value in content]
    return _finite(content)
