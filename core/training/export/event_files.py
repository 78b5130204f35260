"""A run as TensorBoard shows it: curves, learning rate, settings, and pictures of each epoch."""

from __future__ import annotations

import io
import json
import math
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from core.data import catalogue
from core.networks.json_form import to_json
from core.networks.source.names import stem
from core.training.observations import ClassCounts, Kernels
from core.training.runs.records import CheckpointRecord, Metric, Run
from core.training.runs.store import RunStore

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter

T = TypeVar("T")

CURVES = {  # (split, kind) → the folder; TensorBoard draws folders that have a tag in common in one chart
    ("train", "running"): "training (running)",
    ("train", "evaluated"): "training (evaluated)",
    ("validation", "evaluated"): "validation (evaluated)",
}
OTHERS = "run"  # the folder of all else
CELL = 16  # pixels of a matrix's cell
ENLARGED = 8  # pixels of a kernel's weight
MOST_PICTURES = 100  # of a kind: of a longer run every so-manieth epoch
READING = (
    "`confusion matrix`: rows are true classes, columns predicted ones, in this order: {classes}. The darker a "
    "cell, the larger the share of its row. `first layer`: one picture a kernel and channel; grey is 0, "
    "white the largest weight of that moment, black its negative."
)


def event_files(store: RunStore, run: Run, _record: CheckpointRecord) -> bytes:
    """A zip with one folder for `tensorboard --logdir`; raises OSError where there is no room to write it.

    Each point stands at its step; its wall time is the start of the run plus the seconds of training.
    """
    from torch.utils.tensorboard import SummaryWriter  # it takes a third of a second to import

    content = io.BytesIO()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / f"run_{run.number}_{stem(run.name)}"
        points = store.metrics(run.id)
        for (split, kind), name in CURVES.items():
            curve = [point for point in points if (point.split, point.kind) == (split, kind)]
            with closing(SummaryWriter(str(folder / name))) as writer:
                _write_curve(writer, run, curve)
        with closing(SummaryWriter(str(folder / OTHERS))) as writer:
            _write_settings(writer, run)
            _write_pictures(writer, store, run)
        with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted(folder.rglob("*tfevents*")):
                # its own name tells the server's
                inside = (
                    file.parent.relative_to(place) / f"events.out.tfevents.{run.created:.0f}.autograd-lab"
                )
                archive.write(file, inside.as_posix())
    return content.getvalue()


def _write_curve(writer: SummaryWriter, run: Run, curve: list[Metric]) -> None:
    began = run.started or run.created
    for point in curve:
        values = {"loss": point.loss, "accuracy": point.accuracy, "learning rate": point.learning_rate}
        for tag, value in values.items():
            writer.add_scalar(tag, value, point.step, walltime=began + point.seconds)


def _write_settings(writer: SummaryWriter, run: Run) -> None:
    request = run.request
    settings = {**asdict(request.data), **asdict(request.config)}
    rows = [f"| {name} | {value} |" for name, value in settings.items()]
    fork = f"\n\nIt branched off run {request.fork.run} at step {request.fork.step}." if request.fork else ""
    writer.add_text("settings", "\n".join(["| setting | value |", "|---|---|", *rows]) + fork)
    writer.add_text("network", f"```\n{json.dumps(json.loads(to_json(request.network)), indent=1)}\n```")
    device = f"{run.device}, {run.precision}"
    writer.add_text("device", device)
    classes = ", ".join(catalogue.record(request.data.dataset).classes)
    writer.add_text("how to read the pictures", READING.format(classes=classes))
    if run.test_accuracy is not None and run.test_loss is not None:  # once, at the end
        writer.add_scalar("test/accuracy", run.test_accuracy, run.step)
        writer.add_scalar("test/loss", run.test_loss, run.step)


def _write_pictures(writer: SummaryWriter, store: RunStore, run: Run) -> None:
    began = run.started or run.created
    for seen in _thinned(store.observations(run.id, ClassCounts)):
        picture = matrix_picture(np.array(seen.counts))
        writer.add_image("confusion matrix", picture, seen.step, began + seen.seconds, dataformats="HW")
    for kernels in _thinned(store.observations(run.id, Kernels)):
        picture = kernels_picture(kernels.weights())
        writer.add_image("first layer", picture, kernels.step, began + kernels.seconds, dataformats="HW")


def _thinned(seen: Sequence[T]) -> Iterator[T]:
    stride = math.ceil(len(seen) / MOST_PICTURES) or 1
    return (one for place, one in enumerate(seen) if place % stride == 0 or place == len(seen) - 1)


def matrix_picture(counts: np.ndarray) -> np.ndarray:
    """Counts (classes, classes) as uint8 (H, W): the share of a row from white, none, to black, all."""
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return _enlarged(np.rint(255 * (1 - shares)).astype(np.uint8), CELL)


def kernels_picture(weights: np.ndarray) -> np.ndarray:
    """Weights (kernels, channels, h, w) as uint8 (H, W): a row a kernel, or a square of them for one channel."""
    kernels, channels, height, width = weights.shape
    largest = np.abs(weights).max() or 1.0
    levels = np.rint(127.5 + 127.5 * weights / largest).astype(np.uint8)
    columns = channels if channels > 1 else math.ceil(math.sqrt(kernels))
    tiles = levels.reshape(-1, height, width)
    rows = math.ceil(len(tiles) / columns)
    sheet = np.full((rows, columns, height + 1, width + 1), 255, np.uint8)  # with a white line between two
    sheet.reshape(-1, height + 1, width + 1)[: len(tiles), :height, :width] = tiles
    return _enlarged(
        sheet.transpose(0, 2, 1, 3).reshape(rows * (height + 1), columns * (width + 1)), ENLARGED
    )


def _enlarged(picture: np.ndarray, times: int) -> np.ndarray:
    return picture.repeat(times, axis=0).repeat(times, axis=1)
