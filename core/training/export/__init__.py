"""What a run can be taken away as: one record for each kind of file."""

from __future__ import annotations

import errno
import math
from collections.abc import Callable
from dataclasses import dataclass

from core.data.catalogue import record
from core.data.dataset import DataMissing
from core.networks.source.names import stem
from core.networks.spec import SpecError
from core.training.checkpoint import CheckpointDamaged
from core.training.export import event_files, images, metrics, start, weights
from core.training.export.notebook.notebook import notebook
from core.training.optimizers import OPTIMIZERS
from core.training.runs.database import StoreUnavailable
from core.training.runs.records import CheckpointRecord, Run
from core.training.runs.store import RunMissing, RunStore

LABEL = 8  # bytes of an int64


@dataclass(frozen=True)
class Export:
    """One kind of file."""

    label: str
    purpose: str  # what it is for, one sentence
    file_name: Callable[[Run], str]
    mime: str
    make: Callable[[RunStore, Run, CheckpointRecord], bytes]  # of the run, and of one of its checkpoints
    size: Callable[[Run, int], float]  # bytes, roughly, of a run with so many points; known before it is made
    fits: Callable[[Run], bool] = lambda run: True  # whether a run has such a file


def _named(ending: str) -> Callable[[Run], str]:
    """`run_3_lenet.safetensors` for ".safetensors"."""
    return lambda run: f"run_{run.number}_{stem(run.name)}{ending}"


def _weights_size(run: Run, _points: int) -> float:
    return 4 * (run.parameters or 0) + 2e3


def _start_size(run: Run, _points: int) -> float:
    fork, config = run.request.fork, run.request.config
    kept = (
        OPTIMIZERS[config.optimizer].memory.keys() - {"step"}
        if fork and fork.optimizer == config.optimizer
        else ()
    )
    return 4 * (run.parameters or 0) * (1 + len(kept)) + 10e3  # 5 kB are the state of the random numbers


def _images_size(run: Run, _points: int) -> float:
    data, held_out = run.request.data, (run.validation_images or 0) + (run.test_images or 0)
    pixels = math.prod(record(data.dataset).input_shape)  # as they are stored
    return ((run.train_images or 0) / data.share + held_out) * (pixels + LABEL)


EXPORTS: dict[str, Export] = {
    "notebook": Export(
        "Jupyter notebook",
        "Repeats the run in plain PyTorch, with the same images, settings and seeds; this run's curves, confusion "
        "matrix and test accuracy already stand in it.",
        _named(".ipynb"),
        "application/x-ipynb+json",
        notebook,
        lambda run, _points: 150e3,  # two pictures and the text
    ),
    "safetensors": Export(
        "Weights, safetensors",
        "Plain numbers with the network, the normalisation and the classes beside them; no code can hide in it.",
        _named(".safetensors"),
        "application/octet-stream",
        weights.safetensors,
        _weights_size,
    ),
    "state-dict": Export(
        "Weights, PyTorch",
        "A state_dict for `model.load_state_dict(torch.load(file))`, where `model` is the PyTorch program of the "
        "Design page.",
        _named(".pt"),
        "application/octet-stream",
        weights.state_dict,
        _weights_size,
    ),
    "json": Export(
        "All numbers, JSON",
        "Every setting, every point of the curves, the test result, the device, and the SHA-256 of the weights: "
        "enough to draw or to check all of it elsewhere.",
        _named(".json"),
        "application/json",
        metrics.to_metrics_file,
        lambda run, points: 3e3 + 250 * points,
    ),
    "csv": Export(
        "Curves, CSV",
        "The points of the curves, a line each, for a spreadsheet.",
        _named(".csv"),
        "text/csv",
        metrics.to_csv,
        lambda run, points: 100 * points,
    ),
    "tensorboard": Export(
        "TensorBoard",
        "Unpack it and start `tensorboard --logdir` on the folder: the curves, the settings, and the confusion "
        "matrix and the first layer of each epoch, beside runs of other programs.",
        _named("_tensorboard.zip"),
        "application/zip",
        event_files.event_files,
        lambda run, points: 10e3 + 60 * points,
    ),
    "images": Export(
        "Images",
        "The data set as plain tensors. The notebook reads it where torchvision has no such set: put it beside it.",
        lambda run: f"{run.request.data.dataset}.pt",
        "application/octet-stream",
        images.images,
        _images_size,
    ),
    "start": Export(
        "Start of the fork",
        "The weights, the optimizer's memory and the random numbers that this run branched off with. Its notebook goes "
        "on from them: put it beside it.",
        start.file_name,
        "application/octet-stream",
        start.start_file,
        _start_size,
        lambda run: run.request.fork is not None,
    ),
}


class ExportFailed(Exception):
    """A file can't be made right now; the text is a sentence that says why and what to do."""


def make(name: str, store: RunStore, run: Run, checkpoint: CheckpointRecord) -> bytes:
    """The file of one of EXPORTS; raises ExportFailed."""
    try:
        return EXPORTS[name].make(store, run, checkpoint)
    except (CheckpointDamaged, DataMissing, RunMissing, StoreUnavailable, SpecError) as fault:
        raise ExportFailed(str(fault)) from fault
    except OSError as fault:
        reason = (
            "the disk of the server is full" if fault.errno == errno.ENOSPC else fault.strerror or str(fault)
        )
        raise ExportFailed(
            f"The file can't be made: {reason}. Make room or allow writing, then try again."
        ) from fault


def unready(run: Run, checkpoint: CheckpointRecord | None) -> str:
    """Why nothing of a run can be taken away yet, a sentence; "" if it can."""
    if checkpoint is None:
        return f"Run {run.number} has no weights yet: the first are saved when it starts."
    if not checkpoint.path.is_file():
        return f"The file of weights {checkpoint.path.name} is not there any more; choose another checkpoint."
    return ""
